//! What an approval is bound to: the requests byte for byte, and the objects less what changes by itself. Pure.
use crate::model::{Digest, PlannedRequest, Reviewed};
use serde_json::Value;

/// An object without what changes by itself: status, managedFields, versions, times, and the copy that `apply` keeps.
pub(in crate::cluster) fn settled(object: &Value) -> Value {
    let mut out = with_status(object);
    if let Some(map) = out.as_object_mut() {
        map.remove("status");
    }
    out
}

/// The same with its status, for a change that is about the status.
pub(in crate::cluster) fn with_status(object: &Value) -> Value {
    let mut out = object.clone();
    if let Some(meta) = out.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        for key in ["managedFields", "resourceVersion", "generation", "creationTimestamp", "selfLink", "uid"] {
            meta.remove(key);
        }
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            // written by the deployment's controller, after the fact
            annotations.remove("deployment.kubernetes.io/revision");
            if annotations.is_empty() {
                meta.remove("annotations");
            }
        }
    }
    out
}

/// The digest of one object less what changes by itself. Keys are sorted by the JSON library.
pub(in crate::cluster) fn fingerprint(object: &Value) -> Digest {
    Digest::of(settled(object).to_string().as_bytes())
}

/// The digest of a plan.
pub(in crate::cluster) fn digest(context: &str, requests: &[PlannedRequest], objects: &[Reviewed]) -> Digest {
    let mut bytes = Vec::new();
    // every part is preceded by its length, so that no two plans write the same bytes
    let mut part = |b: &[u8]| {
        bytes.extend_from_slice(&(b.len() as u64).to_be_bytes());
        bytes.extend_from_slice(b);
    };
    part(b"kopilot-tui plan 2");
    part(context.as_bytes());
    part(&(requests.len() as u64).to_be_bytes());
    for r in requests {
        part(r.method.as_bytes());
        part(r.path.as_bytes());
        part(r.query.as_bytes());
        part(r.content_type.as_bytes());
        part(&r.body);
    }
    for o in objects {
        part(o.kind.api_version().as_bytes());
        part(o.object.kind.as_bytes());
        part(o.object.namespace.as_bytes());
        part(o.object.name.as_bytes());
        part(o.uid.as_bytes());
        part(&o.fingerprint.0);
    }
    Digest::of(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KindRef, ObjectRef};
    use serde_json::json;

    #[test]
    fn what_changes_by_itself_leaves_the_fingerprint_alone_and_all_else_moves_it() {
        let base = json!({"metadata": {"name": "a", "uid": "u", "resourceVersion": "1"}, "spec": {"replicas": 1}});
        let with = |pointer: &str, value: Value| {
            let mut o = base.clone();
            o.pointer_mut("/metadata").unwrap()["annotations"] = json!({});
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            o.pointer_mut(parent).unwrap()[key] = value;
            fingerprint(&o)
        };
        for (pointer, value, same) in [
            ("/status", json!({"x": 1}), true),
            ("/metadata/resourceVersion", json!("2"), true),
            ("/metadata/managedFields", json!([1]), true),
            ("/metadata/generation", json!(5), true),
            ("/metadata/annotations", json!({"deployment.kubernetes.io/revision": "3"}), true),
            ("/spec/replicas", json!(2), false),
            ("/metadata/labels", json!({"a": "b"}), false),
            ("/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"), false),
        ] {
            assert_eq!(with(pointer, value) == fingerprint(&base), same, "{pointer}");
        }
    }

    #[test]
    fn every_part_of_a_plan_moves_its_digest() {
        let request = PlannedRequest { method: "PATCH", path: "/p".into(), query: "q".into(), content_type: "c", body: b"b".to_vec() };
        let object = Reviewed {
            object: ObjectRef::new("Pod", "n", "a"),
            kind: KindRef::new("", "v1", "pods", "Pod", true),
            uid: "u".into(),
            resource_version: "1".into(),
            before: crate::text::Clean::default(),
            fingerprint: Digest::of(b"1"),
            diff: vec![],
        };
        let base = digest("ctx", std::slice::from_ref(&request), std::slice::from_ref(&object));
        let changed = [
            digest("other", std::slice::from_ref(&request), std::slice::from_ref(&object)),
            digest("ctx", &[PlannedRequest { path: "/q".into(), ..request.clone() }], std::slice::from_ref(&object)),
            digest("ctx", &[PlannedRequest { body: b"c".to_vec(), ..request.clone() }], std::slice::from_ref(&object)),
            digest("ctx", &[PlannedRequest { query: String::new(), ..request.clone() }], std::slice::from_ref(&object)),
            digest("ctx", std::slice::from_ref(&request), &[Reviewed { uid: "v".into(), ..object.clone() }]),
            digest("ctx", std::slice::from_ref(&request), &[Reviewed { fingerprint: Digest::of(b"2"), ..object.clone() }]),
            digest("ctx", std::slice::from_ref(&request), &[]),
        ];
        assert!(changed.iter().all(|d| *d != base));
        // the version alone is no reason to ask again
        assert_eq!(base, digest("ctx", &[request], &[Reviewed { resource_version: "2".into(), ..object }]));
    }
}
