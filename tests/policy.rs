//! The corpora of commands and verdicts, run through `policy explain` as a library. A case says what must come out:
//! `read`, `approve`, `never` (block or refuse) or `approve+` (approve, or anything stricter), and for some the risk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
use kopilot_tui::headless::policy::explain;
use kopilot_tui::kubectl::{kinds::Kinds, parse_with};
use kopilot_tui::model::{Decision, Role};
use kopilot_tui::policy::Rules;
use std::collections::BTreeSet;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    command: String,
    want: String,
    risk: Option<String>,
    rule: Option<String>,
    role: Option<String>,
    context_namespace: Option<String>,
    manifest: Option<String>,
    #[serde(default)]
    #[allow(dead_code, reason = "for the reader of the file")]
    why: String,
}

fn cases(text: &str) -> Vec<Case> {
    text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{l}: {e}"))).collect()
}

fn given() -> Vec<Case> {
    cases(include_str!("cases/policy.jsonl"))
}

fn own() -> Vec<Case> {
    cases(include_str!("cases/policy-more.jsonl"))
}

/// What is wrong with the verdict on a case; `None` when nothing is.
fn wrong(case: &Case) -> Option<String> {
    let role: Role = case.role.as_deref().unwrap_or("admin").parse().unwrap();
    let rules = Rules::new(role, case.context_namespace.as_deref().unwrap_or_default());
    let (json, verdict) = explain(std::slice::from_ref(&case.command), case.manifest.as_deref(), &rules);
    let allowed: &[Decision] = match case.want.as_str() {
        "read" => &[Decision::Read],
        "approve" => &[Decision::Approve],
        "never" => &[Decision::Block, Decision::Refuse],
        "approve+" => &[Decision::Approve, Decision::Block, Decision::Refuse],
        other => panic!("{}: no such wish: {other}", case.id),
    };
    let risk = case.risk.as_ref().filter(|_| verdict.decision == Decision::Approve);
    if !allowed.contains(&verdict.decision) {
        Some(format!("{}: {:?}: want {}, got {json}", case.id, case.command, case.want))
    } else if risk.is_some_and(|r| *r != verdict.risk.to_string()) {
        Some(format!("{}: {:?}: want risk {risk:?}, got {json}", case.id, case.command))
    } else if case.rule.as_ref().is_some_and(|r| r != verdict.rule) {
        Some(format!("{}: {:?}: want rule {:?}, got {json}", case.id, case.command, case.rule))
    } else {
        None
    }
}

fn hold(cases: &[Case]) {
    let bad: Vec<String> = cases.iter().filter_map(wrong).collect();
    assert!(bad.is_empty(), "{} of {} do not hold:\n{}", bad.len(), cases.len(), bad.join("\n"));
}

#[test]
fn the_given_cases_hold() {
    hold(&given());
}

#[test]
fn our_own_cases_hold_in_both_directions() {
    let own = own();
    hold(&own);
    assert!(own.len() >= 4 * given().len(), "only {} cases", own.len());
    for want in ["read", "approve", "never"] {
        assert!(own.iter().filter(|c| c.want == want).count() >= 30, "too few cases that want {want}");
    }
    let ids: BTreeSet<&str> = own.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids.len(), own.len(), "an id stands twice");
}

#[test]
fn a_deny_beats_every_allow() {
    // Whatever is approved for an admin is blocked in a protected namespace, and for someone who may only read.
    for case in given().iter().chain(&own()).filter(|c| c.want == "approve") {
        for (role, namespace) in [(Role::Readonly, "shop"), (Role::Admin, "kube-system")] {
            // no namespace rule covers what belongs to the whole cluster
            let scoped = parse_with(&case.command, case.manifest.as_deref(), &Kinds::builtin()).is_ok_and(|operation| operation.is_scoped());
            if role == Role::Admin && !(scoped && case.command.contains("-n shop")) {
                continue;
            }
            let command = if role == Role::Admin { case.command.replace("-n shop", "-n kube-system") } else { case.command.clone() };
            let (json, verdict) = explain(std::slice::from_ref(&command), case.manifest.as_deref(), &Rules::new(role, namespace));
            assert!(matches!(verdict.decision, Decision::Block | Decision::Refuse), "{command}: {json}");
        }
    }
}

#[test]
fn no_read_of_the_corpora_runs_free_that_must_not() {
    for case in given().iter().chain(&own()).filter(|c| c.want != "read") {
        let rules = Rules::new(Role::Admin, case.context_namespace.as_deref().unwrap_or_default());
        let (json, verdict) = explain(std::slice::from_ref(&case.command), case.manifest.as_deref(), &rules);
        assert_ne!(verdict.decision, Decision::Read, "{}: {json}", case.command);
    }
}
