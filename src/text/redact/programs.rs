//! Programs that take a password as a short flag. Only those: `-p` of `kubectl patch` or `mkdir` is something else.
use super::bytes::{self, at};
use super::{Found, extents};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// How far behind a program's name its flags are looked for.
const REACH: usize = 400;

/// The separators of words in a command line, a JSON list and a YAML list.
const GAP: &str = r#"(?:(?:["',\[\\]|\s|\n\s*-\s)+)"#;

static ATTACHED_P: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-p\\*["']?([^\s"',\\-][^\s"',\\]*)"#)).ok());
static SHORT_P: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-p{GAP}?([^\s"',\\-][^\s"',\\]*)"#)).ok());
static SHORT_A: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-a{GAP}([^\s"',\\-][^\s"',\\]*)"#)).ok());
static SHORT_W: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-w{GAP}([^\s"',\\-][^\s"',\\]*)"#)).ok());
static CAPITAL_P: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-P{GAP}?([^\s"',\\-][^\s"',\\]*)"#)).ok());
static USER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}(?:-u|--user){GAP}?[^\s"',\\:]+:([^\s"',\\]+)"#)).ok());

static BROKER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r#"{GAP}(?:add_user|change_password|authenticate_user){GAP}[^\s"',]+{GAP}([^\s"',\\-][^\s"',\\]*)"#)).ok());
static BATCH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r#"{GAP}-[a-zA-Z]*b[a-zA-Z]*{GAP}(?:[^\s"',]+{GAP}){{1,2}}([^\s"',\\-][^\s"',\\]*)[ \t]*(?:$|[\n"'\]])"#)).ok());
static SHORT_K: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r#"{GAP}-k{GAP}([^\s"',\\-][^\s"',\\]*)"#)).ok());
static ECHO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:echo|printf)[ \t]+(?:-n[ \t]+|'?%s'?[ \t]+)?["']?([^|"'\n]+?)["']?[ \t]*\|[^|\n]*$"#).ok());

/// `echo … | docker login --password-stdin`.
pub fn piped(text: &str, hit: &Range<usize>) -> Option<Found> {
    let line = bytes::back_at_most(text.as_bytes(), hit.start, REACH, |c| c != b'\n')?;
    let value = ECHO.as_ref()?.captures(text.get(line..hit.start)?)?.get(1)?;
    let range = line + value.start()..line + value.end();
    (!super::ordinary::harmless(value.as_str(), "password") && !value.as_str().starts_with('$')).then(|| Found::new(range, "password"))
}

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
        "sshpass" | "mongo" | "login" | "cqlsh" => SHORT_P.as_ref(),
        "redis-cli" => SHORT_A.as_ref(),
        "ldapsearch" => SHORT_W.as_ref(),
        "rabbitmqctl" => BROKER.as_ref(),
        "htpasswd" => BATCH.as_ref(),
        "openssl" => SHORT_K.as_ref(),
        "sqlcmd" | "mosquitto_" => CAPITAL_P.as_ref(),
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
    // The value may hold what the words of a command do not.
    let range = range.start..argument(b, range.start).max(range.end);
    (!super::ordinary::harmless(text.get(range.clone())?, "password")).then(|| Found::new(range, "password"))
}

/// Where an argument ends: with the quote before it, or as a word does.
fn argument(b: &[u8], start: usize) -> usize {
    let byte = start.checked_sub(1).map_or(0, |i| at(b, i));
    if !matches!(byte, b'"' | b'\'') {
        return extents::word(b, start);
    }
    let escapes = start - 1 - bytes::back(b, start - 1, |c| c == b'\\');
    bytes::Quote { byte, escapes, content: start }.end(b)
}

/// `kubectl create secret generic x --from-literal=key=value`: every value.
pub fn literal(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let line = text.get(bytes::back_at_most(b, hit.start, 1000, |c| c != b'\n')?..hit.start)?;
    if !line.contains("secret") {
        return None;
    }
    let key = bytes::skip(b, hit.end, |c| matches!(c, b'=' | b' ' | b'"' | b'\'' | b','));
    let equals = bytes::skip(b, key, bytes::in_name);
    let range = match bytes::opening(b, equals + 1) {
        Some(quote) => quote.content..quote.end(b),
        None => equals + 1..extents::word(b, equals + 1),
    };
    (at(b, equals) == b'=' && !super::ordinary::harmless(text.get(range.clone())?, "secret")).then(|| Found::new(range, "secret"))
}
