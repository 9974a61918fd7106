//! The clocks: the one of events, which always runs, and the one the cluster is read with, which stands under `--still`.
use crate::cluster::Clock;
use crate::model::Timestamp;
use std::sync::Arc;

/// See the module.
#[derive(Clone)]
pub struct Clocks {
    /// When an event happened; a dialog arms by it.
    pub events: Clock,
    /// "Now" for what is read of the cluster.
    pub cluster: Clock,
}

impl Clocks {
    /// The wall clock; `standing`: the instant at which the cluster's stands.
    pub fn wall(standing: Option<Timestamp>) -> Self {
        let events: Clock = Arc::new(Timestamp::now);
        let cluster = match standing {
            Some(at) => Arc::new(move || at) as Clock,
            None => events.clone(),
        };
        Self { events, cluster }
    }
    /// The instant of an event that happens now.
    pub fn now(&self) -> Timestamp {
        (self.events)()
    }
}

impl std::fmt::Debug for Clocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clocks")
    }
}
