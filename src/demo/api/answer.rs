//! Objects as responses, in the form that was asked for.
use super::accept::Form;
use super::json::set;
use super::kinds::Kind;
use super::query::Query;
use super::status::Fail;
use super::{Api, events, table};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use std::io::Write as _;

/// Bodies over this many bytes are gzipped when the client takes it, as the real server does.
const GZIP_FROM: usize = 128 * 1024;

/// A response with these bytes.
pub fn bytes(code: u16, media: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(media));
    headers.insert("cache-control", HeaderValue::from_static("no-cache, private"));
    response
}

/// A JSON response.
pub fn json(code: u16, value: &Value) -> Response {
    bytes(code, "application/json", value.to_string())
}

/// A text response.
pub fn plain(text: impl Into<Body>) -> Response {
    bytes(200, "text/plain; charset=utf-8", text)
}

/// Aggregated discovery; clients look at the media type's parameters.
pub fn discovery(value: &Value) -> Response {
    bytes(200, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", value.to_string())
}

/// JSON bytes, gzipped when they are many and the client takes it.
pub fn maybe_gzip(headers: &HeaderMap, body: Vec<u8>) -> Result<Response, Fail> {
    let takes = headers.get("accept-encoding").and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("gzip"));
    if !takes || body.len() < GZIP_FROM {
        return Ok(bytes(200, "application/json", body));
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 8), flate2::Compression::fast());
    gzip.write_all(&body).map_err(|e| Fail::internal(format!("gzip: {e}")))?;
    let mut response = bytes(200, "application/json", gzip.finish().map_err(|e| Fail::internal(format!("gzip: {e}")))?);
    response.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    response.headers_mut().insert("vary", HeaderValue::from_static("Accept-Encoding"));
    Ok(response)
}

/// An object as the kind that was asked for: events are kept in one form and shown in two.
pub fn view(kind: &Kind, object: &Value) -> Value {
    let mut out = if kind.group == "events.k8s.io" { events::regarding(object) } else { object.clone() };
    if let Some(map) = out.as_object_mut() {
        map.insert("kind".into(), kind.kind.clone().into());
        map.insert("apiVersion".into(), kind.api_version().into());
    }
    out
}

/// An object's metadata alone.
pub fn partial(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object.get("metadata")})
}

/// An object's whole JSON: its kind's head and its body.
pub fn whole(kind: &Kind, body: &Bytes) -> Vec<u8> {
    let mut out = kind.head().into_bytes();
    let rest = body.get(1..).unwrap_or_default();
    if rest.first().is_some_and(|b| *b != b'}') {
        out.push(b',');
    }
    out.extend_from_slice(rest);
    out
}

/// One object in the wanted form.
pub fn object(api: &Api, kind: &Kind, code: u16, object: &Value, form: Form, query: &Query) -> Result<Response, Fail> {
    let out = match form {
        Form::Object | Form::Discovery => view(kind, object),
        Form::Partial => partial(object),
        Form::PartialList => {
            let message = format!("you requested PartialObjectMetadataList, but the requested object is not a list (*core.{})", kind.kind);
            return Err(Fail::not_acceptable(message));
        }
        Form::Table => {
            let version = object.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
            let mut out = table::head(kind, &api.store);
            set(&mut out, "metadata", json!({"resourceVersion": version}));
            set(&mut out, "rows", json!([table::row(kind, object, (api.now)(), &api.store, query)?]));
            out
        }
    };
    Ok(json(code, &out))
}
