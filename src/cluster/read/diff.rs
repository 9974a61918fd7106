//! `diff -f -`: what applying a manifest would change. Each is tried by the server's dry run, which keeps nothing, and
//! compared with the object that is there.
use super::get::yaml;
use super::objects::path_of;
use super::{Origin, Reader};
use crate::cluster::http::{READ, accept};
use crate::cluster::plan::digest::settled;
use crate::model::operation::Manifest;
use crate::model::{ObjectRef, Reading, Source, Trouble, TroubleClass};
use crate::text::{Clean, diff};
use http::Request;
use serde_json::Value;

/// Equal lines around a change.
const CONTEXT: usize = 3;
/// A server-side apply that is only tried; fields that others own are compared too.
const TRIED: &str = "dryRun=All&fieldManager=kopilot-tui&fieldValidation=Strict&force=true";

impl Reader<'_> {
    /// `diff -f -`, one reading a manifest.
    pub(super) async fn diff(&self, manifests: &[Manifest]) -> Vec<Reading> {
        let mut out = Vec::with_capacity(manifests.len());
        for manifest in manifests {
            out.push(self.compared(manifest).await);
        }
        out
    }

    async fn compared(&self, manifest: &Manifest) -> Reading {
        let name = manifest.name.as_deref().unwrap_or_default();
        let own = self.cluster.namespace.as_str();
        let namespace = manifest.kind.namespaced.then(|| manifest.namespace.as_deref().or(self.namespace).unwrap_or(own));
        let object = ObjectRef::new(manifest.kind.kind.as_str(), namespace.unwrap_or_default(), name);
        let origin = Origin { object: Some(object.clone()), ..Origin::new(Source::Object) };
        let now = match self.cluster.object(&manifest.kind, namespace, name).await {
            Ok(now) => Some(now),
            Err(trouble) if trouble.class == TroubleClass::NotFound => None,
            Err(trouble) => return self.failed(origin, trouble),
        };
        let after = match self.tried(manifest, namespace, name, &object).await {
            Ok(after) => after,
            // The object may be missing for its own reason (its namespace is): that is a failure, not an empty diff.
            Err(trouble) if trouble.class == TroubleClass::NotFound => return self.from(origin, crate::model::Looked::Failed(trouble)),
            Err(trouble) => return self.failed(origin, trouble),
        };
        let text = |value: &Value| yaml(&settled(value)).map(|text| self.cluster.redactor.redact(&Clean::block(&text)).0).unwrap_or_default();
        let before = now.as_ref().map(text).unwrap_or_default();
        let lines = diff::lines(&before, &text(&after), CONTEXT);
        if lines.is_empty() {
            return self.found(origin, &format!("{object}: applying it would change nothing\n"));
        }
        let head = if now.is_some() { format!("{object}: applying it would change\n") } else { format!("{object}: is not there; applying it would create\n") };
        self.found(origin, &(head + &written(&lines)))
    }

    /// The object as it would be.
    async fn tried(&self, manifest: &Manifest, namespace: Option<&str>, name: &str, object: &ObjectRef) -> Result<Value, Trouble> {
        let operation = format!("dry run of applying {object}");
        let request = Request::patch(format!("{}?{TRIED}", path_of(&manifest.kind, namespace, name)))
            .header(http::header::ACCEPT, accept::JSON)
            .header(http::header::CONTENT_TYPE, "application/apply-patch+yaml")
            .body(manifest.object.to_string().into_bytes())
            .map_err(|e| Trouble::new(TroubleClass::Invalid, &operation, &format!("no such request: {e}")))?;
        let body = self.cluster.send(&operation, request, READ).await.map_err(|failed| failed.trouble)?;
        serde_json::from_slice(&body).map_err(|e| Trouble::new(TroubleClass::Other, &operation, &format!("the server's answer is no object: {e}")))
    }
}

fn written(lines: &[diff::Line]) -> String {
    let mut out = String::new();
    for line in lines {
        match line {
            diff::Line::Same(text) => out.extend(["  ", text, "\n"]),
            diff::Line::Removed(text) => out.extend(["- ", text, "\n"]),
            diff::Line::Added(text) => out.extend(["+ ", text, "\n"]),
            diff::Line::Gap(count) => out.extend(["  … ", &count.to_string(), " equal lines\n"]),
        }
    }
    out
}
