//! The program dies, or the line does, in the worst moment: the audit tells the truth, and nothing runs twice.
use super::approvals::{CART, approve, opened, proposed, said};
use super::gate::{Gate, Hold};
use super::program::Home;

const COMMAND: &str = "scale deployment/cart --replicas=3 -n shop";

/// Kills the program where the gate holds its request. How many writes reach the cluster, then and after a new start.
fn killed(at: Hold) -> (Home, Gate, usize, String) {
    let (home, gate) = (Home::new(), Gate::open());
    let mut pty = opened(&home, &gate, &[]);
    proposed(&mut pty, COMMAND);
    gate.hold(at);
    approve(&mut pty);
    gate.until_held();
    let running = said(&home, &["audit", "show"]);
    assert!(running.contains("under way: the program that decided it still runs"), "{running}");
    pty.signal("KILL");
    drop(pty);
    let shown = said(&home, &["audit", "show"]);
    gate.hold(Hold::Nothing);
    let after_the_kill = gate.passed().len();
    // A new start tells of it and does nothing of its own.
    let mut again = opened(&home, &gate, &[]);
    again.until("what is not known", |s| s.contains("An earlier session ended in the middle"));
    again.keys("\x12");
    again.see("No change waits for a review.");
    again.keys(":q\r");
    assert_eq!(again.ended(), 0);
    assert_eq!(gate.passed().len(), after_the_kill, "{:?}", gate.passed());
    assert_eq!(said(&home, &["audit", "show"]), shown, "the truth stays what it was");
    assert_eq!(home.run(&["audit", "verify"]).status.code(), Some(0), "{}", said(&home, &["audit", "verify"]));
    (home, gate, after_the_kill, shown)
}

fn unknown(shown: &str) {
    assert!(shown.contains(&format!("approved {COMMAND}")), "{shown}");
    assert!(shown.contains(&format!("{COMMAND}  decided, outcome unknown")), "{shown}");
    assert!(!shown.contains("worked:"), "{shown}");
}

#[test]
fn killed_between_the_audit_line_and_the_request_nothing_ran_and_the_outcome_is_unknown() {
    let (_home, gate, sent, shown) = killed(Hold::Look);
    unknown(&shown);
    assert_eq!(sent, 0);
    assert_eq!(gate.get(CART)["spec"]["replicas"], 2);
}

#[test]
fn killed_after_the_request_it_ran_once_and_the_outcome_is_unknown() {
    let (_home, gate, sent, shown) = killed(Hold::Answer);
    unknown(&shown);
    assert_eq!(sent, 1);
    assert_eq!(gate.get(CART)["spec"]["replicas"], 3);
}

#[test]
fn a_line_that_breaks_in_the_middle_is_unknown_looked_at_and_not_sent_again() {
    let (home, gate) = (Home::new(), Gate::open());
    let mut pty = opened(&home, &gate, &[]);
    proposed(&mut pty, COMMAND);
    gate.hold(Hold::Break);
    approve(&mut pty);
    gate.until_held();
    gate.hold(Hold::Nothing);
    pty.see("sent, outcome unknown.");
    pty.see("Undo:");
    pty.until("what a second look shows", |s| s.contains("a second look shows") && s.contains("it changed (resourceVersion"));
    assert_eq!(gate.passed().len(), 1, "{:?}", gate.passed());
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    let shown = said(&home, &["audit", "show"]);
    assert!(shown.contains(&format!("unknown: {COMMAND}")) && shown.contains("it may have happened"), "{shown}");
    assert_eq!(gate.get(CART)["spec"]["replicas"], 3);
}

#[test]
fn a_write_that_is_never_answered_ends_at_its_limit() {
    let (home, gate) = (Home::new(), Gate::open());
    let mut pty = opened(&home, &gate, &[("KUBECTL_DESTRUCTIVE_TIMEOUT_SECONDS", "2")]);
    proposed(&mut pty, COMMAND);
    gate.hold(Hold::Answer);
    approve(&mut pty);
    gate.until_held();
    pty.see("sent, outcome unknown.");
    pty.until("the limit", |s| s.contains("2 s"));
    assert_eq!(gate.passed().len(), 1, "{:?}", gate.passed());
    gate.hold(Hold::Nothing);
    assert!(said(&home, &["audit", "show"]).contains(&format!("unknown: {COMMAND}")));
}
