//! The fields that are read off the wire: partial `spec` and `status` for `kube::core::Object`, and nothing else.
//! What is not named here is skipped by the parser and never held.
use serde::Deserialize;

/// Of `pod.spec`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSpec {
    /// Where it runs.
    pub node_name: Option<String>,
    /// Main containers.
    pub containers: Vec<Container>,
    /// Init containers.
    pub init_containers: Vec<Container>,
}

/// Of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: Option<String>,
    /// `Always` on an init container makes it a native sidecar.
    pub restart_policy: Option<String>,
}

/// Of `pod.status`.
#[derive(Clone, Debug, Default, Deserialize)]
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
    /// Of main containers.
    pub container_statuses: Vec<ContainerStatus>,
    /// Of init containers.
    pub init_container_statuses: Vec<ContainerStatus>,
}

/// Of a container status.
#[derive(Clone, Debug, Default, Deserialize)]
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
#[derive(Clone, Debug, Default, Deserialize)]
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
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// `CrashLoopBackOff`, …
    pub reason: Option<String>,
    /// Its sentence.
    pub message: Option<String>,
}

/// Since when it runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Running {
    /// Start of this run.
    pub started_at: Option<jiff::Timestamp>,
}

/// How it ended.
#[derive(Clone, Debug, Default, Deserialize)]
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
#[derive(Clone, Debug, Default, Deserialize)]
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
#[derive(Clone, Debug, Default, Deserialize)]
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
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Series {
    /// How often.
    pub count: Option<i32>,
    /// Last seen.
    pub last_observed_time: Option<jiff::Timestamp>,
}
