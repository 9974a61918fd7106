//! OpenAPI as far as kubectl needs it: which kinds take which parameters on a patch, and the outline of each kind.
//! The schemas are permissive: validation happens on the request itself.
use super::kinds::Kind;
use crate::demo::store::Store;
use serde_json::{Map, Value, json};
use std::sync::Arc;

fn place(group: &str, version: &str) -> String {
    if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") }
}

/// `/openapi/v3`.
pub fn index(store: &Store) -> Value {
    let mut paths = Map::new();
    for kind in super::kinds::all(store) {
        let place = place(&kind.group, &kind.version);
        let url = format!("/openapi/v3/{place}?hash={}", crate::model::Digest::of(place.as_bytes()).hex());
        paths.insert(place, json!({"serverRelativeURL": url}));
    }
    json!({"paths": paths})
}

/// `/openapi/v3/PLACE`; `None`: there is no such group and version.
pub fn document(store: &Store, asked: &str) -> Option<Value> {
    let kinds: Vec<Arc<Kind>> = super::kinds::all(store).into_iter().filter(|k| place(&k.group, &k.version) == asked).collect();
    if kinds.is_empty() {
        return None;
    }
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for kind in &kinds {
        let scope = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
        let collection = format!("/{asked}/{scope}{}", kind.plural);
        paths.insert(
            format!("{collection}/{{name}}"),
            json!({"get": operation(kind, "get"), "put": operation(kind, "put"), "patch": operation(kind, "patch"), "delete": operation(kind, "delete")}),
        );
        paths.insert(collection, json!({"get": operation(kind, "list"), "post": operation(kind, "post")}));
        schemas.insert(schema_name(kind), schema(kind));
    }
    Some(json!({"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.36.3"}, "paths": paths, "components": {"schemas": schemas}}))
}

/// `/openapi/v2`, for clients that still ask for it.
pub fn swagger(store: &Store) -> Value {
    let schemas: Map<String, Value> = super::kinds::all(store).iter().map(|k| (schema_name(k), schema(k))).collect();
    json!({"swagger": "2.0", "info": {"title": "Kubernetes", "version": "v1.36.3"}, "paths": {}, "definitions": schemas})
}

fn gvk(kind: &Kind) -> Value {
    json!({"group": kind.group, "version": kind.version, "kind": kind.kind})
}

fn schema_name(kind: &Kind) -> String {
    let group = if kind.group.is_empty() { "core" } else { kind.group.split('.').next().unwrap_or_default() };
    format!("io.k8s.api.{group}.{}.{}", kind.version, kind.kind)
}

fn operation(kind: &Kind, action: &str) -> Value {
    let parameter = |name: &str, what: &str| json!({"name": name, "in": "query", "description": what, "schema": {"type": "string"}});
    let mut parameters = vec![];
    if !matches!(action, "get" | "list") {
        parameters.push(parameter("dryRun", "All: answer as if it had been done, and do nothing."));
    }
    if matches!(action, "post" | "put" | "patch") {
        parameters.push(parameter("fieldManager", "Who makes this change."));
        parameters.push(parameter("fieldValidation", "Ignore, Warn or Strict: what becomes of unknown fields."));
    }
    json!({"x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk(kind), "parameters": parameters,
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{}", schema_name(kind))}}}}}})
}

fn schema(kind: &Kind) -> Value {
    let open = |what: &str| json!({"type": "object", "description": what, "x-kubernetes-preserve-unknown-fields": true});
    let text = |what: &str| json!({"type": "string", "description": what});
    json!({"type": "object", "description": format!("{} of {}.", kind.kind, kind.api_version()), "x-kubernetes-group-version-kind": [gvk(kind)],
    "x-kubernetes-preserve-unknown-fields": true,
    "properties": {
        "apiVersion": text("The version of this representation."), "kind": text("The kind of this object."),
        "metadata": open("Name, namespace, labels, annotations and owners."), "spec": open("What is wanted."), "status": open("What was last observed.")}})
}
