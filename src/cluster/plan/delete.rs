//! `delete`: each object by its name, its dependents as kubectl has them go.
use super::choose::Change;
use super::request::JSON;
use super::{Draft, Shows, Step};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{array, path_of, text};
use crate::model::operation::{Cascade, Objects};
use crate::model::{KindRef, Operation, PlannedRequest, Trouble};
use serde_json::{Value, json};

impl Cluster {
    pub(super) async fn delete(
        &self,
        objects: &Objects,
        grace_period: Option<u32>,
        cascade: Cascade,
        namespace: &str,
        operation: &Operation,
    ) -> Result<Draft, Trouble> {
        let mut body = json!({"propagationPolicy": match cascade {
            Cascade::Background => "Background",
            Cascade::Foreground => "Foreground",
            Cascade::Orphan => "Orphan",
        }});
        if let (Some(seconds), Some(map)) = (grace_period, body.as_object_mut()) {
            map.insert("gracePeriodSeconds".to_owned(), seconds.into());
        }
        let mut draft = self.each(objects, namespace, operation, |kind, before| Ok(Change::To(deleted(kind, before, &body), None))).await?;
        let bare = draft.steps.iter().filter(|s| !owned(&s.before)).count();
        draft.notes.push(match (bare, draft.steps.len()) {
            (0, _) => "The owner of what goes makes it anew.".to_owned(),
            (n, all) if n == all => "What goes comes back only from its manifest: no command takes this back.".to_owned(),
            (n, all) => format!("{n} of {all} objects have no owner and come back only from their manifests."),
        });
        if grace_period == Some(0) {
            draft.notes.push("The objects go at once: their containers may still run on the node for a while.".to_owned());
        }
        Ok(draft)
    }
}

fn owned(object: &Value) -> bool {
    array(object, "/metadata/ownerReferences").iter().any(|o| o.get("controller") == Some(&Value::Bool(true)))
}

fn deleted(kind: &KindRef, before: Value, body: &Value) -> Step {
    let path = path_of(kind, Some(text(&before, "/metadata/namespace")), text(&before, "/metadata/name"));
    let request = PlannedRequest { method: "DELETE", path, query: String::new(), content_type: JSON, body: body.to_string().into_bytes() };
    Step::change(kind, before, request, Shows::Gone)
}
