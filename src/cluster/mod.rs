//! Kubernetes: contexts, watches, reads, plans (dry run), execution, access review. An adapter: it knows neither agent
//! nor app, and everything outside that it returns is clean and redacted.
//!
//! Values of Secrets are never asked for: what would return them is refused here too, whatever an operation says.
pub mod contexts;
mod discovery;
pub mod execute;
mod http;
pub mod plan;
pub mod read;
pub mod snapshot;
pub mod trouble;
pub mod watch;

pub use execute::Writer;
pub use snapshot::LOGS;

use crate::kubectl::kinds::Kinds;
use crate::model::{Epoch, KindRef, Role};
use crate::text::{Clean, Redactor};
use std::sync::Arc;
use std::time::Duration;

/// One connection to one context. Cheap to clone; built without a request.
#[derive(Clone)]
pub struct Cluster {
    /// The client. It retries nothing by itself: a write is never sent twice.
    pub client: kube::Client,
    /// The context's name.
    pub context: Clean,
    /// The context's namespace (`default` when it names none).
    pub namespace: Clean,
    /// The user as the kubeconfig names it.
    pub user: Clean,
    /// The server's address, for what is said of a dead link.
    pub server: Clean,
    /// Which connection this is.
    pub epoch: Epoch,
    /// For everything that is read.
    pub redactor: Redactor,
    /// The clock.
    pub now: Clock,
    /// Kinds as the server lists them; the built-in table until discovery answered.
    pub kinds: Arc<std::sync::RwLock<Kinds>>,
    /// The measured round trip, once somebody asked for it.
    round_trip: Arc<tokio::sync::OnceCell<Duration>>,
}

/// The injected clock.
pub type Clock = Arc<dyn Fn() -> crate::model::Timestamp + Send + Sync>;

impl Cluster {
    /// The half that can change the cluster. In role `readonly` there is none, so there is nothing to call.
    /// `now`: the clock by which approvals are given; the cluster's own may stand.
    pub fn writer(&self, role: Role, now: Clock) -> Option<Writer> {
        (role != Role::Readonly).then(|| Writer::new(self.clone(), now))
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("context", &self.context).field("server", &self.server).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// Whether objects of this kind hold values that are never fetched.
fn is_secret(kind: &KindRef) -> bool {
    kind.resource.eq_ignore_ascii_case("secrets") || kind.kind.eq_ignore_ascii_case("secret")
}
