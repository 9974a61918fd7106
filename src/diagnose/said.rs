//! What the last lines of a log say: the words that programs end with, sorted into causes. A log that only mentions errors
//! is no proof; the caller asks about containers that failed.
mod patterns;

use super::lines::{Line, bare, is_mild, lines, without_source};
use crate::text::pattern;
use patterns::{PATTERNS, group, port};
use regex::Regex;
use std::sync::LazyLock;

/// A cause as the program itself told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An environment variable is not set.
    MissingEnv(String),
    /// The disk or volume is full.
    DiskFull,
    /// The program ran out of memory by its own account.
    OutOfMemory,
    /// A port is taken.
    PortInUse(Option<u16>),
    /// The file system can not be written.
    ReadOnly(Option<String>),
    /// A program is not in the image.
    NoCommand(String),
    /// A file is not there.
    NoFile(String),
    /// The image is for another processor.
    WrongArch,
    /// The API server refused: who, what.
    Forbidden(String),
    /// A setting of a configuration is not given.
    MissingSetting(String),
    /// A setting of the node's kernel, or a bound of its processes, is too low.
    Kernel(String),
    /// An argument that the program does not know.
    BadArgument(Option<String>),
    /// A configuration that the program can not read: the file, where it is named.
    BadConfig(Option<String>),
    /// A library, module or class is not in the image.
    NoModule(String),
    /// Somebody else holds a lock.
    Locked,
    /// A login was refused.
    Login,
    /// A certificate is wrong.
    Certificate,
    /// A database lacks something.
    Schema,
    /// Too many connections or requests.
    Exhausted,
    /// A host name has no address.
    Dns(String),
    /// A connection was refused.
    Refused(Option<String>, Option<u16>),
    /// A connection was not answered.
    Timeout(Option<String>, Option<u16>),
    /// Not allowed to listen on a low port.
    LowPort(u16),
    /// Not allowed to a file.
    Denied(Option<String>),
    /// A panic or an exception.
    Panic,
    /// A line that calls itself an error.
    Error,
    /// The last line.
    Last,
}

/// A cause and the line that says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The cause.
    pub cause: Cause,
    /// The line, as it stands in the log.
    pub line: String,
    /// Lines below it that belong to it.
    pub more: Vec<String>,
}

impl Said {
    fn new(cause: Cause, line: &Line<'_>) -> Self {
        Self { cause, line: line.raw.to_owned(), more: line.more.iter().map(|l| (*l).to_owned()).collect() }
    }
    /// One text that says nothing but itself.
    pub fn plain(text: &str) -> Self {
        Self { cause: Cause::Last, line: text.to_owned(), more: Vec::new() }
    }
    /// All of it in one line, without clocks.
    pub fn words(&self) -> String {
        let text = Line { raw: &self.line, more: self.more.iter().map(String::as_str).collect() }.words();
        structured(&text).unwrap_or(text)
    }
    /// Each line of it, as it stands in the log.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.line.as_str()).chain(self.more.iter().map(String::as_str))
    }
}

/// How many lines from the end are read.
const LINES: usize = 40;

/// A word of a counter, not of a failure: `errors=0`, `failed: 0`, `0 errors`.
static COUNTERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::ascii(r"(?i)\b(?:errors?|failed|failures?|exceptions?|fatal)\s*[=:]\s*(?:0|no|none|false)\b|\b(?:0|no) (?:errors?|failures?)\b").ok()
});

/// What only follows from a failure, and how it was told elsewhere.
static CONSEQUENCES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::ascii(
        r"(?i)did not exit normally|exited with (?:code|status)|shutting down|prepare to shut ?down|failed to boot|check the logs|see the logs?|application run failed|lifecycle script|command failed with exit|^npm err|process completed with|back-?off restarting|terminating\b",
    )
    .ok()
});

/// More than there are patterns: the rank of a cause that a mere warning names begins here, that of one that nobody names at twice
/// as much.
const MILD: usize = 1000;

/// What one line says, with how telling that is (lower is more telling).
fn of_line(line: &str) -> Option<(usize, Cause)> {
    let bare = without_source(line);
    let counted = COUNTERS.as_ref().map_or_else(|| bare.clone(), |r| r.replace_all(&bare, ""));
    let (rank, cause) =
        PATTERNS.iter().enumerate().find_map(|(i, (pattern, make))| pattern.captures(&counted).and_then(|c| make(&c)).map(|cause| (i, cause)))?;
    let vague = matches!(cause, Cause::Panic | Cause::Error);
    let after = vague && CONSEQUENCES.as_ref().is_some_and(|r| r.is_match(line));
    let mild = !vague && is_mild(line);
    let cause = match cause {
        Cause::BadConfig(file) if file.as_ref().is_none_or(|f| !f.starts_with('/')) => Cause::BadConfig(config_file(line).or(file)),
        cause => cause,
    };
    Some((rank + MILD * (usize::from(mild) + 2 * usize::from(vague)) + MILD * usize::from(after), cause))
}

/// The path of a configuration that a line names.
fn config_file(line: &str) -> Option<String> {
    static FILE: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern::ascii(r"(?:^|[^\w/.-])(?P<file>/[\w./-]+\.(?:ya?ml|json|toml|conf|cfg|cnf|ini|properties|xml|env|hcl))\b").ok());
    FILE.as_ref()?.captures(line).and_then(|c| group(&c, "file"))
}

/// What a line of `key=value` or of JSON says: its message and its error.
fn structured(text: &str) -> Option<String> {
    static MESSAGE: LazyLock<Option<Regex>> = LazyLock::new(|| pattern::ascii(r#"\b(?:msg|message)"?[=:]\s*"(?P<m>(?:[^"\\]|\\.)*)""#).ok());
    static ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| pattern::ascii(r#"\b(?:err|error|exception)"?[=:]\s*"(?P<m>(?:[^"\\]|\\.)*)""#).ok());
    let of = |r: &Option<Regex>| r.as_ref()?.captures(text)?.name("m").map(|m| m.as_str().replace("\\\"", "\"")).filter(|s| !s.is_empty());
    let (message, error) = (of(&MESSAGE), of(&ERROR));
    match (message, error) {
        (Some(message), Some(error)) => Some(format!("{message}: {error}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}

/// The last so many lines of a log.
fn tail(log: &str, many: usize) -> &str {
    let from = log.rmatch_indices('\n').nth(many).map_or(0, |(at, _)| at + 1);
    log.get(from..).unwrap_or(log)
}

/// The most telling thing of the last lines; of equals the last.
pub fn said(log: &str) -> Option<Said> {
    let lines = lines(tail(log, LINES * 2));
    let from = lines.len().saturating_sub(LINES);
    let mut best: Option<(usize, Cause, &Line<'_>)> = None;
    for line in lines.iter().skip(from) {
        if let Some((rank, cause)) = of_line(&line.text())
            && best.as_ref().is_none_or(|(r, ..)| rank <= *r)
        {
            best = Some((rank, cause, line));
        }
    }
    best.map(|(_, cause, line)| Said::new(cause, line)).or_else(|| lines.last().map(|l| Said::new(Cause::Last, l)))
}

/// What the newest lines say about the network, whatever the state of the container; `None` when the last lines are fine.
pub fn network(log: &str) -> Option<Said> {
    let lines = lines(tail(log, LINES));
    let newest = lines.iter().rev().take(3);
    newest
        .filter_map(|l| of_line(&l.text()).map(|(_, cause)| Said::new(cause, l)))
        .find(|s| matches!(&s.cause, Cause::Dns(h) if !h.is_empty()) || matches!(&s.cause, Cause::Refused(..) | Cause::Timeout(..)))
}

/// What a line says of the program's own standing, whoever calls it: a right it lacks, a full disk, a certificate it does not trust.
pub fn standing(line: &str) -> Option<Said> {
    let (_, cause) = of_line(&bare(line))?;
    let own = match &cause {
        Cause::Forbidden(_) | Cause::DiskFull => true,
        // "remote error" and "handshake from" are the other side's complaint.
        Cause::Certificate => line.contains("x509: ") && !line.contains("remote error") && !line.contains("handshake error from"),
        _ => false,
    };
    own.then(|| Said::new(cause, &Line { raw: line.trim(), more: Vec::new() }))
}

/// The address that a program says it listens on: host (empty when it names none) and port.
pub fn listens(log: &str) -> Option<(String, u16)> {
    static LISTENS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern::ascii(r"(?i)\b(?:listen(?:s|ing)?|serving|started|running|bound|bind(?:ing)?)\b[^\n]{0,40}?(?P<host>\d+\.\d+\.\d+\.\d+|localhost|\[::1?\]|\*)?(?::|port[ :=]+)(?P<port>\d{2,5})\b").ok()
    });
    let found = LISTENS.as_ref()?.captures_iter(log).last()?;
    Some((group(&found, "host").unwrap_or_default(), port(&found)?))
}

#[cfg(test)]
mod tests;
