//! Containers that are not created: missing config maps, Secrets, keys; volumes that do not mount; sandboxes that do not start.
use super::pods::Fault;
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::rollout::Aspect;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, between, short, trimmed};
use crate::model::ObjectRef;
use crate::model::snapshot::pod::{ContainerState, Now};
use crate::model::snapshot::{Event, Pod};

/// How long a container may be created before anybody worries, in seconds.
const GRACE: i64 = 60;

/// Events of the kubelet that hold a pod back.
const HELD: &[&str] = &[
    "FailedMount",
    "FailedAttachVolume",
    "FailedMapVolume",
    "FailedCreatePodSandBox",
    "NetworkNotReady",
    "FailedCreatePodContainer",
    "FailedValidation",
    "HostPortConflict",
];

/// Containers that are not created.
pub fn faults(view: &View<'_>, pod: &Pod) -> Vec<Fault> {
    let mut found: Vec<Fault> = pod.containers.iter().filter_map(|c| fault(view, pod, c)).collect();
    if found.is_empty() && is_creating(pod) {
        found.extend(held(view, pod));
    }
    found
}

fn is_creating(pod: &Pod) -> bool {
    let waits = |c: &ContainerState| matches!(&c.now, Now::Waiting { reason, .. } if matches!(reason.as_str(), "ContainerCreating" | "PodInitializing" | ""));
    let begun = pod.init_containers.iter().any(|c| !waits(c));
    pod.phase.as_str() == "Pending" && !begun && pod.containers.iter().all(waits)
}

/// A container that the kubelet refuses to create.
pub fn fault(view: &View<'_>, pod: &Pod, state: &ContainerState) -> Option<Fault> {
    let Now::Waiting { reason, message } = &state.now else { return None };
    let own = pod.meta.reference("Pod");
    let proof = field(own.clone(), format!("container {}: {reason}: {}", state.name, short(message, 300)));
    let family = format!("create:{}", state.name);
    match reason.as_str() {
        "CreateContainerConfigError" | "CreateContainerError" | "PreCreateHookError" | "PreStartHookError" => {
            let mut d = missing(view, pod, message).unwrap_or_else(|| config_error(pod, state, message)).proof(proof).next(describe(&own));
            d.object = own;
            Some(Fault::new(family, 7, d).aspect(Aspect::References))
        }
        _ => None,
    }
}

fn config_error(pod: &Pod, state: &ContainerState, message: &str) -> Draft {
    let own = pod.meta.reference("Pod");
    let image = pod.template.container(&state.name).map(|c| c.image.to_string()).unwrap_or_default();
    if message.contains("runAsNonRoot") {
        let why = if message.contains("non-numeric user") {
            format!("the image `{image}` names its user by a word, so runAsNonRoot cannot be checked; set runAsUser to a number")
        } else {
            format!("runAsNonRoot is set, and the image `{image}` runs as root; set runAsUser to another user")
        };
        return Draft::new("pod/run-as-root", own, why);
    }
    if message.contains("executable file not found") || message.contains("no such file or directory") {
        return Draft::new("pod/command-not-found", own, format!("container `{}` cannot start: {}", state.name, short(trimmed(message), 200)));
    }
    Draft::new("pod/create-error", own, format!("container `{}` cannot be created: {}", state.name, short(trimmed(message), 240)))
}

/// What the kubelet says is missing: a config map, a Secret, or a key of one.
pub fn missing(view: &View<'_>, pod: &Pod, message: &str) -> Option<Draft> {
    let namespace = pod.meta.namespace.as_str();
    let own = pod.meta.reference("Pod");
    for (word, kind) in [("configmap \"", "ConfigMap"), ("secret \"", "Secret")] {
        if let Some(name) = between(message, word, "\"").filter(|_| message.contains("not found")) {
            let name = name.rsplit('/').next().unwrap_or(name);
            let near = view.near_words(kind, namespace, name);
            let rule = if kind == "Secret" { "pod/missing-secret" } else { "pod/missing-configmap" };
            let fault = ObjectRef::new(kind, namespace, name);
            return Some(
                Draft::new(rule, own, format!("{kind} `{name}` does not exist{near}"))
                    .cause(fault)
                    .next(format!("get {}s -n {namespace}", kind.to_lowercase())),
            );
        }
    }
    if let Some(rest) = message.split_once("couldn't find key ").map(|(_, r)| r) {
        let (key, place) = rest.split_once(" in ")?;
        let (kind, name) = place.split_once(' ')?;
        let name = name.split_whitespace().next()?.rsplit('/').next()?;
        return Some(missing_key(view, own, kind, name, key));
    }
    let (kind, key) = match (message.split_once("non-existent config key: "), message.split_once("non-existent secret key: ")) {
        (Some((_, key)), _) => ("ConfigMap", key),
        (_, Some((_, key))) => ("Secret", key),
        _ => return None,
    };
    let volume = between(message, "volume \"", "\"").unwrap_or_default();
    let source = pod.template.volumes.iter().find(|v| v.name.as_str() == volume)?;
    let name = match kind {
        "ConfigMap" => source.config_map.as_ref().map(|m| m.name.to_string()),
        _ => source.secret.as_ref().map(|s| s.secret_name.to_string()),
    };
    let projected = || source.projected.iter().flat_map(|p| &p.sources).find_map(|s| s.config_map.as_ref().map(|m| m.name.to_string()));
    Some(missing_key(view, own, kind, &name.or_else(projected)?, key))
}

fn missing_key(view: &View<'_>, own: ObjectRef, kind: &str, name: &str, key: &str) -> Draft {
    let namespace = own.namespace.clone();
    let key = key.trim().trim_matches(['"', '.']);
    let mut says = format!("{kind} `{name}` has no key `{key}`");
    if let Some(map) =
        view.snapshot.config_maps.items.iter().find(|m| kind == "ConfigMap" && m.meta.name.as_str() == name && m.meta.namespace.as_str() == namespace)
    {
        says.push_str(&super::files::instead(map, key));
    }
    let rule = if kind == "Secret" { "pod/missing-secret-key" } else { "pod/missing-configmap-key" };
    let fault = ObjectRef::new(kind, namespace.as_str(), name);
    let next = describe(&fault);
    let d = Draft::new(rule, own, says).cause(fault);
    if kind == "Secret" { d } else { d.next(next) }
}

/// A pod that is on a node and whose containers do not begin.
pub fn held(view: &View<'_>, pod: &Pod) -> Option<Fault> {
    let own = pod.meta.reference("Pod");
    let waited = view.since(pod.started.unwrap_or(pod.meta.created));
    let node = ObjectRef::new("Node", "", pod.node.as_str());
    let claims = pod.claims.iter().map(|c| ObjectRef::new("PersistentVolumeClaim", pod.meta.namespace.as_str(), c.as_str()));
    let told = view.event("Pod", &pod.meta, HELD).filter(|e| waited > 20 && view.since(e.last) < 900);
    if let Some(e) = told {
        let mut d = missing(view, pod, &e.message).unwrap_or_else(|| of_event(pod, e));
        d.object = own.clone();
        return Some(Fault::new("create", 6, d.proof(event(e)).next(describe(&own)).because(claims)).aspect(Aspect::References));
    }
    if waited <= GRACE.max(if view.event("Pod", &pod.meta, &["Pulling"]).is_some() { 300 } else { 0 }) {
        return None;
    }
    let d = Draft::new("pod/creating", own.clone(), format!("has been ContainerCreating for {} on {}", age(waited), pod.node));
    Some(Fault::new("create", 2, d.next(describe(&own)).because(claims).because([node])))
}

fn of_event(pod: &Pod, e: &Event) -> Draft {
    let own = pod.meta.reference("Pod");
    let m = trimmed(&e.message);
    let volume = between(m, "volume \"", "\"").unwrap_or("?");
    match e.reason.as_str() {
        "FailedAttachVolume" if m.contains("Multi-Attach") => Draft::new(
            "pod/multi-attach",
            own,
            format!("volume `{volume}` is still attached to another node, and it can be attached to one only (Multi-Attach)"),
        ),
        "FailedMount" if m.contains("hostPath type check failed") => {
            let path = m.rsplit("check failed: ").next().unwrap_or(m);
            Draft::new("pod/host-path", own, format!("the hostPath of volume `{volume}` is not what it should be: {}", short(path, 160)))
        }
        "FailedMount" if m.contains("registered CSI drivers") => {
            let driver = between(m, "driver name ", " not found").unwrap_or("?");
            let says = format!("volume `{volume}` needs the CSI driver `{driver}`, which does not run on the node {}", pod.node);
            Draft::new("pod/csi-driver", own, says).cause(ObjectRef::new("CSIDriver", "", driver)).next("get pods -A -o wide")
        }
        "FailedMount" | "FailedAttachVolume" | "FailedMapVolume" => {
            Draft::new("pod/mount", own, format!("volume `{volume}` does not mount: {}", short(m.rsplit(" : ").next().unwrap_or(m), 200)))
        }
        "FailedCreatePodSandBox" | "NetworkNotReady" => {
            let why = if m.contains("runtime handler") || m.contains("RuntimeHandler") {
                "its runtime class has no handler on the node"
            } else if m.contains("IP address") || m.contains("no available IP") || m.contains("no IP addresses") {
                "the node has no free pod address left"
            } else {
                "its network sandbox cannot be made"
            };
            Draft::new("pod/sandbox", own, format!("{why}: {}", short(m, 200))).because([ObjectRef::new("Node", "", pod.node.as_str())])
        }
        _ => Draft::new("pod/create-error", own, format!("{}: {}", e.reason, short(m, 240))),
    }
}
