//! The embedded cluster beside a real one: the same requests, the same codes, reasons and shapes.
//!
//! A shape is the set of JSON paths of an answer with the type at each; what changes by itself (managed fields, what
//! controllers write into `status`) is left out. The real side gets a namespace of its own, which is removed again.
use crate::demo_client::{Answer, Client};
use kopilot_tui::demo::serve::{Behind, From, Options, serve_store};
use kopilot_tui::demo::store::{Key, LogLine, Store};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const NAMESPACE: &str = "a-parity";
const IMAGE: &str = "node.local/busybox:1";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
const PARTIAL: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/// One cluster, as its three users see it.
struct Side {
    admin: Client,
    viewer: Client,
    nobody: Client,
    real: bool,
}

/// What a request came to.
#[derive(Debug, PartialEq)]
struct Seen {
    label: String,
    code: u16,
    reason: String,
    /// Of a refused object: reason and field of every cause.
    causes: BTreeSet<String>,
    /// Of a failure: the sentence, where it is promised to be the same.
    message: String,
    shape: BTreeSet<String>,
}

/// Paths that the two need not share.
fn volatile(path: &str) -> bool {
    [
        "managedFields",
        "kubernetes.io/revision",
        ".metadata.annotations.kubernetes",
        ".status.conditions",
        ".status.observedGeneration",
        "kube-api-access",
        ".status.terminatingReplicas",
    ]
    .iter()
    .any(|v| path.contains(v))
}

fn shape(value: &Value, path: &str, out: &mut BTreeSet<String>) {
    if volatile(path) {
        return;
    }
    match value {
        Value::Object(map) => {
            out.insert(format!("{path} {{}}"));
            for (k, v) in map {
                shape(v, &format!("{path}.{k}"), out);
            }
        }
        Value::Array(items) => {
            out.insert(format!("{path} []"));
            for v in items {
                shape(v, &format!("{path}[]"), out);
            }
        }
        Value::String(_) => drop(out.insert(format!("{path} string"))),
        Value::Number(_) => drop(out.insert(format!("{path} number"))),
        Value::Bool(_) => drop(out.insert(format!("{path} bool"))),
        Value::Null => drop(out.insert(format!("{path} null"))),
    }
}

fn seen(label: &str, answer: &Answer) -> Seen {
    let (mut kept, mut causes) = (BTreeSet::new(), BTreeSet::new());
    let failed = answer.json["status"] == "Failure";
    if answer.json.is_null() {
        // Logs and watches: a line is an answer of its own.
        for line in answer.text.lines() {
            let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
            shape(&event["object"], &format!("{} ", event["type"].as_str().unwrap_or_default()), &mut kept);
        }
    } else {
        shape(&answer.json, "", &mut kept);
    }
    for cause in answer.json["details"]["causes"].as_array().into_iter().flatten() {
        causes.insert(format!("{} {}", cause["reason"].as_str().unwrap_or_default(), cause["field"].as_str().unwrap_or_default()));
    }
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let message = if failed { same_words(&text(&answer.json["message"])) } else { String::new() };
    Seen { label: label.to_owned(), code: answer.code, reason: if failed { text(&answer.json["reason"]) } else { String::new() }, causes, message, shape: kept }
}

/// A sentence without what the two need not share: the current version, and the media types of the larger one.
fn same_words(message: &str) -> String {
    let message = message.split(", current: ").next().unwrap_or_default();
    message
        .replace(", application/vnd.kubernetes.protobuf", "")
        .replace("representations: application/json, application/yaml", "representations: application/json")
}

/// Types of a watch's events in their order; of bookmarks that follow each other one: a server sends them as it likes.
fn events(answer: &Answer) -> Vec<String> {
    let name = |e: &Value| e["object"]["metadata"]["name"].as_str().or(e["object"]["rows"][0]["object"]["metadata"]["name"].as_str()).unwrap_or("-").to_owned();
    let events = answer.text.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok());
    let mut out: Vec<String> = events.map(|e| format!("{} {}", e["type"].as_str().unwrap_or_default(), name(&e))).collect();
    out.dedup_by(|a, b| a == b && a.starts_with("BOOKMARK"));
    out
}

fn config_map(name: &str, label: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"set": label}}, "data": {"a": "1"}})
}

fn deployment() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 0, "paused": true, "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": IMAGE, "ports": [{"containerPort": 80}],
            "env": [{"name": "A", "value": "1"}], "readinessProbe": {"httpGet": {"port": 80}}}]}}}})
}

fn pod(name: &str, containers: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": "logs"}}, "spec": {"terminationGracePeriodSeconds": 0, "containers": containers}})
}

struct Walk<'a> {
    side: &'a Side,
    out: Vec<Seen>,
}

impl Walk<'_> {
    async fn send(&mut self, label: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let text = body.map(|b| b.as_str().map_or_else(|| b.to_string(), str::to_owned));
        let mut all = headers.to_vec();
        if body.is_some() && !headers.iter().any(|(k, _)| *k == "content-type") {
            all.push(("content-type", "application/json"));
        }
        let answer = self.side.admin.send(method, path, &all, text.as_deref()).await;
        self.out.push(seen(label, &answer));
        answer
    }
    async fn get(&mut self, label: &str, path: &str) -> Answer {
        self.send(label, "GET", path, &[], None).await
    }
    async fn patch(&mut self, label: &str, kind: &str, path: &str, body: Value) -> Answer {
        let kind = format!("application/{kind}");
        self.send(label, "PATCH", path, &[("content-type", &kind)], Some(&body)).await
    }
    /// Notes something that is no answer: an order, a value.
    fn note(&mut self, label: &str, what: &[String]) {
        let message = what.join(", ");
        self.out.push(Seen { label: label.to_owned(), code: 0, reason: String::new(), causes: BTreeSet::new(), message, shape: BTreeSet::new() });
    }
    fn other(&mut self, label: &str, answer: &Answer) {
        self.out.push(seen(label, answer));
    }
}

fn at(rest: &str) -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/{rest}")
}

fn apps(rest: &str) -> String {
    format!("/apis/apps/v1/namespaces/{NAMESPACE}/{rest}")
}

async fn lists(w: &mut Walk<'_>) {
    for (name, label) in [("a", "one"), ("b", "one"), ("c", "two")] {
        w.send("create", "POST", &at("configmaps"), &[], Some(&config_map(name, label))).await;
    }
    w.get("get", &at("configmaps/a")).await;
    w.get("list by label", &at("configmaps?labelSelector=set%20in%20(one,two)")).await;
    w.get("list by field", &at("configmaps?fieldSelector=metadata.name%3Da")).await;
    let first = w.get("first page", &at("configmaps?limit=1&labelSelector=set")).await;
    let token = first.json["metadata"]["continue"].as_str().unwrap_or_default().to_owned();
    w.send("a change between pages", "POST", &at("configmaps"), &[], Some(&config_map("aa", "one"))).await;
    let second = w.get("second page", &at(&format!("configmaps?limit=1&labelSelector=set&continue={token}"))).await;
    w.note(
        "the second page is of the first one's version",
        &[
            second.json["items"][0]["metadata"]["name"].to_string(),
            (first.json["metadata"]["resourceVersion"] == second.json["metadata"]["resourceVersion"]).to_string(),
        ],
    );
    w.get("page without a selector", &at("configmaps?limit=1")).await;
    w.send("table", "GET", &at("configmaps?labelSelector=set"), &[("accept", TABLE)], None).await;
    w.send("table without objects", "GET", &at("configmaps?labelSelector=set&includeObject=None"), &[("accept", TABLE)], None).await;
    w.send("table of one", "GET", &at("configmaps/a"), &[("accept", TABLE)], None).await;
    w.send("metadata list", "GET", &at("configmaps?labelSelector=set"), &[("accept", PARTIAL)], None).await;
    w.send("a list form of one object", "GET", &at("configmaps/a"), &[("accept", PARTIAL)], None).await;
    w.get("list in no namespace that there is", "/api/v1/namespaces/a-none/pods").await;
    for (label, path) in [
        ("bad label selector", "configmaps?labelSelector=a%20b%20c"),
        ("bad field selector", "configmaps?fieldSelector=data%3D1"),
        ("bad field of pods", "pods?fieldSelector=foo.bar%3D1"),
        ("bad limit", "configmaps?limit=x"),
        ("bad version", "configmaps?resourceVersion=x"),
        ("version of the future", "configmaps?resourceVersion=99999999"),
        ("match without version", "configmaps?resourceVersionMatch=Exact"),
        ("unknown match", "configmaps?resourceVersionMatch=Foo&resourceVersion=1"),
        ("initial events of a list", "configmaps?sendInitialEvents=true"),
    ] {
        w.get(label, &at(path)).await;
    }
    let bad = w.side.admin.get(&at("configmaps?continue=abc")).await;
    w.note("bad continue", &[bad.code.to_string(), bad.json["reason"].to_string()]);
}

/// A token of a version that is no more. A fresh etcd may still have it: then only the embedded side is held to it.
async fn expired(w: &mut Walk<'_>) {
    use base64::Engine as _;
    let token =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json!({"v": "meta.k8s.io/v1", "rv": 1, "start": format!("/{NAMESPACE}/a\u{0}")}).to_string());
    let answer = w.side.admin.get(&format!("/api/v1/configmaps?limit=1&continue={token}")).await;
    if w.side.real && answer.code == 200 {
        println!("the real cluster has not compacted its first version yet: 410 is checked on the embedded one alone");
        let want =
            json!({"kind": "Status", "apiVersion": "v1", "metadata": {"continue": "x"}, "status": "Failure", "reason": "Expired", "code": 410, "message": "x"});
        let mut out = seen("expired continue", &Answer { code: 410, json: want, ..answer });
        out.message = String::new();
        w.out.push(out);
    } else {
        let mut out = seen("expired continue", &answer);
        out.message = String::new();
        w.out.push(out);
    }
}

async fn watches(w: &mut Walk<'_>) {
    let initial = "watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1&labelSelector=set";
    let answer = w.get("watch with initial events", &at(&format!("configmaps?{initial}"))).await;
    w.note("its events", &events(&answer));
    let answer = w.send("table watch with initial events", "GET", &at(&format!("configmaps?{initial}")), &[("accept", TABLE)], None).await;
    w.note("its events", &events(&answer));
    let columns: Vec<bool> =
        answer.text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap_or_default()["object"]["columnDefinitions"].is_array()).collect();
    w.note("its columns come once, first", &[columns.iter().filter(|c| **c).count().to_string(), format!("{:?}", columns.first())]);
    let from = w.side.admin.get(&at("configmaps")).await.json["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
    w.send("create", "POST", &at("configmaps"), &[], Some(&config_map("w", "one"))).await;
    w.patch("patch", "merge-patch+json", &at("configmaps/w"), json!({"data": {"a": "2"}})).await;
    w.patch("patch out of the selection", "merge-patch+json", &at("configmaps/w"), json!({"metadata": {"labels": {"set": "gone"}}})).await;
    w.patch("patch into the selection", "merge-patch+json", &at("configmaps/w"), json!({"metadata": {"labels": {"set": "one"}}})).await;
    w.send("delete", "DELETE", &at("configmaps/w"), &[], None).await;
    let answer = w.get("watch from a version", &at(&format!("configmaps?watch=1&resourceVersion={from}&timeoutSeconds=1&labelSelector=set%3Done"))).await;
    w.note("its events", &events(&answer));
    let answer = w.get("watch of one name", &at(&format!("configmaps?watch=1&resourceVersion={from}&timeoutSeconds=1&fieldSelector=metadata.name%3Dw"))).await;
    w.note("its events", &events(&answer));
    for (label, path) in [
        ("initial events without a match", "configmaps?watch=true&sendInitialEvents=true&timeoutSeconds=1"),
        ("match without initial events", "configmaps?watch=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1"),
        ("watch from no version", "configmaps?watch=true&resourceVersion=abc&timeoutSeconds=1"),
    ] {
        w.get(label, &at(path)).await;
    }
}

async fn writes(w: &mut Walk<'_>) {
    let a = at("configmaps/a");
    w.patch("merge patch", "merge-patch+json", &a, json!({"data": {"b": "1", "a": null}})).await;
    w.patch("json patch", "json-patch+json", &a, json!([{"op": "add", "path": "/data/c", "value": "1"}])).await;
    w.patch("json patch on nothing", "json-patch+json", &a, json!([{"op": "remove", "path": "/data/none"}])).await;
    w.patch("json patch whose test fails", "json-patch+json", &a, json!([{"op": "test", "path": "/data/c", "value": "2"}])).await;
    w.patch("strategic patch", "strategic-merge-patch+json", &a, json!({"metadata": {"annotations": {"x": "y"}}})).await;
    w.patch("broken patch", "merge-patch+json", &a, json!("{")).await;
    w.patch("patch of an unknown type", "json", &a, json!({})).await;
    w.patch("patch with a bad label", "merge-patch+json", &a, json!({"metadata": {"labels": {"A B": "x"}}})).await.json.take();
    w.patch("patch that renames", "merge-patch+json", &a, json!({"metadata": {"name": "other"}})).await;
    w.patch("dry merge patch", "merge-patch+json", &at("configmaps/a?dryRun=All"), json!({"data": {"dry": "1"}})).await;
    let after = w.get("after the dry run", &a).await;
    w.note("nothing was written", &[after.json["data"]["dry"].is_null().to_string()]);
    w.patch("apply that creates", "apply-patch+yaml", &at("configmaps/applied?fieldManager=me"), config_map("applied", "ssa")).await;
    w.patch(
        "apply again",
        "apply-patch+yaml",
        &at("configmaps/applied?fieldManager=me"),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"z": "1"}}),
    )
    .await;
    w.patch(
        "apply in conflict",
        "apply-patch+yaml",
        &at("configmaps/applied?fieldManager=you"),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied", "labels": {"set": "ssa"}}, "data": {"z": "2"}}),
    )
    .await;
    w.patch(
        "apply by force",
        "apply-patch+yaml",
        &at("configmaps/applied?fieldManager=you&force=true"),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied", "labels": {"set": "ssa"}}, "data": {"z": "2"}}),
    )
    .await;
    w.patch("apply without a name", "apply-patch+yaml", &at("configmaps/applied?fieldManager=me"), json!({"apiVersion": "v1", "kind": "ConfigMap"})).await;
    w.patch("apply by nobody", "apply-patch+yaml", &at("configmaps/applied"), json!({"apiVersion": "v1", "kind": "ConfigMap"})).await;
    let get = w.get("get for an update", &a).await;
    let mut body = get.json.clone();
    body["data"]["u"] = "1".into();
    w.send("update", "PUT", &a, &[], Some(&body)).await;
    w.send("update of an old version", "PUT", &a, &[], Some(&body)).await;
    w.send("update of another name", "PUT", &at("configmaps/b"), &[], Some(&body)).await;
    w.send("update of nothing", "PUT", &at("configmaps/none"), &[], Some(&config_map("none", "x"))).await;
    w.send("create what is there", "POST", &at("configmaps"), &[], Some(&config_map("a", "one"))).await;
    w.send("create without a name", "POST", &at("configmaps"), &[], Some(&json!({}))).await;
    w.send("create with a bad name", "POST", &at("configmaps"), &[], Some(&config_map("X Y", "one"))).await;
    w.send("create another kind", "POST", &at("configmaps"), &[], Some(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}))).await;
    w.send("create elsewhere", "POST", &at("configmaps"), &[], Some(&json!({"metadata": {"name": "x", "namespace": "default"}}))).await;
    w.send("create in no namespace", "POST", "/api/v1/namespaces/a-none/configmaps", &[], Some(&config_map("x", "one"))).await;
    w.send("create from text", "POST", &at("configmaps"), &[("content-type", "text/plain")], Some(&config_map("x", "one"))).await;
    w.send("dry create", "POST", &at("configmaps?dryRun=All"), &[], Some(&config_map("dry", "one"))).await;
    w.send("create with a made name", "POST", &at("configmaps?dryRun=All"), &[], Some(&json!({"metadata": {"generateName": "x-"}}))).await;
    w.send("unknown dry run", "POST", &at("configmaps?dryRun=Some"), &[], Some(&config_map("dry", "one"))).await;
    w.send(
        "create a service",
        "POST",
        &at("services?dryRun=All"),
        &[],
        Some(&json!({"metadata": {"name": "s"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})),
    )
    .await;
    w.send("create a bad service", "POST", &at("services?dryRun=All"), &[], Some(&json!({"metadata": {"name": "s"}, "spec": {"type": "Foo"}}))).await;
    w.send("create a secret", "POST", &at("secrets?dryRun=All"), &[], Some(&json!({"metadata": {"name": "s"}, "stringData": {"fake": "fake"}}))).await;
}

async fn workloads(w: &mut Walk<'_>) {
    let web = apps("deployments/web");
    w.send("create a deployment", "POST", &apps("deployments"), &[], Some(&deployment())).await;
    w.patch(
        "strategic patch of env",
        "strategic-merge-patch+json",
        &web,
        json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "env": [{"name": "B", "value": "2"}]}]}}}}),
    )
    .await;
    let get = w.side.admin.get(&web).await;
    w.note("env is merged", &[get.json["spec"]["template"]["spec"]["containers"][0]["env"].to_string()]);
    w.get("get scale", &format!("{web}/scale")).await;
    w.patch("scale by patch", "merge-patch+json", &format!("{web}/scale?dryRun=All"), json!({"spec": {"replicas": 2}})).await;
    w.patch("scale below nothing", "merge-patch+json", &format!("{web}/scale"), json!({"spec": {"replicas": -1}})).await;
    let mut scale = w.side.admin.get(&format!("{web}/scale")).await.json;
    scale["metadata"]["resourceVersion"] = "1".into();
    w.send("scale of an old version", "PUT", &format!("{web}/scale"), &[], Some(&scale)).await;
    w.patch(
        "another selector",
        "merge-patch+json",
        &web,
        json!({"spec": {"selector": {"matchLabels": {"app": "x"}}, "template": {"metadata": {"labels": {"app": "x"}}}}}),
    )
    .await;
    w.patch("a container without its name", "strategic-merge-patch+json", &web, json!({"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}))
        .await;
    let dry = apps("deployments?dryRun=All");
    let new = |spec: Value| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec});
    w.send("create nothing of a deployment", "POST", &dry, &[], Some(&new(json!({})))).await;
    let bad = json!({"replicas": -1, "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "c"}}, "spec": {"containers": [{"name": "c"}]}}});
    w.send("create a bad deployment", "POST", &dry, &[], Some(&new(bad))).await;
    let unknown = json!({"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x", "foo": 1}]}}});
    w.send("create with an unknown field", "POST", &format!("{dry}&fieldValidation=Strict"), &[], Some(&new(unknown))).await;
    let wrong = w.side.admin.send("POST", &dry, &[("content-type", "application/json")], Some(&new(json!({"replicas": "x"})).to_string())).await;
    w.note("a wrong type", &[wrong.code.to_string(), wrong.json["reason"].to_string()]);
    let mut gone = w.side.admin.send("GET", &apps("deployments/none/scale"), &[], None).await;
    gone.text.clear();
    w.other("scale of nothing", &gone);
    for (label, path, body) in [
        (
            "job",
            format!("/apis/batch/v1/namespaces/{NAMESPACE}/jobs?dryRun=All"),
            json!({"metadata": {"name": "j"}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}}}),
        ),
        (
            "stateful set",
            apps("statefulsets?dryRun=All"),
            json!({"metadata": {"name": "s"}, "spec": {"serviceName": "s", "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}}}),
        ),
        (
            "daemon set",
            apps("daemonsets?dryRun=All"),
            json!({"metadata": {"name": "s"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}}}),
        ),
        (
            "pod",
            at("pods?dryRun=All"),
            json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "x:1", "resources": {"limits": {"cpu": 1}}}]}}),
        ),
        (
            "cron job",
            format!("/apis/batch/v1/namespaces/{NAMESPACE}/cronjobs?dryRun=All"),
            json!({"metadata": {"name": "c"}, "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}}}}}),
        ),
        (
            "claim",
            at("persistentvolumeclaims?dryRun=All"),
            json!({"metadata": {"name": "c"}, "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "x", "resources": {"requests": {"storage": "1Gi"}}}}),
        ),
        (
            "network policy",
            format!("/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies?dryRun=All"),
            json!({"metadata": {"name": "n"}, "spec": {"podSelector": {}}}),
        ),
        (
            "role binding",
            format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}/rolebindings?dryRun=All"),
            json!({"metadata": {"name": "n"}, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [{"kind": "User", "name": "x"}]}),
        ),
        ("namespace", "/api/v1/namespaces?dryRun=All".to_owned(), json!({"metadata": {"name": "a-dry"}})),
    ] {
        w.send(&format!("create a {label}"), "POST", &path, &[], Some(&body)).await;
    }
}

async fn logs(w: &mut Walk<'_>) {
    w.get("log", &at("pods/one/log")).await;
    for (label, query) in [
        ("log's tail", "tailLines=1"),
        ("log's first bytes", "limitBytes=5"),
        ("log of the container", "container=main"),
        ("log of long ago", "sinceSeconds=100000"),
    ] {
        let answer = w.side.admin.get(&at(&format!("pods/one/log?{query}"))).await;
        w.note(label, &[answer.code.to_string(), answer.text]);
    }
    for (label, path) in [
        ("log of no pod", "pods/none/log"),
        ("log of no container", "pods/one/log?container=x"),
        ("log of one of two", "pods/two/log"),
        ("log of no previous run", "pods/one/log?previous=true"),
        ("log before the start", "pods/stuck/log"),
        ("log with a bad tail", "pods/one/log?tailLines=-1"),
        ("log with no number", "pods/one/log?tailLines=x"),
    ] {
        w.get(label, &at(path)).await;
    }
}

async fn refusals(w: &mut Walk<'_>) {
    for (label, method, path) in [
        ("no such object", "GET", at("pods/none")),
        ("no such resource", "GET", at("foos/none")),
        ("no such subresource", "GET", at("configmaps/a/foo")),
        ("no such group", "GET", "/apis/a.none/v1/x".to_owned()),
        ("no such path", "GET", "/foo".to_owned()),
        ("put on a collection", "PUT", at("configmaps")),
        ("post on an object", "POST", at("configmaps/a")),
        ("delete nothing", "DELETE", at("configmaps/none")),
        ("unknown dry delete", "DELETE", at("configmaps/a?dryRun=foo")),
        ("unknown propagation", "DELETE", at("configmaps/a?propagationPolicy=foo")),
        ("dry delete", "DELETE", at("configmaps/a?dryRun=All")),
        ("dry delete of a deployment", "DELETE", apps("deployments/web?dryRun=All")),
        ("delete a collection", "DELETE", at("configmaps?labelSelector=set%3Dssa")),
    ] {
        w.send(label, method, &path, &[], None).await;
    }
    for (label, preconditions) in [("delete of another uid", json!({"uid": "x"})), ("delete of another version", json!({"resourceVersion": "1"}))] {
        let mut answer = w.side.admin.write("DELETE", &at("configmaps/a"), &json!({"preconditions": preconditions})).await;
        // Uids and versions are named in the sentence.
        answer.json["message"] = "".into();
        w.other(label, &answer);
    }
    let object = w.side.admin.get(&at("configmaps/a")).await.json;
    let holds = json!({"preconditions": {"uid": object["metadata"]["uid"], "resourceVersion": object["metadata"]["resourceVersion"]}});
    w.send("delete with preconditions that hold", "DELETE", &at("configmaps/a"), &[], Some(&holds)).await;
    w.send("a form that we do not have", "GET", &at("configmaps/b"), &[("accept", "application/vnd.foo")], None).await.json.take();
    let wrong = w.side.admin.with_token("wrong").get(&at("pods")).await;
    w.other("a wrong token", &wrong);
    for (label, path) in [
        ("pods", at("pods")),
        ("one pod", at("pods/x")),
        ("all pods", "/api/v1/pods".to_owned()),
        ("namespaces", "/api/v1/namespaces".to_owned()),
        ("a scale", apps("deployments/web/scale")),
        ("a log", at("pods/one/log")),
        ("a path", "/foo".to_owned()),
        ("a watch", at("pods?watch=true")),
    ] {
        let answer = w.side.nobody.get(&path).await;
        w.other(&format!("nobody and {label}"), &answer);
    }
    for path in [at("secrets"), at("secrets/x"), "/api/v1/secrets".to_owned(), "/api/v1/nodes".to_owned()] {
        let answer = w.side.viewer.get(&path).await;
        w.other(&format!("viewer and {path}"), &answer);
    }
    let answer = w.side.viewer.write("DELETE", &at("configmaps/b"), &json!({})).await;
    w.other("viewer deletes", &answer);
    let answer = w.side.viewer.get(&at("configmaps/b")).await;
    w.other("viewer gets", &answer);
}

async fn reviews(w: &mut Walk<'_>) {
    let review = |attributes: Value| json!({"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": attributes});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    for (label, attributes) in [
        ("may list pods", json!({"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": NAMESPACE}})),
        ("may list secrets", json!({"resourceAttributes": {"verb": "list", "resource": "secrets", "namespace": NAMESPACE}})),
        (
            "may scale",
            json!({"resourceAttributes": {"verb": "patch", "group": "apps", "resource": "deployments", "subresource": "scale", "namespace": NAMESPACE}}),
        ),
        ("may do everything", json!({"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}})),
        ("may get a path", json!({"nonResourceAttributes": {"verb": "get", "path": "/version"}})),
    ] {
        let mut said = Vec::new();
        for (who, client) in [("admin", &w.side.admin), ("viewer", &w.side.viewer), ("nobody", &w.side.nobody)] {
            let answer = client.write("POST", path, &review(attributes.clone())).await;
            said.push(format!("{who} {} {}", answer.code, answer.json["status"]["allowed"]));
        }
        w.note(label, &said);
    }
    let rules = json!({"kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1", "spec": {"namespace": NAMESPACE}});
    let answer = w.side.nobody.write("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", &rules).await;
    w.other("what may nobody", &answer);
    let who = json!({"kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"});
    let answer = w.side.nobody.write("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", &who).await;
    w.other("who is nobody", &answer);
}

/// What is served: of each kind that the embedded cluster has, the real one must say the same.
async fn discovery(embedded: &Side, real: &Side, wrong: &mut Vec<String>) {
    let groups = embedded.admin.get("/apis").await.json;
    let mut paths: Vec<String> =
        groups["groups"].as_array().into_iter().flatten().filter_map(|g| Some(format!("/apis/{}", g["preferredVersion"]["groupVersion"].as_str()?))).collect();
    paths.push("/api/v1".to_owned());
    paths.retain(|p| !p.contains("metrics.k8s.io"));
    for path in paths {
        let (ours, theirs) = (embedded.admin.get(&path).await.json, real.admin.get(&path).await.json);
        for resource in ours["resources"].as_array().into_iter().flatten() {
            let same = |r: &&Value| r["name"] == resource["name"];
            let Some(other) = theirs["resources"].as_array().into_iter().flatten().find(same) else {
                wrong.push(format!("{path}: the real one has no {}", resource["name"]));
                continue;
            };
            for field in ["singularName", "namespaced", "kind", "verbs", "shortNames", "categories", "group", "version"] {
                if resource[field] != other[field] {
                    wrong.push(format!("{path} {} {field}: {} is {} on the real one", resource["name"], resource[field], other[field]));
                }
            }
            let name = resource["name"].as_str().unwrap_or_default();
            if !name.contains('/') && resource["verbs"].as_array().is_some_and(|v| v.contains(&json!("list"))) {
                let table = |side: &Side| {
                    let (client, path) = (side.admin.clone(), format!("{path}/{name}?limit=1"));
                    async move { columns(&client.send("GET", &path, &[("accept", TABLE)], None).await.json) }
                };
                let (ours, theirs) = (table(embedded).await, table(real).await);
                if ours != theirs {
                    wrong.push(format!("{path}/{name}: columns {ours:?} are {theirs:?} on the real one"));
                }
            }
        }
    }
}

fn columns(table: &Value) -> Vec<String> {
    table["columnDefinitions"].as_array().into_iter().flatten().map(|c| format!("{} {} {} {}", c["name"], c["type"], c["format"], c["priority"])).collect()
}

async fn walk(side: &Side) -> Vec<Seen> {
    let mut w = Walk { side, out: Vec::new() };
    lists(&mut w).await;
    expired(&mut w).await;
    watches(&mut w).await;
    writes(&mut w).await;
    workloads(&mut w).await;
    logs(&mut w).await;
    refusals(&mut w).await;
    reviews(&mut w).await;
    w.out
}

/// The pods whose logs are read: one that has said two lines, one with two containers, one that can not start.
fn pods() -> [Value; 3] {
    let says = json!({"name": "main", "image": IMAGE, "command": ["sh", "-c", "echo one; echo two; sleep 3600"]});
    let idle = |name: &str| json!({"name": name, "image": IMAGE, "command": ["sleep", "3600"]});
    [
        pod("one", &json!([says])),
        pod("two", &json!([idle("main"), idle("side")])),
        pod("stuck", &json!([{"name": "main", "image": "node.local/none:1", "imagePullPolicy": "Never"}])),
    ]
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !holds().await {
        assert!(Instant::now() < end, "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn prepare(side: &Side) {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    until("the namespace of an earlier run is gone", async || side.admin.get(&format!("/api/v1/namespaces/{NAMESPACE}")).await.code == 404).await;
    let made = side.admin.write("POST", "/api/v1/namespaces", &namespace).await;
    assert_eq!(made.code, 201, "{}", made.text);
    until("the default service account is there", async || side.admin.get(&at("serviceaccounts/default")).await.code == 200).await;
    for pod in pods() {
        let made = side.admin.write("POST", &at("pods"), &pod).await;
        assert_eq!(made.code, 201, "{}", made.text);
    }
    if side.real {
        until("the pod has said its lines", async || side.admin.get(&at("pods/one/log")).await.text.contains("two")).await;
        until("two runs", async || side.admin.get(&at("pods/two")).await.json["status"]["phase"] == "Running").await;
        let reason = "/status/containerStatuses/0/state/waiting/reason";
        until("stuck is stuck", async || side.admin.get(&at("pods/stuck")).await.json.pointer(reason) == Some(&json!("ErrImageNeverPull"))).await;
    }
}

/// What the kubelet would have written.
fn play(store: &Store) {
    let now = kopilot_tui::model::Timestamp::now();
    for (name, containers) in [("one", vec!["main"]), ("two", vec!["main", "side"]), ("stuck", vec!["main"])] {
        let key = Key::new("pods", NAMESPACE, name);
        let mut pod = (*store.get(&key).unwrap()).clone();
        pod["spec"]["nodeName"] = "node-1".into();
        let state = if name == "stuck" { json!({"waiting": {"reason": "ErrImageNeverPull"}}) } else { json!({"running": {"startedAt": now.to_string()}}) };
        pod["status"]["containerStatuses"] = containers.iter().map(|c| json!({"name": c, "ready": true, "restartCount": 0, "state": state})).collect();
        pod["status"]["phase"] = if name == "stuck" { "Pending".into() } else { "Running".into() };
        store.put(&key, pod);
    }
    store.edit_log(&(NAMESPACE.into(), "one".into(), "main".into()), |log| {
        log.current = ["one", "two"].iter().map(|t| LogLine { at: now, text: (*t).to_owned() }).collect();
    });
}

fn side(folder: &Path) -> Side {
    let user = |name: &str| {
        let path = folder.join(format!("{name}.kubeconfig"));
        Client::of(&std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())), None)
    };
    Side { admin: user("admin"), viewer: user("viewer"), nobody: user("nobody"), real: true }
}

/// Compares the embedded cluster with the real one whose `admin`, `viewer` and `nobody` kubeconfigs a folder holds.
pub fn agrees(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::new();
        // So much history that the first version has been forgotten.
        for n in 0..20_050 {
            store.put(
                &Key::new("leases.coordination.k8s.io", "default", "busy"),
                json!({"metadata": {"name": "busy", "namespace": "default", "labels": {"n": n.to_string()}}}),
            );
        }
        store.remove(&Key::new("leases.coordination.k8s.io", "default", "busy"));
        let options = Options { port: 0, still: false, from: From::Scenario("none".into()), pods: 0, churn: 0 };
        let served = serve_store(store.clone(), &options, Behind::Collector, Arc::new(kopilot_tui::model::Timestamp::now)).await.unwrap();
        let user = |name: &str| Client::of(&served.kubeconfig, Some(name));
        let embedded = Side { admin: user("demo-admin"), viewer: user("demo-viewer"), nobody: user("demo-nobody"), real: false };
        let real = side(folder);
        let left = real.admin.send("DELETE", &format!("/api/v1/namespaces/{NAMESPACE}"), &[], None).await;
        assert!([200, 404, 409].contains(&left.code), "{}", left.text);
        prepare(&embedded).await;
        play(&store);
        prepare(&real).await;
        let (ours, theirs) = (walk(&embedded).await, walk(&real).await);
        let mut wrong = Vec::new();
        discovery(&embedded, &real, &mut wrong).await;
        let gone = real.admin.send("DELETE", &format!("/api/v1/namespaces/{NAMESPACE}"), &[], None).await;
        assert_eq!(gone.code, 200, "{}", gone.text);
        compare(&ours, &theirs, &mut wrong);
        assert!(wrong.is_empty(), "the embedded cluster differs in {} places:\n{}", wrong.len(), wrong.join("\n"));
        println!("{} answers agree", ours.len());
    });
}

fn compare(ours: &[Seen], theirs: &[Seen], wrong: &mut Vec<String>) {
    assert_eq!(ours.len(), theirs.len(), "both sides were asked the same");
    for (a, b) in ours.iter().zip(theirs) {
        if a.code != b.code || a.reason != b.reason {
            wrong.push(format!("{}: {} {} {:?} is {} {} {:?} on the real one", a.label, a.code, a.reason, a.message, b.code, b.reason, b.message));
            continue;
        }
        if a.causes != b.causes {
            wrong.push(format!("{}: causes {:?} are {:?} on the real one", a.label, a.causes, b.causes));
        }
        if a.message != b.message {
            wrong.push(format!("{}: it says\n    {}\n  the real one\n    {}", a.label, a.message, b.message));
        }
        let (more, less): (Vec<_>, Vec<_>) = (a.shape.difference(&b.shape).collect(), b.shape.difference(&a.shape).collect());
        if !(more.is_empty() && less.is_empty()) {
            wrong.push(format!("{}: has {more:?}, lacks {less:?}", a.label));
        }
    }
}
