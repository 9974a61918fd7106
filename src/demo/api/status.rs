//! Failures as the API server words them: a `Status` object with reason, code and details.
use super::kinds::Kind;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// A request that is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Fail {
    /// The HTTP code.
    pub code: u16,
    /// The machine-readable reason.
    pub reason: &'static str,
    /// The sentence.
    pub message: String,
    /// `details`, when the real server sends one.
    pub details: Option<Value>,
    /// `metadata`: a continue token after an expired one.
    pub metadata: Value,
}

/// One thing that is wrong with an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    reason: &'static str,
    message: String,
    field: String,
}

impl Cause {
    /// A field that has to be there.
    pub fn required(field: impl Into<String>, why: &str) -> Self {
        let message = if why.is_empty() { "Required value".to_owned() } else { format!("Required value: {why}") };
        Self { reason: "FieldValueRequired", message, field: field.into() }
    }
    /// A value that can not be.
    pub fn invalid(field: impl Into<String>, value: &Value, why: &str) -> Self {
        Self { reason: "FieldValueInvalid", message: format!("Invalid value: {value}: {why}"), field: field.into() }
    }
    /// A value outside of a closed set.
    pub fn unsupported(field: impl Into<String>, value: &Value, known: &[&str]) -> Self {
        let known: Vec<String> = known.iter().map(|k| format!("{k:?}")).collect();
        Self { reason: "FieldValueNotSupported", message: format!("Unsupported value: {value}: supported values: {}", known.join(", ")), field: field.into() }
    }
    /// A field that may not be set here.
    pub fn forbidden(field: impl Into<String>, why: &str) -> Self {
        Self { reason: "FieldValueForbidden", message: format!("Forbidden: {why}"), field: field.into() }
    }
    /// A name used twice.
    pub fn duplicate(field: impl Into<String>, value: &Value) -> Self {
        Self { reason: "FieldValueDuplicate", message: format!("Duplicate value: {value}"), field: field.into() }
    }
    /// A reference to nothing.
    pub fn not_found(field: impl Into<String>, value: &Value) -> Self {
        Self { reason: "FieldValueNotFound", message: format!("Not found: {value}"), field: field.into() }
    }
}

/// `details` of an object: its name, and the resource as `kind`.
fn details(kind: &Kind, name: &str) -> Map<String, Value> {
    let mut map = Map::new();
    if !name.is_empty() {
        map.insert("name".into(), name.into());
    }
    if !kind.group.is_empty() {
        map.insert("group".into(), kind.group.clone().into());
    }
    map.insert("kind".into(), kind.plural.clone().into());
    map
}

impl Fail {
    /// A failure without details.
    pub fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), details: None, metadata: json!({}) }
    }
    fn with(mut self, details: impl Into<Value>) -> Self {
        self.details = Some(details.into());
        self
    }
    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }
    /// 404: no such object.
    pub fn not_found(kind: &Kind, name: &str) -> Self {
        Self::new(404, "NotFound", format!("{} {name:?} not found", kind.resource())).with(details(kind, name))
    }
    /// 404: no such resource or subresource.
    pub fn no_resource() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource").with(json!({}))
    }
    /// 404 in plain text: no such path.
    pub fn no_path() -> Self {
        Self::new(404, "", "404 page not found\n")
    }
    /// 405.
    pub fn not_allowed() -> Self {
        Self::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource").with(json!({}))
    }
    /// 409: it is there already.
    pub fn exists(kind: &Kind, name: &str) -> Self {
        Self::new(409, "AlreadyExists", format!("{} {name:?} already exists", kind.resource())).with(details(kind, name))
    }
    /// 409: it is not as the client believes.
    pub fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        Self::new(409, "Conflict", format!("Operation cannot be fulfilled on {} {name:?}: {why}", kind.resource())).with(details(kind, name))
    }
    /// 409: a precondition of a delete does not hold. The real server names the kind here, not the resource.
    pub fn precondition(kind: &Kind, name: &str, why: &str) -> Self {
        let mut of = details(kind, name);
        of.insert("kind".into(), kind.kind.clone().into());
        Self::new(409, "Conflict", format!("Operation cannot be fulfilled on {} {name:?}: {why}", kind.kind_group())).with(of)
    }
    /// 403: by RBAC or by admission.
    pub fn forbidden(kind: &Kind, name: &str, why: &str) -> Self {
        let subject = if name.is_empty() { kind.resource() } else { format!("{} {name:?}", kind.resource()) };
        Self::new(403, "Forbidden", format!("{subject} is forbidden: {why}")).with(details(kind, name))
    }
    /// 403 on a path that is no resource.
    pub fn forbidden_path(user: &str, verb: &str, path: &str) -> Self {
        Self::new(403, "Forbidden", format!("forbidden: User {user:?} cannot {verb} path {path:?}")).with(json!({}))
    }
    /// 401.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }
    /// 422: the object is invalid.
    pub fn invalid(group: &str, kind: &str, name: &str, causes: &[Cause]) -> Self {
        let lines: Vec<String> = causes.iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
        let all = if let [one] = lines.as_slice() { one.clone() } else { format!("[{}]", lines.join(", ")) };
        let mut of = Map::new();
        if !name.is_empty() {
            of.insert("name".into(), name.into());
        }
        if !group.is_empty() {
            of.insert("group".into(), group.into());
        }
        if !kind.is_empty() {
            of.insert("kind".into(), kind.into());
        }
        of.insert("causes".into(), causes.iter().map(|c| json!({"reason": c.reason, "message": c.message, "field": c.field})).collect());
        let subject = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
        Self::new(422, "Invalid", format!("{subject} {name:?} is invalid: {all}")).with(of)
    }
    /// 422 on the options of a request (`ListOptions`, `DeleteOptions`, …).
    pub fn options(kind: &str, cause: Cause) -> Self {
        Self::invalid("meta.k8s.io", kind, "", &[cause])
    }
    /// 409 of a server-side apply: other managers own these fields. Each is (manager, how it used it, field).
    pub fn owned(conflicts: &[(String, String)]) -> Self {
        let n = conflicts.len();
        let lines: Vec<String> = conflicts.iter().map(|(who, field)| format!("conflict with {who}: {field}")).collect();
        let message = match lines.as_slice() {
            [one] => format!("Apply failed with 1 conflict: {one}"),
            _ => format!("Apply failed with {n} conflicts: {}", lines.join("\n")),
        };
        let causes: Vec<Value> =
            conflicts.iter().map(|(who, field)| json!({"reason": "FieldManagerConflict", "message": format!("conflict with {who}"), "field": field})).collect();
        Self::new(409, "Conflict", message).with(json!({"causes": causes}))
    }
    /// 410.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }
    /// 415 of a body that is not JSON or YAML.
    pub fn media(message: impl Into<String>) -> Self {
        Self::new(415, "UnsupportedMediaType", message)
    }
    /// 406.
    pub fn not_acceptable(message: impl Into<String>) -> Self {
        Self::new(406, "NotAcceptable", message)
    }
    /// 500: a bug of the embedded cluster.
    pub fn internal(message: impl std::fmt::Display) -> Self {
        Self::new(500, "InternalError", format!("Internal error occurred: {message}"))
    }
    /// 504: a resourceVersion that is not there yet.
    pub fn too_new(asked: u64, current: u64) -> Self {
        Self::new(504, "Timeout", format!("Timeout: Too large resource version: {asked}, current: {current}"))
            .with(json!({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}], "retryAfterSeconds": 1}))
    }

    /// The `Status` object.
    pub fn status(&self) -> Value {
        let mut out = json!({"kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure", "message": self.message, "code": self.code});
        if let Some(map) = out.as_object_mut() {
            if !self.reason.is_empty() {
                map.insert("reason".into(), self.reason.into());
            }
            if let Some(details) = &self.details {
                map.insert("details".into(), details.clone());
            }
        }
        out
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let plain = self.code == 404 && self.reason.is_empty();
        let (kind, body) = if plain { ("text/plain; charset=utf-8", self.message.clone()) } else { ("application/json", self.status().to_string()) };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = axum::http::StatusCode::from_u16(self.code).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert("content-type", axum::http::HeaderValue::from_static(kind));
        if self.code == 429 || self.code == 504 {
            response.headers_mut().insert("retry-after", axum::http::HeaderValue::from_static("1"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_object_names_every_cause() {
        let fail = Fail::invalid(
            "apps",
            "Deployment",
            "d",
            &[Cause::required("spec.selector", ""), Cause::invalid("spec.replicas", &json!(-1), "must be greater than or equal to 0")],
        );
        assert_eq!(
            fail.message,
            r#"Deployment.apps "d" is invalid: [spec.selector: Required value, spec.replicas: Invalid value: -1: must be greater than or equal to 0]"#
        );
        assert_eq!(fail.status()["details"]["causes"][1]["field"], "spec.replicas");
    }
}
