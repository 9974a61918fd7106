//! One parsed kubectl-grammar command with its kinds resolved. `kubectl::parse` makes it, `kubectl::print` writes it
//! back, `policy` judges it, `cluster` performs it.
use super::KindRef;
use serde_json::Value;

mod write;

pub use write::{Cascade, DrainHow, ExposedAs, KeyChange, Objects, PatchType, TaintChange, TaintEffect, Write};

/// A read or a write, and where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// What is done.
    pub action: Action,
    /// Where. Cluster-scoped kinds ignore it.
    pub scope: Scope,
}

/// The namespaces an operation names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Scope {
    /// None named: the context's namespace.
    #[default]
    Context,
    /// `-n NS`.
    Named(String),
    /// `-A`.
    All,
}

/// Read or write; nothing else exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Changes nothing.
    Read(Read),
    /// Changes something, and only with an approval.
    Write(Write),
}

/// What of a kind is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The kind, resolved.
    pub kind: KindRef,
    /// The object's name; `None` means all of the kind that the selectors leave.
    pub name: Option<String>,
}

/// `-l` and `--field-selector`, as given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Selectors {
    /// Label selector, verbatim.
    pub labels: Option<String>,
    /// Field selector, verbatim.
    pub fields: Option<String>,
}

/// One object of a manifest that came in the call. `object` is what is sent: `apiVersion`, `kind` and `metadata` are in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Manifest {
    /// Its kind, resolved from `apiVersion` and `kind`.
    pub kind: KindRef,
    /// `metadata.name`; `None` only for `create` with `metadata.generateName`.
    pub name: Option<String>,
    /// `metadata.namespace`; `None` means the operation's scope, and is never `Some` for a cluster-scoped kind.
    pub namespace: Option<String>,
    /// The whole object, as JSON.
    pub object: Value,
}

/// `-o`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Output {
    /// The server's Table.
    #[default]
    Table,
    /// The Table with its wide columns.
    Wide,
    /// YAML of the objects, without managedFields.
    Yaml,
    /// The same as JSON.
    Json,
    /// `kind/name` a line.
    Name,
    /// A kubectl JSONPath template.
    JsonPath(String),
    /// `HEADER:.path,…`.
    CustomColumns(String),
}

/// Reads of the grammar.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Read {
    /// `get`.
    Get {
        /// One or more kinds or objects.
        targets: Vec<Target>,
        /// `-l`, `--field-selector`.
        selectors: Selectors,
        /// `-o`.
        output: Output,
        /// `--sort-by`, verbatim.
        sort_by: Option<String>,
        /// `--show-labels`.
        show_labels: bool,
    },
    /// `describe`.
    Describe {
        /// One or more kinds or objects.
        targets: Vec<Target>,
        /// `-l`.
        selectors: Selectors,
    },
    /// `logs`.
    Logs {
        /// A pod, or a workload whose first pod is read.
        target: Target,
        /// `-c`.
        container: Option<String>,
        /// `-p`.
        previous: bool,
        /// `--tail`; the program's own limit when `None`.
        tail: Option<u64>,
        /// `--since`, in seconds.
        since_seconds: Option<u64>,
        /// `--timestamps`.
        timestamps: bool,
        /// `--all-containers`.
        all_containers: bool,
        /// `-l` in place of a name.
        selectors: Selectors,
    },
    /// `events`.
    Events {
        /// `--for KIND/NAME`.
        about: Option<Target>,
        /// `--types=Warning`.
        types: Vec<String>,
    },
    /// `top pods` or `top nodes`.
    Top {
        /// Pods or nodes; a name narrows it.
        target: Target,
        /// `-l`.
        selectors: Selectors,
        /// `--containers`.
        containers: bool,
        /// `--sort-by=memory`; by CPU otherwise.
        by_memory: bool,
    },
    /// `rollout status`: read once, never waited for.
    RolloutStatus {
        /// The workload.
        target: Target,
    },
    /// `rollout history`.
    RolloutHistory {
        /// The workload.
        target: Target,
        /// `--revision`.
        revision: Option<i64>,
    },
    /// `auth can-i VERB KIND[/NAME]`.
    CanI {
        /// The RBAC verb.
        verb: String,
        /// The kind asked about.
        target: Target,
        /// `--subresource`.
        subresource: Option<String>,
    },
    /// `auth can-i --list`.
    CanIList,
    /// `auth whoami`.
    WhoAmI,
    /// `version`.
    Version,
    /// `api-resources`.
    ApiResources {
        /// `--namespaced`.
        namespaced: Option<bool>,
        /// `--api-group`; the core group is empty.
        group: Option<String>,
    },
    /// `api-versions`.
    ApiVersions,
    /// `cluster-info`.
    ClusterInfo,
    /// `explain KIND[.FIELD…]`.
    Explain {
        /// The kind.
        kind: KindRef,
        /// The fields below it, outermost first.
        fields: Vec<String>,
        /// `--recursive`.
        recursive: bool,
    },
    /// `diff -f -`: what applying the manifests would change, by the server's dry run.
    Diff {
        /// The manifests in the call.
        manifests: Vec<Manifest>,
    },
    /// `helm list`: the newest revision of each release, from the metadata of the release Secrets alone.
    HelmList,
    /// `helm status RELEASE`.
    HelmStatus {
        /// The release.
        release: String,
        /// `--revision`; the newest when `None`.
        revision: Option<u32>,
    },
    /// `helm history RELEASE`.
    HelmHistory {
        /// The release.
        release: String,
    },
}

impl Operation {
    /// Whether it changes anything.
    pub fn is_write(&self) -> bool {
        matches!(self.action, Action::Write(_))
    }

    /// Every target that the operation names. Those of manifests are in [`Operation::manifests`].
    pub fn targets(&self) -> Vec<&Target> {
        match &self.action {
            Action::Read(Read::Get { targets, .. } | Read::Describe { targets, .. }) => targets.iter().collect(),
            Action::Read(Read::Events { about, .. }) => about.iter().collect(),
            Action::Read(
                Read::Logs { target, .. }
                | Read::Top { target, .. }
                | Read::RolloutStatus { target }
                | Read::RolloutHistory { target, .. }
                | Read::CanI { target, .. },
            ) => vec![target],
            Action::Read(_) => Vec::new(),
            Action::Write(write) => write.targets(),
        }
    }

    /// Every manifest that the operation carries.
    pub fn manifests(&self) -> &[Manifest] {
        match &self.action {
            Action::Read(Read::Diff { manifests }) => manifests,
            Action::Write(write) => write.manifests(),
            Action::Read(_) => &[],
        }
    }

    /// Whether anything it is about lives in namespaces, so that the scope matters.
    pub fn is_scoped(&self) -> bool {
        self.targets().iter().any(|t| t.kind.namespaced)
            || self.manifests().iter().any(|m| m.kind.namespaced && m.namespace.is_none())
            || matches!(&self.action, Action::Read(Read::Events { .. } | Read::CanIList | Read::HelmList | Read::HelmStatus { .. } | Read::HelmHistory { .. }))
    }
}
