//! Cutting text: to columns for the screen, to bytes for a prompt. Never inside a grapheme or a redaction mark; every
//! cut is said in the text itself: `… 120 lines (14.2 KB) left out …`.
use super::redact::{MARK, MARK_END};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

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

/// Room that the sentence about the cut may take, its line ends included.
const SENTENCE: usize = 64;

/// Keeps whole lines from both ends (two thirds from the end) within `limit` bytes; the gap is marked in the text.
pub fn middle(text: &str, limit: usize) -> (String, Option<Cut>) {
    if text.len() <= limit {
        return (text.to_owned(), None);
    }
    let room = limit.saturating_sub(SENTENCE);
    let head = head_of(text, room / 3);
    let tail = tail_of(text, room - head).max(head);
    cut("middle", text, head, tail, limit)
}

/// Keeps the last whole lines within `limit` bytes; the cut is marked at the top.
pub fn tail(text: &str, limit: usize) -> (String, Option<Cut>) {
    if text.len() <= limit {
        return (text.to_owned(), None);
    }
    cut("head", text, 0, tail_of(text, limit.saturating_sub(SENTENCE)), limit)
}

/// The text without the bytes `head..tail`.
fn cut(part: &'static str, text: &str, head: usize, tail: usize, limit: usize) -> (String, Option<Cut>) {
    let (start, rest) = text.split_at(head);
    let (gone, end) = rest.split_at(tail - head);
    let cut = Cut { part, bytes: gone.len(), lines: whole_lines(start, gone) };
    let mut out = String::with_capacity(limit);
    out.push_str(start);
    if !start.is_empty() && !start.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(&sentence(&cut));
    if !end.is_empty() {
        out.push('\n');
        out.push_str(end);
    }
    if out.len() > limit {
        // The limit is smaller than the sentence about the cut.
        out.truncate(floor(&out, limit));
    }
    (out, Some(cut))
}

/// `… 120 lines (14.2 KB) left out …`
pub fn sentence(cut: &Cut) -> String {
    match cut.lines {
        0 => format!("… {} left out …", size(cut.bytes)),
        1 => format!("… 1 line ({}) left out …", size(cut.bytes)),
        n => format!("… {n} lines ({}) left out …", size(cut.bytes)),
    }
}

/// `812 B`, `14.2 KB`, `3.0 MB`.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

/// The widest prefix that fits `columns` terminal columns, with `…` when something is missing.
pub fn columns(text: &str, columns: usize) -> Cow<'_, str> {
    if columns == 0 {
        return Cow::Borrowed("");
    }
    // What still fits when the last column is given to `…`.
    let mut kept = 0;
    let mut width = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        width += grapheme.width();
        if width > columns {
            let mut out = text.get(..kept).unwrap_or_default().to_owned();
            out.push('…');
            return Cow::Owned(out);
        }
        if width < columns {
            kept = at + grapheme.len();
        }
    }
    Cow::Borrowed(text)
}

/// Where a head of at most `room` bytes ends: behind a line, or inside the first one when that alone is longer.
fn head_of(text: &str, room: usize) -> usize {
    let end = floor(text, room);
    match text.get(..end).and_then(|t| t.rfind('\n')) {
        Some(line) => line + 1,
        None => before_mark(text, grapheme_before(text, end)),
    }
}

/// Where a tail of at most `room` bytes begins: at a line, or inside the last one when that alone is longer.
fn tail_of(text: &str, room: usize) -> usize {
    let start = ceil(text, text.len().saturating_sub(room));
    if start == 0 || text.as_bytes().get(start - 1) == Some(&b'\n') {
        return start;
    }
    match text.get(start..).and_then(|t| t.find('\n')) {
        Some(line) if start + line + 1 < text.len() => start + line + 1,
        _ => after_mark(text, grapheme_after(text, start)),
    }
}

fn whole_lines(before: &str, gone: &str) -> usize {
    let begins = before.is_empty() || before.ends_with('\n');
    let ends = gone.bytes().filter(|b| *b == b'\n').count();
    if begins { ends } else { ends.saturating_sub(1) }
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// The first character boundary at or behind `at`.
fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len())
}

/// How far around a boundary graphemes and marks are looked for: no mark is longer, and a longer grapheme is no grapheme.
const NEAR: usize = 256;

fn grapheme_before(text: &str, at: usize) -> usize {
    let from = floor(text, at.saturating_sub(NEAR));
    let to = ceil(text, (at + NEAR).min(text.len()));
    let around = text.get(from..to).unwrap_or_default();
    around.grapheme_indices(true).map(|(i, _)| from + i).take_while(|i| *i <= at).last().unwrap_or(from)
}

fn grapheme_after(text: &str, at: usize) -> usize {
    let from = floor(text, at.saturating_sub(NEAR));
    let to = ceil(text, (at + NEAR).min(text.len()));
    let around = text.get(from..to).unwrap_or_default();
    around.grapheme_indices(true).map(|(i, _)| from + i).find(|i| *i >= at).unwrap_or(to)
}

/// `at`, or the beginning of the mark that it is inside of.
fn before_mark(text: &str, at: usize) -> usize {
    inside_mark(text, at).map_or(at, |mark| mark.start)
}

/// `at`, or the end of the mark that it is inside of.
fn after_mark(text: &str, at: usize) -> usize {
    inside_mark(text, at).map_or(at, |mark| mark.end)
}

fn inside_mark(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let from = floor(text, at.saturating_sub(NEAR));
    let to = ceil(text, (at + NEAR).min(text.len()));
    let opened = |start: &usize| text.get(*start..).is_some_and(|t| t.starts_with(MARK));
    let start = text.get(from..to)?.match_indices('⟦').map(|(i, _)| from + i).take_while(|i| *i < at).filter(opened).last()?;
    let end = start + text.get(start..to)?.find(MARK_END)? + MARK_END.len_utf8();
    (at < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hundred_lines() -> String {
        let lines: Vec<String> = (0..100).map(|n| format!("line {n}")).collect();
        lines.join("\n") + "\n"
    }

    #[test]
    fn the_middle_goes_and_is_counted() {
        let text = hundred_lines();
        let (kept, cut) = middle(&text, 300);
        let cut = cut.unwrap();
        assert!(kept.starts_with("line 0\n") && kept.ends_with("line 99\n"), "{kept}");
        assert!(kept.contains(&format!("\n… {} lines ({} B) left out …\n", cut.lines, cut.bytes)), "{kept}");
        assert_eq!(kept.lines().filter(|l| l.starts_with("line")).count() + cut.lines, 100);
        assert!(kept.len() <= 300);
        assert_eq!(middle("short", 300), ("short".into(), None));
    }

    #[test]
    fn the_head_of_a_log_goes() {
        let text = hundred_lines();
        let (kept, cut) = tail(&text, 200);
        assert!(kept.starts_with("… ") && kept.ends_with("line 99\n"), "{kept}");
        assert_eq!(cut.map(|c| c.part), Some("head"));
    }

    #[test]
    fn one_long_line_is_cut_inside() {
        let (kept, cut) = middle(&"é".repeat(1000), 200);
        assert!(kept.starts_with("éé") && kept.ends_with("éé") && kept.len() <= 200, "{kept}");
        assert_eq!(cut.unwrap().lines, 0);
    }

    #[test]
    fn a_mark_is_never_cut_in_half() {
        let mark = "⟦redacted password 12 ab12⟧";
        let text = mark.repeat(200);
        for limit in 64..400 {
            let (kept, _) = middle(&text, limit);
            let marks = kept.matches(mark).count();
            assert_eq!(kept.matches('⟦').count(), marks, "{limit}: {kept}");
            assert_eq!(kept.matches('⟧').count(), marks, "{limit}: {kept}");
            let (kept, _) = tail(&text, limit);
            assert_eq!(kept.matches('⟧').count(), kept.matches(mark).count(), "{limit}: {kept}");
        }
    }

    #[test]
    fn columns_count_width_not_characters() {
        for (text, n, want) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("表表表", 6, "表表表"),
            ("表表表", 5, "表表…"),
            ("表表表", 4, "表…"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
            ("", 0, ""),
        ] {
            assert_eq!(columns(text, n), want, "{text} {n}");
        }
    }

    proptest! {
        #[test]
        fn no_cut_outgrows_its_limit(text in "[a-zé表\n]{0,400}", limit in 0usize..500) {
            for (kept, cut) in [middle(&text, limit), tail(&text, limit)] {
                prop_assert!(kept.len() <= limit);
                prop_assert_eq!(cut.is_some(), text.len() > limit);
            }
        }

        #[test]
        fn no_columns_outgrow_their_width(text in any::<String>(), n in 0usize..40) {
            let kept = columns(&text, n);
            let width: usize = kept.graphemes(true).map(UnicodeWidthStr::width).sum();
            prop_assert!(width <= n);
        }
    }
}
