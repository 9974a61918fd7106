//! The rules: a snapshot in, findings out. Pure; one file per family, and the graph that folds symptoms under roots.
//!
//! A rule states what it saw and what could explain it; nothing is said to be missing that was not looked for. Every text of
//! a report is cleaned and redacted on the way out, in one place.
pub mod began;
pub mod catalogue;
pub mod diagnosis;
pub mod draft;
pub mod extras;
pub mod fold;
mod graph;
mod index;
mod ledger;
pub mod near;
pub mod playbook;
pub mod rollout;
pub mod rules;
pub mod said;
mod scope;
pub mod since;
pub mod spot;
pub mod view;
pub mod words;

use crate::model::snapshot::{Coverage, KINDS, LogKey};
use crate::model::{Extra, Report, Snapshot, Trouble, Unseen};
use crate::text::{Clean, Redactor};
pub use diagnosis::Diagnosis;
use graph::clean;
pub use graph::worse as order;
use playbook::Playbook;
use std::sync::Arc;

/// What to conclude about.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Only what concerns this object (kind, namespace, name).
    pub object: Option<crate::model::ObjectRef>,
    /// The words for `Report::cluster`.
    pub cluster: String,
    /// Families that were asked for beside what is broken.
    pub include: Vec<Extra>,
    /// What a team knows.
    pub playbooks: Arc<[Playbook]>,
}

/// Runs every rule and folds symptoms. Every text in the report went through `redactor`.
pub fn report(snapshot: &Snapshot, question: &Question, redactor: &Redactor) -> Report {
    report_in(snapshot, question, None, redactor)
}

/// The same, and of a snapshot that holds more only what concerns one namespace.
pub fn report_in(snapshot: &Snapshot, question: &Question, namespace: Option<&str>, redactor: &Redactor) -> Report {
    let mut diagnosis = Diagnosis::new(redactor.clone());
    diagnosis.look(snapshot, &[]);
    diagnosis.report(snapshot, question, namespace)
}

/// The logs that the rules want to see before they conclude: of containers that failed or are not ready.
pub fn wanted_logs(snapshot: &Snapshot) -> Vec<LogKey> {
    use crate::model::snapshot::pod::Now;
    let now = snapshot.now;
    let mut out = Vec::new();
    for pod in snapshot.pods.items.iter().filter(|p| p.phase.as_str() != "Succeeded" && p.meta.deleted.is_none()) {
        let failed = pod.phase.as_str() == "Failed";
        for state in pod.init_containers.iter().chain(&pod.containers) {
            let recent = state.last.as_ref().is_some_and(|l| l.finished.is_none_or(|t| words::seconds(now, t) < 3600));
            let begun = !matches!(&state.now, Now::Waiting { .. }) || state.last.is_some();
            let wanted = match &state.now {
                Now::Running { .. } => !state.ready || recent,
                Now::Ended(e) => e.exit_code != 0 || failed,
                Now::Waiting { .. } => recent,
            };
            let key = |previous| LogKey::of(pod, &state.name, previous);
            if wanted && begun {
                out.push(key(false));
            }
            if wanted && state.restarts > 0 {
                out.push(key(true));
            }
        }
    }
    out
}

/// Logs that may complain though their pods look well: one pod of each template speaks for its siblings.
pub fn quiet_logs(snapshot: &Snapshot) -> impl Iterator<Item = LogKey> {
    let mut seen = std::collections::HashSet::new();
    let well = snapshot.pods.items.iter().filter(|p| p.phase.as_str() == "Running" && !p.is_troubled() && p.meta.deleted.is_none());
    let speakers = well.filter(move |p| seen.insert((&p.meta.namespace, Arc::as_ptr(&p.template))));
    speakers.flat_map(|pod| pod.containers.iter().map(|c| LogKey::of(pod, &c.name, false)))
}

/// What could not be looked at, and whether everything that matters was.
fn unseen(snapshot: &Snapshot, question: &Question, redactor: &Redactor) -> (bool, Vec<Unseen>) {
    let mut complete = true;
    let mut denied = Vec::new();
    let security = question.include.contains(&Extra::Security);
    for wanted in KINDS.iter().filter(|w| security || !w.is_extra()) {
        let coverage = snapshot.coverage(wanted.kind);
        if *coverage == Coverage::Whole {
            continue;
        }
        complete &= wanted.dispensable && matches!(coverage, Coverage::Denied(_));
        denied.push(Unseen::Kind(wanted.resource, redacted(coverage, redactor)));
    }
    if question.include.contains(&Extra::Cost) && snapshot.usage.coverage != Coverage::Whole {
        complete = false;
        denied.push(match &snapshot.usage.coverage {
            Coverage::NotLooked => Clean::line("metrics: not looked at; nothing is said of what is used").into(),
            coverage => Unseen::Kind("metrics", redacted(coverage, redactor)),
        });
    }
    (complete, denied)
}

/// The same with its words as they may be shown.
fn redacted(coverage: &Coverage, redactor: &Redactor) -> Coverage {
    let shown = |t: &Trouble| t.clone().map(|text| clean(text, redactor));
    match coverage {
        Coverage::Whole => Coverage::Whole,
        Coverage::NotLooked => Coverage::NotLooked,
        Coverage::Cut(why) => Coverage::Cut(clean(why, redactor)),
        Coverage::Denied(t) => Coverage::Denied(shown(t)),
        Coverage::Failed(t) => Coverage::Failed(shown(t)),
    }
}
