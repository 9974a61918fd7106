//! A text on the panel: a describe, a YAML, a log, a segment as it was sent. Wrapped when its width or its text
//! changes, coloured a few lines at a time, never while it is drawn.
use super::event::ViewId;
use super::ink::Ink;
use super::layout::Focus;
use crate::model::{Looked, Operation, Reading, Timestamp};
use crate::text::Clean;
use crate::text::highlight::{self, Highlighter, Token};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Lines coloured in one go.
const SLICE: usize = 12;

/// What a view shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Asked and not answered.
    Loading,
    /// The text.
    Text,
    /// The server says there is nothing; the sentence names what.
    Nothing(Clean),
    /// Not allowed to look.
    Denied(Clean),
    /// Could not look.
    Failed(Clean),
}

/// See the module.
#[derive(Debug)]
pub struct View {
    /// So that a late answer finds it.
    pub id: ViewId,
    /// `describe pod/api-7f9c`.
    pub title: Clean,
    /// What to read again on `r`; `None` for a text of the program's own.
    pub operation: Option<Operation>,
    /// Where the focus was.
    pub from: Focus,
    /// How looking went.
    pub body: Body,
    /// A cut or a redaction that the text carries, in words.
    pub remark: String,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// Whether it is read again every two seconds and stays at its end.
    pub follow: bool,
    /// When it was last asked for.
    pub asked: Timestamp,
    /// What is searched for; empty for nothing.
    pub search: String,
    text: String,
    lines: Vec<Range<usize>>,
    rows: Vec<(usize, Range<usize>)>,
    colours: Vec<Vec<(Token, Range<usize>)>>,
    highlighter: Option<Highlighter>,
    scroll: usize,
    size: (usize, usize),
    at_end: bool,
}

impl View {
    /// A view that waits for its text. `at_end`: it opens at the end of the text, as a log does.
    pub fn waiting(id: ViewId, title: Clean, operation: Operation, from: Focus, at_end: bool, now: Timestamp) -> Self {
        Self {
            id,
            title,
            operation: Some(operation),
            from,
            body: Body::Loading,
            remark: String::new(),
            wrap: false,
            follow: false,
            asked: now,
            search: String::new(),
            text: String::new(),
            lines: Vec::new(),
            rows: Vec::new(),
            colours: Vec::new(),
            highlighter: None,
            scroll: 0,
            size: (80, 20),
            at_end,
        }
    }

    /// A view of a text that is here already.
    pub fn of_text(id: ViewId, title: Clean, text: String, from: Focus, now: Timestamp) -> Self {
        let nothing = Operation { action: crate::model::Action::Read(crate::model::Read::Version), scope: crate::model::Scope::Context };
        let mut view = Self { operation: None, wrap: true, ..Self::waiting(id, title, nothing, from, false, now) };
        view.body = Body::Text;
        view.set_text(text);
        view
    }

    /// The answer is here. True when what is shown changed.
    pub fn answer(&mut self, readings: &[Reading]) -> bool {
        let mut text = String::new();
        let mut remarks = Vec::new();
        let mut other = None;
        for reading in readings {
            match &reading.looked {
                Looked::Found(prepared) => {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    text.push_str(prepared.text());
                    remarks.extend(remark(prepared));
                }
                Looked::Nothing(what) => other = Some(Body::Nothing(what.clone())),
                Looked::Denied(t) => other = Some(Body::Denied(Clean::line(&t.to_string()))),
                Looked::Failed(t) => other = Some(Body::Failed(Clean::line(&t.to_string()))),
            }
        }
        let body = match other {
            Some(other) if text.is_empty() => other,
            None if readings.is_empty() => Body::Nothing(Clean::line("The server answered with nothing.")),
            _ => Body::Text,
        };
        let remark = remarks.join(" · ");
        if body == self.body && text == self.text && remark == self.remark {
            return false;
        }
        let first = self.body == Body::Loading;
        (self.body, self.remark) = (body, remark);
        self.set_text(text);
        if (first && self.at_end) || self.follow {
            self.bottom();
        }
        true
    }

    fn set_text(&mut self, text: String) {
        let mut at = 0;
        self.lines = text
            .split('\n')
            .map(|l| {
                let range = at..at + l.len();
                at = range.end + 1;
                range
            })
            .collect();
        if self.lines.last().is_some_and(Range::is_empty) {
            self.lines.pop();
        }
        self.highlighter = highlight::detect(&text).map(Highlighter::new);
        self.colours = Vec::new();
        self.text = text;
        self.arrange();
    }

    /// The pane's text area is so many columns and rows now.
    pub fn resize(&mut self, columns: usize, rows: usize) {
        let size = (columns.max(1), rows.max(1));
        if size == self.size {
            return;
        }
        let rewrap = self.wrap && size.0 != self.size.0;
        self.size = size;
        if rewrap {
            self.arrange();
        }
        self.clamp();
    }

    /// Wraps or unwraps.
    pub fn toggle_wrap(&mut self) {
        self.wrap = !self.wrap;
        let line = self.rows.get(self.scroll).map_or(0, |(l, _)| *l);
        self.arrange();
        self.scroll = self.rows.iter().position(|(l, _)| *l >= line).unwrap_or(0);
        self.clamp();
    }

    fn arrange(&mut self) {
        let width = self.size.0;
        self.rows.clear();
        for (i, line) in self.lines.iter().enumerate() {
            let text = self.text.get(line.clone()).unwrap_or_default();
            if !self.wrap || text.width() <= width {
                self.rows.push((i, 0..text.len()));
                continue;
            }
            let (mut from, mut used) = (0, 0);
            // Behind the row's last space, and what the row holds from there.
            let (mut space, mut word) = (0, 0);
            for (at, g) in text.grapheme_indices(true) {
                let w = g.width();
                if used + w > width && at > from {
                    // Rows end at a space where that leaves them half full; every byte stays on some row.
                    let (end, rest) = if word * 2 <= width && space > from { (space, word) } else { (at, 0) };
                    self.rows.push((i, from..end));
                    (from, used, word) = (end, rest, rest);
                }
                used += w;
                word += w;
                if g == " " {
                    (space, word) = (at + 1, 0);
                }
            }
            self.rows.push((i, from..text.len()));
        }
        self.clamp();
    }

    fn clamp(&mut self) {
        self.scroll = self.scroll.min(self.rows.len().saturating_sub(self.size.1));
    }

    /// Scrolls by so many rows. True when it moved.
    pub fn step(&mut self, by: isize) -> bool {
        let was = self.scroll;
        self.scroll = self.scroll.saturating_add_signed(by);
        self.clamp();
        was != self.scroll
    }
    /// The rows of a page.
    pub fn page(&self) -> isize {
        isize::try_from(self.size.1.saturating_sub(1).max(1)).unwrap_or(1)
    }
    /// To the first row.
    pub fn top(&mut self) {
        self.scroll = 0;
    }
    /// To the last row.
    pub fn bottom(&mut self) {
        self.scroll = self.rows.len();
        self.clamp();
    }

    /// Looks for the search from the row after (or before) the first one on screen, around the end. The line's number.
    pub fn find(&mut self, forward: bool) -> Option<usize> {
        let needle = self.search.to_lowercase();
        let n = self.rows.len();
        if needle.is_empty() || n == 0 {
            return None;
        }
        for k in 1..=n {
            let at = if forward { (self.scroll + k) % n } else { (self.scroll + n - k) % n };
            let hit = self.rows.get(at).is_some_and(|(l, r)| self.slice(*l, r).to_lowercase().contains(&needle));
            if hit {
                self.scroll = at;
                self.clamp();
                return self.rows.get(at).map(|(l, _)| l + 1);
            }
        }
        None
    }

    /// The rows on screen as inked pieces.
    pub fn window(&self) -> impl Iterator<Item = Vec<(Ink, &str)>> {
        let needle = self.search.to_lowercase();
        self.rows.iter().skip(self.scroll).take(self.size.1).map(move |(line, range)| self.pieces(*line, range, &needle))
    }

    /// `12/340`: the last row on screen and all of them, as lines.
    pub fn place(&self) -> (usize, usize) {
        let last = self.rows.get((self.scroll + self.size.1).min(self.rows.len()).saturating_sub(1)).map_or(0, |(l, _)| l + 1);
        (last, self.lines.len())
    }

    /// The whole text, for the clipboard.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn slice(&self, line: usize, range: &Range<usize>) -> &str {
        let text = self.lines.get(line).and_then(|l| self.text.get(l.clone())).unwrap_or_default();
        text.get(range.clone()).unwrap_or_default()
    }

    fn pieces(&self, line: usize, range: &Range<usize>, needle: &str) -> Vec<(Ink, &str)> {
        let plain = [(Token::Plain, range.clone())];
        let colours: &[(Token, Range<usize>)] = self.colours.get(line).map_or(&plain, Vec::as_slice);
        let mut out: Vec<(Ink, &str)> = Vec::new();
        for (token, r) in colours {
            let cut = r.start.max(range.start)..r.end.min(range.end);
            if cut.start < cut.end {
                out.push((ink(*token), self.slice(line, &cut)));
            }
        }
        if needle.is_empty() { out } else { out.into_iter().flat_map(|(i, t)| matches(i, t, needle)).collect() }
    }

    /// Whether lines that a person sees wait for their colours.
    pub fn wants_colour(&self) -> bool {
        let seen = self.rows.get((self.scroll + self.size.1).min(self.rows.len()).saturating_sub(1)).map_or(0, |(l, _)| l + 1);
        self.highlighter.is_some() && self.colours.len() < seen
    }

    /// Colours the next few lines.
    pub fn colour(&mut self) {
        let Some(highlighter) = &mut self.highlighter else { return };
        let from = self.colours.len();
        for range in self.lines.iter().skip(from).take(SLICE) {
            self.colours.push(highlighter.line(self.text.get(range.clone()).unwrap_or_default()));
        }
    }
}

fn ink(token: Token) -> Ink {
    match token {
        Token::Plain => Ink::Text,
        Token::Key => Ink::SyntaxKey,
        Token::String => Ink::SyntaxString,
        Token::Number => Ink::SyntaxNumber,
        Token::Constant => Ink::SyntaxConstant,
        Token::Comment => Ink::SyntaxComment,
    }
}

/// Splits a piece so that what matches has an ink of its own.
fn matches<'t>(ink: Ink, text: &'t str, needle: &str) -> Vec<(Ink, &'t str)> {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return vec![(ink, text)];
    }
    let mut out = Vec::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(needle) {
        if let (Some(before), Some(hit)) = (text.get(from..at), text.get(at..at + needle.len())) {
            if !before.is_empty() {
                out.push((ink, before));
            }
            out.push((Ink::Match, hit));
            from = at + needle.len();
        }
    }
    out.extend(text.get(from..).filter(|t| !t.is_empty()).map(|t| (ink, t)));
    out
}

/// What a text lost on its way, in words.
pub fn remark(prepared: &crate::text::Prepared) -> Vec<String> {
    let mut out = Vec::new();
    match prepared.redactions().len() {
        0 => {}
        n => out.push(super::words::count(n, "redaction", "redactions")),
    }
    if !prepared.cuts().is_empty() {
        let bytes: usize = prepared.cuts().iter().map(|c| c.bytes).sum();
        out.push(if bytes > 0 { format!("cut, {} left out", super::words::bytes(bytes)) } else { "cut".to_owned() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(text: &str) -> View {
        let mut v = View::of_text(ViewId(1), Clean::line("t"), text.to_owned(), Focus::Pods, Timestamp::UNIX_EPOCH);
        v.resize(10, 3);
        v
    }

    fn shown(v: &View) -> Vec<String> {
        v.window().map(|r| r.into_iter().map(|(_, t)| t).collect()).collect()
    }

    #[test]
    fn long_lines_wrap_at_the_width_and_unwrap_on_demand() {
        let mut v = view("0123456789abc\nx\ny");
        assert_eq!(shown(&v), ["0123456789", "abc", "x"]);
        v.toggle_wrap();
        assert_eq!(shown(&v), ["0123456789abc", "x", "y"]);
        assert_eq!(shown(&view("one two three four\n")), ["one two ", "three four"]);
        assert_eq!(shown(&view("a 23456789012345\n")), ["a 23456789", "012345"], "a row is not left nearly empty");
    }

    #[test]
    fn scrolling_stops_at_both_ends() {
        let mut v = view("1\n2\n3\n4\n5\n");
        assert!(!v.step(-1));
        assert!(v.step(99));
        assert_eq!((shown(&v), v.place()), (vec!["3".into(), "4".into(), "5".into()], (5, 5)));
        assert!(!v.step(1));
    }

    #[test]
    fn a_search_goes_around_and_marks_what_it_found() {
        let mut v = view("one\ntwo\nthree\nfour\nTWO\nsix\nseven\neight");
        v.search = "two".into();
        assert_eq!((v.find(true), v.find(true), v.find(true)), (Some(2), Some(5), Some(2)));
        assert_eq!(v.find(false), Some(5));
        assert!(v.window().any(|r| r.contains(&(Ink::Match, "TWO"))));
        v.search = "nine".into();
        assert_eq!(v.find(true), None);
    }

    #[test]
    fn colours_come_in_slices_until_what_is_seen_has_them() {
        let mut v = view("kind: Pod\nspec:\n  x: 1\n");
        assert!(v.wants_colour());
        v.colour();
        assert!(!v.wants_colour());
        assert!(v.window().next().unwrap().contains(&(Ink::SyntaxKey, "kind")));
    }
}
