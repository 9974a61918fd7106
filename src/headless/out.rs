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
    /// Writes and flushes. Whoever reads may go away: then nothing more is written and nothing is wrong.
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
    /// The same with a newline.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.write(&format!("{text}\n"))
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
}
