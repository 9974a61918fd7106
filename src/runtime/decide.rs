//! Decisions: on disk first, then executed, then on disk what came of it. The one place where an approval meets the
//! cluster. What was sent is never cancelled; when the program ends meanwhile, that is on disk too.
use super::place::{self, Place};
use super::session::Session;
use crate::app::event::Decision;
use crate::model::{Outcome, Plan, Timestamp, Trouble, TroubleClass};
use crate::policy::{Approval, Receipt};
use crate::store::audit::{self, Audit};
use crate::text::Clean;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a change must hold before it is believed.
const SETTLE: Duration = Duration::from_secs(3);

/// The session's audit chain, opened with its first decision.
#[derive(Clone)]
pub struct Decider {
    session: Session,
    chain: Arc<Mutex<Option<Audit>>>,
}

impl Decider {
    /// Nothing is written until someone decides.
    pub fn new(session: Session) -> Self {
        Self { session, chain: Arc::default() }
    }

    /// Audits a decision and, when it is a yes, executes. `None`: nothing was to be executed and all is on disk.
    pub async fn decide(&self, plan: Plan, decision: Decision, user: String, place: Place, given_up: CancellationToken) -> Option<Outcome> {
        let (word, reason) = match decision {
            Decision::Approved(approval) => return Some(self.approved(plan, approval, user, place, given_up).await),
            Decision::Denied(reason) => ("denied", reason),
            Decision::Lapsed(reason) => ("lapsed", reason),
        };
        let written = self.on_chain(user, move |chain, at| chain.refused(&plan, word, &reason, at)).await;
        written.err().map(Outcome::Failed)
    }

    async fn approved(&self, plan: Plan, approval: Approval, user: String, place: Place, given_up: CancellationToken) -> Outcome {
        let noted = plan.clone();
        let receipt = self
            .on_chain(user.clone(), move |chain, at| {
                let receipt = chain.approved(&noted, &approval, at)?;
                Ok((approval, receipt))
            })
            .await;
        let outcome = match receipt {
            Ok((approval, receipt)) => {
                tokio::select! {
                    outcome = self.execute(&plan, approval, receipt, place) => outcome,
                    () = given_up.cancelled() => Outcome::Unknown(Clean::line("it was approved and the program ended before the cluster's answer was seen; look at the object")),
                }
            }
            // Nothing on disk, so nothing was sent.
            Err(trouble) => return Outcome::Failed(trouble),
        };
        let seen = outcome.clone();
        match self.on_chain(user, move |chain, at| chain.outcome(&plan, &seen, at)).await {
            Ok(()) => outcome,
            Err(trouble) => with_unwritten(outcome, &trouble),
        }
    }

    async fn execute(&self, plan: &Plan, approval: Approval, receipt: Receipt, place: Place) -> Outcome {
        let patience = Duration::from_secs(self.session.config.write_timeout_seconds);
        let cluster = match place::now(place, patience).await {
            Ok(cluster) => cluster,
            Err(trouble) => return Outcome::Failed(trouble),
        };
        match cluster.writer(self.session.rules_in(&cluster.context, &cluster.namespace).role, self.session.clocks.events.clone()) {
            Some(writer) => writer.with_patience(patience, SETTLE).execute(plan, approval, receipt).await,
            None => {
                Outcome::Failed(Trouble::new(TroubleClass::Refused, &plan.command, "role readonly changes nothing").hint("start again with --role operator"))
            }
        }
    }

    /// Does something with the chain off the async threads, since it waits for the disk.
    async fn on_chain<T: Send + 'static>(
        &self,
        user: String,
        what: impl FnOnce(&mut Audit, Timestamp) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (session, chain) = (self.session.clone(), self.chain.clone());
        let task = tokio::task::spawn_blocking(move || {
            let at = session.clocks.now();
            let mut chain = chain.lock().unwrap_or_else(PoisonError::into_inner);
            let mut open = match chain.take() {
                Some(open) => open,
                None => Audit::open(&session.audit_folder()?, audit::Session { user, role: session.role }, session.redactor.clone(), at)?,
            };
            let result = what(&mut open, at);
            *chain = Some(open);
            result
        });
        task.await.unwrap_or_else(|_| Err(Trouble::new(TroubleClass::Other, "write the audit chain", "writing it failed unexpectedly")))
    }
}

/// The outcome stands, and that it could not be noted is said with it.
fn with_unwritten(outcome: Outcome, trouble: &Trouble) -> Outcome {
    let add = |s: &Clean| Clean::line(&format!("{s} (what came of it could not be written to the audit chain: {trouble})"));
    match outcome {
        Outcome::Worked(s) => Outcome::Worked(add(&s)),
        Outcome::NotSeen(s) => Outcome::NotSeen(add(&s)),
        Outcome::Void(s) => Outcome::Void(add(&s)),
        Outcome::Unknown(s) => Outcome::Unknown(add(&s)),
        Outcome::Failed(t) => Outcome::Failed(Trouble { cause: add(&t.cause), ..t }),
    }
}
