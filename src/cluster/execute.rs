//! Execution of an approved plan. The only place that sends a write, and it takes an [`Approval`] and a [`Receipt`].
//!
//! It lives on [`Writer`], which role `readonly` has none of. A write is sent once: nothing is retried, and a link that
//! dies in the middle is said to be unknown, with what a second look shows.
use super::http::{Failed, WRITE};
use super::plan::{JSON_PATCH, digest, request};
use super::read::objects::{array, path_of, text};
use super::{Clock, Cluster, http};
use crate::model::{DryRun, KindRef, ObjectRef, Outcome, Plan, PlannedRequest, Reviewed, Trouble, TroubleClass};
use crate::policy::{Approval, Receipt};
use crate::text::Clean;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

mod verify;

/// The writing half of a [`Cluster`]; [`Cluster::writer`] is the only maker.
#[derive(Clone)]
pub struct Writer {
    cluster: Cluster,
    /// The clock that approvals are given and expire by.
    now: Clock,
    /// How long a change may take to show.
    patience: Duration,
    /// How long it must hold before it is believed.
    settle: Duration,
    /// How long one request may take before its fate is called unknown.
    limit: Duration,
    /// The objects that the requests left behind, each with its resourceVersion.
    resulted: Arc<Mutex<Vec<Clean>>>,
}

/// An object as it is right before the write.
struct Fresh {
    uid: String,
    version: String,
    reviewed: Reviewed,
}

impl Writer {
    pub(super) fn new(cluster: Cluster, now: Clock) -> Self {
        Self { cluster, now, patience: Duration::from_mins(1), settle: Duration::from_secs(3), limit: WRITE, resulted: Arc::default() }
    }

    /// The same with another limit for one request.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// What the requests that the server accepted left behind: `deployment/api@7`, as its own answers say.
    pub fn resulted(&self) -> Vec<Clean> {
        self.resulted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, name: &ObjectRef, answer: &[u8]) {
        let version = serde_json::from_slice::<Value>(answer).map(|a| text(&a, "/metadata/resourceVersion").to_owned()).unwrap_or_default();
        if !version.is_empty() {
            self.resulted.lock().unwrap_or_else(PoisonError::into_inner).push(Clean::line(&format!("{name}@{version}")));
        }
    }

    /// The same with other times: how long to wait for the change to show, and how long it must hold.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration, settle: Duration) -> Self {
        self.patience = patience;
        self.settle = settle;
        self
    }

    /// Re-reads the objects, re-derives the digest, checks uid, context and expiry, sends the requests with the
    /// resourceVersion just read as precondition, then re-reads and says whether it worked.
    #[allow(clippy::needless_pass_by_value, reason = "an approval and a receipt are used up")]
    pub async fn execute(&self, plan: &Plan, approval: Approval, receipt: Receipt) -> Outcome {
        if let Err(why) = self.stands(plan, &approval, &receipt) {
            return void(&why);
        }
        let kinds: Vec<KindRef> = plan.operation.targets().iter().map(|t| t.kind.clone()).collect();
        let fresh = match self.look_again(plan, &kinds).await {
            Ok(fresh) => fresh,
            Err(outcome) => return outcome,
        };
        let again: Vec<Reviewed> = fresh.iter().map(|f| f.reviewed.clone()).collect();
        if digest::digest(&self.cluster.context, &plan.requests, &again) != plan.digest {
            return void("what would run is not what was approved");
        }
        for (sent, (planned, object)) in plan.requests.iter().zip(&fresh).enumerate() {
            if let Err(outcome) = self.send(plan, planned, object, sent, &kinds).await {
                return outcome;
            }
        }
        self.verify(plan, &kinds).await
    }

    /// Whether the three papers belong together, here and now.
    fn stands(&self, plan: &Plan, approval: &Approval, receipt: &Receipt) -> Result<(), String> {
        let now = (self.now)();
        let derived = digest::digest(&plan.context, &plan.requests, &plan.objects);
        if derived != plan.digest || approval.digest() != plan.digest {
            return Err("the approval is for another plan".to_owned());
        }
        if receipt.digest() != plan.digest {
            return Err("the audit line is for another plan".to_owned());
        }
        if plan.context != self.cluster.context || approval.context() != self.cluster.context.as_str() {
            return Err(format!("the approval is for context {}, and this is {}", approval.context(), self.cluster.context));
        }
        if approval.user() != self.cluster.user.as_str() {
            return Err(format!("the approval was given by {}, and this connection is {}'s", approval.user(), self.cluster.user));
        }
        if now > approval.expires() || now < approval.given() {
            return Err("the approval has expired".to_owned());
        }
        if plan.requests.is_empty() || plan.requests.len() != plan.objects.len() {
            return Err("the plan does not name one object a request".to_owned());
        }
        if let DryRun::Rejected(trouble) = &plan.dry_run {
            return Err(format!("the server refused it in the dry run: {}", trouble.cause));
        }
        Ok(())
    }

    /// Every object of the plan as it is now; anything that is not as reviewed voids the approval.
    async fn look_again(&self, plan: &Plan, kinds: &[KindRef]) -> Result<Vec<Fresh>, Outcome> {
        let mut out = Vec::with_capacity(plan.objects.len());
        for reviewed in &plan.objects {
            let Some(kind) = kinds.iter().find(|k| k.kind == reviewed.object.kind) else {
                return Err(void(&format!("the plan reviewed {}, which its command does not name", reviewed.object)));
            };
            let (namespace, name) = (reviewed.object.namespace.as_str(), reviewed.object.name.as_str());
            let operation = format!("re-read {}", reviewed.object);
            let now: Value = match self.cluster.fetch_as(&operation, &path_of(kind, Some(namespace), name), http::accept::JSON).await {
                Ok(now) => now,
                Err(trouble) if trouble.class == TroubleClass::NotFound => return Err(void(&format!("{} is gone", reviewed.object))),
                Err(trouble) => return Err(Outcome::Failed(trouble)),
            };
            let uid = text(&now, "/metadata/uid").to_owned();
            if uid != reviewed.uid {
                return Err(void(&format!("{} was deleted and made anew: this is another object of the same name", reviewed.object)));
            }
            let mut now = now;
            if let Some(map) = now.as_object_mut() {
                map.entry("kind").or_insert_with(|| kind.kind.clone().into());
                map.entry("apiVersion").or_insert_with(|| kind.api_version().into());
            }
            let fingerprint = digest::fingerprint(&now);
            let version = text(&now, "/metadata/resourceVersion").to_owned();
            if fingerprint != reviewed.fingerprint {
                let who = last_change(&now).map(|w| format!(", {w}")).unwrap_or_default();
                return Err(void(&format!(
                    "{} changed since it was reviewed (resourceVersion {} → {version}{who})",
                    reviewed.object, reviewed.resource_version
                )));
            }
            out.push(Fresh { uid, version, reviewed: Reviewed { fingerprint, ..reviewed.clone() } });
        }
        Ok(out)
    }

    /// One request, once.
    async fn send(&self, plan: &Plan, planned: &PlannedRequest, object: &Fresh, sent: usize, kinds: &[KindRef]) -> Result<(), Outcome> {
        let name = &object.reviewed.object;
        let operation = format!("{} ({name})", plan.command);
        let body = guarded(planned, object).map_err(|why| void(&why))?;
        let request = request(planned, &planned.query, body, &operation).map_err(Outcome::Failed)?;
        let failed = match self.cluster.send(&operation, request, self.limit).await {
            Ok(answer) => {
                self.note(name, &answer);
                return Ok(());
            }
            Err(failed) => failed,
        };
        let before = if sent == 0 { String::new() } else { format!(" ({sent} of {} were done before)", plan.requests.len()) };
        let Failed { trouble, status } = failed;
        match status {
            Some(status) if status.code == 409 || is_failed_test(planned, &status) => Err(if sent == 0 {
                void(&format!("{name} changed in the moment of the change: {}", trouble.cause))
            } else {
                Outcome::Failed(Trouble { cause: Clean::line(&format!("{name} changed in the moment of the change{before}")), ..trouble })
            }),
            // a gateway or the storage gave up waiting: the change may have happened
            Some(status) if status.code >= 500 => Err(self.unknown(name.to_string(), &trouble, object, kinds).await),
            Some(_) => Err(Outcome::Failed(Trouble { cause: Clean::line(&format!("{}{before}", trouble.cause)), ..trouble })),
            None => Err(self.unknown(name.to_string(), &trouble, object, kinds).await),
        }
    }

    /// The link died after the request went out: what a second look shows.
    async fn unknown(&self, name: String, trouble: &Trouble, object: &Fresh, kinds: &[KindRef]) -> Outcome {
        let reviewed = &object.reviewed.object;
        let seen = match kinds.iter().find(|k| k.kind == reviewed.kind) {
            Some(kind) => match self.cluster.object(kind, Some(&reviewed.namespace), &reviewed.name).await {
                Ok(now) if text(&now, "/metadata/uid") != object.uid => "another object has its name now".to_owned(),
                Ok(now) if text(&now, "/metadata/resourceVersion") == object.version => "a second look shows it unchanged".to_owned(),
                Ok(now) => format!("a second look shows it changed (resourceVersion {} → {})", object.version, text(&now, "/metadata/resourceVersion")),
                Err(t) if t.class == TroubleClass::NotFound => "a second look shows it gone".to_owned(),
                Err(t) => format!("a second look failed too: {}", t.cause),
            },
            None => "it could not be looked at again".to_owned(),
        };
        Outcome::Unknown(Clean::line(&format!("The change of {name} was sent and no answer came ({}): it may have happened; {seen}.", trouble.cause)))
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}

fn void(why: &str) -> Outcome {
    Outcome::Void(Clean::line(&format!("Nothing ran: {why}. Look again and propose it anew.")))
}

/// Who changed an object last, as its managedFields tell.
fn last_change(object: &Value) -> Option<String> {
    let newest = array(object, "/metadata/managedFields").iter().filter(|f| text(f, "/subresource").is_empty()).max_by_key(|f| text(f, "/time").to_owned())?;
    Some(format!("last by {} at {}", text(newest, "/manager"), text(newest, "/time")))
}

/// Whether a JSON patch failed on one of our `test`s.
fn is_failed_test(planned: &PlannedRequest, status: &kube::core::Status) -> bool {
    planned.content_type == JSON_PATCH && status.code == 422 && (status.message.contains("test") || status.message.contains("the server rejected our request"))
}

/// The body with the uid and the resourceVersion just read as precondition.
fn guarded(planned: &PlannedRequest, object: &Fresh) -> Result<Vec<u8>, String> {
    let mut body: Value = serde_json::from_slice(&planned.body).map_err(|e| format!("the plan's body is no JSON ({e})"))?;
    let (uid, version) = (object.uid.as_str(), object.version.as_str());
    match (&mut body, planned.method) {
        (Value::Array(operations), "PATCH") => {
            operations.insert(0, json!({"op": "test", "path": "/metadata/resourceVersion", "value": version}));
            operations.insert(0, json!({"op": "test", "path": "/metadata/uid", "value": uid}));
        }
        (Value::Object(map), "PATCH") => {
            let metadata = map.entry("metadata").or_insert_with(|| json!({}));
            let metadata = metadata.as_object_mut().ok_or("the plan's metadata is no object")?;
            metadata.insert("uid".to_owned(), uid.into());
            metadata.insert("resourceVersion".to_owned(), version.into());
        }
        (Value::Object(map), "DELETE") => {
            map.insert("preconditions".to_owned(), json!({"uid": uid, "resourceVersion": version}));
        }
        (_, method) => return Err(format!("a {method} of this shape has no precondition")),
    }
    Ok(body.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    #[test]
    fn every_kind_of_write_carries_uid_and_version() {
        let object = Fresh {
            uid: "u".into(),
            version: "7".into(),
            reviewed: Reviewed {
                object: ObjectRef::new("Pod", "n", "a"),
                uid: "u".into(),
                resource_version: "5".into(),
                kind: KindRef::new("", "v1", "pods", "Pod", true),
                before: Clean::default(),
                fingerprint: Digest::of(b""),
                diff: vec![],
            },
        };
        for (method, body, want) in [
            ("PATCH", r#"{"spec":{"replicas":2}}"#, json!({"spec": {"replicas": 2}, "metadata": {"uid": "u", "resourceVersion": "7"}})),
            ("PATCH", r#"{"metadata":{"labels":{"a":"b"}}}"#, json!({"metadata": {"labels": {"a": "b"}, "uid": "u", "resourceVersion": "7"}})),
            (
                "DELETE",
                r#"{"propagationPolicy":"Background"}"#,
                json!({"propagationPolicy": "Background", "preconditions": {"uid": "u", "resourceVersion": "7"}}),
            ),
            (
                "PATCH",
                r#"[{"op":"replace","path":"/a","value":1}]"#,
                json!([{"op": "test", "path": "/metadata/uid", "value": "u"}, {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}, {"op": "replace", "path": "/a", "value": 1}]),
            ),
        ] {
            let planned = PlannedRequest { method, path: "/p".into(), query: String::new(), content_type: "application/json", body: body.as_bytes().to_vec() };
            assert_eq!(serde_json::from_slice::<Value>(&guarded(&planned, &object).unwrap()).unwrap(), want);
        }
        let planned = PlannedRequest { method: "PUT", path: "/p".into(), query: String::new(), content_type: "application/json", body: b"{}".to_vec() };
        assert!(guarded(&planned, &object).is_err());
    }
}
