//! The words that programs end with, and what they mean.
use super::Cause;
use crate::text::pattern;
use regex::{Captures, Regex};
use std::sync::LazyLock;

pub(super) type Make = fn(&Captures<'_>) -> Option<Cause>;

pub(super) fn group(c: &Captures<'_>, n: &str) -> Option<String> {
    c.name(n).map(|m| m.as_str().trim_matches(|c: char| matches!(c, '\'' | '"' | '`' | '.' | ',')).to_owned()).filter(|s| !s.is_empty())
}

/// The name of a host; a word that a failure is called by is none.
fn host(c: &Captures<'_>, n: &str) -> Option<String> {
    const WORDS: &[&str] = &["failed", "error", "getaddrinfo", "gaierror", "socketerror", "placeholder", "host", "hostname", "name", "lookup"];
    group(c, n).filter(|h| !WORDS.contains(&h.to_lowercase().as_str()))
}

fn any(c: &Captures<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|n| group(c, n))
}

fn ports(c: &Captures<'_>, names: &[&str]) -> Option<u16> {
    names.iter().find_map(|n| group(c, n)?.parse().ok())
}

pub(super) fn port(c: &Captures<'_>) -> Option<u16> {
    group(c, "port")?.parse().ok()
}

/// Patterns with what they mean, most telling first.
pub(super) static PATTERNS: LazyLock<Vec<(Regex, Make)>> = LazyLock::new(|| {
    let env = |c: &Captures<'_>| group(c, "var").filter(|v| v.len() > 1 && v.chars().any(|c| c.is_ascii_uppercase())).map(Cause::MissingEnv);
    let table: &[(&str, Make)] = &[
        (r"\$\((?P<var>[A-Z][A-Z0-9_]+)\)", env),
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
        (
            r#"(?i:must|need to|needs to|have to|please|should|required to) (?i:specify|set|define|provide|export|supply|configure) (?i:(?:the|a|an|your|following|one|of|as|environment|env|variables?|var|value|for|either) )*[`'"$-]*(?P<var>[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{5,})\b"#,
            env,
        ),
        (r"(?i:environment variables?): (?:- )?(?P<var>[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b", env),
        (
            r#"\b(?P<var>[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{4,})['"`]? (?i:(?:setting|variable|option|key|parameter|environment variable) )?(?i:must not|cannot|can't|may not|should not|must) (?i:be )(?i:empty|blank|null|undefined)"#,
            env,
        ),
        (
            r#"(?i:could not resolve placeholder|missing (?:required )?(?:configuration|config|property|setting)(?: (?:key|property|value|option))?:?|required (?:configuration |config )?(?:property|setting|key):?|no configuration setting found for key) ['"`]?(?P<key>[A-Za-z][\w-]*(?:\.[\w-]+)+)"#,
            |c| group(c, "key").map(Cause::MissingSetting),
        ),
        (
            r"(?P<key>\b(?:vm|fs|net|kernel)\.[\w.]+)\b[^.]*?\btoo low|(?P<k2>max file descriptors|max number of threads|max size virtual memory)\b.*\btoo low",
            |c| group(c, "key").or_else(|| group(c, "k2")).map(Cause::Kernel),
        ),
        (r"(?i)too many open files|\bEMFILE\b|\bENFILE\b", |_| Some(Cause::Kernel("open files".to_owned()))),
        (r"(?i)(?P<key>[a-z_][\w.]*) field required (?:\[type=missing|\(type=value_error\.missing)", |c| group(c, "key").map(Cause::MissingSetting)),
        (r#"\b(?P<var>[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z]{4,})['"]?: ?\[? ?['"]?(?i:required|is required|missing)\b"#, env),
        (r"(?i)no space left on device|\bENOSPC\b|disk quota exceeded|disk is full", |_| Some(Cause::DiskFull)),
        (
            r"java\.lang\.OutOfMemoryError|Allowed memory size of \d+ bytes exhausted|JavaScript heap out of memory|\bMemoryError\b|Cannot allocate memory|std::bad_alloc|fatal error: runtime: out of memory|\bENOMEM\b",
            |_| Some(Cause::OutOfMemory),
        ),
        (
            r"(?i)(?:[:\s](?P<port>\d{2,5})\b.*)?(?:address (?:is )?already in use|EADDRINUSE|port (?:is )?already (?:in use|allocated|bound)|address in use)(?:.*?[: ](?P<port2>\d{2,5})\b)?",
            |c| Some(Cause::PortInUse(port(c).or_else(|| group(c, "port2")?.parse().ok()))),
        ),
        (r"(?i)(?:(?P<path>/[^\s:'\x22]+)['\x22]?:? )?(?:read-only file ?system|\bEROFS\b)(?::? ['\x22](?P<p2>/[^\s'\x22]+))?", |c| {
            Some(Cause::ReadOnly(group(c, "path").or_else(|| group(c, "p2"))))
        }),
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
            r#"(?i)(?:unknown|invalid|bad|unexpected|unrecognized|duplicate|unsupported) (?:configuration |config )?(?:directive|parameter|option|key|field|property|setting|section|number of arguments)\b.*? in (?P<file>/[^\s:'"`]+)"#,
            |c| Some(Cause::BadConfig(group(c, "file"))),
        ),
        (r"(?i)reading the configuration file, at line \d+", |_| Some(Cause::BadConfig(None))),
        (
            r"(?i)database is locked|could not (?:obtain|acquire|get) (?:the |a )?(?:\w+ )?lock|failed to (?:obtain|acquire) (?:the |a )?(?:\w+ )?lock|lock ?file .*(?:exists|held)|another (?:instance|process|server)\b.*\b(?:running|using|holds?)",
            |_| Some(Cause::Locked),
        ),
        (r#"(?P<who>[Uu]ser \\?"system:serviceaccount:[^"]+" cannot .*)"#, |c| c.name("who").map(|w| Cause::Forbidden(w.as_str().replace('\\', "")))),
        (
            r"(?i)password authentication failed|access denied for user|role \\?['\x22][\w-]+\\?['\x22] does not exist|ACCESS_REFUSED|login was refused|no pg_hba\.conf entry|NOPERM|authentication failed|invalid (?:credentials|api key|username or password|password)|WRONGPASS|NOAUTH|login failed|\b401 unauthorized|(?:status(?: code)?|\bcode)[ =:]+40[13]\b|\b403 forbidden",
            |_| Some(Cause::Login),
        ),
        (
            r"(?i)x509:|certificate (?:has expired|verify failed|signed by unknown|is not valid|is not trusted)|CERT_[A-Z_]+|self[- ]signed certificate|SSL: |tls: (?:failed|handshake)|unable to get local issuer",
            |_| Some(Cause::Certificate),
        ),
        (
            r#"(?i)(?:relation|table|column|database|schema) \\?['"`]?[\w.-]+\\?['"`]? (?:does not exist|doesn't exist|not found)|unknown (?:database|column|table)|no such table|migrations? (?:are |is )?(?:failed|pending|needed)|pending migrations?|migration checksum mismatch|dirty database"#,
            |_| Some(Cause::Schema),
        ),
        (
            r"(?i)too many (?:connections|clients|requests)|connection pool (?:exhausted|timed? ?out)|remaining connection slots|\b429\b.*(?:too many|rate)|rate limit",
            |_| Some(Cause::Exhausted),
        ),
        (
            r#"(?i)(?:host not found in upstream ['"](?P<h1>[\w.-]+)|unknown \w+ server host ['"](?P<h2>[\w.-]+)|getaddrinfo (?:failed )?for ['"]?(?P<h3>[\w.-]+)|(?:couldn't|could not|cannot|can't|failed to) resolve (?:the )?(?:server|host(?: ?name)?|address(?: of)?|name|dns name):? ['"`]?(?P<h4>[\w-]+(?:\.[\w-]+)*)|dns resolution failed for ['"]?(?P<h5>[\w.-]+)|connecting to (?P<h6>[\w.-]+):\d+\. (?:name or service not known|temporary failure|nodename nor|no address)|(?:not known|name resolution|no such host) \((?P<h7>[\w.-]+):\d+\))"#,
            |c| ["h1", "h2", "h3", "h4", "h5", "h6", "h7"].iter().find_map(|n| host(c, n)).map(Cause::Dns),
        ),
        (
            r#"(?i)(?:lookup (?P<h1>[\w.-]+)[^:]*:.*?(?:no such host|server misbehaving|i/o timeout|connection refused|read udp)|bad address ['"`](?P<h2>[\w.-]+)|(?:ENOTFOUND|EAI_AGAIN) (?P<h3>[\w.-]+)|could not resolve(?: host| hostname)?:? ['"`]?(?P<h4>[\w.-]+)|could not translate host name ['"](?P<h5>[\w.-]+)|UnknownHostException:? (?P<h6>[\w.-]+)|(?P<h7>[\w-]+(?:\.[\w-]+)*)(?::\d+)?: (?:name or service not known|temporary failure in name resolution|nodename nor servname|name does not resolve|no such host)|can't resolve ['"`]?(?P<h8>[\w.-]+)|failed to resolve ['"`]?(?P<h9>[\w-]+(?:\.[\w-]+)*)|unknown host:? ['"`]?(?P<ha>[\w.-]+))"#,
            |c| ["h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9", "ha"].iter().find_map(|n| host(c, n)).map(Cause::Dns),
        ),
        (r"(?i)temporary failure in name resolution|name or service not known|NXDOMAIN|getaddrinfo (?:failed|error)", |_| Some(Cause::Dns(String::new()))),
        (
            r"(?i)\(?(?:\b|//)(?P<host>(?:[a-z0-9-]+\.)*[a-z0-9-]*[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*|\d{1,3}(?:\.\d{1,3}){3})\)?:(?P<port>\d{2,5})\b[^|]*?(?:connection refused|actively refused)|ECONNREFUSED[ :]+(?P<h2>[a-z0-9.-]+?):(?P<p2>\d{2,5})|(?:connection refused|could not connect|refused to connect|failed to connect|unable to connect|can't connect|connect failed)[^|]*?\b(?P<h3>[a-z0-9][a-z0-9.-]*[a-z0-9]):(?P<p3>\d{2,5})\b",
            |c| {
                let host = ["host", "h2", "h3"].iter().find_map(|n| group(c, n));
                let port = ["port", "p2", "p3"].iter().find_map(|n| group(c, n)?.parse().ok());
                Some(Cause::Refused(host, port))
            },
        ),
        (
            r#"(?i)connectionpool\(host=['"](?P<h8>[\w.-]+)['"], port=(?P<p8>\d+)\).*connection refused|connection to ['"]?(?P<host>[\w.-]+):(?P<port>\d+)['"]? (?:was )?refused|connection refused: (?P<h2>[\w.-]+)/[\d.]+:(?P<p2>\d+)|\((?P<h3>[\w.-]+)/[\d.]+:(?P<p3>\d+)\) could not be established|server on ['"](?P<h4>[\w.-]+?)(?::(?P<p4>\d+))?['"] ?\((?:111|61|10061)\b|connection refused.* on host ['"](?P<h5>[\w.-]+)['"].* port (?P<p5>\d+)|unable ?to ?connect on (?P<h7>[\w.-]+):(?P<p7>\d+)|refused[^|]*\((?P<h6>[a-z][\w.-]*):(?P<p6>\d+)\)"#,
            |c| {
                Some(Cause::Refused(any(c, &["host", "h2", "h3", "h4", "h5", "h6", "h7", "h8"]), ports(c, &["port", "p2", "p3", "p4", "p5", "p6", "p7", "p8"])))
            },
        ),
        (
            r#"(?i)connectionpool\(host=['"](?P<h5>[\w.-]+)['"], port=(?P<p5>\d+)\).*(?:timed out|timeout)|connection to server at ['"](?P<host>[\w.-]+)['"].*port (?P<port>\d+) failed: (?:connection timed out|timeout expired|no route to host)|server on ['"](?P<h2>[\w.-]+?)(?::(?P<p2>\d+))?['"] ?\((?:110|113)\b|connecting to (?P<h3>[\w.-]+):(?P<p3>\d+)\. (?:connection )?time(?:d )?out|connect(?:ion)? timed out: (?:no further information: )?(?P<h4>[\w.-]+)(?:/[\d.]+)?:(?P<p4>\d+)"#,
            |c| Some(Cause::Timeout(any(c, &["host", "h2", "h3", "h4", "h5"]), ports(c, &["port", "p2", "p3", "p4", "p5"]))),
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
            r"(?i)(?:(?:^|[\s'\x22`(=])(?P<path>/[^\s:'\x22`]+)['\x22`]?:? )?(?:permission denied|EACCES|operation not permitted|EPERM)(?:[^/]*['\x22`]?(?P<p2>/[^\s:'\x22`,]+))?",
            |c| Some(Cause::Denied(group(c, "path").or_else(|| group(c, "p2")))),
        ),
        (
            r"^Caused by: |^panic: |^thread '.*' panicked|^Traceback \(most recent|^(?:[\w.]+\.)?\w*(?:Exception|Error): |Exception in thread|(?i)segmentation fault|unhandled exception|uncaught",
            |_| Some(Cause::Panic),
        ),
        (r"(?i)\b(?:error|fatal|critical|exception|panic|failed|failure|cannot|can't|unable to|invalid|abort(?:ed|ing)?)\b", |_| Some(Cause::Error)),
    ];
    table.iter().filter_map(|(words, make)| pattern::ascii(words).ok().map(|r| (r, *make))).collect()
});
