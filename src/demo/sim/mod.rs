//! Controllers, scheduler and kubelets in one: what the store's objects become as time goes by. Time is injected: a
//! test steps it, `serve` drives it.
use super::store::Store;
use crate::model::Timestamp;

/// The simulation of one store.
#[derive(Debug)]
pub struct Sim {
    store: Store,
}

impl Sim {
    /// The simulation of `store`, which acts on what it finds there.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
    /// Acts on everything that is due at `now` (controllers react, containers start and end, events are written), and
    /// returns the next instant at which something is due by itself; `None`: only a write will change anything.
    pub fn step(&mut self, now: Timestamp) -> Option<Timestamp> {
        let _ = (&self.store, now);
        None
    }
    /// As [`Sim::step`], but finishes at once whatever a write has set off (starts, rollouts, crashes up to their steady
    /// state), because with `--still` the clock does not move.
    pub fn settle(&mut self, now: Timestamp) {
        let _ = now;
    }
}
