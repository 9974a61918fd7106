//! Kubernetes: contexts, watches, reads, plans (dry run), execution, access review. An adapter: it knows neither agent
//! nor app, and everything outside that it returns is clean and redacted.
pub mod contexts;
pub mod execute;
pub mod plan;
pub mod read;
pub mod snapshot;
pub mod trouble;
pub mod watch;

use crate::kubectl::kinds::Kinds;
use crate::model::Epoch;
use crate::text::{Clean, Redactor};
use std::sync::Arc;

/// One connection to one context. Cheap to clone; built without a request.
#[derive(Clone)]
pub struct Cluster {
    /// The client.
    pub client: kube::Client,
    /// The context's name.
    pub context: Clean,
    /// The context's namespace (`default` when it names none).
    pub namespace: Clean,
    /// The user as the kubeconfig names it.
    pub user: Clean,
    /// Which connection this is.
    pub epoch: Epoch,
    /// For everything that is read.
    pub redactor: Redactor,
    /// The clock.
    pub now: Clock,
    /// Kinds as the server lists them; the built-in table until discovery answered.
    pub kinds: Arc<std::sync::RwLock<Kinds>>,
}

/// The injected clock.
pub type Clock = Arc<dyn Fn() -> crate::model::Timestamp + Send + Sync>;
