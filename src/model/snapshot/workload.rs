//! Deployments, replica sets, stateful sets, daemon sets, jobs and cron jobs as the rules ask them.
use super::read::{Condition, Map, Marks};
use super::template::Template;
use super::{Meta, selector::Selector};
use crate::text::Clean;
use serde::Deserialize;

/// A deployment.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deployment {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Generation and revision.
    #[serde(rename = "metadata")]
    pub marks: Marks,
    /// Wanted.
    pub spec: ReplicatedSpec,
    /// Seen.
    pub status: ReplicatedStatus,
}

/// A replica set.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicaSet {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Generation and revision.
    #[serde(rename = "metadata")]
    pub marks: Marks,
    /// Wanted.
    pub spec: ReplicatedSpec,
    /// Seen.
    pub status: ReplicatedStatus,
}

/// A stateful set.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatefulSet {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Generation.
    #[serde(rename = "metadata")]
    pub marks: Marks,
    /// Wanted.
    pub spec: ReplicatedSpec,
    /// Seen.
    pub status: ReplicatedStatus,
}

/// What deployments, replica sets and stateful sets want.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicatedSpec {
    /// Absent means 1.
    pub replicas: Option<i32>,
    /// A deployment that does not roll.
    pub paused: bool,
    /// When a rollout counts as stuck.
    pub progress_deadline_seconds: Option<i64>,
    /// What it owns.
    pub selector: Selector,
    /// What its pods are made of.
    pub template: Template,
    /// The governing service of a stateful set.
    pub service_name: Clean,
    /// `OrderedReady` or `Parallel`.
    pub pod_management_policy: Clean,
    /// Of a stateful set.
    pub update_strategy: Strategy,
    /// Of a stateful set.
    pub volume_claim_templates: Vec<ClaimTemplate>,
    /// Seconds a pod must be ready before it counts as available.
    pub min_ready_seconds: i64,
}

impl ReplicatedSpec {
    /// How many pods are wanted.
    pub fn wanted(&self) -> i32 {
        self.replicas.unwrap_or(1)
    }
}

/// `RollingUpdate`, `OnDelete`, `Recreate`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Strategy {
    /// Its name.
    #[serde(rename = "type")]
    pub type_: Clean,
}

/// A claim that a stateful set makes for each pod.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClaimTemplate {
    /// Its name is the first part of each claim's.
    pub metadata: Named,
    /// What it asks for.
    pub spec: super::storage::ClaimSpec,
}

/// Only a name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Named {
    /// The name.
    pub name: Clean,
}

/// What their controllers saw.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReplicatedStatus {
    /// The generation that the controller acted on.
    pub observed_generation: i64,
    /// Pods that exist.
    pub replicas: i32,
    /// Of the newest template.
    pub updated_replicas: i32,
    /// Ready.
    pub ready_replicas: i32,
    /// Ready for long enough.
    pub available_replicas: i32,
    /// Missing to the wanted number.
    pub unavailable_replicas: i32,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// A daemon set.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonSet {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Generation.
    #[serde(rename = "metadata")]
    pub marks: Marks,
    /// Wanted.
    pub spec: DaemonSpec,
    /// Seen.
    pub status: DaemonStatus,
}

/// What a daemon set wants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonSpec {
    /// What it owns.
    pub selector: Selector,
    /// What its pods are made of.
    pub template: Template,
}

/// What its controller saw.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DaemonStatus {
    /// Nodes that should run a pod.
    pub desired_number_scheduled: i32,
    /// Nodes that run one.
    pub current_number_scheduled: i32,
    /// Nodes that run one and should not.
    pub number_misscheduled: i32,
    /// Ready ones.
    pub number_ready: i32,
}

/// A job.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Job {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Wanted.
    pub spec: JobSpec,
    /// Seen.
    pub status: JobStatus,
}

/// What a job wants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobSpec {
    /// Pods that must succeed.
    pub completions: Option<i32>,
    /// At once.
    pub parallelism: Option<i32>,
    /// Failures that are forgiven.
    pub backoff_limit: Option<i32>,
    /// When it is stopped.
    pub active_deadline_seconds: Option<i64>,
    /// It does not run.
    pub suspend: bool,
    /// What its pods are made of.
    pub template: Template,
}

/// What its controller saw.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobStatus {
    /// Running pods.
    pub active: i32,
    /// Pods that succeeded.
    pub succeeded: i32,
    /// Pods that failed.
    pub failed: i32,
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// Start.
    pub start_time: Option<jiff::Timestamp>,
    /// End.
    pub completion_time: Option<jiff::Timestamp>,
}

/// A cron job.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronJob {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Wanted.
    pub spec: CronSpec,
    /// Seen.
    pub status: CronStatus,
}

/// What a cron job wants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronSpec {
    /// Five fields.
    pub schedule: Clean,
    /// An IANA name.
    pub time_zone: Clean,
    /// It makes no jobs.
    pub suspend: bool,
    /// `Allow`, `Forbid`, `Replace`.
    pub concurrency_policy: Clean,
    /// How late a job may start.
    pub starting_deadline_seconds: Option<i64>,
}

/// What its controller saw.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CronStatus {
    /// Jobs that run.
    pub active: Vec<Named>,
    /// The last time it made one.
    pub last_schedule_time: Option<jiff::Timestamp>,
    /// The last time one succeeded.
    pub last_successful_time: Option<jiff::Timestamp>,
}

/// A namespace.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Namespace {
    /// Identity; its labels hold the pod security level.
    #[serde(skip)]
    pub meta: Meta,
    /// Seen.
    pub status: NamespaceStatus,
    /// Finalizers of the namespace itself.
    pub spec: NamespaceSpec,
}

/// What holds a namespace.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NamespaceSpec {
    /// `kubernetes` and others.
    pub finalizers: Vec<Clean>,
}

/// How a namespace is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NamespaceStatus {
    /// `Active` or `Terminating`.
    pub phase: Clean,
    /// Why it does not end.
    pub conditions: Vec<Condition>,
}

/// Labels as pairs, for what wants a slice of them.
pub fn pairs(map: &Map) -> Vec<(Clean, Clean)> {
    map.iter().map(|(k, v)| (k.clone(), v.clone())).collect()
}
