//! The objects of a write: named ones, or all of a kind that a selector leaves. A write that would reach more than its words
//! say (an empty selector, a name beside `--all`) is refused.
use super::{Refusal, flags::Parts, kinds::Kinds, operands};
use crate::model::operation::{Objects, Selectors, Target};

/// How a verb lets its objects be chosen besides by name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// By name alone.
    Named,
    /// By name or `-l`.
    Selector,
    /// By name or `-l`; and a kind alone means all of it, as kubectl's `rollout` has it.
    Kind,
    /// By name, `-l`, or `--all`.
    All,
    /// By name, `-l`, `--field-selector`, or `--all`.
    AllAndFields,
}

impl Choice {
    /// The flags that choose, for [`Parts::only`].
    pub fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Named => &[],
            Self::Selector | Self::Kind => &["selector"],
            Self::All => &["selector", "all"],
            Self::AllAndFields => &["selector", "all", "field-selector", "all-namespaces"],
        }
    }
}

/// Refuses flags that neither choose objects nor are in `also`.
pub fn only(parts: &Parts, verb: &str, choice: Choice, also: &[&str]) -> Result<(), Refusal> {
    let known: Vec<&str> = choice.flags().iter().chain(also).chain(&["output", "show-managed-fields", "allow-missing-template-keys"]).copied().collect();
    parts.only(verb, &known)
}

/// The objects that operands and flags choose.
pub fn choose(words: &[String], parts: &Parts, kinds: &Kinds, verb: &str, choice: Choice) -> Result<Objects, Refusal> {
    finish(operands::targets(words, kinds)?, parts, verb, choice)
}

/// The same for a verb whose operands are names of one kind, or KIND/NAME of it.
pub fn of_kind(words: &[String], kind: &str, parts: &Parts, kinds: &Kinds, verb: &str, choice: Choice) -> Result<Objects, Refusal> {
    let expected = operands::kind(kind, kinds)?;
    if words.is_empty() {
        return finish(vec![Target { kind: expected, name: None }], parts, verb, choice);
    }
    if let Some(word) = words.iter().find(|w| !w.contains('/') && kinds.resolve(w).as_ref() == Some(&expected)) {
        return Err(Refusal::new("mixed-operands", format!("After `{verb}` stand names, so `{word}` would be one. Write `{verb} NAME`.")));
    }
    let target = |word: &String| {
        if !word.contains('/') {
            return Ok(Target { kind: expected.clone(), name: Some(operands::object_name(word)?) });
        }
        let target = operands::slashed(word, kinds)?;
        if (&target.kind.group, &target.kind.resource) == (&expected.group, &expected.resource) {
            Ok(target)
        } else {
            Err(Refusal::new("bad-kind", format!("`{verb}` is about {}, and `{word}` is none. Write `{verb} NAME`.", expected.resource)))
        }
    };
    finish(words.iter().map(target).collect::<Result<_, _>>()?, parts, verb, choice)
}

fn finish(targets: Vec<Target>, parts: &Parts, verb: &str, choice: Choice) -> Result<Objects, Refusal> {
    let selectors = Selectors { labels: selector(parts, "selector")?, fields: selector(parts, "field-selector")? };
    let (selected, every) = (selectors != Selectors::default(), parts.on("all"));
    let named = targets.iter().filter(|t| t.name.is_some()).count();
    if named > 0 && (selected || every) {
        return Err(Refusal::new("contradiction", "A name contradicts a selector or `--all`. Give one of them."));
    }
    if selected && every {
        return Err(Refusal::new("contradiction", "A selector and `--all` contradict each other. Give one of them."));
    }
    if named > 0 && named < targets.len() {
        return Err(Refusal::new("mixed-operands", "Some of the objects have a name and some have none. Name each, or none."));
    }
    if named > 0 && parts.on("all-namespaces") && targets.iter().any(|t| t.kind.namespaced) {
        return Err(Refusal::new("name-in-all", "One object by name lives in one namespace. Give `-n NAMESPACE` in place of `-A`."));
    }
    if let Some(target) = targets.first().filter(|_| named == 0 && !selected && !every && choice != Choice::Kind) {
        return Err(no_name(verb, target, choice));
    }
    for (at, target) in targets.iter().enumerate() {
        if targets.iter().skip(at + 1).any(|other| other == target) {
            let called = target.name.as_deref().unwrap_or(&target.kind.resource);
            return Err(Refusal::new("contradiction", format!("`{called}` stands twice. Give each object once.")));
        }
    }
    Ok(Objects { targets, selectors })
}

fn no_name(verb: &str, target: &Target, choice: Choice) -> Refusal {
    let kind = &target.kind;
    let other = match choice {
        Choice::Named | Choice::Kind => "",
        Choice::Selector => ", or `-l SELECTOR`",
        Choice::All | Choice::AllAndFields => ", or `-l SELECTOR`, or `--all`",
    };
    Refusal::new(
        "no-name",
        format!("`{verb}` needs each object by name (`{verb} {}/NAME`){other}. `get {}` lists them.", kind.kind.to_lowercase(), kind.resource),
    )
}

/// A selector that says something: a blank one would leave everything.
fn selector(parts: &Parts, flag: &str) -> Result<Option<String>, Refusal> {
    let blank = |text: &str| text.split(',').all(|part| part.trim().is_empty());
    match parts.value(flag) {
        Some(text) if blank(text) => {
            Err(Refusal::new("bad-value", format!("`--{flag}` is blank, which would choose everything. Write it like `--{flag}=app=api`.")))
        }
        other => Ok(other.map(str::to_owned)),
    }
}
