//! The rows of the tables: what is shown of a pod or an event and nothing more, so that ten thousand stay small.
use super::table::{Record, Sort};
use crate::model::snapshot;
use crate::model::{ObjectRef, Timestamp};
use crate::text::Clean;
use std::cmp::Ordering;
use std::sync::Arc;

/// A pod as the table shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodRow {
    /// `metadata.uid`.
    pub uid: Clean,
    /// Its namespace.
    pub namespace: Clean,
    /// Its name.
    pub name: Clean,
    /// kubectl's STATUS column.
    pub status: Clean,
    /// Its node; empty while unscheduled.
    pub node: Clean,
    /// Its address; empty while it has none.
    pub ip: Clean,
    /// When it was created.
    pub created: Timestamp,
    /// The sum of restarts.
    pub restarts: u32,
    /// Ready main containers.
    pub ready: u16,
    /// Main containers.
    pub containers: u16,
    /// A person should look.
    pub troubled: bool,
}

impl PodRow {
    /// What the table keeps of a pod.
    pub fn of(pod: &snapshot::Pod) -> Self {
        let (ready, containers) = pod.ready();
        let clamp = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        Self {
            uid: pod.meta.uid.clone(),
            namespace: pod.meta.namespace.clone(),
            name: pod.meta.name.clone(),
            status: pod.status(),
            node: pod.node.clone(),
            ip: pod.ip.clone(),
            created: pod.meta.created,
            restarts: pod.restarts().0,
            ready: clamp(ready),
            containers: clamp(containers),
            troubled: pod.is_troubled(),
        }
    }
}

impl Record for PodRow {
    const DEFAULT: (Sort, bool) = (Sort::Namespace, false);

    fn uid(&self) -> &Clean {
        &self.uid
    }
    fn order(&self, other: &Self, by: Sort) -> Ordering {
        let first = match by {
            Sort::Namespace => Ordering::Equal,
            Sort::Name => self.name.cmp(&other.name),
            Sort::Age => other.created.cmp(&self.created),
            Sort::Status => self.status.cmp(&other.status),
            Sort::Restarts => other.restarts.cmp(&self.restarts),
            Sort::Ready => (u32::from(self.ready) * u32::from(other.containers)).cmp(&(u32::from(other.ready) * u32::from(self.containers))),
            Sort::Node => self.node.cmp(&other.node),
            Sort::Ip => self.ip.cmp(&other.ip),
        };
        first.then_with(|| self.namespace.cmp(&other.namespace)).then_with(|| self.name.cmp(&other.name)).then_with(|| self.uid.cmp(&other.uid))
    }
    fn words(&self) -> [&str; 5] {
        [&self.name, &self.namespace, &self.status, &self.node, &self.ip]
    }
    fn sorts() -> &'static [Sort] {
        &[Sort::Name, Sort::Namespace, Sort::Age, Sort::Status, Sort::Restarts, Sort::Ready, Sort::Node, Sort::Ip]
    }
    fn object(&self) -> ObjectRef {
        ObjectRef::new("Pod", self.namespace.as_str(), self.name.as_str())
    }
    fn moment(&self) -> Timestamp {
        self.created
    }
}

/// An event as the table shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// The event's own uid.
    pub uid: Clean,
    /// What it is about.
    pub about: Arc<ObjectRef>,
    /// `Warning`, else `Normal`.
    pub warning: bool,
    /// `BackOff`, …
    pub reason: Clean,
    /// The sentence.
    pub message: Clean,
    /// How often.
    pub count: u32,
    /// Last seen.
    pub last: Timestamp,
}

impl EventRow {
    /// What the table keeps of an event.
    pub fn of(event: &snapshot::Event) -> Self {
        Self {
            uid: event.meta.uid.clone(),
            about: event.about.clone(),
            warning: event.warning,
            reason: event.reason.clone(),
            message: event.message.clone(),
            count: event.count,
            last: event.last,
        }
    }
    /// `Warning` or `Normal`.
    pub fn kind(&self) -> &'static str {
        if self.warning { "Warning" } else { "Normal" }
    }
}

impl Record for EventRow {
    const DEFAULT: (Sort, bool) = (Sort::Age, false);

    fn uid(&self) -> &Clean {
        &self.uid
    }
    fn order(&self, other: &Self, by: Sort) -> Ordering {
        let first = match by {
            Sort::Namespace => self.about.namespace.cmp(&other.about.namespace),
            Sort::Name => self.about.name.cmp(&other.about.name),
            Sort::Status => other.warning.cmp(&self.warning).then_with(|| self.reason.cmp(&other.reason)),
            Sort::Restarts => other.count.cmp(&self.count),
            Sort::Age | Sort::Ready | Sort::Node | Sort::Ip => Ordering::Equal,
        };
        first.then_with(|| other.last.cmp(&self.last)).then_with(|| self.uid.cmp(&other.uid))
    }
    fn words(&self) -> [&str; 5] {
        [&self.about.name, &self.reason, &self.message, self.kind(), &self.about.namespace]
    }
    fn sorts() -> &'static [Sort] {
        &[Sort::Name, Sort::Namespace, Sort::Age, Sort::Status, Sort::Restarts]
    }
    fn object(&self) -> ObjectRef {
        (*self.about).clone()
    }
    fn moment(&self) -> Timestamp {
        self.last
    }
}
