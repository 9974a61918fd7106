//! Inked text in rows of a width: the unit that panes cache. Pure; breaks at spaces, else between graphemes, and
//! never loses a character.
use super::ink::Ink;
use super::words::width;
use unicode_segmentation::UnicodeSegmentation as _;

/// A stretch of text of one ink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What it is.
    pub ink: Ink,
    /// The text.
    pub text: String,
}

/// One row of the screen.
pub type Row = Vec<Run>;

/// Shorthand.
pub fn run(ink: Ink, text: impl Into<String>) -> Run {
    Run { ink, text: text.into() }
}

/// Appends a text to a row, joining it with a neighbour of the same ink.
pub fn push(row: &mut Row, ink: Ink, text: &str) {
    if text.is_empty() {
        return;
    }
    match row.last_mut() {
        Some(last) if last.ink == ink => last.text.push_str(text),
        _ => row.push(run(ink, text)),
    }
}

/// The columns of a row.
pub fn columns(row: &Row) -> usize {
    row.iter().map(|r| width(&r.text)).sum()
}

/// A row's text without inks.
pub fn plain(row: &Row) -> String {
    row.iter().map(|r| r.text.as_str()).collect()
}

/// Wraps runs to `columns`; rows after the first begin with `hang`. A space at a break is dropped.
pub fn wrap(runs: &[Run], columns: usize, hang: &Run) -> Vec<Row> {
    let columns = columns.max(1);
    let hang_width = width(&hang.text);
    let hang_fits = hang_width < columns;
    let mut out = Vec::new();
    let mut row: Row = Vec::new();
    let mut used = 0usize;
    let mut fresh = true;
    let start = |row: &mut Row| {
        row.clear();
        if hang_fits {
            push(row, hang.ink, &hang.text);
            hang_width
        } else {
            0
        }
    };
    for piece in runs {
        for word in piece.text.split_word_bounds() {
            let w = width(word);
            if used + w <= columns {
                if !(fresh && word == " " && !out.is_empty()) {
                    push(&mut row, piece.ink, word);
                    used += w;
                    fresh = false;
                }
                continue;
            }
            if word.chars().all(|c| c == ' ') {
                // The break itself.
                out.push(std::mem::take(&mut row));
                used = start(&mut row);
                fresh = true;
                continue;
            }
            let room = columns - if hang_fits { hang_width } else { 0 };
            if w <= room && !fresh {
                trim_end(&mut row);
                out.push(std::mem::take(&mut row));
                used = start(&mut row);
                push(&mut row, piece.ink, word);
                used += w;
                fresh = false;
                continue;
            }
            for g in word.graphemes(true) {
                let gw = width(g);
                if used + gw > columns && !fresh {
                    out.push(std::mem::take(&mut row));
                    used = start(&mut row);
                }
                push(&mut row, piece.ink, g);
                used += gw;
                fresh = false;
            }
        }
    }
    if !row.is_empty() || out.is_empty() {
        out.push(row);
    }
    out
}

fn trim_end(row: &mut Row) {
    while let Some(last) = row.last_mut() {
        let kept = last.text.trim_end_matches(' ').len();
        last.text.truncate(kept);
        if !last.text.is_empty() {
            return;
        }
        row.pop();
    }
}

/// Wraps a plain text of many lines.
pub fn wrap_text(text: &str, ink: Ink, columns: usize, hang: &str) -> Vec<Row> {
    let hang = run(Ink::Text, hang);
    text.lines().flat_map(|l| wrap(&[run(ink, l)], columns, &hang)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rows: &[Row]) -> Vec<String> {
        rows.iter().map(plain).collect()
    }

    #[test]
    fn words_stay_whole_and_long_ones_break_between_graphemes() {
        for (text, columns, want) in [
            ("the quick fox", 9, vec!["the quick", "fox"]),
            ("abcdefghij", 4, vec!["abcd", "efgh", "ij"]),
            ("表表表", 4, vec!["表表", "表"]),
            ("", 4, vec![""]),
            ("a b", 1, vec!["a", "b"]),
        ] {
            assert_eq!(texts(&wrap(&[run(Ink::Text, text)], columns, &run(Ink::Text, ""))), want, "{text}");
        }
    }

    #[test]
    fn a_hang_indents_every_row_but_the_first() {
        let rows = wrap(&[run(Ink::Text, "- one two three")], 9, &run(Ink::Text, "  "));
        assert_eq!(texts(&rows), ["- one two", "  three"]);
    }

    #[test]
    fn no_row_is_wider_than_asked_where_a_glyph_fits_at_all() {
        let text = "api exits with code 1: it wants DB_HOST, revision 2 sets only DB_HOSTNAME 表表表表";
        for columns in 2..40 {
            for row in wrap(&[run(Ink::Text, text), run(Ink::Code, "x/y:z-1.2.3")], columns, &run(Ink::Text, "  ")) {
                assert!(super::columns(&row) <= columns.max(4), "{columns}: {row:?}");
            }
        }
    }
}
