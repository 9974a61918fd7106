//! The chat's rows, and how little of them is made anew.
use super::*;
use crate::app::flow::plain;
use crate::model::TurnId;

const AROUND: Surroundings = Surroundings { width: 40, evidence: 1, chosen: None };

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn question(text: &str) -> Entry {
    Entry::Question { turn: TurnId(1), text: Clean::line(text), mode: Mode::Diagnose, at: at(0) }
}

fn answer_of(text: &str, ended: bool) -> Entry {
    Entry::Answer { turn: TurnId(1), text: Clean::block(text), ended: ended.then_some(StopReason::End), incomplete: Clean::default(), by: Clean::line("m") }
}

fn shown(chat: &Chat) -> Vec<String> {
    chat.window().map(plain).collect()
}

#[test]
fn a_streamed_answer_ends_as_the_same_rows_as_one_that_came_whole() {
    let text = "1. a\n\n2. b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n# Cause\n\napi exits: **DB_HOST** is not set [E1], see [E9].\n\n- one\n- two\n\n```\ncode\n\nmore\n```\n\nEnd.\n";
    let mut streamed = Chat::default();
    let mut whole = Chat::default();
    streamed.resize(100);
    whole.resize(100);
    for end in 1..=text.len() {
        streamed.refresh(&[question("why?"), answer_of(&text[..end], false)], end as u64, AROUND, at(0));
    }
    streamed.refresh(&[question("why?"), answer_of(text, true)], 9_999, AROUND, at(0));
    whole.refresh(&[question("why?"), answer_of(text, true)], 1, AROUND, at(0));
    assert_eq!(shown(&streamed), shown(&whole));
    assert!(shown(&whole).iter().any(|r| r.contains("[E9?]")), "{:#?}", shown(&whole));
}

#[test]
fn a_growing_answer_parses_only_its_last_block_again() {
    let mut chat = Chat::default();
    let text = "word\n\n".repeat(500);
    chat.refresh(&[answer_of(&text, false)], 1, AROUND, at(0));
    let finished = chat.blocks[0].finished;
    assert!(text.len() - finished.0 <= 12, "{finished:?}");
    let kept = chat.blocks[0].rows[10].as_ptr();
    chat.refresh(&[answer_of(&format!("{text}more"), false)], 2, AROUND, at(0));
    assert_eq!(chat.blocks[0].rows[10].as_ptr(), kept, "finished rows are not made anew");
}

#[test]
fn a_huge_unfinished_block_is_wrapped_at_most_once_a_frame_and_never_forgotten() {
    let mut chat = Chat::default();
    let mut text = format!("```\n{}", "line\n".repeat(2_000));
    chat.resize(50);
    chat.refresh(&[answer_of(&text, false)], 1, AROUND, at(0));
    text.push_str("the newest");
    chat.refresh(&[answer_of(&text, false)], 2, AROUND, at(1));
    assert!(!shown(&chat).iter().any(|r| r.contains("newest")));
    let due = chat.next_tick().unwrap();
    assert!(chat.refresh(&[answer_of(&text, false)], 2, AROUND, due));
    assert!(shown(&chat).iter().any(|r| r.contains("newest")));
    assert_eq!(chat.next_tick(), None);
}

#[test]
fn the_window_stays_where_a_person_reads_while_more_comes() {
    let mut chat = Chat::default();
    chat.resize(4);
    let long = (0..20).map(|i| format!("row {i}")).collect::<Vec<_>>().join("\n\n") + "\n\n";
    chat.refresh(&[answer_of(&long, false)], 1, AROUND, at(0));
    chat.step(-5);
    let before = shown(&chat);
    chat.refresh(&[answer_of(&format!("{long}row 20\n\nrow 21"), false)], 2, AROUND, at(100));
    assert_eq!(shown(&chat), before);
    chat.bottom();
    assert!(shown(&chat).last().unwrap().contains("row 21"));
}

#[test]
fn nothing_is_made_anew_when_nothing_changed() {
    let mut chat = Chat::default();
    let entries = [question("q"), answer_of("a", true)];
    assert!(chat.refresh(&entries, 1, AROUND, at(0)));
    assert!(!chat.refresh(&entries, 1, AROUND, at(500)));
    assert!(!chat.refresh(&entries, 2, AROUND, at(500)), "another version of the same entries");
    assert!(chat.refresh(&entries, 2, Surroundings { width: 20, ..AROUND }, at(500)));
}

#[test]
fn an_unknown_citation_is_known_once_its_evidence_is_there() {
    let mut chat = Chat::default();
    chat.resize(9);
    chat.refresh(&[answer_of("see [E2]", true)], 1, AROUND, at(0));
    assert!(shown(&chat).iter().any(|r| r.contains("[E2?]")));
    chat.refresh(&[answer_of("see [E2]", true)], 1, Surroundings { evidence: 2, ..AROUND }, at(0));
    assert!(shown(&chat).iter().any(|r| r.contains("[E2]")));
}

#[test]
fn a_recalled_line_gives_the_draft_back_below_the_newest() {
    let mut chat = Chat::default();
    for q in ["one", "two"] {
        chat.set_draft(q);
        assert_eq!(chat.take_draft(), q);
    }
    chat.set_draft("draft");
    assert!(!chat.recall(false));
    let mut seen = Vec::new();
    for older in [true, true, true, false, false, false] {
        chat.recall(older);
        seen.push(chat.draft());
    }
    assert_eq!(seen, ["two", "one", "one", "two", "draft", "draft"]);
}

#[test]
fn a_remark_stays_where_it_was_made() {
    let mut chat = Chat::default();
    chat.resize(20);
    chat.remark(1, Clean::line("scaled by hand"));
    chat.refresh(&[question("a"), question("b")], 1, AROUND, at(0));
    let rows = shown(&chat).join("|");
    assert!(rows.find("scaled").unwrap() > rows.find("> a").unwrap() && rows.find("scaled").unwrap() < rows.find("> b").unwrap(), "{rows}");
}
