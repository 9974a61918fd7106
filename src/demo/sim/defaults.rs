//! What an API server and its admission add to pods and pod templates that are written by hand.
use super::json::View;
use serde_json::{Value, json};

/// The defaults of a pod template: container policies, DNS, restart and termination.
pub fn template(template: &mut Value) {
    pod_spec(template, "Always");
}

/// The defaults of a Job's template.
pub fn job_template(template: &mut Value) {
    pod_spec(template, "Never");
}

fn pod_spec(object: &mut Value, restart: &str) {
    object.default("/spec/restartPolicy", json!(restart));
    object.default("/spec/dnsPolicy", json!("ClusterFirst"));
    object.default("/spec/schedulerName", json!("default-scheduler"));
    object.default("/spec/securityContext", json!({}));
    object.default("/spec/terminationGracePeriodSeconds", json!(30));
    for list in ["/spec/initContainers", "/spec/containers"] {
        if object.has(list) {
            object.items(list).into_iter().flatten().for_each(container);
        }
    }
}

fn container(c: &mut Value) {
    let image = c.text("/image");
    let latest = image.ends_with(":latest") || !image.rsplit('/').next().unwrap_or_default().contains(':');
    c.default("/imagePullPolicy", json!(if latest { "Always" } else { "IfNotPresent" }));
    c.default("/resources", json!({}));
    c.default("/terminationMessagePath", json!("/dev/termination-log"));
    c.default("/terminationMessagePolicy", json!("File"));
    if c.has("/ports") {
        for port in c.items("/ports").into_iter().flatten() {
            port.default("/protocol", json!("TCP"));
        }
    }
    for kind in ["readinessProbe", "livenessProbe", "startupProbe"] {
        let at = format!("/{kind}");
        if c.has(&at) {
            for (field, value) in [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)] {
                c.default(&format!("{at}/{field}"), json!(value));
            }
            if c.has(&format!("{at}/httpGet")) {
                c.default(&format!("{at}/httpGet/scheme"), json!("HTTP"));
                c.default(&format!("{at}/httpGet/path"), json!("/"));
            }
        }
    }
    // A limit without a request asks for the limit.
    let limits: Vec<(String, Value)> = c.entries("/resources/limits").map(|(k, v)| (k.clone(), v.clone())).collect();
    for (name, value) in limits {
        c.default(&format!("/resources/requests/{name}"), value);
    }
}

/// The defaults of a pod, and what admission adds: service account, tolerations, the token's volume, status.
pub fn pod(pod: &mut Value) {
    pod_spec(pod, "Always");
    let account = pod.text("/spec/serviceAccountName").to_owned();
    let account = if account.is_empty() { "default".to_owned() } else { account };
    for (at, value) in [
        ("/spec/serviceAccountName", json!(account)),
        ("/spec/serviceAccount", json!(account)),
        ("/spec/enableServiceLinks", json!(true)),
        ("/spec/preemptionPolicy", json!("PreemptLowerPriority")),
        ("/spec/priority", json!(0)),
        ("/status/phase", json!("Pending")),
        ("/status/qosClass", json!(qos(pod))),
    ] {
        pod.default(at, value);
    }
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let known = pod.list("/spec/tolerations").iter().any(|t| t.text("/key") == key);
        if !known && let Some(list) = pod.items("/spec/tolerations") {
            list.push(json!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}));
        }
    }
    token_volume(pod);
}

fn token_volume(pod: &mut Value) {
    let mounted = pod.list("/spec/volumes").iter().any(|v| v.text("/name").starts_with("kube-api-access-"));
    if mounted || pod.at("/spec/automountServiceAccountToken") == &json!(false) {
        return;
    }
    let seed = super::world::template_hash(pod.at("/spec"));
    let name = format!("kube-api-access-{}", seed.get(..5).unwrap_or("token"));
    if let Some(volumes) = pod.items("/spec/volumes") {
        volumes.push(json!({"name": name, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}}
        ]}}));
    }
    for list in ["/spec/initContainers", "/spec/containers"] {
        if !pod.has(list) {
            continue;
        }
        for c in pod.items(list).into_iter().flatten() {
            if let Some(mounts) = c.items("/volumeMounts") {
                mounts.push(json!({"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": name, "readOnly": true}));
            }
        }
    }
}

/// Guaranteed, Burstable or BestEffort.
fn qos(pod: &Value) -> &'static str {
    let all: Vec<&Value> = pod.list("/spec/containers").iter().collect();
    let any = all.iter().any(|c| c.entries("/resources/limits").chain(c.entries("/resources/requests")).next().is_some());
    let full = |c: &Value| {
        ["cpu", "memory"].iter().all(|r| {
            let limit = c.at(&format!("/resources/limits/{r}"));
            !limit.is_null() && limit == c.at(&format!("/resources/requests/{r}"))
        })
    };
    match (any, all.iter().all(|c| full(c))) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// The defaults of a workload (Deployment, StatefulSet, DaemonSet, Job, CronJob) and of its template.
pub fn workload(object: &mut Value) {
    object.default("/metadata/generation", json!(1));
    match object.text("/kind").to_owned().as_str() {
        "Deployment" => {
            object.default("/spec/replicas", json!(1));
            object.default("/spec/progressDeadlineSeconds", json!(600));
            object.default("/spec/revisionHistoryLimit", json!(10));
            object.default("/spec/strategy/type", json!("RollingUpdate"));
            if object.text("/spec/strategy/type") == "RollingUpdate" {
                object.default("/spec/strategy/rollingUpdate/maxSurge", json!("25%"));
                object.default("/spec/strategy/rollingUpdate/maxUnavailable", json!("25%"));
            }
        }
        "StatefulSet" => stateful(object),
        "DaemonSet" => {
            object.default("/spec/revisionHistoryLimit", json!(10));
            object.default("/spec/updateStrategy", json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}));
            object.default("/metadata/annotations/deprecated.daemonset.template.generation", json!("1"));
        }
        "Job" => return job(object, "/spec"),
        "CronJob" => {
            object.default("/spec/concurrencyPolicy", json!("Allow"));
            object.default("/spec/suspend", json!(false));
            object.default("/spec/successfulJobsHistoryLimit", json!(3));
            object.default("/spec/failedJobsHistoryLimit", json!(1));
            if let Some(t) = object.pointer_mut("/spec/jobTemplate/spec/template") {
                job_template(t);
            }
            return;
        }
        _ => return,
    }
    if let Some(t) = object.pointer_mut("/spec/template") {
        template(t);
    }
}

fn stateful(object: &mut Value) {
    object.default("/spec/replicas", json!(1));
    object.default("/spec/revisionHistoryLimit", json!(10));
    object.default("/spec/podManagementPolicy", json!("OrderedReady"));
    object.default("/spec/updateStrategy", json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}));
    object.default("/spec/persistentVolumeClaimRetentionPolicy", json!({"whenDeleted": "Retain", "whenScaled": "Retain"}));
    if object.has("/spec/volumeClaimTemplates") {
        for claim in object.items("/spec/volumeClaimTemplates").into_iter().flatten() {
            claim.default("/apiVersion", json!("v1"));
            claim.default("/kind", json!("PersistentVolumeClaim"));
            claim.default("/spec/volumeMode", json!("Filesystem"));
            claim.default("/status/phase", json!("Pending"));
        }
    }
}

/// The defaults of a Job's spec at `at`.
pub fn job(object: &mut Value, at: &str) {
    for (field, value) in [
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("completions", json!(1)),
        ("parallelism", json!(1)),
        ("manualSelector", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
        ("suspend", json!(false)),
    ] {
        object.default(&format!("{at}/{field}"), value);
    }
    if let Some(t) = object.pointer_mut(&format!("{at}/template")) {
        job_template(t);
    }
}
