//! Planned requests: how they are made, how they are sent as a dry run, and what RBAC calls them. Pure.
use super::{Step, text};
use crate::cluster::http::accept;
use crate::cluster::read::objects::path_of;
use crate::model::{KindRef, PlannedRequest, Trouble, TroubleClass};
use http::Request;
use serde_json::{Value, json};

/// Who the API server is told changes a field.
pub(super) const MANAGER: &str = "fieldManager=kopilot-tui";
/// The same, with the server's strictest reading of what it is sent.
pub(super) const STRICT: &str = "fieldManager=kopilot-tui&fieldValidation=Strict";

pub(in crate::cluster) const MERGE: &str = "application/merge-patch+json";
pub(in crate::cluster) const STRATEGIC: &str = "application/strategic-merge-patch+json";
pub(in crate::cluster) const JSON_PATCH: &str = "application/json-patch+json";
pub(in crate::cluster) const APPLY: &str = "application/apply-patch+yaml";
pub(in crate::cluster) const JSON: &str = "application/json";

/// A patch of an object (or of a subresource of it: `/scale`).
pub(super) fn patch(kind: &KindRef, object: &Value, subresource: &str, content_type: &'static str, body: &Value) -> PlannedRequest {
    let path = path_of(kind, Some(text(object, "/metadata/namespace")), text(object, "/metadata/name"));
    PlannedRequest { method: "PATCH", path: format!("{path}{subresource}"), query: MANAGER.to_owned(), content_type, body: body.to_string().into_bytes() }
}

/// A replacement of an object's subresource.
pub(super) fn put(kind: &KindRef, object: &Value, subresource: &str, body: &Value) -> PlannedRequest {
    PlannedRequest { method: "PUT", ..patch(kind, object, subresource, JSON, body) }
}

/// A new object in a namespace, which is ignored for cluster-scoped kinds.
pub(super) fn post(kind: &KindRef, namespace: &str, body: &Value) -> PlannedRequest {
    let path = kind.path(Some(&crate::cluster::http::encode(namespace)));
    PlannedRequest { method: "POST", path, query: STRICT.to_owned(), content_type: JSON, body: body.to_string().into_bytes() }
}

/// A planned request as a dry run.
pub(super) fn dry(planned: &PlannedRequest, operation: &str) -> Result<Request<Vec<u8>>, Trouble> {
    if planned.method == "DELETE" {
        let mut body: Value = serde_json::from_slice(&planned.body).unwrap_or_else(|_| json!({}));
        if let Some(map) = body.as_object_mut() {
            map.insert("dryRun".to_owned(), json!(["All"]));
        }
        return request(planned, &planned.query, body.to_string().into_bytes(), operation);
    }
    let query = if planned.query.is_empty() { "dryRun=All".to_owned() } else { format!("{}&dryRun=All", planned.query) };
    request(planned, &query, planned.body.clone(), operation)
}

/// A planned request with this query and body.
pub(in crate::cluster) fn request(planned: &PlannedRequest, query: &str, body: Vec<u8>, operation: &str) -> Result<Request<Vec<u8>>, Trouble> {
    let uri = if query.is_empty() { planned.path.clone() } else { format!("{}?{query}", planned.path) };
    Request::builder()
        .method(planned.method)
        .uri(uri)
        .header(http::header::ACCEPT, accept::JSON)
        .header(http::header::CONTENT_TYPE, planned.content_type)
        .body(body)
        .map_err(|e| Trouble::new(TroubleClass::Invalid, operation, &format!("no such request: {e}")))
}

/// What RBAC must allow for a request: a verb and the subresource it is about. An apply that makes its object needs
/// the right to create beside that to patch.
pub(super) fn rights(step: &Step) -> Vec<(&'static str, String)> {
    let verb = match step.request.method {
        "DELETE" => "delete",
        "POST" => "create",
        "PUT" => "update",
        _ => "patch",
    };
    // PATH/plural/NAME[/subresource]
    let subresource = step
        .request
        .path
        .rsplit_once(&format!("/{}/", step.kind.resource))
        .and_then(|(_, rest)| rest.split_once('/'))
        .map(|(_, sub)| sub.to_owned())
        .unwrap_or_default();
    let mut out = vec![(verb, subresource)];
    if verb == "patch" && step.is_new() {
        out.push(("create", String::new()));
    }
    out
}
