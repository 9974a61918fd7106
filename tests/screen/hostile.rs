//! Hostile text: whatever a cluster says, nothing of it acts on the terminal.
use super::program::Home;

const SIZE: (u16, u16) = (160, 48);

/// A dump whose every text is an attack: names that no API server would take, messages, logs.
fn dump(home: &Home) -> std::path::PathBuf {
    let pod = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "evil\u{1b}]0;owned\u{7}\u{1b}[2J", "namespace": "shop", "uid": "u1", "resourceVersion": "5", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": [{"name": "app", "image": "x\u{9b}31m"}], "nodeName": "node\u{1b}c"},
        "status": {"phase": "Running", "containerStatuses": [{
            "name": "app", "ready": false, "restartCount": 9, "image": "x", "imageID": "",
            "state": {"waiting": {"reason": "CrashLoopBackOff\u{1b}[31m", "message": "back-off\u{202e}\u{1b}]52;c;ZXZpbA==\u{7}"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error\u{1b}[5m", "finishedAt": "2026-01-01T00:10:00Z"}}
        }]}
    });
    let event = serde_json::json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": "e1", "namespace": "shop", "uid": "u2", "resourceVersion": "6", "creationTimestamp": "2026-01-01T00:10:00Z"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "evil", "uid": "u1"},
        "type": "Warning", "reason": "Back\u{1b}[?1049lOff", "message": "\u{1b}[?2026l\u{1b}[8mhidden\u{7}",
        "firstTimestamp": "2026-01-01T00:10:00Z", "lastTimestamp": "2026-01-01T00:10:00Z", "count": 3, "source": {"component": "kubelet"}
    });
    let namespace = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "uid": "u3", "resourceVersion": "1"}, "status": {"phase": "Active"}});
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [namespace, pod, event]});
    home.file("dump/objects.json", &list.to_string());
    home.path().join("dump")
}

#[test]
fn escape_sequences_of_a_cluster_never_reach_the_terminal() {
    let home = Home::new();
    let from = dump(&home);
    let kubeconfig = home.path().join("kubeconfig");
    let server = home.screen(SIZE, &["demo", "serve", "--still", "--from", from.to_str().unwrap(), "--kubeconfig", kubeconfig.to_str().unwrap()]);
    server.see("ctrl-c ends it");
    let mut pty = home.screen(SIZE, &["--kubeconfig", kubeconfig.to_str().unwrap(), "-n", "shop"]);
    pty.until("the pod and its event, defused", |s| s.contains("evil\\x1b") && s.contains("×3"));
    pty.keys("y");
    pty.until("its text", |s| s.contains("owned") && !s.contains("PODS"));
    pty.keys("\x1b");
    pty.see("PODS");
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    pty.assert_restored();
    let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
    for attack in ["\x1b]", "\x07", "\u{9b}", "\u{202e}", "\x1b[8m", "\x1b[5m", "\x1bc"] {
        assert!(!raw.contains(attack), "{attack:?} reached the terminal");
    }
    // Each of these is written once, by the program itself.
    assert_eq!((raw.matches("\x1b[?1049l").count(), raw.matches("\x1b[?1049h").count()), (1, 1));
}
