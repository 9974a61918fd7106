//! The embedded cluster's simulation, stepped with an injected clock: rollouts, the eight faults of the scenario and what
//! heals them, back-off, events, and that it acts on what changed and on nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
use kopilot_tui::demo::scenario;
use kopilot_tui::demo::sim::Sim;
use kopilot_tui::demo::sim::json::{View, condition, is_true, later};
use kopilot_tui::demo::store::{Key, Store};
use kopilot_tui::model::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

fn now() -> Timestamp {
    "2026-11-21T12:34:00Z".parse().unwrap()
}

fn shop() -> (Store, Sim) {
    let store = Store::new();
    scenario::load_named("shop", &store, now()).unwrap();
    let mut sim = Sim::new(store.clone());
    sim.step(now());
    (store, sim)
}

fn get(store: &Store, resource: &str, namespace: &str, name: &str) -> Arc<Value> {
    store.get(&Key::new(resource, namespace, name)).unwrap_or_else(|| panic!("{resource} {namespace}/{name} is not there"))
}

/// A client's write: a changed spec has the next generation.
fn write(store: &Store, resource: &str, namespace: &str, name: &str, f: impl FnOnce(&mut Value)) {
    let mut object = (*get(store, resource, namespace, name)).clone();
    let before = object.at("/spec").clone();
    f(&mut object);
    if before != *object.at("/spec") && object.has("/metadata/generation") {
        let generation = object.int("/metadata/generation") + 1;
        object.set("/metadata/generation", json!(generation));
    }
    store.put(&Key::new(resource, namespace, name), object);
}

fn container(object: &mut Value) -> &mut Value {
    object.pointer_mut("/spec/template/spec/containers/0").unwrap()
}

fn pods(store: &Store, namespace: &str, app: &str) -> Vec<Arc<Value>> {
    store.list("pods", Some(namespace)).1.into_iter().map(|(_, p)| p).filter(|p| p.text("/metadata/labels/app") == app).collect()
}

fn all_ready(store: &Store, namespace: &str, app: &str, count: usize) -> bool {
    let pods = pods(store, namespace, app);
    pods.len() == count && pods.iter().all(|p| is_true(p, "Ready") && p.text("/status/phase") == "Running")
}

fn waits_for(store: &Store, namespace: &str, app: &str, reason: &str) -> bool {
    pods(store, namespace, app).iter().any(|p| p.text("/status/containerStatuses/0/state/waiting/reason") == reason)
}

fn event(store: &Store, namespace: &str, reason: &str, about: &str, says: &str) -> Option<Arc<Value>> {
    let matches = |e: &Value| e.text("/reason") == reason && e.text("/involvedObject/name").starts_with(about) && e.text("/message").contains(says);
    store.list("events", Some(namespace)).1.into_iter().map(|(_, e)| e).find(|e| matches(e))
}

fn log(store: &Store, namespace: &str, app: &str) -> (Vec<String>, Option<Vec<String>>) {
    let pod = pods(store, namespace, app)[0].text("/metadata/name").to_owned();
    let log = store.log(&(namespace.into(), pod, app.into())).unwrap();
    let texts = |l: Vec<kopilot_tui::demo::store::LogLine>| l.into_iter().map(|l| l.text).collect();
    (texts(log.current), log.previous.map(texts))
}

fn deployment_says(store: &Store, namespace: &str, name: &str, kind: &str) -> (String, String) {
    let d = get(store, "deployments.apps", namespace, name);
    condition(&d, kind).map(|c| (c.text("/status").to_owned(), c.text("/reason").to_owned())).unwrap_or_default()
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.into(), b.into())
}

/// A fault of the scenario: what shows it, what mends it, and what shows that it is mended.
struct Fault {
    name: &'static str,
    shows: fn(&Store),
    mend: fn(&Store),
    healed: fn(&Store) -> bool,
}

/// What `kubectl rollout undo` sends: the template of the revision before.
fn undo(store: &Store, namespace: &str, name: &str) {
    let sets = store.list("replicasets.apps", Some(namespace)).1;
    let revision = |r: &Value| r.text("/metadata/annotations/deployment.kubernetes.io~1revision").parse::<i64>().unwrap();
    let mut mine: Vec<_> = sets.into_iter().map(|(_, r)| r).filter(|r| r.text("/metadata/ownerReferences/0/name") == name).collect();
    mine.sort_by_key(|r| revision(r));
    let mut template = mine[mine.len() - 2].at("/spec/template").clone();
    template.unset("/metadata/labels/pod-template-hash");
    write(store, "deployments.apps", namespace, name, |d| d.set("/spec/template", template));
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "a renamed variable",
        shows: |s| {
            for p in pods(s, "shop", "api") {
                let c = p.at("/status/containerStatuses/0");
                assert!((13..=15).contains(&c.int("/restartCount")), "{}", c.int("/restartCount"));
                assert_eq!((c.text("/state/waiting/reason"), c.int("/lastState/terminated/exitCode")), ("CrashLoopBackOff", 1));
                assert!(c.text("/state/waiting/message").starts_with("back-off 5m0s restarting failed container=api pod=api-"));
            }
            let (current, previous) = log(s, "shop", "api");
            assert_eq!(current.last().map(String::as_str), Some("DB_HOST is not set"));
            assert_eq!(previous.unwrap().last().map(String::as_str), Some("DB_HOST is not set"));
            assert!(event(s, "shop", "BackOff", "api-", "Back-off restarting failed container api in pod api-").unwrap().int("/count") > 50);
            assert_eq!(deployment_says(s, "shop", "api", "Available"), pair("False", "MinimumReplicasUnavailable"));
            assert_eq!(deployment_says(s, "shop", "api", "Progressing"), pair("False", "ProgressDeadlineExceeded"));
        },
        mend: |s| undo(s, "shop", "api"),
        healed: |s| all_ready(s, "shop", "api", 2) && deployment_says(s, "shop", "api", "Available") == pair("True", "MinimumReplicasAvailable"),
    },
    Fault {
        name: "a missing key",
        shows: |s| {
            assert!(waits_for(s, "payments", "invoices", "CreateContainerConfigError"));
            assert!(event(s, "payments", "Failed", "invoices-", "Error: couldn't find key smtp_host in ConfigMap payments/invoices-config").is_some());
            assert!(get(s, "configmaps", "payments", "invoices-config").at("/data").get("smtp-host").is_some());
            assert_eq!(pods(s, "payments", "invoices")[0].text("/status/phase"), "Pending");
        },
        mend: |s| write(s, "configmaps", "payments", "invoices-config", |c| c.set("/data/smtp_host", json!("mail.shop.example"))),
        healed: |s| all_ready(s, "payments", "invoices", 1),
    },
    Fault {
        name: "an image that does not exist",
        shows: |s| {
            assert!(waits_for(s, "shop", "search", "ImagePullBackOff") || waits_for(s, "shop", "search", "ErrImagePull"));
            let text = "Failed to pull image \"registry.shop.example/search:2.9.0\": rpc error: code = NotFound";
            assert!(event(s, "shop", "Failed", "search-", text).is_some());
            assert_eq!(get(s, "deployments.apps", "shop", "search").int("/status/availableReplicas"), 2, "the old pods stay");
        },
        mend: |s| write(s, "deployments.apps", "shop", "search", |d| container(d).set("/image", json!("registry.shop.example/search:2.9.0-rc1"))),
        healed: |s| all_ready(s, "shop", "search", 2) && get(s, "deployments.apps", "shop", "search").int("/status/updatedReplicas") == 2,
    },
    Fault {
        name: "too little memory",
        shows: |s| {
            let p = &pods(s, "data", "worker")[0];
            let c = p.at("/status/containerStatuses/0");
            let end = if c.has("/lastState/terminated") { c.at("/lastState/terminated") } else { c.at("/state/terminated") };
            assert_eq!((end.text("/reason"), end.int("/exitCode")), ("OOMKilled", 137));
            assert_eq!(p.text("/spec/containers/0/resources/limits/memory"), "64Mi");
        },
        mend: |s| {
            write(s, "deployments.apps", "data", "worker", |d| {
                container(d).set("/resources", json!({"limits": {"memory": "128Mi"}, "requests": {"memory": "128Mi"}}));
            });
        },
        healed: |s| all_ready(s, "data", "worker", 2),
    },
    Fault {
        name: "an unknown storage class",
        shows: |s| {
            let text = "storageclass.storage.k8s.io \"fast-ssd\" not found";
            assert!(event(s, "data", "ProvisioningFailed", "data-reports-db-0", text).unwrap().int("/count") > 50);
            let p = get(s, "pods", "data", "reports-db-0");
            let c = condition(&p, "PodScheduled").unwrap();
            assert_eq!((c.text("/status"), c.text("/reason")), ("False", "Unschedulable"));
            assert_eq!(c.text("/message"), "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found");
            assert!(event(s, "data", "FailedScheduling", "reports-db-0", "unbound immediate").is_some());
            assert_eq!(get(s, "persistentvolumeclaims", "data", "data-reports-db-0").text("/status/phase"), "Pending");
        },
        mend: |s| {
            let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast-ssd"}, "provisioner": "csi.storage.example",
                "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"});
            s.put(&Key::new("storageclasses.storage.k8s.io", "", "fast-ssd"), class);
        },
        healed: |s| all_ready(s, "data", "reports-db", 1) && get(s, "persistentvolumeclaims", "data", "data-reports-db-0").text("/status/phase") == "Bound",
    },
    Fault {
        name: "a selector that matches nothing",
        shows: |s| {
            assert_eq!(get(s, "services", "shop", "cart").text("/spec/selector/app"), "carts");
            assert!(endpoints(s, "shop", "cart").is_empty());
            assert!(all_ready(s, "shop", "cart", 2));
        },
        mend: |s| write(s, "services", "shop", "cart", |v| v.set("/spec/selector", json!({"app": "cart"}))),
        healed: |s| endpoints(s, "shop", "cart").len() == 2 && endpoints(s, "shop", "cart").iter().all(|e| e.flag("/conditions/ready")),
    },
    Fault {
        name: "a probe of the wrong port",
        shows: |s| {
            let p = &pods(s, "payments", "fraud")[0];
            assert_eq!(p.text("/status/phase"), "Running");
            assert!(!is_true(p, "Ready"));
            let ip = p.text("/status/podIP");
            let text = format!("Readiness probe failed: Get \"http://{ip}:8081/healthz\": dial tcp {ip}:8081: connect: connection refused");
            assert!(event(s, "payments", "Unhealthy", p.text("/metadata/name"), &text).unwrap().int("/count") > 50);
            assert!(endpoints(s, "payments", "fraud").iter().all(|e| !e.flag("/conditions/ready")));
        },
        mend: |s| write(s, "deployments.apps", "payments", "fraud", |d| container(d).set("/readinessProbe/httpGet/port", json!(8080))),
        healed: |s| all_ready(s, "payments", "fraud", 2) && endpoints(s, "payments", "fraud").iter().all(|e| e.flag("/conditions/ready")),
    },
    Fault {
        name: "a quota that blocks a rollout",
        shows: |s| {
            assert_eq!(deployment_says(s, "payments", "ledger", "ReplicaFailure"), pair("True", "FailedCreate"));
            let text = "is forbidden: exceeded quota: payments-quota, requested: limits.memory=256Mi, used: limits.memory=800Mi, limited: limits.memory=1Gi";
            assert!(event(s, "payments", "FailedCreate", "ledger-", "(combined from similar events): Error creating: pods \"ledger-").is_some());
            assert!(event(s, "payments", "FailedCreate", "ledger-", text).is_some());
            assert_eq!(get(s, "resourcequotas", "payments", "payments-quota").text("/status/used/limits.memory"), "800Mi");
            assert!(all_ready(s, "payments", "ledger", 3), "the old pods stay");
        },
        mend: |s| write(s, "resourcequotas", "payments", "payments-quota", |q| q.set("/spec/hard/limits.memory", json!("2Gi"))),
        healed: |s| all_ready(s, "payments", "ledger", 3) && get(s, "deployments.apps", "payments", "ledger").int("/status/updatedReplicas") == 3,
    },
];

fn endpoints(store: &Store, namespace: &str, service: &str) -> Vec<Value> {
    let slices = store.list("endpointslices.discovery.k8s.io", Some(namespace)).1;
    let mine: Vec<_> = slices.into_iter().filter(|(_, s)| s.text("/metadata/labels/kubernetes.io~1service-name") == service).collect();
    assert_eq!(mine.len(), 1, "{service} has one slice");
    mine[0].1.list("/endpoints").to_vec()
}

#[test]
fn every_fault_of_the_shop_shows_itself_as_a_real_cluster_shows_it_and_the_rest_is_healthy() {
    let (store, _) = shop();
    for fault in FAULTS {
        (fault.shows)(&store);
        assert!(!(fault.healed)(&store), "{} is there", fault.name);
    }
    let broken = ["api", "invoices", "search", "worker", "reports-db", "fraud"];
    let all = store.list("pods", None).1;
    assert!((38..=44).contains(&all.len()), "{} pods", all.len());
    for (key, pod) in all {
        let app = pod.text("/metadata/labels/app");
        let done = pod.text("/status/phase") == "Succeeded";
        assert!(broken.contains(&app) || done || is_true(&pod, "Ready"), "{} is healthy", key.name);
    }
    assert_eq!(store.list("nodes", None).1.len(), 3);
    assert_eq!(store.list("namespaces", None).1.len(), 8);
}

#[test]
fn every_fault_heals_by_its_obvious_change_as_time_goes_by() {
    let (store, mut sim) = shop();
    for fault in FAULTS {
        (fault.mend)(&store);
    }
    sim.step(now());
    sim.step(later(now(), 240));
    for fault in FAULTS {
        assert!((fault.healed)(&store), "{} is mended", fault.name);
    }
}

#[test]
fn every_fault_heals_by_its_obvious_change_while_the_clock_stands() {
    let (store, mut sim) = shop();
    for fault in FAULTS {
        (fault.mend)(&store);
        sim.settle(now());
        assert!((fault.healed)(&store), "{} is mended", fault.name);
        for (key, object) in store.list("pods", None).1 {
            assert!(object.time("/metadata/creationTimestamp").unwrap() <= now(), "{} is not from the future", key.name);
        }
    }
}

#[test]
fn settling_and_starting_over_leave_alone_what_nobody_touched() {
    let (store, mut sim) = shop();
    let before = store.version();
    Sim::new(store.clone()).step(now());
    Sim::new(store.clone()).settle(now());
    assert_eq!(store.version(), before, "{:?}", store.since(before).unwrap().iter().map(|c| &c.key).collect::<Vec<_>>());
    sim.settle(now());
    assert_eq!(store.version(), before);
    write(&store, "services", "shop", "cart", |v| v.set("/spec/selector", json!({"app": "cart"})));
    let api = pods(&store, "shop", "api");
    sim.settle(now());
    assert_eq!(pods(&store, "shop", "api"), api);
}

#[test]
fn settling_brings_what_breaks_into_its_back_off() {
    let (store, mut sim) = shop();
    write(&store, "deployments.apps", "shop", "web", |d| container(d).set("/command", json!(["sh", "-c", "echo no; exit 3"])));
    write(&store, "deployments.apps", "shop", "catalog", |d| container(d).set("/image", json!("registry.shop.example/catalog:9")));
    sim.settle(now());
    let fresh: Vec<_> = pods(&store, "shop", "web").into_iter().filter(|p| p.has("/spec/containers/0/command")).collect();
    assert!(!fresh.is_empty());
    for p in fresh {
        let c = p.at("/status/containerStatuses/0");
        assert_eq!((c.text("/state/waiting/reason"), c.int("/restartCount"), c.int("/lastState/terminated/exitCode")), ("CrashLoopBackOff", 1, 3));
        let log = store.log(&("shop".into(), p.text("/metadata/name").into(), "web".into())).unwrap();
        assert_eq!(log.current[0].text, "no");
        assert_eq!(log.previous.unwrap()[0].text, "no");
    }
    assert!(waits_for(&store, "shop", "catalog", "ImagePullBackOff"));
}

#[test]
fn undo_takes_the_old_replica_set_with_the_next_revision() {
    let (store, mut sim) = shop();
    let revision = |o: &Value| o.text("/metadata/annotations/deployment.kubernetes.io~1revision").to_owned();
    undo(&store, "shop", "api");
    sim.settle(now());
    let sets: Vec<_> = store.list("replicasets.apps", Some("shop")).1.into_iter().filter(|(k, _)| k.name.starts_with("api-")).collect();
    assert_eq!(sets.len(), 2, "no third one was made");
    let active = sets.iter().find(|(_, r)| r.int("/spec/replicas") == 2).unwrap();
    assert_eq!((revision(&active.1), revision(&get(&store, "deployments.apps", "shop", "api"))), ("3".into(), "3".into()));
    assert_eq!(active.1.text("/metadata/annotations/deployment.kubernetes.io~1revision-history"), "1");
    assert!(event(&store, "shop", "ScalingReplicaSet", "api", &format!("Scaled up replica set {} from 0 to 2", active.0.name)).is_some());
}

#[test]
fn a_rolling_update_never_has_fewer_or_more_pods_than_it_may() {
    let (store, mut sim) = shop();
    write(&store, "deployments.apps", "shop", "web", |d| {
        d.set("/spec/replicas", json!(6));
        d.set("/spec/strategy/rollingUpdate", json!({"maxSurge": 2, "maxUnavailable": 1}));
    });
    sim.step(now());
    sim.step(later(now(), 60));
    assert!(all_ready(&store, "shop", "web", 6));
    write(&store, "deployments.apps", "shop", "web", |d| container(d).set("/image", json!("registry.shop.example/web:3.2.0")));
    let mut at = later(now(), 60);
    let mut turns = 0;
    loop {
        let next = sim.step(at).unwrap();
        let wanted: i64 =
            store.list("replicasets.apps", Some("shop")).1.iter().filter(|(k, _)| k.name.starts_with("web-")).map(|(_, r)| r.int("/spec/replicas")).sum();
        let usable = pods(&store, "shop", "web").iter().filter(|p| is_true(p, "Ready") && !p.has("/metadata/deletionTimestamp")).count();
        assert!(wanted <= 8 && usable >= 5, "{wanted} wanted, {usable} usable");
        if get(&store, "deployments.apps", "shop", "web").int("/status/updatedReplicas") == 6 && all_ready(&store, "shop", "web", 6) {
            break;
        }
        turns += 1;
        assert!(turns < 100, "the rollout ends");
        at = next;
    }
    assert_eq!(deployment_says(&store, "shop", "web", "Progressing"), pair("True", "NewReplicaSetAvailable"));
    assert!(pods(&store, "shop", "web").iter().all(|p| p.text("/spec/containers/0/image").ends_with(":3.2.0")));
}

#[test]
fn a_restart_rolls_a_pause_holds_and_a_scale_follows() {
    let (store, mut sim) = shop();
    let names = |s: &Store| pods(s, "shop", "catalog").iter().map(|p| p.text("/metadata/name").to_owned()).collect::<Vec<_>>();
    let before = names(&store);
    write(&store, "deployments.apps", "shop", "catalog", |d| d.set("/spec/paused", json!(true)));
    write(&store, "deployments.apps", "shop", "catalog", |d| {
        d.set("/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt", json!("2026-11-21T12:34:00Z"));
    });
    sim.settle(now());
    assert_eq!(names(&store), before);
    assert_eq!(deployment_says(&store, "shop", "catalog", "Progressing"), pair("Unknown", "DeploymentPaused"));
    write(&store, "deployments.apps", "shop", "catalog", |d| d.unset("/spec/paused"));
    sim.settle(now());
    assert!(all_ready(&store, "shop", "catalog", 3));
    assert!(names(&store).iter().all(|n| !before.contains(n)));
    for (size, wording) in [(5, "up"), (1, "down"), (0, "down")] {
        write(&store, "deployments.apps", "shop", "catalog", |d| d.set("/spec/replicas", json!(size)));
        sim.settle(now());
        assert!(all_ready(&store, "shop", "catalog", size));
        assert!(
            event(&store, "shop", "ScalingReplicaSet", "catalog", &format!("Scaled {wording} replica set")).is_some_and(|e| e.text("/message").contains("to"))
        );
        assert_eq!(endpoints(&store, "shop", "catalog").len(), size);
    }
}

#[test]
fn restarts_count_up_with_a_back_off_that_doubles() {
    let store = Store::new();
    scenario::load_named("shop", &store, now()).unwrap();
    let mut sim = Sim::new(store.clone());
    sim.step(now());
    write(&store, "deployments.apps", "shop", "cart", |d| {
        d.set("/spec/replicas", json!(1));
        d.set("/spec/strategy", json!({"type": "Recreate"}));
        container(d).set("/command", json!(["false"]));
    });
    let mut seen = Vec::new();
    let mut at = now();
    while seen.len() < 5 {
        let next = sim.step(at).unwrap();
        for p in pods(&store, "shop", "cart").iter().filter(|p| p.has("/spec/containers/0/command")) {
            let c = p.at("/status/containerStatuses/0");
            let wait = c.text("/state/waiting/message").split_whitespace().nth(1).unwrap_or_default().to_owned();
            let now_seen = (c.int("/restartCount"), wait);
            if c.text("/state/waiting/reason") == "CrashLoopBackOff" && seen.last() != Some(&now_seen) {
                assert_eq!(p.text("/status/phase"), "Running");
                seen.push(now_seen);
            }
        }
        at = next;
        assert!(at < later(now(), 900), "{seen:?}");
    }
    let wanted: Vec<(i64, String)> = [(1, "10s"), (2, "20s"), (3, "40s"), (4, "1m20s"), (5, "2m40s")].map(|(n, s)| (n, s.to_owned())).into();
    assert_eq!(seen, wanted);
}

#[test]
fn events_are_counted_up_and_gone_an_hour_after_they_were_last_seen() {
    let (store, mut sim) = shop();
    let count = |s: &Store| event(s, "shop", "BackOff", "api-", "Back-off").unwrap().int("/count");
    let before = count(&store);
    sim.step(later(now(), 900));
    assert!(count(&store) > before);
    undo(&store, "shop", "api");
    sim.step(later(now(), 900));
    sim.step(later(now(), 1_000));
    assert!(event(&store, "shop", "BackOff", "api-", "Back-off").is_some());
    sim.step(later(now(), 900 + 3_700));
    assert!(event(&store, "shop", "BackOff", "api-", "Back-off").is_none());
    assert!(event(&store, "data", "ProvisioningFailed", "data-reports-db-0", "fast-ssd").is_some(), "what goes on is kept");
}

#[test]
fn nothing_is_due_in_a_healthy_cluster_whose_clock_stands() {
    let (store, mut sim) = shop();
    for fault in FAULTS {
        (fault.mend)(&store);
    }
    sim.step(now());
    sim.step(later(now(), 4_000));
    let at = later(now(), 8_000);
    sim.step(at);
    let (version, visited) = (store.version(), sim.visited());
    let next = sim.step(at).unwrap();
    assert_eq!((store.version(), sim.visited()), (version, visited));
    assert!(next >= later(at, 10), "{next}");
    // Programs talk and metrics move, but no object changes.
    sim.step(later(at, 60));
    assert_eq!(store.version(), version);
}

#[test]
fn a_deleted_pod_stops_goes_and_is_replaced() {
    let (store, mut sim) = shop();
    let old = pods(&store, "shop", "web")[0].text("/metadata/name").to_owned();
    write(&store, "pods", "shop", &old, |p| {
        p.set("/metadata/deletionTimestamp", json!("2026-11-21T12:34:30Z"));
        p.set("/metadata/deletionGracePeriodSeconds", json!(30));
    });
    sim.step(now());
    assert!(event(&store, "shop", "Killing", &old, "Stopping container web").is_some());
    assert!(store.get(&Key::new("pods", "shop", &old)).is_some());
    sim.step(later(now(), 10));
    assert!(store.get(&Key::new("pods", "shop", &old)).is_none());
    assert!(store.log(&("shop".into(), old, "web".into())).is_none());
    assert!(all_ready(&store, "shop", "web", 3));
}

#[test]
fn what_is_owned_goes_with_its_owner_and_a_namespace_with_all_it_holds() {
    let (store, mut sim) = shop();
    store.remove(&Key::new("deployments.apps", "shop", "web"));
    sim.settle(now());
    assert!(pods(&store, "shop", "web").is_empty());
    assert!(store.list("replicasets.apps", Some("shop")).1.iter().all(|(k, _)| !k.name.starts_with("web-")));
    write(&store, "namespaces", "", "payments", |n| n.set("/metadata/deletionTimestamp", json!("2026-11-21T12:34:00Z")));
    sim.settle(now());
    assert!(store.get(&Key::new("namespaces", "", "payments")).is_none());
    for resource in ["pods", "deployments.apps", "replicasets.apps", "configmaps", "events", "endpointslices.discovery.k8s.io"] {
        assert!(store.list(resource, Some("payments")).1.is_empty(), "{resource}");
    }
}

#[test]
fn a_pod_that_fits_nowhere_says_why_and_is_placed_when_there_is_room() {
    let (store, mut sim) = shop();
    write(&store, "deployments.apps", "shop", "cart", |d| {
        container(d).set("/resources", json!({"requests": {"cpu": "3800m"}, "limits": {"memory": "64Mi"}}));
    });
    sim.settle(now());
    let waiting = pods(&store, "shop", "cart").into_iter().find(|p| !p.has("/spec/nodeName")).unwrap();
    let text = "0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.";
    assert_eq!(condition(&waiting, "PodScheduled").unwrap().text("/message"), text);
    assert!(event(&store, "shop", "FailedScheduling", waiting.text("/metadata/name"), text).is_some());
    let node = (*get(&store, "nodes", "", "node-1")).clone();
    let mut bigger = node.clone();
    for (at, value) in [("/metadata/name", "node-4"), ("/status/allocatable/cpu", "16"), ("/spec/podCIDR", "10.244.9.0/24")] {
        bigger.set(at, json!(value));
    }
    bigger.unset("/metadata/uid");
    store.put(&Key::new("nodes", "", "node-4"), bigger);
    sim.settle(now());
    assert!(all_ready(&store, "shop", "cart", 2));
    let proxies = store.list("pods", Some("kube-system")).1.into_iter().filter(|(k, _)| k.name.starts_with("kube-proxy-")).count();
    assert_eq!(proxies, 4, "the daemon set follows the nodes");
}

#[test]
fn a_job_ends_and_one_that_fails_too_often_fails() {
    let (store, mut sim) = shop();
    let job = |name: &str, command: Value| {
        let spec = json!({"backoffLimit": 1, "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox:1", "command": command,
            "resources": {"limits": {"memory": "16Mi"}}}]}}});
        store.put(
            &Key::new("jobs.batch", "shop", name),
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": "shop", "generation": 1}, "spec": spec}),
        );
    };
    job("good", json!(["sh", "-c", "echo done"]));
    job("bad", json!(["sh", "-c", "exit 2"]));
    sim.settle(now());
    assert!(is_true(&get(&store, "jobs.batch", "shop", "good"), "Complete"));
    let bad = get(&store, "jobs.batch", "shop", "bad");
    assert_eq!(condition(&bad, "Failed").map(|c| c.text("/reason")), Some("BackoffLimitExceeded"));
    assert_eq!(bad.int("/status/failed"), 2);
    assert!(event(&store, "shop", "BackoffLimitExceeded", "bad", "Job has reached the specified backoff limit").is_some());
}

#[test]
fn a_large_load_is_at_rest_and_a_change_visits_its_own_few_objects() {
    let store = Store::new();
    scenario::load_named("shop", &store, now()).unwrap();
    scenario::load(&store, 2_000, now());
    let size = get(&store, "pods", "load", &store.list("pods", Some("load")).1[0].0.name).to_string().len();
    assert!((5_000..=7_500).contains(&size), "{size} bytes");
    // There are more nodes than before, which whoever waits for one says.
    Sim::new(store.clone()).step(now());
    let mut sim = Sim::new(store.clone());
    let version = store.version();
    sim.step(now());
    assert_eq!(store.version(), version, "nothing in it was to be done");
    let visited = sim.visited();
    write(&store, "deployments.apps", "shop", "cart", |d| d.set("/spec/replicas", json!(3)));
    sim.settle(now());
    assert!(all_ready(&store, "shop", "cart", 3));
    let own = sim.visited() - visited;
    assert!(own < 2_000, "{own} objects for one pod more");
    let mut counted = Sim::new(store.clone()).with_churn(100);
    counted.step(now());
    let (version, visited) = (store.version(), counted.visited());
    for tenth in 1..=10 {
        counted.step(now().checked_add(jiff::SignedDuration::from_millis(tenth * 100)).unwrap());
    }
    assert_eq!(store.version() - version, 100);
    assert!(counted.visited() - visited < 1_000, "{} objects for 100 updates", counted.visited() - visited);
}
