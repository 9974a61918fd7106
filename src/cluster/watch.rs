//! Watches of pods and events: small rows in batches, with backoff, relist without blanking, and a state that tells
//! connecting, filling, live, stale and denied apart.
//!
//! The list and the watch are our own, not `kube::runtime::watcher`: a reconnect resumes from the last
//! resourceVersion, a refused streaming list becomes pages, the first page is small, and what a row does not keep is
//! never parsed. No timer runs while a healthy watch is silent but the one that notices a dead peer.
use super::Cluster;
use crate::model::{Update, WatchKind};
use crate::text::Clean;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

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
#[derive(Clone, Debug)]
pub struct Watches {
    poke: Vec<Arc<Notify>>,
}

impl Watches {
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
    let mut poke = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let notify = Arc::new(Notify::new());
        let (out, stop) = (out.clone(), stop.clone());
        let scope = follow::Scope { cluster: cluster.clone(), namespace: namespace.cloned(), fetch, pace, poke: notify.clone() };
        poke.push(notify);
        match kind {
            WatchKind::Pods => tokio::spawn(stop.run_until_cancelled_owned(follow::Follow::<rows::Pods>::new(scope, out).run())),
            WatchKind::Events => tokio::spawn(stop.run_until_cancelled_owned(follow::Follow::<rows::Events>::new(scope, out).run())),
        };
    }
    Watches { poke }
}
