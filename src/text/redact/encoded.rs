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

/// A JSON web token: two or three parts, and the first is a header that names an algorithm.
pub fn jwt(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let inside = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.' | b'=');
    let before = hit.start.checked_sub(1).map_or(0, |i| at(b, i));
    if text.get(hit.clone())? != "eyJ" || before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-') {
        return None;
    }
    let end = skip(b, hit.start, inside);
    let whole = text.get(hit.start..end)?.trim_end_matches(['.', '-']);
    let (header, payload) = whole.split_once('.')?;
    let header = base64(header)?;
    let names_algorithm = [&b"\"alg\""[..], b"\"enc\"", b"\"typ\""].iter().any(|word| header.windows(word.len()).any(|w| w == *word));
    (names_algorithm && payload.len() >= 4).then(|| Found::new(hit.start..hit.start + whole.len(), "jwt"))
}

/// The label of a PEM line, from behind `-----BEGIN` on: where it ends, if it is a private key's.
fn private_label(text: &str, from: usize) -> Option<usize> {
    let b = text.as_bytes();
    let end = skip(b, from, |c| c.is_ascii_uppercase() || c == b' ' || c.is_ascii_digit());
    (text.get(from..end)?.contains("PRIVATE KEY") && end - from <= 64).then(|| skip(b, end, |c| c == b'-'))
}

/// A private key, up to its end or as far as its lines reach when that was cut off.
pub fn pem(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let mut end = private_label(text, hit.end)?;
    loop {
        let next = line_break(b, end);
        if text.get(next..).is_some_and(|t| t.starts_with("-----END")) {
            let label = skip(b, next + 8, |c| c.is_ascii_uppercase() || c == b' ' || c.is_ascii_digit());
            return Some(Found::new(hit.start..skip(b, label, |c| c == b'-'), "pem"));
        }
        let line = skip(b, next, |c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'='));
        // Headers of an encrypted key.
        let header = text
            .get(next..)
            .is_some_and(|t| t.starts_with("Proc-Type:") || t.starts_with("DEK-Info:") || t.starts_with("Version:") || t.starts_with("Comment:"));
        let line = if header { skip(b, next, |c| c != b'\n' && c != b'\\') } else { line };
        if line == next || (!header && !is_break(b, line)) {
            return Some(Found::new(hit.start..end, "pem"));
        }
        end = line;
    }
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

/// The end of a private key whose beginning was cut off: the lines of base64 before it.
pub fn pem_end(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let end = private_label(text, hit.end)?;
    let mut start = hit.start;
    loop {
        let space = bytes::back(b, start, |c| c.is_ascii_whitespace());
        let line = bytes::back(b, space, |c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=' | b'\\'));
        let whole = line == 0 || at(b, line - 1).is_ascii_whitespace() || bytes::is_quote(at(b, line - 1));
        if line == space || !whole || space - line < 16 {
            return Some(Found::new(start..end, "pem"));
        }
        start = line;
    }
}

/// PEM in base64, as a Secret or a kubeconfig carries it.
pub fn encoded_pem(text: &str, hit: &Range<usize>) -> Option<Found> {
    let range = hit.start..skip(text.as_bytes(), hit.start, bytes::in_base64);
    let head = text.get(hit.start..(hit.start + 64).min(range.end))?;
    let whole = head.len() - head.len() % 4;
    let decoded = base64(head.get(..whole)?)?;
    let label = String::from_utf8_lossy(&decoded).into_owned();
    (label.starts_with("-----BEGIN") && label.contains("PRIVATE")).then(|| Found::new(range, "pem"))
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
