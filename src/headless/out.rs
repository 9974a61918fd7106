//! Standard output and error of the headless commands: one writer each. A reader that went away is a clean end, not an
//! error; everything else that fails is said.
use crate::model::Trouble;
use crate::text::{Clean, clean};
use std::io::{self, Write};

/// Exit codes, the first that applies wins.
pub mod code {
    /// Done.
    pub const DONE: u8 = 0;
    /// No answer.
    pub const NO_ANSWER: u8 = 1;
    /// Usage or configuration.
    pub const USAGE: u8 = 2;
    /// The audit chain is broken.
    pub const BROKEN: u8 = 3;
    /// Something could not be read.
    pub const INCOMPLETE: u8 = 4;
    /// A finding reached `--fail-on`.
    pub const FOUND: u8 = 5;
    /// A change waits for approval.
    pub const WAITS: u8 = 6;
}

/// Standard output, written whole and at once.
#[derive(Debug)]
pub struct Out<W: Write> {
    sink: W,
    closed: bool,
}

impl Out<io::Stdout> {
    /// The process's own.
    pub fn stdout() -> Self {
        Self::new(io::stdout())
    }
}

impl<W: Write> Out<W> {
    /// Writes to `sink`.
    pub fn new(sink: W) -> Self {
        Self { sink, closed: false }
    }
    /// Writes what is harmless already, and flushes. Whoever reads may go away: then nothing more is written and nothing is wrong.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        match self.sink.write_all(text.as_bytes()).and_then(|()| self.sink.flush()) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            result => result,
        }
    }
    /// A line for a person, made harmless whatever it holds.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.write(&(safe(text) + "\n"))
    }
    /// A JSON document on a line. What a terminal would not show as itself is escaped in it, so it says the same.
    pub fn json(&mut self, value: &serde_json::Value) -> io::Result<()> {
        self.write(&(escaped(&value.to_string()) + "\n"))
    }
    /// Whether the reader went away.
    pub fn closed(&self) -> bool {
        self.closed
    }
}

/// A line on standard error. There is nothing to do when that fails.
pub fn say(text: &str) {
    let _ = io::stderr().write_all(format!("{}\n", Clean::block(text)).as_bytes());
}

/// What went wrong, in full: operation, cause, what to do.
pub fn trouble(trouble: &Trouble) {
    say(&format!("kopilot-tui: {trouble}"));
}

/// JSON whose strings hold plain characters alone; the others stand as `\\uXXXX`.
fn escaped(json: &str) -> String {
    if json.chars().all(clean::is_plain) {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if clean::is_plain(c) {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

/// Text that came from outside, for a terminal: every character that is not plain stays visible, lines are kept.
pub fn safe(text: &str) -> String {
    if text.chars().all(|c| c == '\n' || clean::is_plain(c)) { text.to_owned() } else { Clean::block(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_a_clean_end() {
        let mut out = Out::new(Gone);
        out.line("a").unwrap();
        assert!(out.closed());
        out.line("b").unwrap();
    }

    #[test]
    fn no_line_and_no_document_carries_an_escape_and_a_document_says_the_same() {
        let hostile = "a\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{202e}\u{200b}\u{e0041} ⟦é⟧ \"q\" 👍";
        let mut sink = Vec::new();
        let value = serde_json::json!({hostile: [hostile]});
        let mut out = Out::new(&mut sink);
        out.line(hostile).unwrap();
        out.json(&value).unwrap();
        let text = String::from_utf8(sink).unwrap();
        assert!(text.chars().all(|c| c == '\n' || clean::is_plain(c)), "{text:?}");
        assert!(text.contains("⟦é⟧"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(text.lines().last().unwrap()).unwrap(), value);
    }
}
