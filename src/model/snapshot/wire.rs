//! The fields that are read off the wire: partial `spec` and `status` for `kube::core::Object`, and nothing else.
//! What is not named here is skipped by the parser and never held.
use super::read::{Condition, Map};
use super::template::{Affinity, ContainerSpec, ReadinessGate, Reference, SecurityContext, Spread, Toleration, Volume};
use crate::text::Clean;
use serde::Deserialize;

/// Of `pod.spec`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSpec {
    /// Where it runs.
    pub node_name: Option<String>,
    /// Main containers.
    pub containers: Vec<ContainerSpec>,
    /// Init containers.
    pub init_containers: Vec<ContainerSpec>,
    /// Volumes.
    pub volumes: Vec<Volume>,
    /// Labels that its node must have.
    pub node_selector: Map,
    /// Taints it stands.
    pub tolerations: Vec<Toleration>,
    /// Where it wants to be.
    pub affinity: Affinity,
    /// How its siblings are spread.
    pub topology_spread_constraints: Vec<Spread>,
    /// Who places it.
    pub scheduler_name: Clean,
    /// As whom it speaks to the API.
    pub service_account_name: Clean,
    /// Its priority class.
    pub priority_class_name: Clean,
    /// Who it runs as.
    pub security_context: SecurityContext,
    /// Secrets for the registry.
    pub image_pull_secrets: Vec<Reference>,
    /// On the node's network.
    pub host_network: bool,
    /// `Always`, `OnFailure`, `Never`.
    pub restart_policy: Clean,
    /// When the kubelet stops it.
    pub active_deadline_seconds: Option<i64>,
    /// How long it may take to end.
    pub termination_grace_period_seconds: Option<i64>,
    /// What holds the scheduler back.
    pub scheduling_gates: Vec<Reference>,
    /// Conditions that others must set.
    pub readiness_gates: Vec<ReadinessGate>,
}

/// A pod template as workloads hold it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PodTemplateSpec {
    /// Labels of its pods.
    pub metadata: TemplateMeta,
    /// The pod.
    pub spec: PodSpec,
}

/// Of a template's metadata.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TemplateMeta {
    /// Labels.
    pub labels: Map,
}

/// Of `pod.status`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodStatus {
    /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
    pub phase: Option<String>,
    /// `Evicted`, `NodeLost`, …
    pub reason: Option<String>,
    /// Its sentence.
    pub message: Option<String>,
    /// `status.podIP`.
    #[serde(rename = "podIP")]
    pub pod_ip: Option<String>,
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// When the kubelet accepted it.
    pub start_time: Option<jiff::Timestamp>,
    /// Of main containers.
    pub container_statuses: Vec<ContainerStatus>,
    /// Of init containers.
    pub init_container_statuses: Vec<ContainerStatus>,
}

/// Of a container status.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerStatus {
    /// The container.
    pub name: String,
    /// Whether it passes its readiness probe.
    pub ready: bool,
    /// Whether it passed its startup probe.
    pub started: Option<bool>,
    /// Restarts of this container.
    pub restart_count: i32,
    /// Now.
    pub state: ContainerState,
    /// Before the last restart.
    pub last_state: ContainerState,
}

/// One of three.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ContainerState {
    /// Not started.
    pub waiting: Option<Waiting>,
    /// Running.
    pub running: Option<Running>,
    /// Ended.
    pub terminated: Option<Terminated>,
}

/// Why it waits.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// `CrashLoopBackOff`, …
    pub reason: Option<String>,
    /// Its sentence.
    pub message: Option<String>,
}

/// Since when it runs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Running {
    /// Start of this run.
    pub started_at: Option<jiff::Timestamp>,
}

/// How it ended.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Terminated {
    /// Exit code.
    pub exit_code: i32,
    /// Signal, when killed by one.
    pub signal: Option<i32>,
    /// `Error`, `Completed`, `OOMKilled`, …
    pub reason: Option<String>,
    /// Its sentence.
    pub message: Option<String>,
    /// Start of that run.
    pub started_at: Option<jiff::Timestamp>,
    /// Its end.
    pub finished_at: Option<jiff::Timestamp>,
}

/// An event, core/v1 or events.k8s.io/v1: both spellings are read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// `Normal` or `Warning`.
    #[serde(rename = "type")]
    pub type_: Option<String>,
    /// `BackOff`, …
    pub reason: Option<String>,
    /// The sentence (core/v1).
    pub message: Option<String>,
    /// The sentence (events.k8s.io).
    pub note: Option<String>,
    /// What it is about (core/v1).
    pub involved_object: Option<Involved>,
    /// What it is about (events.k8s.io).
    pub regarding: Option<Involved>,
    /// How often.
    pub count: Option<i32>,
    /// How often, in a series.
    pub series: Option<Series>,
    /// First seen.
    pub first_timestamp: Option<jiff::Timestamp>,
    /// Last seen; may be null.
    pub last_timestamp: Option<jiff::Timestamp>,
    /// When it happened (newer writers).
    pub event_time: Option<jiff::Timestamp>,
}

/// The object of an event.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Involved {
    /// Its kind.
    pub kind: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its uid.
    pub uid: Option<String>,
    /// `spec.containers{main}` and the like.
    pub field_path: Option<String>,
}

/// A series of events.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Series {
    /// How often.
    pub count: Option<i32>,
    /// Last seen.
    pub last_observed_time: Option<jiff::Timestamp>,
}
