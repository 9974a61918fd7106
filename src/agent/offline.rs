//! The answer without a model: an engineer's note composed from the rules' report, with citations of what was read.
//!
//! It concludes nothing that no rule concluded, says that no model was used, and answers the question that was asked:
//! the names and kinds in it choose the findings.
mod subject;

use super::report::placed;
use super::tools::{self, Judged};
use super::{Place, Survey};
use crate::diagnose::playbook::Playbook;
use crate::kubectl::kinds::Kinds;
use crate::model::finding::{Proof, Report};
use crate::model::unseen;
use crate::model::{Evidence, EvidenceId, Finding, Operation, Source, Verdict};
use crate::policy::Rules;
use crate::text::Clean;
use std::fmt::Write as _;

/// Who answers, for the chat.
pub(super) const BY: &str = "offline: rules only, no model";

/// What mode *ask* says without a model.
pub(super) const CAN_NOT_ASK: &str = "Without a model I can only diagnose: the rules read the cluster and conclude. \
Switch to mode *diagnose* and ask again, or name a model (`--provider openai` or `ollama`).";

/// Findings that are told in full; the others get a line.
const IN_FULL: usize = 3;

/// What an answer rests on.
pub(super) struct Ground<'a> {
    pub question: &'a str,
    pub place: &'a Place,
    pub survey: &'a Survey,
    /// This turn's evidence; the first is the report.
    pub evidence: &'a [Evidence],
    pub rules: &'a Rules,
    pub kinds: &'a Kinds,
}

/// A composed answer.
pub(super) struct Answer {
    /// Markdown.
    pub text: String,
    /// The change that it proposes.
    pub proposal: Option<Proposal>,
}

/// A change that policy lets a person decide.
#[derive(Debug)]
pub(super) struct Proposal {
    pub operation: Operation,
    pub verdict: Verdict,
    pub command: Clean,
    pub evidence: Vec<EvidenceId>,
}

/// See the module.
pub(super) fn compose(ground: &Ground<'_>) -> Answer {
    let report = &ground.survey.report;
    let subject = subject::of(ground.question, ground.place, ground.kinds);
    let named = report.findings.iter().any(|f| subject.names(f));
    let (about, others): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().map(|f| &**f).partition(|f| if named { subject.names(f) } else { subject.concerns(f) });
    let mut text = String::new();
    let mut proposal = None;
    opening(&mut text, report, &subject, about.len(), others.len());
    for finding in about.iter().take(IN_FULL) {
        let fix = fix(ground, finding);
        told(&mut text, ground, finding, fix.as_ref(), proposal.is_none());
        if let (Some(Judged::Plan { operation, verdict, command }), None) = (fix, &proposal) {
            proposal = Some(Proposal { operation, verdict, command, evidence: cited(ground, finding) });
        }
    }
    listed(&mut text, "Also:", about.get(IN_FULL..).unwrap_or_default());
    let elsewhere = if subject.is_general() { "Also:".to_owned() } else { format!("Elsewhere in {}:", report.scope) };
    listed(&mut text, &elsewhere, &others);
    unseen(&mut text, ground);
    text.truncate(text.trim_end().len());
    text.push_str("\n\n*No model was used: this is what the rules conclude from the evidence.*\n");
    Answer { text, proposal }
}

fn opening(text: &mut String, report: &Report, subject: &subject::Subject, about: usize, others: usize) {
    let sure = if report.complete { "" } else { " in what could be read" };
    let _ = match (about, others) {
        _ if report.saw_nothing() => writeln!(text, "Nothing in {} could be looked at, so nothing can be said of it. [E1]\n", report.scope),
        (0, 0) if subject.is_general() => writeln!(text, "The rules find nothing wrong in {}{sure}. [E1]\n", report.scope),
        (0, 0) => writeln!(text, "The rules find nothing wrong with {subject}, and nothing else in {}{sure}. [E1]\n", report.scope),
        (0, _) => writeln!(text, "The rules find nothing wrong with {subject}{sure}. [E1]\n"),
        _ => Ok(()),
    };
}

/// What policy makes of the fix, in the namespace of what it fixes. What is only worth knowing may be meant so: nothing is
/// proposed for it.
fn fix(ground: &Ground<'_>, finding: &Finding) -> Option<Judged> {
    let namespace = (!finding.object.namespace.is_empty()).then(|| Clean::line(&finding.object.namespace));
    let place = Place { namespace, ..ground.place.clone() };
    let broken = finding.severity > crate::model::Severity::Info;
    finding.fix.as_ref().filter(|_| broken).map(|line| tools::judge_line(line, None, &place, ground.rules, ground.kinds))
}

fn told(text: &mut String, ground: &Ground<'_>, finding: &Finding, fix: Option<&Judged>, first: bool) {
    let _ = writeln!(text, "**Cause.** {} [E1]", named(finding));
    if let Some(cause) = finding.cause.as_ref().filter(|c| **c != finding.object) {
        let _ = writeln!(text, "At fault is {}.", placed(cause));
    }
    if !finding.evidence.is_empty() {
        text.push_str("\n**Proof.**\n\n");
        for proof in &finding.evidence {
            let _ = writeln!(
                text,
                "- {}, {}: `{}` [{}]",
                placed(&proof.object),
                super::fence::source_words(&proof.source),
                code(&proof.text),
                evidence_of(ground, proof)
            );
        }
    }
    explained(text, finding);
    if let (Some(line), Some(judged)) = (&finding.fix, fix) {
        let _ = match judged {
            Judged::Plan { command, .. } if first => {
                writeln!(text, "\n**Fix.** `{}`, proposed below. Nothing changes until you approve it.", code(command))
            }
            Judged::Plan { command, .. } => writeln!(text, "\n**Fix.** `{}`. Ask about {} to have it proposed.", code(command), placed(&finding.object)),
            Judged::Refused { sentence, by_policy: true, .. } => {
                writeln!(text, "\n**Fix.** `{}`. It is not proposed here. {sentence}", code(line))
            }
            _ => writeln!(text, "\n**Fix.** `{}`, by hand: this program does not run it.", code(line)),
        };
    }
    let known = Playbook::is_named(finding.rule);
    if (known || finding.confidence < crate::model::Confidence::High) && !finding.next.is_empty() {
        let steps: Vec<String> = finding.next.iter().take(3).map(|n| format!("`{}`", code(n))).collect();
        let _ = writeln!(text, "\n**To be sure.** {}", steps.join(" · "));
    }
    text.push('\n');
}

fn explained(text: &mut String, finding: &Finding) {
    let mut others: Vec<String> = Vec::new();
    for folded in finding.folded.iter().filter(|f| f.object != finding.object) {
        let name = folded.object.to_string();
        if !others.contains(&name) {
            others.push(name);
        }
    }
    if others.is_empty() {
        return;
    }
    let named: Vec<String> = others.iter().take(4).cloned().collect();
    let more = others.len().saturating_sub(4);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let _ = writeln!(text, "\nThis also explains {}{more}.", Clean::line(&named.join(", ")));
}

fn listed(text: &mut String, head: &str, findings: &[&Finding]) {
    if findings.is_empty() {
        return;
    }
    let _ = writeln!(text, "{head}\n");
    for finding in findings {
        let _ = writeln!(text, "- {} [E1]", named(finding));
    }
    text.push('\n');
}

fn unseen(text: &mut String, ground: &Ground<'_>) {
    let report = &ground.survey.report;
    if report.complete {
        return;
    }
    text.push_str("**Not seen.**\n\n");
    if report.denied.is_empty() {
        text.push_str("- Not everything that the rules ask could be read.\n");
    }
    for line in unseen::lines(&report.denied) {
        let _ = writeln!(text, "- {}", sentence(&line));
    }
}

/// The evidence that shows a proof: the reading of its source and object where one was kept, else the report.
fn evidence_of(ground: &Ground<'_>, proof: &Proof) -> EvidenceId {
    let shows = |e: &&Evidence| {
        e.reading.object.as_ref() == Some(&proof.object)
            && same_source(&e.reading.source, &proof.source)
            && matches!(e.reading.looked, crate::model::Looked::Found(_))
    };
    ground.evidence.iter().find(shows).or(ground.evidence.first()).map_or(EvidenceId(1), |e| e.id)
}

fn same_source(read: &Source, proof: &Source) -> bool {
    let object = |s: &Source| matches!(s, Source::Object | Source::Describe);
    read == proof || (object(read) && object(proof))
}

fn cited(ground: &Ground<'_>, finding: &Finding) -> Vec<EvidenceId> {
    let mut out: Vec<EvidenceId> = ground.evidence.first().map(|e| e.id).into_iter().collect();
    out.extend(finding.evidence.iter().map(|p| evidence_of(ground, p)));
    out.sort_unstable();
    out.dedup();
    out
}

/// The finding's object and sentence; many sentences begin with the object's bare name, which is not said twice.
fn named(finding: &Finding) -> String {
    let bare = finding.title.strip_prefix(finding.object.name.as_str()).and_then(|t| t.strip_prefix(": "));
    format!("{}: {}", placed(&finding.object), sentence(bare.unwrap_or(&finding.title)))
}

/// With a full stop, once.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// Inside backquotes a backquote would end them.
fn code(text: &str) -> String {
    text.replace('`', "'")
}

#[cfg(test)]
mod tests;
