//! `certificate approve` and `deny`: a condition of the signing request, through its `approval` subresource.
use super::choose::Change;
use super::request::put;
use super::{Draft, Shows, Step, already, not_for, reference};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{array, text};
use crate::model::operation::Objects;
use crate::model::{KindRef, Operation, Trouble, TroubleClass};
use serde_json::{Value, json};

impl Cluster {
    /// `certificate approve` (`granted`) or `certificate deny`.
    pub(super) async fn certify(&self, objects: &Objects, granted: bool, namespace: &str, operation: &Operation) -> Result<Draft, Trouble> {
        let now = (self.now)().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut draft = self.each(objects, namespace, operation, |kind, before| certified(kind, before, granted, &now)).await?;
        for step in &draft.steps {
            let (user, signer) = (text(&step.before, "/spec/username"), text(&step.before, "/spec/signerName"));
            let word = if granted { "Approving" } else { "Denying" };
            draft.notes.push(format!("{word} can not be taken back. {} was asked for by {user} of the signer {signer}.", step.object.name));
        }
        Ok(draft)
    }
}

fn certified(kind: &KindRef, before: Value, granted: bool, now: &str) -> Result<Change, Trouble> {
    let (verb, condition) = if granted { ("approve", "Approved") } else { ("deny", "Denied") };
    if kind.resource != "certificatesigningrequests" {
        return Err(not_for(&format!("certificate {verb}"), kind, "certificatesigningrequests"));
    }
    let object = reference(kind, &before);
    let has = |name: &str| array(&before, "/status/conditions").iter().any(|c| text(c, "/type") == name);
    if has(condition) {
        return Ok(Change::Already(already(&format!("certificate {verb}"), &object, &format!("it has the condition {condition} already"))));
    }
    let other = if granted { "Denied" } else { "Approved" };
    if has(other) {
        return Err(Trouble::new(TroubleClass::Conflict, &format!("plan certificate {verb} {object}"), &format!("it has the condition {other}, which stands"))
            .hint("A new signing request is the only way."));
    }
    let mut body = before.clone();
    let new = json!({
        "type": condition, "status": "True", "lastUpdateTime": now, "reason": format!("Kopilot{}", if granted { "Approve" } else { "Deny" }),
        "message": format!("This CSR was {} by kopilot-tui certificate {verb}.", if granted { "approved" } else { "denied" }),
    });
    let mut conditions = array(&before, "/status/conditions").to_vec();
    conditions.push(new);
    if let Some(map) = body.as_object_mut() {
        map.entry("status").or_insert_with(|| json!({}));
    }
    if let Some(status) = body.pointer_mut("/status").and_then(Value::as_object_mut) {
        status.insert("conditions".to_owned(), conditions.into());
    }
    let request = put(kind, &before, "/approval", &body);
    Ok(Change::To(Step::change(kind, before, request, Shows::Status), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_approved_once_and_never_after_a_denial() {
        let kind = KindRef::new("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", false);
        let csr = |conditions: Value| json!({"metadata": {"name": "a", "uid": "u"}, "spec": {}, "status": {"conditions": conditions}});
        let Ok(Change::To(step, None)) = certified(&kind, csr(json!([])), true, "t") else { panic!("no change") };
        assert_eq!((step.request.method, step.request.path.as_str()), ("PUT", "/apis/certificates.k8s.io/v1/certificatesigningrequests/a/approval"));
        let body: Value = serde_json::from_slice(&step.request.body).unwrap();
        assert_eq!(text(&body, "/status/conditions/0/type"), "Approved");
        assert!(matches!(certified(&kind, csr(json!([{"type": "Approved"}])), true, "t"), Ok(Change::Already(_))));
        assert!(certified(&kind, csr(json!([{"type": "Denied"}])), true, "t").is_err());
        assert!(certified(&kind, json!({"metadata": {"name": "a"}}), false, "t").is_ok());
    }
}
