//! `rollout undo`, computed as kubectl does: a deployment gets the older ReplicaSet's template without its hash label
//! (a JSON patch), a stateful or daemon set the older ControllerRevision's data (a strategic merge patch).
use super::{Draft, JSON_PATCH, STRATEGIC, Shows, Step, already, not_for, patch, reference, same_place};
use crate::cluster::Cluster;
use crate::cluster::read::objects::text;
use crate::cluster::read::rollout::{Revision, without_hash};
use crate::model::operation::{Objects, Target, Write};
use crate::model::{ObjectRef, Trouble, TroubleClass};
use serde_json::{Map, Value, json};

/// Annotations of a deployment that are its own and not a revision's.
const KEPT: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

impl Cluster {
    pub(super) async fn undo(&self, target: &Target, namespace: &str, to_revision: Option<i64>) -> Result<Draft, Trouble> {
        if !["deployments", "statefulsets", "daemonsets"].contains(&target.kind.resource.as_str()) {
            return Err(not_for("rollout undo", &target.kind, "deployments, statefulsets and daemonsets"));
        }
        let before = self.target(target, namespace).await?;
        let object = reference(&target.kind, &before);
        if before.pointer("/spec/paused") == Some(&Value::Bool(true)) {
            let sentence = "a paused deployment can not be rolled back";
            return Err(Trouble::new(TroubleClass::Invalid, &format!("plan rollout undo {object}"), sentence).hint("Resume it first: rollout resume."));
        }
        let revisions = self.revisions(&before).await?;
        let deployment = target.kind.resource == "deployments";
        let current = current(&revisions, &before, deployment);
        let older = choose(&revisions, current, to_revision, &object)?;
        let template = older.template();
        let mut now = before.pointer("/spec/template").cloned().unwrap_or_default();
        without_hash(&mut now);
        if template == now {
            return Err(already("rollout undo", &object, &format!("its template is that of revision {} already", older.number)));
        }
        let request = if deployment {
            let body = json!([
                {"op": "replace", "path": "/spec/template", "value": template},
                {"op": "replace", "path": "/metadata/annotations", "value": annotations(&before, &older.object)},
            ]);
            patch(&target.kind, &before, "", JSON_PATCH, &body)
        } else {
            patch(&target.kind, &before, "", STRATEGIC, older.object.get("data").unwrap_or(&Value::Null))
        };
        let undo = current.map(|revision| same_place(Write::RolloutUndo { objects: Objects::one(target.clone()), to_revision: Some(revision) }, namespace));
        Ok(Draft { steps: vec![Step { kind: target.kind.clone(), before, request, shows: Shows::Object }], undo })
    }
}

/// The revision that the workload is at.
fn current(revisions: &[Revision], object: &Value, deployment: bool) -> Option<i64> {
    if deployment && let Ok(number) = text(object, "/metadata/annotations/deployment.kubernetes.io~1revision").parse() {
        return Some(number);
    }
    let mut now = object.pointer("/spec/template").cloned().unwrap_or_default();
    without_hash(&mut now);
    revisions.iter().rev().find(|r| r.template() == now).or_else(|| revisions.last()).map(|r| r.number)
}

/// The revision to go back to.
fn choose<'a>(revisions: &'a [Revision], current: Option<i64>, wanted: Option<i64>, object: &ObjectRef) -> Result<&'a Revision, Trouble> {
    let operation = format!("plan rollout undo {object}");
    let trouble = |cause: &str, hint: &str| Trouble::new(TroubleClass::NotFound, &operation, cause).hint(hint);
    let known = || revisions.iter().map(|r| r.number.to_string()).collect::<Vec<_>>().join(", ");
    match wanted.filter(|w| *w != 0) {
        Some(wanted) => revisions
            .iter()
            .find(|r| r.number == wanted)
            .ok_or_else(|| trouble(&format!("there is no revision {wanted} in its history"), &format!("The known revisions are: {}.", known()))),
        None => revisions.iter().rev().find(|r| current.is_none_or(|c| r.number < c)).filter(|_| revisions.len() > 1).ok_or_else(|| {
            trouble(
                "there is no rollout history to go back to: the current revision is the only one",
                "Correct the workload by another change, or apply its manifest again.",
            )
        }),
    }
}

/// The deployment's annotations after the rollback: its own, and the revision's.
fn annotations(deployment: &Value, older: &Value) -> Value {
    let of = |object: &Value| object.pointer("/metadata/annotations").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut out = Map::new();
    out.extend(of(deployment).into_iter().filter(|(k, _)| KEPT.contains(&k.as_str())));
    out.extend(of(older).into_iter().filter(|(k, _)| !KEPT.contains(&k.as_str())));
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(number: i64, image: &str) -> Revision {
        let object = json!({"kind": "ReplicaSet", "metadata": {"name": format!("api-{number}")},
            "spec": {"template": {"metadata": {"labels": {"app": "api", "pod-template-hash": "h"}}, "spec": {"containers": [{"image": image}]}}}});
        Revision { number, object, cause: String::new() }
    }

    #[test]
    fn the_revision_before_the_current_one_is_chosen_or_the_one_that_is_named() {
        let revisions = [revision(1, "a"), revision(2, "b"), revision(4, "c")];
        let object = ObjectRef::new("Deployment", "n", "api");
        for (current, wanted, want) in [(Some(4), None, Some(2)), (Some(4), Some(1), Some(1)), (Some(4), Some(3), None), (Some(1), None, None)] {
            assert_eq!(choose(&revisions, current, wanted, &object).ok().map(|r| r.number), want, "{current:?} {wanted:?}");
        }
        assert!(choose(&revisions[..1], Some(1), None, &object).is_err_and(|t| t.cause.contains("no rollout history")));
    }

    #[test]
    fn the_template_that_goes_back_has_no_hash_label() {
        assert_eq!(revision(1, "a").template(), json!({"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"image": "a"}]}}));
    }

    #[test]
    fn a_deployment_keeps_its_own_annotations_and_takes_the_revisions() {
        let deployment = json!({"metadata": {"annotations": {"deployment.kubernetes.io/revision": "2", "kubernetes.io/change-cause": "second", "note": "x"}}});
        let older = json!({"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1", "kubernetes.io/change-cause": "first", "deployment.kubernetes.io/desired-replicas": "1"}}});
        assert_eq!(annotations(&deployment, &older), json!({"deployment.kubernetes.io/revision": "2", "kubernetes.io/change-cause": "first"}));
    }
}
