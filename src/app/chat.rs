//! The chat pane's state: the composer, the scroll, and the transcript as rows that are wrapped once.
//!
//! A finished entry is wrapped when it or the width changes. A streaming answer keeps the rows of its finished Markdown
//! blocks and parses only the last one again, so that an answer costs work in proportion to its length.
use super::flow::Row;
use super::prose;
use crate::agent::{Entry, Mode};
use crate::model::{EvidenceId, StopReason, Timestamp};
use crate::text::{Clean, markdown};
use ratatui_textarea::{TextArea, WrapMode};

/// From this size on, an unfinished last block is wrapped at most once every [`PAUSE_MS`].
const SMALL: usize = 4 * 1024;
const PAUSE_MS: i128 = 33;

/// What decides whether an entry's rows still hold.
#[derive(Clone, Debug, PartialEq)]
enum Stamp {
    /// A growing text: its length and how it ended.
    Grown(usize, Option<StopReason>, Clean),
    /// Anything else, itself.
    Whole(Box<Entry>),
    /// A remark of the screen's own.
    Remark(Clean),
}

/// One entry as rows.
#[derive(Debug)]
struct Block {
    stamp: Stamp,
    rows: Vec<Row>,
    /// Bytes of the answer whose blocks are final, and the rows that they take.
    finished: (usize, usize),
    /// The instant of the last wrap.
    wrapped: Timestamp,
    /// Rows are behind the text.
    behind: bool,
    /// It cites what is not in the ledger (yet).
    unknown: bool,
}

/// What the cache is told about the rest of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// Columns.
    pub width: usize,
    /// How many pieces of evidence there are.
    pub evidence: usize,
    /// The citation that is chosen.
    pub chosen: Option<EvidenceId>,
}

/// See the module.
#[derive(Debug)]
pub struct Chat {
    /// The draft.
    pub composer: TextArea<'static>,
    /// Diagnose or ask.
    pub mode: Mode,
    /// Sent and cleared drafts, oldest first.
    pub history: Vec<String>,
    /// The place in the history that is shown, and the draft that waits meanwhile.
    pub recalled: Option<(usize, String)>,
    /// The evidence that `[` and `]` chose.
    pub chosen: Option<EvidenceId>,
    remarks: Vec<(usize, Clean)>,
    blocks: Vec<Block>,
    seen: Option<(u64, usize, Surroundings)>,
    height: usize,
    /// Rows below the window; 0 stays at the end.
    below: usize,
}

impl Default for Chat {
    fn default() -> Self {
        Self {
            composer: composer(""),
            mode: Mode::default(),
            history: Vec::new(),
            recalled: None,
            chosen: None,
            remarks: Vec::new(),
            blocks: Vec::new(),
            seen: None,
            height: 1,
            below: 0,
        }
    }
}

/// An editor that holds a text, the cursor at its end. Its colours are the terminal's, so that every theme fits.
pub fn composer(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    area.set_cursor_line_style(ratatui::style::Style::default());
    area.set_cursor_style(ratatui::style::Style::default());
    area.move_cursor(ratatui_textarea::CursorMove::Bottom);
    area.move_cursor(ratatui_textarea::CursorMove::End);
    area
}

impl Chat {
    /// The draft as text.
    pub fn draft(&self) -> String {
        self.composer.lines().join("\n")
    }
    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.composer.lines().iter().all(|l| l.trim().is_empty())
    }
    /// Replaces the draft.
    pub fn set_draft(&mut self, text: &str) {
        self.composer = composer(text);
    }
    /// Takes the draft into the history.
    pub fn take_draft(&mut self) -> String {
        let text = self.draft();
        self.recalled = None;
        self.remember(&text);
        self.set_draft("");
        text
    }
    /// Adds a line to the history, once.
    pub fn remember(&mut self, text: &str) {
        if !text.trim().is_empty() && self.history.last().is_none_or(|l| l != text) {
            self.history.push(text.to_owned());
        }
    }
    /// Shows an older (`true`) or newer line of the history. False when there is none.
    pub fn recall(&mut self, older: bool) -> bool {
        let at = self.recalled.as_ref().map_or(self.history.len(), |(i, _)| *i);
        let next = if older { at.checked_sub(1) } else { Some(at + 1) };
        let Some(next) = next.filter(|n| *n <= self.history.len() && *n != at) else { return false };
        let waiting = self.recalled.take().map_or_else(|| self.draft(), |(_, d)| d);
        match self.history.get(next).cloned() {
            Some(line) => {
                self.set_draft(&line);
                self.recalled = Some((next, waiting));
            }
            None => self.set_draft(&waiting),
        }
        true
    }

    /// A remark of the screen's own, after what the transcript says so far.
    pub fn remark(&mut self, after: usize, text: Clean) {
        self.remarks.push((after, text));
        self.seen = None;
    }

    /// The window's rows changed to so many.
    pub fn resize(&mut self, height: usize) {
        self.height = height.max(1);
        self.clamp();
    }
    /// Scrolls by so many rows. True when it moved.
    pub fn step(&mut self, by: isize) -> bool {
        let was = self.below;
        self.below = self.below.saturating_add_signed(-by);
        self.clamp();
        was != self.below
    }
    /// The rows of a page.
    pub fn page(&self) -> isize {
        isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1)
    }
    /// To the first row.
    pub fn top(&mut self) {
        self.below = usize::MAX;
        self.clamp();
    }
    /// To the end, and stay there.
    pub fn bottom(&mut self) {
        self.below = 0;
    }
    /// Rows below the window.
    pub fn below(&self) -> usize {
        self.below
    }
    fn total(&self) -> usize {
        self.blocks.iter().map(|b| b.rows.len()).sum()
    }
    fn clamp(&mut self) {
        self.below = self.below.min(self.total().saturating_sub(self.height));
    }

    /// The rows on screen.
    pub fn window(&self) -> impl Iterator<Item = &Row> {
        let end = self.total().saturating_sub(self.below);
        let start = end.saturating_sub(self.height);
        let mut skipped = 0;
        self.blocks
            .iter()
            .flat_map(move |b| {
                let from = start.saturating_sub(skipped).min(b.rows.len());
                skipped += b.rows.len();
                b.rows.iter().skip(from)
            })
            .take(end - start)
    }

    /// Brings the rows up to the transcript. True when they changed.
    pub fn refresh(&mut self, entries: &[Entry], version: u64, around: Surroundings, now: Timestamp) -> bool {
        let key = (version, entries.len() + self.remarks.len(), around);
        let behind = self.blocks.last().is_some_and(|b| b.behind);
        if self.seen == Some(key) && !behind {
            return false;
        }
        let same_width = self.seen.is_some_and(|(_, _, a)| a.width == around.width && a.chosen == around.chosen);
        let more_evidence = self.seen.is_some_and(|(_, _, a)| a.evidence != around.evidence);
        self.seen = Some(key);
        let was = self.total();
        let mut old = std::mem::take(&mut self.blocks).into_iter();
        let mut changed = false;
        for (i, piece) in merge(entries, &self.remarks).enumerate() {
            let stamp = stamp(&piece);
            let kept = old.next().filter(|b| same_width && !(more_evidence && b.unknown));
            let block = match kept {
                Some(b) if b.stamp == stamp && !b.behind => b,
                kept => {
                    changed = true;
                    wrap(&piece, stamp, kept, i == 0, around, now)
                }
            };
            self.blocks.push(block);
        }
        changed |= old.next().is_some();
        if self.below > 0 {
            // The window stays on what is being read.
            self.below += self.total().saturating_sub(was);
        }
        self.clamp();
        changed
    }

    /// When rows that are behind their text may be wrapped again.
    pub fn next_tick(&self) -> Option<Timestamp> {
        let last = self.blocks.last().filter(|b| b.behind)?;
        last.wrapped.checked_add(jiff::SignedDuration::from_millis(34)).ok()
    }
}

/// An entry or a remark.
enum Piece<'e> {
    Entry(&'e Entry),
    Remark(&'e Clean),
}

fn merge<'e>(entries: &'e [Entry], remarks: &'e [(usize, Clean)]) -> impl Iterator<Item = Piece<'e>> {
    let before = move |i: usize| remarks.iter().filter(move |(at, _)| *at == i).map(|(_, t)| Piece::Remark(t));
    let last = entries.len();
    entries
        .iter()
        .enumerate()
        .flat_map(move |(i, e)| before(i).chain(std::iter::once(Piece::Entry(e))))
        .chain(remarks.iter().filter(move |(at, _)| *at >= last).map(|(_, t)| Piece::Remark(t)))
}

fn stamp(piece: &Piece<'_>) -> Stamp {
    match piece {
        Piece::Remark(text) => Stamp::Remark((*text).clone()),
        Piece::Entry(Entry::Answer { text, ended, incomplete, .. }) => Stamp::Grown(text.len(), *ended, incomplete.clone()),
        Piece::Entry(Entry::Thinking { text, .. }) => Stamp::Grown(text.len(), None, Clean::default()),
        Piece::Entry(other) => Stamp::Whole(Box::new((*other).clone())),
    }
}

fn wrap(piece: &Piece<'_>, stamp: Stamp, kept: Option<Block>, first: bool, around: Surroundings, now: Timestamp) -> Block {
    let fresh = |rows: Vec<Row>, unknown: bool| Block { stamp: stamp.clone(), rows, finished: (0, 0), wrapped: now, behind: false, unknown };
    match piece {
        Piece::Remark(text) => fresh(prose::remark(text, around.width), false),
        Piece::Entry(Entry::Answer { text, ended, incomplete, by, .. }) => {
            answer(text, ended.is_some(), &prose::ending(*ended, incomplete, by), stamp, kept, around, now)
        }
        Piece::Entry(other) => {
            let lead = !first && matches!(other, Entry::Question { .. });
            let mut rows: Vec<Row> = if lead { vec![Row::new()] } else { Vec::new() };
            rows.extend(prose::entry(other, around.width));
            fresh(rows, false)
        }
    }
}

fn answer(text: &str, ended: bool, ending: &str, stamp: Stamp, kept: Option<Block>, around: Surroundings, now: Timestamp) -> Block {
    let streamed = |b: &Block| matches!(&b.stamp, Stamp::Grown(len, None, _) if *len <= text.len());
    let mut block = match kept.filter(streamed) {
        Some(b) => Block { stamp, ..b },
        None => Block { stamp, rows: vec![Row::new()], finished: (0, 1), wrapped: now, behind: false, unknown: false },
    };
    let rest = text.get(block.finished.0..).unwrap_or_default();
    let rested = now.duration_since(block.wrapped).as_millis() >= PAUSE_MS;
    if !ended && rest.len() > SMALL && !rested && block.rows.len() > 1 {
        block.behind = true;
        return block;
    }
    block.behind = false;
    block.wrapped = now;
    block.rows.truncate(block.finished.1);
    let parsed = markdown::parse(rest);
    let settled = markdown::finished(rest, &parsed);
    for (i, part) in parsed.iter().enumerate() {
        if block.rows.len() > 1 {
            block.rows.push(Row::new());
        }
        if i == settled && !ended {
            // Everything before this block is final from now on.
            let before = block.rows.len() - usize::from(block.rows.len() > 1);
            block.finished = (block.finished.0 + part.range.start, before);
        }
        let (rows, unknown) = prose::lines(&part.lines, around);
        block.unknown |= unknown;
        block.rows.extend(rows);
    }
    if !ending.is_empty() {
        block.rows.extend(prose::remark(ending, around.width));
    }
    block
}

#[cfg(test)]
mod tests;
