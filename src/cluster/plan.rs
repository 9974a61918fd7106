//! Plans: the exact requests of a write, the server's dry run, the diff, the digest.
//!
//! Nothing here changes anything: every request that is sent carries `dryRun=All`. The requests are those that kubectl
//! would send, under our own field manager.
use super::http::{Failed, READ, accept};
use super::read::objects::text;
use super::{Cluster, is_secret, trouble};
use crate::model::operation::{Objects, Scope, Target, Write};
use crate::model::{
    Action, Decision, DryRun, EvidenceId, KindRef, ObjectRef, Operation, Plan, PlannedRequest, Reviewed, Risk, Trouble, TroubleClass, TurnId, Verdict,
};
use crate::text::{Clean, diff, redact};
use http::Request;
use serde_json::{Value, json};

mod delete;
pub(super) mod digest;
mod image;
mod restart;
mod scale;
mod undo;

/// Who the API server is told changes a field.
const MANAGER: &str = "fieldManager=kopilot-tui";
/// Equal lines around a change.
const CONTEXT: usize = 3;

/// One request with what is known of its object.
struct Step {
    kind: KindRef,
    /// The object as it is, without managedFields.
    before: Value,
    request: PlannedRequest,
    shows: Shows,
}

/// What the answer to the request is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// The object.
    Object,
    /// Its `Scale`.
    Scale,
    /// Nothing of interest: the object goes.
    Gone,
}

/// The one object that a change names.
fn sole<'a>(objects: &'a Objects, operation: &Operation) -> Result<&'a Target, Trouble> {
    let refused = || Trouble::new(TroubleClass::Refused, &format!("plan {}", crate::kubectl::print(operation)), "one named object at a time can be planned");
    objects.only().ok_or_else(refused)
}

/// What a verb makes of its objects.
struct Draft {
    steps: Vec<Step>,
    /// What takes it back.
    undo: Option<Operation>,
}

impl Cluster {
    /// Plans a write that policy lets a person decide. `namespace`: what `Scope::Context` means.
    pub async fn plan(&self, operation: &Operation, namespace: &str, verdict: &Verdict, turn: TurnId, evidence: Vec<EvidenceId>) -> Result<Plan, Trouble> {
        let named = explicit(operation, namespace)?;
        let command = crate::kubectl::print(&named);
        let refuse = |cause: &str| Trouble::new(TroubleClass::Refused, &format!("plan {command}"), cause);
        let Action::Write(write) = &named.action else { return Err(refuse("this changes nothing: it is no write")) };
        if verdict.decision != Decision::Approve {
            return Err(refuse(&verdict.reason));
        }
        if named.targets().iter().any(|t| is_secret(&t.kind)) {
            return Err(refuse("Secrets are neither read nor changed here"));
        }
        let namespace = if let Scope::Named(ns) = &named.scope { ns.as_str() } else { "" };
        let draft = self.draft(write, namespace, &named).await?;
        for step in &draft.steps {
            let body = String::from_utf8_lossy(&step.request.body);
            if redact::holds_mark(&body) || redact::holds_mark(&step.request.path) || redact::holds_mark(&command) {
                return Err(refuse("the change holds a redaction mark in place of a real value")
                    .hint("Nobody writes a mark back: change only fields whose values are known."));
            }
        }
        let mut objects = Vec::with_capacity(draft.steps.len());
        let mut dry_run = DryRun::Accepted;
        for step in &draft.steps {
            let (tried, lines) = self.try_out(step).await?;
            // one refusal is enough to refuse the whole
            if !matches!(dry_run, DryRun::Rejected(_)) && tried != DryRun::Accepted {
                dry_run = tried;
            }
            objects.push(Reviewed {
                object: reference(&step.kind, &step.before),
                uid: text(&step.before, "/metadata/uid").to_owned(),
                resource_version: text(&step.before, "/metadata/resourceVersion").to_owned(),
                fingerprint: digest::fingerprint(&step.before),
                diff: lines,
            });
        }
        let requests: Vec<PlannedRequest> = draft.steps.into_iter().map(|s| s.request).collect();
        let risk = if matches!(dry_run, DryRun::NotPossible(_)) { worse(verdict.risk) } else { verdict.risk };
        Ok(Plan {
            turn,
            command: Clean::line(&command),
            context: self.context.clone(),
            namespace: Clean::line(namespace),
            risk,
            rule: verdict.rule,
            digest: digest::digest(&self.context, &requests, &objects),
            requests,
            objects,
            dry_run,
            undo: draft.undo.map(|u| Clean::line(&crate::kubectl::print(&u))),
            evidence,
            made_at: (self.now)(),
            operation: named,
        })
    }

    async fn draft(&self, write: &Write, namespace: &str, operation: &Operation) -> Result<Draft, Trouble> {
        match write {
            Write::Scale { objects, replicas, current } => self.scale(sole(objects, operation)?, namespace, *replicas, *current).await,
            Write::RolloutRestart { objects } => self.restart(sole(objects, operation)?, namespace).await,
            Write::RolloutUndo { objects, to_revision } => self.undo(sole(objects, operation)?, namespace, *to_revision).await,
            Write::SetImage { objects, images } => self.set_image(sole(objects, operation)?, namespace, images).await,
            Write::Delete { objects, grace_period, .. } => self.delete(&objects.targets, namespace, *grace_period, operation).await,
            _ => Err(Trouble::new(TroubleClass::Refused, &format!("plan {}", crate::kubectl::print(operation)), "no plan can be made of this verb")),
        }
    }

    /// The object that a write names.
    async fn target(&self, target: &Target, namespace: &str) -> Result<Value, Trouble> {
        let operation = format!("plan a change of {}", target.kind.resource);
        let name = target.name.as_deref().ok_or_else(|| Trouble::new(TroubleClass::Invalid, &operation, "a change wants its objects by name"))?;
        let mut object = self.object(&target.kind, Some(namespace), name).await?;
        if let Some(map) = object.as_object_mut() {
            map.entry("kind").or_insert_with(|| target.kind.kind.clone().into());
            map.entry("apiVersion").or_insert_with(|| target.kind.api_version().into());
        }
        Ok(object)
    }

    /// The server's dry run of one request, and what it would change.
    async fn try_out(&self, step: &Step) -> Result<(DryRun, Vec<diff::Line>), Trouble> {
        let object = reference(&step.kind, &step.before);
        let operation = format!("dry run of {} {object}", step.request.method);
        let answer = match self.send(&operation, dry(&step.request, &operation)?, READ).await {
            Ok(body) => serde_json::from_slice::<Value>(&body).map_err(|e| trouble::malformed(&operation, &self.server, &e))?,
            Err(Failed { trouble, status: None }) => return Err(trouble),
            Err(Failed { trouble, .. }) if trouble.class == TroubleClass::Busy => return Err(trouble),
            Err(Failed { trouble, status: Some(status) }) => {
                let tried = if status.message.contains("does not support dry run") || status.message.contains("dryRun") && status.code == 400 {
                    DryRun::NotPossible(trouble.cause)
                } else if trouble.class == TroubleClass::Denied {
                    DryRun::Rejected(self.who_may_not(step, trouble).await)
                } else {
                    DryRun::Rejected(trouble)
                };
                return Ok((tried, self.lines(&step.before, &step.before)));
            }
        };
        let after = match step.shows {
            Shows::Object => answer,
            Shows::Gone => Value::Null,
            Shows::Scale => {
                let mut after = step.before.clone();
                if let (Some(place), Some(replicas)) = (after.pointer_mut("/spec"), answer.pointer("/spec/replicas")) {
                    place["replicas"] = replicas.clone();
                }
                after
            }
        };
        Ok((DryRun::Accepted, self.lines(&step.before, &after)))
    }

    /// A 403 of a dry run in plain words: the dry run needs the very right that the write needs.
    async fn who_may_not(&self, step: &Step, trouble: Trouble) -> Trouble {
        let verb = match step.request.method {
            "DELETE" => "delete",
            "POST" => "create",
            "PUT" => "update",
            _ => "patch",
        };
        let sub = (step.shows == Shows::Scale).then_some("scale");
        let (namespace, name) = (text(&step.before, "/metadata/namespace"), text(&step.before, "/metadata/name"));
        let what = sub.map_or_else(|| step.kind.resource.clone(), |s| format!("{}/{s}", step.kind.resource));
        match self.may(verb, &step.kind, sub, Some(namespace).filter(|n| !n.is_empty()), Some(name)).await {
            Ok((false, _)) => {
                let place = if namespace.is_empty() { String::new() } else { format!(" in namespace {namespace}") };
                Trouble::new(TroubleClass::Denied, &trouble.operation, &format!("user {} may not {verb} {what}{place}", self.user)).hint(&format!(
                    "Check with `auth can-i {verb} {what}{}`; whoever administers the cluster can bind a role that allows it.",
                    if namespace.is_empty() { String::new() } else { format!(" -n {namespace}") }
                ))
            }
            // the right is there, so an admission plugin said no: its own words are the better ones
            _ => trouble,
        }
    }

    /// Redacted lines of a change, without what changes by itself.
    fn lines(&self, before: &Value, after: &Value) -> Vec<diff::Line> {
        let yaml = |value: &Value| {
            if value.is_null() {
                return String::new();
            }
            let text = serde_saphyr::to_string(&digest::settled(value)).unwrap_or_default();
            self.redactor.redact(&Clean::block(&text)).0
        };
        diff::lines(&yaml(before), &yaml(after), CONTEXT)
    }
}

/// The operation with its namespace made explicit.
fn explicit(operation: &Operation, namespace: &str) -> Result<Operation, Trouble> {
    let mut named = operation.clone();
    let namespaced = operation.targets().iter().any(|t| t.kind.namespaced);
    match &operation.scope {
        Scope::All => {
            return Err(Trouble::new(TroubleClass::Invalid, "plan a change", "a change names one namespace, not all").hint("Name the namespace with -n."));
        }
        Scope::Context if namespaced => named.scope = Scope::Named(namespace.to_owned()),
        Scope::Named(_) | Scope::Context => {}
    }
    Ok(named)
}

fn reference(kind: &KindRef, object: &Value) -> ObjectRef {
    ObjectRef::new(kind.kind.as_str(), text(object, "/metadata/namespace"), text(object, "/metadata/name"))
}

/// A patch of an object (or of a subresource of it).
fn patch(kind: &KindRef, object: &Value, subresource: &str, content_type: &'static str, body: &Value) -> PlannedRequest {
    let namespace = text(object, "/metadata/namespace");
    let path = super::read::objects::path_of(kind, Some(namespace), text(object, "/metadata/name"));
    PlannedRequest { method: "PATCH", path: format!("{path}{subresource}"), query: MANAGER.to_owned(), content_type, body: body.to_string().into_bytes() }
}

/// A planned request as a dry run.
fn dry(planned: &PlannedRequest, operation: &str) -> Result<Request<Vec<u8>>, Trouble> {
    if planned.method == "DELETE" {
        let mut body: Value = serde_json::from_slice(&planned.body).unwrap_or_else(|_| json!({}));
        if let Some(map) = body.as_object_mut() {
            map.insert("dryRun".to_owned(), json!(["All"]));
        }
        return request(planned, &planned.query, body.to_string().into_bytes(), operation);
    }
    let query = if planned.query.is_empty() { "dryRun=All".to_owned() } else { format!("{}&dryRun=All", planned.query) };
    request(planned, &query, planned.body.clone(), operation)
}

/// A planned request with this query and body.
pub(super) fn request(planned: &PlannedRequest, query: &str, body: Vec<u8>, operation: &str) -> Result<Request<Vec<u8>>, Trouble> {
    let uri = if query.is_empty() { planned.path.clone() } else { format!("{}?{query}", planned.path) };
    Request::builder()
        .method(planned.method)
        .uri(uri)
        .header(http::header::ACCEPT, accept::JSON)
        .header(http::header::CONTENT_TYPE, planned.content_type)
        .body(body)
        .map_err(|e| Trouble::new(TroubleClass::Invalid, operation, &format!("no such request: {e}")))
}

/// One step up, for a verb that no server can try out.
fn worse(risk: Risk) -> Risk {
    match risk {
        Risk::Low => Risk::Medium,
        Risk::Medium => Risk::High,
        Risk::High | Risk::Critical => Risk::Critical,
    }
}

/// Content types of patches.
mod content {
    pub const MERGE: &str = "application/merge-patch+json";
    pub const STRATEGIC: &str = "application/strategic-merge-patch+json";
    pub const JSON_PATCH: &str = "application/json-patch+json";
    pub const JSON: &str = "application/json";
}
pub(super) use content::{JSON_PATCH, MERGE, STRATEGIC};

/// A write that its kind does not know.
fn not_for(verb: &str, kind: &KindRef, legal: &str) -> Trouble {
    Trouble::new(TroubleClass::Invalid, &format!("plan {verb}"), &format!("{} can not be the object of `{verb}`", kind.resource))
        .hint(&format!("It is for {legal}."))
}

/// A write that would change nothing.
fn already(verb: &str, object: &ObjectRef, sentence: &str) -> Trouble {
    Trouble::new(TroubleClass::Invalid, &format!("plan {verb} {object}"), sentence).hint("Nothing is to be done.")
}

/// The same kind and name as an operation in the same namespace.
fn same_place(write: Write, namespace: &str) -> Operation {
    Operation { action: Action::Write(write), scope: Scope::Named(namespace.to_owned()) }
}
