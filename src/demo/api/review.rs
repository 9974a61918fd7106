//! What a user may ask about himself: who am I, may I, what may I. Answered, never kept.
use super::json::{set, text};
use super::kinds::Kind;
use super::path::Subject;
use super::rbac::{self, User};
use super::status::{Cause, Fail};
use crate::demo::store::Store;
use serde_json::{Value, json};

/// Answers a review.
pub fn answer(store: &Store, user: &User, kind: &Kind, body: &Value, now: &str) -> Result<Value, Fail> {
    let mut out = json!({"kind": kind.kind, "apiVersion": kind.api_version(), "metadata": {}});
    let (spec, status) = match kind.kind.as_str() {
        "SelfSubjectReview" => {
            set(&mut out, "metadata", json!({"creationTimestamp": now}));
            (Value::Null, json!({"userInfo": {"username": user.name, "uid": format!("uid-{}", user.name), "groups": user.groups}}))
        }
        "SelfSubjectRulesReview" => {
            let namespace = text(body, "/spec/namespace");
            if namespace.is_empty() {
                return Err(Fail::bad_request("no namespace on request"));
            }
            (json!({}), rbac::rules_in(store, user, namespace))
        }
        _ => (body.get("spec").cloned().unwrap_or_else(|| json!({})), access(store, user, kind, body)?),
    };
    if !spec.is_null() {
        set(&mut out, "spec", spec);
    }
    set(&mut out, "status", status);
    Ok(out)
}

fn access(store: &Store, user: &User, kind: &Kind, body: &Value) -> Result<Value, Fail> {
    let resource = body.pointer("/spec/resourceAttributes");
    let path = body.pointer("/spec/nonResourceAttributes");
    let subject = match (resource, path) {
        (Some(r), None) => Subject {
            verb: verb(text(r, "/verb")),
            resource: true,
            group: text(r, "/group").into(),
            version: text(r, "/version").into(),
            plural: text(r, "/resource").into(),
            namespace: text(r, "/namespace").into(),
            name: text(r, "/name").into(),
            subresource: text(r, "/subresource").into(),
            path: String::new(),
        },
        (None, Some(p)) => Subject { verb: verb(text(p, "/verb")), path: text(p, "/path").into(), ..Subject::default() },
        _ => {
            let cause = Cause::invalid("spec.resourceAttributes", &Value::Null, "exactly one of nonResourceAttributes or resourceAttributes must be specified");
            return Err(Fail::invalid(&kind.group, &kind.kind, "", &[cause]));
        }
    };
    Ok(match rbac::allowed(store, user, &subject) {
        Some(why) if why.is_empty() => json!({"allowed": true}),
        Some(why) => json!({"allowed": true, "reason": why}),
        None => json!({"allowed": false}),
    })
}

/// The verbs that rules can hold by name; any other is allowed by `*` alone.
fn verb(asked: &str) -> &'static str {
    const KNOWN: &[&str] =
        &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "bind", "escalate", "approve", "sign", "use", "*"];
    KNOWN.iter().find(|v| **v == asked).copied().unwrap_or("other")
}
