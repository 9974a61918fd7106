//! The grammar: words to [`Operation`] and back, and nothing else. Pure and total.
//!
//! No program is ever run; what the grammar does not know is refused with a sentence that the reader can act on.
//! Neither quoting nor the order of flags changes what a command means, and `parse(print(op)) == op`.
mod flags;
pub mod kinds;
mod operands;
mod print;
mod read;
mod refused;
mod values;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use print::print;
pub use refused::verbs as refused_verbs;

use crate::model::{Action, Operation, Scope};
use kinds::Kinds;

/// Why a command is no operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Refusal {
    /// A stable id: `shell-syntax`, `unknown-verb`, `unknown-flag`, `identity-flag`, `unknown-kind`, …
    pub rule: &'static str,
    /// What is wrong and the nearest legal way.
    pub sentence: String,
}

impl Refusal {
    fn new(rule: &'static str, sentence: impl Into<String>) -> Self {
        Self { rule, sentence: sentence.into() }
    }
}

/// Parses one command line; the leading word `kubectl` may be left out.
pub fn parse(line: &str, kinds: &Kinds) -> Result<Operation, Refusal> {
    operation(&words::split(line)?, kinds)
}

/// Parses a command that is split into words already (`policy explain -- get pods`).
pub fn parse_words(words: &[String], kinds: &Kinds) -> Result<Operation, Refusal> {
    for word in words {
        words::check(word)?;
    }
    operation(words, kinds)
}

fn operation(words: &[String], kinds: &Kinds) -> Result<Operation, Refusal> {
    let words = match words.split_first() {
        Some((first, rest)) if first == "kubectl" => rest,
        _ => words,
    };
    let parts = flags::parse(words);
    let Some((verb, operands)) = parts.positionals.split_first() else {
        return Err(parts.wrong.unwrap_or_else(|| Refusal::new("no-verb", "The command is empty. State one, like `get pods`.")));
    };
    if refused::is_verb(verb) {
        return Err(refused::verb(verb));
    }
    if let Some(wrong) = parts.wrong {
        return Err(wrong);
    }
    let action = match read::parse(verb, operands, &parts, kinds) {
        Some(read) => Action::Read(read?),
        None => Action::Write(write::parse(verb, operands, &parts, kinds).ok_or_else(|| refused::verb(verb))??),
    };
    Ok(Operation { action, scope: scope(&parts)? })
}

fn scope(parts: &flags::Parts) -> Result<Scope, Refusal> {
    match (parts.value("namespace"), parts.on("all-namespaces")) {
        (Some(_), true) => Err(Refusal::new("contradiction", "`-n` and `-A` contradict each other. Give one of them.")),
        (Some(namespace), false) => Ok(Scope::Named(operands::namespace(namespace)?)),
        (None, true) => Ok(Scope::All),
        (None, false) => Ok(Scope::Context),
    }
}
