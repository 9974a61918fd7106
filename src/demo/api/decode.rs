//! Bodies: JSON or YAML to an object of the right kind, or the refusal that the real server words.
use super::json::text;
use super::kinds::{Kind, by_kind, group_version};
use super::status::Fail;
use super::{Api, Asked, types};
use serde_json::Value;

/// A body in the format that its content type names.
pub fn value(asked: &Asked, what: &str) -> Result<Value, Fail> {
    match asked.media() {
        "application/json" | "" => json(&asked.body).map_err(|e| {
            Fail::bad_request(format!("the object provided is unrecognized (must be of type {what}): couldn't get version/kind; json parse error: {e}"))
        }),
        "application/yaml" => yaml(&asked.body).map_err(|e| Fail::bad_request(format!("the object provided is unrecognized (must be of type {what}): {e}"))),
        "application/vnd.kubernetes.protobuf" => Err(Fail::media(
            "the body of the request is protobuf, and this embedded cluster reads JSON and YAML only; write it as a manifest and use `kubectl create -f` or \
             `kubectl apply -f` - accepted media types include: application/json, application/yaml",
        )),
        _ => Err(Fail::media("the body of the request was in an unknown format - accepted media types include: application/json, application/yaml")),
    }
}

/// JSON, with Go's words for a body that ends too early.
pub fn json(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|e| if e.is_eof() { "unexpected end of JSON input".to_owned() } else { e.to_string() })
}

/// YAML (of which JSON is a part).
pub fn yaml(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|e| e.to_string())?;
    serde_saphyr::from_str(text).map_err(|e| format!("yaml: {e}"))
}

/// An object for the URL's kind, typed; unknown fields are dropped, or refused where that is asked for.
pub fn object(api: &Api, kind: &Kind, asked: &Asked) -> Result<Value, Fail> {
    let value = value(asked, &kind.kind)?;
    if !value.is_object() {
        return Err(Fail::bad_request(format!("the object provided is unrecognized (must be of type {}): couldn't get version/kind", kind.kind)));
    }
    let (version, name) = (text(&value, "/apiVersion"), text(&value, "/kind"));
    if !name.is_empty() && (name != kind.kind || group_version(version).0 != kind.group) {
        let (v, k) = (group_version(version).1, &kind.kind);
        let package = if kind.group.is_empty() { "core" } else { kind.group.split('.').next().unwrap_or_default() };
        return Err(if by_kind(&api.store, version, name).is_some() {
            Fail::bad_request(format!("{name} in version {v:?} cannot be handled as a {k}: converting ({v}.{name}) to ({package}.{k}): unknown conversion"))
        } else {
            Fail::bad_request(format!("no kind {name:?} is registered for version {version:?} in scheme"))
        });
    }
    check(kind, value, asked)
}

/// Types an object and holds it to `fieldValidation`.
pub fn check(kind: &Kind, value: Value, asked: &Asked) -> Result<Value, Fail> {
    let about = |why: String| Fail::bad_request(format!("{0} in version {1:?} cannot be handled as a {0}: {why}", kind.kind, kind.version));
    if kind.custom {
        return Ok(value);
    }
    let typed = types::typed(kind, value.clone()).map_err(|e| about(format!("json: {e}")))?;
    if asked.query.get("fieldValidation") == "Strict" {
        let unknown = types::unknown(&value, &typed);
        if !unknown.is_empty() {
            let all: Vec<String> = unknown.iter().map(|f| format!("unknown field {f:?}")).collect();
            return Err(about(format!("strict decoding error: {}", all.join(", "))));
        }
    }
    Ok(typed)
}

/// The body of a review.
pub fn review(kind: &Kind, asked: &Asked) -> Result<Value, Fail> {
    value(asked, &kind.kind)
}
