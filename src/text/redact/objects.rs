//! Objects in text: which notations hold a Secret or a pair of a telling `name` and its `value`, and what to do with
//! what a walk over one of them finds. The walks themselves are in `yaml` and `json`.
use super::bytes::{self, at};
use super::hints::Hint;
use super::{Found, json, names, values, yaml};
use regex::Regex;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Types of Secrets, by how they begin.
const TYPES: &[&str] = &[
    "opaque",
    "kubernetes.io/service-account-token",
    "kubernetes.io/dockerc",
    "kubernetes.io/basic-auth",
    "kubernetes.io/ssh-auth",
    "kubernetes.io/tls",
    "bootstrap.kubernetes.io/token",
    "helm.sh/release",
];

/// Which walks are needed.
#[derive(Debug, Default)]
pub struct Shape {
    yaml: bool,
    /// Quote and escapes of the keys.
    json: BTreeSet<(u8, usize)>,
    /// Lines with a Secret in flow notation or as Go prints a map.
    flow: Vec<usize>,
}

impl Shape {
    /// Notes a hit that is the value of `kind`, `type` or `name`.
    pub fn note(&mut self, text: &str, hint: Hint, hit: &Range<usize>) {
        let b = text.as_bytes();
        let Some(start) = (if hint == Hint::Type { Some(hit.start) } else { bytes::back_at_most(b, hit.start, 96, bytes::in_name) }) else { return };
        let Some(key) = key_before(text, start) else { return };
        let word = text.get(start..bytes::skip(b, start, bytes::in_name).min(start + 96)).unwrap_or_default();
        let tells = match text.get(key.range.clone()).unwrap_or_default() {
            "kind" => is_secret_kind(word),
            "type" => hint == Hint::Type,
            "name" | "key" => names::kind_of(word).is_some(),
            _ => false,
        };
        if !tells {
            return;
        }
        match key.quote {
            Some(quote) => {
                self.json.insert(quote);
            }
            None if key.first => self.yaml = true,
            None => self.flow.push(hit.start),
        }
    }

    /// Walks the text in each notation that was noted.
    pub fn walk(&self, text: &str, found: &mut Vec<Found>) {
        if self.yaml {
            yaml::walk(text, found);
        }
        for (quote, escapes) in &self.json {
            json::walk(text, *quote, *escapes, found);
        }
        let mut done = 0;
        for hit in &self.flow {
            if *hit < done {
                continue;
            }
            let line = bytes::line(text.as_bytes(), *hit);
            flow(text, &line, found);
            done = line.end;
        }
    }
}

/// The key that a value belongs to.
struct Key {
    range: Range<usize>,
    quote: Option<(u8, usize)>,
    first: bool,
}

fn key_before(text: &str, value: usize) -> Option<Key> {
    let b = text.as_bytes();
    let unquoted = |i: usize| if i > 0 && bytes::is_quote(at(b, i - 1)) { bytes::back(b, i - 1, |c| c == b'\\') } else { i };
    let colon = bytes::back(b, unquoted(value), |c| c == b' ').checked_sub(1).filter(|i| at(b, *i) == b':')?;
    let end = bytes::back(b, colon, |c| c == b' ');
    let quoted = end > 0 && bytes::is_quote(at(b, end - 1));
    let end_of_key = unquoted(end);
    let start = bytes::back_at_most(b, end_of_key, 16, |c| c.is_ascii_alphabetic())?;
    let quote = quoted.then(|| (at(b, end - 1), end - 1 - end_of_key));
    let line = bytes::back_at_most(b, start, 256, |c| matches!(c, b' ' | b'-')).unwrap_or(start);
    Some(Key { range: start..end_of_key, quote, first: line == 0 || at(b, line - 1) == b'\n' })
}

/// `Secret` or `SecretList`.
pub fn is_secret_kind(word: &str) -> bool {
    word.eq_ignore_ascii_case("Secret") || word.eq_ignore_ascii_case("SecretList")
}

/// Whether a `type` is a Secret's.
pub fn is_secret_type(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    TYPES.iter().any(|t| word.starts_with(t))
}

/// What is known of one mapping while it is walked.
#[derive(Debug, Default)]
pub struct Mapping {
    secret: bool,
    telling: Option<&'static str>,
    value: Option<Range<usize>>,
    data: Vec<Range<usize>>,
}

impl Mapping {
    /// A scalar of the mapping: its key, its text, and where it stands.
    pub fn scalar(&mut self, key: &str, value: &str, range: Range<usize>) {
        match key {
            "kind" if is_secret_kind(value) => self.secret = true,
            "type" if is_secret_type(value) => self.secret = true,
            "name" | "key" => self.telling = names::kind_of(value).or(self.telling),
            "value" => self.value = Some(range),
            "data" | "stringData" => self.data.push(range),
            _ => {}
        }
    }
    /// A scalar somewhere below `data`.
    pub fn datum(&mut self, range: Range<usize>) {
        self.data.push(range);
    }
    /// More lines of the `value`.
    pub fn prolong_value(&mut self, end: usize) {
        if let Some(value) = &mut self.value {
            value.end = value.end.max(end);
        }
    }
    /// Ends the mapping: what is secret goes to `found`, what may be so in a wider mapping (a list of Secrets whose items
    /// name no kind) goes to `outer`.
    pub fn close(self, text: &str, outer: Option<&mut Self>, found: &mut Vec<Found>) {
        if let (Some(kind), Some(range)) = (self.telling, self.value)
            && text.get(range.clone()).is_some_and(|v| !values::harmless(v, kind))
        {
            found.push(Found::new(range, kind));
        }
        if self.secret {
            found.extend(self.data.into_iter().filter(|r| text.get(r.clone()).is_some_and(|v| !nothing(v))).map(|r| Found::new(r, "secret-data")));
        } else if let Some(outer) = outer {
            outer.data.extend(self.data);
        }
    }
}

/// Whether a datum holds nothing, or a mark already.
fn nothing(value: &str) -> bool {
    matches!(value.trim(), "" | "null" | "~" | "{}" | "''" | "\"\"") || value.starts_with(super::MARK)
}

static FLOW: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?:^|[{\[\s,"'])(?:data|stringData)["']?\s*:\s*(?:map\[|\{)([^\]}]*)"#).ok());

/// `{kind: Secret, data: {a: b}}` and `map[data:map[a:b] kind:Secret]`: all that `data` encloses.
fn flow(text: &str, line: &Range<usize>, found: &mut Vec<Found>) {
    let (Some(regex), Some(body)) = (FLOW.as_ref(), text.get(line.clone())) else { return };
    for inside in regex.captures_iter(body).filter_map(|c| c.get(1)).filter(|m| !nothing(m.as_str())) {
        found.push(Found::new(line.start + inside.start()..line.start + inside.end(), "secret-data"));
    }
}
