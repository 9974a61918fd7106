//! Running pods that were asked to change or end and do not as they should: resizes that no node grants, hooks that fail at the end.
use super::pods::Fault;
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::since::Since;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, short};
use crate::model::Severity;
use crate::model::snapshot::Pod;

/// A resize that is put off for so long is worth a word, in seconds.
const PATIENCE: i64 = 20;

/// A resize that is not granted.
pub fn fault(view: &View<'_>, pod: &Pod) -> Option<Fault> {
    let own = pod.meta.reference("Pod");
    let pending = pod.condition("PodResizePending").filter(|c| c.status.as_str() == "True")?;
    let waited = pending.last_transition_time.map_or(Since::ZERO, |t| view.since(t));
    let (rule, word) =
        if pending.reason.as_str() == "Infeasible" { ("pod/resize-infeasible", "can never be granted") } else { ("pod/resize-deferred", "is put off") };
    if rule == "pod/resize-deferred" && waited < PATIENCE {
        return None;
    }
    let says = format!("its resize {word} on the node {} for {}: {}", pod.node, age(waited), short(&pending.message, 200));
    let d = Draft::new(rule, own.clone(), says).severity(Severity::Warning);
    Some(Fault::new("resize", 4, d.proof(field(own.clone(), format!("PodResizePending: {}: {}", pending.reason, pending.message))).next(describe(&own))))
}

/// A preStop hook that failed: what it should have done was not done.
pub fn pre_stop(view: &View<'_>, pod: &Pod) -> Option<Fault> {
    let told = view.event("Pod", &pod.meta, &["FailedPreStopHook"]).filter(|e| view.since(e.last) < 3600)?;
    let own = pod.meta.reference("Pod");
    let d = Draft::new("pod/pre-stop-hook", own.clone(), format!("a preStop hook fails: {}", short(&told.message, 200))).severity(Severity::Info);
    Some(Fault::new("pre-stop", 2, d.proof(event(told)).next(describe(&own))))
}
