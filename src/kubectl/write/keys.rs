//! `label` and `annotate`: the objects first, then `KEY=VALUE` or `KEY-`.
use crate::kubectl::objects::{self, Choice};
use crate::kubectl::{Refusal, flags::Parts, kinds::Kinds, values};
use crate::model::Write;
use crate::model::operation::KeyChange;

/// The change of labels or annotations.
pub fn parse(verb: &str, operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    if parts.given("list") {
        return Err(Refusal::new("not-offered", format!("`{verb} --list` is refused. Labels are shown by `get --show-labels`, both by `describe`.")));
    }
    objects::only(parts, verb, Choice::AllAndFields, &["overwrite"])?;
    let first = operands.iter().position(|w| w.contains('=') || w.ends_with('-')).unwrap_or(operands.len());
    let (named, pairs) = operands.split_at_checked(first).unwrap_or((operands, &[]));
    let objects = objects::choose(named, parts, kinds, verb, Choice::AllAndFields)?;
    let label = verb == "label";
    let changes = pairs.iter().map(|word| change(verb, word, label)).collect::<Result<Vec<_>, _>>()?;
    if changes.is_empty() {
        return Err(Refusal::new("missing-value", format!("`{verb}` needs what to set: `{verb} KIND/NAME KEY=VALUE`, or `KEY-` to remove.")));
    }
    values::once(&changes)?;
    let overwrite = parts.on("overwrite");
    Ok(if label { Write::Label { objects, changes, overwrite } } else { Write::Annotate { objects, changes, overwrite } })
}

fn change(verb: &str, word: &str, label: bool) -> Result<KeyChange, Refusal> {
    let (key, value) = match word.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (word.strip_suffix('-').unwrap_or_default(), None),
    };
    if !values::is_qualified(key) || value.is_some_and(|v| label && !values::is_label_value(v)) {
        let shown: String = word.chars().take(80).collect();
        return Err(Refusal::new(
            "bad-value",
            format!("`{shown}` is nothing that `{verb}` can set. Write `KEY=VALUE`, or `KEY-` to remove it, after the objects."),
        ));
    }
    Ok(KeyChange { key: key.to_owned(), value: value.map(str::to_owned) })
}
