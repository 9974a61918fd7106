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
        ("lookup $(DB_HOST): no such host", Cause::MissingEnv(s("DB_HOST"))),
        ("You must specify POSTGRES_PASSWORD to a non-empty value", Cause::MissingEnv(s("POSTGRES_PASSWORD"))),
        ("one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD", Cause::MissingEnv(s("MYSQL_ROOT_PASSWORD"))),
        ("The SECRET_KEY setting must not be empty.", Cause::MissingEnv(s("SECRET_KEY"))),
        ("thread 'main' panicked at src/main.rs:12:40:\nDATABASE_URL must be set: NotPresent", Cause::MissingEnv(s("DATABASE_URL"))),
        ("Could not resolve placeholder 'orders.queue' in value \"${orders.queue}\"", Cause::MissingSetting(s("orders.queue"))),
        ("max virtual memory areas vm.max_map_count [65530] is too low, increase", Cause::Kernel(s("vm.max_map_count"))),
        ("nginx: [emerg] unknown directive \"x\" in /etc/nginx/nginx.conf:7", Cause::BadConfig(Some(s("/etc/nginx/nginx.conf")))),
        ("Reading the configuration file, at line 3\n>>> 'x y'", Cause::BadConfig(None)),
        ("FATAL:  role \"shop\" does not exist", Cause::Login),
        ("Migrations are pending. To resolve this issue, run:", Cause::Schema),
        ("host not found in upstream \"apis\" in /etc/nginx/conf.d/default.conf:12", Cause::Dns(s("apis"))),
        ("php_network_getaddresses: getaddrinfo for mysqldb failed: Name or service not known", Cause::Dns(s("mysqldb"))),
        ("getaddrinfo failed: Name or service not known", Cause::Dns(String::new())),
        ("Couldn't resolve server kafka-b:9092 from bootstrap.servers", Cause::Dns(s("kafka-b"))),
        ("Error -2 connecting to redis:6379. Name or service not known.", Cause::Dns(s("redis"))),
        ("Connection to orders-db:5433 refused. Check that", Cause::Refused(Some(s("orders-db")), Some(5433))),
        ("Can't connect to MySQL server on 'db:3306' (111)", Cause::Refused(Some(s("db")), Some(3306))),
        ("20:00:00 pool.go:210: dial tcp 10.0.0.7:6379: connect: connection refused", Cause::Refused(Some(s("10.0.0.7")), Some(6379))),
        ("connection to server at \"db\" (10.0.0.7), port 5432 failed: Connection timed out", Cause::Timeout(Some(s("db")), Some(5432))),
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

#[test]
fn a_warning_and_a_consequence_are_told_after_the_cause() {
    let cause = |log: &str| said(log).unwrap().cause;
    assert_eq!(cause("WARN SENTRY_DSN is not set\nError: connect ECONNREFUSED db:5432"), Cause::Refused(Some("db".into()), Some(5432)));
    assert_eq!(cause("WARN SENTRY_DSN is not set\nsomething failed"), Cause::MissingEnv("SENTRY_DSN".into()));
    assert_eq!(said("ERROR: cannot do x\nERROR: did not exit normally").unwrap().line, "ERROR: cannot do x");
}

#[test]
fn what_is_quoted_is_the_message_and_its_error() {
    let json = said("{\"level\":\"fatal\",\"msg\":\"cannot start\",\"error\":\"bad \\\"x\\\"\"}").unwrap();
    assert_eq!(json.words(), "cannot start: bad \"x\"");
    assert!(json.lines().eq([json.line.as_str()]));
    let config = said("level=error msg=\"Error loading config\" err=\"parsing /etc/p/p.yml: yaml: line 6: no\"").unwrap();
    assert_eq!(config.cause, Cause::BadConfig(Some("/etc/p/p.yml".into())));
}
