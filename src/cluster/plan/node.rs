//! `cordon`, `uncordon` and `taint`, as kubectl patches nodes: one flag, or the whole list of taints.
use super::choose::{Change, back};
use super::request::{STRATEGIC, patch};
use super::{Draft, Shows, Step, already, not_for, reference};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{array, text};
use crate::model::operation::{Objects, TaintChange, TaintEffect, Write};
use crate::model::{KindRef, ObjectRef, Operation, Trouble, TroubleClass};
use serde_json::{Map, Value, json};

impl Cluster {
    /// `cordon` (`closed`) or `uncordon`.
    pub(super) async fn cordon(&self, objects: &Objects, closed: bool, namespace: &str, operation: &Operation) -> Result<Draft, Trouble> {
        self.each(objects, namespace, operation, |kind, before| cordoned(kind, before, closed)).await
    }

    pub(super) async fn taint(
        &self,
        objects: &Objects,
        changes: &[TaintChange],
        overwrite: bool,
        namespace: &str,
        operation: &Operation,
    ) -> Result<Draft, Trouble> {
        self.each(objects, namespace, operation, |kind, before| tainted(kind, before, changes, overwrite)).await
    }
}

/// The change that closes or opens a node for new pods.
pub(super) fn cordoned(kind: &KindRef, before: Value, closed: bool) -> Result<Change, Trouble> {
    let verb = if closed { "cordon" } else { "uncordon" };
    if kind.resource != "nodes" {
        return Err(not_for(verb, kind, "nodes"));
    }
    if (before.pointer("/spec/unschedulable") == Some(&Value::Bool(true))) == closed {
        let so = if closed { "it is cordoned already" } else { "it is not cordoned" };
        return Ok(Change::Already(already(verb, &reference(kind, &before), so)));
    }
    let request = patch(kind, &before, "", STRATEGIC, &json!({"spec": {"unschedulable": if closed { Value::Bool(true) } else { Value::Null }}}));
    let undo = back(kind, &before, |objects| if closed { Write::Uncordon { objects } } else { Write::Cordon { objects } });
    Ok(Change::To(Step::change(kind, before, request, Shows::Object), Some(undo)))
}

fn tainted(kind: &KindRef, before: Value, changes: &[TaintChange], overwrite: bool) -> Result<Change, Trouble> {
    if kind.resource != "nodes" {
        return Err(not_for("taint", kind, "nodes"));
    }
    let object = reference(kind, &before);
    let old = array(&before, "/spec/taints");
    let new = taints(old, changes, overwrite, &object)?;
    if new == old {
        return Ok(Change::Already(already("taint", &object, "its taints are so already")));
    }
    let undo = back(kind, &before, |objects| Write::Taint { objects, changes: differences(&new, old), overwrite: true });
    let body = json!({"spec": {"taints": if new.is_empty() { Value::Null } else { new.into() }}});
    let request = patch(kind, &before, "", STRATEGIC, &body);
    Ok(Change::To(Step::change(kind, before, request, Shows::Object), Some(undo)))
}

fn same(a: &Value, b: &Value) -> bool {
    text(a, "/key") == text(b, "/key") && text(a, "/effect") == text(b, "/effect")
}

/// The list after the changes, in kubectl's order: what is added, then what stays.
fn taints(old: &[Value], changes: &[TaintChange], overwrite: bool, object: &ObjectRef) -> Result<Vec<Value>, Trouble> {
    let refuse = |class, cause: &str| Trouble::new(class, &format!("plan taint {object}"), cause);
    let mut new: Vec<Value> = Vec::new();
    for change in changes {
        let TaintChange::Add { key, value, effect } = change else { continue };
        let mut taint = Map::new();
        taint.insert("effect".to_owned(), effect.as_str().into());
        taint.insert("key".to_owned(), key.as_str().into());
        if !value.is_empty() {
            taint.insert("value".to_owned(), value.as_str().into());
        }
        let taint = Value::Object(taint);
        if !overwrite && old.iter().any(|o| same(o, &taint)) {
            return Err(refuse(TroubleClass::Conflict, &format!("it has a taint `{key}` with the effect {} already", effect.as_str()))
                .hint("Say --overwrite to replace it."));
        }
        new.push(taint);
    }
    let kept: Vec<Value> = old.iter().filter(|o| !new.iter().any(|n| same(n, o))).cloned().collect();
    new.extend(kept);
    for change in changes {
        let TaintChange::Remove { key, effect } = change else { continue };
        let goes = |t: &Value| text(t, "/key") == key && effect.is_none_or(|e| text(t, "/effect") == e.as_str());
        if !new.iter().any(goes) {
            let of = effect.map(|e| format!(" with the effect {}", e.as_str())).unwrap_or_default();
            return Err(refuse(TroubleClass::NotFound, &format!("it has no taint `{key}`{of}")).hint("`describe node` lists its taints."));
        }
        new.retain(|t| !goes(t));
    }
    Ok(new)
}

/// The changes that lead from one list to another.
fn differences(from: &[Value], to: &[Value]) -> Vec<TaintChange> {
    let effect = |t: &Value| match text(t, "/effect") {
        "NoExecute" => TaintEffect::NoExecute,
        "PreferNoSchedule" => TaintEffect::PreferNoSchedule,
        _ => TaintEffect::NoSchedule,
    };
    let key = |t: &Value| text(t, "/key").to_owned();
    let gone = from.iter().filter(|f| !to.iter().any(|t| same(t, f))).map(|t| TaintChange::Remove { key: key(t), effect: Some(effect(t)) });
    let set = to.iter().filter(|t| !from.contains(t)).map(|t| TaintChange::Add { key: key(t), value: text(t, "/value").to_owned(), effect: effect(t) });
    set.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(key: &str, value: &str, effect: TaintEffect) -> TaintChange {
        TaintChange::Add { key: key.into(), value: value.into(), effect }
    }

    #[test]
    fn taints_are_added_in_front_replaced_only_when_asked_and_removed_by_key_and_effect() {
        let old = [json!({"key": "a", "value": "1", "effect": "NoSchedule"}), json!({"key": "a", "effect": "NoExecute"})];
        let object = ObjectRef::new("Node", "", "n");
        let keys = |list: &[Value]| list.iter().map(|t| format!("{}={}:{}", text(t, "/key"), text(t, "/value"), text(t, "/effect"))).collect::<Vec<_>>();
        let made = |changes: &[TaintChange], overwrite| taints(&old, changes, overwrite, &object);
        assert_eq!(keys(&made(&[add("b", "", TaintEffect::NoSchedule)], false).unwrap()), ["b=:NoSchedule", "a=1:NoSchedule", "a=:NoExecute"]);
        assert!(made(&[add("a", "2", TaintEffect::NoSchedule)], false).is_err_and(|t| t.hint.contains("--overwrite")));
        let new = made(&[add("a", "2", TaintEffect::NoSchedule)], true).unwrap();
        assert_eq!(keys(&new), ["a=2:NoSchedule", "a=:NoExecute"]);
        assert_eq!(differences(&new, &old), [add("a", "1", TaintEffect::NoSchedule)]);
        assert!(made(&[TaintChange::Remove { key: "a".into(), effect: None }], false).unwrap().is_empty());
        let one = made(&[TaintChange::Remove { key: "a".into(), effect: Some(TaintEffect::NoExecute) }], false).unwrap();
        assert_eq!(keys(&one), ["a=1:NoSchedule"]);
        assert!(made(&[TaintChange::Remove { key: "z".into(), effect: None }], false).is_err());
    }
}
