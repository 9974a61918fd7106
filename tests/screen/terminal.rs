//! The terminal itself: it comes back whatever happened, takes any size, and pastes run nothing.
use super::program::{Home, kubeconfig};
use super::pty::Pty;
use std::time::Duration;

const SIZE: (u16, u16) = (120, 36);
/// Long enough that a program with more to write would have.
const STILL: Duration = Duration::from_millis(400);

/// A screen whose cluster refuses connections: nothing else is going on.
fn opened(home: &Home) -> Pty {
    let config = home.file("kubeconfig", &kubeconfig("http://127.0.0.1:1"));
    let pty = home.screen(SIZE, &["--kubeconfig", config.to_str().unwrap()]);
    pty.see("NORMAL");
    pty
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    type Way = (&'static str, fn(&mut Pty), u32);
    let ways: &[Way] = &[
        (":q", |p| p.keys(":q\r"), 0),
        (
            "ctrl-c twice",
            |p| {
                p.keys("\x03");
                p.see("again");
                p.keys("\x03");
            },
            0,
        ),
        ("SIGTERM", |p| p.signal("TERM"), 143),
        ("SIGHUP", |p| p.signal("HUP"), 129),
        ("SIGINT", |p| p.signal("INT"), 130),
    ];
    for (name, leave, code) in ways {
        let home = Home::new();
        let mut pty = opened(&home);
        assert!(pty.look(|s| s.alternate_screen() && s.hide_cursor() && s.bracketed_paste()), "{name}");
        leave(&mut pty);
        assert_eq!(pty.ended(), *code, "{name}");
        pty.assert_restored();
    }
}

/// Not a test of its own: what the next one runs on a terminal.
#[test]
#[ignore = "run by a_panic_gives_the_terminal_back on a terminal of its own"]
fn panics_on_a_screen() {
    kopilot_tui::term::modes::restore_on_panic();
    let guard = kopilot_tui::term::modes::Guard::enter().unwrap();
    std::thread::spawn(|| panic!("in the middle of it")).join().unwrap_err();
    assert!(!kopilot_tui::term::modes::entered(), "another thread's panic restored it");
    drop(guard);
}

#[test]
fn a_panic_gives_the_terminal_back() {
    let own = std::env::current_exe().unwrap();
    let mut pty = Pty::spawn(&own, SIZE, &["--exact", "terminal::panics_on_a_screen", "--ignored", "--nocapture", "--test-threads=1"], &[]);
    assert_eq!(pty.ended(), 0, "{}", pty.screen());
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    let (left, said) = (raw.find("\x1b[?1049l").unwrap(), raw.find("in the middle of it").unwrap());
    assert!(raw.contains("\x1b[?1049h") && left < said, "the screen is left before the panic is told:\n{raw}");
    pty.assert_restored();
}

#[test]
fn a_stopped_program_leaves_the_terminal_and_comes_back_to_it() {
    let home = Home::new();
    let mut pty = opened(&home);
    pty.keys("\x1a");
    pty.until_raw("the alternate screen to be left", |raw| raw.ends_with(b"\x1b[?1049l"));
    pty.stopped();
    pty.signal("CONT");
    pty.see("NORMAL");
    assert!(pty.look(vt100::Screen::alternate_screen));
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    pty.assert_restored();
}

#[test]
fn any_size_down_to_one_cell_is_drawn_and_the_way_back_too() {
    let home = Home::new();
    let mut pty = opened(&home);
    for size in [(80, 24), (40, 10), (39, 9), (7, 3), (1, 1), (2, 1), (1, 30), (200, 1), (200, 60), (3, 3), (1, 1)] {
        pty.resize(size.0, size.1);
    }
    pty.quiet(STILL);
    pty.resize(SIZE.0, SIZE.1);
    pty.see("NORMAL");
    pty.resize(1, 1);
    pty.quiet(STILL);
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    pty.assert_restored();
}

#[test]
fn a_paste_is_text_and_runs_no_key() {
    let home = Home::new();
    let mut pty = opened(&home);
    pty.paste(":q\rfirst line\r\x03\x03second\x1b[31m line\r");
    pty.see("first line");
    pty.quiet(STILL);
    assert!(pty.screen().contains("second"), "{}", pty.screen());
    pty.keys("\x1b");
    pty.see("NORMAL");
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
}

#[test]
fn nothing_changes_and_nothing_is_written() {
    let home = Home::new();
    let pty = home.screen(SIZE, &["--kubeconfig", &home.short("missing")]);
    pty.see("does not exist");
    let before = pty.quiet(STILL);
    pty.quiet(Duration::from_secs(2));
    assert_eq!(pty.written(), before);
}

#[test]
fn every_frame_is_marked_as_one() {
    let home = Home::new();
    let mut pty = opened(&home);
    pty.keys("?");
    pty.quiet(STILL);
    // A slow link delivers both keys in one packet, which terminals write as they write alt-colon.
    pty.keys("\x1b:q\r");
    pty.ended();
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    let frames: Vec<&str> = raw.split("\x1b[?2026h").skip(1).collect();
    assert!(frames.len() > 1);
    for frame in frames {
        let (_, after) = frame.split_once("\x1b[?2026l").expect("every begin has its end");
        assert!(after.is_empty() || after.starts_with("\x1b[?2026l\x1b[m"), "nothing is drawn outside a frame: {after:?}");
    }
}

#[test]
fn a_terminal_that_can_not_draw_is_refused_with_the_command_that_can_help() {
    let home = Home::new();
    let mut pty = home.screen_with(SIZE, &[], &[("TERM", "dumb")]);
    assert_eq!(pty.ended(), 2);
    assert!(pty.screen().contains("kopilot-tui ask"), "{}", pty.screen());
    assert!(!String::from_utf8_lossy(&pty.raw()).contains("\x1b["));
    let piped = home.run(&[]);
    assert_eq!(piped.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&piped.stderr).contains("kopilot-tui diagnose"));
}

#[test]
fn an_ascii_locale_gets_ascii_and_no_color_gets_no_colour() {
    let home = Home::new();
    let config = home.file("kubeconfig", &kubeconfig("http://127.0.0.1:1"));
    let mut pty = home.screen_with(SIZE, &["--kubeconfig", config.to_str().unwrap()], &[("LANG", "C"), ("NO_COLOR", "1")]);
    pty.see("NORMAL");
    pty.keys("?");
    pty.quiet(STILL);
    let raw = pty.raw();
    assert!(raw.is_ascii(), "{}", String::from_utf8_lossy(&raw));
    let coloured = (0..36u16)
        .flat_map(|y| (0..120u16).map(move |x| (y, x)))
        .find(|(y, x)| pty.look(|s| s.cell(*y, *x).is_some_and(|c| c.fgcolor() != vt100::Color::Default || c.bgcolor() != vt100::Color::Default)));
    assert_eq!(coloured, None);
}
