//! Secrets known by their encoding: JSON web tokens, private keys in PEM (whole, cut at either end, or encoded once
//! more), the data of helm releases. Certificates and ordinary base64 are no secrets and stay.
use super::Found;
use super::bytes::{self, at, skip};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::ops::Range;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// What base64 in either alphabet encodes.
pub fn base64(value: &str) -> Option<Vec<u8>> {
    if value.is_empty() {
        return None;
    }
    let dense: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    PLAIN.decode(&dense).or_else(|_| URL.decode(&dense)).ok()
}

/// Whether a value is base64 as a Secret's data are: in the plain alphabet, whole, padded.
pub fn is_strict(value: &str) -> bool {
    let length = value.bytes().filter(|b| !b.is_ascii_whitespace()).count();
    length >= 4
        && length % 4 == 0
        && value.bytes().all(|b| b.is_ascii_whitespace() || (bytes::in_base64(b) && !matches!(b, b'-' | b'_')))
        && base64(value).is_some()
}

/// Whether what reads as base64 is more than a word that happens to.
pub fn is_no_word(value: &str) -> bool {
    let value = value.trim();
    let has = |f: fn(&u8) -> bool| value.bytes().any(|b| f(&b));
    is_strict(value) && (value.ends_with('=') || (value.len() >= 8 && has(u8::is_ascii_lowercase) && value.bytes().skip(1).any(|b| b.is_ascii_uppercase())))
}

/// A JSON web token: two or three parts, and the first is a header that names an algorithm.
pub fn jwt(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let inside = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.' | b'=');
    let before = hit.start.checked_sub(1).map_or(0, |i| at(b, i));
    if text.get(hit.clone())? != "eyJ" || before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-') {
        return None;
    }
    let end = skip(b, hit.start, inside);
    if before == b'.' {
        return beheaded(text, hit.start, end);
    }
    let whole = text.get(hit.start..end)?.trim_end_matches(['.', '-']);
    // `{"auths":` of a registry's credentials, and `{"k":` of a dashboard's keys.
    if whole.starts_with("eyJhdXRocyI6") {
        return Some(Found::new(hit.start..skip(b, hit.start, bytes::in_base64), "docker-config"));
    }
    if whole.starts_with("eyJrIjoi") && whole.len() >= 60 && !whole.contains('.') {
        return Some(Found::new(hit.start..hit.start + whole.len(), "cloud-key"));
    }
    let (header, payload) = whole.split_once('.')?;
    let header = base64(header)?;
    let names_algorithm = [&b"\"alg\""[..], b"\"enc\"", b"\"typ\""].iter().any(|word| header.windows(word.len()).any(|w| w == *word));
    (names_algorithm && payload.len() >= 4).then(|| Found::new(hit.start..hit.start + whole.len(), "jwt"))
}

/// A token whose first part was cut: what is left of that, the claims, the signature.
fn beheaded(text: &str, claims: usize, end: usize) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back(b, claims - 1, |c| bytes::in_base64(c) && c != b'=');
    let (payload, signature) = text.get(claims..end)?.split_once('.')?;
    let payload = base64(payload)?;
    let whole = text.get(start..end)?.trim_end_matches(['.', '-']);
    (payload.starts_with(b"{\"") && signature.len() >= 16).then(|| Found::new(start..start + whole.len(), "jwt"))
}

/// How far behind its beginning the end of a private key is looked for.
const LONGEST_KEY: usize = 32 * 1024;

/// The label of a PEM line, from behind `-----BEGIN` on: where it ends, if it is a private key's. YAML may have folded it.
fn private_label(text: &str, from: usize) -> Option<usize> {
    let b = text.as_bytes();
    let end = skip(b.get(..from + 160).unwrap_or(b), from, |c| c.is_ascii_uppercase() || c.is_ascii_whitespace() || c.is_ascii_digit());
    let words: Vec<&str> = text.get(from..end)?.split_ascii_whitespace().collect();
    let private = words.windows(2).any(|w| w == ["PRIVATE", "KEY"]);
    private.then(|| skip(b, end, |c| c == b'-'))
}

/// A private key, up to its end, whatever stands before each of its lines; or as far as they reach when that was cut off.
pub fn pem(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let mut end = private_label(text, hit.end)?;
    let reach = b.get(end..).map_or(0, |rest| rest.len().min(LONGEST_KEY));
    let near = b.get(end..end + reach).unwrap_or_default();
    if let Some(found) = position(near, b"-----END")
        && position(near.get(..found).unwrap_or_default(), b"-----BEGIN").is_none()
        && let Some(close) = private_label(text, end + found + 8)
    {
        return Some(Found::new(hit.start..close, "pem"));
    }
    loop {
        let next = line_break(b, end);
        let line = skip(b, next, |c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'='));
        // Headers of an encrypted key.
        let header = text
            .get(next..)
            .is_some_and(|t| t.starts_with("Proc-Type:") || t.starts_with("DEK-Info:") || t.starts_with("Version:") || t.starts_with("Comment:"));
        let line = if header { skip(b, next, |c| c != b'\n' && c != b'\\') } else { line };
        // A word of something else that follows is no line of a key.
        let word = at(b, line) == b' ' && line - next < 16;
        if line == next || (!header && (word || !is_break(b, line))) {
            // A log puts its own words before each line.
            let Some(line) = prefixed(b, end) else { return Some(Found::new(hit.start..end, "pem")) };
            end = line;
            continue;
        }
        end = line;
    }
}

/// Where the next line ends, if its last word is a line of a key.
fn prefixed(b: &[u8], end: usize) -> Option<usize> {
    let next = skip(b, end, |c| c != b'\n') + 1;
    let line = skip(b, next, |c| c != b'\n');
    let trimmed = bytes::back(b, line, |c| matches!(c, b' ' | b'\r' | b'"' | b'\''));
    let word = bytes::back(b, trimmed, |c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'='));
    (next < b.len() && word >= next && trimmed - word >= 40).then_some(trimmed)
}

fn position(b: &[u8], word: &[u8]) -> Option<usize> {
    b.windows(word.len()).position(|w| w == word)
}

/// Whether a line of a key can end here.
fn is_break(b: &[u8], i: usize) -> bool {
    i >= b.len() || at(b, i).is_ascii_whitespace() || matches!(at(b, i), b'\\' | b'"' | b'\'' | b',' | b'-')
}

/// Behind the line ends at `i`, real or escaped, with the indentation and the quotes of folded strings.
fn line_break(b: &[u8], mut i: usize) -> usize {
    loop {
        let space = skip(b, i, |c| c.is_ascii_whitespace());
        let slashes = skip(b, space, |c| c == b'\\');
        match at(b, slashes) {
            b'n' | b'r' if slashes > space => i = slashes + 1,
            _ => return space,
        }
    }
}

/// The end of a private key whose beginning was cut off: the lines of base64 before it. The last of them may be short,
/// and so may the first, which the cut went through.
pub fn pem_end(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let end = private_label(text, hit.end)?;
    let mut start = hit.start;
    let mut lines = 0;
    loop {
        let space = bytes::back(b, start, |c| c.is_ascii_whitespace());
        let line = bytes::back(b, space, |c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=' | b'\\'));
        let whole = line == 0 || at(b, line - 1).is_ascii_whitespace() || bytes::is_quote(at(b, line - 1)) || !at(b, line - 1).is_ascii();
        let at_cut = line == 0 || at(b, line - 1) == b'\n' || bytes::is_quote(at(b, line - 1));
        if line == space || (space == start && lines > 0) || !whole || (space - line < 16 && lines > 0 && !at_cut) {
            return Some(Found::new(start..end, "pem"));
        }
        start = line;
        if space - line < 16 && lines > 0 {
            return Some(Found::new(start..end, "pem"));
        }
        lines += 1;
    }
}

/// Base64 of a text that says its password: the word is known by how it is encoded, the text is searched.
pub fn speaking(text: &str, hit: &Range<usize>, budget: &mut usize) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, 4096, bytes::in_base64)?;
    let start = skip(b, start, |c| c == b'=');
    let end = skip(b.get(..start + 16 * 1024).unwrap_or(b), hit.end, bytes::in_base64);
    *budget = budget.checked_sub(4 * (end - start))?;
    let said = String::from_utf8(base64(text.get(start..end)?)?).ok()?;
    let tells = !super::search(&said, super::nested::DEEPEST + 1, &mut Vec::new()).is_empty();
    (start < hit.start + 1 && tells).then(|| Found::new(start..end, "encoded"))
}

/// PEM in base64, as a Secret or a kubeconfig carries it.
pub fn encoded_pem(text: &str, hit: &Range<usize>) -> Option<Found> {
    let range = hit.start..wrapped(text.as_bytes(), hit.start);
    let head = text.get(hit.start..(hit.start + 64).min(range.end))?;
    let whole = head.len() - head.len() % 4;
    let decoded = base64(head.get(..whole)?)?;
    let label = String::from_utf8_lossy(&decoded).into_owned();
    (label.starts_with("-----BEGIN") && label.contains("PRIVATE")).then(|| Found::new(range, "pem"))
}

/// Where base64 ends that its encoder may have wrapped: a full line, and another one below it.
fn wrapped(b: &[u8], from: usize) -> usize {
    let mut end = skip(b, from, bytes::in_base64);
    let mut line = from;
    while end - line >= 60 && at(b, end) == b'\n' {
        let next = skip(b, end, |c| c.is_ascii_whitespace());
        let stop = skip(b, next, bytes::in_base64);
        if stop == next
            || !(stop >= b.len() || at(b, stop).is_ascii_whitespace() || bytes::is_quote(at(b, stop)))
            || (stop - next < 16 && at(b, stop - 1) != b'=')
        {
            break;
        }
        (line, end) = (next, stop);
    }
    end
}

/// The gzipped data of a helm release, in base64 once (as `release:`) or twice.
pub fn helm(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let before = hit.start.checked_sub(1).map_or(0, |i| at(b, i));
    if bytes::in_base64(before) && before != b'=' {
        return None;
    }
    let range = hit.start..skip(b, hit.start, bytes::in_base64);
    if range.len() < 64 {
        return None;
    }
    let named = || {
        let from = bytes::back_at_most(b, hit.start, 24, |c| !c.is_ascii_alphabetic()).unwrap_or(hit.start);
        text.get(..from).is_some_and(|t| t.ends_with("release"))
    };
    (text.get(hit.clone())? == "SDRzSU" || (text.get(hit.clone())? == "H4sI" && named())).then(|| Found::new(range, "helm-release"))
}
