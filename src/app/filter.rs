//! What a `/` filter leaves: a substring whatever its case, or with `~` in front a fuzzy match.
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// See the module. The empty filter admits everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    typed: String,
    needle: String,
}

impl Filter {
    /// A filter as it was typed.
    pub fn new(typed: &str) -> Self {
        Self { typed: typed.to_owned(), needle: typed.trim_start_matches('~').to_lowercase() }
    }
    /// As it was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }
    /// Whether it admits everything.
    pub fn is_empty(&self) -> bool {
        self.needle.is_empty()
    }
    /// Whether any of the words matches.
    pub fn admits(&self, words: &[&str]) -> bool {
        if self.is_empty() {
            return true;
        }
        if self.typed.starts_with('~') {
            return words.iter().take(1).any(|w| is_subsequence(&self.needle, w));
        }
        words.iter().any(|w| contains(w, &self.needle))
    }
}

/// Case-blind; the needle is lower case already.
fn contains(text: &str, needle: &str) -> bool {
    if text.is_ascii() && needle.is_ascii() {
        return text.as_bytes().windows(needle.len()).any(|w| w.eq_ignore_ascii_case(needle.as_bytes()));
    }
    text.to_lowercase().contains(needle)
}

fn is_subsequence(needle: &str, text: &str) -> bool {
    let mut chars = text.chars().flat_map(char::to_lowercase);
    needle.chars().all(|n| chars.any(|c| c == n))
}

/// The places of the choices that match a query, best first; all of them, in order, for an empty query.
pub fn ranked(choices: &[crate::text::Clean], query: &str) -> Vec<usize> {
    if query.trim().is_empty() {
        return (0..choices.len()).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(query, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, usize)> =
        choices.iter().enumerate().filter_map(|(i, c)| Some((pattern.score(Utf32Str::new(c, &mut buffer), &mut matcher)?, i))).collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, i)| i).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Clean;

    #[test]
    fn a_filter_is_a_case_blind_substring_and_with_a_tilde_fuzzy() {
        for (typed, word, want) in [
            ("", "api", true),
            ("API", "my-api-0", true),
            ("apx", "api", false),
            ("~ap0", "api-0", true),
            ("~0pa", "api-0", false),
            ("Ü", "über", true),
            ("longer-than-the-word", "api", false),
        ] {
            assert_eq!(Filter::new(typed).admits(&[word]), want, "{typed} in {word}");
        }
    }

    #[test]
    fn the_best_match_comes_first_and_an_empty_query_keeps_the_order() {
        let choices: Vec<Clean> = ["kube-system", "shop", "shop-staging", "default"].map(Clean::line).to_vec();
        assert_eq!(ranked(&choices, ""), [0, 1, 2, 3]);
        assert_eq!(ranked(&choices, "shst"), [2]);
        assert_eq!(ranked(&choices, "shop")[0], 1);
    }
}
