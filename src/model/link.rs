//! What watches say: changes in batches, and how each watch stands (four different things look different).
use super::{Timestamp, Trouble, snapshot};
use crate::text::Clean;

/// The kinds that the panel watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub enum WatchKind {
    /// Pods of the chosen namespace, or all.
    Pods,
    /// Events of the same.
    Events,
}

/// The state of one watch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Link {
    /// Nothing asked yet, or asked and not answered.
    #[default]
    Connecting,
    /// The first list is arriving; rows are shown as they come.
    Filling,
    /// All rows are here and changes come.
    Live,
    /// The connection is gone since then; the rows are what was last seen.
    Stale {
        /// When the last word came.
        since: Timestamp,
        /// Why.
        trouble: Trouble,
    },
    /// 403: not allowed to look. This is not emptiness.
    Denied(Trouble),
}

/// A change of a watched collection.
#[derive(Clone, Debug)]
pub enum Change<T> {
    /// New or changed.
    Upsert(T),
    /// Gone; by uid.
    Gone(Clean),
    /// A (re)list begins: what is not upserted before `ListEnds` is gone then. Rows stay on screen meanwhile.
    ListBegins,
    /// The list is whole.
    ListEnds,
}

/// What a watch says. Batched: at most one message every few milliseconds.
#[derive(Clone, Debug)]
pub enum Update {
    /// Pods changed.
    Pods(Vec<Change<snapshot::Pod>>),
    /// Events changed.
    Events(Vec<Change<snapshot::Event>>),
    /// The watch's state changed.
    Link(WatchKind, Link, Timestamp),
}

/// What the watches say that only the rules want.
#[derive(Clone, Debug)]
pub enum Seen {
    /// Objects of a kind as the API writes them; of Secrets nothing but metadata.
    Objects(&'static str, Vec<Change<serde_json::Value>>),
    /// How the watch of a kind stands.
    Link(&'static str, Link),
}

/// A context as the kubeconfig names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextInfo {
    /// Its name.
    pub name: Clean,
    /// Its cluster's server.
    pub server: Clean,
    /// Its namespace (`default` when it names none).
    pub namespace: Clean,
    /// Its user.
    pub user: Clean,
}

/// All contexts of a kubeconfig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contexts {
    /// In the file's order.
    pub all: Vec<ContextInfo>,
    /// `current-context`; `None` when unset.
    pub current: Option<Clean>,
}
