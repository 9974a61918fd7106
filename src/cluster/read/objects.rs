//! Objects as JSON: fetched by kind and name or as a page of a list, and small pure looks into them.
use crate::cluster::http::{accept, encode, with_query};
use crate::cluster::{Cluster, is_secret};
use crate::model::operation::Selectors;
use crate::model::{KindRef, Timestamp, Trouble, TroubleClass};
use serde_json::Value;

/// A page of a list.
pub(in crate::cluster) struct List {
    /// The objects, without managedFields.
    pub items: Vec<Value>,
    /// The list's resourceVersion.
    pub version: String,
    /// What the limit left out; `Some(0)` when the server does not say how many.
    pub more: Option<u64>,
}

/// `GET` path of one object.
pub(in crate::cluster) fn path_of(kind: &KindRef, namespace: Option<&str>, name: &str) -> String {
    format!("{}/{}", kind.path(namespace.map(encode).as_deref()), encode(name))
}

impl Cluster {
    /// One object, whole but for managedFields. Never a Secret.
    pub(in crate::cluster) async fn object(&self, kind: &KindRef, namespace: Option<&str>, name: &str) -> Result<Value, Trouble> {
        let place = namespace.filter(|_| kind.namespaced).map(|n| format!(" in {n}")).unwrap_or_default();
        let operation = format!("get {}/{name}{place}", kind.kind.to_lowercase());
        if is_secret(kind) {
            return Err(Trouble::new(TroubleClass::Refused, &operation, "values of Secrets are never read"));
        }
        if kind.namespaced && namespace.is_none() {
            return Err(Trouble::new(TroubleClass::Invalid, &operation, "a name needs a namespace").hint("Name the namespace with -n."));
        }
        let mut object: Value = self.fetch_as(&operation, &path_of(kind, namespace, name), accept::JSON).await?;
        strip(&mut object);
        Ok(object)
    }

    /// The first page of a list. Never of Secrets.
    pub(in crate::cluster) async fn list(&self, kind: &KindRef, namespace: Option<&str>, selectors: &Selectors, limit: u32) -> Result<List, Trouble> {
        let place = if kind.namespaced { namespace.map_or_else(|| " in all namespaces".to_owned(), |n| format!(" in {n}")) } else { String::new() };
        let operation = format!("list {}{place}", kind.resource);
        if is_secret(kind) {
            return Err(Trouble::new(TroubleClass::Refused, &operation, "values of Secrets are never read"));
        }
        let limit = limit.to_string();
        let path = with_query(
            &kind.path(namespace.map(encode).as_deref()),
            &[
                ("labelSelector", selectors.labels.as_deref().unwrap_or_default()),
                ("fieldSelector", selectors.fields.as_deref().unwrap_or_default()),
                ("limit", &limit),
            ],
        );
        let mut page: Value = self.fetch_as(&operation, &path, accept::JSON).await?;
        let more = more(&page);
        let version = text(&page, "/metadata/resourceVersion").to_owned();
        let mut items = match page.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        for item in &mut items {
            strip(item);
            if let Some(item) = item.as_object_mut() {
                item.entry("apiVersion").or_insert_with(|| kind.api_version().into());
                item.entry("kind").or_insert_with(|| kind.kind.clone().into());
            }
        }
        Ok(List { items, version, more })
    }
}

/// What a page's limit left out.
pub(in crate::cluster) fn more(page: &Value) -> Option<u64> {
    let more = !text(page, "/metadata/continue").is_empty();
    more.then(|| page.pointer("/metadata/remainingItemCount").and_then(Value::as_u64).unwrap_or(0))
}

fn strip(object: &mut Value) {
    if let Some(meta) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
}

/// The text at a JSON pointer; empty when there is none.
pub(in crate::cluster) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number at a JSON pointer.
pub(in crate::cluster) fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer).and_then(Value::as_i64)
}

/// The array at a JSON pointer; empty when there is none.
pub(in crate::cluster) fn array<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A scalar as kubectl prints it.
pub(in crate::cluster) fn scalar(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `a=b,c=d` of a map; `<none>` when it is empty.
pub(in crate::cluster) fn pairs(value: Option<&Value>) -> String {
    let pairs: Vec<String> = value.and_then(Value::as_object).into_iter().flatten().map(|(k, v)| format!("{k}={}", scalar(v))).collect();
    if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") }
}

/// A label selector's query text for `spec.selector` with `matchLabels` and `matchExpressions`, or a plain map.
pub(in crate::cluster) fn selector(value: Option<&Value>) -> String {
    let Some(value) = value else { return String::new() };
    let plain = value.get("matchLabels").is_none() && value.get("matchExpressions").is_none();
    let labels = if plain { Some(value) } else { value.get("matchLabels") };
    let mut out: Vec<String> = labels.and_then(Value::as_object).into_iter().flatten().map(|(k, v)| format!("{k}={}", scalar(v))).collect();
    for e in array(value, "/matchExpressions") {
        let key = text(e, "/key");
        let values: Vec<String> = array(e, "/values").iter().map(scalar).collect();
        out.push(match text(e, "/operator") {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        });
    }
    out.join(",")
}

/// Whether an object's controller has this uid.
pub(in crate::cluster) fn owned_by(value: &Value, uid: &str) -> bool {
    array(value, "/metadata/ownerReferences").iter().any(|o| text(o, "/uid") == uid && o.get("controller").and_then(Value::as_bool) == Some(true))
}

/// The time at a JSON pointer.
pub(in crate::cluster) fn time(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer).parse().ok()
}

/// An age as kubectl's columns have it: `45s`, `3m`, `2h`, `5d`.
pub(in crate::cluster) fn age(then: Option<Timestamp>, now: Timestamp) -> String {
    let Some(then) = then else { return "<unknown>".to_owned() };
    let seconds = now.as_second().saturating_sub(then.as_second()).max(0);
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_selector_is_written_as_the_query_wants_it() {
        let full = json!({"matchLabels": {"app": "a"}, "matchExpressions": [{"key": "t", "operator": "NotIn", "values": ["x", "y"]}, {"key": "z", "operator": "DoesNotExist"}]});
        assert_eq!(selector(Some(&full)), "app=a,t notin (x,y),!z");
        assert_eq!(selector(Some(&json!({"app": "a"}))), "app=a");
    }

    #[test]
    fn ages_are_whole_units() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        for (seconds, want) in [(5, "5s"), (150, "2m"), (7_300, "2h"), (180_000, "2d")] {
            assert_eq!(age(Some(Timestamp::from_second(1_000_000 - seconds).unwrap()), now), want);
        }
    }
}
