//! The grammar: words to [`Operation`] and back, and nothing else. Pure and total.
//!
//! No program is ever run; what the grammar does not know is refused with a sentence that the reader can act on.
//! Neither quoting nor the order of flags changes what a command means, and `parse(print(op)) == op`.
mod body;
mod create;
mod flags;
mod helm;
pub mod kinds;
mod manifest;
mod objects;
mod operands;
mod print;
mod read;
mod refused;
mod values;
mod words;
mod write;

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;

pub use manifest::print as print_manifests;
pub use print::print;
pub use refused::verbs as refused_verbs;

use crate::model::{Action, Manifest, Operation, Scope};
use kinds::Kinds;
use std::cell::Cell;

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
    parse_with(line, None, kinds)
}

/// The same with the manifest that came beside the line, for `apply -f -` and its like.
pub fn parse_with(line: &str, manifest: Option<&str>, kinds: &Kinds) -> Result<Operation, Refusal> {
    operation(&words::split(line)?, manifest, kinds)
}

/// Parses a command that is split into words already (`policy explain -- get pods`).
pub fn parse_words(words: &[String], manifest: Option<&str>, kinds: &Kinds) -> Result<Operation, Refusal> {
    words.iter().try_for_each(|word| words::check(word))?;
    operation(words, manifest, kinds)
}

/// One command with what it is read by.
struct Call<'a> {
    parts: &'a flags::Parts,
    kinds: &'a Kinds,
    manifest: Option<&'a str>,
    /// Whether the verb took the manifest.
    taken: Cell<bool>,
}

impl Call<'_> {
    /// Whether the command is about a manifest.
    fn carries(&self) -> bool {
        self.manifest.is_some() || self.parts.given("filename")
    }
    fn no_operands(verb: &str, operands: &[String]) -> Result<(), Refusal> {
        match operands.first() {
            Some(word) => Err(Refusal::new("too-many", format!("`{verb} -f -` takes no operand, and `{word}` is one. The manifest names the objects."))),
            None => Ok(()),
        }
    }
    /// The manifests of the call.
    fn manifests(&self, verb: &str, generated: bool) -> Result<Vec<Manifest>, Refusal> {
        if self.parts.each("filename").len() > 1 {
            return Err(Refusal::new("repeated-flag", "`-f -` is given twice, and there is one manifest. Give it once."));
        }
        self.taken.set(true);
        let Some(text) = self.manifest else {
            return Err(Refusal::new(
                "no-manifest",
                format!("`{verb}` needs the manifest in the call, beside the command `{verb} -f -`: YAML or JSON, no file and no URL."),
            ));
        };
        let manifests = manifest::read(text, self.kinds, generated)?;
        let scope = self.parts.value("namespace");
        match manifests.iter().filter_map(|m| m.namespace.as_deref()).find(|ns| scope.is_some_and(|scope| scope != *ns)) {
            Some(other) => {
                Err(Refusal::new("namespace-mismatch", format!("The manifest says the namespace {other}, and `-n` says another. Give one of them.")))
            }
            None => Ok(manifests),
        }
    }
}

fn operation(words: &[String], manifest: Option<&str>, kinds: &Kinds) -> Result<Operation, Refusal> {
    let words = match words.split_first() {
        Some((first, rest)) if first == "kubectl" => rest,
        _ => words,
    };
    let parts = flags::parse(words);
    let Some((verb, operands)) = parts.positionals.split_first() else {
        return Err(parts.wrong.unwrap_or_else(|| Refusal::new("no-verb", "The command is empty. State one, like `get pods`.")));
    };
    if let Some(refusal) = refused::by_name(verb, operands) {
        return Err(refusal);
    }
    if let Some(wrong) = parts.wrong {
        return Err(wrong);
    }
    values::waits(&parts)?;
    let call = Call { parts: &parts, kinds, manifest, taken: Cell::new(false) };
    let action = match read::parse(verb, operands, &call) {
        Some(read) => Action::Read(read?),
        None => Action::Write(write::parse(verb, operands, &call).ok_or_else(|| refused::verb(verb))??),
    };
    if manifest.is_some() && !call.taken.get() {
        return Err(Refusal::new("stray-manifest", format!("`{verb}` takes no manifest here, and one came with it. Leave it out, or state `apply -f -`.")));
    }
    let operation = Operation { action, scope: scope(&parts)? };
    // Where every manifest says its namespace itself, the command's means nothing.
    let needless = !operation.manifests().is_empty() && !operation.is_scoped();
    Ok(if needless { Operation { scope: Scope::Context, ..operation } } else { operation })
}

fn scope(parts: &flags::Parts) -> Result<Scope, Refusal> {
    match (parts.value("namespace"), parts.on("all-namespaces")) {
        (Some(_), true) => Err(Refusal::new("contradiction", "`-n` and `-A` contradict each other. Give one of them.")),
        (Some(namespace), false) => Ok(Scope::Named(operands::namespace(namespace)?)),
        (None, true) => Ok(Scope::All),
        (None, false) => Ok(Scope::Context),
    }
}
