//! A pod as a row and as the rules ask it.
use super::column::column;
use super::read::Condition;
use super::{Meta, wire};
use crate::model::{Interner, Timestamp};
use crate::text::Clean;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::sync::Arc;

pub use super::template::{ContainerSpec, PodTemplate, Templates};

/// One run of a container that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Exit code.
    pub exit_code: i32,
    /// The signal that ended it; 0 when none did.
    pub signal: i32,
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
    Ended(Box<Ended>),
}

/// A container's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    /// The container.
    pub name: Clean,
    /// Passes its readiness probe.
    pub ready: bool,
    /// Passed its startup probe, where the kubelet said so.
    pub started: Option<bool>,
    /// Restarts.
    pub restarts: u32,
    /// Now.
    pub now: Now,
    /// The run before.
    pub last: Option<Box<Ended>>,
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
    /// kubectl's STATUS column.
    pub status: Clean,
    /// When the kubelet accepted it.
    pub started: Option<Timestamp>,
    /// Claims it mounts.
    pub claims: Vec<Clean>,
    /// Conditions that are not `True`, and those that say why a pod is ended; a healthy pod has none.
    pub conditions: Vec<Condition>,
    /// Main containers.
    pub containers: Vec<ContainerState>,
    /// Init containers.
    pub init_containers: Vec<ContainerState>,
    ready: (u16, u16),
    restarts: (u32, Option<Timestamp>),
}

impl Pod {
    /// The projection of a pod.
    pub fn project(meta: &ObjectMeta, spec: &wire::PodSpec, status: &wire::PodStatus, pool: &mut Interner, templates: &mut Templates) -> Self {
        let text = |pool: &mut Interner, s: &Option<String>| pool.get(s.as_deref().unwrap_or_default());
        let states = |pool: &mut Interner, list: &[wire::ContainerStatus]| list.iter().map(|c| container(c, pool)).collect();
        let column = column(meta, spec, status);
        let condition = |c: &Condition| Condition {
            type_: pool.get(&c.type_),
            status: pool.get(&c.status),
            reason: pool.get(&c.reason),
            message: pool.get(&c.message),
            last_transition_time: c.last_transition_time,
            last_heartbeat_time: None,
        };
        let told = |c: &&Condition| c.status.as_str() != "True" || !is_usual(&c.type_);
        let conditions = status.conditions.iter().filter(told).map(condition).collect();
        Self {
            meta: Meta::project(meta, pool),
            template: templates.get(PodTemplate::project(spec)),
            node: text(pool, &spec.node_name),
            ip: Clean::line(status.pod_ip.as_deref().unwrap_or_default()),
            phase: text(pool, &status.phase),
            reason: text(pool, &status.reason),
            message: text(pool, &status.message),
            status: pool.get(&column.status),
            started: status.start_time,
            claims: super::template::claims(spec),
            conditions,
            containers: states(pool, &status.container_statuses),
            init_containers: states(pool, &status.init_container_statuses),
            ready: column.ready,
            restarts: column.restarts,
        }
    }

    /// Ready containers and all of them, as in kubectl's READY column: native sidecars count, other init containers do not.
    pub fn ready(&self) -> (usize, usize) {
        (self.ready.0.into(), self.ready.1.into())
    }

    /// Restarts as in kubectl's RESTARTS column, and when the last run ended.
    pub fn restarts(&self) -> (u32, Option<Timestamp>) {
        self.restarts
    }

    /// kubectl's STATUS column: `Running`, `CrashLoopBackOff`, `Init:1/2`, `Terminating`, …
    pub fn status(&self) -> Clean {
        self.status.clone()
    }

    /// Whether a person should look: the status is no steady, healthy one and no way out.
    pub fn is_troubled(&self) -> bool {
        match self.status.as_str() {
            "Completed" | "Succeeded" | "Terminating" => false,
            "Running" => self.ready.0 < self.ready.1,
            _ => true,
        }
    }

    /// A condition, where it is kept.
    pub fn condition(&self, type_: &str) -> Option<&Condition> {
        super::read::condition(&self.conditions, type_)
    }
}

/// Conditions that every healthy pod has as `True`.
fn is_usual(type_: &str) -> bool {
    matches!(type_, "Initialized" | "Ready" | "ContainersReady" | "PodScheduled" | "PodReadyToStartContainers")
}

fn container(c: &wire::ContainerStatus, pool: &mut Interner) -> ContainerState {
    ContainerState {
        name: pool.get(&c.name),
        ready: c.ready,
        started: c.started,
        restarts: u32::try_from(c.restart_count).unwrap_or(0),
        now: match (&c.state.running, &c.state.terminated, &c.state.waiting) {
            (Some(r), _, _) => Now::Running { since: r.started_at },
            (_, Some(t), _) => Now::Ended(Box::new(ended(t, pool))),
            (_, _, w) => {
                let w = w.clone().unwrap_or_default();
                Now::Waiting { reason: pool.get(w.reason.as_deref().unwrap_or_default()), message: Clean::line(w.message.as_deref().unwrap_or_default()) }
            }
        },
        last: c.last_state.terminated.as_ref().map(|t| Box::new(ended(t, pool))),
    }
}

fn ended(t: &wire::Terminated, pool: &mut Interner) -> Ended {
    Ended {
        exit_code: t.exit_code,
        signal: t.signal.unwrap_or(0),
        reason: pool.get(t.reason.as_deref().unwrap_or_default()),
        message: Clean::block(t.message.as_deref().unwrap_or_default()),
        started: t.started_at,
        finished: t.finished_at,
    }
}
