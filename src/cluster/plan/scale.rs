//! `scale`: a merge patch on the `scale` subresource.
use super::{Draft, MERGE, Shows, Step, already, not_for, patch, reference, same_place};
use crate::cluster::Cluster;
use crate::cluster::read::objects::number;
use crate::model::operation::{Objects, Target, Write};
use crate::model::{Trouble, TroubleClass};
use serde_json::json;

impl Cluster {
    pub(super) async fn scale(&self, target: &Target, namespace: &str, replicas: u32, current: Option<u32>) -> Result<Draft, Trouble> {
        if !["deployments", "replicasets", "statefulsets", "replicationcontrollers"].contains(&target.kind.resource.as_str()) {
            return Err(not_for("scale", &target.kind, "deployments, replicasets, statefulsets and replicationcontrollers"));
        }
        let before = self.target(target, namespace).await?;
        let object = reference(&target.kind, &before);
        let now = u32::try_from(number(&before, "/spec/replicas").unwrap_or(1)).unwrap_or(0);
        if let Some(current) = current.filter(|c| *c != now) {
            return Err(Trouble::new(TroubleClass::Conflict, &format!("plan scale {object}"), &format!("it has {now} replicas, not {current}"))
                .hint("Look again, then propose the change anew."));
        }
        if now == replicas {
            return Err(already("scale", &object, &format!("it is set to {now} replicas already")));
        }
        let request = patch(&target.kind, &before, "/scale", MERGE, &json!({"spec": {"replicas": replicas}}));
        let undo = same_place(Write::Scale { objects: Objects::one(target.clone()), replicas: now, current: None }, namespace);
        Ok(Draft { steps: vec![Step { kind: target.kind.clone(), before, request, shows: Shows::Scale }], undo: Some(undo) })
    }
}
