//! Pods that run and look well while their log says, line after line, that they cannot reach something. Said only where the
//! snapshot shows why: a missing Service, a wrong port, no endpoints, a network policy.
use super::reach;
use crate::diagnose::draft::{Draft, line, logs};
use crate::diagnose::said;
use crate::diagnose::view::View;
use crate::model::snapshot::Pod;
use crate::model::{Confidence, Severity};

/// How often in a row a log must say so.
const REPEATS: usize = 2;

/// Everything that healthy-looking pods complain about.
pub fn drafts(view: &View<'_>) -> Vec<Draft> {
    if view.snapshot.logs.is_empty() {
        return Vec::new();
    }
    view.snapshot
        .pods
        .items
        .iter()
        .filter(|p| p.phase.as_str() == "Running" && !p.is_troubled() && p.meta.deleted.is_none())
        .filter_map(|p| pod(view, p))
        .collect()
}

fn pod(view: &View<'_>, pod: &Pod) -> Option<Draft> {
    for c in &pod.template.containers {
        let Some((key, log)) = view.logs(pod, &c.name).into_iter().find(|(k, _)| !k.previous) else { continue };
        let Some(said) = said::network(log.text()) else { continue };
        let repeats = log.text().lines().filter(|l| said::network(l).is_some_and(|s| s.cause == said.cause)).count();
        let Some(found) = reach::explain(view, pod, &said.cause).filter(|f| repeats >= REPEATS && f.cause.is_some()) else { continue };
        let owner = view.owner(pod);
        let mut d = Draft::new("pod/cannot-reach", owner.top.clone(), format!("{}: it says `{}`", found.says, crate::diagnose::words::short(&said.line, 160)));
        d = d
            .severity(Severity::Error)
            .confidence(Confidence::Medium)
            .proof(line(key, &said.line))
            .proofs(found.proofs)
            .because(found.because)
            .touches(owner.chain);
        d.cause = found.cause;
        return Some(d.next(logs(pod, &c.name, false)));
    }
    None
}
