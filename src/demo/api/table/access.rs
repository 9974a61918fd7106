//! Rows of role bindings and quotas.
use super::super::json::{fields, list, plain, text};
use serde_json::Value;

/// The cells of a binding.
pub fn binding(o: &Value, age: Value) -> Vec<Value> {
    let subjects = |kind: &str| {
        let named = |s: &&Value| text(s, "/kind") == kind;
        let name = |s: &Value| if kind == "ServiceAccount" { format!("{}/{}", text(s, "/namespace"), text(s, "/name")) } else { text(s, "/name").to_owned() };
        Value::from(list(o, "/subjects").iter().filter(named).map(name).collect::<Vec<_>>().join(", "))
    };
    let role = format!("{}/{}", text(o, "/roleRef/kind"), text(o, "/roleRef/name"));
    vec![text(o, "/metadata/name").into(), role.into(), age, subjects("User"), subjects("Group"), subjects("ServiceAccount")]
}

/// The cells of a quota: what is used of what is allowed.
pub fn quota(o: &Value, age: Value) -> Vec<Value> {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (name, hard) in fields(o, "/status/hard") {
        let used = o.pointer("/status/used").and_then(|u| u.get(name)).map(plain).unwrap_or_default();
        let cell = format!("{name}: {used}/{}", plain(hard));
        if name.starts_with("limits") { &mut limits } else { &mut requests }.push(cell);
    }
    vec![text(o, "/metadata/name").into(), requests.join(", ").into(), limits.join(", ").into(), age]
}
