//! The line through everything, on the embedded cluster: question, evidence, answer, approval, healed pod, audit.
use super::program::Home;
use super::pty::Pty;
use std::time::Duration;

const SIZE: (u16, u16) = (160, 48);
const STILL: Duration = Duration::from_millis(500);

/// The demo, its pods on screen.
fn opened(home: &Home, args: &[&str]) -> Pty {
    let pty = home.screen(SIZE, args);
    pty.until("the broken pod", |s| s.contains("CrashLoopBackOff") && s.contains("LIVE"));
    pty
}

#[test]
fn a_question_becomes_an_approved_change_and_the_pod_runs() {
    let home = Home::new();
    let mut pty = opened(&home, &["--demo"]);
    pty.keys("i");
    pty.see("INSERT");
    pty.keys("why is api failing?\r");
    pty.until("the cause with its citations", |s| s.contains("DB_HOST is not set") && s.contains("[E"));
    pty.until("the evidence in the context pane", |s| s.contains("E1") && s.contains("E3"));
    pty.until("the proposal's dialog", |s| s.contains("REVIEW") && s.contains("rollout undo deployment/api"));
    // Focus is on Deny; Approve is armed only after a pause, and the dialog says so until then.
    pty.until("Approve to be armed", |s| s.contains("to Approve, then enter"));
    assert!(!pty.screen().contains("[ Approve ]"));
    pty.keys("\t");
    pty.see("[ Approve ]");
    pty.keys("\r");
    pty.gone("REVIEW");
    pty.until("the pods of the healed deployment", |s| {
        !s.contains("CrashLoopBackOff") || s.lines().filter(|l| l.contains("api-") && l.contains("Running")).count() >= 2
    });
    pty.see("NORMAL");
    pty.see("Approved and done");
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    pty.assert_restored();
    let verified = home.run(&["audit", "verify"]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert_eq!(verified.status.code(), Some(0), "{said}");
    assert!(said.contains("ok: 1 session(s)"), "{said}");
    let shown = home.run(&["audit", "show"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("approved rollout undo deployment/api -n shop") && shown.contains("worked: rollout undo deployment/api -n shop"), "{shown}");
}

#[test]
fn a_cluster_that_stands_still_writes_no_byte() {
    let home = Home::new();
    let pty = opened(&home, &["--demo", "--still"]);
    let before = pty.quiet(Duration::from_secs(3));
    pty.quiet(Duration::from_secs(10));
    assert_eq!(pty.written(), before, "{}", pty.screen());
}

#[test]
fn a_row_moved_and_a_letter_typed_cost_few_bytes() {
    let home = Home::new();
    let mut pty = opened(&home, &["--demo", "--still"]);
    let cost = |pty: &mut Pty, key: &str| {
        let before = pty.quiet(STILL);
        pty.keys(key);
        pty.until_raw(&format!("an answer to {key:?} on\n{}", pty.screen()), |raw| raw.len() > before);
        pty.quiet(STILL) - before
    };
    cost(&mut pty, "j");
    for key in ["j", "j", "k"] {
        let bytes = cost(&mut pty, key);
        assert!(bytes <= 200, "{key}: {bytes} bytes");
    }
    cost(&mut pty, "i");
    assert!(!pty.look(vt100::Screen::hide_cursor), "the cursor shows where letters go");
    cost(&mut pty, "w");
    for key in ["h", "y", " ", "x"] {
        let bytes = cost(&mut pty, key);
        assert!(bytes <= 200, "{key:?}: {bytes} bytes");
    }
}
