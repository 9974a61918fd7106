//! The deployment controller: a replica set per template, and a rollout from the old ones to the new one within what
//! `maxSurge` and `maxUnavailable` allow. An old template that returns takes its old replica set, with a new revision.
use super::deployment_status;
use super::events::{From, Note};
use super::json::{View, controller_of, seconds};
use super::world::{Due, World, owner_reference, template_hash};
use crate::demo::store::Key;
use serde_json::{Value, json};
use std::sync::Arc;

/// The annotation that numbers revisions, as a JSON pointer.
pub const REVISION: &str = "/metadata/annotations/deployment.kubernetes.io~1revision";
const DESIRED: &str = "/metadata/annotations/deployment.kubernetes.io~1desired-replicas";
const MAXIMUM: &str = "/metadata/annotations/deployment.kubernetes.io~1max-replicas";
/// Annotations of a deployment that its replica sets do not get.
const OWN: &[&str] = &["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision", "deprecated.deployment.rollback.to"];

/// A replica set of a deployment.
pub type Set = (Key, Arc<Value>);

/// The replica sets of a deployment, apart.
#[derive(Debug)]
pub struct Sets {
    /// Of the present template.
    pub new: Option<Set>,
    /// Of earlier ones, oldest first.
    pub old: Vec<Set>,
}

impl Sets {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Set> {
        self.old.iter().chain(&self.new)
    }
    fn wanted(&self) -> i64 {
        self.all().map(|(_, r)| r.int("/spec/replicas")).sum()
    }
}

/// Brings a deployment one step on; its replica sets' changes bring the next.
pub fn reconcile(w: &mut World, key: &Key, d: &Value) -> Option<Due> {
    let mut sets = sets(w, d);
    let paused = d.flag("/spec/paused");
    if !paused {
        sets.new = ensure_new(w, key, d, &sets);
    }
    if let Some(d) = w.get(key) {
        if paused || rescaled(d.as_ref(), &sets) {
            scale_alone(w, key, &d, &sets);
        } else if d.text("/spec/strategy/type") == "Recreate" {
            recreate(w, key, &d, &sets);
        } else {
            roll(w, key, &d, &sets);
        }
    }
    let d = w.get(key)?;
    let now = self::sets(w, &d);
    let due = deployment_status::write(w, key, &d, &now);
    trim_history(w, &d, &now);
    due
}

/// The replica sets that a deployment controls.
pub fn sets(w: &mut World, d: &Value) -> Sets {
    let uid = d.text("/metadata/uid").to_owned();
    let mut all: Vec<Set> = w.owned(&uid, "replicasets.apps").into_iter().filter(|(_, r)| controller_of(r).is_some_and(|o| o.text("/uid") == uid)).collect();
    all.sort_by_key(|(k, r)| (r.time("/metadata/creationTimestamp"), r.text(REVISION).parse::<i64>().unwrap_or(0), k.clone()));
    let place = all.iter().position(|(_, r)| same_template(r, d));
    let new = place.map(|i| all.remove(i));
    Sets { new, old: all }
}

fn same_template(rs: &Value, d: &Value) -> bool {
    let mut template = rs.at("/spec/template").clone();
    template.unset("/metadata/labels/pod-template-hash");
    template == *d.at("/spec/template")
}

fn revision(rs: &Value) -> i64 {
    rs.text(REVISION).parse().unwrap_or(0)
}

/// Finds or makes the replica set of the present template, and gives it the highest revision.
fn ensure_new(w: &mut World, key: &Key, d: &Value, sets: &Sets) -> Option<Set> {
    let highest = sets.old.iter().map(|(_, r)| revision(r)).max().unwrap_or(0);
    let (set, number) = match &sets.new {
        Some((k, r)) => {
            let number = revision(r).max(highest + 1);
            let number = if revision(r) > highest { revision(r) } else { number };
            let (desired, maximum) = (d.int("/spec/replicas"), d.int("/spec/replicas") + surge(d));
            let before = revision(r);
            let written = w.edit(k, |r| {
                if before != number && before != 0 {
                    let at = "/metadata/annotations/deployment.kubernetes.io~1revision-history";
                    let past = r.text(at).to_owned();
                    r.set(at, json!(if past.is_empty() { before.to_string() } else { format!("{past},{before}") }));
                }
                copy_annotations(d, r);
                r.set(REVISION, json!(number.to_string()));
                r.set(DESIRED, json!(desired.to_string()));
                r.set(MAXIMUM, json!(maximum.to_string()));
            })?;
            if super::json::condition(d, "Progressing").is_none() {
                deployment_status::note(w, key, "True", "FoundNewReplicaSet", &format!("Found new replica set \"{}\"", k.name));
            }
            ((k.clone(), written), number)
        }
        None => (make(w, key, d, sets, highest + 1)?, highest + 1),
    };
    if d.text(REVISION) != number.to_string() {
        w.edit(key, |d| d.set(REVISION, json!(number.to_string())));
    }
    Some(set)
}

fn copy_annotations(d: &Value, rs: &mut Value) {
    for (name, value) in d.entries("/metadata/annotations").filter(|(n, _)| !OWN.contains(&n.as_str())) {
        rs.set(&format!("/metadata/annotations/{}", name.replace('/', "~1")), value.clone());
    }
}

fn make(w: &mut World, key: &Key, d: &Value, sets: &Sets, number: i64) -> Option<Set> {
    let hash = template_hash(d.at("/spec/template"));
    let name = format!("{}-{hash}", key.name);
    let desired = d.int("/spec/replicas");
    let replicas = match d.text("/spec/strategy/type") {
        "Recreate" => {
            if sets.old.iter().any(|(_, r)| r.int("/spec/replicas") > 0 || r.int("/status/replicas") > 0) {
                0
            } else {
                desired
            }
        }
        _ => (desired + surge(d) - sets.wanted()).clamp(0, desired),
    };
    let mut template = d.at("/spec/template").clone();
    template.set("/metadata/labels/pod-template-hash", json!(hash));
    let mut selector = d.at("/spec/selector").clone();
    selector.set("/matchLabels/pod-template-hash", json!(hash));
    let mut rs = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"generation": 1, "labels": template.at("/metadata/labels"), "ownerReferences": [owner_reference(d)]},
        "spec": {"replicas": replicas, "selector": selector, "template": template}, "status": {"replicas": 0}
    });
    if d.int("/spec/minReadySeconds") > 0 {
        rs.set("/spec/minReadySeconds", d.at("/spec/minReadySeconds").clone());
    }
    copy_annotations(d, &mut rs);
    rs.set(REVISION, json!(number.to_string()));
    rs.set(DESIRED, json!(desired.to_string()));
    rs.set(MAXIMUM, json!((desired + surge(d)).to_string()));
    let set_key = Key::new("replicasets.apps", &key.namespace, &name);
    let made = w.create(&set_key, rs)?;
    deployment_status::note(w, key, "True", "NewReplicaSetCreated", &format!("Created new replica set \"{name}\""));
    if replicas > 0 {
        scaled(w, d, &name, 0, replicas);
    }
    Some((set_key, made))
}

fn scaled(w: &mut World, d: &Value, name: &str, from: i64, to: i64) {
    let way = if to > from { "up" } else { "down" };
    let text = format!("Scaled {way} replica set {name} from {from} to {to}");
    w.event(d, &Note::normal(From::Controller("deployment-controller"), "ScalingReplicaSet", text));
}

fn scale(w: &mut World, d: &Value, set: &Set, to: i64) {
    let from = set.1.int("/spec/replicas");
    if from == to {
        return;
    }
    let (desired, maximum) = (d.int("/spec/replicas"), d.int("/spec/replicas") + surge(d));
    w.edit_spec(&set.0, |r| {
        r.set("/spec/replicas", json!(to));
        r.set(DESIRED, json!(desired.to_string()));
        r.set(MAXIMUM, json!(maximum.to_string()));
    });
    scaled(w, d, &set.0.name, from, to);
}

/// Whether only the number of replicas was changed since the active replica sets were last sized.
fn rescaled(d: &Value, sets: &Sets) -> bool {
    let desired = d.int("/spec/replicas").to_string();
    sets.all().any(|(_, r)| r.int("/spec/replicas") > 0 && r.text(DESIRED) != desired && !r.text(DESIRED).is_empty())
}

/// Follows the number of replicas without moving a rollout on: the one active replica set, or all in proportion.
fn scale_alone(w: &mut World, _key: &Key, d: &Value, sets: &Sets) {
    let desired = d.int("/spec/replicas");
    let active: Vec<&Set> = sets.all().filter(|(_, r)| r.int("/spec/replicas") > 0).collect();
    match active.as_slice() {
        [] => {
            if let Some(latest) = sets.new.as_ref().or(sets.old.last()) {
                scale(w, d, latest, desired);
            }
        }
        [only] => scale(w, d, only, desired),
        several => {
            let total: i64 = several.iter().map(|(_, r)| r.int("/spec/replicas")).sum();
            let mut left = desired + surge(d) - total;
            for set in several.iter().rev() {
                let has = set.1.int("/spec/replicas");
                let share = (has * (desired + surge(d)) / total.max(1) - has).clamp(left.min(0), left.max(0));
                left -= share;
                let rest = if std::ptr::eq(*set, several.first().copied().unwrap_or(*set)) { left } else { 0 };
                scale(w, d, set, (has + share + rest).max(0));
            }
        }
    }
    // Also those that keep their size are now sized for the new number.
    for (k, _) in sets.all() {
        w.edit(k, |r| {
            if r.int("/spec/replicas") > 0 {
                r.set(DESIRED, json!(desired.to_string()));
            }
        });
    }
}

fn recreate(w: &mut World, _key: &Key, d: &Value, sets: &Sets) {
    let mut waiting = false;
    for set in &sets.old {
        scale(w, d, set, 0);
        let uid = set.1.text("/metadata/uid").to_owned();
        waiting |= !super::replicaset::controlled(w, &uid).iter().all(|(_, p)| super::index::over(p));
    }
    if !waiting && let Some(new) = &sets.new {
        scale(w, d, new, d.int("/spec/replicas"));
    }
}

fn roll(w: &mut World, _key: &Key, d: &Value, sets: &Sets) {
    let Some(new) = &sets.new else { return };
    let desired = d.int("/spec/replicas");
    let has = new.1.int("/spec/replicas");
    let room = (desired + surge(d) - sets.wanted()).max(0);
    let size = if has > desired { desired } else { has + room.min(desired - has) };
    if size != has {
        scale(w, d, new, size);
        return;
    }
    let floor = desired - unavailable(d);
    let usable = |s: &Set| s.1.int("/status/availableReplicas").min(s.1.int("/spec/replicas"));
    let lacking = has - usable(new);
    let mut may_go = sets.wanted() - floor - lacking;
    if may_go <= 0 {
        return;
    }
    // Those that do not work go first; then those that do, as far as enough remain.
    let mut sizes: Vec<i64> = sets.old.iter().map(|(_, r)| r.int("/spec/replicas")).collect();
    for (set, size) in sets.old.iter().zip(&mut sizes) {
        let broken = (*size - usable(set)).min(may_go).max(0);
        *size -= broken;
        may_go -= broken;
    }
    let mut spare = sets.all().map(usable).sum::<i64>() - floor;
    for (set, size) in sets.old.iter().zip(&mut sizes) {
        let go = usable(set).min(*size).min(spare).max(0);
        *size -= go;
        spare -= go;
    }
    for (set, size) in sets.old.iter().zip(sizes) {
        scale(w, d, set, size);
    }
}

/// `maxSurge` in pods.
pub fn surge(d: &Value) -> i64 {
    if d.text("/spec/strategy/type") == "Recreate" {
        return 0;
    }
    share(d.at("/spec/strategy/rollingUpdate/maxSurge"), d.int("/spec/replicas"), true)
}

/// `maxUnavailable` in pods; one when neither it nor `maxSurge` would let a rollout move.
pub fn unavailable(d: &Value) -> i64 {
    let desired = d.int("/spec/replicas");
    if d.text("/spec/strategy/type") == "Recreate" || desired == 0 {
        return 0;
    }
    let n = share(d.at("/spec/strategy/rollingUpdate/maxUnavailable"), desired, false).min(desired);
    if n == 0 && surge(d) == 0 { 1 } else { n }
}

/// An `IntOrString` of a whole.
pub fn share(value: &Value, whole: i64, up: bool) -> i64 {
    let percent = value.as_str().and_then(|s| s.strip_suffix('%')).and_then(|n| n.parse::<i64>().ok());
    match percent {
        Some(p) => (whole * p + if up { 99 } else { 0 }) / 100,
        None => value.as_i64().unwrap_or_default(),
    }
}

/// Keeps as many old, empty replica sets as `revisionHistoryLimit` says, once a rollout is complete.
fn trim_history(w: &mut World, d: &Value, sets: &Sets) {
    if !deployment_status::complete(d) {
        return;
    }
    let limit = usize::try_from(d.int_or("/spec/revisionHistoryLimit", 10)).unwrap_or_default();
    let empty = |r: &Value| r.int("/spec/replicas") == 0 && r.int("/status/replicas") == 0 && !r.has("/metadata/deletionTimestamp");
    let mut idle: Vec<&Set> = sets.old.iter().filter(|(_, r)| empty(r)).collect();
    idle.sort_by_key(|(_, r)| revision(r));
    let surplus = idle.len().saturating_sub(limit);
    for (k, _) in idle.into_iter().take(surplus) {
        w.delete(k);
    }
}

/// The instant of the newest write, for conditions.
pub fn stamp(w: &World) -> Value {
    seconds(w.stamp)
}
