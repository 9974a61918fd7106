//! `audit show`, `verify` and `export`: what was decided and what came of it, and whether that record is whole.
pub mod export;

use super::code;
use super::out::{Out, say};
use crate::store::audit::fate::{self, Undecided};
use crate::store::audit::verify::{self, Session};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;

fn sessions(folder: &Path) -> Result<Vec<Session>, u8> {
    verify::folder(folder).map_err(|e| {
        say(&format!("kopilot-tui: read the audit chain in {}: {e}", folder.display()));
        code::INCOMPLETE
    })
}

/// Checks every session; 3 where one is broken.
pub fn verify<W: Write>(folder: &Path, as_json: bool, out: &mut Out<W>) -> anyhow::Result<u8> {
    let sessions = match sessions(folder) {
        Ok(sessions) => sessions,
        Err(code) => return Ok(code),
    };
    let broken = sessions.iter().filter(|s| s.broken.is_some()).count();
    if as_json {
        let rows: Vec<Value> = sessions
            .iter()
            .map(|s| {
                let broken = s.broken.as_ref().map(|(line, why)| json!({"line": line, "why": why}));
                let undecided = fate::undecided(folder, s).iter().map(undecided_json).collect::<Vec<_>>();
                json!({"session": s.name, "lines": s.lines.len(), "broken": broken, "torn": s.torn, "undecided": undecided})
            })
            .collect();
        out.json(&json!({"folder": folder.display().to_string(), "ok": broken == 0, "sessions": rows}))?;
    } else {
        for s in &sessions {
            match &s.broken {
                None => {
                    let torn = if s.torn { ", and one that was half written when the process ended: nothing was done by it" } else { "" };
                    out.line(&format!("ok      {}  {} lines{torn}", s.name, s.lines.len()))?;
                }
                Some((0, why)) => out.line(&format!("BROKEN  {}  {why}", s.name))?,
                Some((line, why)) => out.line(&format!("BROKEN  {}  line {line}: {why}", s.name))?,
            }
        }
        let verdict = match (sessions.len(), broken) {
            (0, _) => "ok: no session has decided anything yet".to_owned(),
            (n, 0) => format!("ok: {n} session(s), every chain is whole"),
            (n, b) => format!("broken: {b} of {n} session(s)"),
        };
        out.line(&format!("{verdict}  ({})", folder.display()))?;
    }
    Ok(if broken == 0 { code::DONE } else { code::BROKEN })
}

/// Prints every sound line; 3 where a chain is broken.
pub fn show<W: Write>(folder: &Path, as_json: bool, out: &mut Out<W>) -> anyhow::Result<u8> {
    let sessions = match sessions(folder) {
        Ok(sessions) => sessions,
        Err(code) => return Ok(code),
    };
    let mut broken = false;
    for session in &sessions {
        for line in &session.lines {
            if as_json {
                out.json(&Value::Object(line.fields.clone()))?;
            } else {
                out.line(&told(&line.fields))?;
            }
        }
        for undecided in fate::undecided(folder, session) {
            if as_json { out.json(&undecided_json(&undecided)) } else { out.line(&told_undecided(&undecided)) }?;
        }
        if let Some((line, why)) = &session.broken {
            broken = true;
            say(&format!("kopilot-tui: {} is broken at line {line}: {why}", session.name));
        }
    }
    Ok(if broken { code::BROKEN } else { code::DONE })
}

/// A decision without an outcome, as JSON beside the lines that are kept.
fn undecided_json(u: &Undecided) -> Value {
    let outcome = if u.under_way { "under way" } else { "unknown" };
    json!({"kind": "undecided", "decided_by_line": u.seq, "at": u.at, "context": u.context, "command": u.command, "outcome": outcome})
}

fn told_undecided(u: &Undecided) -> String {
    let safe = super::out::safe;
    let fate = if u.under_way {
        "under way: the program that decided it still runs"
    } else {
        "decided, outcome unknown: the program ended before it could say; look at the object, nothing is run again"
    };
    format!("{}  line {}  {}: {}  {fate}", safe(&u.at), u.seq, safe(&u.context), safe(&u.command))
}

/// One line for a person.
fn told(fields: &serde_json::Map<String, Value>) -> String {
    let get = |name: &str| super::out::safe(fields.get(name).and_then(Value::as_str).unwrap_or_default());
    let what = match get("kind").as_str() {
        "open" => "session opened".to_owned(),
        "decision" if get("decision") == "revoked" => format!("revoked {}", get("allows")),
        "decision" => format!("{} {} [{} risk]", get("decision"), get("command"), get("risk")),
        _ => format!("{}: {}", get("outcome"), get("command")),
    };
    let place = if get("context").is_empty() { String::new() } else { format!("  {}/{}", get("context"), get("namespace")) };
    let reason = if get("reason").is_empty() { String::new() } else { format!("  {}", get("reason")) };
    let more: Vec<String> = [("edited_from", "edited from"), ("granted_by", "allowed before:"), ("allows", "allows"), ("before", "before:")]
        .iter()
        .filter(|(field, _)| !get(field).is_empty() && get("decision") != "revoked")
        .map(|(field, lead)| format!("  {lead} {}", get(field)))
        .collect();
    let more = more.concat();
    let list = |name: &str| fields.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let resulting = list("resulting");
    let resulting = if resulting.is_empty() { String::new() } else { format!("  now {}", super::out::safe(&resulting)) };
    format!("{}  {} ({}){place}  {what}{reason}{more}{resulting}", get("at"), get("user"), get("role"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Role, Timestamp};
    use crate::store::audit::{self, Audit};
    use crate::text::Redactor;

    fn ran(f: impl FnOnce(&mut Out<&mut Vec<u8>>) -> anyhow::Result<u8>) -> (u8, String) {
        let mut bytes = Vec::new();
        let code = f(&mut Out::new(&mut bytes)).unwrap();
        (code, String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn nothing_decided_is_ok_and_a_cut_chain_exits_3() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("audit");
        let (code, said) = ran(|out| verify(&folder, false, out));
        assert_eq!(code, 0);
        assert!(said.starts_with("ok: no session"), "{said}");
        let session = audit::Session { user: "alice".into(), login: "alice (uid 7)".into(), role: Role::Operator, cluster: "https://c".into() };
        let open = Audit::open(&folder, session, Redactor::new([0; 32]), Timestamp::UNIX_EPOCH).unwrap();
        let (code, said) = ran(|out| show(&folder, false, out));
        assert_eq!((code, said.as_str()), (0, "1970-01-01T00:00:00Z  alice (operator)  session opened\n"));
        std::fs::write(open.path(), "").unwrap();
        let (code, said) = ran(|out| verify(&folder, true, out));
        assert_eq!(code, 3);
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((said["ok"].as_bool(), said["sessions"][0]["broken"]["line"].as_u64()), (Some(false), Some(1)));
    }
}
