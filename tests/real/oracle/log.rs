//! The API server's audit log, read for the writes of one program, without what the server makes up.
use serde_json::{Value, json};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// One write as the server recorded it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `patch deployments.apps/scale oracle-ID/web 200`.
    pub what: String,
    /// The object that resulted; for what goes, the options that it goes with.
    pub object: Value,
}

/// A place in the log, and the file that it is in.
pub struct Mark {
    inode: u64,
    length: u64,
}

/// Where the log ends now.
pub fn end(log: &Path) -> Mark {
    let meta = std::fs::metadata(log).unwrap();
    Mark { inode: meta.ino(), length: meta.len() }
}

/// The writes since `from`: kubectl's and ours, each with the whole text of its line. Panics when the server has begun
/// another file since: an empty answer would read as if nobody had written.
pub fn read(log: &Path, from: &Mark) -> (Vec<Value>, Vec<Value>) {
    let mut file = std::fs::File::open(log).unwrap();
    let inode = file.metadata().unwrap().ino();
    assert_eq!(inode, from.inode, "the server rotated {}: what was written since is in two files", log.display());
    file.seek(SeekFrom::Start(from.length)).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    let (mut kubectl, mut ours) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|l| l.contains("\"username\":\"admin\"") && l.contains("oracle") | l.contains("x\"") | l.contains("x/")) {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        let agent = event["userAgent"].as_str().unwrap_or_default();
        let writes = matches!(event["verb"].as_str(), Some("create" | "update" | "patch" | "delete" | "deletecollection"));
        let tries = event["requestURI"].as_str().unwrap_or_default().contains("dryRun=All") || !event["requestObject"]["dryRun"].is_null();
        let reviews = event["objectRef"]["apiGroup"] == "authorization.k8s.io";
        if !writes || tries || reviews || event["stage"] != "ResponseComplete" {
            continue;
        }
        if agent.starts_with("kubectl/") {
            kubectl.push(event);
        } else if !agent.starts_with("kube-") && !agent.starts_with("kwok") {
            ours.push(event);
        }
    }
    (kubectl, ours)
}

/// The writes about one line's world, in the order of their names: neither side promises another.
pub fn of(events: &[Value], id: &str) -> Vec<Request> {
    let mut out: Vec<Request> =
        events.iter().filter(|e| e["requestURI"].as_str().unwrap_or_default().contains(id) || names(e, id)).map(|e| request(e, id)).collect();
    out.sort_by_key(|r| r.what.clone());
    out
}

/// Whether a create of a cluster-scoped object names it.
fn names(event: &Value, id: &str) -> bool {
    event["objectRef"]["namespace"].is_null() && event["requestObject"]["metadata"]["name"].as_str().is_some_and(|n| n.contains(id))
}

fn request(event: &Value, id: &str) -> Request {
    let at = |key: &str| event["objectRef"][key].as_str().unwrap_or_default().to_owned();
    let verb = event["verb"].as_str().unwrap_or_default();
    let eviction = at("subresource") == "eviction";
    let object = match verb {
        "delete" => {
            let body = &event["requestObject"];
            json!({"propagationPolicy": body["propagationPolicy"], "gracePeriodSeconds": body["gracePeriodSeconds"], "orphanDependents": body["orphanDependents"]})
        }
        _ if eviction => {
            let body = &event["requestObject"];
            json!({"apiVersion": body["apiVersion"], "name": body["metadata"]["name"], "gracePeriodSeconds": body["deleteOptions"]["gracePeriodSeconds"]})
        }
        _ => settled(&event["responseObject"], &at("subresource")),
    };
    let name = match event["responseObject"]["metadata"]["name"].as_str() {
        Some(name) if !eviction && verb != "delete" => name.to_owned(),
        _ => at("name"),
    };
    let group = if at("apiGroup").is_empty() { String::new() } else { format!(".{}", at("apiGroup")) };
    let sub = if at("subresource").is_empty() { String::new() } else { format!("/{}", at("subresource")) };
    // the server makes up the end of a generated name
    let generated = event["responseObject"]["metadata"]["generateName"].as_str().filter(|p| name.starts_with(p)).map(str::to_owned);
    let name = generated.unwrap_or(name);
    let code = &event["responseStatus"]["code"];
    let what = format!("{verb} {}{group}/{}{sub} {}/{name} {code}", at("resource"), at("apiVersion"), at("namespace"));
    let object = serde_json::from_str(&same(&object.to_string(), event, id)).unwrap();
    Request { what: what.replace(id, "ID"), object }
}

/// The text of an object with this line's words, uids and times made the same on both sides, and our name that of kubectl.
fn same(text: &str, event: &Value, id: &str) -> String {
    let uid = regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)").unwrap();
    let text = text.replace(id, "ID");
    let text = uid.replace_all(&text, "UID");
    let text = time.replace_all(&text, "TIME").into_owned();
    let csr = event["objectRef"]["resource"] == "certificatesigningrequests";
    if csr { text.replace("kopilot-tui", "kubectl").replace("Kopilot", "Kubectl") } else { text }
}

/// An object without what the server makes up and controllers write.
fn settled(object: &Value, subresource: &str) -> Value {
    let mut out = object.clone();
    let status = matches!(subresource, "status" | "approval");
    if let Some(map) = out.as_object_mut() {
        if !status {
            map.remove("status");
        }
        map.remove("code");
    }
    for gone in ["managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "generateName"] {
        if let Some(map) = out.pointer_mut("/metadata").and_then(Value::as_object_mut) {
            map.remove(gone);
            if gone == "generateName" && object["metadata"]["generateName"].is_string() {
                map.remove("name");
            }
        }
    }
    if let Some(map) = out.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        map.remove("deployment.kubernetes.io/revision");
        if map.is_empty() {
            out["metadata"].as_object_mut().unwrap().remove("annotations");
        }
    }
    if let Some(spec) = out.pointer_mut("/spec").and_then(Value::as_object_mut) {
        // addresses and ports that the server hands out
        if spec.get("clusterIP").is_some_and(|ip| ip != "None") {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
        for port in spec.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
            port.as_object_mut().unwrap().remove("nodePort");
        }
        // the token volume has a made-up name
        for list in ["volumes", "containers"] {
            for item in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                if item["name"].as_str().is_some_and(|n| n.starts_with("kube-api-access-")) {
                    item["name"] = "kube-api-access".into();
                }
                for mount in item.get_mut("volumeMounts").and_then(Value::as_array_mut).into_iter().flatten() {
                    if mount["name"].as_str().is_some_and(|n| n.starts_with("kube-api-access-")) {
                        mount["name"] = "kube-api-access".into();
                    }
                }
            }
        }
    }
    out
}

/// The requests of one side in a few words.
pub fn shown(requests: &[Request]) -> String {
    if requests.is_empty() { "nothing".to_owned() } else { requests.iter().map(|r| r.what.as_str()).collect::<Vec<_>>().join("; ") }
}

/// How two sides differ.
pub fn difference(kubectl: &[Request], ours: &[Request]) -> String {
    let whats = |requests: &[Request]| requests.iter().map(|r| r.what.clone()).collect::<Vec<_>>();
    if whats(kubectl) != whats(ours) {
        return format!("kubectl: {}\n  ours:    {}", shown(kubectl), shown(ours));
    }
    let Some((a, b)) = kubectl.iter().zip(ours).find(|(a, b)| a != b) else { return "neither sent anything".to_owned() };
    let mut out = format!("{} results in another object (kubectl's -, ours +):", a.what);
    let lines = |v: &Value| serde_json::to_string_pretty(v).unwrap();
    for line in kopilot_tui::text::diff::lines(&lines(&a.object), &lines(&b.object), 1) {
        use kopilot_tui::text::diff::Line;
        match line {
            Line::Removed(l) => out.extend(["\n    - ", l.as_str()]),
            Line::Added(l) => out.extend(["\n    + ", l.as_str()]),
            Line::Same(l) => out.extend(["\n      ", l.as_str()]),
            Line::Gap(_) => {}
        }
    }
    out
}
