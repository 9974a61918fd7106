//! Whether an executed change did what was hoped for: looked at until it shows and holds, or patience ends. What is not
//! seen is said with its reason, never hoped away; and where pods are concerned, whether it is better than before, the
//! same or worse.
use super::guard::is_eviction;
use super::{Held, Writer};
use crate::cluster::read::objects::{array, number, owned_by, selector, text};
use crate::cluster::read::rollout::{self, Stand};
use crate::model::operation::{Selectors, Write};
use crate::model::{Action, KindRef, ObjectRef, Outcome, Plan, PlannedRequest, Reviewed, TroubleClass};
use crate::text::Clean;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

mod asked;
mod health;

pub(super) use health::Health;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// The most sentences of one outcome.
const MOST: usize = 8;

/// What one look shows.
enum Seen {
    /// As hoped; the sentence, and how often containers had restarted.
    Good(String, i64),
    /// Not yet; why.
    NotYet(String),
    /// Never, by the controller's own word.
    Never(String),
}

impl Writer {
    /// Looks until the change shows and holds. `before`: how the pods stood; `held`: pods that no try could evict.
    pub(super) async fn verify(&self, plan: &Plan, before: &Health, held: &[Held]) -> Outcome {
        let seen = self.watch(plan, held).await;
        let compared = before.compared(&self.stand(plan).await);
        let with = |said: &Clean| Clean::line(&format!("{}{compared}", ended(said)));
        match &seen {
            Outcome::Worked(said) if held.is_empty() => Outcome::Worked(with(said)),
            Outcome::Worked(said) | Outcome::NotSeen(said) => {
                let kept: Vec<String> = held.iter().map(|Held(pod, why)| format!("{pod} was not evicted: {why}")).collect();
                let kept = if kept.is_empty() { String::new() } else { format!(" {}.", kept.join("; ")) };
                Outcome::NotSeen(Clean::line(&format!("{}{kept}{compared}", ended(said))))
            }
            other => other.clone(),
        }
    }

    async fn watch(&self, plan: &Plan, held: &[Held]) -> Outcome {
        let end = Instant::now() + self.patience;
        let mut good: Option<(Instant, i64)> = None;
        loop {
            let last = match self.all_seen(plan, held).await {
                Seen::Good(sentence, restarts) => match good {
                    Some((since, before)) if before == restarts => {
                        if since.elapsed() >= self.settle {
                            return Outcome::Worked(Clean::line(&sentence));
                        }
                        sentence
                    }
                    _ => {
                        good = Some((Instant::now(), restarts));
                        sentence
                    }
                },
                Seen::NotYet(why) => {
                    good = None;
                    why
                }
                Seen::Never(why) => return Outcome::NotSeen(Clean::line(&why)),
            };
            if Instant::now() >= end {
                let seconds = self.patience.as_secs();
                return Outcome::NotSeen(Clean::line(&format!("The server accepted it, but after {seconds} s: {last}")));
            }
            tokio::time::sleep(LOOK.min(self.settle.max(Duration::from_millis(20)))).await;
        }
    }

    async fn all_seen(&self, plan: &Plan, held: &[Held]) -> Seen {
        let Action::Write(write) = &plan.operation.action else { return Seen::Never("it was no write".to_owned()) };
        let (mut sentences, mut restarts) = (Vec::new(), 0);
        for (planned, reviewed) in plan.requests.iter().zip(&plan.objects) {
            if held.iter().any(|Held(pod, _)| *pod == reviewed.object) {
                continue;
            }
            match self.seen(write, planned, reviewed).await {
                Seen::Good(sentence, n) => {
                    sentences.push(sentence);
                    restarts += n;
                }
                other => return other,
            }
        }
        if sentences.len() > MOST {
            let more = sentences.len() - MOST;
            sentences.truncate(MOST);
            sentences.push(format!("And {more} more."));
        }
        Seen::Good(sentences.join(" "), restarts)
    }

    async fn seen(&self, write: &Write, planned: &PlannedRequest, reviewed: &Reviewed) -> Seen {
        let (kind, object) = (&reviewed.kind, &reviewed.object);
        if object.name.is_empty() {
            return Seen::Good(format!("The server made a {} and chose its name.", kind.kind), 0);
        }
        let goes = planned.method == "DELETE" || is_eviction(planned);
        let mut now = match self.cluster.object(kind, Some(&object.namespace), &object.name).await {
            Ok(now) => now,
            Err(t) if t.class == TroubleClass::NotFound && goes => return Seen::Good(format!("{object} is gone."), 0),
            Err(t) if t.class == TroubleClass::NotFound => return Seen::Never(format!("{object} is gone.")),
            Err(t) => return Seen::NotYet(format!("{object} could not be looked at: {}", t.cause)),
        };
        if goes {
            return leaving(object, &now, &reviewed.uid);
        }
        if !reviewed.uid.is_empty() && text(&now, "/metadata/uid") != reviewed.uid {
            return Seen::Never(format!("{object} was deleted and made anew meanwhile."));
        }
        if let Some(map) = now.as_object_mut() {
            map.entry("kind").or_insert_with(|| kind.kind.clone().into());
        }
        if let Write::Scale { replicas, .. } = write {
            return self.scaled(object, &now, *replicas).await;
        }
        if let Some(lacks) = asked::lacks(planned, &now) {
            return Seen::NotYet(format!("{object} does not show {lacks}: something else changed it, or an admission plugin did"));
        }
        let made = reviewed.uid.is_empty();
        let shown = || Seen::Good(format!("{object} is {}.", if made { "there" } else { "changed as asked" }), 0);
        match write {
            Write::RolloutPause { .. } => return Seen::Good(format!("{object} is paused: its changes wait."), 0),
            Write::CertificateApprove { .. } | Write::CertificateDeny { .. } => return Seen::Good(certified(object, &now), 0),
            _ if !asked::moves_pods(planned) => return shown(),
            _ => {}
        }
        match kind.resource.as_str() {
            "pods" => match text(&now, "/status/phase") {
                "Succeeded" => Seen::Good(format!("{object} has run to its end."), 0),
                _ => judge(object, &[now], 1, ""),
            },
            "deployments" | "statefulsets" | "daemonsets" if now.pointer("/spec/paused") != Some(&Value::Bool(true)) => self.rolled(object, &now).await,
            "replicasets" | "replicationcontrollers" | "jobs" | "cronjobs" if !made => {
                Seen::Good(format!("{object} is changed; its next pods will have it."), 0)
            }
            _ => shown(),
        }
    }

    async fn scaled(&self, object: &ObjectRef, now: &Value, replicas: u32) -> Seen {
        let want = i64::from(replicas);
        if number(now, "/spec/replicas") != Some(want) {
            return Seen::Never(format!("{object} is set to {} replicas: something else changed it", number(now, "/spec/replicas").unwrap_or(0)));
        }
        let all = number(now, "/status/replicas").unwrap_or(0);
        let pods = self.pods(now).await;
        if number(now, "/metadata/generation") > number(now, "/status/observedGeneration") || all != want {
            return Seen::NotYet(format!("{object} has {all} of {replicas} pods{}", because(&pods)));
        }
        judge(object, &pods, usize::try_from(want).unwrap_or(usize::MAX), "")
    }

    async fn rolled(&self, object: &ObjectRef, now: &Value) -> Seen {
        let pods = self.pods(now).await;
        match rollout::status(now) {
            Ok((Stand::Done, sentence)) => {
                let want = number(now, "/spec/replicas").or_else(|| number(now, "/status/desiredNumberScheduled")).unwrap_or(0);
                judge(object, &pods, usize::try_from(want).unwrap_or(0), &sentence)
            }
            Ok((Stand::Going, sentence)) => Seen::NotYet(format!("{sentence}{}", because(&pods))),
            Ok((Stand::Stuck, sentence)) => Seen::Never(format!("{sentence}{}", because(&pods))),
            // a strategy without a rollout (OnDelete) takes the change for its next pods
            Err(_) => Seen::Good(format!("{object} is changed; its next pods will have it."), 0),
        }
    }

    /// The pods of a workload that are not on their way out; of a deployment, those of its newest revision.
    async fn pods(&self, workload: &Value) -> Vec<Value> {
        let select = Selectors { labels: Some(selector(workload.pointer("/spec/selector"))), fields: None };
        let namespace = text(workload, "/metadata/namespace");
        let kind = KindRef::new("", "v1", "pods", "Pod", true);
        let mut pods = self.cluster.list(&kind, Some(namespace), &select, 500).await.map(|l| l.items).unwrap_or_default();
        pods.retain(|p| text(p, "/metadata/deletionTimestamp").is_empty());
        if text(workload, "/kind") == "Deployment"
            && let Ok(revisions) = self.cluster.revisions(workload).await
            && let Some(newest) = revisions.last()
        {
            let uid = text(&newest.object, "/metadata/uid");
            pods.retain(|p| owned_by(p, uid));
        }
        pods
    }
}

/// A sentence with its full stop.
fn ended(said: &str) -> String {
    if said.ends_with('.') { said.to_owned() } else { format!("{said}.") }
}

/// What is left of an object that is to go.
fn leaving(object: &ObjectRef, now: &Value, uid: &str) -> Seen {
    if text(now, "/metadata/uid") != uid {
        return Seen::Good(format!("{object} is gone, and a new one of that name is there."), 0);
    }
    if text(now, "/metadata/deletionTimestamp").is_empty() {
        return Seen::NotYet(format!("{object} is still there"));
    }
    let finalizers: Vec<&str> = array(now, "/metadata/finalizers").iter().filter_map(Value::as_str).collect();
    let waits = if finalizers.is_empty() { String::new() } else { format!("; it waits for the finalizers {}", finalizers.join(", ")) };
    Seen::NotYet(format!("{object} is still there, terminating{waits}"))
}

/// Where a signing request stands.
fn certified(object: &ObjectRef, now: &Value) -> String {
    let conditions: Vec<&str> = array(now, "/status/conditions").iter().map(|c| text(c, "/type")).collect();
    let issued = if text(now, "/status/certificate").is_empty() { "no certificate is issued yet" } else { "its certificate is issued" };
    format!("{object} has the conditions {}; {issued}.", conditions.join(", "))
}

/// Whether so many pods are ready and none is in trouble.
fn judge(object: &ObjectRef, pods: &[Value], want: usize, sentence: &str) -> Seen {
    let ready: Vec<&Value> = pods.iter().filter(|p| is_ready(p)).collect();
    let restarts = pods.iter().flat_map(|p| array(p, "/status/containerStatuses")).filter_map(|c| number(c, "/restartCount")).sum();
    if ready.len() < want {
        return Seen::NotYet(format!("{object}: {} of {want} pods are ready{}", ready.len(), because(pods)));
    }
    let names: Vec<&str> = ready.iter().take(3).map(|p| text(p, "/metadata/name")).collect();
    let more = if ready.len() > names.len() { format!(" and {} more", ready.len() - names.len()) } else { String::new() };
    let sentence = if sentence.is_empty() { String::new() } else { format!(" ({sentence})") };
    let list = if names.is_empty() { String::new() } else { format!(": {}{more}", names.join(", ")) };
    Seen::Good(format!("{object}: {} of {want} pods are Running and ready{list}{sentence}.", ready.len()), restarts)
}

fn is_ready(pod: &Value) -> bool {
    let running = |c: &Value| c.get("ready") == Some(&Value::Bool(true)) && c.pointer("/state/running").is_some();
    let containers = array(pod, "/status/containerStatuses");
    text(pod, "/status/phase") == "Running" && !containers.is_empty() && containers.iter().all(running)
}

/// What keeps pods from being ready, in a few words.
fn because(pods: &[Value]) -> String {
    let mut out = Vec::new();
    for pod in pods.iter().filter(|p| !is_ready(p)) {
        let name = text(pod, "/metadata/name");
        let mut why = None;
        for c in array(pod, "/status/initContainerStatuses").iter().chain(array(pod, "/status/containerStatuses")) {
            let restarts = number(c, "/restartCount").unwrap_or(0);
            let waiting = text(c, "/state/waiting/reason");
            let exit = number(c, "/state/terminated/exitCode").or_else(|| number(c, "/lastState/terminated/exitCode"));
            let left = exit.filter(|code| *code != 0).map(|code| format!(", exit code {code}")).unwrap_or_default();
            if !waiting.is_empty() && waiting != "PodInitializing" && waiting != "ContainerCreating" || !left.is_empty() {
                let state = if waiting.is_empty() { text(c, "/state/terminated/reason") } else { waiting };
                why = Some(format!("{} {}{left}, {restarts} restarts", text(c, "/name"), if state.is_empty() { "not ready" } else { state }));
                break;
            }
        }
        let unscheduled = array(pod, "/status/conditions")
            .iter()
            .find(|c| text(c, "/type") == "PodScheduled" && text(c, "/status") == "False")
            .map(|c| text(c, "/message").to_owned());
        out.push(format!("{name}: {}", why.or(unscheduled).unwrap_or_else(|| text(pod, "/status/phase").to_owned())));
    }
    if out.is_empty() { String::new() } else { format!("; {}", out.into_iter().take(3).collect::<Vec<_>>().join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pod_that_crashes_is_no_success_whatever_its_phase() {
        let object = ObjectRef::new("Deployment", "n", "api");
        let crashing = json!({"metadata": {"name": "api-1"}, "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": false, "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}]}});
        let Seen::NotYet(why) = judge(&object, &[crashing], 1, "") else { panic!("not judged as trouble") };
        assert!(why.contains("CrashLoopBackOff, exit code 1, 2 restarts"), "{why}");
        let well = json!({"metadata": {"name": "api-2"}, "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0, "state": {"running": {}}}]}});
        assert!(matches!(judge(&object, &[well], 1, ""), Seen::Good(_, 0)));
    }
}
