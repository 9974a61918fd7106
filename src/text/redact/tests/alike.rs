//! What looks like a secret and is none stays readable, and the keys of more issuers go: those are put together here, so
//! that nobody takes this file for a leak.
use super::*;

/// Texts that stay, one a line; `\n` is a line's end and `\\` a backslash.
const ALIKE: &str = include_str!("alike.txt");

#[test]
fn what_only_looks_like_a_secret_stays() {
    let texts: Vec<String> = ALIKE.lines().map(|line| line.replace("\\\\", "\u{1}").replace("\\n", "\n").replace('\u{1}', "\\")).collect();
    assert!(texts.len() >= 150, "{}", texts.len());
    for text in texts {
        assert_eq!(redacted(&text), text);
    }
}

#[test]
fn keys_of_more_issuers_go_and_what_is_shorter_stays() {
    let letters = "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5eF7gH9".repeat(3);
    let (hex, capitals) = ("0123456789abcdef".repeat(10), "A1B2C3D4E5F6G7H8".repeat(6));
    let drawn = |n: usize| letters.get(..n).unwrap();
    for (head, tail) in [
        ("sq0", format!("atp-{}", drawn(22))),
        ("fm", format!("2_{}", drawn(60))),
        ("ph", format!("x_{}", drawn(43))),
        ("CCIPAT", format!("_{}_{}", drawn(22), &hex[..40])),
        ("bk", format!("ua_{}", &hex[..40])),
        ("dt0c", format!("01.{}.{}", &capitals[..24], &capitals[..64])),
        ("ts", format!("key-auth-{}-{}", drawn(12), drawn(30))),
        ("pscale", format!("_pw_{}", drawn(43))),
        ("GR13", format!("48941{}", drawn(20))),
        ("sq", format!("p_{}", &hex[..40])),
        ("snyk", format!("_uat.{}", drawn(30))),
        ("EZ", format!("AK{}", drawn(54))),
        ("v1", format!(".0-{}-{}", &hex[..24], &hex[..146])),
        ("S", format!("K{}", &hex[..32])),
        ("key", format!("-{}", &hex[..32])),
        ("secret", format!("_{}", drawn(43))),
        ("aB3dE5gH7jK9mN", format!(".atlasv1.{}", drawn(67))),
    ] {
        let key = format!("{head}{tail}");
        gone(&format!("calling with {key} failed"), &[&key], &["calling with ", " failed"]);
        let short = key.get(..key.len().min(11)).unwrap();
        let text = format!("calling with {short} failed");
        assert_eq!(redacted(&text), text);
    }
}

#[test]
fn no_text_of_hints_is_looked_through_again_and_again() {
    // Squarely, each of these would take minutes.
    for word in ["cGFzc3dvcmQ9", "passwords: {", "tokens: [", "secrets:\n ", "%3Dpassword%3D", "\\u{200b}password=", "password-stdin|echo ", "password="] {
        let text = word.repeat(60_000 / word.len());
        let (out, _) = redactor().redact(&text);
        assert!(!out.is_empty());
    }
}
