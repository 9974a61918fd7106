//! Who may do what: the API server's "cannot" held against the bindings, and bindings to roles that do not exist.
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{between, list, short};
use crate::model::finding::Proof;
use crate::model::snapshot::rbac::Grant;
use crate::model::snapshot::{Binding, Pod, Role};
use crate::model::{ObjectRef, Severity};

/// A binding that grants nothing in its namespace.
pub fn role_binding(view: &View<'_>, b: &Binding) -> Option<Draft> {
    missing_role(view, b, "RoleBinding")
}

/// A binding that grants nothing anywhere.
pub fn cluster_role_binding(view: &View<'_>, b: &Binding) -> Option<Draft> {
    missing_role(view, b, "ClusterRoleBinding")
}

/// The namespace that a binding's role lives in.
fn home(b: &Binding) -> &str {
    if b.role_ref.kind.as_str() == "Role" { b.meta.namespace.as_str() } else { "" }
}

fn missing_role(view: &View<'_>, b: &Binding, kind: &str) -> Option<Draft> {
    let (role, name) = (b.role_ref.kind.as_str(), b.role_ref.name.as_str());
    if b.meta.deleted.is_some() || !matches!(role, "Role" | "ClusterRole") || !view.is_missing(role, home(b), name) || view.age(&b.meta) < 5 {
        return None;
    }
    let near = view.near_words(role, home(b), name);
    let whom: Vec<String> = b.subjects.iter().map(|s| format!("{} `{}`", s.kind, s.name)).collect();
    let own = b.meta.reference(kind);
    let d = Draft::new("rbac/missing-role", own.clone(), format!("grants {} nothing: {role} `{name}` does not exist{near}", list(&whom)));
    let d = d.severity(Severity::Warning).cause(ObjectRef::new(role, home(b), name)).proof(field(own.clone(), format!("roleRef: {role}/{name}")));
    // Pods of the accounts that it should have served may show it.
    let accounts = b.subjects.iter().filter(|s| s.kind.as_str() == "ServiceAccount");
    let namespace = |s: &crate::model::snapshot::rbac::Subject| if s.namespace.is_empty() { b.meta.namespace.clone() } else { s.namespace.clone() };
    Some(d.touches(accounts.map(|s| ObjectRef::new("ServiceAccount", namespace(s).as_str(), s.name.as_str()))).next(describe(&own)))
}

/// What a refusal by the API server means.
pub struct Told {
    /// The sentence.
    pub says: String,
    /// The account that lacks the right.
    pub account: Option<ObjectRef>,
    /// What its bindings say.
    pub proofs: Vec<Proof>,
    /// What to look at.
    pub next: Vec<String>,
}

/// The right that was asked for.
struct Asked<'a> {
    verb: &'a str,
    resource: &'a str,
    group: &'a str,
    /// Empty for cluster-scoped requests.
    namespace: &'a str,
}

/// `User "system:serviceaccount:ns:sa" cannot VERB resource "R" in API group "G" in the namespace "N"`, held against the bindings.
pub fn told(view: &View<'_>, pod: &Pod, words: &str) -> Told {
    let plain = || Told { says: format!("the API server refuses it: {}", short(words, 200)), account: None, proofs: Vec::new(), next: Vec::new() };
    let Some((namespace, account)) = between(words, "system:serviceaccount:", "\"").and_then(|a| a.split_once(':')) else { return plain() };
    let Some((verb, resource)) = words.split_once(" cannot ").and_then(|(_, r)| r.split_once(" resource \"")) else { return plain() };
    let resource = resource.split('"').next().unwrap_or_default();
    let group = between(words, "API group \"", "\"").unwrap_or_default();
    let asked = Asked { verb, resource, group, namespace: between(words, "in the namespace \"", "\"").unwrap_or_default() };
    let at = ObjectRef::new("ServiceAccount", namespace, account);
    let place = if asked.namespace.is_empty() { "across the cluster".to_owned() } else { format!("in `{}`", asked.namespace) };
    let other = if pod.template.service_account.as_str() == account || account.is_empty() { "" } else { " (not the account that the pod names now)" };
    let mut told = Told {
        says: format!("its service account `{account}`{other} may not {verb} {} {place}", full(resource, group)),
        account: Some(at.clone()),
        proofs: Vec::new(),
        next: vec![describe(&at)],
    };
    told.next.push(format!("get rolebindings -n {}", if asked.namespace.is_empty() { namespace } else { asked.namespace }));
    bound(view, &at, &asked, &mut told);
    told
}

fn full(resource: &str, group: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource} ({group})") }
}

/// What the account is bound to, and which role of the place would do.
fn bound(view: &View<'_>, at: &ObjectRef, asked: &Asked<'_>, told: &mut Told) {
    let serves = |b: &&Binding| {
        b.subjects.iter().any(|u| match u.kind.as_str() {
            "ServiceAccount" => {
                u.name.as_str() == at.name && (u.namespace.as_str() == at.namespace || u.namespace.is_empty() && b.meta.namespace.as_str() == at.namespace)
            }
            "Group" => u.name.as_str() == "system:serviceaccounts" || u.name.strip_prefix("system:serviceaccounts:") == Some(at.namespace.as_str()),
            _ => false,
        })
    };
    let here: Vec<&Binding> =
        if asked.namespace.is_empty() { view.every_role_binding().iter().collect() } else { view.role_bindings_in(asked.namespace).collect() };
    // What every account may do is no hint.
    let of_all = |b: &&Binding| b.role_ref.name.starts_with("system:") && b.subjects.iter().all(|u| u.kind.as_str() == "Group");
    let mine: Vec<&Binding> = here.iter().copied().chain(view.cluster_role_bindings()).filter(serves).filter(|b| !of_all(b)).collect();
    if !view.knows_all("RoleBinding", &at.namespace) {
        return;
    }
    if mine.is_empty() {
        told.says = format!("{}: no binding {}names it", told.says, if view.saw_all("ClusterRoleBinding") { "" } else { "of the namespace " });
    }
    for binding in &mine {
        let role = role(view, &binding.role_ref.kind, home(binding), &binding.role_ref.name);
        let Some(role) = role else { continue };
        let grants: Vec<String> = role.rules.iter().map(|g| granted(g, asked.group)).collect();
        let own = role.meta.reference(binding.role_ref.kind.as_str());
        told.says = format!("{}; its role `{}` allows {}", told.says, own.name, short(&list(&grants), 160));
        told.proofs.push(field(own, format!("rules: {}", short(&list(&grants), 300))));
    }
    let would = |r: &&Role| r.rules.iter().any(|g| g.allows(asked.verb, asked.resource, asked.group));
    if let Some((binding, name)) = astray(view, at, &here, would).filter(|_| mine.is_empty()) {
        let own = binding.meta.reference("RoleBinding");
        told.says = format!("{}; RoleBinding `{}` grants it to `{name}` instead", told.says, own.name);
        told.proofs.push(field(own.clone(), format!("subjects: {name}; roleRef: {}", binding.role_ref.name)));
        told.next.push(describe(&own));
    } else if let Some(role) = view.roles_in(asked.namespace).find(would) {
        told.says = format!("{}; the role `{}` would allow it", told.says, role.meta.name);
        told.proofs.push(field(role.meta.reference("Role"), format!("allows {} on {}", asked.verb, asked.resource)));
    }
}

/// What a rule of a role grants, with its API group where that is not the one asked for.
fn granted(g: &Grant, group: &str) -> String {
    let other = !g.api_groups.iter().any(|a| matches!(a.as_str(), "*") || a.as_str() == group);
    let groups: Vec<&str> = g.api_groups.iter().map(|a| if a.is_empty() { "the core group" } else { a.as_str() }).collect();
    let place = if other && !groups.is_empty() { format!(" of {}", list(&groups)) } else { String::new() };
    format!("{} on {}{place}", joined(&g.verbs), joined(&g.resources))
}

/// A binding to a role that would do, which names an account that does not exist, or nearly this one.
fn astray<'a>(view: &View<'_>, at: &ObjectRef, here: &[&'a Binding], would: impl Fn(&&Role) -> bool) -> Option<(&'a Binding, &'a str)> {
    let meant = |b: &&&Binding| role(view, &b.role_ref.kind, home(b), &b.role_ref.name).as_ref().is_some_and(&would);
    here.iter().filter(meant).find_map(|b| {
        let other = |u: &&crate::model::snapshot::rbac::Subject| {
            let namespace = if u.namespace.is_empty() { b.meta.namespace.as_str() } else { u.namespace.as_str() };
            let near = crate::diagnose::near::nearest(&at.name, [&u.name]).is_some();
            u.kind.as_str() == "ServiceAccount" && (view.is_missing("ServiceAccount", namespace, &u.name) || near && namespace == at.namespace)
        };
        b.subjects.iter().find(other).map(|u| (*b, u.name.as_str()))
    })
}

fn role<'a>(view: &View<'a>, kind: &str, namespace: &str, name: &str) -> Option<&'a Role> {
    if kind == "Role" { view.role(namespace, name) } else { view.cluster_role(namespace, name) }
}

fn joined(words: &[crate::text::Clean]) -> String {
    words.iter().map(crate::text::Clean::as_str).collect::<Vec<_>>().join("/")
}
