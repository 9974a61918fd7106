//! `audit export`: every line of every session to stdout, each with what the check of its chain says.
use super::{sessions, undecided_json};
use crate::headless::code;
use crate::headless::out::{Out, say};
use crate::store::audit::fate;
use crate::store::audit::verify::Session;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;

/// The columns, in order: the session and its check, then the fields of a line.
const COLUMNS: &[&str] = &[
    "session",
    "chain",
    "seq",
    "at",
    "kind",
    "user",
    "login",
    "role",
    "cluster",
    "context",
    "namespace",
    "turn",
    "evidence",
    "command",
    "risk",
    "rule",
    "digest",
    "decision",
    "edited_from",
    "granted_by",
    "allows",
    "outcome",
    "reason",
    "resource_version",
    "resulting",
    "before",
    "prev",
    "hash",
];

fn chain(session: &Session) -> String {
    match &session.broken {
        None => "ok".to_owned(),
        Some((line, why)) => format!("broken at line {line}: {why}"),
    }
}

fn ended(sessions: &[Session]) -> u8 {
    let broken: Vec<&Session> = sessions.iter().filter(|s| s.broken.is_some()).collect();
    for session in &broken {
        say(&format!("kopilot-tui: {}: {}", session.name, chain(session)));
    }
    if broken.is_empty() { code::DONE } else { code::BROKEN }
}

/// One JSON document.
pub fn json<W: Write>(folder: &Path, out: &mut Out<W>) -> anyhow::Result<u8> {
    let sessions = match sessions(folder) {
        Ok(sessions) => sessions,
        Err(code) => return Ok(code),
    };
    let rows: Vec<Value> = sessions
        .iter()
        .map(|s| {
            let lines: Vec<Value> = s.lines.iter().map(|l| Value::Object(l.fields.clone())).collect();
            let undecided: Vec<Value> = fate::undecided(folder, s).iter().map(undecided_json).collect();
            let broken = s.broken.as_ref().map(|(line, why)| json!({"line": line, "why": why}));
            json!({"session": s.name, "broken": broken, "torn": s.torn, "lines": lines, "undecided": undecided})
        })
        .collect();
    let ok = sessions.iter().all(|s| s.broken.is_none());
    out.json(&json!({"folder": folder.display().to_string(), "ok": ok, "sessions": rows}))?;
    Ok(ended(&sessions))
}

/// A header and a row a line. A session that holds no sound line has a row of its own, so that it is not missed.
pub fn csv<W: Write>(folder: &Path, out: &mut Out<W>) -> anyhow::Result<u8> {
    let sessions = match sessions(folder) {
        Ok(sessions) => sessions,
        Err(code) => return Ok(code),
    };
    out.line(&COLUMNS.join(","))?;
    for session in &sessions {
        let chain = chain(session);
        if session.lines.is_empty() {
            out.line(&format!("{},{}{}", cell(&session.name), cell(&chain), ",".repeat(COLUMNS.len() - 2)))?;
        }
        for line in &session.lines {
            let fields = COLUMNS.iter().map(|column| match *column {
                "session" => cell(&session.name),
                "chain" => cell(&chain),
                name => cell(&plain(line.fields.get(name))),
            });
            out.line(&fields.collect::<Vec<_>>().join(","))?;
        }
    }
    Ok(ended(&sessions))
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(s)) => s.clone(),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}

/// Quoted; a spreadsheet takes what begins like a formula for one, so that gets a mark in front.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, crate::headless::out::safe(text).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_no_formula() {
        for (text, want) in [("a", r#""a""#), ("a\"b,c", r#""a""b,c""#), ("=1+1", r#""'=1+1""#), ("", r#""""#), ("\u{1b}[2J", r#""\x1b[2J""#)] {
            assert_eq!(cell(text), want);
        }
    }
}
