//! Several secrets under one name: `passwords:` and a mapping, `tokens:` and a list, `"apiKeys": ["…"]`; and the one that
//! stands a level below its name: `password: {value: …}`. Names of objects stand in such places, too: what is taken for a
//! secret looks drawn at random, unless the name leaves no doubt.
use super::bytes::{self, at, skip};
use super::ordinary::{harmless, is_prose, is_random};
use super::{Found, extents, names};
use std::ops::Range;

/// How far the members of a group are looked for.
const REACH: usize = 4096;

/// Keys under which the value of a setting stands.
const VALUE: &[&str] = &["value", "plain", "plaintext", "plainText", "default", "raw", "current"];

/// The secrets below the name that holds the hit; `budget`: how many bytes may be looked through for such yet.
pub fn members(text: &str, hit: &Range<usize>, budget: &mut usize) -> Vec<Found> {
    group(text, hit, budget).unwrap_or_default()
}

fn group(text: &str, hit: &Range<usize>, budget: &mut usize) -> Option<Vec<Found>> {
    let b = text.as_bytes();
    budget.checked_sub(REACH)?;
    let start = bytes::back_at_most(b, hit.start, 96, bytes::in_name)?;
    let end = skip(b.get(..hit.end + 96).unwrap_or(b), hit.end, bytes::in_name);
    let name = text.get(start..end)?;
    let closed = bytes::opening(b, end).filter(|q| !at(b, q.content).is_ascii_alphanumeric()).map_or(end, |q| q.content);
    let colon = skip(b, closed, |c| c == b' ');
    if !matches!(at(b, colon), b':' | b'=') {
        return None;
    }
    let from = skip(b, colon + 1, |c| c == b' ');
    let opens = matches!(at(b, from), b'{' | b'[' | b'\n' | b'\r');
    let several = at(b, colon) == b'=' && name.ends_with(['s', 'S']);
    if !opens && !several {
        return None;
    }
    let reach = text.floor_char_boundary((from + REACH).min(text.len()));
    let (kind, many) = names::kind_of(name).map(|kind| (kind, name.ends_with('s'))).or_else(|| names::plural(name).map(|kind| (kind, true)))?;
    let range = match at(b, from) {
        b'{' | b'[' => from + 1..closing(b, from, reach),
        b'\n' | b'\r' => below(b, from, start - bytes::back(b, start, |c| c != b'\n'), reach),
        _ if many && at(b, colon) == b'=' => from..extents::word(b.get(..reach).unwrap_or(b), from),
        _ => return None,
    };
    *budget = budget.checked_sub(range.len())?;
    let sure = |key: &str, value: &str| (kind == "password" && many && !is_prose(value)) || (!many && VALUE.contains(&key) && !is_prose(value));
    let mut found = Vec::new();
    for (key, value) in scalars(text, &range) {
        let (key, shown) = (text.get(key)?, text.get(value.clone())?);
        let names_another = names::is_about(key);
        if !names_another && (is_random(shown) || sure(key, shown)) && !harmless(shown, kind) {
            found.push(Found::new(value, kind));
        }
    }
    Some(found)
}

/// Where the bracket at `from` closes, or where nothing more is looked for.
fn closing(b: &[u8], from: usize, reach: usize) -> usize {
    let mut depth = 0_usize;
    for (i, c) in b.iter().enumerate().take(reach).skip(from) {
        match c {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return i,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    reach
}

/// The lines below a key in `column`: those that are indented deeper, and the items of a list in the same column.
fn below(b: &[u8], end_of_line: usize, column: usize, reach: usize) -> Range<usize> {
    let first = skip(b, end_of_line, |c| c != b'\n') + 1;
    let mut line = first;
    while line < reach {
        let content = skip(b, line, |c| c == b' ');
        let item = at(b, content) == b'-' && at(b, content + 1) == b' ';
        if at(b, content) != b'\n' && content - line <= column && !(item && content - line == column) {
            break;
        }
        line = skip(b, content, |c| c != b'\n') + 1;
    }
    first.min(reach)..line.min(reach)
}

/// Keys and scalars of block or flow notation, told by their separators alone. A scalar without a key has an empty one.
fn scalars(text: &str, range: &Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let b = text.as_bytes();
    let mut out = Vec::new();
    let mut key = range.start..range.start;
    let mut i = range.start;
    while i < range.end {
        let blank = skip(b, i, |c| c.is_ascii_whitespace() || matches!(c, b'{' | b'}' | b'[' | b']' | b',' | b'-'));
        if blank >= range.end {
            break;
        }
        let (word, next) = if let Some(quote) = bytes::opening(b, blank) {
            (quote.content..quote.end(b), skip(b, quote.end(b), |c| c == b'\\' || c == quote.byte))
        } else {
            let end = skip(b, blank, |c| !c.is_ascii_whitespace() && !matches!(c, b',' | b'}' | b']'));
            let end = end - usize::from(at(b, end.saturating_sub(1)) == b':' && end > blank + 1);
            (blank..end, end)
        };
        let colon = skip(b, next, |c| c == b' ');
        if at(b, colon) == b':' {
            key = word;
            i = colon + 1;
        } else {
            out.push((std::mem::replace(&mut key, next..next), word));
            i = next.max(blank + 1);
        }
    }
    out
}
