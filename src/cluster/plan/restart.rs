//! `rollout restart`: a time in an annotation of the pod template, as kubectl writes it.
use super::{Draft, STRATEGIC, Shows, Step, not_for, patch, reference, same_place};
use crate::cluster::Cluster;
use crate::cluster::read::objects::text;
use crate::model::operation::{Objects, Target, Write};
use crate::model::{Trouble, TroubleClass};
use serde_json::{Value, json};

impl Cluster {
    pub(super) async fn restart(&self, target: &Target, namespace: &str) -> Result<Draft, Trouble> {
        if !["deployments", "statefulsets", "daemonsets"].contains(&target.kind.resource.as_str()) {
            return Err(not_for("rollout restart", &target.kind, "deployments, statefulsets and daemonsets"));
        }
        let before = self.target(target, namespace).await?;
        if before.pointer("/spec/paused") == Some(&Value::Bool(true)) {
            let object = reference(&target.kind, &before);
            return Err(Trouble::new(TroubleClass::Invalid, &format!("plan rollout restart {object}"), "it is paused, so nothing would restart")
                .hint("Resume it first."));
        }
        let now = (self.now)().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let body = json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}});
        let request = patch(&target.kind, &before, "", STRATEGIC, &body);
        let to_revision = text(&before, "/metadata/annotations/deployment.kubernetes.io~1revision").parse().ok();
        let undo = same_place(Write::RolloutUndo { objects: Objects::one(target.clone()), to_revision }, namespace);
        Ok(Draft { steps: vec![Step { kind: target.kind.clone(), before, request, shows: Shows::Object }], undo: Some(undo) })
    }
}
