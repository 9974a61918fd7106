//! What every controller works on: the store, the indexes, the clock and the recorder. It counts the objects it hands
//! out, so that a test can tell an index from a scan.
use super::events::Recorder;
use super::index::Index;
use super::json::{View, seconds};
use super::kubelet::Memory;
use crate::demo::store::{Key, Store};
use crate::model::{Digest, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Letters of generated names, as Kubernetes picks them (no vowels, nothing that looks like another).
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// Whether a due instant belongs to something on its way, or to the steady state of something that will not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Something was set off and is not done; `settle` finishes it.
    Progress,
    /// The next turn of a steady state: a back-off, a schedule, an expiry.
    Steady,
}

/// When a controller wants to see an object again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The instant.
    pub at: Timestamp,
    /// What for.
    pub class: Class,
}

impl Due {
    /// On its way.
    #[allow(clippy::unnecessary_wraps, reason = "every caller hands it on as a due that there may not be")]
    pub fn progress(at: Timestamp) -> Option<Self> {
        Some(Self { at, class: Class::Progress })
    }
    /// Steady.
    #[allow(clippy::unnecessary_wraps, reason = "every caller hands it on as a due that there may not be")]
    pub fn steady(at: Timestamp) -> Option<Self> {
        Some(Self { at, class: Class::Steady })
    }
    /// The earlier of two.
    pub fn sooner(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct World {
    pub(super) store: Store,
    pub(super) index: Index,
    pub(super) recorder: Recorder,
    /// What kubelets remember of containers beyond their status, by pod uid.
    pub(super) kubelets: HashMap<String, Memory>,
    /// Who was refused pods by a quota: how often, and when to ask again.
    pub(super) refused: HashMap<Key, (u32, Timestamp)>,
    /// Pods whose programs write logs as time goes by.
    pub(super) talkers: BTreeSet<Key>,
    /// Images that are on a node.
    pub(super) pulled: HashSet<(String, String)>,
    /// The clock that decides what is due.
    pub(super) clock: Timestamp,
    /// The clock that is written into objects: stands while `clock` runs ahead to settle.
    pub(super) stamp: Timestamp,
    /// Objects handed out so far.
    pub(super) visited: u64,
    /// What a controller wants to have looked at though it did not change.
    pub(super) wake: Vec<Key>,
    serial: u64,
}

impl World {
    /// A world over `store`, at the beginning of time.
    pub fn new(store: Store) -> Self {
        let serial = store.version();
        Self {
            store,
            index: Index::default(),
            recorder: Recorder::default(),
            kubelets: HashMap::new(),
            refused: HashMap::new(),
            talkers: BTreeSet::new(),
            pulled: HashSet::new(),
            clock: Timestamp::UNIX_EPOCH,
            stamp: Timestamp::UNIX_EPOCH,
            visited: 0,
            wake: Vec::new(),
            serial,
        }
    }

    /// An object.
    pub fn get(&mut self, key: &Key) -> Option<Arc<Value>> {
        self.visited += 1;
        self.store.get(key)
    }

    /// The objects of a resource in a namespace (empty: cluster-scoped).
    pub fn list(&mut self, resource: &str, namespace: &str) -> Vec<(Key, Arc<Value>)> {
        let items = self.store.list(resource, Some(namespace)).1;
        self.visited += items.len() as u64;
        items
    }

    /// The objects of a resource in every namespace: only for what there is little of.
    pub fn list_all(&mut self, resource: &str) -> Vec<(Key, Arc<Value>)> {
        let items = self.store.list(resource, None).1;
        self.visited += items.len() as u64;
        items
    }

    /// The objects of a resource that name the object with this uid as an owner.
    pub fn owned(&mut self, uid: &str, resource: &str) -> Vec<(Key, Arc<Value>)> {
        let keys: Vec<Key> = self.index.owned(uid).filter(|k| k.resource == resource).cloned().collect();
        keys.into_iter().filter_map(|k| self.get(&k).map(|o| (k, o))).collect()
    }

    /// Changes an object as it is now; nothing when it is gone.
    pub fn edit(&mut self, key: &Key, f: impl FnOnce(&mut Value)) -> Option<Arc<Value>> {
        let done = self.store.update(key, |now| {
            let mut object = now.cloned().ok_or(())?;
            f(&mut object);
            Ok::<_, ()>(Some(object))
        });
        done.ok().flatten()
    }

    /// Changes `spec` (or what counts as it) of an object and with it `metadata.generation`.
    pub fn edit_spec(&mut self, key: &Key, f: impl FnOnce(&mut Value)) -> Option<Arc<Value>> {
        self.edit(key, |o| {
            let before = o.at("/spec").clone();
            f(o);
            if *o.at("/spec") != before {
                let generation = o.int("/metadata/generation") + 1;
                o.set("/metadata/generation", json!(generation));
            }
        })
    }

    /// Writes an object's status when it differs.
    pub fn set_status(&mut self, key: &Key, status: Value) {
        self.edit(key, |o| o.set("/status", status));
    }

    /// Makes an object with the metadata that a server adds; nothing when the name is taken.
    pub fn create(&mut self, key: &Key, mut object: Value) -> Option<Arc<Value>> {
        object.set("/metadata/name", json!(key.name));
        if !key.namespace.is_empty() {
            object.set("/metadata/namespace", json!(key.namespace));
        }
        object.default("/metadata/creationTimestamp", seconds(self.stamp));
        let made = self.store.update(key, |now| if now.is_some() { Err(()) } else { Ok(Some(object)) });
        made.ok().flatten()
    }

    /// Takes an object away.
    pub fn remove(&mut self, key: &Key) {
        self.store.remove(key);
    }

    /// Deletes an object as its API would: a pod gracefully, one with finalizers when they are gone, all else at once.
    pub fn delete(&mut self, key: &Key) {
        let Some(object) = self.get(key) else { return };
        if object.has("/metadata/deletionTimestamp") {
            return;
        }
        let on_node = key.resource == "pods" && !object.text("/spec/nodeName").is_empty();
        if !on_node && object.list("/metadata/finalizers").is_empty() {
            self.remove(key);
            return;
        }
        let grace = if on_node { object.int_or("/spec/terminationGracePeriodSeconds", 30) } else { 0 };
        let at = seconds(super::json::later(self.stamp, grace));
        self.edit(key, |o| {
            o.set("/metadata/deletionTimestamp", at);
            o.set("/metadata/deletionGracePeriodSeconds", json!(grace));
        });
    }

    /// A number that was not given out before.
    pub fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// The random end of a generated name: five letters.
    pub fn suffix(&mut self, seed: &str) -> String {
        let n = self.serial();
        let hash = Digest::of(format!("{seed}/{n}").as_bytes()).hex();
        let number = u64::from_str_radix(hash.get(..12).unwrap_or("0"), 16).unwrap_or_default();
        letters(number, 5)
    }
}

/// So many letters of a number.
fn letters(mut number: u64, length: usize) -> String {
    let mut out = String::with_capacity(length);
    for _ in 0..length {
        let index = usize::try_from(number % 27).unwrap_or_default();
        out.push(LETTERS.get(index).map_or('b', |b| char::from(*b)));
        number /= 27;
    }
    out
}

/// `pod-template-hash` and its like: FNV-1a over the JSON, in the letters that Kubernetes uses for it.
pub fn template_hash(template: &Value) -> String {
    let mut plain = template.clone();
    plain.unset("/metadata/labels/pod-template-hash");
    let mut hash: u32 = 2_166_136_261;
    for byte in plain.to_string().bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    hash.to_string().bytes().map(|d| LETTERS.get(usize::from(d) % 27).map_or('b', |b| char::from(*b))).collect()
}

/// An owner reference that makes `object` the controller.
pub fn owner_reference(object: &Value) -> Value {
    json!({
        "apiVersion": object.text("/apiVersion"), "kind": object.text("/kind"), "name": object.text("/metadata/name"),
        "uid": object.text("/metadata/uid"), "controller": true, "blockOwnerDeletion": true
    })
}
