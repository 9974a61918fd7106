//! The problems of a scope as they come and go: the engine on the embedded cluster, whose objects somebody changes. Every
//! fault of the scenario leaves when it is mended through the API and comes again when it is made again; how long that took is
//! printed, and no time is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]
use kopilot_tui::agent;
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::demo::serve::{From, Options, Served, serve};
use kopilot_tui::model::{Extra, Report, Severity, TurnId};
use kopilot_tui::runtime::clock::Clocks;
use kopilot_tui::text::Clean;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[allow(dead_code, reason = "other tests use the rest")]
mod demo_client;
mod live_scope;
use demo_client::Client;
use live_scope::{EPOCH, Fault, Scope};

/// Far above what any wait here takes; reached only when what is waited for never comes.
const BOUND: Duration = Duration::from_mins(3);

/// A running cluster, and the scope that is watched.
struct Live {
    scope: Scope,
    admin: Client,
    _served: Served,
    _home: tempfile::TempDir,
}

impl Live {
    /// The scenario, watched in one namespace or all.
    async fn start(namespace: Option<&str>, playbooks: &[&str]) -> Self {
        let clock = Clocks::wall(None).cluster;
        let served = serve(&Options { port: 0, still: false, from: From::Scenario("shop".into()), pods: 0, churn: 0 }, clock).await.unwrap();
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let path = home.path().join("kubeconfig");
        std::fs::write(&path, &served.kubeconfig).unwrap();
        let scope = Scope::watch(&path, namespace, playbooks, BOUND);
        let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
        Self { scope, admin, _served: served, _home: home }
    }

    async fn write(&self, write: &Write) {
        let Write { method, path, body } = write;
        let kind = if *method == "PATCH" { "application/json-patch+json" } else { "application/json" };
        let body = (!body.is_null()).then(|| body.to_string());
        let answer = self.admin.send(method, path, &[("content-type", kind)], body.as_deref()).await;
        assert!((200..300).contains(&answer.code), "{method} {path}: {}", answer.text);
    }

    async fn end(self) {
        self.scope.engine.end(Duration::ZERO).await;
    }
}

/// A request to the API.
struct Write {
    method: &'static str,
    path: String,
    body: Value,
}

fn set(path: &str, field: &str, value: &Value) -> Write {
    Write { method: "PATCH", path: path.to_owned(), body: json!([{"op": "replace", "path": field, "value": value}]) }
}

/// What mends a fault of the scenario (`true`), and what breaks it again.
type Writes = fn(bool) -> Vec<Write>;

const SHOP: &str = "/apis/apps/v1/namespaces/shop/deployments";
const PAYMENTS: &str = "/apis/apps/v1/namespaces/payments/deployments";
const DATA: &str = "/apis/apps/v1/namespaces/data";
const FIRST: &str = "/spec/template/spec/containers/0";

fn container(path: &str, field: &str, value: &Value) -> Vec<Write> {
    vec![set(path, &format!("{FIRST}/{field}"), value)]
}

const FAULTS: &[(Fault, Writes)] = &[
    (Fault { what: "an environment variable was renamed", namespace: "shop", name: "api", rules: &["pod/missing-env"] }, |mend| {
        container(&format!("{SHOP}/api"), "env/0/name", &json!(if mend { "DB_HOST" } else { "DB_HOSTNAME" }))
    }),
    (Fault { what: "a ConfigMap lacks a key", namespace: "payments", name: "invoices", rules: &["pod/missing-configmap-key"] }, |mend| {
        container(&format!("{PAYMENTS}/invoices"), "env/0/valueFrom/configMapKeyRef/key", &json!(if mend { "smtp-host" } else { "smtp_host" }))
    }),
    (Fault { what: "an image tag does not exist", namespace: "shop", name: "search", rules: &["pod/image-missing"] }, |mend| {
        container(&format!("{SHOP}/search"), "image", &json!(format!("registry.shop.example/search:{}", if mend { "2.8.1" } else { "2.9.0" })))
    }),
    (Fault { what: "the memory limit is too small", namespace: "data", name: "worker", rules: &["pod/oom-killed"] }, |mend| {
        container(&format!("{DATA}/deployments/worker"), "resources/limits/memory", &json!(if mend { "128Mi" } else { "64Mi" }))
    }),
    (Fault { what: "a storage class does not exist", namespace: "data", name: "reports-db", rules: &["claim/missing-class"] }, |mend| {
        let classes = "/apis/storage.k8s.io/v1/storageclasses";
        let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast-ssd"}, "provisioner": "csi.shop.example"});
        if mend {
            return vec![Write { method: "POST", path: classes.into(), body: class }];
        }
        let gone = Write { method: "DELETE", path: format!("{classes}/fast-ssd"), body: Value::Null };
        // what is bound stays bound: one more replica asks anew
        vec![gone, set(&format!("{DATA}/statefulsets/reports-db"), "/spec/replicas", &json!(2))]
    }),
    (Fault { what: "a Service selects nothing", namespace: "shop", name: "cart", rules: &["service/selects-nothing"] }, |mend| {
        vec![set("/api/v1/namespaces/shop/services/cart", "/spec/selector/app", &json!(if mend { "cart" } else { "carts" }))]
    }),
    (Fault { what: "a readiness probe asks the wrong port", namespace: "payments", name: "fraud", rules: &["pod/readiness-probe"] }, |mend| {
        container(&format!("{PAYMENTS}/fraud"), "readinessProbe/httpGet/port", &json!(if mend { 8080 } else { 8081 }))
    }),
    (Fault { what: "a quota blocks a rollout", namespace: "payments", name: "ledger", rules: &["admission/quota"] }, |mend| {
        let memory = if mend { "192Mi" } else { "256Mi" };
        container(&format!("{PAYMENTS}/ledger"), "resources", &json!({"requests": {"cpu": "50m", "memory": memory}, "limits": {"memory": memory}}))
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_the_scenario_leaves_when_it_is_mended_and_comes_when_it_is_made() {
    let mut live = Live::start(None, &[]).await;
    let begun = Instant::now();
    let first = live.scope.until("all faults", |r| r.complete && FAULTS.iter().all(|(f, _)| f.is_in(r))).await;
    println!("all {} found {:.2} s after the first connection", FAULTS.len(), begun.elapsed().as_secs_f64());
    let loud: Vec<&str> = first.findings.iter().filter(|f| f.severity > Severity::Info).map(|f| f.title.as_str()).collect();
    assert_eq!(loud.len(), FAULTS.len(), "each once, and nothing else: {loud:#?}");
    for mend in [true, false] {
        let since = Instant::now();
        for write in FAULTS.iter().flat_map(|(_, writes)| writes(mend)) {
            live.write(&write).await;
        }
        live.scope.each(FAULTS.iter().map(|(f, _)| *f), !mend, since).await;
    }
    live.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_that_no_pod_and_no_event_tells_of_comes_and_goes_with_its_service() {
    let mut live = Live::start(Some("shop"), &[]).await;
    let (cart, writes) = FAULTS.iter().find(|(f, _)| f.name == "cart").unwrap();
    let first = live.scope.until("a complete report", |r| r.complete && cart.is_in(r)).await;
    assert!(first.findings.iter().any(|f| f.title.contains("DB_HOST is not set")), "its logs were read: {first:#?}");
    for mend in [true, false] {
        live.write(&writes(mend)[0]).await;
        live.scope.until("the service changed", |r| cart.is_in(r) != mend).await;
    }
    live.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn families_come_when_they_are_asked_for_and_go_with_the_wish() {
    let mut live = Live::start(Some("shop"), &[]).await;
    live.scope.until("a report", |r| r.complete).await;
    let of = |r: &Report, family: Extra| r.findings.iter().any(|f| Extra::of(f.rule) == Some(family));
    for include in [vec![Extra::Security], Extra::ALL.to_vec(), Vec::new()] {
        live.scope.engine.perform(Effect::Include(include.clone()));
        let report = live.scope.until("the families that are wanted", |r| r.include == include).await;
        let found: Vec<Extra> = Extra::ALL.iter().copied().filter(|e| of(&report, *e)).collect();
        assert_eq!(found, include, "each speaks, and only those");
        assert!(report.complete, "metrics and roles were read too: {:?}", report.denied);
    }
    // another scope goes on with the same wish
    live.scope.engine.perform(Effect::Include(vec![Extra::Hygiene]));
    live.scope.engine.perform(Effect::Watch { epoch: EPOCH, namespace: Some(Clean::line("data")) });
    live.scope.until("hygiene of data", |r| r.scope.as_str() == "namespace data" && of(r, Extra::Hygiene)).await;
    live.end().await;
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
    live.scope.until("a report", |r| r.complete).await;
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
    let report = live.scope.until("a burst", |r| burst(r, "fresh")).await;
    assert!(!burst(&report, "old") && !known(&report, "old") && !known(&report, "fresh"), "{report:#?}");
    // a watch that begins anew is told all of it again
    live.scope.engine.perform(Effect::Watch { epoch: EPOCH, namespace: Some(Clean::line("shop")) });
    live.scope.last = None;
    let report = live.scope.until("the same burst", |r| r.complete && burst(r, "fresh")).await;
    assert!(!burst(&report, "old") && !known(&report, "old"), "{report:#?}");
    // the old one happens thrice more: with its last one before that, the playbook's four in five minutes
    for (count, last) in [(51, 3), (53, 1)] {
        let body = json!([{"op": "replace", "path": "/count", "value": count}, {"op": "replace", "path": "/lastTimestamp", "value": ago(last)}]);
        live.write(&Write { method: "PATCH", path: format!("{events}/old"), body }).await;
    }
    let report = live.scope.until("the playbook", |r| known(r, "old")).await;
    assert!(!burst(&report, "old"), "a playbook explains it: {report:#?}");
    let finding = report.findings.iter().find(|f| f.rule == "playbook/shelf-empty").unwrap();
    assert_eq!((finding.severity, finding.next[0].as_str()), (Severity::Error, "get pods -n shop"));
    live.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playbook_leads_the_agent_its_steps_are_read_before_anybody_asks() {
    let book = "name: api-restarts\nseverity: critical\ndetect: {pod_status: 'Crash*', namespace: shop}\nsays: restarts\nsteps:\n- run: rollout history {owner} -n {namespace}\n  expect: a revision that renamed a variable\n- run: delete pod {pod} -n {namespace}\nfix: rollout undo {owner} -n {namespace}\n";
    let mut live = Live::start(Some("shop"), &[book]).await;
    let known = |r: &Report| r.findings.iter().any(|f| f.rule == "playbook/api-restarts");
    live.scope.until("the playbook", |r| r.complete && known(r)).await;
    let place = agent::Place { namespace: Some(Clean::line("shop")), ..agent::Place::default() };
    live.scope.engine.agent(agent::Effect::Survey { turn: TurnId(1), place });
    let surveyed = tokio::time::timeout(BOUND, async {
        loop {
            if let Event::Agent(agent::Event::Surveyed { result, .. }) = live.scope.events.recv().await.expect("the engine runs") {
                return result.expect("the cluster answers");
            }
        }
    });
    let survey = surveyed.await.expect("a survey comes");
    let finding = survey.report.findings.iter().find(|f| f.rule == "playbook/api-restarts").unwrap();
    assert_eq!(finding.fix.as_ref().map(Clean::as_str), Some("rollout undo deployment/api -n shop"));
    assert!(finding.evidence.iter().any(|p| p.text.contains("expects `rollout history deployment/api -n shop` to show: a revision")), "{finding:#?}");
    let asked: Vec<&str> = survey.readings.iter().map(|(asked, _)| asked.as_str()).collect();
    assert!(asked.contains(&"rollout history deployment/api -n shop"), "{asked:?}");
    assert!(asked.iter().all(|a| !a.starts_with("delete")), "what changes something is never done by a survey: {asked:?}");
    live.end().await;
}
