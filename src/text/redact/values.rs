//! A name and its value: `PASSWORD=…`, `password: …`, `"password": "…"`, `--password …`, `<password>…`, in prose, logs,
//! YAML, JSON and JSON inside JSON. How far the value reaches depends on how the name stands.
use super::bytes::{self, Quote, at, skip};
use super::extents;
use super::ordinary::{harmless, is_prose, is_random, is_strong, looks_secret};
use super::{Found, names};
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
    /// `<name>value</name>`.
    Tag,
    /// `[name]: value`, `| name | value |`, `name ..... value`.
    Told,
    /// `PASSWORD 'value'`, `login x password value`, `ENV PASSWORD value`.
    Spaced,
}

/// The value whose name holds the hit.
pub fn named(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, LONGEST_NAME, bytes::in_name)?;
    let end = hit.start + name_end(b.get(hit.start..)?);
    let whole = text.get(start..end)?;
    let flag = whole.starts_with("--") || (whole.len() > 3 && whole.starts_with('-') && begins_word(b, start));
    let name = whole.trim_start_matches(['-', '.']).trim_end_matches('.');
    let known = names::kind_of(name);
    let some_key = known.is_none() && names::is_some_key(name);
    let kind = known.or(some_key.then_some("key"))?;
    let quoted = bytes::opening(b, end).filter(|q| !at(b, q.content).is_ascii_alphanumeric()).map(|q| q.content);
    let before = start.checked_sub(1).map_or(0, |i| at(b, i));
    let (joined, from) = joint(b, quoted.unwrap_or(end), flag)
        .or_else(|| told(b, start, end))
        .or_else(|| (before == b'<').then(|| tag(b, end)).flatten())
        .or_else(|| quoted.is_none().then(|| spaced(text, start..end, kind)).flatten())?;
    // `registry/auth-token:1.4.2` is an image; `vault.example/token: …` is an annotation.
    let tight = from.checked_sub(1).is_some_and(|i| at(b, i) == b':');
    if joined == Joined::Colon && before == b'/' && tight && quoted.is_none() {
        return None;
    }
    // `checksum/secret: …` is what a chart's templates hash to.
    if before == b'/' && text.get(..start - 1).is_some_and(|t| ["checksum", "hash", "sha256", "digest"].iter().any(|w| t.ends_with(w))) {
        return None;
    }
    let line = bytes::back_at_most(b, start, 256, |c| c != b'\n');
    let start = if before == b'/' && !flag { bytes::back_at_most(b, start, 256, |c| bytes::in_name(c) || c == b'/').unwrap_or(start) } else { start };
    let place = Place { start, column: start - line.unwrap_or(start), first: first_on_line(b, line, start), quoted: quoted.is_some(), joined, kind };
    let range = value(text, &place, from)?;
    let found = text.get(range.clone())?;
    let secret = !harmless(found, kind) && (!some_key || is_strong(found.strip_prefix("base64:").unwrap_or(found)));
    secret.then(|| Found::new(range, kind))
}

fn name_end(rest: &[u8]) -> usize {
    rest.iter().take(LONGEST_NAME).position(|b| !bytes::in_name(*b)).unwrap_or(rest.len().min(LONGEST_NAME))
}

fn begins_word(b: &[u8], start: usize) -> bool {
    start.checked_sub(1).is_none_or(|i| at(b, i).is_ascii_whitespace() || bytes::is_quote(at(b, i)))
}

/// Where a name stands.
struct Place {
    start: usize,
    /// Bytes of its line before it.
    column: usize,
    /// Nothing but indentation, dashes and `export` before it on its line.
    first: bool,
    quoted: bool,
    joined: Joined,
    kind: &'static str,
}

fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t')
}

/// What joins a name to its value, and where the value begins.
fn joint(b: &[u8], end: usize, flag: bool) -> Option<(Joined, usize)> {
    let space = |i| skip(b, i, is_space);
    let i = space(end);
    match (at(b, i), at(b, i + 1)) {
        (b'-', b'>') => Some((Joined::Following, space(i + 2))),
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

/// The notations of tables and lists: `[name]: value`, `| name | value |`, `name ..... value`.
fn told(b: &[u8], start: usize, end: usize) -> Option<(Joined, usize)> {
    let space = |i| skip(b, i, is_space);
    let i = space(end);
    let before = bytes::back(b, start, is_space).checked_sub(1).map_or(0, |i| at(b, i));
    let dots = skip(b, i, |c| c == b'.');
    let from = match (before, at(b, i)) {
        (b'[', b']') if matches!(at(b, i + 1), b':' | b'=') => i + 2,
        (b'|', b'|') => i + 1,
        _ if dots >= i + 3 && i > end => dots,
        _ => return None,
    };
    Some((Joined::Told, space(from)))
}

/// Behind `--password`: the next word of a line, the next string of a JSON list, the next item of a YAML list.
fn next_word(b: &[u8], end: usize) -> Option<usize> {
    let i = skip(b, end, is_space);
    match at(b, i) {
        b',' => {
            let next = skip(b, i + 1, |c| c.is_ascii_whitespace());
            (bytes::opening(b, next).is_some() || next == skip(b, i + 1, is_space)).then_some(next)
        }
        b'\n' => {
            let dash = skip(b, i, |c| c.is_ascii_whitespace());
            (at(b, dash) == b'-' && at(b, dash + 1) == b' ').then(|| skip(b, dash + 1, |c| c == b' '))
        }
        _ if i > end && i < b.len() && at(b, i) != b'-' => Some(i),
        _ => None,
    }
}

/// Behind the `>` of a tag, with or without attributes.
fn tag(b: &[u8], end: usize) -> Option<(Joined, usize)> {
    let close = skip(b, end, |c| !matches!(c, b'<' | b'>' | b'\n' | b'/'));
    (at(b, close) == b'>' && close - end < 100 && (close == end || is_space(at(b, end)))).then_some((Joined::Tag, close + 1))
}

/// A value that only a space parts from its name: where the words before it, or a quote, say that it is one.
fn spaced(text: &str, name: Range<usize>, kind: &str) -> Option<(Joined, usize)> {
    let b = text.as_bytes();
    let from = skip(b, name.end, is_space);
    if from == name.end || from >= b.len() || at(b, from) == b'\n' {
        return None;
    }
    let line = text.get(bytes::back_at_most(b, name.start, 200, |c| c != b'\n')?..name.start)?.to_ascii_lowercase();
    let last = line.split_ascii_whitespace().next_back().unwrap_or("");
    let quoted = matches!(at(b, from), b'\'' | b'"');
    let word = text.get(from..extents::word(b, from))?;
    let sure = match kind {
        "password" => {
            quoted
                || (["with", "using", "set", "the", "password", "pass", "default", "initial", "root", "admin", "is"].contains(&last) && looks_secret(word))
                || looks_secret(word) && word.bytes().any(|c| c.is_ascii_digit())
                || (line.contains("login ") && line.trim_start().starts_with(['m', 'l', 'd']))
                || ["requirepass", "masterauth", "rootpw"].iter().any(|w| text.get(name.clone()).is_some_and(|n| n.eq_ignore_ascii_case(w)))
        }
        "token" => ["with", "using"].contains(&last) && is_random(word),
        _ => false,
    };
    let said = ["env", "arg", "setenv"].contains(&last) || (last == "set" && line.contains("configure"));
    let is = ["is: ", "was: ", "is ", "was ", "set to ", "changed to ", "reset to "].iter().find(|w| text.get(from..).is_some_and(|t| t.starts_with(**w)));
    if let Some(from) = is.map(|w| from + w.len()) {
        let word = text.get(from..extents::word(b, from))?;
        return (!is_prose(word) && looks_secret(word)).then_some((Joined::Spaced, from));
    }
    ((sure || said) && (quoted || !is_prose(word))).then_some((Joined::Spaced, from))
}

fn first_on_line(b: &[u8], line: Option<usize>, start: usize) -> bool {
    let Some(line) = line else { return false };
    let before = b.get(line..start).unwrap_or_default();
    std::str::from_utf8(before).is_ok_and(|t| t.trim_start_matches([' ', '\t', '-', '"', '\'']).trim_end().trim_end_matches("export").is_empty())
}

/// Behind a prefix of Python's or C's strings.
fn opening(b: &[u8], from: usize) -> Option<Quote> {
    bytes::opening(b, from).or_else(|| matches!(at(b, from), b'b' | b'u' | b'r' | b'L' | b'@').then(|| bytes::opening(b, from + 1)).flatten())
}

fn value(text: &str, place: &Place, from: usize) -> Option<Range<usize>> {
    let b = text.as_bytes();
    if place.joined == Joined::Tag {
        return Some(from..skip(b, from, |c| c != b'<' && c != b'\n'));
    }
    if let Some(quote) = opening(b, from) {
        // An item of a YAML list may be folded, too.
        let end = if place.first { extents::folded(b, &quote, place.column) } else { quote.end(b) };
        let range = quote.content..end;
        // `volume "token" : secret "db" not found` and the like speak of objects.
        let sure = place.quoted || place.first || place.joined != Joined::Colon || place.kind != "secret";
        return (sure || looks_secret(text.get(range.clone())?)).then_some(range);
    }
    let end_of_line = || skip(b, from, |c| c != b'\n');
    let word = || from..extents::word(b, from);
    match place.joined {
        Joined::Colon if place.first && !place.quoted => colon_line(text, place, from, end_of_line()),
        Joined::Colon if place.quoted => beside_quoted(b, from),
        Joined::Colon => {
            // All that a quoted string says: `"password: two words"`.
            let opened = place.start.checked_sub(1).map_or(0, |i| at(b, i));
            if opened == b'"' && !is_prose(text.get(word())?) {
                let escapes = place.start - 1 - bytes::back(b, place.start - 1, |c| c == b'\\');
                return Some(from..Quote { byte: opened, escapes, content: from }.end(b));
            }
            let header = text.get(place.start..)?.get(..2).is_some_and(|x| x.eq_ignore_ascii_case("x-"));
            let found = text.get(word())?;
            let tight = at(b, from - 1) == b':';
            let sure = header || (place.kind == "password" && (tight || !is_prose(found)));
            (sure || looks_secret(found)).then(word)
        }
        Joined::Following => (!is_prose(text.get(word())?)).then(word),
        Joined::Told => looks_secret(text.get(word())?).then(word),
        Joined::Spaced | Joined::Tag => Some(word()),
        Joined::Assigned => Some(assigned(text, place, from, end_of_line())),
    }
}

/// A number or a list behind a quoted key.
fn beside_quoted(b: &[u8], from: usize) -> Option<Range<usize>> {
    if at(b, from) == b'[' {
        let first = skip(b, from + 1, |c| c.is_ascii_whitespace());
        let quote = bytes::opening(b, first)?;
        let mut end = quote.end(b);
        // The other strings of the list.
        loop {
            let behind = skip(b, end, |c| c == b'\\' || c == quote.byte);
            let comma = skip(b, behind, |c| c.is_ascii_whitespace());
            let next = skip(b, comma + 1, |c| c.is_ascii_whitespace());
            match (at(b, comma), bytes::opening(b, next)) {
                (b',', Some(more)) if more.byte == quote.byte => end = more.end(b),
                _ => return Some(quote.content..end),
            }
        }
    }
    Some(from..skip(b, from, |c| c.is_ascii_digit()))
}

fn assigned(text: &str, place: &Place, from: usize, end_of_line: usize) -> Range<usize> {
    let b = text.as_bytes();
    // The element of a list: what its quote encloses.
    let opened = place.start.checked_sub(1).map_or(0, |i| at(b, i));
    if bytes::is_quote(opened) {
        let escapes = place.start - 1 - bytes::back(b, place.start - 1, |c| c == b'\\');
        let quote = Quote { byte: opened, escapes, content: from };
        let line = place.start - place.column;
        return from..if place.first { extents::folded(b, &quote, skip(b, line, |c| c == b' ') - line) } else { quote.end(b) };
    }
    let braced = at(b, from) == b'{' && at(b, from + 1) != b'{';
    if braced && let Some(close) = text.get(from..end_of_line).and_then(|t| t.find('}')) {
        return from + 1..from + close;
    }
    let kept = bytes::back(b, place.start, |c| matches!(c, b' ' | b'-'));
    let item = kept < place.start && (kept == 0 || at(b, kept - 1) == b'\n') && b.get(kept..place.start).is_some_and(|t| t.contains(&b'-'));
    let shouted = text.get(place.start..from).is_some_and(|t| t.bytes().all(|c| !c.is_ascii_lowercase()));
    // A flag's value is a word, but in a YAML list of arguments, where each item is one.
    let flag = text.get(place.start..from).is_some_and(|t| t.starts_with('-'));
    let whole_line = place.first && (item || !flag && (shouted || matches!(place.kind, "password" | "key" | "credentials")));
    if !whole_line {
        return from..extents::word(b, from);
    }
    let end = extents::trimmed(b, from, extents::before_assignment(b, from, end_of_line));
    // An item of a YAML list that was folded.
    let end = if item && end + 1 >= end_of_line { extents::plain(b, end, end_of_line, place.column.saturating_sub(1)) } else { end };
    from..end.max(extents::word(b, from).min(end_of_line))
}

/// `key: value` at the beginning of a line, with what YAML hangs below it.
fn colon_line(text: &str, place: &Place, from: usize, end_of_line: usize) -> Option<Range<usize>> {
    let b = text.as_bytes();
    let rest = text.get(from..end_of_line)?.trim_end();
    if rest.is_empty() {
        return extents::described(text, end_of_line).or_else(|| extents::listed(text, end_of_line, place.column));
    }
    if let Some(list) = rest.strip_prefix('[').and_then(|r| r.strip_suffix(']')) {
        return Some(from + 1..from + 1 + list.len());
    }
    if rest.starts_with("{ ")
        || rest.starts_with("{\"")
        || rest.starts_with('&')
        || rest == "{"
        || rest == "["
        || (rest.starts_with('{') && rest.ends_with('}'))
    {
        return None;
    }
    if rest.starts_with(['|', '>']) && rest.len() <= 4 {
        return extents::below(b, end_of_line, place.column);
    }
    let end = rest.find(" #").map_or(from + rest.len(), |comment| from + comment);
    let commented = end < from + rest.len();
    let end = extents::trimmed(b, from, end);
    Some(from..if commented { end } else { extents::plain(b, end, end_of_line, place.column) })
}

/// `IDENTIFIED BY '…'`.
pub fn identified(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    // `SET PASSWORD FOR 'user'@'host' = '…'`
    let user = |i| skip(b, i, |c| c != b'=' && c != b'\n' && c != b';');
    let from = if text.get(hit.clone())?.ends_with(['r', 'R']) { user(hit.end) } else { hit.end };
    let quote = bytes::opening(b, skip(b, from, |c| is_space(c) || c == b'='))?;
    let range = quote.content..quote.end(b);
    (!harmless(text.get(range.clone())?, "password")).then(|| Found::new(range, "password"))
}

/// `user:password@tcp(host)`, as Go's drivers spell a data source.
pub fn data_source(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, 256, |c| !c.is_ascii_whitespace() && !matches!(c, b'"' | b'\'' | b'='))?;
    let colon = text.get(start..hit.start)?.find(':')?;
    let range = start + colon + 1..hit.start;
    (colon > 0 && !harmless(text.get(range.clone())?, "password")).then(|| Found::new(range, "password"))
}
