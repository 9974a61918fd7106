//! Wrapping clean text to a width: at spaces where there are some, inside a word where it is longer than the line.
//! Slices of the text, no copies; linear in its length, and total for every width.
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The lines of `text` at `width` columns. The spaces at a break are dropped, those that begin a line are kept. A
/// grapheme wider than the width stands alone on its line. Width 0 counts as 1.
pub fn lines(text: &str, width: usize) -> Vec<&str> {
    let mut out = Vec::new();
    for line in text.split('\n') {
        wrap(line, width.max(1), &mut out);
    }
    out
}

fn wrap<'a>(line: &'a str, width: usize, out: &mut Vec<&'a str>) {
    if line.is_ascii() && line.len() <= width {
        out.push(line);
        return;
    }
    let mut row = Row::default();
    for (at, grapheme) in line.grapheme_indices(true) {
        let end = at + grapheme.len();
        let columns = grapheme.width();
        if grapheme == " " {
            // Spaces hang over the end of a row rather than begin the next one.
            row.columns += columns;
            row.end = end;
            if !row.blank {
                row.fits = row.fits.max(row.word_end);
                row.after = end;
                row.after_columns = row.columns;
            }
            continue;
        }
        if row.columns + columns > width && row.end > row.start {
            row.turn(line, at, out);
        }
        // A word longer than a row goes on where the row ends.
        if row.columns + columns > width && row.end > row.start {
            row.fits = row.start;
            row.turn(line, at, out);
        }
        row.blank = false;
        row.columns += columns;
        row.end = end;
        row.word_end = end;
    }
    let last = if row.blank { row.end } else { row.word_end };
    out.push(line.get(row.start..last.max(row.start)).unwrap_or_default());
}

/// The row being filled.
#[derive(Debug)]
struct Row {
    start: usize,
    /// Behind the last grapheme taken.
    end: usize,
    columns: usize,
    /// Behind the last grapheme that is no space.
    word_end: usize,
    /// Behind the last word that is followed by a space: where the row can be broken. At `start` when nowhere.
    fits: usize,
    /// Where the next row begins after such a break, and the columns taken until there.
    after: usize,
    after_columns: usize,
    /// Only spaces so far.
    blank: bool,
}

impl Default for Row {
    fn default() -> Self {
        Self { start: 0, end: 0, columns: 0, word_end: 0, fits: 0, after: 0, after_columns: 0, blank: true }
    }
}

impl Row {
    /// Ends the row: at its last space, or right before `at` when it has none.
    fn turn<'a>(&mut self, line: &'a str, at: usize, out: &mut Vec<&'a str>) {
        if self.fits > self.start {
            out.push(line.get(self.start..self.fits).unwrap_or_default());
            self.columns -= self.after_columns;
            self.start = self.after;
        } else {
            out.push(line.get(self.start..at).unwrap_or_default());
            self.columns = 0;
            self.start = at;
        }
        self.fits = self.start;
        self.after = self.start;
        self.after_columns = 0;
        self.end = self.end.max(self.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_go_to_the_next_line_and_long_ones_are_cut() {
        for (text, width, want) in [
            ("a b c", 3, vec!["a b", "c"]),
            ("one two three", 7, vec!["one two", "three"]),
            ("one two three", 8, vec!["one two", "three"]),
            ("abcdefgh", 3, vec!["abc", "def", "gh"]),
            ("ab cdefgh", 3, vec!["ab", "cde", "fgh"]),
            ("a\n\nb", 5, vec!["a", "", "b"]),
            ("", 5, vec![""]),
            ("  indented text", 8, vec!["  indent", "ed text"]),
            ("  in the text", 8, vec!["  in the", "text"]),
            ("表表 表", 4, vec!["表表", "表"]),
            ("表表", 1, vec!["表", "表"]),
            ("abc", 0, vec!["a", "b", "c"]),
            ("word   ", 10, vec!["word   "]),
            ("naïve word   ", 10, vec!["naïve word"]),
            ("a   b", 2, vec!["a", "b"]),
        ] {
            assert_eq!(lines(text, width), want, "{text:?} at {width}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_spaces_and_line_ends_is_lost_and_no_line_is_wider(text in "[a-c表é \n]{0,80}", width in 1usize..12) {
            let wrapped = lines(&text, width);
            for line in &wrapped {
                prop_assert!(line.trim_end().width() <= width.max(2), "{:?}", line);
            }
            let dense = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(dense(&wrapped.concat()), dense(&text));
        }
    }
}
