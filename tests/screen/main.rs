//! Walks of the real binary on a pseudo-terminal, as a person would take them.
//!
//! Pictures of the real screen are made by `cargo test --test screen -- --ignored screenshots`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
#![allow(dead_code, reason = "the terminal harness is shared with tests/real")]

mod approvals;
mod bad_input;
mod crash;
mod demo;
mod gate;
mod hostile;
mod program;
mod pty;
mod shots;
mod svg;
mod terminal;

use pty::Pty;
use std::path::Path;
use std::time::Duration;

#[test]
fn the_harness_sees_what_a_program_writes_and_that_the_terminal_is_restored() {
    let mut pty =
        Pty::spawn(Path::new("/bin/sh"), (40, 5), &["-c", "stty -echo; printf 'a\\033[?1049hready'; read x; printf \"\\033[?1049lgot $x\\n\"; stty echo"], &[]);
    pty.see("ready");
    assert!(pty.look(vt100::Screen::alternate_screen));
    let before = pty.quiet(Duration::from_millis(50));
    pty.keys("k\n");
    pty.see("got k");
    assert!(pty.written() > before);
    assert_eq!(pty.ended(), 0);
    pty.assert_restored();
    assert!(pty.look(svg::draw).contains(">agot k</text>"), "{}", pty.look(svg::draw));
}
