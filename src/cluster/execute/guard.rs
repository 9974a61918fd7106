//! Preconditions: the body of an approved request with the uid and the resourceVersion just read, so that the server
//! itself refuses what is no longer as reviewed. Pure.
use super::Fresh;
use crate::model::PlannedRequest;
use serde_json::{Map, Value, json};

/// Whether a request evicts a pod.
pub(super) fn is_eviction(planned: &PlannedRequest) -> bool {
    planned.method == "POST" && planned.path.ends_with("/eviction")
}

/// The body with its precondition. What makes an object has none: the server refuses a name that is taken.
pub(super) fn guarded(planned: &PlannedRequest, object: &Fresh) -> Result<Vec<u8>, String> {
    let mut body: Value = serde_json::from_slice(&planned.body).map_err(|e| format!("the plan's body is no JSON ({e})"))?;
    let (uid, version) = (object.uid.as_str(), object.version.as_str());
    match (&mut body, planned.method) {
        // a pod's status changes while its eviction waits, and what it is does not
        (Value::Object(map), "POST") if is_eviction(planned) => {
            inner(map, "deleteOptions")?.insert("preconditions".to_owned(), json!({"uid": uid}));
        }
        (Value::Object(_), "POST" | "PATCH") if uid.is_empty() => {}
        (Value::Array(operations), "PATCH") => {
            operations.insert(0, json!({"op": "test", "path": "/metadata/resourceVersion", "value": version}));
            operations.insert(0, json!({"op": "test", "path": "/metadata/uid", "value": uid}));
        }
        // an approval is a whole status: it stands on the very version that it was made from
        (Value::Object(map), "PUT") if planned.path.ends_with("/approval") => {
            let version = object.reviewed.resource_version.clone();
            let metadata = inner(map, "metadata")?;
            metadata.insert("uid".to_owned(), uid.into());
            metadata.insert("resourceVersion".to_owned(), version.into());
        }
        (Value::Object(map), "PATCH" | "PUT") => {
            let metadata = inner(map, "metadata")?;
            metadata.insert("uid".to_owned(), uid.into());
            metadata.insert("resourceVersion".to_owned(), version.into());
        }
        (Value::Object(map), "DELETE") => {
            map.insert("preconditions".to_owned(), json!({"uid": uid, "resourceVersion": version}));
        }
        (_, method) => return Err(format!("a {method} of this shape has no precondition")),
    }
    Ok(body.to_string().into_bytes())
}

fn inner<'a>(map: &'a mut Map<String, Value>, key: &str) -> Result<&'a mut Map<String, Value>, String> {
    map.entry(key).or_insert_with(|| json!({})).as_object_mut().ok_or_else(|| format!("the plan's {key} is no object"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, KindRef, ObjectRef, Reviewed};
    use crate::text::Clean;

    fn object(uid: &str) -> Fresh {
        Fresh {
            uid: uid.into(),
            version: "7".into(),
            reviewed: Reviewed {
                object: ObjectRef::new("Pod", "n", "a"),
                kind: KindRef::new("", "v1", "pods", "Pod", true),
                uid: uid.into(),
                resource_version: "5".into(),
                before: Clean::default(),
                fingerprint: Digest::of(b""),
                diff: vec![],
            },
        }
    }

    #[test]
    fn every_kind_of_write_carries_uid_and_version() {
        let versioned = json!({"uid": "u", "resourceVersion": "7"});
        for (method, path, body, want) in [
            ("PATCH", "/p", r#"{"spec":{"replicas":2}}"#, json!({"spec": {"replicas": 2}, "metadata": versioned})),
            ("PATCH", "/p", r#"{"metadata":{"labels":{"a":"b"}}}"#, json!({"metadata": {"labels": {"a": "b"}, "uid": "u", "resourceVersion": "7"}})),
            ("PUT", "/p/scale", r#"{"spec":{"replicas":2},"metadata":{"resourceVersion":"1"}}"#, json!({"spec": {"replicas": 2}, "metadata": versioned})),
            ("PUT", "/p/approval", r#"{"status":{}}"#, json!({"status": {}, "metadata": {"uid": "u", "resourceVersion": "5"}})),
            (
                "POST",
                "/p/eviction",
                r#"{"deleteOptions":{"gracePeriodSeconds":1}}"#,
                json!({"deleteOptions": {"gracePeriodSeconds": 1, "preconditions": {"uid": "u"}}}),
            ),
            ("DELETE", "/p", r#"{"propagationPolicy":"Background"}"#, json!({"propagationPolicy": "Background", "preconditions": versioned})),
            (
                "PATCH",
                "/p",
                r#"[{"op":"replace","path":"/a","value":1}]"#,
                json!([{"op": "test", "path": "/metadata/uid", "value": "u"}, {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}, {"op": "replace", "path": "/a", "value": 1}]),
            ),
        ] {
            let planned = PlannedRequest { method, path: path.into(), query: String::new(), content_type: "application/json", body: body.as_bytes().to_vec() };
            assert_eq!(serde_json::from_slice::<Value>(&guarded(&planned, &object("u")).unwrap()).unwrap(), want, "{method} {path}");
        }
    }

    #[test]
    fn what_makes_an_object_is_sent_as_planned_and_an_unknown_shape_is_not_sent() {
        let planned = |method, path: &str, body: &str| PlannedRequest {
            method,
            path: path.into(),
            query: String::new(),
            content_type: "x",
            body: body.as_bytes().to_vec(),
        };
        assert_eq!(guarded(&planned("POST", "/p", "{}"), &object("")).unwrap(), b"{}");
        assert_eq!(guarded(&planned("PATCH", "/p", "{}"), &object("")).unwrap(), b"{}");
        for wrong in [planned("POST", "/p", "{}"), planned("PUT", "/p", "[]"), planned("PATCH", "/p", "1"), planned("PATCH", "/p", r#"{"metadata":1}"#)] {
            assert!(guarded(&wrong, &object("u")).is_err(), "{wrong:?}");
        }
    }
}
