//! Any line at all: the parser ends without a panic, and what it accepts prints to a line that means the same.
#![no_main]
use kopilot_tui::kubectl::{kinds::Kinds, parse, print};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static KINDS: LazyLock<Kinds> = LazyLock::new(Kinds::builtin);

fuzz_target!(|line: &str| {
    let Ok(operation) = parse(line, &KINDS) else { return };
    let printed = print(&operation);
    assert!(!printed.chars().any(|c| c.is_control() && c != '\n'), "a control character came through: {printed:?}");
    match parse(&printed, &KINDS) {
        Ok(again) => assert_eq!(again, operation, "{printed:?} means something else"),
        Err(refusal) => panic!("{printed:?} is refused: {refusal:?}"),
    }
});
