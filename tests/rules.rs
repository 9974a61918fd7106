//! Every rule has something that it fires on and something near to that on which it is silent: a captured cluster of
//! `tests/scenarios`, or a case of `tests/rules`. A rule that has none of either, or that the catalogue does not name, fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]
#[path = "rules/fixtures.rs"]
mod fixtures;

use fixtures::{objects, root, yaml};
use kopilot_tui::diagnose::catalogue::{ON_REQUEST, RULES};
use kopilot_tui::diagnose::{self, Question};
use kopilot_tui::headless::diagnose as front;
use kopilot_tui::kubectl::{self, kinds::Kinds};
use kopilot_tui::model::snapshot::{Builder, Coverage, KINDS, LogKey, Took};
use kopilot_tui::model::{Action, Extra, Report, Timestamp};
use kopilot_tui::text::prepare::{Form, prepare};
use kopilot_tui::text::{Clean, Redactor};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn report(case: &Value, bases: &Value, healed: bool) -> Report {
    let redactor = Redactor::new([3; 32]);
    let mut builder = Builder::new("2026-01-02T00:00:00Z".parse::<Timestamp>().unwrap());
    for object in objects(case, bases, healed) {
        assert_eq!(builder.object(&object), Took::Kept, "{object}");
    }
    for kind in KINDS {
        builder.coverage(kind.kind, Coverage::Whole);
    }
    let logs = if healed && case["heal-logs"].is_object() { &case["heal-logs"] } else { &case["logs"] };
    for (place, text) in logs.as_object().into_iter().flatten() {
        let (pod, container) = place.split_once('/').unwrap();
        let key = LogKey { namespace: Clean::line("ns"), pod: Clean::line(pod), container: Clean::line(container), previous: false };
        builder.log(key, prepare(text.as_str().unwrap(), Form::Log, 64 * 1024, &redactor));
    }
    let question = Question { include: Extra::ALL.to_vec(), ..Question::default() };
    diagnose::report(&builder.finish(), &question, &redactor)
}

fn ids(report: &Report) -> BTreeSet<String> {
    report.findings.iter().flat_map(|f| std::iter::once(f.rule).chain(f.folded.iter().map(|s| s.rule))).map(str::to_owned).collect()
}

/// What a person could not run as it is printed: steps are reads, fixes are commands, all in the grammar.
fn unrunnable(report: &Report) -> Vec<String> {
    let kinds = Kinds::builtin();
    let mut wrong = Vec::new();
    for f in &report.findings {
        for next in &f.next {
            match kubectl::parse(next, &kinds) {
                Ok(operation) if matches!(operation.action, Action::Read(_)) => {}
                Ok(_) => wrong.push(format!("{}: `{next}` is no read", f.rule)),
                Err(refusal) => wrong.push(format!("{}: `{next}`: {refusal}", f.rule)),
            }
        }
        if let Some(Err(refusal)) = f.fix.as_ref().map(|fix| kubectl::parse(fix, &kinds)) {
            wrong.push(format!("{}: fix {:?}: {refusal}", f.rule, f.fix));
        }
    }
    wrong
}

/// What the captured clusters show: the rules that fire there, and the kinds that the healthy ones hold.
fn captured(wrong: &mut BTreeSet<String>) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let (mut fired, mut quiet) = (BTreeMap::new(), BTreeSet::new());
    for folder in std::fs::read_dir(root().join("tests/scenarios")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.join("want.json").exists()) {
        let want: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("want.json")).unwrap()).unwrap();
        let asked = front::Asked { namespace: want["namespace"].as_str(), include: Extra::ALL.to_vec(), ..front::Asked::default() };
        let report = front::from_dump(&folder, asked, &Redactor::new([3; 32])).unwrap();
        wrong.extend(unrunnable(&report));
        let healthy = want["root"].as_array().unwrap().is_empty();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        for id in ids(&report) {
            fired.entry(id).or_insert_with(|| name.clone());
        }
        if healthy {
            for file in ["objects.json", "cluster.json"] {
                let list: Value = serde_json::from_str(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap();
                quiet.extend(list["items"].as_array().unwrap().iter().filter_map(|i| i["kind"].as_str()).map(str::to_owned));
            }
        }
    }
    (fired, quiet)
}

/// Every `"family/rule"` in the sources of the rules.
fn written() -> BTreeSet<String> {
    let pattern = regex::Regex::new(r#""([a-z]+/[a-z-]+)""#).unwrap();
    let mut out = BTreeSet::new();
    for folder in ["src/diagnose/rules", "src/diagnose/extras"] {
        for file in std::fs::read_dir(root().join(folder)).unwrap().map(|e| e.unwrap().path()) {
            let text = std::fs::read_to_string(file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            out.extend(pattern.captures_iter(code).map(|c| c[1].to_owned()));
        }
    }
    // subresources, not rules
    out.retain(|id| !id.starts_with("pods/"));
    out
}

#[test]
fn the_catalogue_names_every_rule_and_no_other() {
    let named: BTreeSet<String> = RULES.iter().map(|r| r.id.to_owned()).collect();
    let written = written();
    assert_eq!(named.len(), RULES.len(), "an id stands twice");
    let missing: Vec<_> = written.difference(&named).collect();
    let gone: Vec<_> = named.difference(&written).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the catalogue: {missing:?}; in no source: {gone:?}");
    let families: BTreeSet<&str> = RULES.iter().map(|r| r.family).collect();
    for family in
        "scheduling start runtime workloads jobs network storage nodes autoscaling disruption quota rbac admission logs security cost hygiene".split(' ')
    {
        assert!(families.contains(family), "no rule of family {family}");
    }
    for id in RULES.iter().filter(|r| ON_REQUEST.contains(&r.family)) {
        assert!(id.id.starts_with(id.family), "{}", id.id);
    }
}

#[test]
fn every_rule_fires_somewhere_and_is_silent_where_that_is_mended() {
    let bases = yaml("tests/rules/bases.yaml");
    let cases = yaml("tests/rules/cases.yaml");
    let mut commands = BTreeSet::new();
    let (captured, quiet) = captured(&mut commands);
    let (mut fires, mut silent): (BTreeSet<String>, BTreeSet<String>) = (BTreeSet::new(), BTreeSet::new());
    let mut wrong = Vec::new();
    for case in cases.as_array().unwrap() {
        let id = case["rule"].as_str().unwrap().to_owned();
        let report_of_broken = report(case, &bases, false);
        commands.extend(unrunnable(&report_of_broken));
        let (broken, mended) = (ids(&report_of_broken), ids(&report(case, &bases, true)));
        if broken.contains(&id) {
            fires.insert(id.clone());
        } else {
            wrong.push(format!("{id} does not fire on its case; what does: {broken:?}"));
        }
        if mended.contains(&id) {
            wrong.push(format!("{id} still fires where it is mended"));
        } else {
            silent.insert(id);
        }
    }
    for rule in RULES {
        if !fires.contains(rule.id) && !captured.contains_key(rule.id) {
            wrong.push(format!("{} fires nowhere", rule.id));
        }
        // What fires in a captured cluster is silent in the healthy ones that hold the kind it speaks about: see the scenarios' own test.
        if !silent.contains(rule.id) && (ON_REQUEST.contains(&rule.family) || !quiet.contains(rule.about)) {
            wrong.push(format!("{} is silent nowhere: no healthy {} was captured and no case mends it", rule.id, rule.about));
        }
    }
    wrong.extend(commands);
    println!("{} rules: {} fire in captured clusters, {} in cases", RULES.len(), captured.len(), fires.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_asked_for_only_is_said_only_then() {
    let bases = yaml("tests/rules/bases.yaml");
    let mut builder = Builder::new("2026-01-02T00:00:00Z".parse::<Timestamp>().unwrap());
    builder.object(&bases["deployment"]);
    let snapshot = builder.finish();
    let redactor = Redactor::new([3; 32]);
    let families = |include: &[Extra]| -> BTreeSet<String> {
        let report = diagnose::report(&snapshot, &Question { include: include.to_vec(), ..Question::default() }, &redactor);
        report.findings.iter().map(|f| f.rule.split('/').next().unwrap().to_owned()).collect()
    };
    assert!(families(&[]).is_empty());
    assert_eq!(families(&[Extra::Security]), BTreeSet::from(["security".to_owned()]));
    assert_eq!(families(&[Extra::Hygiene]), BTreeSet::from(["hygiene".to_owned()]));
}

fn run(arguments: &[&str]) -> (i32, String) {
    let home = tempfile::tempdir().unwrap();
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_kopilot-tui")).args(arguments).env_clear().env("HOME", home.path()).output().unwrap();
    (out.status.code().unwrap(), String::from_utf8_lossy(&out.stdout).into_owned())
}

#[test]
fn the_command_line_asks_for_extras_and_judges_playbooks() {
    let dump = root().join("tests/scenarios/ok-two-services");
    let dump = dump.to_str().unwrap();
    let (plain, all) = (run(&["diagnose", "--from", dump, "--json"]).1, run(&["diagnose", "--from", dump, "--json", "--include", "security,hygiene"]).1);
    assert!(!plain.contains("security/") && !plain.contains("hygiene/"), "{plain}");
    assert!(all.contains("security/run-as-root") && all.contains("hygiene/"), "{all}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.yaml");
    let file = file.to_str().unwrap();
    for (text, code, word) in [
        ("name: a\ndetect: {pod_status: Error}\nsteps:\n- run: get pods -n {namespace}\n", 0, "ok: `a`, 1 step"),
        ("name: a\ndetect:\n  pod_state: Error\n", 2, "line 3: unknown field `pod_state`"),
        ("name: a\ndetect: {pod_status: Error}\nsteps:\n- run: delete pod {pod}\n", 2, "line 4"),
    ] {
        std::fs::write(file, text).unwrap();
        let (got, said) = run(&["playbooks", "test", file]);
        assert!(got == code && said.contains(word), "{got}: {said}");
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let example = readme.split("```yaml\n").find(|b| b.starts_with("name: payments-back-off")).unwrap().split("```").next().unwrap();
    std::fs::write(file, example).unwrap();
    assert_eq!(run(&["playbooks", "test", file]).0, 0, "the README's own example");
    let (code, list) = run(&["playbooks", "list"]);
    assert!(code == 0 && list.contains("certificate-not-issued"), "{list}");
}
