//! The programs behind the images: what each needs, what it listens on, and what it writes. How a container behaves
//! follows from its spec and this table alone, so that what mends the spec mends the container.
use super::super::json::View;
use super::super::quantity;
use super::script;
use serde_json::Value;
use std::collections::BTreeMap;

/// A program.
#[derive(Debug)]
pub struct Program {
    repository: &'static str,
    tags: &'static [&'static str],
    ports: &'static [i64],
    /// Variables without which it ends with code 1.
    needs: &'static [&'static str],
    /// Mebibytes that it uses at its peak.
    pub memory: u64,
    /// Millicores that it uses.
    pub cpu: u64,
    /// Ends by itself with code 0 after so many seconds.
    ends: Option<i64>,
    starts: &'static [&'static str],
    /// Lines in turn, one every so many seconds.
    pub chats: &'static [&'static str],
    /// See `chats`.
    pub every: i64,
}

const fn server(repository: &'static str, tags: &'static [&'static str]) -> Program {
    Program { repository, tags, ports: &[8080], needs: &[], memory: 48, cpu: 12, ends: None, starts: LISTENS, chats: REQUESTS, every: 7 }
}

const LISTENS: &[&str] = &["level=info msg=\"starting\" pid=1", "level=info msg=\"listening\" addr=:8080"];
const REQUESTS: &[&str] = &[
    "level=info msg=\"request\" method=GET path=/healthz status=200 ms={ms}",
    "level=info msg=\"request\" method=GET path=/v1/items?page={n} status=200 ms={ms}",
    "level=info msg=\"request\" method=GET path=/v1/items/{n} status=200 ms={ms}",
    "level=info msg=\"request\" method=POST path=/v1/items status=201 ms={ms}",
];
const ACCESS: &[&str] = &[
    "10.244.1.{n} - - \"GET / HTTP/1.1\" 200 5120 \"-\" \"Mozilla/5.0\"",
    "10.244.2.{n} - - \"GET /assets/app.js HTTP/1.1\" 200 48213 \"-\" \"Mozilla/5.0\"",
    "10.244.3.{n} - - \"GET /cart HTTP/1.1\" 200 2210 \"-\" \"Mozilla/5.0\"",
    "10.244.1.{n} - - \"GET /favicon.ico HTTP/1.1\" 304 0 \"-\" \"Mozilla/5.0\"",
];

const TABLE: &[Program] = &[
    Program {
        needs: &["DB_HOST"],
        starts: &[
            "level=info msg=\"starting\" app=api pid=1",
            "level=info msg=\"connected\" host={DB_HOST} db=shop",
            "level=info msg=\"listening\" addr=:8080",
        ],
        ..server("registry.shop.example/api", &["1.3.2", "1.4.0", "1.4.1", "1.5.0"])
    },
    Program {
        starts: &["nginx: configuration file test is successful", "start worker processes"],
        chats: ACCESS,
        every: 4,
        ..server("registry.shop.example/web", &["3.0.4", "3.1.0", "3.1.1", "3.2.0"])
    },
    server("registry.shop.example/catalog", &["2.2.0", "2.3.0", "2.3.1"]),
    server("registry.shop.example/cart", &["1.9.0", "1.10.0"]),
    server("registry.shop.example/search", &["2.8.0", "2.8.1", "2.9.0-rc1"]),
    server("registry.shop.example/checkout", &["4.1.0", "4.1.1"]),
    Program {
        needs: &["SMTP_HOST"],
        starts: &["level=info msg=\"starting\" app=invoices", "level=info msg=\"mail relay\" host={SMTP_HOST}", "level=info msg=\"listening\" addr=:8080"],
        ..server("registry.shop.example/invoices", &["1.2.0", "1.2.1"])
    },
    server("registry.shop.example/ledger", &["6.0.0", "6.1.0", "6.2.0"]),
    server("registry.shop.example/fraud", &["0.9.3", "0.9.4"]),
    Program {
        ports: &[],
        memory: 96,
        cpu: 140,
        starts: &["level=info msg=\"worker starting\" concurrency=4", "level=info msg=\"loading model\" file=/models/rank.bin size=88MiB"],
        chats: &["level=info msg=\"job done\" id={n} ms={ms}", "level=info msg=\"queue\" depth={n}"],
        every: 9,
        ..server("registry.shop.example/worker", &["5.1.0", "5.2.0", "5.2.1"])
    },
    Program {
        ports: &[],
        ends: Some(20),
        starts: &["level=info msg=\"report started\"", "level=info msg=\"rows read\" count=48211", "level=info msg=\"report written\" file=/out/daily.csv"],
        chats: &[],
        ..server("registry.shop.example/report", &["1.0.3", "1.0.4"])
    },
    Program {
        ports: &[5432],
        memory: 160,
        cpu: 35,
        starts: &[
            "LOG:  starting PostgreSQL 16.4",
            "LOG:  listening on IPv4 address \"0.0.0.0\", port 5432",
            "LOG:  database system is ready to accept connections",
        ],
        chats: &["LOG:  checkpoint starting: time", "LOG:  checkpoint complete: wrote {n} buffers (0.3%); write={ms} ms"],
        every: 150,
        ..server("postgres", &["15.8", "16.3", "16.4", "17.0", "latest"])
    },
    Program {
        ports: &[6379],
        memory: 24,
        cpu: 8,
        starts: &["* Redis version=7.4.1, bits=64, pid=1, just started", "* Ready to accept connections tcp"],
        chats: &["* 100 changes in 300 seconds. Saving...", "* Background saving terminated with success"],
        every: 150,
        ..server("redis", &["6.2.14", "7.2.5", "7.4.1", "latest"])
    },
    Program {
        ports: &[9090],
        memory: 220,
        cpu: 60,
        starts: &[
            "level=INFO component=web msg=\"Start listening for connections\" address=0.0.0.0:9090",
            "level=INFO msg=\"Server is ready to receive web requests.\"",
        ],
        chats: &["level=INFO component=tsdb msg=\"Head GC completed\" duration={ms}ms"],
        every: 1_800,
        ..server("quay.io/prometheus/prometheus", &["v2.55.1", "v3.0.1", "v3.1.0"])
    },
    Program {
        ports: &[3000],
        memory: 90,
        cpu: 9,
        starts: &[
            "logger=settings level=info msg=\"Starting Grafana\" version=11.4.0",
            "logger=http.server level=info msg=\"HTTP Server Listen\" address=[::]:3000",
        ],
        chats: &["logger=cleanup level=info msg=\"Completed cleanup jobs\" duration={ms}ms"],
        every: 600,
        ..server("grafana/grafana", &["11.3.0", "11.4.0"])
    },
    Program {
        ports: &[9100],
        memory: 12,
        cpu: 3,
        starts: &["level=info msg=\"Listening on\" address=[::]:9100"],
        chats: &[],
        ..server("quay.io/prometheus/node-exporter", &["v1.8.2"])
    },
    Program {
        ports: &[53, 9153, 8080, 8181],
        memory: 22,
        cpu: 5,
        starts: &[".:53", "[INFO] plugin/reload: Running configuration SHA512 = 1b226df79860026c6a52e67daa10d7f0", "CoreDNS-1.12.0"],
        chats: &[],
        ..server("registry.k8s.io/coredns/coredns", &["v1.11.3", "v1.12.0"])
    },
    Program {
        ports: &[10256],
        memory: 26,
        cpu: 4,
        starts: &["I server_linux.go:66] \"Using iptables proxy\"", "I proxier.go:220] \"Starting service config controller\""],
        chats: &[],
        ..server("registry.k8s.io/kube-proxy", &["v1.36.3"])
    },
    Program {
        ports: &[10250],
        memory: 30,
        cpu: 6,
        starts: &["I serving.go:374] Generated self-signed cert", "I secure_serving.go:213] Serving securely on [::]:10250"],
        chats: &[],
        ..server("registry.k8s.io/metrics-server/metrics-server", &["v0.7.2"])
    },
];

/// What a container does.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It runs on and listens on these ports.
    Runs { ports: Vec<i64> },
    /// It ends.
    Ends { after: i64, code: i64, reason: &'static str, lines: Vec<String> },
}

/// The program of an image, when the table has it.
pub fn of(image: &str) -> Option<&'static Program> {
    let repository = super::image::split(image).0;
    TABLE.iter().find(|p| p.repository == repository)
}

/// The tags of a repository; `None` when the table does not have it.
pub fn tags(repository: &str) -> Option<&'static [&'static str]> {
    TABLE.iter().find(|p| p.repository == repository).map(|p| p.tags)
}

/// Whether the program of an image writes as time goes by.
pub fn talks(image: &str) -> bool {
    of(image).is_some_and(|p| !p.chats.is_empty())
}

/// What a container does with this environment.
pub fn verdict(spec: &Value, environment: &BTreeMap<String, String>, policy: &str) -> Verdict {
    if let Some(script) = script::read(spec) {
        return match script.end {
            Some((after, code)) => ends(after, code, script.lines),
            None => Verdict::Runs { ports: declared(spec) },
        };
    }
    let Some(program) = of(spec.text("/image")) else {
        // Unknown: it serves what it declares, or does its work and ends where it is expected to.
        return if policy == "Always" { Verdict::Runs { ports: declared(spec) } } else { ends(5, 0, Vec::new()) };
    };
    let starts = start_lines(spec, environment);
    if let Some(name) = program.needs.iter().find(|n| environment.get(**n).is_none_or(String::is_empty)) {
        let first = starts.into_iter().next();
        return ends(
            1,
            1,
            first.into_iter().chain([format!("level=error msg=\"configuration\" error=\"{name} is not set\""), format!("{name} is not set")]).collect(),
        );
    }
    let limit = spec.text("/resources/limits/memory");
    if !limit.is_empty() && quantity::bytes(limit) < program.memory << 20 {
        return Verdict::Ends { after: 4, code: 137, reason: "OOMKilled", lines: starts };
    }
    match program.ends {
        Some(after) => ends(after, 0, starts),
        None => Verdict::Runs { ports: program.ports.to_vec() },
    }
}

fn ends(after: i64, code: i64, lines: Vec<String>) -> Verdict {
    Verdict::Ends { after: after.max(1), code, reason: if code == 0 { "Completed" } else { "Error" }, lines }
}

fn declared(spec: &Value) -> Vec<i64> {
    spec.list("/ports").iter().map(|p| p.int("/containerPort")).collect()
}

/// What a container writes when it starts and runs on.
pub fn start_lines(spec: &Value, environment: &BTreeMap<String, String>) -> Vec<String> {
    if let Some(script) = script::read(spec) {
        return script.lines;
    }
    let Some(program) = of(spec.text("/image")) else { return Vec::new() };
    let filled =
        |line: &&str| program.needs.iter().fold((*line).to_owned(), |l, n| l.replace(&format!("{{{n}}}"), environment.get(*n).map_or("", String::as_str)));
    program.starts.iter().map(filled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_program_does_follows_from_its_spec() {
        let env = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>();
        let api = json!({"image": "registry.shop.example/api:1.5.0"});
        let Verdict::Ends { code: 1, lines, .. } = verdict(&api, &env(&[("DB_HOSTNAME", "db")]), "Always") else { panic!("it runs without its database") };
        assert_eq!(lines.last().map(String::as_str), Some("DB_HOST is not set"));
        assert_eq!(verdict(&api, &env(&[("DB_HOST", "db")]), "Always"), Verdict::Runs { ports: vec![8080] });
        for (limit, killed) in [("64Mi", true), ("95Mi", true), ("96Mi", false), ("1Gi", false)] {
            let worker = json!({"image": "registry.shop.example/worker:5.2.0", "resources": {"limits": {"memory": limit}}});
            let oom = matches!(verdict(&worker, &env(&[]), "Always"), Verdict::Ends { code: 137, reason: "OOMKilled", .. });
            assert_eq!(oom, killed, "{limit}");
        }
        assert_eq!(verdict(&json!({"image": "nginx:1.27", "ports": [{"containerPort": 80}]}), &env(&[]), "Always"), Verdict::Runs { ports: vec![80] });
        assert!(matches!(verdict(&json!({"image": "perl:5"}), &env(&[]), "Never"), Verdict::Ends { code: 0, .. }));
    }
}
