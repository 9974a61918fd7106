//! In a production context the screen says so, and the session is readonly there unless a person named a role at the start.
use crate::stage::*;
use kopilot_tui::app::Effect;
use kopilot_tui::model::*;

fn stage(patterns: &[&str], named: bool) -> Stage {
    let mut stage = Stage::new((120, 40));
    stage.app.rules.production_contexts = patterns.iter().map(|p| (*p).to_owned()).collect();
    stage.app.rules.role_named = named;
    stage.live()
}

fn proposes(stage: &mut Stage) -> bool {
    stage.keys(":").type_text("scale deploy/api --replicas=3 -n shop").keys("enter");
    stage.effects.iter().any(|e| matches!(e, Effect::Plan { .. }))
}

#[test]
fn a_production_context_has_its_band_and_starts_readonly() {
    for (patterns, named, band, role, writes) in [
        (&["*prod*"][..], false, true, "role readonly", false),
        (&["*prod*"], true, true, "role admin", true),
        (&["*-live"], false, false, "role admin", true),
        (&[], false, false, "role admin", true),
    ] {
        let mut stage = stage(patterns, named);
        let first = stage.screen().lines().next().unwrap().to_owned();
        assert_eq!(first.contains("PRODUCTION"), band, "{first}");
        assert!(first.contains(role), "{first}");
        assert_eq!(proposes(&mut stage), writes, "{patterns:?} {named}");
    }
}

#[test]
fn another_context_has_the_session_s_own_role_again() {
    let mut stage = stage(&["*prod*"], false);
    assert_eq!(stage.app.rules.role, Role::Readonly);
    let place = kopilot_tui::app::event::Place { context: line("staging"), namespace: line("shop"), user: line("ann") };
    let epoch = stage.app.epoch;
    stage.event(kopilot_tui::app::Event::Connected { epoch, result: Ok(place) });
    assert_eq!((stage.app.rules.role, stage.app.rules.in_production), (Role::Admin, false));
    assert!(!stage.screen().contains("PRODUCTION"));
}
