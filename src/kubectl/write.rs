//! The writes. Each chooses its objects by name, by a selector, or by `--all` where kubectl has it; what it would do is
//! planned object by object, so that a person sees every one.
use super::{Call, Refusal, create, flags::Parts, kinds::Kinds, objects, objects::Choice, read, refused, values};
use crate::model::Write;

pub(super) mod carried;
mod delete;
mod expose;
mod keys;
mod node;
mod patch;
pub(super) mod set;

/// Kinds with a scale subresource among the built-in ones.
const SCALED: &[&str] = &["deployments", "replicasets", "statefulsets", "replicationcontrollers"];

/// The write that a verb and its operands state; `None` when the verb is no write.
pub fn parse(verb: &str, operands: &[String], call: &Call<'_>) -> Option<Result<Write, Refusal>> {
    let Call { parts, kinds, .. } = *call;
    Some(match verb {
        "scale" => scale(operands, parts, kinds),
        "rollout" => rollout(operands, parts, kinds),
        "set" => set::parse(operands, parts, kinds),
        "delete" => delete::parse(operands, call),
        "patch" => patch::parse(operands, parts, kinds),
        "apply" | "replace" => carried::parse(verb, operands, call),
        "create" => create::parse(operands, call),
        "run" => create::run(parts, kinds),
        "autoscale" => create::autoscale(operands, parts, kinds),
        "label" | "annotate" => keys::parse(verb, operands, parts, kinds),
        "taint" => node::taint(operands, parts, kinds),
        "cordon" | "uncordon" => node::cordon(verb, operands, parts, kinds),
        "drain" => node::drain(operands, parts, kinds),
        "expose" => expose::parse(operands, parts, kinds),
        "certificate" => certificate(operands, parts, kinds),
        _ => return None,
    })
}

fn scale(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    objects::only(parts, "scale", Choice::All, &["replicas", "current-replicas", "timeout"])?;
    let objects = objects::choose(operands, parts, kinds, "scale", Choice::All)?;
    if let Some(target) = objects.targets.iter().find(|t| Kinds::is_builtin(&t.kind) && !SCALED.contains(&t.kind.resource.as_str())) {
        return Err(Refusal::new("no-scale", format!("A {} has no replicas. {} do.", target.kind.kind, SCALED.join(", "))));
    }
    let Some(replicas) = parts.value("replicas") else {
        return Err(Refusal::new("missing-value", "`scale` needs the size: `scale KIND/NAME --replicas=N`."));
    };
    let current = parts.value("current-replicas").map(|v| values::number::<i32>("current-replicas", v, "2")).transpose()?;
    Ok(Write::Scale {
        objects,
        replicas: size("replicas", values::number("replicas", replicas, "3")?)?,
        current: current.filter(|n| *n != -1).map(|n| size("current-replicas", n)).transpose()?,
    })
}

fn size(flag: &str, n: i32) -> Result<u32, Refusal> {
    u32::try_from(n).map_err(|_| Refusal::new("bad-value", format!("`--{flag}={n}` is no number of replicas. Write it like `--{flag}=3`.")))
}

/// Deployments alone can be paused.
const PAUSED: &[&str] = &["deployments"];

fn rollout(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let legal = "status, history, restart, undo, pause, resume";
    let (sub, rest) = operands.split_first().ok_or_else(|| refused::subverb("rollout", None, legal))?;
    let chosen = |also: &[&str], rolled: &[&str]| {
        let verb = format!("rollout {sub}");
        objects::only(parts, &verb, Choice::Kind, also)?;
        let objects = objects::choose(rest, parts, kinds, &verb, Choice::Kind)?;
        match objects.targets.iter().find(|t| t.kind.group != "apps" || !rolled.contains(&t.kind.resource.as_str())) {
            Some(other) => Err(Refusal::new("no-rollout", format!("`{verb}` is not for a {}. It is for {}.", other.kind.kind, rolled.join(", ")))),
            None => Ok(objects),
        }
    };
    match sub.as_str() {
        "restart" => Ok(Write::RolloutRestart { objects: chosen(&[], read::ROLLED)? }),
        "pause" => Ok(Write::RolloutPause { objects: chosen(&[], PAUSED)? }),
        "resume" => Ok(Write::RolloutResume { objects: chosen(&[], PAUSED)? }),
        "undo" => {
            let objects = chosen(&["to-revision"], read::ROLLED)?;
            let to = parts.value("to-revision").map(|v| values::number::<i64>("to-revision", v, "2")).transpose()?;
            if let Some(n) = to.filter(|n| *n < 0) {
                return Err(Refusal::new("bad-value", format!("`--to-revision={n}` is no revision. `rollout history` lists them.")));
            }
            Ok(Write::RolloutUndo { objects, to_revision: to.filter(|n| *n > 0) })
        }
        _ => Err(refused::subverb("rollout", Some(sub), legal)),
    }
}

fn certificate(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let (sub, rest) = operands.split_first().ok_or_else(|| refused::subverb("certificate", None, "approve, deny"))?;
    let chosen = || {
        let verb = format!("certificate {sub}");
        objects::only(parts, &verb, Choice::Named, &[])?;
        objects::of_kind(rest, "certificatesigningrequests", parts, kinds, &verb, Choice::Named)
    };
    match sub.as_str() {
        "approve" => Ok(Write::CertificateApprove { objects: chosen()? }),
        "deny" => Ok(Write::CertificateDeny { objects: chosen()? }),
        _ => Err(refused::subverb("certificate", Some(sub), "approve, deny")),
    }
}
