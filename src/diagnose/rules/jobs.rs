//! Jobs and cron jobs: what gave up, what is late, what can never run. A suspended cron job and a finished job are fine.
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::spot::Spot;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, count, quoted, short};
use crate::model::snapshot::pod::Now;
use crate::model::snapshot::read::condition;
use crate::model::snapshot::{CronJob, Job};
use crate::model::{Confidence, ObjectRef, Severity};

/// What failed longer ago than this is history, in seconds.
const DAY: i64 = 86_400;

/// How long a container may work beside one that is done, in seconds.
const PATIENCE: i64 = 900;

/// What containers are called that only help others.
const HELPERS: &[&str] = &["proxy", "sidecar", "agent", "envoy", "istio", "linkerd", "fluent", "shipper", "exporter"];

/// How often the cron job controller looks, in seconds.
const CONTROLLER_PERIOD: i64 = 10;

/// The object that a person knows a job by.
fn top(job: &Job) -> ObjectRef {
    match job.meta.owner.as_ref().filter(|o| o.kind.as_str() == "CronJob") {
        Some(o) => ObjectRef::new("CronJob", job.meta.namespace.as_str(), o.name.as_str()),
        None => job.meta.reference("Job"),
    }
}

/// Whether a job ended well, so that its failed pods are history.
pub fn is_done(job: &Job) -> bool {
    job.status.conditions.iter().any(|c| matches!(c.type_.as_str(), "Complete" | "SuccessCriteriaMet") && c.status.as_str() == "True")
}

/// A job that gave up, or that makes no pod.
pub fn job(view: &View<'_>, j: &Job) -> Option<Draft> {
    if j.meta.deleted.is_some() {
        return None;
    }
    let own = j.meta.reference("Job");
    let pods = below(view, &own);
    let failed = condition(&j.status.conditions, "Failed").filter(|c| c.status.as_str() == "True");
    if let Some(c) = failed {
        if c.last_transition_time.is_some_and(|t| view.since(t) > DAY) || recovered(view, j) {
            return None;
        }
        let tries = count(usize::try_from(j.status.failed).unwrap_or(0), "failed pod");
        let (rule, says) = match c.reason.as_str() {
            "BackoffLimitExceeded" => ("job/backoff-limit", format!("gave up after {tries} (backoffLimit {})", j.spec.backoff_limit.unwrap_or(6))),
            "DeadlineExceeded" => {
                ("job/deadline", format!("was stopped by its activeDeadlineSeconds of {}s before it was done", j.spec.active_deadline_seconds.unwrap_or(0)))
            }
            "PodFailurePolicy" => ("job/pod-failure-policy", format!("was ended by its podFailurePolicy: {}", short(&c.message, 200))),
            "MaxFailedIndexesExceeded" | "FailedIndexes" => ("job/failed-indexes", format!("failed at some of its indexes: {}", short(&c.message, 200))),
            other => ("job/failed", format!("failed: {other}: {}", short(&c.message, 200))),
        };
        let told = view.event("Job", &j.meta, &["BackoffLimitExceeded", "DeadlineExceeded", "PodFailurePolicy"]);
        let d =
            Draft::new(rule, top(j), says).touches([own.clone()]).because(pods).proof(field(own.clone(), format!("Failed=True: {}: {}", c.reason, c.message)));
        return Some(d.proofs(told.map(event)).next(describe(&own)).next(format!("logs job/{} -n {}", own.name, own.namespace)));
    }
    if j.spec.suspend || is_done(j) || j.status.active > 0 || j.status.completion_time.is_some() {
        return None;
    }
    let waited = view.age(&j.meta);
    (waited > 120 && j.status.start_time.is_none()).then(|| {
        let says = format!("has made no pod for {}", age(waited));
        Draft::new("job/no-pod", top(j), says).severity(Severity::Warning).touches([own.clone()]).because([own.clone()]).next(describe(&own))
    })
}

/// A job whose work is done while another container of its pod runs on.
pub fn held(view: &View<'_>, j: &Job) -> Option<Draft> {
    if j.meta.deleted.is_some() || j.status.active == 0 || is_done(j) {
        return None;
    }
    let own = j.meta.reference("Job");
    let (pod, done, since, left) = view.made_by("Job", &own.namespace, &own.name).into_iter().find_map(|pod| {
        let ended = pod.containers.iter().filter_map(|c| match &c.now {
            Now::Ended(e) if e.exit_code == 0 => e.finished.map(|t| (&c.name, t)),
            _ => None,
        });
        let (done, at) = ended.max_by_key(|(_, t)| *t)?;
        let left: Vec<_> = pod.containers.iter().filter(|c| matches!(c.now, Now::Running { .. })).map(|c| &c.name).collect();
        let since = view.since(at);
        let helper = left.iter().all(|name| HELPERS.iter().any(|h| name.contains(h)));
        let held = pod.phase.as_str() == "Running" && !left.is_empty() && since > if helper { 60 } else { PATIENCE };
        held.then_some((pod, done, since, left))
    })?;
    let says = format!(
        "cannot end: its container `{done}` is done for {}, and {} still runs; a helper belongs among the init containers, with restartPolicy Always",
        age(since),
        quoted(&left)
    );
    let d = Draft::new("job/held", top(j), says).severity(Severity::Warning).confidence(Confidence::Medium).touches([own.clone()]);
    let at = pod.meta.reference("Pod");
    Some(d.proof(field(at.clone(), format!("container {done}: exit code 0; {} running", quoted(&left)))).next(describe(&at)))
}

/// Whether a later job of the same cron job ended well.
pub fn recovered(view: &View<'_>, job: &Job) -> bool {
    let Some(owner) = &job.meta.owner else { return false };
    view.jobs_of(&owner.kind, &job.meta.namespace, &owner.name).any(|other| other.meta.created > job.meta.created && is_done(other))
}

/// What is wrong with a cron job.
pub fn cron(view: &View<'_>, c: &CronJob) -> Vec<Draft> {
    let own = c.meta.reference("CronJob");
    let mut out = Vec::new();
    let told = view.event("CronJob", &c.meta, &["UnparseableSchedule", "InvalidSchedule", "UnknownTimeZone"]);
    if let Some(e) = told {
        out.push(
            Draft::new("cronjob/schedule", own.clone(), format!("never runs: its schedule `{}` cannot be read: {}", c.spec.schedule, short(&e.message, 200)))
                .proof(event(e))
                .next(describe(&own)),
        );
    } else if let Some(why) = bad_schedule(&c.spec.schedule) {
        out.push(Draft::new("cronjob/schedule", own.clone(), format!("never runs: its schedule `{}` {why}", c.spec.schedule)).next(describe(&own)));
    }
    if c.spec.suspend {
        out.truncate(0);
        return out;
    }
    if let Some(seconds) = c.spec.starting_deadline_seconds.filter(|s| *s < CONTROLLER_PERIOD) {
        let says = format!("may never run: startingDeadlineSeconds is {seconds}, and the controller looks every {CONTROLLER_PERIOD} s only");
        let d = Draft::new("cronjob/deadline-short", own.clone(), says)
            .severity(Severity::Warning)
            .proof(field(own.clone(), format!("spec.startingDeadlineSeconds: {seconds}")));
        out.push(d.next(describe(&own)));
    }
    if let Some(e) =
        view.event("CronJob", &c.meta, &["TooManyMissedTimes", "FailedNeedsStart", "MissSchedule"]).filter(|e| view.since(e.last) < 3600 && e.warning)
    {
        let deadline = c.spec.starting_deadline_seconds.map_or_else(String::new, |s| format!(" (startingDeadlineSeconds is {s})"));
        out.push(
            Draft::new("cronjob/missed", own.clone(), format!("misses its times{deadline}: {}", short(&e.message, 200)))
                .severity(Severity::Warning)
                .proof(event(e))
                .next(describe(&own)),
        );
    }
    let active: Vec<_> = c.status.active.iter().filter_map(|a| view.job(&c.meta.namespace, &a.name)).collect();
    if let (Some(e), Some(oldest)) = (view.event("CronJob", &c.meta, &["JobAlreadyActive"]), active.first())
        && c.spec.concurrency_policy.as_str() == "Forbid"
    {
        let says = format!("skips its runs: job `{}` runs since {} and concurrencyPolicy is Forbid", oldest.meta.name, age(view.age(&oldest.meta)));
        let job = oldest.meta.reference("Job");
        let d = Draft::new("cronjob/still-running", own.clone(), says).severity(Severity::Warning).cause(job.clone()).proof(event(e));
        out.push(d.because([job.clone()]).because(below(view, &job)).next(describe(&job)));
    }
    out
}

fn below(view: &View<'_>, job: &ObjectRef) -> Vec<Spot> {
    view.spots(&view.made_by("Job", &job.namespace, &job.name)).collect()
}

/// Why a schedule can never come, where that is plain: the 30th of February and the like.
fn bad_schedule(schedule: &str) -> Option<String> {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let [_, _, day, month, weekday] = fields.as_slice() else { return None };
    let (day, month): (u32, u32) = (day.parse().ok()?, month.parse().ok()?);
    let longest = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (*weekday == "*" && day > longest).then(|| format!("names the day {day} of month {month}, which never comes"))
}

#[cfg(test)]
mod tests {
    use super::bad_schedule;

    #[test]
    fn a_date_that_never_comes_is_seen() {
        assert!(bad_schedule("0 0 30 2 *").is_some());
        assert!(bad_schedule("0 0 31 4 *").is_some());
        assert!(bad_schedule("0 0 29 2 *").is_none() && bad_schedule("*/5 * * * *").is_none() && bad_schedule("@daily").is_none());
    }
}
