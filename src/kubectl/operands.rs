//! Operands to targets: `TYPE`, `TYPE,TYPE`, `TYPE NAME…`, `TYPE/NAME…`, and what makes a name.
use super::{Refusal, kinds::Kinds};
use crate::model::operation::Target;

/// The targets that operands name. All stand either as `TYPE/NAME` or as `TYPE[,TYPE…] [NAME…]`, never mixed.
pub fn targets(words: &[String], kinds: &Kinds) -> Result<Vec<Target>, Refusal> {
    let Some((first, names)) = words.split_first() else {
        return Err(Refusal::new("no-kind", "Name a kind, or an object as KIND/NAME."));
    };
    if words.iter().any(|w| w.contains('/')) {
        return words.iter().map(|w| slashed(w, kinds)).collect();
    }
    let mut out = Vec::new();
    for word in first.split(',') {
        let of_kind = if word.eq_ignore_ascii_case("all") && names.is_empty() { kinds.all() } else { vec![kind(word, kinds)?] };
        for kind in of_kind {
            if names.is_empty() {
                out.push(Target { kind, name: None });
                continue;
            }
            for name in names {
                out.push(Target { kind: kind.clone(), name: Some(object_name(name)?) });
            }
        }
    }
    Ok(out)
}

/// Exactly one named object.
pub fn one(words: &[String], kinds: &Kinds, verb: &str) -> Result<Target, Refusal> {
    let mut all = targets(words, kinds)?;
    match (all.pop(), all.is_empty()) {
        (Some(target), true) if target.name.is_some() => Ok(target),
        (Some(target), true) => Err(Refusal::new(
            "no-name",
            format!("`{verb}` needs one object by name: `{verb} {}/NAME`. `get {}` lists them.", target.kind.kind.to_lowercase(), target.kind.resource),
        )),
        _ => Err(Refusal::new("too-many", format!("`{verb}` takes one object at a time. Send one call for each."))),
    }
}

/// `KIND/NAME`.
pub fn slashed(word: &str, kinds: &Kinds) -> Result<Target, Refusal> {
    match word.split('/').collect::<Vec<_>>().as_slice() {
        [of, name] if !of.contains(',') => Ok(Target { kind: kind(of, kinds)?, name: Some(object_name(name)?) }),
        [_] => Err(Refusal::new(
            "mixed-operands",
            format!("`{word}` stands beside KIND/NAME operands. Write every object as KIND/NAME, or one kind and then names."),
        )),
        _ => Err(Refusal::new("bad-name", format!("`{word}` is no object. Write one as KIND/NAME, each in a word of its own."))),
    }
}

/// The kind that a word names.
pub fn kind(word: &str, kinds: &Kinds) -> Result<crate::model::KindRef, Refusal> {
    if word.is_empty() {
        return Err(Refusal::new("no-kind", "An empty word stands where a kind should. Name a kind, like `pods`."));
    }
    kinds.resolve(word).ok_or_else(|| Refusal::new("unknown-kind", format!("`{word}` is no kind that is known here. `api-resources` lists them.")))
}

/// A name that can stand in a path of the API without changing its meaning.
pub fn object_name(name: &str) -> Result<String, Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:@+".contains(c);
    if name.is_empty() || name.len() > 253 || name == "." || name == ".." || !name.chars().all(plain) || name.starts_with('-') {
        let shown: String = name.chars().take(60).collect();
        return Err(Refusal::new("bad-name", format!("`{shown}` is no name of an object. Give one name a word; `get` lists them.")));
    }
    Ok(name.to_owned())
}

/// A namespace: a DNS label.
pub fn namespace(name: &str) -> Result<String, Refusal> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.len() > 63 || !name.bytes().all(plain) || name.starts_with('-') || name.ends_with('-') {
        let shown: String = name.chars().take(70).collect();
        return Err(Refusal::new(
            "bad-namespace",
            format!("`{shown}` is no namespace: they have lower-case letters, digits and `-`. `get namespaces` lists them."),
        ));
    }
    Ok(name.to_owned())
}
