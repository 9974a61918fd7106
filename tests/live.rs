//! The problems of a scope as they come and go: the engine on the embedded cluster, whose objects somebody changes. Every
//! fault of the scenario leaves when it is mended through the API and comes again when it is made again; how long that took is
//! printed, and no time is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::demo::serve::{From, Options, Served, serve};
use kopilot_tui::diagnose::playbook::Playbook;
use kopilot_tui::model::{Change, Epoch, Extra, Report, Role, Severity, Update};
use kopilot_tui::runtime::clock::Clocks;
use kopilot_tui::runtime::engine::Engine;
use kopilot_tui::runtime::{Session, session};
use kopilot_tui::store::config::{self, Flags};
use kopilot_tui::text::Clean;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;

#[allow(dead_code, reason = "other tests use the rest")]
mod demo_client;
use demo_client::Client;

const EPOCH: Epoch = Epoch(1);
/// Far above what any wait here takes; reached only when what is waited for never comes.
const BOUND: Duration = Duration::from_mins(3);

/// A running cluster, and the engine that looks at it.
struct Live {
    engine: Engine,
    events: Receiver<Event>,
    admin: Client,
    last: Option<Report>,
    /// When the cluster last said something about a workload, by its name.
    heard: BTreeMap<&'static str, Instant>,
    _served: Served,
    _home: tempfile::TempDir,
}

impl Live {
    /// The scenario, watched in one namespace or all.
    async fn start(namespace: Option<&str>, playbooks: &[&str]) -> Self {
        let clocks = Clocks::wall(None);
        let served = serve(&Options { port: 0, still: false, from: From::Scenario("shop".into()), pods: 0, churn: 0 }, clocks.cluster.clone()).await.unwrap();
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let path = home.path().join("kubeconfig");
        std::fs::write(&path, &served.kubeconfig).unwrap();
        let folder = home.path().to_str().unwrap().to_owned();
        let config = config::load(&|name| (name == "HOME").then(|| folder.clone()), &Flags::default(), &["default"]).unwrap();
        let session = Session::new(config, Role::Readonly, session::kubeconfig(Some(path)), clocks).unwrap();
        let session = Session { playbooks: playbooks.iter().map(|text| Playbook::parse(text).unwrap()).collect(), ..session };
        let (mut engine, events) = Engine::new(session);
        engine.perform(Effect::Connect { epoch: EPOCH, context: None });
        engine.perform(Effect::Watch { epoch: EPOCH, namespace: namespace.map(Clean::line) });
        let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
        Self { engine, events, admin, last: None, heard: BTreeMap::new(), _served: served, _home: home }
    }

    /// The next report.
    async fn next(&mut self) -> &Report {
        loop {
            match self.events.recv().await.expect("the engine runs") {
                Event::Problems(EPOCH, report) => return self.last.insert(*report),
                Event::Watch(_, update) => self.hear(&update),
                _ => {}
            }
        }
    }

    fn hear(&mut self, update: &Update) {
        let names: Vec<String> = match update {
            Update::Pods(changes) => changes.iter().filter_map(|c| if let Change::Upsert(p) = c { Some(p.meta.name.to_string()) } else { None }).collect(),
            Update::Events(changes) => changes.iter().filter_map(|c| if let Change::Upsert(e) = c { Some(e.about.name.clone()) } else { None }).collect(),
            Update::Link(..) => Vec::new(),
        };
        for fault in FAULTS {
            if names.iter().any(|n| n.contains(fault.name)) {
                self.heard.insert(fault.name, Instant::now());
            }
        }
    }

    /// The first report that is as wanted; the last one may be it.
    async fn until(&mut self, what: &str, wanted: impl Fn(&Report) -> bool) -> Report {
        let found = tokio::time::timeout(BOUND, async {
            while !self.last.as_ref().is_some_and(&wanted) {
                self.next().await;
            }
        });
        let found = found.await.is_ok();
        let last = self.last.clone();
        assert!(found, "{what}: never; last {last:#?}");
        last.unwrap()
    }

    /// Waits until each of the faults is found, or none is; prints how long each took.
    async fn each(&mut self, found: bool, since: Instant) {
        let mut waiting: Vec<&Fault> = FAULTS.iter().collect();
        let word = if found { "found" } else { "left" };
        let end = tokio::time::Instant::now() + BOUND;
        while !waiting.is_empty() {
            let names: Vec<&str> = waiting.iter().map(|f| f.what).collect();
            let next = tokio::time::timeout_at(end, self.next()).await;
            let report = next.unwrap_or_else(|_| panic!("never {word}: {names:?}")).clone();
            let now = Instant::now();
            waiting.retain(|fault| {
                let done = fault.is_in(&report) == found;
                if done {
                    let heard = self.heard.get(fault.name).copied().unwrap_or(since).max(since);
                    println!("{word} {:>6.2} s after the change, {:>5.2} s after the cluster's last word: {}", (now - since).as_secs_f64(), (now - heard).as_secs_f64(), fault.what);
                }
                !done
            });
        }
    }

    async fn write(&self, write: &Write) {
        let Write { method, path, body } = write;
        let kind = if *method == "PATCH" { "application/json-patch+json" } else { "application/json" };
        let body = (!body.is_null()).then(|| body.to_string());
        let answer = self.admin.send(method, path, &[("content-type", kind)], body.as_deref()).await;
        assert!((200..300).contains(&answer.code), "{method} {path}: {}", answer.text);
    }
}

/// A request to the API.
struct Write {
    method: &'static str,
    path: String,
    body: Value,
}

fn set(path: &str, field: &str, value: Value) -> Write {
    Write { method: "PATCH", path: path.to_owned(), body: json!([{"op": "replace", "path": field, "value": value}]) }
}

/// Something broken of the scenario: what the finding that names it holds, and what mends and breaks it.
struct Fault {
    what: &'static str,
    /// The workload's name.
    name: &'static str,
    rule: &'static str,
    writes: fn(bool) -> Vec<Write>,
}

impl Fault {
    fn is_in(&self, report: &Report) -> bool {
        report.findings.iter().any(|f| f.rule == self.rule && f.object.name.contains(self.name))
    }
}

const SHOP: &str = "/apis/apps/v1/namespaces/shop/deployments";
const PAYMENTS: &str = "/apis/apps/v1/namespaces/payments/deployments";
const DATA: &str = "/apis/apps/v1/namespaces/data";
const FIRST: &str = "/spec/template/spec/containers/0";

fn container(path: String, field: &str, value: Value) -> Vec<Write> {
    vec![set(&path, &format!("{FIRST}/{field}"), value)]
}

const FAULTS: &[Fault] = &[
    Fault {
        what: "an environment variable was renamed",
        name: "api",
        rule: "pod/missing-env",
        writes: |mend| container(format!("{SHOP}/api"), "env/0/name", json!(if mend { "DB_HOST" } else { "DB_HOSTNAME" })),
    },
    Fault {
        what: "a ConfigMap lacks a key",
        name: "invoices",
        rule: "pod/missing-configmap-key",
        writes: |mend| container(format!("{PAYMENTS}/invoices"), "env/0/valueFrom/configMapKeyRef/key", json!(if mend { "smtp-host" } else { "smtp_host" })),
    },
    Fault {
        what: "an image tag does not exist",
        name: "search",
        rule: "pod/image-missing",
        writes: |mend| container(format!("{SHOP}/search"), "image", json!(format!("registry.shop.example/search:{}", if mend { "2.8.1" } else { "2.9.0" }))),
    },
    Fault {
        what: "the memory limit is too small",
        name: "worker",
        rule: "pod/oom-killed",
        writes: |mend| container(format!("{DATA}/deployments/worker"), "resources/limits/memory", json!(if mend { "128Mi" } else { "64Mi" })),
    },
    Fault {
        what: "a storage class does not exist",
        name: "reports-db",
        rule: "claim/missing-class",
        writes: |mend| {
            let classes = "/apis/storage.k8s.io/v1/storageclasses";
            let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast-ssd"}, "provisioner": "csi.shop.example"});
            if mend {
                return vec![Write { method: "POST", path: classes.into(), body: class }];
            }
            let gone = Write { method: "DELETE", path: format!("{classes}/fast-ssd"), body: Value::Null };
            // what is bound stays bound: one more replica asks anew
            vec![gone, set(&format!("{DATA}/statefulsets/reports-db"), "/spec/replicas", json!(2))]
        },
    },
    Fault {
        what: "a Service selects nothing",
        name: "cart",
        rule: "service/selects-nothing",
        writes: |mend| vec![set("/api/v1/namespaces/shop/services/cart", "/spec/selector/app", json!(if mend { "cart" } else { "carts" }))],
    },
    Fault {
        what: "a readiness probe asks the wrong port",
        name: "fraud",
        rule: "pod/readiness-probe",
        writes: |mend| container(format!("{PAYMENTS}/fraud"), "readinessProbe/httpGet/port", json!(if mend { 8080 } else { 8081 })),
    },
    Fault {
        what: "a quota blocks a rollout",
        name: "ledger",
        rule: "admission/quota",
        writes: |mend| {
            let memory = if mend { "192Mi" } else { "256Mi" };
            container(format!("{PAYMENTS}/ledger"), "resources", json!({"requests": {"cpu": "50m", "memory": memory}, "limits": {"memory": memory}}))
        },
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_the_scenario_leaves_when_it_is_mended_and_comes_when_it_is_made() {
    let mut live = Live::start(None, &[]).await;
    let begun = Instant::now();
    let first = live.until("all faults", |r| r.complete && FAULTS.iter().all(|f| f.is_in(r))).await;
    println!("all {} found {:.2} s after the first connection", FAULTS.len(), begun.elapsed().as_secs_f64());
    let loud: Vec<&str> = first.findings.iter().filter(|f| f.severity > Severity::Info).map(|f| f.title.as_str()).collect();
    assert_eq!(loud.len(), FAULTS.len(), "each once, and nothing else: {loud:#?}");
    for mend in [true, false] {
        let since = Instant::now();
        for fault in FAULTS {
            for write in (fault.writes)(mend) {
                live.write(&write).await;
            }
        }
        live.each(!mend, since).await;
    }
    live.engine.end(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_that_no_pod_and_no_event_tells_of_comes_and_goes_with_its_service() {
    let mut live = Live::start(Some("shop"), &[]).await;
    let cart = FAULTS.iter().find(|f| f.name == "cart").unwrap();
    let first = live.until("a complete report", |r| r.complete && cart.is_in(r)).await;
    assert!(first.findings.iter().any(|f| f.title.contains("DB_HOST is not set")), "its logs were read: {first:#?}");
    for mend in [true, false] {
        live.write(&(cart.writes)(mend)[0]).await;
        live.until("the service changed", |r| cart.is_in(r) != mend).await;
    }
    live.engine.end(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn families_come_when_they_are_asked_for_and_go_with_the_wish() {
    let mut live = Live::start(Some("shop"), &[]).await;
    live.until("a report", |r| r.complete).await;
    let of = |r: &Report, family: Extra| r.findings.iter().any(|f| Extra::of(f.rule) == Some(family));
    for include in [vec![Extra::Security], Extra::ALL.to_vec(), Vec::new()] {
        live.engine.perform(Effect::Include(include.clone()));
        let report = live.until("the families that are wanted", |r| r.include == include).await;
        let found: Vec<Extra> = Extra::ALL.iter().copied().filter(|e| of(&report, *e)).collect();
        assert_eq!(found, include, "each speaks, and only those");
        assert!(report.complete, "metrics and roles were read too: {:?}", report.denied);
    }
    // another scope goes on with the same wish
    live.engine.perform(Effect::Include(vec![Extra::Hygiene]));
    live.engine.perform(Effect::Watch { epoch: EPOCH, namespace: Some(Clean::line("data")) });
    live.until("hygiene of data", |r| r.scope.as_str() == "namespace data" && of(r, Extra::Hygiene)).await;
    live.engine.end(Duration::ZERO).await;
}

/// An event as a controller of the team's own would write it.
fn event(name: &str, count: u32, first: &str, last: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "shop"}, "type": "Warning", "reason": "OutOfStock",
        "message": "no more of it", "count": count, "involvedObject": {"kind": "Shelf", "namespace": "shop", "name": name, "uid": name},
        "firstTimestamp": first, "lastTimestamp": last, "source": {"component": "shelves"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_and_a_playbooks_debounce_count_what_happens_and_never_what_is_told_again() {
    let book = "name: shelf-empty\nseverity: error\ndetect:\n  kind: Shelf\n  event_reason: OutOfStock\n  debounce: {count: 4, seconds: 300}\nsays: is empty\nsteps:\n- run: get pods -n {namespace}\n";
    let mut live = Live::start(Some("shop"), &[book]).await;
    live.until("a report", |r| r.complete).await;
    let events = "/api/v1/namespaces/shop/events";
    let now = jiff::Timestamp::now();
    let ago = |seconds: i64| now.checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let post = async |live: &Live, name: &str, count, first: i64, last: i64| {
        live.write(&Write { method: "POST", path: events.into(), body: event(name, count, &ago(first), &ago(last)) }).await;
    };
    // an old one with a great count, and one that happened three times just now: the second alone is a burst
    post(&live, "old", 50, 3_000, 5).await;
    post(&live, "fresh", 3, 60, 5).await;
    let burst = |r: &Report, name: &str| r.findings.iter().any(|f| f.rule == "events/burst" && f.object.name == name);
    let known = |r: &Report, name: &str| r.findings.iter().any(|f| f.rule == "playbook/shelf-empty" && f.object.name == name);
    let report = live.until("a burst", |r| burst(r, "fresh")).await;
    assert!(!burst(&report, "old") && !known(&report, "old") && !known(&report, "fresh"), "{report:#?}");
    // a watch that begins anew is told all of it again
    live.engine.perform(Effect::Watch { epoch: EPOCH, namespace: Some(Clean::line("shop")) });
    live.last = None;
    let report = live.until("the same burst", |r| r.complete && burst(r, "fresh")).await;
    assert!(!burst(&report, "old") && !known(&report, "old"), "{report:#?}");
    // the old one happens thrice more: with its last one before that, the playbook's four in five minutes
    for (count, last) in [(51, 3), (53, 1)] {
        let body = json!([{"op": "replace", "path": "/count", "value": count}, {"op": "replace", "path": "/lastTimestamp", "value": ago(last)}]);
        live.write(&Write { method: "PATCH", path: format!("{events}/old"), body }).await;
    }
    let report = live.until("the playbook", |r| known(r, "old")).await;
    assert!(!burst(&report, "old"), "a playbook explains it: {report:#?}");
    let finding = report.findings.iter().find(|f| f.rule == "playbook/shelf-empty").unwrap();
    assert_eq!((finding.severity, finding.next[0].as_str()), (Severity::Error, "get pods -n shop"));
    live.engine.end(Duration::ZERO).await;
}
