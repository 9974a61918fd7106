//! One line of the chain. Its hash covers every other field, in the order of their names.
use crate::model::Digest;
use serde::Serialize;

/// A line before it is sealed; empty fields are left out.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Line {
    pub seq: u64,
    pub at: String,
    pub kind: &'static str,
    pub user: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub login: String,
    pub role: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cluster: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub context: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub command: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub risk: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub rule: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub digest: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub decision: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub edited_from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub granted_by: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub allows: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub before: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_version: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resulting: Vec<String>,
    pub prev: String,
}

impl Line {
    /// The line as it is written, with its newline, and its hash.
    pub(super) fn sealed(&self) -> (String, String) {
        // A struct of strings and numbers always serialises; a map sorts its keys, so the hashed form is one.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        let hash = Digest::of(value.to_string().as_bytes()).hex();
        if let Some(map) = value.as_object_mut() {
            map.insert("hash".into(), hash.clone().into());
        }
        (format!("{value}\n"), hash)
    }
}

/// What a written line says of itself, once its hash is checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Counted from 1.
    pub seq: u64,
    /// The hash of the line before.
    pub prev: String,
    /// Its own.
    pub hash: String,
    /// All fields.
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// Reads a line and checks its hash; the error says what is wrong with it.
pub fn check(text: &str) -> Result<Checked, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| format!("it is no JSON ({e})"))?;
    let serde_json::Value::Object(mut fields) = value else { return Err("it is no JSON object".into()) };
    let said = fields.remove("hash").and_then(|h| h.as_str().map(str::to_owned)).ok_or("it carries no hash")?;
    let hash = Digest::of(serde_json::Value::Object(fields.clone()).to_string().as_bytes()).hex();
    if said != hash {
        return Err(format!("its hash is {said} but its content hashes to {hash}: it was altered"));
    }
    let seq = fields.get("seq").and_then(serde_json::Value::as_u64).ok_or("it carries no number")?;
    let prev = fields.get("prev").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    fields.insert("hash".into(), hash.clone().into());
    Ok(Checked { seq, prev, hash, fields })
}
