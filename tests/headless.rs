//! The headless front ends as a script uses them: the real binary, its output and its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kopilot-tui"));
        command.args(args).env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8").stdin(Stdio::null());
        for name in ["HOME", "XDG_RUNTIME_DIR", "TMPDIR"] {
            command.env(name, self.path());
        }
        command
    }
    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {} {}", text(&output.stdout), text(&output.stderr)))
}

#[test]
fn ask_finds_the_cause_proposes_the_fix_and_changes_nothing() {
    let home = Home::new();
    let export = home.path().join("export");
    let asked = home.run(&["ask", "why is api failing?", "--demo", "--still", "--json", "--export", export.to_str().unwrap()]);
    assert_eq!(asked.status.code(), Some(6), "{}", text(&asked.stderr));
    let record = json(&asked);
    assert!(record["answer"].as_str().unwrap().contains("DB_HOST is not set"), "{record}");
    assert_eq!(record["provider"], "offline");
    assert_eq!(record["proposals"][0]["command"], "rollout undo deployment/api -n shop");
    let cited: Vec<&str> = record["citations"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(cited.contains(&"E1"), "{cited:?}");
    for evidence in record["evidence"].as_array().unwrap() {
        assert!(export.join(format!("{}.txt", evidence["id"].as_str().unwrap())).exists());
    }
    assert_eq!(text(&std::fs::read(export.join("record.json")).unwrap()).parse::<Value>().unwrap(), record);
    // Nobody decided anything, so there is no chain.
    assert!(!home.path().join(".local/state/kopilot-tui/audit").exists());
}

#[test]
fn ask_tells_a_person_the_answer_on_stdout_and_the_steps_on_stderr() {
    let home = Home::new();
    let asked = home.run(&["ask", "why is api failing?", "--demo", "--still"]);
    assert_eq!(asked.status.code(), Some(6));
    let (answer, steps) = (text(&asked.stdout), text(&asked.stderr));
    assert!(answer.contains("DB_HOST is not set") && answer.contains("proposed: rollout undo deployment/api -n shop"), "{answer}");
    assert!(answer.contains("No model was used"), "{answer}");
    assert!(steps.contains("survey of namespace shop") && !answer.contains("survey of"), "{steps}");
}

#[test]
fn a_teams_playbook_is_in_the_first_evidence_and_one_that_is_wrong_stops_the_start() {
    let home = Home::new();
    let folder = home.path().join(".config/kopilot-tui/playbooks");
    std::fs::create_dir_all(&folder).unwrap();
    let book = "name: api-restarts\nseverity: critical\ndetect: {pod_status: 'Crash*'}\nsays: restarts since the settings were renamed\nsteps:\n- run: rollout history {owner} -n {namespace}\n  expect: two revisions\n";
    std::fs::write(folder.join("a.yaml"), book).unwrap();
    let export = home.path().join("export");
    let asked = home.run(&["ask", "why is api failing?", "--demo", "--still", "--json", "--export", export.to_str().unwrap()]);
    let record = json(&asked);
    let first = text(&std::fs::read(export.join("E1.txt")).unwrap());
    assert!(first.contains("rule playbook/api-restarts") && first.contains("to be sure: rollout history deployment/api -n shop"), "{first}");
    assert!(first.contains("expects `rollout history deployment/api -n shop` to show: two revisions"), "{first}");
    let sources: Vec<&str> = record["evidence"].as_array().unwrap().iter().filter_map(|e| e["source"].as_str()).collect();
    assert!(sources.iter().any(|s| s.contains("rollout")), "its step was read: {sources:?}");
    assert!(record["answer"].as_str().unwrap().contains("restarts since the settings were renamed"), "{record}");
    std::fs::write(folder.join("b.yaml"), "name: b\ndetect:\n  pod_state: Error\n").unwrap();
    for args in [&["ask", "why", "--demo"][..], &["diagnose", "--demo"]] {
        let refused = home.run(args);
        let said = text(&refused.stderr);
        assert!(refused.status.code() == Some(2) && said.contains("b.yaml") && said.contains("line 3"), "{args:?}: {said}");
    }
}

#[test]
fn without_a_model_mode_ask_says_so_and_reads_nothing() {
    let home = Home::new();
    let asked = home.run(&["ask", "what is a pod?", "--mode", "ask", "--demo", "--still", "--json"]);
    let record = json(&asked);
    assert!(record["answer"].as_str().unwrap().contains("Without a model"), "{record}");
    assert_eq!(record["evidence"], Value::from(Vec::<Value>::new()));
}

#[test]
fn diagnose_finds_the_faults_of_the_scenario_and_fails_on_demand() {
    let home = Home::new();
    let found = home.run(&["diagnose", "--demo", "--still", "-A", "--json", "--fail-on", "critical"]);
    assert_eq!(found.status.code(), Some(5), "{}", text(&found.stderr));
    let report = json(&found);
    assert_eq!(report["complete"], true, "{}", report["denied"]);
    let about = |name: &str| report["findings"].as_array().unwrap().iter().any(|f| f["object"]["name"] == name);
    for name in ["api", "invoices", "search", "worker", "cart", "fraud", "ledger"] {
        assert!(about(name), "nothing about {name}: {report}");
    }
    let told = home.run(&["diagnose", "deployment/api", "--demo", "--still"]);
    assert_eq!(told.status.code(), Some(0));
    let told = text(&told.stdout);
    assert!(told.contains("DB_HOST is not set") && !told.contains("\x1b["), "{told}");
}

#[test]
fn usage_and_configuration_exit_2_and_name_what_is_legal() {
    let home = Home::new();
    let config = home.path().join("config.toml");
    std::fs::write(&config, "[model]\nprovider = \"clippy\"\n").unwrap();
    let named = home.command(&["ask", "why", "--demo"]).env("KOPILOT_CONFIG", &config).output().unwrap();
    let said = text(&named.stderr);
    assert_eq!(named.status.code(), Some(2), "{said}");
    assert!(said.contains("config.toml:2") && said.contains("offline, openai, ollama"), "{said}");
    for (args, words) in [
        (vec!["ask", "why"], "no kubeconfig"),
        (vec!["ask", "why", "--kubeconfig", "/nowhere"], "does not exist"),
        (vec!["ask", "why", "--provider", "clippy", "--demo"], "offline, openai, ollama"),
        (vec!["ask", "why", "--provider", "openai", "--demo"], "needs a model"),
        (vec!["ask", "why", "--role", "root"], "readonly"),
        (vec!["diagnose", "api", "--demo"], "KIND/NAME"),
        (vec!["diagnose", "--from", "/nowhere"], "/nowhere"),
        (vec!["frobnicate"], "unrecognized"),
    ] {
        let ran = home.run(&args);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(words), "{args:?}: {said}");
    }
}

#[test]
fn a_wrong_argument_is_repeated_without_its_escapes() {
    let home = Home::new();
    let hostile = "x\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{202e}\u{200b}\r";
    for args in [
        vec![hostile],
        vec!["audit", "show", hostile],
        vec!["policy", "explain", "--role", hostile, "--", "get", "pods"],
        vec!["diagnose", "--fail-on", hostile],
        vec!["ask", "q", hostile],
    ] {
        let ran = home.run(&args);
        let said = text(&ran.stderr);
        assert!(ran.status.code() == Some(2) && said.contains('x'), "{said:?}");
        let raw = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200b}');
        assert!(!said.contains(raw) && ran.stdout.is_empty(), "{said:?}");
    }
}

#[test]
fn policy_explain_has_the_stable_shape() {
    let home = Home::new();
    let explained = json(&home.run(&["policy", "explain", "--role", "admin", "--context-namespace", "shop", "--json", "--", "delete pod api-0"]));
    let keys: Vec<&String> = explained.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["operation", "reason", "risk", "rule", "verdict"]);
    assert_eq!((explained["verdict"].as_str(), explained["risk"].as_str()), (Some("approve"), Some("high")));
    let refused = json(&home.run(&["policy", "explain", "--json", "--", "get", "pods", ";", "rm"]));
    assert_eq!((refused["verdict"].as_str(), &refused["operation"]), (Some("refuse"), &Value::Null));
}

#[test]
fn a_reader_that_goes_away_is_a_clean_end() {
    let home = Home::new();
    let mut child = home.command(&["diagnose", "--demo", "--still", "-A"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
}

/// A running `demo serve`; killed when dropped.
struct Serving(Child);
impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn demo_serve_writes_a_kubeconfig_for_its_owner_alone_and_ends_on_a_signal() {
    let home = Home::new();
    let kubeconfig = home.path().join("kubeconfig");
    let path = kubeconfig.to_str().unwrap();
    let mut serving = Serving(home.command(&["demo", "serve", "--still", "--kubeconfig", path]).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("serving https://127.0.0.1:"));
    assert!(lines.next().unwrap().ends_with(path));
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&kubeconfig).unwrap().permissions()) & 0o777, 0o600);
    let denied = home.run(&["diagnose", "--kubeconfig", path, "--context", "demo-nobody", "-A", "--json"]);
    assert_eq!(denied.status.code(), Some(4), "{}", text(&denied.stderr));
    let report = json(&denied);
    assert_eq!((report["complete"].as_bool(), report["findings"].as_array().map(Vec::len)), (Some(false), Some(0)));
    assert!(!report["denied"].as_array().unwrap().is_empty());
    assert!(Command::new("kill").args(["-s", "TERM", &serving.0.id().to_string()]).status().unwrap().success());
    assert_eq!(serving.0.wait().unwrap().code(), Some(0));
}
