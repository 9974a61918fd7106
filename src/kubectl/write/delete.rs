//! `delete`: named objects, what a selector finds, `--all` of a kind, or the objects of a manifest in the call.
use crate::kubectl::objects::{self, Choice};
use crate::kubectl::{Call, Refusal, flags::Parts, values};
use crate::model::Write;
use crate::model::operation::{Cascade, Objects, Target};

/// The deletion.
pub fn parse(operands: &[String], call: &Call<'_>) -> Result<Write, Refusal> {
    let parts = call.parts;
    let also = &["grace-period", "force", "now", "cascade", "wait", "ignore-not-found", "timeout", "filename"];
    objects::only(parts, "delete", Choice::AllAndFields, also)?;
    let objects = if call.carries() {
        Call::no_operands("delete", operands)?;
        if Choice::AllAndFields.flags().iter().any(|flag| parts.given(flag)) {
            return Err(Refusal::new("contradiction", "A manifest contradicts a selector, `--all` and `-A`: it names its objects. Give one of them."));
        }
        of_manifests(call)?
    } else {
        objects::choose(operands, parts, call.kinds, "delete", Choice::AllAndFields)?
    };
    Ok(Write::Delete { objects, grace_period: grace(parts)?, cascade: cascade(parts)? })
}

/// What a manifest names is deleted by name. One namespace is all that a command names, so all have to be in it.
fn of_manifests(call: &Call<'_>) -> Result<Objects, Refusal> {
    let manifests = call.manifests("delete", false)?;
    let scope = call.parts.value("namespace");
    if let Some(elsewhere) = manifests.iter().filter_map(|m| m.namespace.as_deref()).find(|ns| Some(*ns) != scope) {
        return Err(Refusal::new(
            "namespace-mismatch",
            format!("The manifest is about the namespace {elsewhere}. Give it as `-n {elsewhere}`, one namespace a call."),
        ));
    }
    Ok(Objects::named(manifests.into_iter().map(|m| Target { kind: m.kind, name: m.name }).collect()))
}

fn cascade(parts: &Parts) -> Result<Cascade, Refusal> {
    match parts.value("cascade") {
        None | Some("background" | "true") => Ok(Cascade::Background),
        Some("foreground") => Ok(Cascade::Foreground),
        Some("orphan" | "false") => Ok(Cascade::Orphan),
        Some(mode) => Err(Refusal::new("bad-value", format!("`--cascade={mode}` is no way to delete. They are background, foreground and orphan."))),
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
