//! Rows of nodes and of events.
use super::super::json::{fields, flag, int, list, text};
use super::{age, or_none};
use crate::model::Timestamp;
use serde_json::Value;

/// The cells of a node.
pub fn cells(o: &Value, name: Value, age: Value) -> Vec<Value> {
    let ready = list(o, "/status/conditions").iter().find(|c| text(c, "/type") == "Ready");
    let mut status = match ready.map(|c| text(c, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if flag(o, "/spec/unschedulable") {
        status.push_str(",SchedulingDisabled");
    }
    let role = |(key, value): (&String, &Value)| match key.strip_prefix("node-role.kubernetes.io/") {
        Some(role) if !role.is_empty() => Some(role.to_owned()),
        _ => (key == "kubernetes.io/role").then(|| value.as_str().unwrap_or_default().to_owned()),
    };
    let roles: Vec<String> = fields(o, "/metadata/labels").filter_map(role).collect();
    let address = |kind: &str| or_none(list(o, "/status/addresses").iter().find(|a| text(a, "/type") == kind).map(|a| text(a, "/address")).unwrap_or_default());
    let info = |field: &str| match text(o, &format!("/status/nodeInfo/{field}")) {
        "" => "<unknown>".to_owned(),
        value => value.to_owned(),
    };
    vec![
        name,
        status.into(),
        or_none(&roles.join(",")).into(),
        age,
        text(o, "/status/nodeInfo/kubeletVersion").into(),
        address("InternalIP").into(),
        address("ExternalIP").into(),
        info("osImage").into(),
        info("kernelVersion").into(),
        info("containerRuntimeVersion").into(),
    ]
}

/// The cells of an event.
pub fn event(o: &Value, now: Timestamp) -> Vec<Value> {
    let time = |pointers: &[&'static str]| pointers.iter().find_map(|p| o.pointer(p).and_then(Value::as_str)).map(|t| age::since(Some(t), now));
    let first = time(&["/firstTimestamp", "/eventTime"]);
    let mut last = time(&["/lastTimestamp"]).or_else(|| first.clone());
    let mut count = int(o, "/count").unwrap_or(1).max(1);
    if o.pointer("/series").is_some_and(|s| !s.is_null()) {
        last = time(&["/series/lastObservedTime"]);
        count = int(o, "/series/count").unwrap_or(count);
    }
    let unknown = |t: Option<String>| Value::from(t.unwrap_or_else(|| "<unknown>".to_owned()));
    let target = format!("{}/{}", text(o, "/involvedObject/kind").to_lowercase(), text(o, "/involvedObject/name"));
    let component = match text(o, "/source/component") {
        "" => text(o, "/reportingComponent"),
        component => component,
    };
    let source = match text(o, "/source/host") {
        "" => component.to_owned(),
        host => format!("{component}, {host}"),
    };
    vec![
        unknown(last),
        text(o, "/type").into(),
        text(o, "/reason").into(),
        target.into(),
        text(o, "/involvedObject/fieldPath").into(),
        source.into(),
        text(o, "/message").trim().into(),
        unknown(first),
        count.into(),
        text(o, "/metadata/name").into(),
    ]
}
