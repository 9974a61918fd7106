//! The ledger: every segment of the session in order, the evidence among them, and every request as it was sent.
use crate::model::{Evidence, EvidenceId, RequestBody, Segment, SegmentId, Timestamp, TurnId};

/// A request as it was sent.
#[derive(Clone, Debug)]
pub struct SentRequest {
    /// Its turn.
    pub turn: TurnId,
    /// When.
    pub at: Timestamp,
    /// The bytes and what each of them is.
    pub body: RequestBody,
    /// Hex SHA-256 of the bytes.
    pub sha256: String,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub(super) segments: Vec<Segment>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) requests: Vec<SentRequest>,
}

impl Ledger {
    /// All segments, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
    /// A segment by id.
    pub fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.segments.iter().find(|s| s.id == id)
    }
    /// All evidence, in order.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }
    /// Evidence by id.
    pub fn find(&self, id: EvidenceId) -> Option<&Evidence> {
        self.evidence.iter().find(|e| e.id == id)
    }
    /// All requests, in order.
    pub fn requests(&self) -> &[SentRequest] {
        &self.requests
    }
}
