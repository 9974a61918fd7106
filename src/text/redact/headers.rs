//! HTTP's own ways to carry a secret: `Authorization`, bearer and basic tokens, cookies; and a registry's `auth`.
use super::bytes::{self, at, skip};
use super::ordinary::{harmless, looks_secret};
use super::{Found, encoded};
use std::ops::Range;

/// Words that come before the credentials in an `Authorization` header.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "token", "apikey", "negotiate", "ntlm", "splunk", "ssws", "aws4-hmac-sha256", "key"];

/// `Authorization: Bearer …`, in a header, a JSON object or a log's map of headers; `"auth": "…"` of a docker config.
pub fn auth(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, 96, bytes::in_name)?;
    let end = skip(b, hit.start, bytes::in_name);
    let name = text.get(start..end)?.trim_start_matches(['-', '.']).to_ascii_lowercase();
    let from = behind_separator(b, end)?;
    // `REDIS_AUTH=…`
    if name.len() > 5 && name.ends_with("_auth") {
        let range = from..skip(b, from, bytes::in_base64);
        return super::ordinary::is_strong(text.get(range.clone())?).then(|| Found::new(range, "password"));
    }
    if name == "auth" || name == "_auth" {
        let range = from..skip(b, from, bytes::in_base64);
        let decoded = encoded::base64(text.get(range.clone())?)?;
        return decoded.contains(&b':').then(|| Found::new(range, "docker-auth"));
    }
    if !name.ends_with("authorization") {
        return None;
    }
    let scheme_end = skip(b, from, |c| c.is_ascii_alphanumeric() || c == b'-');
    let scheme = text.get(from..scheme_end)?.to_ascii_lowercase();
    if SCHEMES.contains(&scheme.as_str()) && at(b, scheme_end) == b' ' {
        let from = skip(b, scheme_end, |c| c == b' ');
        let many = ["digest", "aws4-hmac-sha256"].contains(&scheme.as_str());
        // A header of several parts, each quoted, goes on to the end of its line, unless it is quoted as a whole.
        let bare = many && !text.get(start..scheme_end)?.contains(['"', '\'']) && !start.checked_sub(1).is_some_and(|i| bytes::is_quote(at(b, i)));
        let inside = |c: u8| !bytes::is_quote(c) && !matches!(c, b']' | b'\\');
        let range = from..skip(b, from, |c| c != b'\n' && (bare || inside(c)) && (many || (c != b' ' && c != b',')));
        return (!harmless(text.get(range.clone())?, "token")).then(|| Found::new(range, if scheme == "basic" { "basic" } else { "bearer" }));
    }
    let range = from..skip(b, from, |c| !c.is_ascii_whitespace() && !bytes::is_quote(c) && !matches!(c, b',' | b']' | b'\\'));
    looks_secret(text.get(range.clone())?).then(|| Found::new(range, "token"))
}

/// Behind `": "`, `=`, `:[`, with whatever quotes stand there.
fn behind_separator(b: &[u8], end: usize) -> Option<usize> {
    let closed = bytes::opening(b, end).map_or(end, |q| q.content);
    let i = skip(b, closed, |c| c == b' ');
    if !matches!(at(b, i), b':' | b'=') {
        return None;
    }
    let i = skip(b, i + 1, |c| matches!(c, b' ' | b'[' | b'>'));
    Some(bytes::opening(b, i).map_or(i, |q| q.content))
}

/// `Bearer …` outside a header.
pub fn bearer(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let from = skip(b, hit.end, |c| c == b' ');
    let range = from..skip(b, from, |c| bytes::in_base64(c) || matches!(c, b'.' | b'~'));
    let value = text.get(range.clone())?;
    (value.len() >= 8 && (value.len() >= 24 || looks_secret(value))).then(|| Found::new(range, "bearer"))
}

/// `Basic …`: base64 of `user:password`.
pub fn basic(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let from = skip(b, hit.end, |c| c == b' ');
    let range = from..skip(b, from, bytes::in_base64);
    let decoded = encoded::base64(text.get(range.clone())?)?;
    (range.len() >= 6 && decoded.contains(&b':') && decoded.is_ascii()).then(|| Found::new(range, "basic"))
}

/// `Cookie: a=b; c=d`.
pub fn cookie(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, 16, bytes::in_name)?;
    let name = text.get(start..hit.end)?.trim_start_matches('-').to_ascii_lowercase();
    if !["cookie", "set-cookie"].contains(&name.as_str()) || bytes::in_name(at(b, hit.end)) {
        return None;
    }
    let from = behind_separator(b, hit.end)?;
    let range = from..skip(b, from, |c| c != b'\n' && !bytes::is_quote(c) && !matches!(c, b']' | b'\\'));
    text.get(range.clone())?.contains('=').then(|| Found::new(range, "cookie"))
}
