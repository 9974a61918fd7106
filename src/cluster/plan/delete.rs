//! `delete` of named objects, dependents in the background as kubectl does.
use super::{Draft, Shows, Step, content};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{path_of, text};
use crate::model::operation::Target;
use crate::model::{Operation, PlannedRequest, Trouble, TroubleClass};
use serde_json::json;

impl Cluster {
    pub(super) async fn delete(&self, targets: &[Target], namespace: &str, grace_period: Option<u32>, operation: &Operation) -> Result<Draft, Trouble> {
        if targets.is_empty() {
            return Err(Trouble::new(TroubleClass::Invalid, &format!("plan {}", crate::kubectl::print(operation)), "it names nothing to delete"));
        }
        let mut body = json!({"propagationPolicy": "Background"});
        if let (Some(seconds), Some(map)) = (grace_period, body.as_object_mut()) {
            map.insert("gracePeriodSeconds".to_owned(), seconds.into());
        }
        let mut steps = Vec::with_capacity(targets.len());
        for target in targets {
            let before = self.target(target, namespace).await?;
            let request = PlannedRequest {
                method: "DELETE",
                path: path_of(&target.kind, Some(namespace), text(&before, "/metadata/name")),
                query: String::new(),
                content_type: content::JSON,
                body: body.to_string().into_bytes(),
            };
            steps.push(Step { kind: target.kind.clone(), before, request, shows: Shows::Gone });
        }
        Ok(Draft { steps, undo: None })
    }
}
