//! One line that is typed: a filter, a command, a search, a reason, a picker's query.
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation as _;

/// Text and a cursor at a grapheme boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    cursor: usize,
}

impl Line {
    /// Starts with a text, the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len() }
    }
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The columns before the cursor.
    pub fn column(&self) -> usize {
        super::words::width(self.text.get(..self.cursor).unwrap_or_default())
    }
    /// Puts a text at the cursor; newlines become spaces.
    pub fn insert(&mut self, text: &str) {
        let flat: String = text.chars().map(|c| if c == '\n' || c == '\r' || c == '\t' { ' ' } else { c }).filter(|c| !c.is_control()).collect();
        let flat = crate::text::Clean::line(&flat);
        self.text.insert_str(self.cursor, &flat);
        self.cursor += flat.len();
    }
    /// Edits by a key. False when the key is none of its own.
    pub fn edit(&mut self, key: &KeyEvent) -> bool {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if ctrl => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            KeyCode::Char('k') if ctrl => self.text.truncate(self.cursor),
            KeyCode::Char('w') if ctrl => {
                let kept = self.before().trim_end().rfind(' ').map_or(0, |i| i + 1);
                self.text.drain(kept..self.cursor);
                self.cursor = kept;
            }
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::Char('e') if ctrl => self.cursor = self.text.len(),
            KeyCode::Char(c) if !ctrl && !key.modifiers.contains(KeyModifiers::ALT) => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => {
                let to = self.left();
                self.text.drain(to..self.cursor);
                self.cursor = to;
            }
            KeyCode::Delete => {
                let to = self.right();
                self.text.drain(self.cursor..to);
            }
            KeyCode::Left => self.cursor = self.left(),
            KeyCode::Right => self.cursor = self.right(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    fn before(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }
    fn left(&self) -> usize {
        self.before().grapheme_indices(true).next_back().map_or(0, |(i, _)| i)
    }
    fn right(&self) -> usize {
        let after = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor + after.graphemes(true).next().map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_editing_key_does_what_a_shell_does() {
        let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
        let ctrl = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
        for (keys, want, column) in [
            (vec![key(KeyCode::Char('x'))], "ns shopx", 8),
            (vec![key(KeyCode::Backspace)], "ns sho", 6),
            (vec![key(KeyCode::Home), key(KeyCode::Delete)], "s shop", 0),
            (vec![ctrl('w')], "ns ", 3),
            (vec![ctrl('u')], "", 0),
            (vec![key(KeyCode::Left), key(KeyCode::Char('表'))], "ns sho表p", 8),
            (vec![ctrl('a'), ctrl('k')], "", 0),
        ] {
            let mut line = Line::new("ns shop");
            assert!(keys.iter().all(|k| line.edit(k)));
            assert_eq!((line.text(), line.column()), (want, column));
        }
    }

    #[test]
    fn a_pasted_newline_is_a_space_and_never_ends_the_line() {
        let mut line = Line::default();
        line.insert("a\nb\u{1b}[2J");
        assert_eq!(line.text(), "a b[2J");
    }
}
