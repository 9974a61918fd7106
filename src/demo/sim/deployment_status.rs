//! The status of a deployment: counts and the conditions Available, Progressing and ReplicaFailure, with the reasons,
//! the words and the order that the deployment controller gives them.
use super::deployment::{Sets, stamp, unavailable};
use super::json::{View, compact, condition, count, later};
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::{Value, json};

/// Writes the status; due when the progress deadline passes.
pub fn write(w: &mut World, key: &Key, d: &Value, sets: &Sets) -> Option<Due> {
    let sum = |field: &str| sets.all().map(|(_, r)| r.int(field)).sum::<i64>();
    let updated = sets.new.as_ref().map_or(0, |(_, r)| r.int("/status/replicas"));
    let usable = sum("/status/availableReplicas");
    let mut status = compact(json!({
        "observedGeneration": d.int_or("/metadata/generation", 1), "replicas": count(sum("/status/replicas")), "updatedReplicas": count(updated),
        "readyReplicas": count(sum("/status/readyReplicas")), "availableReplicas": count(usable),
        "unavailableReplicas": count((sum("/spec/replicas") - usable).max(0)), "terminatingReplicas": sum("/status/terminatingReplicas"),
        "collisionCount": d.at("/status/collisionCount"), "conditions": d.at("/status/conditions")
    }));
    let now = stamp(w);
    let enough = usable >= d.int("/spec/replicas") - unavailable(d);
    if enough {
        put(&mut status, &now, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
    } else {
        put(&mut status, &now, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
    }
    progress(w, d, sets, &mut status, &now);
    let failure = sets.all().find_map(|(_, r)| condition(r, "ReplicaFailure").map(|c| c.text("/message").to_owned()));
    match failure {
        Some(message) => put(&mut status, &now, "ReplicaFailure", "True", "FailedCreate", &message),
        None => drop_condition(&mut status, "ReplicaFailure"),
    }
    if status != *d.at("/status") {
        w.set_status(key, status.clone());
    }
    deadline(d, &status).filter(|due| due.at > w.clock)
}

/// Whether every replica is of the present template and available.
pub fn complete(d: &Value) -> bool {
    let wanted = d.int("/spec/replicas");
    ["/status/updatedReplicas", "/status/replicas", "/status/availableReplicas"].iter().all(|p| d.int(p) == wanted)
}

fn progress(w: &World, d: &Value, sets: &Sets, status: &mut Value, now: &Value) {
    if d.flag("/spec/paused") {
        put(status, now, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
        return;
    }
    let held = json!({"status": status, "spec": d.at("/spec")});
    let current = condition(&held, "Progressing").map(|c| c.text("/reason").to_owned());
    if current.as_deref() == Some("DeploymentPaused") {
        put(status, now, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
    }
    let finished = held.int("/status/replicas") == held.int("/status/updatedReplicas") && current.as_deref() == Some("NewReplicaSetAvailable");
    if finished {
        return;
    }
    let subject = sets.new.as_ref().map_or_else(|| format!("Deployment \"{}\"", d.text("/metadata/name")), |(k, _)| format!("ReplicaSet \"{}\"", k.name));
    if complete(&held) {
        put(status, now, "Progressing", "True", "NewReplicaSetAvailable", &format!("{subject} has successfully progressed."));
    } else if moved(d, status) {
        // The time of the update is what the deadline counts from.
        let since = condition(&held, "Progressing").filter(|c| c.text("/status") == "True").map(|c| c.at("/lastTransitionTime").clone());
        drop_condition(status, "Progressing");
        put(status, now, "Progressing", "True", "ReplicaSetUpdated", &format!("{subject} is progressing."));
        if let Some(since) = since
            && let Some(c) = status.items("/conditions").and_then(|c| c.last_mut())
        {
            c.set("/lastTransitionTime", since);
        }
    } else if deadline(d, status).is_some_and(|due| due.at <= w.clock) {
        put(status, now, "Progressing", "False", "ProgressDeadlineExceeded", &format!("{subject} has timed out progressing."));
    }
}

/// Whether something came nearer to the goal since the status was last written.
fn moved(d: &Value, status: &Value) -> bool {
    let old = |s: &Value| s.int("/replicas") - s.int("/updatedReplicas");
    let before = d.at("/status");
    status.int("/updatedReplicas") > before.int("/updatedReplicas")
        || old(status) < old(before)
        || status.int("/readyReplicas") > before.int("/readyReplicas")
        || status.int("/availableReplicas") > before.int("/availableReplicas")
}

/// When a rollout that goes on now will have taken too long.
fn deadline(d: &Value, status: &Value) -> Option<Due> {
    let limit = d.at("/spec/progressDeadlineSeconds").as_i64()?;
    let current = status.list("/conditions").iter().find(|c| c.text("/type") == "Progressing")?;
    if matches!(current.text("/reason"), "NewReplicaSetAvailable" | "ProgressDeadlineExceeded" | "DeploymentPaused") {
        return None;
    }
    Due::steady(later(current.time("/lastUpdateTime")?, limit + 1))
}

/// Writes the condition Progressing on its own.
pub fn note(w: &mut World, key: &Key, state: &str, reason: &str, message: &str) {
    let now = stamp(w);
    w.edit(key, |d| {
        let mut status = d.at("/status").clone();
        put(&mut status, &now, "Progressing", state, reason, message);
        d.set("/status", status);
    });
}

fn drop_condition(status: &mut Value, kind: &str) {
    if let Some(list) = status.has("/conditions").then(|| status.items("/conditions")).flatten() {
        list.retain(|c| c.text("/type") != kind);
    }
}

/// Sets a condition: nothing when state and reason stay, else it goes to the end with its transition time kept when only
/// the reason changed.
fn put(status: &mut Value, now: &Value, kind: &str, state: &str, reason: &str, message: &str) {
    let Some(list) = status.items("/conditions") else { return };
    let place = list.iter().position(|c| c.text("/type") == kind);
    if let Some(same) = place.and_then(|i| list.get_mut(i)).filter(|c| c.text("/status") == state && c.text("/reason") == reason) {
        if kind == "ReplicaFailure" {
            same.set("/message", json!(message));
        }
        return;
    }
    let old = place.map(|i| list.remove(i));
    let since = old.filter(|o| o.text("/status") == state).map_or_else(|| now.clone(), |o| o.at("/lastTransitionTime").clone());
    list.push(json!({"type": kind, "status": state, "reason": reason, "message": message, "lastUpdateTime": now, "lastTransitionTime": since}));
}
