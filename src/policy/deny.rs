//! The denials, in the order in which they are asked. A read over all namespaces while some are hidden is denied rather
//! than filtered: a list with holes would be taken for the whole.
use super::Rules;
use crate::kubectl::kinds::Kinds;
use crate::model::operation::{Manifest, Operation, Read, Scope, Target, Write};
use crate::model::{Action, KindRef, Risk, Role};

/// The first denial that holds: its rule and its reason.
pub fn first(operation: &Operation, risk: Risk, rules: &Rules) -> Option<(&'static str, String)> {
    blocked_kind(operation, rules).or_else(|| hidden(operation, rules)).or_else(|| if operation.is_write() { write(operation, risk, rules) } else { None })
}

/// Asking what one may do with a kind reads none of its objects.
fn blocked_kind(operation: &Operation, rules: &Rules) -> Option<(&'static str, String)> {
    if matches!(operation.action, Action::Read(Read::CanI { .. })) {
        return None;
    }
    let carried = operation.manifests().iter().map(|m| &m.kind);
    let scaled: Vec<KindRef> = operation.manifests().iter().filter_map(scaled).collect();
    let beside = beside(operation);
    let kind = operation.targets().into_iter().map(|t| &t.kind).chain(carried).chain(&beside).chain(&scaled).find(|kind| rules.is_blocked(kind))?;
    let reason = if kind.kind.eq_ignore_ascii_case("secret") || kind.resource.eq_ignore_ascii_case("secrets") {
        "Secrets are never read or changed here. `describe pod NAME` shows which keys a pod takes from them.".to_owned()
    } else {
        format!("The configuration blocks {}. Ask for other kinds.", kind.resource)
    };
    Some(("blocked-resource", reason))
}

/// The kinds that an operation reads or changes besides those that it names.
fn beside(operation: &Operation) -> Option<KindRef> {
    let word = match &operation.action {
        // A workload's log is that of its pods; a node's description lists them, and a drain evicts them.
        Action::Read(Read::Logs { .. }) | Action::Write(Write::Drain { .. }) => "pods",
        Action::Read(Read::Describe { targets, .. }) if targets.iter().any(|t| is(t, "nodes")) => "pods",
        Action::Read(Read::ClusterInfo) => "services",
        _ => return None,
    };
    Kinds::builtin().resolve(word)
}

/// The kind that the manifest of an autoscaler scales.
fn scaled(manifest: &Manifest) -> Option<KindRef> {
    let target = manifest.object.pointer("/spec/scaleTargetRef")?;
    let word = |key: &str| target.get(key).and_then(serde_json::Value::as_str);
    Kinds::builtin().of_manifest(word("apiVersion").unwrap_or("v1"), word("kind")?)
}

/// What of the cluster an operation reaches, as far as namespaces go.
enum Reach {
    /// One namespace.
    One(String),
    /// All of them.
    All,
}

/// The namespaces that an operation reaches, by its scope and by its operands.
fn reached(operation: &Operation, rules: &Rules) -> Vec<Reach> {
    let scope = || match &operation.scope {
        Scope::Named(namespace) if !namespace.is_empty() => Reach::One(namespace.clone()),
        Scope::Named(_) | Scope::Context => Reach::One(rules.context_namespace().to_owned()),
        Scope::All => Reach::All,
    };
    let targets = operation.targets();
    let mut out: Vec<Reach> = targets.iter().filter_map(|t| operand(t)).collect();
    for manifest in operation.manifests() {
        out.extend(manifest.namespace.clone().map(Reach::One));
        if manifest.kind.group.is_empty() && manifest.kind.resource == "namespaces" {
            out.push(manifest.name.clone().map_or(Reach::All, Reach::One));
        }
    }
    if operation.is_scoped() {
        out.push(scope());
    }
    // The description of a node lists the pods on it, whatever their namespace.
    if matches!(&operation.action, Action::Read(Read::Describe { targets, .. }) if targets.iter().any(|t| is(t, "nodes"))) {
        out.push(Reach::All);
    }
    out
}

/// A namespace is reached as an operand, too.
fn operand(target: &Target) -> Option<Reach> {
    is(target, "namespaces").then(|| target.name.clone().map_or(Reach::All, Reach::One))
}

fn is(target: &Target, resource: &str) -> bool {
    target.kind.group.is_empty() && target.kind.resource == resource
}

fn hidden(operation: &Operation, rules: &Rules) -> Option<(&'static str, String)> {
    if rules.hidden_namespaces.is_empty() {
        return None;
    }
    // A drain lists and evicts pods whatever their namespace, and the cluster's own services stand in one.
    let beside = match &operation.action {
        Action::Write(Write::Drain { .. }) => Some(Reach::All),
        Action::Read(Read::ClusterInfo) => Some(Reach::One("kube-system".to_owned())),
        _ => None,
    };
    reached(operation, rules).into_iter().chain(beside).find_map(|reach| match reach {
        Reach::One(namespace) if rules.is_hidden(&namespace) => {
            Some(("hidden-namespace", format!("The namespace {namespace} is hidden by the configuration. Ask about another one.")))
        }
        Reach::All => {
            Some(("hidden-namespace", "Some namespaces are hidden by the configuration, so nothing is read over all of them. Name one with `-n`.".to_owned()))
        }
        Reach::One(_) => None,
    })
}

fn write(operation: &Operation, risk: Risk, rules: &Rules) -> Option<(&'static str, String)> {
    if rules.role == Role::Readonly {
        return Some((
            "role-readonly",
            "The role here is readonly: nothing is changed. Say what should be done; a person can start with another role.".to_owned(),
        ));
    }
    for reach in reached(operation, rules) {
        match reach {
            Reach::One(namespace) if rules.is_protected(&namespace) => {
                return Some((
                    "protected-namespace",
                    format!("The namespace {namespace} is protected: it can be read, not changed. Say what should be done there."),
                ));
            }
            Reach::All => {
                return Some(("all-namespaces-write", "All namespaces include the protected ones. Name one namespace with `-n`, and the objects.".to_owned()));
            }
            Reach::One(_) => {}
        }
    }
    (rules.role == Role::Operator && risk > Risk::Medium).then(|| {
        (
            "role-operator",
            format!("The role here is operator, which goes up to medium risk; this is {risk}. Say what should be done; a person can start as admin."),
        )
    })
}
