//! The manifests that came in the call: each document resolved to its kind, its name and its namespace. `List`s are taken
//! apart, so that every object is judged, planned and shown by itself.
use super::{Refusal, body, kinds::Kinds, operands};
use crate::model::operation::Manifest;
use serde_json::Value;

/// The most objects of one call.
const MOST: usize = 100;

/// The manifests of `text`. `generated`: whether the server may make the name (`create` alone).
pub fn read(text: &str, kinds: &Kinds, generated: bool) -> Result<Vec<Manifest>, Refusal> {
    let mut found = Vec::new();
    for document in body::documents(text)? {
        take(document, kinds, generated, &mut found, 0)?;
    }
    if found.is_empty() {
        return Err(Refusal::new("no-manifest", "The manifest holds no object. Send one with `apiVersion`, `kind` and `metadata.name`."));
    }
    for (at, one) in found.iter().enumerate() {
        let same = |other: &Manifest| {
            other.name.is_some()
                && (&other.kind.group, &other.kind.resource, &other.name, &other.namespace) == (&one.kind.group, &one.kind.resource, &one.name, &one.namespace)
        };
        if found.iter().skip(at + 1).any(same) {
            let name = one.name.as_deref().unwrap_or_default();
            return Err(Refusal::new("contradiction", format!("{}/{name} stands twice in the manifest. Send each object once.", one.kind.kind.to_lowercase())));
        }
    }
    Ok(found)
}

fn take(document: Value, kinds: &Kinds, generated: bool, found: &mut Vec<Manifest>, depth: usize) -> Result<(), Refusal> {
    let is_list = text(&document, "/apiVersion") == "v1" && text(&document, "/kind") == "List";
    if !is_list {
        if found.len() >= MOST {
            return Err(Refusal::new("too-many", format!("The manifest holds more than {MOST} objects. Send fewer at once: a person reviews each.")));
        }
        found.push(one(document, kinds, generated)?);
        return Ok(());
    }
    let items = match document {
        Value::Object(mut map) if depth < 2 => map.remove("items"),
        _ => None,
    };
    let Some(Value::Array(items)) = items else {
        return Err(Refusal::new("bad-manifest", "A `List` in the manifest has no `items`. Send the objects themselves, divided by `---`."));
    };
    items.into_iter().try_for_each(|item| take(item, kinds, generated, found, depth + 1))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// One object, checked as far as it says what and where it is. The rest is the server's to judge.
pub fn one(object: Value, kinds: &Kinds, generated: bool) -> Result<Manifest, Refusal> {
    let (api, kind) = (text(&object, "/apiVersion"), text(&object, "/kind"));
    if !object.is_object() || api.is_empty() || kind.is_empty() {
        return Err(Refusal::new(
            "bad-manifest",
            "An object of the manifest has no `apiVersion` or no `kind`. Each needs both, like `apiVersion: apps/v1` and `kind: Deployment`.",
        ));
    }
    let known = kinds.of_manifest(api, kind).ok_or_else(|| {
        let shown: String = format!("{kind} of {api}").chars().take(120).collect();
        Refusal::new("unknown-kind", format!("`{shown}` in the manifest is no kind that is known here. `api-resources` lists them, with their versions."))
    })?;
    if known.kind == "Eviction" || known.group == "authentication.k8s.io" || known.group == "authorization.k8s.io" {
        return Err(Refusal::new("not-offered", format!("A {kind} is a question to the server, not an object to keep. Use `auth can-i` or `auth whoami`.")));
    }
    let name = match (object.pointer("/metadata/name"), object.pointer("/metadata/generateName")) {
        (Some(Value::String(name)), _) if !name.is_empty() => Some(operands::object_name(name)?),
        (None, Some(Value::String(prefix))) if generated && !prefix.is_empty() => None,
        _ => return Err(Refusal::new("no-name", format!("A {kind} in the manifest has no name. Give it one as `metadata.name`."))),
    };
    let namespace = match object.pointer("/metadata/namespace") {
        None | Some(Value::Null) => None,
        Some(Value::String(given)) if given.is_empty() => None,
        Some(Value::String(_)) if !known.namespaced => {
            return Err(Refusal::new(
                "bad-namespace",
                format!("A {kind} belongs to the whole cluster, and the manifest gives it a namespace. Leave `metadata.namespace` out."),
            ));
        }
        Some(Value::String(given)) => Some(operands::namespace(given)?),
        Some(_) => return Err(Refusal::new("bad-namespace", format!("The namespace of a {kind} in the manifest is no text. Write it as a word."))),
    };
    Ok(Manifest { kind: known, name, namespace, object })
}

/// The manifests of an operation as one text that reads back to them.
pub fn print(manifests: &[Manifest]) -> String {
    manifests.iter().map(|m| m.object.to_string() + "\n").collect()
}
