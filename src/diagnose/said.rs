//! What the last lines of a log say: the words that programs end with, sorted into causes. A log that only mentions errors
//! is no proof; the caller asks about containers that failed.
use crate::text::pattern;
use regex::{Captures, Regex};
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
    /// The line.
    pub line: String,
}

/// How many lines from the end are read.
const LINES: usize = 40;

type Make = fn(&Captures<'_>) -> Option<Cause>;

fn group(c: &Captures<'_>, n: &str) -> Option<String> {
    c.name(n).map(|m| m.as_str().trim_matches(|c: char| matches!(c, '\'' | '"' | '`' | '.' | ',')).to_owned()).filter(|s| !s.is_empty())
}

fn port(c: &Captures<'_>) -> Option<u16> {
    group(c, "port")?.parse().ok()
}

/// Patterns with what they mean, most telling first.
static PATTERNS: LazyLock<Vec<(Regex, Make)>> = LazyLock::new(|| {
    let env = |c: &Captures<'_>| group(c, "var").filter(|v| v.len() > 1 && v.chars().any(|c| c.is_ascii_uppercase())).map(Cause::MissingEnv);
    let table: &[(&str, Make)] = &[
        (r#"KeyError: ['"](?P<var>[A-Z][A-Z0-9_]+)['"]"#, env),
        (
            r#"(?i:env(?:ironment)?(?:[ _-]?var(?:iable)?)?s?)\b[^A-Z]{0,40}?(?P<var>[A-Z][A-Z0-9_]+)\b['"`]?[:,]?\s+(?i:is |was |must |has |not )?(?i:be |been )?(?i:undefined|not set|not defined|not found|unset|missing|required|empty|set|provided|defined)"#,
            env,
        ),
        (
            r#"(?i:missing|required|undefined|unset|no)\b(?i:[a-z :-]*?)(?i:env(?:ironment)?|config(?:uration)?|setting|variable|key)(?i:[a-z _-]*?)[:\s]+['"`$\{]*(?P<var>[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{4,})\b"#,
            env,
        ),
        (r#"(?i:missing|required|undefined)[: ]+['"`$\{]*(?P<var>[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b"#, env),
        (
            r#"\b(?P<var>[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{4,})['"`\}]?[:,]? (?i:environment variable )?(?i:is |was |must |has |parameter )?(?i:be |been )?(?i:not set|not defined|undefined|unset|missing|required|set$|not provided|empty|null or not set|unbound variable|not found in env)"#,
            env,
        ),
        (r"\b(?P<var>[A-Z][A-Z0-9_]+): (?:unbound variable|parameter (?:not set|null))", env),
        (r"\b(?P<var>[A-Z][A-Z0-9_]+) must be (?:set|defined|provided|specified)", env),
        (r"(?i)no space left on device|\bENOSPC\b|disk quota exceeded|disk is full", |_| Some(Cause::DiskFull)),
        (
            r"java\.lang\.OutOfMemoryError|JavaScript heap out of memory|\bMemoryError\b|Cannot allocate memory|std::bad_alloc|fatal error: runtime: out of memory|\bENOMEM\b",
            |_| Some(Cause::OutOfMemory),
        ),
        (
            r"(?i)(?:[:\s](?P<port>\d{2,5})\b.*)?(?:address (?:is )?already in use|EADDRINUSE|port (?:is )?already (?:in use|allocated|bound)|address in use)(?:.*?[: ](?P<port2>\d{2,5})\b)?",
            |c| Some(Cause::PortInUse(port(c).or_else(|| group(c, "port2")?.parse().ok()))),
        ),
        (r"(?i)(?:(?P<path>/[^\s:'\x22]+)['\x22]?:? )?(?:read-only file ?system|\bEROFS\b)", |c| Some(Cause::ReadOnly(group(c, "path")))),
        (r"(?i)exec format error", |_| Some(Cause::WrongArch)),
        (r"(?:^|: )(?P<cmd>[^\s:]+): (?:command )?not found$", |c| group(c, "cmd").map(Cause::NoCommand)),
        (
            r#"(?i)(?:(?:unrecognized|unknown|illegal|undefined) (?:long |shorthand )?(?:option|flag|argument|switch)s?|(?:invalid|unexpected) (?:option|flag|switch))\b(?:[:,]| -- )? *['"`]?(?P<arg>-{0,2}[\w-]*)|(?:invalid|unexpected) argument:? ['"`]?(?P<a4>-{1,2}[\w-]+)|flag provided but not defined: (?P<a2>-{1,2}[\w-]+)|No such option:? (?P<a3>-{1,2}[\w-]+)"#,
            |c| Some(Cause::BadArgument(["arg", "a2", "a3", "a4"].iter().find_map(|n| group(c, n)))),
        ),
        (
            r#"(?:Cannot find (?:module|package)|No module named|cannot load such file --|Unable to access jarfile|Could not find or load main class|ClassNotFoundException:|NoClassDefFoundError:|error while loading shared libraries:) *['"`]?(?P<module>[^\s:'"`]+)"#,
            |c| group(c, "module").map(Cause::NoModule),
        ),
        (
            r#"(?i)(?:(?P<file>[^\s:'"`]+\.(?:ya?ml|json|toml|conf|cfg|ini|properties|xml|env))['"`]?[^a-z].*?|\b(?:yaml|json|toml|config(?:uration)?|conf)\b.*?)(?:syntax error|parse error|parsing|cannot unmarshal|unexpected (?:token|end|character|eof)|invalid character|did not find expected|mapping values are not allowed|unterminated|line \d+)|(?:failed to parse|error parsing|invalid|malformed) (?:the )?config(?:uration)?\b|\byaml: (?:line \d|unmarshal|invalid)|: line \d+: (?:syntax error|unterminated)|syntax error: "#,
            |c| Some(Cause::BadConfig(group(c, "file"))),
        ),
        (
            r"(?i)database is locked|could not (?:obtain|acquire|get) (?:the |a )?(?:\w+ )?lock|failed to (?:obtain|acquire) (?:the |a )?(?:\w+ )?lock|lock ?file .*(?:exists|held)|another (?:instance|process|server)\b.*\b(?:running|using|holds?)",
            |_| Some(Cause::Locked),
        ),
        (r#"(?P<who>[Uu]ser \\?"system:serviceaccount:[^"]+" cannot .*)"#, |c| group(c, "who").map(|w| Cause::Forbidden(w.replace('\\', "")))),
        (
            r"(?i)password authentication failed|access denied for user|authentication failed|invalid (?:credentials|api key|username or password|password)|WRONGPASS|NOAUTH|login failed|\b401 unauthorized|status(?: code)?[ =:]+401\b|\b403 forbidden|status(?: code)?[ =:]+403\b",
            |_| Some(Cause::Login),
        ),
        (
            r"(?i)x509:|certificate (?:has expired|verify failed|signed by unknown|is not valid|is not trusted)|CERT_[A-Z_]+|self[- ]signed certificate|SSL: |tls: (?:failed|handshake)|unable to get local issuer",
            |_| Some(Cause::Certificate),
        ),
        (
            r#"(?i)(?:relation|table|column|database|schema) ['"`]?[\w.]+['"`]? (?:does not exist|doesn't exist|not found)|unknown (?:database|column|table)|no such table|migration(?:s)? (?:failed|pending|needed)|dirty database"#,
            |_| Some(Cause::Schema),
        ),
        (
            r"(?i)too many (?:connections|clients|requests|open files)|connection pool (?:exhausted|timed? ?out)|remaining connection slots|\b429\b.*(?:too many|rate)|rate limit",
            |_| Some(Cause::Exhausted),
        ),
        (
            r#"(?i)(?:lookup (?P<h1>[\w.-]+)[^:]*:.*?(?:no such host|server misbehaving|i/o timeout|connection refused|read udp)|bad address ['"`](?P<h2>[\w.-]+)|(?:ENOTFOUND|EAI_AGAIN) (?P<h3>[\w.-]+)|could not resolve(?: host| hostname)?:? ['"`]?(?P<h4>[\w.-]+)|could not translate host name ['"](?P<h5>[\w.-]+)|UnknownHostException:? (?P<h6>[\w.-]+)|(?P<h7>[\w-]+(?:\.[\w-]+)*)(?::\d+)?: (?:name or service not known|temporary failure in name resolution|nodename nor servname|name does not resolve|no such host)|can't resolve ['"`]?(?P<h8>[\w.-]+)|failed to resolve ['"`]?(?P<h9>[\w-]+(?:\.[\w-]+)*)|unknown host:? ['"`]?(?P<ha>[\w.-]+))"#,
            |c| ["h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9", "ha"].iter().find_map(|n| group(c, n)).map(Cause::Dns),
        ),
        (r"(?i)temporary failure in name resolution|name or service not known|NXDOMAIN|getaddrinfo (?:failed|error)", |_| Some(Cause::Dns(String::new()))),
        (
            r"(?i)\(?(?:\b|//)(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)\)?:(?P<port>\d{2,5})\b[^|]*?(?:connection refused|actively refused)|ECONNREFUSED[ :]+(?P<h2>[a-z0-9.-]+?):(?P<p2>\d{2,5})|(?:connection refused|could not connect|refused to connect|failed to connect|unable to connect|can't connect|connect failed)[^|]*?\b(?P<h3>[a-z0-9][a-z0-9.-]*[a-z0-9]):(?P<p3>\d{2,5})\b",
            |c| {
                let host = ["host", "h2", "h3"].iter().find_map(|n| group(c, n));
                let port = ["port", "p2", "p3"].iter().find_map(|n| group(c, n)?.parse().ok());
                Some(Cause::Refused(host, port))
            },
        ),
        (r#"(?i)connection to server at ['"](?P<host>[\w.-]+)['"].*port (?P<port>\d+) failed: connection refused"#, |c| {
            Some(Cause::Refused(group(c, "host"), port(c)))
        }),
        (r"(?i)can't connect to remote host \((?P<host>[\d.]+)\): connection refused", |c| Some(Cause::Refused(group(c, "host"), None))),
        (r"(?i)connection refused|ECONNREFUSED|failed to connect|could not connect", |_| Some(Cause::Refused(None, None))),
        (
            r"(?i)(?:dial (?:tcp|udp) |connect(?:ing)?(?: to)? |//)(?P<host>[a-z0-9][a-z0-9.-]*[a-z0-9]):(?P<port>\d{2,5})\b.*?(?:i/o timeout|timed? ?out|deadline exceeded|ETIMEDOUT|no route to host|host is unreachable)|ETIMEDOUT (?P<h2>[a-z0-9.-]+):(?P<p2>\d{2,5})",
            |c| Some(Cause::Timeout(group(c, "host").or_else(|| group(c, "h2")), port(c).or_else(|| group(c, "p2")?.parse().ok()))),
        ),
        (r"(?i)can't connect to remote host \((?P<host>[\d.]+)\): (?:operation timed out|connection timed out|no route to host|host is unreachable)", |c| {
            Some(Cause::Timeout(group(c, "host"), None))
        }),
        (
            r"(?i)(?:connection|connect|download|request|read|operation|dial)[\w ]* timed? ?out|i/o timeout|ETIMEDOUT|context deadline exceeded|no route to host",
            |_| Some(Cause::Timeout(None, None)),
        ),
        (
            r"(?i)(?:open(?:ing)?|stat|read(?:ing)?|cat:|access|load(?:ing)?|can't open|cannot open|cannot access)[:\s]+['\x22`]?(?P<path>[^\s:'\x22`]*[/.][^\s:'\x22`]+)['\x22`]?:? .*?no such file or directory",
            |c| group(c, "path").map(Cause::NoFile),
        ),
        (r"(?i)(?:no such file or directory|FileNotFound\w*|ENOENT)[^/]*['\x22`]?(?P<path>/[^\s:'\x22`,]+)", |c| group(c, "path").map(Cause::NoFile)),
        (r"(?i)(?P<path>/[^\s:'\x22`]+)['\x22`]?: no such file or directory", |c| group(c, "path").map(Cause::NoFile)),
        (
            r"(?i)(?:\b(?:listen|bind(?:ing)?|socket)\b.*?(?:permission denied|EACCES).*?|\b(?:listen|bind(?:ing)?)\b[^:]*):(?P<port>\d{1,3})\b(?:.*(?P<refused>permission denied|EACCES))?",
            |c| c.get(0).filter(|m| m.as_str().to_lowercase().contains("denied") || m.as_str().contains("EACCES")).and_then(|_| port(c)).map(Cause::LowPort),
        ),
        (
            r"(?i)(?:['\x22`]?(?P<path>/[^\s:'\x22`]+)['\x22`]?:? )?(?:permission denied|EACCES|operation not permitted|EPERM)(?:[^/]*['\x22`]?(?P<p2>/[^\s:'\x22`,]+))?",
            |c| Some(Cause::Denied(group(c, "path").or_else(|| group(c, "p2")))),
        ),
        (
            r"^panic: |^thread '.*' panicked|^Traceback \(most recent|^(?:[\w.]+\.)?\w*(?:Exception|Error): |Exception in thread|(?i)segmentation fault|unhandled exception|uncaught",
            |_| Some(Cause::Panic),
        ),
        (r"(?i)\b(?:error|fatal|critical|exception|panic|failed|failure|cannot|can't|unable to|invalid|abort(?:ed|ing)?)\b", |_| Some(Cause::Error)),
    ];
    table.iter().filter_map(|(words, make)| pattern::ascii(words).ok().map(|r| (r, *make))).collect()
});

/// A word of a counter, not of a failure: `errors=0`, `failed: 0`, `0 errors`.
static COUNTERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern::ascii(r"(?i)\b(?:errors?|failed|failures?|exceptions?|fatal)\s*[=:]\s*(?:0|no|none|false)\b|\b(?:0|no) (?:errors?|failures?)\b").ok()
});

/// What one line says, with how telling that is (lower is more telling).
fn of_line(line: &str) -> Option<(usize, Cause)> {
    let counted = COUNTERS.as_ref().map_or_else(|| line.into(), |r| r.replace_all(line, ""));
    PATTERNS.iter().enumerate().find_map(|(i, (pattern, make))| pattern.captures(&counted).and_then(|c| make(&c)).map(|cause| (i, cause)))
}

/// The most telling thing of the last lines; of equals the last.
pub fn said(log: &str) -> Option<Said> {
    let lines: Vec<&str> = log.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let tail = lines.len().saturating_sub(LINES);
    let mut best: Option<(usize, Cause, &str)> = None;
    for line in lines.iter().skip(tail) {
        if let Some((rank, cause)) = of_line(line)
            && best.as_ref().is_none_or(|(r, ..)| rank <= *r)
        {
            best = Some((rank, cause, line));
        }
    }
    match best {
        Some((_, Cause::Panic, line)) => Some(Said { cause: Cause::Panic, line: after_traceback(&lines, line).to_owned() }),
        Some((_, cause, line)) => Some(Said { cause, line: line.to_owned() }),
        None => lines.last().map(|l| Said { cause: Cause::Last, line: (*l).to_owned() }),
    }
}

/// What the newest lines say about the network, whatever the state of the container; `None` when the last lines are fine.
pub fn network(log: &str) -> Option<Said> {
    let lines: Vec<&str> = log.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let newest = lines.iter().rev().take(3);
    newest
        .filter_map(|l| of_line(l).map(|(_, cause)| Said { cause, line: (*l).to_owned() }))
        .find(|s| matches!(&s.cause, Cause::Dns(h) if !h.is_empty()) || matches!(&s.cause, Cause::Refused(..) | Cause::Timeout(..)))
}

/// What a line says of the program's own standing, whoever calls it: a right it lacks, a full disk, a certificate it does not trust.
pub fn standing(line: &str) -> Option<Said> {
    let (_, cause) = of_line(line)?;
    let own = match &cause {
        Cause::Forbidden(_) | Cause::DiskFull => true,
        // "remote error" and "handshake from" are the other side's complaint.
        Cause::Certificate => line.contains("x509: ") && !line.contains("remote error") && !line.contains("handshake error from"),
        _ => false,
    };
    own.then(|| Said { cause, line: line.trim().to_owned() })
}

/// Python says what went wrong below the traceback.
fn after_traceback<'a>(lines: &[&'a str], line: &'a str) -> &'a str {
    if line.starts_with("Traceback") { lines.last().copied().unwrap_or(line) } else { line }
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
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_a_regex() {
        assert!(PATTERNS.len() >= 33, "{}", PATTERNS.len());
        assert!(COUNTERS.is_some() && listens("listening on :80").is_some());
    }

    #[test]
    fn the_words_of_a_failure_name_its_cause() {
        let s = |t: &str| t.to_owned();
        let cases: &[(&str, Cause)] = &[
            ("Error: environment variable DEPLOY_ENV is undefined", Cause::MissingEnv(s("DEPLOY_ENV"))),
            ("DB_HOST is not set", Cause::MissingEnv(s("DB_HOST"))),
            ("FATAL: DB_HOST is not set", Cause::MissingEnv(s("DB_HOST"))),
            ("KeyError: 'DB_HOST'", Cause::MissingEnv(s("DB_HOST"))),
            ("sh: DB_HOST: unbound variable", Cause::MissingEnv(s("DB_HOST"))),
            ("missing required environment variable: API_TOKEN", Cause::MissingEnv(s("API_TOKEN"))),
            ("required key REDIS_URL missing value", Cause::MissingEnv(s("REDIS_URL"))),
            ("Missing REDIS_URL", Cause::MissingEnv(s("REDIS_URL"))),
            ("env DATABASE_URL must be set", Cause::MissingEnv(s("DATABASE_URL"))),
            ("sh: DB_HOST: parameter not set", Cause::MissingEnv(s("DB_HOST"))),
            ("dd: error writing '/spool/f': No space left on device", Cause::DiskFull),
            ("java.lang.OutOfMemoryError: Java heap space", Cause::OutOfMemory),
            ("Error: listen EADDRINUSE: address already in use :::8080", Cause::PortInUse(Some(8080))),
            ("httpd: bind: Address already in use", Cause::PortInUse(None)),
            ("touch: /data/x: Read-only file system", Cause::ReadOnly(Some(s("/data/x")))),
            ("sh: serve: not found", Cause::NoCommand(s("serve"))),
            ("exec /app: exec format error", Cause::WrongArch),
            ("wc: unrecognized option '--frobnicate'", Cause::BadArgument(Some(s("--frobnicate")))),
            ("flag provided but not defined: -confg", Cause::BadArgument(Some(s("-confg")))),
            ("Error: unknown flag: --prot", Cause::BadArgument(Some(s("--prot")))),
            ("error: unexpected argument '--x' found", Cause::BadArgument(Some(s("--x")))),
            ("Error: Cannot find module 'express'", Cause::NoModule(s("express"))),
            ("ModuleNotFoundError: No module named 'flask'", Cause::NoModule(s("flask"))),
            (
                "app: error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory",
                Cause::NoModule(s("libssl.so.3")),
            ),
            ("/etc/app/app.conf: line 2: syntax error: unterminated quoted string", Cause::BadConfig(Some(s("/etc/app/app.conf")))),
            ("failed to parse config: yaml: line 3: did not find expected key", Cause::BadConfig(None)),
            ("error parsing /etc/app/config.yaml: invalid character 'x'", Cause::BadConfig(Some(s("/etc/app/config.yaml")))),
            ("failed to load config: open /etc/app/config.yaml: no such file or directory", Cause::NoFile(s("/etc/app/config.yaml"))),
            ("sqlite3.OperationalError: database is locked", Cause::Locked),
            ("password authentication failed for user \"app\"", Cause::Login),
            ("x509: certificate has expired or is not yet valid", Cause::Certificate),
            ("ERROR: relation \"orders\" does not exist", Cause::Schema),
            ("FATAL: sorry, too many clients already", Cause::Exhausted),
            ("wget: bad address 'orders.dns-denied.svc.cluster.local'", Cause::Dns(s("orders.dns-denied.svc.cluster.local"))),
            ("dial tcp: lookup db on 10.96.0.10:53: no such host", Cause::Dns(s("db"))),
            ("getaddrinfo ENOTFOUND redis", Cause::Dns(s("redis"))),
            ("psql: could not translate host name \"pg\" to address: Name or service not known", Cause::Dns(s("pg"))),
            ("connect prod-db:3333: connection refused", Cause::Refused(Some(s("prod-db")), Some(3333))),
            ("dial tcp 10.0.0.7:5432: connect: connection refused", Cause::Refused(Some(s("10.0.0.7")), Some(5432))),
            ("Error: connect ECONNREFUSED 10.0.0.7:6379", Cause::Refused(Some(s("10.0.0.7")), Some(6379))),
            ("wget: can't connect to remote host (10.96.1.2): Connection refused", Cause::Refused(Some(s("10.96.1.2")), None)),
            ("dial tcp 10.0.0.7:5432: i/o timeout", Cause::Timeout(Some(s("10.0.0.7")), Some(5432))),
            ("wget: download timed out", Cause::Timeout(None, None)),
            ("open /etc/app/config.yaml: no such file or directory", Cause::NoFile(s("/etc/app/config.yaml"))),
            ("cat: can't open '/etc/app/app.conf': No such file or directory", Cause::NoFile(s("/etc/app/app.conf"))),
            ("Error: listen EACCES: permission denied 0.0.0.0:80", Cause::LowPort(80)),
            ("listen tcp :443: bind: permission denied", Cause::LowPort(443)),
            ("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", Cause::LowPort(80)),
            ("listening on :80", Cause::Last),
            ("mkdir: can't create directory '/data/x': Permission denied", Cause::Denied(Some(s("/data/x")))),
            ("something failed badly", Cause::Error),
            ("bye", Cause::Last),
            ("INFO errors=0 failed=0 exceptions=0 fatal=no", Cause::Last),
        ];
        for (text, want) in cases {
            assert_eq!(said(text).map(|s| s.cause).as_ref(), Some(want), "{text}");
        }
    }

    #[test]
    fn the_most_telling_line_wins_and_a_traceback_ends_in_its_error() {
        assert_eq!(said("DB_HOST is not set\nerror: exit").unwrap().cause, Cause::MissingEnv("DB_HOST".into()));
        let python = "Traceback (most recent call last):\n  File \"a.py\"\nValueError: bad";
        assert_eq!(said(python).unwrap().line, "ValueError: bad");
        assert_eq!(said(""), None);
    }

    #[test]
    fn an_address_that_is_listened_on_is_read() {
        for (text, want) in [
            ("listening on :8080", Some((String::new(), 8080))),
            ("listening on 127.0.0.1:8080", Some(("127.0.0.1".into(), 8080))),
            ("Server started on port 3000", Some((String::new(), 3000))),
            ("hello", None),
        ] {
            assert_eq!(listens(text), want, "{text}");
        }
    }
}
