//! What the model says, as it says it: text and thinking become clean entries, calls are collected, ends are told apart.
use super::growing::Growing;
use super::{Account, Agent, Stage};
use crate::agent::prompt::Item;
use crate::agent::{Answerer, Effect, Entry, offline};
use crate::model::chat::{Failure, FailureClass};
use crate::model::{ModelEvent, SegmentKind, StopReason, Timestamp, ToolCall, TurnId, Usage};
use crate::text::Clean;

/// What one request brought so far.
#[derive(Debug, Default)]
pub(super) struct Said {
    text: Growing,
    thinking: Growing,
    answer_at: Option<usize>,
    thinking_at: Option<usize>,
    pub calls: Vec<ToolCall>,
    usage: Usage,
}

impl Agent {
    /// One event of the model. What comes after the end of an answer is nobody's.
    pub(super) fn model(&mut self, event: ModelEvent, at: Timestamp) -> Vec<Effect> {
        let Some(turn) = self.turn.as_mut().filter(|t| t.stage == Stage::Asking) else { return Vec::new() };
        match event {
            ModelEvent::Text(more) => {
                if !turn.said.text.add(&more) {
                    return self.failed(TOO_LONG, &Clean::default());
                }
                self.show_answer();
            }
            ModelEvent::Thinking(more) => {
                if !turn.said.thinking.add(&more) {
                    return self.failed(TOO_LONG, &Clean::default());
                }
                self.show_thinking();
            }
            ModelEvent::Call(call) => turn.said.calls.push(call),
            ModelEvent::Usage(usage) => turn.said.usage = usage,
            ModelEvent::Retry(failure) => {
                let (id, text) = (turn.id, format!("{} Trying again.", full(&failure.sentence)));
                self.push(Entry::Note { turn: id, text: Clean::line(&text) });
            }
            ModelEvent::Stop(reason) => return self.stopped(reason, at),
            ModelEvent::Failed(failure) => return self.model_failed(&failure),
        }
        Vec::new()
    }

    fn show_answer(&mut self) {
        let Some(turn) = &mut self.turn else { return };
        let (id, clean) = (turn.id, turn.said.text.shown(&self.redactor));
        if let Some(Entry::Answer { text, .. }) = turn.said.answer_at.and_then(|at| self.transcript.entries.get_mut(at)) {
            *text = clean;
            return self.touch();
        }
        let by = match &self.answerer {
            Answerer::Offline => Clean::line(offline::BY),
            Answerer::Model { model, .. } => Clean::line(model),
        };
        let at = self.push(Entry::Answer { turn: id, text: clean, ended: None, incomplete: Clean::default(), by });
        if let Some(turn) = &mut self.turn {
            turn.said.answer_at = Some(at);
        }
    }

    fn show_thinking(&mut self) {
        let Some(turn) = &mut self.turn else { return };
        let (id, clean) = (turn.id, turn.said.thinking.shown(&self.redactor));
        if let Some(Entry::Thinking { text, .. }) = turn.said.thinking_at.and_then(|at| self.transcript.entries.get_mut(at)) {
            *text = clean;
            return self.touch();
        }
        let at = self.push(Entry::Thinking { turn: id, text: clean });
        if let Some(turn) = &mut self.turn {
            turn.said.thinking_at = Some(at);
        }
    }

    fn stopped(&mut self, reason: StopReason, at: Timestamp) -> Vec<Effect> {
        let Some(turn) = &mut self.turn else { return Vec::new() };
        let id = turn.id;
        if matches!(reason, StopReason::End | StopReason::ToolCalls) && !turn.said.calls.is_empty() {
            return self.call(at);
        }
        let (nothing, ended) = (turn.said.text.raw().trim().is_empty(), if reason == StopReason::ToolCalls { StopReason::End } else { reason });
        let why = match ended {
            StopReason::Length => "the model ran into its token limit",
            StopReason::Filtered => "the provider's filter cut it",
            StopReason::Cancelled => "it was stopped",
            _ if nothing => "the model ended without an answer",
            _ => "",
        };
        if nothing {
            self.show_answer();
        }
        self.end_said(ended, why);
        if let Some(fix) = self.turn.as_mut().and_then(|t| t.fix.take()).filter(|_| ended == StopReason::End) {
            return self.propose(fix);
        }
        if !why.is_empty() {
            self.unfinished(id, &[Clean::line(&format!("The answer is not whole: {why}."))]);
        }
        self.finish()
    }

    /// A failure ends the turn, and what came before it stays. Once, a prompt that is too long for the server is sent
    /// again with less in it.
    fn model_failed(&mut self, failure: &Failure) -> Vec<Effect> {
        let Some(turn) = &mut self.turn else { return Vec::new() };
        if failure.class == FailureClass::ContextOverflow && turn.shrink == 0 && turn.said.text.raw().is_empty() {
            turn.shrink = 1;
            let (id, text) = (turn.id, format!("{} Asking again with less.", full(&failure.sentence)));
            self.push(Entry::Note { turn: id, text: Clean::line(&text) });
            return self.ask();
        }
        self.failed(&failure.sentence, &failure.hint)
    }

    fn failed(&mut self, sentence: &str, hint: &Clean) -> Vec<Effect> {
        let Some(turn) = &self.turn else { return Vec::new() };
        let id = turn.id;
        self.end_said(StopReason::End, sentence);
        self.unfinished(id, &[Clean::line(&format!("The answer is not whole: {}", full(sentence)))]);
        self.push(Entry::Note { turn: id, text: Clean::line(format!("{} {hint}", full(sentence)).trim_end()) });
        self.finish()
    }

    /// The answer so far gets its end and goes into history; calls of an answer that was cut are not made.
    pub(super) fn end_said(&mut self, reason: StopReason, why: &str) {
        let Some(turn) = self.turn.as_mut().filter(|t| t.stage == Stage::Asking) else { return };
        let (id, said) = (turn.id, std::mem::take(&mut turn.said));
        let whole = said.text.whole(&self.redactor);
        if let Some(Entry::Answer { text, ended, incomplete, .. }) = said.answer_at.and_then(|at| self.transcript.entries.get_mut(at)) {
            (*text, *ended, *incomplete) = (whole, Some(reason), Clean::line(why));
        }
        self.end_thinking(&said);
        self.count(id, said.usage);
        if !said.text.raw().trim().is_empty() && matches!(self.answerer, Answerer::Model { .. }) {
            let text = self.own(id, SegmentKind::Answer, said.text.raw());
            self.history.push(Item::Assistant { turn: id, text: Some(text), calls: Vec::new() });
        }
        self.touch();
    }

    /// The answer so far, with calls: its text goes on, the calls are the caller's.
    pub(super) fn end_with_calls(&mut self) -> Option<(TurnId, String, Vec<ToolCall>)> {
        let turn = self.turn.as_mut()?;
        let (id, said) = (turn.id, std::mem::take(&mut turn.said));
        let whole = said.text.whole(&self.redactor);
        if let Some(Entry::Answer { text, ended, .. }) = said.answer_at.and_then(|at| self.transcript.entries.get_mut(at)) {
            (*text, *ended) = (whole, Some(StopReason::ToolCalls));
        }
        self.end_thinking(&said);
        self.count(id, said.usage);
        self.touch();
        Some((id, said.text.into_raw(), said.calls))
    }

    fn end_thinking(&mut self, said: &Said) {
        let whole = said.thinking.whole(&self.redactor);
        if let Some(Entry::Thinking { text, .. }) = said.thinking_at.and_then(|at| self.transcript.entries.get_mut(at)) {
            *text = whole;
        }
    }

    fn count(&mut self, turn: TurnId, usage: Usage) {
        let Account { usage: sum, .. } = self.accounts.entry(turn).or_default();
        sum.prompt_tokens += usage.prompt_tokens;
        sum.completion_tokens += usage.completion_tokens;
    }

    /// The program's own answer, by the same way as a model's: piece by piece, then its end.
    pub(super) fn say(&mut self, text: &str) -> Vec<Effect> {
        let (text, _) = self.redactor.redact(text);
        let Some(turn) = &mut self.turn else { return Vec::new() };
        turn.stage = Stage::Asking;
        vec![Effect::Say { turn: turn.id, text }]
    }
}

const TOO_LONG: &str = "The answer is longer than 1 MiB and was cut.";

/// With a full stop, once.
fn full(sentence: &str) -> String {
    if sentence.ends_with(['.', '!', '?']) { sentence.to_owned() } else { format!("{sentence}.") }
}
