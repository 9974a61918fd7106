//! How long the rules take over ten thousand pods: all well, some broken, all broken, all of one workload. The whole, and what one
//! changed object costs where the rest is known. Prints figures and fails on none: compare them in one run on one machine.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_precision_loss, reason = "a benchmark prints what it measured")]
use kopilot_tui::diagnose::{self, Diagnosis, Question};
use kopilot_tui::model::snapshot::{Cache, KINDS};
use kopilot_tui::model::{Change, Extra, Link, Report, Seen, Timestamp};
use kopilot_tui::text::Redactor;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PODS: usize = 10_000;
/// Each measurement takes the best of so many runs: the machine's other work only ever adds.
const RUNS: usize = 5;
/// Changes of each sort, of which the middle and the worst are printed.
const CHANGES: usize = 100;
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

fn now() -> Timestamp {
    "2026-01-02T00:00:00Z".parse().unwrap()
}

/// A watched cluster, and what of it changes.
struct Cluster {
    cache: Cache,
    pods: Vec<Value>,
    deployments: Vec<Value>,
    events: Vec<Value>,
}

impl Cluster {
    fn see(&mut self, object: &Value) {
        let kind = KINDS.iter().map(|k| k.kind).find(|k| object["kind"] == **k).unwrap();
        self.cache.seen(Seen::Objects(kind, vec![Change::Upsert(object.clone())]));
    }
    fn put(&mut self, mut object: Value) {
        if object["metadata"]["uid"].is_null() {
            object["metadata"]["uid"] = object["metadata"]["name"].clone();
        }
        self.see(&object);
        match object["kind"].as_str().unwrap() {
            "Pod" => self.pods.push(object),
            "Deployment" => self.deployments.push(object),
            "Event" => self.events.push(object),
            _ => {}
        }
    }
}

/// Ten thousand pods of so many deployments in so many namespaces, each deployment with its service; every `nth` pod is broken.
fn cluster(deployments: usize, namespaces: usize, nth: usize) -> Cluster {
    let mut b = Cluster { cache: Cache::default(), pods: Vec::new(), deployments: Vec::new(), events: Vec::new() };
    let each = PODS / deployments;
    for n in 0..100 {
        b.put(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("n{n}"), "uid": format!("n{n}")},
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
        b.put(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(&app), "spec": spec, "status": status}));
        let mut owned = meta(&set);
        owned["ownerReferences"] = json!([{"kind": "Deployment", "name": app, "uid": app, "controller": true}]);
        b.put(json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": owned, "spec": spec, "status": status}));
        b.put(json!({"apiVersion": "v1", "kind": "Service", "metadata": meta(&app), "spec": {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8080}]}}));
        for i in 0..each {
            let name = format!("{app}-h-{i}");
            let broken = (d * each + i).is_multiple_of(nth);
            b.put(pod(&name, &set, &app, &namespace, (d * each + i) % 100, broken));
            if broken {
                b.put(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{name}.e"), "namespace": namespace, "creationTimestamp": MADE},
                    "type": "Warning", "reason": "BackOff", "message": "Back-off restarting failed container", "count": 9, "lastTimestamp": "2026-01-01T23:59:00Z",
                    "involvedObject": {"kind": "Pod", "namespace": namespace, "name": name, "uid": name}}));
            }
        }
    }
    for kind in KINDS {
        b.cache.seen(Seen::Link(kind.kind, Link::Live));
    }
    b.cache.at(now());
    b
}

/// Time that this thread spent on a processor, where the system tells; else on the clock. Giving way first makes the system
/// count up to now.
fn spent() -> Duration {
    static BEGUN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|t| t.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// What one object costs that changes in one way: the middle and the worst of many.
fn each(what: &str, c: &mut Cluster, diagnosis: &mut Diagnosis, last: &mut Report, question: &Question, mut change: impl FnMut(usize, &mut Cluster)) {
    let mut took: Vec<f64> = Vec::new();
    for i in 0..CHANGES {
        change(i, c);
        c.cache.at(now());
        let start = spent();
        let changes = c.cache.changes();
        diagnosis.look(c.cache.snapshot(), &changes);
        let report = diagnosis.report(c.cache.snapshot(), question, None);
        let news = report != *last;
        if news {
            *last = report;
        }
        took.push(spent().saturating_sub(start).as_secs_f64() * 1e6);
    }
    took.sort_by(f64::total_cmp);
    println!("    {what:<60} {:>8.0} µs  worst {:>8.0} µs", took[took.len() / 2], took[took.len() - 1]);
}

fn measure(what: &str, mut c: Cluster, include: &[Extra]) {
    let redactor = Redactor::new([3; 32]);
    let question = Question { include: include.to_vec(), ..Question::default() };
    let mut best = Duration::MAX;
    let mut findings = 0;
    for _ in 0..RUNS {
        let start = spent();
        findings = diagnose::report(c.cache.snapshot(), &question, &redactor).findings.len();
        best = best.min(spent().saturating_sub(start));
    }
    println!("{what:<64} {:>8.1} ms   {findings} findings", best.as_secs_f64() * 1e3);
    let mut diagnosis = Diagnosis::new(redactor.clone());
    let changes = c.cache.changes();
    diagnosis.look(c.cache.snapshot(), &changes);
    let mut last = diagnosis.report(c.cache.snapshot(), &question, None);
    let at = |i: usize| i * 97 % PODS;
    each("a pod restarts once more", &mut c, &mut diagnosis, &mut last, &question, |i, c| {
        let mut pod = c.pods[at(i)].clone();
        pod["status"]["containerStatuses"][0]["restartCount"] = json!(8 + i);
        c.see(&pod);
    });
    each("a pod that was well fails, or one that failed is well", &mut c, &mut diagnosis, &mut last, &question, |i, c| {
        let mut pod = c.pods[at(i)].clone();
        let state = &mut pod["status"]["containerStatuses"][0];
        let well = state["ready"] == true;
        let other = self::pod("", "", "", "", 0, well);
        *state = other["status"]["containerStatuses"][0].clone();
        pod["status"]["conditions"] = other["status"]["conditions"].clone();
        c.see(&pod);
    });
    each("a pod goes", &mut c, &mut diagnosis, &mut last, &question, |i, c| {
        let uid = c.pods[at(i)]["metadata"]["uid"].as_str().unwrap().to_owned();
        c.cache.seen(Seen::Objects("Pod", vec![Change::Gone(kopilot_tui::text::Clean::line(&uid))]));
    });
    each("a deployment's status changes", &mut c, &mut diagnosis, &mut last, &question, |i, c| {
        let mut deployment = c.deployments[i % c.deployments.len()].clone();
        deployment["status"]["availableReplicas"] = json!(i % 5);
        c.see(&deployment);
    });
    each("an event comes again", &mut c, &mut diagnosis, &mut last, &question, |i, c| {
        let Some(mut event) = c.events.get(i * 97 % c.events.len().max(1)).cloned() else { return };
        event["count"] = json!(10 + i);
        c.see(&event);
    });
    assert!(diagnose::report(c.cache.snapshot(), &question, &redactor) == last, "it says something else than a look at everything");
}

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    measure("10,000 pods, 1,000 deployments, all well", cluster(1000, 20, usize::MAX), &[]);
    measure("10,000 pods, 1,000 deployments, one pod in 100 broken", cluster(1000, 20, 100), &[]);
    measure("10,000 pods, 2,000 deployments, all broken", cluster(2000, 20, 1), &[]);
    measure("10,000 pods, 2,000 deployments in one namespace, all broken", cluster(2000, 1, 1), &[]);
    measure("10,000 pods of one deployment, all broken", cluster(1, 1, 1), &[]);
    measure("10,000 pods, 1,000 deployments, all well, every extra", cluster(1000, 20, usize::MAX), Extra::ALL);
}
