//! `metadata.managedFields`: who owns which field, so that server-side apply knows what to take away and what is
//! somebody else's.
use super::json::{self, list, object, text};
use super::kinds::Kind;
use super::write::{Options, Part};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The steps from an object to a field: `f:spec`, `k:{"name":"a"}`, `v:"x"`; `.` at the end: the item itself.
pub type Path = Vec<String>;
/// A set of fields.
pub type Set = BTreeSet<Path>;

/// The keys by which a list's items are told apart when applied; more than strategic merge uses.
pub fn list_keys(parent: &str, field: &str) -> &'static [&'static str] {
    match (field, super::strategic::merge_key(parent, field)) {
        ("ports", Some("containerPort")) => &["containerPort", "protocol"],
        ("ports", Some("port")) => &["port", "protocol"],
        ("topologySpreadConstraints", Some(_)) => &["topologyKey", "whenUnsatisfiable"],
        (_, Some("name")) => &["name"],
        (_, Some("mountPath")) => &["mountPath"],
        (_, Some("devicePath")) => &["devicePath"],
        (_, Some("ip")) => &["ip"],
        (_, Some("type")) => &["type"],
        (_, Some("uid")) => &["uid"],
        _ => &[],
    }
}

/// How an item of a list is named in a path.
pub fn item_step(item: &Value, keys: &[&str]) -> String {
    let mut id = Map::new();
    for key in keys {
        let value = item.get(*key).cloned().or_else(|| (*key == "protocol").then(|| "TCP".into()));
        id.extend(value.map(|v| ((*key).to_owned(), v)));
    }
    format!("k:{}", Value::Object(id))
}

/// The fields that an object sets, without those that the server owns.
pub fn set_of(value: &Value) -> Set {
    let mut out = Set::new();
    collect(value, "", &mut Vec::new(), &mut out);
    let server = ["apiVersion", "kind"];
    let server_meta = [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
        "selfLink",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ];
    let named = |step: Option<&String>, names: &[&str]| step.and_then(|s| s.strip_prefix("f:")).is_some_and(|s| names.contains(&s));
    out.retain(|p| !(p.is_empty() || named(p.first(), &server) || named(p.first(), &["metadata"]) && (p.len() == 1 || named(p.get(1), &server_meta))));
    out
}

fn collect(value: &Value, field: &str, path: &mut Path, out: &mut Set) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, inner) in map {
                path.push(format!("f:{key}"));
                match inner {
                    Value::Array(items) if !items.is_empty() => collect_list(items, field, key, path, out),
                    _ => collect(inner, key, path, out),
                }
                path.pop();
            }
        }
        _ => {
            out.insert(path.clone());
        }
    }
}

fn collect_list(items: &[Value], parent: &str, field: &str, path: &mut Path, out: &mut Set) {
    let keys = list_keys(parent, field);
    let scalars = super::strategic::merge_key(parent, field) == Some("");
    if keys.is_empty() && !scalars {
        out.insert(path.clone());
        return;
    }
    for item in items {
        path.push(if scalars { format!("v:{item}") } else { item_step(item, keys) });
        path.push(".".into());
        out.insert(path.clone());
        path.pop();
        if !scalars {
            collect(item, field, path, out);
        }
        path.pop();
    }
}

/// A set in the form of `fieldsV1`.
pub fn write(set: &Set) -> Value {
    let mut out = json!({});
    for path in set {
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        object(&mut out, &steps);
    }
    out
}

/// A `fieldsV1` as a set.
pub fn read(value: &Value) -> Set {
    fn walk(value: &Value, path: &mut Path, out: &mut Set) {
        match value.as_object().filter(|m| !m.is_empty()) {
            None => {
                out.insert(path.clone());
            }
            Some(map) => {
                for (key, inner) in map {
                    path.push(key.clone());
                    walk(inner, path, out);
                    path.pop();
                }
            }
        }
    }
    let mut out = Set::new();
    walk(value, &mut Vec::new(), &mut out);
    out.remove(&Vec::new());
    out
}

/// The value at a field, for comparing; items are found by their key.
pub fn find<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    let Some((step, rest)) = path.split_first() else { return Some(value) };
    if step == "." {
        return Some(value);
    }
    let next = if let Some(field) = step.strip_prefix("f:") {
        value.get(field)
    } else if let Some(id) = step.strip_prefix("k:") {
        let id: Value = serde_json::from_str(id).ok()?;
        let keys: Vec<&str> = id.as_object()?.keys().map(String::as_str).collect();
        value.as_array()?.iter().find(|item| item_step(item, &keys) == *step)
    } else {
        let scalar: Value = serde_json::from_str(step.strip_prefix("v:")?).ok()?;
        value.as_array()?.iter().find(|item| **item == scalar)
    };
    find(next?, rest)
}

/// A path as conflicts name it: `.spec.containers[name="a"].image`.
pub fn dotted(path: &[String]) -> String {
    path.iter()
        .filter(|s| *s != ".")
        .map(|step| match (step.strip_prefix("f:"), step.strip_prefix("k:")) {
            (Some(field), _) => format!(".{field}"),
            (_, Some(id)) => {
                let id: Map<String, Value> = serde_json::from_str(id).unwrap_or_default();
                format!("[{}]", id.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","))
            }
            _ => format!("[={}]", step.trim_start_matches("v:")),
        })
        .collect()
}

/// Whether an entry is this manager's, for this way of writing.
fn is_of(entry: &Value, manager: &str, operation: &str, subresource: &str) -> bool {
    text(entry, "/manager") == manager && text(entry, "/operation") == operation && text(entry, "/subresource") == subresource
}

/// Notes who wrote what in `new.metadata.managedFields`. For an apply, `applied` was noted by [`apply`] already.
pub fn record(kind: &Kind, old: Option<&Value>, new: &mut Value, options: &Options, part: Part, now: &str) {
    if options.operation == "Apply" {
        return;
    }
    let after = set_of(new);
    let empty = json!({});
    let before = old.unwrap_or(&empty);
    let had = set_of(before);
    let changed: Set = after
        .iter()
        .filter(|p| !had.contains(*p) || find(before, p) != find(new, p))
        .filter(|p| part == Part::Status || p.first().is_none_or(|s| s != "f:status"))
        .cloned()
        .collect();
    let subresource = if part == Part::Status { "status" } else { "" };
    let mut entries = Vec::new();
    let mut own = changed.clone();
    for entry in list(new, "/metadata/managedFields") {
        let owned = read(entry.get("fieldsV1").unwrap_or(&Value::Null));
        if is_of(entry, &options.manager, "Update", subresource) {
            own.extend(owned.into_iter().filter(|p| after.contains(p)));
            continue;
        }
        let rest: Set = owned.into_iter().filter(|p| after.contains(p) && !changed.contains(p)).collect();
        if !rest.is_empty() {
            let mut entry = entry.clone();
            json::set(&mut entry, "fieldsV1", write(&rest));
            entries.push(entry);
        }
    }
    if !own.is_empty() {
        entries.push(entry(kind, &options.manager, "Update", subresource, &own, now));
    }
    put(new, entries);
}

fn entry(kind: &Kind, manager: &str, operation: &str, subresource: &str, set: &Set, now: &str) -> Value {
    let mut out =
        json!({"manager": manager, "operation": operation, "apiVersion": kind.api_version(), "time": now, "fieldsType": "FieldsV1", "fieldsV1": write(set)});
    if !subresource.is_empty() {
        json::set(&mut out, "subresource", subresource);
    }
    out
}

fn put(object_: &mut Value, entries: Vec<Value>) {
    let metadata = object(object_, &["metadata"]);
    if entries.is_empty() {
        metadata.remove("managedFields");
    } else {
        metadata.insert("managedFields".into(), entries.into());
    }
}

/// Merges an applied configuration into an object: what it says is set, what its manager set before and it no longer
/// says goes away, what another manager set differently is a conflict unless forced.
pub fn apply(kind: &Kind, old: &Value, applied: &Value, manager: &str, force: bool, now: &str) -> Result<Value, Vec<(String, String)>> {
    let set = set_of(applied);
    let (mut conflicts, mut entries, mut mine, mut others) = (Vec::new(), Vec::new(), Set::new(), Set::new());
    for entry in list(old, "/metadata/managedFields") {
        let owned = read(entry.get("fieldsV1").unwrap_or(&Value::Null));
        if is_of(entry, manager, "Apply", "") {
            mine = owned;
            continue;
        }
        let differs = |p: &&Path| set.contains(*p) && p.last().is_none_or(|s| s != ".") && find(old, p) != find(applied, p);
        let taken: Set = owned.iter().filter(differs).cloned().collect();
        let version = text(entry, "/apiVersion");
        let who = if text(entry, "/operation") == "Apply" {
            format!("{:?}", text(entry, "/manager"))
        } else {
            format!("{:?} using {version}", text(entry, "/manager"))
        };
        conflicts.extend(taken.iter().map(|p| (who.clone(), dotted(p))));
        let rest: Set = owned.difference(&taken).cloned().collect();
        others.extend(rest.iter().cloned());
        if !rest.is_empty() {
            let mut entry = entry.clone();
            json::set(&mut entry, "fieldsV1", write(&rest));
            entries.push(entry);
        }
    }
    if !conflicts.is_empty() && !force {
        return Err(conflicts);
    }
    let mut out = merge(old, applied, "");
    for gone in mine.difference(&set).filter(|p| !others.contains(*p)).collect::<Vec<_>>().into_iter().rev() {
        remove(&mut out, gone);
    }
    entries.push(entry(kind, manager, "Apply", "", &set, now));
    put(&mut out, entries);
    Ok(out)
}

fn merge(old: &Value, new: &Value, field: &str) -> Value {
    let Value::Object(changes) = new else { return new.clone() };
    let mut out = old.as_object().cloned().unwrap_or_default();
    for (key, change) in changes.iter().filter(|(k, _)| *k != "managedFields") {
        let before = out.get(key).cloned().unwrap_or_default();
        let merged = match change {
            Value::Array(items) => merge_list(before.as_array().map(Vec::as_slice).unwrap_or_default(), items, field, key),
            Value::Null => continue,
            _ => merge(&before, change, key),
        };
        out.insert(key.clone(), merged);
    }
    Value::Object(out)
}

fn merge_list(old: &[Value], new: &[Value], parent: &str, field: &str) -> Value {
    let keys = list_keys(parent, field);
    if keys.is_empty() {
        if super::strategic::merge_key(parent, field) == Some("") {
            let mut out = old.to_vec();
            out.extend(new.iter().filter(|n| !old.contains(n)).cloned());
            return out.into();
        }
        return new.to_vec().into();
    }
    let mut out = old.to_vec();
    for item in new {
        let id = item_step(item, keys);
        match out.iter_mut().find(|o| item_step(o, keys) == id) {
            Some(there) => *there = merge(there, item, field),
            None => out.push(item.clone()),
        }
    }
    out.into()
}

fn remove(value: &mut Value, path: &[String]) {
    let Some((step, rest)) = path.split_first() else { return };
    let last = rest.is_empty() || rest == ["."];
    match value {
        Value::Object(map) => {
            let Some(field) = step.strip_prefix("f:") else { return };
            if last {
                map.remove(field);
            } else if let Some(inner) = map.get_mut(field) {
                remove(inner, rest);
                // What held nothing but this goes with it.
                if inner.as_object().is_some_and(Map::is_empty) || inner.as_array().is_some_and(Vec::is_empty) {
                    map.remove(field);
                }
            }
        }
        Value::Array(items) => {
            let keys: Map<String, Value> = step.strip_prefix("k:").and_then(|id| serde_json::from_str(id).ok()).unwrap_or_default();
            let keys: Vec<&str> = keys.keys().map(String::as_str).collect();
            let is = |item: &Value| if step.starts_with("v:") { format!("v:{item}") == *step } else { item_step(item, &keys) == *step };
            if last {
                items.retain(|i| !is(i));
            } else if let Some(item) = items.iter_mut().find(|i| is(i)) {
                remove(item, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind() -> Kind {
        Kind { version: "v1".into(), kind: "ConfigMap".into(), ..Kind::default() }
    }

    #[test]
    fn a_set_is_read_as_it_was_written() {
        let set = set_of(
            &json!({"metadata": {"name": "a", "labels": {"x": "y"}, "finalizers": ["f"]}, "spec": {"containers": [{"name": "c", "image": "i", "args": ["a"]}], "empty": {}}}),
        );
        assert_eq!(read(&write(&set)), set);
        assert!(set.contains(&vec!["f:spec".to_owned(), "f:containers".into(), "k:{\"name\":\"c\"}".into(), "f:image".into()]));
    }

    #[test]
    fn what_an_apply_no_longer_says_goes_and_what_another_set_is_a_conflict() {
        let other = Options { dry_run: false, manager: "other".into(), operation: "Update" };
        let mut live = json!({"metadata": {"name": "c"}, "data": {"b": "1"}});
        record(&kind(), None, &mut live, &other, Part::Main, "t");
        let first = apply(&kind(), &live, &json!({"data": {"a": "1"}}), "me", false, "t").unwrap();
        assert_eq!(first["data"], json!({"a": "1", "b": "1"}));
        let second = apply(&kind(), &first, &json!({"data": {"c": "1"}}), "me", false, "t").unwrap();
        assert_eq!(second["data"], json!({"b": "1", "c": "1"}));
        assert_eq!(
            apply(&kind(), &second, &json!({"data": {"b": "2"}}), "me", false, "t").unwrap_err(),
            [("\"other\" using v1".to_owned(), ".data.b".to_owned())]
        );
        assert_eq!(apply(&kind(), &second, &json!({"data": {"b": "2"}}), "me", true, "t").unwrap()["data"], json!({"b": "2"}));
    }
}
