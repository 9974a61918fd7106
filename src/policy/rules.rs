//! What policy knows besides the operation: the role, the context's namespace, and the lists of names. Lists only grow:
//! no setting can take a built-in name out.
use super::production;
use crate::kubectl::kinds::Kinds;
use crate::model::{KindRef, Role};

/// Namespaces that are never changed, whatever the configuration says.
pub const PROTECTED: &[&str] = &["kube-system", "kube-public", "kube-node-lease"];

/// What policy knows besides the operation.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The role at this screen.
    pub role: Role,
    /// The namespace of the context, which an operation without one means.
    pub context_namespace: String,
    /// Namespaces that are never changed; the built-in ones are always in force.
    pub protected_namespaces: Vec<String>,
    /// Namespaces that are not even read.
    pub hidden_namespaces: Vec<String>,
    /// Kinds that are never touched, in any spelling of a kind; `secrets` always is.
    pub blocked_resources: Vec<String>,
    /// Patterns of the names of contexts that are production.
    pub production_contexts: Vec<String>,
    /// Whether a person named the role for this very start, and so for production too.
    pub role_named: bool,
    /// Whether the context is production.
    pub in_production: bool,
}

impl Rules {
    /// The built-in rules for a role. An empty context namespace means `default`, as in kubectl.
    pub fn new(role: Role, context_namespace: &str) -> Self {
        Self {
            role,
            context_namespace: context_namespace.to_owned(),
            protected_namespaces: Vec::new(),
            hidden_namespaces: Vec::new(),
            blocked_resources: Vec::new(),
            production_contexts: Vec::new(),
            role_named: false,
            in_production: false,
        }
    }
    /// The rules enter a context: whether it is production, and with which role it starts. `own`: the session's role.
    pub fn enter(&mut self, context: &str, own: Role) {
        self.in_production = production::is_production(context, &self.production_contexts);
        self.role = production::starting_role(self.in_production, self.role_named.then_some(own), Some(own), own);
    }
    /// Protects more namespaces from change.
    #[must_use]
    pub fn protect<S: Into<String>>(mut self, namespaces: impl IntoIterator<Item = S>) -> Self {
        grow(&mut self.protected_namespaces, namespaces);
        self
    }
    /// Hides more namespaces.
    #[must_use]
    pub fn hide<S: Into<String>>(mut self, namespaces: impl IntoIterator<Item = S>) -> Self {
        grow(&mut self.hidden_namespaces, namespaces);
        self
    }
    /// Blocks more kinds, each in any spelling that the grammar knows (`ing`, `Ingress`, `ingresses.networking.k8s.io`).
    #[must_use]
    pub fn block<S: Into<String>>(mut self, kinds: impl IntoIterator<Item = S>) -> Self {
        grow(&mut self.blocked_resources, kinds);
        self
    }

    /// Whether a namespace may not be changed.
    pub fn is_protected(&self, namespace: &str) -> bool {
        PROTECTED.iter().any(|p| same(p, namespace)) || listed(&self.protected_namespaces, namespace)
    }
    /// Whether a namespace may not be read.
    pub fn is_hidden(&self, namespace: &str) -> bool {
        listed(&self.hidden_namespaces, namespace)
    }
    /// Whether a kind may not be touched. Anything that calls itself a Secret counts as one, in whatever group.
    pub fn is_blocked(&self, kind: &KindRef) -> bool {
        if same(&kind.resource, "secrets") || same(&kind.kind, "secret") {
            return true;
        }
        let full = format!("{}.{}", kind.resource, kind.group);
        self.blocked_resources.iter().map(|b| b.trim()).any(|blocked| {
            same(blocked, &kind.resource)
                || same(blocked, &kind.kind)
                || same(blocked, &full)
                || Kinds::builtin().resolve(blocked).is_some_and(|k| k.group == kind.group && k.resource == kind.resource)
        })
    }
    /// The namespace that an operation without one means.
    pub fn context_namespace(&self) -> &str {
        if self.context_namespace.is_empty() { "default" } else { &self.context_namespace }
    }
}

fn grow<S: Into<String>>(list: &mut Vec<String>, more: impl IntoIterator<Item = S>) {
    list.extend(more.into_iter().map(|name| name.into().trim().to_owned()).filter(|name| !name.is_empty()));
}

fn listed(list: &[String], name: &str) -> bool {
    list.iter().any(|entry| same(entry.trim(), name))
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}
