//! Names for what can be read and for what can change, as one number each: a rule that asks for the pods behind a label
//! reads the same [`Key`] that a pod with that label touches when it comes, goes or changes.
//!
//! A key is a hash with a secret of this process. Where two would fall together, a rule runs once too often; an answer is
//! never taken from the wrong place, since the index holds every candidate against its own words.
use crate::model::ObjectRef;
use crate::model::snapshot::Meta;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// Two odd numbers that nobody outside this process knows.
static SECRET: LazyLock<[u64; 2]> = LazyLock::new(|| [RandomState::new().hash_one(0) | 1, RandomState::new().hash_one(1) | 1]);

/// Both halves of a product: each bit of it hangs on many of either factor.
fn mixed(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let [low, high] = [product & u128::from(u64::MAX), product >> 64].map(|half| u64::try_from(half).unwrap_or_default());
    low ^ high
}

/// What was read, or what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(u64);

impl Key {
    fn new(tag: u64, parts: &[&str]) -> Self {
        let [first, second] = *SECRET;
        let mut sum = mixed(first ^ tag, second);
        for part in parts {
            let (words, rest) = part.as_bytes().as_chunks::<8>();
            for word in words {
                sum = mixed(sum ^ u64::from_le_bytes(*word), second);
            }
            let rest = rest.iter().fold(0, |n, b| n << 8 | u64::from(*b));
            let length = u64::try_from(part.len()).unwrap_or_default();
            // the length says where a part ends
            sum = mixed(mixed(sum ^ rest, first) ^ length, second);
        }
        Self(sum)
    }
    /// Who made an object: of what is known by this key, that alone.
    #[must_use]
    pub fn maker(self) -> Self {
        let [first, second] = *SECRET;
        Self(mixed(self.0 ^ second, first))
    }
    /// An object, the events about it and its logs, whether it exists or not.
    pub fn object(kind: &str, namespace: &str, name: &str) -> Self {
        Self::new(0, &[kind, namespace, name])
    }
    /// Every object of a kind.
    pub fn kind(kind: &str) -> Self {
        Self::new(1, &[kind])
    }
    /// Every object of a kind in a namespace.
    pub fn within(kind: &str, namespace: &str) -> Self {
        Self::new(2, &[kind, namespace])
    }
    /// Objects of a kind whose controller is this one.
    pub fn owned(kind: &str, owner: &str, namespace: &str, name: &str) -> Self {
        Self::new(3, &[kind, owner, namespace, name])
    }
    /// Pods with a label.
    pub fn label(namespace: &str, key: &str, value: &str) -> Self {
        Self::new(4, &[namespace, key, value])
    }
    /// Pods of a node.
    pub fn node(name: &str) -> Self {
        Self::new(5, &[name])
    }
    /// Pods that mount a claim.
    pub fn claim(namespace: &str, name: &str) -> Self {
        Self::new(6, &[namespace, name])
    }
    /// Pods whose replica set's name gives away this deployment.
    pub fn guessed(namespace: &str, deployment: &str) -> Self {
        Self::new(7, &[namespace, deployment])
    }
    /// Deployments whose selector's first pair is this one.
    pub fn selects(namespace: &str, key: &str, value: &str) -> Self {
        Self::new(8, &[namespace, key, value])
    }
    /// How looking at a kind went.
    pub fn coverage(kind: &str) -> Self {
        Self::new(9, &[kind])
    }
    /// Anything at all.
    pub fn everything() -> Self {
        Self::new(10, &[])
    }
}

/// An object at which a failure shows: all that folding and scoping ask of it, without its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    /// The object.
    pub object: Key,
    place: Key,
}

impl Spot {
    /// An object of a kind.
    pub fn of(kind: &str, meta: &Meta) -> Self {
        Self::new(kind, &meta.namespace, &meta.name)
    }
    fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self { object: Key::object(kind, namespace, name), place: Self::place(if kind == "Namespace" { name } else { namespace }) }
    }
    /// An object whose key is known, of a namespace.
    pub fn known(object: Key, namespace: &str) -> Self {
        Self { object, place: Self::place(namespace) }
    }
    fn place(namespace: &str) -> Key {
        Key::new(11, &[namespace])
    }
    /// Whether it lies in a namespace, or is that namespace.
    pub fn is_in(&self, namespace: &str) -> bool {
        self.place == Self::place(namespace)
    }
}

impl From<&ObjectRef> for Spot {
    fn from(o: &ObjectRef) -> Self {
        Self::new(&o.kind, &o.namespace, &o.name)
    }
}

impl From<ObjectRef> for Spot {
    fn from(o: ObjectRef) -> Self {
        (&o).into()
    }
}

/// A map by keys, which are hashes already.
pub type ByKey<T> = std::collections::HashMap<Key, T, BuildHasherDefault<Taken>>;

/// Takes a key's number as its hash.
#[derive(Default)]
pub struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |n, b| n.rotate_left(8) ^ u64::from(*b));
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

/// A few values in order, mostly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List<T> {
    /// One.
    One(T),
    /// Any number.
    Many(Vec<T>),
}

impl<T: Copy + Ord> List<T> {
    /// In order.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(all) => all,
        }
    }
    fn insert(&mut self, value: T) {
        match self {
            Self::One(one) if *one == value => {}
            Self::One(one) => *self = Self::Many(if *one < value { vec![*one, value] } else { vec![value, *one] }),
            Self::Many(all) => {
                if let Err(at) = all.binary_search(&value) {
                    all.insert(at, value);
                }
            }
        }
    }
    /// True when nothing is left.
    fn remove(&mut self, value: T) -> bool {
        match self {
            Self::One(one) => *one == value,
            Self::Many(all) => {
                if let Ok(at) = all.binary_search(&value) {
                    all.remove(at);
                }
                all.is_empty()
            }
        }
    }
}

/// Adds a value to a key's list.
pub fn put<T: Copy + Ord>(map: &mut ByKey<List<T>>, key: Key, value: T) {
    map.entry(key).and_modify(|list| list.insert(value)).or_insert(List::One(value));
}

/// Takes a value out of a key's list.
pub fn take<T: Copy + Ord>(map: &mut ByKey<List<T>>, key: Key, value: T) {
    if map.get_mut(&key).is_some_and(|list| list.remove(value)) {
        map.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_order_and_ends_with_its_last() {
        let mut map: ByKey<List<u32>> = ByKey::default();
        let key = Key::kind("Pod");
        for n in [3, 1, 2, 1] {
            put(&mut map, key, n);
        }
        assert_eq!(map[&key].as_slice(), [1, 2, 3]);
        for n in [2, 3, 9, 1] {
            take(&mut map, key, n);
        }
        assert!(map.is_empty());
    }

    #[test]
    fn parts_of_a_key_do_not_run_together() {
        assert_ne!(Key::object("Pod", "a", "bc"), Key::object("Pod", "ab", "c"));
        assert_ne!(Key::within("Pod", ""), Key::kind("Pod"));
    }
}
