//! Any size draws, and in the smallest one can still deny and quit.
use crate::stage::*;
use kopilot_tui::app::{Effect, Event};

fn rich() -> Vec<Stage> {
    let mut help = Stage::new((80, 24)).live();
    help.keys("?");
    let mut picker = Stage::new((80, 24)).live();
    picker.keys("n").type_text("x");
    let mut view = Stage::new((80, 24)).live().asked(ANSWER);
    view.keys("tab j enter");
    let mut command = Stage::new((80, 24)).live();
    command.keys(":").type_text("scale deploy/api --replicas=3 and much more than any small screen can show");
    let mut insert = Stage::new((80, 24)).live();
    insert.keys("i").type_text("a long draft 表表表 that wraps").keys("alt-enter").type_text("and goes on");
    let mut dialog = Stage::new((80, 24)).live().asked(ANSWER).proposed();
    dialog.minted();
    vec![Stage::new((80, 24)), help, picker, view, command, insert, dialog]
}

#[test]
fn every_size_from_one_cell_up_draws_every_state() {
    for mut stage in rich() {
        for w in (1..=44).chain((44..=200).step_by(13)) {
            for h in (1..=14).chain((14..=60).step_by(10)) {
                stage.event(Event::Resize(w, h));
                let buffer = stage.buffer("default");
                let (x, y) = stage.app.cursor().unwrap_or((0, 0));
                assert!(x < w && y < h, "the cursor is on the screen: {x},{y} in {w}×{h}");
                assert_eq!(buffer.area.width, w);
            }
        }
    }
}

#[test]
fn one_line_still_denies_and_quits() {
    let mut stage = Stage::new((80, 24)).live().asked(ANSWER).proposed();
    stage.minted();
    stage.event(Event::Resize(30, 3));
    assert!(stage.screen().contains("REVIEW enter denies"), "{}", stage.screen());
    stage.wait(1_000).keys("enter enter");
    assert!(matches!(stage.effects.first(), Some(Effect::Decide { decision: kopilot_tui::app::event::Decision::Denied(_), .. })), "{:?}", stage.effects);
    stage.keys(":").type_text("q").keys("enter");
    assert!(matches!(stage.effects.last(), Some(Effect::Quit)));
}

#[test]
fn a_frame_that_is_smaller_than_the_app_believes_is_left_blank() {
    let stage = Stage::new((80, 24)).live();
    let theme = kopilot_tui::ui::theme::Theme::builtin("default").unwrap();
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(20, 5)).unwrap();
    terminal.draw(|frame| kopilot_tui::ui::draw(&stage.app, &theme, frame)).unwrap();
}
