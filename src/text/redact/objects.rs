//! Objects in text: which notations hold a Secret or a pair of a telling `name` and its `value`, and what to do with
//! what a walk over one of them finds. The walks themselves are in `yaml`, `json` and `flow`.
use super::bytes::{self, at};
use super::hints::Hint;
use super::ordinary::{harmless, is_strong};
use super::{Found, encoded, flow, json, names, yaml};
use std::collections::BTreeSet;
use std::ops::Range;

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
    /// Notes a hit that is a key `data`, or the value of `kind`, `type` or `name`.
    pub fn note(&mut self, text: &str, hint: Hint, hit: &Range<usize>) {
        let b = text.as_bytes();
        if hint == Hint::Data {
            self.note_data(text, hit);
            return;
        }
        let Some(start) = (if hint == Hint::Type { Some(hit.start) } else { bytes::back_at_most(b, hit.start, 96, bytes::in_name) }) else { return };
        let end = bytes::skip(b.get(..start + 96).unwrap_or(b), start, bytes::in_name);
        let word = text.get(start..end).unwrap_or_default();
        if at(b, end) == b'{' && word.rsplit('.').next().is_some_and(is_secret_kind) {
            self.flow.push(hit.start);
            return;
        }
        let Some(key) = key_before(text, start) else { return };
        let tells = match text.get(key.range.clone()).unwrap_or_default() {
            "kind" | "Kind" => is_secret_kind(word),
            "type" | "Type" => hint == Hint::Type,
            "name" | "key" | "Name" | "Key" => names::kind_of_pair(word).is_some() || names::is_some_key(word),
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

    fn note_data(&mut self, text: &str, hit: &Range<usize>) {
        let b = text.as_bytes();
        let end = bytes::skip(b, hit.start + 1, |c| c.is_ascii_alphabetic());
        let opens = bytes::is_quote(at(b, hit.start)) || (hit.start > 0 && bytes::is_quote(at(b, hit.start - 1)));
        if opens {
            let quote = if bytes::is_quote(at(b, hit.start)) { hit.start } else { hit.start - 1 };
            let closed = bytes::skip(b, end, |c| c == b'\\' || c == at(b, quote));
            let colon = bytes::skip(b, closed, |c| c.is_ascii_whitespace());
            if closed > end && at(b, colon) == b':' {
                self.json.insert((at(b, quote), quote - bytes::back(b, quote, |c| c == b'\\')));
            }
            return;
        }
        let line = bytes::back_at_most(b, hit.start, 256, |c| matches!(c, b' ' | b'-')).unwrap_or(hit.start);
        self.yaml |= at(b, end) == b':' && (line == 0 || at(b, line - 1) == b'\n');
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
            flow::data(text, &line, found);
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
    TYPES.iter().any(|t| word.get(..t.len()).is_some_and(|head| head.eq_ignore_ascii_case(t)))
}

/// Keys of metadata: what stands under them is no data of a Secret whose beginning was cut off.
pub fn is_metadata(key: &str) -> bool {
    ["name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "generateName", "apiVersion", "kind", "controller", "selfLink", "type"]
        .contains(&key)
}

/// What is known of one mapping while it is walked.
#[derive(Debug, Default)]
pub struct Mapping {
    secret: bool,
    /// It names a kind that is no Secret's and no plain list's.
    other: bool,
    /// It has what objects have: an API version or metadata.
    object: bool,
    telling: Option<&'static str>,
    /// Its name is that of some key, secret or not.
    some_key: bool,
    value: Option<Range<usize>>,
    data: Vec<Range<usize>>,
    /// Data of objects without a kind, all of it in base64: a Secret's, unless what encloses them says otherwise.
    likely: Vec<Range<usize>>,
}

impl Mapping {
    /// A scalar of the mapping: its key, its text, and where it stands.
    pub fn scalar(&mut self, key: &str, value: &str, range: Range<usize>) {
        match key {
            "kind" if is_secret_kind(value) => self.secret = true,
            // The beginning of `Secret` alone may be all that a cut left of it.
            "kind" if !"Secret".starts_with(value) && value != "List" => self.other = true,
            "type" if is_secret_type(value) => self.secret = true,
            "apiVersion" | "metadata" => self.object = true,
            "name" | "key" | "Name" | "Key" => {
                self.telling = names::kind_of_pair(value).or(self.telling);
                self.some_key |= names::is_some_key(value);
            }
            "value" | "Value" => self.value = Some(range),
            "data" => self.data.push(range),
            "stringData" => {
                self.secret = true;
                self.data.push(range);
            }
            _ => {}
        }
    }
    /// A scalar somewhere below `data`.
    pub fn datum(&mut self, range: Range<usize>) {
        self.data.push(range);
    }
    /// Whether it has said what it is.
    pub fn is_known(&self) -> bool {
        self.secret || self.other || self.object
    }
    /// Only Secrets have `stringData`.
    pub fn is_secret(&mut self) {
        self.secret = true;
    }
    /// More lines of the `value`.
    pub fn prolong_value(&mut self, end: usize) {
        if let Some(value) = &mut self.value {
            value.end = value.end.max(end);
        }
    }
    /// Ends the mapping: what is secret goes to `found`, what may be so in a wider mapping (a list of Secrets whose items
    /// name no kind) goes to `outer`.
    pub fn close(mut self, text: &str, outer: Option<&mut Self>, cut: bool, found: &mut Vec<Found>) {
        let keyed = self.some_key && self.telling.is_none();
        if let (Some(kind), Some(range)) = (self.telling.or(keyed.then_some("key")), self.value.take())
            && text.get(range.clone()).is_some_and(|v| !harmless(v, kind) && (!keyed || is_strong(v)))
        {
            found.push(Found::new(range, kind));
        }
        let secret = |ranges: Vec<Range<usize>>, found: &mut Vec<Found>| {
            found.extend(ranges.into_iter().filter(|r| text.get(r.clone()).is_some_and(|v| !nothing(v))).map(|r| Found::new(r, "secret-data")));
        };
        if self.secret {
            secret(self.data, found);
            secret(self.likely, found);
            return;
        }
        if self.other {
            return;
        }
        if (self.object || cut) && all_encoded(text, &self.data, cut) {
            self.likely.extend(self.data.iter().cloned());
        }
        match outer {
            Some(outer) => {
                outer.data.append(&mut self.data);
                outer.likely.append(&mut self.likely);
            }
            None => secret(self.likely, found),
        }
    }
}

/// Whether all data are base64 that is no word; the last one may have been cut.
fn all_encoded(text: &str, data: &[Range<usize>], cut: bool) -> bool {
    let Some((last, rest)) = data.split_last() else { return false };
    let value = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
    let strict = |range: &Range<usize>| nothing(value(range)) || encoded::is_strict(value(range));
    let tells = |range: &Range<usize>| encoded::is_no_word(value(range));
    let last_holds = strict(last) || (cut && !rest.is_empty() && value(last).bytes().all(|b| bytes::in_base64(b) || b.is_ascii_whitespace()));
    last_holds && rest.iter().all(strict) && data.iter().any(tells)
}

/// Whether a datum holds nothing.
fn nothing(value: &str) -> bool {
    matches!(value.trim(), "" | "null" | "~" | "{}" | "''" | "\"\"")
}
