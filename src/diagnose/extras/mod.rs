//! Families that speak only when somebody asks: security posture, cost and hygiene. Nothing that they say is broken, so all
//! of it is `info`; they stand beside the cause graph, not in it.
pub mod access;
pub mod cost;
pub mod hygiene;
pub mod network;
pub mod security;
pub mod waste;

use super::draft::Draft;
use super::view::View;
use super::words::{count, quoted};
use crate::model::snapshot::template::PodTemplate;
use crate::model::{Confidence, Extra, ObjectRef, Severity};
use crate::text::Clean;

/// The drafts of one family.
pub fn all(view: &View<'_>, extra: Extra) -> Vec<Draft> {
    match extra {
        Extra::Security => {
            let mut out = security::drafts(view);
            out.extend(access::drafts(view));
            out.extend(network::drafts(view));
            out
        }
        Extra::Cost => {
            let mut out = cost::drafts(view);
            out.extend(waste::drafts(view));
            out
        }
        Extra::Hygiene => hygiene::drafts(view),
    }
}

/// A remark about an object.
fn note(rule: &'static str, object: ObjectRef, says: impl Into<String>) -> Draft {
    Draft::new(rule, object, says).severity(Severity::Info).confidence(Confidence::Medium)
}

/// A workload as it was written: who owns the template, what pods it makes, how many.
struct Workload<'a> {
    object: ObjectRef,
    pod: &'a PodTemplate,
    labels: &'a [(Clean, Clean)],
    replicas: i32,
}

/// Everything that makes pods, and pods that nothing made. Namespaces of the cluster itself are left out: nobody here wrote them.
fn workloads<'a>(view: &View<'a>) -> Vec<Workload<'a>> {
    let s = view.whole();
    let mut out: Vec<Workload<'a>> = Vec::new();
    for d in &s.deployments.items {
        out.push(Workload { object: d.meta.reference("Deployment"), pod: &d.spec.template.pod, labels: &d.spec.template.labels, replicas: d.spec.wanted() });
    }
    for d in &s.stateful_sets.items {
        out.push(Workload { object: d.meta.reference("StatefulSet"), pod: &d.spec.template.pod, labels: &d.spec.template.labels, replicas: d.spec.wanted() });
    }
    for d in &s.daemon_sets.items {
        let replicas = d.status.desired_number_scheduled;
        out.push(Workload { object: d.meta.reference("DaemonSet"), pod: &d.spec.template.pod, labels: &d.spec.template.labels, replicas });
    }
    for p in s.pods.items.iter().filter(|p| p.meta.owner.is_none() && !matches!(p.phase.as_str(), "Succeeded" | "Failed")) {
        out.push(Workload { object: p.meta.reference("Pod"), pod: &p.template, labels: &p.meta.labels, replicas: 1 });
    }
    out.retain(|w| !is_system(&w.object.namespace));
    out
}

/// Namespaces that belong to the cluster itself.
fn is_system(namespace: &str) -> bool {
    matches!(namespace, "kube-system" | "kube-public" | "kube-node-lease")
}

/// One remark about several objects of a namespace: the first few are named, the rest counted.
fn grouped(rule: &'static str, object: ObjectRef, names: &[String], one: &str, says: &str) -> Draft {
    note(rule, object, format!("{} {says}: {}", count(names.len(), one), quoted(names)))
}
