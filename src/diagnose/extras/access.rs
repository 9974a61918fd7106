//! Who may do more than a person would expect: wildcards, cluster-admin, readers of every Secret, rights to give rights.
//! Roles that the cluster brings along are left out.
use super::note;
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{list, quoted};
use crate::model::ObjectRef;
use crate::model::snapshot::rbac::{Grant, Subject};
use crate::model::snapshot::{Binding, Meta, Role};

/// Everything about who may do what.
pub fn drafts(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    let roles = s.roles.items.iter().map(|r| (r, "Role")).chain(s.cluster_roles.items.iter().map(|r| (r, "ClusterRole")));
    let mut out: Vec<Draft> = roles.filter(|(r, _)| !is_built_in(&r.meta)).flat_map(|(r, kind)| role(r, kind)).collect();
    let bindings = s.role_bindings.items.iter().map(|b| (b, "RoleBinding")).chain(s.cluster_role_bindings.items.iter().map(|b| (b, "ClusterRoleBinding")));
    out.extend(bindings.filter(|(b, _)| !is_built_in(&b.meta)).flat_map(|(b, kind)| binding(b, kind)));
    out
}

/// What the API server makes for itself.
fn is_built_in(meta: &Meta) -> bool {
    meta.label("kubernetes.io/bootstrapping").is_some()
        || meta.name.starts_with("system:")
        || matches!(meta.name.as_str(), "cluster-admin" | "admin" | "edit" | "view")
}

fn has(grant: &Grant, verbs: &[&str], resources: &[&str]) -> bool {
    let any = |list: &[crate::text::Clean], wanted: &[&str]| list.iter().any(|w| wanted.contains(&w.as_str()));
    (Grant::is_all(&grant.verbs) || any(&grant.verbs, verbs)) && (Grant::is_all(&grant.resources) || any(&grant.resources, resources))
}

fn role(r: &Role, kind: &str) -> Vec<Draft> {
    let own = r.meta.reference(kind);
    let wide = if kind == "ClusterRole" { " in every namespace where it is bound" } else { "" };
    let say = |rule, says: String| note(rule, own.clone(), says).next(describe(&own));
    let words = |g: &Grant| format!("{} on {}", list(&g.verbs), list(&g.resources));
    let mut out = Vec::new();
    if let Some(g) = r.rules.iter().find(|g| Grant::is_all(&g.verbs) || Grant::is_all(&g.resources) && !g.verbs.is_empty()) {
        out.push(
            say("security/wildcard-role", format!("allows more than anybody listed ({}){wide}", words(g)))
                .proof(field(own.clone(), format!("rules: {}", words(g)))),
        );
        return out;
    }
    let named = |g: &&Grant| g.resource_names.is_empty();
    if let Some(g) = r.rules.iter().filter(named).find(|g| has(g, &["get", "list", "watch"], &["secrets"])) {
        out.push(say("security/reads-secrets", format!("lets its holders read every Secret ({}){wide}", words(g))));
    }
    if let Some(g) =
        r.rules.iter().find(|g| has(g, &["bind", "escalate"], &["roles", "clusterroles"]) || has(g, &["impersonate"], &["users", "groups", "serviceaccounts"]))
    {
        out.push(say("security/gives-rights", format!("lets its holders give themselves any right ({}){wide}", words(g))));
    }
    if let Some(g) = r.rules.iter().find(|g| has(g, &["create", "get"], &["pods/exec", "pods/attach"])) {
        out.push(say("security/execs", format!("lets its holders run programs in pods ({}){wide}", words(g))));
    }
    out
}

fn subjects(b: &Binding) -> Vec<String> {
    b.subjects
        .iter()
        .map(|s| if s.namespace.is_empty() { format!("{} {}", s.kind, s.name) } else { format!("{} {}/{}", s.kind, s.namespace, s.name) })
        .collect()
}

fn binding(b: &Binding, kind: &str) -> Vec<Draft> {
    let own = b.meta.reference(kind);
    let say = |rule, says: String| note(rule, own.clone(), says).proof(field(own.clone(), format!("roleRef: {}", b.role_ref.name))).next(describe(&own));
    let role =
        ObjectRef::new(b.role_ref.kind.as_str(), if b.role_ref.kind.as_str() == "Role" { b.meta.namespace.as_str() } else { "" }, b.role_ref.name.as_str());
    let mut out = Vec::new();
    if b.role_ref.name.as_str() == "cluster-admin" {
        let place = if kind == "RoleBinding" { format!("in `{}`", b.meta.namespace) } else { "in the whole cluster".to_owned() };
        out.push(say("security/cluster-admin", format!("lets {} do anything {place}", quoted(&subjects(b)))));
    }
    let public = |s: &&Subject| matches!(s.name.as_str(), "system:anonymous" | "system:unauthenticated" | "system:authenticated");
    if let Some(s) = b.subjects.iter().find(public) {
        let whom = if s.name.as_str() == "system:authenticated" { "everybody with a login" } else { "everybody, even without a login" };
        out.push(say("security/public-binding", format!("gives {whom} the {role}")));
    }
    if b.subjects.iter().any(|s| s.kind.as_str() == "ServiceAccount" && s.name.as_str() == "default") {
        out.push(say("security/default-account-bound", format!("gives the service account `default`, and so every pod that names none, the {role}")));
    }
    out
}
