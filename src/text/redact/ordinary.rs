//! Values that are no secret, whatever the name beside them says; and words that are more likely prose.
use super::bytes;

/// Words that follow a flag, or `password:` in a sentence, and are about one.
#[rustfmt::skip]
const PROSE: &[&str] = &[
    "to", "is", "or", "and", "flag", "flags", "option", "with", "for", "was", "not", "must", "can", "in", "from", "the", "a", "an", "if", "as", "on", "of", "when",
    "argument", "should", "has", "are", "given", "set", "requires", "instead", "no", "too", "cannot", "could", "failed", "failure", "invalid", "incorrect", "wrong",
    "missing", "required", "expired", "empty", "unset", "unknown", "denied", "rejected", "mismatch", "error", "eof", "unexpected", "authentication", "access",
    "permission", "does", "did", "do", "it", "this", "that", "please", "enter", "use", "using", "unable", "bad", "ok", "success", "accepted", "changed", "reset",
    "rotated", "updated", "value", "secret", "password", "token", "string", "length", "at", "by", "be", "will", "would", "may", "but", "open", "illegal", "malformed",
    "hidden", "masked", "provided", "specified", "verified", "verification", "connection", "dial", "context", "file", "key", "user", "login",
];

/// Whether a word belongs to a sentence.
pub fn is_prose(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ':', ';', '!', '?', ')']).to_ascii_lowercase();
    word.is_empty() || PROSE.contains(&word.as_str())
}

/// Whether a word in the middle of prose is more likely a secret than a word: two kinds of characters, and some length.
pub fn looks_secret(value: &str) -> bool {
    let has = |f: fn(&u8) -> bool| usize::from(value.bytes().any(|b| f(&b)));
    let kinds = has(u8::is_ascii_lowercase) + has(u8::is_ascii_uppercase) + has(u8::is_ascii_digit) + has(|b| b"!@#$%^&*+=~?".contains(b));
    let sentence = value.strip_suffix(['.', '!', '?']).is_some_and(|v| v.bytes().all(|b| b.is_ascii_alphabetic()));
    let title = value.bytes().skip(1).all(|b| b.is_ascii_lowercase());
    value.len() >= 6 && kinds >= 2 && !sentence && !title && !value.contains(super::MARK)
}

/// Whether a value looks drawn at random: long, without words or places in it, and of several kinds of characters, or
/// nothing but hexadecimal digits.
pub fn is_random(value: &str) -> bool {
    let count = |f: fn(&u8) -> bool| value.bytes().filter(f).count();
    let run = value.split(|c: char| !c.is_ascii_alphanumeric()).map(str::len).max().unwrap_or(0);
    let mixed = count(u8::is_ascii_lowercase) >= 2 && count(u8::is_ascii_uppercase) >= 2 && count(u8::is_ascii_digit) >= 2;
    (16..=512).contains(&value.len()) && run >= 12 && mixed && value.bytes().all(|b| bytes::in_base64(b) || b == b'.')
}

/// The same for a value whose name says that it is a key: shorter ones, and hexadecimal digits.
pub fn is_strong(value: &str) -> bool {
    let has = |f: fn(&u8) -> bool| value.bytes().any(|b| f(&b));
    let hex = value.len() >= 32 && value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f')) && has(u8::is_ascii_digit);
    let mixed = value.len() >= 10 && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    is_random(value) || hex || (mixed && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')) && !value.contains("//"))
}

/// Words that say that there is no value, or which; and the beginnings of notations that are none.
#[rustfmt::skip]
const NOTHING: &[&str] = &[
    "true", "false", "null", "none", "nil", "~", "yes", "no", "undefined", "disabled", "enabled", "redacted", "[redacted]", "''", "\"\"", "<", "{", "[", "|", ">", "(",
    "<none", "<nil", "<unset", "<unknown", "<hidden", "<empty",
];

/// Values that are no secret, whatever their name says.
pub fn harmless(value: &str, kind: &str) -> bool {
    let value = value.trim();
    let word = value.to_ascii_lowercase();
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    let sized = word.strip_suffix(" bytes").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    value.is_empty()
        || NOTHING.contains(&word.as_str())
        || sized
        || is_placeholder(value)
        || value.bytes().all(|b| matches!(b, b'*' | b'.' | b'-' | b'#'))
        || value.chars().all(|c| c == 'x' || c == 'X' || c == '•')
        || is_reference(value)
        || is_path(value)
        || (digits && value.len() <= 6 && kind == "token")
        || (digits && value.len() <= 2)
}

/// `<nil>`, `<your password>`, and `<set to the key 'password' in secret 'db'>  Optional: false` of `kubectl describe`.
fn is_placeholder(value: &str) -> bool {
    let Some((inner, rest)) = value.strip_prefix('<').and_then(|v| v.split_once('>')) else { return false };
    let rest = rest.trim();
    let plain = inner.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'\'' | b'"' | b'-' | b'_' | b'.' | b'/' | b':'));
    plain && inner.bytes().next().is_none_or(|b| b.is_ascii_alphabetic()) && (rest.is_empty() || rest.starts_with("Optional:") || rest.starts_with("for "))
}

/// `$(DB_PASSWORD)`, `${DB_PASSWORD}`, `$DB_PASSWORD`, `{{ .Values.password }}`, `%s`.
fn is_reference(value: &str) -> bool {
    let inside = |open: &str, close: &str| {
        value.strip_prefix(open).and_then(|v| v.strip_suffix(close)).is_some_and(|v| !v.is_empty() && v.bytes().all(|b| bytes::in_name(b) || b == b' '))
    };
    inside("$(", ")")
        || inside("${", "}")
        || inside("{{", "}}")
        || ["%s", "%v", "%q", "%d"].contains(&value)
        || value.strip_prefix('$').is_some_and(|v| v.len() > 3 && v.contains('_') && v.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
}

fn is_path(value: &str) -> bool {
    value.starts_with('/')
        && value.matches('/').count() >= 2
        && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'/' | b'.' | b'-' | b'_'))
}
