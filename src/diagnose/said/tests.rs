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
