//! The objects that a write is about, as they are: each that is named, or all that selectors leave.
//!
//! All of a kind means those that are there when the plan is made: each is reviewed and changed by name, and what comes
//! later is not touched.
use super::{Draft, Step};
use crate::cluster::{Cluster, is_secret};
use crate::model::operation::{Objects, Target, Write};
use crate::model::{Action, KindRef, Operation, Scope, Trouble, TroubleClass};
use serde_json::Value;

/// The most objects of one plan: more can not be reviewed by a person.
pub(super) const MOST: u32 = 100;

/// What a verb makes of one object.
#[allow(clippy::large_enum_variant, reason = "a plan has a hundred of them at most, each for a moment")]
pub(super) enum Change {
    /// A request, and what takes it back.
    To(Step, Option<Operation>),
    /// It is so already; the sentence says it.
    Already(Trouble),
}

impl Cluster {
    /// The object that a write names.
    pub(super) async fn target(&self, target: &Target, namespace: &str) -> Result<Value, Trouble> {
        let operation = format!("plan a change of {}", target.kind.resource);
        let name = target.name.as_deref().ok_or_else(|| Trouble::new(TroubleClass::Invalid, &operation, "a change wants its objects by name"))?;
        let mut object = self.object(&target.kind, Some(namespace), name).await?;
        if let Some(map) = object.as_object_mut() {
            map.entry("kind").or_insert_with(|| target.kind.kind.clone().into());
            map.entry("apiVersion").or_insert_with(|| target.kind.api_version().into());
        }
        Ok(object)
    }

    /// Every object that is meant, as it is.
    pub(super) async fn chosen(&self, objects: &Objects, namespace: &str, operation: &Operation) -> Result<Vec<(KindRef, Value)>, Trouble> {
        let trouble = |class, cause: &str| Trouble::new(class, &format!("plan {}", crate::kubectl::print(operation)), cause);
        if objects.targets.is_empty() {
            return Err(trouble(TroubleClass::Invalid, "it names no object"));
        }
        if objects.targets.iter().any(|t| is_secret(&t.kind)) {
            return Err(trouble(TroubleClass::Refused, "Secrets are neither read nor changed here"));
        }
        let mut out: Vec<(KindRef, Value)> = Vec::new();
        for target in &objects.targets {
            if target.name.is_some() {
                out.push((target.kind.clone(), self.target(target, namespace).await?));
                continue;
            }
            let list = self.list(&target.kind, Some(namespace), &objects.selectors, MOST + 1).await?;
            out.extend(list.items.into_iter().map(|item| (target.kind.clone(), item)));
        }
        if out.is_empty() {
            let kinds: Vec<&str> = objects.targets.iter().map(|t| t.kind.resource.as_str()).collect();
            let place = if objects.targets.iter().any(|t| t.kind.namespaced) { format!(" in {namespace}") } else { String::new() };
            let chosen = if objects.selectors == crate::model::operation::Selectors::default() { "" } else { " that the selector chooses" };
            return Err(trouble(TroubleClass::NotFound, &format!("there are no {}{place}{chosen}", kinds.join(", "))));
        }
        if out.len() > MOST as usize {
            return Err(trouble(TroubleClass::Invalid, &format!("it is about more than {MOST} objects"))
                .hint("Change fewer at a time, by name or by a narrower selector: a person reviews each."));
        }
        let mut seen = std::collections::BTreeSet::new();
        out.retain(|(_, object)| seen.insert(super::text(object, "/metadata/uid").to_owned()));
        Ok(out)
    }

    /// The draft of a verb that makes one request of each object.
    pub(super) async fn each(
        &self,
        objects: &Objects,
        namespace: &str,
        operation: &Operation,
        mut make: impl FnMut(&KindRef, Value) -> Result<Change, Trouble>,
    ) -> Result<Draft, Trouble> {
        let chosen = self.chosen(objects, namespace, operation).await?;
        gather(chosen.into_iter().map(|(kind, before)| make(&kind, before)))
    }
}

/// The changes as one draft. Objects that are so already are named and left alone; all of them so is no plan.
pub(super) fn gather(changes: impl Iterator<Item = Result<Change, Trouble>>) -> Result<Draft, Trouble> {
    let mut draft = Draft::default();
    let mut already = Vec::new();
    for change in changes {
        match change? {
            Change::To(step, undo) => draft.add(Draft::one(step, undo)),
            Change::Already(trouble) => already.push(trouble),
        }
    }
    if draft.steps.is_empty()
        && let Some(first) = already.pop()
    {
        return Err(first);
    }
    draft.notes.extend(already.iter().map(|t| format!("Left alone: {}: {}.", t.operation.trim_start_matches("plan "), t.cause)));
    Ok(draft)
}

/// Undo commands that differ by their objects alone, as one.
pub(super) fn merged(undo: Vec<Operation>) -> Vec<Operation> {
    let mut out: Vec<Operation> = Vec::new();
    for next in undo {
        let mut bare = next.clone();
        let Some(targets) = objects_of(&mut bare).map(|o| std::mem::take(&mut o.targets)) else {
            out.push(next);
            continue;
        };
        let same = out.iter_mut().find(|o| {
            let mut other = (*o).clone();
            if let Some(objects) = objects_of(&mut other) {
                objects.targets.clear();
            }
            other == bare
        });
        match same.and_then(objects_of) {
            Some(objects) => objects.targets.extend(targets),
            None => out.push(next),
        }
    }
    out
}

fn objects_of(operation: &mut Operation) -> Option<&mut Objects> {
    match &mut operation.action {
        Action::Write(
            Write::Scale { objects, .. }
            | Write::RolloutUndo { objects, .. }
            | Write::RolloutPause { objects }
            | Write::RolloutResume { objects }
            | Write::SetImage { objects, .. }
            | Write::SetEnv { objects, .. }
            | Write::SetResources { objects, .. }
            | Write::Label { objects, .. }
            | Write::Annotate { objects, .. }
            | Write::Taint { objects, .. }
            | Write::Cordon { objects }
            | Write::Uncordon { objects }
            | Write::Delete { objects, .. },
        ) => Some(objects),
        _ => None,
    }
}

/// A write of the same object where it lives.
pub(super) fn back(kind: &KindRef, before: &Value, write: impl FnOnce(Objects) -> Write) -> Operation {
    let target = Target { kind: kind.clone(), name: Some(super::text(before, "/metadata/name").to_owned()) };
    let scope = if kind.namespaced { Scope::Named(super::text(before, "/metadata/namespace").to_owned()) } else { Scope::Context };
    Operation { action: Action::Write(write(Objects::one(target))), scope }
}
