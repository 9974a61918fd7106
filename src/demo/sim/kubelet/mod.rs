//! The kubelets: what becomes of a pod that has a node (and, without one, the scheduler's turn). A pod's state is in its
//! status; what a kubelet remembers besides (how often it pulled, since when it waits) is in [`Memory`] and can be
//! guessed again from the status.
mod config;
mod container;
mod image;
mod log;
mod probe;
mod program;
mod script;
mod status;

use super::events::{From, Note};
use super::index::over;
use super::json::{View, later, seconds};
use super::scheduler;
use super::world::{Due, World};
use crate::demo::store::Key;
use crate::model::Timestamp;
use container::{Context, State};
pub use log::beat;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A container that is told to stop takes so long (in seconds).
const STOPPING: i64 = 1;
/// A volume that cannot be mounted is tried again this often (in seconds) …
const MOUNT_AGAIN: i64 = 120;
/// … in which a real kubelet would have tried and said it so many times.
const MOUNT_TRIES: i64 = 1;

/// What a kubelet remembers of a pod.
#[derive(Debug, Default)]
pub struct Memory {
    /// When its containers were told to stop.
    killing: Option<Timestamp>,
    /// When a failed mount was last said.
    mount_said: Option<Timestamp>,
    containers: BTreeMap<String, container::Memory>,
}

/// Moves a pod on as far as it goes now.
pub fn reconcile(w: &mut World, key: &Key, pod: &Value) -> Option<Due> {
    if pod.has("/metadata/deletionTimestamp") {
        return stop(w, key, pod);
    }
    if over(pod) {
        return None;
    }
    if pod.text("/spec/nodeName").is_empty() {
        return scheduler::schedule(w, key, pod);
    }
    run(w, key, pod)
}

/// Forgets a pod that is gone.
pub fn forget(w: &mut World, key: &Key, uid: &str) {
    w.kubelets.remove(uid);
    w.talkers.remove(key);
    w.store.drop_logs(&key.namespace, &key.name);
}

/// Learns a pod that ran before the simulation did.
pub fn learn(w: &mut World, key: &Key, pod: &Value) {
    if !over(pod) && pod.list("/spec/containers").iter().any(|c| program::talks(c.text("/image"))) {
        w.talkers.insert(key.clone());
    }
}

fn memory<'a>(w: &'a mut World, pod: &Value) -> &'a mut Memory {
    w.kubelets.entry(pod.text("/metadata/uid").to_owned()).or_default()
}

fn run(w: &mut World, key: &Key, pod: &Value) -> Option<Due> {
    let node = pod.text("/spec/nodeName").to_owned();
    let mut sheet = status::Sheet::read(w, key, pod);
    let due = if let Some(problem) = config::volumes(w, key, pod) {
        let clock = w.clock;
        let said = memory(w, pod).mount_said;
        if said.is_none_or(|s| later(s, MOUNT_AGAIN) <= clock) {
            memory(w, pod).mount_said = Some(clock);
            let times = if said.is_some() { MOUNT_TRIES } else { 1 };
            w.event(pod, &Note::warning(From::Kubelet(&node), "FailedMount", problem).times(times));
        }
        let said = memory(w, pod).mount_said.unwrap_or(clock);
        Due::steady(later(said, MOUNT_AGAIN))
    } else {
        containers(w, key, pod, &mut sheet)
    };
    let now = sheet.render(w, pod);
    if now != *pod.at("/status") {
        w.set_status(key, now);
    }
    learn(w, key, pod);
    due
}

/// Init containers one after the other, then all others.
fn containers(w: &mut World, key: &Key, pod: &Value, sheet: &mut status::Sheet) -> Option<Due> {
    let ip = sheet.address(w, pod);
    let mut due = None;
    let specs = |list: &str| pod.list(list).to_vec();
    for (spec, run) in specs("/spec/initContainers").iter().zip(&mut sheet.init) {
        let mut context = Context { w, key, pod, spec, ip: &ip, init: true };
        due = Due::sooner(due, container::advance(&mut context, run));
        let passed = match &run.state {
            State::Ended(end) => end.code == 0,
            State::Running { .. } => run.sidecar && run.started,
            State::Waiting { .. } => false,
        };
        if !passed {
            return due;
        }
    }
    for (spec, run) in specs("/spec/containers").iter().zip(&mut sheet.main) {
        let mut context = Context { w, key, pod, spec, ip: &ip, init: false };
        due = Due::sooner(due, container::advance(&mut context, run));
    }
    due
}

/// Tells the containers to stop, then lets the pod go.
fn stop(w: &mut World, key: &Key, pod: &Value) -> Option<Due> {
    let node = pod.text("/spec/nodeName").to_owned();
    let held = !pod.list("/metadata/finalizers").is_empty();
    if !node.is_empty() && !over(pod) && pod.int_or("/metadata/deletionGracePeriodSeconds", 30) > 0 {
        let clock = w.clock;
        let first = memory(w, pod).killing.is_none();
        let since = *memory(w, pod).killing.get_or_insert(clock);
        if first {
            for status in pod.list("/status/containerStatuses").iter().filter(|c| c.has("/state/running")) {
                let name = status.text("/name");
                let note = Note::normal(From::Kubelet(&node), "Killing", format!("Stopping container {name}"));
                w.event(pod, &note.field(format!("spec.containers{{{name}}}")));
            }
        }
        if later(since, STOPPING) > w.clock {
            return Due::progress(later(since, STOPPING));
        }
    }
    if !held {
        w.remove(key);
        return None;
    }
    if !over(pod) && !node.is_empty() {
        let now = seconds(w.stamp);
        w.edit(key, |p| {
            p.set("/status/phase", json!("Failed"));
            for c in p.items("/status/containerStatuses").into_iter().flatten().filter(|c| c.has("/state/running")) {
                let started = c.at("/state/running/startedAt").clone();
                c.set("/state", json!({"terminated": {"exitCode": 137, "reason": "Error", "startedAt": started, "finishedAt": now}}));
                c.set("/ready", json!(false));
                c.set("/started", json!(false));
            }
        });
    }
    None
}
