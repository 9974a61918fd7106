//! Execution of an approved plan. The only place that sends a write, and it takes an [`Approval`] and a [`Receipt`].
//!
//! It lives on [`Writer`], which role `readonly` has none of. A write is sent once: nothing is retried but an eviction
//! that a disruption budget held back, which did nothing. A link that dies in the middle is said to be unknown, with
//! what a second look shows.
use super::http::{Failed, WRITE};
use super::plan::digest;
use super::plan::request::{JSON_PATCH, request};
use super::read::objects::{array, path_of, text};
use super::{Clock, Cluster, http};
use crate::model::operation::Write;
use crate::model::{Action, DryRun, ObjectRef, Outcome, Plan, PlannedRequest, Reviewed, Trouble, TroubleClass};
use crate::policy::{Approval, Receipt};
use crate::text::Clean;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

mod guard;
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
    /// Empty for an object that is yet to be made.
    uid: String,
    version: String,
    reviewed: Reviewed,
}

/// What came of one request.
enum Sent {
    /// The server accepted it.
    Done,
    /// A disruption budget holds the pod back; nothing happened.
    Held(String),
}

/// A pod that no try could evict, and why.
struct Held(ObjectRef, String);

/// How often an eviction is tried that a budget holds back, within the time that a change may take.
const TRIES: u32 = 12;
/// The longest that a drain is waited for, in seconds, whatever it says.
const LONGEST: u64 = 900;

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
        let mut fresh = Vec::with_capacity(plan.objects.len());
        for reviewed in &plan.objects {
            match self.look_again(reviewed).await {
                Ok(Some(object)) => fresh.push(object),
                Ok(None) => return void(&format!("{} is gone", reviewed.object)),
                Err(outcome) => return outcome,
            }
        }
        let again: Vec<Reviewed> = fresh.iter().map(|f| f.reviewed.clone()).collect();
        if digest::digest(&self.cluster.context, &plan.requests, &again) != plan.digest {
            return void("what would run is not what was approved");
        }
        let before = self.stand(plan).await;
        match self.send_all(plan, fresh).await {
            Ok(held) => self.verify(plan, &before, &held).await,
            Err(outcome) => outcome,
        }
    }

    /// Every request in order, each against its object as it is right then; then those that a budget held back, again
    /// and again for a bounded while.
    async fn send_all(&self, plan: &Plan, fresh: Vec<Fresh>) -> Result<Vec<Held>, Outcome> {
        let (all, mut done) = (plan.requests.len(), 0);
        let mut held = Vec::new();
        for (at, (planned, object)) in plan.requests.iter().zip(fresh).enumerate() {
            // what ran before may have changed this object too, or taken it away
            let object = if at == 0 {
                object
            } else {
                match self.look_again(&object.reviewed).await {
                    Ok(Some(object)) => object,
                    Ok(None) if takes_away(planned) => {
                        done += 1;
                        continue;
                    }
                    Ok(None) => return Err(partly(&void(&format!("{} is gone", object.reviewed.object)), plan, done)),
                    Err(outcome) => return Err(partly(&outcome, plan, done)),
                }
            };
            match self.send(plan, planned, &object).await {
                Ok(Sent::Done) => done += 1,
                Ok(Sent::Held(why)) => held.push((planned, object.reviewed, why)),
                Err(outcome) => return Err(partly(&outcome, plan, done)),
            }
        }
        for _ in 1..TRIES {
            if held.is_empty() {
                break;
            }
            tokio::time::sleep(self.window(plan) / TRIES).await;
            let mut still = Vec::new();
            for (planned, reviewed, _) in held {
                let object = match self.look_again(&reviewed).await {
                    Ok(Some(object)) => object,
                    // gone, or another pod of its name: the eviction has nothing left to do
                    Ok(None) | Err(Outcome::Void(_)) => {
                        done += 1;
                        continue;
                    }
                    Err(outcome) => return Err(partly(&outcome, plan, done)),
                };
                match self.send(plan, planned, &object).await {
                    Ok(Sent::Done) => done += 1,
                    Ok(Sent::Held(why)) => still.push((planned, reviewed, why)),
                    Err(outcome) => return Err(partly(&outcome, plan, done)),
                }
            }
            held = still;
        }
        tracing::debug!(done, all, "requests of a plan sent");
        Ok(held.into_iter().map(|(_, reviewed, why)| Held(reviewed.object, why)).collect())
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

    /// How long evictions are tried: what the command says, else as long as a change may take.
    fn window(&self, plan: &Plan) -> Duration {
        match &plan.operation.action {
            Action::Write(Write::Drain { how, .. }) => how.timeout_seconds.map_or(self.patience, |s| Duration::from_secs(s.min(LONGEST))),
            _ => self.patience,
        }
    }

    /// An object of the plan as it is now, `None` when it is gone; anything that is not as reviewed voids the approval.
    async fn look_again(&self, reviewed: &Reviewed) -> Result<Option<Fresh>, Outcome> {
        let (namespace, name) = (reviewed.object.namespace.as_str(), reviewed.object.name.as_str());
        let unmade = || Fresh { uid: String::new(), version: String::new(), reviewed: reviewed.clone() };
        if name.is_empty() {
            return Ok(Some(unmade()));
        }
        let operation = format!("re-read {}", reviewed.object);
        let mut now: Value = match self.cluster.fetch_as(&operation, &path_of(&reviewed.kind, Some(namespace), name), http::accept::JSON).await {
            Ok(_) if reviewed.uid.is_empty() => return Err(void(&format!("{} was not there when the plan was made, and is now", reviewed.object))),
            Ok(now) => now,
            Err(trouble) if trouble.class == TroubleClass::NotFound && reviewed.uid.is_empty() => return Ok(Some(unmade())),
            Err(trouble) if trouble.class == TroubleClass::NotFound => return Ok(None),
            Err(trouble) => return Err(Outcome::Failed(trouble)),
        };
        let uid = text(&now, "/metadata/uid").to_owned();
        if uid != reviewed.uid {
            return Err(void(&format!("{} was deleted and made anew: this is another object of the same name", reviewed.object)));
        }
        if let Some(map) = now.as_object_mut() {
            map.entry("kind").or_insert_with(|| reviewed.kind.kind.clone().into());
            map.entry("apiVersion").or_insert_with(|| reviewed.kind.api_version().into());
        }
        let fingerprint = digest::fingerprint(&now);
        let version = text(&now, "/metadata/resourceVersion").to_owned();
        if fingerprint != reviewed.fingerprint {
            let who = last_change(&now).map(|w| format!(", {w}")).unwrap_or_default();
            let was = &reviewed.resource_version;
            return Err(void(&format!("{} changed since it was reviewed (resourceVersion {was} → {version}{who})", reviewed.object)));
        }
        Ok(Some(Fresh { uid, version, reviewed: reviewed.clone() }))
    }

    /// One request, once.
    async fn send(&self, plan: &Plan, planned: &PlannedRequest, object: &Fresh) -> Result<Sent, Outcome> {
        let name = &object.reviewed.object;
        let operation = format!("{} ({name})", plan.command);
        let body = guard::guarded(planned, object).map_err(|why| void(&why))?;
        let request = request(planned, &planned.query, body, &operation).map_err(Outcome::Failed)?;
        let failed = match self.cluster.send(&operation, request, self.limit).await {
            Ok(answer) => {
                self.note(name, &answer);
                return Ok(Sent::Done);
            }
            Err(failed) => failed,
        };
        let Failed { trouble, status } = failed;
        match status {
            Some(status) if status.code == 404 && takes_away(planned) => Ok(Sent::Done),
            Some(status) if status.code == 429 && guard::is_eviction(planned) => Ok(Sent::Held(trouble.cause.to_string())),
            Some(status) if status.code == 409 || is_failed_test(planned, &status) => {
                Err(void(&format!("{name} changed in the moment of the change: {}", trouble.cause)))
            }
            // a gateway or the storage gave up waiting: the change may have happened
            Some(status) if status.code >= 500 => Err(self.unknown(name.to_string(), &trouble, object).await),
            Some(_) => Err(Outcome::Failed(trouble)),
            None => Err(self.unknown(name.to_string(), &trouble, object).await),
        }
    }

    /// The link died after the request went out: what a second look shows.
    async fn unknown(&self, name: String, trouble: &Trouble, object: &Fresh) -> Outcome {
        let reviewed = &object.reviewed;
        let seen = match self.cluster.object(&reviewed.kind, Some(&reviewed.object.namespace), &reviewed.object.name).await {
            Ok(_) if object.uid.is_empty() => "a second look shows an object of that name".to_owned(),
            Ok(now) if text(&now, "/metadata/uid") != object.uid => "another object has its name now".to_owned(),
            Ok(now) if text(&now, "/metadata/resourceVersion") == object.version => "a second look shows it unchanged".to_owned(),
            Ok(now) => format!("a second look shows it changed (resourceVersion {} → {})", object.version, text(&now, "/metadata/resourceVersion")),
            Err(t) if t.class == TroubleClass::NotFound && object.uid.is_empty() => "a second look shows that it is not there".to_owned(),
            Err(t) if t.class == TroubleClass::NotFound => "a second look shows it gone".to_owned(),
            Err(t) => format!("a second look failed too: {}", t.cause),
        };
        Outcome::Unknown(Clean::line(&format!("The change of {name} was sent and no answer came ({}): it may have happened; {seen}.", trouble.cause)))
    }
}

/// Whether the request's object is to go, so that one that is gone is as good.
fn takes_away(planned: &PlannedRequest) -> bool {
    planned.method == "DELETE" || guard::is_eviction(planned)
}

/// What is said when some requests of a plan ran and another did not.
fn partly(outcome: &Outcome, plan: &Plan, done: usize) -> Outcome {
    if done == 0 {
        return outcome.clone();
    }
    let all = plan.requests.len();
    let before = format!("{done} of {all} requests were done before: the plan ran in part");
    match outcome {
        Outcome::Void(why) => {
            let cause = why.strip_prefix("Nothing ran: ").unwrap_or(why);
            Outcome::Failed(Trouble::new(TroubleClass::Conflict, &plan.command, &format!("{before}. Then: {cause}")))
        }
        Outcome::Failed(trouble) => Outcome::Failed(Trouble { cause: Clean::line(&format!("{} ({before})", trouble.cause)), ..trouble.clone() }),
        Outcome::Unknown(said) => Outcome::Unknown(Clean::line(&format!("{said} Before it, {before}."))),
        other => other.clone(),
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
