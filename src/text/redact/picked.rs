//! Objects of which only a part will be shown: what a JSONPath or a column picks out stands without the name that says
//! what it is. So the whole object is redacted first, and the part is picked out of what is left.
use super::marks;
use super::{Redaction, Redactor};
use serde_json::Value;

impl Redactor {
    /// The object with each secret in it replaced by its mark, and what was taken out; `None` where what is left reads as
    /// no object any more.
    pub fn object(&self, value: Value) -> Option<(Value, Vec<Redaction>)> {
        let (text, taken) = self.redact(&serde_json::to_string_pretty(&value).ok()?);
        if taken.is_empty() {
            return Some((value, taken));
        }
        let value = serde_json::from_str(&text).or_else(|_| serde_json::from_str(&quoted(&text))).ok()?;
        Some((value, taken))
    }
}

impl Redaction {
    /// The mark that stands for it.
    pub fn mark(&self) -> String {
        format!("{}{} {} {}{}", super::MARK, self.kind, self.length, self.tag, super::MARK_END)
    }
}

/// Marks that stand for a number, in quotes.
fn quoted(text: &str) -> String {
    let b = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped, mut done) = (false, false, 0);
    for (i, c) in text.char_indices() {
        if i < done {
            continue;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = inside,
            '"' => inside = !inside,
            _ if !inside && let Some(end) = marks::end(b, i) => {
                out.extend(["\"", text.get(i..end).unwrap_or_default(), "\""]);
                done = end;
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_picked_out_of_an_object_was_redacted_with_it() {
        let redactor = Redactor::new([7; 32]);
        let key = format!("-----BEGIN {} KEY-----\n{}\n-----END {} KEY-----\n", "PRIVATE", "canary7x".repeat(8), "PRIVATE");
        let object = json!({"spec": {"containers": [{"env": [{"name": "DB_PASSWORD", "value": "canary \"7x\""}, {"name": "LEVEL", "value": "info"}]}]},
            "data": {"password": "canary7x", "pin_token": 12_345_678, "n": 3, "key.pem": key, "url": "postgres://a:canary7x@db/x", "note": "a \\ b \" c"}});
        let (out, taken) = redactor.object(object.clone()).unwrap();
        assert!(taken.len() >= 5 && !out.to_string().contains("canary") && !out.to_string().contains("12345678"), "{out}");
        let at = |pointer: &str| out.pointer(pointer).cloned().unwrap_or_default();
        assert!(at("/spec/containers/0/env/0/value").as_str().unwrap().starts_with("⟦redacted password"));
        assert!(at("/data/pin_token").as_str().unwrap().starts_with("⟦redacted token"));
        assert_eq!((at("/spec/containers/0/env/1/value"), at("/data/n"), at("/data/note")), (json!("info"), json!(3), json!("a \\ b \" c")));
        assert!(taken.iter().all(|one| out.to_string().contains(&one.mark())));
        let plain = json!({"a": "b"});
        assert_eq!(redactor.object(plain.clone()), Some((plain, Vec::new())));
    }
}
