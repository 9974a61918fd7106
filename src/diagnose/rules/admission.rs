//! Pods that the API server refuses to let a controller create: quotas, limit ranges, webhooks, pod security, service accounts.
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::rollout::{self, Aspect};
use crate::diagnose::view::{Owner, View};
use crate::diagnose::words::{between, short, trimmed};
use crate::model::snapshot::read::condition;
use crate::model::snapshot::{CronJob, DaemonSet, Event, Job, Meta, ReplicaSet, StatefulSet};
use crate::model::{ObjectRef, Severity};

/// A refusal older than this, of a controller that lacks nothing any more, is history, in seconds.
const FRESH: i64 = 3600;

/// What a controller's refused creation shows.
struct Refused<'a> {
    object: ObjectRef,
    chain: Vec<ObjectRef>,
    owner: Owner<'a>,
    message: String,
    event: Option<&'a Event>,
    ready: i32,
}

/// What a replica set may not create.
pub fn replica_set(view: &View<'_>, set: &ReplicaSet) -> Option<Draft> {
    let failure = condition(&set.status.conditions, "ReplicaFailure").filter(|c| c.status.as_str() == "True").map(|c| c.message.to_string());
    let lacks = set.status.replicas < set.spec.wanted();
    let found = lacks.then(|| refused(view, "ReplicaSet", &set.meta, failure, set.status.ready_replicas))??;
    Some(draft(view, &found))
}

/// What a stateful set may not create.
pub fn stateful_set(view: &View<'_>, set: &StatefulSet) -> Option<Draft> {
    let lacks = set.status.replicas < set.spec.wanted() || set.status.ready_replicas < set.spec.wanted();
    let found = lacks.then(|| refused(view, "StatefulSet", &set.meta, None, set.status.ready_replicas))??;
    Some(draft(view, &found))
}

/// What a daemon set may not create.
pub fn daemon_set(view: &View<'_>, set: &DaemonSet) -> Option<Draft> {
    let lacks = set.status.current_number_scheduled < set.status.desired_number_scheduled;
    let found = lacks.then(|| refused(view, "DaemonSet", &set.meta, None, set.status.number_ready))??;
    Some(draft(view, &found))
}

/// What a job may not create.
pub fn job(view: &View<'_>, job: &Job) -> Option<Draft> {
    let lacks = job.status.active == 0 && job.status.completion_time.is_none() && job.status.succeeded == 0;
    let found = lacks.then(|| refused(view, "Job", &job.meta, None, 0))??;
    Some(draft(view, &found))
}

/// Jobs that a cron job may not create.
pub fn cron_job(view: &View<'_>, c: &CronJob) -> Option<Draft> {
    let found = refused(view, "CronJob", &c.meta, None, 0)?;
    let asked = found.event.map(|e| e.last)?;
    let later = view.jobs_of("CronJob", &c.meta.namespace, &c.meta.name).any(|j| j.meta.created > asked);
    (!later && !c.spec.suspend).then(|| draft(view, &found))
}

fn refused<'a>(view: &View<'a>, kind: &str, meta: &Meta, failure: Option<String>, ready: i32) -> Option<Refused<'a>> {
    let told = view.event(kind, meta, &["FailedCreate"]).filter(|e| view.since(e.last) < FRESH);
    let message = told.map(|e| e.message.to_string()).or(failure)?;
    let own = meta.reference(kind);
    let above = meta.owner.as_ref().map(|o| ObjectRef::new(o.kind.as_str(), meta.namespace.as_str(), o.name.as_str()));
    let deployment = above.as_ref().filter(|o| o.kind == "Deployment").and_then(|o| view.deployment(&o.namespace, &o.name));
    let replica_set = view.replica_set(&meta.namespace, &meta.name).filter(|_| kind == "ReplicaSet");
    let mut chain = vec![own.clone()];
    chain.extend(above.clone());
    let top = above.unwrap_or(own);
    let owner = Owner { top: top.clone(), chain: chain.clone(), replica_set, deployment };
    Some(Refused { object: top, chain, owner, message, event: told, ready })
}

fn draft<'a>(view: &View<'a>, r: &Refused<'a>) -> Draft {
    let text = trimmed(r.message.trim()).trim_start_matches("Error creating: ").trim_start_matches("Error creating job: ");
    let (rule, says, cause) = judged(view, &r.object.namespace, text);
    let missing = view.pods_of(&r.object).len();
    let serves = match r.object.kind.as_str() {
        _ if r.ready > 0 || missing > 0 => "",
        "CronJob" if r.chain.len() == 1 => "no job can be created: ",
        _ => "no pod can be created: ",
    };
    let mut d = Draft::new(rule, r.object.clone(), format!("{serves}{says}")).touches(r.chain.clone());
    d.severity = if r.ready == 0 && !matches!(r.object.kind.as_str(), "Job" | "CronJob") { Severity::Critical } else { Severity::Error };
    d.cause = cause;
    d = match r.event {
        Some(e) => d.proof(event(e)),
        None => d.proof(field(r.object.clone(), format!("ReplicaFailure: {}", short(text, 400)))),
    };
    if let Some(at) = r.chain.first() {
        d = d.next(describe(at));
    }
    if let Some(c) = &d.cause {
        let command = describe(c);
        d = d.next(command);
    }
    let aspect = if rule == "admission/quota" || rule == "admission/limit-range" { Aspect::Resources } else { Aspect::Any };
    let undo = rollout::undo(view, &r.owner, aspect);
    if undo.is_some()
        && let Some(before) = rollout::before(view, &r.owner)
    {
        d = d.proofs(rollout::changes(&before).into_iter().map(|c| field(r.object.clone(), c)));
    }
    d.fix(undo)
}

/// The API server's words, sorted.
fn judged(view: &View<'_>, namespace: &str, text: &str) -> (&'static str, String, Option<ObjectRef>) {
    let at = |kind: &str, name: &str| Some(ObjectRef::new(kind, namespace, name));
    if let Some((_, rest)) = text.split_once("exceeded quota: ") {
        let (name, numbers) = rest.split_once(", ").unwrap_or((rest, ""));
        let used = numbers.split_once("used: ").map_or("", |(_, u)| u.split(", limited").next().unwrap_or(u));
        let free = !used.is_empty() && used.split(',').all(|u| u.ends_with("=0"));
        let how = if free { "is smaller than what is asked for" } else { "is used up" };
        return ("admission/quota", format!("ResourceQuota `{name}` {how}: {numbers}"), at("ResourceQuota", name));
    }
    if let Some((_, rest)) = text.split_once("failed quota: ") {
        let (name, must) = rest.split_once(": ").unwrap_or((rest, ""));
        return ("admission/quota-must-specify", format!("ResourceQuota `{name}` wants every container to say its bounds: {must}"), at("ResourceQuota", name));
    }
    if text.contains(" usage per ") || text.contains("max limit to request ratio per") {
        let bound = text.split_once("is forbidden: ").map_or(text, |(_, b)| b).trim_start_matches('[').trim_end_matches(']');
        let range = view.limit_ranges_in(namespace).next();
        let name = range.map_or_else(String::new, |l| format!(" `{}`", l.meta.name));
        return ("admission/limit-range", format!("LimitRange{name} forbids it: {bound}"), range.map(|l| l.meta.reference("LimitRange")));
    }
    if let Some(name) = between(text, "serviceaccount \"", "\"") {
        let near = view.near_words("ServiceAccount", namespace, name);
        return ("admission/service-account", format!("ServiceAccount `{name}` does not exist{near}"), at("ServiceAccount", name));
    }
    if let Some(name) = between(text, "failed calling webhook \"", "\"") {
        let why = text.split_once("failed to call webhook: ").map_or(text, |(_, w)| w);
        return ("admission/webhook-down", format!("admission webhook `{name}` cannot be asked, and it must be: {}", short(why, 240)), webhook(view, name));
    }
    if let Some(name) = between(text, "admission webhook \"", "\"") {
        let why = text.split_once("denied the request: ").map_or(text, |(_, w)| w);
        return ("admission/webhook-denied", format!("admission webhook `{name}` denies it: {}", short(why, 240)), webhook(view, name));
    }
    if let Some(rest) = text.split_once("violates PodSecurity ").map(|(_, r)| r) {
        return (
            "admission/pod-security",
            format!("the namespace's pod security level forbids it: {}", short(rest, 400)),
            Some(ObjectRef::new("Namespace", "", namespace)),
        );
    }
    if let Some(name) = text.split_once("no PriorityClass with name ").and_then(|(_, r)| r.split_whitespace().next()) {
        let near = view.near_words("PriorityClass", "", name);
        return ("admission/priority-class", format!("PriorityClass `{name}` does not exist{near}"), Some(ObjectRef::new("PriorityClass", "", name)));
    }
    if let Some((name, why)) = text.split_once("ValidatingAdmissionPolicy '").and_then(|(_, r)| r.split_once('\'')) {
        let why = why.split_once("denied request: ").map_or(why, |(_, w)| w);
        let at = Some(ObjectRef::new("ValidatingAdmissionPolicy", "", name));
        return ("admission/policy-denied", format!("the admission policy `{name}` denies it: {}", short(why, 240)), at);
    }
    if let Some(name) = between(text, "RuntimeClass \"", "\"") {
        return ("admission/runtime-class", format!("RuntimeClass `{name}` does not exist"), Some(ObjectRef::new("RuntimeClass", "", name)));
    }
    if text.contains("is being terminated") {
        return (
            "admission/namespace-terminating",
            format!("the namespace is being deleted: {}", short(text, 200)),
            Some(ObjectRef::new("Namespace", "", namespace)),
        );
    }
    ("admission/refused", format!("the API server refuses it: {}", short(text, 300)), None)
}

/// The configuration that holds a webhook of this name.
fn webhook(view: &View<'_>, name: &str) -> Option<ObjectRef> {
    let of = |list: &[crate::model::snapshot::WebhookConfiguration], kind: &str| {
        list.iter().find(|c| c.webhooks.iter().any(|w| w.name.as_str() == name)).map(|c| c.meta.reference(kind))
    };
    of(view.validating(), "ValidatingWebhookConfiguration").or_else(|| of(view.mutating(), "MutatingWebhookConfiguration"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Snapshot, Timestamp};

    #[test]
    fn each_way_to_be_refused_is_told_apart() {
        let snapshot = Snapshot::new(Timestamp::UNIX_EPOCH);
        let view = View::new(&snapshot);
        for (text, rule, cause) in [
            (
                "pods \"a\" is forbidden: exceeded quota: team, requested: limits.cpu=10m, used: limits.cpu=20m, limited: limits.cpu=20m",
                "admission/quota",
                "team",
            ),
            ("pods \"a\" is forbidden: failed quota: team: must specify limits.cpu for: main", "admission/quota-must-specify", "team"),
            ("pods \"a\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi", "admission/limit-range", ""),
            ("pods \"a-\" is forbidden: error looking up service account n/x: serviceaccount \"x\" not found", "admission/service-account", "x"),
            (
                "Internal error occurred: failed calling webhook \"g.example.com\": failed to call webhook: Post \"u\": service \"p\" not found",
                "admission/webhook-down",
                "",
            ),
            ("admission webhook \"g.example.com\" denied the request: no", "admission/webhook-denied", ""),
            ("pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false", "admission/pod-security", "n"),
            ("pods \"a\" is forbidden: no PriorityClass with name high was found", "admission/priority-class", "high"),
            ("pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no", "admission/policy-denied", "p"),
            ("pods \"a\" is forbidden: pod rejected: RuntimeClass \"gvisor\" not found", "admission/runtime-class", "gvisor"),
            ("something else", "admission/refused", ""),
        ] {
            let (got, _, object) = judged(&view, "n", text);
            assert_eq!((got, object.map(|o| o.name).unwrap_or_default().as_str()), (rule, cause), "{text}");
        }
    }
}
