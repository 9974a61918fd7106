//! `diagnose`: a report as a person reads it, as JSON, and as an exit code; and the report on a dump.
use super::code;
use crate::diagnose::playbook::Playbook;
use crate::diagnose::{self, Question, catalogue};
use crate::kubectl::kinds::Kinds;
use crate::model::evidence::Source;
use crate::model::finding::Proof;
use crate::model::snapshot::{Builder, Coverage, KINDS, Took};
use crate::model::unseen;
use crate::model::{Extra, Finding, ObjectRef, Report, Severity, Snapshot, Timestamp, Trouble, TroubleClass, Unseen};
use crate::store::dump::{self, Dump};
use crate::text::{Clean, Redactor};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Folded symptoms that are named; of more, the number.
const SYMPTOMS: usize = 3;
/// Proofs that are shown.
const PROOFS: usize = 5;

/// Colours by meaning, or none.
struct Paint(bool);

impl Paint {
    fn on(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
    fn severity(&self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;31",
            Severity::Error => "31",
            Severity::Warning => "33",
            Severity::Info => "36",
        };
        self.on(code, text)
    }
    fn faint(&self, text: &str) -> String {
        self.on("2", text)
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// The report for a person: worst first, each with cause, proof, next step and fix; then what could not be seen.
pub fn render(report: &Report, colour: bool) -> String {
    let paint = Paint(colour);
    let mut out = String::new();
    let place = if report.cluster.is_empty() { report.scope.to_string() } else { format!("{} · {}", report.cluster, report.scope) };
    let _ = writeln!(out, "{}", paint.on("1", &format!("{place} · {}", counted(report))));
    let mut group = None;
    let asked = asked(report);
    for finding in &report.findings {
        if group != Some(finding.severity) {
            group = Some(finding.severity);
            let _ = write!(out, "\n{}\n", paint.severity(finding.severity, &word(finding.severity).to_uppercase()));
        }
        match asked.get(finding.rule).map(Vec::as_slice) {
            Some(all @ [first, _, ..]) if std::ptr::eq(*first, Arc::as_ptr(finding)) => grouped(&mut out, &paint, all),
            Some([_, _, ..]) => {}
            _ => one(&mut out, &paint, finding),
        }
    }
    unseen(&mut out, &paint, report);
    out
}

/// `2 critical, 1 warning`, or `nothing found`.
fn counted(report: &Report) -> String {
    let parts: Vec<String> = [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .filter_map(|s| {
            let n = report.findings.iter().filter(|f| f.severity == s).count();
            (n > 0).then(|| format!("{n} {}", word(s)))
        })
        .collect();
    match (parts.is_empty(), report.complete) {
        (true, _) if report.saw_nothing() => "nothing could be looked at".to_owned(),
        (true, true) => "nothing found".to_owned(),
        (true, false) => "nothing found in what could be seen".to_owned(),
        (false, _) => parts.join(", "),
    }
}

fn place(object: &ObjectRef) -> String {
    if object.namespace.is_empty() { object.to_string() } else { format!("{object} in {}", object.namespace) }
}

fn one(out: &mut String, paint: &Paint, f: &Finding) {
    let mark = paint.severity(f.severity, if f.severity >= Severity::Error { "✗" } else { "!" });
    let _ = writeln!(out, "{mark} {}  {}", paint.on("1", &f.title), paint.faint(&format!("{} · {}", place(&f.object), f.rule)));
    let mut line = |label: &str, text: &str| {
        let _ = writeln!(out, "    {} {text}", paint.faint(&format!("{label:<9}")));
    };
    if let Some(cause) = &f.cause {
        line("cause", &place(cause));
    }
    for proof in f.evidence.iter().take(PROOFS) {
        line("proof", &proved(proof));
    }
    if let Some(first) = f.folded.first() {
        let mut objects: Vec<String> = Vec::new();
        for object in f.folded.iter().map(|s| s.object.to_string()) {
            if !objects.contains(&object) {
                objects.push(object);
            }
        }
        let named: Vec<String> = objects.iter().take(SYMPTOMS).cloned().collect();
        let more = objects.len().saturating_sub(SYMPTOMS);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        line("explains", &if f.folded.len() == 1 { first.title.to_string() } else { format!("{}{rest}", named.join(", ")) });
    }
    if let Some(next) = f.next.first() {
        line("look", next);
    }
    if let Some(fix) = &f.fix {
        line("fix", &paint.on("32", fix));
    }
}

/// By rule, what was found by families that speak only on request: there is much of it, and none is urgent.
fn asked(report: &Report) -> HashMap<&str, Vec<&Finding>> {
    let mut out: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for f in report.findings.iter().filter(|f| catalogue::rule(f.rule).is_some_and(|r| catalogue::ON_REQUEST.contains(&r.family))) {
        out.entry(f.rule).or_default().push(f);
    }
    out
}

/// One rule's findings together: what it says once, then where; of costs each with its figures and the plan.
fn grouped(out: &mut String, paint: &Paint, findings: &[&Finding]) {
    let Some(rule) = findings.first().and_then(|f| catalogue::rule(f.rule)) else { return };
    let mark = paint.severity(Severity::Info, "!");
    let _ = writeln!(out, "{mark} {}  {}", paint.on("1", &format!("{} ({})", rule.says, findings.len())), paint.faint(rule.id));
    if rule.family == "cost" {
        for f in findings {
            let _ = writeln!(out, "    {}  {}", f.title, paint.faint(&place(&f.object)));
            let plan = f.fix.as_ref().map(ToString::to_string).or_else(|| f.evidence.first().map(|p| p.text.to_string()));
            if let Some(plan) = plan {
                let _ = writeln!(out, "      {}", paint.faint(&plan));
            }
        }
        return;
    }
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for f in findings {
        places.entry(&f.object.namespace).or_default().push(f.object.to_string());
    }
    for (namespace, mut names) in places {
        names.dedup();
        let label = if namespace.is_empty() { "cluster" } else { namespace };
        let _ = writeln!(out, "    {} {}", paint.faint(&format!("{label:<14}")), names.join(", "));
    }
}

/// `log main (previous): DB_HOST is not set`.
fn proved(proof: &Proof) -> String {
    let source = match &proof.source {
        Source::Log { container, previous: true } => format!("log {container} (previous)"),
        Source::Log { container, previous: false } => format!("log {container}"),
        Source::Events => "event".to_owned(),
        _ => proof.object.to_string(),
    };
    format!("{source}: {}", proof.text)
}

/// What could not be looked at, a line a cause.
fn unseen(out: &mut String, paint: &Paint, report: &Report) {
    if report.denied.is_empty() {
        return;
    }
    let _ = write!(out, "\n{}\n", paint.severity(Severity::Warning, "NOT SEEN"));
    for line in unseen::lines(&report.denied) {
        let _ = writeln!(out, "  {line}");
    }
}

/// The report as the design's JSON.
pub fn json(report: &Report) -> serde_json::Value {
    serde_json::to_value(report).unwrap_or_else(|e| serde_json::json!({ "error": e.to_string() }))
}

/// 5 when a finding is as bad as `fail_on` or worse, else 4 when something could not be read, else 0.
pub fn exit_code(report: &Report, fail_on: Option<Severity>) -> u8 {
    match fail_on {
        Some(bound) if report.findings.iter().any(|f| f.severity >= bound) => code::FOUND,
        _ if !report.complete => code::INCOMPLETE,
        _ => code::DONE,
    }
}

/// What is asked of a dump.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// Only of this namespace.
    pub namespace: Option<&'a str>,
    /// Of all that it holds, whatever `namespace` says.
    pub all: bool,
    /// `KIND/NAME`.
    pub object: Option<&'a str>,
    /// "Now", in place of the dump's own.
    pub now: Option<Timestamp>,
    /// Families beside what is broken.
    pub include: Vec<Extra>,
    /// What a team knows.
    pub playbooks: Arc<[Playbook]>,
}

/// The report on a dump.
pub fn from_dump(path: &Path, asked: Asked<'_>, redactor: &Redactor) -> Result<Report, Trouble> {
    let Asked { namespace, all, object, now, include, playbooks } = asked;
    let dump = dump::read(path, redactor)?;
    let namespace = namespace.filter(|_| !all);
    let object = object.map(|word| named(word, namespace.unwrap_or_default())).transpose()?;
    let (skipped, unread) = (dump.skipped.clone(), dump.unread.clone());
    let cluster = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    let snapshot = snapshot(dump, now);
    let question = Question { object, cluster, include, playbooks };
    let mut report = diagnose::report_in(&snapshot, &question, namespace, redactor);
    if let Some(ns) = namespace.filter(|ns| !snapshot.namespaces.is_empty() && !snapshot.namespaces.iter().any(|n| n.as_str() == *ns)) {
        report.denied.push(Clean::line(&format!("namespace {ns}: not captured in this dump")).into());
        report.complete = false;
    }
    report.complete &= unread.is_empty();
    report.denied.extend(unread.into_iter().map(Unseen::from));
    report.denied.extend(skipped.into_iter().map(Unseen::from));
    Ok(report)
}

/// `deploy/api` as an object.
fn named(word: &str, namespace: &str) -> Result<ObjectRef, Trouble> {
    let operation = format!("diagnose {word}");
    let (kind, name) = word
        .split_once('/')
        .filter(|(k, n)| !k.is_empty() && !n.is_empty())
        .ok_or_else(|| Trouble::new(TroubleClass::Config, &operation, "it is not KIND/NAME").hint("for example: deployment/api"))?;
    let known = Kinds::builtin().resolve(kind).map(|k| (k.kind, k.namespaced));
    let (kind, namespaced) = known.ok_or_else(|| Trouble::new(TroubleClass::Config, &operation, &format!("there is no kind `{kind}`")))?;
    Ok(ObjectRef::new(kind, if namespaced { namespace } else { "" }, name))
}

/// A dump as the rules look at it. A kind that neither occurs nor is named in the index was not looked at.
pub fn snapshot(dump: Dump, now: Option<Timestamp>) -> Snapshot {
    let clock = Timestamp::now();
    let now = now.or(dump.taken_at).or_else(|| dump.newest(clock)).unwrap_or(clock);
    let namespaces = dump.namespaces.clone().unwrap_or_else(|| dump.occurring().into_iter().collect());
    let mut builder = Builder::new(now).namespaces(namespaces);
    for wanted in KINDS.iter().filter(|w| dump.captured.contains(w.kind) || dump.captured.contains(w.resource)) {
        builder.coverage(wanted.kind, Coverage::Whole);
    }
    for object in &dump.objects {
        // What the builder can not read it counts itself, and the kind is then not whole.
        let _: Took = builder.object(object);
    }
    for (key, text) in dump.logs {
        builder.log(key, text);
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Confidence;
    use crate::model::finding::Folded;

    fn report() -> Report {
        let at = |kind: &str, name: &str| ObjectRef::new(kind, "shop", name);
        let finding = Finding {
            rule: "pod/missing-configmap",
            severity: Severity::Critical,
            confidence: Confidence::High,
            object: at("Deployment", "api"),
            title: Clean::line("api: ConfigMap `a` does not exist"),
            cause: Some(at("ConfigMap", "a")),
            folded: vec![Folded { rule: "service/no-ready-endpoints", object: at("Service", "api"), title: Clean::line("api: has no ready endpoints") }],
            evidence: vec![Proof { source: Source::Events, object: at("Pod", "api-1"), text: Clean::line("Failed: not found") }],
            next: vec![Clean::line("describe pod/api-1 -n shop")],
            fix: Some(Clean::line("rollout undo deployment/api -n shop")),
            began: None,
        };
        Report {
            cluster: Clean::line("prod"),
            scope: Clean::line("namespace shop"),
            complete: false,
            denied: vec![Clean::line("secrets: not allowed to look").into()],
            findings: vec![finding.into()],
            include: Vec::new(),
        }
    }

    #[test]
    fn a_person_reads_cause_proof_and_fix() {
        let text = render(&report(), false);
        for part in [
            "prod · namespace shop · 1 critical",
            "✗ api: ConfigMap `a` does not exist",
            "cause     configmap/a in shop",
            "proof     event: Failed: not found",
            "explains  api: has no ready endpoints",
            "look      describe",
            "fix       rollout undo",
            "NOT SEEN",
            "secrets: not allowed to look",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains('\u{1b}') && render(&report(), true).contains("\u{1b}[1;31m"));
    }

    #[test]
    fn what_was_asked_for_is_told_once_a_rule_with_all_its_places() {
        let mut r = report();
        let root = r.findings[0].clone();
        for (name, rule) in
            [("api", "security/run-as-root"), ("web", "security/run-as-root"), ("web", "cost/over-provisioned"), ("api", "cost/over-provisioned")]
        {
            let mut f = Finding { rule, severity: Severity::Info, object: ObjectRef::new("Deployment", "shop", name), ..(*root).clone() };
            f.title = Clean::line(&format!("{name}: uses 3 %"));
            r.findings.push(f.into());
        }
        let text = render(&r, false);
        assert_eq!(text.matches("security/run-as-root").count(), 1, "{text}");
        assert!(text.contains("deployment/api, deployment/web"), "{text}");
        assert!(text.contains("(2)  cost/over-provisioned\n    web: uses 3 %") && text.contains("    api: uses 3 %"), "{text}");
    }

    #[test]
    fn one_cause_is_told_once() {
        let mut r = report();
        let refused = |kind| Unseen::Kind(kind, Coverage::Failed(Trouble::new(TroubleClass::Unreachable, &format!("list {kind}"), "refused").hint("r")));
        r.denied = vec![refused("pods"), refused("events"), Unseen::Kind("nodes", Coverage::NotLooked)];
        let text = render(&r, false);
        assert!(text.contains("NOT SEEN\n  pods, events: could not look: refused. r\n  nodes: not looked at\n"), "{text}");
    }

    #[test]
    fn the_json_has_the_designs_shape() {
        let v = json(&report());
        let keys = |v: &serde_json::Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&v), ["cluster", "complete", "denied", "findings", "scope"]);
        assert_eq!(keys(&v["findings"][0]), ["cause", "confidence", "evidence", "fix", "folded", "next", "object", "rule", "severity", "title"]);
        assert_eq!(v["findings"][0]["object"], serde_json::json!({"kind": "Deployment", "namespace": "shop", "name": "api"}));
        assert_eq!(v["findings"][0]["severity"], "critical");
    }

    #[test]
    fn the_exit_code_is_the_first_that_applies() {
        let mut r = report();
        assert_eq!(exit_code(&r, Some(Severity::Error)), 5);
        assert_eq!(exit_code(&r, None), 4);
        r.complete = true;
        assert_eq!(exit_code(&r, None), 0);
        r.findings.clear();
        assert_eq!(exit_code(&r, Some(Severity::Info)), 0);
    }
}
