//! Nodes as a kubelet registers them.
use crate::demo::sim::json::{View, later, seconds};
use crate::demo::store::{Key, Store};
use crate::model::{Digest, Timestamp};
use serde_json::{Value, json};

/// Puts `count` nodes `NAME-1`, `NAME-2` … into the store, up since `at`.
pub fn put(store: &Store, name: &str, count: usize, at: Timestamp) {
    let before = store.list("nodes", None).1.len();
    for n in 1..=count {
        let name = format!("{name}-{n}");
        store.put(&Key::new("nodes", "", &name), node(&name, before + n, at));
    }
}

/// The kubelets report.
pub fn heartbeat(store: &Store, now: Timestamp) {
    for (key, found) in store.list("nodes", None).1 {
        let mut object = (*found).clone();
        for condition in object.items("/status/conditions").into_iter().flatten() {
            condition.set("/lastHeartbeatTime", seconds(later(now, -40)));
        }
        store.put(&key, object);
    }
}

fn node(name: &str, n: usize, at: Timestamp) -> Value {
    let hash = Digest::of(name.as_bytes()).hex();
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default().to_owned();
    let system = format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
    let condition = |kind: &str, state: &str, reason: &str, message: &str| json!({"type": kind, "status": state, "reason": reason, "message": message, "lastHeartbeatTime": seconds(at), "lastTransitionTime": seconds(at)});
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name, "creationTimestamp": seconds(at),
            "annotations": {"node.alpha.kubernetes.io/ttl": "0", "volumes.kubernetes.io/controller-managed-attach-detach": "true"},
            "labels": {
                "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux",
                "kubernetes.io/hostname": name, "node.kubernetes.io/instance-type": "m5.xlarge", "topology.kubernetes.io/region": "eu-west-1",
                "topology.kubernetes.io/zone": format!("eu-west-1{}", ["a", "b", "c"].get(n % 3).copied().unwrap_or("a"))
            }
        },
        "spec": {
            "podCIDR": format!("10.{}.{}.0/24", 244 + n / 256, n % 256), "podCIDRs": [format!("10.{}.{}.0/24", 244 + n / 256, n % 256)],
            "providerID": format!("example:///eu-west-1/i-{}", part(0, 17))
        },
        "status": {
            "addresses": [{"type": "InternalIP", "address": format!("10.0.{}.{}", n / 200, 10 + n % 200)}, {"type": "Hostname", "address": name}],
            "capacity": {"cpu": "4", "memory": "16393216Ki", "pods": "110", "ephemeral-storage": "83873772Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0"},
            "allocatable": {"cpu": "3920m", "memory": "15376384Ki", "pods": "110", "ephemeral-storage": "76224326324", "hugepages-1Gi": "0", "hugepages-2Mi": "0"},
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64", "operatingSystem": "linux", "kernelVersion": "6.12.30", "osImage": "Debian GNU/Linux 12 (bookworm)",
                "containerRuntimeVersion": "containerd://2.1.4", "kubeletVersion": "v1.36.3", "kubeProxyVersion": "",
                "machineID": part(0, 32), "systemUUID": system, "bootID": format!("{}-{}-{}-{}-{}", part(32, 40), part(40, 44), part(44, 48), part(48, 52), part(52, 64))
            }
        }
    })
}
