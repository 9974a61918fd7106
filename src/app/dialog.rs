//! What an approval says, as inked rows: everything a person needs to decide, in words that need no colour.
use super::App;
use super::flow::{self, Row, run};
use super::ink::Ink;
use super::prose::risk_ink;
use super::review::{Typed, Waiting};
use crate::model::{DryRun, EvidenceId, EvidenceState, Plan};
use crate::text::Clean;
use crate::text::diff::Line;
use ratatui::layout::Rect;

/// The rows of a plan, without title and buttons. Every text is escaped visibly.
pub fn rows(waiting: &Waiting, stale: &[(EvidenceId, EvidenceState)], width: usize) -> Vec<Row> {
    let plan: &Plan = &waiting.plan;
    let mut out = Vec::new();
    if let Some(why) = &waiting.again {
        out.extend(flow::wrap(&[run(Ink::Warn, format!("ASKED AGAIN: {why}"))], width, &run(Ink::Text, "  ")));
        out.push(Row::new());
    }
    out.extend(flow::wrap(&[run(Ink::Strong, plan.command.as_str())], width, &run(Ink::Text, "  ")));
    out.push(Row::new());
    let place = if plan.namespace.is_empty() { "cluster-scoped".to_owned() } else { plan.namespace.to_string() };
    field(&mut out, width, "risk", &[run(risk_ink(plan.risk), plan.risk.to_string().to_uppercase()), run(Ink::Dim, format!("  rule {}", plan.rule))]);
    field(&mut out, width, "where", &[run(Ink::Text, format!("context {} · namespace {place}", plan.context))]);
    if plan.objects.len() > 1 {
        field(&mut out, width, "objects", &[run(Ink::Strong, plan.objects.len().to_string())]);
    }
    for reviewed in &plan.objects {
        let version = if reviewed.uid.is_empty() { "  new".to_owned() } else { format!("  rv {}", visible(&reviewed.resource_version)) };
        field(&mut out, width, "object", &[run(Ink::Text, visible(&reviewed.object.to_string())), run(Ink::Dim, version)]);
    }
    let (ink, words) = match &plan.dry_run {
        DryRun::Accepted => (Ink::Ok, "accepted by the server".to_owned()),
        DryRun::Rejected(trouble) => (Ink::Error, format!("REJECTED: {trouble}")),
        DryRun::NotPossible(why) => (Ink::Warn, format!("not possible: {why}")),
    };
    field(&mut out, width, "dry run", &[run(ink, words)]);
    for access in plan.access.iter().filter(|a| a.allowed != Some(true)) {
        let (ink, word) = if access.allowed == Some(false) { (Ink::Error, "NOT ALLOWED") } else { (Ink::Warn, "could not be asked") };
        let why = if access.reason.is_empty() { String::new() } else { format!(" ({})", access.reason) };
        field(&mut out, width, "rbac", &[run(ink, format!("{word}: {}{why}", access.what))]);
    }
    if !plan.access.is_empty() && plan.access.iter().all(|a| a.allowed == Some(true)) {
        field(&mut out, width, "rbac", &[run(Ink::Ok, "allowed")]);
    }
    for note in &plan.notes {
        field(&mut out, width, "note", &[run(Ink::Warn, note.as_str())]);
    }
    match &plan.undo {
        Some(undo) => field(&mut out, width, "undo", &[run(Ink::Code, undo.as_str())]),
        None => field(&mut out, width, "undo", &[run(Ink::Warn, "none: this can not be taken back by a command")]),
    }
    if !plan.evidence.is_empty() {
        let mut ids = Vec::new();
        for id in &plan.evidence {
            ids.push(run(Ink::Citation, format!("[{id}]")));
            match stale.iter().find(|(of, _)| of == id) {
                Some((_, EvidenceState::Changed)) => ids.push(run(Ink::Warn, " changed since ")),
                Some((_, EvidenceState::Gone)) => ids.push(run(Ink::Warn, " gone since ")),
                _ => {}
            }
        }
        field(&mut out, width, "rests on", &ids);
    }
    if let Some(from) = &waiting.edited_from {
        field(&mut out, width, "edited", &[run(Ink::Warn, format!("by you; proposed was: {from}"))]);
    }
    field(&mut out, width, "asked by", &[run(Ink::Text, if waiting.by_agent { "the agent" } else { "you" })]);
    field(&mut out, width, "digest", &[run(Ink::Dim, plan.digest.to_string())]);
    for reviewed in plan.objects.iter().filter(|o| !o.diff.is_empty()) {
        out.push(Row::new());
        out.push(vec![run(Ink::Column, format!("change of {}", visible(&reviewed.object.to_string())))]);
        reviewed.diff.iter().for_each(|l| diff(&mut out, l, width));
    }
    out
}

/// Where the dialog stands on a screen, its rows, and how many of them are on screen at once. Full screen under 80×24.
pub fn layout(app: &App, waiting: &Waiting) -> (Rect, Vec<Row>, usize) {
    let (w, h) = app.setup.size;
    let full = Rect::new(0, 0, w, h.saturating_sub(1));
    let small = w < 80 || h < 24;
    let width = if small { w } else { (w - 4).min(100) };
    let stale: Vec<_> = app.agent.ledger().evidence().iter().filter(|e| waiting.plan.evidence.contains(&e.id)).map(|e| (e.id, e.state)).collect();
    let rows = rows(waiting, &stale, usize::from(width.saturating_sub(4)));
    let below = below(waiting);
    let wanted = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(2 + below);
    let height = if small { full.height } else { wanted.min(h - 4) };
    let area = Rect::new((w - width) / 2, if small { 0 } else { (h - height) / 2 }, width, height).intersection(full);
    let shown = usize::from(area.height.saturating_sub(2 + below));
    (area, rows, shown)
}

/// Rows under the text: what is hidden, the name to type, the buttons, a remark.
pub fn below(waiting: &Waiting) -> u16 {
    3 + u16::from(name_wanted(waiting).is_some()) + u16::from(allowed(waiting).is_some())
}

/// The name that a critical change wants to be typed, and what was typed so far.
pub fn name_wanted(waiting: &Waiting) -> Option<(&str, &str)> {
    let challenge = waiting.challenge()?;
    Some((challenge.name_wanted()?, challenge.typed()))
}

/// What will be allowed for a time with the approval, and for how many minutes.
pub fn allowed(waiting: &Waiting) -> Option<(String, u16)> {
    let challenge = waiting.challenge().filter(|_| waiting.typed.is_none())?;
    (challenge.allows() > 0).then_some((challenge.reach()?.to_string(), challenge.allows()))
}

/// What is typed: its lead and its text.
pub fn typed(waiting: &Waiting) -> Option<(&'static str, &str)> {
    match waiting.typed.as_ref()? {
        Typed::Reason { line, all: false } => Some(("Denied. Why? ", line.text())),
        Typed::Reason { line, all: true } => Some(("All denied. Why? ", line.text())),
        Typed::Command { line, .. } => Some(("Change it to: ", line.text())),
    }
}

/// The first row of the last page.
pub fn last(app: &App, waiting: &Waiting) -> usize {
    let (_, rows, shown) = layout(app, waiting);
    rows.len().saturating_sub(shown)
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
