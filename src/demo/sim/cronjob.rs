//! The cron job controller: a job at each instant of the schedule, and only so many finished ones kept.
use super::cron::Schedule;
use super::events::{From, Note};
use super::json::{View, compact, controller_of, is_true, seconds};
use super::world::{Due, World, owner_reference};
use crate::demo::store::Key;
use crate::model::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

const COMPONENT: &str = "cronjob-controller";

/// Starts a job when it is time, and tidies up.
pub fn reconcile(w: &mut World, key: &Key, cron: &Value) -> Option<Due> {
    let jobs: Vec<(Key, Arc<Value>)> = w
        .owned(cron.text("/metadata/uid"), "jobs.batch")
        .into_iter()
        .filter(|(_, j)| controller_of(j).is_some_and(|o| o.text("/uid") == cron.text("/metadata/uid")))
        .collect();
    let schedule = Schedule::parse(cron.text("/spec/schedule"))?;
    let last = cron.time("/status/lastScheduleTime").or_else(|| cron.time("/metadata/creationTimestamp")).unwrap_or(w.clock);
    let suspended = cron.flag("/spec/suspend");
    let mut scheduled = None;
    let mut next = schedule.next(last);
    while let Some(at) = next.filter(|at| *at <= w.clock) {
        scheduled = Some(at);
        next = schedule.next(at);
    }
    if let Some(at) = scheduled.filter(|_| !suspended) {
        start(w, key, cron, &jobs, at);
    }
    status(w, key, cron, &jobs, scheduled.filter(|_| !suspended));
    trim(w, cron, &jobs);
    if suspended { None } else { next.and_then(Due::steady) }
}

fn finished(job: &Value) -> bool {
    is_true(job, "Complete") || is_true(job, "Failed")
}

fn start(w: &mut World, key: &Key, cron: &Value, jobs: &[(Key, Arc<Value>)], at: Timestamp) {
    let from = From::Controller(COMPONENT);
    let running = jobs.iter().filter(|(_, j)| !finished(j));
    match cron.text("/spec/concurrencyPolicy") {
        "Forbid" if running.clone().next().is_some() => {
            w.event(cron, &Note::normal(from, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid"));
            return;
        }
        "Replace" => running.for_each(|(k, _)| w.delete(k)),
        _ => {}
    }
    let template = cron.at("/spec/jobTemplate");
    let job_key = Key::new("jobs.batch", &key.namespace, &format!("{}-{}", key.name, at.as_second() / 60));
    let mut job = json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"generation": 1, "ownerReferences": [owner_reference(cron)], "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": seconds(at)}},
        "spec": template.at("/spec")
    });
    if template.has("/metadata/labels") {
        job.set("/metadata/labels", template.at("/metadata/labels").clone());
    }
    if w.create(&job_key, job).is_some() {
        w.edit(&job_key, super::job::complete_spec);
        w.event(cron, &Note::normal(from, "SuccessfulCreate", format!("Created job {}", job_key.name)));
    }
}

fn status(w: &mut World, key: &Key, cron: &Value, jobs: &[(Key, Arc<Value>)], scheduled: Option<Timestamp>) {
    let mut active = Vec::new();
    let mut success = cron.time("/status/lastSuccessfulTime");
    let listed: Vec<String> = cron.list("/status/active").iter().map(|a| a.text("/name").to_owned()).collect();
    for (k, _) in jobs {
        let Some(j) = w.get(k) else { continue };
        if !finished(&j) {
            active.push(json!({
                "apiVersion": "batch/v1", "kind": "Job", "name": k.name, "namespace": k.namespace, "uid": j.at("/metadata/uid"),
                "resourceVersion": j.at("/metadata/resourceVersion")
            }));
            continue;
        }
        success = success.max(j.time("/status/completionTime"));
        if listed.contains(&k.name) {
            let how = if is_true(&j, "Complete") { "Complete" } else { "Failed" };
            let text = format!("Saw completed job: {}, condition: {how}", k.name);
            w.event(cron, &Note::normal(From::Controller(COMPONENT), "SawCompletedJob", text));
        }
    }
    let last = scheduled.map_or_else(|| cron.at("/status/lastScheduleTime").clone(), seconds);
    let active = if active.is_empty() { Value::Null } else { json!(active) };
    // The version of a running job is as of when it was first seen: its changes are not the cron job's.
    let same_jobs =
        active.as_array().map_or(0, Vec::len) == listed.len() && active.as_array().into_iter().flatten().all(|a| listed.iter().any(|l| l == a.text("/name")));
    let active = if same_jobs { cron.at("/status/active").clone() } else { active };
    let now = compact(json!({"active": active, "lastScheduleTime": last, "lastSuccessfulTime": success.map_or(Value::Null, seconds)}));
    if now != *cron.at("/status") {
        w.set_status(key, now);
    }
}

fn trim(w: &mut World, cron: &Value, jobs: &[(Key, Arc<Value>)]) {
    for (kind, limit) in [("Complete", cron.int_or("/spec/successfulJobsHistoryLimit", 3)), ("Failed", cron.int_or("/spec/failedJobsHistoryLimit", 1))] {
        let mut done: Vec<&(Key, Arc<Value>)> = jobs.iter().filter(|(_, j)| is_true(j, kind)).collect();
        done.sort_by_key(|(_, j)| j.time("/metadata/creationTimestamp"));
        let surplus = done.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
        for (k, _) in done.into_iter().take(surplus) {
            w.delete(k);
            w.event(cron, &Note::normal(From::Controller(COMPONENT), "SuccessfulDelete", format!("Deleted job {}", k.name)));
        }
    }
}
