//! `PATCH` in its four types: JSON, merge, strategic merge, and server-side apply (which also creates).
use super::json::{object, text};
use super::kinds::Kind;
use super::status::{Cause, Fail};
use super::write::{Options, Part, change};
use super::{Api, Asked, create, decode, managed, stamp, strategic, types};
use serde_json::{Value, json};
use std::sync::Arc;

/// Patches an object; 201 when an apply made it.
pub fn patch(api: &Api, kind: &Kind, asked: &Asked, part: Part) -> Result<(u16, Arc<Value>), Fail> {
    let media = asked.media();
    if media == "application/apply-patch+yaml" {
        return apply(api, kind, asked, part);
    }
    let edit = editor(kind, media, asked)?;
    let mut options = Options::read(asked, "PatchOptions")?;
    options.operation = "Update";
    let edited = change(api, kind, asked, part, &options, &|old| {
        let mut base = old.clone();
        let map = object(&mut base, &[]);
        map.insert("kind".into(), kind.kind.clone().into());
        map.insert("apiVersion".into(), kind.api_version().into());
        let new = edit(&base)?;
        named(kind, old, &new)?;
        if kind.custom {
            return Ok(new);
        }
        let typed = types::typed(kind, new.clone()).map_err(|e| {
            let cause = Cause::invalid("patch", &new.to_string().into(), &format!("json: {e}"));
            Fail::invalid("", "", "", &[cause])
        })?;
        if asked.query.get("fieldValidation") == "Strict" { decode::check(kind, new, asked) } else { Ok(typed) }
    })?;
    Ok((200, edited))
}

/// What a patch does to an object.
pub type Edit = Box<dyn Fn(&Value) -> Result<Value, Fail>>;

/// What a patch of this type does to an object; a patch that can not be read is refused here.
pub fn editor(kind: &Kind, media: &str, asked: &Asked) -> Result<Edit, Fail> {
    let unreadable = |e: String| Fail::bad_request(format!("error decoding patch: {e}"));
    match media {
        "application/json-patch+json" => {
            let body = decode::json(&asked.body).map_err(unreadable)?;
            let steps: json_patch::Patch = serde_json::from_value(body).map_err(|e| unreadable(e.to_string()))?;
            Ok(Box::new(move |old| {
                let mut new = old.clone();
                // The real server says no more than this either.
                json_patch::patch(&mut new, &steps).map_err(|_| {
                    let mut fail = Fail::new(422, "Invalid", "the server rejected our request due to an error in our request");
                    fail.details = Some(json!({}));
                    fail
                })?;
                Ok(new)
            }))
        }
        "application/merge-patch+json" => {
            let body = decode::json(&asked.body).map_err(unreadable)?;
            if !body.is_object() {
                return Err(unreadable("json: cannot unmarshal array into Go value of type map[string]interface {}".to_owned()));
            }
            Ok(Box::new(move |old| {
                let mut new = old.clone();
                json_patch::merge(&mut new, &body);
                Ok(new)
            }))
        }
        "application/strategic-merge-patch+json" if !kind.custom => {
            let body = decode::json(&asked.body).map_err(unreadable)?;
            if !body.is_object() {
                return Err(unreadable("json: cannot unmarshal array into Go value of type map[string]interface {}".to_owned()));
            }
            Ok(Box::new(move |old| strategic::patch(old, &body).map_err(|why| Fail::new(500, "", why))))
        }
        _ => {
            let mut fail = Fail::media("415: Unsupported Media Type");
            fail.details = Some(json!({}));
            Err(fail)
        }
    }
}

/// A patch may change neither name nor namespace.
fn named(kind: &Kind, old: &Value, new: &Value) -> Result<(), Fail> {
    let (was, is) = (text(old, "/metadata/name"), text(new, "/metadata/name"));
    if was != is {
        return Err(Fail::bad_request(format!("the name of the object ({is}) does not match the name on the URL ({was})")));
    }
    if kind.namespaced && text(old, "/metadata/namespace") != text(new, "/metadata/namespace") {
        return Err(Fail::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    Ok(())
}

fn apply(api: &Api, kind: &Kind, asked: &Asked, part: Part) -> Result<(u16, Arc<Value>), Fail> {
    let mut options = Options::read(asked, "PatchOptions")?;
    options.operation = "Apply";
    if asked.query.get("fieldManager").is_empty() {
        return Err(Fail::options("PatchOptions", Cause::required("fieldManager", "is required for apply patch")));
    }
    let applied = decode::yaml(&asked.body).map_err(|e| Fail::bad_request(format!("error decoding YAML: {e}")))?;
    let (version, name) = (text(&applied, "/apiVersion"), text(&applied, "/kind"));
    if version.is_empty() || name.is_empty() {
        return Err(Fail::bad_request("invalid object type: must set apiVersion and kind"));
    }
    if name != kind.kind || version != kind.api_version() {
        return Err(Fail::bad_request(format!("invalid object type: {version}, Kind={name}")));
    }
    if applied.pointer("/metadata/managedFields").is_some_and(|v| !v.is_null()) {
        return Err(Fail::bad_request("metadata.managedFields must be nil"));
    }
    let given = text(&applied, "/metadata/name");
    if given.is_empty() && api.store.get(&asked.key(kind)).is_none() {
        let why = format!("the name of the object ({} based on URL) was undeterminable: name must be provided", asked.subject.name);
        return Err(Fail::bad_request(why));
    }
    if !given.is_empty() && given != asked.subject.name {
        return Err(Fail::bad_request(format!("the name of the object ({given}) does not match the name on the URL ({})", asked.subject.name)));
    }
    let checked = decode::check(kind, applied.clone(), asked)?;
    // What is owned is what was written, with quantities and unknown fields as the type reads them.
    let mut meant = only(&checked, &applied);
    object(&mut meant, &["metadata"]).insert("name".into(), asked.subject.name.clone().into());
    if kind.namespaced {
        object(&mut meant, &["metadata"]).insert("namespace".into(), asked.subject.namespace.clone().into());
    }
    let (force, now) = (asked.query.flag("force"), stamp((api.now)()));
    let merge = |old: &Value| managed::apply(kind, old, &meant, &options.manager, force, &now).map_err(|c| Fail::owned(&c));
    if api.store.get(&asked.key(kind)).is_none() {
        if part != Part::Main {
            return Err(Fail::not_found(kind, &asked.subject.name));
        }
        let whole = merge(&json!({}))?;
        let entries = whole.pointer("/metadata/managedFields").cloned().unwrap_or_default();
        return created(api, kind, asked, whole, entries, &options);
    }
    let merged = change(api, kind, asked, part, &options, &|old| {
        let new = merge(old)?;
        let same = |v: &Value| {
            let mut v = v.clone();
            object(&mut v, &["metadata"]).remove("managedFields");
            v
        };
        // An apply that changes nothing leaves the time of the last one.
        let owners = |v: &Value| v.pointer("/metadata/managedFields").map(|m| m.to_string().replace(&now, "")).unwrap_or_default();
        let untimed =
            |v: &Value| super::json::list(v, "/metadata/managedFields").iter().map(|e| e["fieldsV1"].to_string() + text(e, "/manager")).collect::<Vec<_>>();
        if same(old) == same(&new) && (owners(old) == owners(&new) || untimed(old) == untimed(&new)) { Ok(old.clone()) } else { Ok(new) }
    })?;
    Ok((200, merged))
}

fn created(api: &Api, kind: &Kind, asked: &Asked, whole: Value, entries: Value, options: &Options) -> Result<(u16, Arc<Value>), Fail> {
    if !text(&whole, "/metadata/uid").is_empty() {
        return Err(Fail::conflict(kind, &asked.subject.name, "uid mismatch: the provided object specified uid but no existing object was found"));
    }
    create::applied(api, kind, &asked.subject.namespace, whole, entries, options).map(|made| (201, made))
}

/// The fields of `typed` that `given` names.
fn only(typed: &Value, given: &Value) -> Value {
    match (typed, given) {
        (Value::Object(typed), Value::Object(given)) => {
            Value::Object(given.iter().filter_map(|(k, g)| typed.get(k).map(|t| (k.clone(), only(t, g)))).collect())
        }
        (Value::Array(typed), Value::Array(given)) => typed.iter().zip(given).map(|(t, g)| only(t, g)).collect(),
        _ => typed.clone(),
    }
}
