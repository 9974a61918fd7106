//! Manifests as `kubectl apply` would send them, completed as an API server would, and put into the store.
use crate::demo::sim::defaults;
use crate::demo::sim::json::{View, seconds};
use crate::demo::store::{Key, Store};
use crate::model::{Digest, Timestamp};
use anyhow::{Context as _, bail};
use serde_json::{Value, json};

/// Kinds and the resources they are kept under.
const KINDS: &[(&str, &str)] = &[
    ("Namespace", "namespaces"),
    ("Node", "nodes"),
    ("ConfigMap", "configmaps"),
    ("Secret", "secrets"),
    ("Service", "services"),
    ("ServiceAccount", "serviceaccounts"),
    ("ResourceQuota", "resourcequotas"),
    ("PersistentVolumeClaim", "persistentvolumeclaims"),
    ("Deployment", "deployments.apps"),
    ("StatefulSet", "statefulsets.apps"),
    ("DaemonSet", "daemonsets.apps"),
    ("Job", "jobs.batch"),
    ("CronJob", "cronjobs.batch"),
    ("Ingress", "ingresses.networking.k8s.io"),
    ("IngressClass", "ingressclasses.networking.k8s.io"),
    ("NetworkPolicy", "networkpolicies.networking.k8s.io"),
    ("HorizontalPodAutoscaler", "horizontalpodautoscalers.autoscaling"),
    ("PodDisruptionBudget", "poddisruptionbudgets.policy"),
    ("StorageClass", "storageclasses.storage.k8s.io"),
    ("Role", "roles.rbac.authorization.k8s.io"),
    ("RoleBinding", "rolebindings.rbac.authorization.k8s.io"),
    ("ClusterRole", "clusterroles.rbac.authorization.k8s.io"),
    ("ClusterRoleBinding", "clusterrolebindings.rbac.authorization.k8s.io"),
];

/// Puts every document of a YAML stream into the store, as of `at`.
pub fn apply(store: &Store, yaml: &str, at: Timestamp) -> anyhow::Result<()> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(yaml).context("a manifest is no YAML")?;
    for document in documents {
        let kind = document.text("/kind");
        let Some((_, resource)) = KINDS.iter().find(|(k, _)| *k == kind) else { bail!("a manifest has the kind \"{kind}\", which the scenario does not know") };
        let key = Key::new(resource, document.text("/metadata/namespace"), document.text("/metadata/name"));
        store.put(&key, completed(document, at));
    }
    Ok(())
}

/// What a server adds.
fn completed(document: Value, at: Timestamp) -> Value {
    let mut object = document.clone();
    let namespaced = !object.text("/metadata/namespace").is_empty();
    if namespaced && object.text("/kind") != "Secret" {
        let mut applied = document;
        applied.default("/metadata/annotations", json!({}));
        object.set("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", json!(format!("{applied}\n")));
    }
    object.set("/metadata/creationTimestamp", seconds(at));
    defaults::workload(&mut object);
    match object.text("/kind").to_owned().as_str() {
        "Service" => service(&mut object),
        "Ingress" | "NetworkPolicy" | "PodDisruptionBudget" => object.default("/metadata/generation", json!(1)),
        _ => {}
    }
    object
}

fn service(object: &mut Value) {
    object.default("/spec/type", json!("ClusterIP"));
    object.default("/spec/sessionAffinity", json!("None"));
    object.default("/spec/internalTrafficPolicy", json!("Cluster"));
    object.default("/spec/ipFamilies", json!(["IPv4"]));
    object.default("/spec/ipFamilyPolicy", json!("SingleStack"));
    let hash = Digest::of(format!("{}/{}", object.text("/metadata/namespace"), object.text("/metadata/name")).as_bytes()).hex();
    let octet = |range| u8::from_str_radix(hash.get(range).unwrap_or("7"), 16).unwrap_or(7);
    object.default("/spec/clusterIP", json!(format!("10.96.{}.{}", octet(0..2), octet(2..4))));
    let ip = object.at("/spec/clusterIP").clone();
    object.default("/spec/clusterIPs", json!([ip]));
    for port in object.items("/spec/ports").into_iter().flatten() {
        port.default("/protocol", json!("TCP"));
        let target = port.at("/port").clone();
        port.default("/targetPort", target);
    }
    object.default("/status/loadBalancer", json!({}));
}
