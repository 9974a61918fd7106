//! The rules over captured clusters: every broken one has one root that is found and nothing else that is loud; every healthy
//! one is silent. The dumps under `tests/scenarios` were captured from a real cluster; `want.json` says what is wrong there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]
use kopilot_tui::diagnose::catalogue;
use kopilot_tui::headless::diagnose::{self, Asked};
use kopilot_tui::model::Severity;
use kopilot_tui::text::Redactor;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What came of one scenario.
struct Outcome {
    name: String,
    healthy: bool,
    /// Of the rule that found the root; `missed` where none did.
    family: &'static str,
    /// `None`: as it should be.
    wrong: Option<String>,
    extra: Vec<String>,
    loud: usize,
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut all: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).filter(|p| p.join("want.json").exists()).collect();
    all.sort();
    all
}

fn names(reference: &Value, root: &Value) -> bool {
    let text = |v: &Value, key: &str| v[key].as_str().unwrap_or_default().to_lowercase();
    let (name, wanted) = (text(reference, "name"), text(root, "name"));
    !reference.is_null() && text(reference, "kind") == text(root, "kind") && (name == wanted || wanted.ends_with('-') && name.starts_with(&wanted))
}

fn run(folder: &Path) -> Outcome {
    let want: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("want.json")).unwrap()).unwrap();
    let report = diagnose::from_dump(folder, Asked { namespace: want["namespace"].as_str(), ..Asked::default() }, &Redactor::new([3; 32])).unwrap();
    let all = diagnose::json(&report);
    assert!(!all.to_string().contains("hunter2hunter2") && !all.to_string().contains("aHVudGVyMmh1bnRlcjI"), "{}: a secret is shown", folder.display());
    let loud: Vec<&Value> = all["findings"].as_array().unwrap().iter().filter(|f| f["severity"] != "info").collect();
    let roots = want["root"].as_array().unwrap();
    let title = |f: &&&Value| f["title"].as_str().unwrap_or_default().to_owned();
    let (found, extra): (Vec<&&Value>, Vec<&&Value>) = loud.iter().partition(|f| roots.iter().any(|r| names(&f["object"], r) || names(&f["cause"], r)));
    let says: Vec<String> = want["says"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_lowercase()).collect();
    let family = found.first().and_then(|f| catalogue::rule(f["rule"].as_str()?)).map_or("missed", |r| r.family);
    let told = found.iter().any(|f| says.iter().all(|w| f.to_string().to_lowercase().contains(w)));
    let wrong = if roots.is_empty() {
        (!loud.is_empty()).then(|| format!("false alarm: {}", loud.iter().map(|f| title(&f)).collect::<Vec<_>>().join(" | ")))
    } else if found.is_empty() {
        Some(format!("missed: {}", loud.iter().map(|f| title(&f)).collect::<Vec<_>>().join(" | ")))
    } else if !told {
        Some(format!("vague, wants {says:?}: {}", found.iter().map(title).collect::<Vec<_>>().join(" | ")))
    } else if found.len() > 1 {
        Some(format!("said twice: {}", found.iter().map(title).collect::<Vec<_>>().join(" | ")))
    } else {
        None
    };
    let extra = if roots.is_empty() { Vec::new() } else { extra.iter().map(title).collect() };
    Outcome { name: folder.file_name().unwrap().to_string_lossy().into_owned(), healthy: roots.is_empty(), family, wrong, extra, loud: loud.len() }
}

/// Precision and recall by the family of the rule that found the root.
fn table(outcomes: &[Outcome]) {
    let mut families: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for o in outcomes.iter().filter(|o| !o.healthy) {
        let row = families.entry(o.family).or_default();
        row.0 += 1;
        row.1 += usize::from(o.wrong.is_none());
        row.2 += o.loud;
    }
    println!("{:<14}{:>9}{:>8}{:>11}", "family", "scenarios", "recall", "precision");
    for (family, (all, found, loud)) in families {
        println!("{family:<14}{all:>9}{:>8}{:>11}", format!("{found}/{all}"), format!("{found}/{loud}"));
    }
    let false_alarms: usize = outcomes.iter().filter(|o| o.healthy).map(|o| o.loud).sum();
    println!("{:<14}{:>9}  false alarms {false_alarms}", "healthy", outcomes.iter().filter(|o| o.healthy).count());
}

#[test]
fn every_root_is_found_once_and_healthy_clusters_are_silent() {
    let outcomes: Vec<Outcome> = folders().iter().map(|f| run(f)).collect();
    let broken = outcomes.iter().filter(|o| !o.healthy).count();
    let found = outcomes.iter().filter(|o| !o.healthy && o.wrong.is_none()).count();
    let loud: usize = outcomes.iter().map(|o| o.loud).sum();
    table(&outcomes);
    println!("recall {found}/{broken}, precision {found}/{loud}, healthy {}", outcomes.len() - broken);
    assert!(outcomes.len() >= 120 && (outcomes.len() - broken) * 3 >= outcomes.len(), "{} scenarios, {broken} of them broken", outcomes.len());
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|o| match (&o.wrong, o.extra.as_slice()) {
            (None, []) => None,
            (wrong, extra) => Some(format!(
                "{}: {}{}",
                o.name,
                wrong.clone().unwrap_or_default(),
                if extra.is_empty() { String::new() } else { format!(" extra: {}", extra.join(" | ")) }
            )),
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_whole_dump_says_so_and_one_without_an_index_says_what_it_lacks() {
    let whole = diagnose::from_dump(&folders()[0], Asked { all: true, ..Asked::default() }, &Redactor::new([3; 32])).unwrap();
    assert!(whole.complete, "{:?}", whole.denied);
    let dir = tempfile::tempdir().unwrap();
    let oom = folders().into_iter().find(|f| f.ends_with("oom")).unwrap();
    std::fs::copy(oom.join("objects.json"), dir.path().join("objects.json")).unwrap();
    let part = diagnose::from_dump(dir.path(), Asked { all: true, ..Asked::default() }, &Redactor::new([3; 32])).unwrap();
    assert!(!part.complete && part.denied.iter().any(|d| d.to_string() == "nodes: not looked at"), "{:?}", part.denied);
    assert_eq!(diagnose::exit_code(&part, None), 4);
    assert_eq!(diagnose::exit_code(&part, Some(Severity::Info)), 5);
}
