//! Manifests that came in the call: `create` (also what a line generates), `apply` (server-side, under our own field
//! manager, by force only if asked) and `replace`. Every object is a step of its own, in the order given.
use super::expose::removal;
use super::request::{APPLY, JSON, MANAGER, STRICT, post};
use super::{Draft, Shows, Step};
use crate::cluster::read::objects::{path_of, text};
use crate::cluster::{Cluster, is_secret};
use crate::model::operation::Target;
use crate::model::{KindRef, Manifest, Operation, PlannedRequest, Trouble, TroubleClass};
use serde_json::{Value, json};

/// What is done with a manifest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// The object must not be there.
    Create,
    /// It is made, or brought to what the manifest says.
    Apply {
        /// Fields that others own are taken.
        force: bool,
    },
    /// The object must be there.
    Replace,
}

impl Cluster {
    pub(super) async fn manifests(&self, manifests: &[Manifest], deed: Deed, namespace: &str, operation: &Operation) -> Result<Draft, Trouble> {
        let trouble = |class, cause: &str| Trouble::new(class, &format!("plan {}", crate::kubectl::print(operation)), cause);
        let mut draft = Draft::default();
        for manifest in manifests {
            if is_secret(&manifest.kind) {
                return Err(trouble(TroubleClass::Refused, "Secrets are neither read nor changed here"));
            }
            let place = manifest.namespace.as_deref().unwrap_or(namespace);
            let name = manifest.name.as_deref().unwrap_or_default();
            if !name.is_empty()
                && draft.steps.iter().any(|s| s.kind == manifest.kind && s.object.name == name && (!s.kind.namespaced || s.object.namespace == place))
            {
                return Err(trouble(TroubleClass::Invalid, &format!("it names {} {name} twice", manifest.kind.kind.to_lowercase())));
            }
            let step = match deed {
                Deed::Create => made(manifest, place),
                Deed::Apply { force } => self.applied(manifest, place, name, force).await?,
                Deed::Replace => self.replaced(manifest, place, name).await?,
            };
            if step.is_new() && !name.is_empty() {
                draft.undo.insert(0, removal(&manifest.kind, place, name));
            }
            draft.steps.push(step);
        }
        if manifests.len() > 1 {
            draft.notes.push(format!("{} objects, one request each, in this order; a refusal in the middle stops the rest.", manifests.len()));
        }
        Ok(draft)
    }

    async fn applied(&self, manifest: &Manifest, place: &str, name: &str, force: bool) -> Result<Step, Trouble> {
        let body = placed(manifest, place);
        let request = PlannedRequest {
            method: "PATCH",
            path: path_of(&manifest.kind, Some(place), name),
            query: if force { format!("{STRICT}&force=true") } else { STRICT.to_owned() },
            content_type: APPLY,
            body: body.to_string().into_bytes(),
        };
        Ok(match self.there(&manifest.kind, place, name).await? {
            Some(before) => Step::change(&manifest.kind, before, request, Shows::Object),
            None => Step::make(&manifest.kind, place, name, request),
        })
    }

    async fn replaced(&self, manifest: &Manifest, place: &str, name: &str) -> Result<Step, Trouble> {
        let before = self.target(&Target { kind: manifest.kind.clone(), name: Some(name.to_owned()) }, place).await?;
        let request = PlannedRequest {
            method: "PUT",
            path: path_of(&manifest.kind, Some(place), name),
            query: STRICT.to_owned(),
            content_type: JSON,
            body: placed(manifest, place).to_string().into_bytes(),
        };
        Ok(Step::change(&manifest.kind, before, request, Shows::Object))
    }

    /// The object, if it is there.
    async fn there(&self, kind: &KindRef, place: &str, name: &str) -> Result<Option<Value>, Trouble> {
        match self.target(&Target { kind: kind.clone(), name: Some(name.to_owned()) }, place).await {
            Ok(object) => Ok(Some(object)),
            Err(trouble) if trouble.class == TroubleClass::NotFound => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// `create job NAME --from=cronjob/X`: a Job of the cron job's template as it is now.
    pub(super) async fn job_from(&self, name: &str, cron_job: &Target, namespace: &str) -> Result<Draft, Trouble> {
        let from = self.target(cron_job, namespace).await?;
        let kind = KindRef::new("batch", "v1", "jobs", "Job", true);
        let request = PlannedRequest { query: MANAGER.to_owned(), ..post(&kind, namespace, &job(name, &from, namespace)) };
        Ok(Draft::one(Step::make(&kind, namespace, name, request), Some(removal(&kind, namespace, name))))
    }
}

fn made(manifest: &Manifest, place: &str) -> Step {
    let body = placed(manifest, place);
    Step::make(&manifest.kind, place, manifest.name.as_deref().unwrap_or_default(), post(&manifest.kind, place, &body))
}

/// The manifest's object with the namespace that it goes to.
fn placed(manifest: &Manifest, place: &str) -> Value {
    let mut object = manifest.object.clone();
    if manifest.kind.namespaced
        && let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut)
    {
        metadata.insert("namespace".to_owned(), place.into());
    }
    object
}

/// A Job as its cron job would make one, marked as made by hand and owned by it.
fn job(name: &str, from: &Value, namespace: &str) -> Value {
    let mut annotations = from.pointer("/spec/jobTemplate/metadata/annotations").and_then(Value::as_object).cloned().unwrap_or_default();
    annotations.insert("cronjob.kubernetes.io/instantiate".to_owned(), "manual".into());
    let mut metadata = json!({
        "name": name, "namespace": namespace, "annotations": annotations,
        "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": text(from, "/metadata/name"), "uid": text(from, "/metadata/uid"), "controller": true}],
    });
    if let (Some(labels), Some(map)) = (from.pointer("/spec/jobTemplate/metadata/labels"), metadata.as_object_mut()) {
        map.insert("labels".to_owned(), labels.clone());
    }
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": from.pointer("/spec/jobTemplate/spec")})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_takes_its_cron_jobs_template_and_is_owned_by_it() {
        let from = json!({"metadata": {"name": "nightly", "uid": "u"}, "spec": {"schedule": "@daily", "jobTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": {"x": 1}}}});
        let job = job("now", &from, "n");
        assert_eq!(job["spec"], json!({"x": 1}));
        assert_eq!(job["metadata"]["annotations"], json!({"cronjob.kubernetes.io/instantiate": "manual"}));
        assert_eq!(job["metadata"]["labels"], json!({"a": "b"}));
        assert_eq!(text(&job, "/metadata/ownerReferences/0/uid"), "u");
    }
}
