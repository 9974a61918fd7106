//! The writes about nodes: `taint`, `cordon`, `uncordon`, `drain`.
use crate::kubectl::objects::{self, Choice};
use crate::kubectl::{Refusal, flags::Parts, kinds::Kinds, values};
use crate::model::Write;
use crate::model::operation::{DrainHow, TaintChange, TaintEffect};

/// `taint nodes NAME… KEY=VALUE:EFFECT…`.
pub fn taint(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    objects::only(parts, "taint", Choice::All, &["overwrite"])?;
    let is_change = |w: &String| w.contains('=') || w.contains(':') || w.ends_with('-');
    let first = operands.iter().position(is_change).unwrap_or(operands.len());
    let (named, pairs) = operands.split_at_checked(first).unwrap_or((operands, &[]));
    let objects = objects::choose(named, parts, kinds, "taint", Choice::All)?;
    if let Some(other) = objects.targets.iter().find(|t| t.kind.resource != "nodes" || !t.kind.group.is_empty()) {
        return Err(Refusal::new("bad-kind", format!("A {} has no taints; nodes have. Write `taint nodes NAME KEY=VALUE:EFFECT`.", other.kind.kind)));
    }
    let changes = pairs.iter().map(|word| change(word)).collect::<Result<Vec<_>, _>>()?;
    if changes.is_empty() {
        return Err(Refusal::new("missing-value", "`taint` needs the taint: `taint nodes NAME KEY=VALUE:NoSchedule`, or `KEY:NoSchedule-` to remove."));
    }
    for (at, one) in changes.iter().enumerate() {
        if changes.iter().skip(at + 1).any(|other| contradicts(one, other)) {
            return Err(Refusal::new("contradiction", "Two of the taints are about the same key and effect. Give each once."));
        }
    }
    Ok(Write::Taint { objects, changes, overwrite: parts.on("overwrite") })
}

fn contradicts(a: &TaintChange, b: &TaintChange) -> bool {
    let of = |change: &TaintChange| match change {
        TaintChange::Add { key, effect, .. } => (key.clone(), Some(*effect)),
        TaintChange::Remove { key, effect } => (key.clone(), *effect),
    };
    let ((a, a_effect), (b, b_effect)) = (of(a), of(b));
    a == b && (a_effect == b_effect || a_effect.is_none() || b_effect.is_none())
}

fn change(word: &str) -> Result<TaintChange, Refusal> {
    let bad = || {
        let shown: String = word.chars().take(80).collect();
        Refusal::new(
            "bad-value",
            format!("`{shown}` is no taint. Write `KEY=VALUE:NoSchedule` (or PreferNoSchedule, NoExecute), or `KEY:NoSchedule-` to remove it."),
        )
    };
    let (spec, remove) = word.strip_suffix('-').map_or((word, false), |spec| (spec, true));
    let (pair, effect) = spec.split_once(':').map_or((spec, None), |(pair, effect)| (pair, Some(effect)));
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let effect = match effect {
        None => None,
        Some("NoSchedule") => Some(TaintEffect::NoSchedule),
        Some("PreferNoSchedule") => Some(TaintEffect::PreferNoSchedule),
        Some("NoExecute") => Some(TaintEffect::NoExecute),
        Some(_) => return Err(bad()),
    };
    if !values::is_qualified(key) || !values::is_label_value(value) {
        return Err(bad());
    }
    match (remove, effect) {
        (true, effect) => Ok(TaintChange::Remove { key: key.to_owned(), effect }),
        (false, Some(effect)) => Ok(TaintChange::Add { key: key.to_owned(), value: value.to_owned(), effect }),
        (false, None) => Err(bad()),
    }
}

/// `cordon NODE…` and `uncordon NODE…`.
pub fn cordon(verb: &str, operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    objects::only(parts, verb, Choice::Selector, &[])?;
    let objects = objects::of_kind(operands, "nodes", parts, kinds, verb, Choice::Selector)?;
    Ok(if verb == "cordon" { Write::Cordon { objects } } else { Write::Uncordon { objects } })
}

/// `drain NODE…`.
pub fn drain(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let also = &["ignore-daemonsets", "delete-emptydir-data", "force", "grace-period", "timeout", "pod-selector", "chunk-size"];
    objects::only(parts, "drain", Choice::Selector, also)?;
    let grace_period = parts.value("grace-period").map(|v| values::number::<i32>("grace-period", v, "30")).transpose()?.filter(|n| *n != -1);
    let grace_period = grace_period
        .map(|n| {
            u32::try_from(n).map_err(|_| Refusal::new("bad-value", format!("`--grace-period={n}` is no number of seconds. Write it like `--grace-period=30`.")))
        })
        .transpose()?;
    let how = DrainHow {
        ignore_daemonsets: parts.on("ignore-daemonsets"),
        delete_emptydir_data: parts.on("delete-emptydir-data"),
        force: parts.on("force"),
        grace_period,
        timeout_seconds: parts.value("timeout").filter(|v| !["0", "0s"].contains(v)).map(|v| values::seconds("timeout", v)).transpose()?,
        pod_selector: parts.value("pod-selector").map(str::to_owned),
    };
    Ok(Write::Drain { objects: objects::of_kind(operands, "nodes", parts, kinds, "drain", Choice::Selector)?, how })
}
