//! Tool calls: each is judged, runs as an effect or is answered at once, and when all are answered the model is asked
//! again. Answers go into history in the order of the calls, whatever order they come in.
use super::growing::redacted;
use super::{Agent, MOST_CALLS, MOST_REQUESTS, Pending, Stage};
use crate::agent::prompt::{Called, Item};
use crate::agent::tools::{self, Judged};
use crate::agent::transcript::{ProposalState, StepState};
use crate::agent::{CallId, Effect, Entry};
use crate::model::{Reading, SegmentId, SegmentKind, StopReason, Timestamp, ToolCall, TurnId};
use crate::text::Clean;

impl Agent {
    /// The model wants its calls answered.
    pub(super) fn call(&mut self, _at: Timestamp) -> Vec<Effect> {
        let spent = self.turn.as_ref().is_some_and(|t| t.requests >= MOST_REQUESTS);
        if spent {
            return self.spent();
        }
        let Some((id, text, calls)) = self.end_with_calls() else { return Vec::new() };
        let calls: Vec<ToolCall> = calls.into_iter().map(|c| self.named(id, c)).collect();
        let text = (!text.trim().is_empty()).then(|| self.own(id, SegmentKind::Answer, &text));
        let called = calls.iter().map(|c| self.called(id, c)).collect();
        self.history.push(Item::Assistant { turn: id, text, calls: called });
        if let Some(turn) = &mut self.turn {
            turn.stage = Stage::Calling;
            turn.pending = calls.iter().map(|c| Pending { id: c.id.clone(), name: known(&c.name).to_owned(), command: None, result: None }).collect();
        }
        let mut effects = Vec::new();
        for call in &calls {
            effects.extend(self.one(id, call));
        }
        effects.extend(self.all_answered());
        effects
    }

    /// The model still calls after the last request, which offered no tools.
    fn spent(&mut self) -> Vec<Effect> {
        let Some(turn) = &self.turn else { return Vec::new() };
        let (id, why) = (turn.id, format!("the model still asked for more after {MOST_REQUESTS} requests"));
        self.end_said(StopReason::End, &why);
        self.unfinished(id, &[Clean::line(&format!("The answer is not whole: {why}."))]);
        self.push(Entry::Note { turn: id, text: Clean::line(&format!("Ended: {why}.")) });
        self.finish()
    }

    /// The same call under an id that is safe to send back and that history has not held yet.
    fn named(&mut self, turn: TurnId, mut call: ToolCall) -> ToolCall {
        let safe = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
        let good = !call.id.is_empty() && call.id.len() <= 64 && call.id.chars().all(safe) && !self.ids.contains(&call.id);
        if !good {
            call.id = format!("call_{}_{}", turn.0, self.ids.len() + 1);
        }
        self.ids.insert(call.id.clone());
        call
    }

    fn called(&mut self, turn: TurnId, call: &ToolCall) -> Called {
        let arguments = tools::past_arguments(call, &self.redactor);
        let text = self.prepared(&arguments);
        let still_json = serde_json::from_str::<serde_json::Value>(text.text()).is_ok_and(|v| v.is_object());
        let text = if still_json { text } else { self.prepared("{}") };
        let arguments = self.ledger.add(turn, SegmentKind::ToolCall, None, text);
        Called { id: call.id.clone(), name: known(&call.name).to_owned(), arguments }
    }

    fn one(&mut self, id: TurnId, call: &ToolCall) -> Vec<Effect> {
        let Some(turn) = &mut self.turn else { return Vec::new() };
        turn.calls += 1;
        if turn.calls > MOST_CALLS {
            return self.reply(id, call, &format!("Not run: this turn has made its {MOST_CALLS} calls. Answer with what you have."));
        }
        let (mode, place) = (turn.mode, turn.place.clone());
        match tools::judge(call, mode, &place, &self.rules_here(), &self.kinds) {
            Judged::Read { operation, command } => {
                if let Some(sentence) = self.repeated(&command) {
                    return self.reply(id, call, &sentence);
                }
                self.started(&call.id, &command);
                self.push(Entry::Step { turn: id, call: Some(call.id.clone()), what: command, state: StepState::Running });
                vec![Effect::Read { turn: id, call: call.id.clone(), operation }]
            }
            Judged::Plan { operation, verdict, command } => {
                self.commanded(&call.id, &command);
                self.push(Entry::Proposal { turn: id, call: call.id.clone(), command, edited_from: None, plan: None, state: ProposalState::Planning });
                let evidence = self.grounds(id);
                vec![Effect::Plan { turn: id, call: call.id.clone(), operation, verdict, evidence }]
            }
            Judged::Survey if self.turn.as_ref().is_some_and(|t| t.surveying.is_some()) => {
                self.reply(id, call, "The rules run already, for another of these calls; its answer is this one's too.")
            }
            Judged::Survey => self.survey(Some(call.id.clone())),
            Judged::Refused { what, sentence, by_policy } => {
                let state = if by_policy { StepState::Denied(Clean::line(&sentence)) } else { StepState::Failed(Clean::line(&sentence)) };
                self.push(Entry::Step { turn: id, call: Some(call.id.clone()), what, state });
                self.reply(id, call, &sentence)
            }
        }
    }

    /// What to say to a read that this turn made already.
    fn repeated(&self, command: &Clean) -> Option<String> {
        let ids = self.turn.as_ref()?.reads.get(command.as_str())?;
        if ids.is_empty() {
            return Some(format!("`{command}` is asked for twice; the answer to the other call is this one's too."));
        }
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        Some(format!("Not read again: `{command}` was read in this turn and is {} above.", ids.join(", ")))
    }

    fn started(&mut self, call: &CallId, command: &Clean) {
        self.commanded(call, command);
        if let Some(turn) = &mut self.turn {
            turn.reads.insert(command.to_string(), Vec::new());
        }
    }

    fn commanded(&mut self, call: &CallId, command: &Clean) {
        let command = redacted(command, &self.redactor);
        if let Some(pending) = self.pending(call) {
            pending.command = Some(command);
        }
    }

    pub(super) fn pending(&mut self, call: &CallId) -> Option<&mut Pending> {
        self.turn.as_mut()?.pending.iter_mut().find(|p| p.id == *call && p.result.is_none())
    }

    /// An answer in the program's own words, at once.
    fn reply(&mut self, turn: TurnId, call: &ToolCall, sentence: &str) -> Vec<Effect> {
        let segment = self.own(turn, SegmentKind::Program, sentence);
        if let Some(pending) = self.pending(&call.id) {
            pending.result = Some(vec![segment]);
        }
        Vec::new()
    }

    /// A read is back.
    pub(super) fn read(&mut self, call: &CallId, readings: Vec<Reading>) -> Vec<Effect> {
        let Some(command) = self.pending(call).map(|p| p.command.clone().unwrap_or_default()) else { return Vec::new() };
        let Some(id) = self.running() else { return Vec::new() };
        let before = self.ledger.evidence().len();
        let (mut segments, state) = self.keep(id, readings.into_iter().map(|r| (command.clone(), r)).collect());
        self.step(id, Some(call), state);
        if segments.is_empty() {
            segments.push(self.own(id, SegmentKind::Program, "The read brought nothing at all, not even an error."));
        }
        let ids = self.ledger.evidence().iter().skip(before).map(|e| e.id).collect();
        if let Some(turn) = &mut self.turn {
            turn.reads.insert(command.to_string(), ids);
        }
        self.answered(call, segments)
    }

    /// A call has its answer.
    pub(super) fn answered(&mut self, call: &CallId, segments: Vec<SegmentId>) -> Vec<Effect> {
        if let Some(pending) = self.pending(call) {
            pending.result = Some(segments);
        }
        self.all_answered()
    }

    /// Asks the model again once every call has its answer.
    pub(super) fn all_answered(&mut self) -> Vec<Effect> {
        let ready = |t: &super::Turn| t.stage == Stage::Calling && t.pending.iter().all(|p| p.result.is_some());
        let Some(turn) = self.turn.as_mut().filter(|t| ready(t)) else { return Vec::new() };
        let id = turn.id;
        for Pending { id: call, name, result, .. } in std::mem::take(&mut turn.pending) {
            self.history.push(Item::Tool { turn: id, call, name, segments: result.unwrap_or_default() });
        }
        self.ask()
    }

    /// Every call that still waits is answered by a sentence, and what shows it as running says how it ended.
    pub(super) fn abandon(&mut self, sentence: &str, shown: &str) {
        let Some(turn) = self.turn.as_mut() else { return };
        let (id, pending) = (turn.id, std::mem::take(&mut turn.pending));
        let offline = matches!(self.answerer, crate::agent::Answerer::Offline);
        for Pending { id: call, name, result, .. } in pending {
            let segments = result.unwrap_or_else(|| vec![self.own(id, SegmentKind::Program, sentence)]);
            if !offline {
                self.history.push(Item::Tool { turn: id, call, name, segments });
            }
        }
        for entry in &mut self.transcript.entries {
            match entry {
                Entry::Step { turn, state, .. } if *turn == id && *state == StepState::Running => *state = StepState::Failed(Clean::line(shown)),
                Entry::Proposal { turn, state, .. } if *turn == id && matches!(state, ProposalState::Planning | ProposalState::Waiting) => {
                    *state = ProposalState::Resolved(Clean::line(shown));
                }
                _ => {}
            }
        }
        self.touch();
    }
}

/// A tool's name as history may hold it: ours, or a word that says it was none.
fn known(name: &str) -> &str {
    if [tools::KUBECTL, tools::DIAGNOSE].contains(&name) { name } else { "unknown_tool" }
}
