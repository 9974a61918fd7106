//! The context pane's state: the ledger as a list in which every byte of every request has a line.
use crate::agent::Ledger;
use crate::model::{EvidenceId, SpanKind, TurnId};

/// A line of the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A piece of evidence, by its place in the ledger.
    Evidence(usize),
    /// A request, by its place in the ledger.
    Request(usize),
    /// A span of a request.
    Span(usize, usize),
}

/// See the module.
#[derive(Debug, Default)]
pub struct ContextPane {
    items: Vec<Item>,
    chosen: usize,
    /// First item on screen.
    offset: usize,
    rows: usize,
    folded: std::collections::BTreeSet<usize>,
    seen: (usize, usize),
}

/// Rows that an item takes.
pub fn rows_of(item: Item) -> usize {
    match item {
        Item::Evidence(_) => 2,
        Item::Request(_) | Item::Span(..) => 1,
    }
}

impl ContextPane {
    /// All lines.
    pub fn items(&self) -> &[Item] {
        &self.items
    }
    /// The chosen one.
    pub fn chosen(&self) -> Option<Item> {
        self.items.get(self.chosen).copied()
    }
    /// The lines on screen, each with whether it is chosen.
    pub fn window(&self) -> impl Iterator<Item = (Item, bool)> {
        self.items.iter().enumerate().skip(self.offset).map(|(i, item)| (*item, i == self.chosen))
    }
    /// Whether a request's spans are hidden.
    pub fn is_folded(&self, request: usize) -> bool {
        self.folded.contains(&request)
    }

    /// Brings the list up to the ledger. True when it changed.
    pub fn refresh(&mut self, ledger: &Ledger) -> bool {
        let now = (ledger.evidence().len(), ledger.requests().len());
        if self.seen == now {
            return false;
        }
        // Only the newest request is open by itself.
        for old in self.seen.1.saturating_sub(1)..now.1.saturating_sub(1) {
            self.folded.insert(old);
        }
        self.seen = now;
        self.rebuild(ledger);
        true
    }

    fn rebuild(&mut self, ledger: &Ledger) {
        let kept = self.chosen();
        self.items = (0..ledger.evidence().len()).map(Item::Evidence).collect();
        for (r, request) in ledger.requests().iter().enumerate() {
            self.items.push(Item::Request(r));
            if !self.folded.contains(&r) {
                self.items.extend((0..request.body.spans().len()).map(|s| Item::Span(r, s)));
            }
        }
        self.chosen = kept.and_then(|k| self.items.iter().position(|i| *i == k)).unwrap_or(self.chosen);
        self.follow();
    }

    /// Opens or folds a request.
    pub fn toggle(&mut self, request: usize, ledger: &Ledger) {
        if !self.folded.remove(&request) {
            self.folded.insert(request);
        }
        self.rebuild(ledger);
    }

    /// The pane's text area has so many rows now.
    pub fn resize(&mut self, rows: usize) {
        self.rows = rows.max(1);
        self.follow();
    }
    /// Moves by so many lines.
    pub fn step(&mut self, by: isize) {
        self.chosen = self.chosen.saturating_add_signed(by);
        self.follow();
    }
    /// To the first.
    pub fn top(&mut self) {
        self.chosen = 0;
        self.follow();
    }
    /// To the last.
    pub fn bottom(&mut self) {
        self.chosen = usize::MAX;
        self.follow();
    }
    /// The lines of a page.
    pub fn page(&self) -> isize {
        isize::try_from((self.rows / 2).max(1)).unwrap_or(1)
    }
    /// Chooses a piece of evidence.
    pub fn choose(&mut self, id: EvidenceId, ledger: &Ledger) {
        let at = ledger.evidence().iter().position(|e| e.id == id);
        if let Some(i) = at.and_then(|p| self.items.iter().position(|i| *i == Item::Evidence(p))) {
            self.chosen = i;
            self.follow();
        }
    }

    fn follow(&mut self) {
        self.chosen = self.chosen.min(self.items.len().saturating_sub(1));
        self.offset = self.offset.min(self.chosen);
        let taken = |from: usize, to: usize| self.items.iter().skip(from).take(to + 1 - from).map(|i| rows_of(*i)).sum::<usize>();
        while self.offset < self.chosen && taken(self.offset, self.chosen) > self.rows {
            self.offset += 1;
        }
    }
}

/// Bytes that the model was given last: of the newest request, else of the evidence.
pub fn total(ledger: &Ledger) -> usize {
    ledger.requests().last().map_or_else(|| ledger.evidence().iter().map(|e| sent_bytes(&e.reading.looked)).sum(), |r| r.body.bytes().len())
}

/// Bytes of a reading as sent.
pub fn sent_bytes(looked: &crate::model::Looked) -> usize {
    match looked {
        crate::model::Looked::Found(p) => p.text().len(),
        _ => 0,
    }
}

/// The text of evidence as it was sent: out of the newest request that carries it.
pub fn as_sent(ledger: &Ledger, id: EvidenceId) -> Option<String> {
    for request in ledger.requests().iter().rev() {
        if let Some(span) = request.body.spans().iter().find(|s| s.evidence == Some(id)) {
            return Some(request.body.decoded(span));
        }
    }
    None
}

/// The word for a span.
pub fn span_word(kind: SpanKind) -> &'static str {
    use crate::model::SegmentKind as K;
    match kind {
        SpanKind::Envelope => "envelope",
        SpanKind::Tools => "tools",
        SpanKind::Segment(K::System) => "system",
        SpanKind::Segment(K::Skill) => "skill",
        SpanKind::Segment(K::User) => "question",
        SpanKind::Segment(K::Answer) => "answer",
        SpanKind::Segment(K::ToolCall) => "tool call",
        SpanKind::Segment(K::Evidence) => "evidence",
        SpanKind::Segment(K::Summary) => "summary",
        SpanKind::Segment(K::Program) => "program",
    }
}

/// `request 2 of turn 1`.
pub fn request_title(ledger: &Ledger, at: usize) -> String {
    let turn = ledger.requests().get(at).map_or(TurnId(0), |r| r.turn);
    let nth = ledger.requests().iter().take(at + 1).filter(|r| r.turn == turn).count();
    format!("request {nth} of turn {}", turn.0)
}
