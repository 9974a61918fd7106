//! The scheduler: the node with the most room among those that a pod fits on, or the reasons why it fits on none, in the
//! words of Kubernetes 1.36.
use super::events::{From, Note};
use super::index::requests;
use super::json::{View, later, seconds};
use super::quantity;
use super::volume::claims;
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An unschedulable pod is tried again this often (in seconds) without a reason to.
const AGAIN: i64 = 300;

/// Binds a pod to a node, or writes why it cannot be.
pub fn schedule(w: &mut World, key: &Key, pod: &Value) -> Option<Due> {
    if pod.text("/spec/schedulerName") != "default-scheduler" {
        return None;
    }
    if !pod.list("/spec/schedulingGates").is_empty() {
        condition(w, key, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
        return None;
    }
    let nodes = w.list_all("nodes");
    let refusal = match unbound(w, key, pod, nodes.len()) {
        Some(text) => text,
        None => match choose(w, pod, &nodes) {
            Ok(node) => {
                bind(w, key, pod, &node);
                return None;
            }
            Err(text) => text,
        },
    };
    let note = Note::warning(From::Scheduler, "FailedScheduling", refusal.clone());
    let again = w.last_said(pod, &note).map(|at| later(at, AGAIN)).filter(|at| *at > w.clock);
    if again.is_none() {
        w.event(pod, &note);
    }
    condition(w, key, "Unschedulable", &refusal);
    Due::steady(again.unwrap_or_else(|| later(w.clock, AGAIN)))
}

fn condition(w: &mut World, key: &Key, reason: &str, message: &str) {
    let now = seconds(w.stamp);
    w.edit(key, |p| {
        let since = super::json::condition(p, "PodScheduled").map_or(now, |c| c.at("/lastTransitionTime").clone());
        p.set(
            "/status/conditions",
            json!([{
                "type": "PodScheduled", "status": "False", "reason": reason, "message": message, "observedGeneration": 1,
                "lastProbeTime": null, "lastTransitionTime": since
            }]),
        );
    });
}

fn bind(w: &mut World, key: &Key, pod: &Value, node: &str) {
    let now = seconds(w.stamp);
    w.edit(key, |p| {
        p.set("/spec/nodeName", json!(node));
        p.set(
            "/status/conditions",
            json!([{"type": "PodScheduled", "status": "True", "observedGeneration": 1, "lastProbeTime": null, "lastTransitionTime": now}]),
        );
    });
    let text = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
    w.event(pod, &Note::normal(From::Scheduler, "Scheduled", text));
}

/// Why a pod's claims keep it from every node.
fn unbound(w: &mut World, key: &Key, pod: &Value, nodes: usize) -> Option<String> {
    let names: Vec<String> = claims(pod).map(str::to_owned).collect();
    for name in names {
        let claim_key = Key::new("persistentvolumeclaims", &key.namespace, &name);
        let Some(claim) = w.get(&claim_key) else {
            return Some(format!("0/{nodes} nodes are available: persistentvolumeclaim \"{name}\" not found. not found"));
        };
        if claim.text("/status/phase") == "Bound" {
            continue;
        }
        let class = w.get(&Key::new("storageclasses.storage.k8s.io", "", claim.text("/spec/storageClassName")));
        if class.is_some_and(|c| c.text("/volumeBindingMode") == "WaitForFirstConsumer" && c.text("/provisioner") != "kubernetes.io/no-provisioner") {
            // The claim waits for this pod, and is bound in the next turn.
            w.wake.push(claim_key);
        }
        return Some(format!("0/{nodes} nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"));
    }
    None
}

/// The node with the most free memory and processor, by name among equals.
fn choose(w: &World, pod: &Value, nodes: &[(Key, Arc<Value>)]) -> Result<String, String> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let (mut hopeless, mut best) = (0, None);
    for (key, node) in nodes {
        match refusals(w, pod, &key.name, node) {
            (list, _) if list.is_empty() => {
                let score = free(w, &key.name, node);
                if best.as_ref().is_none_or(|(s, _)| score > *s) {
                    best = Some((score, key.name.clone()));
                }
            }
            (list, helps) => {
                hopeless += usize::from(!helps);
                for reason in list {
                    *reasons.entry(reason).or_default() += 1;
                }
            }
        }
    }
    if let Some((_, name)) = best {
        return Ok(name);
    }
    let all = nodes.len();
    if all == 0 {
        return Err("no nodes available to schedule pods".into());
    }
    let list: Vec<String> = reasons.iter().map(|(r, n)| format!("{n} {r}")).collect();
    let victims = all - hopeless;
    let mut preemption = Vec::new();
    if victims > 0 {
        preemption.push(format!("{victims} No preemption victims found for incoming pod"));
    }
    if hopeless > 0 {
        preemption.push(format!("{hopeless} Preemption is not helpful for scheduling"));
    }
    Err(format!(
        "0/{all} nodes are available: {}. no new claims to deallocate, preemption: 0/{all} nodes are available: {}.",
        list.join(", "),
        preemption.join(", ")
    ))
}

/// Why a pod does not fit on a node, and whether evicting others could help.
fn refusals(w: &World, pod: &Value, name: &str, node: &Value) -> (Vec<String>, bool) {
    if node.flag("/spec/unschedulable") {
        return (vec!["node(s) were unschedulable".into()], false);
    }
    if !tolerates(pod, node) {
        return (vec!["node(s) had untolerated taint(s)".into()], false);
    }
    if !selects(pod, node) {
        return (vec!["node(s) didn't match Pod's node affinity/selector".into()], false);
    }
    let (cpu, memory) = requests(pod);
    let given = w.index.given(name);
    let of = |what: &str| quantity::of(node.at(&format!("/status/allocatable/{what}")));
    let mut list = Vec::new();
    let mut helps = true;
    for (what, asked, used) in [("cpu", cpu, given.cpu), ("memory", memory, given.memory)] {
        if asked > of(what) - used {
            list.push(format!("Insufficient {what}"));
            helps &= asked <= of(what);
        }
    }
    if given.pods * 1_000 + 1_000 > of("pods") {
        list.push("Too many pods".into());
    }
    (list, helps)
}

fn free(w: &World, name: &str, node: &Value) -> i128 {
    let given = w.index.given(name);
    let part = |what: &str, used: i128| {
        let whole = quantity::of(node.at(&format!("/status/allocatable/{what}"))).max(1);
        (whole - used) * 1_000 / whole
    };
    part("cpu", given.cpu) + part("memory", given.memory) + part("pods", given.pods * 1_000)
}

/// Whether a pod tolerates what a node repels pods with.
pub fn tolerates(pod: &Value, node: &Value) -> bool {
    let hard = node.list("/spec/taints").iter().filter(|t| t.text("/effect") != "PreferNoSchedule");
    hard.into_iter().all(|taint| {
        pod.list("/spec/tolerations").iter().any(|t| {
            let effect = t.text("/effect");
            let key = t.text("/key");
            let exists = t.text("/operator") == "Exists";
            (effect.is_empty() || effect == taint.text("/effect"))
                && ((key.is_empty() && exists) || (key == taint.text("/key") && (exists || t.text("/value") == taint.text("/value"))))
        })
    })
}

/// Whether a node is one that a pod asks for by selector or required affinity.
pub fn selects(pod: &Value, node: &Value) -> bool {
    let plain = super::selector::plain(pod.at("/spec/nodeSelector"), node.at("/metadata/labels"));
    let terms = pod.at("/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms");
    let affine = terms.is_null() || terms.as_array().into_iter().flatten().any(|t| term(t, node));
    plain && affine
}

fn term(term: &Value, node: &Value) -> bool {
    let by_label = super::selector::matches(&json!({"matchExpressions": term.at("/matchExpressions")}), node);
    let by_name = term.list("/matchFields").iter().all(|f| f.list("/values").contains(node.at("/metadata/name")));
    by_label && by_name
}
