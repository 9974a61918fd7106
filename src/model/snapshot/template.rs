//! What the pods of one template share: containers, references, probes, bounds, placement. Held once for all of them.
//!
//! What differs between siblings (the token volume's name, claims of a stateful set, the node a daemon pod is pinned to)
//! is left out, so that siblings compare equal. Values of environment variables are never kept.
use super::read::{Map, Port, Quantity, Sealed};
use super::selector::{Expression, Selector};
use super::wire;
use crate::text::Clean;
use serde::Deserialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What pods of one template share; held once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct PodTemplate {
    /// Main containers, in order.
    pub containers: Vec<ContainerSpec>,
    /// Init containers, in order.
    pub init_containers: Vec<ContainerSpec>,
    /// Volumes, less claims and tokens.
    pub volumes: Vec<Volume>,
    /// Labels that its node must have.
    pub node_selector: Map,
    /// Taints it stands.
    pub tolerations: Vec<Toleration>,
    /// Where it wants to be.
    pub affinity: Affinity,
    /// How its siblings are spread.
    pub spread: Vec<Spread>,
    /// Who places it; empty means the default scheduler.
    pub scheduler: Clean,
    /// As whom it speaks to the API.
    pub service_account: Clean,
    /// Its priority class.
    pub priority_class: Clean,
    /// Who it runs as.
    pub security: SecurityContext,
    /// Secrets for the registry.
    pub pull_secrets: Vec<Reference>,
    /// On the node's network.
    pub host_network: bool,
    /// Among the node's processes, or with its shared memory.
    pub host_processes: bool,
    /// Whether it is given a token for the API, where it says so itself.
    pub mounts_token: Option<bool>,
    /// Who runs its containers, where it is not the usual runtime.
    pub runtime_class: Clean,
    /// `Always`, `OnFailure`, `Never`.
    pub restart_policy: Clean,
    /// When the kubelet stops it.
    pub active_deadline: Option<i64>,
    /// How long it may take to end, in seconds.
    pub grace: i64,
    /// What holds the scheduler back.
    pub gates: Vec<Reference>,
    /// Conditions that others must set.
    pub readiness_gates: Vec<ReadinessGate>,
}

/// A template with the labels of its pods, as workloads hold it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "wire::PodTemplateSpec")]
pub struct Template {
    /// Labels of its pods.
    pub labels: Vec<(Clean, Clean)>,
    /// The pod.
    pub pod: PodTemplate,
    /// Claims it names.
    pub claims: Vec<Clean>,
}

impl From<wire::PodTemplateSpec> for Template {
    fn from(wire: wire::PodTemplateSpec) -> Self {
        Self { labels: super::workload::pairs(&wire.metadata.labels), claims: claims(&wire.spec), pod: PodTemplate::project(&wire.spec) }
    }
}

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

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Volume {
    /// Its name.
    pub name: Clean,
    /// A config map.
    pub config_map: Option<MapVolume>,
    /// A Secret.
    pub secret: Option<SecretVolume>,
    /// A claim.
    pub persistent_volume_claim: Option<ClaimVolume>,
    /// Several sources in one.
    pub projected: Option<Projected>,
    /// Scratch space.
    pub empty_dir: Option<EmptyDir>,
    /// A path of the node.
    pub host_path: Option<HostPath>,
    /// A driver's own.
    pub csi: Option<Csi>,
}

/// A volume that a driver makes for the pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Csi {
    /// The driver.
    pub driver: Clean,
}

/// A config map as files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct MapVolume {
    /// The config map.
    pub name: Clean,
    /// Only these keys.
    pub items: Vec<Reference>,
    /// It may be missing.
    pub optional: bool,
}

/// A Secret as files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretVolume {
    /// The Secret.
    pub secret_name: Clean,
    /// It may be missing.
    pub optional: bool,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimVolume {
    /// The claim.
    pub claim_name: Clean,
}

/// Several sources in one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Projected {
    /// The sources.
    pub sources: Vec<ProjectedSource>,
}

/// A source of a projected volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectedSource {
    /// A config map.
    pub config_map: Option<MapVolume>,
    /// A Secret.
    pub secret: Option<Reference>,
}

/// Scratch space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmptyDir {
    /// `Memory`, or the node's disk.
    pub medium: Clean,
    /// Its bound.
    pub size_limit: Option<Quantity>,
}

/// A path of the node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct HostPath {
    /// The path.
    pub path: Clean,
}

/// A taint that is stood.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Toleration {
    /// Empty means every key.
    pub key: Clean,
    /// `Exists` or `Equal` (the default).
    pub operator: Clean,
    /// The value.
    pub value: Clean,
    /// Empty means every effect.
    pub effect: Clean,
}

impl Toleration {
    /// Whether it stands a taint.
    pub fn stands(&self, taint: &super::node::Taint) -> bool {
        let exists = self.operator.as_str() == "Exists";
        (self.key.is_empty() && exists || self.key == taint.key)
            && (exists || self.value == taint.value)
            && (self.effect.is_empty() || self.effect == taint.effect)
    }
}

/// Where a pod wants to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Affinity {
    /// To nodes.
    pub node_affinity: NodeAffinity,
    /// To pods.
    pub pod_affinity: PodAffinity,
    /// Away from pods.
    pub pod_anti_affinity: PodAffinity,
}

/// The hard part of node affinity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct NodeAffinity {
    /// What must hold.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub required: NodeTerms,
}

/// One of these must hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeTerms {
    /// The alternatives.
    pub node_selector_terms: Vec<NodeTerm>,
}

/// All of these must hold. Terms over fields (a daemon pod's node) are not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeTerm {
    /// Over labels.
    pub match_expressions: Vec<Expression>,
}

/// The hard part of pod affinity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct PodAffinity {
    /// What must hold.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub required: Vec<PodTerm>,
}

/// Near or away from pods.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodTerm {
    /// Which pods.
    pub label_selector: Selector,
    /// The label that says what "near" is.
    pub topology_key: Clean,
}

/// A spread constraint.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spread {
    /// The label of the domains.
    pub topology_key: Clean,
    /// The difference that is allowed.
    pub max_skew: i32,
    /// `DoNotSchedule` or `ScheduleAnyway`.
    pub when_unsatisfiable: Clean,
}

/// A condition that others must set.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadinessGate {
    /// Its type.
    pub condition_type: Clean,
}

/// The claims that a pod names: of its own, not of its template.
pub fn claims(spec: &wire::PodSpec) -> Vec<Clean> {
    spec.volumes.iter().filter_map(|v| v.persistent_volume_claim.as_ref()).map(|c| c.claim_name.clone()).collect()
}

/// The volume that the API server adds to each pod, with another name in each.
fn is_token(volume: &Volume) -> bool {
    volume.name.starts_with("kube-api-access-")
}

impl PodTemplate {
    /// What a pod's spec shares with its siblings.
    pub fn project(spec: &wire::PodSpec) -> Self {
        let containers = |list: &[ContainerSpec]| {
            let mut list = list.to_vec();
            for c in &mut list {
                c.volume_mounts.retain(|m| !m.name.starts_with("kube-api-access-"));
            }
            list
        };
        let mut affinity = spec.affinity.clone();
        affinity.node_affinity.required.node_selector_terms.retain(|t| !t.match_expressions.is_empty());
        Self {
            containers: containers(&spec.containers),
            init_containers: containers(&spec.init_containers),
            volumes: spec.volumes.iter().filter(|v| v.persistent_volume_claim.is_none() && !is_token(v)).cloned().collect(),
            node_selector: spec.node_selector.clone(),
            tolerations: spec.tolerations.clone(),
            affinity,
            spread: spec.topology_spread_constraints.clone(),
            scheduler: spec.scheduler_name.clone(),
            service_account: spec.service_account_name.clone(),
            priority_class: spec.priority_class_name.clone(),
            security: spec.security_context.clone(),
            pull_secrets: spec.image_pull_secrets.clone(),
            host_network: spec.host_network,
            host_processes: spec.host_pid || spec.host_ipc,
            mounts_token: spec.automount_service_account_token,
            runtime_class: spec.runtime_class_name.clone(),
            restart_policy: spec.restart_policy.clone(),
            active_deadline: spec.active_deadline_seconds,
            grace: spec.termination_grace_period_seconds.unwrap_or(30),
            gates: spec.scheduling_gates.clone(),
            readiness_gates: spec.readiness_gates.clone(),
        }
    }
    /// Main and init containers.
    pub fn all(&self) -> impl Iterator<Item = &ContainerSpec> {
        self.init_containers.iter().chain(&self.containers)
    }
    /// A container by name.
    pub fn container(&self, name: &str) -> Option<&ContainerSpec> {
        self.all().find(|c| c.name.as_str() == name)
    }
}

/// Templates seen, each held once.
#[derive(Debug, Default)]
pub struct Templates(HashSet<Arc<PodTemplate>>);

impl Templates {
    /// The pooled template equal to `template`.
    pub fn get(&mut self, template: PodTemplate) -> Arc<PodTemplate> {
        if let Some(found) = self.0.get(&template) {
            return found.clone();
        }
        let shared = Arc::new(template);
        self.0.insert(shared.clone());
        shared
    }
    /// Forgets templates that no pod holds any more.
    pub fn sweep(&mut self) {
        self.0.retain(|t| Arc::strong_count(t) > 1);
    }
}
