//! Where the objects of a snapshot stand, by what rules look them up by. Kept between reports: it is told which places
//! changed, files those anew, and says which keys were touched.
//!
//! Invariant: an object is filed under exactly the keys that [`keys`] gives for it, in the order of its place.
use super::spot::{ByKey, Key, List, put, take};
use crate::model::Snapshot;
use crate::model::snapshot::{KINDS, Pod};
use std::collections::BTreeSet;

/// One kind's objects.
#[derive(Debug, Default)]
struct Filed {
    at: ByKey<List<u32>>,
    /// Under which keys each place is filed.
    keys: Vec<Box<[Key]>>,
    /// The first of those: the object itself. Here once more, since many are asked for in a row.
    own: Vec<Key>,
}

/// See the module.
#[derive(Debug)]
pub struct Index {
    kinds: Vec<Filed>,
}

/// What a look at the changes found.
#[derive(Debug, Default)]
pub struct Touched {
    /// Keys under which something was or is filed that changed.
    pub keys: Vec<Key>,
    /// Of those, the objects themselves: what changed, or what it is about.
    pub objects: Vec<Key>,
    /// Kinds by number, and places, of what changed.
    pub places: Vec<(usize, u32)>,
}

impl Default for Index {
    fn default() -> Self {
        Self { kinds: KINDS.iter().map(|_| Filed::default()).collect() }
    }
}

/// The number of a kind.
pub fn number(kind: &str) -> Option<usize> {
    KINDS.iter().position(|k| k.kind == kind)
}

impl Index {
    /// An index of a whole snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut index = Self::default();
        index.follow(snapshot, &[]);
        index
    }

    /// Files what changed; places that are new or gone are seen without being told.
    pub fn follow(&mut self, snapshot: &Snapshot, changed: &[(&'static str, BTreeSet<usize>)]) -> Touched {
        let mut touched = Touched::default();
        for (number, (wanted, filed)) in KINDS.iter().zip(&mut self.kinds).enumerate() {
            let (had, has) = (filed.keys.len(), snapshot.count(wanted.kind));
            let before = touched.keys.len();
            let told = changed.iter().filter(|(kind, _)| *kind == wanted.kind).flat_map(|(_, places)| places).copied().filter(|p| *p < had.min(has));
            for place in told.chain(has..had).chain(had..has) {
                let Ok(at) = u32::try_from(place) else { continue };
                let new = if place < has { keys(snapshot, wanted.kind, place) } else { Box::default() };
                let old = filed.keys.get(place).map(|k| &**k).unwrap_or_default();
                touched.keys.extend(old);
                touched.keys.extend(&new);
                touched.objects.extend(old.first().into_iter().chain(new.first()));
                if *old != *new {
                    touched.keys.extend(old.first().into_iter().chain(new.first()).map(|k| k.maker()));
                }
                for key in old.iter().filter(|k| !new.contains(k)) {
                    take(&mut filed.at, *key, at);
                }
                for key in new.iter().filter(|k| !old.contains(k)) {
                    put(&mut filed.at, *key, at);
                }
                if let Some(own) = new.first() {
                    match filed.own.get_mut(place) {
                        Some(kept) => *kept = *own,
                        None => filed.own.push(*own),
                    }
                }
                match filed.keys.get_mut(place) {
                    Some(kept) => *kept = new,
                    None => filed.keys.push(new),
                }
                touched.places.push((number, at));
            }
            filed.keys.truncate(has);
            filed.own.truncate(has);
            if touched.keys.len() > before || had != has {
                touched.keys.push(Key::kind(wanted.kind));
            }
        }
        touched.keys.sort_unstable();
        touched.keys.dedup();
        touched.objects.sort_unstable();
        touched.objects.dedup();
        touched
    }

    /// The places of a kind's objects that are filed under a key, in order.
    pub fn at(&self, kind: usize, key: Key) -> &[u32] {
        self.kinds.get(kind).and_then(|f| f.at.get(&key)).map_or(&[], List::as_slice)
    }

    /// Where objects of a name stand, of whatever kind, and the events about them.
    pub fn named(&self, key: Key) -> impl Iterator<Item = (usize, u32)> {
        self.kinds.iter().enumerate().flat_map(move |(number, f)| f.at.get(&key).map_or(&[][..], List::as_slice).iter().map(move |at| (number, *at)))
    }

    /// The key of the object at a place itself.
    pub fn own(&self, kind: usize, at: u32) -> Option<Key> {
        self.kinds.get(kind)?.own.get(usize::try_from(at).ok()?).copied()
    }
}

/// What an object is looked up by, its own name first. Objects of one name whose controllers differ have different keys. Events are looked up by what they are about alone.
fn keys(snapshot: &Snapshot, kind: &'static str, place: usize) -> Box<[Key]> {
    let Some(meta) = snapshot.meta(kind, place) else { return Box::default() };
    if kind == "Event" {
        let about = snapshot.events.items.get(place).map(|e| Key::object(&e.about.kind, &e.about.namespace, &e.about.name));
        return about.into_iter().collect();
    }
    let (namespace, name) = (meta.namespace.as_str(), meta.name.as_str());
    let mut keys = vec![Key::object(kind, namespace, name), Key::within(kind, namespace)];
    keys.extend(meta.owner.iter().map(|o| Key::owned(kind, &o.kind, namespace, &o.name)));
    match kind {
        "Pod" => {
            if let Some(pod) = snapshot.pods.items.get(place) {
                keys.extend(meta.labels.iter().map(|(k, v)| Key::label(namespace, k, v)));
                keys.extend((!pod.node.is_empty()).then(|| Key::node(&pod.node)));
                keys.extend(pod.claims.iter().map(|c| Key::claim(namespace, c)));
                keys.extend(guessed_deployment(pod).map(|d| Key::guessed(namespace, d)));
            }
        }
        "Deployment" => {
            let first = snapshot.deployments.items.get(place).and_then(|d| d.spec.selector.match_labels.iter().next());
            keys.extend(first.map(|(k, v)| Key::selects(namespace, k, v)));
        }
        _ => {}
    }
    keys.into()
}

/// The deployment that the name of a pod's replica set gives away.
pub fn guessed_deployment(pod: &Pod) -> Option<&str> {
    let owner = pod.meta.owner.as_ref().filter(|o| o.kind.as_str() == "ReplicaSet")?;
    let hash = pod.meta.label("pod-template-hash")?;
    owner.name.strip_suffix(hash.as_str())?.strip_suffix('-')
}
