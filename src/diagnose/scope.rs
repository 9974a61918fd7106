//! Which findings answer a question: those of its namespace or object, and those of the cluster that bear on it.
use super::Question;
use super::draft::Draft;
use super::spot::Spot;
use crate::model::{ObjectRef, Snapshot};

/// Whether a root, with what is folded under it, concerns the question.
pub fn concerns<'d>(
    snapshot: &Snapshot,
    question: &Question,
    namespace: Option<&str>,
    root: &'d Draft,
    folded: &(impl Iterator<Item = &'d Draft> + Clone),
) -> bool {
    let all = || std::iter::once(root).chain(folded.clone());
    if let Some(object) = &question.object {
        return all().any(|d| d.shows_at(object) || same(&d.object, object) || d.cause.as_ref().is_some_and(|c| same(c, object)));
    }
    let inside = |given: &str| match namespace {
        Some(n) => given == n,
        None => snapshot.namespaces.is_empty() || snapshot.namespaces.iter().any(|n| n.as_str() == given),
    };
    let touches = |spot: &Spot| match namespace {
        Some(n) => spot.is_in(n),
        None => snapshot.namespaces.iter().any(|n| spot.is_in(n)),
    };
    if namespace.is_none() && snapshot.namespaces.is_empty() {
        return true;
    }
    all().any(|d| {
        std::iter::once(&d.object).chain(&d.cause).any(|o| inside(&o.namespace) || o.kind == "Namespace" && inside(&o.name))
            || d.touches.iter().any(touches)
            || on_a_node_of(snapshot, d, &inside)
    })
}

/// The same object, whatever the case of its kind; a namespace that was not given is any.
fn same(a: &ObjectRef, b: &ObjectRef) -> bool {
    a.kind.eq_ignore_ascii_case(&b.kind) && a.name == b.name && (a.namespace == b.namespace || b.namespace.is_empty())
}

/// A broken node concerns a namespace that has pods on it.
fn on_a_node_of(snapshot: &Snapshot, d: &Draft, inside: &impl Fn(&str) -> bool) -> bool {
    d.object.kind == "Node"
        && d.severity > crate::model::Severity::Info
        && snapshot.pods.items.iter().any(|p| p.node.as_str() == d.object.name && inside(&p.meta.namespace))
}

/// `namespace shop`, `all namespaces`, `deployment/api in shop`.
pub fn words(snapshot: &Snapshot, question: &Question, namespace: Option<&str>) -> String {
    match (&question.object, namespace, snapshot.namespaces.as_slice()) {
        (Some(o), _, _) if o.namespace.is_empty() => o.to_string(),
        (Some(o), ..) => format!("{o} in {}", o.namespace),
        (None, Some(n), _) => format!("namespace {n}"),
        (None, None, []) => "all namespaces".to_owned(),
        (None, None, [one]) => format!("namespace {one}"),
        (None, None, many) => format!("namespaces {}", many.iter().map(crate::text::Clean::as_str).collect::<Vec<_>>().join(", ")),
    }
}
