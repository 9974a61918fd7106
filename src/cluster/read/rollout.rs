//! Rollouts: status and history, computed as kubectl computes them. Read once, never waited for.
use super::objects::{self, array, number, owned_by, selector, text};
use super::{Origin, Reader, table};
use crate::cluster::Cluster;
use crate::model::operation::{Selectors, Target};
use crate::model::{KindRef, Reading, Source, Trouble, TroubleClass};
use serde_json::Value;

/// Where a rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cluster) enum Stand {
    /// It is done.
    Done,
    /// It goes on.
    Going,
    /// It is stuck for good, by the controller's own word.
    Stuck,
}

/// One revision of a workload's template.
pub(in crate::cluster) struct Revision {
    pub number: i64,
    /// The ReplicaSet or ControllerRevision.
    pub object: Value,
    pub cause: String,
}

impl Revision {
    /// The pod template, without the label that the controller adds.
    pub fn template(&self) -> Value {
        let pointer = if text(&self.object, "/kind") == "ControllerRevision" { "/data/spec/template" } else { "/spec/template" };
        let mut template = self.object.pointer(pointer).cloned().unwrap_or_default();
        without_hash(&mut template);
        if let Some(map) = template.as_object_mut() {
            map.remove("$patch");
        }
        template
    }
}

/// Takes the controller's hash label out of a template.
pub(in crate::cluster) fn without_hash(template: &mut Value) {
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove("pod-template-hash");
    }
}

impl Reader<'_> {
    /// `rollout status`.
    pub(super) async fn rollout_status(&self, target: &Target) -> Reading {
        let mut origin = Origin::new(Source::Rollout);
        origin.object = self.named(target);
        match self.rolled(target).await {
            Ok(object) => match status(&object) {
                Ok((_, sentence)) => self.found(Origin::of(Source::Rollout, &target.kind.kind, &object), &sentence),
                Err(why) => self.failed(origin, Trouble::new(TroubleClass::Invalid, "rollout status", &why)),
            },
            Err(trouble) => self.failed(origin, trouble),
        }
    }

    /// `rollout history`.
    pub(super) async fn rollout_history(&self, target: &Target, revision: Option<i64>) -> Reading {
        let mut origin = Origin::new(Source::Rollout);
        origin.object = self.named(target);
        let object = match self.rolled(target).await {
            Ok(object) => object,
            Err(trouble) => return self.failed(origin, trouble),
        };
        origin = Origin::of(Source::Rollout, &target.kind.kind, &object);
        let revisions = match self.cluster.revisions(&object).await {
            Ok(revisions) => revisions,
            Err(trouble) => return self.failed(origin, trouble),
        };
        if let Some(wanted) = revision {
            let Some(found) = revisions.iter().find(|r| r.number == wanted) else {
                let known: Vec<String> = revisions.iter().map(|r| r.number.to_string()).collect();
                return self.nothing(origin, &format!("There is no revision {wanted}; the known ones are {}.", known.join(", ")));
            };
            return match super::get::yaml(&found.template()) {
                Ok(yaml) => self.found(origin, &format!("Pod template of revision {wanted} ({}):\n{yaml}", text(&found.object, "/metadata/name"))),
                Err(why) => self.failed(origin, Trouble::new(TroubleClass::Other, "rollout history", &why)),
            };
        }
        if revisions.is_empty() {
            return self.nothing(origin, "There is no rollout history.");
        }
        let mut grid = vec![["REVISION", "OBJECT", "READY", "IMAGES", "AGE", "CHANGE-CAUSE"].map(str::to_owned).to_vec()];
        for r in &revisions {
            let template = r.template();
            let images: Vec<&str> = array(&template, "/spec/containers").iter().map(|c| text(c, "/image")).collect();
            let ready = number(&r.object, "/spec/replicas")
                .map_or_else(|| "-".to_owned(), |all| format!("{}/{all}", number(&r.object, "/status/readyReplicas").unwrap_or(0)));
            let cause = if r.cause.is_empty() { "<none>".to_owned() } else { r.cause.clone() };
            let age = objects::age(objects::time(&r.object, "/metadata/creationTimestamp"), (self.cluster.now)());
            grid.push(vec![r.number.to_string(), text(&r.object, "/metadata/name").to_owned(), ready, images.join(","), age, cause]);
        }
        self.found(origin, &table::align(&grid))
    }

    async fn rolled(&self, target: &Target) -> Result<Value, Trouble> {
        let name = target.name.as_deref().ok_or_else(|| Trouble::new(TroubleClass::Invalid, "rollout", "a rollout wants one workload by name"))?;
        let mut object = self.cluster.object(&target.kind, self.place(&target.kind), name).await?;
        if let Some(map) = object.as_object_mut() {
            map.entry("kind").or_insert_with(|| target.kind.kind.clone().into());
        }
        Ok(object)
    }
}

impl Cluster {
    /// The revisions of a workload, oldest first.
    pub(in crate::cluster) async fn revisions(&self, object: &Value) -> Result<Vec<Revision>, Trouble> {
        let namespace = text(object, "/metadata/namespace");
        let uid = text(object, "/metadata/uid");
        let deployment = text(object, "/kind") == "Deployment";
        let kind = if deployment {
            KindRef::new("apps", "v1", "replicasets", "ReplicaSet", true)
        } else {
            KindRef::new("apps", "v1", "controllerrevisions", "ControllerRevision", true)
        };
        let selectors = Selectors { labels: Some(selector(object.pointer("/spec/selector"))), fields: None };
        let list = self.list(&kind, Some(namespace), &selectors, 500).await?;
        let mut out: Vec<Revision> = list
            .items
            .into_iter()
            .filter(|r| owned_by(r, uid))
            .filter_map(|r| {
                let number =
                    if deployment { text(&r, "/metadata/annotations/deployment.kubernetes.io~1revision").parse().ok() } else { number(&r, "/revision") }?;
                let cause = text(&r, "/metadata/annotations/kubernetes.io~1change-cause").to_owned();
                Some(Revision { number, object: r, cause })
            })
            .collect();
        out.sort_by_key(|r| r.number);
        Ok(out)
    }
}

/// Where the rollout of a workload stands, with kubectl's sentence.
pub(in crate::cluster) fn status(object: &Value) -> Result<(Stand, String), String> {
    let n = |pointer: &str| number(object, pointer).unwrap_or(0);
    let name = text(object, "/metadata/name");
    let kind = text(object, "/kind");
    if n("/metadata/generation") > n("/status/observedGeneration") {
        return Ok((Stand::Going, format!("Waiting for {} spec update to be observed...", kind.to_lowercase())));
    }
    let going = |text: String| Ok((Stand::Going, format!("Waiting for {text}")));
    match kind {
        "Deployment" => {
            let stuck =
                array(object, "/status/conditions").iter().find(|c| text(c, "/type") == "Progressing" && text(c, "/reason") == "ProgressDeadlineExceeded");
            let (want, updated, all, available) =
                (number(object, "/spec/replicas").unwrap_or(1), n("/status/updatedReplicas"), n("/status/replicas"), n("/status/availableReplicas"));
            let rest = if updated < want {
                format!("deployment \"{name}\" rollout to finish: {updated} out of {want} new replicas have been updated...")
            } else if all > updated {
                format!("deployment \"{name}\" rollout to finish: {} old replicas are pending termination...", all - updated)
            } else if available < updated {
                format!("deployment \"{name}\" rollout to finish: {available} of {updated} updated replicas are available...")
            } else {
                return Ok((Stand::Done, format!("deployment \"{name}\" successfully rolled out")));
            };
            match stuck {
                Some(c) => Ok((Stand::Stuck, format!("deployment \"{name}\" exceeded its progress deadline ({}); {rest}", text(c, "/message")))),
                None => going(rest),
            }
        }
        "DaemonSet" => {
            if text(object, "/spec/updateStrategy/type") == "OnDelete" {
                return Err("rollout status is only available for the RollingUpdate strategy type".to_owned());
            }
            let (want, updated, available) = (n("/status/desiredNumberScheduled"), n("/status/updatedNumberScheduled"), n("/status/numberAvailable"));
            if updated < want {
                going(format!("daemon set \"{name}\" rollout to finish: {updated} out of {want} new pods have been updated..."))
            } else if available < want {
                going(format!("daemon set \"{name}\" rollout to finish: {available} of {want} updated pods are available..."))
            } else {
                Ok((Stand::Done, format!("daemon set \"{name}\" successfully rolled out")))
            }
        }
        "StatefulSet" => {
            if text(object, "/spec/updateStrategy/type") == "OnDelete" {
                return Err("rollout status is only available for the RollingUpdate strategy type".to_owned());
            }
            let want = number(object, "/spec/replicas").unwrap_or(1);
            let (ready, updated) = (n("/status/readyReplicas"), n("/status/updatedReplicas"));
            if ready < want {
                return going(format!("{} pods to be ready...", want - ready));
            }
            let partition = number(object, "/spec/updateStrategy/rollingUpdate/partition").unwrap_or(0);
            if partition > 0 {
                return if updated < want - partition {
                    going(format!("partitioned roll out to finish: {updated} out of {} new pods have been updated...", want - partition))
                } else {
                    Ok((Stand::Done, format!("partitioned roll out complete: {updated} new pods have been updated...")))
                };
            }
            if text(object, "/status/updateRevision") == text(object, "/status/currentRevision") {
                Ok((
                    Stand::Done,
                    format!(
                        "statefulset rolling update complete {} pods at revision {}...",
                        n("/status/currentReplicas"),
                        text(object, "/status/currentRevision")
                    ),
                ))
            } else {
                going(format!("statefulset rolling update to complete {updated} pods at revision {}...", text(object, "/status/updateRevision")))
            }
        }
        other => Err(format!("a {other} has no rollout: name a deployment, statefulset or daemonset")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_deployments_rollout_is_told_as_kubectl_tells_it() {
        let with = |status: Value| json!({"kind": "Deployment", "metadata": {"name": "api", "generation": 2}, "spec": {"replicas": 2}, "status": status});
        for (object, stand, word) in [
            (with(json!({"observedGeneration": 1})), Stand::Going, "spec update to be observed"),
            (with(json!({"observedGeneration": 2, "updatedReplicas": 1, "replicas": 2})), Stand::Going, "1 out of 2 new replicas"),
            (with(json!({"observedGeneration": 2, "updatedReplicas": 2, "replicas": 3, "availableReplicas": 2})), Stand::Going, "1 old replicas are pending"),
            (with(json!({"observedGeneration": 2, "updatedReplicas": 2, "replicas": 2, "availableReplicas": 0})), Stand::Going, "0 of 2 updated replicas"),
            (with(json!({"observedGeneration": 2, "updatedReplicas": 2, "replicas": 2, "availableReplicas": 2})), Stand::Done, "successfully rolled out"),
            (
                with(
                    json!({"observedGeneration": 2, "updatedReplicas": 1, "replicas": 2, "conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "m"}]}),
                ),
                Stand::Stuck,
                "exceeded its progress deadline",
            ),
        ] {
            let (got, sentence) = status(&object).unwrap();
            assert!(got == stand && sentence.contains(word), "{sentence}");
        }
        assert!(status(&json!({"kind": "Job"})).is_err());
    }
}
