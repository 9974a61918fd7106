//! One parsed kubectl-grammar command with its kinds resolved. `kubectl::parse` makes it, `kubectl::print` writes it
//! back, `policy` judges it, `cluster` performs it.
use super::KindRef;

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
    ApiResources,
}

/// Writes of the grammar.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Write {
    /// `scale --replicas=N`.
    Scale {
        /// The workload.
        target: Target,
        /// `--replicas`.
        replicas: u32,
        /// `--current-replicas`: a precondition.
        current: Option<u32>,
    },
    /// `rollout restart`.
    RolloutRestart {
        /// The workload.
        target: Target,
    },
    /// `rollout undo`.
    RolloutUndo {
        /// The workload.
        target: Target,
        /// `--to-revision`; the one before the current when `None`.
        to_revision: Option<i64>,
    },
    /// `set image KIND/NAME CONTAINER=IMAGE…`.
    SetImage {
        /// The workload.
        target: Target,
        /// Container name and new image; the name `*` means every container.
        images: Vec<(String, String)>,
    },
    /// `delete`.
    Delete {
        /// What goes: named objects, or (`--all`) each kind without a name, which means all of it in the namespace.
        targets: Vec<Target>,
        /// `--grace-period`, in seconds.
        grace_period: Option<u32>,
    },
}

impl Operation {
    /// Whether it changes anything.
    pub fn is_write(&self) -> bool {
        matches!(self.action, Action::Write(_))
    }
    /// Every target that the operation names.
    pub fn targets(&self) -> Vec<&Target> {
        match &self.action {
            Action::Read(Read::Get { targets, .. } | Read::Describe { targets, .. }) | Action::Write(Write::Delete { targets, .. }) => targets.iter().collect(),
            Action::Read(Read::Events { about, .. }) => about.iter().collect(),
            Action::Read(
                Read::Logs { target, .. }
                | Read::Top { target, .. }
                | Read::RolloutStatus { target }
                | Read::RolloutHistory { target, .. }
                | Read::CanI { target, .. },
            )
            | Action::Write(
                Write::Scale { target, .. } | Write::RolloutRestart { target } | Write::RolloutUndo { target, .. } | Write::SetImage { target, .. },
            ) => vec![target],
            Action::Read(Read::CanIList | Read::WhoAmI | Read::Version | Read::ApiResources) => Vec::new(),
        }
    }
}
