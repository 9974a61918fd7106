//! `metrics.k8s.io`: what containers and nodes use, from the store. Nothing known of an object: it is not listed.
use super::accept::Form;
use super::json::{list, set, text};
use super::kinds::Kind;
use super::query::Selection;
use super::status::Fail;
use super::{Api, Asked, answer, stamp};
use crate::demo::store::Key;
use axum::response::Response;
use serde_json::{Value, json};

fn usage((millicores, bytes): (u64, u64)) -> Value {
    json!({"cpu": format!("{millicores}m"), "memory": format!("{}Ki", bytes / 1024)})
}

fn of_pod(api: &Api, pod: &Value) -> Option<Value> {
    let (namespace, name) = (text(pod, "/metadata/namespace"), text(pod, "/metadata/name"));
    let container = |c: &Value| {
        let container = text(c, "/name");
        api.store.usage(&format!("{namespace}/{name}/{container}")).map(|u| json!({"name": container, "usage": usage(u)}))
    };
    let containers: Vec<Value> = list(pod, "/spec/containers").iter().filter_map(container).collect();
    (!containers.is_empty()).then(|| object(api, pod, "PodMetrics", json!({"containers": containers})))
}

fn of_node(api: &Api, node: &Value) -> Option<Value> {
    let used = api.store.usage(text(node, "/metadata/name"))?;
    Some(object(api, node, "NodeMetrics", json!({"usage": usage(used)})))
}

fn object(api: &Api, of: &Value, kind: &str, rest: Value) -> Value {
    let now = stamp((api.now)());
    let mut out = rest;
    set(&mut out, "kind", kind);
    set(&mut out, "apiVersion", "metrics.k8s.io/v1beta1");
    set(&mut out, "timestamp", now.clone());
    set(&mut out, "window", "15s");
    let mut metadata = json!({"name": text(of, "/metadata/name"), "creationTimestamp": now});
    for field in ["namespace", "labels"] {
        if let Some(value) = of.pointer(&format!("/metadata/{field}")) {
            set(&mut metadata, field, value.clone());
        }
    }
    set(&mut out, "metadata", metadata);
    out
}

/// Answers get and list.
pub fn measured(api: &Api, kind: &Kind, asked: &Asked, form: Form) -> Result<Response, Fail> {
    let one = |object: &Value| if kind.plural == "pods" { of_pod(api, object) } else { of_node(api, object) };
    let s = &asked.subject;
    if !s.name.is_empty() {
        let found = api.store.get(&Key::new(&kind.plural, if kind.namespaced { &s.namespace } else { "" }, &s.name)).and_then(|o| one(&o));
        let missing = || Fail::not_found(&Kind { kind: kind.kind.clone(), group: kind.group.clone(), plural: kind.plural.clone(), ..Kind::default() }, &s.name);
        return answer::object(api, kind, 200, &found.ok_or_else(missing)?, form, &asked.query);
    }
    let selection = Selection::read(kind, &asked.query)?;
    let namespace = Some(s.namespace.as_str()).filter(|n| !n.is_empty());
    let (_, objects) = api.store.list(&kind.plural, namespace);
    let items: Vec<Value> = objects.iter().filter(|(_, o)| selection.matches(o)).filter_map(|(_, o)| one(o)).collect();
    Ok(answer::json(200, &json!({"kind": format!("{}List", kind.kind), "apiVersion": kind.api_version(), "metadata": {}, "items": items})))
}
