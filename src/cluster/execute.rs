//! Execution of an approved plan. The only place that sends a write, and it takes an [`Approval`] and a [`Receipt`].
use super::Cluster;
use crate::model::{Outcome, Plan};
use crate::policy::{Approval, Receipt};

impl Cluster {
    /// Re-reads the objects, re-derives the digest, checks uid, context and expiry, sends the requests with the
    /// resourceVersion just read as precondition, then re-reads and says whether it worked.
    pub async fn execute(&self, plan: &Plan, approval: Approval, receipt: Receipt) -> Outcome {
        let _ = (plan, approval, receipt);
        Outcome::Void(crate::text::Clean::line("not written yet"))
    }
}
