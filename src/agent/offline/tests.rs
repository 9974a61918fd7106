//! Notes from reports: which finding answers which question, what is cited, what is proposed.
use super::*;
use crate::model::finding::{Confidence, Folded, Severity};
use crate::model::snapshot::{Coverage, KINDS};
use crate::model::{Looked, ObjectRef, Reading, Role, Timestamp, Trouble, TroubleClass, TurnId, Unseen};
use crate::text::Redactor;
use crate::text::prepare::{Form, prepare};

fn finding(kind: &str, name: &str, title: &str, fix: Option<&str>) -> Finding {
    Finding {
        rule: "pod/crash-loop",
        severity: Severity::Critical,
        confidence: Confidence::High,
        object: ObjectRef::new(kind, "shop", name),
        title: Clean::line(title),
        cause: None,
        folded: vec![Folded { rule: "pod/not-ready", object: ObjectRef::new("Pod", "shop", format!("{name}-7f9c-x2")), title: Clean::line("not ready") }],
        evidence: vec![Proof {
            source: Source::Log { container: Clean::line("app"), previous: true },
            object: ObjectRef::new("Pod", "shop", format!("{name}-7f9c-x2")),
            text: Clean::line("DB_HOST is not set"),
        }],
        next: vec![Clean::line("logs api-7f9c-x2 -p")],
        fix: fix.map(Clean::line),
        began: None,
    }
}

fn survey() -> Survey {
    let report = Report {
        cluster: Clean::line("demo"),
        scope: Clean::line("namespace shop"),
        complete: true,
        denied: Vec::new(),
        findings: vec![
            finding("Deployment", "api", "exits with code 1: DB_HOST is not set", Some("rollout undo deployment/api -n shop")).into(),
            finding("Deployment", "cart", "image tag 9.9 does not exist", Some("set image deployment/cart app=cart:1.2")).into(),
            finding("Service", "pay", "selects no pod", None).into(),
        ],
        include: Vec::new(),
    };
    Survey { report, readings: Vec::new() }
}

fn evidence(id: u32, source: Source, object: Option<ObjectRef>) -> Evidence {
    let looked = Looked::Found(prepare("x", Form::Block, 10, &Redactor::new([0; 32])));
    let reading = Reading { source, object, uid: None, resource_version: None, taken_at: Timestamp::UNIX_EPOCH, looked };
    Evidence { id: EvidenceId(id), turn: TurnId(1), asked: Clean::default(), reading, sha256: String::new(), state: crate::model::EvidenceState::Fresh }
}

fn answer(question: &str, survey: &Survey, role: Role) -> Answer {
    let log = Source::Log { container: Clean::line("app"), previous: true };
    let evidence = [evidence(1, Source::Rules, None), evidence(2, log, Some(ObjectRef::new("Pod", "shop", "api-7f9c-x2")))];
    let place = Place { namespace: Some(Clean::line("shop")), ..Place::default() };
    let (rules, kinds) = (Rules::new(role, "shop"), Kinds::builtin());
    compose(&Ground { question, place: &place, survey, evidence: &evidence, rules: &rules, kinds: &kinds })
}

#[test]
fn the_names_and_kinds_of_a_question_choose_the_findings() {
    for (question, about, proposed) in [
        ("why is api failing?", "deployment/api", Some("api")),
        ("Why does the API keep restarting", "deployment/api", Some("api")),
        ("what is wrong with cart in shop?", "deployment/cart", Some("cart")),
        ("deploy/cart?", "deployment/cart", Some("cart")),
        ("are my services ok", "service/pay", None),
        ("pod api-7f9c-x2 crashes", "deployment/api", Some("api")),
        ("what is wrong?", "deployment/api", Some("api")),
        ("", "deployment/api", Some("api")),
    ] {
        let got = answer(question, &survey(), Role::Admin);
        let first = got.text.lines().find(|l| l.starts_with("**Cause.**")).unwrap_or_default();
        assert!(first.contains(about), "{question}: {first}");
        let command = got.proposal.map(|p| p.command.to_string());
        assert_eq!(command.is_some(), proposed.is_some(), "{question}: {command:?}");
        assert!(command.unwrap_or_default().contains(proposed.unwrap_or_default()));
        assert!(got.text.contains("No model was used"));
    }
}

#[test]
fn a_name_in_full_is_not_one_that_only_begins_so() {
    let mut both = survey();
    both.report.findings.insert(0, finding("Deployment", "api-gateway", "is out of memory", None).into());
    let told = |question: &str| {
        let text = answer(question, &both, Role::Admin).text;
        text.lines().filter(|l| l.starts_with("**Cause.**")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(matches!(&told("why is api failing?")[..], [one] if one.contains("deployment/api in")), "{:?}", told("why is api failing?"));
    assert!(matches!(&told("api-gateway?")[..], [one] if one.contains("deployment/api-gateway in")));
    both.report.findings.remove(1);
    let text = answer("why is api failing?", &both, Role::Admin).text;
    assert!(text.contains("**Cause.** deployment/api-gateway"), "where nothing is called so, what begins so: {text}");
}

#[test]
fn what_the_rules_find_nothing_about_is_said_and_the_rest_is_listed() {
    let got = answer("why is checkout slow?", &survey(), Role::Admin);
    assert!(got.text.starts_with("The rules find nothing wrong with `checkout`"), "{}", got.text);
    assert!(got.text.contains("Elsewhere in namespace shop:") && got.text.contains("- deployment/api in shop"));
    assert!(got.proposal.is_none(), "nothing is proposed that nobody asked about");
    let none = Survey { report: Report { scope: Clean::line("namespace shop"), complete: true, ..Report::default() }, readings: Vec::new() };
    assert!(answer("what is wrong?", &none, Role::Admin).text.starts_with("The rules find nothing wrong in namespace shop."));
}

#[test]
fn proofs_cite_the_reading_that_shows_them_and_else_the_report() {
    let got = answer("api?", &survey(), Role::Admin);
    assert!(got.text.contains("`DB_HOST is not set` [E2]"), "{}", got.text);
    assert!(answer("cart?", &survey(), Role::Admin).text.contains("`DB_HOST is not set` [E1]"));
    assert_eq!(got.proposal.unwrap().evidence, [EvidenceId(1), EvidenceId(2)]);
}

#[test]
fn a_role_that_may_not_change_is_told_the_command_and_nothing_is_proposed() {
    let got = answer("why is api failing?", &survey(), Role::Readonly);
    assert!(got.proposal.is_none());
    assert!(got.text.contains("**Fix.** `rollout undo deployment/api -n shop`. It is not proposed here."), "{}", got.text);
}

#[test]
fn what_could_not_be_seen_is_said() {
    let mut partial = survey();
    partial.report.complete = false;
    partial.report.denied = vec![Clean::line("events in shop: not allowed").into()];
    let text = answer("api?", &partial, Role::Admin).text;
    assert!(text.contains("**Not seen.**") && text.contains("- events in shop: not allowed."));
}

#[test]
fn who_sees_nothing_is_told_nothing_about_the_scope() {
    let kinds = KINDS.iter().map(|k| Unseen::Kind(k.resource, Coverage::Denied(Trouble::new(TroubleClass::Denied, "list", "forbidden"))));
    let mut blind = Survey { report: Report { scope: Clean::line("namespace shop"), denied: kinds.collect(), ..Report::default() }, readings: Vec::new() };
    let text = answer("what is wrong?", &blind, Role::Admin).text;
    assert!(text.starts_with("Nothing in namespace shop could be looked at, so nothing can be said of it."), "{text}");
    assert!(!text.contains("nothing wrong"), "{text}");
    blind.report.denied.remove(0);
    let text = answer("what is wrong?", &blind, Role::Admin).text;
    assert!(text.starts_with("The rules find nothing wrong in namespace shop in what could be read."), "{text}");
}
