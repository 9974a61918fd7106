//! The garbage collector: dependents go when their last owner is gone, before it when it is deleted in the foreground,
//! and are let go when it is deleted as an orphan maker.
use super::json::View;
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::{Value, json};

/// Deletes an object whose owners are all gone; says whether it did.
pub fn collect(w: &mut World, key: &Key, object: &Value) -> bool {
    let owners = object.list("/metadata/ownerReferences");
    if owners.is_empty() || owners.iter().any(|o| w.index.lives(o.text("/uid")) || !known(o.text("/kind"))) {
        return false;
    }
    w.delete(key);
    true
}

/// Owners of kinds that are not indexed (nodes of static pods, custom resources) cannot be told from living ones.
fn known(kind: &str) -> bool {
    matches!(kind, "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "Service" | "Pod" | "ConfigMap" | "Secret")
}

/// Goes on with a deletion that waits for finalizers that belong to the garbage collector.
pub fn terminate(w: &mut World, key: &Key, object: &Value) -> Option<Due> {
    let uid = object.text("/metadata/uid").to_owned();
    let finalizers: Vec<&str> = object.list("/metadata/finalizers").iter().filter_map(Value::as_str).collect();
    let dependents: Vec<Key> = w.index.owned(&uid).cloned().collect();
    if finalizers.contains(&"orphan") {
        for k in &dependents {
            w.edit(k, |o| {
                if let Some(owners) = o.items("/metadata/ownerReferences") {
                    owners.retain(|o| o.text("/uid") != uid);
                }
            });
        }
        drop_finalizer(w, key, "orphan");
    } else if finalizers.contains(&"foregroundDeletion") {
        for k in &dependents {
            w.delete(k);
        }
        if w.index.owned(&uid).all(|k| w.store.get(k).is_none()) {
            drop_finalizer(w, key, "foregroundDeletion");
        }
    } else if finalizers.is_empty() {
        w.remove(key);
    }
    None
}

fn drop_finalizer(w: &mut World, key: &Key, name: &str) {
    let left = w.edit(key, |o| {
        let rest: Vec<Value> = o.list("/metadata/finalizers").iter().filter(|f| *f != name).cloned().collect();
        o.set("/metadata/finalizers", json!(rest));
    });
    if left.is_some_and(|o| o.list("/metadata/finalizers").is_empty()) {
        w.remove(key);
    }
}
