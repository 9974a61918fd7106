//! The look that a question begins with: the rules over a place, and the things worth giving to a model beside their
//! report, namely what the worst findings rest on.
use super::engine::limits;
use crate::agent::{Place, Survey};
use crate::cluster::Cluster;
use crate::diagnose::playbook::Playbook;
use crate::diagnose::{self, Question};
use crate::kubectl;
use crate::model::operation::{Selectors, Target};
use crate::model::snapshot::{Coverage, LogKey, Snapshot};
use crate::model::{Action, Decision, Extra, Finding, Looked, ObjectRef, Operation, Read, Reading, Report, Scope, Source, Trouble, TroubleClass};
use crate::policy::{self, Rules};
use crate::text::Clean;
use std::sync::Arc;
use std::time::Duration;

/// Findings whose proofs are read.
const ROOTS: usize = 3;
/// Steps of a playbook that are read before anybody asks for them.
const STEPS: usize = 3;
/// Logs of pods that look well.
const QUIET: usize = 20;
/// Texts of one survey.
const READINGS: usize = 8;

/// What to ask the rules about a place.
pub fn question(cluster: &Cluster, place: &Place, playbooks: &Arc<[Playbook]>) -> Question {
    Question { object: place.object.clone(), cluster: cluster.context.to_string(), include: place.include.clone(), playbooks: playbooks.clone() }
}

/// A report and the texts beside. Steps of playbooks are read where `rules` allow it.
pub async fn with_readings(cluster: &Cluster, place: &Place, report: Report, rules: &Rules, patience: Duration) -> Survey {
    let mut operations = Vec::new();
    if let Some(object) = &place.object {
        about(cluster, object, &mut operations);
    }
    for finding in report.findings.iter().take(ROOTS) {
        steps(cluster, finding, rules, &mut operations);
        proofs(cluster, finding, &mut operations);
    }
    operations.truncate(READINGS);
    let mut readings = Vec::new();
    for operation in operations {
        let asked = Clean::line(&kubectl::print(&operation));
        let read = read(cluster, &operation, patience).await;
        readings.extend(read.into_iter().map(|r| (asked.clone(), r)));
    }
    Survey { report, readings }
}

/// The rules' report on a scope.
pub async fn report(cluster: &Cluster, namespace: Option<&str>, question: &Question, hidden: &[String], patience: Duration) -> Report {
    let looked = tokio::time::timeout(patience, snapshot(cluster, namespace, hidden, question.include.contains(&Extra::Cost))).await;
    let snapshot = looked.unwrap_or_else(|_| unanswered(cluster, namespace, patience));
    let mut report = diagnose::report(&snapshot, question, &cluster.redactor);
    let wanted = diagnose::wanted_logs(&snapshot).len();
    if wanted > crate::cluster::LOGS {
        report.complete = false;
        let most = crate::cluster::LOGS;
        let why = format!("logs: only {most} of the {wanted} that failing containers wrote were read; ask for one namespace");
        report.denied.push(Clean::line(&why).into());
    }
    report
}

async fn snapshot(cluster: &Cluster, namespace: Option<&str>, hidden: &[String], metrics: bool) -> Snapshot {
    let mut snapshot = cluster.snapshot(namespace).await;
    if metrics {
        snapshot.usage = cluster.usage(namespace).await;
    }
    // What is hidden by configuration is not concluded about either.
    snapshot.hide(hidden);
    let mut wanted: Vec<LogKey> = diagnose::wanted_logs(&snapshot);
    wanted.truncate(crate::cluster::LOGS);
    let room = QUIET.min(crate::cluster::LOGS - wanted.len());
    let more: Vec<LogKey> = diagnose::quiet_logs(&snapshot).filter(|key| !wanted.contains(key)).take(room).collect();
    wanted.extend(more);
    snapshot.logs.extend(cluster.logs(&wanted).await);
    snapshot
}

/// A cluster that did not answer in time: every kind could not be looked at.
fn unanswered(cluster: &Cluster, namespace: Option<&str>, patience: Duration) -> Snapshot {
    let mut snapshot = Snapshot::new((cluster.now)());
    snapshot.namespaces = namespace.map(Clean::line).into_iter().collect();
    let trouble = Trouble::new(TroubleClass::Timeout, "look at the cluster", &format!("no answer in {} s", patience.as_secs())).hint("press r to try again");
    snapshot.pods.coverage = Coverage::Failed(trouble.clone());
    snapshot.events.coverage = Coverage::Failed(trouble);
    snapshot
}

/// One read, waited for no longer than `patience`. Without a namespace an operation means the context's own: that is
/// what policy judged.
pub async fn read(cluster: &Cluster, operation: &Operation, patience: Duration) -> Vec<Reading> {
    let read = cluster.read(operation, Some(&cluster.namespace), limits());
    tokio::time::timeout(patience, read).await.unwrap_or_else(|_| {
        let cause = format!("no answer in {} s", patience.as_secs());
        vec![unread(operation, Trouble::new(TroubleClass::Timeout, &kubectl::print(operation), &cause), (cluster.now)())]
    })
}

/// A read that did not come to be.
pub fn unread(operation: &Operation, trouble: Trouble, at: crate::model::Timestamp) -> Reading {
    let source = match &operation.action {
        Action::Read(Read::Logs { container, previous, .. }) => {
            Source::Log { container: Clean::line(container.as_deref().unwrap_or_default()), previous: *previous }
        }
        Action::Read(Read::Describe { .. }) => Source::Describe,
        Action::Read(Read::Events { .. }) => Source::Events,
        Action::Read(Read::Top { .. }) => Source::Metrics,
        Action::Read(Read::RolloutStatus { .. } | Read::RolloutHistory { .. }) => Source::Rollout,
        Action::Read(Read::CanI { .. } | Read::CanIList | Read::WhoAmI) => Source::Access,
        Action::Read(Read::Version | Read::ApiResources { .. } | Read::ApiVersions | Read::ClusterInfo | Read::Explain { .. }) => Source::Server,
        Action::Read(Read::Diff { .. }) => Source::Object,
        Action::Read(Read::Get { targets, .. }) if targets.iter().all(|t| t.name.is_some()) => Source::Object,
        Action::Read(Read::Get { .. } | Read::HelmStatus { .. } | Read::HelmHistory { .. } | Read::HelmList) | Action::Write(_) => Source::List,
    };
    Reading { source, object: None, uid: None, resource_version: None, taken_at: at, looked: Looked::Failed(trouble) }
}

/// What is read of the row that a question is about.
fn about(cluster: &Cluster, object: &ObjectRef, out: &mut Vec<Operation>) {
    push(out, describe(cluster, object));
    push(out, events(cluster, object));
    if object.kind == "Pod" {
        push(out, log(cluster, object, None, false));
    }
}

/// What a finding rests on, in the order that a person would look.
fn proofs(cluster: &Cluster, finding: &Finding, out: &mut Vec<Operation>) {
    push(out, describe(cluster, &finding.object));
    for proof in &finding.evidence {
        let operation = match &proof.source {
            Source::Log { container, previous } => log(cluster, &proof.object, Some(container), *previous),
            Source::Events => events(cluster, &proof.object),
            Source::Object | Source::Describe => describe(cluster, &proof.object),
            _ => None,
        };
        push(out, operation);
    }
}

/// What a team looks at first when its playbook matches.
fn steps(cluster: &Cluster, finding: &Finding, rules: &Rules, out: &mut Vec<Operation>) {
    let Ok(kinds) = cluster.kinds.read() else { return };
    for step in finding.next.iter().filter(|_| Playbook::is_named(finding.rule)).take(STEPS) {
        let parsed = kubectl::parse(step, &kinds);
        let verdict = policy::judge(&parsed, rules);
        push(out, parsed.ok().filter(|o| verdict.decision == Decision::Read && !o.is_write()));
    }
}

fn push(out: &mut Vec<Operation>, operation: Option<Operation>) {
    if let Some(operation) = operation.filter(|o| !out.contains(o)) {
        out.push(operation);
    }
}

fn target(cluster: &Cluster, object: &ObjectRef) -> Option<(Target, Scope)> {
    let kinds = cluster.kinds.read().ok()?;
    let kind = kinds.resolve(&object.kind)?;
    if kind.resource == "secrets" {
        return None;
    }
    let scope = if object.namespace.is_empty() { Scope::Context } else { Scope::Named(object.namespace.clone()) };
    Some((Target { kind, name: Some(object.name.clone()) }, scope))
}

fn describe(cluster: &Cluster, object: &ObjectRef) -> Option<Operation> {
    let (target, scope) = target(cluster, object)?;
    Some(Operation { action: Action::Read(Read::Describe { targets: vec![target], selectors: Selectors::default() }), scope })
}

fn events(cluster: &Cluster, object: &ObjectRef) -> Option<Operation> {
    let (target, scope) = target(cluster, object)?;
    Some(Operation { action: Action::Read(Read::Events { about: Some(target), types: Vec::new() }), scope })
}

fn log(cluster: &Cluster, object: &ObjectRef, container: Option<&Clean>, previous: bool) -> Option<Operation> {
    let (target, scope) = target(cluster, object)?;
    let read = Read::Logs {
        target,
        container: container.filter(|c| !c.is_empty()).map(ToString::to_string),
        previous,
        tail: None,
        since_seconds: None,
        timestamps: false,
        all_containers: false,
        selectors: Selectors::default(),
    };
    Some(Operation { action: Action::Read(read), scope })
}
