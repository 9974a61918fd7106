//! Roles and bindings as the rules ask them: who may do what, and what a binding names that is not there.
use super::Meta;
use crate::text::Clean;
use serde::Deserialize;

/// A Role or a ClusterRole.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Role {
    /// Identity; without a namespace it is a ClusterRole.
    #[serde(skip)]
    pub meta: Meta,
    /// What it allows; of an aggregated role what its parts allow.
    pub rules: Vec<Grant>,
}

/// What a role allows: every verb on every resource of every group that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Grant {
    /// API groups; empty text for the core group, `*` for all.
    pub api_groups: Vec<Clean>,
    /// Resources, `pods` or `pods/log`; `*` for all.
    pub resources: Vec<Clean>,
    /// Verbs; `*` for all.
    pub verbs: Vec<Clean>,
    /// Only these objects; empty for all.
    pub resource_names: Vec<Clean>,
}

impl Grant {
    /// Whether it allows a verb on a resource of a group, on any object.
    pub fn allows(&self, verb: &str, resource: &str, group: &str) -> bool {
        let has = |list: &[Clean], wanted: &str| list.iter().any(|w| matches!(w.as_str(), "*") || w.as_str() == wanted);
        self.resource_names.is_empty() && has(&self.verbs, verb) && has(&self.resources, resource) && has(&self.api_groups, group)
    }
    /// Whether a list says "all".
    pub fn is_all(list: &[Clean]) -> bool {
        list.iter().any(|w| w.as_str() == "*")
    }
}

/// A RoleBinding or a ClusterRoleBinding.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Binding {
    /// Identity; without a namespace it is a ClusterRoleBinding.
    #[serde(skip)]
    pub meta: Meta,
    /// What is granted.
    pub role_ref: RoleRef,
    /// To whom.
    pub subjects: Vec<Subject>,
}

/// The role of a binding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RoleRef {
    /// `Role` or `ClusterRole`.
    pub kind: Clean,
    /// Its name.
    pub name: Clean,
}

/// Who is granted something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Subject {
    /// `User`, `Group`, `ServiceAccount`.
    pub kind: Clean,
    /// Its name.
    pub name: Clean,
    /// Of a service account; empty means the binding's own.
    pub namespace: Clean,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_allows_what_it_names_and_no_more() {
        let grant: Grant = serde_json::from_value(serde_json::json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]})).unwrap();
        for (verb, resource, group, want) in
            [("get", "pods", "", true), ("delete", "pods", "", false), ("get", "pods/log", "", false), ("get", "pods", "apps", false)]
        {
            assert_eq!(grant.allows(verb, resource, group), want, "{verb} {resource} {group}");
        }
        let all: Grant = serde_json::from_value(serde_json::json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})).unwrap();
        assert!(all.allows("delete", "nodes", "") && !Grant { resource_names: vec![Clean::line("a")], ..all }.allows("get", "pods", ""));
    }
}
