//! Reading and writing JSON objects by pointer, as every controller does: an absent field reads as empty, zero or false,
//! as it would from a Go struct. Not a schema: nothing is checked.
use crate::model::Timestamp;
use serde_json::{Map, Value, json};

static NULL: Value = Value::Null;

/// Access by JSON pointer (`/metadata/labels`, `~1` for a slash in a key).
pub trait View {
    /// The value there, `null` when there is none.
    fn at(&self, pointer: &str) -> &Value;
    /// A string, empty when there is none.
    fn text(&self, pointer: &str) -> &str;
    /// A number, 0 when there is none.
    fn int(&self, pointer: &str) -> i64;
    /// A number, `or` when there is none.
    fn int_or(&self, pointer: &str, or: i64) -> i64;
    /// A truth, false when there is none.
    fn flag(&self, pointer: &str) -> bool;
    /// An array, empty when there is none.
    fn list(&self, pointer: &str) -> &[Value];
    /// An object's entries, none when there is none.
    fn entries(&self, pointer: &str) -> Box<dyn Iterator<Item = (&String, &Value)> + '_>;
    /// An instant.
    fn time(&self, pointer: &str) -> Option<Timestamp>;
    /// Whether something other than `null` is there.
    fn has(&self, pointer: &str) -> bool;
    /// Writes a value, making the objects on the way.
    fn set(&mut self, pointer: &str, value: Value);
    /// Writes a value when nothing is there.
    fn default(&mut self, pointer: &str, value: Value);
    /// Takes a field away.
    fn unset(&mut self, pointer: &str);
    /// The array there, made when there is none.
    fn items(&mut self, pointer: &str) -> Option<&mut Vec<Value>>;
}

impl View for Value {
    fn at(&self, pointer: &str) -> &Value {
        self.pointer(pointer).unwrap_or(&NULL)
    }
    fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }
    fn int(&self, pointer: &str) -> i64 {
        self.int_or(pointer, 0)
    }
    fn int_or(&self, pointer: &str, or: i64) -> i64 {
        self.at(pointer).as_i64().unwrap_or(or)
    }
    fn flag(&self, pointer: &str) -> bool {
        self.at(pointer).as_bool().unwrap_or_default()
    }
    fn list(&self, pointer: &str) -> &[Value] {
        self.at(pointer).as_array().map(Vec::as_slice).unwrap_or_default()
    }
    fn entries(&self, pointer: &str) -> Box<dyn Iterator<Item = (&String, &Value)> + '_> {
        Box::new(self.at(pointer).as_object().into_iter().flatten())
    }
    fn time(&self, pointer: &str) -> Option<Timestamp> {
        self.at(pointer).as_str()?.parse().ok()
    }
    fn has(&self, pointer: &str) -> bool {
        !self.at(pointer).is_null()
    }
    fn set(&mut self, pointer: &str, value: Value) {
        if let Some(slot) = slot(self, pointer) {
            *slot = value;
        }
    }
    fn default(&mut self, pointer: &str, value: Value) {
        if !self.has(pointer) {
            self.set(pointer, value);
        }
    }
    fn unset(&mut self, pointer: &str) {
        let Some((parent, name)) = pointer.rsplit_once('/') else { return };
        if let Some(Value::Object(map)) = self.pointer_mut(parent) {
            map.remove(&name.replace("~1", "/"));
        }
    }
    fn items(&mut self, pointer: &str) -> Option<&mut Vec<Value>> {
        let slot = slot(self, pointer)?;
        if slot.is_null() {
            *slot = json!([]);
        }
        slot.as_array_mut()
    }
}

/// The place of a pointer, with the objects on the way made; `None` when something else stands there.
fn slot<'a>(value: &'a mut Value, pointer: &str) -> Option<&'a mut Value> {
    let mut here = value;
    for part in pointer.split('/').skip(1) {
        if here.is_null() {
            *here = Value::Object(Map::new());
        }
        here = here.as_object_mut()?.entry(part.replace("~1", "/")).or_insert(Value::Null);
    }
    Some(here)
}

/// An instant as Kubernetes writes `metav1.Time`: whole seconds.
pub fn seconds(at: Timestamp) -> Value {
    Value::from(Timestamp::from_second(at.as_second()).unwrap_or(at).to_string())
}

/// An instant as Kubernetes writes `metav1.MicroTime`.
pub fn micros(at: Timestamp) -> Value {
    Value::from(format!("{at:.6}"))
}

/// `base` plus so many seconds; `base` itself beyond the end of time.
pub fn later(base: Timestamp, secs: i64) -> Timestamp {
    base.checked_add(jiff::SignedDuration::from_secs(secs)).unwrap_or(base)
}

/// Whole seconds from `from` to `to`; negative when `to` is earlier.
pub fn elapsed(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

/// `metadata.ownerReferences` entry of the controller.
pub fn controller_of(object: &Value) -> Option<&Value> {
    object.list("/metadata/ownerReferences").iter().find(|o| o.flag("/controller"))
}

/// A status condition by its type.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object.list("/status/conditions").iter().find(|c| c.text("/type") == kind)
}

/// Whether a status condition is `True`.
pub fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|c| c.text("/status") == "True")
}

/// A zero is left out, as Go's `omitempty` does.
pub fn count(n: i64) -> Value {
    if n == 0 { Value::Null } else { Value::from(n) }
}

/// Takes the nulls out of an object's first level.
pub fn compact(mut value: Value) -> Value {
    if let Value::Object(map) = &mut value {
        map.retain(|_, v| !v.is_null());
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_reads_as_empty_and_a_write_makes_the_way() {
        let mut v = json!({});
        assert_eq!((v.text("/a/b"), v.int("/a"), v.flag("/x"), v.list("/y").len()), ("", 0, false, 0));
        v.set("/metadata/annotations/deployment.kubernetes.io~1revision", json!("2"));
        assert_eq!(v["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "2");
        v.unset("/metadata/annotations/deployment.kubernetes.io~1revision");
        assert_eq!(v, json!({"metadata": {"annotations": {}}}));
    }

    #[test]
    fn times_are_written_as_the_api_machinery_writes_them() {
        let at: Timestamp = "2026-11-21T09:08:51.320154999Z".parse().unwrap();
        assert_eq!(seconds(at), "2026-11-21T09:08:51Z");
        assert_eq!(micros(at), "2026-11-21T09:08:51.320154Z");
    }
}
