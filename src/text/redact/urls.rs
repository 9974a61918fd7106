//! Credentials in a URL: `postgres://user:password@host`, `https://TOKEN@host`. The user's name stays.
use super::bytes::{self, at, skip};
use super::ordinary::{harmless, looks_secret};
use super::{Found, marks};
use std::ops::Range;

/// No authority with credentials is longer.
const LONGEST: usize = 2048;

pub fn credentials(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    // JSON may have escaped the slashes.
    let escaped = text.get(hit.clone())?.contains('\\');
    let from = hit.end;
    let mut end = from;
    while end < b.len() && end - from < LONGEST {
        let inside = match at(b, end) {
            c if c <= b' ' || c == 0x7f => false,
            b'"' | b'`' | b'<' | b'>' => false,
            b'\\' => escaped && at(b, end + 1) == b'/',
            // Part of a password, when a host still comes.
            b'\'' => host_follows(b, end + 1),
            _ => true,
        };
        if !inside {
            break;
        }
        end = marks::end(b, end).unwrap_or(end + 1);
    }
    let url = text.get(from..text.floor_char_boundary(end))?;
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
        // The user is the token, and nothing is behind it, or a word that says so.
        Some(colon) if ["", "x-oauth-basic"].contains(&user.get(colon + 1..)?) => {
            let user = user.get(..colon)?;
            (user.len() >= 12 && looks_secret(user)).then_some(from..from + colon)?
        }
        Some(colon) => from + colon + 1..from + at,
        None if user.len() >= 20 || (user.len() >= 12 && looks_secret(user)) => from..from + at,
        None => return None,
    };
    (!harmless(text.get(range.clone())?, "url-credentials")).then(|| Found::new(range, "url-credentials"))
}

fn host_follows(b: &[u8], i: usize) -> bool {
    let end = skip(b, i, |c| c > b' ' && !matches!(c, b'"' | b'\'' | b'@' | b',' | b')'));
    at(b, end) == b'@' && at(b, end + 1).is_ascii_alphanumeric()
}

/// `jdbc:oracle:thin:user/password@host`.
pub fn oracle(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let user = skip(b, hit.end, |c| bytes::in_name(c) || c == b'$');
    let end = skip(b, user, |c| c > b' ' && !matches!(c, b'@' | b'"' | b'\''));
    (at(b, user) == b'/' && at(b, end) == b'@' && end > user + 1).then(|| Found::new(user + 1..end, "url-credentials"))
}
