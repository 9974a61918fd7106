//! What kubectl and kube-rs ask of an API server, over the store: who asks, about what, is it allowed, and the answer.
//!
//! It is the real server's behaviour in the small: same codes, reasons, shapes and words, checked against one
//! (`tests/real/parity.rs`). Only JSON and YAML bodies; no admission webhooks, no exec, attach, port-forward or proxy.
pub mod accept;
pub mod answer;
pub mod bootstrap;
pub mod create;
pub mod decode;
pub mod defaults;
pub mod delete;
pub mod discovery;
pub mod events;
pub mod evict;
pub mod fields;
pub mod gc;
pub mod json;
pub mod kinds;
pub mod list;
pub mod log;
pub mod managed;
pub mod metrics;
pub mod openapi;
pub mod patch;
pub mod path;
pub mod query;
pub mod quota;
pub mod rbac;
pub mod review;
pub mod scale;
pub mod selector;
pub mod status;
pub mod strategic;
pub mod table;
pub mod types;
pub mod validate;
pub mod watch;
pub mod write;

use self::kinds::Kind;
use self::path::Subject;
use self::query::Query;
use self::rbac::User;
use self::status::Fail;
use super::serve::Clock;
use super::store::{Key, Store};
use crate::model::Timestamp;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::watch as signal;
use tokio_util::sync::CancellationToken;

/// The largest body that is read, as the real server's.
const LARGEST: usize = 3 * 1024 * 1024;

/// The API of one store.
pub struct Api {
    /// The objects.
    pub store: Store,
    /// What time it is in the cluster.
    pub now: Clock,
    /// Tokens and whose they are.
    pub tokens: Vec<(String, User)>,
    /// Counts the writes of clients; the simulation waits on it.
    pub written: signal::Sender<u64>,
    /// The clock stands: no bookmark is sent by time.
    pub still: bool,
    /// Whether something behind the store takes terminating pods away; if not, deletes do at once.
    pub kubelets: bool,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// Ends open watches and logs.
    pub stop: CancellationToken,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A time as Kubernetes writes it, in whole seconds.
pub fn stamp(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// A request, read as far as everybody needs it.
#[derive(Debug)]
pub struct Asked {
    /// Who asks.
    pub user: User,
    /// About what.
    pub subject: Subject,
    /// The decoded query.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Asked {
    /// A header's text, or `""`.
    pub fn header(&self, name: &axum::http::HeaderName) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
    /// The body's media type without parameters.
    pub fn media(&self) -> &str {
        self.header(&CONTENT_TYPE).split(';').next().unwrap_or_default().trim()
    }
    /// The form of answer that is wanted.
    pub fn form(&self) -> Result<accept::Form, Fail> {
        accept::read(self.headers.get(ACCEPT).and_then(|v| v.to_str().ok()))
    }
    /// Who writes: the query's `fieldManager`, else the user agent up to its version.
    pub fn manager(&self) -> String {
        let named = self.query.get("fieldManager");
        let agent = self.header(&USER_AGENT).split('/').next().unwrap_or_default();
        if named.is_empty() { agent.to_owned() } else { named.to_owned() }
    }
    /// The object's place in the store.
    pub fn key(&self, kind: &Kind) -> Key {
        let namespace = if kind.namespaced { self.subject.namespace.as_str() } else { "" };
        Key::new(&kind.stored, namespace, &self.subject.name)
    }
}

/// The API as an axum service.
pub fn router(api: Arc<Api>) -> Router {
    Router::new().fallback(handle).with_state(api)
}

async fn handle(State(api): State<Arc<Api>>, request: Request) -> Response {
    answer(&api, request).await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(api: &Arc<Api>, request: Request) -> Result<Response, Fail> {
    let user = authenticate(api, request.headers())?;
    let query = Query::read(request.uri().query());
    let subject = path::read(request.method().as_str(), request.uri().path(), query.flag("watch"));
    if rbac::allowed(&api.store, &user, &subject).is_none() {
        return Err(rbac::refusal(&user, &subject));
    }
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, LARGEST).await.map_err(|e| too_large(&e))?;
    let asked = Asked { user, subject, query, headers: parts.headers, body };
    if asked.subject.resource { resource(api, asked).await } else { document(api, &asked) }
}

fn too_large(error: &axum::Error) -> Fail {
    Fail::new(413, "RequestEntityTooLarge", format!("Request entity too large: limit is {LARGEST} ({error})"))
}

fn authenticate(api: &Api, headers: &HeaderMap) -> Result<User, Fail> {
    let given = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    api.tokens.iter().find(|(token, _)| token == given).map(|(_, user)| user.clone()).ok_or_else(Fail::unauthorized)
}

/// Answers on a path that is no resource.
fn document(api: &Api, asked: &Asked) -> Result<Response, Fail> {
    let path = asked.subject.path.trim_end_matches('/');
    let aggregated = || asked.form().is_ok_and(|f| f == accept::Form::Discovery);
    let found = match path {
        "/version" => Some(discovery::version()),
        "/healthz" | "/livez" | "/readyz" => return Ok(answer::plain("ok")),
        "/api" if aggregated() => return Ok(answer::discovery(&discovery::aggregated(&api.store, true))),
        "/apis" if aggregated() => return Ok(answer::discovery(&discovery::aggregated(&api.store, false))),
        "/api" => Some(discovery::legacy(&api.address)),
        "/apis" => Some(discovery::group_list(&api.store)),
        "/openapi/v3" => Some(openapi::index(&api.store)),
        "/openapi/v2" => Some(openapi::swagger(&api.store)),
        "" => Some(serde_json::json!({"paths": ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]})),
        _ => match (path.strip_prefix("/openapi/v3/"), &asked.subject) {
            (Some(place), _) => openapi::document(&api.store, place),
            (None, s) if path.starts_with("/api/") && !s.version.is_empty() => discovery::resources(&api.store, "", &s.version),
            (None, s) if path.starts_with("/apis/") && s.version.is_empty() => discovery::group(&api.store, &s.group),
            (None, s) if path.starts_with("/apis/") => discovery::resources(&api.store, &s.group, &s.version),
            _ => None,
        },
    };
    let found = found.ok_or_else(Fail::no_path)?;
    asked.form()?;
    if matches!(asked.subject.verb, "get" | "head") { Ok(answer::json(200, &found)) } else { Err(Fail::not_allowed()) }
}

/// Answers on a resource.
async fn resource(api: &Arc<Api>, asked: Asked) -> Result<Response, Fail> {
    let s = &asked.subject;
    let Some(kind) = kinds::find(&api.store, &s.group, &s.version, &s.plural) else {
        let known = discovery::resources(&api.store, &s.group, &s.version).is_some();
        return Err(if known { Fail::no_resource() } else { Fail::no_path() });
    };
    let misplaced = if kind.namespaced { s.namespace.is_empty() && !s.name.is_empty() } else { !s.namespace.is_empty() && kind.stored != "namespaces" };
    if misplaced || !s.subresource.is_empty() && !kind.has(&s.subresource) {
        return Err(Fail::no_resource());
    }
    let form = asked.form()?;
    if !s.subresource.is_empty() {
        return subresource(api, &kind, &asked);
    }
    let single = matches!(s.verb, "update" | "patch");
    let whole = s.verb == "create" && (!s.name.is_empty() || kind.namespaced && s.namespace.is_empty());
    if !kind.verbs().contains(&s.verb) || whole || single && s.name.is_empty() {
        return Err(Fail::not_allowed());
    }
    if kind.is_metrics() {
        return metrics::measured(api, &kind, &asked, form);
    }
    let shown = |code: u16, object: &Arc<Value>| answer::object(api, &kind, code, object, form, &asked.query);
    match s.verb {
        "get" => shown(200, &api.store.get(&asked.key(&kind)).ok_or_else(|| Fail::not_found(&kind, &s.name))?),
        "list" => list::list(api, &kind, &asked, form).await,
        "watch" => watch::watch(api, &kind, &asked, form),
        "create" if kind.is_review() => {
            let body = decode::review(&kind, &asked)?;
            Ok(answer::json(201, &review::answer(&api.store, &asked.user, &kind, &body, &stamp((api.now)()))?))
        }
        "create" => shown(201, &create::create(api, &kind, &asked)?),
        "update" => shown(200, &write::replace(api, &kind, &asked, write::Part::Main)?),
        "patch" => {
            let (code, object) = patch::patch(api, &kind, &asked, write::Part::Main)?;
            shown(code, &object)
        }
        "delete" => delete::one(api, &kind, &asked, form),
        "deletecollection" => delete::all(api, &kind, &asked),
        _ => Err(Fail::not_allowed()),
    }
}

/// Answers on what an object has beside itself.
fn subresource(api: &Arc<Api>, kind: &Arc<Kind>, asked: &Asked) -> Result<Response, Fail> {
    let s = &asked.subject;
    let form = asked.form()?;
    let object = |code: u16, object: &Arc<Value>| answer::object(api, kind, code, object, form, &asked.query);
    match (s.subresource.as_str(), s.verb) {
        ("status" | "approval", "get") => object(200, &api.store.get(&asked.key(kind)).ok_or_else(|| Fail::not_found(kind, &s.name))?),
        ("status" | "approval", "update") => object(200, &write::replace(api, kind, asked, write::Part::Status)?),
        ("status" | "approval", "patch") => {
            let (code, patched) = patch::patch(api, kind, asked, write::Part::Status)?;
            object(code, &patched)
        }
        ("finalize", "update") => object(200, &write::replace(api, kind, asked, write::Part::Finalize)?),
        ("scale", "get" | "update" | "patch") => scale::scale(api, kind, asked),
        ("eviction", "create") => evict::evict(api, kind, asked),
        ("binding", "create") => evict::bind(api, kind, asked),
        ("log", "get") => log::read(api, kind, asked),
        _ => Err(Fail::not_allowed()),
    }
}

impl Api {
    /// Tells the simulation that a client has written.
    pub fn wrote(&self) {
        self.written.send_modify(|n| *n += 1);
    }
}
