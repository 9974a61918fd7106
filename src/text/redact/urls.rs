//! Credentials in a URL: `postgres://user:password@host`, `https://TOKEN@host`. The user's name stays.
use super::bytes::skip;
use super::{Found, values};
use std::ops::Range;

/// No authority with credentials is longer.
const LONGEST: usize = 2048;

pub fn credentials(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let from = hit.end;
    let end = skip(b, from, |c| c > b' ' && c < 0x7f && !matches!(c, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')).min(from + LONGEST);
    let url = text.get(from..end)?;
    let slash = url.find(['/', '?', '#']).unwrap_or(url.len());
    let (authority, rest) = url.split_at_checked(slash)?;
    let at = authority.rfind('@').or_else(|| {
        // An unescaped `/` in a password: `user:pa/ss@host`, unless what stands there is a port.
        let (_, after) = authority.split_once(':')?;
        let port = after.bytes().all(|c| c.is_ascii_digit());
        (!port).then(|| rest.find('@').map(|at| slash + at))?
    })?;
    let user = url.get(..at)?;
    let range = match user.find(':') {
        Some(colon) => from + colon + 1..from + at,
        None if user.len() >= 20 => from..from + at,
        None => return None,
    };
    (!values::harmless(text.get(range.clone())?, "url-credentials")).then(|| Found::new(range, "url-credentials"))
}
