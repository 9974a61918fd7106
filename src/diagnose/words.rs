//! How the rules put things into words: ages, lists, counts, quoted names. No rule's sentence is made anywhere else by hand.
use super::since::Since;
use crate::model::Timestamp;

/// Seconds from `then` to `now`; never negative.
pub fn seconds(now: Timestamp, then: Timestamp) -> i64 {
    (now.as_second() - then.as_second()).max(0)
}

/// `40s`, `3m`, `2h`, `5d`.
pub fn age(since: Since<'_>) -> String {
    since.words()
}

/// `a`, `a and b`, `a, b and c`; of many, the first few and how many more.
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    const MOST: usize = 4;
    let shown: Vec<&str> = items.iter().take(MOST).map(AsRef::as_ref).collect();
    let more = items.len().saturating_sub(MOST);
    match (shown.split_last(), more) {
        (None, _) => String::new(),
        (Some(_), 1..) => format!("{} and {more} more", shown.join(", ")),
        (Some((last, [])), 0) => (*last).to_owned(),
        (Some((last, rest)), 0) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The same with each name quoted.
pub fn quoted<S: AsRef<str>>(items: &[S]) -> String {
    list(&items.iter().map(|i| format!("`{}`", i.as_ref())).collect::<Vec<_>>())
}

/// `1 pod`, `3 pods`.
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// A text without what differs between repetitions: surrounding space, the final full stop, `(combined …)`.
pub fn trimmed(text: &str) -> &str {
    let text = text.trim().trim_start_matches("(combined from similar events): ");
    text.strip_suffix('.').unwrap_or(text)
}

/// At most `limit` characters, cut at a character.
pub fn short(text: &str, limit: usize) -> String {
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(limit).collect();
    if chars.next().is_some() { format!("{head}…") } else { head }
}

/// The text between two markers.
pub fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let rest = text.split_once(open)?.1;
    Some(rest.split_once(close)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_like_a_sentence() {
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&["a", "b", "c", "d", "e", "f"]), "a, b, c, d and 2 more");
        assert_eq!(quoted(&["a", "b"]), "`a` and `b`");
        assert_eq!((count(1, "pod"), count(2, "pod")), ("1 pod".into(), "2 pods".into()));
        assert_eq!(short("añb", 2), "añ…");
        assert_eq!(between("a \"b\" c", "\"", "\""), Some("b"));
    }
}
