//! Whether an object shows what a request asked of it. Pure. What the server writes in another form than it was sent
//! (quantities, defaults) is not compared: the dry run has shown it.
use crate::cluster::plan::request::JSON_PATCH;
use crate::model::PlannedRequest;
use serde_json::Value;

/// The keys by which items of a list are told apart.
const KEYS: &[&str] = &["name", "key", "type", "containerPort", "port", "mountPath", "ip"];

/// The first thing that was asked and is not there, as a path.
pub(super) fn lacks(planned: &PlannedRequest, now: &Value) -> Option<String> {
    let body: Value = serde_json::from_slice(&planned.body).ok()?;
    if planned.path.ends_with("/scale") {
        return None;
    }
    if planned.content_type == JSON_PATCH {
        return missing_of_json_patch(&body, now);
    }
    missing(&body, now, "")
}

/// Whether a request changes what pods are to be, or makes them.
pub(super) fn moves_pods(planned: &PlannedRequest) -> bool {
    let body: Value = serde_json::from_slice(&planned.body).unwrap_or_default();
    match &body {
        Value::Array(operations) => operations.iter().any(|o| o.get("path").and_then(Value::as_str).is_some_and(|p| p.starts_with("/spec"))),
        other => other.get("spec").is_some(),
    }
}

fn missing_of_json_patch(body: &Value, now: &Value) -> Option<String> {
    // operations build on each other: only the last word on a path counts, and lists move
    let operations = body.as_array()?;
    let last = |at: usize, path: &str| {
        !operations.iter().skip(at + 1).any(|o| o.get("path").and_then(Value::as_str).is_some_and(|p| p.starts_with(path) || path.starts_with(p)))
    };
    operations.iter().enumerate().find_map(|(at, operation)| {
        let field = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default();
        let path = field("path");
        let in_list = path.split('/').any(|step| step == "-" || step.parse::<usize>().is_ok());
        if in_list || !last(at, path) {
            return None;
        }
        match (field("op"), operation.get("value"), now.pointer(path)) {
            ("add" | "replace", Some(value), there) => missing(value, there.unwrap_or(&Value::Null), path),
            ("remove", _, Some(_)) => Some(format!("{path} removed")),
            _ => None,
        }
    })
}

fn missing(want: &Value, now: &Value, path: &str) -> Option<String> {
    match (want, now) {
        (Value::Null, Value::Null) => None,
        (Value::Null, _) => Some(format!("{path} removed")),
        (Value::Object(want), _) => {
            let empty = want.values().all(Value::is_null);
            if now.is_null() && !empty && !want.is_empty() {
                return Some(path.to_owned());
            }
            want.iter()
                .filter(|(key, _)| !(key.starts_with('$') || path.is_empty() && ["status", "metadata"].contains(&key.as_str())))
                .find_map(|(key, value)| missing(value, now.get(key).unwrap_or(&Value::Null), &format!("{path}/{key}")))
                .or_else(|| if path.is_empty() { marks(want.get("metadata"), now) } else { None })
        }
        (Value::Array(want), Value::Array(now)) => want.iter().find_map(|item| {
            let key = KEYS.iter().find(|k| item.get(**k).is_some())?;
            let gone = item.get("$patch").and_then(Value::as_str) == Some("delete");
            let same: Vec<&Value> = now.iter().filter(|n| n.get(*key) == item.get(*key)).collect();
            let called = item.get(*key).unwrap_or(&Value::Null);
            match same.first() {
                Some(_) if gone => Some(format!("{path} without {called}")),
                None if gone => None,
                None => Some(format!("{path} with {called}")),
                // several may share the key (taints by effect, ports by protocol): one of them has to be it
                Some(first) if same.iter().all(|there| missing(item, there, path).is_some()) => missing(item, first, path),
                Some(_) => None,
            }
        }),
        (Value::Bool(want), now) => (now.as_bool().unwrap_or(false) != *want).then(|| path.to_owned()),
        (Value::Number(want), now) => (now.as_f64() != want.as_f64() && !now.is_string()).then(|| path.to_owned()),
        // a quantity or a time is written anew by the server
        (Value::String(want), now) => {
            let plain = !want.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
            (plain && now.as_str() != Some(want) && !want.is_empty()).then(|| path.to_owned())
        }
        _ => None,
    }
}

/// Of metadata only labels and annotations are asked for.
fn marks(metadata: Option<&Value>, now: &Value) -> Option<String> {
    ["labels", "annotations"].iter().find_map(|field| {
        let want = metadata?.get(*field)?;
        missing(want, now.pointer(&format!("/metadata/{field}")).unwrap_or(&Value::Null), &format!("/metadata/{field}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn planned(content_type: &'static str, body: &Value) -> PlannedRequest {
        PlannedRequest { method: "PATCH", path: "/p".into(), query: String::new(), content_type, body: body.to_string().into_bytes() }
    }

    #[test]
    fn what_was_asked_and_is_not_there_is_named() {
        let now = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"paused": true, "replicas": 2, "cpu": "1", "containers": [{"name": "c", "image": "i"}],
            "taints": [{"key": "k", "effect": "NoSchedule"}, {"key": "k", "effect": "NoExecute"}]}});
        for (body, want) in [
            (json!({"spec": {"paused": true}}), None),
            (json!({"spec": {"paused": null}}), Some("/spec/paused removed")),
            (json!({"spec": {"gone": null}}), None),
            (json!({"metadata": {"labels": {"a": "b", "x": null}, "uid": "u"}}), None),
            (json!({"metadata": {"labels": {"a": "c"}}}), Some("/metadata/labels/a")),
            (json!({"spec": {"cpu": "1000m"}}), None),
            (json!({"spec": {"containers": [{"name": "c", "image": "j"}]}}), Some("/spec/containers/image")),
            (json!({"spec": {"containers": [{"name": "d"}]}}), Some("/spec/containers with \"d\"")),
            (json!({"spec": {"containers": [{"name": "d", "$patch": "delete"}]}}), None),
            (json!({"spec": {"unschedulable": false}}), None),
            (json!({"spec": {"taints": [{"key": "k", "effect": "NoExecute"}]}}), None),
            (json!({"spec": {"taints": [{"key": "k", "effect": "PreferNoSchedule"}]}}), Some("/spec/taints/effect")),
            (json!({"status": {"x": 1}}), None),
        ] {
            assert_eq!(lacks(&planned("application/merge-patch+json", &body), &now).as_deref(), want, "{body}");
        }
        for (body, want) in [
            (json!([{"op": "replace", "path": "/spec/replicas", "value": 3}]), Some("/spec/replicas")),
            (json!([{"op": "remove", "path": "/spec/paused"}]), Some("/spec/paused removed")),
            (json!([{"op": "add", "path": "/spec/containers/-", "value": {}}]), None),
            (json!([{"op": "remove", "path": "/spec/x"}, {"op": "add", "path": "/spec/paused", "value": true}]), None),
        ] {
            assert_eq!(lacks(&planned(JSON_PATCH, &body), &now).as_deref(), want, "{body}");
        }
    }
}
