//! Events in the form of `events.k8s.io`: the same objects under other names. They are kept in the core form.
use super::json::{object, set, text};
use serde_json::{Map, Value};

/// Core field, its name in `events.k8s.io`.
const NAMES: &[(&str, &str)] = &[
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
    ("reportingComponent", "reportingController"),
];

/// The `events.k8s.io` view of a core event.
pub fn regarding(core: &Value) -> Value {
    rename(core, |name| NAMES.iter().find(|(old, _)| *old == name).map(|(_, new)| *new))
}

/// The core form of an `events.k8s.io` event.
pub fn involved(new: &Value) -> Value {
    let mut out = rename(new, |name| NAMES.iter().find(|(_, new)| *new == name).map(|(old, _)| *old));
    let from = text(&out, "/reportingComponent").to_owned();
    if out.pointer("/source/component").is_none() && !from.is_empty() {
        object(&mut out, &["source"]).insert("component".into(), from.into());
    }
    set(&mut out, "apiVersion", "v1");
    out
}

fn rename(from: &Value, name: impl Fn(&str) -> Option<&'static str>) -> Value {
    let fields = from.as_object().into_iter().flatten();
    Value::Object(fields.map(|(k, v)| (name(k).map_or_else(|| k.clone(), str::to_owned), v.clone())).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_reads_the_same_through_both_groups() {
        let core =
            json!({"apiVersion": "v1", "involvedObject": {"kind": "Pod"}, "message": "m", "count": 2, "source": {"component": "kubelet"}, "type": "Warning"});
        let new = regarding(&core);
        assert_eq!((&new["regarding"]["kind"], &new["note"], &new["deprecatedCount"]), (&json!("Pod"), &json!("m"), &json!(2)));
        assert_eq!(involved(&new), core);
    }
}
