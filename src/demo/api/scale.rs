//! The `scale` subresource: replicas read and written without the rest of the object.
use super::json::{fields, int, object, plain, set, text};
use super::kinds::Kind;
use super::status::{Cause, Fail};
use super::write::{Options, Part, change};
use super::{Api, Asked, answer, decode, patch};
use axum::response::Response;
use serde_json::{Value, json};

fn scale_kind() -> Kind {
    Kind { group: "autoscaling".into(), version: "v1".into(), kind: "Scale".into(), plural: "scales".into(), ..Kind::default() }
}

/// The `Scale` of an object.
fn of(workload: &Value) -> Value {
    let mut metadata = json!({});
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = workload.pointer(&format!("/metadata/{field}")) {
            set(&mut metadata, field, value.clone());
        }
    }
    let labels = if workload.pointer("/spec/selector/matchLabels").is_some() { "/spec/selector/matchLabels" } else { "/spec/selector" };
    let selector: Vec<String> = fields(workload, labels).filter(|(_, v)| v.is_string()).map(|(k, v)| format!("{k}={}", plain(v))).collect();
    let replicas = |pointer: &str| int(workload, pointer).unwrap_or_default();
    // Go leaves a zero out here, and so do clients expect it.
    let spec = match replicas("/spec/replicas") {
        0 => json!({}),
        n => json!({"replicas": n}),
    };
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec,
        "status": {"replicas": replicas("/status/replicas"), "selector": selector.join(",")}})
}

/// Answers get, update and patch.
pub fn scale(api: &Api, kind: &Kind, asked: &Asked) -> Result<Response, Fail> {
    let name = &asked.subject.name;
    if asked.subject.verb == "get" {
        let found = api.store.get(&asked.key(kind)).ok_or_else(|| Fail::not_found(kind, name))?;
        return Ok(answer::json(200, &of(&found)));
    }
    let edit: patch::Edit = if asked.subject.verb == "patch" {
        patch::editor(&scale_kind(), asked.media(), asked)?
    } else {
        let new = decode::value(asked, "Scale")?;
        Box::new(move |_| Ok(new.clone()))
    };
    let what = if asked.subject.verb == "patch" { "PatchOptions" } else { "UpdateOptions" };
    let options = Options::read(asked, what)?;
    let written = change(api, kind, asked, Part::Main, &options, &|old| {
        let wanted = edit(&of(old))?;
        if text(&wanted, "/metadata/name") != name && !text(&wanted, "/metadata/name").is_empty() {
            return Err(Fail::bad_request(format!("the name of the object ({}) does not match the name on the URL ({name})", text(&wanted, "/metadata/name"))));
        }
        let given = wanted.pointer("/spec/replicas").cloned().unwrap_or_else(|| json!(0));
        let Some(replicas) = given.as_i64() else {
            let why = format!(
                "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal {given} into Go struct field ScaleSpec.spec.replicas of type int32"
            );
            return Err(Fail::bad_request(why));
        };
        if replicas < 0 {
            let cause = Cause::invalid("spec.replicas", &given, "must be greater than or equal to 0");
            return Err(Fail::invalid("autoscaling", "Scale", name, &[cause]));
        }
        let mut new = old.clone();
        object(&mut new, &["spec"]).insert("replicas".into(), replicas.into());
        let metadata = object(&mut new, &["metadata"]);
        for field in ["resourceVersion", "uid"] {
            let value = text(&wanted, &format!("/metadata/{field}"));
            if !value.is_empty() {
                metadata.insert(field.into(), value.into());
            }
        }
        Ok(new)
    })?;
    Ok(answer::json(200, &of(&written)))
}
