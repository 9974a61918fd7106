//! Patterns over what programs print, which is ASCII where it matters: with Unicode's tables for `\w` and its like one
//! pattern may take seventeen times the room.
use regex::Regex;

/// A pattern whose `\d`, `\s`, `\S`, `\w` and `\b` stand for ASCII alone, within a class too (not `\b`, which no class holds).
///
/// # Errors
/// Where it is no pattern.
pub fn ascii(pattern: &str) -> Result<Regex, regex::Error> {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut escaped = false;
    for c in pattern.chars() {
        match (escaped, c) {
            (false, '\\') => {}
            (false, c) => out.push(c),
            (true, 'd') => out.push_str("[0-9]"),
            (true, 's') => out.push_str(r"[\t-\r ]"),
            (true, 'S') => out.push_str(r"[^\t-\r ]"),
            (true, 'w') => out.push_str("[0-9A-Za-z_]"),
            (true, 'b') => out.push_str(r"(?-u:\b)"),
            (true, c) => out.extend(['\\', c]),
        }
        escaped = c == '\\' && !escaped;
    }
    out.extend(escaped.then_some('\\'));
    Regex::new(&out)
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn classes_are_ascii_wherever_they_stand() {
        let all = |pattern, text| ascii(pattern).unwrap().find_iter(text).map(|m| m.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(all(r"\w+", "día_1 Привет x"), ["d", "a_1", "x"]);
        assert_eq!(all(r"[\w.-]+|\d{2}", "a.b-c: 42"), ["a.b-c", "42"]);
        assert_eq!(all(r"[^\s:]+", "a:b\tc\u{a0}d"), ["a", "b", "c\u{a0}d"]);
        assert_eq!(all(r"\S+ \\w", r"naïve \w"), [r"naïve \w"]);
        assert_eq!(all(r"(?i)\berr\b", "err ERR: stderr errs"), ["err", "ERR"]);
        assert!(ascii("(").is_err() && ascii("a\\").is_err());
    }
}
