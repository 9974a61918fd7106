//! What the chat pane draws: entries in order, texts clean.
use super::{CallId, Mode};
use crate::model::{EvidenceId, Plan, StopReason, Timestamp, TurnId};
use crate::text::Clean;

/// How a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Under way.
    Running,
    /// Read: bytes as sent, and what was cut or taken out.
    Done {
        /// The evidence it became.
        evidence: Vec<EvidenceId>,
        /// Bytes as sent.
        bytes: usize,
    },
    /// There was nothing.
    Nothing,
    /// Not allowed to look, or by policy.
    Denied(Clean),
    /// Could not look.
    Failed(Clean),
}

/// How a proposal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposalState {
    /// The server is asked for a dry run.
    Planning,
    /// It waits for a person.
    Waiting,
    /// A person approved it, or allowed it for a time; it is being done.
    Doing,
    /// It is resolved; the sentence says how.
    Resolved(Clean),
    /// There is no plan; the sentence says why.
    Refused(Clean),
}

/// One entry of the chat.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// The person.
    Question {
        /// Its turn.
        turn: TurnId,
        /// As typed.
        text: Clean,
        /// How it is answered.
        mode: Mode,
        /// When.
        at: Timestamp,
    },
    /// Something read or surveyed.
    Step {
        /// Its turn.
        turn: TurnId,
        /// The call, where a model asked for it.
        call: Option<CallId>,
        /// The command or `survey of namespace shop`.
        what: Clean,
        /// How it stands.
        state: StepState,
    },
    /// The model's thinking, shown dimmed.
    Thinking {
        /// Its turn.
        turn: TurnId,
        /// So far.
        text: Clean,
    },
    /// The answer, Markdown with `[E1]` citations.
    Answer {
        /// Its turn.
        turn: TurnId,
        /// So far.
        text: Clean,
        /// Why it ended; `None` while it streams.
        ended: Option<StopReason>,
        /// Why it is not whole; empty when it is.
        incomplete: Clean,
        /// `offline: rules only, no model` or the model's name.
        by: Clean,
    },
    /// A proposed change.
    Proposal {
        /// Its turn.
        turn: TurnId,
        /// The call.
        call: CallId,
        /// The command.
        command: Clean,
        /// What was proposed first, where the person changed it.
        edited_from: Option<Clean>,
        /// The plan, once there is one.
        plan: Option<Box<Plan>>,
        /// How it stands.
        state: ProposalState,
    },
    /// The program itself: an error, a cancel, a retry.
    Note {
        /// Its turn.
        turn: TurnId,
        /// The sentence.
        text: Clean,
    },
}

/// All entries of a session. `version` changes with every change, so that a view can cache.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// In order.
    pub entries: Vec<Entry>,
    /// Counts changes.
    pub version: u64,
}
