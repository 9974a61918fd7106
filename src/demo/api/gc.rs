//! What follows a delete: dependents of what is gone go too, a terminating namespace is emptied, and each namespace has
//! its default service account. The garbage collector and namespace controller of a real cluster, in one pass.
use super::delete::{Options, delete};
use super::json::{list, object, text};
use super::{Api, kinds, stamp};
use crate::demo::store::{Key, Store, Verb};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Takes up where it stopped the last time.
#[derive(Debug, Default)]
pub struct Collector {
    seen: u64,
}

impl Collector {
    /// Starts with what happens after `version`.
    pub fn after(version: u64) -> Self {
        Self { seen: version }
    }

    /// One pass; true when it changed anything, so that another may be due.
    pub fn pass(&mut self, api: &Api) -> bool {
        let before = api.store.version();
        let changes = api.store.since(self.seen);
        self.seen = before;
        // Too far behind to know what went: every owner is looked for.
        let gone: Option<BTreeSet<String>> =
            changes.as_ref().map(|c| c.iter().filter(|c| c.verb == Verb::Deleted).map(|c| text(&c.object, "/metadata/uid").to_owned()).collect());
        let marked = changes.as_ref().is_none_or(|c| c.iter().any(|c| c.verb != Verb::Deleted && c.object.pointer("/metadata/deletionTimestamp").is_some()));
        if gone.as_ref().is_none_or(|g| !g.is_empty()) || marked {
            dependents(api);
        }
        namespaces(api);
        api.store.version() != before
    }
}

fn finalizers(object: &Value) -> impl Iterator<Item = &str> {
    list(object, "/metadata/finalizers").iter().filter_map(Value::as_str)
}

/// Deletes what only gone or foreground-deleted owners hold.
fn dependents(api: &Api) {
    let (mut alive, mut leaving, mut blocking) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    api.store.walk_all(&mut |_, object| {
        let uid = text(object, "/metadata/uid").to_owned();
        if finalizers(object).any(|f| f == "foregroundDeletion") {
            leaving.insert(uid);
        } else {
            alive.insert(uid);
        }
    });
    let mut doomed = Vec::new();
    api.store.walk_all(&mut |key, object| {
        let owners: Vec<&str> = list(object, "/metadata/ownerReferences").iter().map(|o| text(o, "/uid")).collect();
        blocking.extend(owners.iter().filter(|o| leaving.contains(**o)).map(|o| (*o).to_owned()));
        if !owners.is_empty() && owners.iter().all(|o| !alive.contains(*o)) && object.pointer("/metadata/deletionTimestamp").is_none() {
            doomed.push((key.clone(), owners.iter().any(|o| leaving.contains(*o))));
        }
    });
    for (key, foreground) in doomed {
        let propagation = if foreground { "Foreground" } else { "" };
        remove(api, &key, &Options { propagation: propagation.into(), ..Options::default() });
    }
    for uid in leaving.difference(&blocking) {
        release(&api.store, uid);
    }
}

/// Takes the finalizer away that waited for dependents.
fn release(store: &Store, uid: &str) {
    let mut at = None;
    store.walk_all(&mut |key, object| {
        if text(object, "/metadata/uid") == uid {
            at = Some(key.clone());
        }
    });
    let Some(key) = at else { return };
    let released: Result<_, std::convert::Infallible> = store.update(&key, |old| {
        Ok(old.and_then(|old| {
            let mut new = old.clone();
            let metadata = object(&mut new, &["metadata"]);
            if let Some(finalizers) = metadata.get_mut("finalizers").and_then(Value::as_array_mut) {
                finalizers.retain(|f| f != "foregroundDeletion");
            }
            (!super::write::released(&new)).then_some(new)
        }))
    });
    let Ok(_) = released;
}

/// Takes an owner out of its dependents' references, so that they stay.
pub fn orphan(store: &Store, uid: &str) {
    let mut keys = Vec::new();
    store.walk_all(&mut |key, object| {
        if list(object, "/metadata/ownerReferences").iter().any(|o| text(o, "/uid") == uid) {
            keys.push(key.clone());
        }
    });
    for key in keys {
        let orphaned: Result<_, std::convert::Infallible> = store.update(&key, |old| {
            Ok(old.map(|old| {
                let mut new = old.clone();
                let metadata = object(&mut new, &["metadata"]);
                if let Some(owners) = metadata.get_mut("ownerReferences").and_then(Value::as_array_mut) {
                    owners.retain(|o| text(o, "/uid") != uid);
                }
                new
            }))
        });
        let Ok(_) = orphaned;
    }
}

fn remove(api: &Api, key: &Key, options: &Options) {
    let (plural, group) = key.resource.split_once('.').unwrap_or((&key.resource, ""));
    let kind = kinds::all(&api.store).into_iter().find(|k| k.plural == plural && k.group == group);
    if let Some(kind) = kind {
        // It may be gone by now, and that is all that was wanted.
        let _gone = delete(api, &kind, key, options);
    }
}

fn namespaces(api: &Api) {
    for (key, namespace) in api.store.list("namespaces", None).1 {
        if text(&namespace, "/status/phase") != "Terminating" {
            furnish(api, &key.name);
            continue;
        }
        let mut inside = Vec::new();
        let mut left = false;
        api.store.walk_all(&mut |k, object| {
            if k.namespace == key.name {
                left = true;
                if object.pointer("/metadata/deletionTimestamp").is_none() {
                    inside.push(k.clone());
                }
            }
        });
        for k in &inside {
            remove(api, k, &Options::default());
        }
        let held = list(&namespace, "/spec/finalizers").iter().any(|f| f != "kubernetes") || finalizers(&namespace).next().is_some();
        let empty = !left || inside.iter().all(|k| api.store.get(k).is_none()) && api_empty(api, &key.name);
        if empty && !held {
            api.store.remove(&key);
        }
    }
}

fn api_empty(api: &Api, namespace: &str) -> bool {
    let mut empty = true;
    api.store.walk_all(&mut |k, _| empty &= k.namespace != namespace);
    empty
}

/// What controllers put into every namespace.
fn furnish(api: &Api, namespace: &str) {
    let now = stamp((api.now)());
    let account = Key::new("serviceaccounts", namespace, "default");
    if api.store.get(&account).is_none() {
        let metadata = json!({"name": "default", "namespace": namespace, "creationTimestamp": now});
        api.store.put(&account, json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}));
    }
}
