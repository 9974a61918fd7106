//! The cluster as the table shows it and the rules ask it: projections with interned strings, never whole objects.
//!
//! Live watches, one-shot lists and dumps all end here. Secrets are names, types and ages; there is no field that
//! could hold a value of one.
pub mod event;
pub mod meta;
pub mod pod;
pub mod wire;

pub use event::Event;
pub use meta::Meta;
pub use pod::Pod;

use super::{Timestamp, Trouble};
use crate::text::{Clean, Prepared};
use std::collections::BTreeMap;

/// How looking at one kind went.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Coverage {
    /// Not asked, or not answered yet: nothing may be said to be missing.
    #[default]
    NotLooked,
    /// All of it is here; what is absent does not exist.
    Whole,
    /// Some of it is here; the sentence says what was left out.
    Cut(Clean),
    /// 403.
    Denied(Trouble),
    /// Could not look.
    Failed(Trouble),
}

/// The objects of one kind and how looking at them went.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// What was seen.
    pub items: Vec<T>,
    /// Whether that is all.
    pub coverage: Coverage,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), coverage: Coverage::NotLooked }
    }
}

/// A container's log: cleaned, redacted, cut.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogKey {
    /// The pod's namespace.
    pub namespace: Clean,
    /// The pod.
    pub pod: Clean,
    /// The container.
    pub container: Clean,
    /// Whether it is the log before the last restart.
    pub previous: bool,
}

/// Everything the rules look at, at one instant.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// "Now" for every age and grace period.
    pub now: Timestamp,
    /// The namespaces that were asked for; empty means all.
    pub namespaces: Vec<Clean>,
    /// Pods.
    pub pods: Listed<Pod>,
    /// Events.
    pub events: Listed<Event>,
    /// Logs that were read: of suspects only.
    pub logs: BTreeMap<LogKey, Prepared>,
}

impl Snapshot {
    /// An empty snapshot at `now`: nothing was looked at.
    pub fn new(now: Timestamp) -> Self {
        Self { now, namespaces: Vec::new(), pods: Listed::default(), events: Listed::default(), logs: BTreeMap::new() }
    }
}
