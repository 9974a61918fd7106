//! When a young pod's grace ends: the rules leave a pod alone for a while that is only starting, and nothing happens at the
//! instant at which they would not any more. This says when to look; what is concluded then is the rules' own.
use crate::model::Timestamp;
use crate::model::snapshot::pod::{ContainerState, Now};
use crate::model::snapshot::{Pod, Snapshot};
use jiff::SignedDuration;

/// Seconds after a pod was made: to be scheduled, to be seen by a scheduler, to be seen by one of another name.
const SCHEDULED: &[i64] = &[15, 30, 60];
/// Seconds after a kubelet took it: to be held up by a volume or the network, to make its containers, to pull images.
const CREATED: &[i64] = &[21, 61, 301];
/// Seconds after a container began to run: to be proven, to be ready, the longest that a probe is waited for.
const RUNS: &[i64] = &[30, 61, 120];

/// The next instant at which a grace ends.
pub fn ends(snapshot: &Snapshot) -> Option<Timestamp> {
    let troubled = snapshot.pods.items.iter().filter(|p| p.is_troubled() && p.meta.deleted.is_none());
    troubled.flat_map(of).filter(|at| *at > snapshot.now).min()
}

fn of(pod: &Pod) -> Vec<Timestamp> {
    let mut out = Vec::new();
    let mut add = |from: Timestamp, graces: &[i64]| out.extend(graces.iter().filter_map(|s| from.checked_add(SignedDuration::from_secs(*s)).ok()));
    add(pod.meta.created, SCHEDULED);
    if let Some(started) = pod.started {
        add(started, CREATED);
    }
    for (since, state) in pod.containers.iter().filter_map(running) {
        add(since, RUNS);
        let probe = pod.template.container(&state.name).and_then(|c| c.readiness_probe.as_ref());
        if let Some(probe) = probe {
            add(since, &[(probe.patience() + probe.period_seconds.unwrap_or(10)).clamp(30, 120)]);
        }
    }
    out
}

/// A container that runs and is not ready, and since when.
fn running(state: &ContainerState) -> Option<(Timestamp, &ContainerState)> {
    match state.now {
        Now::Running { since: Some(since) } if !state.ready => Some((since, state)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snapshot::Builder;
    use serde_json::{Value, json};

    fn next(now: &str, status: &Value) -> Option<String> {
        let mut b = Builder::new(now.parse().unwrap());
        b.item(
            "Pod",
            &json!({"metadata": {"name": "p", "namespace": "n", "uid": "p", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"containers": [{"name": "main", "image": "i", "readinessProbe": {"initialDelaySeconds": 3, "tcpSocket": {"port": 1}}}]}, "status": status}),
        );
        ends(&b.finish()).map(|t| t.strftime("%H:%M:%S").to_string())
    }

    #[test]
    fn each_grace_of_a_pod_that_is_not_well_ends_once() {
        let pending = json!({"phase": "Pending"});
        let state = |ready: bool| {
            json!({"phase": "Running", "startTime": "2026-01-01T00:00:01Z", "containerStatuses": [{"name": "main", "ready": ready, "restartCount": 0,
            "state": {"running": {"startedAt": "2026-01-01T00:00:02Z"}}}]})
        };
        for (now, status, want) in [
            ("2026-01-01T00:00:01Z", &pending, Some("00:00:15")),
            ("2026-01-01T00:00:15Z", &pending, Some("00:00:30")),
            ("2026-01-01T00:10:00Z", &pending, None),
            ("2026-01-01T00:00:33Z", &state(false), Some("00:00:45")),
            ("2026-01-01T00:00:33Z", &state(true), None),
        ] {
            assert_eq!(next(now, status).as_deref(), want, "{now} {status}");
        }
    }
}
