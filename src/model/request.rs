//! A request body whose every byte belongs to a span. [`BodyWriter`] is the only maker, and it can leave no gap.
use super::{EvidenceId, Segment, SegmentId, SegmentKind};
use std::ops::Range;
use std::sync::Arc;

/// What a stretch of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// JSON around the texts: braces, keys, roles, ids, the model's name, options.
    Envelope,
    /// The tools' schemas.
    Tools,
    /// A segment's text.
    Segment(SegmentKind),
}

/// A stretch of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub kind: SpanKind,
    /// Where it is, in bytes.
    pub range: Range<usize>,
    /// The segment whose text it carries.
    pub segment: Option<SegmentId>,
    /// The evidence that the segment holds.
    pub evidence: Option<EvidenceId>,
    /// Whether the text is JSON-escaped in the body (the pane undoes that), or stands as it is.
    pub escaped: bool,
}

/// The bytes that are sent, and what each of them is. The spans tile the bytes: no gap, no overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestBody {
    bytes: Arc<[u8]>,
    spans: Arc<[Span]>,
}

impl RequestBody {
    /// The bytes, exactly as sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    /// The bytes, shared.
    pub fn shared(&self) -> Arc<[u8]> {
        self.bytes.clone()
    }
    /// What they are, in order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }
    /// A span's text as the model reads it: JSON escapes undone when it is escaped. Empty when out of range.
    pub fn decoded(&self, span: &Span) -> String {
        let raw = self.bytes.get(span.range.clone()).unwrap_or_default();
        let raw = String::from_utf8_lossy(raw);
        if !span.escaped {
            return raw.into_owned();
        }
        serde_json::from_str(&format!("\"{raw}\"")).unwrap_or_else(|_| raw.into_owned())
    }
}

/// Writes a body piece by piece.
#[derive(Debug, Default)]
pub struct BodyWriter {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

impl BodyWriter {
    /// An empty body.
    pub fn new() -> Self {
        Self::default()
    }
    /// JSON around the texts, verbatim.
    pub fn envelope(&mut self, json: &str) -> &mut Self {
        self.push(SpanKind::Envelope, json, None, false)
    }
    /// A JSON string of the program's own inside the envelope, with its quotes.
    pub fn quoted(&mut self, text: &str) -> &mut Self {
        let json = serde_json::Value::from(text).to_string();
        self.push(SpanKind::Envelope, &json, None, false)
    }
    /// The tools' schemas, verbatim JSON.
    pub fn tools(&mut self, json: &str) -> &mut Self {
        self.push(SpanKind::Tools, json, None, false)
    }
    /// A segment's text inside a JSON string that the envelope opened and will close.
    pub fn text(&mut self, segment: &Segment) -> &mut Self {
        let json = serde_json::Value::from(segment.text.text()).to_string();
        let inner = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        self.push(SpanKind::Segment(segment.kind), inner, Some(segment), true)
    }
    /// A segment whose text is JSON already (a tool call's arguments), verbatim.
    pub fn json(&mut self, segment: &Segment) -> &mut Self {
        self.push(SpanKind::Segment(segment.kind), segment.text.text(), Some(segment), false)
    }
    /// The finished body.
    pub fn finish(self) -> RequestBody {
        RequestBody { bytes: Arc::from(self.bytes), spans: Arc::from(self.spans) }
    }

    fn push(&mut self, kind: SpanKind, text: &str, segment: Option<&Segment>, escaped: bool) -> &mut Self {
        if text.is_empty() {
            return self;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        let end = self.bytes.len();
        match self.spans.last_mut() {
            Some(last) if segment.is_none() && last.segment.is_none() && last.kind == kind => last.range.end = end,
            _ => self.spans.push(Span { kind, range: start..end, segment: segment.map(|s| s.id), evidence: segment.and_then(|s| s.evidence), escaped }),
        }
        self
    }
}
