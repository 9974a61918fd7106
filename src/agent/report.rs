//! The rules' report as text: what a model reads as evidence. Whole, in the order of the report, nothing softened.
use crate::model::finding::Report;
use crate::model::unseen;
use crate::model::{Finding, ObjectRef};
use crate::text::Clean;
use std::fmt::Write as _;

/// Symptoms under one root that are named; the others are counted.
const FOLDED: usize = 8;

/// See the module.
pub(super) fn text(report: &Report) -> String {
    let mut out = format!("scope: {}\n", report.scope);
    match (report.complete, report.denied.is_empty()) {
        (true, _) => out.push_str("everything that the rules ask was read\n"),
        (false, true) => out.push_str("not everything that the rules ask could be read\n"),
        (false, false) => {
            out.push_str("not everything that the rules ask could be read:\n");
            for line in unseen::lines(&report.denied) {
                let _ = writeln!(out, "- {line}");
            }
        }
    }
    match report.findings.len() {
        0 if report.saw_nothing() => out.push_str("nothing could be read, so the rules say nothing of it\n"),
        0 => out.push_str("the rules find nothing wrong in what was read\n"),
        n => _ = writeln!(out, "{n} findings, worst first:"),
    }
    for (at, finding) in report.findings.iter().enumerate() {
        one(&mut out, at + 1, finding);
    }
    out
}

fn one(out: &mut String, number: usize, f: &Finding) {
    let _ = writeln!(out, "\n{number}. {:?}, confidence {:?}: {} ({}, rule {})", f.severity, f.confidence, f.title, placed(&f.object), f.rule);
    if let Some(cause) = &f.cause {
        let _ = writeln!(out, "   at fault: {}", placed(cause));
    }
    for proof in &f.evidence {
        let _ = writeln!(out, "   proof: {}, {}: {}", placed(&proof.object), super::fence::source_words(&proof.source), proof.text);
    }
    for folded in f.folded.iter().take(FOLDED) {
        let _ = writeln!(out, "   explains: {}: {}", placed(&folded.object), folded.title);
    }
    if f.folded.len() > FOLDED {
        let _ = writeln!(out, "   explains {} more", f.folded.len() - FOLDED);
    }
    f.next.iter().for_each(|n| _ = writeln!(out, "   to be sure: {n}"));
    if let Some(fix) = &f.fix {
        let _ = writeln!(out, "   fix: {fix}");
    }
    if let Some(began) = f.began {
        let _ = writeln!(out, "   first sign: {began}");
    }
}

/// `deployment/api in shop`.
pub(super) fn placed(object: &ObjectRef) -> Clean {
    let place = if object.namespace.is_empty() { String::new() } else { format!(" in {}", object.namespace) };
    Clean::line(&format!("{object}{place}"))
}
