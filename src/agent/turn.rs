//! The machine: one event in, effects out.
//!
//! One turn runs at a time. What belongs to another turn is dealt with in one place, [`Agent::stale`], and nowhere else.
//! However a turn ends, the history stays valid: each call has its answer, each question is followed by something said.
mod answer;
mod calls;
mod proposal;

use super::budget::{self, Ground};
use super::prompt::{self, Item};
use super::transcript::StepState;
use super::{Answerer, CallId, Effect, Entry, Event, Ledger, Mode, Place, Survey, Transcript, offline, report, tools};
use crate::kubectl::kinds::Kinds;
use crate::model::{EvidenceId, Looked, Prompt, Reading, Role, SegmentId, SegmentKind, Source, StopReason, Timestamp, Trouble, TroubleClass, TurnId, Usage};
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
        });
        effects.extend(match (mode, &self.answerer) {
            (Mode::Diagnose, _) => self.survey(None),
            (Mode::Ask, Answerer::Offline) => self.say(offline::CAN_NOT_ASK),
            (Mode::Ask, Answerer::Model { .. }) => self.open(),
        });
        effects
    }

    /// Runs the rules over the place: before a diagnosis, or because the model asks for it.
    fn survey(&mut self, call: Option<CallId>) -> Vec<Effect> {
        let Some(turn) = &mut self.turn else { return Vec::new() };
        let what = match (&turn.place.object, &turn.place.namespace) {
            (Some(object), _) => format!("survey around {}", report::placed(object)),
            (None, Some(ns)) => format!("survey of namespace {ns}"),
            (None, None) => "survey of all namespaces".to_owned(),
        };
        turn.surveying.clone_from(&call);
        let (id, place) = (turn.id, turn.place.clone());
        self.push(Entry::Step { turn: id, call, what: Clean::line(&what), state: StepState::Running });
        vec![Effect::Survey { turn: id, place }]
    }

    fn surveyed(&mut self, result: Result<Box<Survey>, Trouble>, at: Timestamp) -> Vec<Effect> {
        let Some(turn) = &mut self.turn else { return Vec::new() };
        let call = turn.surveying.take();
        if call.is_none() && turn.stage != Stage::Surveying {
            return Vec::new();
        }
        let (id, asked) = (turn.id, Clean::line("survey"));
        let rules = |looked| Reading { source: Source::Rules, object: None, uid: None, resource_version: None, taken_at: at, looked };
        let mut readings = Vec::new();
        match &result {
            Ok(survey) => {
                let text = prepare(&report::text(&survey.report), Form::Block, SURVEY_BYTES, &self.redactor);
                readings.push((asked, rules(Looked::Found(text))));
                readings.extend(survey.readings.iter().cloned());
                let unseen = if survey.report.complete { &[][..] } else { &survey.report.denied[..] };
                let none = !survey.report.complete && unseen.is_empty();
                self.unfinished(id, unseen);
                if none {
                    self.unfinished(id, &[Clean::line("Not everything that the rules ask could be read.")]);
                }
            }
            Err(trouble) if trouble.class == TroubleClass::Denied => readings.push((asked, rules(Looked::Denied(trouble.clone())))),
            Err(trouble) => readings.push((asked, rules(Looked::Failed(trouble.clone())))),
        }
        let (segments, state) = self.keep(id, readings);
        self.step(id, call.as_ref(), state);
        if let Some(call) = call {
            return self.answered(&call, segments);
        }
        if let Some(turn) = &mut self.turn {
            turn.opening.extend(segments);
        }
        match (&self.answerer, result) {
            (Answerer::Model { .. }, _) => self.open(),
            (Answerer::Offline, Ok(survey)) => self.offline(&survey),
            (Answerer::Offline, Err(trouble)) => {
                self.unfinished(id, &[Clean::line(&trouble.to_string())]);
                self.say(&format!("The cluster could not be read, so there is nothing to conclude from. {trouble} [E1]"))
            }
        }
    }

    /// The question becomes a message, and the model is asked.
    fn open(&mut self) -> Vec<Effect> {
        self.put_question();
        self.ask()
    }

    fn put_question(&mut self) {
        let Some(turn) = &mut self.turn else { return };
        let mut segments = std::mem::take(&mut turn.opening);
        segments.push(turn.asked);
        self.history.push(Item::User { turn: turn.id, segments });
    }

    /// The next request of the turn.
    fn ask(&mut self) -> Vec<Effect> {
        let (Some(turn), Answerer::Model { model, options, .. }) = (&mut self.turn, &self.answerer) else { return Vec::new() };
        turn.stage = Stage::Asking;
        turn.requests += 1;
        turn.said = answer::Said::default();
        let role = turn.place.role.unwrap_or(self.rules.role);
        let last = turn.requests >= MOST_REQUESTS || turn.calls >= MOST_CALLS;
        let tools = if turn.mode == Mode::Ask || last { Vec::new() } else { tools::offered(role) };
        let (id, mode, shrink) = (turn.id, turn.mode, turn.shrink);
        let (model, options) = (model.clone(), options.clone());
        let system = self.instructions(id, &prompt::system(role, mode));
        let schemas: usize = tools.iter().map(|t| t.description.len() + t.parameters.to_string().len()).sum();
        let instructions = self.ledger.segment(system).map_or(0, |s| s.text.text().len());
        let ground = Ground {
            items: &self.history,
            fixed: budget::estimate_tokens(instructions + schemas),
            turn: id,
            redactor: &self.redactor,
            seed: &self.seed,
            ledger: &mut self.ledger,
        };
        let fit = budget::fit(ground, budget::room(&options, shrink));
        let messages = prompt::messages(system, &self.history, &fit, &self.ledger);
        self.say_shortened(id, &fit, options.window());
        vec![Effect::Ask { turn: id, prompt: Box::new(Prompt { model, messages, tools, options }) }]
    }

    /// The same instructions are one segment, however often they are sent.
    fn instructions(&mut self, turn: TurnId, text: &str) -> SegmentId {
        let prepared = prepare(text, Form::Block, usize::MAX, &self.redactor);
        let same = self.ledger.segments().iter().find(|s| s.kind == SegmentKind::System && s.text.text() == prepared.text());
        match same {
            Some(found) => found.id,
            None => self.ledger.add(turn, SegmentKind::System, None, prepared),
        }
    }

    fn say_shortened(&mut self, turn: TurnId, fit: &budget::Fit, window: u32) {
        let now = (fit.shortened.len(), fit.turns_gone);
        if now == (0, 0) || self.turn.as_mut().is_none_or(|t| std::mem::replace(&mut t.shortened, now) == now) {
            return;
        }
        let ids: Vec<String> = fit.shortened.iter().map(ToString::to_string).collect();
        let mut parts = Vec::new();
        if !ids.is_empty() {
            parts.push(format!("{} went shortened", ids.join(", ")));
        }
        if fit.turns_gone > 0 {
            parts.push(format!("{} earlier question(s) were left out", fit.turns_gone));
        }
        let text = format!("To fit the window of {window} tokens, {}. The context pane shows what was sent.", parts.join(" and "));
        self.push(Entry::Note { turn, text: Clean::line(&text) });
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

    /// Readings into the ledger: their segments, and how the step that read them ended.
    fn keep(&mut self, turn: TurnId, readings: Vec<(Clean, Reading)>) -> (Vec<SegmentId>, StepState) {
        let (mut segments, mut evidence, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut bad = None;
        for (asked, reading) in readings {
            let looked = reading.looked.clone();
            let (id, segment) = self.ledger.read(turn, asked, reading, &self.redactor, &self.seed);
            bytes += self.ledger.segment(segment).map_or(0, |s| s.text.text().len());
            segments.push(segment);
            match looked {
                Looked::Found(_) => evidence.push(id),
                Looked::Nothing(_) => _ = bad.get_or_insert(StepState::Nothing),
                Looked::Denied(t) => {
                    self.unfinished(turn, &[Clean::line(&format!("{id}: not allowed to look: {t}"))]);
                    bad = Some(StepState::Denied(Clean::line(&t.to_string())));
                }
                Looked::Failed(t) => {
                    self.unfinished(turn, &[Clean::line(&format!("{id}: could not look: {t}"))]);
                    bad = Some(StepState::Failed(Clean::line(&t.to_string())));
                }
            }
        }
        let state = if evidence.is_empty() { bad.unwrap_or(StepState::Nothing) } else { StepState::Done { evidence, bytes } };
        (segments, state)
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
            if !account.incomplete.contains(sentence) {
                account.incomplete.push(sentence.clone());
            }
        }
    }

    fn push(&mut self, entry: Entry) -> usize {
        self.transcript.entries.push(entry);
        self.touch();
        self.transcript.entries.len() - 1
    }

    /// The newest running step of a call gets its end.
    fn step(&mut self, id: TurnId, of: Option<&CallId>, end: StepState) {
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
