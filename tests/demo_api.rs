//! The embedded cluster's API over TLS, as kube-rs and plain HTTP see it, on a small fixture.
//!
//! `serve_by_hand` (ignored) serves the fixture or a scenario for a while, for kubectl:
//! `DEMO_KUBECONFIG=F DEMO_SECONDS=600 cargo test --test demo_api serve_by_hand -- --ignored`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
use kopilot_tui::demo::serve::{Behind, From, Options, Served, serve, serve_store};
use kopilot_tui::demo::store::{Key, LogLine, Store};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

mod demo_client;
use demo_client::Client;

fn now() -> kopilot_tui::model::Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn options() -> Options {
    Options { port: 0, still: true, from: From::Scenario("none".into()), pods: 0, churn: 0 }
}

fn pod(namespace: &str, name: &str, app: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "creationTimestamp": "2026-01-01T11:00:00Z", "labels": {"app": app}},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "registry.local/app:1"}]},
        "status": {"phase": "Running", "podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0, "state": {"running": {"startedAt": "2026-01-01T11:00:00Z"}}}]}})
}

fn fixture() -> Store {
    let store = Store::new();
    let namespace = json!({"metadata": {"name": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}});
    store.put(&Key::new("namespaces", "", "shop"), namespace);
    for (i, app) in ["api", "api", "web", "web", "web"].iter().enumerate() {
        let name = format!("{app}-{i}");
        store.put(&Key::new("pods", "shop", &name), pod("shop", &name, app));
    }
    store.put(
        &Key::new("deployments.apps", "shop", "web"),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop", "generation": 1, "creationTimestamp": "2026-01-01T11:00:00Z"},
            "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "main", "image": "registry.local/app:1"}]}}},
            "status": {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "availableReplicas": 3}}),
    );
    store.put(&Key::new("secrets", "shop", "key"), json!({"metadata": {"name": "key", "namespace": "shop"}, "type": "Opaque", "data": {"a": "bm90aGluZw=="}}));
    store.edit_log(&("shop".into(), "api-0".into(), "main".into()), |log| {
        log.current = (0..3).map(|i| LogLine { at: now(), text: format!("line {i}") }).collect();
    });
    store.set_usage("shop/api-0/main", 12, 64 << 20);
    store.set_usage("node-1", 500, 1 << 30);
    store
}

async fn start() -> (Store, Served) {
    let store = fixture();
    let served = serve_store(store.clone(), &options(), Behind::Collector, Arc::new(now)).await.unwrap();
    (store, served)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "serves for a person"]
async fn serve_by_hand() {
    let path = std::env::var("DEMO_KUBECONFIG").expect("DEMO_KUBECONFIG names the file to write");
    let seconds: u64 = std::env::var("DEMO_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(60);
    let still = std::env::var("DEMO_STILL").is_ok();
    let clock = Arc::new(kopilot_tui::model::Timestamp::now);
    let served = match (std::env::var("DEMO_DUMP"), std::env::var("DEMO_SCENARIO")) {
        (Ok(dump), _) => serve(&Options { from: From::Dump(dump.into()), still, ..options() }, clock).await.unwrap(),
        (_, Ok(name)) => {
            let pods = std::env::var("DEMO_PODS").ok().and_then(|s| s.parse().ok()).unwrap_or(0);
            serve(&Options { from: From::Scenario(name), still, pods, ..options() }, clock).await.unwrap()
        }
        _ => serve_store(fixture(), &Options { still, ..options() }, Behind::Collector, clock).await.unwrap(),
    };
    std::fs::write(path, &served.kubeconfig).unwrap();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
