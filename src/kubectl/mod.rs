//! The grammar: words to [`Operation`](crate::model::Operation) and back, and nothing else. Pure and total.
//!
//! No program is ever run; what the grammar does not know is refused with a sentence that the reader can act on.
pub mod kinds;

use crate::model::Operation;
use kinds::Kinds;

/// Why a command is no operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Refusal {
    /// A stable id: `shell-syntax`, `unknown-verb`, `unknown-flag`, `identity-flag`, `secret-kind`, …
    pub rule: &'static str,
    /// What is wrong and the nearest legal way.
    pub sentence: String,
}

/// Parses one command line; the leading word `kubectl` may be left out.
pub fn parse(line: &str, kinds: &Kinds) -> Result<Operation, Refusal> {
    let _ = (line, kinds);
    Err(Refusal { rule: "unknown-verb", sentence: "The grammar is empty.".into() })
}

/// Parses a command that is split into words already (`policy explain -- get pods`).
pub fn parse_words(words: &[String], kinds: &Kinds) -> Result<Operation, Refusal> {
    let _ = (words, kinds);
    Err(Refusal { rule: "unknown-verb", sentence: "The grammar is empty.".into() })
}

/// The canonical command line of an operation: `parse(print(op)) == op`.
pub fn print(operation: &Operation) -> String {
    format!("{operation:?}")
}
