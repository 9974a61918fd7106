//! Strategic merge patches: merge patches that know which lists are merged by a key, and the `$` directives.
use serde_json::{Map, Value};

/// The key by which a list's items are merged; `Some("")`: a list of scalars that is merged as a set; `None`: the list
/// is replaced as a whole. `parent` is the field that holds the object with the list.
pub fn merge_key(parent: &str, field: &str) -> Option<&'static str> {
    Some(match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets"
        | "webhooks"
        | "resourceClaims"
        | "schedulingGates" => "name",
        "secrets" if parent.is_empty() => "name",
        "volumeMounts" => "mountPath",
        "volumeDevices" => "devicePath",
        // A Service's ports are merged by port, a container's by containerPort.
        "ports" if parent == "spec" => "port",
        "ports" if parent == "containers" || parent == "initContainers" => "containerPort",
        "hostAliases" | "podIPs" | "hostIPs" => "ip",
        "topologySpreadConstraints" => "topologyKey",
        "conditions" | "addresses" if parent == "status" => "type",
        "ownerReferences" => "uid",
        "finalizers" | "podCIDRs" | "volumesInUse" => "",
        _ => return None,
    })
}

/// Whether `$retainKeys` of a field's object was asked for is in the patch itself; everything else is a plain merge.
pub fn patch(target: &Value, patch: &Value) -> Result<Value, String> {
    merge(target, patch, "")
}

fn merge(target: &Value, patch: &Value, field: &str) -> Result<Value, String> {
    let Value::Object(changes) = patch else { return Ok(patch.clone()) };
    match changes.get("$patch").and_then(Value::as_str) {
        Some("replace") => return Ok(Value::Object(plain(changes))),
        Some("delete") => return Ok(Value::Object(Map::new())),
        Some("merge") | None => {}
        Some(other) => return Err(format!("unknown patch type found in patch: {other}")),
    }
    let mut out = target.as_object().cloned().unwrap_or_default();
    if let Some(kept) = changes.get("$retainKeys").and_then(Value::as_array) {
        out.retain(|key, _| kept.iter().any(|k| k == key.as_str()));
    }
    for (key, change) in changes.iter().filter(|(k, _)| !k.starts_with('$')) {
        if change.is_null() {
            out.remove(key);
            continue;
        }
        let old = out.get(key).cloned().unwrap_or_default();
        let new = match change {
            Value::Array(items) => list(old.as_array().map(Vec::as_slice).unwrap_or_default(), items, merge_key(field, key), key)?,
            _ => merge(&old, change, key)?,
        };
        out.insert(key.clone(), new);
    }
    for (key, gone) in directives(changes, "$deleteFromPrimitiveList/") {
        if let Some(Value::Array(items)) = out.get_mut(key) {
            items.retain(|i| !gone.contains(i));
        }
    }
    // Without an order of its own, a patch means that of its items.
    let implied = changes.iter().filter(|(k, v)| v.is_array() && merge_key(field, k).is_some() && !changes.contains_key(&format!("$setElementOrder/{k}")));
    let implied = implied.filter_map(|(k, v)| Some((k.as_str(), v.as_array()?)));
    for (key, order) in directives(changes, "$setElementOrder/").chain(implied) {
        let server = target.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if let Some(Value::Array(items)) = out.get_mut(key) {
            reorder(items, order, server, merge_key(field, key).unwrap_or_default());
        }
    }
    Ok(Value::Object(out))
}

fn directives<'a>(changes: &'a Map<String, Value>, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Vec<Value>)> {
    changes.iter().filter_map(move |(k, v)| Some((k.strip_prefix(prefix)?, v.as_array()?)))
}

/// A patch's object without its directives, for what is put in new.
fn plain(changes: &Map<String, Value>) -> Map<String, Value> {
    let clean = |v: &Value| match v {
        Value::Object(map) => Value::Object(plain(map)),
        Value::Array(items) => Value::Array(
            items.iter().filter(|i| i.get("$patch").is_none()).map(|i| i.as_object().map_or_else(|| i.clone(), |m| Value::Object(plain(m)))).collect(),
        ),
        other => other.clone(),
    };
    changes.iter().filter(|(k, v)| !k.starts_with('$') && !v.is_null()).map(|(k, v)| (k.clone(), clean(v))).collect()
}

fn list(old: &[Value], changes: &[Value], key: Option<&str>, field: &str) -> Result<Value, String> {
    let replaced = changes.iter().any(|c| c.get("$patch").is_some_and(|p| p == "replace"));
    let Some(key) = key.filter(|_| !replaced) else {
        let clean = changes.iter().filter(|c| c.get("$patch").is_none());
        return Ok(Value::Array(clean.map(|c| c.as_object().map_or_else(|| c.clone(), |m| Value::Object(plain(m)))).collect()));
    };
    let mut out = old.to_vec();
    for change in changes {
        if key.is_empty() {
            if !out.contains(change) {
                out.push(change.clone());
            }
            continue;
        }
        let Some(id) = change.get(key) else {
            return Err(format!("map: {} does not contain declared merge key: {key}", go(change)));
        };
        let at = out.iter().position(|item| item.get(key) == Some(id));
        let deleted = change.get("$patch").is_some_and(|p| p == "delete");
        match (at.and_then(|at| out.get_mut(at)), deleted) {
            (Some(_), true) => out.retain(|item| item.get(key) != Some(id)),
            (None, true) => {}
            (Some(item), false) => *item = merge(item, change, field)?,
            (None, false) => out.push(merge(&Value::Null, change, field)?),
        }
    }
    Ok(Value::Array(out))
}

/// A value as Go prints it.
fn go(value: &Value) -> String {
    match value {
        Value::Object(map) => format!("map[{}]", map.iter().map(|(k, v)| format!("{k}:{}", go(v))).collect::<Vec<_>>().join(" ")),
        Value::Array(items) => format!("[{}]", items.iter().map(go).collect::<Vec<_>>().join(" ")),
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}

/// Puts the items that `order` names in its order; the others keep the server's, and stand behind a named one unless
/// the server had them before it.
fn reorder(items: &mut Vec<Value>, order: &[Value], server: &[Value], key: &str) {
    let at =
        |list: &[Value], item: &Value| list.iter().position(|o| if key.is_empty() { o == item } else { o.get(key).is_some() && o.get(key) == item.get(key) });
    let (mut named, mut others): (Vec<Value>, Vec<Value>) = items.drain(..).partition(|item| at(order, item).is_some());
    named.sort_by_key(|item| at(order, item));
    others.sort_by_key(|item| at(server, item));
    let mut others = others.into_iter().peekable();
    for item in named {
        let place = at(server, &item);
        while let Some(other) = others.next_if(|other| place.is_some_and(|p| at(server, other).is_some_and(|o| o < p))) {
            items.push(other);
        }
        items.push(item);
    }
    items.extend(others);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_merged_by_their_keys_and_directives_hold() {
        let pod = json!({"spec": {"containers": [{"name": "a", "image": "x:1", "env": [{"name": "A", "value": "1"}], "ports": [{"containerPort": 80}]},
            {"name": "b", "image": "y:1"}], "tolerations": [{"key": "k"}]}, "metadata": {"finalizers": ["f"]}});
        for (what, change, pointer, want) in [
            ("a container is found by name", json!({"spec": {"containers": [{"name": "b", "image": "y:2"}]}}), "/spec/containers/1/image", json!("y:2")),
            ("the others stay", json!({"spec": {"containers": [{"name": "b", "image": "y:2"}]}}), "/spec/containers/0/image", json!("x:1")),
            (
                "env is merged inside",
                json!({"spec": {"containers": [{"name": "a", "env": [{"name": "B", "value": "2"}]}]}}),
                "/spec/containers/0/env",
                json!([{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]),
            ),
            ("$patch delete takes an item away", json!({"spec": {"containers": [{"name": "a", "$patch": "delete"}]}}), "/spec/containers/0/name", json!("b")),
            (
                "the order is set",
                json!({"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}], "containers": [{"name": "a", "image": "x:2"}]}}),
                "/spec/containers/0/name",
                json!("b"),
            ),
            ("tolerations are replaced", json!({"spec": {"tolerations": [{"key": "z"}]}}), "/spec/tolerations", json!([{"key": "z"}])),
            ("null removes", json!({"spec": {"tolerations": null}}), "/spec", json!({"containers": pod["spec"]["containers"]})),
            ("finalizers are a set", json!({"metadata": {"finalizers": ["g"]}}), "/metadata/finalizers", json!(["g", "f"])),
            ("from which items go", json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["f"]}}), "/metadata/finalizers", json!([])),
            ("$patch replace", json!({"spec": {"$patch": "replace", "nodeName": "n"}}), "/spec", json!({"nodeName": "n"})),
            ("$retainKeys", json!({"spec": {"$retainKeys": ["nodeName"], "nodeName": "n"}}), "/spec", json!({"nodeName": "n"})),
        ] {
            assert_eq!(patch(&pod, &change).unwrap().pointer(pointer), Some(&want), "{what}");
        }
        assert!(patch(&pod, &json!({"spec": {"containers": [{"image": "x"}]}})).is_err(), "an item without its key");
    }
}
