//! `POST` of an object: its name, what admission adds or refuses, and the commit.
use super::json::{object, text};
use super::kinds::Kind;
use super::status::{Cause, Fail};
use super::write::{Options, Part, first_generation};
use super::{Api, Asked, decode, defaults, events, managed, quota, stamp, validate};
use crate::demo::store::Key;
use serde_json::Value;
use std::sync::Arc;

/// Creates what the request's body says.
pub fn create(api: &Api, kind: &Kind, asked: &Asked) -> Result<Arc<Value>, Fail> {
    let options = Options::read(asked, "CreateOptions")?;
    let body = decode::object(api, kind, asked)?;
    put(api, kind, &asked.subject.namespace, body, None, &options)
}

/// Creates what an apply says, with the owners that it noted.
pub fn applied(api: &Api, kind: &Kind, namespace: &str, new: Value, owners: Value, options: &Options) -> Result<Arc<Value>, Fail> {
    put(api, kind, namespace, new, Some(owners), options)
}

/// Creates an object in a namespace (ignored for cluster-scoped kinds).
fn put(api: &Api, kind: &Kind, namespace: &str, mut new: Value, owners: Option<Value>, options: &Options) -> Result<Arc<Value>, Fail> {
    let now = stamp((api.now)());
    if kind.group == "events.k8s.io" {
        new = events::involved(&new);
    }
    let namespace = if kind.namespaced { namespace } else { "" };
    let given = text(&new, "/metadata/namespace");
    if !given.is_empty() && given != namespace {
        return Err(Fail::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
    }
    if !text(&new, "/metadata/resourceVersion").is_empty() {
        return Err(Fail::bad_request("resourceVersion should not be set on objects to be created"));
    }
    let name = name(api, kind, namespace, &new)?;
    let metadata = object(&mut new, &["metadata"]);
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink", "resourceVersion", "uid"] {
        metadata.remove(field);
    }
    metadata.insert("name".into(), name.clone().into());
    if !namespace.is_empty() {
        metadata.insert("namespace".into(), namespace.into());
    }
    metadata.insert("creationTimestamp".into(), now.clone().into());
    metadata.retain(|_, v| !v.is_null());
    first_generation(kind, metadata);
    if kind.has("status") && !matches!(kind.kind.as_str(), "PodDisruptionBudget" | "Node") {
        object(&mut new, &[]).remove("status");
    }
    let key = Key::new(&kind.stored, namespace, &name);
    if kind.namespaced {
        enter(api, kind, namespace, &name)?;
    }
    // A name that is taken is told before a quota that is full, but after nonsense.
    let taken = api.store.get(&key).is_some();
    defaults::fill(api, kind, &mut new);
    defaults::born(api, kind, &mut new);
    let causes = validate::create(kind, &new);
    if !causes.is_empty() {
        return Err(Fail::invalid(&kind.group, &kind.kind, &name, &causes));
    }
    if taken {
        return Err(Fail::exists(kind, &name));
    }
    quota::admit(api, kind, namespace, &new)?;
    if let Some(owners) = owners {
        object(&mut new, &["metadata"]).insert("managedFields".into(), owners);
    }
    managed::record(kind, None, &mut new, options, Part::Main, &now);
    let uid = random_uid();
    object(&mut new, &["metadata"]).insert("uid".into(), uid.into());
    if options.dry_run {
        return Ok(Arc::new(new));
    }
    let written = api.store.update(&key, |old| if old.is_some() { Err(Fail::exists(kind, &name)) } else { Ok(Some(new)) })?;
    api.wrote();
    Ok(written.unwrap_or_default())
}

/// The namespace must be there, and not on its way out.
fn enter(api: &Api, kind: &Kind, namespace: &str, name: &str) -> Result<(), Fail> {
    let of = Kind { plural: "namespaces".into(), kind: "Namespace".into(), ..Kind::default() };
    let found = api.store.get(&Key::new("namespaces", "", namespace)).ok_or_else(|| Fail::not_found(&of, namespace))?;
    if text(&found, "/status/phase") == "Terminating" {
        return Err(Fail::forbidden(kind, name, &format!("unable to create new content in namespace {namespace} because it is being terminated")));
    }
    Ok(())
}

fn name(api: &Api, kind: &Kind, namespace: &str, new: &Value) -> Result<String, Fail> {
    let (name, prefix) = (text(new, "/metadata/name"), text(new, "/metadata/generateName"));
    if !name.is_empty() {
        return Ok(name.to_owned());
    }
    if prefix.is_empty() {
        let cause = Cause::required("metadata.name", "name or generateName is required");
        return Err(Fail::invalid(&kind.group, &kind.kind, "", &[cause]));
    }
    let kept: String = prefix.chars().take(58).collect();
    let free = |name: &String| api.store.get(&Key::new(&kind.stored, namespace, name)).is_none();
    let made = std::iter::repeat_with(|| format!("{kept}{}", suffix())).take(8).find(free);
    made.ok_or_else(|| Fail::exists(kind, &kept))
}

/// Five letters of those that make no words.
fn suffix() -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    random_uid()
        .bytes()
        .filter(|b| *b != b'-')
        .collect::<Vec<_>>()
        .chunks(2)
        .take(5)
        .map(|pair| {
            let n = pair.iter().fold(0usize, |n, b| n * 31 + usize::from(*b));
            char::from(LETTERS.get(n % LETTERS.len()).copied().unwrap_or(b'x'))
        })
        .collect()
}

/// A uid that no other object has, in this run or another.
pub fn random_uid() -> String {
    use std::hash::{BuildHasher, RandomState};
    let part = || RandomState::new().hash_one(std::time::Instant::now());
    let hex = format!("{:016x}{:016x}", part(), part());
    let at = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-8{}-{}", at(0..8), at(8..12), at(13..16), at(17..20), at(20..32))
}
