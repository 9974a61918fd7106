//! Nodes: not ready, under pressure, cordoned, without network. What their pods suffer is folded under them.
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{age, count, short};
use crate::model::Severity;
use crate::model::snapshot::Node;
use crate::model::snapshot::read::condition;

/// Conditions that the node problem detector sets, where they hold. Other types mean whatever their writer meant.
const DETECTED: &[&str] = &[
    "KernelDeadlock",
    "ReadonlyFilesystem",
    "CorruptDockerOverlay2",
    "FrequentUnregisterNetDevice",
    "FrequentKubeletRestart",
    "FrequentDockerRestart",
    "FrequentContainerdRestart",
    "KubeletUnhealthy",
    "ContainerRuntimeUnhealthy",
    "XfsShutdown",
    "CperHardwareErrorFatal",
];

fn detected(n: &Node, own: &crate::model::ObjectRef) -> Vec<Draft> {
    let held = n.status.conditions.iter().filter(|c| c.status.as_str() == "True" && DETECTED.contains(&c.type_.as_str()));
    held.map(|c| {
        let d = Draft::new("node/detected", own.clone(), format!("has a problem that was detected on it ({}): {}", c.type_, short(&c.message, 200)));
        d.proof(field(own.clone(), format!("{}=True: {}: {}", c.type_, c.reason, c.message))).next(describe(own))
    })
    .collect()
}

/// What events of the last hour tell about a node.
fn happened(view: &View<'_>, n: &Node, own: &crate::model::ObjectRef) -> Vec<Draft> {
    const TABLE: &[(&str, &str, Severity, &str)] = &[
        ("SystemOOM", "node/system-oom", Severity::Error, "ran out of memory outside of any limit, and the kernel killed something"),
        ("FreeDiskSpaceFailed", "node/image-gc", Severity::Error, "finds no image to delete, and its disk fills up"),
        ("ImageGCFailed", "node/image-gc", Severity::Warning, "cannot clean up images"),
        ("ContainerGCFailed", "node/image-gc", Severity::Warning, "cannot clean up containers"),
        ("EvictionThresholdMet", "node/eviction", Severity::Warning, "begins to evict pods"),
        ("Rebooted", "node/rebooted", Severity::Info, "was rebooted"),
    ];
    let mut out: Vec<Draft> = Vec::new();
    for (reason, rule, severity, says) in TABLE {
        // The kubelet gives the node's name as the uid of the node in its events.
        let told = view.events_named("Node", "", &n.meta.name).find(|e| e.reason.as_str() == *reason && view.since(e.last) < 3600);
        if let Some(e) = told.filter(|_| out.iter().all(|d| d.rule != *rule)) {
            let d = Draft::new(rule, own.clone(), format!("{says}: {}", short(&e.message, 200))).severity(*severity);
            out.push(d.proof(crate::diagnose::draft::event(e)).next(describe(own)));
        }
    }
    out
}

/// A node that runs as many pods as it may.
fn full(n: &Node, own: &crate::model::ObjectRef, pods: usize) -> Option<Draft> {
    let most = usize::try_from(n.status.allocatable.get("pods")?.milli()? / 1000).ok()?;
    (most > 0 && pods >= most).then(|| {
        Draft::new("node/full", own.clone(), format!("runs {pods} pods, as many as it may: no other fits")).severity(Severity::Info).next(describe(own))
    })
}

/// Kubelets further behind the newest one than Kubernetes supports.
pub fn skew(view: &View<'_>) -> Vec<Draft> {
    let minor = |n: &Node| {
        let mut parts = n.status.node_info.kubelet_version.strip_prefix('v')?.split('.');
        parts.next().filter(|major| *major == "1")?;
        parts.next()?.parse::<i64>().ok()
    };
    let Some(newest) = view.nodes().iter().filter_map(minor).max() else { return Vec::new() };
    let old = view.nodes().iter().filter(|n| minor(n).is_some_and(|m| newest - m > 3));
    old.map(|n| {
        let own = n.meta.reference("Node");
        let says = format!("runs kubelet {}, more than three minor versions behind the newest node's 1.{newest}", n.status.node_info.kubelet_version);
        Draft::new("node/version-skew", own, says).severity(Severity::Warning).next("get nodes -o wide")
    })
    .collect()
}

/// What is wrong with a node.
pub fn node(view: &View<'_>, n: &Node) -> Vec<Draft> {
    let own = n.meta.reference("Node");
    let mut out = Vec::new();
    let pods = || view.on_node(&n.meta.name).len();
    let ready = condition(&n.status.conditions, "Ready");
    if let Some(c) = ready.filter(|c| c.status.as_str() != "True") {
        let since = c.last_transition_time.map_or_else(String::new, |t| format!(" for {}", age(view.since(t))));
        let word = if c.status.as_str() == "Unknown" { "does not report" } else { "is not ready" };
        let says = format!("{word}{since}: {} ({} on it)", short(&c.message, 200), count(pods(), "pod"));
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
    out.extend(detected(n, &own));
    out.extend(happened(view, n, &own));
    out.extend(full(n, &own, pods()));
    if n.spec.unschedulable {
        out.push(
            Draft::new("node/cordoned", own.clone(), "is cordoned: no new pod goes there")
                .severity(Severity::Info)
                .proof(field(own.clone(), "spec.unschedulable: true")),
        );
    }
    out
}
