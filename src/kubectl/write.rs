//! The writes: `scale`, `rollout restart|undo`, `set image`, `delete`. Each names its objects; what kubectl would do to
//! all that a selector finds is refused. `delete KIND --all` alone names none: the plan lists every object it finds.
use super::{Refusal, flags::Parts, kinds::Kinds, operands, read, refused, values};
use crate::model::Write;
use crate::model::operation::{Cascade, Objects, Target};

/// Kinds with a scale subresource among the built-in ones.
const SCALED: &[&str] = &["deployments", "replicasets", "statefulsets", "replicationcontrollers"];
/// Kinds with containers whose image may change.
const IMAGED: &[&str] = &["pods", "deployments", "replicasets", "statefulsets", "daemonsets", "cronjobs", "jobs", "replicationcontrollers"];

/// The write that a verb and its operands state; `None` when the verb is no write.
pub fn parse(verb: &str, operands: &[String], parts: &Parts, kinds: &Kinds) -> Option<Result<Write, Refusal>> {
    Some(match verb {
        "scale" => scale(operands, parts, kinds),
        "rollout" => rollout(operands, parts, kinds),
        "set" => set(operands, parts, kinds),
        "delete" => delete(operands, parts, kinds),
        _ => return None,
    })
}

/// A selector or `--all` in a write would touch what nobody named.
fn named_only(verb: &str, parts: &Parts) -> Result<(), Refusal> {
    let flag = ["selector", "field-selector", "all", "all-namespaces"].into_iter().find(|f| parts.on(f) || parts.value(f).is_some());
    match flag {
        Some(flag) => {
            Err(Refusal::new("unnamed-write", format!("`{verb}` changes named objects alone, so `--{flag}` is refused. List them with `get`, then name each.")))
        }
        None => Ok(()),
    }
}

fn scale(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    named_only("scale", parts)?;
    parts.only("scale", &["replicas", "current-replicas", "timeout"])?;
    let target = operands::one(operands, kinds, "scale")?;
    if Kinds::is_builtin(&target.kind) && !SCALED.contains(&target.kind.resource.as_str()) {
        return Err(Refusal::new("no-scale", format!("A {} has no replicas. {} do.", target.kind.kind, SCALED.join(", "))));
    }
    let Some(replicas) = parts.value("replicas") else {
        return Err(Refusal::new("missing-value", "`scale` needs the size: `scale KIND/NAME --replicas=N`."));
    };
    let current = parts.value("current-replicas").map(|v| values::number::<i32>("current-replicas", v, "2")).transpose()?;
    Ok(Write::Scale {
        objects: Objects::one(target),
        replicas: size("replicas", values::number("replicas", replicas, "3")?)?,
        current: current.filter(|n| *n != -1).map(|n| size("current-replicas", n)).transpose()?,
    })
}

fn size(flag: &str, n: i32) -> Result<u32, Refusal> {
    u32::try_from(n).map_err(|_| Refusal::new("bad-value", format!("`--{flag}={n}` is no number of replicas. Write it like `--{flag}=3`.")))
}

fn rollout(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let legal = "status, history, restart, undo";
    let (sub, rest) = operands.split_first().ok_or_else(|| refused::subverb("rollout", None, legal))?;
    match sub.as_str() {
        "restart" => {
            named_only("rollout restart", parts)?;
            parts.only("rollout restart", &[])?;
            Ok(Write::RolloutRestart { objects: Objects::one(read::rolled(rest, kinds, "rollout restart")?) })
        }
        "undo" => {
            named_only("rollout undo", parts)?;
            parts.only("rollout undo", &["to-revision"])?;
            let to = parts.value("to-revision").map(|v| values::number::<i64>("to-revision", v, "2")).transpose()?;
            if let Some(n) = to.filter(|n| *n < 0) {
                return Err(Refusal::new("bad-value", format!("`--to-revision={n}` is no revision. `rollout history` lists them.")));
            }
            Ok(Write::RolloutUndo { objects: Objects::one(read::rolled(rest, kinds, "rollout undo")?), to_revision: to.filter(|n| *n > 0) })
        }
        _ => Err(refused::subverb("rollout", Some(sub), legal)),
    }
}

fn set(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let rest = match operands.split_first() {
        Some((sub, rest)) if sub == "image" => rest,
        other => return Err(refused::subverb("set", other.map(|(s, _)| s.as_str()), "image")),
    };
    named_only("set image", parts)?;
    parts.only("set image", &[])?;
    let first = rest.iter().position(|w| w.contains('=')).unwrap_or(rest.len());
    let (objects, pairs) = rest.split_at_checked(first).unwrap_or((rest, &[]));
    let target = operands::one(objects, kinds, "set image")?;
    if !Kinds::is_builtin(&target.kind) || !IMAGED.contains(&target.kind.resource.as_str()) {
        return Err(Refusal::new("no-image", format!("A {} has no containers. {} do.", target.kind.kind, IMAGED.join(", "))));
    }
    let images = pairs.iter().map(|pair| image(pair)).collect::<Result<Vec<_>, _>>()?;
    if images.is_empty() {
        return Err(Refusal::new("missing-value", "`set image` needs the new image: `set image KIND/NAME CONTAINER=IMAGE`."));
    }
    for (at, (container, _)) in images.iter().enumerate() {
        if images.iter().skip(at + 1).any(|(other, _)| other == container) || (container == "*" && images.len() > 1) {
            return Err(Refusal::new("contradiction", format!("The container `{container}` gets two images. Give each container one.")));
        }
    }
    Ok(Write::SetImage { objects: Objects::one(target), images })
}

/// `CONTAINER=IMAGE`.
fn image(pair: &str) -> Result<(String, String), Refusal> {
    let bad = || Refusal::new("bad-value", format!("`{pair}` is no image of a container. Write CONTAINER=IMAGE, like `api=registry.local/api:1.4.2`."));
    let (container, image) = pair.split_once('=').ok_or_else(bad)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:/@+".contains(c);
    let named = container == "*" || (container.len() <= 63 && operands::object_name(container).is_ok());
    let starts = image.starts_with(|c: char| c.is_ascii_alphanumeric());
    if named && starts && image.len() <= 1024 && !image.contains("://") && image.chars().all(plain) {
        Ok((container.to_owned(), image.to_owned()))
    } else {
        Err(bad())
    }
}

fn delete(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let every = parts.on("all");
    if !every || parts.given("selector") || parts.given("field-selector") {
        named_only("delete", parts)?;
    }
    parts.only("delete", &["grace-period", "force", "now", "cascade", "wait", "ignore-not-found", "timeout", "all", "all-namespaces", "output"])?;
    if let Some(mode) = parts.value("cascade").filter(|m| !["background", "true"].contains(m)) {
        return Err(Refusal::new("bad-value", format!("`--cascade={mode}` is refused: what an object owns goes with it, in the background. Leave it out.")));
    }
    let targets = operands::targets(operands, kinds)?;
    let unnamed = targets.iter().find(|t| t.name.is_none());
    if every && operands.first().is_some_and(|w| w.split(',').any(|w| w.eq_ignore_ascii_case("all"))) {
        return Err(Refusal::new("too-many", "`delete all --all` is refused. Name the kind, like `delete pods --all`, or better each object."));
    }
    match unnamed {
        Some(Target { kind, .. }) if !every => Err(Refusal::new(
            "no-name",
            format!("`delete` needs each object by name: `delete {}/NAME`. `get {}` lists them.", kind.kind.to_lowercase(), kind.resource),
        )),
        None if every => Err(Refusal::new("contradiction", "A name and `--all` contradict each other. Give one of them.")),
        _ => Ok(Write::Delete { objects: Objects::named(targets), grace_period: grace(parts)?, cascade: Cascade::Background }),
    }
}

/// `--grace-period`, `--now` (1), `--force` (0).
fn grace(parts: &Parts) -> Result<Option<u32>, Refusal> {
    let period = parts.value("grace-period").map(|v| values::number::<i32>("grace-period", v, "30")).transpose()?.filter(|n| *n != -1);
    match (period, parts.on("now"), parts.on("force")) {
        (None, false, false) => Ok(None),
        (None, true, false) => Ok(Some(1)),
        (None | Some(0), false, true) => Ok(Some(0)),
        (Some(0), false, false) => {
            Err(Refusal::new("bad-value", "`--grace-period=0` kills without waiting for the node. Use `--grace-period=1`, or say `--force` with it."))
        }
        (Some(n), false, false) => u32::try_from(n)
            .map(Some)
            .map_err(|_| Refusal::new("bad-value", format!("`--grace-period={n}` is no number of seconds. Write it like `--grace-period=30`."))),
        _ => Err(Refusal::new("contradiction", "`--grace-period`, `--now` and `--force` contradict each other. Give one of them.")),
    }
}
