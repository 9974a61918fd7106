//! How much may go wrong: the lines of the risk table, each with the id and the sentence that a verdict shows.
use crate::model::operation::{Operation, Target, Write};
use crate::model::{Action, KindRef, Risk};

/// A risk, the id of the line that says so, and why.
pub type Line = (Risk, &'static str, String);

/// Kinds in namespaces whose objects hold data.
const DATA: &[(&str, &str)] = &[("", "persistentvolumeclaims"), ("apps", "statefulsets")];
/// Kinds in namespaces that grant or bound authority: tokens, quotas, admission.
const AUTHORITY: &[(&str, &str)] = &[("", "serviceaccounts"), ("", "resourcequotas"), ("", "limitranges")];
/// The group of roles and bindings.
const RBAC: &str = "rbac.authorization.k8s.io";

/// The highest line that applies.
pub fn of(operation: &Operation) -> Line {
    match &operation.action {
        Action::Read(_) => (Risk::Low, "read", "It reads and changes nothing.".to_owned()),
        Action::Write(write) => of_write(write),
    }
}

fn of_write(write: &Write) -> Line {
    let none = Target { kind: KindRef::new("", "", "", "", false), name: None };
    let target = write.objects().and_then(|o| o.targets.first()).unwrap_or(&none);
    match write {
        Write::Scale { replicas, .. } => changed(target).unwrap_or_else(|| match replicas {
            0 => (Risk::High, "scale-to-zero", format!("At no replicas {} stops.", called(target))),
            n => (Risk::Medium, "scale", format!("{} gets the size {n}; scaling back undoes it.", called(target))),
        }),
        Write::RolloutRestart { .. } => {
            changed(target).unwrap_or_else(|| (Risk::Medium, "rollout-restart", format!("The pods of {} are replaced, one after the other.", called(target))))
        }
        Write::RolloutUndo { .. } => changed(target)
            .unwrap_or_else(|| (Risk::Medium, "rollout-undo", format!("{} goes back to an older template; another undo takes it back.", called(target)))),
        Write::SetImage { .. } => changed(target)
            .unwrap_or_else(|| (Risk::Medium, "set-image", format!("The pods of {} get another image; `rollout undo` takes it back.", called(target)))),
        Write::Delete { objects, .. } => {
            objects.targets.iter().map(deleted).max_by_key(|line| line.0).unwrap_or((Risk::High, "delete", "Nothing is named.".to_owned()))
        }
        _ => (Risk::Critical, "other", "No line names it.".to_owned()),
    }
}

/// The line of a change that is riskier for its kind than for its verb.
fn changed(target: &Target) -> Option<Line> {
    if grants(&target.kind) {
        return Some((Risk::Critical, "authority", format!("A {} decides who may do what, or how much.", target.kind.kind)));
    }
    (!target.kind.namespaced).then(|| (Risk::High, "cluster-scoped", format!("A {} belongs to the whole cluster.", target.kind.kind)))
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
    kind.group == RBAC || kind.group == "certificates.k8s.io" || kind.group == "admissionregistration.k8s.io" || holds(AUTHORITY, kind)
}

fn holds(list: &[(&str, &str)], kind: &KindRef) -> bool {
    list.iter().any(|(group, resource)| *group == kind.group && *resource == kind.resource)
}

fn called(target: &Target) -> String {
    match &target.name {
        Some(name) => format!("{}/{name}", target.kind.kind.to_lowercase()),
        None => format!("every {}", target.kind.kind.to_lowercase()),
    }
}
