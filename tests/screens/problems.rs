//! PROBLEMS as it lives: what is news, what went, what flaps, and the families that somebody asks for.
use crate::pictures::picture;
use crate::stage::*;
use kopilot_tui::agent;
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::model::*;

fn told(s: &mut Stage, findings: Vec<Finding>, include: &[Extra]) {
    let epoch = s.app.epoch;
    let findings = findings.into_iter().map(Into::into).collect();
    s.event(Event::Problems(epoch, Box::new(Report { findings, include: include.to_vec(), ..report() })));
}

fn queue(title: &str) -> Finding {
    finding("pod/unreachable-dependency", Severity::Error, "queue", title, 0)
}

/// What the report of the stage holds.
fn those() -> Vec<Finding> {
    report().findings.iter().map(|f| (**f).clone()).collect()
}

/// The report of the stage, and more.
fn and(more: Vec<Finding>) -> Vec<Finding> {
    let mut all = those();
    all.extend(more);
    all.sort_by(kopilot_tui::diagnose::order);
    all
}

/// One came, one went, one comes and goes.
fn lively(s: Stage) -> Stage {
    let mut s = s.live();
    for _ in 0..4 {
        s.wait(9_000);
        told(&mut s, and(vec![queue("cannot reach redis.data:6379")]), &[]);
        s.wait(9_000);
        told(&mut s, those(), &[]);
    }
    let mut all = and(vec![finding("pod/oom-killed", Severity::Critical, "worker", "worker: is killed for memory: its limit is 64Mi", 3)]);
    all.retain(|f| f.rule != "image/missing");
    s.wait(30_000);
    told(&mut s, all, &[]);
    s.keys("tab tab");
    s
}

fn remarks() -> Vec<Finding> {
    let info = |rule, name: &str, title: &str| Finding { severity: Severity::Info, fix: None, ..finding(rule, Severity::Info, name, title, 0) };
    and(vec![
        info("security/run-as-root", "api", "api: may run as root"),
        info("cost/over-provisioned", "catalog", "catalog: asks for 500m of CPU and uses 12m"),
        info("security/writable-root", "web", "web: can write its root file system"),
    ])
}

#[test]
fn what_is_new_what_went_and_what_flaps() {
    picture("marks", lively);
}

#[test]
fn families_that_were_asked_for() {
    picture("included", |s| {
        let mut s = s.live();
        s.keys("tab tab");
        for family in ["sec", "cost"] {
            s.keys("+").type_text(family).keys("enter");
        }
        told(&mut s, remarks(), &[Extra::Security, Extra::Cost]);
        s.tick(6_000);
        s
    });
}

#[test]
fn the_list_of_families() {
    picture("include", |s| {
        let mut s = s.live();
        s.keys("tab tab + down enter +");
        s.tick(6_000);
        s
    });
}

#[test]
fn marks_are_words_in_ascii_too() {
    let mut setup = setup((200, 60), Role::Readonly);
    setup.ascii = true;
    let text = lively(Stage::with(setup)).screen();
    assert!(text.is_ascii());
    for word in ["new", "gone", "flaps x4"] {
        assert!(text.contains(&format!(" {word} ")), "{word}: {text}");
    }
}

#[test]
fn a_mark_fades_at_its_instant_and_no_timer_runs_after_the_last() {
    let mut s = lively(Stage::new((200, 60)));
    for (after, gone, word) in [(60, "", "gone"), (240, "", "new")] {
        assert!(s.screen().contains(&format!(" {word} ")), "{word}");
        let next = s.app.next_tick().unwrap();
        assert!(next.duration_since(s.at).as_secs() <= after, "{word}: {next}");
        while s.screen().contains(&format!(" {word} ")) {
            let next = s.app.next_tick().expect("a timer runs until the word fades");
            s.at = next;
            s.event(Event::Tick);
            assert!(s.app.dirty, "the timer runs for what changes");
        }
        assert!(!s.screen().contains(&format!(" {word} ")), "{gone}");
    }
    assert!(!s.screen().contains("shop/images:3 does not exist  "), "what went has left");
}

#[test]
fn where_time_stands_nothing_is_new_and_nothing_lingers() {
    let s = lively(Stage::with(kopilot_tui::app::state::Setup { still: true, ..setup((200, 60), Role::Admin) }));
    let text = s.screen();
    assert!(!text.contains(" new ") && !text.contains(" gone ") && !text.contains("flaps"), "{text}");
    assert!(!text.contains("shop/images:3 does not exist"));
}

#[test]
fn a_family_goes_to_the_runtime_and_a_report_without_it_is_too_late() {
    let mut s = Stage::new((80, 24)).live();
    s.keys("tab tab +").type_text("hyg").keys("enter");
    assert!(matches!(s.effects.first(), Some(Effect::Include(all)) if *all == [Extra::Hygiene]), "{:?}", s.effects);
    assert!(s.screen().contains("[PROBLEMS 3 +0 hygiene]"), "{}", s.screen());
    told(&mut s, vec![queue("late")], &[]);
    assert_eq!(s.app.problems.findings().len(), 3, "it was made before");
    told(&mut s, remarks(), &[Extra::Hygiene]);
    assert_eq!(s.app.problems.counts(), (3, 3));
    let old = s.app.epoch;
    s.keys(":").type_text("ctx staging").keys("enter");
    s.event(Event::Problems(old, Box::new(Report { include: vec![Extra::Hygiene], ..report() })));
    assert!(s.app.problems.report().is_none(), "another connection's");
    assert_eq!(s.app.problems.include(), [Extra::Hygiene], "what is wanted stays");
}

#[test]
fn families_are_named_after_a_colon_too_and_a_wrong_one_is_refused() {
    let mut s = Stage::new((120, 40)).live();
    for (line, want) in [("include cost,security", &[Extra::Security, Extra::Cost][..]), ("include all", Extra::ALL), ("include none", &[])] {
        s.keys(":").type_text(line).keys("enter");
        assert!(matches!(s.effects.first(), Some(Effect::Include(all)) if all == want), "{line}: {:?}", s.effects);
    }
    s.keys(":").type_text("include everything").keys("enter");
    assert!(s.effects.is_empty() && s.screen().contains("`everything` is not one of: security, cost, hygiene"), "{}", s.screen());
}

#[test]
fn the_selection_passes_several_that_one_rule_says_of_one_object() {
    let mut s = Stage::new((80, 24)).connected();
    let twice = |what: &str| finding("cost/over-provisioned", Severity::Error, "ledger", &format!("ledger: asks for too much {what}"), 0);
    told(&mut s, vec![twice("CPU"), twice("memory"), queue("cannot reach redis")], &[]);
    s.keys("tab tab j");
    assert!(s.app.problems.selected().unwrap().title.contains("memory"));
    s.keys("j");
    assert_eq!(s.app.problems.selected().unwrap().object.name, "queue");
}

#[test]
fn enter_opens_the_evidence_of_a_playbooks_finding_and_of_one_that_went() {
    let mut s = Stage::new((80, 24)).live();
    let known = Finding {
        evidence: report().findings[0].evidence.clone(),
        ..finding("playbook/pay-back-off", Severity::Critical, "pay", "pay: cannot reach the bank", 0)
    };
    told(&mut s, and(vec![known]), &[]);
    s.keys("tab tab G k k k g");
    while s.app.problems.selected().unwrap().rule != "playbook/pay-back-off" {
        s.keys("j");
    }
    s.keys("enter");
    assert!(s.screen().contains("playbook/pay-back-off") && s.screen().contains("What proves it"), "{}", s.screen());
    s.keys("esc");
    s.wait(5_000);
    told(&mut s, those(), &[]);
    assert_eq!(s.app.problems.selected().unwrap().rule, "playbook/pay-back-off", "the selection stays with it");
    s.keys("enter");
    assert!(s.screen().contains("GONE: not found any more since 12:00Z"), "{}", s.screen());
    s.keys("esc X enter");
    let Some(Effect::Agent(effect)) = s.effects.last() else { panic!("{:?}", s.effects) };
    let agent::Effect::Survey { place, .. } = &**effect else { panic!("{effect:?}") };
    assert_eq!(place.object.as_ref().map(|o| o.name.as_str()), Some("pay"));
    assert!(s.screen().contains("What was wrong with deployment/pay, and is it over?"), "{}", s.screen());
}
