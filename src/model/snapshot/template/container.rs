//! A container of a template: image, environment by name, bounds, probes, mounts, rights. Values are never kept.
use super::super::read::{Port, Quantity, Sealed};
use crate::text::Clean;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A container of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerSpec {
    /// Its name.
    pub name: Clean,
    /// Its image.
    pub image: Clean,
    /// `Always`, `IfNotPresent`, `Never`.
    pub image_pull_policy: Clean,
    /// What it runs, where it is not the image's own; arguments may hold passwords.
    pub command: Option<Sealed>,
    /// Its arguments.
    pub args: Option<Sealed>,
    /// An init container that keeps running.
    #[serde(rename = "restartPolicy", deserialize_with = "is_always")]
    pub sidecar: bool,
    /// Ports it names; a hint, not a bound.
    pub ports: Vec<ContainerPort>,
    /// Environment variables by name.
    pub env: Vec<EnvVar>,
    /// Whole maps as environment.
    pub env_from: Vec<EnvFrom>,
    /// Bounds.
    pub resources: Resources,
    /// Restarts it when it fails.
    pub liveness_probe: Option<Probe>,
    /// Keeps traffic away while it fails.
    pub readiness_probe: Option<Probe>,
    /// Holds the others back until it passes.
    pub startup_probe: Option<Probe>,
    /// Where volumes are.
    pub volume_mounts: Vec<Mount>,
    /// Who it runs as.
    pub security_context: SecurityContext,
}

fn is_always<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Clean::deserialize(deserializer)?.as_str() == "Always")
}

/// A port that a container names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerPort {
    /// Its name.
    pub name: Clean,
    /// Its number.
    pub container_port: i32,
    /// `TCP`, `UDP`, `SCTP`; empty for the first.
    pub protocol: Clean,
    /// The node's port.
    pub host_port: Option<i32>,
}

/// An environment variable: its name and where its value comes from, never the value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvVar {
    /// Its name.
    pub name: Clean,
    /// That there is a plain value.
    pub value: Option<Sealed>,
    /// Elsewhere.
    pub value_from: ValueFrom,
}

/// Where a variable's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValueFrom {
    /// A config map.
    pub config_map_key_ref: Option<Reference>,
    /// A Secret.
    pub secret_key_ref: Option<Reference>,
}

/// A whole map as environment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvFrom {
    /// Put before each key.
    pub prefix: Clean,
    /// A config map.
    pub config_map_ref: Option<Reference>,
    /// A Secret.
    pub secret_ref: Option<Reference>,
}

/// An object of the same namespace by name, and the key where one is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// The object.
    pub name: Clean,
    /// The key in it.
    pub key: Clean,
    /// It may be missing.
    pub optional: bool,
}

/// Requests and limits by resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Reserved.
    pub requests: BTreeMap<Clean, Quantity>,
    /// At most.
    pub limits: BTreeMap<Clean, Quantity>,
}

/// A probe.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Probe {
    /// GET.
    pub http_get: Option<HttpProbe>,
    /// Connect.
    pub tcp_socket: Option<TcpProbe>,
    /// The gRPC health service.
    pub grpc: Option<TcpProbe>,
    /// A command.
    pub exec: Option<Exec>,
    /// Seconds before the first.
    pub initial_delay_seconds: i64,
    /// Seconds between two.
    pub period_seconds: Option<i64>,
    /// Seconds for one.
    pub timeout_seconds: Option<i64>,
    /// Failures until it counts.
    pub failure_threshold: Option<i64>,
}

impl Probe {
    /// The port it asks, where it asks one.
    pub fn port(&self) -> Option<&Port> {
        self.http_get.as_ref().map(|h| &h.port).or_else(|| self.tcp_socket.as_ref().or(self.grpc.as_ref()).map(|t| &t.port))
    }
    /// Seconds from the start of a container until a probe that never passes counts as failed.
    pub fn patience(&self) -> i64 {
        self.initial_delay_seconds + self.period_seconds.unwrap_or(10) * self.failure_threshold.unwrap_or(3)
    }
}

/// That a probe runs a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Exec {
    /// Its words.
    pub command: Vec<Clean>,
}

/// A GET.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct HttpProbe {
    /// The path.
    #[serde(default)]
    pub path: Clean,
    /// The port.
    pub port: Port,
    /// `HTTP` or `HTTPS`.
    #[serde(default)]
    pub scheme: Clean,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct TcpProbe {
    /// The port.
    pub port: Port,
}

/// Where a volume is in a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Mount {
    /// The volume.
    pub name: Clean,
    /// The path.
    pub mount_path: Clean,
    /// Only this file or folder of the volume; empty for all of it.
    pub sub_path: Clean,
}

/// Who something runs as.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityContext {
    /// Root is refused.
    pub run_as_non_root: Option<bool>,
    /// The user's number.
    pub run_as_user: Option<i64>,
    /// The root file system can not be written.
    pub read_only_root_filesystem: bool,
    /// All rights on the node.
    pub privileged: bool,
    /// Whether a child may have more rights than its parent; absent means yes.
    pub allow_privilege_escalation: Option<bool>,
    /// Single rights of root.
    pub capabilities: Capabilities,
    /// Which system calls are allowed.
    pub seccomp_profile: Option<Seccomp>,
}

/// Rights that are added and taken away.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    /// Beside the usual ones.
    pub add: Vec<Clean>,
    /// Of the usual ones; `ALL` for all of them.
    pub drop: Vec<Clean>,
}

/// A seccomp profile.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Seccomp {
    /// `RuntimeDefault`, `Localhost`, `Unconfined`.
    #[serde(rename = "type")]
    pub type_: Clean,
}
