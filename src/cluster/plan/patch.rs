//! `patch`: what the caller states, in one of three types, of the object or of a subresource.
use super::choose::Change;
use super::request::{JSON_PATCH, MERGE, STRATEGIC, patch};
use super::{Draft, Shows, Step, reference};
use crate::cluster::Cluster;
use crate::cluster::read::objects::text;
use crate::model::operation::{Objects, PatchType};
use crate::model::{KindRef, Operation, Trouble, TroubleClass};
use serde_json::Value;

/// Fields that are ours to set, as preconditions.
const OURS: &[&str] = &["uid", "resourceVersion"];

impl Cluster {
    pub(super) async fn patch(
        &self,
        objects: &Objects,
        patch_type: PatchType,
        body: &Value,
        subresource: Option<&str>,
        namespace: &str,
        operation: &Operation,
    ) -> Result<Draft, Trouble> {
        self.each(objects, namespace, operation, |kind, before| patched(kind, before, patch_type, body, subresource)).await
    }
}

fn patched(kind: &KindRef, before: Value, patch_type: PatchType, body: &Value, subresource: Option<&str>) -> Result<Change, Trouble> {
    let refuse = |class, why: &str| Trouble::new(class, &format!("plan patch {}", reference(kind, &before)), why);
    let content_type = match patch_type {
        PatchType::Json => JSON_PATCH,
        PatchType::Merge => MERGE,
        PatchType::Strategic => STRATEGIC,
    };
    let shape = if patch_type == PatchType::Json { body.is_array() } else { body.is_object() && body.get("metadata").is_none_or(Value::is_object) };
    if !shape {
        return Err(refuse(TroubleClass::Invalid, "the patch has not the shape of its type: a JSON patch is a list, the others are objects"));
    }
    for field in OURS {
        let pointer = format!("/metadata/{field}");
        if let Some(stated) = body.pointer(&pointer)
            && stated.as_str() != Some(text(&before, &pointer))
        {
            return Err(refuse(TroubleClass::Conflict, &format!("it asks for {field} {stated}, and the object has {}", text(&before, &pointer)))
                .hint("Look again, then propose the change anew."));
        }
    }
    let (path, shows) = match subresource {
        None => (String::new(), Shows::Object),
        Some("scale") => ("/scale".to_owned(), Shows::Scale),
        Some("status") => ("/status".to_owned(), Shows::Status),
        Some(other) => (format!("/{other}"), Shows::Object),
    };
    let request = patch(kind, &before, &path, content_type, body);
    Ok(Change::To(Step::change(kind, before, request, shows), None))
}
