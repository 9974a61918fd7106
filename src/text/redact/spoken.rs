//! Keys that a sentence speaks of in two words: `API key: …`, `Unseal Key 1: …`, `the secret key is …`. What stands there
//! must look drawn at random: most sentences about keys name none.
use super::bytes::{self, at, skip};
use super::ordinary::{is_random, is_strong};
use super::{Found, extents};
use std::ops::Range;

/// The value behind the two words.
pub fn key(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let space = |i| skip(b, i, |c| matches!(c, b' ' | b'\t'));
    let number = skip(b, space(hit.end), |c| c.is_ascii_digit());
    let named = bytes::opening(b, number).filter(|q| !at(b, q.content).is_ascii_alphanumeric()).map_or(number, |q| q.content);
    let rest = text.get(named..)?.trim_start_matches([' ', '\t']);
    let after = ["is:", "was:", "is ", "was ", ":", "=", "->"].iter().find_map(|joint| rest.strip_prefix(joint));
    let from = space(text.len() - after.unwrap_or(rest).len());
    if named == hit.end && after.is_none() && from == hit.end {
        return None;
    }
    let range = match bytes::opening(b, from) {
        Some(quote) => quote.content..quote.end(b),
        None => from..extents::word(b, from),
    };
    let value = text.get(range.clone())?.trim_end_matches('.');
    let sure = is_random(value) || (after.is_some() && is_strong(value));
    sure.then(|| Found::new(range.start..range.start + value.len(), "key"))
}
