//! The job controller: pods until enough have succeeded, too many have failed, or the time is over.
use super::events::{From, Note};
use super::json::{View, compact, condition, count, is_true, later, seconds};
use super::pods::{Maker, Wanted, active};
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::{Value, json};

const COMPONENT: &str = "job-controller";

/// Labels and selector that a server gives a job that brings none.
pub fn complete_spec(job: &mut Value) {
    super::defaults::job(job, "/spec");
    let (uid, name) = (job.text("/metadata/uid").to_owned(), job.text("/metadata/name").to_owned());
    job.set("/spec/selector/matchLabels/batch.kubernetes.io~1controller-uid", json!(uid));
    for (label, value) in
        [("batch.kubernetes.io~1controller-uid", &uid), ("batch.kubernetes.io~1job-name", &name), ("controller-uid", &uid), ("job-name", &name)]
    {
        job.set(&format!("/spec/template/metadata/labels/{label}"), json!(value));
    }
}

/// Makes pods and writes the status.
pub fn reconcile(w: &mut World, key: &Key, job: &Value) -> Option<Due> {
    if is_true(job, "Complete") || is_true(job, "Failed") {
        return expire(w, key, job);
    }
    if !job.has("/spec/selector") {
        w.edit(key, complete_spec);
        return None;
    }
    let pods = super::replicaset::controlled(w, job.text("/metadata/uid"));
    let phase = |p: &str| i64::try_from(pods.iter().filter(|(_, o)| o.text("/status/phase") == p).count()).unwrap_or_default();
    let (succeeded, failed) = (phase("Succeeded"), phase("Failed"));
    let running: Vec<&Key> = pods.iter().filter(|(_, p)| active(p)).map(|(k, _)| k).collect();
    let started = job.time("/status/startTime").unwrap_or(w.stamp);
    let deadline = job.at("/spec/activeDeadlineSeconds").as_i64().map(|s| later(started, s));
    let verdict = if succeeded >= job.int_or("/spec/completions", 1) {
        Some(("Complete", "SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods"))
    } else if failed > job.int_or("/spec/backoffLimit", 6) {
        Some(("Failed", "FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit"))
    } else if deadline.is_some_and(|d| d <= w.clock) {
        Some(("Failed", "FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline"))
    } else {
        None
    };
    let by = Maker { component: COMPONENT, key, object: job };
    let mut due = deadline.and_then(Due::steady);
    let mut active_now = i64::try_from(running.len()).unwrap_or_default();
    if let Some((_, _, _, text)) = verdict {
        for k in running {
            w.delete(k);
        }
        active_now = 0;
        let note = if verdict.is_some_and(|v| v.0 == "Complete") {
            Note::normal(From::Controller(COMPONENT), "Completed", "Job completed")
        } else {
            Note::warning(From::Controller(COMPONENT), verdict.map_or("Failed", |v| v.2), text)
        };
        w.event(job, &note);
    } else if !job.flag("/spec/suspend") {
        let missing = (job.int_or("/spec/parallelism", 1).min(job.int_or("/spec/completions", 1) - succeeded) - active_now).max(0);
        // After a failure the wait doubles: 10 s, 20 s … 6 min.
        let last = pods.iter().filter(|(_, p)| p.text("/status/phase") == "Failed").filter_map(|(_, p)| ended(p)).max();
        let free = last.map(|l| later(l, (10_i64 << failed.saturating_sub(1).clamp(0, 6)).min(360)));
        if let Some(at) = free.filter(|at| *at > w.clock && missing > 0) {
            due = Due::sooner(due, if failed < 2 { Due::progress(at) } else { Due::steady(at) });
        } else {
            for _ in 0..missing {
                if w.waits(key).is_some() || w.make_pod(by, &Wanted::default()).is_err() {
                    break;
                }
                active_now += 1;
            }
        }
    }
    write(w, key, job, (active_now, succeeded, failed), verdict);
    Due::sooner(due, w.waits(key))
}

fn ended(pod: &Value) -> Option<crate::model::Timestamp> {
    pod.list("/status/containerStatuses").iter().filter_map(|c| c.time("/state/terminated/finishedAt")).max()
}

type Verdict = (&'static str, &'static str, &'static str, &'static str);

fn write(w: &mut World, key: &Key, job: &Value, (active, succeeded, failed): (i64, i64, i64), verdict: Option<Verdict>) {
    let now = seconds(w.stamp);
    let start = if job.has("/status/startTime") { job.at("/status/startTime").clone() } else { now.clone() };
    let mut status = compact(json!({
        "startTime": start, "active": count(active), "succeeded": count(succeeded), "failed": count(failed), "ready": 0, "terminating": 0,
        "uncountedTerminatedPods": {}
    }));
    let pods = super::replicaset::controlled(w, job.text("/metadata/uid"));
    status.set("/ready", json!(pods.iter().filter(|(_, p)| active_and_ready(p)).count()));
    if let Some((kind, first, reason, message)) = verdict {
        let one = |kind: &str| json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastProbeTime": now, "lastTransitionTime": now});
        status.set("/conditions", json!([one(first), one(kind)]));
        if kind == "Complete" {
            status.set("/completionTime", now);
        }
    }
    if status != *job.at("/status") {
        w.set_status(key, status);
    }
}

fn active_and_ready(pod: &Value) -> bool {
    active(pod) && is_true(pod, "Ready")
}

fn expire(w: &mut World, key: &Key, job: &Value) -> Option<Due> {
    let ttl = job.at("/spec/ttlSecondsAfterFinished").as_i64()?;
    let done = condition(job, "Complete").or_else(|| condition(job, "Failed"))?;
    let at = later(done.time("/lastTransitionTime")?, ttl);
    if at > w.clock {
        return Due::steady(at);
    }
    w.delete(key);
    None
}
