//! Watches of pods and events: small rows in batches, with backoff, relist without blanking, and a state that tells
//! connecting, filling, live, stale and denied apart.
//!
//! The list and the watch are our own, not `kube::runtime::watcher`: a reconnect resumes from the last
//! resourceVersion, a refused streaming list becomes pages, the first page is small, and what a row does not keep is
//! never parsed. No timer runs while a healthy watch is silent but the one that notices a dead peer.
use super::Cluster;
use crate::model::snapshot::KINDS;
use crate::model::{Seen, Update, WatchKind};
use crate::text::Clean;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

mod backoff;
mod batch;
mod follow;
pub(super) mod rows;
pub(super) mod wire;

/// How lists are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Fetch {
    /// Streaming where the round trip is short, gzipped pages where it is long.
    #[default]
    Auto,
    /// `sendInitialEvents`.
    Streaming,
    /// `limit` and `continue`.
    Paged,
}

/// A server that answers slower than this is far: pages are gzipped, a watch never is.
const FAR: Duration = Duration::from_millis(10);

/// Times that a watch keeps to; tests make them short.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The first wait after a failure; doubled up to [`Pace::longest`].
    pub shortest: Duration,
    /// The longest wait after a failure.
    pub longest: Duration,
    /// The shortest wait after a 403: a role may be bound any time, but hardly at once.
    pub denied: Duration,
    /// A streaming list that is silent for so long is not one.
    pub stream: Duration,
    /// A watch that is silent for so long is asked whether its server is still there.
    pub quiet: Duration,
    /// How long the server keeps one watch open; it says so itself.
    pub session: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            shortest: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            denied: Duration::from_secs(30),
            stream: Duration::from_secs(5),
            quiet: Duration::from_secs(100),
            session: Duration::from_secs(290),
        }
    }
}

/// The running watches of a scope. Dropping this does not end them; the token does.
#[derive(Clone, Debug, Default)]
pub struct Watches {
    poke: Vec<Arc<Notify>>,
}

impl Watches {
    fn one_more(&mut self) -> Arc<Notify> {
        let notify = Arc::new(Notify::new());
        self.poke.push(notify.clone());
        notify
    }
    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.poke.extend(other.poke);
        self
    }
    /// Tries again now whatever waits after a failure. A watch that is well takes no notice.
    pub fn retry(&self) {
        self.poke.iter().for_each(|p| p.notify_one());
    }
}

/// Starts the watches of a scope; they end when the token is cancelled or the receiver is dropped.
#[allow(clippy::needless_pass_by_value, reason = "a sender that the caller keeps would hide from the receiver that all watches have ended")]
pub fn start(
    cluster: &Cluster,
    namespace: Option<Clean>,
    kinds: &[WatchKind],
    fetch: Fetch,
    out: tokio::sync::mpsc::Sender<Update>,
    stop: tokio_util::sync::CancellationToken,
) -> Watches {
    start_paced(cluster, namespace.as_ref(), kinds, fetch, Pace::default(), &out, &stop)
}

/// The same with other times.
pub fn start_paced(
    cluster: &Cluster,
    namespace: Option<&Clean>,
    kinds: &[WatchKind],
    fetch: Fetch,
    pace: Pace,
    out: &tokio::sync::mpsc::Sender<Update>,
    stop: &tokio_util::sync::CancellationToken,
) -> Watches {
    let mut watches = Watches { poke: Vec::with_capacity(kinds.len()) };
    for kind in kinds {
        let scope = follow::Scope { cluster: cluster.clone(), namespace: namespace.cloned(), fetch, pace, poke: watches.one_more(), gate: None };
        match kind {
            WatchKind::Pods => tokio::spawn(stop.clone().run_until_cancelled_owned(follow::Follow::new(scope, rows::Pods::default(), out.clone()).run())),
            WatchKind::Events => tokio::spawn(stop.clone().run_until_cancelled_owned(follow::Follow::new(scope, rows::Events::default(), out.clone()).run())),
        };
    }
    watches
}

/// Lists of a scope that are under way at a time, of the kinds that only the rules want.
const AT_ONCE: usize = 4;
/// How long such a kind is left alone after a 403 or where it is not served.
const LEFT_ALONE: Duration = Duration::from_mins(5);

/// Starts the watches of every other kind that the rules want. They list a few at a time, and what is denied or not
/// served is tried again rarely: nobody looks at them.
#[allow(clippy::needless_pass_by_value, reason = "as of `start`")]
pub fn start_for_rules(
    cluster: &Cluster,
    namespace: Option<Clean>,
    out: tokio::sync::mpsc::Sender<Seen>,
    stop: tokio_util::sync::CancellationToken,
) -> Watches {
    let pace = Pace { denied: LEFT_ALONE, ..Pace::default() };
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut watches = Watches { poke: Vec::with_capacity(KINDS.len()) };
    for wanted in KINDS.iter().filter(|k| !matches!(k.kind, "Pod" | "Event")) {
        let (cluster, namespace, gate) = (cluster.clone(), namespace.clone(), Some(gate.clone()));
        let scope = follow::Scope { cluster, namespace, fetch: Fetch::Auto, pace, poke: watches.one_more(), gate };
        tokio::spawn(stop.clone().run_until_cancelled_owned(follow::Follow::new(scope, rows::Objects(wanted), out.clone()).run()));
    }
    watches
}
