//! The machine: one event in, effects out.
//!
//! One turn runs at a time. What belongs to another turn is dealt with in one place, `Agent::stale`, and nowhere else.
//! However a turn ends, the history stays valid: each call has its answer, each question is followed by something said.
mod answer;
mod calls;
mod growing;
mod proposal;
mod request;
mod survey;

use super::prompt::{self, Item};
use super::transcript::StepState;
use super::{Answerer, CallId, Effect, Entry, Event, Ledger, Mode, Place, Transcript, offline};
use crate::kubectl::kinds::Kinds;
use crate::model::{EvidenceId, Role, SegmentId, SegmentKind, StopReason, Timestamp, TurnId, Usage};
use crate::policy::Rules;
use crate::text::prepare::{Form, prepare};
use crate::text::{Clean, Prepared, Redactor};
use std::collections::{BTreeMap, BTreeSet};

/// Requests that one turn may send; the last of them offers no tools.
const MOST_REQUESTS: u32 = 12;
/// Calls that one turn may make.
const MOST_CALLS: u32 = 24;
/// Bytes of the rules' report and of one reading of a survey.
const SURVEY_BYTES: usize = 16 * 1024;

/// What a turn waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// `Surveyed`, before anything else.
    Surveying,
    /// `Model` events.
    Asking,
    /// Answers to the calls in `pending`.
    Calling,
}

/// A call that waits for its answer.
#[derive(Debug)]
struct Pending {
    id: CallId,
    name: String,
    /// The canonical command, once it is one.
    command: Option<Clean>,
    /// The answer, once there is one.
    result: Option<Vec<SegmentId>>,
}

/// The turn under way.
#[derive(Debug)]
struct Turn {
    id: TurnId,
    mode: Mode,
    place: Place,
    question: Clean,
    /// What the question's message carries before the question itself.
    opening: Vec<SegmentId>,
    asked: SegmentId,
    stage: Stage,
    requests: u32,
    calls: u32,
    shrink: u32,
    said: answer::Said,
    pending: Vec<Pending>,
    /// The call that a running survey answers.
    surveying: Option<CallId>,
    /// Reads of this turn by their canonical command; empty while they run.
    reads: BTreeMap<String, Vec<EvidenceId>>,
    shortened: (usize, usize),
    /// What the rules' answer proposes once it is said.
    fix: Option<offline::Proposal>,
}

/// What is known of a turn beyond its transcript.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub usage: Usage,
    /// Why its answer is not whole, and what could not be seen.
    pub incomplete: Vec<Clean>,
}

/// The agent of one session.
#[derive(Debug)]
pub struct Agent {
    pub(super) transcript: Transcript,
    pub(super) ledger: Ledger,
    last_turn: TurnId,
    newest: TurnId,
    rules: Rules,
    kinds: Kinds,
    redactor: Redactor,
    pub(super) answerer: Answerer,
    history: Vec<Item>,
    turn: Option<Turn>,
    pub(super) accounts: BTreeMap<TurnId, Account>,
    /// Outcomes that came after their turn was over; the next question carries them.
    late: Vec<SegmentId>,
    /// Call ids that history holds: none may come twice.
    ids: BTreeSet<CallId>,
    /// Makes this session's fences differ from any other's.
    seed: String,
}

impl Agent {
    /// A new session.
    pub fn new(answerer: Answerer, rules: Rules, kinds: Kinds, redactor: Redactor) -> Self {
        Self {
            transcript: Transcript::default(),
            ledger: Ledger::default(),
            last_turn: TurnId(0),
            newest: TurnId(0),
            rules,
            kinds,
            redactor,
            answerer,
            history: Vec::new(),
            turn: None,
            accounts: BTreeMap::new(),
            late: Vec::new(),
            ids: BTreeSet::new(),
            seed: String::new(),
        }
    }
    /// The rules of the place changed (context, namespace, role).
    pub fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }
    /// Discovery named more kinds.
    pub fn set_kinds(&mut self, kinds: Kinds) {
        self.kinds = kinds;
    }
    /// Who answers.
    pub fn answerer(&self) -> &Answerer {
        &self.answerer
    }
    /// What the chat pane draws.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }
    /// What the context pane draws.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
    /// The id for the next question.
    pub fn next_turn(&mut self) -> TurnId {
        self.last_turn = TurnId(self.last_turn.0 + 1);
        self.last_turn
    }
    /// The turn under way.
    pub fn running(&self) -> Option<TurnId> {
        self.turn.as_ref().map(|t| t.id)
    }
    /// An object of the watch cache is now at this version (`None`: gone): evidence about it is marked.
    pub fn observed(&mut self, uid: &str, resource_version: Option<&str>) {
        if self.ledger.observed(uid, resource_version) {
            self.touch();
        }
    }

    /// One event in, effects out.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        if event.turn().is_some_and(|t| Some(t) != self.running()) && !matches!(event, Event::Ask { .. }) {
            return self.stale(event);
        }
        match event {
            Event::Ask { turn, question, mode, place, at } => self.begin(turn, &question, mode, place, at),
            Event::Surveyed { result, at, .. } => self.surveyed(result, at),
            Event::Sent { turn, body, at } => {
                self.ledger.sent(turn, at, body);
                self.touch();
                Vec::new()
            }
            Event::Model { event, at, .. } => self.model(event, at),
            Event::Read { call, readings, .. } => self.read(&call, readings),
            Event::Planned { call, result, at, .. } => self.planned(&call, result, at),
            Event::Resolved { call, resolution, at, .. } => self.resolved(&call, &resolution, at),
            Event::Cancel { .. } => self.cancel(),
        }
    }

    /// What comes for a turn that is over is dropped. Two things are facts nevertheless and are kept: bytes that were
    /// sent, and what came of a change that a person approved.
    fn stale(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Sent { turn, body, at } => {
                self.ledger.sent(turn, at, body);
                self.touch();
            }
            Event::Resolved { turn, call, resolution, at } => self.resolved_late(turn, &call, &resolution, at),
            _ => {}
        }
        Vec::new()
    }

    fn begin(&mut self, id: TurnId, question: &str, mode: Mode, place: Place, at: Timestamp) -> Vec<Effect> {
        if id <= self.newest {
            return Vec::new();
        }
        let mut effects = self.cancel();
        (self.newest, self.last_turn) = (id, self.last_turn.max(id));
        if self.seed.is_empty() {
            self.seed = format!("{at} {id:?}");
        }
        self.accounts.insert(id, Account::default());
        self.push(Entry::Question { turn: id, text: Clean::block(question), mode, at });
        let role = place.role.unwrap_or(self.rules.role);
        let where_ = self.own(id, SegmentKind::System, &prompt::place(&place, role, at));
        let mut opening = std::mem::take(&mut self.late);
        opening.insert(0, where_);
        let asked = self.own(id, SegmentKind::User, question);
        self.turn = Some(Turn {
            id,
            mode,
            place,
            question: Clean::block(question),
            opening,
            asked,
            stage: Stage::Surveying,
            requests: 0,
            calls: 0,
            shrink: 0,
            said: answer::Said::default(),
            pending: Vec::new(),
            surveying: None,
            reads: BTreeMap::new(),
            shortened: (0, 0),
            fix: None,
        });
        effects.extend(match (mode, &self.answerer) {
            (Mode::Diagnose, _) => self.survey(None),
            (Mode::Ask, Answerer::Offline) => self.say(offline::CAN_NOT_ASK),
            (Mode::Ask, Answerer::Model { .. }) => self.open(),
        });
        effects
    }

    /// The person stops the turn. What came so far stays; what waits gets an answer that says so.
    fn cancel(&mut self) -> Vec<Effect> {
        let Some(turn) = &self.turn else { return Vec::new() };
        let id = turn.id;
        if turn.stage == Stage::Surveying && matches!(self.answerer, Answerer::Model { .. }) {
            self.put_question();
        }
        self.end_said(StopReason::Cancelled, "stopped by you before it was whole");
        self.abandon("Not run, or stopped before an answer came: the person stopped the turn.", "stopped");
        self.push(Entry::Note { turn: id, text: Clean::line("Stopped.") });
        self.unfinished(id, &[Clean::line("The turn was stopped by the person.")]);
        self.finish()
    }

    /// Ends the turn. A question that nothing was said to gets a word of the program's, so that roles alternate.
    fn finish(&mut self) -> Vec<Effect> {
        let Some(turn) = self.turn.take() else { return Vec::new() };
        if self.history.last().is_some_and(|i| i.turn() == turn.id && !matches!(i, Item::Assistant { .. })) {
            let text = self.own(turn.id, SegmentKind::Program, "(The turn ended here without an answer.)");
            self.history.push(Item::Assistant { turn: turn.id, text: Some(text), calls: Vec::new() });
        }
        self.touch();
        vec![Effect::Finish { turn: turn.id }]
    }

    /// A text of the program's or the person's, as a segment.
    fn own(&mut self, turn: TurnId, kind: SegmentKind, text: &str) -> SegmentId {
        let text = self.prepared(text);
        self.ledger.add(turn, kind, None, text)
    }

    fn prepared(&self, text: &str) -> Prepared {
        prepare(text, Form::Block, usize::MAX, &self.redactor)
    }

    fn role(&self) -> Role {
        self.turn.as_ref().and_then(|t| t.place.role).unwrap_or(self.rules.role)
    }

    /// The policy of this turn: the role of the place, if it names one.
    fn rules_here(&self) -> Rules {
        Rules { role: self.role(), ..self.rules.clone() }
    }

    fn unfinished(&mut self, turn: TurnId, why: &[Clean]) {
        let account = self.accounts.entry(turn).or_default();
        for sentence in why {
            let sentence = growing::redacted(sentence, &self.redactor);
            if !account.incomplete.contains(&sentence) {
                account.incomplete.push(sentence);
            }
        }
    }

    /// A step's end, its sentence redacted.
    fn told_of(&self, state: StepState) -> StepState {
        match state {
            StepState::Denied(why) => StepState::Denied(growing::redacted(&why, &self.redactor)),
            StepState::Failed(why) => StepState::Failed(growing::redacted(&why, &self.redactor)),
            other => other,
        }
    }

    /// Into the transcript, and so onto a screen, into a record and an export: secrets that a person typed or a model
    /// put into a command go no further than those that a cluster holds.
    fn push(&mut self, mut entry: Entry) -> usize {
        match &mut entry {
            Entry::Step { what, state, .. } => (*what, *state) = (growing::redacted(what, &self.redactor), self.told_of(state.clone())),
            Entry::Question { text, .. } | Entry::Note { text, .. } | Entry::Proposal { command: text, .. } => *text = growing::redacted(text, &self.redactor),
            Entry::Answer { .. } | Entry::Thinking { .. } => {}
        }
        self.transcript.entries.push(entry);
        self.touch();
        self.transcript.entries.len() - 1
    }

    /// The newest running step of a call gets its end.
    fn step(&mut self, id: TurnId, of: Option<&CallId>, end: StepState) {
        let end = self.told_of(end);
        let running = self.transcript.entries.iter_mut().rev().find_map(|e| match e {
            Entry::Step { turn, call, state, .. } if *turn == id && call.as_ref() == of && *state == StepState::Running => Some(state),
            _ => None,
        });
        if let Some(state) = running {
            *state = end;
        }
        self.touch();
    }

    fn touch(&mut self) {
        self.transcript.version += 1;
    }
}

impl Event {
    /// The turn that it belongs to; `Cancel` means whichever runs.
    pub fn turn(&self) -> Option<TurnId> {
        match self {
            Self::Ask { turn, .. }
            | Self::Surveyed { turn, .. }
            | Self::Sent { turn, .. }
            | Self::Model { turn, .. }
            | Self::Read { turn, .. }
            | Self::Planned { turn, .. }
            | Self::Resolved { turn, .. } => Some(*turn),
            Self::Cancel { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
