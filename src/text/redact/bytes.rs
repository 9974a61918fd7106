//! Walking bytes without indexing: positions around a hit. Every position that is returned lies beside an ASCII byte or
//! at an end of the text, so slices never split a character.
use std::ops::Range;

/// The byte at a position; 0 outside the text.
pub fn at(text: &[u8], i: usize) -> u8 {
    text.get(i).copied().unwrap_or(0)
}

/// The first position from `i` on whose byte does not hold; the text's length when all do, and never less than `i`.
pub fn skip(text: &[u8], i: usize, holds: impl Fn(u8) -> bool) -> usize {
    text.get(i..).map_or(i, |rest| i + rest.iter().position(|b| !holds(*b)).unwrap_or(rest.len()))
}

/// The position behind the last byte before `i` that does not hold.
pub fn back(text: &[u8], i: usize, holds: impl Fn(u8) -> bool) -> usize {
    text.get(..i).map_or(0, |before| before.iter().rposition(|b| !holds(*b)).map_or(0, |p| p + 1))
}

/// As [`back`], at most `most` bytes; `None` when there is more than that.
pub fn back_at_most(text: &[u8], i: usize, most: usize, holds: impl Fn(u8) -> bool) -> Option<usize> {
    let from = i.saturating_sub(most);
    let start = from + back(text.get(from..i)?, i - from, &holds);
    (start > from || from == 0 || !holds(at(text, start.saturating_sub(1)))).then_some(start)
}

/// Bytes of an identifier as configurations spell them.
pub fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

/// Bytes of a token in its URL-safe or plain base64 spelling.
pub fn in_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
}

pub fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'`')
}

/// The line that a position is in, without its end.
pub fn line(text: &[u8], i: usize) -> Range<usize> {
    back(text, i, |b| b != b'\n')..skip(text, i, |b| b != b'\n')
}

/// An opening quote at `i`, with the backslashes before it: how many, which, and where its content begins.
pub fn opening(text: &[u8], i: usize) -> Option<Quote> {
    let quote = skip(text, i, |b| b == b'\\');
    let byte = at(text, quote);
    (matches!(byte, b'"' | b'\'') && (byte == b'"' || quote == i)).then_some(Quote { byte, escapes: quote - i, content: quote + 1 })
}

/// A quote as it stands in text that may itself be inside a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// `"` or `'`.
    pub byte: u8,
    /// Backslashes before it: 0, 1, 3, … for a string in a string in a string.
    pub escapes: usize,
    /// Behind it.
    pub content: usize,
}

impl Quote {
    /// Where its string ends, before the closing quote; at the end of the line or text when nothing closes it.
    pub fn end(&self, text: &[u8]) -> usize {
        let mut i = self.content;
        let mut escapes = 0;
        while i < text.len() {
            match at(text, i) {
                b'\\' => escapes += 1,
                b'\n' => return i,
                // YAML doubles a single quote inside.
                b'\'' if b'\'' == self.byte && i > self.content && at(text, i + 1) == b'\'' => i += 1,
                b if b == self.byte => {
                    if self.closes(escapes) {
                        return i - escapes.min(self.escapes);
                    }
                    escapes = 0;
                }
                _ => escapes = 0,
            }
            i += 1;
        }
        text.len()
    }

    /// Whether a quote behind so many backslashes ends the string, rather than being part of it.
    pub fn closes(&self, escapes: usize) -> bool {
        if self.byte == b'\'' {
            return true;
        }
        let whole = self.escapes + 1;
        escapes < self.escapes || escapes % (whole * 2) == self.escapes
    }
}
