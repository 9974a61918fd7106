//! How long the rules take over ten thousand pods: all well, some broken, all broken, all of one workload. Prints figures and fails on
//! none: compare them in one run on one machine.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss, reason = "a benchmark prints what it measured")]
use kopilot_tui::diagnose::{self, Question};
use kopilot_tui::model::snapshot::{Builder, Coverage, KINDS};
use kopilot_tui::model::{Extra, Snapshot, Timestamp};
use kopilot_tui::text::Redactor;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PODS: usize = 10_000;
/// Each measurement takes the best of so many runs: the machine's other work only ever adds.
const RUNS: usize = 5;
const MADE: &str = "2026-01-01T22:00:00Z";

fn pod(name: &str, set: &str, app: &str, namespace: &str, node: usize, broken: bool) -> Value {
    let state = if broken {
        json!({"name": "main", "ready": false, "restartCount": 7, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "2026-01-01T23:58:00Z", "finishedAt": "2026-01-01T23:59:00Z"}}})
    } else {
        json!({"name": "main", "ready": true, "started": true, "restartCount": 0, "state": {"running": {"startedAt": MADE}}})
    };
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "uid": name, "creationTimestamp": MADE, "labels": {"app": app, "pod-template-hash": "h", "tier": "web"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": set, "uid": set, "controller": true}]},
        "spec": {"nodeName": format!("n{node}"), "restartPolicy": "Always", "containers": [{"name": "main", "image": format!("r/{app}:1"), "ports": [{"containerPort": 8080}]}]},
        "status": {"phase": "Running", "startTime": MADE, "conditions": [{"type": "Ready", "status": if broken { "False" } else { "True" }, "reason": "x"}], "containerStatuses": [state]}})
}

/// Ten thousand pods of so many deployments in so many namespaces, each deployment with its service; every `nth` pod is broken.
fn cluster(deployments: usize, namespaces: usize, nth: usize) -> Snapshot {
    let mut b = Builder::new("2026-01-02T00:00:00Z".parse::<Timestamp>().unwrap());
    let each = PODS / deployments;
    for n in 0..100 {
        b.object(&json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("n{n}"), "uid": format!("n{n}")},
            "status": {"conditions": [{"type": "Ready", "status": "True"}], "allocatable": {"cpu": "64", "memory": "256Gi", "pods": "250"}}}));
    }
    for d in 0..deployments {
        let (app, namespace) = (format!("app-{d}"), format!("ns-{}", d % namespaces));
        let set = format!("{app}-h");
        let meta = |name: &str| json!({"name": name, "namespace": namespace, "uid": name, "creationTimestamp": MADE});
        let template = json!({"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "main", "image": format!("r/{app}:1")}]}});
        let spec = json!({"replicas": each, "selector": {"matchLabels": {"app": app}}, "template": template});
        let broken = (0..each).filter(|i| (d * each + i).is_multiple_of(nth)).count();
        let status = json!({"replicas": each, "updatedReplicas": each, "readyReplicas": each - broken, "availableReplicas": each - broken});
        b.object(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(&app), "spec": spec, "status": status}));
        let mut owned = meta(&set);
        owned["ownerReferences"] = json!([{"kind": "Deployment", "name": app, "uid": app, "controller": true}]);
        b.object(&json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": owned, "spec": spec, "status": status}));
        b.object(&json!({"apiVersion": "v1", "kind": "Service", "metadata": meta(&app), "spec": {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8080}]}}));
        for i in 0..each {
            let name = format!("{app}-h-{i}");
            let broken = (d * each + i).is_multiple_of(nth);
            b.object(&pod(&name, &set, &app, &namespace, (d * each + i) % 100, broken));
            if broken {
                b.object(&json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{name}.e"), "namespace": namespace, "creationTimestamp": MADE},
                    "type": "Warning", "reason": "BackOff", "message": "Back-off restarting failed container", "count": 9, "lastTimestamp": "2026-01-01T23:59:00Z",
                    "involvedObject": {"kind": "Pod", "namespace": namespace, "name": name, "uid": name}}));
            }
        }
    }
    for kind in KINDS {
        b.coverage(kind.kind, Coverage::Whole);
    }
    b.finish()
}

fn measure(what: &str, snapshot: &Snapshot, include: &[Extra]) {
    let redactor = Redactor::new([3; 32]);
    let question = Question { include: include.to_vec(), ..Question::default() };
    let mut best = Duration::MAX;
    let mut findings = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        findings = diagnose::report(snapshot, &question, &redactor).findings.len();
        best = best.min(start.elapsed());
    }
    println!("{what:<64} {:>8.1} ms   {findings} findings", best.as_secs_f64() * 1e3);
}

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    measure("10,000 pods, 1,000 deployments, all well", &cluster(1000, 20, usize::MAX), &[]);
    measure("10,000 pods, 1,000 deployments, one pod in 100 broken", &cluster(1000, 20, 100), &[]);
    measure("10,000 pods, 2,000 deployments, all broken", &cluster(2000, 20, 1), &[]);
    measure("10,000 pods, 2,000 deployments in one namespace, all broken", &cluster(2000, 1, 1), &[]);
    measure("10,000 pods of one deployment, all broken", &cluster(1, 1, 1), &[]);
    measure("10,000 pods, 1,000 deployments, all well, every extra", &cluster(1000, 20, usize::MAX), Extra::ALL);
}
