//! What RBAC says of a plan: one SelfSubjectAccessReview for every right that its requests need.
use super::{Step, request};
use crate::cluster::Cluster;
use crate::model::{Access, KindRef, Trouble, TroubleClass};
use crate::text::Clean;

/// One right, of one object or of all of a kind in a namespace.
struct Right<'a> {
    verb: &'static str,
    subresource: String,
    kind: &'a KindRef,
    namespace: &'a str,
    names: Vec<&'a str>,
}

impl Right<'_> {
    fn says(&self, name: &str) -> String {
        let mut what = self.kind.resource.clone();
        if !self.kind.group.is_empty() {
            what = format!("{what}.{}", self.kind.group);
        }
        if !self.subresource.is_empty() {
            what = format!("{what}/{}", self.subresource);
        }
        let name = if name.is_empty() { String::new() } else { format!(" {name}") };
        let place = if self.namespace.is_empty() { String::new() } else { format!(" in {}", self.namespace) };
        format!("{} {what}{name}{place}", self.verb)
    }
}

impl Cluster {
    /// What RBAC says of every request. A kind that is allowed as a whole is asked once; else each object by name.
    pub(super) async fn access(&self, steps: &[Step]) -> Vec<Access> {
        let mut out = Vec::new();
        for right in needed(steps) {
            let whole = self.ask(&right, "").await;
            if whole.allowed == Some(true) || right.names.iter().all(|n| n.is_empty()) {
                out.push(Access { what: Clean::line(&right.says(right.names.first().filter(|_| right.names.len() == 1).unwrap_or(&""))), ..whole });
                continue;
            }
            for name in right.names.iter().filter(|n| !n.is_empty()) {
                out.push(self.ask(&right, name).await);
            }
        }
        out
    }

    async fn ask(&self, right: &Right<'_>, name: &str) -> Access {
        let what = Clean::line(&right.says(name));
        let subresource = Some(right.subresource.as_str()).filter(|s| !s.is_empty());
        // a Namespace is asked about in the namespace that it is
        let namespace = if right.kind.resource == "namespaces" && right.kind.group.is_empty() { name } else { right.namespace };
        let namespace = Some(namespace).filter(|n| !n.is_empty());
        match self.may(right.verb, right.kind, subresource, namespace, Some(name).filter(|n| !n.is_empty())).await {
            Ok((allowed, reason)) => Access { what, allowed: Some(allowed), reason: self.safe(&reason) },
            Err(trouble) => Access { what, allowed: None, reason: trouble.cause },
        }
    }

    fn safe(&self, text: &str) -> Clean {
        Clean::line(&self.redactor.redact(&Clean::line(text)).0)
    }

    /// A 403 of a dry run in plain words: the dry run needs the very right that the write needs.
    pub(super) async fn who_may_not(&self, step: &Step, trouble: Trouble) -> Trouble {
        for right in needed(std::slice::from_ref(step)) {
            let name = right.names.first().copied().unwrap_or_default();
            let asked = self.ask(&right, name).await;
            if asked.allowed == Some(false) {
                let what = if right.subresource.is_empty() { right.kind.resource.clone() } else { format!("{}/{}", right.kind.resource, right.subresource) };
                let (place, flag) = match right.namespace {
                    "" => (String::new(), String::new()),
                    ns => (format!(" in namespace {ns}"), format!(" -n {ns}")),
                };
                let verb = right.verb;
                return Trouble::new(TroubleClass::Denied, &trouble.operation, &format!("user {} may not {verb} {what}{place}", self.user))
                    .hint(&format!("Check with `auth can-i {verb} {what}{flag}`; whoever administers the cluster can bind a role that allows it."));
            }
        }
        // the right is there, so an admission plugin said no: its own words are the better ones
        trouble
    }
}

/// The rights that the steps need, each once, with the names it is needed for.
fn needed(steps: &[Step]) -> Vec<Right<'_>> {
    let mut out: Vec<Right<'_>> = Vec::new();
    for step in steps {
        for (verb, subresource) in request::rights(step) {
            // RBAC knows no name of what is yet to be made
            let name = if verb == "create" && subresource.is_empty() { "" } else { step.object.name.as_str() };
            let namespace = step.object.namespace.as_str();
            match out.iter_mut().find(|r| r.verb == verb && r.subresource == subresource && *r.kind == step.kind && r.namespace == namespace) {
                Some(right) if right.names.contains(&name) => {}
                Some(right) => right.names.push(name),
                None => out.push(Right { verb, subresource, kind: &step.kind, namespace, names: vec![name] }),
            }
        }
    }
    out
}
