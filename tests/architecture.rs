//! The arrows between modules, and who may make an approval: read off the source, so that nobody has to remember them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A module and what it may import. `model` and `text` are the ground; `text` stands alone.
const ARROWS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("model", &["text"]),
    ("kubectl", &["model", "text"]),
    ("policy", &["model", "text", "kubectl"]),
    ("diagnose", &["model", "text"]),
    ("agent", &["model", "text", "kubectl", "policy", "diagnose"]),
    ("app", &["model", "text", "kubectl", "policy", "diagnose", "agent"]),
    ("ui", &["model", "text", "kubectl", "policy", "diagnose", "agent", "app"]),
    ("cluster", &["model", "text", "kubectl", "policy"]),
    ("llm", &["model", "text", "kubectl", "policy"]),
    ("store", &["model", "text", "kubectl", "policy"]),
    ("term", &["model", "text", "kubectl", "policy"]),
    ("demo", &["model", "text"]),
    ("cli", &["model"]),
    ("runtime", &["model", "text", "kubectl", "policy", "diagnose", "agent", "app", "ui", "cluster", "llm", "store", "term", "cli"]),
    ("headless", &["model", "text", "kubectl", "policy", "diagnose", "agent", "app", "ui", "cluster", "llm", "store", "term", "cli", "runtime"]),
];

/// Calls that make or hand on the right to change a cluster, and the only files that may hold them.
const CALLERS: &[(&str, &[&str])] = &[
    ("Challenge::mint(", &["src/runtime/"]),
    (".press(", &["src/app/act/approve.rs", "src/app/review.rs"]),
    ("Receipt::issued(", &["src/store/audit/"]),
    ("Approval::made(", &["src/policy/approval.rs", "src/policy/approval/"]),
    ("Grant::given(", &["src/policy/approval.rs"]),
    (".granted(", &["src/app/review.rs", "src/app/act/approve.rs", "src/store/audit/"]),
    (".approve(", &["src/policy/approval.rs", "src/policy/approval/", "src/app/review.rs"]),
    (".take_grant(", &["src/app/review.rs"]),
    (".execute(", &["src/cluster/execute.rs", "src/cluster/execute/", "src/runtime/"]),
];

/// Modules that do no IO and read no clock.
const PURE: &[&str] = &["model", "text", "kubectl", "policy", "diagnose", "agent", "app", "ui"];
const IMPURE: &[&str] =
    &["std::fs", "std::net", "std::env", "std::process", "tokio::", "reqwest", "Timestamp::now", "SystemTime", "Instant::now", "kube::Client", "kube::Api"];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("src"), &mut paths);
    paths.sort();
    paths.into_iter().map(|p| (p.strip_prefix(root).unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&p).unwrap())).collect()
}

/// The top module of `src/app/keys.rs` is `app`, of `src/cli.rs` `cli`.
fn module(path: &str) -> &str {
    let rest = path.strip_prefix("src/").unwrap_or(path);
    rest.split('/').next().unwrap_or(rest).trim_end_matches(".rs")
}

/// Lines of code: neither comments nor doc comments, nor what follows `#[cfg(test)]`.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take_while(|l| l.trim() != "#[cfg(test)]").filter(|l| !l.trim_start().starts_with("//"))
}

/// Every `crate::NAME` of a line, also inside `use crate::{a, b::c}`.
fn imports(line: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for part in line.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars().chain([',']) {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth <= 0 => {
                        let first: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                        out.insert(first);
                        name.clear();
                    }
                    _ if depth == 0 => name.push(c),
                    _ => {}
                }
            }
        } else {
            out.insert(part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    out
}

#[test]
fn imports_follow_the_arrows() {
    let known: BTreeSet<&str> = ARROWS.iter().map(|(m, _)| *m).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path);
        let Some((_, allowed)) = ARROWS.iter().find(|(m, _)| *m == own) else {
            assert!(["lib", "main"].contains(&own), "{path}: `{own}` has no place in the map");
            continue;
        };
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for name in imports(line) {
                if known.contains(name.as_str()) && name != own && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{path}: {own} must not know {name}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_named_files_make_or_use_an_approval() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if path.ends_with("/tests.rs") {
            continue;
        }
        // what such a file holds is compiled for tests alone
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let shipped = lines.iter().position(|l| l.ends_with("mod tests;")).is_some_and(|at| at == 0 || lines[at - 1] != "#[cfg(test)]");
        assert!(!shipped, "{path}: its tests are compiled into the program");
        for (call, allowed) in CALLERS {
            if !allowed.iter().any(|a| path.starts_with(a)) && code(&text).any(|l| l.contains(call)) {
                wrong.push(format!("{path} holds `{call}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a rule reads past the view's notes would go stale unseen: these three run a piece on its own subject.
#[test]
fn rules_read_the_snapshot_through_the_view_alone() {
    const RUNNERS: &[&str] = &["src/diagnose/diagnosis.rs", "src/diagnose/rules/mod.rs", "src/diagnose/rules/pods.rs", "src/diagnose/view.rs"];
    let holds = |(path, text): &(String, String)| path.starts_with("src/diagnose/") && code(text).any(|l| l.contains(".subject("));
    let found: Vec<String> = sources().into_iter().filter(holds).map(|(path, _)| path).filter(|p| !RUNNERS.contains(&p.as_str())).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn pure_modules_do_no_io_and_read_no_clock() {
    let mut wrong = Vec::new();
    for (path, text) in sources().into_iter().filter(|(p, _)| PURE.contains(&module(p))) {
        for line in code(&text) {
            if let Some(word) = IMPURE.iter().find(|w| line.contains(**w)) {
                wrong.push(format!("{path}: `{word}` in: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_outgrows_the_design() {
    let long: Vec<String> = sources().iter().filter(|(_, t)| t.lines().count() > 600).map(|(p, t)| format!("{p}: {} lines", t.lines().count())).collect();
    assert!(long.is_empty(), "a file of over 600 lines is a question about the design:\n{}", long.join("\n"));
}
