//! Approvals as a person meets them: proposed, edited, denied with a reason, approved, asked again, lapsed, void. The real
//! binary on a terminal, a cluster behind a gate that counts what reaches it.
use super::gate::{Gate, Hold};
use super::program::{Home, kubeconfig};
use super::pty::Pty;
use serde_json::json;

pub const SIZE: (u16, u16) = (160, 48);
pub const CART: &str = "/apis/apps/v1/namespaces/shop/deployments/cart";

/// The screen on the cluster behind the gate, live.
pub fn opened(home: &Home, gate: &Gate, env: &[(&str, &str)]) -> Pty {
    let two = kubeconfig(&gate.url) + "- name: other\n  context: {cluster: c, user: alice, namespace: shop}\n";
    home.file("kubeconfig", &two);
    let pty = home.screen_with(SIZE, &["--kubeconfig", &home.short("kubeconfig"), "--role", "admin"], env);
    pty.until("the pods", |s| s.contains("cart-") && s.contains("LIVE"));
    pty
}

/// Types a command and waits for its dialog, until Approve is armed.
pub fn proposed(pty: &mut Pty, command: &str) {
    pty.keys(&format!(":{command}\r"));
    armed(pty, command);
}

fn armed(pty: &Pty, command: &str) {
    pty.until(&format!("the dialog of {command}, armed"), |s| s.contains("REVIEW") && s.contains(command) && s.contains("to Approve, then enter"));
}

pub fn approve(pty: &mut Pty) {
    pty.keys("\t");
    pty.see("[ Approve ]");
    pty.keys("\r");
}

/// What a headless command prints.
pub fn said(home: &Home, args: &[&str]) -> String {
    String::from_utf8_lossy(&home.run(args).stdout).into_owned()
}

fn whole(home: &Home) {
    assert_eq!(home.run(&["audit", "verify"]).status.code(), Some(0), "{}", said(home, &["audit", "verify"]));
}

#[test]
fn a_change_is_edited_approved_and_the_like_allowed_for_a_time_then_one_is_denied() {
    let (home, gate) = (Home::new(), Gate::open());
    let mut pty = opened(&home, &gate, &[]);
    proposed(&mut pty, "scale deployment/cart --replicas=9 -n shop");
    pty.keys("\x05");
    pty.see("Change it to:");
    pty.keys("\x15scale deployment/cart --replicas=3 -n shop\r");
    pty.see("proposed was: scale deployment/cart --replicas=9");
    armed(&pty, "scale deployment/cart --replicas=3");
    pty.keys("\x07");
    pty.see("Approve allows 5 minutes of `scale deployments -n shop` unasked");
    pty.see("to Approve, then enter");
    approve(&mut pty);
    pty.see("ALLOWED scale deployments -n shop");
    pty.until("the outcome", |s| s.contains("worked.") && s.contains("3 of 3 pods"));
    assert_eq!(gate.get(CART)["spec"]["replicas"], 3);
    // The like of it runs at once; another verb is asked.
    pty.keys(":scale deployment/cart --replicas=2 -n shop\r");
    pty.until("the second outcome", |s| s.contains("2 of 2 pods are"));
    assert_eq!(gate.get(CART)["spec"]["replicas"], 2);
    pty.keys(":revoke\r");
    pty.gone("ALLOWED scale");
    proposed(&mut pty, "scale deployment/cart --replicas=4 -n shop");
    pty.keys("\r");
    pty.see("Denied. Why?");
    pty.keys("not during the sale\r");
    pty.see("denied: not");
    assert_eq!(gate.get(CART)["spec"]["replicas"], 2);
    assert_eq!(gate.passed().len(), 2, "{:?}", gate.passed());
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    let shown = said(&home, &["audit", "show"]);
    for want in [
        "edited scale deployment/cart --replicas=9 -n shop",
        "approved scale deployment/cart --replicas=3 -n shop [medium risk]  edited from scale deployment/cart --replicas=9 -n shop",
        "allows scale deployments -n shop until",
        "worked: scale deployment/cart --replicas=3",
        "now deployment/cart@",
        "granted scale deployment/cart --replicas=2 -n shop",
        "revoked scale deployments -n shop until",
        "denied scale deployment/cart --replicas=4 -n shop [medium risk]  not during the sale",
    ] {
        assert!(shown.contains(want), "{want}:\n{shown}");
    }
    whole(&home);
    before_is_kept(&home);
    exported(&home);
}

/// The objects as they were: a file a change, for its owner alone, with the line that takes it back.
fn before_is_kept(home: &Home) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = home.path().join(".local/state/kopilot-tui/before");
    let mut kept: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    kept.sort();
    assert_eq!(kept.len(), 2, "{kept:?}");
    let text = std::fs::read_to_string(&kept[0]).unwrap();
    assert!(text.contains("# undo: scale deployment/cart --replicas=2") && text.contains("replicas: 2") && text.contains("name: cart"), "{text}");
    assert!(kept.iter().all(|p| p.metadata().unwrap().permissions().mode() & 0o777 == 0o600));
}

fn exported(home: &Home) {
    let document: serde_json::Value = serde_json::from_str(&said(home, &["audit", "export"])).unwrap();
    assert_eq!(document["ok"], true);
    let lines = document["sessions"][0]["lines"].as_array().unwrap();
    let table = said(home, &["audit", "export", "--format", "csv"]);
    assert_eq!(table.lines().count(), lines.len() + 1, "{table}");
    assert!(table.lines().skip(1).all(|l| l.contains(",\"ok\",")), "{table}");
    let approved = lines.iter().find(|l| l["decision"] == "approved").unwrap();
    for field in ["user", "login", "cluster", "context", "role", "digest", "resource_version", "before", "hash", "prev"] {
        assert!(!approved[field].is_null(), "{field}: {approved}");
    }
    assert_eq!((&approved["user"], &approved["context"], &approved["role"]), (&"alice".into(), &"test".into(), &"admin".into()));
}

#[test]
fn an_object_that_changed_meanwhile_is_asked_again_with_the_new_change() {
    let (home, gate) = (Home::new(), Gate::open());
    let mut pty = opened(&home, &gate, &[]);
    proposed(&mut pty, "scale deployment/cart --replicas=3 -n shop");
    // before the yes: the fingerprint differs
    gate.patch(CART, &json!({"metadata": {"labels": {"touched": "once"}}}));
    approve(&mut pty);
    pty.see("ASKED AGAIN: Nothing ran: deployment/cart changed since it was reviewed");
    armed(&pty, "ASKED AGAIN");
    assert!(gate.passed().is_empty(), "{:?}", gate.passed());
    // in the moment of the change: the server says 409
    gate.hold(Hold::Write);
    approve(&mut pty);
    gate.until_held();
    pty.see("is under way");
    gate.patch(CART, &json!({"metadata": {"labels": {"touched": "twice"}}}));
    gate.hold(Hold::Nothing);
    pty.until("asked again", |s| s.contains("ASKED AGAIN") && s.contains("in the moment of the change"));
    armed(&pty, "ASKED AGAIN");
    assert_eq!(gate.get(CART)["spec"]["replicas"], 2, "the 409 changed nothing");
    approve(&mut pty);
    pty.until("the outcome", |s| s.contains("worked.") && s.contains("3 of 3 pods"));
    assert_eq!(gate.passed().len(), 2, "{:?}", gate.passed());
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    let shown = said(&home, &["audit", "show"]);
    assert_eq!((shown.matches("approved scale").count(), shown.matches("void: scale").count(), shown.matches("worked: scale").count()), (3, 2, 1), "{shown}");
    whole(&home);
}

#[test]
fn a_change_that_nobody_answers_lapses_and_so_does_one_whose_context_is_left() {
    let (home, gate) = (Home::new(), Gate::open());
    let mut pty = opened(&home, &gate, &[("SAFETY_APPROVAL_SECONDS", "5")]);
    proposed(&mut pty, "scale deployment/cart --replicas=3 -n shop");
    pty.keys("\t");
    pty.see("Nobody answered within 5 seconds.");
    pty.keys("\r");
    drop(pty);
    let mut pty = opened(&home, &gate, &[]);
    proposed(&mut pty, "scale deployment/cart --replicas=4 -n shop");
    pty.keys("\x1b");
    pty.see("1 change waits");
    pty.keys(":ctx other\r");
    pty.until("the other context", |s| s.contains("ctx other") && s.contains("LIVE"));
    pty.gone("1 change waits");
    pty.keys("\x12");
    pty.see("No change waits for a review.");
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    let shown = said(&home, &["audit", "show"]);
    assert!(shown.contains("lapsed scale deployment/cart --replicas=3") && shown.contains("Nobody answered"), "{shown}");
    assert!(shown.contains("lapsed scale deployment/cart --replicas=4") && shown.contains("The context was switched."), "{shown}");
    assert!(gate.passed().is_empty(), "{:?}", gate.passed());
    whole(&home);
}

#[test]
fn another_process_neither_sees_nor_answers_a_dialog_and_does_not_mix_with_its_audit() {
    let (home, gate) = (Home::new(), Gate::open());
    let mut first = opened(&home, &gate, &[]);
    proposed(&mut first, "scale deployment/cart --replicas=3 -n shop");
    let mut second = opened(&home, &gate, &[]);
    second.keys("\x12");
    second.see("No change waits for a review.");
    second.keys("\t\r");
    // the headless commands offer no way, and say so
    for args in [&["approve"][..], &["--yes"], &["--approve", "all"], &["ask", "approve it", "--yes"], &["audit", "approve"]] {
        assert_eq!(home.run(args).status.code(), Some(2), "{args:?}");
    }
    // nor does a setting
    home.file("auto.toml", "[safety]\nauto_approve = true\n");
    let path = home.path().join("auto.toml");
    let mut refused =
        home.screen_with(SIZE, &["--demo"], &[("KOPILOT_CONFIG", path.to_str().unwrap()), ("AUTO_APPROVE", "1"), ("KUBECTL_AUTO_APPROVE", "true")]);
    assert_eq!(refused.ended(), 2);
    assert!(refused.screen().contains("unknown field"), "{}", refused.screen());
    assert!(gate.passed().is_empty(), "{:?}", gate.passed());
    proposed(&mut second, "scale deployment/catalog --replicas=2 -n shop");
    approve(&mut second);
    approve(&mut first);
    first.until("the outcome", |s| s.contains("worked.") && s.contains("3 of 3 pods"));
    second.until("the outcome", |s| s.contains("worked.") && s.contains("2 of 2 pods"));
    for pty in [&mut first, &mut second] {
        pty.keys(":q\r");
        assert_eq!(pty.ended(), 0);
    }
    let verified = said(&home, &["audit", "verify"]);
    assert!(verified.contains("ok: 2 session(s)"), "{verified}");
    assert_eq!(gate.passed().len(), 2);
}

#[test]
fn without_an_audit_line_nothing_is_sent_and_the_screen_says_so() {
    let (home, gate) = (Home::new(), Gate::open());
    home.file("taken", "a file where a folder has to be");
    let state = home.path().join("taken/state");
    let mut pty = opened(&home, &gate, &[("KOPILOT_STATE_DIR", state.to_str().unwrap())]);
    proposed(&mut pty, "scale deployment/cart --replicas=3 -n shop");
    approve(&mut pty);
    pty.see("NO AUDIT: no changes");
    pty.until("why", |s| s.contains("nothing was sent") || s.contains("could not be written down"));
    assert!(gate.passed().is_empty(), "{:?}", gate.passed());
    assert_eq!(gate.get(CART)["spec"]["replicas"], 2);
}

/// A state folder on a file system that is full: the first change is done while there is room, the second is not.
#[test]
fn a_full_disk_stops_changes_until_there_is_room_again() {
    let (home, gate) = (Home::new(), Gate::open());
    let state = home.path().join("state");
    std::fs::create_dir(&state).unwrap();
    let mount = |args: &[&str]| std::process::Command::new("mount").args(args).output().is_ok_and(|o| o.status.success());
    if !mount(&["-t", "tmpfs", "-o", "size=256k", "tmpfs", state.to_str().unwrap()]) {
        eprintln!("SKIPPED: a_full_disk_stops_changes_until_there_is_room_again (no right to mount a small file system here)");
        return;
    }
    let _unmount = Unmount(state.clone());
    let mut pty = opened(&home, &gate, &[("KOPILOT_STATE_DIR", state.to_str().unwrap())]);
    proposed(&mut pty, "scale deployment/cart --replicas=3 -n shop");
    approve(&mut pty);
    pty.until("the outcome", |s| s.contains("worked.") && s.contains("3 of 3 pods"));
    let filler = state.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[0; 1024]).is_ok() {}
    drop(file);
    proposed(&mut pty, "scale deployment/cart --replicas=4 -n shop");
    approve(&mut pty);
    pty.see("NO AUDIT: no changes");
    assert_eq!(gate.passed().len(), 1, "{:?}", gate.passed());
    std::fs::remove_file(&filler).unwrap();
    pty.keys(":scale deployment/cart --replicas=5 -n shop\r");
    pty.until("the dialog, which says why", |s| s.contains("--replicas=5") && s.contains("approving tries again"));
    approve(&mut pty);
    pty.gone("NO AUDIT");
    pty.until("the outcome", |s| s.contains("worked.") && s.contains("5 of 5 pods"));
    assert_eq!(gate.passed().len(), 2, "{:?}", gate.passed());
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    assert_eq!(gate.get(CART)["spec"]["replicas"], 5);
}

struct Unmount(std::path::PathBuf);
impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
