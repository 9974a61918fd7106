//! Plans: the exact requests of a write, the server's dry run, the diff, what RBAC says, the digest.
//!
//! Nothing here changes anything: every request that is sent is a read, a review, or carries `dryRun=All`. The requests
//! are those that kubectl would send, under our own field manager.
use super::read::objects::text;
use super::{Cluster, is_secret};
use crate::model::operation::{Scope, Write};
use crate::model::{
    Action, Decision, Digest, DryRun, EvidenceId, KindRef, ObjectRef, Operation, Plan, PlannedRequest, Reviewed, Risk, Trouble, TroubleClass, TurnId, Verdict,
};
use crate::text::{Clean, redact};
use serde_json::Value;

mod access;
mod back;
mod certificate;
mod choose;
mod containers;
mod delete;
pub(super) mod digest;
mod drain;
mod expose;
mod image;
mod manifest;
mod marks;
mod node;
mod patch;
pub(super) mod request;
mod rollout;
mod scale;
mod tryout;
mod undo;

use manifest::Deed;
use marks::Marks;

/// One request with what is known of its object.
struct Step {
    kind: KindRef,
    object: ObjectRef,
    /// The object as it is, without managedFields; null when it is not there yet.
    before: Value,
    request: PlannedRequest,
    shows: Shows,
}

impl Step {
    /// A change of an object that is there.
    fn change(kind: &KindRef, before: Value, request: PlannedRequest, shows: Shows) -> Self {
        Self { object: reference(kind, &before), kind: kind.clone(), before, request, shows }
    }
    /// An object that the request makes.
    fn make(kind: &KindRef, namespace: &str, name: &str, request: PlannedRequest) -> Self {
        let namespace = if kind.namespaced { namespace } else { "" };
        Self { object: ObjectRef::new(kind.kind.as_str(), namespace, name), kind: kind.clone(), before: Value::Null, request, shows: Shows::Object }
    }
    fn is_new(&self) -> bool {
        self.before.is_null()
    }
}

/// What the answer to the request is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// The object.
    Object,
    /// The object, of which the status changed.
    Status,
    /// Its `Scale`.
    Scale,
    /// Nothing of interest: the object goes.
    Gone,
    /// The same, if the disruption budgets allow it.
    Evicted,
}

/// What a verb makes of its objects.
#[derive(Default)]
struct Draft {
    steps: Vec<Step>,
    /// What takes it back, one command an entry.
    undo: Vec<Operation>,
    /// What a person should know.
    notes: Vec<String>,
}

impl Draft {
    fn one(step: Step, undo: Option<Operation>) -> Self {
        Self { steps: vec![step], undo: undo.into_iter().collect(), notes: Vec::new() }
    }
    fn add(&mut self, more: Self) {
        self.steps.extend(more.steps);
        self.undo.extend(more.undo);
        self.notes.extend(more.notes);
    }
}

impl Cluster {
    /// Plans a write that policy lets a person decide. `namespace`: what `Scope::Context` means.
    pub async fn plan(&self, operation: &Operation, namespace: &str, verdict: &Verdict, turn: TurnId, evidence: Vec<EvidenceId>) -> Result<Plan, Trouble> {
        let named = explicit(operation, namespace)?;
        let raw = crate::kubectl::print(&named);
        // what is shown, kept and told of the command; what runs is in the requests
        let command = self.redactor.redact(Clean::line(&raw).as_str()).0;
        let refuse = |cause: &str| Trouble::new(TroubleClass::Refused, &format!("plan {command}"), cause);
        let Action::Write(write) = &named.action else { return Err(refuse("this changes nothing: it is no write")) };
        if verdict.decision != Decision::Approve {
            return Err(refuse(&verdict.reason));
        }
        let namespace = if let Scope::Named(ns) = &named.scope { ns.as_str() } else { namespace };
        let draft = self.draft(write, namespace, &named).await?;
        if named.targets().iter().any(|t| is_secret(&t.kind)) || draft.steps.iter().any(|s| is_secret(&s.kind)) {
            return Err(refuse("Secrets are neither read nor changed here"));
        }
        if draft.steps.is_empty() {
            return Err(refuse("nothing is to be done"));
        }
        for step in &draft.steps {
            let body = String::from_utf8_lossy(&step.request.body);
            if redact::holds_mark(&body) || redact::holds_mark(&step.request.path) || redact::holds_mark(&raw) {
                return Err(refuse("the change holds a redaction mark in place of a real value")
                    .hint("Nobody writes a mark back: change only fields whose values are known."));
            }
        }
        let (access, (dry_run, objects, notes, undo)) = tokio::try_join!(async { Ok(self.access(&draft.steps).await) }, self.reviewed(&draft))?;
        let dry_run = denied_untried(dry_run, &access, &command);
        let space = if draft.steps.iter().any(|s| s.kind.namespaced) { namespace } else { "" };
        let requests: Vec<PlannedRequest> = draft.steps.into_iter().map(|s| s.request).collect();
        let risk = if matches!(dry_run, DryRun::NotPossible(_)) { worse(verdict.risk) } else { verdict.risk };
        Ok(Plan {
            turn,
            command: Clean::line(&command),
            context: self.context.clone(),
            namespace: Clean::line(space),
            risk,
            rule: verdict.rule,
            digest: digest::digest(&self.context, &requests, &objects),
            requests,
            objects,
            dry_run,
            access,
            notes,
            undo,
            evidence,
            made_at: (self.now)(),
            operation: named,
        })
    }

    /// The dry runs of all steps in order; the objects as reviewed; what a person should know; the way back.
    async fn reviewed(&self, draft: &Draft) -> Result<(DryRun, Vec<Reviewed>, Vec<Clean>, Option<Clean>), Trouble> {
        let mut objects = Vec::with_capacity(draft.steps.len());
        let mut dry_run = DryRun::Accepted;
        let mut notes: Vec<Clean> = draft.notes.iter().map(|n| Clean::line(n)).collect();
        let mut undo = draft.undo.clone();
        for (at, step) in draft.steps.iter().enumerate() {
            let tried = self.try_out(step, draft.steps.get(..at).unwrap_or_default()).await?;
            notes.extend(tried.note.map(|n| Clean::line(&n)));
            if draft.undo.is_empty() && !step.is_new() {
                undo.extend(back::patch(step, tried.after.as_ref()));
            }
            // one refusal is enough to refuse the whole
            if !matches!(dry_run, DryRun::Rejected(_)) && tried.dry_run != DryRun::Accepted {
                dry_run = match tried.dry_run {
                    DryRun::Rejected(trouble) if draft.steps.len() > 1 => {
                        DryRun::Rejected(Trouble { cause: Clean::line(&format!("{}: {}", step.object, trouble.cause)), ..trouble })
                    }
                    other => other,
                };
            }
            let kept = if step.is_new() { String::new() } else { self.yaml(&digest::settled(&step.before)) };
            objects.push(Reviewed {
                object: step.object.clone(),
                kind: step.kind.clone(),
                uid: text(&step.before, "/metadata/uid").to_owned(),
                resource_version: text(&step.before, "/metadata/resourceVersion").to_owned(),
                before: Clean::block(&kept),
                fingerprint: if step.is_new() { Digest::of(b"") } else { digest::fingerprint(&step.before) },
                diff: tried.diff,
            });
        }
        let (undo, note) = self.way_back(undo, draft);
        notes.extend(note);
        Ok((dry_run, objects, notes, undo))
    }

    async fn draft(&self, write: &Write, ns: &str, of: &Operation) -> Result<Draft, Trouble> {
        match write {
            Write::Scale { objects, replicas, current } => self.scale(objects, *replicas, *current, ns, of).await,
            Write::RolloutRestart { objects } => self.restart(objects, ns, of).await,
            Write::RolloutUndo { objects, to_revision } => self.undo(objects, *to_revision, ns, of).await,
            Write::RolloutPause { objects } => self.pause(objects, true, ns, of).await,
            Write::RolloutResume { objects } => self.pause(objects, false, ns, of).await,
            Write::SetImage { objects, images } => self.set_image(objects, images, ns, of).await,
            Write::SetEnv { objects, containers, changes } => self.set_env(objects, containers.as_deref(), changes, ns, of).await,
            Write::SetResources { objects, containers, limits, requests } => self.set_resources(objects, containers.as_deref(), limits, requests, ns, of).await,
            Write::Patch { objects, patch_type, body, subresource } => self.patch(objects, *patch_type, body, subresource.as_deref(), ns, of).await,
            Write::Apply { manifests, force_conflicts } => self.manifests(manifests, Deed::Apply { force: *force_conflicts }, ns, of).await,
            Write::Create { manifests, .. } => self.manifests(manifests, Deed::Create, ns, of).await,
            Write::CreateJobFrom { name, cron_job } => self.job_from(name, cron_job, ns).await,
            Write::Replace { manifests } => self.manifests(manifests, Deed::Replace, ns, of).await,
            Write::Label { objects, changes, overwrite } => self.mark(Marks::Labels, objects, changes, *overwrite, ns, of).await,
            Write::Annotate { objects, changes, overwrite } => self.mark(Marks::Annotations, objects, changes, *overwrite, ns, of).await,
            Write::Taint { objects, changes, overwrite } => self.taint(objects, changes, *overwrite, ns, of).await,
            Write::Cordon { objects } => self.cordon(objects, true, ns, of).await,
            Write::Uncordon { objects } => self.cordon(objects, false, ns, of).await,
            Write::Drain { objects, how } => self.drain(objects, how, ns, of).await,
            Write::Expose { target, service } => self.expose(target, service, ns).await,
            Write::CertificateApprove { objects } => self.certify(objects, true, ns, of).await,
            Write::CertificateDeny { objects } => self.certify(objects, false, ns, of).await,
            Write::Delete { objects, grace_period, cascade } => self.delete(objects, *grace_period, *cascade, ns, of).await,
        }
    }
}

/// The operation with its namespace made explicit.
fn explicit(operation: &Operation, namespace: &str) -> Result<Operation, Trouble> {
    let mut named = operation.clone();
    match &operation.scope {
        Scope::All if operation.is_scoped() => {
            return Err(Trouble::new(TroubleClass::Invalid, "plan a change", "a change names one namespace, not all").hint("Name the namespace with -n."));
        }
        Scope::Context if operation.is_scoped() => named.scope = Scope::Named(namespace.to_owned()),
        Scope::Named(_) | Scope::Context | Scope::All => {}
    }
    Ok(named)
}

fn reference(kind: &KindRef, object: &Value) -> ObjectRef {
    ObjectRef::new(kind.kind.as_str(), text(object, "/metadata/namespace"), text(object, "/metadata/name"))
}

/// What no dry run could try and RBAC does not allow is refused before anybody is asked.
fn denied_untried(dry_run: DryRun, access: &[crate::model::Access], command: &str) -> DryRun {
    let DryRun::NotPossible(why) = dry_run else { return dry_run };
    match access.iter().find(|a| a.allowed == Some(false)) {
        Some(denied) => DryRun::Rejected(
            Trouble::new(TroubleClass::Denied, &format!("plan {command}"), &format!("this user may not {} {}", denied.what, denied.reason))
                .hint("Whoever administers the cluster can bind a role that allows it."),
        ),
        None => DryRun::NotPossible(why),
    }
}

/// One step up, for a verb that no server can try out.
fn worse(risk: Risk) -> Risk {
    match risk {
        Risk::Low => Risk::Medium,
        Risk::Medium => Risk::High,
        Risk::High | Risk::Critical => Risk::Critical,
    }
}

/// A write that its kind does not know.
fn not_for(verb: &str, kind: &KindRef, legal: &str) -> Trouble {
    Trouble::new(TroubleClass::Invalid, &format!("plan {verb}"), &format!("{} can not be the object of `{verb}`", kind.resource))
        .hint(&format!("It is for {legal}."))
}

/// A write that would change nothing.
fn already(verb: &str, object: &ObjectRef, sentence: &str) -> Trouble {
    Trouble::new(TroubleClass::Invalid, &format!("plan {verb} {object}"), sentence).hint("Nothing is to be done.")
}
