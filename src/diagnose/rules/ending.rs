//! Pods that ended badly, or do not end: finalizers, evictions, refusals by the node, deadlines.
use super::crash;
use super::jobs::{is_done, recovered};
use super::pods::Fault;
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::rollout::Aspect;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, quoted, short, trimmed};
use crate::model::snapshot::Pod;
use crate::model::{ObjectRef, Severity};

/// What is longer over than this is history, in seconds.
const DAY: i64 = 86_400;

/// A pod that was deleted and stays.
pub fn terminating(view: &View<'_>, pod: &Pod) -> Option<Fault> {
    let deleted = pod.meta.deleted?;
    // The deletion timestamp already lies the grace period ahead of the request.
    let late = view.since(deleted);
    if late < 30 {
        return None;
    }
    let own = pod.meta.reference("Pod");
    let held = &pod.meta.finalizers;
    let node = ObjectRef::new("Node", "", pod.node.as_str());
    let d = if held.is_empty() {
        let says = format!("should be gone for {} and is still there: the kubelet of {} has not confirmed its end", age(late), pod.node);
        Draft::new("pod/terminating", own.clone(), says).because([node])
    } else {
        let says = format!("was deleted and cannot go: the finalizer {} is still there after {}; who set it must remove it", quoted(held), age(late));
        Draft::new("pod/finalizer", own.clone(), says)
            .proof(field(own.clone(), format!("metadata.finalizers: {}", held.iter().map(crate::text::Clean::as_str).collect::<Vec<_>>().join(", "))))
    };
    Some(Fault::new(
        "terminating",
        5,
        d.proof(field(own.clone(), format!("metadata.deletionTimestamp: {deleted}"))).next(format!("get pod/{} -n {} -o yaml", own.name, own.namespace)),
    ))
}

/// A pod in phase `Failed`.
pub fn failed(view: &View<'_>, pod: &Pod) -> Vec<Fault> {
    let own = pod.meta.reference("Pod");
    let finished = pod.containers.iter().filter_map(|c| match &c.now {
        crate::model::snapshot::pod::Now::Ended(e) => e.finished,
        _ => None,
    });
    let over = finished.max().map_or_else(|| view.age(&pod.meta), |t| view.since(t));
    if over > DAY || view.job_of(pod).is_some_and(|j| is_done(j) || recovered(view, j)) {
        return Vec::new();
    }
    let message = short(trimmed(&pod.message), 240);
    let node = ObjectRef::new("Node", "", pod.node.as_str());
    let with = |rule, says: String| {
        Draft::new(rule, own.clone(), says).proof(field(own.clone(), format!("status.reason: {}: {message}", pod.reason))).next(describe(&own))
    };
    let fault = match pod.reason.as_str() {
        "Evicted" => {
            let d = with("pod/evicted", format!("was evicted: {message}")).severity(Severity::Warning);
            Fault::new("ended:Evicted", 5, if message.contains("low on resource") { d.because([node]) } else { d })
        }
        "NodeLost" | "NodeShutdown" | "Shutdown" | "Terminated" => Fault::new(
            "ended:node",
            4,
            with("pod/node-lost", format!("ended with its node {}: {message}", pod.node)).severity(Severity::Warning).because([node]),
        ),
        "DeadlineExceeded" => {
            let after = pod.template.active_deadline.map_or_else(String::new, |s| format!(" of {s}s"));
            Fault::new("ended:deadline", 5, with("pod/deadline", format!("was stopped by its activeDeadlineSeconds{after}: {message}")))
        }
        "UnexpectedAdmissionError"
        | "NodeAffinity"
        | "OutOfcpu"
        | "OutOfmemory"
        | "OutOfpods"
        | "NodePorts"
        | "TopologyAffinityError"
        | "SysctlForbidden"
        | "AppArmor"
        | "Seccomp"
        | "UnsupportedFeature"
        | "PodOSSelectorNodeLabelDoesNotMatch"
        | "PodOSNotSupported"
        | "InvalidNodeInfo" => Fault::new(
            "ended:refused",
            5,
            with("pod/refused-by-node", format!("was refused by the node {}: {}: {message}", pod.node, pod.reason)).severity(Severity::Warning),
        )
        .aspect(Aspect::Placement),
        _ => {
            let mut found = super::init::faults(view, pod);
            if found.is_empty() {
                found = crash::faults(view, pod);
            }
            if let Some(c) = pod.condition("DisruptionTarget").filter(|_| found.is_empty()) {
                found.push(Fault::new(
                    "ended:disrupted",
                    3,
                    with("pod/disrupted", format!("was ended by {}: {}", c.reason, c.message)).severity(Severity::Warning),
                ));
            }
            return found;
        }
    };
    vec![fault]
}
