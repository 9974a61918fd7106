//! What a line finds: a namespace of its own with the objects that its section names, and nodes and signing requests
//! under names of its own. Made through the API in one go, waited for where a controller has to act first.
use super::lines::Line;
use futures::StreamExt as _;
use kopilot_tui::cluster::Cluster;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Requests at once.
const HANDS: usize = 8;
/// The longest wait for a controller, in seconds.
const PATIENCE: u64 = 90;
const IMAGE: &str = "node.local/busybox:1";

/// One world: a line's half.
struct World {
    namespace: String,
    id: String,
    fixtures: Vec<String>,
}

impl World {
    fn has(&self, fixture: &str) -> bool {
        self.fixtures.iter().any(|f| f == fixture)
    }
}

fn worlds(lines: &[Line]) -> Vec<World> {
    let half = |l: &Line, side: &str| World { namespace: l.namespace(side), id: l.id(side), fixtures: l.fixtures.clone() };
    // kubectl is not given what we refuse
    lines.iter().filter(|l| !l.refused).map(|l| half(l, "k")).chain(lines.iter().map(|l| half(l, "o"))).collect()
}

/// Makes every line's world; how many there are.
pub async fn make(cluster: &Cluster, lines: &[Line]) -> usize {
    let worlds = worlds(lines);
    every(&worlds, async |w| post(cluster, "/api/v1/namespaces", json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": w.namespace}})).await)
        .await;
    let all: Vec<&str> = worlds.iter().map(|w| w.namespace.as_str()).collect();
    until(cluster, "/api/v1/serviceaccounts?fieldSelector=metadata.name%3Ddefault", "service accounts", |items| {
        let there: std::collections::BTreeSet<&str> = items.iter().filter_map(|i| i["metadata"]["namespace"].as_str()).collect();
        all.iter().all(|ns| there.contains(ns))
    })
    .await;
    every(&worlds, async |w| {
        for fixture in &w.fixtures {
            for (path, object) in objects(fixture, w) {
                post(cluster, &path, object).await;
            }
        }
    })
    .await;
    every(&worlds, async |w| settle(cluster, w).await).await;
    worlds.len()
}

/// Takes away what was made; the namespaces go in their own time.
pub async fn end(cluster: &Cluster, lines: &[Line]) {
    let worlds = worlds(lines);
    every(&worlds, async |w| {
        for path in [
            format!("/api/v1/namespaces/{}", w.namespace),
            format!("/api/v1/namespaces/other-{}", w.id),
            format!("/api/v1/nodes/node-{}", w.id),
            format!("/api/v1/nodes/second-{}", w.id),
        ] {
            // most of them were never made
            let _ = send(cluster, "DELETE", &path, "application/json", &json!({})).await;
        }
        for (group, plural) in [
            ("rbac.authorization.k8s.io/v1", "clusterroles"),
            ("rbac.authorization.k8s.io/v1", "clusterrolebindings"),
            ("certificates.k8s.io/v1", "certificatesigningrequests"),
            ("scheduling.k8s.io/v1", "priorityclasses"),
        ] {
            let _ = send(cluster, "DELETE", &format!("/apis/{group}/{plural}/{}", w.id), "application/json", &json!({})).await;
        }
    })
    .await;
}

async fn every(worlds: &[World], work: impl AsyncFn(&World)) {
    futures::stream::iter(worlds).for_each_concurrent(HANDS, |w| work(w)).await;
}

async fn send(cluster: &Cluster, method: &str, path: &str, content_type: &str, body: &Value) -> Result<Value, kube::Error> {
    let request = http::Request::builder().method(method).uri(path).header("content-type", content_type).body(body.to_string().into_bytes()).unwrap();
    cluster.client.request(request).await
}

async fn post(cluster: &Cluster, path: &str, body: Value) {
    if let Err(error) = send(cluster, "POST", path, "application/json", &body).await {
        panic!("{path}: {error}\n{body}");
    }
}

async fn until(cluster: &Cluster, path: &str, what: &str, holds: impl Fn(&[Value]) -> bool) {
    let end = Instant::now() + Duration::from_secs(PATIENCE);
    loop {
        let list: Value = cluster.client.request(http::Request::get(path).body(Vec::new()).unwrap()).await.unwrap_or_default();
        let items = list["items"].as_array().cloned().unwrap_or_else(|| vec![list.clone()]);
        if holds(&items) {
            return;
        }
        assert!(Instant::now() < end, "not seen in {PATIENCE} s: {what} ({path})\n{list}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// What a controller has to do before the line may run.
async fn settle(cluster: &Cluster, w: &World) {
    let ns = &w.namespace;
    for (fixture, plural) in [("rolled", "deployments"), ("rolled-set", "statefulsets"), ("rolled-daemon", "daemonsets")] {
        if !w.has(fixture) {
            continue;
        }
        let revisions = if plural == "deployments" { "replicasets" } else { "controllerrevisions" };
        let list = format!("/apis/apps/v1/namespaces/{ns}/{revisions}");
        until(cluster, &list, "the first revision", |items| items.len() == 1 && items[0]["kind"] != "Status").await;
        let body = json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "node.local/busybox:2"}]}}}});
        send(cluster, "PATCH", &format!("/apis/apps/v1/namespaces/{ns}/{plural}/web"), "application/strategic-merge-patch+json", &body).await.unwrap();
        until(cluster, &list, "the second revision", |items| items.len() == 2).await;
        if plural == "deployments" {
            until(cluster, &format!("/apis/apps/v1/namespaces/{ns}/deployments/web"), "revision 2", |d| {
                d[0]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"
            })
            .await;
        }
    }
    for name in ["node", "second"].into_iter().filter(|n| w.has(n)) {
        until(cluster, &format!("/api/v1/nodes/{name}-{}", w.id), "a ready node without other taints", |n| {
            let ready = n[0]["status"]["conditions"].as_array().is_some_and(|c| c.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"));
            ready && n[0]["spec"]["taints"].as_array().is_some_and(|t| t.len() == 1)
        })
        .await;
    }
    if w.has("bare") || w.has("owned") || w.has("scratch") || w.has("daemon") {
        if w.has("owned") || w.has("scratch") {
            let owner = send(cluster, "POST", &format!("/apis/kwok.x-k8s.io/v1alpha1/namespaces/{ns}/logs"), "application/json", &logs()).await.unwrap();
            for name in ["owned", "scratch"].into_iter().filter(|n| w.has(n)) {
                let mut pod = pod(name);
                pod["metadata"]["ownerReferences"] =
                    json!([{"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Logs", "name": "lg", "uid": owner["metadata"]["uid"], "controller": true}]);
                bound(cluster, w, pod).await;
            }
        }
        if w.has("bare") {
            bound(cluster, w, pod("bare")).await;
        }
        let wanted = ["bare", "owned", "scratch", "daemon"].into_iter().filter(|f| w.has(f)).count();
        until(cluster, &format!("/api/v1/namespaces/{ns}/pods"), "pods that run", |pods| {
            pods.iter().filter(|p| p["status"]["phase"] == "Running").count() == wanted
        })
        .await;
    }
}

/// A pod on the world's own node.
async fn bound(cluster: &Cluster, w: &World, mut pod: Value) {
    pod["spec"]["nodeName"] = format!("node-{}", w.id).into();
    if pod["metadata"]["name"] == "scratch" {
        pod["spec"]["volumes"] = json!([{"name": "s", "emptyDir": {}}]);
    }
    post(cluster, &format!("/api/v1/namespaces/{}/pods", w.namespace), pod).await;
}

fn logs() -> Value {
    json!({"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Logs", "metadata": {"name": "lg", "labels": {"team": "a"}}, "spec": {"logs": []}})
}

fn pod(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name, "team": "a"}}, "spec": {
        "containers": [{"name": "main", "image": IMAGE, "ports": [{"containerPort": 8080}], "env": [{"name": "A", "value": "1"}]}]}})
}

fn template(app: &str) -> Value {
    json!({"metadata": {"labels": {"app": app}}, "spec": {"nodeSelector": {"oracle": "nowhere"}, "containers": [
        {"name": "main", "image": IMAGE, "ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}],
         "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
         "resources": {"limits": {"cpu": "500m"}}},
        {"name": "side", "image": IMAGE}],
        "initContainers": [{"name": "setup", "image": IMAGE}]}})
}

fn workload(kind: &str, name: &str) -> Value {
    let mut out = json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": {"app": name, "team": "a"}, "annotations": {"note": "first"}},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template(name)}});
    if kind != "DaemonSet" {
        out["spec"]["replicas"] = 1.into();
    }
    if kind == "StatefulSet" {
        out["spec"]["serviceName"] = name.into();
    }
    out
}

fn node(name: &str, id: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"oracle": id}, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"taints": [{"key": "oracle", "value": "x", "effect": "NoSchedule"}]}})
}

/// The objects of a fixture, each with where it is posted.
fn objects(fixture: &str, w: &World) -> Vec<(String, Value)> {
    let core = |plural: &str| format!("/api/v1/namespaces/{}/{plural}", w.namespace);
    let of = |group: &str, plural: &str| format!("/apis/{group}/namespaces/{}/{plural}", w.namespace);
    let config = |name: &str| {
        (
            core("configmaps"),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"team": "a"}}, "data": {"a": "1", "b": "2"}}),
        )
    };
    let request = || {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(include_str!("request.pem"))
    };
    match fixture {
        "deploy" | "rolled" => vec![(of("apps/v1", "deployments"), workload("Deployment", "web"))],
        "deploy2" => vec![(of("apps/v1", "deployments"), workload("Deployment", "api"))],
        "paused" => {
            let mut object = workload("Deployment", "web");
            object["spec"]["paused"] = true.into();
            vec![(of("apps/v1", "deployments"), object)]
        }
        "set" | "rolled-set" => vec![(of("apps/v1", "statefulsets"), workload("StatefulSet", "web"))],
        "daemonset" | "rolled-daemon" => vec![(of("apps/v1", "daemonsets"), workload("DaemonSet", "web"))],
        "replicaset" => vec![(of("apps/v1", "replicasets"), workload("ReplicaSet", "rs"))],
        "rc" => {
            let spec = json!({"replicas": 1, "selector": {"app": "rc"}, "template": template("rc")});
            vec![(core("replicationcontrollers"), json!({"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "rc"}, "spec": spec}))]
        }
        "pod" => vec![(core("pods"), {
            let mut pod = pod("one");
            pod["spec"]["nodeSelector"] = json!({"oracle": "nowhere"});
            pod
        })],
        "pod2" => vec![(core("pods"), {
            let mut pod = pod("two");
            pod["spec"]["nodeSelector"] = json!({"oracle": "nowhere"});
            pod
        })],
        "cm" => vec![config("c0")],
        "cm2" => vec![config("c1")],
        "sa" => vec![(core("serviceaccounts"), json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}}))],
        "svc" => {
            let spec = json!({"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]});
            vec![(core("services"), json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {"team": "a"}}, "spec": spec}))]
        }
        "pvc" => {
            let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "none"});
            vec![(core("persistentvolumeclaims"), json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec}))]
        }
        "cron" => {
            let spec = json!({"schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": {"metadata": {"labels": {"made": "cron"}, "annotations": {"why": "night"}},
                "spec": {"template": {"spec": {"restartPolicy": "Never", "nodeSelector": {"oracle": "nowhere"}, "containers": [{"name": "main", "image": IMAGE}]}}}}});
            vec![(of("batch/v1", "cronjobs"), json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}, "spec": spec}))]
        }
        "job" => {
            let spec = json!({"suspend": true, "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": IMAGE}]}}});
            vec![(of("batch/v1", "jobs"), json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"}, "spec": spec}))]
        }
        "custom" => vec![(of("kwok.x-k8s.io/v1alpha1", "logs"), logs())],
        "node" => vec![("/api/v1/nodes".into(), node(&format!("node-{}", w.id), &w.id))],
        "second" => vec![("/api/v1/nodes".into(), node(&format!("second-{}", w.id), &w.id))],
        "daemon" => {
            let mut object = workload("DaemonSet", "agent");
            object["spec"]["template"]["spec"]["nodeSelector"] = json!({"oracle": w.id});
            object["spec"]["template"]["spec"]["tolerations"] = json!([{"operator": "Exists"}]);
            vec![(of("apps/v1", "daemonsets"), object)]
        }
        "csr" => {
            let spec = json!({"request": request(), "signerName": "example.com/oracle", "usages": ["client auth"]});
            let object = json!({"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": w.id}, "spec": spec});
            vec![("/apis/certificates.k8s.io/v1/certificatesigningrequests".into(), object)]
        }
        "namespace" => vec![("/api/v1/namespaces".into(), json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": format!("other-{}", w.id)}}))],
        "clusterrole" => {
            let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]);
            vec![(
                "/apis/rbac.authorization.k8s.io/v1/clusterroles".into(),
                json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": w.id}, "rules": rules}),
            )]
        }
        // pods bound to the node, made once it is there
        "bare" | "owned" | "scratch" => Vec::new(),
        other => panic!("no fixture {other}"),
    }
}
