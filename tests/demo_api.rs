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

#[allow(dead_code, reason = "the tests of a real cluster use the rest")]
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

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|i| i["metadata"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_user_sees_what_the_role_objects_allow() {
    let (_store, served) = start().await;
    let (admin, viewer, nobody) = (
        Client::of(&served.kubeconfig, Some("demo-admin")),
        Client::of(&served.kubeconfig, Some("demo-viewer")),
        Client::of(&served.kubeconfig, Some("demo-nobody")),
    );
    for (path, want) in [
        ("/api/v1/namespaces/shop/pods", [200, 200, 403]),
        ("/api/v1/namespaces/shop/secrets", [200, 403, 403]),
        ("/api/v1/namespaces", [200, 200, 403]),
        ("/api/v1/nodes", [200, 403, 403]),
        ("/apis/apps/v1", [200, 200, 200]),
        ("/version", [200, 200, 200]),
    ] {
        let got = [admin.get(path).await.code, viewer.get(path).await.code, nobody.get(path).await.code];
        assert_eq!(got, want, "{path}");
    }
    assert_eq!(admin.with_token("x").get("/version").await.code, 401);
}

#[tokio::test]
async fn a_role_binding_made_by_the_admin_lets_nobody_in() {
    let (_store, served) = start().await;
    let (admin, nobody) = (Client::of(&served.kubeconfig, Some("demo-admin")), Client::of(&served.kubeconfig, Some("demo-nobody")));
    let binding = json!({"metadata": {"name": "in"}, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [{"kind": "User", "name": "nobody"}]});
    assert_eq!(admin.write("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings", &binding).await.code, 201);
    assert_eq!(nobody.get("/api/v1/namespaces/shop/pods").await.code, 200);
    assert_eq!(nobody.get("/api/v1/namespaces/default/pods").await.code, 403);
}

#[tokio::test]
async fn pages_of_a_list_are_of_one_version_whatever_is_written_between_them() {
    let (store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    let first = admin.get("/api/v1/pods?limit=2").await.json;
    assert_eq!(names(&first), ["api-0", "api-1"]);
    assert_eq!(first["metadata"]["remainingItemCount"], 3);
    store.remove(&Key::new("pods", "shop", "web-2"));
    store.put(&Key::new("pods", "shop", "new"), pod("shop", "new", "web"));
    let second = admin.get(&format!("/api/v1/pods?limit=9&continue={}", first["metadata"]["continue"].as_str().unwrap())).await.json;
    assert_eq!(names(&second), ["web-2", "web-3", "web-4"]);
    assert_eq!(second["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
}

#[tokio::test]
async fn a_version_that_the_history_has_forgotten_is_410_for_lists_and_watches() {
    let (store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    let first = admin.get("/api/v1/pods?limit=2").await.json;
    for n in 0..20_100 {
        store.put(&Key::new("leases.coordination.k8s.io", "shop", "busy"), json!({"metadata": {"name": "busy", "namespace": "shop", "n": n}}));
    }
    let gone = admin.get(&format!("/api/v1/pods?limit=2&continue={}", first["metadata"]["continue"].as_str().unwrap())).await;
    assert_eq!((gone.code, gone.json["reason"].as_str()), (410, Some("Expired")));
    let rest = admin.get(&format!("/api/v1/pods?continue={}", gone.json["metadata"]["continue"].as_str().unwrap())).await;
    assert_eq!(names(&rest.json), ["web-2", "web-3", "web-4"]);
    let version = first["metadata"]["resourceVersion"].as_str().unwrap();
    let watch = admin.get(&format!("/api/v1/pods?watch=true&resourceVersion={version}&timeoutSeconds=9")).await;
    assert_eq!((watch.json["type"].as_str(), watch.json["object"]["code"].as_u64()), (Some("ERROR"), Some(410)));
}

#[tokio::test]
async fn a_watch_tells_what_enters_changes_and_leaves_its_selection() {
    use futures::StreamExt as _;
    let (store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    let path =
        "/api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&labelSelector=app%3Dapi";
    let mut stream = admin.open("GET", path, &[], None).await.bytes_stream();
    let mut text = String::new();
    let mut upto = async |events: usize| {
        while text.lines().count() < events {
            let piece = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.expect("an event within 20 s").unwrap().unwrap();
            text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        text.lines()
            .map(|l| serde_json::from_str::<Value>(l).unwrap())
            .map(|e| format!("{} {}", e["type"].as_str().unwrap(), e["object"]["metadata"]["name"].as_str().unwrap_or("-")))
            .collect::<Vec<_>>()
    };
    assert_eq!(upto(3).await, ["ADDED api-0", "ADDED api-1", "BOOKMARK -"]);
    store.put(&Key::new("pods", "shop", "web-2"), pod("shop", "web-2", "api"));
    store.put(&Key::new("pods", "shop", "api-0"), pod("shop", "api-0", "web"));
    store.remove(&Key::new("pods", "shop", "api-1"));
    assert_eq!(upto(6).await[3..], ["ADDED web-2", "DELETED api-0", "DELETED api-1"]);
}

#[tokio::test]
async fn a_long_list_is_gzipped_for_who_takes_it_and_a_watch_never_is() {
    let (store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    for n in 0..400 {
        store.put(&Key::new("pods", "shop", &format!("many-{n}")), pod("shop", &format!("many-{n}"), "many"));
    }
    let gzip = [("accept-encoding", "gzip")];
    assert_eq!(admin.send("GET", "/api/v1/pods", &gzip, None).await.encoding, "gzip");
    assert_eq!(admin.send("GET", "/api/v1/pods?limit=5", &gzip, None).await.encoding, "");
    assert_eq!(admin.send("GET", "/api/v1/pods", &[], None).await.json["items"].as_array().unwrap().len(), 405);
    assert_eq!(admin.send("GET", "/api/v1/pods?watch=true&timeoutSeconds=1", &gzip, None).await.encoding, "");
}

#[tokio::test]
async fn followed_logs_come_as_they_are_written_and_end_with_the_run() {
    let (store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    let path = "/api/v1/namespaces/shop/pods/api-0/log?follow=true&tailLines=1";
    let read = tokio::spawn(async move { admin.get(path).await.text });
    // The follower must be there before the run ends; it is as soon as a line written after its start has come.
    store.edit_log(&("shop".into(), "api-0".into(), "main".into()), |log| log.current.push(LogLine { at: now(), text: "later".into() }));
    let mut ended = pod("shop", "api-0", "api");
    ended["status"]["containerStatuses"][0]["state"] = json!({"terminated": {"exitCode": 0}});
    store.put(&Key::new("pods", "shop", "api-0"), ended);
    let text = tokio::time::timeout(Duration::from_secs(20), read).await.expect("the log ends with the run").unwrap();
    assert!(text.ends_with("later\n"), "{text:?}");
}

#[tokio::test]
async fn a_deleted_owner_takes_its_dependents_along_unless_they_are_orphaned() {
    let (store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    let owner = store.get(&Key::new("deployments.apps", "shop", "web")).unwrap()["metadata"]["uid"].clone();
    let child = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop", "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": owner}]}});
    store.put(&Key::new("configmaps", "shop", "child"), child("child"));
    let deleted = admin.send("DELETE", "/apis/apps/v1/namespaces/shop/deployments/web", &[], None).await;
    assert_eq!((deleted.code, deleted.json["status"].as_str()), (200, Some("Success")));
    let mut changed = store.subscribe();
    tokio::time::timeout(Duration::from_secs(20), changed.wait_for(|_| store.get(&Key::new("configmaps", "shop", "child")).is_none()))
        .await
        .expect("the child goes")
        .unwrap();
}

#[tokio::test]
async fn an_eviction_asks_the_disruption_budget_and_a_quota_refuses_what_does_not_fit() {
    let (store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    let budget = json!({"metadata": {"name": "api", "namespace": "shop"}, "spec": {"selector": {"matchLabels": {"app": "api"}}}, "status": {"disruptionsAllowed": 1, "desiredHealthy": 1, "currentHealthy": 2}});
    store.put(&Key::new("poddisruptionbudgets.policy", "shop", "api"), budget);
    let evict = async |name: &str| admin.write("POST", &format!("/api/v1/namespaces/shop/pods/{name}/eviction"), &json!({"metadata": {"name": name}})).await;
    assert_eq!(evict("api-0").await.code, 201);
    let refused = evict("api-1").await;
    assert_eq!((refused.code, refused.json["reason"].as_str()), (429, Some("TooManyRequests")));
    store.put(&Key::new("resourcequotas", "shop", "few"), json!({"metadata": {"name": "few", "namespace": "shop"}, "spec": {"hard": {"pods": "4"}}}));
    let full = admin
        .write("POST", "/api/v1/namespaces/shop/pods", &json!({"metadata": {"name": "more"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}))
        .await;
    assert_eq!(full.json["message"], "pods \"more\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4");
}

#[tokio::test]
async fn kube_rs_reads_watches_and_writes() {
    use futures::{StreamExt as _, TryStreamExt as _};
    use k8s_openapi::api::apps::v1::Deployment;
    use k8s_openapi::api::core::v1::Pod;
    use kube::api::{Api, ListParams, Patch, PatchParams};
    let (store, served) = start().await;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = kube::config::Kubeconfig::from_yaml(&served.kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(config, &kube::config::KubeConfigOptions::default()).await.unwrap();
    let client = kube::Client::try_from(config).unwrap();
    let discovery = kube::Discovery::new(client.clone()).run_aggregated().await.unwrap();
    assert!(discovery.has_group("apps"));
    let pods: Api<Pod> = Api::namespaced(client.clone(), "shop");
    assert_eq!(pods.list(&ListParams::default().labels("app=web")).await.unwrap().items.len(), 3);
    assert_eq!(pods.logs("api-0", &kube::api::LogParams::default()).await.unwrap(), "line 0\nline 1\nline 2\n");
    assert_eq!(pods.get_opt("none").await.unwrap().map(|_| ()), None);
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "shop");
    let dry = PatchParams::apply("me").dry_run().validation_strict();
    let applied = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"paused": true}});
    let shown = deployments.patch("web", &dry, &Patch::Apply(&applied)).await.unwrap();
    assert_eq!(shown.spec.paused, Some(true));
    assert_eq!(deployments.get("web").await.unwrap().spec.paused, None, "a dry run writes nothing");
    let scale = deployments.patch_scale("web", &PatchParams::default(), &Patch::Merge(json!({"spec": {"replicas": 5}}))).await.unwrap();
    assert_eq!(scale.spec.and_then(|s| s.replicas), Some(5));
    for streaming in [true, false] {
        let config = if streaming { kube::runtime::watcher::Config::default().streaming_lists() } else { kube::runtime::watcher::Config::default() };
        let mut seen = std::pin::pin!(kube::runtime::watcher(pods.clone(), config));
        let mut ready = 0;
        loop {
            use kube::runtime::watcher::Event;
            let event = tokio::time::timeout(Duration::from_secs(20), seen.try_next()).await.expect("an event within 20 s").unwrap().unwrap();
            match event {
                Event::InitApply(_) => ready += 1,
                Event::InitDone => break,
                _ => {}
            }
        }
        assert_eq!(ready, store.list("pods", Some("shop")).1.len(), "streaming: {streaming}");
        store.put(&Key::new("pods", "shop", "late"), pod("shop", &format!("late-{streaming}"), "web"));
        let next = tokio::time::timeout(Duration::from_secs(20), seen.next()).await.expect("a change within 20 s").unwrap().unwrap();
        assert!(matches!(next, kube::runtime::watcher::Event::Apply(_)));
    }
}

#[tokio::test]
async fn with_a_standing_clock_nothing_is_written_by_time() {
    let (store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    assert_eq!(admin.get("/api/v1/pods").await.code, 200);
    // The accounts that every namespace has are there from the start; after them it is quiet.
    let mut changed = store.subscribe();
    let settled = changed.wait_for(|_| store.list("serviceaccounts", None).1.len() == store.list("namespaces", None).1.len());
    tokio::time::timeout(Duration::from_secs(20), settled).await.expect("each namespace has its account").unwrap();
    let version = store.version();
    let made = admin.write("POST", "/api/v1/namespaces/shop/configmaps", &json!({"metadata": {"name": "c"}})).await;
    assert_eq!(made.json["metadata"]["creationTimestamp"], "2026-01-01T12:00:00Z");
    assert_eq!(store.version(), version + 1);
}

#[tokio::test]
async fn dropping_it_ends_it() {
    let (_store, served) = start().await;
    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    let watch = tokio::spawn(async move { admin.open("GET", "/api/v1/pods?watch=true", &[], None).await.bytes().await.is_ok() });
    let url = served.url.clone();
    drop(served);
    tokio::time::timeout(Duration::from_secs(20), watch).await.expect("the watch ends").ok();
    let address = url.trim_start_matches("https://").to_owned();
    let refused = async || tokio::net::TcpStream::connect(&address).await.is_err();
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while !refused().await {
        assert!(std::time::Instant::now() < end, "the port is still open");
        tokio::task::yield_now().await;
    }
}
