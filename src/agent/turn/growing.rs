//! Text of a model as it grows. It is shown clean and redacted at every moment: the word that is still being said is held
//! back, since half of a secret is not known for one. What was long said is settled, so that a piece costs what is near it.
use crate::text::{Clean, Redactor};

/// The longest answer that is kept.
const LONGEST: usize = 1024 * 1024;
/// How much is looked at again with each piece, and how much of that stays open when the rest is settled.
const OPEN: usize = 8 * 1024;
const STAYS_OPEN: usize = 2 * 1024;

#[derive(Debug, Default)]
pub(super) struct Growing {
    raw: String,
    settled: Clean,
    open_from: usize,
}

impl Growing {
    /// False when it is full.
    pub fn add(&mut self, more: &str) -> bool {
        if self.raw.len() + more.len() > LONGEST {
            return false;
        }
        self.raw.push_str(more);
        true
    }

    /// As the model said it: for the prompt's own preparation, never for a screen.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The same, taken.
    pub fn into_raw(self) -> String {
        self.raw
    }

    /// What may be shown while more is coming.
    pub fn shown(&mut self, redactor: &Redactor) -> Clean {
        let open = self.raw.get(self.open_from..).unwrap_or_default();
        if open.len() > OPEN {
            let end = open.floor_char_boundary(open.len() - STAYS_OPEN);
            if let Some(line) = open.get(..end).and_then(|t| t.rfind('\n')) {
                self.settled = self.settled.then(&redacted(open.get(..=line).unwrap_or_default(), redactor));
                self.open_from += line + 1;
            }
        }
        let open = self.raw.get(self.open_from..).unwrap_or_default();
        // Scripts without spaces are not held: no name of a secret is written in them.
        let held = open.bytes().rev().take_while(u8::is_ascii_graphic).count();
        self.settled.then(&redacted(open.get(..open.len() - held).unwrap_or_default(), redactor))
    }

    /// All of it, at its end.
    pub fn whole(&self, redactor: &Redactor) -> Clean {
        redacted(&self.raw, redactor)
    }
}

/// Cleaned, redacted, and clean again by that: marks are plain.
pub(super) fn redacted(text: &str, redactor: &Redactor) -> Clean {
    let clean = Clean::block(text);
    let (text, taken) = redactor.redact(&clean);
    if taken.is_empty() { clean } else { Clean::block(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_of_a_secret_is_ever_shown_and_all_else_is() {
        let redactor = Redactor::new([5; 32]);
        let lines =
            "Look: the url is postgres://ada:canary7x@db/shop and\nDB_PASSWORD=canary7x, \"apiKey\": \"canary7x\" so\nAuthorization: Bearer canary7x.\n";
        let text = format!("{}{lines}{}naïve 表 end", lines.repeat(2), "an ordinary line\n".repeat(2000));
        let mut growing = Growing::default();
        let mut last = Clean::default();
        for (i, c) in text.chars().enumerate() {
            assert!(growing.add(c.encode_utf8(&mut [0; 4])));
            if i < 900 || i % 97 == 0 {
                last = growing.shown(&redactor);
                assert!(!last.contains("canar") && !last.contains("cana"), "{last}");
            }
        }
        assert!(last.len() > text.len() / 2, "long text is shown as it comes");
        let whole = growing.whole(&redactor);
        assert!(whole.ends_with("naïve 表 end") && !whole.contains("canary") && whole.matches("⟦redacted").count() == 9, "{whole}");
        assert_eq!(growing.raw(), text);
        assert!(!growing.add(&"x".repeat(LONGEST)));
    }
}
