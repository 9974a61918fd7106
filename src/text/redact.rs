//! Secrets found in text that is not a Secret: redacted before anything is cut, stored, shown or sent.
//!
//! One pass over the text looks for hint words; only where one stands is anything examined. Objects (Secrets in YAML or
//! JSON, pairs of `name` and `value`) are walked only when a hint said that there are some. What is found is replaced by
//! a visible mark; names, hashes, digests and ordinary base64 stay.
mod bytes;
mod cloud;
mod encoded;
mod extents;
mod flow;
mod groups;
mod headers;
mod hints;
mod json;
mod marks;
mod names;
mod nested;
mod objects;
mod ordinary;
mod picked;
mod programs;
mod spoken;
mod urls;
mod values;
mod veiled;
mod yaml;

#[cfg(test)]
mod tests;

use hints::Hint;
use std::ops::Range;

/// One thing taken out: what kind, how long it was, and a tag that is equal for equal values within a session.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Redaction {
    /// `password`, `token`, `bearer`, `jwt`, `pem`, `url-credentials`, `cloud-key`, `secret-data`, …
    pub kind: &'static str,
    /// Bytes of the value that was taken out.
    pub length: usize,
    /// Keyed by the session: the first four hex digits of a keyed hash of the value.
    pub tag: String,
}

/// The opening of the mark left in place of a value: `⟦redacted KIND LENGTH TAG⟧`.
pub const MARK: &str = "⟦redacted ";
/// Its end.
pub const MARK_END: char = '⟧';

/// How often a text is looked at again. Two rounds are the rule; each of the others needs a text made for it.
const ROUNDS: usize = 8;

/// Finds secrets in text. One a session: the key makes equal values compare equal within it and nowhere else.
#[derive(Clone)]
pub struct Redactor {
    key: [u8; 32],
}

/// A secret's place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    range: Range<usize>,
    kind: &'static str,
}

impl Found {
    fn new(range: Range<usize>, kind: &'static str) -> Self {
        Self { range, kind }
    }
}

impl Redactor {
    /// A redactor whose tags are keyed by `key`.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The text with each secret replaced by its mark, and what was taken out, in order. What is left is looked at again
    /// until nothing more is found: a mark beside it may have made something of it. So twice is once.
    pub fn redact(&self, text: &str) -> (String, Vec<Redaction>) {
        let mut out = text.to_owned();
        let mut taken: Vec<(usize, Redaction)> = Vec::new();
        for round in 0..ROUNDS + 2 {
            let found = match find(&out) {
                found if found.is_empty() => break,
                found if round < ROUNDS => found,
                // A text that is made so that it never comes to rest loses the lines where it does not, then all of it.
                found if round == ROUNDS => vec![lines_around(&out, &found)],
                _ => vec![Found::new(0..out.len(), "text")],
            };
            (out, taken) = self.mark(&out, found, taken);
        }
        (out, taken.into_iter().map(|(_, redaction)| redaction).collect())
    }

    /// Puts marks in the place of what was found; `taken` are those that stand in the text already, and where.
    fn mark(&self, text: &str, found: Vec<Found>, taken: Vec<(usize, Redaction)>) -> (String, Vec<(usize, Redaction)>) {
        let mut out = String::with_capacity(text.len());
        let mut all = Vec::with_capacity(taken.len() + found.len());
        let mut before = taken.into_iter().peekable();
        let mut done = 0;
        for Found { range, kind } in found {
            let Some(value) = text.get(range.clone()) else { continue };
            let redaction = Redaction { kind, length: value.len(), tag: self.tag(kind, value) };
            while let Some((place, earlier)) = before.next_if(|(place, _)| *place < range.start) {
                all.push((out.len() + place.saturating_sub(done), earlier));
            }
            out.push_str(text.get(done..range.start).unwrap_or_default());
            let place = out.len();
            out.push_str(&redaction.mark());
            all.push((place, redaction));
            done = range.end;
        }
        all.extend(before.map(|(place, earlier)| (out.len() + place.saturating_sub(done), earlier)));
        out.push_str(text.get(done..).unwrap_or_default());
        (out, all)
    }

    /// HMAC in its nested form. The data of a Secret is tagged as what it encodes, so that it compares equal to the same
    /// value in an environment.
    fn tag(&self, kind: &str, value: &str) -> String {
        use sha2::{Digest as _, Sha256};
        let decoded = (kind == "secret-data").then(|| encoded::base64(value)).flatten();
        let inner = Sha256::new().chain_update(self.key).chain_update(decoded.as_deref().unwrap_or(value.as_bytes())).finalize();
        let outer = Sha256::new().chain_update(inner).chain_update(self.key).finalize();
        let [first, second, ..] = outer.as_slice() else { return String::new() };
        format!("{first:02x}{second:02x}")
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

/// Whether the text holds a redaction mark: such a text is never written to a cluster.
pub fn holds_mark(text: &str) -> bool {
    text.contains(MARK)
}

/// All lines from the first find to the last.
fn lines_around(text: &str, found: &[Found]) -> Found {
    let start = found.iter().map(|f| f.range.start).min().unwrap_or_default();
    let end = found.iter().map(|f| f.range.end).max().unwrap_or_default();
    let before = text.get(..start).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    let after = text.get(end..).and_then(|t| t.find('\n')).map_or(text.len(), |i| end + i);
    Found::new(before..after, "text")
}

/// Every secret, in order, none overlapping.
fn find(text: &str) -> Vec<Found> {
    let mut marked = Vec::new();
    let found = search(text, 0, &mut marked);
    marks::spare(text, merged(found), &marked)
}

/// Every secret and every mark; strings that hold lines of their own are searched, too.
fn search(text: &str, depth: usize, marked: &mut Vec<Range<usize>>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut shape = objects::Shape::default();
    // Up to where a mark reaches, and a string that was searched.
    let (mut done, mut undone) = (0, 0);
    let mut veiled = false;
    // How far what was found reaches.
    let mut reached = 0_usize;
    // What looks at more than its own place does so for a bounded part of the text: no text makes it square.
    let mut budget = 64 * 1024 + 8 * text.len();
    for (hint, hit) in hints::hits(text) {
        if matches!(hint, Hint::Name | Hint::Auth | Hint::Type | Hint::Data | Hint::Cookie) {
            shape.note(text, hint, &hit);
            if hit.start >= undone {
                undone = inside(text, &hit, depth, &mut found);
            }
        }
        if hint == Hint::Mark
            && let Some(end) = marks::end(text.as_bytes(), hit.start)
        {
            marked.push(hit.start..end);
            done = done.max(end);
        }
        veiled |= hint == Hint::Veil;
        if hit.start < done {
            continue;
        }
        if hint == Hint::Name {
            found.extend(groups::members(text, &hit, &mut budget));
        }
        if hint == Hint::Encoded && depth <= nested::DEEPEST {
            found.extend(encoded::speaking(text, &hit, &mut budget));
        }
        // Even inside of what was found: what begins there may reach further.
        let inside = reached.saturating_sub(hit.start);
        let Some(left) = budget.checked_sub(inside) else { continue };
        budget = left;
        if let Some(one) = examine(text, hint, &hit) {
            reached = reached.max(one.range.end);
            found.push(one);
        }
    }
    shape.walk(text, &mut found);
    if veiled && depth < nested::DEEPEST {
        let seen = veiled::Unveiled::new(text);
        let inner = search(&seen.text, nested::DEEPEST, &mut Vec::new());
        found.extend(inner.into_iter().filter_map(|one| Some(Found::new(seen.outside(&one.range)?, one.kind))));
    }
    found
}

/// Searches the string that a hit is in, if it has lines; returns its end.
fn inside(text: &str, hit: &Range<usize>, depth: usize, found: &mut Vec<Found>) -> usize {
    let range = nested::around(text.as_bytes(), hit.start);
    let string = text.get(range.clone()).unwrap_or_default();
    if depth < nested::DEEPEST && nested::has_lines(string) {
        let undone = nested::Undone::new(string, range.start);
        let inner = search(&undone.text, depth + 1, &mut Vec::new());
        found.extend(inner.into_iter().filter_map(|one| Some(Found::new(undone.outside(&one.range)?, one.kind))));
    }
    range.end
}

/// Looks at the place of one hit.
fn examine(text: &str, hint: Hint, hit: &Range<usize>) -> Option<Found> {
    match hint {
        Hint::Name => values::named(text, hit).or_else(|| flow::beside(text, hit)).or_else(|| cloud::notion(text, hit)),
        Hint::Auth => headers::auth(text, hit).or_else(|| values::named(text, hit)),
        Hint::Bearer => headers::bearer(text, hit),
        Hint::Basic => headers::basic(text, hit),
        Hint::Cookie => headers::cookie(text, hit),
        Hint::Url => urls::credentials(text, hit),
        Hint::Program => programs::password(text, hit).or_else(|| values::named(text, hit)),
        Hint::Piped => programs::piped(text, hit).or_else(|| values::named(text, hit)),
        Hint::Spoken => spoken::key(text, hit).or_else(|| values::named(text, hit)),
        Hint::Cloud => cloud::key(text, hit),
        Hint::Jwt => encoded::jwt(text, hit),
        Hint::Pem => encoded::pem(text, hit),
        Hint::PemEnd => encoded::pem_end(text, hit),
        Hint::EncodedPem => encoded::encoded_pem(text, hit),
        Hint::Helm => encoded::helm(text, hit),
        Hint::Identified => values::identified(text, hit),
        Hint::DataSource => values::data_source(text, hit),
        Hint::Oracle => urls::oracle(text, hit),
        Hint::Literal => programs::literal(text, hit),
        Hint::Type | Hint::Data | Hint::Mark | Hint::Veil | Hint::Encoded => None,
    }
}

/// Sorted, and those that overlap made one: the wider one says the kind.
fn merged(mut found: Vec<Found>) -> Vec<Found> {
    found.retain(|f| !f.range.is_empty());
    found.sort_by(|a, b| (a.range.start, b.range.end).cmp(&(b.range.start, a.range.end)));
    let mut out: Vec<Found> = Vec::with_capacity(found.len());
    for one in found {
        match out.last_mut() {
            Some(last) if one.range.start < last.range.end => {
                if one.range.len() > last.range.len() {
                    last.kind = one.kind;
                }
                last.range.end = last.range.end.max(one.range.end);
            }
            _ => out.push(one),
        }
    }
    out
}
