//! The next request of a turn: instructions, conversation, tools, within the window.
use super::{Agent, MOST_CALLS, MOST_REQUESTS, Stage, answer};
use crate::agent::budget::{self, Ground};
use crate::agent::prompt::{self, Item};
use crate::agent::{Answerer, Effect, Entry, Mode, tools};
use crate::model::{Prompt, SegmentId, SegmentKind, TurnId};
use crate::text::Clean;
use crate::text::prepare::{Form, prepare};

impl Agent {
    /// The question becomes a message, and the model is asked.
    pub(super) fn open(&mut self) -> Vec<Effect> {
        self.put_question();
        self.ask()
    }

    pub(super) fn put_question(&mut self) {
        let Some(turn) = &mut self.turn else { return };
        let mut segments = std::mem::take(&mut turn.opening);
        segments.push(turn.asked);
        self.history.push(Item::User { turn: turn.id, segments });
    }

    /// The next request of the turn.
    pub(super) fn ask(&mut self) -> Vec<Effect> {
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
}
