//! Notations on one line: `{kind: Secret, data: {…}}`, `map[data:map[…] kind:Secret]`, Go's print of a Secret, and a pair
//! of a telling name and its value side by side.
use super::bytes::{self, at};
use super::ordinary::{harmless, is_strong};
use super::{Found, extents, names};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static DATA: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)(?:^|[{\[\s,"'])(?:string)?data["']?\s*:\s*(?:map\[string\](?:\[\])?[a-z0-9]+\{|map\[|\{)"#).ok());

/// Everything that `data` encloses on the line.
pub fn data(text: &str, line: &Range<usize>, found: &mut Vec<Found>) {
    let (Some(regex), Some(body)) = (DATA.as_ref(), text.get(line.clone())) else { return };
    for head in regex.find_iter(body) {
        let from = line.start + head.end();
        let range = from..closing(text.as_bytes(), from, line.end);
        if text.get(range.clone()).is_some_and(|t| !t.trim().is_empty()) {
            found.push(Found::new(range, "secret-data"));
        }
    }
}

/// Where the bracket before `from` closes; the end of the line when it does not.
fn closing(b: &[u8], from: usize, end: usize) -> usize {
    let open = at(b, from - 1);
    let close = if open == b'{' { b'}' } else { b']' };
    let mut depth = 1;
    for (i, c) in b.iter().enumerate().take(end).skip(from) {
        if *c == open {
            depth += 1;
        } else if *c == close {
            depth -= 1;
            if depth == 0 {
                return i;
            }
        }
    }
    end
}

static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)(?:name|key|variable)\\*["']?[ \t]*[:=][ \t]*\\*["']?$"#).ok());
static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"^(?i)\\*["']?[ \t]*[,;]?[ \t]*\\*["']?value\\*["']?[ \t]*[:=][ \t]*"#).ok());
/// The end of an element whose name is an attribute: its value stands behind it.
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"^["'][^<>\n/]{0,60}>"#).ok());

/// `name: DB_PASSWORD, value: …`, `{Name:DB_PASSWORD Value:…}`, `key="DB_PASSWORD" value="…"`.
pub fn beside(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, 96, bytes::in_name)?;
    let end = bytes::skip(b.get(..hit.end + 96).unwrap_or(b), hit.end, bytes::in_name);
    let before = start.checked_sub(1).map_or(0, |i| at(b, i));
    if !matches!(before, b':' | b'=' | b' ' | b'"' | b'\'') || !matches!(at(b, end), b',' | b';' | b' ' | b'"' | b'\'' | b'\\') {
        return None;
    }
    let head = bytes::back_at_most(b, start, 24, |c| c.is_ascii() && c != b'\n').unwrap_or(start.saturating_sub(24));
    let name = text.get(start..end)?;
    let known = names::kind_of(name);
    let some_key = known.is_none() && names::is_some_key(name);
    let kind = known.or(some_key.then_some("key"))?;
    if !NAMED.as_ref()?.is_match(text.get(head..start)?) {
        return None;
    }
    let rest = text.get(end..)?;
    if let Some(tag) = TAG.as_ref()?.find(rest) {
        let range = end + tag.end()..bytes::skip(b, end + tag.end(), |c| c != b'<' && c != b'\n');
        return (!some_key && at(b, range.end) == b'<' && !harmless(text.get(range.clone())?, kind)).then(|| Found::new(range, kind));
    }
    let from = end + VALUE.as_ref()?.find(rest)?.end();
    let range = match bytes::opening(b, from) {
        Some(quote) => quote.content..quote.end(b),
        None => from..extents::word(b, from),
    };
    let value = text.get(range.clone())?;
    (!harmless(value, kind) && (!some_key || is_strong(value))).then(|| Found::new(range, kind))
}
