//! Nodes: not ready, under pressure, cordoned, without network. What their pods suffer is folded under them.
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{age, count, short};
use crate::model::Severity;
use crate::model::snapshot::Node;
use crate::model::snapshot::read::condition;

/// Everything about nodes.
pub fn drafts(view: &View<'_>) -> Vec<Draft> {
    view.snapshot.nodes.items.iter().flat_map(|n| node(view, n)).collect()
}

fn node(view: &View<'_>, n: &Node) -> Vec<Draft> {
    let own = n.meta.reference("Node");
    let mut out = Vec::new();
    let pods = || view.snapshot.pods.items.iter().filter(|p| p.node == n.meta.name && !matches!(p.phase.as_str(), "Succeeded" | "Failed"));
    let ready = condition(&n.status.conditions, "Ready");
    if let Some(c) = ready.filter(|c| c.status.as_str() != "True") {
        let since = c.last_transition_time.map_or_else(String::new, |t| format!(" for {}", age(view.since(t))));
        let word = if c.status.as_str() == "Unknown" { "does not report" } else { "is not ready" };
        let says = format!("{word}{since}: {} ({} on it)", short(&c.message, 200), count(pods().count(), "pod"));
        let d = Draft::new("node/not-ready", own.clone(), says)
            .severity(Severity::Critical)
            .proof(field(own.clone(), format!("Ready={}: {}: {}", c.status, c.reason, c.message)));
        out.push(d.next(describe(&own)).next(format!("get pods -A --field-selector spec.nodeName={}", own.name)));
    }
    for (type_, says) in [
        ("MemoryPressure", "runs out of memory (MemoryPressure): pods are evicted"),
        ("DiskPressure", "runs out of disk (DiskPressure): pods are evicted and images deleted"),
        ("PIDPressure", "runs out of process ids (PIDPressure)"),
        ("NetworkUnavailable", "has no pod network (NetworkUnavailable)"),
    ] {
        if let Some(c) = condition(&n.status.conditions, type_).filter(|c| c.status.as_str() == "True") {
            out.push(
                Draft::new("node/pressure", own.clone(), says)
                    .proof(field(own.clone(), format!("{type_}=True: {}: {}", c.reason, c.message)))
                    .next(describe(&own)),
            );
        }
    }
    if n.spec.unschedulable {
        out.push(
            Draft::new("node/cordoned", own.clone(), "is cordoned: no new pod goes there")
                .severity(Severity::Info)
                .proof(field(own.clone(), "spec.unschedulable: true")),
        );
    }
    out
}
