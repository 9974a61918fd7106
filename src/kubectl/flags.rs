//! Words to positionals and flags. A flag may stand anywhere, before the verb too, and means the same there.
//!
//! One that takes a single value may be given once: kubectl lets the last win, and a person reads the first. What follows
//! `--` is never a flag.
mod table;

use super::{Refusal, refused};
use std::collections::BTreeMap;
use table::{Row, Takes};

/// A command in its parts.
#[derive(Debug, Default)]
pub struct Parts {
    /// Verb first, then operands.
    pub positionals: Vec<String>,
    flags: BTreeMap<&'static str, Vec<String>>,
    /// How many positionals stand before `--`, where there is one.
    dash: Option<usize>,
    verb: String,
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
        self.each(name).iter().flat_map(|v| v.split(',')).filter(|v| !v.is_empty()).map(str::to_owned).collect()
    }
    /// The values of a flag that may be repeated, as they were given.
    pub fn each(&self, name: &str) -> &[String] {
        self.flags.get(name).map(Vec::as_slice).unwrap_or_default()
    }
    /// Whether a switch is on.
    pub fn on(&self, name: &str) -> bool {
        self.flags.get(name).and_then(|v| v.first()).is_some_and(|v| v == "true")
    }
    /// Whether a switch was turned off in so many words.
    pub fn off(&self, name: &str) -> bool {
        self.flags.get(name).and_then(|v| v.first()).is_some_and(|v| v == "false")
    }
    /// Whether a flag was written at all.
    pub fn given(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }
    /// The operands before `--`, and what follows it.
    pub fn split_at_dash(&self) -> (&[String], Option<&[String]>) {
        match self.dash.and_then(|at| self.positionals.split_at_checked(at)) {
            Some((before, after)) => (before.get(1..).unwrap_or_default(), Some(after)),
            None => (self.positionals.get(1..).unwrap_or_default(), None),
        }
    }
    /// Refuses every flag that the verb does not know.
    pub fn only(&self, verb: &str, known: &[&str]) -> Result<(), Refusal> {
        match self.flags.keys().find(|f| !known.contains(f) && !EVERYWHERE.contains(f)) {
            Some(flag) => Err(refused::flag_of_other_verb(verb, flag, known)),
            None => Ok(()),
        }
    }
    /// The words in canonical order: operands, the flags by name, and what follows `--`. Flags that say where, and those
    /// in `without`, are left out.
    pub fn canonical(&self, without: &[&str]) -> Vec<String> {
        let (operands, after) = self.split_at_dash();
        let mut words: Vec<String> = self.positionals.first().into_iter().chain(operands).cloned().collect();
        for (name, values) in &self.flags {
            let switch = table::long(name, &self.verb).is_some_and(|row| row.takes == Takes::Nothing);
            if EVERYWHERE.contains(name) || without.contains(name) {
                continue;
            }
            match values.first().map(String::as_str) {
                Some("true") if switch => words.push(format!("--{name}")),
                Some("false") if switch => {}
                _ => words.extend(values.iter().filter(|v| !v.is_empty()).map(|value| format!("--{name}={value}"))),
            }
        }
        if let Some(after) = after {
            words.push("--".to_owned());
            words.extend(after.iter().cloned());
        }
        words
    }
}

/// Flags of every verb: where, and how long the program itself may wait (it has its own bound).
const EVERYWHERE: &[&str] = &["namespace", "request-timeout"];

/// Sorts words into positionals and flags.
pub fn parse(words: &[String]) -> Parts {
    let mut parts = Parts { verb: verb_of(words).to_owned(), ..Parts::default() };
    let mut rest = words.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        let outcome = match word.strip_prefix("--") {
            _ if parts.dash.is_some() && parts.positionals.is_empty() => Err(Refusal::new("no-verb", "The verb comes before `--`.")),
            Some("") if parts.dash.is_none() => {
                parts.dash = Some(parts.positionals.len());
                Ok(())
            }
            Some(long) if parts.dash.is_none() => parts.long(long, &mut rest),
            None if parts.dash.is_none() && word.len() > 1 && word.starts_with('-') => parts.short(word.get(1..).unwrap_or_default(), &mut rest),
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

/// The first word that is neither a flag nor the value of one. `-p` and `-f` take a value behind some verbs alone: before
/// the verb they take one unless the verb is `logs`.
fn verb_of(words: &[String]) -> &str {
    let mut rest = words.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        let next_is_logs = rest.peek() == Some(&"logs");
        let takes_next = if let Some(long) = word.strip_prefix("--") {
            if long.is_empty() {
                return "";
            }
            table::long(long, "").is_some_and(|row| matches!(row.takes, Takes::One | Takes::Many)) || long == "patch"
        } else if let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty()) {
            short_takes_next(letters, next_is_logs)
        } else {
            return word;
        };
        if takes_next {
            rest.next();
        }
    }
    ""
}

/// Whether the last of these letters takes the next word.
fn short_takes_next(letters: &str, next_is_logs: bool) -> bool {
    let mut chars = letters.chars();
    while let Some(letter) = chars.next() {
        let last = chars.as_str().is_empty();
        let takes = match letter {
            'p' | 'f' => !next_is_logs && (last || !chars.as_str().starts_with(|c: char| c.is_ascii_alphabetic())),
            other => table::some_short(other).is_some_and(|row| matches!(row.takes, Takes::One | Takes::Many)),
        };
        if takes {
            return last;
        }
    }
    false
}

impl Parts {
    fn long<'a>(&mut self, word: &str, rest: &mut impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        let (name, value) = word.split_once('=').map_or((word, None), |(n, v)| (n, Some(v)));
        if let Some(refusal) = refused::flag(&format!("--{name}"), &self.verb) {
            return Err(refusal);
        }
        let row = table::long(name, &self.verb).ok_or_else(|| refused::unknown_flag(&format!("--{name}")))?;
        match (row.takes, value) {
            (Takes::Nothing, value) => self.switch(row, value),
            (Takes::Maybe(otherwise), value) => self.set(row, value.unwrap_or(otherwise)),
            (_, Some(value)) => self.set(row, value),
            (_, None) => self.next(row, rest),
        }
    }

    /// `-nX`, `-n X`, `-n=X`, `-pc X`, `-Aoyaml`.
    fn short<'a>(&mut self, letters: &str, rest: &mut impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        let mut chars = letters.chars();
        while let Some(letter) = chars.next() {
            if let Some(refusal) = refused::flag(&format!("-{letter}"), &self.verb) {
                return Err(refusal);
            }
            let row = table::short(letter, &self.verb).ok_or_else(|| refused::unknown_flag(&format!("-{letter}")))?;
            let tail = chars.as_str();
            let after = tail.strip_prefix('=');
            match row.takes {
                Takes::Nothing if after.is_some() => return self.switch(row, after),
                Takes::Nothing => self.switch(row, None)?,
                _ if tail.is_empty() => return self.next(row, rest),
                _ => return self.set(row, after.unwrap_or(tail)),
            }
        }
        Ok(())
    }

    fn switch(&mut self, row: &Row, value: Option<&str>) -> Result<(), Refusal> {
        match value.unwrap_or("true").to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => self.set(row, "true"),
            "false" | "f" | "0" => self.set(row, "false"),
            other => Err(Refusal::new("bad-value", format!("`--{}` is a switch: it takes `true` or `false`, not `{other}`.", row.name))),
        }
    }

    fn next<'a>(&mut self, row: &Row, rest: &mut impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
        match rest.next() {
            // `-` alone means the manifest in the call
            Some(value) if value == "-" || !value.starts_with('-') || value.parse::<i64>().is_ok() => self.set(row, value),
            Some(value) => {
                Err(Refusal::new("missing-value", format!("`--{0}` needs a value, and `{value}` looks like a flag. Write `--{0}=VALUE`.", row.name)))
            }
            None => Err(Refusal::new("missing-value", format!("`--{0}` needs a value: `--{0}=VALUE`.", row.name))),
        }
    }

    fn set(&mut self, row: &Row, value: &str) -> Result<(), Refusal> {
        if row.name == "filename" && value != "-" {
            return Err(refused::file(value));
        }
        let values = self.flags.entry(row.name).or_default();
        if !values.is_empty() && row.takes != Takes::Many {
            return Err(Refusal::new("repeated-flag", format!("`--{}` is given twice, and only one of them could count. Give it once.", row.name)));
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
        assert_eq!(parts("run a -- sh -c x").split_at_dash().1.map(<[String]>::len), Some(3));
        assert_eq!(parts("get pods -- -n").positionals, ["get", "pods", "-n"]);
    }

    #[test]
    fn a_flag_before_the_verb_means_what_the_verb_says_it_means() {
        for line in ["-p {} patch deploy api", "patch -p {} deploy api", "patch deploy api -p={}", "--patch {} patch deploy api", "-p{} patch deploy api"] {
            let p = parts(line);
            assert_eq!((p.wrong.as_ref(), p.value("patch"), p.positionals.join(" ").as_str()), (None, Some("{}"), "patch deploy api"), "{line}");
        }
        for line in ["-p logs api", "-pc app logs api", "logs -p api", "logs api -p -c app"] {
            let p = parts(line);
            assert_eq!((p.wrong.as_ref(), p.on("previous"), p.positionals.join(" ").as_str()), (None, true, "logs api"), "{line}");
        }
        assert_eq!(parts("-l a=b run x").value("labels"), Some("a=b"));
        assert_eq!(parts("--user me create clusterrolebinding x").each("user"), ["me"]);
    }

    #[test]
    fn words_in_canonical_order_sort_to_the_same_parts() {
        let p = parts("run one --restart=Never -l a=b --image i -n x --command=true --privileged=false -- sh -c --image=j");
        assert_eq!(p.canonical(&[]).join(" "), "run one --command --image=i --labels=a=b --restart=Never -- sh -c --image=j");
    }
}
