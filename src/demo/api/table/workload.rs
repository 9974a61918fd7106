//! Rows of what makes pods: deployments, replica sets, stateful sets, daemon sets, jobs, cron jobs, autoscalers.
use super::super::json::{flag, int, list, text};
use super::{age, or_none, pairs, selector};
use crate::model::Timestamp;
use serde_json::Value;

fn parts(object: &Value, spec: &str) -> [Value; 2] {
    let join = |field: &str| list(object, &format!("{spec}/containers")).iter().map(|c| text(c, field)).collect::<Vec<_>>().join(",");
    [join("/name").into(), join("/image").into()]
}

/// The cells of a workload.
pub fn cells(resource: &str, o: &Value, now: Timestamp) -> Vec<Value> {
    let number = |pointer: &str| int(o, pointer).unwrap_or_default();
    let since = |pointer: &str| age::since(o.pointer(pointer).and_then(Value::as_str), now);
    let name = Value::from(text(o, "/metadata/name"));
    let age = Value::from(since("/metadata/creationTimestamp"));
    let [containers, images] = parts(o, "/spec/template/spec");
    let chosen = Value::from(selector(o, "/spec/selector"));
    match resource {
        "deployments.apps" => {
            let ready = format!("{}/{}", number("/status/readyReplicas"), number("/spec/replicas"));
            vec![
                name,
                ready.into(),
                number("/status/updatedReplicas").to_string().into(),
                number("/status/availableReplicas").to_string().into(),
                age,
                containers,
                images,
                chosen,
            ]
        }
        "statefulsets.apps" => {
            vec![name, format!("{}/{}", number("/status/readyReplicas"), number("/spec/replicas")).into(), age, containers, images]
        }
        "daemonsets.apps" => vec![
            name,
            number("/status/desiredNumberScheduled").into(),
            number("/status/currentNumberScheduled").into(),
            number("/status/numberReady").into(),
            number("/status/updatedNumberScheduled").into(),
            number("/status/numberAvailable").into(),
            pairs(o, "/spec/template/spec/nodeSelector").into(),
            age,
            containers,
            images,
            chosen,
        ],
        "jobs.batch" => {
            let [status, completions, duration] = job(o, now);
            vec![name, status, completions, duration, age, containers, images, chosen]
        }
        "cronjobs.batch" => {
            let last = if o.pointer("/status/lastScheduleTime").is_some() { since("/status/lastScheduleTime") } else { "<none>".to_owned() };
            let [containers, images] = parts(o, "/spec/jobTemplate/spec/template/spec");
            let chosen = selector(o, "/spec/jobTemplate/spec/selector");
            let (schedule, zone) = (text(o, "/spec/schedule"), or_none(text(o, "/spec/timeZone")));
            vec![
                name,
                schedule.into(),
                zone.into(),
                if flag(o, "/spec/suspend") { "True".into() } else { "False".into() },
                list(o, "/status/active").len().into(),
                last.into(),
                age,
                containers,
                images,
                chosen.into(),
            ]
        }
        _ => {
            let chosen = if resource == "replicationcontrollers" { pairs(o, "/spec/selector").into() } else { chosen };
            vec![
                name,
                number("/spec/replicas").into(),
                number("/status/replicas").into(),
                number("/status/readyReplicas").into(),
                age,
                containers,
                images,
                chosen,
            ]
        }
    }
}

fn job(o: &Value, now: Timestamp) -> [Value; 3] {
    let has = |kind: &str| list(o, "/status/conditions").iter().any(|c| text(c, "/type") == kind && text(c, "/status") == "True");
    let status = match () {
        () if has("Complete") => "Complete",
        () if has("Failed") => "Failed",
        () if o.pointer("/metadata/deletionTimestamp").is_some() => "Terminating",
        () if has("Suspended") => "Suspended",
        () if has("FailureTarget") => "FailureTarget",
        () if has("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    };
    let done = int(o, "/status/succeeded").unwrap_or_default();
    let completions = match (int(o, "/spec/completions"), int(o, "/spec/parallelism").unwrap_or(1)) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}"),
        (None, _) => format!("{done}/1"),
    };
    let time = |pointer: &str| text(o, pointer).parse::<Timestamp>().ok().map(Timestamp::as_second);
    let duration = match (time("/status/startTime"), time("/status/completionTime")) {
        (None, _) => String::new(),
        (Some(start), end) => age::human(end.unwrap_or(now.as_second()) - start),
    };
    [status.into(), completions.into(), duration.into()]
}

/// The cells of an autoscaler.
pub fn autoscaler(o: &Value, age: Value) -> Vec<Value> {
    let reference = format!("{}/{}", text(o, "/spec/scaleTargetRef/kind"), text(o, "/spec/scaleTargetRef/name"));
    let current = list(o, "/status/currentMetrics");
    let one = |(i, metric): (usize, &Value)| {
        let percent = |v: Option<i64>| v.map_or_else(|| "<unknown>".to_owned(), |n| format!("{n}%"));
        let now = current.get(i);
        let name = text(metric, "/resource/name");
        match int(metric, "/resource/target/averageUtilization") {
            Some(target) => format!("{name}: {}/{target}%", percent(now.and_then(|c| int(c, "/resource/current/averageUtilization")))),
            None if name.is_empty() => "<unknown>/<unknown>".to_owned(),
            None => {
                let value = now.map(|c| text(c, "/resource/current/averageValue")).filter(|v| !v.is_empty()).unwrap_or("<unknown>");
                format!("{name}: {value}/{}", text(metric, "/resource/target/averageValue"))
            }
        }
    };
    let targets: Vec<String> = list(o, "/spec/metrics").iter().enumerate().map(one).collect();
    let number = |pointer: &str| int(o, pointer).map_or_else(|| "<unset>".to_owned(), |n| n.to_string());
    let replicas = int(o, "/status/currentReplicas").unwrap_or_default();
    vec![
        text(o, "/metadata/name").into(),
        reference.into(),
        or_none(&targets.join(", ")).into(),
        number("/spec/minReplicas").into(),
        number("/spec/maxReplicas").into(),
        replicas.to_string().into(),
        age,
    ]
}
