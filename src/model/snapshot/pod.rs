//! A pod as a row and as the rules ask it.
use super::{Meta, wire};
use crate::model::{Interner, Timestamp};
use crate::text::Clean;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::sync::Arc;

/// What pods of one template share; held once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct PodTemplate {
    /// Main containers, in order.
    pub containers: Vec<ContainerSpec>,
    /// Init containers, in order.
    pub init_containers: Vec<ContainerSpec>,
}

/// A container of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct ContainerSpec {
    /// Its name.
    pub name: Clean,
    /// Its image.
    pub image: Clean,
    /// An init container that keeps running.
    pub sidecar: bool,
}

/// One run of a container that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Exit code.
    pub exit_code: i32,
    /// `Error`, `OOMKilled`, …
    pub reason: Clean,
    /// The runtime's or the program's last words.
    pub message: Clean,
    /// Start of the run.
    pub started: Option<Timestamp>,
    /// Its end.
    pub finished: Option<Timestamp>,
}

/// What a container does now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Now {
    /// Not started.
    Waiting {
        /// `CrashLoopBackOff`, …
        reason: Clean,
        /// Its sentence.
        message: Clean,
    },
    /// Running.
    Running {
        /// Since when.
        since: Option<Timestamp>,
    },
    /// Ended.
    Ended(Ended),
}

/// A container's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    /// The container.
    pub name: Clean,
    /// Passes its readiness probe.
    pub ready: bool,
    /// Restarts.
    pub restarts: u32,
    /// Now.
    pub now: Now,
    /// The run before.
    pub last: Option<Ended>,
}

/// A pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Identity.
    pub meta: Meta,
    /// Shared with its siblings.
    pub template: Arc<PodTemplate>,
    /// Its node; empty while unscheduled.
    pub node: Clean,
    /// Its address; empty while it has none.
    pub ip: Clean,
    /// `Pending`, `Running`, …
    pub phase: Clean,
    /// `status.reason`.
    pub reason: Clean,
    /// `status.message`.
    pub message: Clean,
    /// Main containers.
    pub containers: Vec<ContainerState>,
    /// Init containers.
    pub init_containers: Vec<ContainerState>,
}

/// Templates seen, each held once.
#[derive(Debug, Default)]
pub struct Templates(std::collections::HashSet<Arc<PodTemplate>>);

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

impl Pod {
    /// The projection of a pod.
    pub fn project(meta: &ObjectMeta, spec: &wire::PodSpec, status: &wire::PodStatus, pool: &mut Interner, templates: &mut Templates) -> Self {
        let text = |pool: &mut Interner, s: &Option<String>| pool.get(s.as_deref().unwrap_or_default());
        let specs = |pool: &mut Interner, list: &[wire::Container]| {
            list.iter()
                .map(|c| ContainerSpec { name: pool.get(&c.name), image: text(pool, &c.image), sidecar: c.restart_policy.as_deref() == Some("Always") })
                .collect()
        };
        let template = PodTemplate { containers: specs(pool, &spec.containers), init_containers: specs(pool, &spec.init_containers) };
        let states = |pool: &mut Interner, list: &[wire::ContainerStatus]| list.iter().map(|c| container(c, pool)).collect();
        Self {
            meta: Meta::project(meta, pool),
            template: templates.get(template),
            node: text(pool, &spec.node_name),
            ip: Clean::line(status.pod_ip.as_deref().unwrap_or_default()),
            phase: text(pool, &status.phase),
            reason: text(pool, &status.reason),
            message: text(pool, &status.message),
            containers: states(pool, &status.container_statuses),
            init_containers: states(pool, &status.init_container_statuses),
        }
    }

    /// Ready main containers and all main containers, as in kubectl's READY column.
    pub fn ready(&self) -> (usize, usize) {
        (self.containers.iter().filter(|c| c.ready).count(), self.template.containers.len())
    }

    /// The sum of restarts, and when the last run ended.
    pub fn restarts(&self) -> (u32, Option<Timestamp>) {
        let all = self.containers.iter().chain(&self.init_containers);
        (all.clone().map(|c| c.restarts).sum(), all.filter_map(|c| c.last.as_ref().and_then(|l| l.finished)).max())
    }

    /// kubectl's STATUS column: `Running`, `CrashLoopBackOff`, `Init:1/2`, `Terminating`, …
    pub fn status(&self) -> Clean {
        self.phase.clone()
    }

    /// Whether a person should look: the status is no steady, healthy one.
    pub fn is_troubled(&self) -> bool {
        let (ready, all) = self.ready();
        self.phase.as_str() != "Succeeded" && ready < all
    }
}

fn container(c: &wire::ContainerStatus, pool: &mut Interner) -> ContainerState {
    ContainerState {
        name: pool.get(&c.name),
        ready: c.ready,
        restarts: u32::try_from(c.restart_count).unwrap_or(0),
        now: match (&c.state.running, &c.state.terminated, &c.state.waiting) {
            (Some(r), _, _) => Now::Running { since: r.started_at },
            (_, Some(t), _) => Now::Ended(ended(t, pool)),
            (_, _, w) => {
                let w = w.clone().unwrap_or_default();
                Now::Waiting {
                    reason: pool.get(w.reason.as_deref().unwrap_or("ContainerCreating")),
                    message: Clean::line(w.message.as_deref().unwrap_or_default()),
                }
            }
        },
        last: c.last_state.terminated.as_ref().map(|t| ended(t, pool)),
    }
}

fn ended(t: &wire::Terminated, pool: &mut Interner) -> Ended {
    Ended {
        exit_code: t.exit_code,
        reason: pool.get(t.reason.as_deref().unwrap_or_default()),
        message: Clean::block(t.message.as_deref().unwrap_or_default()),
        started: t.started_at,
        finished: t.finished_at,
    }
}
