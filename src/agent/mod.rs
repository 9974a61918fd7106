//! The turn as a pure state machine: `handle(Event) -> Vec<Effect>`, no IO, no clock.
//!
//! The agent owns the ledger (every segment and every request of the session) and the transcript that the chat pane
//! draws. It asks for reads, plans and model answers by effects; what comes back carries the turn and is dropped in one
//! place when the turn is over.
mod budget;
pub mod cite;
pub mod fence;
pub mod ledger;
mod offline;
mod prompt;
pub mod record;
mod report;
mod tools;
pub mod transcript;
pub mod turn;

pub use budget::estimate_tokens;
pub use cite::{Citation, citations};
pub use ledger::Ledger;
pub use record::record;
pub use transcript::{Entry, Transcript};
pub use turn::Agent;

use crate::model::finding::Report;
use crate::model::{ModelEvent, ObjectRef, Operation, Outcome, Plan, Prompt, Reading, RequestBody, Timestamp, Trouble, TurnId, Verdict};
use crate::text::Clean;

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Evidence first: the rules' findings and their proofs go with the question, and reads are offered.
    #[default]
    Diagnose,
    /// No cluster read, no tools.
    Ask,
}

/// Which provider answers: a model behind the wire, or the rules alone.
#[derive(Clone, Debug, PartialEq)]
pub enum Answerer {
    /// The rules; no model.
    Offline,
    /// A model.
    Model {
        /// `openai`, `ollama`.
        provider: String,
        /// The model's name.
        model: String,
        /// Sampling and size.
        options: crate::model::chat::Options,
    },
}

/// Names one tool call within a turn: the provider's id, or ours.
pub type CallId = String;

/// What is known of the place the question is asked in.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Place {
    /// The context's name.
    pub context: Clean,
    /// The namespace on the screen; `None` means all.
    pub namespace: Option<Clean>,
    /// The role's word.
    pub role: Option<crate::model::Role>,
    /// The row the question was asked about (`X`).
    pub object: Option<ObjectRef>,
    /// Families that the rules look at beside what is broken.
    pub include: Vec<crate::model::Extra>,
}

/// What a survey brought: the rules' report, and the things read for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Findings.
    pub report: Report,
    /// Texts worth giving to a model beside them: the worst pods' states, their logs, their events.
    pub readings: Vec<(Clean, Reading)>,
}

/// How a proposal ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Approved, executed; this came of it.
    Done(Outcome),
    /// Denied, with the person's reason (may be empty).
    Denied(Clean),
    /// Nobody answered in time, the context was switched, the screen was left.
    Lapsed(Clean),
    /// Headless: nobody can approve here; it was printed.
    Printed,
}

/// What happens to the agent.
#[derive(Clone, Debug)]
pub enum Event {
    /// A question.
    Ask {
        /// The turn's id, from [`Agent::next_turn`].
        turn: TurnId,
        /// As typed.
        question: String,
        /// How to answer.
        mode: Mode,
        /// Where.
        place: Place,
        /// When.
        at: Timestamp,
    },
    /// The survey is back.
    Surveyed {
        /// Which turn.
        turn: TurnId,
        /// What it brought, or why it could not.
        result: Result<Box<Survey>, Trouble>,
        /// When.
        at: Timestamp,
    },
    /// A request was encoded and is about to be sent: these bytes.
    Sent {
        /// Which turn.
        turn: TurnId,
        /// The body.
        body: RequestBody,
        /// When.
        at: Timestamp,
    },
    /// The model said something.
    Model {
        /// Which turn.
        turn: TurnId,
        /// What.
        event: ModelEvent,
        /// When.
        at: Timestamp,
    },
    /// A read is back.
    Read {
        /// Which turn.
        turn: TurnId,
        /// Which call.
        call: CallId,
        /// What was read: one reading an object or list.
        readings: Vec<Reading>,
        /// When.
        at: Timestamp,
    },
    /// A plan is back.
    Planned {
        /// Which turn.
        turn: TurnId,
        /// Which call.
        call: CallId,
        /// The plan, or why there is none (RBAC, admission, not found).
        result: Result<Box<Plan>, Trouble>,
        /// When.
        at: Timestamp,
    },
    /// The person changed a proposal, or its object changed: this plan waits now in place of the one before.
    Replanned {
        /// Which turn.
        turn: TurnId,
        /// Which call.
        call: CallId,
        /// The plan that waits now.
        plan: Box<Plan>,
    },
    /// A proposal was approved and is being done.
    Begun {
        /// Which turn.
        turn: TurnId,
        /// Which call.
        call: CallId,
    },
    /// A proposal was resolved.
    Resolved {
        /// Which turn.
        turn: TurnId,
        /// Which call.
        call: CallId,
        /// How.
        resolution: Resolution,
        /// When.
        at: Timestamp,
    },
    /// The person stops the turn.
    Cancel {
        /// When.
        at: Timestamp,
    },
}

/// What the agent wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Run the rules over this place and read what is worth reading. Answered by `Surveyed`.
    Survey {
        /// Which turn.
        turn: TurnId,
        /// Where.
        place: Place,
    },
    /// Encode the prompt, hand the bytes back as `Sent`, send them, and stream `Model` events.
    Ask {
        /// Which turn.
        turn: TurnId,
        /// What to send.
        prompt: Box<Prompt>,
    },
    /// Say the program's own answer as a model's comes: `Model` events piece by piece, then `Stop`.
    Say {
        /// Which turn.
        turn: TurnId,
        /// All of it.
        text: String,
    },
    /// Perform a read that policy allowed. Answered by `Read`.
    Read {
        /// Which turn.
        turn: TurnId,
        /// Which call.
        call: CallId,
        /// What to read.
        operation: Operation,
    },
    /// Plan a write that policy lets a person decide. Answered by `Planned`.
    Plan {
        /// Which turn.
        turn: TurnId,
        /// Which call.
        call: CallId,
        /// What to change.
        operation: Operation,
        /// Policy's verdict on it.
        verdict: Verdict,
        /// What the proposal rests on.
        evidence: Vec<crate::model::EvidenceId>,
    },
    /// A plan that the server's dry run accepted waits for a person. Answered by `Resolved`.
    Propose {
        /// Which turn.
        turn: TurnId,
        /// Which call.
        call: CallId,
        /// The plan.
        plan: Box<Plan>,
    },
    /// The turn is over (done, failed or cancelled): drop what still runs for it.
    Finish {
        /// Which turn.
        turn: TurnId,
    },
}
