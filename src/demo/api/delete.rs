//! Deletes: preconditions, grace, finalizers and what becomes of dependents. `gc` does what comes after.
use super::accept::Form;
use super::json::{int, list, object, set, text};
use super::kinds::Kind;
use super::query::{Query, Selection, check};
use super::status::{Cause, Fail};
use super::write::{dry_run, released};
use super::{Api, Asked, answer, decode, stamp};
use crate::demo::store::Key;
use axum::response::Response;
use jiff::ToSpan as _;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a delete asks for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Seconds; `None`: the object's own.
    pub grace: Option<i64>,
    /// `Background` when empty.
    pub propagation: String,
    /// Precondition; empty: none.
    pub uid: String,
    /// Precondition; empty: none.
    pub version: String,
    /// Answer, and delete nothing.
    pub dry_run: bool,
}

impl Options {
    fn read(asked: &Asked) -> Result<Self, Fail> {
        let body = if asked.body.is_empty() { Value::Null } else { decode::value(asked, "DeleteOptions")? };
        Self::of(&body, &asked.query)
    }

    /// From the `DeleteOptions` of a body and a query; the body wins.
    pub fn of(body: &Value, query: &Query) -> Result<Self, Fail> {
        let either = |field: &str| match text(body, &format!("/{field}")) {
            "" => query.get(field).to_owned(),
            value => value.to_owned(),
        };
        let dry = list(body, "/dryRun").first().and_then(Value::as_str).unwrap_or_else(|| query.get("dryRun"));
        let propagation = either("propagationPolicy");
        if !matches!(propagation.as_str(), "" | "Background" | "Foreground" | "Orphan") {
            let known = ["Foreground", "Background", "Orphan", "nil"];
            return Err(Fail::options("DeleteOptions", Cause::unsupported("propagationPolicy", &propagation.into(), &known)));
        }
        let orphans = body.pointer("/orphanDependents").and_then(Value::as_bool).unwrap_or_default();
        Ok(Self {
            grace: int(body, "/gracePeriodSeconds").or(query.number("gracePeriodSeconds")?),
            propagation: if orphans { "Orphan".into() } else { propagation },
            uid: text(body, "/preconditions/uid").into(),
            version: text(body, "/preconditions/resourceVersion").into(),
            dry_run: dry_run(dry, "DeleteOptions")?,
        })
    }

    fn hold(&self, kind: &Kind, name: &str, object: &Value) -> Result<(), Fail> {
        let (uid, version) = (text(object, "/metadata/uid"), text(object, "/metadata/resourceVersion"));
        if !self.uid.is_empty() && self.uid != uid {
            let why = format!(
                "the UID in the precondition ({}) does not match the UID in record ({uid}). The object might have been deleted and then recreated",
                self.uid
            );
            return Err(Fail::precondition(kind, name, &why));
        }
        if !self.version.is_empty() && self.version != version {
            let why = format!(
                "the ResourceVersion in the precondition ({}) does not match the ResourceVersion in record ({version}). The object might have been modified",
                self.version
            );
            return Err(Fail::precondition(kind, name, &why));
        }
        Ok(())
    }
}

/// What a delete left.
#[derive(Clone, Debug)]
pub enum Deleted {
    /// It is gone; this was its last state.
    Gone(Arc<Value>),
    /// It is on its way out.
    Marked(Arc<Value>),
}

/// Deletes an object.
pub fn delete(api: &Api, kind: &Kind, key: &Key, options: &Options) -> Result<Deleted, Fail> {
    let missing = || Fail::not_found(kind, &key.name);
    let decide = |old: Option<&Value>| -> Result<(Value, bool), Fail> {
        let old = old.ok_or_else(missing)?;
        options.hold(kind, &key.name, old)?;
        let marked = marked(api, kind, old, options);
        let gone = released(&marked);
        Ok((marked, gone))
    };
    if options.dry_run {
        let (object, gone) = decide(api.store.get(key).as_deref())?;
        return Ok(if gone { Deleted::Gone(Arc::new(object)) } else { Deleted::Marked(Arc::new(object)) });
    }
    if options.propagation == "Orphan"
        && let Some(old) = api.store.get(key)
    {
        options.hold(kind, &key.name, &old)?;
        super::gc::orphan(&api.store, text(&old, "/metadata/uid"));
    }
    let mut gone = None;
    let written = api.store.update(key, |old| {
        let (object, now_gone) = decide(old)?;
        if now_gone {
            gone = old.cloned().map(Arc::new);
            return Ok(None);
        }
        Ok::<_, Fail>(Some(object))
    })?;
    if key.resource == "pods" && gone.is_some() {
        api.store.drop_logs(&key.namespace, &key.name);
    }
    api.wrote();
    Ok(match (gone, written) {
        (Some(object), _) => Deleted::Gone(object),
        (None, object) => Deleted::Marked(object.unwrap_or_default()),
    })
}

/// An object as it is once its deletion was asked for.
fn marked(api: &Api, kind: &Kind, old: &Value, options: &Options) -> Value {
    let now = (api.now)();
    let mut out = old.clone();
    let finished = matches!(text(old, "/status/phase"), "Succeeded" | "Failed");
    let own = int(old, "/spec/terminationGracePeriodSeconds").unwrap_or(30);
    let pod = kind.stored == "pods" && api.kubelets && !text(old, "/spec/nodeName").is_empty() && !finished;
    let mut grace = if pod { options.grace.unwrap_or(own).max(0) } else { 0 };
    // A second delete can only shorten what the first one granted.
    if let Some(before) = int(old, "/metadata/deletionGracePeriodSeconds") {
        grace = grace.min(before);
    }
    let metadata = object(&mut out, &["metadata"]);
    if !metadata.contains_key("deletionTimestamp") || grace == 0 {
        let at = now.checked_add(grace.seconds()).unwrap_or(now);
        metadata.entry("deletionTimestamp").or_insert_with(|| stamp(at).into());
        metadata.insert("deletionGracePeriodSeconds".into(), grace.into());
    }
    if options.propagation == "Foreground" {
        let finalizers = metadata.entry("finalizers").or_insert_with(|| json!([]));
        if let Some(list) = finalizers.as_array_mut().filter(|l| !l.iter().any(|f| f == "foregroundDeletion")) {
            list.push("foregroundDeletion".into());
        }
    }
    if kind.stored == "namespaces" {
        metadata.remove("deletionGracePeriodSeconds");
        object(&mut out, &["status"]).insert("phase".into(), "Terminating".into());
    }
    out
}

/// Kinds whose delete answers with the object; for the others it is a `Status`.
fn answers_with_object(kind: &Kind) -> bool {
    matches!(kind.stored.as_str(), "pods" | "services" | "serviceaccounts" | "persistentvolumeclaims" | "persistentvolumes" | "resourcequotas")
}

/// `DELETE` of one object.
pub fn one(api: &Api, kind: &Kind, asked: &Asked, form: Form) -> Result<Response, Fail> {
    let options = Options::read(asked)?;
    match delete(api, kind, &asked.key(kind), &options)? {
        Deleted::Gone(object) if !answers_with_object(kind) => {
            let mut details = json!({"name": asked.subject.name, "kind": kind.plural, "uid": text(&object, "/metadata/uid")});
            if !kind.group.is_empty() {
                set(&mut details, "group", kind.group.clone());
            }
            Ok(answer::json(200, &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})))
        }
        Deleted::Gone(object) | Deleted::Marked(object) => answer::object(api, kind, 200, &object, form, &asked.query),
    }
}

/// An item of a list: that of a built-in kind says neither kind nor version.
fn item(kind: &Kind, object_: &Value) -> Value {
    let mut out = answer::view(kind, object_);
    if !kind.custom {
        object(&mut out, &[]).retain(|k, _| k != "kind" && k != "apiVersion");
    }
    out
}

/// `DELETE` of a collection.
pub fn all(api: &Api, kind: &Kind, asked: &Asked) -> Result<Response, Fail> {
    check(&asked.query, false)?;
    let options = Options::read(asked)?;
    let selection = Selection::read(kind, &asked.query)?;
    let namespace = Some(asked.subject.namespace.as_str()).filter(|n| !n.is_empty());
    let (version, objects) = api.store.list(&kind.stored, namespace);
    let mut items = Vec::new();
    for (key, _) in objects.iter().filter(|(_, o)| selection.matches(o)) {
        match delete(api, kind, key, &options) {
            Ok(Deleted::Gone(object) | Deleted::Marked(object)) => items.push(item(kind, &object)),
            // Somebody else was faster.
            Err(fail) if fail.code == 404 => {}
            Err(fail) => return Err(fail),
        }
    }
    let metadata = json!({"resourceVersion": version.to_string()});
    Ok(answer::json(200, &json!({"kind": format!("{}List", kind.kind), "apiVersion": kind.api_version(), "metadata": metadata, "items": items})))
}
