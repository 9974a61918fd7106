//! What is asked of many objects at once, kept up to date change by change: who owns whom, what runs on a node, which
//! pods wait. Nothing here reads the store.
use super::json::View;
use super::quantity;
use crate::demo::store::{Change, Key, Verb};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a node has given away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Pods.
    pub pods: i128,
    /// Thousandths of a core.
    pub cpu: i128,
    /// Thousandths of a byte.
    pub memory: i128,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Index {
    owned: HashMap<String, BTreeSet<Key>>,
    by_uid: HashMap<String, Key>,
    given: BTreeMap<String, Given>,
    addresses: HashMap<String, u32>,
    /// Pods that no node has yet.
    pub unscheduled: BTreeSet<Key>,
    /// Pods on a node that are not ready (and not over).
    pub unready: BTreeSet<Key>,
    /// Claims without a volume.
    pub unbound: BTreeSet<Key>,
}

impl Index {
    /// Takes a change in.
    pub fn apply(&mut self, change: &Change) {
        if let Some(before) = &change.before {
            self.take_out(&change.key, before);
        }
        if change.verb != Verb::Deleted {
            self.put_in(&change.key, &change.object);
        }
    }

    /// Takes an object in.
    pub fn put_in(&mut self, key: &Key, object: &Value) {
        for owner in object.list("/metadata/ownerReferences") {
            self.owned.entry(owner.text("/uid").to_owned()).or_default().insert(key.clone());
        }
        if key.resource != "events" {
            self.by_uid.insert(object.text("/metadata/uid").to_owned(), key.clone());
        }
        if key.resource == "persistentvolumeclaims" && object.text("/status/phase") != "Bound" {
            self.unbound.insert(key.clone());
        }
        if key.resource != "pods" || over(object) {
            return;
        }
        let node = object.text("/spec/nodeName");
        if node.is_empty() {
            self.unscheduled.insert(key.clone());
            return;
        }
        self.add(node, object, 1);
        if let Some(last) = object.text("/status/podIP").rsplit('.').next().and_then(|o| o.parse::<u32>().ok()) {
            let highest = self.addresses.entry(node.to_owned()).or_default();
            *highest = (*highest).max(last);
        }
        if !super::json::is_true(object, "Ready") {
            self.unready.insert(key.clone());
        }
    }

    fn take_out(&mut self, key: &Key, object: &Value) {
        for owner in object.list("/metadata/ownerReferences") {
            let uid = owner.text("/uid");
            if let Some(set) = self.owned.get_mut(uid) {
                set.remove(key);
                if set.is_empty() {
                    self.owned.remove(uid);
                }
            }
        }
        self.by_uid.remove(object.text("/metadata/uid"));
        self.unbound.remove(key);
        if key.resource != "pods" {
            return;
        }
        self.unscheduled.remove(key);
        self.unready.remove(key);
        let node = object.text("/spec/nodeName");
        if !node.is_empty() && !over(object) {
            self.add(node, object, -1);
        }
    }

    fn add(&mut self, node: &str, pod: &Value, sign: i128) {
        let (cpu, memory) = requests(pod);
        let given = self.given.entry(node.to_owned()).or_default();
        given.pods += sign;
        given.cpu += sign * cpu;
        given.memory += sign * memory;
    }

    /// The dependents of the object with this uid.
    pub fn owned(&self, uid: &str) -> impl Iterator<Item = &Key> {
        self.owned.get(uid).into_iter().flatten()
    }

    /// Whether an object with this uid exists.
    pub fn lives(&self, uid: &str) -> bool {
        self.by_uid.contains_key(uid)
    }

    /// Where the object with this uid is.
    pub fn place(&self, uid: &str) -> Option<&Key> {
        self.by_uid.get(uid)
    }

    /// What a node has given away.
    pub fn given(&self, node: &str) -> Given {
        self.given.get(node).copied().unwrap_or_default()
    }

    /// The last octet of the next address on a node.
    pub fn next_address(&mut self, node: &str) -> u32 {
        let last = self.addresses.entry(node.to_owned()).or_default();
        *last = if *last >= 254 || *last < 2 { 2 } else { *last + 1 };
        *last
    }
}

/// Whether a pod holds nothing any more.
pub fn over(pod: &Value) -> bool {
    matches!(pod.text("/status/phase"), "Succeeded" | "Failed")
}

/// What a pod asks of a node: thousandths of cores and of bytes.
pub fn requests(pod: &Value) -> (i128, i128) {
    let of = |c: &Value, what: &str| {
        let asked = c.at(&format!("/resources/requests/{what}"));
        if asked.is_null() { quantity::of(c.at(&format!("/resources/limits/{what}"))) } else { quantity::of(asked) }
    };
    let sum = |what: &str| pod.list("/spec/containers").iter().map(|c| of(c, what)).sum::<i128>();
    let peak = |what: &str| pod.list("/spec/initContainers").iter().map(|c| of(c, what)).max().unwrap_or(0);
    (sum("cpu").max(peak("cpu")), sum("memory").max(peak("memory")))
}
