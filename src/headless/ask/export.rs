//! `--export DIR`: every request body exactly as it was sent, the evidence as the model read it, and the record.
use crate::agent::Agent;
use crate::model::{Looked, TurnId};
use crate::store::folder;
use anyhow::Context as _;
use std::path::Path;

/// Writes `request-N.json` (the bytes that went out), `E1.txt` and so on, and `record.json`; all 0600.
pub fn write(to: &Path, agent: &Agent, turn: TurnId, record: &serde_json::Value) -> anyhow::Result<()> {
    let put = |name: String, bytes: &[u8]| {
        let path = to.join(name);
        folder::replace(&path, bytes).with_context(|| format!("write {}", path.display()))
    };
    folder::private(to).with_context(|| format!("make the folder {}", to.display()))?;
    for (n, request) in (1..).zip(agent.ledger().requests().iter().filter(|r| r.turn == turn)) {
        put(format!("request-{n}.json"), request.body.bytes())?;
    }
    for evidence in agent.ledger().evidence().iter().filter(|e| e.turn == turn) {
        // What was sent of it where it was sent; else what was read.
        let sent = agent.ledger().carrier(evidence.id).map(|s| s.text.text().to_owned());
        let text = sent.unwrap_or_else(|| match &evidence.reading.looked {
            Looked::Found(text) => text.text().to_owned(),
            Looked::Nothing(what) => what.to_string(),
            Looked::Denied(trouble) | Looked::Failed(trouble) => trouble.to_string(),
        });
        put(format!("{}.txt", evidence.id), text.as_bytes())?;
    }
    put("record.json".into(), serde_json::to_string_pretty(record)?.as_bytes())
}
