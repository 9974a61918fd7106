//! The objects that every cluster has from its first second: system namespaces, and the roles without which nobody
//! could even ask. What the scenario or dump already holds is left as it is.
use crate::demo::store::{Key, Store};
use crate::model::Timestamp;
use serde_json::{Value, json};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Puts in what is missing.
pub fn fill(store: &Store, now: Timestamp) {
    let now = super::stamp(now);
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
        let object = json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}, "creationTimestamp": now},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}});
        missing(store, &Key::new("namespaces", "", name), object);
    }
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kubernetes", "namespace": "default", "creationTimestamp": now,
            "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"], "internalTrafficPolicy": "Cluster", "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack", "sessionAffinity": "None", "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]},
        "status": {"loadBalancer": {}}});
    missing(store, &Key::new("services", "default", "kubernetes"), service);
    for (name, rules) in roles() {
        let object = json!({"apiVersion": format!("{GROUP}/v1"), "kind": "ClusterRole", "rules": rules,
            "metadata": {"name": name, "creationTimestamp": now, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}});
        missing(store, &Key::new(&format!("clusterroles.{GROUP}"), "", name), object);
    }
    for (name, role, kind, subject) in [
        ("cluster-admin", "cluster-admin", "Group", "system:masters"),
        ("system:basic-user", "system:basic-user", "Group", "system:authenticated"),
        ("system:discovery", "system:discovery", "Group", "system:authenticated"),
        ("system:public-info-viewer", "system:public-info-viewer", "Group", "system:authenticated"),
        ("admin", "cluster-admin", "User", "admin"),
        ("viewer", "view", "User", "viewer"),
    ] {
        let object = json!({"apiVersion": format!("{GROUP}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": name, "creationTimestamp": now},
            "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role}, "subjects": [{"apiGroup": GROUP, "kind": kind, "name": subject}]});
        missing(store, &Key::new(&format!("clusterrolebindings.{GROUP}"), "", name), object);
    }
}

fn missing(store: &Store, key: &Key, object: Value) {
    if store.get(key).is_none() {
        store.put(key, object);
    }
}

fn roles() -> Vec<(&'static str, Value)> {
    let read = json!(["get", "list", "watch"]);
    let write = json!(["create", "delete", "deletecollection", "patch", "update"]);
    let seen = [
        (
            "",
            json!([
                "bindings",
                "configmaps",
                "endpoints",
                "events",
                "limitranges",
                "namespaces",
                "namespaces/status",
                "persistentvolumeclaims",
                "persistentvolumeclaims/status",
                "pods",
                "pods/log",
                "pods/status",
                "replicationcontrollers",
                "replicationcontrollers/scale",
                "replicationcontrollers/status",
                "resourcequotas",
                "resourcequotas/status",
                "serviceaccounts",
                "services",
                "services/status"
            ]),
        ),
        (
            "apps",
            json!([
                "controllerrevisions",
                "daemonsets",
                "daemonsets/status",
                "deployments",
                "deployments/scale",
                "deployments/status",
                "replicasets",
                "replicasets/scale",
                "replicasets/status",
                "statefulsets",
                "statefulsets/scale",
                "statefulsets/status"
            ]),
        ),
        ("autoscaling", json!(["horizontalpodautoscalers", "horizontalpodautoscalers/status"])),
        ("batch", json!(["cronjobs", "cronjobs/status", "jobs", "jobs/status"])),
        ("discovery.k8s.io", json!(["endpointslices"])),
        ("networking.k8s.io", json!(["ingresses", "ingresses/status", "networkpolicies"])),
        ("policy", json!(["poddisruptionbudgets", "poddisruptionbudgets/status"])),
        ("metrics.k8s.io", json!(["nodes", "pods"])),
    ];
    let changed = [
        ("", json!(["configmaps", "events", "persistentvolumeclaims", "pods", "pods/eviction", "secrets", "serviceaccounts", "services"])),
        ("apps", json!(["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"])),
        ("autoscaling", json!(["horizontalpodautoscalers"])),
        ("batch", json!(["cronjobs", "jobs"])),
        ("networking.k8s.io", json!(["ingresses", "networkpolicies"])),
        ("policy", json!(["poddisruptionbudgets"])),
    ];
    let rule = |verbs: &Value, group: &str, resources: &Value| json!({"verbs": verbs, "apiGroups": [group], "resources": resources});
    let view: Vec<Value> = seen.iter().map(|(g, r)| rule(&read, g, r)).collect();
    let mut edit: Vec<Value> = changed.iter().map(|(g, r)| rule(&write, g, r)).collect();
    edit.push(rule(&read, "", &json!(["secrets"])));
    edit.extend(view.clone());
    let mut admin = edit.clone();
    admin.push(rule(&json!(["*"]), GROUP, &json!(["rolebindings", "roles"])));
    let get = |urls: Value| json!([{"verbs": ["get"], "nonResourceURLs": urls}]);
    vec![
        ("cluster-admin", json!([{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, {"verbs": ["*"], "nonResourceURLs": ["*"]}])),
        ("admin", admin.into()),
        ("edit", edit.into()),
        ("view", view.into()),
        (
            "system:basic-user",
            json!([
                {"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]},
                {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]}
            ]),
        ),
        (
            "system:discovery",
            get(json!(["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"])),
        ),
        ("system:public-info-viewer", get(json!(["/healthz", "/livez", "/readyz", "/version", "/version/"]))),
    ]
}
