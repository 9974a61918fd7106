//! Churn: so many pod status updates a second over the load, as sidecars that end and are started again make them.
use super::json::{View, seconds};
use super::world::World;
use crate::demo::store::Key;
use crate::model::Timestamp;
use serde_json::json;

/// Where the pods of the load are.
const NAMESPACE: &str = "load";

/// Who is next, and how many a second.
#[derive(Debug)]
pub struct Churn {
    per_second: u64,
    pods: Vec<Key>,
    next: usize,
    done_until: Option<Timestamp>,
}

impl Churn {
    /// So many updates a second; none for zero.
    pub fn new(per_second: usize) -> Option<Self> {
        (per_second > 0).then(|| Self { per_second: per_second as u64, pods: Vec::new(), next: 0, done_until: None })
    }

    /// Learns which pods there are.
    pub fn learn(&mut self, w: &mut World) {
        self.pods = w.list("pods", NAMESPACE).into_iter().map(|(k, _)| k).collect();
    }

    /// Microseconds between two updates.
    fn pace(&self) -> i64 {
        i64::try_from(1_000_000 / self.per_second.max(1)).unwrap_or(1).max(1)
    }

    /// Makes the updates that are due by now; at most a second's worth, whatever was missed.
    pub fn act(&mut self, w: &mut World) {
        let now = w.clock;
        let since = *self.done_until.get_or_insert(now);
        let behind = now.as_microsecond() - since.as_microsecond();
        let owed = (behind / self.pace()).min(i64::try_from(self.per_second).unwrap_or(i64::MAX));
        if owed <= 0 || self.pods.is_empty() {
            return;
        }
        let paid = since.as_microsecond() + (behind / self.pace()) * self.pace();
        self.done_until = Timestamp::from_microsecond(paid).ok();
        for _ in 0..owed {
            let index = self.next % self.pods.len();
            self.next = index + 1;
            if let Some(key) = self.pods.get(index).cloned() {
                restart_sidecar(w, &key);
            }
        }
    }

    /// When the next update is due.
    pub fn next(&self, now: Timestamp) -> Timestamp {
        let since = self.done_until.unwrap_or(now);
        Timestamp::from_microsecond(since.as_microsecond() + self.pace()).unwrap_or(now)
    }
}

/// The last container ended well and runs again.
fn restart_sidecar(w: &mut World, key: &Key) {
    let now = seconds(w.stamp);
    w.edit(key, |pod| {
        let Some(c) = pod.items("/status/containerStatuses").and_then(|c| c.last_mut()) else { return };
        let ended = json!({
            "containerID": c.at("/containerID"), "exitCode": 0, "reason": "Completed", "startedAt": c.at("/state/running/startedAt"), "finishedAt": now
        });
        let restarts = c.int("/restartCount") + 1;
        c.set("/lastState", json!({"terminated": ended}));
        c.set("/state", json!({"running": {"startedAt": now}}));
        c.set("/restartCount", json!(restarts));
    });
}
