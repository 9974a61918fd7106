//! Plans: the exact requests of a write, the server's dry run, the diff, the digest.
use super::Cluster;
use crate::model::{EvidenceId, Operation, Plan, Trouble, TurnId, Verdict};

impl Cluster {
    /// Plans a write that policy lets a person decide. `namespace`: what `Scope::Context` means.
    pub async fn plan(&self, operation: &Operation, namespace: &str, verdict: &Verdict, turn: TurnId, evidence: Vec<EvidenceId>) -> Result<Plan, Trouble> {
        let _ = (operation, namespace, verdict, turn, evidence);
        Err(Trouble::new(crate::model::TroubleClass::Other, "plan", "not written yet"))
    }
}
