//! The rules, one file per family. Each is a pure function from the view to drafts; none knows another's conclusions, and
//! [`super::fold`] sorts out which explains which.
pub mod admission;
pub mod bursts;
pub mod cluster;
pub mod crash;
pub mod creating;
pub mod ending;
pub mod files;
pub mod health;
pub mod image;
pub mod ingresses;
pub mod init;
pub mod jobs;
pub mod names;
pub mod nodes;
pub mod pods;
pub mod policies;
pub mod quiet;
pub mod rbac;
pub mod reach;
pub mod resize;
pub mod scaling;
pub mod scheduling;
pub mod services;
pub mod storage;
pub mod told;
pub mod workloads;

use super::draft::Draft;
use super::index;
use super::view::View;
use crate::model::Snapshot;
use std::sync::LazyLock;

/// A rule, or several, over each object of a kind or over what only many together show. When it runs again is not its concern:
/// the view notes what it reads.
pub struct Family {
    /// The number of the kind whose objects it is asked about one by one; none where it is asked once.
    pub kind: Option<usize>,
    /// What it concludes about the object at a place.
    pub run: Box<Run>,
}

/// A rule about the object at a place, whatever its kind.
type Run = dyn Fn(&View<'_>, u32) -> Vec<Draft> + Send + Sync;

fn each<T: 'static, D: IntoIterator<Item = Draft> + 'static>(kind: &str, of: fn(&Snapshot) -> &[T], rule: fn(&View<'_>, &T) -> D) -> Family {
    let run = move |view: &View<'_>, at: u32| view.subject(of, at).map(|o| rule(view, o).into_iter().collect()).unwrap_or_default();
    Family { kind: index::number(kind), run: Box::new(run) }
}

fn once<D: IntoIterator<Item = Draft> + 'static>(rule: fn(&View<'_>) -> D) -> Family {
    Family { kind: None, run: Box::new(move |view, _| rule(view).into_iter().collect()) }
}

/// Every family but that of pods, whose faults are joined over siblings. The order decides between equals.
pub static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    vec![
        each("Pod", |s| &s.pods.items, quiet::pod),
        each("ReplicaSet", |s| &s.replica_sets.items, admission::replica_set),
        each("StatefulSet", |s| &s.stateful_sets.items, admission::stateful_set),
        each("DaemonSet", |s| &s.daemon_sets.items, admission::daemon_set),
        each("Job", |s| &s.jobs.items, admission::job),
        each("CronJob", |s| &s.cron_jobs.items, admission::cron_job),
        each("Deployment", |s| &s.deployments.items, workloads::deployment),
        each("Deployment", |s| &s.deployments.items, workloads::overlaps),
        each("StatefulSet", |s| &s.stateful_sets.items, workloads::stateful),
        each("DaemonSet", |s| &s.daemon_sets.items, workloads::daemon),
        each("Deployment", |s| &s.deployments.items, |v, o| workloads::held(v, "Deployment", &o.meta)),
        each("ReplicaSet", |s| &s.replica_sets.items, |v, o| workloads::held(v, "ReplicaSet", &o.meta)),
        each("StatefulSet", |s| &s.stateful_sets.items, |v, o| workloads::held(v, "StatefulSet", &o.meta)),
        each("DaemonSet", |s| &s.daemon_sets.items, |v, o| workloads::held(v, "DaemonSet", &o.meta)),
        each("Job", |s| &s.jobs.items, |v, o| workloads::held(v, "Job", &o.meta)),
        each("CronJob", |s| &s.cron_jobs.items, |v, o| workloads::held(v, "CronJob", &o.meta)),
        each("Service", |s| &s.services.items, |v, o| workloads::held(v, "Service", &o.meta)),
        each("ConfigMap", |s| &s.config_maps.items, |v, o| workloads::held(v, "ConfigMap", &o.meta)),
        each("Secret", |s| &s.secrets.items, |v, o| workloads::held(v, "Secret", &o.meta)),
        each("Ingress", |s| &s.ingresses.items, |v, o| workloads::held(v, "Ingress", &o.meta)),
        each("PersistentVolumeClaim", |s| &s.claims.items, |v, o| workloads::held(v, "PersistentVolumeClaim", &o.meta)),
        each("PersistentVolume", |s| &s.volumes.items, |v, o| workloads::held(v, "PersistentVolume", &o.meta)),
        each("Job", |s| &s.jobs.items, jobs::job),
        each("Job", |s| &s.jobs.items, jobs::held),
        each("CronJob", |s| &s.cron_jobs.items, jobs::cron),
        each("Service", |s| &s.services.items, services::service),
        each("Ingress", |s| &s.ingresses.items, ingresses::ingress),
        each("Service", |s| &s.services.items, names::external),
        once(names::twice),
        each("Ingress", |s| &s.ingresses.items, names::unpublished),
        each("PersistentVolumeClaim", |s| &s.claims.items, storage::claim),
        each("PersistentVolume", |s| &s.volumes.items, storage::volume),
        once(storage::defaults),
        each("Node", |s| &s.nodes.items, nodes::node),
        once(nodes::skew),
        each("HorizontalPodAutoscaler", |s| &s.autoscalers.items, scaling::scaler),
        once(scaling::twice),
        each("PodDisruptionBudget", |s| &s.budgets.items, scaling::budget),
        once(scaling::overlaps),
        each("ResourceQuota", |s| &s.quotas.items, scaling::quota),
        each("ValidatingWebhookConfiguration", |s| &s.validating.items, cluster::validating),
        each("MutatingWebhookConfiguration", |s| &s.mutating.items, cluster::mutating),
        each("APIService", |s| &s.api_services.items, cluster::api_service),
        each("Namespace", |s| &s.all_namespaces.items, cluster::namespace),
        each("RoleBinding", |s| &s.role_bindings.items, rbac::role_binding),
        each("Event", |s| &s.events.items, bursts::burst),
        each("ClusterRoleBinding", |s| &s.cluster_role_bindings.items, rbac::cluster_role_binding),
    ]
});
