//! What playbooks match, and what is wrong with those that are not.
use super::*;
use crate::model::Timestamp;
use crate::model::snapshot::{Builder, Snapshot};
use serde_json::json;

fn cluster() -> Snapshot {
    let mut b = Builder::new("2026-01-01T01:00:00Z".parse::<Timestamp>().unwrap());
    for (name, reason) in [("api-1", "CrashLoopBackOff"), ("oomkilled-demo", "Running")] {
        let state = if reason == "Running" { json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}}) } else { json!({"waiting": {"reason": reason}}) };
        b.item(
            "Pod",
            &json!({"metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {"app": "api"}},
            "spec": {"nodeName": "n1", "containers": [{"name": "main", "image": "i"}]},
            "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": reason == "Running", "restartCount": 4, "state": state}]}}),
        );
    }
    b.item("Event", &json!({"metadata": {"name": "e", "namespace": "shop"}, "type": "Warning", "reason": "BackOff", "message": "Back-off restarting failed container", "count": 3,
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "api-1", "uid": "api-1"}, "firstTimestamp": "2026-01-01T00:58:00Z", "lastTimestamp": "2026-01-01T00:59:00Z"}));
    b.item("Event", &json!({"metadata": {"name": "c", "namespace": "shop"}, "type": "Warning", "reason": "Failed", "message": "issuer not ready", "count": 1,
        "involvedObject": {"kind": "Certificate", "namespace": "shop", "name": "web"}, "firstTimestamp": "2026-01-01T00:59:00Z", "lastTimestamp": "2026-01-01T00:59:00Z"}));
    b.finish()
}

fn found(yaml: &str) -> Vec<String> {
    let snapshot = cluster();
    let playbook = Playbook::parse(yaml).unwrap_or_else(|e| panic!("{e}\n{yaml}"));
    playbook.drafts(&View::new(&snapshot)).iter().map(|d| format!("{} {}", d.object, d.next.join("; "))).collect()
}

#[test]
fn a_block_matches_field_by_field_and_never_the_whole_text() {
    for (detect, want) in [
        ("pod_status: CrashLoopBackOff", 1),
        ("pod_status: [Oom*, Crash*]", 1),
        ("pod_status: /oomkilled/", 0),
        ("event_message: /oomkilled/", 0),
        ("event_reason: BackOff", 1),
        ("event_reason: Back", 0),
        ("{event_reason: BackOff, kind: Deployment}", 0),
        ("{event_reason: BackOff, debounce: {count: 3, seconds: 300}}", 1),
        ("{event_reason: BackOff, debounce: {count: 4, seconds: 300}}", 0),
        ("{event_reason: BackOff, debounce: {count: 1, seconds: 30}}", 0),
        ("{pod_status: CrashLoopBackOff, labels: {app: api}}", 1),
        ("{pod_status: CrashLoopBackOff, labels: {app: web}}", 0),
        ("{pod_status: CrashLoopBackOff, event_reason: Failed}", 0),
        ("{pod_status: CrashLoopBackOff, namespace: 'pay*'}", 0),
        ("{kind: Certificate, event_message: '*not ready'}", 1),
    ] {
        let detect = if detect.starts_with('{') { format!("detect: {detect}") } else { format!("detect: {{{detect}}}") };
        assert_eq!(found(&format!("name: a\n{detect}\n")).len(), want, "{detect}");
    }
}

#[test]
fn steps_and_fix_are_filled_in_from_what_matched() {
    let all = found("name: a\ndetect: {pod_status: 'Crash*'}\nsteps:\n- run: describe pod/{pod} -n {namespace}\n- run: get node {node}\n  expect: Ready\n");
    assert_eq!(all, ["pod/api-1 describe pod/api-1 -n shop; get node n1"]);
    assert_eq!(found("name: a\ntriggers: [{kind: Certificate, event_type: Warning}]\nsteps: [{run: 'get node {node}'}]\n"), ["certificate/web "]);
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (yaml, line, word) in [
        ("name: a\ndetekt: {pod_status: x}\n", 2, "detekt"),
        ("name: a\ndetect:\n  pod_statuss: x\n", 3, "pod_statuss"),
        ("name: A b\ndetect: {pod_status: x}\n", 1, "A b"),
        ("name: a\nseverity: bad\ndetect: {pod_status: x}\n", 2, "critical"),
        ("name: a\ndetect:\n  event_message: /(/\n", 3, "regular expression"),
        ("name: a\n", 1, "neither"),
        ("name: a\ndetect: {namespace: x}\n", 1, "no symptom"),
        ("name: a\ndetect: {pod_status: x}\nsteps:\n- run: get pod {podd}\n", 4, "{podd}"),
        ("name: a\ndetect:\n  pod_status: x\n  debounce: {count: 0}\n", 4, "1 or more"),
        ("name: a\ndetect:\n  pod_status: []\n", 3, "empty"),
        ("name: [\n", 0, ""),
    ] {
        let mistake = Playbook::parse(yaml).unwrap_err();
        assert!(line == 0 || mistake.line == line, "{yaml}{mistake}");
        assert!(mistake.sentence.contains(word), "{yaml}{mistake}");
    }
}

#[test]
fn the_same_name_read_twice_is_one_rule() {
    let id = |_| Playbook::parse("name: same\ndetect: {pod_status: x}\n").unwrap().rule;
    assert!(std::ptr::eq(id(0), id(1)));
}
