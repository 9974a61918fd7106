//! Proposed changes: a plan is made, a person decides elsewhere, and how it ended is evidence for the model.
//!
//! Nothing here can approve: what comes in is only told.
use super::growing::redacted;
use super::{Agent, Pending, Stage};
use crate::agent::offline::{self, Ground};
use crate::agent::transcript::ProposalState;
use crate::agent::{Answerer, CallId, Effect, Entry, Resolution, Survey, cite};
use crate::model::{DryRun, EvidenceId, Looked, Outcome, Plan, Reading, SegmentId, Source, Timestamp, Trouble, TurnId};
use crate::text::Clean;

impl Agent {
    /// What a proposal rests on: what the turn's answers cite, else all that the turn read.
    pub(super) fn grounds(&self, id: TurnId) -> Vec<EvidenceId> {
        let cited = self.transcript.entries.iter().filter_map(|e| match e {
            Entry::Answer { turn, text, .. } if *turn == id => Some(cite::citations(text, &self.ledger)),
            _ => None,
        });
        let mut out: Vec<EvidenceId> = cited.flatten().filter(|c| c.known).map(|c| c.id).collect();
        if out.is_empty() {
            out = self.ledger.evidence().iter().filter(|e| e.turn == id).map(|e| e.id).collect();
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The answer of the rules; the fix, where policy lets a person decide it, is proposed like a model's.
    pub(super) fn offline(&mut self, survey: &Survey) -> Vec<Effect> {
        let Some(turn) = &self.turn else { return Vec::new() };
        let id = turn.id;
        let evidence: Vec<_> = self.ledger.evidence().iter().filter(|e| e.turn == id).cloned().collect();
        let rules = self.rules_here();
        let ground = Ground { question: &turn.question, place: &turn.place, survey, evidence: &evidence, rules: &rules, kinds: &self.kinds };
        let answer = offline::compose(&ground);
        if let Some(turn) = &mut self.turn {
            turn.fix = answer.proposal;
        }
        self.say(&answer.text)
    }

    /// The fix that an answer of the rules ends with, once it is said.
    pub(super) fn propose(&mut self, fix: offline::Proposal) -> Vec<Effect> {
        let Some(id) = self.running() else { return Vec::new() };
        let call = format!("fix_{}", id.0);
        if let Some(turn) = &mut self.turn {
            turn.stage = Stage::Calling;
            turn.pending = vec![Pending { id: call.clone(), name: "fix".into(), command: Some(fix.command.clone()), result: None }];
        }
        self.push(Entry::Proposal { turn: id, call: call.clone(), command: fix.command, plan: None, state: ProposalState::Planning });
        vec![Effect::Plan { turn: id, call, operation: fix.operation, verdict: fix.verdict, evidence: fix.evidence }]
    }

    /// A plan is back. Only one that the server's dry run accepted, or can not try, is put before a person.
    pub(super) fn planned(&mut self, call: &CallId, result: Result<Box<Plan>, Trouble>, at: Timestamp) -> Vec<Effect> {
        let Some(command) = self.pending(call).map(|p| p.command.clone().unwrap_or_default()) else { return Vec::new() };
        let Some(id) = self.running() else { return Vec::new() };
        let result = result.map_err(|trouble| trouble.map(|text| redacted(text, &self.redactor)));
        let refused = match result {
            Ok(plan) => match plan.dry_run.clone() {
                DryRun::Rejected(trouble) => {
                    self.proposal(id, call, Some(&plan), &ProposalState::Refused(Clean::line(&format!("The server's dry run refuses it: {trouble}"))));
                    trouble
                }
                DryRun::Accepted | DryRun::NotPossible(_) => {
                    self.proposal(id, call, Some(&plan), &ProposalState::Waiting);
                    return vec![Effect::Propose { turn: id, call: call.clone(), plan }];
                }
            },
            Err(trouble) => {
                self.proposal(id, call, None, &ProposalState::Refused(Clean::line(&format!("There is no plan: {trouble}"))));
                trouble
            }
        };
        let segment = self.told(id, &command, Source::DryRun, Looked::Failed(refused), at);
        self.concluded(call, segment)
    }

    /// A person decided, or nobody did.
    pub(super) fn resolved(&mut self, call: &CallId, resolution: &Resolution, at: Timestamp) -> Vec<Effect> {
        let Some(command) = self.pending(call).map(|p| p.command.clone().unwrap_or_default()) else { return Vec::new() };
        let Some(id) = self.running() else { return Vec::new() };
        self.proposal(id, call, None, &ProposalState::Resolved(words(resolution)));
        if let (Resolution::Done(_), Some(turn)) = (resolution, &mut self.turn) {
            turn.reads.clear();
        }
        let looked = self.looked(resolution);
        let segment = self.told(id, &command, Source::Outcome, looked, at);
        self.concluded(call, segment)
    }

    /// The turn was over when this came. The chat still says what happened, and the next question tells the model.
    pub(super) fn resolved_late(&mut self, id: TurnId, call: &CallId, resolution: &Resolution, at: Timestamp) {
        let command = self.transcript.entries.iter().find_map(|e| match e {
            Entry::Proposal { turn, call: c, command, .. } if *turn == id && c == call => Some(command.clone()),
            _ => None,
        });
        let (Some(command), Resolution::Done(_)) = (command, resolution) else { return };
        self.proposal(id, call, None, &ProposalState::Resolved(words(resolution)));
        let looked = self.looked(resolution);
        let segment = self.told(id, &command, Source::Outcome, looked, at);
        if matches!(self.answerer, Answerer::Model { .. }) {
            self.late.push(segment);
        }
    }

    /// The model goes on with the answer to its call; without a model the turn is over.
    fn concluded(&mut self, call: &CallId, segment: SegmentId) -> Vec<Effect> {
        if matches!(self.answerer, Answerer::Model { .. }) {
            return self.answered(call, vec![segment]);
        }
        if let Some(turn) = &mut self.turn {
            turn.pending.clear();
        }
        self.finish()
    }

    fn looked(&self, resolution: &Resolution) -> Looked {
        match resolution {
            Resolution::Done(Outcome::Failed(trouble)) => Looked::Failed(trouble.clone()),
            other => Looked::Found(self.prepared(&words(other))),
        }
    }

    fn told(&mut self, turn: TurnId, asked: &Clean, source: Source, looked: Looked, at: Timestamp) -> SegmentId {
        let asked = redacted(asked, &self.redactor);
        let looked = match looked {
            Looked::Failed(trouble) => Looked::Failed(trouble.map(|text| redacted(text, &self.redactor))),
            other => other,
        };
        let reading = Reading { source, object: None, uid: None, resource_version: None, taken_at: at, looked };
        self.ledger.read(turn, asked, reading, &self.redactor, &self.seed).1
    }

    fn proposal(&mut self, id: TurnId, of: &CallId, with: Option<&Plan>, now: &ProposalState) {
        let now = match now {
            ProposalState::Resolved(how) => &ProposalState::Resolved(redacted(how, &self.redactor)),
            ProposalState::Refused(why) => &ProposalState::Refused(redacted(why, &self.redactor)),
            other => other,
        };
        for entry in &mut self.transcript.entries {
            if let Entry::Proposal { turn, call, plan, state, .. } = entry
                && *turn == id
                && call == of
            {
                state.clone_from(now);
                if let Some(with) = with {
                    *plan = Some(Box::new(with.clone()));
                }
            }
        }
        self.touch();
    }
}

/// How a proposal ended, in a sentence for the chat and for the model.
fn words(resolution: &Resolution) -> Clean {
    let text = match resolution {
        Resolution::Done(Outcome::Worked(seen)) => format!("Approved and done: {seen}"),
        Resolution::Done(Outcome::NotSeen(seen)) => format!("Approved and accepted by the server, but its effect is not seen yet: {seen}"),
        Resolution::Done(Outcome::Void(why)) => format!("Approved, but nothing ran: {why}"),
        Resolution::Done(Outcome::Failed(trouble)) => format!("Approved, but the server refused it: {trouble}"),
        Resolution::Done(Outcome::Unknown(seen)) => format!("Approved and sent, but what came of it is not known: {seen}"),
        Resolution::Denied(reason) if reason.is_empty() => "Denied by the person. Nothing was changed.".to_owned(),
        Resolution::Denied(reason) => format!("Denied by the person: {reason}. Nothing was changed."),
        Resolution::Lapsed(why) => format!("Not decided: {why}. Nothing was changed."),
        Resolution::Printed => "Printed and not run: nobody can approve here. Nothing was changed.".to_owned(),
    };
    Clean::line(&text)
}
