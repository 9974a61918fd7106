//! A name and its value: `PASSWORD=…`, `password: …`, `"password": "…"`, `--password …`, in prose, logs, YAML, JSON and
//! JSON inside JSON. How far the value reaches depends on how the name stands.
use super::bytes::{self, at, skip};
use super::{Found, MARK, names};
use std::ops::Range;

/// How long a name may be to be looked at.
const LONGEST_NAME: usize = 96;

/// How a name and its value are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// `=`, `:=`, `=>`.
    Assigned,
    /// `:`.
    Colon,
    /// `--name value`, or the next element of a list.
    Following,
}

/// The value whose name holds the hit.
pub fn named(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, LONGEST_NAME, bytes::in_name)?;
    let end = hit.start + name_end(b.get(hit.start..)?);
    let whole = text.get(start..end)?;
    let flag = whole.starts_with("--");
    let name = whole.trim_start_matches(['-', '.']).trim_end_matches('.');
    let kind = names::kind_of(name)?;
    let quoted_name = bytes::opening(b, end).map(|q| q.content);
    let (joined, from) = joint(b, quoted_name.unwrap_or(end), flag)?;
    // `registry/auth-token:1.4.2` is an image.
    if joined == Joined::Colon && start.checked_sub(1).is_some_and(|i| at(b, i) == b'/') {
        return None;
    }
    let place = Place { start, first: first_on_line(b, start), quoted_name: quoted_name.is_some(), joined, kind };
    let range = value(text, &place, from)?;
    let found = text.get(range.clone())?;
    (!harmless(found, kind)).then(|| Found::new(range, kind))
}

fn name_end(rest: &[u8]) -> usize {
    rest.iter().take(LONGEST_NAME).position(|b| !bytes::in_name(*b)).unwrap_or(rest.len().min(LONGEST_NAME))
}

/// Where a name stands.
struct Place {
    start: usize,
    /// Nothing but indentation, dashes and `export` before it on its line.
    first: bool,
    quoted_name: bool,
    joined: Joined,
    kind: &'static str,
}

/// What joins a name to its value, and where the value begins.
fn joint(b: &[u8], end: usize, flag: bool) -> Option<(Joined, usize)> {
    let space = |i| skip(b, i, |c| c == b' ');
    let i = space(end);
    match (at(b, i), at(b, i + 1)) {
        (b':', b'=') | (b'=', b'>') => Some((Joined::Assigned, space(i + 2))),
        (b':', b':') | (b'=', b'=' | b'~') => None,
        (b':', b'/') if at(b, i + 2) == b'/' => None,
        (b':', _) => Some((Joined::Colon, space(i + 1))),
        (b'=', _) if i > end || bytes::opening(b, space(i + 1)).is_some() => Some((Joined::Assigned, space(i + 1))),
        (b'=', _) => Some((Joined::Assigned, i + 1)),
        _ if flag => next_word(b, end).map(|at| (Joined::Following, at)),
        _ => None,
    }
}

/// Behind `--password`: the next word of a line, the next string of a JSON list, the next item of a YAML list.
fn next_word(b: &[u8], end: usize) -> Option<usize> {
    let i = skip(b, end, |c| c == b' ');
    match at(b, i) {
        b',' => Some(skip(b, i + 1, |c| c.is_ascii_whitespace())),
        b'\n' => {
            let dash = skip(b, i, |c| c.is_ascii_whitespace());
            (at(b, dash) == b'-' && at(b, dash + 1) == b' ').then(|| skip(b, dash + 1, |c| c == b' '))
        }
        _ if i > end && i < b.len() && at(b, i) != b'-' => Some(i),
        _ => None,
    }
}

fn first_on_line(b: &[u8], start: usize) -> bool {
    let Some(line) = bytes::back_at_most(b, start, 256, |c| c != b'\n') else { return false };
    let before = b.get(line..start).unwrap_or_default();
    std::str::from_utf8(before).is_ok_and(|t| t.trim_start_matches([' ', '-', '"', '\'']).trim_end().trim_end_matches("export").is_empty())
}

fn value(text: &str, place: &Place, from: usize) -> Option<Range<usize>> {
    let b = text.as_bytes();
    if let Some(quote) = bytes::opening(b, from) {
        let range = quote.content..quote.end(b);
        // `volume "token" : secret "db" not found` and the like speak of objects.
        let sure = place.quoted_name || place.first || place.joined != Joined::Colon || place.kind != "secret";
        return (sure || looks_secret(text.get(range.clone())?)).then_some(range);
    }
    let end_of_line = || skip(b, from, |c| c != b'\n');
    match place.joined {
        Joined::Colon if place.first => colon_line(text, place, from, end_of_line()),
        Joined::Colon if place.quoted_name => Some(from..skip(b, from, |c| c.is_ascii_digit())),
        Joined::Colon => {
            let range = from..word_end(b, from);
            looks_secret(text.get(range.clone())?).then_some(range)
        }
        Joined::Following => {
            let range = from..word_end(b, from);
            (!PROSE.contains(&text.get(range.clone())?)).then_some(range)
        }
        Joined::Assigned => {
            // The element of a list: what its quote encloses.
            let opened = place.start.checked_sub(1).map_or(0, |i| at(b, i));
            if bytes::is_quote(opened) {
                let escapes = place.start - 1 - bytes::back(b, place.start - 1, |c| c == b'\\');
                let quote = bytes::Quote { byte: opened, escapes, content: from };
                return Some(from..quote.end(b));
            }
            let shouted = text.get(place.start..from)?.bytes().all(|c| !c.is_ascii_lowercase());
            Some(if place.first && shouted { from..trimmed(b, from, before_assignment(b, from, end_of_line())) } else { from..word_end(b, from) })
        }
    }
}

/// `key: value` at the beginning of a line, with what YAML hangs below it.
fn colon_line(text: &str, place: &Place, from: usize, end_of_line: usize) -> Option<Range<usize>> {
    let b = text.as_bytes();
    let rest = text.get(from..end_of_line)?.trim_end();
    if rest.is_empty() {
        return described(text, end_of_line);
    }
    if rest.starts_with(['{', '[', '&']) {
        return None;
    }
    if rest.starts_with(['|', '>']) && rest.len() <= 4 {
        let indent = place.start - bytes::line(b, place.start).start;
        return below(b, end_of_line, indent);
    }
    let end = rest.find(" #").map_or(from + rest.len(), |comment| from + comment);
    Some(from..trimmed(b, from, end))
}

/// `kubectl describe` writes a value between a line of dashes and an empty line.
fn described(text: &str, end_of_line: usize) -> Option<Range<usize>> {
    let rest = text.get(end_of_line..)?.strip_prefix("\n----\n")?;
    let from = end_of_line + 6;
    let end = rest.find("\n\n").unwrap_or(rest.trim_end().len());
    Some(from..from + end)
}

/// The lines below one that are indented deeper than `indent`.
pub fn below(b: &[u8], end_of_line: usize, indent: usize) -> Option<Range<usize>> {
    let first = end_of_line + 1;
    let from = skip(b, first, |c| c == b' ');
    let mut end = end_of_line;
    let mut line = first;
    while line < b.len() {
        let content = skip(b, line, |c| c == b' ');
        let next = skip(b, content, |c| c != b'\n');
        if content < next {
            if content - line <= indent {
                break;
            }
            end = next;
        }
        line = next + 1;
    }
    (from < end).then_some(from..end)
}

/// Where the next `NAME=` begins, in `PASSWORD=… LEVEL=…`; the end when there is none.
fn before_assignment(b: &[u8], from: usize, end: usize) -> usize {
    let mut i = from;
    while i < end {
        let space = skip(b, i, |c| c != b' ').min(end);
        let word = skip(b, space, |c| c == b' ').min(end);
        let name = skip(b, word, bytes::in_name);
        if name > word && name < end && at(b, name) == b'=' {
            return space;
        }
        i = word.max(space + 1);
    }
    end
}

fn trimmed(b: &[u8], from: usize, end: usize) -> usize {
    let end = bytes::back(b, end, |c| c == b' ').max(from);
    if end > from && bytes::is_quote(at(b, end - 1)) { end - 1 } else { end }
}

/// Where an unquoted value in the middle of a line ends.
fn word_end(b: &[u8], from: usize) -> usize {
    if let Some(end) = reference_end(b, from) {
        return end;
    }
    skip(b, from, |c| !c.is_ascii_whitespace() && !matches!(c, b';' | b'&' | b',' | b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'<' | b'>' | b'\\' | b'|'))
}

/// Where a reference that begins here ends: `${…}`, `$(…)`, `{{ … }}`.
fn reference_end(b: &[u8], from: usize) -> Option<usize> {
    let close = match (at(b, from), at(b, from + 1)) {
        (b'$', b'(') => b')',
        (b'$' | b'{', b'{') => b'}',
        _ => return None,
    };
    let end = skip(b, from + 2, |c| bytes::in_name(c) || c == b' ');
    (at(b, end) == close).then(|| skip(b, end, |c| c == close))
}

/// Words that follow a flag in a sentence about it.
#[rustfmt::skip]
const PROSE: &[&str] = &[
    "to", "is", "or", "and", "flag", "flags", "option", "with", "for", "was", "not", "must", "can", "in", "from", "the", "a", "an", "if", "as", "on", "of", "when",
    "argument", "should", "has", "are", "given", "set", "requires", "instead",
];

/// Whether a word in the middle of prose is more likely a secret than a word: two kinds of characters, and some length.
pub fn looks_secret(value: &str) -> bool {
    let has = |f: fn(&u8) -> bool| usize::from(value.bytes().any(|b| f(&b)));
    let kinds = has(u8::is_ascii_lowercase) + has(u8::is_ascii_uppercase) + has(u8::is_ascii_digit) + has(|b| b"!@#$%^&*+=~?".contains(b));
    let sentence = value.strip_suffix(['.', '!', '?']).is_some_and(|v| v.bytes().all(|b| b.is_ascii_alphabetic()));
    let title = value.bytes().skip(1).all(|b| b.is_ascii_lowercase());
    value.len() >= 6 && kinds >= 2 && !sentence && !title
}

/// Values that are no secret, whatever their name says.
pub fn harmless(value: &str, kind: &str) -> bool {
    let value = value.trim();
    let word = value.to_ascii_lowercase();
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    value.is_empty()
        || value.starts_with(MARK.trim_end())
        || ["true", "false", "null", "none", "nil", "~", "yes", "no", "undefined", "redacted", "[redacted]", "''", "\"\""].contains(&word.as_str())
        || (value.starts_with('<') && value.contains('>'))
        || value.bytes().all(|b| matches!(b, b'*' | b'.' | b'-'))
        || value.chars().all(|c| c == 'x' || c == 'X' || c == '•')
        || is_reference(value)
        || is_path(value)
        || (digits && value.len() <= 6 && kind == "token")
        || (digits && value.len() <= 2)
}

/// `$(DB_PASSWORD)`, `${DB_PASSWORD}`, `$DB_PASSWORD`, `{{ .Values.password }}`, `%s`.
fn is_reference(value: &str) -> bool {
    let inside = |open: &str, close: &str| {
        value.strip_prefix(open).and_then(|v| v.strip_suffix(close)).is_some_and(|v| !v.is_empty() && v.bytes().all(|b| bytes::in_name(b) || b == b' '))
    };
    inside("$(", ")")
        || inside("${", "}")
        || inside("{{", "}}")
        || ["%s", "%v", "%q", "%d"].contains(&value)
        || value.strip_prefix('$').is_some_and(|v| v.len() > 3 && v.contains('_') && v.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
}

fn is_path(value: &str) -> bool {
    value.starts_with('/')
        && value.matches('/').count() >= 2
        && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'/' | b'.' | b'-' | b'_'))
}
