//! The server's dry run of every request of a plan, and what it would change: a diff without noise, redacted.
use super::{Shows, Step, digest, request, text};
use crate::cluster::http::{Failed, READ};
use crate::cluster::{Cluster, trouble};
use crate::model::{DryRun, Trouble, TroubleClass};
use crate::text::{Clean, diff};
use serde_json::Value;

/// Equal lines around a change.
const CONTEXT: usize = 3;

/// What one dry run says.
pub(super) struct Tried {
    pub dry_run: DryRun,
    pub diff: Vec<diff::Line>,
    /// The object as it would be, where the server said.
    pub after: Option<Value>,
    /// For the person: an eviction that a budget holds back now.
    pub note: Option<String>,
}

impl Cluster {
    /// The server's dry run of one request, and what it would change. `earlier`: the steps before this one, whose
    /// effect no dry run can see.
    pub(super) async fn try_out(&self, step: &Step, earlier: &[Step]) -> Result<Tried, Trouble> {
        let operation = format!("dry run of {} {}", step.request.method, step.object);
        let answer = match self.send(&operation, request::dry(&step.request, &operation)?, READ).await {
            Ok(body) => serde_json::from_slice::<Value>(&body).map_err(|e| trouble::malformed(&operation, &self.server, &e))?,
            Err(Failed { trouble, status: None }) => return Err(trouble),
            Err(Failed { trouble, status: Some(status) }) => return self.not_accepted(step, earlier, trouble, &status).await,
        };
        let after = match step.shows {
            Shows::Object | Shows::Status => answer,
            Shows::Gone | Shows::Evicted => Value::Null,
            Shows::Scale => {
                let mut after = step.before.clone();
                if let (Some(place), Some(replicas)) = (after.pointer_mut("/spec"), answer.pointer("/spec/replicas")) {
                    place["replicas"] = replicas.clone();
                }
                after
            }
        };
        Ok(Tried { dry_run: DryRun::Accepted, diff: self.lines(step, &after), after: Some(after), note: None })
    }

    async fn not_accepted(&self, step: &Step, earlier: &[Step], trouble: Trouble, status: &kube::core::Status) -> Result<Tried, Trouble> {
        let nothing = |dry_run| Ok(Tried { dry_run, diff: Vec::new(), after: None, note: None });
        if step.shows == Shows::Evicted && status.code == 429 {
            let note = format!("{} is held back now ({}): its eviction is tried again for a while, and then given up.", step.object, trouble.cause);
            return Ok(Tried { dry_run: DryRun::Accepted, diff: self.lines(step, &Value::Null), after: None, note: Some(note) });
        }
        if trouble.class == TroubleClass::Busy {
            return Err(trouble);
        }
        if status.message.contains("does not support dry run") || status.message.contains("dryRun") && status.code == 400 {
            return nothing(DryRun::NotPossible(trouble.cause));
        }
        if let Some(made) = earlier.iter().find(|e| waits_for(step, e, status)) {
            return Ok(Tried {
                dry_run: DryRun::NotPossible(Clean::line(&format!("{} can be tried only once {} is there, which this plan makes", step.object, made.object))),
                diff: self.lines(step, &serde_json::from_slice(&step.request.body).unwrap_or_default()),
                after: None,
                note: None,
            });
        }
        if status.code == 409 && step.request.content_type == request::APPLY {
            return nothing(DryRun::Rejected(
                trouble.hint("Another manager owns these fields: leave them out of the manifest, or say --force-conflicts to take them."),
            ));
        }
        if trouble.class == TroubleClass::Denied {
            return nothing(DryRun::Rejected(self.who_may_not(step, trouble).await));
        }
        nothing(DryRun::Rejected(trouble))
    }

    /// Redacted lines of a change, without what changes by itself.
    pub(super) fn lines(&self, step: &Step, after: &Value) -> Vec<diff::Line> {
        let settle = |value: &Value| if step.shows == Shows::Status { digest::with_status(value) } else { digest::settled(value) };
        diff::lines(&self.yaml(&settle(&step.before)), &self.yaml(&settle(after)), CONTEXT)
    }

    /// An object as redacted YAML; nothing for nothing.
    pub(super) fn yaml(&self, value: &Value) -> String {
        if value.is_null() {
            return String::new();
        }
        let text = serde_saphyr::to_string(value).unwrap_or_default();
        self.redactor.redact(&Clean::block(&text)).0
    }
}

/// Whether a step fails only because an earlier one of the same plan has not run: its namespace, or its kind.
fn waits_for(step: &Step, earlier: &Step, status: &kube::core::Status) -> bool {
    let namespace = earlier.kind.kind == "Namespace" && earlier.is_new() && earlier.object.name == step.object.namespace && status.code == 404;
    let crd = earlier.kind.kind == "CustomResourceDefinition" && earlier.is_new() && status.code == 404 && {
        let body: Value = serde_json::from_slice(&earlier.request.body).unwrap_or_default();
        text(&body, "/spec/group") == step.kind.group && text(&body, "/spec/names/kind") == step.kind.kind
    };
    namespace || crd
}
