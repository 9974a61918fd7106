//! The daemon set controller: a pod on every node that it may run on, replaced one by one when the template changes.
use super::json::{View, compact, count, is_true};
use super::pods::{Maker, Wanted, active};
use super::scheduler::{selects, tolerates};
use super::world::{Due, World, template_hash};
use crate::demo::store::Key;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const COMPONENT: &str = "daemonset-controller";
/// Conditions of a node that daemon pods bear.
const BORNE: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// Makes and removes pods, then writes the status.
pub fn reconcile(w: &mut World, key: &Key, set: &Value) -> Option<Due> {
    let hash = template_hash(set.at("/spec/template"));
    let mut bearing = set.clone();
    for (taint, effect) in BORNE {
        if let Some(list) = bearing.items("/spec/template/spec/tolerations") {
            list.push(json!({"key": taint, "operator": "Exists", "effect": effect}));
        }
    }
    let probe = json!({"spec": bearing.at("/spec/template/spec")});
    let nodes: BTreeSet<String> = w.list_all("nodes").into_iter().filter(|(_, n)| selects(&probe, n) && tolerates(&probe, n)).map(|(k, _)| k.name).collect();
    let by = Maker { component: COMPONENT, key, object: &bearing };
    let pods = super::replicaset::controlled(w, set.text("/metadata/uid"));
    let mut covered = BTreeSet::new();
    for (k, p) in &pods {
        let node = node_of(p);
        if super::index::over(p) {
            w.remove(k);
        } else if !nodes.contains(node) || (active(p) && !covered.insert(node.to_owned())) {
            w.unmake_pod(by, k);
        } else {
            covered.insert(node.to_owned());
        }
    }
    let outdated = |p: &Value| p.text("/metadata/labels/controller-revision-hash") != hash;
    let all_up = pods.iter().all(|(_, p)| active(p) && (is_true(p, "Ready") || outdated(p)));
    if all_up && let Some((k, _)) = pods.iter().find(|(_, p)| outdated(p)) {
        w.unmake_pod(by, k);
    }
    let labels = vec![("controller-revision-hash", hash.clone()), ("pod-template-generation", set.int_or("/metadata/generation", 1).to_string())];
    for node in nodes.difference(&covered) {
        if w.waits(key).is_some() || w.make_pod(by, &Wanted { node: node.clone(), labels: labels.clone(), ..Wanted::default() }).is_err() {
            break;
        }
    }
    status(w, key, set, &hash, nodes.len());
    w.waits(key)
}

/// The node of a daemon pod: the one it is on, else the one it was made for.
fn node_of(pod: &Value) -> &str {
    const FIELD: &str = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchFields/0/values/0";
    if pod.has("/spec/nodeName") { pod.text("/spec/nodeName") } else { pod.text(FIELD) }
}

fn status(w: &mut World, key: &Key, set: &Value, hash: &str, nodes: usize) {
    let pods: Vec<_> = super::replicaset::controlled(w, set.text("/metadata/uid")).into_iter().filter(|(_, p)| active(p)).collect();
    let ready = pods.iter().filter(|(_, p)| is_true(p, "Ready")).count();
    let updated = pods.iter().filter(|(_, p)| p.text("/metadata/labels/controller-revision-hash") == hash).count();
    let n = |n: usize| count(i64::try_from(n).unwrap_or_default());
    let now = compact(json!({
        "currentNumberScheduled": pods.len(), "desiredNumberScheduled": nodes, "numberAvailable": n(ready), "numberMisscheduled": 0,
        "numberReady": ready, "numberUnavailable": n(nodes.saturating_sub(ready)), "updatedNumberScheduled": n(updated),
        "observedGeneration": set.int_or("/metadata/generation", 1)
    }));
    if now != *set.at("/status") {
        w.set_status(key, now);
    }
}
