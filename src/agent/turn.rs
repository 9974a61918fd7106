//! The machine.
use super::{Answerer, Effect, Event, Ledger, Transcript};
use crate::kubectl::kinds::Kinds;
use crate::model::TurnId;
use crate::policy::Rules;
use crate::text::Redactor;

/// The agent of one session.
#[derive(Debug)]
pub struct Agent {
    transcript: Transcript,
    ledger: Ledger,
    last_turn: TurnId,
    rules: Rules,
    kinds: Kinds,
    redactor: Redactor,
    answerer: Answerer,
}

impl Agent {
    /// A new session.
    pub fn new(answerer: Answerer, rules: Rules, kinds: Kinds, redactor: Redactor) -> Self {
        Self { transcript: Transcript::default(), ledger: Ledger::default(), last_turn: TurnId(0), rules, kinds, redactor, answerer }
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
        None
    }
    /// An object of the watch cache is now at this version (`None`: gone): evidence about it is marked.
    pub fn observed(&mut self, uid: &str, resource_version: Option<&str>) {
        let _ = (uid, resource_version);
    }
    /// One event in, effects out.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        let _ = (event, &self.rules, &self.kinds, &self.redactor);
        Vec::new()
    }
}
