//! Which object, of which kind.
use std::fmt;

/// A kind as discovery names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct KindRef {
    /// API group; empty for the core group.
    pub group: String,
    /// `v1`, `v1beta1`, …
    pub version: String,
    /// Plural, lower case: `pods`.
    pub resource: String,
    /// `Pod`.
    pub kind: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

impl KindRef {
    /// Shorthand for a table of kinds.
    pub fn new(group: &str, version: &str, resource: &str, kind: &str, namespaced: bool) -> Self {
        Self { group: group.into(), version: version.into(), resource: resource.into(), kind: kind.into(), namespaced }
    }
    /// `apps/v1` or `v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
    /// The collection's path: `/apis/apps/v1/namespaces/shop/deployments`, without the namespace part when it is `None`.
    pub fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() { format!("/api/{}", self.version) } else { format!("/apis/{}/{}", self.group, self.version) };
        match namespace.filter(|_| self.namespaced) {
            Some(ns) => format!("{root}/namespaces/{ns}/{}", self.resource),
            None => format!("{root}/{}", self.resource),
        }
    }
}

/// One object by kind, namespace and name. `namespace` is empty for cluster-scoped objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
pub struct ObjectRef {
    /// `Pod`, `Deployment`, …
    pub kind: String,
    /// Empty for a cluster-scoped object.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
}

impl ObjectRef {
    /// Shorthand.
    pub fn new(kind: impl Into<String>, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), namespace: namespace.into(), name: name.into() }
    }
}

impl fmt::Display for ObjectRef {
    /// `deployment/api`, lower case, without the namespace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_lowercase(), self.name)
    }
}

/// The namespaces that a front end was told to look at.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Namespaces {
    /// The context's own.
    #[default]
    Own,
    /// All.
    All,
    /// This one.
    Named(String),
}

impl Namespaces {
    /// The one that was named.
    pub fn named(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Own | Self::All => None,
        }
    }
    /// The namespace meant where the context's is `own`; none for all.
    pub fn within<'a>(&'a self, own: &'a str) -> Option<&'a str> {
        match self {
            Self::Own => Some(own),
            Self::All => None,
            Self::Named(name) => Some(name),
        }
    }
}
