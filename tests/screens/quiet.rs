//! What is not visible costs no frame, and a timer runs only for what will change.
use crate::stage::*;
use kopilot_tui::app::Event;
use kopilot_tui::model::*;

fn crowd(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(size).connected();
    let mut changes = vec![Change::ListBegins];
    changes.extend((0..500).map(|i| Change::Upsert(pod(&format!("pod-{i:04}"), "node-1", 0, 90, &running(), true))));
    changes.push(Change::ListEnds);
    stage.pods(changes).link(Link::Live);
    stage
}

#[test]
fn an_update_off_screen_draws_nothing_and_one_on_screen_does() {
    let mut stage = crowd((120, 40));
    for (name, restarts, dirty) in [("pod-0499", 1, false), ("pod-0001", 1, true), ("pod-0001", 1, false), ("pod-0400", 7, false)] {
        stage.pods(vec![Change::Upsert(pod(name, "node-1", restarts, 90, &running(), true))]);
        assert_eq!(stage.app.dirty, dirty, "{name} {restarts}");
    }
    stage.pods(vec![Change::Gone(line("uid-shop-pod-0400"))]);
    assert!(stage.app.dirty, "the count in the header is another one");
}

#[test]
fn a_relist_of_the_same_rows_draws_nothing() {
    let mut stage = crowd((120, 40));
    let before = stage.screen();
    stage.pods(vec![Change::ListBegins]);
    assert!(!stage.app.dirty);
    let rows: Vec<_> = (0..500).map(|i| Change::Upsert(pod(&format!("pod-{i:04}"), "node-1", 0, 90, &running(), true))).collect();
    stage.pods(rows);
    assert!(!stage.app.dirty);
    stage.pods(vec![Change::ListEnds]);
    assert!(!stage.app.dirty);
    assert_eq!(stage.screen(), before);
}

#[test]
fn the_timer_is_the_next_instant_at_which_a_visible_age_turns() {
    let mut stage = crowd((120, 40));
    // All are 90 minutes old: `1h` turns to `2h` in half an hour.
    let next = stage.app.next_tick().unwrap();
    assert_eq!(next.duration_since(stage.at).as_mins(), 30);
    stage.tick(60_000);
    assert!(!stage.app.dirty, "nothing turned yet");
    let before = stage.screen();
    stage.tick(29 * 60_000);
    assert!(stage.app.dirty);
    assert_ne!(stage.screen(), before);
}

#[test]
fn with_still_no_timer_runs_and_ages_stand() {
    let mut stage = Stage::with(kopilot_tui::app::state::Setup { still: true, ..setup((120, 40), Role::Admin) }).live();
    assert_eq!(stage.app.next_tick(), None);
    let before = stage.screen();
    stage.wait(3_600_000).event(Event::Tick);
    assert!(!stage.app.dirty);
    assert_eq!(stage.screen(), before);
    stage.keys("i esc ctrl-c");
    assert!(stage.app.next_tick().is_some(), "a notice fades");
    stage.tick(20_000);
    assert_eq!(stage.app.next_tick(), None);
}

#[test]
fn an_answer_of_another_connection_is_dropped() {
    let mut stage = Stage::new((120, 40)).live();
    let old = stage.app.epoch;
    stage.keys(":").type_text("ctx staging").keys("enter");
    assert!(stage.app.epoch > old);
    let rows = stage.app.pods.len();
    stage.event(Event::Watch(old, Update::Pods(vec![Change::Upsert(pod("ghost", "node-1", 0, 1, &running(), true))])));
    assert_eq!((rows, stage.app.pods.len(), stage.app.dirty), (0, 0, false));
}

#[test]
fn a_key_that_does_nothing_draws_nothing() {
    let mut stage = Stage::new((120, 40)).live();
    stage.keys("ctrl-k");
    assert!(!stage.app.dirty);
}

#[test]
fn an_open_text_is_coloured_by_ticks_and_then_leaves_the_timer_alone() {
    let mut stage = Stage::with(kopilot_tui::app::state::Setup { still: true, ..setup((120, 40), Role::Admin) }).live().asked(ANSWER);
    stage.keys("tab j enter");
    let mut ticks = 0;
    while stage.app.next_tick().is_some() {
        stage.tick(100);
        ticks += 1;
        assert!(ticks < 500, "the timer ends");
    }
    assert!(ticks > 0);
}
