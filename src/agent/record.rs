//! A turn as JSON, the shape that `ask --json` prints (stable).
use super::transcript::{ProposalState, StepState};
use super::{Agent, Answerer, Entry, citations};
use crate::model::{Evidence, EvidenceId, Looked, Source, TurnId};
use crate::text::redact::Redaction;
use serde_json::{Value, json};

/// The record of a turn: answer, citations, evidence, steps, requests, proposals, and why it is not whole.
pub fn record(agent: &Agent, turn: TurnId) -> Value {
    let ledger = agent.ledger();
    let answer = answer(agent, turn);
    let cited = citations(&answer, ledger);
    let account = agent.accounts.get(&turn).cloned().unwrap_or_default();
    let mut known: Vec<EvidenceId> = Vec::new();
    let mut unknown: Vec<EvidenceId> = Vec::new();
    for c in &cited {
        let list = if c.known { &mut known } else { &mut unknown };
        if !list.contains(&c.id) {
            list.push(c.id);
        }
    }
    let mut incomplete: Vec<String> = account.incomplete.iter().map(ToString::to_string).collect();
    incomplete.extend(unknown.iter().map(|id| format!("The answer cites {id}, which was never read.")));
    let (provider, model) = match agent.answerer() {
        Answerer::Offline => ("offline", ""),
        Answerer::Model { provider, model, .. } => (provider.as_str(), model.as_str()),
    };
    json!({
        "answer": answer,
        "citations": known,
        "unknown_citations": unknown,
        "evidence": ledger.evidence().iter().filter(|e| e.turn == turn || known.contains(&e.id)).map(|e| evidence(agent, e)).collect::<Vec<_>>(),
        "steps": entries(agent, turn, step),
        "requests": ledger.requests().iter().filter(|r| r.turn == turn).map(request).collect::<Vec<_>>(),
        "proposals": entries(agent, turn, proposal),
        "usage": account.usage,
        "provider": provider,
        "model": model,
        "incomplete": incomplete,
    })
}

/// What was said in the turn, its parts in order.
fn answer(agent: &Agent, of: TurnId) -> String {
    let parts: Vec<&str> = agent
        .transcript()
        .entries
        .iter()
        .filter_map(|e| match e {
            Entry::Answer { turn, text, .. } if *turn == of && !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        })
        .collect();
    parts.join("\n\n")
}

fn entries(agent: &Agent, of: TurnId, one: impl Fn(&Entry, TurnId) -> Option<Value>) -> Vec<Value> {
    agent.transcript().entries.iter().filter_map(|e| one(e, of)).collect()
}

fn evidence(agent: &Agent, e: &Evidence) -> Value {
    let (raw, redactions, cuts): (usize, &[Redaction], _) = match &e.reading.looked {
        Looked::Found(text) => (text.raw_bytes(), text.redactions(), text.cuts()),
        _ => (0, &[], &[][..]),
    };
    let (looked, why) = match &e.reading.looked {
        Looked::Found(_) => ("found", String::new()),
        Looked::Nothing(what) => ("nothing", what.to_string()),
        Looked::Denied(t) => ("denied", t.to_string()),
        Looked::Failed(t) => ("failed", t.to_string()),
    };
    let object = e.reading.object.as_ref().map(|o| json!({"kind": o.kind, "namespace": o.namespace, "name": o.name}));
    json!({
        "id": e.id,
        "asked": e.asked,
        "source": source(&e.reading.source),
        "object": object,
        "uid": e.reading.uid,
        "resource_version": e.reading.resource_version,
        "taken_at": e.reading.taken_at,
        "raw_bytes": raw,
        "sent_bytes": agent.ledger().carrier(e.id).map_or(0, |s| s.text.text().len()),
        "sha256": e.sha256,
        "redactions": redactions,
        "cuts": cuts,
        "state": e.state,
        "looked": looked,
        "why": why,
    })
}

/// `rules`, `object`, `log`, … ; a log's container is in `asked`.
fn source(source: &Source) -> Value {
    match source {
        Source::Log { previous: true, .. } => "log_previous".into(),
        Source::Log { .. } => "log".into(),
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

fn step(entry: &Entry, of: TurnId) -> Option<Value> {
    let Entry::Step { turn, what, state, .. } = entry else { return None };
    let (word, evidence, bytes, why) = match state {
        StepState::Running => ("running", &[][..], 0, ""),
        StepState::Done { evidence, bytes } => ("done", &evidence[..], *bytes, ""),
        StepState::Nothing => ("nothing", &[][..], 0, ""),
        StepState::Denied(why) => ("denied", &[][..], 0, why.as_str()),
        StepState::Failed(why) => ("failed", &[][..], 0, why.as_str()),
    };
    (*turn == of).then(|| json!({"what": what, "state": word, "evidence": evidence, "bytes": bytes, "why": why}))
}

fn proposal(entry: &Entry, of: TurnId) -> Option<Value> {
    let Entry::Proposal { turn, command, plan, state, .. } = entry else { return None };
    let (word, why) = match state {
        ProposalState::Planning => ("planning", ""),
        ProposalState::Waiting => ("waiting", ""),
        ProposalState::Doing => ("doing", ""),
        ProposalState::Resolved(how) => ("resolved", how.as_str()),
        ProposalState::Refused(why) => ("refused", why.as_str()),
    };
    let plan = plan.as_deref();
    (*turn == of).then(|| {
        json!({
            "command": command,
            "state": word,
            "why": why,
            "risk": plan.map(|p| p.risk),
            "rule": plan.map(|p| p.rule),
            "digest": plan.map(|p| p.digest.hex()),
            "undo": plan.and_then(|p| p.undo.clone()),
            "evidence": plan.map(|p| p.evidence.clone()).unwrap_or_default(),
        })
    })
}

fn request(sent: &super::ledger::SentRequest) -> Value {
    let segment = |s: &crate::model::Span| {
        let kind = match s.kind {
            crate::model::SpanKind::Segment(kind) => serde_json::to_value(kind),
            other => serde_json::to_value(other),
        };
        json!({"kind": kind.unwrap_or_default(), "start": s.range.start, "end": s.range.end, "evidence": s.evidence})
    };
    json!({"sha256": sent.sha256, "bytes": sent.body.bytes().len(), "segments": sent.body.spans().iter().map(segment).collect::<Vec<_>>()})
}
