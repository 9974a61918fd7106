//! The cluster as the table shows it and the rules ask it: projections with interned strings, never whole objects.
//!
//! Live watches, one-shot lists and dumps all end here. Secrets are names, types and ages; there is no field that
//! could hold a value of one.
pub mod builder;
pub mod cache;
mod column;
pub mod config;
pub mod control;
pub mod event;
pub mod meta;
pub mod network;
pub mod node;
pub mod pod;
pub mod rbac;
pub mod read;
pub mod selector;
pub mod storage;
pub mod tally;
pub mod template;
pub mod usage;
pub mod wire;
pub mod workload;

pub use builder::{Builder, Projected, Took, Wanted};
pub use cache::Cache;
pub use config::{ConfigMap, LimitRange, PriorityClass, ResourceQuota, Secret, ServiceAccount};
pub use control::{ApiService, HorizontalPodAutoscaler, PodDisruptionBudget, WebhookConfiguration};
pub use event::Event;
pub use meta::Meta;
pub use network::{EndpointSlice, Ingress, IngressClass, NetworkPolicy, Service};
pub use node::Node;
pub use pod::Pod;
pub use rbac::{Binding, Role};
pub use storage::{PersistentVolume, PersistentVolumeClaim, StorageClass};
pub use tally::Tallies;
pub use usage::{Usage, Usages};
pub use workload::{CronJob, DaemonSet, Deployment, Job, Namespace, ReplicaSet, StatefulSet};

use super::{Interner, Timestamp, Trouble};
use crate::text::{Clean, Prepared};
use std::collections::BTreeMap;
use template::Templates;

/// How looking at one kind went.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Coverage {
    /// Not asked, or not answered yet: nothing may be said to be missing.
    #[default]
    NotLooked,
    /// All of it is here; what is absent does not exist.
    Whole,
    /// Some of it is here; the sentence says what was left out.
    Cut(Clean),
    /// 403.
    Denied(Trouble),
    /// Could not look.
    Failed(Trouble),
}

/// The objects of one kind and how looking at them went.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// What was seen.
    pub items: Vec<T>,
    /// Whether that is all.
    pub coverage: Coverage,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), coverage: Coverage::NotLooked }
    }
}

/// A container's log: cleaned, redacted, cut.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogKey {
    /// The pod's namespace.
    pub namespace: Clean,
    /// The pod.
    pub pod: Clean,
    /// The container.
    pub container: Clean,
    /// Whether it is the log before the last restart.
    pub previous: bool,
}

impl LogKey {
    /// The log of a pod's container.
    pub fn of(pod: &Pod, container: &Clean, previous: bool) -> Self {
        Self { namespace: pod.meta.namespace.clone(), pod: pod.meta.name.clone(), container: container.clone(), previous }
    }
}

/// The table of kinds: the fields of [`Snapshot`], [`KINDS`], and what goes between them.
macro_rules! kinds {
    ($($field:ident: $type:ty = $kind:literal, $resource:literal, $group:literal, $version:literal, $namespaced:literal, $metadata:literal;)*) => {
        /// Everything the rules look at, at one instant.
        #[derive(Clone, Debug)]
        pub struct Snapshot {
            /// "Now" for every age and grace period.
            pub now: Timestamp,
            /// The namespaces that were asked for; empty means all.
            pub namespaces: Vec<Clean>,
            $(#[doc = concat!("Every ", $kind, " that was seen.")] pub $field: Listed<$type>,)*
            /// Logs that were read: of suspects only.
            pub logs: BTreeMap<LogKey, Prepared>,
            /// What pods use; looked at only when somebody asks what is wasted.
            pub usage: Usages,
            /// How often events happened lately, where a watch saw them.
            pub tallies: Tallies,
        }

        /// Every kind that the rules want.
        pub const KINDS: &[Wanted] = &[$(Wanted {
            group: $group,
            version: $version,
            resource: $resource,
            kind: $kind,
            namespaced: $namespaced,
            metadata_only: $metadata,
            dispensable: $metadata,
        },)*];

        impl Snapshot {
            /// An empty snapshot at `now`: nothing was looked at.
            pub fn new(now: Timestamp) -> Self {
                Self { now, namespaces: Vec::new(), $($field: Listed::default(),)* logs: BTreeMap::new(), usage: Usages::default(), tallies: Tallies::default() }
            }
            /// How looking at a kind went, by kind or resource.
            pub fn coverage(&self, kind: &str) -> &Coverage {
                match kind {
                    $($kind | $resource => &self.$field.coverage,)*
                    _ => &Coverage::NotLooked,
                }
            }
            pub(super) fn coverage_mut(&mut self, kind: &str) -> Option<&mut Coverage> {
                match kind {
                    $($kind | $resource => Some(&mut self.$field.coverage),)*
                    _ => None,
                }
            }
            fn take(&mut self, kind: &str, object: &serde_json::Value, pool: &mut Interner, templates: &mut Templates) -> Result<(), serde_json::Error> {
                match kind {
                    $($kind => self.$field.items.push(<$type as Projected>::read(object, pool, templates)?),)*
                    _ => {}
                }
                Ok(())
            }
            fn upsert(
                &mut self,
                kind: &str,
                object: &serde_json::Value,
                pool: &mut Interner,
                templates: &mut Templates,
                places: &mut cache::Places,
            ) -> Result<bool, serde_json::Error> {
                match kind {
                    $($kind => Ok(cache::put(&mut self.$field.items, places, <$type as Projected>::read(object, pool, templates)?)),)*
                    _ => Ok(false),
                }
            }
            fn remove(&mut self, kind: &str, uid: &Clean, places: &mut cache::Places) -> bool {
                match kind {
                    $($kind => cache::remove(&mut self.$field.items, places, uid),)*
                    _ => false,
                }
            }
            fn relisted(&mut self, kind: &str, places: &mut cache::Places) -> bool {
                match kind {
                    $($kind => cache::relisted(&mut self.$field.items, places),)*
                    _ => false,
                }
            }
            /// Forgets what is in namespaces that must not be looked into: their objects, and those themselves.
            pub fn hide(&mut self, namespaces: &[String]) {
                let hidden = |m: &Meta, kind: &str| {
                    let own = if kind == "Namespace" { &m.name } else { &m.namespace };
                    namespaces.iter().any(|n| n == own.as_str())
                };
                $(self.$field.items.retain(|o| !hidden(&o.meta, $kind));)*
                self.usage.items.retain(|u| !hidden(&u.meta, "PodMetrics"));
                self.logs.retain(|k, _| !namespaces.iter().any(|n| n == k.namespace.as_str()));
            }
            /// The identity of the object of a kind at an index.
            pub fn meta(&self, kind: &str, at: usize) -> Option<&Meta> {
                match kind {
                    $($kind => self.$field.items.get(at).map(|o| &o.meta),)*
                    _ => None,
                }
            }
            /// How many objects of a kind were seen.
            pub fn count(&self, kind: &str) -> usize {
                match kind {
                    $($kind => self.$field.items.len(),)*
                    _ => 0,
                }
            }
            /// Identities of all objects of a kind.
            pub fn metas<'a>(&'a self, kind: &str) -> Box<dyn Iterator<Item = &'a Meta> + 'a> {
                match kind {
                    $($kind => Box::new(self.$field.items.iter().map(|o| &o.meta)),)*
                    _ => Box::new(std::iter::empty()),
                }
            }
        }
    };
}

kinds! {
    pods: Pod = "Pod", "pods", "", "v1", true, false;
    events: Event = "Event", "events", "", "v1", true, false;
    nodes: Node = "Node", "nodes", "", "v1", false, false;
    all_namespaces: Namespace = "Namespace", "namespaces", "", "v1", false, false;
    services: Service = "Service", "services", "", "v1", true, false;
    endpoint_slices: EndpointSlice = "EndpointSlice", "endpointslices", "discovery.k8s.io", "v1", true, false;
    config_maps: ConfigMap = "ConfigMap", "configmaps", "", "v1", true, false;
    secrets: Secret = "Secret", "secrets", "", "v1", true, true;
    service_accounts: ServiceAccount = "ServiceAccount", "serviceaccounts", "", "v1", true, false;
    claims: PersistentVolumeClaim = "PersistentVolumeClaim", "persistentvolumeclaims", "", "v1", true, false;
    volumes: PersistentVolume = "PersistentVolume", "persistentvolumes", "", "v1", false, false;
    storage_classes: StorageClass = "StorageClass", "storageclasses", "storage.k8s.io", "v1", false, false;
    deployments: Deployment = "Deployment", "deployments", "apps", "v1", true, false;
    replica_sets: ReplicaSet = "ReplicaSet", "replicasets", "apps", "v1", true, false;
    stateful_sets: StatefulSet = "StatefulSet", "statefulsets", "apps", "v1", true, false;
    daemon_sets: DaemonSet = "DaemonSet", "daemonsets", "apps", "v1", true, false;
    jobs: Job = "Job", "jobs", "batch", "v1", true, false;
    cron_jobs: CronJob = "CronJob", "cronjobs", "batch", "v1", true, false;
    ingresses: Ingress = "Ingress", "ingresses", "networking.k8s.io", "v1", true, false;
    ingress_classes: IngressClass = "IngressClass", "ingressclasses", "networking.k8s.io", "v1", false, false;
    network_policies: NetworkPolicy = "NetworkPolicy", "networkpolicies", "networking.k8s.io", "v1", true, false;
    autoscalers: HorizontalPodAutoscaler = "HorizontalPodAutoscaler", "horizontalpodautoscalers", "autoscaling", "v2", true, false;
    budgets: PodDisruptionBudget = "PodDisruptionBudget", "poddisruptionbudgets", "policy", "v1", true, false;
    quotas: ResourceQuota = "ResourceQuota", "resourcequotas", "", "v1", true, false;
    limit_ranges: LimitRange = "LimitRange", "limitranges", "", "v1", true, false;
    priority_classes: PriorityClass = "PriorityClass", "priorityclasses", "scheduling.k8s.io", "v1", false, false;
    validating: WebhookConfiguration = "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "admissionregistration.k8s.io", "v1", false, false;
    mutating: WebhookConfiguration = "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "admissionregistration.k8s.io", "v1", false, false;
    api_services: ApiService = "APIService", "apiservices", "apiregistration.k8s.io", "v1", false, false;
    roles: Role = "Role", "roles", "rbac.authorization.k8s.io", "v1", true, false;
    cluster_roles: Role = "ClusterRole", "clusterroles", "rbac.authorization.k8s.io", "v1", false, false;
    role_bindings: Binding = "RoleBinding", "rolebindings", "rbac.authorization.k8s.io", "v1", true, false;
    cluster_role_bindings: Binding = "ClusterRoleBinding", "clusterrolebindings", "rbac.authorization.k8s.io", "v1", false, false;
}

/// The wanted kind that a word names: `Pod` or `pods`.
pub fn wanted(kind: &str) -> Option<&'static Wanted> {
    KINDS.iter().find(|w| w.kind == kind || w.resource == kind)
}

/// Kinds whose structs are read straight off the wire, with their identity beside.
macro_rules! plain {
    ($($type:ty),* $(,)?) => {
        $(impl Projected for $type {
            fn read(object: &serde_json::Value, pool: &mut Interner, _: &mut Templates) -> Result<Self, serde_json::Error> {
                let (mut read, meta) = builder::read_plain::<Self>(object, pool)?;
                read.meta = meta;
                Ok(read)
            }
        })*
        cache::held!($($type),*);
    };
}

plain!(
    Node,
    Namespace,
    Service,
    EndpointSlice,
    ConfigMap,
    Secret,
    ServiceAccount,
    PersistentVolumeClaim,
    PersistentVolume,
    StorageClass,
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Ingress,
    IngressClass,
    NetworkPolicy,
    HorizontalPodAutoscaler,
    PodDisruptionBudget,
    ResourceQuota,
    LimitRange,
    PriorityClass,
    WebhookConfiguration,
    ApiService,
    Role,
    Binding,
);

impl Snapshot {
    /// Whether what is absent of a kind in a namespace (empty for cluster-scoped kinds) is known not to exist.
    pub fn knows_all(&self, kind: &str, namespace: &str) -> bool {
        *self.coverage(kind) == Coverage::Whole
            && (namespace.is_empty() || self.namespaces.is_empty() || self.namespaces.iter().any(|n| n.as_str() == namespace))
    }
}
