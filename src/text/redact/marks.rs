//! Marks that stand in a text already. They are opaque: nothing in them is a hint, a value runs over them as over one
//! character, and what is found around one leaves it as it is. So redacting twice is redacting once.
use super::bytes::{at, skip};
use super::{Found, MARK, MARK_END};
use std::ops::Range;

/// Where the mark that begins at `i` ends; `None` when what stands there only begins like one.
pub fn end(text: &[u8], i: usize) -> Option<usize> {
    let kind = i + MARK.len();
    if text.get(i..kind)? != MARK.as_bytes() {
        return None;
    }
    let length = skip(text, kind, |c| c.is_ascii_lowercase() || c == b'-');
    let tag = skip(text, length + 1, |c| c.is_ascii_digit());
    let close = skip(text, tag + 1, |c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    let spaced = at(text, length) == b' ' && at(text, tag) == b' ';
    let mut end = [0; 4];
    let end = MARK_END.encode_utf8(&mut end).as_bytes();
    let whole = spaced && length > kind && tag > length + 1 && close == tag + 5 && text.get(close..)?.starts_with(end);
    whole.then(|| close + end.len())
}

/// What is left of the findings outside the marks; a rest without a letter or digit is no value.
pub fn spare(text: &str, found: Vec<Found>, marks: &[Range<usize>]) -> Vec<Found> {
    if marks.is_empty() {
        return found;
    }
    let mut out = Vec::with_capacity(found.len());
    for one in found {
        let first = marks.partition_point(|m| m.end <= one.range.start);
        let touched = marks.get(first..).unwrap_or_default().iter().take_while(|m| m.start < one.range.end);
        let mut from = one.range.start;
        let mut cut = false;
        let mut keep = |range: Range<usize>, cut: bool| {
            let tells = text.get(range.clone()).is_some_and(|t| !cut || t.chars().any(char::is_alphanumeric));
            out.extend((tells && !range.is_empty()).then(|| Found::new(range, one.kind)));
        };
        for mark in touched {
            cut = true;
            keep(from..mark.start.max(from), true);
            from = mark.end;
        }
        keep(from..one.range.end.max(from), cut);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_mark_is_one() {
        let mark = "⟦redacted url-credentials 12 0af9⟧";
        assert_eq!(end(mark.as_bytes(), 0), Some(mark.len()));
        for other in [
            "⟦redacted ",
            "⟦redacted password⟧",
            "⟦redacted password 8 abcde⟧",
            "⟦redacted password x abcd⟧",
            "⟦redacted  8 abcd⟧",
            "⟦redacted password 8 abcd",
        ] {
            assert_eq!(end(other.as_bytes(), 0), None, "{other}");
        }
        let text = format!("a{mark}b{mark}");
        let whole = vec![Found::new(0..text.len(), "password")];
        let rest: Vec<Range<usize>> = spare(&text, whole, &[1..1 + mark.len(), 2 + mark.len()..text.len()]).into_iter().map(|f| f.range).collect();
        assert_eq!(rest, [0..1, 1 + mark.len()..2 + mark.len()]);
    }
}
