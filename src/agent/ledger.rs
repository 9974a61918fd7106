//! The ledger: every segment of the session in order, the evidence among them, and every request as it was sent.
//!
//! What is in it never changes and never leaves it, except the mark whether evidence still is what it was. Evidence is
//! numbered here and nowhere else, and its text gets its fence here.
use super::fence;
use crate::model::{Digest, Evidence, EvidenceId, EvidenceState, Reading, RequestBody, Segment, SegmentId, SegmentKind, Timestamp, TurnId};
use crate::text::{Clean, Prepared, Redactor};

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

impl SentRequest {
    /// The segments whose text it carried, in order.
    pub fn carried(&self) -> Vec<SegmentId> {
        self.body.spans().iter().filter_map(|s| s.segment).collect()
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    segments: Vec<Segment>,
    evidence: Vec<Evidence>,
    carriers: Vec<SegmentId>,
    requests: Vec<SentRequest>,
}

impl Ledger {
    /// All segments, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
    /// A segment by id.
    pub fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.segments.get(usize::try_from(id.0).ok()?)
    }
    /// All evidence, in order.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }
    /// Evidence by id.
    pub fn find(&self, id: EvidenceId) -> Option<&Evidence> {
        self.evidence.get(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }
    /// The segment that carries a piece of evidence whole.
    pub fn carrier(&self, id: EvidenceId) -> Option<&Segment> {
        self.carriers.get(usize::try_from(id.0).ok()?.checked_sub(1)?).and_then(|s| self.segment(*s))
    }
    /// All requests, in order.
    pub fn requests(&self) -> &[SentRequest] {
        &self.requests
    }

    /// Adds a text.
    pub(super) fn add(&mut self, turn: TurnId, kind: SegmentKind, evidence: Option<EvidenceId>, text: Prepared) -> SegmentId {
        let id = SegmentId(u32::try_from(self.segments.len()).unwrap_or(u32::MAX));
        self.segments.push(Segment { id, turn, kind, evidence, text });
        id
    }

    /// Adds what was read: numbers it and fences its text. `seed` makes fences of two sessions differ.
    pub(super) fn read(&mut self, turn: TurnId, asked: &Clean, reading: Reading, redactor: &Redactor, seed: &str) -> (EvidenceId, SegmentId) {
        let id = EvidenceId(u32::try_from(self.evidence.len() + 1).unwrap_or(u32::MAX));
        let asked = Clean::line(&redactor.redact(asked.as_str()).0);
        let text = fence::fenced(id, &reading, redactor, seed);
        let sha256 = Digest::of(text.text().as_bytes()).hex();
        let segment = self.add(turn, SegmentKind::Evidence, Some(id), text);
        self.evidence.push(Evidence { id, turn, asked, reading, sha256, state: EvidenceState::Fresh });
        self.carriers.push(segment);
        (id, segment)
    }

    /// Keeps a request.
    pub(super) fn sent(&mut self, turn: TurnId, at: Timestamp, body: RequestBody) {
        let sha256 = Digest::of(body.bytes()).hex();
        self.requests.push(SentRequest { turn, at, body, sha256 });
    }

    /// Marks evidence about the object `uid`; true when a mark changed. A watch that is behind a read (its version is
    /// the smaller number) says nothing about it.
    pub(super) fn observed(&mut self, uid: &str, resource_version: Option<&str>) -> bool {
        let mut changed = false;
        for evidence in self.evidence.iter_mut().filter(|e| e.reading.uid.as_deref() == Some(uid)) {
            let state = match (resource_version, evidence.reading.resource_version.as_deref()) {
                (None, _) => EvidenceState::Gone,
                (Some(seen), Some(read)) if seen != read && !is_older(seen, read) => EvidenceState::Changed,
                _ => continue,
            };
            changed |= std::mem::replace(&mut evidence.state, state) != state;
        }
        changed
    }
}

/// Whether both are numbers and the first is the smaller.
fn is_older(seen: &str, read: &str) -> bool {
    matches!((seen.parse::<u64>(), read.parse::<u64>()), (Ok(s), Ok(r)) if s < r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Looked, Source};
    use crate::text::prepare::{Form, prepare};

    fn reading(uid: &str, version: &str) -> Reading {
        let text = prepare("x", Form::Block, 100, &Redactor::new([0; 32]));
        Reading {
            source: Source::Object,
            object: None,
            uid: Some(Clean::line(uid)),
            resource_version: Some(Clean::line(version)),
            taken_at: Timestamp::UNIX_EPOCH,
            looked: Looked::Found(text),
        }
    }

    #[test]
    fn evidence_is_marked_when_its_object_changes_or_goes_and_not_by_a_watch_that_is_behind() {
        for (seen, want) in
            [(Some("100"), EvidenceState::Fresh), (Some("99"), EvidenceState::Fresh), (Some("101"), EvidenceState::Changed), (None, EvidenceState::Gone)]
        {
            let mut ledger = Ledger::default();
            ledger.read(TurnId(1), &Clean::line("get pod a"), reading("u1", "100"), &Redactor::new([0; 32]), "s");
            ledger.read(TurnId(1), &Clean::line("get pod b"), reading("u2", "100"), &Redactor::new([0; 32]), "s");
            assert_eq!(ledger.observed("u1", seen), want != EvidenceState::Fresh);
            assert_eq!(ledger.find(EvidenceId(1)).unwrap().state, want, "{seen:?}");
            assert_eq!(ledger.find(EvidenceId(2)).unwrap().state, EvidenceState::Fresh);
        }
    }

    #[test]
    fn evidence_is_numbered_from_one_and_found_by_its_number() {
        let mut ledger = Ledger::default();
        let (id, segment) = ledger.read(TurnId(1), &Clean::line("x"), reading("u", "1"), &Redactor::new([0; 32]), "s");
        assert_eq!(id.to_string(), "E1");
        assert_eq!(ledger.carrier(id).map(|s| s.id), Some(segment));
        assert_eq!(ledger.find(id).unwrap().sha256, Digest::of(ledger.segment(segment).unwrap().text.text().as_bytes()).hex());
        assert!(ledger.find(EvidenceId(0)).is_none() && ledger.find(EvidenceId(2)).is_none());
    }
}
