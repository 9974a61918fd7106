//! Citations: `[E1]`, `[E1, E3]`, `[E1][E2]` in an answer, and whether what they name was ever read.
use super::Ledger;
use crate::model::EvidenceId;
use std::ops::Range;

/// One id in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The bytes of the id itself (`E1`), without brackets.
    pub range: Range<usize>,
    /// What it names.
    pub id: EvidenceId,
    /// Whether the ledger has it.
    pub known: bool,
}

/// The citations of a text, in order.
pub fn citations(text: &str, ledger: &Ledger) -> Vec<Citation> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|t| t.find('[')).map(|i| at + i + 1) {
        let inside = text.get(open..).unwrap_or_default();
        match inside.find([']', '[', '\n']) {
            Some(len) if inside[len..].starts_with(']') => {
                out.extend(group(inside.get(..len).unwrap_or_default(), open, ledger).unwrap_or_default());
                at = open + len;
            }
            _ => at = open,
        }
    }
    out
}

/// The ids of one bracket; `None` when anything else stands in it.
fn group(inside: &str, start: usize, ledger: &Ledger) -> Option<Vec<Citation>> {
    let mut out = Vec::new();
    let mut at = start;
    for part in inside.split([',', ';', ' ']) {
        if !part.is_empty() {
            let id = part.parse::<EvidenceId>().ok()?;
            out.push(Citation { range: at..at + part.len(), id, known: ledger.find(id).is_some() });
        }
        at += part.len() + 1;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Looked, Reading, Source, Timestamp, TurnId};
    use crate::text::{Clean, Redactor};

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        for _ in 0..3 {
            let looked = Looked::Nothing(Clean::line("x"));
            let reading = Reading { source: Source::Events, object: None, uid: None, resource_version: None, taken_at: Timestamp::UNIX_EPOCH, looked };
            ledger.read(TurnId(1), &Clean::line("events"), reading, &Redactor::new([0; 32]), "s");
        }
        ledger
    }

    #[test]
    fn citations_are_found_in_every_form_and_unknown_ones_are_told() {
        let ledger = ledger();
        for (text, want) in [
            ("it is [E1].", vec![("E1", true)]),
            ("[E1, E3] and [E2][E9]", vec![("E1", true), ("E3", true), ("E2", true), ("E9", false)]),
            ("[E1; E2 E3]", vec![("E1", true), ("E2", true), ("E3", true)]),
            ("[E0] [E] [e1] [E1a] [see E1] E1 [E1\n]", vec![("E0", false)]),
            ("a[0] [[E2]] ü[E1] [E1", vec![("E2", true), ("E1", true)]),
            ("", vec![]),
        ] {
            let got: Vec<(&str, bool)> = citations(text, &ledger).iter().map(|c| (&text[c.range.clone()], c.known)).collect();
            assert_eq!(got, want, "{text}");
        }
    }
}
