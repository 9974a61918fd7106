//! How far a value reaches: a word in the middle of a line, a string that YAML folded, the lines below a key.
use super::bytes::{self, Quote, at, skip};
use super::marks;
use std::ops::Range;

/// Where an unquoted value in the middle of a line ends. Separators and closing brackets end it only where something else
/// begins behind them: passwords hold them, too.
pub fn word(b: &[u8], from: usize) -> usize {
    if let Some(end) = reference(b, from) {
        return end;
    }
    let mut i = from;
    while i < b.len() {
        match at(b, i) {
            c if c.is_ascii_whitespace() => break,
            b',' | b';' | b'&' | b'|' if part_ends(b, i) => break,
            b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'<' | b'>' if !goes_on(b, i + 1) => break,
            b'\\' => match escape(b, i) {
                Some(next) => i = next,
                None => break,
            },
            0xE2 => i = marks::end(b, i).unwrap_or(i + 1),
            _ => i += 1,
        }
    }
    i.min(b.len())
}

/// Whether the separator at `i` ends a value: nothing follows, or another name and its value.
fn part_ends(b: &[u8], i: usize) -> bool {
    let next = skip(b, i, |c| matches!(c, b',' | b';' | b'&' | b'|'));
    next >= b.len() || at(b, next).is_ascii_whitespace() || closes(at(b, next)) || at(b, next) == b'\\' || assignment(b, next)
}

/// `name=` or `name:`, at `i`.
fn assignment(b: &[u8], i: usize) -> bool {
    let end = skip(b, i, |c| bytes::in_name(c) || c == b'%');
    end > i && matches!(at(b, end), b'=' | b':')
}

fn closes(c: u8) -> bool {
    bytes::is_quote(c) || matches!(c, b')' | b']' | b'}' | b'<' | b'>')
}

/// Whether a value goes on behind a bracket or quote.
fn goes_on(b: &[u8], i: usize) -> bool {
    let symbol = |c: u8| b"!#$%^*+~@?_-=/.".contains(&c);
    let (first, second) = (at(b, i), at(b, i + 1));
    let tag = first == b'/' && at(b, i - 1) == b'<';
    !tag && (first.is_ascii_alphanumeric() || (symbol(first) && (second.is_ascii_alphanumeric() || symbol(second))))
}

/// Behind a backslash and what it escapes; `None` where it is a line end, a quote, or an `&` before another name.
fn escape(b: &[u8], i: usize) -> Option<usize> {
    let end = skip(b, i, |c| c == b'\\');
    match at(b, end) {
        b'n' | b'r' | b't' | b'"' | b'\'' | b'`' | b'/' | 0 => None,
        b'u' if b.get(end + 1..end + 5) == Some(b"0026") && assignment(b, end + 5) => None,
        c if c.is_ascii_whitespace() => None,
        _ => Some(end),
    }
}

/// Where a reference that begins here ends: `${…}`, `$(…)`, `{{ … }}`.
fn reference(b: &[u8], from: usize) -> Option<usize> {
    let close = match (at(b, from), at(b, from + 1)) {
        (b'$', b'(') => b')',
        (b'$' | b'{', b'{') => b'}',
        _ => return None,
    };
    let end = skip(b, from + 2, |c| bytes::in_name(c) || c == b' ');
    (at(b, end) == close).then(|| skip(b, end, |c| c == close))
}

/// Where a quoted string ends when YAML may have folded it onto the lines below: those indented deeper than `indent`.
pub fn folded(b: &[u8], quote: &Quote, indent: usize) -> usize {
    let mut end = quote.end(b);
    let mut line = end;
    while at(b, line) == b'\n' {
        let content = skip(b, line + 1, |c| c == b' ');
        if at(b, content) == b'\n' {
            line = content;
            continue;
        }
        if content >= b.len() || content - line - 1 <= indent {
            break;
        }
        end = Quote { content, ..*quote }.end(b);
        line = end;
    }
    end
}

/// Where a plain scalar ends whose lines YAML folded: below come lines indented deeper that name no key of their own.
pub fn plain(b: &[u8], end: usize, end_of_line: usize, indent: usize) -> usize {
    let mut out = end;
    let mut line = end_of_line;
    while line < b.len() {
        let content = skip(b, line + 1, |c| c == b' ');
        let next = skip(b, content, |c| c != b'\n');
        let words = b.get(content..next).unwrap_or_default();
        let keyed = words.windows(2).any(|w| w == b": ") || words.ends_with(b":") || words.starts_with(b"- ") || words.starts_with(b"at ");
        if words.is_empty() || content - line - 1 <= indent || keyed {
            break;
        }
        out = bytes::back(b, next, |c| c == b' ');
        line = next;
    }
    out
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

/// The scalars below a key that has nothing beside it: one folded there, or a list; nothing when a line names a key.
pub fn listed(text: &str, end_of_line: usize, indent: usize) -> Option<Range<usize>> {
    let b = text.as_bytes();
    let content = skip(b, end_of_line + 1, |c| c == b' ');
    let item = at(b, content) == b'-' && at(b, content + 1) == b' ';
    // The items of a list may stand in the column of its key.
    let least = if item { (content - end_of_line - 1).min(indent + 1) } else { indent + 1 };
    if content - (end_of_line + 1).min(content) < least {
        return None;
    }
    let mut end = end_of_line;
    let mut line = end_of_line + 1;
    while line < b.len() {
        let content = skip(b, line, |c| c == b' ');
        let next = skip(b, content, |c| c != b'\n');
        let words = text.get(content..next)?;
        let part_of = content - line > indent || (item && content - line == indent && words.starts_with("- "));
        if words.is_empty() || !part_of {
            break;
        }
        if words.contains(": ") || words.ends_with(':') || words.contains("://") {
            return None;
        }
        end = next;
        line = next + 1;
    }
    let from = if item { content + 2 } else { content };
    (from < end).then_some(from..end)
}

/// `kubectl describe` writes a value between a line of dashes and an empty line.
pub fn described(text: &str, end_of_line: usize) -> Option<Range<usize>> {
    let rest = text.get(end_of_line..)?.strip_prefix("\n----\n")?;
    let from = end_of_line + 6;
    let end = rest.find("\n\n").unwrap_or(rest.trim_end().len());
    Some(from..from + end)
}

/// Where the next `NAME=` begins, in `PASSWORD=… LEVEL=…`; the end when there is none.
pub fn before_assignment(b: &[u8], from: usize, end: usize) -> usize {
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

/// The end without blanks and the closing quote behind it.
pub fn trimmed(b: &[u8], from: usize, end: usize) -> usize {
    let end = bytes::back(b, end, |c| matches!(c, b' ' | b'\r' | b'\t')).max(from);
    if end > from && bytes::is_quote(at(b, end - 1)) { end - 1 } else { end }
}
