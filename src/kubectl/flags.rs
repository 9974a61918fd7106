//! Words to positionals and flags: one table of every flag that the grammar knows, where it may stand and what it takes.
//!
//! A flag means the same wherever it stands, before the verb too. One that takes a single value may be given once:
//! kubectl lets the last win, and a person reads the first.
use super::{Refusal, refused};
use std::collections::BTreeMap;

/// What follows a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Nothing, or `=true`, `=false`.
    Nothing,
    /// One value, and once.
    One,
    /// A value; may be repeated.
    Many,
}

/// Long name, short name, what it takes.
type Row = (&'static str, Option<char>, Takes);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("namespace", Some('n'), Takes::One),
    ("all-namespaces", Some('A'), Takes::Nothing),
    ("output", Some('o'), Takes::One),
    ("selector", Some('l'), Takes::One),
    ("field-selector", None, Takes::One),
    ("sort-by", None, Takes::One),
    ("show-labels", None, Takes::Nothing),
    ("container", Some('c'), Takes::One),
    ("previous", Some('p'), Takes::Nothing),
    ("tail", None, Takes::One),
    ("since", None, Takes::One),
    ("timestamps", None, Takes::Nothing),
    ("all-containers", None, Takes::Nothing),
    ("for", None, Takes::One),
    ("types", None, Takes::Many),
    ("containers", None, Takes::Nothing),
    ("revision", None, Takes::One),
    ("to-revision", None, Takes::One),
    ("subresource", None, Takes::One),
    ("list", None, Takes::Nothing),
    ("replicas", None, Takes::One),
    ("current-replicas", None, Takes::One),
    ("grace-period", None, Takes::One),
    ("force", None, Takes::Nothing),
    ("now", None, Takes::Nothing),
    ("cascade", None, Takes::One),
    ("all", None, Takes::Nothing),
    ("watch", Some('w'), Takes::Nothing),
    ("watch-only", None, Takes::Nothing),
    ("follow", None, Takes::Nothing),
    ("wait", None, Takes::Nothing),
    ("timeout", None, Takes::One),
    ("request-timeout", None, Takes::One),
    ("no-headers", None, Takes::Nothing),
    ("show-kind", None, Takes::Nothing),
    ("show-events", None, Takes::Nothing),
    ("show-managed-fields", None, Takes::Nothing),
    ("ignore-not-found", None, Takes::Nothing),
    ("chunk-size", None, Takes::One),
    ("label-columns", Some('L'), Takes::Many),
    ("prefix", None, Takes::Nothing),
    ("ignore-errors", None, Takes::Nothing),
    ("max-log-requests", None, Takes::One),
    ("limit-bytes", None, Takes::One),
    ("quiet", Some('q'), Takes::Nothing),
    ("client", None, Takes::Nothing),
    ("sum", None, Takes::Nothing),
    ("namespaced", None, Takes::One),
    ("api-group", None, Takes::One),
    ("verbs", None, Takes::Many),
    ("cached", None, Takes::Nothing),
];

/// A command in its parts.
#[derive(Debug, Default)]
pub struct Parts {
    /// Verb first, then operands.
    pub positionals: Vec<String>,
    flags: BTreeMap<&'static str, Vec<String>>,
    /// The first thing wrong with the flags; a verb that is refused by name is said first.
    pub wrong: Option<Refusal>,
}

impl Parts {
    /// The value of a flag that takes one; empty counts as not given, as in kubectl.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.flags.get(name).and_then(|v| v.first()).map(String::as_str).filter(|v| !v.is_empty())
    }
    /// The values of a flag that may be repeated, split at commas.
    pub fn values(&self, name: &str) -> Vec<String> {
        self.flags.get(name).into_iter().flatten().flat_map(|v| v.split(',')).filter(|v| !v.is_empty()).map(str::to_owned).collect()
    }
    /// Whether a switch is on.
    pub fn on(&self, name: &str) -> bool {
        self.flags.get(name).and_then(|v| v.first()).is_some_and(|v| v == "true")
    }
    /// Whether a flag was written at all.
    pub fn given(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }
    /// Refuses every flag that the verb does not know.
    pub fn only(&self, verb: &str, known: &[&str]) -> Result<(), Refusal> {
        match self.flags.keys().find(|f| !known.contains(f) && !EVERYWHERE.contains(f)) {
            Some(flag) => Err(refused::flag_of_other_verb(verb, flag, known)),
            None => Ok(()),
        }
    }
}

/// Flags of every verb: where, and how long the program itself may wait (it has its own bound).
const EVERYWHERE: &[&str] = &["namespace", "request-timeout"];

/// Sorts words into positionals and flags.
pub fn parse(words: &[String]) -> Parts {
    let mut parts = Parts::default();
    let mut rest = words.iter().map(String::as_str);
    let mut only_names = false;
    while let Some(word) = rest.next() {
        let outcome = match word.strip_prefix("--") {
            Some("") if !only_names => {
                only_names = true;
                Ok(())
            }
            Some(long) if !only_names => parts.long(long, &mut rest),
            None if !only_names && word.len() > 1 && word.starts_with('-') => parts.short(word.get(1..).unwrap_or_default(), &mut rest),
            _ if only_names && parts.positionals.is_empty() => Err(Refusal::new("no-verb", "The verb comes before `--`.")),
            _ => {
                parts.positionals.push(word.to_owned());
                Ok(())
            }
        };
        if let Err(refusal) = outcome {
            parts.wrong.get_or_insert(refusal);
        }
    }
    parts
}

impl Parts {
    fn long<'a>(&mut self, word: &str, rest: &mut impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        let (name, value) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(v)));
        if let Some(refusal) = refused::flag(&format!("--{name}"), self.verb()) {
            return Err(refusal);
        }
        let row = TABLE.iter().find(|row| row.0 == name).ok_or_else(|| refused::unknown_flag(&format!("--{name}")))?;
        match (row.2, value) {
            (Takes::Nothing, value) => self.switch(row, value),
            (_, Some(value)) => self.set(row, value),
            (_, None) => self.next(row, rest),
        }
    }

    /// `-nX`, `-n X`, `-n=X`, `-pc X`, `-Aoyaml`.
    fn short<'a>(&mut self, letters: &str, rest: &mut impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        let mut chars = letters.chars();
        while let Some(letter) = chars.next() {
            if let Some(refusal) = refused::flag(&format!("-{letter}"), self.verb()) {
                return Err(refusal);
            }
            let row = TABLE.iter().find(|row| row.1 == Some(letter)).ok_or_else(|| refused::unknown_flag(&format!("-{letter}")))?;
            let tail = chars.as_str();
            let after = tail.strip_prefix('=');
            match row.2 {
                Takes::Nothing if after.is_some() => return self.switch(row, after),
                Takes::Nothing => self.switch(row, None)?,
                _ if tail.is_empty() => return self.next(row, rest),
                _ => return self.set(row, after.unwrap_or(tail)),
            }
        }
        Ok(())
    }

    fn verb(&self) -> &str {
        self.positionals.iter().map(String::as_str).find(|w| *w != "kubectl").unwrap_or_default()
    }

    fn switch(&mut self, row: &Row, value: Option<&str>) -> Result<(), Refusal> {
        match value.unwrap_or("true").to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => self.set(row, "true"),
            "false" | "f" | "0" => self.set(row, "false"),
            other => Err(Refusal::new("bad-value", format!("`--{}` is a switch: it takes `true` or `false`, not `{other}`.", row.0))),
        }
    }

    fn next<'a>(&mut self, row: &Row, rest: &mut impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        match rest.next() {
            Some(value) if !value.starts_with('-') || value.parse::<i64>().is_ok() => self.set(row, value),
            Some(value) => Err(Refusal::new("missing-value", format!("`--{0}` needs a value, and `{value}` looks like a flag. Write `--{0}=VALUE`.", row.0))),
            None => Err(Refusal::new("missing-value", format!("`--{0}` needs a value: `--{0}=VALUE`.", row.0))),
        }
    }

    fn set(&mut self, row: &Row, value: &str) -> Result<(), Refusal> {
        let values = self.flags.entry(row.0).or_default();
        if !values.is_empty() && row.2 != Takes::Many {
            return Err(Refusal::new("repeated-flag", format!("`--{}` is given twice, and only one of them could count. Give it once.", row.0)));
        }
        values.push(value.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> Parts {
        parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn every_way_to_give_a_namespace_is_the_same() {
        for line in ["get pods -n shop", "get pods -nshop", "get pods -n=shop", "get pods --namespace shop", "-n shop get pods", "get --namespace=shop pods"] {
            let p = parts(line);
            assert_eq!((p.wrong.as_ref(), p.value("namespace"), p.positionals.join(" ").as_str()), (None, Some("shop"), "get pods"), "{line}");
        }
    }

    #[test]
    fn short_flags_combine() {
        let p = parts("logs api -pc app --tail -1");
        assert!(p.on("previous") && p.wrong.is_none());
        assert_eq!((p.value("container"), p.value("tail")), (Some("app"), Some("-1")));
        let p = parts("get pods -Aoyaml --show-labels=false");
        assert!(p.on("all-namespaces") && !p.on("show-labels") && p.given("show-labels"));
        assert_eq!(p.value("output"), Some("yaml"));
    }

    #[test]
    fn what_is_wrong_with_flags_is_said() {
        for (line, rule) in [
            ("get pods -n a -n b", "repeated-flag"),
            ("get pods -n a --namespace=a", "repeated-flag"),
            ("get pods -A -A", "repeated-flag"),
            ("get pods -n", "missing-value"),
            ("get pods -n -A", "missing-value"),
            ("get pods --no-such", "unknown-flag"),
            ("get pods -Z", "unknown-flag"),
            ("get pods --as=x", "identity-flag"),
            ("get pods --show-labels=maybe", "bad-value"),
            ("-- get pods", "no-verb"),
        ] {
            assert_eq!(parts(line).wrong.map(|r| r.rule), Some(rule), "{line}");
        }
        assert!(parts("get pods -- -n").wrong.is_none());
        assert_eq!(parts("get pods -- -n").positionals, ["get", "pods", "-n"]);
    }
}
