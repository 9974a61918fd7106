//! JSON and YAML that came in a call, to values that mean one thing only.
//!
//! A key that stands twice is refused (parsers differ on which counts, and a person reads the first), and so are invisible
//! characters and numbers that would not survive being written again. What is sent is always made from the value.
use super::Refusal;
use crate::text::clean::is_plain;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// More than this is no change that anyone can review.
const LONGEST: usize = 256 * 1024;
/// Nor is what aliases blow up to more than this many parts.
const REPEATED: usize = 20_000;

fn options() -> serde_saphyr::Options {
    let mut options = serde_saphyr::Options::default();
    options.alias_limits.max_total_replayed_events = REPEATED;
    options
}

/// The documents of a manifest: YAML, several divided by `---`, or JSON.
pub fn documents(text: &str) -> Result<Vec<Value>, Refusal> {
    if text.len() > LONGEST {
        return Err(Refusal::new("too-long", format!("The manifest has {} bytes; {LONGEST} is the most. Send fewer objects at once.", text.len())));
    }
    invisible(text, "The manifest")?;
    let found: Vec<Strict> = match from_json(text) {
        Some(found) => found,
        None => serde_saphyr::from_multiple_with_options(text, options()).map_err(|e| broken("The manifest", &e.to_string()))?,
    };
    found.into_iter().map(|s| settled(s.0, "The manifest")).filter(|v| !matches!(v, Ok(Value::Null))).collect()
}

/// One value on a line: the body of a patch.
pub fn value(text: &str, what: &str) -> Result<Value, Refusal> {
    let found: Strict = match serde_json::from_str(text) {
        Ok(found) => found,
        Err(json) if text.trim_start().starts_with(['{', '[']) && json.is_data() => return Err(broken(what, &json.to_string())),
        Err(_) => serde_saphyr::from_str_with_options(text, options()).map_err(|e| broken(what, &e.to_string()))?,
    };
    settled(found.0, what)
}

/// `None`: it is no JSON, so it may be YAML.
fn from_json(text: &str) -> Option<Vec<Strict>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    serde_json::Deserializer::from_str(text).into_iter::<Strict>().collect::<Result<_, _>>().ok()
}

fn broken(what: &str, why: &str) -> Refusal {
    let first: String = why.lines().next().unwrap_or_default().chars().filter(|c| is_plain(*c)).take(200).collect();
    Refusal::new("bad-manifest", format!("{what} is neither JSON nor YAML that counts here: {first}. Correct it and send it again."))
}

/// Refuses what no text of a value may hold.
fn invisible(text: &str, what: &str) -> Result<(), Refusal> {
    match text.chars().find(|c| !is_plain(*c) && !['\n', '\t', '\r'].contains(c)) {
        Some(c) => Err(Refusal::new(
            "control-character",
            format!("{what} holds the character U+{:04X}, which a person can not see. Write it without, or in a form that can be read.", u32::from(c)),
        )),
        None => Ok(()),
    }
}

/// The value, where it reads the same after being written.
fn settled(value: Value, what: &str) -> Result<Value, Refusal> {
    visible(&value, what)?;
    let again = serde_json::from_str::<Value>(&value.to_string()).ok();
    if again.as_ref() == Some(&value) {
        return Ok(value);
    }
    Err(Refusal::new("bad-value", format!("{what} holds a number with more digits than can be kept. Write it as a string, or shorter.")))
}

fn visible(value: &Value, what: &str) -> Result<(), Refusal> {
    match value {
        Value::String(text) => invisible(text, what),
        Value::Array(items) => items.iter().try_for_each(|v| visible(v, what)),
        Value::Object(map) => map.iter().try_for_each(|(key, v)| invisible(key, what).and_then(|()| visible(v, what))),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// A value whose objects hold each key once.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Once)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }
    fn visit_none<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }
    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Strict, D::Error> {
        Strict::deserialize(inner)
    }
    fn visit_bool<E>(self, v: bool) -> Result<Strict, E> {
        Ok(Strict(v.into()))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Strict, E> {
        Ok(Strict(v.into()))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Strict, E> {
        Ok(Strict(v.into()))
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<Strict, E> {
        Number::from_f64(v).map(|n| Strict(Value::Number(n))).ok_or_else(|| E::custom("a number that JSON does not have"))
    }
    fn visit_str<E>(self, v: &str) -> Result<Strict, E> {
        Ok(Strict(v.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut out = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            out.push(item);
        }
        Ok(Strict(Value::Array(out)))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Strict, A::Error> {
        let mut out = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if out.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` stands twice")));
            }
            out.insert(key, value);
        }
        Ok(Strict(Value::Object(out)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_and_yaml_come_to_the_same_value() {
        for text in ["{\"spec\":{\"replicas\":3}}", "spec: {replicas: 3}", "{spec: {replicas: 3}}", "spec:\n  replicas: 3\n"] {
            assert_eq!(documents(text).unwrap(), [json!({"spec": {"replicas": 3}})], "{text}");
            assert_eq!(value(text, "The patch").unwrap(), json!({"spec": {"replicas": 3}}), "{text}");
        }
        assert_eq!(documents("---\na: 1\n---\n---\nb: yes\n").unwrap(), [json!({"a": 1}), json!({"b": true})]);
        assert_eq!(documents("{\"a\":1}\n{\"b\":2}").unwrap().len(), 2);
        assert_eq!(documents("{\"a\":1}\n---\n{\"b\":2}").unwrap().len(), 2);
        assert_eq!(documents("# nothing\n").unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn what_means_two_things_is_refused() {
        for (text, rule) in [
            ("{\"a\":1,\"a\":2}", "bad-manifest"),
            ("a: 1\na: 2\n", "bad-manifest"),
            ("x: {b: {c: 1, c: 2}}", "bad-manifest"),
            ("a: [", "bad-manifest"),
            ("a: .nan", "bad-manifest"),
            ("a: \"\\u202e\"", "control-character"),
            ("{\"a\":\"\\u0007\"}", "control-character"),
            ("a: \u{1b}[2J", "control-character"),
        ] {
            assert_eq!(documents(text).unwrap_err().rule, rule, "{text}");
        }
        assert_eq!(documents(&"a".repeat(LONGEST + 1)).unwrap_err().rule, "too-long");
        assert!(value("{\"a\":1,\"a\":2}", "The patch").is_err());
    }
}
