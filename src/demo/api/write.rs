//! What every write has in common: its options, what of an object a client may change, versions, and the commit.
use super::json::{list, object, text};
use super::kinds::Kind;
use super::status::{Cause, Fail};
use super::{Api, Asked, decode, defaults, managed, stamp, types, validate};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Which part of an object a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All but the status.
    Main,
    /// The status alone.
    Status,
    /// A namespace's finalizers alone.
    Finalize,
}

/// How a write is to be done.
#[derive(Clone, Debug)]
pub struct Options {
    /// Answer, and write nothing.
    pub dry_run: bool,
    /// Who writes.
    pub manager: String,
    /// `Update` or `Apply`.
    pub operation: &'static str,
}

impl Options {
    /// Reads them; `what` is `CreateOptions`, `UpdateOptions`, `PatchOptions` or `DeleteOptions`.
    pub fn read(asked: &Asked, what: &str) -> Result<Self, Fail> {
        Ok(Self { dry_run: dry_run(asked.query.get("dryRun"), what)?, manager: asked.manager(), operation: "Update" })
    }
}

/// Whether `dryRun` asks for a dry run; 422 on anything but `All`.
pub fn dry_run(value: &str, what: &str) -> Result<bool, Fail> {
    match value {
        "" => Ok(false),
        "All" => Ok(true),
        other => Err(Fail::options(what, Cause::unsupported("dryRun", &serde_json::json!([other]), &["All"]))),
    }
}

/// Kinds whose `metadata.generation` counts changes of what is wanted.
fn has_generation(kind: &Kind) -> bool {
    kind.custom
        || matches!(kind.group.as_str(), "apps" | "batch" | "policy" | "apiextensions.k8s.io" | "admissionregistration.k8s.io" | "flowcontrol.apiserver.k8s.io")
            && kind.kind != "ControllerRevision"
        || matches!(kind.kind.as_str(), "Pod" | "ReplicationController" | "Ingress" | "IngressClass" | "NetworkPolicy" | "PriorityClass" | "EndpointSlice")
}

/// The fields that the server keeps, whatever a client sends.
const KEPT: &[&str] = &[
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
    "resourceVersion",
    "namespace",
    "name",
    "generateName",
];

/// The generation that a new object starts with.
pub fn first_generation(kind: &Kind, metadata: &mut Map<String, Value>) {
    if has_generation(kind) {
        metadata.insert("generation".into(), 1.into());
    } else {
        metadata.remove("generation");
    }
}

/// Changes an object in one step: `edit` gets it as it is, what it returns is checked, defaulted and committed.
pub fn change(api: &Api, kind: &Kind, asked: &Asked, part: Part, options: &Options, edit: &dyn Fn(&Value) -> Result<Value, Fail>) -> Result<Arc<Value>, Fail> {
    let key = asked.key(kind);
    let missing = || Fail::not_found(kind, &key.name);
    let next = |old: &Value| -> Result<Value, Fail> { finish(api, kind, part, options, old, edit(old)?) };
    if options.dry_run {
        let old = api.store.get(&key).ok_or_else(missing)?;
        return next(&old).map(Arc::new);
    }
    let mut last = None;
    let written = api.store.update(&key, |old| {
        let new = next(old.ok_or_else(missing)?)?;
        if released(&new) {
            last = Some(Arc::new(new));
            return Ok(None);
        }
        Ok::<_, Fail>(Some(new))
    })?;
    api.wrote();
    Ok(last.or(written).unwrap_or_default())
}

/// Whether nothing holds an object any more that is to be deleted.
pub fn released(object: &Value) -> bool {
    object.pointer("/metadata/deletionTimestamp").is_some()
        && list(object, "/metadata/finalizers").is_empty()
        && list(object, "/spec/finalizers").is_empty()
        && super::json::int(object, "/metadata/deletionGracePeriodSeconds").unwrap_or_default() == 0
}

/// What is committed of a client's new version of an object.
fn finish(api: &Api, kind: &Kind, part: Part, options: &Options, old: &Value, new: Value) -> Result<Value, Fail> {
    let name = text(old, "/metadata/name");
    // What a scenario or a dump wrote may lack defaults; filling them in is no change.
    let mut base = types::typed(kind, old.clone()).unwrap_or_else(|_| old.clone());
    defaults::fill(api, kind, &mut base);
    preconditions(kind, name, old, &new)?;
    let mut new = match part {
        Part::Main => main_of(kind, old, new),
        Part::Status => one_of(old, &new, &["status"]),
        Part::Finalize => one_of(old, &new, &["spec"]),
    };
    if part == Part::Main {
        keep_metadata(old, &mut new);
        defaults::fill(api, kind, &mut new);
        let causes = validate::update(kind, &base, &new);
        if !causes.is_empty() {
            return Err(Fail::invalid(&kind.group, &kind.kind, name, &causes));
        }
    }
    if part == Part::Main && has_generation(kind) && wanted(&base) != wanted(&new) {
        let generation = super::json::int(old, "/metadata/generation").unwrap_or_default() + 1;
        object(&mut new, &["metadata"]).insert("generation".into(), generation.into());
    }
    if new == *old {
        return Ok(new);
    }
    managed::record(kind, Some(old), &mut new, options, part, &stamp((api.now)()));
    Ok(new)
}

/// What of an object is neither metadata nor status.
fn wanted(value: &Value) -> Vec<(&String, &Value)> {
    super::json::fields(value, "").filter(|(k, _)| !matches!(k.as_str(), "metadata" | "status" | "apiVersion" | "kind")).collect()
}

fn preconditions(kind: &Kind, name: &str, old: &Value, new: &Value) -> Result<(), Fail> {
    let (uid, version) = (text(new, "/metadata/uid"), text(new, "/metadata/resourceVersion"));
    let (old_uid, old_version) = (text(old, "/metadata/uid"), text(old, "/metadata/resourceVersion"));
    if !uid.is_empty() && uid != old_uid {
        let place = format!("/{}/{}/{name}", kind.plural, text(old, "/metadata/namespace")).replace("//", "/");
        let why = format!(
            "StorageError: invalid object, Code: 4, Key: {place}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {old_uid}"
        );
        return Err(Fail::conflict(kind, name, &why));
    }
    if !version.is_empty() && version != old_version {
        return Err(Fail::conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again"));
    }
    Ok(())
}

fn main_of(kind: &Kind, old: &Value, mut new: Value) -> Value {
    if kind.has("status") {
        let map = object(&mut new, &[]);
        match old.get("status") {
            Some(status) => map.insert("status".into(), status.clone()),
            None => map.remove("status"),
        };
    }
    new
}

fn one_of(old: &Value, new: &Value, fields: &[&str]) -> Value {
    let mut out = old.clone();
    let map = object(&mut out, &[]);
    for field in fields {
        match new.get(*field) {
            Some(value) => map.insert((*field).to_owned(), value.clone()),
            None => map.remove(*field),
        };
    }
    out
}

fn keep_metadata(old: &Value, new: &mut Value) {
    let metadata = object(new, &["metadata"]);
    for field in KEPT {
        match old.pointer(&format!("/metadata/{field}")) {
            Some(value) => metadata.insert((*field).to_owned(), value.clone()),
            None => metadata.remove(*field),
        };
    }
    if !metadata.contains_key("managedFields")
        && let Some(owners) = old.pointer("/metadata/managedFields")
    {
        metadata.insert("managedFields".into(), owners.clone());
    }
    for field in ["labels", "annotations"] {
        if metadata.get(field).is_some_and(|v| v.as_object().is_some_and(Map::is_empty)) && old.pointer(&format!("/metadata/{field}")).is_none() {
            metadata.remove(field);
        }
    }
}

/// `PUT`.
pub fn replace(api: &Api, kind: &Kind, asked: &Asked, part: Part) -> Result<Arc<Value>, Fail> {
    let options = Options::read(asked, "UpdateOptions")?;
    let mut new = decode::object(api, kind, asked)?;
    let (name, wanted) = (text(&new, "/metadata/name").to_owned(), asked.subject.name.as_str());
    if name != wanted && !name.is_empty() {
        return Err(Fail::bad_request(format!("the name of the object ({name}) does not match the name on the URL ({wanted})")));
    }
    if name.is_empty() {
        return Err(Fail::bad_request("the name of the object cannot be determined from the request body, and is required"));
    }
    let namespace = text(&new, "/metadata/namespace");
    if kind.namespaced && !namespace.is_empty() && namespace != asked.subject.namespace {
        return Err(Fail::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    if kind.group == "events.k8s.io" {
        new = super::events::involved(&new);
    }
    change(api, kind, asked, part, &options, &|_| Ok(new.clone()))
}
