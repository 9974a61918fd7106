//! What stands between a proposal and the cluster.
use crate::stage::*;
use kopilot_tui::app::event::Decision;
use kopilot_tui::app::state::Mode;
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::model::*;

fn opened() -> Stage {
    let mut s = Stage::new((120, 40)).live().asked(ANSWER).proposed();
    s.minted();
    s
}

fn decision(s: &Stage) -> Option<&Decision> {
    s.effects.iter().find_map(|e| match e {
        Effect::Decide { decision, .. } => Some(decision),
        _ => None,
    })
}

#[test]
fn tab_enter_approves_once_armed_and_the_outcome_is_said() {
    let mut s = opened();
    assert_eq!(s.app.mode(), Mode::Review);
    s.wait(1_100).keys("tab enter");
    let (turn, call) = s
        .effects
        .iter()
        .find_map(|e| match e {
            Effect::Decide { turn, call, decision: Decision::Approved(a), plan, .. } => {
                assert_eq!(a.digest(), plan.digest);
                Some((*turn, call.clone()))
            }
            _ => None,
        })
        .unwrap_or_else(|| panic!("{:?}\n{}", s.effects, s.screen()));
    assert_eq!(s.app.mode(), Mode::Normal);
    s.event(Event::Executed { turn, call, outcome: Outcome::Worked(line("2 of 2 pods are ready")), changed: false });
    assert!(s.screen().contains("2 of 2 pods are ready"), "{}", s.screen());
}

#[test]
fn the_first_enter_denies_and_asks_why() {
    let mut s = opened();
    s.wait(1_100).keys("enter");
    assert!(decision(&s).is_none());
    s.type_text("not during sale").keys("enter");
    assert!(matches!(decision(&s), Some(Decision::Denied(why)) if why.as_str() == "not during sale"), "{:?}", s.effects);
    let mut s = opened();
    s.wait(1_100).keys("enter esc");
    assert!(matches!(decision(&s), Some(Decision::Denied(why)) if why.is_empty()));
}

#[test]
fn nothing_that_is_no_deliberate_key_approves() {
    let mut s = opened();
    s.type_text("yYaAqd \n").keys("tab enter");
    assert!(decision(&s).is_none(), "half a second is not over");
    s.wait(600).type_text("yes").keys("tab enter");
    assert!(!matches!(decision(&s), Some(Decision::Approved(_))), "typed a moment ago");
    s.wait(1_100).event(Event::Paste("\t\n".into()));
    assert!(decision(&s).is_none(), "a paste");
    s.keys("ctrl-j alt-enter");
    assert!(decision(&s).is_none());
}

#[test]
fn a_dialog_never_takes_a_draft() {
    let mut s = Stage::new((120, 40)).live().asked(ANSWER);
    s.keys("i").type_text("wait, ");
    let mut s = s.proposed();
    assert_eq!(s.app.mode(), Mode::Insert);
    assert!(s.screen().contains("1 change waits"), "{}", s.screen());
    assert!(!s.effects.iter().any(|e| matches!(e, Effect::OpenDialog { .. })));
    s.type_text("no").keys("enter");
    assert!(decision(&s).is_none());
    let mut s = Stage::new((120, 40)).live().asked(ANSWER);
    s.keys("i").type_text("draft");
    let mut s = s.proposed();
    s.keys("ctrl-r").minted();
    assert_eq!((s.app.mode(), s.app.chat.draft().as_str()), (Mode::Review, "draft"));
    s.keys("esc");
    assert_eq!(s.app.mode(), Mode::Insert, "back in the draft");
}

#[test]
fn esc_decides_later_and_the_banner_stays() {
    let mut s = opened();
    s.wait(700).keys("esc j j");
    assert_eq!((s.app.mode(), s.app.review.len()), (Mode::Normal, 1));
    assert!(s.screen().contains("1 change waits"));
    s.keys("ctrl-r");
    assert!(s.app.review.open && !s.effects.iter().any(|e| matches!(e, Effect::OpenDialog { .. })), "one challenge a proposal");
    s.wait(1_100).keys("right enter");
    assert!(matches!(decision(&s), Some(Decision::Approved(_))), "{}", s.screen());
}

#[test]
fn proposals_queue_first_in_first_out() {
    let mut s = Stage::new((120, 40)).live();
    for pod in ["j", "j"] {
        s.keys(pod).keys("ctrl-d");
        s.planned_by_hand();
        if s.app.review.len() == 1 {
            s.minted();
            s.keys("esc");
        }
    }
    s.keys("ctrl-r");
    assert!(s.screen().contains("1 of 2"), "{}", s.screen());
    let first = s.app.review.front().unwrap().plan.command.clone();
    assert!(first.contains("zzq9p"), "{first}");
    s.wait(1_100).keys("enter enter");
    assert!(decision(&s).is_some());
    assert!(s.screen().contains("2 of 2"), "the next one shows: {}", s.screen());
}

#[test]
fn a_critical_change_wants_its_objects_name() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("ctrl-d").planned_by_hand();
    let Some(Effect::OpenDialog { plan, .. }) = s.effects.first_mut() else { panic!("{:?}", s.effects) };
    plan.risk = Risk::Critical;
    s.minted();
    s.wait(1_100).keys("tab enter");
    assert!(decision(&s).is_none());
    assert!(s.screen().contains("exact name"), "{}", s.screen());
    s.type_text("api-7f9c4b8d5-x2x7k").wait(1_100).keys("enter");
    assert!(matches!(decision(&s), Some(Decision::Approved(_))), "{}", s.screen());
}

#[test]
fn ten_minutes_another_context_or_leaving_mean_no() {
    let mut s = opened();
    let end = s.app.next_tick().unwrap();
    assert!(end.duration_since(s.at).as_secs() <= 600);
    s.tick(600_000);
    assert!(matches!(decision(&s), Some(Decision::Lapsed(_))), "{:?}", s.effects);
    let mut s = opened();
    s.keys("esc :").type_text("ctx staging").keys("enter");
    assert!(matches!(decision(&s), Some(Decision::Lapsed(_))), "{:?}", s.effects);
    let mut s = opened();
    s.event(Event::Leave);
    assert!(matches!(decision(&s), Some(Decision::Lapsed(_))) && matches!(s.effects.last(), Some(Effect::Quit)));
}

#[test]
fn stopping_the_turn_takes_its_proposal_back() {
    let mut s = opened();
    s.keys("ctrl-c");
    assert!(matches!(decision(&s), Some(Decision::Lapsed(_))), "{:?}", s.effects);
    assert!(s.app.review.is_empty() && s.app.mode() == Mode::Normal);
}

#[test]
fn a_change_asked_for_by_hand_leaves_its_outcome_in_the_chat() {
    let mut s = Stage::new((200, 60)).live();
    s.keys("ctrl-d").planned_by_hand().minted();
    s.wait(1_100).keys("tab enter");
    let (turn, call) = s
        .effects
        .iter()
        .find_map(|e| match e {
            Effect::Decide { turn, call, .. } => Some((*turn, call.clone())),
            _ => None,
        })
        .unwrap();
    s.event(Event::Executed { turn, call, outcome: Outcome::Unknown(line("it is still there")), changed: false });
    s.tick(30_000);
    assert!(s.screen().contains("sent, outcome unknown."), "{}", s.screen());
}

#[test]
fn what_the_server_refuses_nobody_is_asked_about() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("ctrl-d");
    let Some(Effect::Plan { epoch, operation, verdict }) = s.effects.first() else { panic!("{:?}", s.effects) };
    let mut plan = plan(TurnId(0), operation, verdict.risk, &[]);
    plan.dry_run = DryRun::Rejected(Trouble::new(TroubleClass::Denied, "delete pods/api", "admission denied it"));
    let epoch = *epoch;
    s.event(Event::Planned { epoch, result: Ok(Box::new(plan)) });
    assert!(s.app.review.is_empty() && s.screen().contains("admission denied it"), "{}", s.screen());
}

#[test]
fn hostile_text_in_a_change_is_escaped_visibly() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("ctrl-d");
    let Some(Effect::Plan { epoch, operation, verdict }) = s.effects.first() else { panic!() };
    let mut plan = plan(TurnId(0), operation, verdict.risk, &[]);
    plan.objects[0].diff = vec![kopilot_tui::text::diff::Line::Added("a\u{1b}[2Jb\u{202e}c".into())];
    let epoch = *epoch;
    s.event(Event::Planned { epoch, result: Ok(Box::new(plan)) });
    assert!(s.screen().contains("a\\x1b[2Jb\\u{202e}c"), "{}", s.screen());
}
