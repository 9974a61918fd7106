//! Which controller looks at what, and whom a change concerns. The only place that knows all controllers.
use super::json::{View, is_true};
use super::world::{Due, World};
use super::{cronjob, daemonset, deployment, disruption, events, garbage, job, kubelet, namespace, quota, replicaset, selector, service, statefulset, volume};
use crate::demo::store::{Change, Key, Verb};
use serde_json::Value;

/// The resources that are learned at start (owners must be known before dependents are looked at).
pub const LEARNED: &[&str] = &[
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "cronjobs.batch",
    "jobs.batch",
    "services",
    "endpointslices.discovery.k8s.io",
    "configmaps",
    "secrets",
    "serviceaccounts",
    "resourcequotas",
    "poddisruptionbudgets.policy",
    "pods",
    "events",
];

/// Lets the controllers of an object act on it.
pub fn reconcile(w: &mut World, key: &Key) -> Option<Due> {
    let object = w.get(key)?;
    let o = &*object;
    if o.has("/metadata/deletionTimestamp") && key.resource != "pods" {
        return match key.resource.as_str() {
            "namespaces" => namespace::terminate(w, key),
            "persistentvolumeclaims" => volume::release(w, key, o),
            _ => garbage::terminate(w, key, o),
        };
    }
    if !o.has("/metadata/deletionTimestamp") && garbage::collect(w, key, o) {
        return None;
    }
    match key.resource.as_str() {
        "pods" => kubelet::reconcile(w, key, o),
        "deployments.apps" => deployment::reconcile(w, key, o),
        "replicasets.apps" => replicaset::reconcile(w, key, o),
        "statefulsets.apps" => statefulset::reconcile(w, key, o),
        "daemonsets.apps" => daemonset::reconcile(w, key, o),
        "jobs.batch" => job::reconcile(w, key, o),
        "cronjobs.batch" => cronjob::reconcile(w, key, o),
        "services" => service::reconcile(w, key, o),
        "persistentvolumeclaims" => volume::reconcile(w, key, o),
        "resourcequotas" => quota::reconcile(w, key, o),
        "poddisruptionbudgets.policy" => disruption::reconcile(w, key, o),
        "namespaces" => namespace::reconcile(w, key),
        "events" => events::reconcile(w, key, o),
        _ => None,
    }
}

/// Whether nothing needs to look at an object that was found at start: what holds for nearly all of a large cluster.
pub fn at_rest(key: &Key, o: &Value) -> bool {
    let settled = !o.has("/metadata/deletionTimestamp");
    match key.resource.as_str() {
        "pods" => settled && is_true(o, "Ready") && o.list("/status/containerStatuses").iter().all(|c| c.has("/state/running")),
        "replicasets.apps" => {
            let wanted = o.int_or("/spec/replicas", 1);
            settled
                && ["/status/replicas", "/status/readyReplicas", "/status/availableReplicas"].iter().all(|p| o.int(p) == wanted)
                && o.int("/status/observedGeneration") == o.int("/metadata/generation")
        }
        "configmaps" | "secrets" | "serviceaccounts" | "nodes" | "endpointslices.discovery.k8s.io" => true,
        _ => false,
    }
}

/// Whom a change concerns.
pub fn affected(w: &mut World, change: &Change, out: &mut Vec<Key>) {
    let key = &change.key;
    let (now, before) = (&*change.object, change.before.as_deref());
    if change.verb == Verb::Deleted {
        gone(w, key, now, out);
    } else {
        out.push(key.clone());
    }
    // A namespace on its way out waits for its last object.
    if change.verb == Verb::Deleted && !key.namespace.is_empty() && namespace::is_ending(w, &key.namespace) {
        out.push(Key::new("namespaces", "", &key.namespace));
    }
    match key.resource.as_str() {
        "pods" if facts(Some(now)) != facts(before) || change.verb == Verb::Deleted => pod_changed(w, change, out),
        "replicasets.apps" | "jobs.batch" => owner(w, now, out),
        "endpointslices.discovery.k8s.io" if change.verb == Verb::Deleted => owner(w, now, out),
        "nodes" if change.verb != Verb::Modified || before.is_none_or(|b| scheduling(b) != scheduling(now)) => {
            out.extend(w.index.unscheduled.iter().cloned());
            out.extend(w.list_all("daemonsets.apps").into_iter().map(|(k, _)| k));
        }
        "storageclasses.storage.k8s.io" | "persistentvolumes" => out.extend(w.index.unbound.iter().cloned()),
        "persistentvolumeclaims" => out.extend(w.index.unscheduled.iter().filter(|k| k.namespace == key.namespace).cloned()),
        "configmaps" | "secrets" => out.extend(w.index.unready.iter().filter(|k| k.namespace == key.namespace).cloned()),
        "resourcequotas" if change.verb == Verb::Deleted || before.is_none_or(|b| b.at("/spec") != now.at("/spec") || freed(b, now)) => {
            let waiting = ["replicasets.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch"];
            let found: Vec<_> = waiting.iter().flat_map(|r| w.list(r, &key.namespace)).collect();
            for (k, o) in found {
                if !at_rest(&k, &o) {
                    w.refused.remove(&k);
                    out.push(k);
                }
            }
        }
        _ => {}
    }
}

/// Whether a quota has less in use than before.
fn freed(before: &Value, now: &Value) -> bool {
    before.entries("/status/used").any(|(k, v)| now.at("/status/used").get(k).is_some_and(|n| super::quantity::of(n) < super::quantity::of(v)))
}

/// What of a node decides where pods go.
fn scheduling(node: &Value) -> (&Value, &Value, &Value) {
    (node.at("/spec"), node.at("/metadata/labels"), node.at("/status/allocatable"))
}

/// What others than its kubelet want to know of a pod.
fn facts(pod: Option<&Value>) -> Option<(&str, bool, bool, &str, &str, &Value)> {
    let pod = pod?;
    let ready = is_true(pod, "Ready");
    let deleted = pod.has("/metadata/deletionTimestamp");
    Some((pod.text("/status/phase"), ready, deleted, pod.text("/status/podIP"), pod.text("/spec/nodeName"), pod.at("/metadata/labels")))
}

fn pod_changed(w: &mut World, change: &Change, out: &mut Vec<Key>) {
    let (key, now) = (&change.key, &*change.object);
    owner(w, now, out);
    let old = change.before.as_deref();
    for (k, s) in w.list("services", &key.namespace) {
        let wanted = s.at("/spec/selector");
        if [Some(now), old].into_iter().flatten().any(|p| wanted.is_object() && selector::plain(wanted, p.at("/metadata/labels"))) {
            out.push(k);
        }
    }
    for (k, b) in w.list("poddisruptionbudgets.policy", &key.namespace) {
        if [Some(now), old].into_iter().flatten().any(|p| selector::matches(b.at("/spec/selector"), p)) {
            out.push(k);
        }
    }
    let came_or_went = change.verb != Verb::Modified || old.is_some_and(|o| super::index::over(o) != super::index::over(now));
    if came_or_went {
        out.extend(w.list("resourcequotas", &key.namespace).into_iter().map(|(k, _)| k));
        if change.verb != Verb::Added {
            out.extend(w.index.unscheduled.iter().cloned());
        }
    }
}

fn owner(w: &mut World, object: &Value, out: &mut Vec<Key>) {
    let Some(owner) = super::json::controller_of(object) else { return };
    let resource = match owner.text("/kind") {
        "ReplicaSet" => "replicasets.apps",
        "Deployment" => "deployments.apps",
        "StatefulSet" => "statefulsets.apps",
        "DaemonSet" => "daemonsets.apps",
        "Job" => "jobs.batch",
        "CronJob" => "cronjobs.batch",
        "Service" => "services",
        _ => return,
    };
    if w.index.lives(owner.text("/uid")) {
        out.push(Key::new(resource, object.text("/metadata/namespace"), owner.text("/name")));
    }
}

/// The dependents of what is gone, and what was kept about it.
fn gone(w: &mut World, key: &Key, object: &Value, out: &mut Vec<Key>) {
    let uid = object.text("/metadata/uid");
    out.extend(w.index.owned(uid).cloned());
    out.push(key.clone());
    // Whoever waits for its dependents to go (foreground deletion) looks again.
    for owner in object.list("/metadata/ownerReferences") {
        out.extend(w.index.place(owner.text("/uid")).cloned());
    }
    match key.resource.as_str() {
        "pods" => kubelet::forget(w, key, uid),
        "events" => w.recorder.forget(object),
        _ => {}
    }
}
