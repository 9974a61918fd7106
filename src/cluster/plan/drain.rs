//! `drain`: the node is cordoned, then its pods are evicted, which the disruption budgets may hold back.
//!
//! Which pods go, which stay and which forbid it is decided as kubectl does; unlike kubectl, a pod that forbids it is told
//! before anything is cordoned.
use super::choose::Change;
use super::node::cordoned;
use super::request::{JSON, MANAGER};
use super::{Draft, Shows, Step, not_for};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{array, path_of, text};
use crate::model::operation::{DrainHow, Objects, Selectors};
use crate::model::{KindRef, Operation, PlannedRequest, Trouble, TroubleClass};
use serde_json::{Value, json};

/// The most pods of one plan.
const MOST: u32 = 250;

/// What becomes of a pod.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It is evicted; a note for the person where something is lost.
    Goes(Option<String>),
    /// It stays, and why.
    Stays(String),
    /// It forbids the drain, and which flag allows it.
    Forbids(String),
}

impl Cluster {
    pub(super) async fn drain(&self, objects: &Objects, how: &DrainHow, namespace: &str, operation: &Operation) -> Result<Draft, Trouble> {
        let trouble = |class, cause: &str| Trouble::new(class, &format!("plan {}", crate::kubectl::print(operation)), cause);
        let mut draft = Draft::default();
        let mut forbidden = Vec::new();
        for (kind, node) in self.chosen(objects, namespace, operation).await? {
            if kind.resource != "nodes" {
                return Err(not_for("drain", &kind, "nodes"));
            }
            let name = text(&node, "/metadata/name").to_owned();
            match cordoned(&kind, node, true)? {
                Change::To(step, undo) => draft.add(Draft::one(step, undo)),
                Change::Already(_) => draft.notes.push(format!("Node {name} is cordoned already.")),
            }
            for (pod, fate) in self.fates(&name, how, operation).await? {
                let called = format!("{}/{}", text(&pod, "/metadata/namespace"), text(&pod, "/metadata/name"));
                match fate {
                    Fate::Goes(note) => {
                        draft.notes.extend(note.map(|n| format!("{called} {n}.")));
                        draft.steps.push(evicted(pod, how));
                    }
                    Fate::Stays(why) => draft.notes.push(format!("{called} stays: {why}.")),
                    Fate::Forbids(why) => forbidden.push(format!("{called} {why}")),
                }
            }
        }
        if !forbidden.is_empty() {
            return Err(trouble(TroubleClass::Refused, &forbidden.join("; "))
                .hint("The flags are --ignore-daemonsets, --delete-emptydir-data and --force: say only what may be lost."));
        }
        let evictions = draft.steps.iter().filter(|s| s.shows == Shows::Evicted).count();
        if evictions > 0 {
            draft.notes.push(format!("{evictions} pods are evicted; taking the cordon back does not bring them back to the node."));
        }
        Ok(draft)
    }

    /// Every pod of a node, and what becomes of it.
    async fn fates(&self, node: &str, how: &DrainHow, operation: &Operation) -> Result<Vec<(Value, Fate)>, Trouble> {
        let kind = KindRef::new("", "v1", "pods", "Pod", true);
        let select = Selectors { labels: how.pod_selector.clone(), fields: Some(format!("spec.nodeName={node}")) };
        let list = self.list(&kind, None, &select, MOST + 1).await?;
        if list.items.len() > MOST as usize {
            let trouble = Trouble::new(
                TroubleClass::Invalid,
                &format!("plan {}", crate::kubectl::print(operation)),
                &format!("node {node} has more than {MOST} pods: no person can review that"),
            );
            return Err(trouble.hint("Narrow it with --pod-selector."));
        }
        let mut out = Vec::with_capacity(list.items.len());
        for pod in list.items {
            let owned = self.daemon_set(&pod).await?;
            let fate = fate(&pod, owned, how);
            out.push((pod, fate));
        }
        Ok(out)
    }

    /// Whether a pod's daemon set is there; `None` for a pod of no daemon set.
    async fn daemon_set(&self, pod: &Value) -> Result<Option<bool>, Trouble> {
        let Some(owner) = controller(pod).filter(|o| text(o, "/kind") == "DaemonSet") else { return Ok(None) };
        let kind = KindRef::new("apps", "v1", "daemonsets", "DaemonSet", true);
        match self.object(&kind, Some(text(pod, "/metadata/namespace")), text(owner, "/name")).await {
            Ok(_) => Ok(Some(true)),
            Err(t) if t.class == TroubleClass::NotFound => Ok(Some(false)),
            Err(t) => Err(t),
        }
    }
}

fn controller(pod: &Value) -> Option<&Value> {
    array(pod, "/metadata/ownerReferences").iter().find(|o| o.get("controller") == Some(&Value::Bool(true)))
}

/// kubectl's filters in kubectl's order.
fn fate(pod: &Value, daemon_set: Option<bool>, how: &DrainHow) -> Fate {
    let finished = matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    let mut notes: Vec<&str> = Vec::new();
    match daemon_set.filter(|_| !finished) {
        Some(true) if how.ignore_daemonsets => return Fate::Stays("its daemon set would bring it back".to_owned()),
        Some(true) => return Fate::Forbids("belongs to a daemon set, which would bring it back (--ignore-daemonsets leaves it)".to_owned()),
        Some(false) if how.force => notes.push("belonged to a daemon set that is gone: nothing brings it back"),
        Some(false) => return Fate::Forbids("belongs to a daemon set that is gone (--force evicts it for good)".to_owned()),
        None => {}
    }
    if pod.pointer("/metadata/annotations/kubernetes.io~1config.mirror").is_some() {
        return Fate::Stays("the node's own kubelet runs it from a file".to_owned());
    }
    let local = array(pod, "/spec/volumes").iter().any(|v| v.get("emptyDir").is_some());
    if local && !finished {
        if !how.delete_emptydir_data {
            return Fate::Forbids("has an emptyDir whose data is lost with it (--delete-emptydir-data allows that)".to_owned());
        }
        notes.push("loses the data of its emptyDir");
    }
    if !finished && controller(pod).is_none() {
        if !how.force {
            return Fate::Forbids("has no controller that would bring it back (--force evicts it for good)".to_owned());
        }
        notes.push("has no controller: nothing brings it back");
    }
    Fate::Goes((!notes.is_empty()).then(|| notes.join(" and ")))
}

fn evicted(pod: Value, how: &DrainHow) -> Step {
    let kind = KindRef::new("", "v1", "pods", "Pod", true);
    let (namespace, name) = (text(&pod, "/metadata/namespace"), text(&pod, "/metadata/name"));
    let options = how.grace_period.map_or_else(|| json!({}), |seconds| json!({"gracePeriodSeconds": seconds}));
    let body = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}, "deleteOptions": options});
    let path = format!("{}/eviction", path_of(&kind, Some(namespace), name));
    let request = PlannedRequest { method: "POST", path, query: MANAGER.to_owned(), content_type: JSON, body: body.to_string().into_bytes() };
    Step::change(&kind, pod, request, Shows::Evicted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_pods_go_stay_and_forbid_is_as_kubectl_has_it() {
        let owner = |kind: &str| json!([{"kind": kind, "name": "o", "controller": true}]);
        let pod = |owners: Value, volumes: Value, phase: &str| json!({"metadata": {"name": "p", "ownerReferences": owners}, "spec": {"volumes": volumes}, "status": {"phase": phase}});
        let how = |ignore_daemonsets, delete_emptydir_data, force| DrainHow { ignore_daemonsets, delete_emptydir_data, force, ..DrainHow::default() };
        let none = how(false, false, false);
        let scratch = || json!([{"name": "s", "emptyDir": {}}]);
        for (pod_, set, how, want) in [
            (pod(owner("ReplicaSet"), json!([]), "Running"), None, &none, "goes"),
            (pod(owner("DaemonSet"), json!([]), "Running"), Some(true), &none, "forbids"),
            (pod(owner("DaemonSet"), json!([]), "Running"), Some(true), &how(true, false, false), "stays"),
            (pod(owner("DaemonSet"), json!([]), "Running"), Some(false), &how(true, false, false), "forbids"),
            (pod(owner("DaemonSet"), json!([]), "Running"), Some(false), &how(false, false, true), "goes"),
            (pod(owner("DaemonSet"), json!([]), "Succeeded"), Some(true), &none, "goes"),
            (pod(json!([]), json!([]), "Running"), None, &none, "forbids"),
            (pod(json!([]), json!([]), "Failed"), None, &none, "goes"),
            (pod(json!([]), json!([]), "Running"), None, &how(false, false, true), "goes"),
            (pod(owner("ReplicaSet"), scratch(), "Running"), None, &how(true, false, true), "forbids"),
            (pod(owner("ReplicaSet"), scratch(), "Running"), None, &how(false, true, false), "goes"),
            (pod(json!([]), scratch(), "Running"), None, &how(false, true, false), "forbids"),
            (pod(owner("ReplicaSet"), scratch(), "Succeeded"), None, &none, "goes"),
        ] {
            let got = match fate(&pod_, set, how) {
                Fate::Goes(_) => "goes",
                Fate::Stays(_) => "stays",
                Fate::Forbids(_) => "forbids",
            };
            assert_eq!(got, want, "{pod_} {set:?} {how:?}");
        }
        let mut mirror = pod(json!([]), scratch(), "Running");
        mirror["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "x"});
        assert!(matches!(fate(&mirror, None, &none), Fate::Stays(_)));
    }
}
