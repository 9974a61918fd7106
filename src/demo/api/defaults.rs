//! What the API server fills in where a client says nothing, and what admission adds to a new object.
use super::Api;
use super::json::{default, flag, list, object, text};
use super::kinds::Kind;
use base64::Engine as _;
use serde_json::{Map, Value, json};

/// Fills in the defaults of a kind. Doing it twice changes nothing.
pub fn fill(api: &Api, kind: &Kind, value: &mut Value) {
    match (kind.group.as_str(), kind.kind.as_str()) {
        ("", "Pod") => {
            let labels = object(value, &["spec"]);
            pod_spec(labels);
            default(labels, "enableServiceLinks", true);
        }
        ("", "Service") => service(api, value),
        ("", "Secret") => secret(value),
        ("", "PersistentVolumeClaim") => default(object(value, &["spec"]), "volumeMode", "Filesystem"),
        ("", "PersistentVolume") => {
            let spec = object(value, &["spec"]);
            default(spec, "volumeMode", "Filesystem");
            default(spec, "persistentVolumeReclaimPolicy", "Retain");
        }
        ("", "Namespace") => {
            let name = text(value, "/metadata/name").to_owned();
            object(value, &["metadata", "labels"]).insert("kubernetes.io/metadata.name".into(), name.into());
        }
        ("apps", _) => workload(kind, value),
        ("batch", "Job") => job(object(value, &["spec"])),
        ("batch", "CronJob") => {
            let spec = object(value, &["spec"]);
            default(spec, "concurrencyPolicy", "Allow");
            default(spec, "suspend", false);
            default(spec, "successfulJobsHistoryLimit", 3);
            default(spec, "failedJobsHistoryLimit", 1);
            object(value, &["spec", "jobTemplate", "metadata"]);
            object(value, &["spec", "jobTemplate", "spec", "template", "metadata"]);
            pod_spec(object(value, &["spec", "jobTemplate", "spec", "template", "spec"]));
        }
        ("autoscaling", "HorizontalPodAutoscaler") => {
            let spec = object(value, &["spec"]);
            default(spec, "minReplicas", 1);
            default(spec, "metrics", json!([{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]));
        }
        ("networking.k8s.io", "NetworkPolicy") => {
            let egress = value.pointer("/spec/egress").is_some();
            let types = if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
            default(object(value, &["spec"]), "policyTypes", types);
        }
        ("storage.k8s.io", "StorageClass") => {
            let map = object(value, &[]);
            default(map, "reclaimPolicy", "Delete");
            default(map, "volumeBindingMode", "Immediate");
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            default(object(value, &["roleRef"]), "apiGroup", kind.group.as_str());
            for subject in items(value, &[], "subjects") {
                let user = subject.get("kind").is_some_and(|k| k != "ServiceAccount");
                default(subject, "apiGroup", if user { kind.group.as_str() } else { "" });
                if !user {
                    subject.retain(|k, v| k != "apiGroup" || v != "");
                }
            }
        }
        _ => {}
    }
}

/// What a new object gets beyond its defaults: its first status, and what admission puts in.
pub fn born(api: &Api, kind: &Kind, value: &mut Value) {
    match (kind.group.as_str(), kind.kind.as_str()) {
        ("", "Pod") => new_pod(value),
        ("", "Namespace") => {
            default(object(value, &["spec"]), "finalizers", json!(["kubernetes"]));
            object(value, &["status"]).insert("phase".into(), "Active".into());
        }
        ("", "PersistentVolumeClaim") => {
            claim_class(api, value);
            object(value, &["status"]).insert("phase".into(), "Pending".into());
            finalizer(value, "kubernetes.io/pvc-protection");
        }
        ("", "PersistentVolume") => {
            object(value, &["status"]).insert("phase".into(), "Pending".into());
            finalizer(value, "kubernetes.io/pv-protection");
        }
        ("apps" | "batch" | "policy" | "", "Deployment" | "CronJob" | "Node") => {
            object(value, &["status"]);
        }
        ("apps", "DaemonSet") => {
            let status = object(value, &["status"]);
            for field in ["currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"] {
                default(status, field, 0);
            }
            object(value, &["metadata", "annotations"]).insert("deprecated.daemonset.template.generation".into(), "1".into());
        }
        ("apps", "ReplicaSet") => default(object(value, &["status"]), "replicas", 0),
        ("apps", "StatefulSet") => {
            let status = object(value, &["status"]);
            default(status, "replicas", 0);
            default(status, "availableReplicas", 0);
        }
        ("batch", "Job") => {
            object(value, &["status"]);
            new_job(value);
        }
        _ => {}
    }
}

fn finalizer(value: &mut Value, name: &str) {
    default(object(value, &["metadata"]), "finalizers", json!([name]));
}

fn items<'a>(value: &'a mut Value, path: &[&str], field: &str) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let found = object(value, path).get_mut(field).and_then(Value::as_array_mut);
    found.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn inner<'a>(map: &'a mut Map<String, Value>, field: &str) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    map.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}

fn workload(kind: &Kind, value: &mut Value) {
    if kind.kind == "ControllerRevision" {
        return;
    }
    let spec = object(value, &["spec"]);
    match kind.kind.as_str() {
        "Deployment" => {
            default(spec, "replicas", 1);
            default(spec, "revisionHistoryLimit", 10);
            default(spec, "progressDeadlineSeconds", 600);
            rolling(object(value, &["spec", "strategy"]), &[("maxSurge", json!("25%")), ("maxUnavailable", json!("25%"))]);
        }
        "ReplicaSet" => default(spec, "replicas", 1),
        "StatefulSet" => {
            default(spec, "replicas", 1);
            default(spec, "revisionHistoryLimit", 10);
            default(spec, "podManagementPolicy", "OrderedReady");
            default(spec, "persistentVolumeClaimRetentionPolicy", json!({"whenDeleted": "Retain", "whenScaled": "Retain"}));
            rolling(object(value, &["spec", "updateStrategy"]), &[("partition", json!(0))]);
            for claim in items(value, &["spec"], "volumeClaimTemplates") {
                claim.insert("kind".into(), "PersistentVolumeClaim".into());
                claim.insert("apiVersion".into(), "v1".into());
                if let Some(Value::Object(spec)) = claim.get_mut("spec") {
                    default(spec, "volumeMode", "Filesystem");
                }
                claim.entry("status").or_insert_with(|| json!({"phase": "Pending"}));
            }
        }
        _ => {
            default(spec, "revisionHistoryLimit", 10);
            rolling(object(value, &["spec", "updateStrategy"]), &[("maxSurge", json!(0)), ("maxUnavailable", json!(1))]);
        }
    }
    object(value, &["spec", "template", "metadata"]);
    pod_spec(object(value, &["spec", "template", "spec"]));
}

fn rolling(strategy: &mut Map<String, Value>, defaults: &[(&str, Value)]) {
    default(strategy, "type", "RollingUpdate");
    if strategy.get("type").is_some_and(|t| t == "RollingUpdate") {
        let rolling = strategy.entry("rollingUpdate").or_insert_with(|| json!({}));
        if let Some(map) = rolling.as_object_mut() {
            for (field, value) in defaults {
                default(map, field, value.clone());
            }
        }
    }
}

fn job(spec: &mut Map<String, Value>) {
    if !spec.contains_key("completions") && !spec.contains_key("parallelism") {
        default(spec, "completions", 1);
    }
    default(spec, "parallelism", 1);
    default(spec, "backoffLimit", 6);
    default(spec, "completionMode", "NonIndexed");
    default(spec, "suspend", false);
    default(spec, "manualSelector", false);
    default(spec, "podReplacementPolicy", "TerminatingOrFailed");
    let mut template = spec.remove("template").unwrap_or_default();
    pod_spec(object(&mut template, &["spec"]));
    spec.insert("template".into(), template);
}

fn new_job(value: &mut Value) {
    if flag(value, "/spec/manualSelector") || value.pointer("/spec/selector/matchLabels").is_some() {
        return;
    }
    let uid = super::create::random_uid();
    let name = text(value, "/metadata/name").to_owned();
    object(value, &["spec", "selector", "matchLabels"]).insert("batch.kubernetes.io/controller-uid".into(), uid.clone().into());
    let labels = object(value, &["spec", "template", "metadata", "labels"]);
    for (key, label) in [("batch.kubernetes.io/controller-uid", &uid), ("batch.kubernetes.io/job-name", &name), ("controller-uid", &uid), ("job-name", &name)] {
        labels.insert(key.into(), label.as_str().into());
    }
    let labels = Value::Object(labels.clone());
    default(object(value, &["metadata"]), "labels", labels);
}

fn pod_spec(spec: &mut Map<String, Value>) {
    default(spec, "restartPolicy", "Always");
    default(spec, "terminationGracePeriodSeconds", 30);
    default(spec, "dnsPolicy", "ClusterFirst");
    default(spec, "schedulerName", "default-scheduler");
    default(spec, "securityContext", json!({}));
    if let Some(account) = spec.get("serviceAccountName").cloned() {
        default(spec, "serviceAccount", account);
    }
    for field in ["containers", "initContainers"] {
        for container in inner(spec, field) {
            one_container(container);
        }
    }
    for volume in inner(spec, "volumes") {
        one_volume(volume);
    }
}

fn one_container(container: &mut Map<String, Value>) {
    let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
    let tag = image.rsplit('/').next().unwrap_or_default();
    let latest = !image.contains('@') && (!tag.contains(':') || tag.ends_with(":latest"));
    default(container, "imagePullPolicy", if latest { "Always" } else { "IfNotPresent" });
    default(container, "terminationMessagePath", "/dev/termination-log");
    default(container, "terminationMessagePolicy", "File");
    default(container, "resources", json!({}));
    if let Some(Value::Object(resources)) = container.get_mut("resources")
        && let Some(limits) = resources.get("limits").and_then(Value::as_object).cloned()
    {
        let requests = resources.entry("requests").or_insert_with(|| json!({}));
        if let Some(map) = requests.as_object_mut() {
            for (name, amount) in limits {
                default(map, &name, amount);
            }
        }
    }
    for port in inner(container, "ports") {
        default(port, "protocol", "TCP");
    }
    for env in inner(container, "env") {
        if let Some(Value::Object(field)) = env.get_mut("valueFrom").and_then(|v| v.get_mut("fieldRef")) {
            default(field, "apiVersion", "v1");
        }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(Value::Object(probe)) = container.get_mut(probe) {
            default(probe, "timeoutSeconds", 1);
            default(probe, "periodSeconds", 10);
            default(probe, "successThreshold", 1);
            default(probe, "failureThreshold", 3);
            if let Some(Value::Object(http)) = probe.get_mut("httpGet") {
                default(http, "scheme", "HTTP");
                default(http, "path", "/");
            }
        }
    }
}

fn one_volume(volume: &mut Map<String, Value>) {
    let sources = ["configMap", "secret", "projected", "downwardAPI", "emptyDir", "hostPath", "persistentVolumeClaim", "nfs", "csi", "ephemeral", "image"];
    if !sources.iter().any(|s| volume.contains_key(*s)) && volume.len() == 1 {
        volume.insert("emptyDir".into(), json!({}));
    }
    for source in ["configMap", "secret", "projected", "downwardAPI"] {
        if let Some(Value::Object(source)) = volume.get_mut(source) {
            default(source, "defaultMode", 420);
        }
    }
    if let Some(Value::Object(path)) = volume.get_mut("hostPath") {
        default(path, "type", "");
    }
}

/// What admission adds to a pod: its account and token, the usual tolerations, a priority; and its first status.
fn new_pod(value: &mut Value) {
    let spec = object(value, &["spec"]);
    default(spec, "serviceAccountName", "default");
    let account = spec.get("serviceAccountName").cloned().unwrap_or_default();
    default(spec, "serviceAccount", account);
    default(spec, "priority", 0);
    default(spec, "preemptionPolicy", "PreemptLowerPriority");
    let mut tolerations = spec.get("tolerations").and_then(Value::as_array).cloned().unwrap_or_default();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        if !tolerations.iter().any(|t| t.get("key").is_none_or(|k| k == key)) {
            tolerations.push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
        }
    }
    spec.insert("tolerations".into(), tolerations.into());
    if spec.get("automountServiceAccountToken").is_none_or(|v| v != false) {
        token(spec);
    }
    let class = quality(list(value, "/spec/containers"));
    let status = object(value, &["status"]);
    status.insert("phase".into(), "Pending".into());
    status.insert("qosClass".into(), class.into());
}

/// The volume with the account's token, mounted into every container.
fn token(spec: &mut Map<String, Value>) {
    const AT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    let uid = super::create::random_uid();
    let name = format!("kube-api-access-{}", uid.get(0..5).unwrap_or_default());
    let volume = json!({"name": name, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}});
    let push = |map: &mut Map<String, Value>, field: &str, value: Value| {
        if let Some(list) = map.entry(field).or_insert_with(|| json!([])).as_array_mut() {
            list.push(value);
        }
    };
    let mut used = false;
    for field in ["containers", "initContainers"] {
        for container in inner(spec, field) {
            let has = container.get("volumeMounts").and_then(Value::as_array).is_some_and(|m| m.iter().any(|m| text(m, "/mountPath") == AT));
            if !has {
                used = true;
                push(container, "volumeMounts", json!({"name": name, "readOnly": true, "mountPath": AT}));
            }
        }
    }
    if used {
        push(spec, "volumes", volume);
    }
}

/// The quality of service class that requests and limits make.
fn quality(containers: &[Value]) -> &'static str {
    let amount = |c: &Value, what: &str, name: &str| text(c, &format!("/resources/{what}/{name}")).to_owned();
    let names = ["cpu", "memory"];
    let any = containers.iter().any(|c| names.iter().any(|n| !amount(c, "requests", n).is_empty() || !amount(c, "limits", n).is_empty()));
    let full = containers.iter().all(|c| names.iter().all(|n| !amount(c, "limits", n).is_empty() && amount(c, "requests", n) == amount(c, "limits", n)));
    match (any, full) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

fn service(api: &Api, value: &mut Value) {
    let kind = text(value, "/spec/type").to_owned();
    let free = text(value, "/spec/clusterIP").is_empty();
    let address = (kind != "ExternalName" && free).then(|| address(api));
    let spec = object(value, &["spec"]);
    default(spec, "type", "ClusterIP");
    default(spec, "sessionAffinity", "None");
    if kind != "ExternalName" {
        default(spec, "internalTrafficPolicy", "Cluster");
        default(spec, "ipFamilies", json!(["IPv4"]));
        default(spec, "ipFamilyPolicy", "SingleStack");
    }
    if let Some(address) = address {
        spec.insert("clusterIP".into(), address.into());
    }
    if let Some(ip) = spec.get("clusterIP").cloned() {
        default(spec, "clusterIPs", json!([ip]));
    }
    let outside = matches!(kind.as_str(), "NodePort" | "LoadBalancer");
    if outside {
        default(spec, "externalTrafficPolicy", "Cluster");
    }
    for (i, port) in inner(spec, "ports").enumerate() {
        default(port, "protocol", "TCP");
        let number = port.get("port").cloned().unwrap_or_default();
        default(port, "targetPort", number.clone());
        if outside {
            let step = number.as_u64().unwrap_or_default();
            default(port, "nodePort", 30000 + (step * 7 + i as u64) % 2768);
        }
    }
    object(value, &["status", "loadBalancer"]);
}

/// A cluster address that no other service has.
fn address(api: &Api) -> String {
    let taken: Vec<String> = api.store.list("services", None).1.iter().map(|(_, s)| text(s, "/spec/clusterIP").to_owned()).collect();
    let free = (2u32..65_000).map(|n| format!("10.96.{}.{}", n / 250, n % 250 + 2)).find(|ip| !taken.contains(ip));
    free.unwrap_or_else(|| "None".to_owned())
}

fn secret(value: &mut Value) {
    let map = object(value, &[]);
    default(map, "type", "Opaque");
    if let Some(Value::Object(plain)) = map.remove("stringData") {
        let data = object(value, &["data"]);
        for (key, text) in plain {
            let encoded = base64::engine::general_purpose::STANDARD.encode(text.as_str().unwrap_or_default());
            data.insert(key, encoded.into());
        }
    }
}

/// A claim that names no class gets the default one, where there is one.
fn claim_class(api: &Api, value: &mut Value) {
    if value.pointer("/spec/storageClassName").is_some() {
        return;
    }
    let classes = api.store.list("storageclasses.storage.k8s.io", None).1;
    let is_default =
        |o: &Value| o.pointer("/metadata/annotations").and_then(|a| a.get("storageclass.kubernetes.io/is-default-class")).is_some_and(|v| v == "true");
    if let Some((key, _)) = classes.iter().find(|(_, o)| is_default(o)) {
        object(value, &["spec"]).insert("storageClassName".into(), key.name.clone().into());
    }
}
