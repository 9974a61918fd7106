//! Pods that run and look well while their log says, line after line, that they cannot reach something. Said only where the
//! snapshot shows why: a missing Service, a wrong port, no endpoints, a network policy.
use super::reach;
use crate::diagnose::draft::{Draft, line, logs};
use crate::diagnose::said::{self, Cause};
use crate::diagnose::view::View;
use crate::model::snapshot::Pod;
use crate::model::{Confidence, Severity};

/// How often in a row a log must say so.
const REPEATS: usize = 2;
/// How often a log must say what no object confirms.
const STANDING: usize = 3;
/// Lines from the end among which it must be said last.
const NEWEST: usize = 4;

/// What a program says again and again and cannot be the fault of those who call it: its own rights, a full disk, a certificate.
fn standing(view: &View<'_>, pod: &Pod, container: &str) -> Option<Draft> {
    let (key, log) = view.logs(pod, container).into_iter().find(|(k, _)| !k.previous)?;
    let told: Vec<(usize, said::Said)> = log.text().lines().rev().take(200).enumerate().filter_map(|(i, l)| said::standing(l).map(|s| (i, s))).collect();
    let (_, newest) = told.iter().find(|(i, _)| *i < NEWEST)?;
    let same = |s: &said::Said| std::mem::discriminant(&s.cause) == std::mem::discriminant(&newest.cause);
    if told.iter().filter(|(_, s)| same(s)).count() < STANDING {
        return None;
    }
    let owner = view.owner(pod);
    let quote = crate::diagnose::words::short(&newest.line, 160);
    let (rule, says, told) = match &newest.cause {
        Cause::Forbidden(words) => {
            let told = super::rbac::told(view, pod, words);
            ("pod/api-forbidden", told.says.clone(), Some(told))
        }
        Cause::DiskFull => ("pod/disk-full", format!("container `{container}` finds no space left: {quote}"), None),
        _ => ("pod/certificate", format!("container `{container}` does not trust a certificate: {quote}"), None),
    };
    let mut d = Draft::new(rule, owner.top.clone(), says).severity(if told.is_some() { Severity::Error } else { Severity::Warning });
    d = d.confidence(Confidence::Medium).proof(line(key, &newest.line)).touches(owner.chain).next(logs(pod, container, false));
    if let Some(told) = told {
        d = d.proofs(told.proofs).because(told.account);
        d.next.extend(told.next);
    }
    Some(d)
}

/// What a healthy-looking pod complains about.
pub fn pod(view: &View<'_>, pod: &Pod) -> Option<Draft> {
    if pod.phase.as_str() != "Running" || pod.is_troubled() || pod.meta.deleted.is_some() {
        return None;
    }
    if let Some(draft) = pod.template.containers.iter().find_map(|c| standing(view, pod, &c.name)) {
        return Some(draft);
    }
    for c in &pod.template.containers {
        let Some((key, log)) = view.logs(pod, &c.name).into_iter().find(|(k, _)| !k.previous) else { continue };
        let Some(said) = said::network(log.text()) else { continue };
        let repeats = log.text().lines().filter(|l| said::network(l).is_some_and(|s| s.cause == said.cause)).count();
        let Some(found) = reach::told(view, pod, &said).filter(|f| repeats >= REPEATS && f.cause.is_some()) else { continue };
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
