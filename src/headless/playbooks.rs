//! `playbooks`: what is known, and whether a file is right.
use super::out::{Out, code};
use crate::runtime::playbooks::{self, Known};
use std::io::Write;
use std::path::Path;

/// One line each: name, where it stands, what it is about.
pub fn list<W: Write>(known: &[Known], json: bool, out: &mut Out<W>) -> anyhow::Result<u8> {
    if json {
        let rows: Vec<_> = known
            .iter()
            .map(|k| serde_json::json!({"name": k.playbook.name, "place": k.place, "description": k.playbook.description, "steps": k.playbook.steps.len()}))
            .collect();
        out.json(&serde_json::Value::from(rows))?;
        return Ok(code::DONE);
    }
    let width = known.iter().map(|k| k.playbook.name.len()).max().unwrap_or(0);
    for k in known {
        out.line(&format!("{:<width$}  {}  ({})", k.playbook.name, k.playbook.description, k.place))?;
    }
    Ok(code::DONE)
}

/// Whether a file is a playbook: `FILE: ok`, or `FILE: line 3: …` and a usage error.
pub fn test<W: Write>(path: &Path, out: &mut Out<W>) -> anyhow::Result<u8> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) => {
            out.line(&format!("{}: {e}", path.display()))?;
            return Ok(code::USAGE);
        }
    };
    match playbooks::read(&text) {
        Ok(playbook) => {
            let steps = crate::diagnose::words::count(playbook.steps.len(), "step");
            out.line(&format!("{}: ok: `{}`, {steps}", path.display(), playbook.name))?;
            Ok(code::DONE)
        }
        Err(mistake) => {
            out.line(&format!("{}: {mistake}", path.display()))?;
            Ok(code::USAGE)
        }
    }
}
