//! Every write verb on the embedded cluster: parsed, judged, planned with its dry run, approved, performed and seen, so
//! that what a newcomer tries there is what a real cluster would show.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
mod person;

use kopilot_tui::cluster::{Clock, Cluster, contexts};
use kopilot_tui::demo::serve::{From, Options, Served, serve};
use kopilot_tui::kubectl::{self, kinds::Kinds};
use kopilot_tui::model::{Decision, DryRun, Epoch, Outcome, Plan, Role, TurnId};
use kopilot_tui::policy;
use kopilot_tui::text::Redactor;
use person::approve;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A command, the manifest in the call, where it shows, and what it shows there; null: nothing is there any more.
type Deed = (&'static str, &'static str, &'static str, &'static str, fn() -> Value);

const MADE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, labels: {a: b}}\ndata: {k: v}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\n";
const APPLIED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {more: w}\n";
const REPLACED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, labels: {a: b}}\ndata: {only: this}\n";

const WEB: &str = "/apis/apps/v1/namespaces/default/deployments/web-b";
const CORE: &str = "/api/v1/namespaces/default";

fn shop(rest: &str) -> String {
    if rest.starts_with('/') { rest.to_owned() } else { format!("{CORE}/{rest}") }
}

#[rustfmt::skip]
const DEEDS: &[Deed] = &[
    ("create deployment web-b --image=registry.local/web:1 --replicas=1", "", WEB, "/status/readyReplicas", || json!(1)),
    ("scale deploy/web-b --replicas=2", "", WEB, "/status/readyReplicas", || json!(2)),
    ("scale deploy/web-b --replicas=1 --current-replicas=2", "", WEB, "/spec/replicas", || json!(1)),
    ("set env deploy/web-b COLOR=blue", "", WEB, "/spec/template/spec/containers/0/env/0/value", || json!("blue")),
    ("set resources deploy/web-b --requests=memory=8Mi", "", WEB, "/spec/template/spec/containers/0/resources/requests/memory", || json!("8Mi")),
    ("set image deploy/web-b web=registry.local/web:2", "", WEB, "/spec/template/spec/containers/0/image", || json!("registry.local/web:2")),
    ("rollout undo deploy/web-b", "", WEB, "/spec/template/spec/containers/0/image", || json!("registry.local/web:1")),
    ("rollout pause deploy/web-b", "", WEB, "/spec/paused", || json!(true)),
    ("rollout resume deploy/web-b", "", WEB, "/spec/paused", || Value::Null),
    ("rollout restart deploy/web-b", "", WEB, "/status/readyReplicas", || json!(1)),
    ("patch deploy web-b -p '{\"spec\":{\"minReadySeconds\":1}}'", "", WEB, "/spec/minReadySeconds", || json!(1)),
    ("patch deploy web-b --type=merge -p '{\"spec\":{\"revisionHistoryLimit\":3}}'", "", WEB, "/spec/revisionHistoryLimit", || json!(3)),
    ("patch deploy web-b --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/minReadySeconds\"}]'", "", WEB, "/spec/minReadySeconds", || Value::Null),
    ("patch deploy web-b --subresource=scale --type=merge -p '{\"spec\":{\"replicas\":2}}'", "", WEB, "/spec/replicas", || json!(2)),
    ("label deploy web-b tier=front", "", WEB, "/metadata/labels/tier", || json!("front")),
    ("annotate deploy web-b note='a b'", "", WEB, "/metadata/annotations/note", || json!("a b")),
    ("expose deploy web-b --port=80 --target-port=8080", "", "services/web-b", "/spec/ports/0/targetPort", || json!(8080)),
    ("autoscale deploy web-b --min=1 --max=2 --cpu=50%", "", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/web-b", "/spec/maxReplicas", || json!(2)),
    ("run one --image=registry.local/web:1", "", "pods/one", "/status/phase", || json!("Running")),
    ("create cronjob nightly-b --image=registry.local/web:1 --schedule='0 0 1 1 *'", "", "/apis/batch/v1/namespaces/default/cronjobs/nightly-b", "/spec/schedule", || json!("0 0 1 1 *")),
    ("create job now --from=cronjob/nightly-b", "", "/apis/batch/v1/namespaces/default/jobs/now", "/metadata/annotations/cronjob.kubernetes.io~1instantiate", || json!("manual")),
    ("create -f -", MADE, "serviceaccounts/robot", "/metadata/name", || json!("robot")),
    ("apply -f - --force-conflicts", APPLIED, "configmaps/made", "/data", || json!({"k": "v", "more": "w"})),
    ("replace -f -", REPLACED, "configmaps/made", "/data", || json!({"only": "this"})),
    ("delete pod one --now", "", "pods/one", "", || Value::Null),
    ("delete cm -l a=b", "", "configmaps/made", "", || Value::Null),
    ("delete svc/web-b hpa/web-b", "", "services/web-b", "", || Value::Null),
    ("delete job now", "", "/apis/batch/v1/namespaces/default/jobs/now", "", || Value::Null),
    ("create role reader-b --verb=get --resource=pods", "", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/reader-b", "/rules/0/verbs", || json!(["get"])),
    ("delete role reader-b", "", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/reader-b", "", || Value::Null),
    ("certificate approve yes", "", "/apis/certificates.k8s.io/v1/certificatesigningrequests/yes", "/status/conditions/0/type", || json!("Approved")),
    ("certificate deny no", "", "/apis/certificates.k8s.io/v1/certificatesigningrequests/no", "/status/conditions/0/type", || json!("Denied")),
];

async fn start() -> (Served, Cluster) {
    let clock: Clock = Arc::new(jiff::Timestamp::now);
    let options = Options { port: 0, still: false, from: From::Scenario("shop".into()), pods: 0, churn: 0 };
    let served = serve(&options, clock.clone()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    std::fs::write(&path, &served.kubeconfig).unwrap();
    let cluster = contexts::connect(Some(&path), None, Epoch(1), Redactor::new([3; 32]), clock).await.unwrap();
    (served, cluster)
}

async fn get(cluster: &Cluster, path: &str) -> Value {
    cluster.client.request(http::Request::get(path).body(Vec::new()).unwrap()).await.unwrap_or_default()
}

async fn post(cluster: &Cluster, path: &str, body: Value) -> Value {
    cluster.client.request(http::Request::post(path).header("content-type", "application/json").body(body.to_string().into_bytes()).unwrap()).await.unwrap()
}

async fn propose(cluster: &Cluster, kinds: &Kinds, line: &str, manifest: &str) -> Plan {
    let carried = (!manifest.is_empty()).then_some(manifest);
    let operation = kubectl::parse_with(line, carried, kinds);
    let verdict = policy::judge(&operation, &policy::Rules::new(Role::Admin, "default"));
    assert_eq!(verdict.decision, Decision::Approve, "{line}: {}", verdict.reason);
    cluster.plan(&operation.unwrap(), "default", &verdict, TurnId(1), Vec::new()).await.unwrap_or_else(|e| panic!("{line}: {e}"))
}

async fn perform(cluster: &Cluster, plan: &Plan, patience: u64) -> Outcome {
    let (approval, receipt) = approve(cluster, plan);
    let writer = cluster.writer(Role::Admin, Arc::new(jiff::Timestamp::now)).unwrap();
    writer.with_patience(Duration::from_secs(patience), Duration::from_millis(50)).execute(plan, approval, receipt).await
}

fn request(name: &str) -> Value {
    json!({"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": name},
        "spec": {"request": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K", "signerName": "example.com/b", "usages": ["client auth"]}})
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_verb_is_planned_approved_performed_and_seen_on_the_embedded_cluster() {
    let (_served, cluster) = start().await;
    let (_, kinds) = cluster.discover().await.unwrap();
    for name in ["yes", "no"] {
        post(&cluster, "/apis/certificates.k8s.io/v1/certificatesigningrequests", request(name)).await;
    }
    for (line, manifest, path, pointer, want) in DEEDS {
        let plan = propose(&cluster, &kinds, line, manifest).await;
        assert_eq!(plan.dry_run, DryRun::Accepted, "{line}");
        assert!(plan.access.iter().all(|a| a.allowed == Some(true)), "{line}: {:?}", plan.access);
        let outcome = perform(&cluster, &plan, 30).await;
        assert!(matches!(&outcome, Outcome::Worked(_)), "{line}: {outcome:?}");
        let now = get(&cluster, &shop(path)).await;
        let shown = if pointer.is_empty() { now } else { now.pointer(pointer).cloned().unwrap_or_default() };
        assert_eq!(shown, want(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_closed_marked_and_drained_within_the_budgets() {
    let (_served, cluster) = start().await;
    let (_, kinds) = cluster.discover().await.unwrap();
    let nodes = get(&cluster, "/api/v1/nodes").await;
    let node = nodes["items"][0]["metadata"]["name"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/nodes/{node}");
    for (line, pointer, want) in [
        (format!("cordon {node}"), "/spec/unschedulable", json!(true)),
        (format!("uncordon {node}"), "/spec/unschedulable", Value::Null),
        (format!("taint node {node} b=c:PreferNoSchedule"), "/spec/taints/0/key", json!("b")),
        (format!("taint node {node} b-"), "/spec/taints/0/key", Value::Null),
        (format!("label node {node} disk=fast"), "/metadata/labels/disk", json!("fast")),
    ] {
        let plan = propose(&cluster, &kinds, &line, "").await;
        assert!(matches!(perform(&cluster, &plan, 10).await, Outcome::Worked(_)), "{line}");
        assert_eq!(get(&cluster, &path).await.pointer(pointer).cloned().unwrap_or_default(), want, "{line}");
    }
    // a pod that a budget holds there, and one that nothing holds
    for name in ["held", "free"] {
        let spec = json!({"nodeName": node, "containers": [{"name": "main", "image": "registry.local/web:1"}]});
        post(
            &cluster,
            "/api/v1/namespaces/default/pods",
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"b": name}}, "spec": spec}),
        )
        .await;
    }
    let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "held"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"b": "held"}}}});
    post(&cluster, "/apis/policy/v1/namespaces/default/poddisruptionbudgets", budget).await;
    for name in ["held", "free"] {
        ready(&cluster, name).await;
    }
    let plan = propose(&cluster, &kinds, &format!("drain {node} --force --ignore-daemonsets --delete-emptydir-data --pod-selector=b"), "").await;
    assert_eq!(plan.requests.len(), 3, "{:?}", plan.requests);
    assert!(plan.notes.iter().any(|n| n.contains("held") && n.contains("held back now")), "{:?}", plan.notes);
    let outcome = perform(&cluster, &plan, 4).await;
    assert!(matches!(&outcome, Outcome::NotSeen(s) if s.contains("pod/held was not evicted")), "{outcome:?}");
    assert_eq!(get(&cluster, &format!("{CORE}/pods/free")).await, Value::Null);
    assert_eq!(get(&cluster, &format!("{CORE}/pods/held")).await["metadata"]["name"], "held");
}

/// Waits until a pod is ready, for at most half a minute.
async fn ready(cluster: &Cluster, name: &str) {
    let looking = async {
        loop {
            let pod = get(cluster, &format!("{CORE}/pods/{name}")).await;
            if pod["status"]["conditions"].as_array().is_some_and(|c| c.iter().any(|c| c["type"] == "Ready" && c["status"] == "True")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), looking).await.unwrap_or_else(|_| panic!("{name} was not ready within 30 s"));
}
