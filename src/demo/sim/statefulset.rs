//! The stateful set controller: pods with ordinals and claims of their own, made in order, replaced from the last.
use super::events::{From, Note};
use super::json::{View, compact, count, is_true};
use super::pods::{Maker, Wanted, active, available};
use super::world::{Due, World, template_hash};
use crate::demo::store::Key;
use serde_json::{Value, json};

const COMPONENT: &str = "statefulset-controller";

/// Makes, replaces or removes one pod, then writes the status.
pub fn reconcile(w: &mut World, key: &Key, set: &Value) -> Option<Due> {
    let wanted = set.int_or("/spec/replicas", 1);
    let hash = format!("{}-{}", key.name, template_hash(set.at("/spec/template")));
    let parallel = set.text("/spec/podManagementPolicy") == "Parallel";
    let mut due = None;
    let mut whole = true;
    for ordinal in 0..wanted {
        let pod_key = Key::new("pods", &key.namespace, &format!("{}-{ordinal}", key.name));
        match w.get(&pod_key) {
            None => {
                due = Due::sooner(due, make(w, key, set, &pod_key, ordinal, &hash));
                whole = false;
            }
            Some(p) if super::index::over(&p) => {
                w.remove(&pod_key);
                whole = false;
            }
            Some(p) => whole &= is_true(&p, "Ready") && active(&p),
        }
        if !whole && !parallel {
            break;
        }
    }
    let by = Maker { component: COMPONENT, key, object: set };
    let surplus = mine(w, set).into_iter().filter(|(k, p)| ordinal_of(k) >= wanted && active(p)).max_by_key(|(k, _)| ordinal_of(k));
    if let Some((k, _)) = surplus {
        w.unmake_pod(by, &k);
    } else if set.text("/spec/updateStrategy/type") != "OnDelete" {
        replace_outdated(w, by, set, &hash);
    }
    Due::sooner(due, status(w, key, set, &hash))
}

fn ordinal_of(pod: &Key) -> i64 {
    pod.name.rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or_default()
}

fn mine(w: &mut World, set: &Value) -> Vec<(Key, std::sync::Arc<Value>)> {
    super::replicaset::controlled(w, set.text("/metadata/uid"))
}

/// From the last ordinal down, one at a time: a pod of an old template goes when those behind it are ready. One that
/// never became ready goes too, or a broken template could not be mended.
fn replace_outdated(w: &mut World, by: Maker<'_>, set: &Value, hash: &str) {
    let partition = set.int("/spec/updateStrategy/rollingUpdate/partition");
    let mut pods = mine(w, set);
    pods.sort_by_key(|(k, _)| std::cmp::Reverse(ordinal_of(k)));
    for (k, p) in pods.into_iter().filter(|(k, _)| ordinal_of(k) >= partition) {
        let current = p.text("/metadata/labels/controller-revision-hash") == hash;
        if !current && active(&p) {
            w.unmake_pod(by, &k);
            return;
        }
        if !active(&p) || !is_true(&p, "Ready") {
            return;
        }
    }
}

fn make(w: &mut World, key: &Key, set: &Value, pod_key: &Key, ordinal: i64, hash: &str) -> Option<Due> {
    let from = From::Controller(COMPONENT);
    let mut with_claims = set.clone();
    for claim in set.list("/spec/volumeClaimTemplates") {
        let volume = claim.text("/metadata/name");
        let name = format!("{volume}-{}", pod_key.name);
        let claim_key = Key::new("persistentvolumeclaims", &key.namespace, &name);
        if w.get(&claim_key).is_none() {
            let mut object = claim.clone();
            object.set("/metadata", json!({"labels": set.at("/spec/selector/matchLabels"), "finalizers": ["kubernetes.io/pvc-protection"]}));
            object.set("/status", json!({"phase": "Pending"}));
            w.create(&claim_key, object);
            let text = format!("Create Claim {name} Pod {} in StatefulSet {} success", pod_key.name, key.name);
            w.event(set, &Note::normal(from, "SuccessfulCreate", text));
        }
        if let Some(volumes) = with_claims.items("/spec/template/spec/volumes") {
            volumes.retain(|v| v.text("/name") != volume);
            volumes.insert(0, json!({"name": volume, "persistentVolumeClaim": {"claimName": name}}));
        }
    }
    with_claims.set("/spec/template/spec/hostname", json!(pod_key.name));
    with_claims.set("/spec/template/spec/subdomain", set.at("/spec/serviceName").clone());
    let labels = vec![
        ("apps.kubernetes.io/pod-index", ordinal.to_string()),
        ("controller-revision-hash", hash.to_owned()),
        ("statefulset.kubernetes.io/pod-name", pod_key.name.clone()),
    ];
    let wanted = Wanted { name: pod_key.name.clone(), labels, ..Wanted::default() };
    if let Some(due) = w.waits(key) {
        return Some(due);
    }
    if w.make_pod(Maker { component: COMPONENT, key, object: &with_claims }, &wanted).is_err() {
        return w.waits(key);
    }
    let prefix = format!("{}-", key.name);
    w.edit(pod_key, |p| p.set("/metadata/generateName", json!(prefix)));
    let text = format!("Create Pod {} in StatefulSet {} successful", pod_key.name, key.name);
    w.event(set, &Note::normal(from, "SuccessfulCreate", text));
    None
}

fn status(w: &mut World, key: &Key, set: &Value, hash: &str) -> Option<Due> {
    let pods = mine(w, set);
    let min_ready = set.int("/spec/minReadySeconds");
    let of_hash = |h: &str| pods.iter().filter(|(_, p)| p.text("/metadata/labels/controller-revision-hash") == h).count();
    let ready = pods.iter().filter(|(_, p)| is_true(p, "Ready")).count();
    let (mut usable, mut due) = (0_i64, None);
    for (_, p) in &pods {
        match available(w, p, min_ready) {
            Ok(()) => usable += 1,
            Err(later) => due = Due::sooner(due, later),
        }
    }
    let updated = of_hash(hash);
    let wanted = usize::try_from(set.int_or("/spec/replicas", 1)).unwrap_or_default();
    let before = set.text("/status/currentRevision");
    let current = if before.is_empty() || (updated == wanted && ready == wanted) { hash } else { before }.to_owned();
    let n = |n: usize| count(i64::try_from(n).unwrap_or_default());
    let now = compact(json!({
        "observedGeneration": set.int_or("/metadata/generation", 1), "replicas": pods.len(), "readyReplicas": n(ready), "availableReplicas": usable,
        "currentReplicas": n(of_hash(&current)), "updatedReplicas": n(updated), "currentRevision": current, "updateRevision": hash, "collisionCount": 0
    }));
    if now != *set.at("/status") {
        w.set_status(key, now);
    }
    due
}
