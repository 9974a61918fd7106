//! What the pods of one template share: containers, references, probes, bounds, placement. Held once for all of them.
//!
//! What differs between siblings (the token volume's name, claims of a stateful set, the node a daemon pod is pinned to)
//! is left out, so that siblings compare equal. Values of environment variables are never kept.
pub mod container;
pub mod placement;
pub mod volume;

pub use container::*;
pub use placement::*;
pub use volume::*;

use super::read::Map;
use super::wire;
use crate::text::Clean;
use serde::Deserialize;
use std::collections::HashSet;
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
