//! `scale`: a merge patch on the `scale` subresource; with a size that is expected now, a replacement of it, as kubectl
//! does.
use super::choose::{Change, back};
use super::request::{MERGE, patch, put};
use super::{Draft, Shows, Step, already, not_for, reference};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{number, text};
use crate::kubectl::kinds::Kinds;
use crate::model::operation::{Objects, Write};
use crate::model::{KindRef, Operation, Trouble, TroubleClass};
use serde_json::{Value, json};

impl Cluster {
    pub(super) async fn scale(&self, objects: &Objects, replicas: u32, current: Option<u32>, namespace: &str, operation: &Operation) -> Result<Draft, Trouble> {
        objects.targets.iter().try_for_each(|t| scalable(&t.kind))?;
        self.each(objects, namespace, operation, |kind, before| scaled(kind, before, replicas, current)).await
    }
}

/// A kind of another group may have the subresource; the server's dry run tells.
fn scalable(kind: &KindRef) -> Result<(), Trouble> {
    let known = ["deployments", "replicasets", "statefulsets", "replicationcontrollers"];
    if Kinds::is_builtin(kind) && !known.contains(&kind.resource.as_str()) {
        return Err(not_for("scale", kind, "deployments, replicasets, statefulsets and replicationcontrollers"));
    }
    Ok(())
}

fn scaled(kind: &KindRef, before: Value, replicas: u32, current: Option<u32>) -> Result<Change, Trouble> {
    let object = reference(kind, &before);
    let now = u32::try_from(number(&before, "/spec/replicas").unwrap_or(1)).unwrap_or(0);
    if let Some(current) = current.filter(|c| *c != now) {
        return Err(Trouble::new(TroubleClass::Conflict, &format!("plan scale {object}"), &format!("it has {now} replicas, not {current}"))
            .hint("Look again, then propose the change anew."));
    }
    if now == replicas {
        return Ok(Change::Already(already("scale", &object, &format!("it is set to {now} replicas already"))));
    }
    let size = json!({"replicas": replicas});
    let request = if current.is_some() {
        let body = json!({
            "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": size,
            "metadata": {"name": text(&before, "/metadata/name"), "namespace": text(&before, "/metadata/namespace")},
        });
        put(kind, &before, "/scale", &body)
    } else {
        patch(kind, &before, "/scale", MERGE, &json!({"spec": size}))
    };
    let undo = back(kind, &before, |objects| Write::Scale { objects, replicas: now, current: None });
    Ok(Change::To(Step::change(kind, before, request, Shows::Scale), Some(undo)))
}
