//! The exact requests of a write, what the server says they would do, and the digest over both.
use super::{EvidenceId, KindRef, ObjectRef, Operation, Risk, Timestamp, Trouble, TurnId};
use crate::text::{Clean, diff};
use std::fmt;

/// SHA-256. Shown as its first 12 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
    /// All 64 hex digits.
    pub fn hex(&self) -> String {
        use fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut s, b| {
            let _ = write!(s, "{b:02x}");
            s
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hex().get(..12).unwrap_or_default())
    }
}
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// One HTTP request of a plan, byte for byte, less the precondition that the executor adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRequest {
    /// `PATCH`, `DELETE`, `POST`, `PUT`.
    pub method: &'static str,
    /// `/apis/apps/v1/namespaces/shop/deployments/api/scale`.
    pub path: String,
    /// `fieldManager=kopilot-tui`, without `?`.
    pub query: String,
    /// Of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// An object as it was when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// Which.
    pub object: ObjectRef,
    /// Its kind, resolved.
    pub kind: KindRef,
    /// Its uid: another object of the same name voids the approval. Empty for an object that the plan makes.
    pub uid: String,
    /// What was read; empty for an object that the plan makes.
    pub resource_version: String,
    /// What it was, as redacted YAML without noise, to be kept for the way back. Empty for an object that the plan makes.
    pub before: Clean,
    /// Digest of the object less what changes by itself (status, managedFields, resourceVersion, times).
    pub fingerprint: Digest,
    /// What the server's dry run would make of it, as YAML lines without noise.
    pub diff: Vec<diff::Line>,
}

/// Whether we may do one thing that the plan needs, as the server's own review says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// `patch deployments.apps/scale api in shop`.
    pub what: Clean,
    /// The server's word; `None` when it could not be asked.
    pub allowed: Option<bool>,
    /// Why, when the server or the failure says.
    pub reason: Clean,
}

/// Whether the server has tried it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// `dryRun=All` was accepted.
    Accepted,
    /// The server refused it: admission, quota, validation, RBAC. Nobody is asked to approve that.
    Rejected(Trouble),
    /// The verb has none; the risk is one higher for it.
    NotPossible(Clean),
}

/// A proposed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The turn that proposed it.
    pub turn: TurnId,
    /// The operation, its namespace made explicit.
    pub operation: Operation,
    /// The operation printed in the grammar.
    pub command: Clean,
    /// The context it is for.
    pub context: Clean,
    /// The namespace it acts in; empty for cluster-scoped objects.
    pub namespace: Clean,
    /// How much may go wrong, and the rule that said so.
    pub risk: Risk,
    /// Its rule.
    pub rule: &'static str,
    /// The exact requests, in order.
    pub requests: Vec<PlannedRequest>,
    /// The objects reviewed.
    pub objects: Vec<Reviewed>,
    /// What the server says.
    pub dry_run: DryRun,
    /// What RBAC says of every request.
    pub access: Vec<Access>,
    /// What a person should know beside the diff: what is left alone, what blocks, what can not be taken back.
    pub notes: Vec<Clean>,
    /// The command that takes it back.
    pub undo: Option<Clean>,
    /// What the proposal rests on.
    pub evidence: Vec<EvidenceId>,
    /// Over `requests`, the objects' uids and fingerprints, and the context.
    pub digest: Digest,
    /// When it was made.
    pub made_at: Timestamp,
}

/// What came of an approved plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done and seen: the sentence says what the cluster shows now.
    Worked(Clean),
    /// Accepted by the server, but what was hoped for is not (yet) seen.
    NotSeen(Clean),
    /// Nothing ran: the object or the plan changed since it was approved. Ask again.
    Void(Clean),
    /// The server refused it.
    Failed(Trouble),
    /// It was sent and the link died: it may have happened. The sentence says what a re-read showed.
    Unknown(Clean),
}
