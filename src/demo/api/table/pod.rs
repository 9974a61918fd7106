//! A pod's row: the STATUS, READY and RESTARTS that everybody reads, by the real printer's rules.
use super::super::json::{flag, int, list, text};
use super::{age, or_none};
use crate::model::Timestamp;
use serde_json::Value;

struct Seen {
    reason: String,
    ready: usize,
    restarts: i64,
    last: Option<Timestamp>,
}

fn finished(status: &Value) -> Option<Timestamp> {
    text(status, "/lastState/terminated/finishedAt").parse().ok()
}

fn ended(status: &Value, prefix: &str) -> String {
    let reason = text(status, "/state/terminated/reason");
    if !reason.is_empty() {
        return format!("{prefix}{reason}");
    }
    let signal = int(status, "/state/terminated/signal").unwrap_or_default();
    if signal != 0 { format!("{prefix}Signal:{signal}") } else { format!("{prefix}ExitCode:{}", int(status, "/state/terminated/exitCode").unwrap_or_default()) }
}

/// Walks the init containers; true when they are not through yet.
fn init(pod: &Value, seen: &mut Seen) -> bool {
    let specs = list(pod, "/spec/initContainers");
    let sidecar = |name: &str| specs.iter().any(|c| text(c, "/name") == name && text(c, "/restartPolicy") == "Always");
    let (mut sidecar_restarts, mut sidecar_last) = (0, None);
    for (i, status) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
        let restarts = int(status, "/restartCount").unwrap_or_default();
        seen.restarts += restarts;
        seen.last = seen.last.max(finished(status));
        let sidecar = sidecar(text(status, "/name"));
        if sidecar {
            sidecar_restarts += restarts;
            sidecar_last = sidecar_last.max(finished(status));
        }
        if status.pointer("/state/terminated").is_some() && int(status, "/state/terminated/exitCode").unwrap_or_default() == 0 {
            continue;
        }
        if sidecar && flag(status, "/started") {
            seen.ready += usize::from(flag(status, "/ready"));
            continue;
        }
        let waiting = text(status, "/state/waiting/reason");
        seen.reason = match () {
            () if status.pointer("/state/terminated").is_some() => ended(status, "Init:"),
            () if !waiting.is_empty() && waiting != "PodInitializing" => format!("Init:{waiting}"),
            () => format!("Init:{i}/{}", specs.len()),
        };
        return true;
    }
    seen.restarts = sidecar_restarts;
    seen.last = sidecar_last;
    false
}

fn main(pod: &Value, seen: &mut Seen) {
    let mut running = false;
    for status in list(pod, "/status/containerStatuses").iter().rev() {
        seen.restarts += int(status, "/restartCount").unwrap_or_default();
        seen.last = seen.last.max(finished(status));
        let waiting = text(status, "/state/waiting/reason");
        if !waiting.is_empty() {
            waiting.clone_into(&mut seen.reason);
        } else if status.pointer("/state/terminated").is_some() {
            seen.reason = ended(status, "");
        } else if flag(status, "/ready") && status.pointer("/state/running").is_some() {
            running = true;
            seen.ready += 1;
        }
    }
    if seen.reason == "Completed" && running {
        let ready = list(pod, "/status/conditions").iter().any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True");
        if ready { "Running" } else { "NotReady" }.clone_into(&mut seen.reason);
    }
}

/// The cells of a pod.
pub fn cells(pod: &Value, now: Timestamp) -> Vec<Value> {
    let phase = text(pod, "/status/phase");
    let own = text(pod, "/status/reason");
    let mut seen = Seen { reason: if own.is_empty() { phase } else { own }.to_owned(), ready: 0, restarts: 0, last: None };
    for condition in list(pod, "/status/conditions") {
        if text(condition, "/type") == "PodScheduled" && text(condition, "/reason") == "SchedulingGated" {
            "SchedulingGated".clone_into(&mut seen.reason);
        }
    }
    let initialized = list(pod, "/status/conditions").iter().any(|c| text(c, "/type") == "Initialized" && text(c, "/status") == "True");
    if !init(pod, &mut seen) || initialized {
        main(pod, &mut seen);
    }
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        if own == "NodeLost" {
            "Unknown".clone_into(&mut seen.reason);
        } else if !matches!(phase, "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut seen.reason);
        }
    }
    let sidecars = list(pod, "/spec/initContainers").iter().filter(|c| text(c, "/restartPolicy") == "Always").count();
    let total = list(pod, "/spec/containers").len() + sidecars;
    let restarts = match seen.last.filter(|_| seen.restarts > 0) {
        Some(at) => format!("{} ({} ago)", seen.restarts, age::human(now.as_second() - at.as_second())),
        None => seen.restarts.to_string(),
    };
    let gates = list(pod, "/spec/readinessGates");
    let passed = gates
        .iter()
        .filter(|g| list(pod, "/status/conditions").iter().any(|c| text(c, "/type") == text(g, "/conditionType") && text(c, "/status") == "True"))
        .count();
    let gates = if gates.is_empty() { "<none>".to_owned() } else { format!("{passed}/{}", gates.len()) };
    let address = match text(pod, "/status/podIP") {
        "" => list(pod, "/status/podIPs").first().map(|ip| text(ip, "/ip")).unwrap_or_default(),
        ip => ip,
    };
    vec![
        text(pod, "/metadata/name").into(),
        format!("{}/{total}", seen.ready).into(),
        seen.reason.into(),
        restarts.into(),
        age::since(pod.pointer("/metadata/creationTimestamp").and_then(Value::as_str), now).into(),
        or_none(address).into(),
        or_none(text(pod, "/spec/nodeName")).into(),
        or_none(text(pod, "/status/nominatedNodeName")).into(),
        gates.into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn status_ready_and_restarts_read_as_kubectl_prints_them() {
        let now: Timestamp = "2026-01-01T00:01:00Z".parse().unwrap();
        let crash = json!({"restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"finishedAt": "2026-01-01T00:00:40Z"}}});
        let up = json!({"ready": true, "state": {"running": {}}, "restartCount": 0});
        let two = json!({"containers": [{"name": "a"}, {"name": "b"}]});
        for (pod, want) in [
            (json!({"spec": two, "status": {"phase": "Running", "containerStatuses": [up, crash]}}), "1/2 CrashLoopBackOff 3 (20s ago)"),
            (json!({"spec": two, "status": {"phase": "Running", "containerStatuses": [up, up]}}), "2/2 Running 0"),
            (json!({"spec": two, "metadata": {"deletionTimestamp": "x"}, "status": {"phase": "Running", "containerStatuses": [up, up]}}), "2/2 Terminating 0"),
            (json!({"spec": two, "status": {"phase": "Failed", "reason": "Evicted"}}), "0/2 Evicted 0"),
            (
                json!({"spec": two, "status": {"phase": "Succeeded", "containerStatuses": [{"state": {"terminated": {"reason": "Completed"}}}]}}),
                "0/2 Completed 0",
            ),
            (json!({"spec": two, "status": {"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"exitCode": 2}}}]}}), "0/2 ExitCode:2 0"),
            (
                json!({"spec": {"containers": [{"name": "a"}], "initContainers": [{"name": "i"}]}, "status": {"phase": "Pending", "initContainerStatuses": [{"name": "i", "state": {"running": {}}}]}}),
                "0/1 Init:0/1 0",
            ),
            (
                json!({"spec": {"containers": [{"name": "a"}], "initContainers": [{"name": "s", "restartPolicy": "Always"}]},
                    "status": {"phase": "Running", "initContainerStatuses": [{"name": "s", "started": true, "ready": true, "state": {"running": {}}}], "containerStatuses": [up]}}),
                "2/2 Running 0",
            ),
        ] {
            let cells = cells(&pod, now);
            let said: Vec<&str> = cells[1..4].iter().filter_map(Value::as_str).collect();
            assert_eq!(said.join(" "), want);
        }
    }
}
