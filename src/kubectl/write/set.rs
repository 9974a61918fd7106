//! `set image|env|resources`: the objects first, then what is set.
use crate::kubectl::objects::{self, Choice};
use crate::kubectl::{Refusal, flags::Parts, kinds::Kinds, operands, refused, values};
use crate::model::Write;
use crate::model::operation::{KeyChange, Objects};

/// Kinds with containers.
const CONTAINED: &[&str] = &["pods", "deployments", "replicasets", "statefulsets", "daemonsets", "cronjobs", "jobs", "replicationcontrollers"];

/// The change of `set`.
pub fn parse(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    match operands.split_first().map(|(sub, rest)| (sub.as_str(), rest)) {
        Some(("image", rest)) => images(rest, parts, kinds),
        Some(("env", rest)) => env(rest, parts, kinds),
        Some(("resources", rest)) => resources(rest, parts, kinds),
        other => Err(refused::subverb("set", other.map(|(s, _)| s), "image, env, resources")),
    }
}

fn contained(words: &[String], parts: &Parts, kinds: &Kinds, verb: &str, also: &[&str]) -> Result<Objects, Refusal> {
    objects::only(parts, verb, Choice::All, also)?;
    let objects = objects::choose(words, parts, kinds, verb, Choice::All)?;
    match objects.targets.iter().find(|t| !Kinds::is_builtin(&t.kind) || !CONTAINED.contains(&t.kind.resource.as_str())) {
        Some(other) => Err(Refusal::new("no-image", format!("A {} has no containers. {} do.", other.kind.kind, CONTAINED.join(", ")))),
        None => Ok(objects),
    }
}

/// `-c`: names with `*`; `*` alone is every container, as is none.
fn containers(parts: &Parts) -> Result<Option<String>, Refusal> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '*';
    match parts.value("containers") {
        None | Some("*") => Ok(None),
        Some(names) if names.len() <= 63 && names.chars().all(plain) => Ok(Some(names.to_owned())),
        Some(names) => Err(Refusal::new("bad-value", format!("`{names}` is no name of a container. Write it like `-c api`, or with `*` for any letters."))),
    }
}

fn images(rest: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let first = rest.iter().position(|w| w.contains('=')).unwrap_or(rest.len());
    let (named, pairs) = rest.split_at_checked(first).unwrap_or((rest, &[]));
    let objects = contained(named, parts, kinds, "set image", &[])?;
    let images = pairs.iter().map(|pair| image(pair)).collect::<Result<Vec<_>, _>>()?;
    if images.is_empty() {
        return Err(Refusal::new("missing-value", "`set image` needs the new image: `set image KIND/NAME CONTAINER=IMAGE`."));
    }
    for (at, (container, _)) in images.iter().enumerate() {
        if images.iter().skip(at + 1).any(|(other, _)| other == container) || (container == "*" && images.len() > 1) {
            return Err(Refusal::new("contradiction", format!("The container `{container}` gets two images. Give each container one.")));
        }
    }
    Ok(Write::SetImage { objects, images })
}

/// `CONTAINER=IMAGE`.
fn image(pair: &str) -> Result<(String, String), Refusal> {
    let bad = || Refusal::new("bad-value", format!("`{pair}` is no image of a container. Write CONTAINER=IMAGE, like `api=registry.local/api:1.4.2`."));
    let (container, image) = pair.split_once('=').ok_or_else(bad)?;
    let named = container == "*" || (container.len() <= 63 && operands::object_name(container).is_ok());
    if named && values::is_image(image) { Ok((container.to_owned(), image.to_owned())) } else { Err(bad()) }
}

fn env(rest: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let is_change = |w: &String| w.contains('=') || w.ends_with('-');
    let first = rest.iter().position(is_change).unwrap_or(rest.len());
    let (named, pairs) = rest.split_at_checked(first).unwrap_or((rest, &[]));
    for (flag, way) in [
        ("from", "Values from ConfigMaps and Secrets are referred to in the manifest: use `patch` or `apply -f -`"),
        ("list", "The environment is in `get KIND NAME -o yaml`"),
    ] {
        if parts.given(flag) {
            return Err(Refusal::new("not-offered", format!("`set env --{flag}` is refused. {way}.")));
        }
    }
    let objects = contained(named, parts, kinds, "set env", &["containers", "env", "overwrite"])?;
    if parts.off("overwrite") {
        return Err(Refusal::new("not-offered", "`set env --overwrite=false` is refused: what a variable had before is in the plan's diff. Leave it out."));
    }
    let changes = pairs.iter().chain(parts.each("env")).map(|word| variable(word)).collect::<Result<Vec<_>, _>>()?;
    if changes.is_empty() {
        return Err(Refusal::new("missing-value", "`set env` needs what to set: `set env KIND/NAME NAME=VALUE`, or `NAME-` to remove."));
    }
    values::once(&changes)?;
    Ok(Write::SetEnv { objects, containers: containers(parts)?, changes })
}

/// `NAME=VALUE` or `NAME-`.
pub fn variable(word: &str) -> Result<KeyChange, Refusal> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (word.strip_suffix('-').unwrap_or_default(), None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if name.is_empty() || name.len() > 253 || name.starts_with(|c: char| c.is_ascii_digit() || c == '-') || !name.chars().all(plain) {
        let shown: String = word.chars().take(60).collect();
        return Err(Refusal::new("bad-value", format!("`{shown}` is no variable. Write `NAME=VALUE`, or `NAME-` to remove it.")));
    }
    Ok(KeyChange { key: name.to_owned(), value })
}

fn resources(rest: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let objects = contained(rest, parts, kinds, "set resources", &["containers", "limits", "requests"])?;
    let (limits, requests) = (values::quantities(parts, "limits")?, values::quantities(parts, "requests")?);
    if limits.is_empty() && requests.is_empty() {
        return Err(Refusal::new("missing-value", "`set resources` needs what to set: `--limits=cpu=200m,memory=512Mi` or `--requests=cpu=100m`."));
    }
    Ok(Write::SetResources { objects, containers: containers(parts)?, limits, requests })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_reads_as_a_flag_is_none() {
        for word in ["--dry-run=server=x", "-e=x", "-x-", "-"] {
            assert!(variable(word).is_err(), "{word}");
        }
        assert_eq!(variable("A_b.c-d=--x"), Ok(KeyChange { key: "A_b.c-d".into(), value: Some("--x".into()) }));
    }
}
