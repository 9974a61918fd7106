//! A tolerant walk over JSON: in a text of its own, among other text, or inside strings of other JSON, where its quotes
//! stand behind one, three, … backslashes. It never fails: braces that do not match, and text that was cut at either end
//! or in the middle, are borne.
use super::Found;
use super::bytes::{Quote, at, back, skip};
use super::objects::{Mapping, is_metadata, is_secret_kind};
use std::ops::Range;

/// One open `{` or `[`.
#[derive(Debug, Default)]
struct Frame {
    mapping: Mapping,
    key: Option<Range<usize>>,
    in_data: bool,
    array: bool,
    /// The first one, behind a key that may have been cut off: its scalars may be a Secret's data.
    stray: bool,
}

/// Walks the strings that are quoted by `quote` behind `escapes` backslashes.
pub fn walk(text: &str, quote: u8, escapes: usize, found: &mut Vec<Found>) {
    let b = text.as_bytes();
    let mut walk = Walk { text, stack: Vec::new(), root: Frame::default(), stray: Vec::new(), begun: false, broken: false, found };
    let mut i = 0;
    while i < b.len() {
        match at(b, i) {
            brace @ (b'{' | b'[') => walk.open(brace == b'['),
            b'}' | b']' => walk.close(false),
            b',' => walk.frame().key = None,
            b'\n' if walk.broken && begins_anew(b, i + 1) => walk.end(),
            b'\\' | b'"' | b'\'' => {
                let run = skip(b, i, |c| c == b'\\') - i;
                if at(b, i + run) != quote {
                    i += run.max(1);
                    continue;
                }
                if run < escapes {
                    // The string that this JSON stood in ends.
                    walk.end();
                } else if run == escapes {
                    i = walk.quote(i, Quote { byte: quote, escapes, content: i + run + 1 });
                    continue;
                }
                i += run;
            }
            _ => {}
        }
        i += 1;
    }
    walk.end();
}

/// Whether a line of its own begins here: what was cut in the lines before goes on no longer.
fn begins_anew(b: &[u8], i: usize) -> bool {
    let digits = skip(b, i, |c| c.is_ascii_digit()) - i;
    at(b, i) == b'{' || (digits == 4 && at(b, i + 4) == b'-') || (matches!(at(b, i), b'I' | b'W' | b'E' | b'F') && at(b, i + 1).is_ascii_digit())
}

struct Walk<'a> {
    text: &'a str,
    stack: Vec<Frame>,
    /// What stands outside all braces: an object whose beginning was cut off.
    root: Frame,
    /// Scalars outside all braces: those before a brace that nothing opened may be a Secret's data.
    stray: Vec<Range<usize>>,
    /// A brace was opened.
    begun: bool,
    /// A string was not closed on its line.
    broken: bool,
    found: &'a mut Vec<Found>,
}

impl Walk<'_> {
    fn frame(&mut self) -> &mut Frame {
        self.stack.last_mut().unwrap_or(&mut self.root)
    }

    fn open(&mut self, array: bool) {
        let text = self.text;
        // No object stands in another without a key: what was open was cut.
        if !array && self.stack.last().is_some_and(|outer| !outer.array && outer.key.is_none()) {
            self.end();
        }
        let first = !std::mem::replace(&mut self.begun, true) && self.stack.is_empty();
        let outer = self.frame();
        let key = outer.key.take().and_then(|key| text.get(key));
        // `ta":{…}`
        let stray = first && key.is_none_or(|key| "data".ends_with(key) || "stringData".ends_with(key));
        match key {
            Some("metadata") => outer.mapping.scalar("metadata", "", 0..0),
            Some("stringData") => outer.mapping.is_secret(),
            _ => {}
        }
        let in_data = outer.in_data || matches!(key, Some("data" | "stringData"));
        self.stack.push(Frame { in_data, array, stray, ..Frame::default() });
    }

    fn close(&mut self, cut: bool) {
        match self.stack.pop() {
            Some(frame) => {
                if frame.stray && frame.mapping.is_known() {
                    self.stray.clear();
                }
                // `data` outside all braces belongs to an object whose beginning was cut off; whole objects end here.
                let root = frame.in_data.then_some(&mut self.root);
                let outer = self.stack.last_mut().or(root).map(|f| &mut f.mapping);
                frame.mapping.close(self.text, outer, cut && !frame.in_data, self.found);
            }
            None => {
                for range in self.stray.drain(..) {
                    self.root.mapping.datum(range);
                }
            }
        }
    }

    fn end(&mut self) {
        while !self.stack.is_empty() {
            self.close(true);
        }
        self.close(true);
        std::mem::take(&mut self.root).mapping.close(self.text, None, true, self.found);
        self.begun = false;
        self.broken = false;
    }

    /// A quote at `i`: it opens a string, or closes one whose beginning was cut off.
    fn quote(&mut self, i: usize, quote: Quote) -> usize {
        let b = self.text.as_bytes();
        let next = at(b, quote.content);
        if matches!(next, b',' | b'}' | b']' | b':') {
            let before = if i == 0 { b'x' } else { at(b, back(b, i, |c| c.is_ascii_whitespace()).saturating_sub(1)) };
            if !matches!(before, b'{' | b'[' | b',' | b':' | b'(' | b'\\' | b'"' | b'\'') {
                let from = back(b, i, |c| !c.is_ascii_whitespace() && !matches!(c, b'"' | b'{' | b'['));
                if next == b':' {
                    self.frame().key = Some(from..i);
                    return quote.content + 1;
                }
                self.value(from..i);
                return quote.content;
            }
        }
        self.string(quote)
    }

    /// A string: a key when a colon follows, else a value. Returns where to go on.
    fn string(&mut self, quote: Quote) -> usize {
        let b = self.text.as_bytes();
        let end = end_of(b, &quote);
        let closed = skip(b, end, |c| c == b'\\');
        let whole = at(b, closed) == quote.byte;
        self.broken |= !whole;
        let behind = if whole { closed + 1 } else { end };
        let colon = skip(b, behind, |c| c.is_ascii_whitespace());
        if at(b, colon) == b':' && self.frame().key.is_none() {
            let key = quote.content..end;
            let bare = skip(b, colon + 1, |c| c.is_ascii_whitespace());
            if matches!(self.text.get(key.clone()), Some("value" | "Value")) && (at(b, bare).is_ascii_digit() || at(b, bare) == b'-') {
                let range = bare..skip(b, bare, |c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'+'));
                self.frame().mapping.scalar("value", "", range.clone());
                return range.end;
            }
            self.frame().key = Some(key);
            return colon + 1;
        }
        self.value(quote.content..end);
        behind
    }

    fn value(&mut self, range: Range<usize>) {
        let text = self.text;
        let outside = self.stack.last().is_none_or(|frame| frame.stray);
        let frame = self.frame();
        let key = frame.key.take().and_then(|key| text.get(key));
        let value = text.get(range.clone()).unwrap_or_default();
        if frame.in_data {
            if key == Some("kind") && is_secret_kind(value) {
                frame.mapping.is_secret();
            }
            frame.mapping.datum(range);
            return;
        }
        if let Some(key) = key {
            frame.mapping.scalar(key, value, range.clone());
        }
        if outside && !key.is_some_and(is_metadata) {
            self.stray.push(range);
        }
    }
}

/// Where a string ends. YAML may have folded the JSON it carries: then it goes on, indented, on the next line.
fn end_of(b: &[u8], quote: &Quote) -> usize {
    let mut end = quote.end(b);
    while at(b, end) == b'\n' {
        let content = skip(b, end + 1, |c| c == b' ');
        let goes_on = content > end + 1 && at(b, content).is_ascii_alphanumeric();
        let next = Quote { content, ..*quote }.end(b);
        if !goes_on || at(b, next) == b'\n' && next - content > 200 || next >= b.len() {
            break;
        }
        end = next;
    }
    end
}
