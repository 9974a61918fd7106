//! Decisions: on disk first, then executed, then on disk what came of it. The one place where an approval meets the
//! cluster. What was sent is never cancelled; when the program ends meanwhile, that is on disk too.
use super::place::{self, Place, Slot};
use super::session::Session;
use crate::app::event::{Decision, Noted};
use crate::model::{Outcome, Plan, Timestamp, Trouble, TroubleClass};
use crate::policy::{Approval, Receipt};
use crate::store::audit::{self, Audit, Note, fate};
use crate::store::before;
use crate::text::Clean;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a change must hold before it is believed.
const SETTLE: Duration = Duration::from_secs(3);
/// How long a change may take to show after the server accepted it.
const SHOWS: Duration = Duration::from_mins(1);

/// The session's audit chain, opened with its first decision.
#[derive(Clone)]
pub struct Decider {
    session: Session,
    chain: Arc<Mutex<Option<Audit>>>,
}

/// Who decides, about which cluster.
pub type Who = audit::Session;

/// What came of a decision.
#[derive(Debug)]
pub struct Decided {
    /// Of an approved change; `None` where nothing was to be executed.
    pub outcome: Option<Outcome>,
    /// Nothing ran since an object was not what was reviewed.
    pub changed: bool,
    /// Why it could not be written down.
    pub unwritten: Option<Trouble>,
}

impl Decider {
    /// Nothing is written until someone decides.
    pub fn new(session: Session) -> Self {
        Self { session, chain: Arc::default() }
    }

    /// Who decides right now, before the connection can change.
    pub fn who(&self, place: &Place) -> Who {
        let (user, cluster, role) = match &place.borrow().1 {
            Slot::Up(cluster) => (cluster.user.to_string(), cluster.server.to_string(), self.session.rules_in(&cluster.context, &cluster.namespace).role),
            _ => (String::new(), String::new(), self.session.role),
        };
        Who { user, login: super::session::login(), role, cluster }
    }

    /// Audits a decision and, when it is a yes, executes.
    pub async fn decide(&self, who: Who, plan: Plan, decision: Decision, noted: Noted, place: Place, given_up: CancellationToken) -> Decided {
        let (word, reason) = match decision {
            Decision::Approved(approval) => return self.approved(who, plan, approval, noted, place, given_up).await,
            Decision::Denied(reason) => ("denied", reason),
            Decision::Lapsed(reason) => ("lapsed", reason),
            Decision::Edited(command) => ("edited", Clean::line(&format!("to: {command}"))),
        };
        let note = note(&noted);
        let written = self.on_chain(who, move |chain, at| chain.refused(&plan, word, &reason, &note, at)).await;
        Decided { outcome: None, changed: false, unwritten: written.err() }
    }

    /// What the session before this one approved and never told the end of: read at the start, so that a person who lost
    /// the program in the middle of a change is told to look.
    pub async fn look_back(&self) -> Vec<Clean> {
        let Ok(folder) = self.session.audit_folder() else { return Vec::new() };
        let read = tokio::task::spawn_blocking(move || fate::left_open(&folder)).await;
        let said = |u: fate::Undecided| {
            let at = u.at.parse::<Timestamp>().map_or_else(|_| u.at.clone(), |t| t.strftime("%Y-%m-%d %H:%M:%SZ").to_string());
            let words = format!("An earlier session ended in the middle of a change that was approved at {at}: {} (context {}).", u.command, u.context);
            Clean::line(&format!("{words} What came of it is not known: look at the object. Nothing is run again."))
        };
        read.unwrap_or_default().into_iter().map(said).collect()
    }

    /// Audits that what was allowed for a time is asked again.
    pub async fn revoked(&self, who: Who, allowed: Clean, why: Clean) -> Decided {
        let written = self.on_chain(who, move |chain, at| chain.revoked(&allowed, &why, at)).await;
        Decided { outcome: None, changed: false, unwritten: written.err() }
    }

    async fn approved(&self, who: Who, plan: Plan, approval: Approval, noted: Noted, place: Place, given_up: CancellationToken) -> Decided {
        let (kept, mut note, session) = (plan.clone(), note(&noted), self.session.clone());
        let receipt = self
            .on_chain(who.clone(), move |chain, at| {
                if let Some(path) = before::keep(&session.state_folder()?, &kept, at)? {
                    note.before = path.display().to_string();
                }
                let receipt = chain.approved(&kept, &approval, &note, at)?;
                Ok((approval, receipt, note.before))
            })
            .await;
        let (approval, receipt, before) = match receipt {
            Ok(all) => all,
            // Nothing on disk, so nothing was sent.
            Err(trouble) => {
                let said = format!("The decision could not be written down, so nothing was sent: {trouble}");
                return Decided { outcome: Some(Outcome::Void(Clean::line(&said))), changed: false, unwritten: Some(trouble) };
            }
        };
        let undo = plan.undo.clone();
        let (outcome, resulting, changed) = tokio::select! {
            done = self.execute(&plan, approval, receipt, place) => done,
            () = given_up.cancelled() => {
                let said = "it was approved and the program ended before the cluster's answer was seen; look at the object";
                (Outcome::Unknown(Clean::line(said)), Vec::new(), false)
            }
        };
        let seen = outcome.clone();
        let written = self.on_chain(who, move |chain, at| chain.outcome(&plan, &seen, &resulting, at)).await.err();
        let mut outcome = match &written {
            None => outcome,
            Some(trouble) => with(outcome, &format!(" (what came of it could not be written to the audit chain: {trouble})")),
        };
        if let (Outcome::Worked(_) | Outcome::NotSeen(_) | Outcome::Unknown(_), Some(undo)) = (&outcome, undo) {
            outcome = with(outcome, &format!(" Undo: {undo}."));
        }
        if matches!(outcome, Outcome::NotSeen(_) | Outcome::Unknown(_)) && !before.is_empty() {
            outcome = with(outcome, &format!(" What it was is kept in {before}."));
        }
        Decided { outcome: Some(outcome), changed, unwritten: written }
    }

    /// The outcome, what the requests left behind, and whether the person is to be asked again.
    async fn execute(&self, plan: &Plan, approval: Approval, receipt: Receipt, place: Place) -> (Outcome, Vec<Clean>, bool) {
        let limit = Duration::from_secs(self.session.config.write_timeout_seconds);
        let cluster = match place::now(place, Duration::from_secs(self.session.config.timeout_seconds)).await {
            Ok(cluster) => cluster,
            Err(trouble) => return (Outcome::Failed(trouble), Vec::new(), false),
        };
        let Some(writer) = cluster.writer(self.session.rules_in(&cluster.context, &cluster.namespace).role, self.session.clocks.events.clone()) else {
            let refused = Trouble::new(TroubleClass::Refused, &plan.command, "role readonly changes nothing").hint("start again with --role operator");
            return (Outcome::Failed(refused), Vec::new(), false);
        };
        let writer = writer.with_patience(SHOWS, SETTLE).with_limit(limit);
        let outcome = writer.execute(plan, approval, receipt).await;
        let changed = matches!(outcome, Outcome::Void(_));
        (outcome, writer.resulted(), changed)
    }

    /// Does something with the chain off the async threads, since it waits for the disk.
    async fn on_chain<T: Send + 'static>(
        &self,
        who: Who,
        what: impl FnOnce(&mut Audit, Timestamp) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (session, chain) = (self.session.clone(), self.chain.clone());
        let task = tokio::task::spawn_blocking(move || {
            let at = session.clocks.now();
            let mut chain = chain.lock().unwrap_or_else(PoisonError::into_inner);
            let mut open = match chain.take() {
                Some(open) => open,
                None => Audit::open(&session.audit_folder()?, who.clone(), session.redactor.clone(), at)?,
            };
            open.moved(who);
            let result = what(&mut open, at);
            *chain = Some(open);
            result
        });
        task.await.unwrap_or_else(|_| Err(Trouble::new(TroubleClass::Other, "write the audit chain", "writing it failed unexpectedly")))
    }
}

fn note(noted: &Noted) -> Note {
    let text = |c: &Option<Clean>| c.as_ref().map(ToString::to_string).unwrap_or_default();
    Note { edited_from: text(&noted.edited_from), allows: text(&noted.allowed), before: String::new() }
}

/// The outcome stands, and more is said with it.
fn with(outcome: Outcome, more: &str) -> Outcome {
    let add = |s: &Clean| Clean::line(&format!("{s}{more}"));
    match outcome {
        Outcome::Worked(s) => Outcome::Worked(add(&s)),
        Outcome::NotSeen(s) => Outcome::NotSeen(add(&s)),
        Outcome::Void(s) => Outcome::Void(add(&s)),
        Outcome::Unknown(s) => Outcome::Unknown(add(&s)),
        Outcome::Failed(t) => Outcome::Failed(Trouble { cause: add(&t.cause), ..t }),
    }
}
