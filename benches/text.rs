//! How fast text is made fit to be sent: cleaning, redaction and classification, over data made here. Prints figures and
//! fails on none: compare them in one run on one machine.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a benchmark prints what it measured")]
use kopilot_tui::kubectl::{kinds::Kinds, parse_with};
use kopilot_tui::model::Role;
use kopilot_tui::policy::{Rules, judge};
use kopilot_tui::text::{Clean, Redactor};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Each measurement takes the best of so many runs: the machine's other work only ever adds.
const RUNS: usize = 7;

fn best(mut run: impl FnMut()) -> Duration {
    (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn rate(what: &str, text: &str, run: impl FnMut()) {
    let took = best(run);
    println!(
        "{what:<44} {:>8.1} MB/s   ({:.1} MB in {:.1} ms)",
        text.len() as f64 / 1e6 / took.as_secs_f64(),
        text.len() as f64 / 1e6,
        took.as_secs_f64() * 1e3
    );
}

/// An application's log: no secrets, the words that logs have, one line in fifty that speaks of tokens or URLs.
fn log(secrets: bool) -> String {
    let mut out = String::new();
    for n in 0..120_000u64 {
        let _ = match n % 50 {
            7 => writeln!(out, "2026-11-21T11:{:02}:{:02}Z INFO  http: GET https://api.shop.svc/v1/orders/{n}?page=2 200 {}ms", n / 60 % 60, n % 60, n % 300),
            23 => writeln!(out, "2026-11-21T11:{:02}:{:02}Z DEBUG auth: token of user {n} expires in 3600s, refreshing", n / 60 % 60, n % 60),
            41 if secrets => {
                writeln!(out, "2026-11-21T11:{:02}:{:02}Z WARN  db: connect postgres://shop:hunter{n}@db:5432/shop password=x{n}y", n / 60 % 60, n % 60)
            }
            _ => writeln!(
                out,
                "2026-11-21T11:{:02}:{:02}Z INFO  worker-{}: order {n} processed in {}ms, items={} region=eu-west-1",
                n / 60 % 60,
                n % 60,
                n % 8,
                n % 97,
                n % 11
            ),
        };
    }
    out
}

fn yaml() -> String {
    let mut out = String::from("apiVersion: v1\nitems:\n");
    for n in 0..6_000 {
        let _ = write!(
            out,
            "- apiVersion: v1\n  kind: Pod\n  metadata:\n    labels:\n      app: api\n      pod-template-hash: 7f9c6b5d4\n    name: api-7f9c6b5d4-{n}\n    namespace: shop\n    uid: 3f1c9a52-7d0e-4b1a-9c55-{n:012}\n  spec:\n    containers:\n    - env:\n      - name: LOG_LEVEL\n        value: info\n      - name: DB_HOST\n        value: db.shop.svc\n      - name: DB_PASSWORD\n        value: hunter{n}\n      - name: API_TOKEN\n        valueFrom:\n          secretKeyRef:\n            key: token\n            name: api\n      image: registry.local/shop/api@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n      name: api\n      volumeMounts:\n      - mountPath: /var/run/secrets/kubernetes.io/serviceaccount\n        name: kube-api-access\n        readOnly: true\n"
        );
        if n % 20 == 0 {
            let _ = write!(
                out,
                "- apiVersion: v1\n  data:\n    password: aHVudGVyMg==\n    user: YWRh\n  kind: Secret\n  metadata:\n    name: db-{n}\n  type: Opaque\n"
            );
        }
    }
    out.push_str("kind: List\n");
    out
}

/// A command, and the manifest beside it.
type Case = (String, Option<String>);

fn main() {
    let redactor = Redactor::new([7; 32]);
    let (plain, secret, yaml) = (log(false), log(true), yaml());
    let json = {
        let items: Vec<serde_json::Value> = (0..6_000)
            .map(|n| serde_json::json!({"kind": if n % 20 == 0 { "Secret" } else { "Pod" }, "data": {"a": "aHVudGVyMg=="}, "metadata": {"name": format!("api-{n}"), "uid": format!("3f1c9a52-7d0e-{n:012}"), "annotations": {"last": format!("{{\"env\":[{{\"name\":\"DB_PASSWORD\",\"value\":\"hunter{n}\"}}]}}")}}, "spec": {"containers": [{"image": "registry.local/shop/api@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "API_TOKEN", "value": format!("x{n}y")}]}]}}))
            .collect();
        serde_json::Value::from(items).to_string()
    };
    rate("redact: plain log", &plain, || drop(std::hint::black_box(redactor.redact(&plain))));
    rate("redact: log with secrets", &secret, || drop(std::hint::black_box(redactor.redact(&secret))));
    rate("redact: YAML with secrets", &yaml, || drop(std::hint::black_box(redactor.redact(&yaml))));
    rate("redact: JSON with secrets", &json, || drop(std::hint::black_box(redactor.redact(&json))));
    rate("clean: plain log", &plain, || drop(std::hint::black_box(Clean::log(&plain))));
    let coloured = plain.replace("INFO", "\u{1b}[32mINFO\u{1b}[0m").replace("worker", "wörker");
    rate("clean: log with colours and umlauts", &coloured, || drop(std::hint::black_box(Clean::log(&coloured))));

    let kinds = Kinds::builtin();
    let rules = Rules::new(Role::Admin, "default");
    let lines: Vec<Case> = include_str!("../tests/cases/policy-more.jsonl")
        .lines()
        .filter_map(|l| {
            let case = serde_json::from_str::<serde_json::Value>(l).ok()?;
            let text = |key: &str| case.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
            Some((text("command")?, text("manifest")))
        })
        .collect();
    let classify = |(line, manifest): &Case| drop(std::hint::black_box(judge(&parse_with(line, manifest.as_deref(), &kinds), &rules)));
    let (carried, bare): (Vec<Case>, Vec<Case>) = lines.into_iter().partition(|case| case.1.is_some());
    for (what, cases) in [("classify: a command", bare), ("classify: a command with its manifest", carried)] {
        let took = best(|| cases.iter().for_each(classify));
        println!("{what:<44} {:>8.2} µs each (of {})", took.as_secs_f64() * 1e6 / cases.len() as f64, cases.len());
        let (worst, case) = cases.iter().map(|case| (best(|| classify(case)), case)).max().unwrap();
        println!("{:<44} {:>8.2} µs   {}", "  the slowest", worst.as_secs_f64() * 1e6, case.0);
    }
}
