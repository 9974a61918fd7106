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

/// Wraps runs to `columns`; rows after the first begin with `hang`. Spaces at a break are dropped; a word that no row
/// can hold breaks between graphemes.
pub fn wrap(runs: &[Run], columns: usize, hang: &Run) -> Vec<Row> {
    let mut out = Wrapper::new(columns.max(1), hang);
    let mut word: Row = Vec::new();
    for piece in runs {
        let mut rest = piece.text.as_str();
        while let Some(at) = rest.find(' ') {
            push(&mut word, piece.ink, rest.get(..at).unwrap_or_default());
            out.word(&mut word);
            out.space(piece.ink);
            rest = rest.get(at + 1..).unwrap_or_default();
        }
        push(&mut word, piece.ink, rest);
    }
    out.word(&mut word);
    out.end()
}

struct Wrapper<'h> {
    columns: usize,
    hang: &'h Run,
    rows: Vec<Row>,
    row: Row,
    used: usize,
    /// The row holds a word.
    started: bool,
    /// Spaces that wait for a word on the same row.
    spaces: Row,
}

impl<'h> Wrapper<'h> {
    fn new(columns: usize, hang: &'h Run) -> Self {
        Self { columns, hang, rows: Vec::new(), row: Vec::new(), used: 0, started: false, spaces: Vec::new() }
    }

    fn space(&mut self, ink: Ink) {
        push(&mut self.spaces, ink, " ");
    }

    fn break_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
        self.spaces.clear();
        self.used = 0;
        self.started = false;
        if width(&self.hang.text) < self.columns {
            push(&mut self.row, self.hang.ink, &self.hang.text);
            self.used = width(&self.hang.text);
        }
    }

    fn word(&mut self, word: &mut Row) {
        let wide = columns(word);
        if wide == 0 {
            return;
        }
        // Spaces that begin the first row are an indent and stay.
        let gap = if self.started || self.rows.is_empty() { columns(&self.spaces) } else { 0 };
        if self.started && self.used + gap + wide > self.columns {
            self.break_row();
        } else if gap > 0 && self.used + gap < self.columns {
            for space in std::mem::take(&mut self.spaces) {
                push(&mut self.row, space.ink, &space.text);
            }
            self.used += gap;
        }
        self.spaces.clear();
        if self.used + wide <= self.columns {
            word.drain(..).for_each(|piece| push(&mut self.row, piece.ink, &piece.text));
            self.used += wide;
            self.started = true;
            return;
        }
        for piece in word.drain(..) {
            for g in piece.text.graphemes(true) {
                let w = width(g);
                if self.used + w > self.columns && self.started {
                    self.break_row();
                }
                push(&mut self.row, piece.ink, g);
                self.used += w;
                self.started = true;
            }
        }
    }

    fn end(mut self) -> Vec<Row> {
        if self.started || self.rows.is_empty() {
            self.rows.push(self.row);
        }
        self.rows
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
