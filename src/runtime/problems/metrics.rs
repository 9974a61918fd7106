//! What the live rules need beside the watches where somebody asked what is wasted: metrics, which can not be watched. And
//! when a report turns by itself.
use super::{Brought, Live};
use crate::model::Extra;
use std::time::Duration;
use tokio::time::Instant;

/// How long what pods use is not asked for again.
const KEPT: Duration = Duration::from_mins(1);

impl Live {
    /// Begins to read metrics where they are wanted and missing or old.
    pub(super) fn wants_usage(&mut self) -> bool {
        let wanted = self.question.include.contains(&Extra::Cost) || self.asked.iter().any(|(q, _)| q.include.contains(&Extra::Cost));
        let now = Instant::now();
        if !wanted || self.measured.is_some_and(|at| now.duration_since(at) < KEPT) {
            return false;
        }
        self.measured = Some(now);
        let (cluster, namespace) = (self.cluster.clone(), self.cache.snapshot().namespaces.first().cloned());
        self.reading.push(Box::pin(async move { Brought::Usage(cluster.usage(namespace.as_deref()).await) }));
        true
    }
}
