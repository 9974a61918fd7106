//! Programs that take a password as a short flag. Only those: `-p` of `kubectl patch` or `mkdir` is something else.
use super::Found;
use super::bytes::{self, at};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// How far behind a program's name its flags are looked for.
const REACH: usize = 400;

/// The separators of words in a command line, a JSON list and a YAML list.
const GAP: &str = r#"(?:["',\[\\]|\s|\n\s*-\s)+"#;

static ATTACHED_P: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-p([^\s"',\\-][^\s"',\\]*)"#)).ok());
static SHORT_P: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-p{GAP}?([^\s"',\\-][^\s"',\\]*)"#)).ok());
static SHORT_A: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-a{GAP}([^\s"',\\-][^\s"',\\]*)"#)).ok());
static USER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}(?:-u|--user){GAP}?[^\s"',\\:]+:([^\s"',\\]+)"#)).ok());

pub fn password(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let program = text.get(hit.clone())?.trim_start_matches([' ', '"']).to_ascii_lowercase();
    let end = bytes::skip(b, hit.end, |c| c.is_ascii_alphabetic());
    if !matches!(at(b, end), b' ' | b'"' | b'\'' | b'\\' | b'\n')
        || (bytes::in_name(at(b, hit.start)) && hit.start.checked_sub(1).is_some_and(|i| bytes::in_name(at(b, i))))
    {
        return None;
    }
    let flag = match program.as_str() {
        "mysql" | "mariadb" => ATTACHED_P.as_ref(),
        "sshpass" | "mongo" | "login" => SHORT_P.as_ref(),
        "redis-cli" => SHORT_A.as_ref(),
        _ => USER.as_ref(),
    }?;
    let mut reach = (end + REACH).min(text.len());
    while !text.is_char_boundary(reach) {
        reach -= 1;
    }
    let command = text.get(end..reach)?;
    // Another command begins: its flags are its own.
    let command = command.split([';', '|', '&']).next()?;
    let value = flag.captures(command)?.get(1)?;
    let range = end + value.start()..end + value.end();
    (!super::values::harmless(value.as_str(), "password")).then(|| Found::new(range, "password"))
}
