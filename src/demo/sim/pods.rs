//! Pods as controllers make and remove them: from a template, with what admission adds, under the quotas of the
//! namespace, and with the events that controllers write about it.
use super::events::{From, Note};
use super::json::{View, later};
use super::world::{Class, Due, World, owner_reference};
use super::{defaults, quota};
use crate::demo::store::Key;
use serde_json::{Value, json};

/// The first refusals come in one breath; after that the wait doubles from this many seconds …
const FIRST_WAIT: i64 = 10;
/// … up to this many.
const LONGEST_WAIT: i64 = 960;
/// Refusals in the first breath.
const BREATH: usize = 10;

/// A pod to be made.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Its name; empty: generated from the owner's.
    pub name: String,
    /// The node it is bound to at once (daemon sets).
    pub node: String,
    /// Labels beside the template's.
    pub labels: Vec<(&'static str, String)>,
}

/// The controller's name in events, and its object.
#[derive(Clone, Copy, Debug)]
pub struct Maker<'a> {
    /// `replicaset-controller`.
    pub component: &'a str,
    /// The owner.
    pub key: &'a Key,
    /// The owner.
    pub object: &'a Value,
}

impl World {
    /// Whether the owner was refused a pod and has to wait before it asks again.
    pub fn waits(&self, owner: &Key) -> Option<Due> {
        let (_, until) = self.refused.get(owner)?;
        (*until > self.clock).then_some(Due { at: *until, class: Class::Steady })
    }

    /// Makes a pod of the owner's template; `Err` is the API server's refusal.
    pub fn make_pod(&mut self, by: Maker<'_>, wanted: &Wanted) -> Result<Key, String> {
        let owner = by.object.text("/metadata/name").to_owned();
        let pod = pod_of(by.object, wanted);
        let name = if wanted.name.is_empty() { format!("{owner}-{}", self.suffix(&owner)) } else { wanted.name.clone() };
        let key = Key::new("pods", &by.key.namespace, &name);
        if let Err(refusal) = quota::admit(self, &key, &pod) {
            return Err(self.refused_pod(by, &owner, &name, refusal));
        }
        self.refused.remove(by.key);
        let pod = if wanted.name.is_empty() { generated(pod, &owner) } else { pod };
        if self.create(&key, pod).is_some() {
            // The name is what is missing in the message when a stateful set writes it; it has its own.
            if by.component != "statefulset-controller" {
                self.event(by.object, &Note::normal(From::Controller(by.component), "SuccessfulCreate", format!("Created pod: {name}")));
            }
            self.count_quota(&key.namespace);
        }
        Ok(key)
    }

    /// Writes the refusals of a quota as a controller that retries does, and returns the first.
    fn refused_pod(&mut self, by: Maker<'_>, owner: &str, name: &str, refusal: String) -> String {
        let (tries, _) = self.refused.get(by.key).copied().unwrap_or((0, self.clock));
        let times = if tries == 0 { BREATH } else { 1 };
        for nth in 0..times {
            let other = if nth == 0 { name.to_owned() } else { format!("{owner}-{}", self.suffix(owner)) };
            let text = format!("Error creating: {}", refusal.replace(name, &other));
            self.event(by.object, &Note::warning(From::Controller(by.component), "FailedCreate", text));
        }
        let wait = (FIRST_WAIT << tries.min(10)).min(LONGEST_WAIT);
        self.refused.insert(by.key.clone(), (tries + 1, later(self.clock, wait)));
        refusal
    }

    /// Deletes a pod in its owner's name.
    pub fn unmake_pod(&mut self, by: Maker<'_>, pod: &Key) {
        let text = match by.component {
            "statefulset-controller" => format!("delete Pod {} in StatefulSet {} successful", pod.name, by.key.name),
            _ => format!("Deleted pod: {}", pod.name),
        };
        self.event(by.object, &Note::normal(From::Controller(by.component), "SuccessfulDelete", text));
        self.delete(pod);
    }
}

fn generated(mut pod: Value, owner: &str) -> Value {
    pod.set("/metadata/generateName", json!(format!("{owner}-")));
    pod
}

/// The pod that a template gives.
pub fn pod_of(owner: &Value, wanted: &Wanted) -> Value {
    let template = owner.at("/spec/template");
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generation": 1}, "spec": template.at("/spec").clone()});
    for field in ["labels", "annotations", "finalizers"] {
        let value = template.at(&format!("/metadata/{field}"));
        if !value.is_null() {
            pod.set(&format!("/metadata/{field}"), value.clone());
        }
    }
    for (name, value) in &wanted.labels {
        pod.set(&format!("/metadata/labels/{}", name.replace('/', "~1")), json!(value));
    }
    pod.set("/metadata/ownerReferences", json!([owner_reference(owner)]));
    if !wanted.node.is_empty() {
        let terms = json!([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": [wanted.node]}]}]);
        pod.set("/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms", terms);
    }
    defaults::pod(&mut pod);
    pod
}

/// Whether a controller counts a pod: not over and not on its way out.
pub fn active(pod: &Value) -> bool {
    !super::index::over(pod) && !pod.has("/metadata/deletionTimestamp")
}

/// Whether a pod is ready and has been for so many seconds; else, when it will be.
pub fn available(w: &World, pod: &Value, min_ready: i64) -> Result<(), Option<Due>> {
    let Some(ready) = super::json::condition(pod, "Ready").filter(|c| c.text("/status") == "True") else { return Err(None) };
    let at = later(ready.time("/lastTransitionTime").unwrap_or(w.clock), min_ready);
    if min_ready == 0 || at <= w.clock { Ok(()) } else { Err(Due::progress(at)) }
}
