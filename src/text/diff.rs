//! The lines of a change: what a dry run would make of an object, without what changes by itself.
use similar::{ChangeTag, TextDiff};

/// One line of a diff.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Line {
    /// In both.
    Same(String),
    /// Only before.
    Removed(String),
    /// Only after.
    Added(String),
    /// So many equal lines are not shown.
    Gap(usize),
}

/// Line diff with `context` equal lines around each change. Equal texts have no lines.
pub fn lines(before: &str, after: &str, context: usize) -> Vec<Line> {
    if before == after {
        return Vec::new();
    }
    let diff = TextDiff::from_lines(before, after);
    let mut out = Vec::new();
    let mut equal: Vec<String> = Vec::new();
    for change in diff.iter_all_changes() {
        let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
        let line = match change.tag() {
            ChangeTag::Equal => {
                equal.push(text);
                continue;
            }
            ChangeTag::Delete => Line::Removed(text),
            ChangeTag::Insert => Line::Added(text),
        };
        let first = out.is_empty();
        flush(&mut out, &mut equal, if first { 0 } else { context }, context);
        out.push(line);
    }
    flush(&mut out, &mut equal, context, 0);
    out
}

/// Writes out equal lines: the first `head`, the last `tail`, and a gap for more than one line between them.
fn flush(out: &mut Vec<Line>, equal: &mut Vec<String>, head: usize, tail: usize) {
    let hidden = equal.len().saturating_sub(head + tail);
    let hide = if hidden > 1 { head..head + hidden } else { 0..0 };
    for (at, text) in equal.drain(..).enumerate() {
        if at == hide.start && !hide.is_empty() {
            out.push(Line::Gap(hidden));
        }
        if !hide.contains(&at) {
            out.push(Line::Same(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str, context: usize) -> String {
        let line = |l: &Line| match l {
            Line::Same(t) => format!(" {t}"),
            Line::Removed(t) => format!("-{t}"),
            Line::Added(t) => format!("+{t}"),
            Line::Gap(n) => format!("~{n}"),
        };
        lines(before, after, context).iter().map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_change_is_shown_with_its_context() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\n";
        for (after, context, want) in [
            (before, 2, ""),
            ("a\nb\nc\nd\nX\nf\ng\nh\n", 1, "~3| d|-e|+X| f|~2"),
            ("X\nb\nc\nd\ne\nf\ng\nh\n", 1, "-a|+X| b|~6"),
            ("a\nb\nc\nd\ne\nf\ng\nX\n", 2, "~5| f| g|-h|+X"),
            ("X\nb\nc\nd\ne\nf\ng\nX\n", 2, "-a|+X| b| c|~2| f| g|-h|+X"),
            ("X\nb\nc\nd\ne\nf\nX\nh\n", 2, "-a|+X| b| c| d| e| f|-g|+X| h"),
            ("", 2, "-a|-b|-c|-d|-e|-f|-g|-h"),
        ] {
            assert_eq!(shown(before, after, context), want, "{after:?}");
        }
        assert_eq!(shown("", "a\n", 3), "+a");
        assert_eq!(shown("a", "a\n", 3), "-a|+a");
    }
}
