//! The writes of the grammar, and what they are about. Nothing here says whether one is allowed, or how it is sent.
use super::{Manifest, Selectors, Target};
use serde_json::Value;

/// Writes of the grammar. A scope of all namespaces reaches policy and is denied there where the kinds are namespaced.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Write {
    /// `scale --replicas=N`.
    Scale {
        /// The workloads.
        objects: Objects,
        /// `--replicas`.
        replicas: u32,
        /// `--current-replicas`: a precondition.
        current: Option<u32>,
    },
    /// `rollout restart`.
    RolloutRestart {
        /// The workloads.
        objects: Objects,
    },
    /// `rollout undo`.
    RolloutUndo {
        /// The workloads.
        objects: Objects,
        /// `--to-revision`; the one before the current when `None`.
        to_revision: Option<i64>,
    },
    /// `rollout pause`.
    RolloutPause {
        /// The deployments.
        objects: Objects,
    },
    /// `rollout resume`.
    RolloutResume {
        /// The deployments.
        objects: Objects,
    },
    /// `set image KIND/NAME CONTAINER=IMAGE…`.
    SetImage {
        /// The workloads.
        objects: Objects,
        /// Container name and new image; the name `*` means every container.
        images: Vec<(String, String)>,
    },
    /// `set env KIND/NAME NAME=VALUE… NAME-…`.
    SetEnv {
        /// The workloads.
        objects: Objects,
        /// `-c`: the containers by name, with `*` for any letters; `None` is every one.
        containers: Option<String>,
        /// What is set and what goes, in the order given.
        changes: Vec<KeyChange>,
    },
    /// `set resources KIND/NAME --limits=… --requests=…`.
    SetResources {
        /// The workloads.
        objects: Objects,
        /// `-c`: the containers by name, with `*` for any letters; `None` is every one.
        containers: Option<String>,
        /// Resource and quantity; `0` removes it, as in kubectl.
        limits: Vec<(String, String)>,
        /// The same for requests.
        requests: Vec<(String, String)>,
    },
    /// `patch`.
    Patch {
        /// Named objects.
        objects: Objects,
        /// `--type`.
        patch_type: PatchType,
        /// `-p`, as JSON.
        body: Value,
        /// `--subresource`: `status`, `scale` or `resize`.
        subresource: Option<String>,
    },
    /// `apply -f -`: always server-side.
    Apply {
        /// The manifests in the call.
        manifests: Vec<Manifest>,
        /// `--force-conflicts`: takes fields that others own.
        force_conflicts: bool,
    },
    /// `create`, `run` and `autoscale`: of manifests in the call, or of the one that a line generates.
    Create {
        /// The manifests.
        manifests: Vec<Manifest>,
        /// The words that generated the one manifest, in canonical order and without the namespace; `None` for `-f -`.
        line: Option<Vec<String>>,
    },
    /// `create job NAME --from=cronjob/X`: a Job of the cron job's template as it is now.
    CreateJobFrom {
        /// The Job's name.
        name: String,
        /// The cron job.
        cron_job: Target,
    },
    /// `replace -f -`.
    Replace {
        /// The manifests in the call.
        manifests: Vec<Manifest>,
    },
    /// `label`.
    Label {
        /// What is labelled.
        objects: Objects,
        /// The labels.
        changes: Vec<KeyChange>,
        /// `--overwrite`: without it a label that has another value is an error.
        overwrite: bool,
    },
    /// `annotate`.
    Annotate {
        /// What is annotated.
        objects: Objects,
        /// The annotations.
        changes: Vec<KeyChange>,
        /// `--overwrite`: without it an annotation that has another value is an error.
        overwrite: bool,
    },
    /// `taint nodes`.
    Taint {
        /// The nodes.
        objects: Objects,
        /// What is added and what goes.
        changes: Vec<TaintChange>,
        /// `--overwrite`: without it a taint of the same key and effect is an error.
        overwrite: bool,
    },
    /// `cordon`.
    Cordon {
        /// The nodes.
        objects: Objects,
    },
    /// `uncordon`.
    Uncordon {
        /// The nodes.
        objects: Objects,
    },
    /// `drain`: cordon, then evictions, which honour disruption budgets.
    Drain {
        /// The nodes.
        objects: Objects,
        /// What may be evicted, and how.
        how: DrainHow,
    },
    /// `expose`: a Service over the pods that an object selects.
    Expose {
        /// A pod, a service, or a workload.
        target: Target,
        /// What the Service is to be.
        service: ExposedAs,
    },
    /// `certificate approve`.
    CertificateApprove {
        /// The signing requests.
        objects: Objects,
    },
    /// `certificate deny`.
    CertificateDeny {
        /// The signing requests.
        objects: Objects,
    },
    /// `delete`.
    Delete {
        /// What goes.
        objects: Objects,
        /// `--grace-period`, in seconds.
        grace_period: Option<u32>,
        /// `--cascade`.
        cascade: Cascade,
    },
}

/// The flags of `drain`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct DrainHow {
    /// `--ignore-daemonsets`: leaves their pods where they are.
    pub ignore_daemonsets: bool,
    /// `--delete-emptydir-data`: evicts pods whose `emptyDir` is lost with them.
    pub delete_emptydir_data: bool,
    /// `--force`: evicts pods that nothing brings back.
    pub force: bool,
    /// `--grace-period`, in seconds; the pod's own when `None`.
    pub grace_period: Option<u32>,
    /// `--timeout`, in seconds; the program's own bound when `None`.
    pub timeout_seconds: Option<u64>,
    /// `--pod-selector`, verbatim.
    pub pod_selector: Option<String>,
}

/// The flags of `expose`. What is `None` comes from the exposed object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct ExposedAs {
    /// `--name`; the object's own when `None`.
    pub name: Option<String>,
    /// `--port`; the object's ports when `None`.
    pub port: Option<u16>,
    /// `--target-port`: a number or a name.
    pub target_port: Option<String>,
    /// `--protocol`.
    pub protocol: Option<String>,
    /// `--type`.
    pub service_type: Option<String>,
    /// `--selector`, verbatim: `key=value,…`.
    pub selector: Option<String>,
    /// `--labels`, verbatim.
    pub labels: Option<String>,
    /// `--cluster-ip`; `None` in capitals is a headless Service.
    pub cluster_ip: Option<String>,
    /// `--external-ip`.
    pub external_ip: Option<String>,
    /// `--session-affinity`.
    pub session_affinity: Option<String>,
}

impl Write {
    /// The objects that a selector or names choose; `None` where manifests or one target do.
    pub fn objects(&self) -> Option<&Objects> {
        match self {
            Self::Scale { objects, .. }
            | Self::RolloutRestart { objects }
            | Self::RolloutUndo { objects, .. }
            | Self::RolloutPause { objects }
            | Self::RolloutResume { objects }
            | Self::SetImage { objects, .. }
            | Self::SetEnv { objects, .. }
            | Self::SetResources { objects, .. }
            | Self::Patch { objects, .. }
            | Self::Label { objects, .. }
            | Self::Annotate { objects, .. }
            | Self::Taint { objects, .. }
            | Self::Cordon { objects }
            | Self::Uncordon { objects }
            | Self::Drain { objects, .. }
            | Self::CertificateApprove { objects }
            | Self::CertificateDeny { objects }
            | Self::Delete { objects, .. } => Some(objects),
            Self::Apply { .. } | Self::Create { .. } | Self::CreateJobFrom { .. } | Self::Replace { .. } | Self::Expose { .. } => None,
        }
    }

    /// The manifests that it carries.
    pub fn manifests(&self) -> &[Manifest] {
        match self {
            Self::Apply { manifests, .. } | Self::Create { manifests, .. } | Self::Replace { manifests } => manifests,
            _ => &[],
        }
    }

    pub(super) fn targets(&self) -> Vec<&Target> {
        match self {
            Self::CreateJobFrom { cron_job: target, .. } | Self::Expose { target, .. } => vec![target],
            other => other.objects().map(|o| o.targets.iter().collect()).unwrap_or_default(),
        }
    }
}

/// The objects of a write: each named, or all of their kinds that the selectors leave. No name and no selector is
/// `--all`: every object of the kind in the scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Objects {
    /// All with a name, or all without one.
    pub targets: Vec<Target>,
    /// Only where no target has a name.
    pub selectors: Selectors,
}

impl Objects {
    /// One object.
    pub fn one(target: Target) -> Self {
        Self::named(vec![target])
    }
    /// Named objects, or all of kinds.
    pub fn named(targets: Vec<Target>) -> Self {
        Self { targets, selectors: Selectors::default() }
    }
    /// The object, where it is exactly one and named.
    pub fn only(&self) -> Option<&Target> {
        match self.targets.as_slice() {
            [target] if target.name.is_some() => Some(target),
            _ => None,
        }
    }
}

/// `KEY=VALUE` or `KEY-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyChange {
    /// The key.
    pub key: String,
    /// The new value; `None` removes the key.
    pub value: Option<String>,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaintEffect {
    /// No new ones.
    NoSchedule,
    /// Rather no new ones.
    PreferNoSchedule,
    /// Those that run are evicted, too.
    NoExecute,
}

impl TaintEffect {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSchedule => "NoSchedule",
            Self::PreferNoSchedule => "PreferNoSchedule",
            Self::NoExecute => "NoExecute",
        }
    }
}

/// `KEY[=VALUE]:EFFECT` or `KEY[:EFFECT]-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TaintChange {
    /// The taint is there afterwards.
    Add {
        /// Its key.
        key: String,
        /// Its value; often empty.
        value: String,
        /// Its effect.
        effect: TaintEffect,
    },
    /// Taints of the key go.
    Remove {
        /// Their key.
        key: String,
        /// Only those with this effect.
        effect: Option<TaintEffect>,
    },
}

/// `patch --type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum PatchType {
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// Kubernetes' own, which merges lists by key; built-in kinds alone have it.
    #[default]
    Strategic,
}

/// `delete --cascade`: what becomes of dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Cascade {
    /// They are collected afterwards.
    #[default]
    Background,
    /// They go first.
    Foreground,
    /// They stay, without an owner.
    Orphan,
}
