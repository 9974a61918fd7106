//! How much may go wrong: the lines of the risk table, each with the id and the sentence that a verdict shows. The highest
//! line that applies decides; a medium change of more than one object is a high one.
mod body;
mod carried;

use crate::model::operation::{KeyChange, Objects, Operation, Target, Write};
use crate::model::{Action, KindRef, Risk};

/// A risk, the id of the line that says so, and why.
pub type Line = (Risk, &'static str, String);

/// Kinds in namespaces whose objects hold data.
const DATA: &[(&str, &str)] = &[("", "persistentvolumeclaims"), ("apps", "statefulsets")];
/// Kinds in namespaces that grant or bound authority: tokens, quotas, admission.
const AUTHORITY: &[(&str, &str)] = &[("", "serviceaccounts"), ("", "resourcequotas"), ("", "limitranges")];
/// The groups of roles and bindings, and of admission.
const AUTHORITIES: &[&str] = &["rbac.authorization.k8s.io", "admissionregistration.k8s.io"];
/// Labels by which a namespace says what its pods may do.
const ADMISSION_LABELS: &str = "pod-security.kubernetes.io/";

/// The highest line that applies.
pub fn of(operation: &Operation) -> Line {
    match &operation.action {
        Action::Read(_) => (Risk::Low, "read", "It reads and changes nothing.".to_owned()),
        Action::Write(write) => of_write(write),
    }
}

fn of_write(write: &Write) -> Line {
    match write {
        Write::Scale { objects, replicas: 0, .. } => each(objects, |t| (Risk::High, "scale-to-zero", format!("At no replicas {} stops.", called(t)))),
        Write::Scale { objects, replicas, .. } => {
            each(objects, |t| (Risk::Medium, "scale", format!("{} gets the size {replicas}; scaling back undoes it.", called(t))))
        }
        Write::RolloutRestart { objects } => {
            each(objects, |t| (Risk::Medium, "rollout-restart", format!("The pods of {} are replaced, one after the other.", called(t))))
        }
        Write::RolloutUndo { objects, .. } => {
            each(objects, |t| (Risk::Medium, "rollout-undo", format!("{} goes back to an older template; another undo takes it back.", called(t))))
        }
        Write::RolloutPause { objects } => each(objects, |t| (Risk::Medium, "rollout-pause", format!("Changes of {} wait until it is resumed.", called(t)))),
        Write::RolloutResume { objects } => {
            each(objects, |t| (Risk::Medium, "rollout-resume", format!("Changes of {} that waited are rolled out.", called(t))))
        }
        Write::SetImage { objects, .. } => {
            each(objects, |t| (Risk::Medium, "set-image", format!("The pods of {} get another image; `rollout undo` takes it back.", called(t))))
        }
        Write::SetEnv { objects, .. } => {
            each(objects, |t| (Risk::Medium, "set-env", format!("The pods of {} get another environment; `rollout undo` takes it back.", called(t))))
        }
        Write::SetResources { objects, .. } => each(objects, |t| {
            (Risk::Medium, "set-resources", format!("The pods of {} get other requests and limits; `rollout undo` takes it back.", called(t)))
        }),
        Write::Patch { objects, patch_type, body, subresource } => each(objects, |t| body::patched(t, *patch_type, body, subresource.as_deref())),
        Write::Apply { .. } | Write::Create { .. } | Write::Replace { .. } => carried::of(write),
        Write::CreateJobFrom { cron_job, .. } => (Risk::Medium, "create", format!("A job of {} starts now; deleting it takes it back.", called(cron_job))),
        Write::Label { objects, changes, .. } => each(objects, |t| keyed(t, changes, "label")),
        Write::Annotate { objects, changes, .. } => each(objects, |t| keyed(t, changes, "annotate")),
        Write::Taint { objects, .. } => {
            node(objects, Risk::High, "taint", |t| format!("Pods that do not tolerate the taints of {} stay away or are evicted.", called(t)))
        }
        Write::Cordon { objects } => node(objects, Risk::High, "cordon", |t| format!("No new pod is scheduled on {}.", called(t))),
        Write::Uncordon { objects } => node(objects, Risk::Medium, "uncordon", |t| format!("Pods are scheduled on {} again.", called(t))),
        Write::Drain { objects, .. } => node(objects, Risk::Critical, "drain", |t| format!("The pods on {} are evicted, whatever their namespace.", called(t))),
        Write::Expose { target, .. } => (Risk::Medium, "expose", format!("A Service makes {} reachable; deleting it takes it back.", called(target))),
        Write::CertificateApprove { objects } => {
            node(objects, Risk::Critical, "certificate-approve", |t| format!("Whoever asked by {} gets a certificate, and with it an identity.", called(t)))
        }
        Write::CertificateDeny { objects } => {
            node(objects, Risk::High, "certificate-deny", |t| format!("Whoever asked by {} gets no certificate and has to ask anew.", called(t)))
        }
        Write::Delete { objects, .. } => highest_of(objects, deleted),
    }
}

/// The highest line of the objects: that of the change, or that of the kind; higher where they are several.
fn each(objects: &Objects, line: impl Fn(&Target) -> Line) -> Line {
    raised(objects, highest_of(objects, |t| higher(of_kind(&t.kind), line(t))))
}

/// The same for verbs that are about cluster-scoped objects anyway.
fn node(objects: &Objects, risk: Risk, rule: &'static str, why: impl Fn(&Target) -> String) -> Line {
    raised(objects, highest_of(objects, |t| (risk, rule, why(t))))
}

/// The line of the one that is worst off, and which others it holds for. What names no object can not be judged, so it
/// counts as the worst.
fn highest(lines: Vec<(String, Line)>) -> Line {
    let top = lines.iter().map(|(_, line)| line.0).max();
    let mut worst = lines.into_iter().filter(|(_, line)| Some(line.0) == top);
    let Some((_, (risk, rule, why))) = worst.next() else {
        return (Risk::Critical, "nothing-named", "Nothing is named.".to_owned());
    };
    let others: Vec<String> = worst.filter(|(_, line)| line.1 == rule).map(|(name, _)| name).collect();
    (risk, rule, format!("{why}{}", as_well(&others)))
}

fn highest_of(objects: &Objects, line: impl Fn(&Target) -> Line) -> Line {
    let (risk, rule, why) = highest(objects.targets.iter().map(|t| (called(t), line(t))).collect());
    let found = objects.selectors.labels.is_some() || objects.selectors.fields.is_some();
    (risk, rule, if found { why + " Only what the selector finds is meant." } else { why })
}

/// ` So for pod/b, pod/c and 2 more.`
fn as_well(others: &[String]) -> String {
    const NAMED: usize = 4;
    match others {
        [] => String::new(),
        few if few.len() <= NAMED => format!(" So for {}.", few.join(", ")),
        many => format!(" So for {} and {} more.", many.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "), many.len() - NAMED),
    }
}

fn higher(kind: Option<Line>, line: Line) -> Line {
    kind.filter(|k| k.0 > line.0 || (k.0 == line.0 && k.0 == Risk::Critical)).unwrap_or(line)
}

/// A medium change of several objects, or of what a selector finds, is a high one.
fn raised(objects: &Objects, line: Line) -> Line {
    if line.0 == Risk::Medium && objects.only().is_none() { several(&line, "It changes more than one object, or all that a selector finds.") } else { line }
}

fn several(line: &Line, why: &str) -> Line {
    (Risk::High, "several-objects", format!("{why} {}", line.2))
}

/// The line of a change that is riskier for its kind than for its verb.
fn of_kind(kind: &KindRef) -> Option<Line> {
    if grants(kind) {
        return Some((Risk::Critical, "authority", format!("A {} decides who may do what, or how much.", kind.kind)));
    }
    (!kind.namespaced).then(|| (Risk::High, "cluster-scoped", format!("A {} belongs to the whole cluster.", kind.kind)))
}

fn keyed(target: &Target, changes: &[KeyChange], rule: &'static str) -> Line {
    if rule == "label" && is(&target.kind, "", "namespaces") && changes.iter().any(|c| c.key.starts_with(ADMISSION_LABELS)) {
        return admission_label(&called(target));
    }
    (Risk::Medium, rule, format!("{} gets other {rule}s; what it had before is in the plan.", called(target)).replace("annotates", "annotations"))
}

fn admission_label(called: &str) -> Line {
    (Risk::Critical, "admission", format!("The label decides which pods {called} admits."))
}

fn deleted(target: &Target) -> Line {
    let kind = &target.kind;
    if grants(kind) {
        (Risk::Critical, "delete-authority", format!("With {} goes what decides who may do what, or how much.", called(target)))
    } else if !kind.namespaced {
        (Risk::Critical, "delete-cluster-scoped", format!("{} belongs to the whole cluster, and what depends on it goes with it.", called(target)))
    } else if holds(DATA, kind) {
        (Risk::Critical, "delete-data", format!("With {} data may be lost.", called(target)))
    } else {
        (Risk::High, "delete", format!("{} goes; its owner or its manifest brings it back.", called(target)))
    }
}

fn grants(kind: &KindRef) -> bool {
    AUTHORITIES.contains(&kind.group.as_str()) || holds(AUTHORITY, kind)
}

fn holds(list: &[(&str, &str)], kind: &KindRef) -> bool {
    list.iter().any(|(group, resource)| is(kind, group, resource))
}

fn is(kind: &KindRef, group: &str, resource: &str) -> bool {
    kind.group == group && kind.resource == resource
}

fn called(target: &Target) -> String {
    match &target.name {
        Some(name) => format!("{}/{name}", target.kind.kind.to_lowercase()),
        None => format!("every {}", target.kind.kind.to_lowercase()),
    }
}
