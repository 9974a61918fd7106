//! Namespaces: what every new one gets (an account, the cluster's CA), and how one goes: its objects first.
use super::json::{View, later};
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::json;

/// The resources that live in namespaces, pods before what owns nothing.
const NAMESPACED: &[&str] = &[
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "replicasets.apps",
    "cronjobs.batch",
    "jobs.batch",
    "pods",
    "services",
    "endpointslices.discovery.k8s.io",
    "persistentvolumeclaims",
    "configmaps",
    "secrets",
    "serviceaccounts",
    "ingresses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "horizontalpodautoscalers.autoscaling",
    "poddisruptionbudgets.policy",
    "resourcequotas",
    "limitranges",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "leases.coordination.k8s.io",
    "events",
];

/// The certificate that the CA map holds: a name in its place, for nobody verifies with it.
const CA: &str = "-----BEGIN CERTIFICATE-----\nembedded-cluster\n-----END CERTIFICATE-----\n";

/// Gives a namespace what the controllers give every one.
pub fn reconcile(w: &mut World, key: &Key) -> Option<Due> {
    let name = &key.name;
    w.edit(key, |n| {
        n.default("/metadata/labels/kubernetes.io~1metadata.name", json!(name));
        n.default("/spec/finalizers", json!(["kubernetes"]));
        n.default("/status/phase", json!("Active"));
    });
    let account = Key::new("serviceaccounts", name, "default");
    if w.get(&account).is_none() {
        w.create(&account, json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {}}));
    }
    let ca = Key::new("configmaps", name, "kube-root-ca.crt");
    if w.get(&ca).is_none() {
        let note = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";
        let meta = json!({"annotations": {"kubernetes.io/description": note}});
        w.create(&ca, json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"ca.crt": CA}}));
    }
    None
}

/// Whether a namespace is on its way out.
pub fn is_ending(w: &World, name: &str) -> bool {
    w.store.get(&Key::new("namespaces", "", name)).is_some_and(|n| n.has("/metadata/deletionTimestamp"))
}

/// Deletes what is in a namespace, and the namespace when nothing is.
pub fn terminate(w: &mut World, key: &Key) -> Option<Due> {
    w.edit(key, |n| n.set("/status/phase", json!("Terminating")));
    let mut left = 0;
    for resource in NAMESPACED {
        for (k, _) in w.list(resource, &key.name) {
            w.delete(&k);
            left += usize::from(w.store.get(&k).is_some());
        }
    }
    if left == 0 {
        w.remove(key);
        return None;
    }
    Due::steady(later(w.clock, 5))
}
