//! The READY, STATUS and RESTARTS columns of a pod, by the same steps that the API server's table takes.
use super::{Timestamp, wire};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The three columns.
pub(super) struct Column {
    pub status: String,
    pub ready: (u16, u16),
    pub restarts: (u32, Option<Timestamp>),
}

/// Counts as they are gathered.
#[derive(Default, Clone, Copy)]
struct Count {
    restarts: u32,
    last: Option<Timestamp>,
}

impl Count {
    fn add(&mut self, c: &wire::ContainerStatus) {
        self.restarts = self.restarts.saturating_add(u32::try_from(c.restart_count).unwrap_or(0));
        self.last = self.last.max(c.last_state.terminated.as_ref().and_then(|t| t.finished_at));
    }
}

/// The columns of a pod.
pub(super) fn column(meta: &ObjectMeta, spec: &wire::PodSpec, status: &wire::PodStatus) -> Column {
    let is_sidecar = |name: &str| spec.init_containers.iter().any(|c| c.name.as_str() == name && c.sidecar);
    let holds = |type_: &str| status.conditions.iter().any(|c| c.type_.as_str() == type_ && c.status.as_str() == "True");
    let phase = status.phase.as_deref().unwrap_or_default();
    let mut word = status.reason.as_deref().filter(|r| !r.is_empty()).unwrap_or(phase).to_owned();
    if status.conditions.iter().any(|c| c.type_.as_str() == "PodScheduled" && c.reason.as_str() == "SchedulingGated") {
        "SchedulingGated".clone_into(&mut word);
    }
    let total = spec.containers.len() + spec.init_containers.iter().filter(|c| c.sidecar).count();
    let (mut ready, mut all, mut sidecars) = (0u16, Count::default(), Count::default());
    let mut initializing = None;
    for (i, c) in status.init_container_statuses.iter().enumerate() {
        all.add(c);
        if is_sidecar(&c.name) {
            sidecars.add(c);
        }
        if c.state.terminated.as_ref().is_some_and(|t| t.exit_code == 0) {
            continue;
        }
        if is_sidecar(&c.name) && c.started == Some(true) {
            ready += u16::from(c.ready);
            continue;
        }
        initializing = Some(init_word(c, i, spec.init_containers.len()));
        break;
    }
    let begun = initializing.is_none() || holds("Initialized");
    if let Some(w) = initializing {
        word = w;
    }
    if begun {
        all = sidecars;
        let mut running = false;
        for c in status.container_statuses.iter().rev() {
            all.add(c);
            if let Some(w) = main_word(c) {
                word = w;
            } else if c.ready && c.state.running.is_some() {
                running = true;
                ready += 1;
            }
        }
        if word == "Completed" && running {
            if holds("Ready") { "Running" } else { "NotReady" }.clone_into(&mut word);
        }
    }
    if meta.deletion_timestamp.is_some() {
        if status.reason.as_deref() == Some("NodeLost") {
            "Unknown".clone_into(&mut word);
        } else if !matches!(phase, "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut word);
        }
    }
    Column { status: word, ready: (ready, u16::try_from(total).unwrap_or(u16::MAX)), restarts: (all.restarts, all.last) }
}

/// The word for an init container that has not succeeded.
fn init_word(c: &wire::ContainerStatus, index: usize, of: usize) -> String {
    let waiting = c.state.waiting.as_ref().and_then(|w| w.reason.as_deref()).filter(|r| !r.is_empty() && *r != "PodInitializing");
    match (&c.state.terminated, waiting) {
        (Some(t), _) => format!("Init:{}", ended_word(t)),
        (None, Some(reason)) => format!("Init:{reason}"),
        (None, None) => format!("Init:{index}/{of}"),
    }
}

/// The word of a main container that does not run.
fn main_word(c: &wire::ContainerStatus) -> Option<String> {
    let waiting = c.state.waiting.as_ref().and_then(|w| w.reason.clone()).filter(|r| !r.is_empty());
    waiting.or_else(|| c.state.terminated.as_ref().map(ended_word))
}

fn ended_word(t: &wire::Terminated) -> String {
    match (t.reason.as_deref().unwrap_or_default(), t.signal.unwrap_or(0)) {
        ("", 0) => format!("ExitCode:{}", t.exit_code),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn columns(meta: serde_json::Value, spec: serde_json::Value, status: serde_json::Value) -> (String, (u16, u16), u32) {
        let c = column(&serde_json::from_value(meta).unwrap(), &serde_json::from_value(spec).unwrap(), &serde_json::from_value(status).unwrap());
        (c.status, c.ready, c.restarts.0)
    }

    #[test]
    fn the_columns_are_those_of_kubectl() {
        let one = json!({"containers": [{"name": "main"}]});
        let two = json!({"containers": [{"name": "main"}], "initContainers": [{"name": "a"}, {"name": "b"}]});
        let side = json!({"containers": [{"name": "main"}], "initContainers": [{"name": "s", "restartPolicy": "Always"}]});
        let running = json!({"name": "main", "ready": true, "restartCount": 2, "state": {"running": {}}});
        let gone = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
        let cases = [
            (json!({}), one.clone(), json!({"phase": "Pending"}), "Pending", (0, 1), 0),
            (json!({}), one.clone(), json!({"phase": "Running", "containerStatuses": [running]}), "Running", (1, 1), 2),
            (json!({}), one.clone(), json!({"phase": "Failed", "reason": "Evicted"}), "Evicted", (0, 1), 0),
            (gone.clone(), one.clone(), json!({"phase": "Running", "containerStatuses": [running]}), "Terminating", (1, 1), 2),
            (gone.clone(), one.clone(), json!({"phase": "Running", "reason": "NodeLost"}), "Unknown", (0, 1), 0),
            (gone, one.clone(), json!({"phase": "Succeeded"}), "Succeeded", (0, 1), 0),
            (
                json!({}),
                one.clone(),
                json!({"phase": "Running", "containerStatuses": [{"name": "main", "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}),
                "CrashLoopBackOff",
                (0, 1),
                4,
            ),
            (
                json!({}),
                one.clone(),
                json!({"phase": "Failed", "containerStatuses": [{"name": "main", "state": {"terminated": {"exitCode": 3}}}]}),
                "ExitCode:3",
                (0, 1),
                0,
            ),
            (
                json!({}),
                one.clone(),
                json!({"phase": "Failed", "containerStatuses": [{"name": "main", "state": {"terminated": {"exitCode": 137, "signal": 9}}}]}),
                "Signal:9",
                (0, 1),
                0,
            ),
            (
                json!({}),
                two.clone(),
                json!({"phase": "Pending", "initContainerStatuses": [
                    {"name": "a", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}, {"name": "b", "state": {"running": {}}}]}),
                "Init:1/2",
                (0, 1),
                0,
            ),
            (
                json!({}),
                two.clone(),
                json!({"phase": "Pending", "initContainerStatuses": [
                    {"name": "a", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}, {"name": "b", "state": {}}]}),
                "Init:CrashLoopBackOff",
                (0, 1),
                3,
            ),
            (
                json!({}),
                two,
                json!({"phase": "Pending", "initContainerStatuses": [{"name": "a", "state": {"terminated": {"exitCode": 2}}}]}),
                "Init:ExitCode:2",
                (0, 1),
                0,
            ),
            (
                json!({}),
                side,
                json!({"phase": "Running", "conditions": [{"type": "Initialized", "status": "True"}], "containerStatuses": [running],
                    "initContainerStatuses": [{"name": "s", "started": true, "ready": true, "restartCount": 1, "state": {"running": {}}}]}),
                "Running",
                (2, 2),
                3,
            ),
            (
                json!({}),
                one,
                json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]}),
                "SchedulingGated",
                (0, 1),
                0,
            ),
        ];
        for (meta, spec, status, word, ready, restarts) in cases {
            assert_eq!(columns(meta, spec, status.clone()), (word.to_owned(), ready, restarts), "{status}");
        }
    }
}
