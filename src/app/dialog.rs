//! What an approval says, as inked rows: everything a person needs to decide, in words that need no colour.
use super::flow::{self, Row, run};
use super::ink::Ink;
use super::prose::risk_ink;
use crate::model::{DryRun, Plan};
use crate::text::Clean;
use crate::text::diff::Line;

/// The rows of a plan, without title and buttons. Every text is escaped visibly.
pub fn rows(plan: &Plan, by_agent: bool, width: usize) -> Vec<Row> {
    let mut out = Vec::new();
    out.extend(flow::wrap(&[run(Ink::Strong, plan.command.as_str())], width, &run(Ink::Text, "  ")));
    out.push(Row::new());
    let place = if plan.namespace.is_empty() { "cluster-scoped".to_owned() } else { plan.namespace.to_string() };
    field(&mut out, width, "risk", &[run(risk_ink(plan.risk), plan.risk.to_string().to_uppercase()), run(Ink::Dim, format!("  rule {}", plan.rule))]);
    field(&mut out, width, "where", &[run(Ink::Text, format!("context {} · namespace {place}", plan.context))]);
    for reviewed in &plan.objects {
        field(
            &mut out,
            width,
            "object",
            &[run(Ink::Text, visible(&reviewed.object.to_string())), run(Ink::Dim, format!("  rv {}", visible(&reviewed.resource_version)))],
        );
    }
    let (ink, words) = match &plan.dry_run {
        DryRun::Accepted => (Ink::Ok, "accepted by the server".to_owned()),
        DryRun::Rejected(trouble) => (Ink::Error, format!("REJECTED: {trouble}")),
        DryRun::NotPossible(why) => (Ink::Warn, format!("not possible: {why}")),
    };
    field(&mut out, width, "dry run", &[run(ink, words)]);
    match &plan.undo {
        Some(undo) => field(&mut out, width, "undo", &[run(Ink::Code, undo.as_str())]),
        None => field(&mut out, width, "undo", &[run(Ink::Warn, "none: this can not be taken back by a command")]),
    }
    if !plan.evidence.is_empty() {
        let ids: Vec<_> = plan.evidence.iter().map(|e| run(Ink::Citation, format!("[{e}]"))).collect();
        field(&mut out, width, "rests on", &ids);
    }
    field(&mut out, width, "asked by", &[run(Ink::Text, if by_agent { "the agent" } else { "you" })]);
    field(&mut out, width, "digest", &[run(Ink::Dim, plan.digest.to_string())]);
    for reviewed in plan.objects.iter().filter(|o| !o.diff.is_empty()) {
        out.push(Row::new());
        out.push(vec![run(Ink::Column, format!("change of {}", visible(&reviewed.object.to_string())))]);
        reviewed.diff.iter().for_each(|l| diff(&mut out, l, width));
    }
    out
}

fn field(out: &mut Vec<Row>, width: usize, name: &str, value: &[flow::Run]) {
    let mut runs = vec![run(Ink::Dim, format!("{name:<9}"))];
    runs.extend(value.iter().cloned());
    out.extend(flow::wrap(&runs, width, &run(Ink::Text, "         ")));
}

fn diff(out: &mut Vec<Row>, line: &Line, width: usize) {
    let (ink, mark, text) = match line {
        Line::Same(t) => (Ink::Dim, "  ", visible(t)),
        Line::Removed(t) => (Ink::Removed, "- ", visible(t)),
        Line::Added(t) => (Ink::Added, "+ ", visible(t)),
        Line::Gap(n) => (Ink::Dim, "  ", format!("… {}", super::words::count(*n, "equal line", "equal lines"))),
    };
    out.extend(flow::wrap(&[run(ink, mark), run(ink, text)], width, &run(ink, mark)));
}

fn visible(text: &str) -> String {
    Clean::line(text).to_string()
}
