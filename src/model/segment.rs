//! A segment: a piece of an outgoing request that has one origin.
use super::{EvidenceId, SegmentId, TurnId};
use crate::text::Prepared;

/// Whose words a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// The program's instructions.
    System,
    /// A skill's instructions.
    Skill,
    /// The person's question.
    User,
    /// What the model said earlier.
    Answer,
    /// A tool call of the model, its arguments as JSON.
    ToolCall,
    /// Something read.
    Evidence,
    /// Older segments in fewer words.
    Summary,
    /// The program itself, in between: why a call was refused or not run, that an answer was stopped.
    Program,
}

/// Text for a request. The text is [`Prepared`]: nothing else can get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its place in the ledger.
    pub id: SegmentId,
    /// The turn that added it.
    pub turn: TurnId,
    /// Whose words.
    pub kind: SegmentKind,
    /// For `Evidence`: which.
    pub evidence: Option<EvidenceId>,
    /// The text.
    pub text: Prepared,
}
