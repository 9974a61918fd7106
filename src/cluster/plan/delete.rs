//! `delete` of named objects, or of all of a kind in the namespace; dependents in the background as kubectl does.
//!
//! All of a kind means those that are there when the plan is made: each is listed, reviewed and deleted by name, and
//! what comes later is not touched.
use super::{Draft, Shows, Step, content};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{path_of, text};
use crate::model::operation::Target;
use crate::model::operation::Selectors;
use crate::model::{Operation, PlannedRequest, Trouble, TroubleClass};
use serde_json::json;

/// The most objects of one plan: more can not be reviewed by a person.
const MOST: u32 = 100;

impl Cluster {
    pub(super) async fn delete(&self, targets: &[Target], namespace: &str, grace_period: Option<u32>, operation: &Operation) -> Result<Draft, Trouble> {
        if targets.is_empty() {
            return Err(Trouble::new(TroubleClass::Invalid, &format!("plan {}", crate::kubectl::print(operation)), "it names nothing to delete"));
        }
        let mut body = json!({"propagationPolicy": "Background"});
        if let (Some(seconds), Some(map)) = (grace_period, body.as_object_mut()) {
            map.insert("gracePeriodSeconds".to_owned(), seconds.into());
        }
        let targets = self.named(targets, namespace, operation).await?;
        let mut steps = Vec::with_capacity(targets.len());
        for target in &targets {
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

    /// The targets, with each that names no object replaced by every object of its kind in the namespace.
    async fn named(&self, targets: &[Target], namespace: &str, operation: &Operation) -> Result<Vec<Target>, Trouble> {
        let refuse = |cause: &str| Trouble::new(TroubleClass::Invalid, &format!("plan {}", crate::kubectl::print(operation)), cause);
        let mut named = Vec::new();
        for target in targets {
            if target.name.is_some() {
                named.push(target.clone());
                continue;
            }
            let list = self.list(&target.kind, Some(namespace), &Selectors::default(), MOST + 1).await?;
            if list.items.is_empty() {
                return Err(Trouble::new(TroubleClass::NotFound, &format!("plan {}", crate::kubectl::print(operation)), &format!("there are no {} in {namespace}", target.kind.resource)));
            }
            named.extend(list.items.iter().map(|item| Target { kind: target.kind.clone(), name: Some(text(item, "/metadata/name").to_owned()) }));
        }
        if named.len() > MOST as usize {
            return Err(refuse(&format!("it is about more than {MOST} objects")).hint("Delete fewer at a time, by name: a person reviews each."));
        }
        Ok(named)
    }
}
