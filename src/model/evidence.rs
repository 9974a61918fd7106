//! Evidence: one thing read for the model, and how looking for it ended.
use super::{EvidenceId, ObjectRef, Timestamp, Trouble, TurnId};
use crate::text::{Clean, Prepared, Redaction};

/// Where a text came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The findings of the rules.
    Rules,
    /// A `get`.
    Object,
    /// A list of objects (a table).
    List,
    /// A `describe`.
    Describe,
    /// A container's log.
    Log {
        /// The container.
        container: Clean,
        /// Whether it is the log of the container before the last restart.
        previous: bool,
    },
    /// Events about an object or a namespace.
    Events,
    /// metrics.k8s.io.
    Metrics,
    /// Rollout status or history.
    Rollout,
    /// An access review.
    Access,
    /// Version and kinds of the server.
    Server,
    /// The server's dry run of a proposed change.
    DryRun,
    /// What came of an approved change, or why it was not made.
    Outcome,
}

/// How looking ended: four different things that look different everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// The text that was read (its cuts are in it).
    Found(Prepared),
    /// The server says there is nothing; the sentence names what.
    Nothing(Clean),
    /// 403: not allowed to look.
    Denied(Trouble),
    /// Could not look: no connection, a timeout, a refusal by policy, an error.
    Failed(Trouble),
}

/// One thing looked at, as an adapter returns it: nothing raw leaves the adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Where it came from.
    pub source: Source,
    /// The object it is about, when it is about one.
    pub object: Option<ObjectRef>,
    /// Its uid.
    pub uid: Option<Clean>,
    /// The resourceVersion that was read: the object's, or the list's.
    pub resource_version: Option<Clean>,
    /// When it was read.
    pub taken_at: Timestamp,
    /// How that ended.
    pub looked: Looked,
}

impl Reading {
    /// Notes what was taken out before the text was made of it.
    #[must_use]
    pub fn with_redactions(self, earlier: Vec<Redaction>) -> Self {
        let looked = match self.looked {
            Looked::Found(prepared) => Looked::Found(prepared.with_redactions(earlier)),
            other => other,
        };
        Self { looked, ..self }
    }
}

/// Whether evidence still is what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceState {
    /// Nothing newer was seen.
    Fresh,
    /// The object has another resourceVersion now.
    Changed,
    /// The object is gone, or another one has its name.
    Gone,
}

/// A reading that is in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// `E1`, as cited.
    pub id: EvidenceId,
    /// The turn that read it.
    pub turn: TurnId,
    /// The command or survey that asked for it: `logs api-7f9c -p`.
    pub asked: Clean,
    /// What was read.
    pub reading: Reading,
    /// Hex SHA-256 of the text as sent.
    pub sha256: String,
    /// Whether it changed since.
    pub state: EvidenceState,
}
