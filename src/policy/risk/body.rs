//! What a patch would do, read off its body: each leaf with the path that leads to it. A body that could mean more than its
//! words say is judged as if it did.
use super::{DATA, Line, admission_label, called, holds, is, of_kind};
use crate::model::operation::{PatchType, Target};
use crate::model::{KindRef, Risk};
use serde_json::Value;

/// Kinds whose patch its undo takes back.
const PATCHED: &[(&str, &str)] = &[
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("", "configmaps"),
    ("", "services"),
];

/// Capabilities with which a container is as good as privileged.
const POWERS: &[&str] = &["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "BPF", "NET_ADMIN"];

/// The line of a patch of one object.
pub fn patched(target: &Target, patch_type: PatchType, body: &Value, subresource: Option<&str>) -> Line {
    let mut leaves = Vec::new();
    let opaque = if patch_type == PatchType::Json { steps(body, &mut leaves) } else { leave(body, &mut Vec::new(), &mut leaves) };
    let name = called(target);
    if let Some(line) = of_leaves(&target.kind, &name, &leaves) {
        return line;
    }
    let touches = |key: &str| leaves.iter().any(|leaf| leaf.path.first().is_some_and(|p| p == "metadata") && leaf.path.iter().any(|p| p == key));
    if touches("finalizers") && (holds(DATA, &target.kind) || !target.kind.namespaced) {
        (Risk::Critical, "finalizers", format!("Without its finalizers {name} goes before what waits for them is done."))
    } else if touches("finalizers") || touches("ownerReferences") {
        (Risk::High, "finalizers", format!("Finalizers and owners decide when {name} goes."))
    } else if opaque {
        (Risk::High, "patch-opaque", format!("What the patch moves or copies within {name} is not in its words."))
    } else if subresource == Some("status") {
        (Risk::High, "patch-status", format!("The status of {name} is its controller's to write; others act on it."))
    } else if let Some(line) = of_kind(&target.kind) {
        line
    } else if holds(PATCHED, &target.kind) {
        (Risk::Medium, "patch", format!("Fields of {name} change; what they were before is in the plan."))
    } else {
        (Risk::High, "patch-other", format!("No line names a patch of {}.", target.kind.resource))
    }
}

/// One leaf of a body.
pub struct Leaf {
    /// The keys that lead to it; places in lists are left out.
    pub path: Vec<String>,
    /// A scalar, or an empty list or object.
    pub value: Value,
}

/// The leaves of an object; whether some part says how to merge rather than what (`$patch` and its like).
pub fn leave(value: &Value, path: &mut Vec<String>, out: &mut Vec<Leaf>) -> bool {
    match value {
        Value::Object(map) if !map.is_empty() => map.iter().fold(false, |opaque, (key, inner)| {
            path.push(key.clone());
            let inner = leave(inner, path, out);
            path.pop();
            opaque || inner || (key.starts_with("$retainKeys") || key == "$patch")
        }),
        Value::Array(items) if !items.is_empty() => items.iter().map(|item| leave(item, path, out)).fold(false, std::ops::BitOr::bitor),
        leaf => {
            out.push(Leaf { path: path.clone(), value: leaf.clone() });
            false
        }
    }
}

/// The leaves of a json patch; whether a step takes a value from elsewhere.
fn steps(body: &Value, out: &mut Vec<Leaf>) -> bool {
    let mut opaque = false;
    for step in body.as_array().into_iter().flatten() {
        let text = |key: &str| step.get(key).and_then(Value::as_str).unwrap_or_default();
        let is_place = |part: &str| part == "-" || part.bytes().all(|b| b.is_ascii_digit());
        let mut path: Vec<String> = text("path").split('/').skip(1).filter(|p| !is_place(p)).map(|p| p.replace("~1", "/").replace("~0", "~")).collect();
        match text("op") {
            "add" | "replace" => {
                leave(step.get("value").unwrap_or(&Value::Null), &mut path, out);
            }
            "remove" => out.push(Leaf { path, value: Value::Null }),
            "test" => {}
            _ => opaque = true,
        }
    }
    opaque
}

/// The line of what an object is to hold, whatever the verb.
pub fn of_leaves(kind: &KindRef, name: &str, leaves: &[Leaf]) -> Option<Line> {
    if let Some(what) = leaves.iter().find_map(|leaf| host(kind, leaf)) {
        return Some((Risk::Critical, "host-access", format!("With {what} {name} reaches the node that it runs on.")));
    }
    let labels = |leaf: &Leaf| leaf.path.iter().any(|p| p == "labels");
    if is(kind, "", "namespaces") && leaves.iter().any(|leaf| labels(leaf) && leaf.path.iter().any(|p| p.starts_with(super::ADMISSION_LABELS))) {
        return Some(admission_label(name));
    }
    let says = |path: &[&str], value: &Value| leaves.iter().any(|leaf| leaf.path == path && leaf.value == *value);
    if says(&["spec", "replicas"], &0.into()) {
        return Some((Risk::High, "scale-to-zero", format!("At no replicas {name} stops.")));
    }
    (is(kind, "batch", "jobs") && says(&["spec", "suspend"], &true.into())).then(|| (Risk::High, "suspend", format!("The pods of {name} are stopped.")))
}

/// What of a leaf gives a pod the node: privilege, the host's namespaces, a path of the host.
fn host(kind: &KindRef, leaf: &Leaf) -> Option<&'static str> {
    let text_alone = is(kind, "", "configmaps") || kind.resource == "customresourcedefinitions";
    if text_alone || leaf.path.first().is_none_or(|p| p == "metadata") {
        return None;
    }
    let set = !matches!(leaf.value, Value::Null | Value::Bool(false));
    let last = leaf.path.last().map(|p| p.to_lowercase()).unwrap_or_default();
    let key = |name: &str| leaf.path.iter().any(|p| p.eq_ignore_ascii_case(name));
    // labels and annotations of a template may have any key
    let within_metadata = leaf.path.iter().any(|p| p == "metadata") && (key("labels") || key("annotations"));
    if !set || within_metadata {
        return None;
    }
    let power = |value: &Value| value.as_str().is_some_and(|v| POWERS.iter().any(|p| v.to_uppercase().trim_start_matches("CAP_") == *p));
    match last.as_str() {
        "privileged" => Some("a privileged container"),
        "hostprocess" => Some("a container that is a process of the host"),
        "hostnetwork" | "hostpid" | "hostipc" => Some("the host's namespaces"),
        _ if key("hostPath") => Some("a path of the host"),
        _ if key("capabilities") && key("add") && power(&leaf.value) => Some("capabilities as good as privilege"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(resource: &str, patch_type: PatchType, body: &Value) -> (Risk, &'static str) {
        let kind = crate::kubectl::kinds::Kinds::builtin().resolve(resource).unwrap();
        let (risk, rule, _) = patched(&Target { kind, name: Some("x".into()) }, patch_type, body, None);
        (risk, rule)
    }

    #[test]
    fn a_patch_is_judged_by_what_it_writes_wherever_it_stands() {
        let pod = |security: Value| json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "securityContext": security}]}}}});
        for (body, want) in [
            (json!({"spec": {"paused": true}}), (Risk::Medium, "patch")),
            (json!({"spec": {"replicas": 3}}), (Risk::Medium, "patch")),
            (json!({"spec": {"replicas": 0}}), (Risk::High, "scale-to-zero")),
            (pod(json!({"privileged": true})), (Risk::Critical, "host-access")),
            (pod(json!({"privileged": false})), (Risk::Medium, "patch")),
            (pod(json!({"privileged": null})), (Risk::Medium, "patch")),
            (pod(json!({"capabilities": {"add": ["CAP_SYS_ADMIN"]}})), (Risk::Critical, "host-access")),
            (pod(json!({"capabilities": {"drop": ["ALL"]}})), (Risk::Medium, "patch")),
            (json!({"spec": {"template": {"spec": {"hostNetwork": true}}}}), (Risk::Critical, "host-access")),
            (json!({"spec": {"template": {"spec": {"hostPID": "yes"}}}}), (Risk::Critical, "host-access")),
            (json!({"spec": {"template": {"spec": {"volumes": [{"name": "v", "hostPath": {}}]}}}}), (Risk::Critical, "host-access")),
            (json!({"spec": {"template": {"spec": {"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}}}}), (Risk::Critical, "host-access")),
            (json!({"spec": {"template": {"metadata": {"labels": {"privileged": "no"}}}}}), (Risk::Medium, "patch")),
            (json!({"metadata": {"labels": {"hostNetwork": "x"}}}), (Risk::Medium, "patch")),
            (json!({"metadata": {"finalizers": null}}), (Risk::High, "finalizers")),
            (json!({"metadata": {"ownerReferences": []}}), (Risk::High, "finalizers")),
            (json!({"spec": {"$patch": "replace", "replicas": 1}}), (Risk::High, "patch-opaque")),
        ] {
            assert_eq!(line("deployments", PatchType::Strategic, &body), want, "{body}");
        }
        assert_eq!(line("pvc", PatchType::Merge, &json!({"metadata": {"finalizers": null}})), (Risk::Critical, "finalizers"));
        assert_eq!(line("cm", PatchType::Merge, &json!({"data": {"privileged": "true"}})), (Risk::Medium, "patch"));
        assert_eq!(line("ing", PatchType::Merge, &json!({"spec": {}})), (Risk::High, "patch-other"));
        assert_eq!(line("job", PatchType::Merge, &json!({"spec": {"suspend": true}})), (Risk::High, "suspend"));
        assert_eq!(line("cj", PatchType::Merge, &json!({"spec": {"suspend": true}})), (Risk::Medium, "patch"));
    }

    #[test]
    fn the_steps_of_a_json_patch_are_judged_by_path_and_value() {
        for (body, want) in [
            (json!([{"op": "replace", "path": "/spec/replicas", "value": 0}]), (Risk::High, "scale-to-zero")),
            (json!([{"op": "add", "path": "/spec/template/spec/hostNetwork", "value": true}]), (Risk::Critical, "host-access")),
            (
                json!([{"op": "add", "path": "/spec/template/spec/containers/0/securityContext", "value": {"privileged": true}}]),
                (Risk::Critical, "host-access"),
            ),
            (
                json!([{"op": "add", "path": "/spec/template/spec/volumes/-", "value": {"name": "v", "hostPath": {"path": "/"}}}]),
                (Risk::Critical, "host-access"),
            ),
            (json!([{"op": "remove", "path": "/spec/template/spec/hostNetwork"}]), (Risk::Medium, "patch")),
            (json!([{"op": "test", "path": "/spec/replicas", "value": 0}]), (Risk::Medium, "patch")),
            (json!([{"op": "remove", "path": "/metadata/finalizers/0"}]), (Risk::High, "finalizers")),
            (json!([{"op": "copy", "from": "/spec/a", "path": "/spec/b"}]), (Risk::High, "patch-opaque")),
        ] {
            assert_eq!(line("deployments", PatchType::Json, &body), want, "{body}");
        }
    }
}
