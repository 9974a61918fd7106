//! `rollout restart` (a time in an annotation of the pod template, as kubectl writes it), `rollout pause` and `resume`.
use super::choose::{Change, back};
use super::request::{STRATEGIC, patch};
use super::{Draft, Shows, Step, already, not_for, reference};
use crate::cluster::Cluster;
use crate::cluster::read::objects::text;
use crate::model::operation::{Objects, Write};
use crate::model::{KindRef, Operation, Trouble, TroubleClass};
use serde_json::{Value, json};

impl Cluster {
    pub(super) async fn restart(&self, objects: &Objects, namespace: &str, operation: &Operation) -> Result<Draft, Trouble> {
        let now = (self.now)().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.each(objects, namespace, operation, |kind, before| restarted(kind, before, &now)).await
    }

    /// `rollout pause` (`paused`) or `rollout resume`.
    pub(super) async fn pause(&self, objects: &Objects, paused: bool, namespace: &str, operation: &Operation) -> Result<Draft, Trouble> {
        self.each(objects, namespace, operation, |kind, before| halted(kind, before, paused)).await
    }
}

fn is_paused(object: &Value) -> bool {
    object.pointer("/spec/paused") == Some(&Value::Bool(true))
}

fn restarted(kind: &KindRef, before: Value, now: &str) -> Result<Change, Trouble> {
    if !["deployments", "statefulsets", "daemonsets"].contains(&kind.resource.as_str()) {
        return Err(not_for("rollout restart", kind, "deployments, statefulsets and daemonsets"));
    }
    if is_paused(&before) {
        let object = reference(kind, &before);
        return Err(Trouble::new(TroubleClass::Invalid, &format!("plan rollout restart {object}"), "it is paused, so nothing would restart")
            .hint("Resume it first: rollout resume."));
    }
    let body = json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}});
    let request = patch(kind, &before, "", STRATEGIC, &body);
    let to_revision = text(&before, "/metadata/annotations/deployment.kubernetes.io~1revision").parse().ok();
    let undo = back(kind, &before, |objects| Write::RolloutUndo { objects, to_revision });
    Ok(Change::To(Step::change(kind, before, request, Shows::Object), Some(undo)))
}

fn halted(kind: &KindRef, before: Value, paused: bool) -> Result<Change, Trouble> {
    let verb = if paused { "rollout pause" } else { "rollout resume" };
    if kind.resource != "deployments" {
        return Err(not_for(verb, kind, "deployments"));
    }
    if is_paused(&before) == paused {
        let so = if paused { "it is paused already" } else { "it is not paused" };
        return Ok(Change::Already(already(verb, &reference(kind, &before), so)));
    }
    let request = patch(kind, &before, "", STRATEGIC, &json!({"spec": {"paused": if paused { Value::Bool(true) } else { Value::Null }}}));
    let undo = back(kind, &before, |objects| if paused { Write::RolloutResume { objects } } else { Write::RolloutPause { objects } });
    Ok(Change::To(Step::change(kind, before, request, Shows::Object), Some(undo)))
}
