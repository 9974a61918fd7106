//! So many more healthy pods: deployments of a hundred replicas in namespace `load`, on nodes of their own. One pod is
//! made by the simulation; all others are that one with another name, node and address.
use super::nodes;
use crate::demo::sim::Sim;
use crate::demo::sim::defaults;
use crate::demo::sim::json::{View, later, seconds};
use crate::demo::store::{Key, Store};
use crate::model::{Digest, Timestamp};
use serde_json::{Map, Value, json};

const NAMESPACE: &str = "load";
/// Pods of one deployment, and on one node.
const GROUP: usize = 100;
/// How long they have been running, in seconds.
const AGE: i64 = 7_200;

/// Adds `pods` healthy pods that have been running for two hours.
pub fn load(store: &Store, pods: usize, now: Timestamp) {
    if pods == 0 {
        return;
    }
    let since = later(now, -AGE);
    let accounts =
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": NAMESPACE, "creationTimestamp": seconds(since)}});
    store.put(&Key::new("serviceaccounts", NAMESPACE, "default"), accounts);
    let ca =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt", "namespace": NAMESPACE, "creationTimestamp": seconds(since)}});
    store.put(&Key::new("configmaps", NAMESPACE, "kube-root-ca.crt"), ca);
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "creationTimestamp": seconds(since),
        "labels": {"kubernetes.io/metadata.name": NAMESPACE}}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}});
    store.put(&Key::new("namespaces", "", NAMESPACE), namespace);
    let groups = pods.div_ceil(GROUP);
    nodes::put(store, "load-node", groups, since);
    apart(store);
    nodes::heartbeat(store, now);
    let Some(model) = Model::made(since) else { return };
    for group in 0..groups {
        let size = GROUP.min(pods - group * GROUP);
        model.put_group(store, group, size);
    }
}

/// Keeps everything but the load off its nodes: a taint for pods, no `kubernetes.io/os` for daemon sets.
fn apart(store: &Store) {
    for (key, found) in store.list("nodes", None).1.into_iter().filter(|(k, _)| k.name.starts_with("load-node-")) {
        let mut node = (*found).clone();
        node.set("/spec/taints", json!([{"key": "load", "value": "only", "effect": "NoSchedule"}]));
        node.unset("/metadata/labels/kubernetes.io~1os");
        store.put(&key, node);
    }
}

/// One deployment with one pod, as the simulation made it.
struct Model {
    deployment: Value,
    set: Value,
    pod: Value,
}

impl Model {
    fn made(since: Timestamp) -> Option<Self> {
        let store = Store::new();
        nodes::put(&store, "model", 1, since);
        let key = Key::new("deployments.apps", NAMESPACE, "model");
        let mut deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "model", "namespace": NAMESPACE, "creationTimestamp": seconds(since), "labels": {"app": "model"}},
            "spec": {"selector": {"matchLabels": {"app": "model"}}, "template": {
                "metadata": {"labels": {"app": "model", "tier": "load"}, "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9102"}},
                "spec": {"tolerations": [{"key": "load", "operator": "Equal", "value": "only", "effect": "NoSchedule"}], "containers": [container("app", 8080, "100m", "64Mi"), container("proxy", 9102, "20m", "32Mi")]}
            }}
        });
        defaults::workload(&mut deployment);
        store.put(&key, deployment);
        let mut sim = Sim::new(store.clone());
        sim.step(since);
        sim.step(later(since, 60));
        let one = |resource: &str| store.list(resource, Some(NAMESPACE)).1.first().map(|(_, o)| (**o).clone());
        let mut pod = one("pods")?;
        pod.set("/metadata/managedFields", managed(&pod, since));
        Some(Self { deployment: one("deployments.apps")?, set: one("replicasets.apps")?, pod })
    }

    fn put_group(&self, store: &Store, group: usize, size: usize) {
        let name = format!("load-{group:03}");
        let hash = self.set.text("/metadata/labels/pod-template-hash").to_owned();
        let counts = |o: &mut Value| {
            for field in ["replicas", "readyReplicas", "availableReplicas", "updatedReplicas", "fullyLabeledReplicas"] {
                if o.has(&format!("/status/{field}")) {
                    o.set(&format!("/status/{field}"), json!(size));
                }
            }
            o.set("/spec/replicas", json!(size));
            o.set("/metadata/annotations/deployment.kubernetes.io~1desired-replicas", json!(size.to_string()));
            o.set("/metadata/annotations/deployment.kubernetes.io~1max-replicas", json!((size + size.div_ceil(4)).to_string()));
        };
        let mut deployment = renamed(&self.deployment, &name);
        counts(&mut deployment);
        deployment.unset("/metadata/annotations/deployment.kubernetes.io~1desired-replicas");
        deployment.unset("/metadata/annotations/deployment.kubernetes.io~1max-replicas");
        let deployment = store.put(&Key::new("deployments.apps", NAMESPACE, &name), deployment);
        let set_name = format!("{name}-{hash}");
        let mut set = renamed(&self.set, &name);
        counts(&mut set);
        set.set("/metadata/name", json!(set_name));
        own(&mut set, &deployment);
        let set = store.put(&Key::new("replicasets.apps", NAMESPACE, &set_name), set);
        let mut model = renamed(&self.pod, &name);
        own(&mut model, &set);
        let node = format!("load-node-{}", group + 1);
        let found = store.get(&Key::new("nodes", "", &node));
        let host = found.as_deref().map(|n| n.text("/status/addresses/0/address").to_owned()).unwrap_or_default();
        let range = found.as_deref().and_then(|n| n.text("/spec/podCIDR").rsplit_once('.')).map_or("10.244.0", |(p, _)| p).to_owned();
        model.set("/spec/nodeName", json!(node));
        model.set("/status/hostIP", json!(host));
        model.set("/status/hostIPs", json!([{"ip": host}]));
        for n in 0..size {
            let pod_name = format!("{set_name}-{}", suffix(group * GROUP + n));
            let mut pod = model.clone();
            pod.set("/metadata/name", json!(pod_name));
            let ip = format!("{range}.{}", n + 2);
            pod.set("/status/podIP", json!(ip));
            pod.set("/status/podIPs", json!([{"ip": ip}]));
            for status in pod.items("/status/containerStatuses").into_iter().flatten() {
                let id = Digest::of(format!("{pod_name}/{}", status.text("/name")).as_bytes()).hex();
                status.set("/containerID", json!(format!("containerd://{id}")));
                store.set_usage(&format!("{NAMESPACE}/{pod_name}/{}", status.text("/name")), 5 + (n % 20) as u64, (20 + n as u64 % 12) << 20);
            }
            store.put(&Key::new("pods", NAMESPACE, &pod_name), pod);
        }
    }
}

fn container(name: &str, port: i64, cpu: &str, memory: &str) -> Value {
    json!({
        "name": name, "image": format!("ghcr.example/load/{name}:1.0.0"), "ports": [{"name": name, "containerPort": port}],
        "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}, {"name": "LOG_LEVEL", "value": "info"}],
        "resources": {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": port}, "periodSeconds": 10},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": port}, "initialDelaySeconds": 10}
    })
}

/// Another deployment's object: its name in metadata, labels and selectors, and an identity that the store gives.
fn renamed(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object.unset("/metadata/uid");
    object.set("/metadata/name", json!(name));
    for at in ["/metadata/labels/app", "/spec/selector/matchLabels/app", "/spec/template/metadata/labels/app"] {
        if object.has(at) {
            object.set(at, json!(name));
        }
    }
    for condition in object.items("/status/conditions").into_iter().flatten() {
        if condition.text("/message").contains("model") {
            let text = condition.text("/message").replace("model", name);
            condition.set("/message", json!(text));
        }
    }
    object
}

fn own(object: &mut Value, owner: &Value) {
    let Some(reference) = object.items("/metadata/ownerReferences").and_then(|o| o.first_mut()) else { return };
    reference.set("/name", owner.at("/metadata/name").clone());
    reference.set("/uid", owner.at("/metadata/uid").clone());
    if object.text("/kind") == "Pod" {
        object.set("/metadata/generateName", json!(format!("{}-", owner.text("/metadata/name"))));
    }
}

/// Five letters of a number, all different for different numbers.
fn suffix(mut n: usize) -> String {
    let letters: Vec<char> = "bcdfghjklmnpqrstvwxz2456789".chars().collect();
    (0..5)
        .map(|place| {
            let letter = letters.get((n + place * 7) % letters.len()).copied().unwrap_or('b');
            n /= letters.len();
            letter
        })
        .collect()
}

/// `managedFields` as the controller manager and the kubelet leave them, as deep as their first fields.
fn managed(pod: &Value, at: Timestamp) -> Value {
    let names = |pointer: &str| -> Value { pod.entries(pointer).map(|(k, _)| (format!("f:{k}"), json!({}))).collect::<Map<_, _>>().into() };
    let entry = |manager: &str, fields: Value| json!({"manager": manager, "operation": "Update", "apiVersion": "v1", "time": seconds(at), "fieldsType": "FieldsV1", "fieldsV1": fields});
    let made = json!({"f:metadata": {"f:generateName": {}, "f:labels": names("/metadata/labels"), "f:ownerReferences": {}}, "f:spec": names("/spec")});
    let mut ran = entry("kubelet", json!({"f:status": names("/status")}));
    ran.set("/subresource", json!("status"));
    json!([entry("kube-controller-manager", made), ran])
}
