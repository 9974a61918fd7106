//! Authorization from the role objects in the store, as the RBAC authorizer decides it: any rule that allows, allows.
use super::json::{fields, list, text};
use super::kinds::Kind;
use super::path::Subject;
use super::status::Fail;
use crate::demo::store::{Key, Store};
use serde_json::{Value, json};
use std::sync::Arc;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// `admin`.
    pub name: String,
    /// Including `system:authenticated`.
    pub groups: Vec<String>,
}

const GROUP: &str = "rbac.authorization.k8s.io";

/// A role's rules and the sentence that says why they apply.
struct Grant {
    role: Arc<Value>,
    why: String,
}

fn bound(binding: &Value, user: &User) -> Option<String> {
    list(binding, "/subjects").iter().find_map(|s| {
        let name = text(s, "/name");
        match text(s, "/kind") {
            "User" if name == user.name => Some(format!("User {name:?}")),
            "Group" if user.groups.iter().any(|g| g == name) => Some(format!("Group {name:?}")),
            "ServiceAccount" if user.name == format!("system:serviceaccount:{}:{name}", text(s, "/namespace")) => {
                Some(format!("ServiceAccount \"{name}/{}\"", text(s, "/namespace")))
            }
            _ => None,
        }
    })
}

/// The roles that hold for a user: cluster-wide, and in the namespace when there is one.
fn grants(store: &Store, user: &User, namespace: &str) -> Vec<Grant> {
    let mut out = Vec::new();
    let mut add = |kind: &str, bindings: Vec<(Key, Arc<Value>)>| {
        for (key, binding) in bindings {
            let Some(who) = bound(&binding, user) else { continue };
            let (role_kind, role_name) = (text(&binding, "/roleRef/kind"), text(&binding, "/roleRef/name"));
            let at = match role_kind {
                "Role" => Key::new(&format!("roles.{GROUP}"), &key.namespace, role_name),
                _ => Key::new(&format!("clusterroles.{GROUP}"), "", role_name),
            };
            let name = if key.namespace.is_empty() { key.name.clone() } else { format!("{}/{}", key.name, key.namespace) };
            if let Some(role) = store.get(&at) {
                out.push(Grant { role, why: format!("RBAC: allowed by {kind} {name:?} of {role_kind} {role_name:?} to {who}") });
            }
        }
    };
    add("ClusterRoleBinding", store.list(&format!("clusterrolebindings.{GROUP}"), None).1);
    if !namespace.is_empty() {
        add("RoleBinding", store.list(&format!("rolebindings.{GROUP}"), Some(namespace)).1);
    }
    out
}

/// The rules of a role; those of an aggregated one are its own and of the roles that its selectors match.
fn rules(store: &Store, role: &Value) -> Vec<Value> {
    let selectors = list(role, "/aggregationRule/clusterRoleSelectors");
    let mut out = list(role, "/rules").to_vec();
    if !selectors.is_empty() && out.is_empty() {
        let selectors: Vec<_> = selectors.iter().map(super::selector::Labels::of_object).collect();
        for (_, other) in store.list(&format!("clusterroles.{GROUP}"), None).1 {
            if selectors.iter().any(|s| s.matches(&other)) {
                out.extend(list(&other, "/rules").iter().cloned());
            }
        }
    }
    out
}

fn has(rule: &Value, field: &str, wanted: &str) -> bool {
    list(rule, field).iter().filter_map(Value::as_str).any(|v| v == "*" || v == wanted)
}

fn allows(rule: &Value, s: &Subject) -> bool {
    if !has(rule, "/verbs", s.verb) {
        return false;
    }
    if !s.resource {
        return list(rule, "/nonResourceURLs").iter().filter_map(Value::as_str).any(|url| match url.strip_suffix('*') {
            Some(prefix) => s.path.starts_with(prefix),
            None => url == s.path,
        });
    }
    let resource = list(rule, "/resources").iter().filter_map(Value::as_str).any(|r| match r.split_once('/') {
        _ if r == "*" => true,
        Some((plural, sub)) => (plural == "*" || plural == s.plural) && (sub == s.subresource),
        None => r == s.plural && s.subresource.is_empty(),
    });
    let names = list(rule, "/resourceNames");
    resource && has(rule, "/apiGroups", &s.group) && (names.is_empty() || names.iter().any(|n| n == s.name.as_str()))
}

/// Why a request is allowed; `None`: it is not.
pub fn allowed(store: &Store, user: &User, s: &Subject) -> Option<String> {
    if user.groups.iter().any(|g| g == "system:masters") {
        return Some(String::new());
    }
    grants(store, user, if s.resource { &s.namespace } else { "" }).into_iter().find(|g| rules(store, &g.role).iter().any(|r| allows(r, s))).map(|g| g.why)
}

/// The refusal of a request, in the words of the real server.
pub fn refusal(user: &User, s: &Subject) -> Fail {
    if !s.resource {
        return Fail::forbidden_path(&user.name, s.verb, &s.path);
    }
    let kind = Kind { group: s.group.clone(), plural: s.plural.clone(), ..Kind::default() };
    let resource = if s.subresource.is_empty() { s.plural.clone() } else { format!("{}/{}", s.plural, s.subresource) };
    let scope = if s.namespace.is_empty() || s.plural == "namespaces" && s.name.is_empty() {
        "at the cluster scope".to_owned()
    } else {
        format!("in the namespace {:?}", s.namespace)
    };
    Fail::forbidden(&kind, &s.name, &format!("User {:?} cannot {} resource {resource:?} in API group {:?} {scope}", user.name, s.verb, s.group))
}

/// `status` of a SelfSubjectRulesReview.
pub fn rules_in(store: &Store, user: &User, namespace: &str) -> Value {
    let (mut resources, mut urls) = (Vec::new(), Vec::new());
    for rule in grants(store, user, namespace).iter().flat_map(|g| rules(store, &g.role)) {
        let kept =
            |names: &[&str]| Value::Object(fields(&rule, "").filter(|(k, _)| names.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect());
        if list(&rule, "/nonResourceURLs").is_empty() {
            resources.push(kept(&["verbs", "apiGroups", "resources", "resourceNames"]));
        } else {
            urls.push(kept(&["verbs", "nonResourceURLs"]));
        }
    }
    json!({"resourceRules": resources, "nonResourceRules": urls, "incomplete": false})
}

#[cfg(test)]
mod tests {
    use super::super::path::read;
    use super::*;

    fn store() -> Store {
        let store = Store::new();
        let put = |resource: &str, ns: &str, name: &str, v: Value| store.put(&Key::new(&format!("{resource}.{GROUP}"), ns, name), v);
        put(
            "clusterroles",
            "",
            "look",
            json!({"metadata": {}, "rules": [
            {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"]},
            {"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["one"]},
            {"verbs": ["get"], "nonResourceURLs": ["/api/*"]}]}),
        );
        put("roles", "shop", "all", json!({"metadata": {}, "rules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]}));
        put(
            "clusterrolebindings",
            "",
            "look",
            json!({"metadata": {}, "roleRef": {"kind": "ClusterRole", "name": "look"}, "subjects": [{"kind": "User", "name": "v"}]}),
        );
        put("rolebindings", "shop", "all", json!({"metadata": {}, "roleRef": {"kind": "Role", "name": "all"}, "subjects": [{"kind": "Group", "name": "g"}]}));
        store
    }

    #[test]
    fn rules_allow_by_verb_group_resource_name_and_path() {
        let store = store();
        let v = User { name: "v".into(), groups: vec![] };
        let g = User { name: "x".into(), groups: vec!["g".into()] };
        for (user, method, path, want) in [
            (&v, "GET", "/api/v1/pods", true),
            (&v, "GET", "/api/v1/namespaces/a/pods/p/log", true),
            (&v, "GET", "/api/v1/namespaces/a/pods/p/exec", false),
            (&v, "DELETE", "/api/v1/namespaces/a/pods/p", false),
            (&v, "GET", "/api/v1/namespaces/a/configmaps/one", true),
            (&v, "GET", "/api/v1/namespaces/a/configmaps/two", false),
            (&v, "GET", "/api/v1", true),
            (&v, "GET", "/version", false),
            (&g, "DELETE", "/apis/apps/v1/namespaces/shop/deployments/d", true),
            (&g, "PATCH", "/apis/apps/v1/namespaces/shop/deployments/d/scale", true),
            (&g, "GET", "/apis/apps/v1/namespaces/other/deployments/d", false),
            (&g, "GET", "/apis/apps/v1/deployments", false),
        ] {
            assert_eq!(allowed(&store, user, &read(method, path, false)).is_some(), want, "{} {method} {path}", user.name);
        }
    }

    #[test]
    fn a_refusal_reads_as_the_real_one() {
        let nobody = User { name: "nobody".into(), groups: vec![] };
        let said = |path: &str| refusal(&nobody, &read("GET", path, false)).message;
        assert_eq!(said("/api/v1/pods"), "pods is forbidden: User \"nobody\" cannot list resource \"pods\" in API group \"\" at the cluster scope");
        assert_eq!(
            said("/apis/apps/v1/namespaces/default/deployments/d/scale"),
            "deployments.apps \"d\" is forbidden: User \"nobody\" cannot get resource \"deployments/scale\" in API group \"apps\" in the namespace \"default\""
        );
        assert_eq!(said("/foo"), "forbidden: User \"nobody\" cannot get path \"/foo\"");
    }
}
