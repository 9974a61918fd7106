//! The lines of a log as their writer meant them: without the clock in front, without the frames of a stack, and with what
//! explains a line joined to it.
use crate::text::pattern;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// So many lines may be joined to one.
const JOINED: usize = 3;

fn regex(words: &str) -> Option<Regex> {
    pattern::ascii(words).ok()
}

/// Where a stack was at, of any language, and what the kubelet says instead of a log.
static FRAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"^(?:at (?:async )?[\w$.<>\[\]/@-]+(?: \[as \w+\])?(?: in | ?\(|:\d).*|at [\w$.<>/@-]+:\d+:\d+\)?|File ",
        r#"".*", line \d+.*|\.\.\. \d+ (?:more|common frames omitted).*|from \S+:\d+:in .*|goroutine \d+ \[.*|(?:/|\w+/)\S*\.go:\d+(?: \+0x\w+)?"#,
        r"|created by .*|\^+|~*\^+~*|#\d+ .*|note: run with .RUST_BACKTRACE.*|Node\.js v\d.*|Require stack:|Traceback \(most recent call last\):",
        r"|failed to try resolving symlinks in path .*|unable to retrieve container logs for .*)$"
    ))
});

/// A clock, wherever it stands in a line.
static CLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b\d{4}[-/]\d{2}[-/]\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z\b| ?[+-]\d{2}:?\d{2}\b| UTC\b)?)?|\b\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\b|\[\d{2}/\w{3}/\d{4}:\d{2}:\d{2}:\d{2}[^\]]*\]",
    )
});

/// Where in its source a program says something: `pool.go:210`, which is no host and port.
static SOURCE: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b[\w./-]+\.(?:go|py|m?js|ts|java|rb|rs|cs|cc?|cpp|php|kt|scala|exs?|erl)(?::\d+){1,2}\b:?"));

/// A line that tells of something that is no failure of its writer: a warning, or how it goes on.
static MILD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r#"\b(?:WARN|WARNING|INFO|DEBUG|TRACE|NOTICE)\b|\[(?:warn|info|debug|notice)\]|level"?[=:] ?"?(?:warn(?:ing)?|info|debug|trace)\b|^(?:[Ww]arning|warn|info|debug)[: ]|^[WI]\d{4} "#,
    )
});

static HARD: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|EMERG|Exception|panic)\b"));

/// A line, and what is joined to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line<'a> {
    /// As it stands in the log.
    pub raw: &'a str,
    /// Lines below it that say more of the same.
    pub more: Vec<&'a str>,
}

impl Line<'_> {
    /// All of it, without clocks.
    pub fn text(&self) -> String {
        self.joined(bare)
    }
    /// All of it, without the clocks that its lines begin with.
    pub fn words(&self) -> String {
        self.joined(unclocked)
    }
    fn joined(&self, of: impl Fn(&str) -> Cow<'_, str>) -> String {
        let mut text = of(self.raw).into_owned();
        for line in &self.more {
            text.push(' ');
            text.push_str(&of(line));
        }
        text
    }
}

/// Lines of a log that say something, in order.
pub fn lines(log: &str) -> Vec<Line<'_>> {
    let mut out: Vec<Line<'_>> = Vec::new();
    let mut source = false;
    for raw in log.lines() {
        let line = raw.trim();
        // Below where a Python stack was at stands the source of it.
        let below = std::mem::replace(&mut source, line.starts_with("File \"") && line.contains("\", line "));
        if line.is_empty() || is_frame(line) || below && raw.starts_with("    ") {
            continue;
        }
        match out.last_mut().filter(|last| last.more.len() < JOINED && goes_on(last, raw)) {
            Some(last) => last.more.push(line),
            None => out.push(Line { raw: line, more: Vec::new() }),
        }
    }
    out
}

fn is_frame(line: &str) -> bool {
    FRAMES.as_ref().is_some_and(|r| r.is_match(line))
}

/// Whether a line says more of the one before it.
fn goes_on(last: &Line<'_>, raw: &str) -> bool {
    let line = raw.trim();
    let (said, words) = (bare(line), last.more.last().copied().unwrap_or(last.raw));
    let told = said.trim_start_matches(|c: char| c == '[' || c == ']' || c.is_ascii_digit() || c == ' ');
    let marked = ["DETAIL:", "HINT:", ">>>", "-> ", "- "].iter().any(|m| told.starts_with(m));
    let begins = line.chars().next().is_some_and(|c| c.is_uppercase() || c == '-' || c == '\'' || c == '"');
    let indented = raw.starts_with([' ', '\t']) && begins;
    // A line that ends with a colon announces the next, unless that has a clock of its own.
    let announced = words.ends_with(':') && said.len() == line.len();
    marked || indented || announced
}

/// A text without clocks.
pub fn bare(text: &str) -> Cow<'_, str> {
    let Some(clock) = CLOCK.as_ref() else { return text.into() };
    match clock.replace_all(text, "") {
        Cow::Borrowed(_) => text.into(),
        Cow::Owned(rest) => rest.replace("[]", "").replace("[: ", "[").trim_start_matches([' ', ',', ':', '-', '|']).replace("  ", " ").into(),
    }
}

/// A text without the clock that it begins with.
fn unclocked(text: &str) -> Cow<'_, str> {
    let begins = CLOCK.as_ref().and_then(|r| r.find(text)).filter(|m| m.start() <= 4);
    match begins.and_then(|m| text.get(..m.end()).zip(text.get(m.end()..))) {
        Some((clock, rest)) => format!("{}{rest}", bare(clock)).trim_start_matches([' ', ',', ':', '-', '|', ']']).to_owned().into(),
        None => text.into(),
    }
}

/// A text without the places in its source.
pub fn without_source(text: &str) -> Cow<'_, str> {
    SOURCE.as_ref().map_or_else(|| text.into(), |r| r.replace_all(text, ""))
}

/// Whether a line calls itself less than an error.
pub fn is_mild(text: &str) -> bool {
    let has = |r: &Option<Regex>| r.as_ref().is_some_and(|r| r.is_match(text));
    has(&MILD) && !has(&HARD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_explains_a_line_is_joined_and_frames_are_left_out() {
        let log = "2026-11-21 20:00:00.000 UTC [1] FATAL:  files are incompatible\n2026-11-21 20:00:00.000 UTC [1] DETAIL:  Initialized by version 14\n\
                   Traceback (most recent call last):\n  File \"/app/a.py\", line 9, in f\n    raise Bad(\"x\")\nBad: x\n\tat a.b.C.d(C.java:1)\n    at f (/a.js:1:2)\n\
                   You need one of these:\n    - A_PASSWORD\nthread 'main' panicked at src/main.rs:12:40:\nnot set\n\
                   Error: getaddrinfo ENOTFOUND db {\n  errno: -3008,\n";
        let said: Vec<String> = lines(log).iter().map(Line::text).collect();
        assert_eq!(
            said,
            [
                "[1] FATAL:  files are incompatible [1] DETAIL:  Initialized by version 14".replace("  ", " "),
                "Bad: x".into(),
                "You need one of these: - A_PASSWORD".into(),
                "thread 'main' panicked at src/main.rs:12:40: not set".into(),
                "Error: getaddrinfo ENOTFOUND db {".into(),
                "errno: -3008,".into(),
            ]
        );
        assert!(CLOCK.is_some() && FRAMES.is_some() && SOURCE.is_some() && MILD.is_some() && HARD.is_some());
    }

    #[test]
    fn a_clock_and_a_place_in_the_source_are_no_host_and_port() {
        assert_eq!(bare("2026/11/21 20:00:00 dial tcp db:5432: refused"), "dial tcp db:5432: refused");
        assert_eq!(bare("[2026-11-21 20:00:00,000: ERROR/Main] no"), "[ERROR/Main] no");
        assert_eq!(without_source("pool.go:210: dial tcp"), " dial tcp");
        assert!(is_mild("WARN SENTRY_DSN is not set") && !is_mild("WARN then FATAL") && !is_mild("gone"));
    }
}
