//! The colours of YAML and JSON, line by line, as tokens without a theme.
//!
//! A [`Highlighter`] keeps the parser's state between lines, so that a caller does as many lines at a time as it can
//! afford. Texts over [`LIMIT`] and lines over [`LINE_LIMIT`] stay plain: the grammar costs up to a millisecond a line.
use std::ops::Range;
use std::sync::LazyLock;
use syntect::parsing::{ParseState, ScopeStack, SyntaxSet};

/// The longest text that is highlighted, in bytes.
pub const LIMIT: usize = 512 * 1024;
/// The longest line that is highlighted, in bytes.
pub const LINE_LIMIT: usize = 4 * 1024;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// What a stretch of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Nothing special.
    Plain,
    /// A key.
    Key,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true`, `null`, …
    Constant,
    /// A comment.
    Comment,
}

/// What a text looks to be written in; `None` when it is neither.
pub fn detect(text: &str) -> Option<Syntax> {
    if text.len() > LIMIT {
        return None;
    }
    let first = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#'))?;
    if first.starts_with('{') || (first.starts_with('[') && first.len() < 3) || first.starts_with("[{") {
        return Some(Syntax::Json);
    }
    if first == "---" || text.lines().take(12).any(|l| l.starts_with("apiVersion: ") || l.starts_with("kind: ") || l.starts_with("metadata:")) {
        return Some(Syntax::Yaml);
    }
    None
}

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// The state between two lines.
#[derive(Clone, Debug)]
pub struct Highlighter {
    state: ParseState,
    stack: ScopeStack,
    broken: bool,
}

impl Highlighter {
    /// At the start of a document.
    pub fn new(syntax: Syntax) -> Self {
        let name = match syntax {
            Syntax::Yaml => "YAML",
            Syntax::Json => "JSON",
        };
        let found = SYNTAXES.find_syntax_by_name(name).unwrap_or_else(|| SYNTAXES.find_syntax_plain_text());
        Self { state: ParseState::new(found), stack: ScopeStack::new(), broken: false }
    }

    /// The tokens of the next line (without its newline), tiling it.
    pub fn line(&mut self, line: &str) -> Vec<(Token, Range<usize>)> {
        let plain = |line: &str| if line.is_empty() { Vec::new() } else { vec![(Token::Plain, 0..line.len())] };
        if self.broken || line.len() > LINE_LIMIT {
            return plain(line);
        }
        let Ok(parsed) = self.state.parse_line(&format!("{line}\n"), &SYNTAXES) else {
            self.broken = true;
            return plain(line);
        };
        let mut out: Vec<(Token, Range<usize>)> = Vec::new();
        let mut from = 0;
        for (at, op) in parsed {
            add(&mut out, token(&self.stack), from..at.min(line.len()));
            from = at.min(line.len());
            if self.stack.apply(&op).is_err() {
                self.broken = true;
                return plain(line);
            }
        }
        add(&mut out, token(&self.stack), from..line.len());
        out
    }
}

fn add(out: &mut Vec<(Token, Range<usize>)>, token: Token, range: Range<usize>) {
    if range.is_empty() {
        return;
    }
    match out.last_mut() {
        Some((last, r)) if *last == token => r.end = range.end,
        _ => out.push((token, range)),
    }
}

fn token(stack: &ScopeStack) -> Token {
    for scope in stack.as_slice().iter().rev() {
        let name = scope.build_string();
        for (prefix, token) in [
            ("comment", Token::Comment),
            ("entity.name.tag", Token::Key),
            ("meta.structure.dictionary.key", Token::Key),
            ("meta.mapping.key", Token::Key),
            ("string", Token::String),
            ("constant.numeric", Token::Number),
            ("constant.language", Token::Constant),
        ] {
            if name.starts_with(prefix) {
                let key = token == Token::String && stack.as_slice().iter().any(|s| s.build_string().contains(".key"));
                return if key { Token::Key } else { token };
            }
        }
    }
    Token::Plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(syntax: Syntax, text: &str) -> Vec<(Token, String)> {
        let mut h = Highlighter::new(syntax);
        text.lines().flat_map(|l| h.line(l).into_iter().map(|(t, r)| (t, l[r].to_owned())).collect::<Vec<_>>()).collect()
    }

    fn of(tokens: &[(Token, String)], text: &str) -> Token {
        tokens.iter().find(|(_, t)| t.trim().trim_matches('"') == text).unwrap_or_else(|| panic!("{text}: {tokens:?}")).0
    }

    #[test]
    fn yaml_keys_numbers_and_strings_are_told_apart() {
        let t = tokens(Syntax::Yaml, "# note\nkind: Pod\nspec:\n  replicas: 3\n  ok: true\n  name: \"api\"\n");
        assert_eq!(of(&t, "kind"), Token::Key);
        assert_eq!(of(&t, "replicas"), Token::Key);
        assert_eq!(of(&t, "3"), Token::Number);
        assert_eq!(of(&t, "true"), Token::Constant);
        assert_eq!(of(&t, "api"), Token::String);
        assert_eq!(of(&t, "# note"), Token::Comment);
    }

    #[test]
    fn json_numbers_and_strings_are_told_apart() {
        let t = tokens(Syntax::Json, "{\n \"name\": \"api\",\n \"replicas\": 3, \"ok\": null }");
        assert_eq!(of(&t, "3"), Token::Number);
        assert_eq!(of(&t, "null"), Token::Constant);
        assert_eq!(of(&t, "api"), Token::String);
    }

    #[test]
    fn the_tokens_of_a_line_tile_it_whatever_it_holds() {
        for line in ["", "a: {b: [1, 'x", "  - 表: \"", "\\x1b[2J", "%%%", &"x".repeat(LINE_LIMIT + 1)] {
            for syntax in [Syntax::Yaml, Syntax::Json] {
                let mut at = 0;
                for (_, r) in Highlighter::new(syntax).line(line) {
                    assert_eq!(r.start, at);
                    at = r.end;
                }
                assert_eq!(at, line.len());
            }
        }
    }

    #[test]
    fn only_what_looks_like_a_document_is_one() {
        for (text, want) in [
            ("apiVersion: v1\nkind: Pod", Some(Syntax::Yaml)),
            ("---\na: 1", Some(Syntax::Yaml)),
            ("{\"a\":1}", Some(Syntax::Json)),
            ("NAME READY\napi 1/1", None),
            ("2024 started: yes", None),
            ("", None),
        ] {
            assert_eq!(detect(text), want, "{text}");
        }
    }
}
