//! The objects of the embedded cluster, with resourceVersions, a history for watches, and container logs.
//!
//! What etcd and the API machinery's storage layer are to a real cluster. It judges nothing (no RBAC, no validation,
//! no admission): `api/` does. Everything in it is JSON as a client sent or would read it.
use crate::model::Timestamp;
use axum::body::Bytes;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::watch;

/// How many changes a watch may be behind before it gets 410.
const HISTORY: usize = 20_000;

/// Where an object lives: resource with group (`pods`, `deployments.apps`), namespace (empty: cluster-scoped), name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// `pods`, `deployments.apps`.
    pub resource: String,
    /// Empty for cluster-scoped objects.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
}

impl Key {
    /// Shorthand.
    pub fn new(resource: &str, namespace: &str, name: &str) -> Self {
        Self { resource: resource.into(), namespace: namespace.into(), name: name.into() }
    }
}

/// An object and its JSON text, which is made when it is first asked for and then shared: a list of ten thousand pods
/// or a hundred watches serialise each object once.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The object.
    pub object: Arc<Value>,
    body: Arc<OnceLock<Bytes>>,
}

impl Kept {
    fn new(object: Arc<Value>) -> Self {
        Self { object, body: Arc::default() }
    }

    /// The object's JSON without `apiVersion` and `kind`, as the items of a typed list have it.
    pub fn body(&self) -> Bytes {
        self.body.get_or_init(|| body(&self.object)).clone()
    }
}

/// JSON of an object without `apiVersion` and `kind`.
pub fn body(object: &Value) -> Bytes {
    let mut out = Vec::with_capacity(2048);
    out.push(b'{');
    for (key, value) in object.as_object().into_iter().flatten().filter(|(k, _)| *k != "apiVersion" && *k != "kind") {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(Value::from(key.as_str()).to_string().as_bytes());
        out.push(b':');
        // Writing JSON values into memory does not fail: their keys are strings.
        if serde_json::to_writer(&mut out, value).is_err() {
            out.extend_from_slice(b"null");
        }
    }
    out.push(b'}');
    Bytes::from(out)
}

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It is new.
    Added,
    /// It changed.
    Modified,
    /// It is gone; the object is its last state.
    Deleted,
}

/// One entry of the history.
#[derive(Clone, Debug)]
pub struct Change {
    /// The version that this change made.
    pub version: u64,
    /// What happened.
    pub verb: Verb,
    /// Where.
    pub key: Key,
    /// The object after it (before it, when deleted). Its `metadata.resourceVersion` is `version`.
    pub object: Arc<Value>,
    /// The object before it, for selectors that it may have left.
    pub before: Option<Arc<Value>>,
    /// The object with its shared text.
    pub kept: Kept,
}

/// A line of a container's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at: Timestamp,
    /// Without the newline.
    pub text: String,
}

/// One container's logs: the current run and the one before.
#[derive(Clone, Debug, Default)]
pub struct ContainerLog {
    /// This run.
    pub current: Vec<LogLine>,
    /// The run before; `None` when there was none.
    pub previous: Option<Vec<LogLine>>,
}

/// A container's place: namespace, pod, container.
pub type LogKey = (String, String, String);

#[derive(Debug, Default)]
struct Inner {
    version: u64,
    objects: BTreeMap<Key, Kept>,
    history: VecDeque<Change>,
    logs: BTreeMap<LogKey, ContainerLog>,
    /// Usage per `namespace/pod/container` or `node`, in millicores and bytes, for metrics.k8s.io.
    usage: BTreeMap<String, (u64, u64)>,
    next_uid: u64,
}

impl Inner {
    /// The changes after `version`, oldest first; `None` when the history does not reach back so far.
    fn after(&self, version: u64) -> Option<impl Iterator<Item = &Change>> {
        let oldest = self.history.front().map_or(self.version, |c| c.version - 1);
        if version < oldest {
            return None;
        }
        Some(self.history.range(self.history.partition_point(|c| c.version <= version)..))
    }

    /// What has to be put back (`None`: taken away) for the objects to be as they were at `version`.
    fn undo(&self, version: u64, wanted: &dyn Fn(&Key) -> bool) -> Option<BTreeMap<Key, Option<Kept>>> {
        let mut undo = BTreeMap::new();
        if version < self.version {
            for change in self.after(version)?.filter(|c| wanted(&c.key)) {
                undo.entry(change.key.clone()).or_insert_with(|| change.before.clone().map(Kept::new));
            }
        }
        Some(undo)
    }
}

/// See the module. Cheap to clone; all clones are one store.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Mutex<Inner>>,
    changed: watch::Sender<u64>,
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store at version 1.
    pub fn new() -> Self {
        Self { inner: Arc::new(Mutex::new(Inner { version: 1, ..Inner::default() })), changed: watch::Sender::new(1) }
    }

    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let before = inner.version;
        let out = f(&mut inner);
        let after = inner.version;
        drop(inner);
        if after != before {
            self.changed.send_replace(after);
        }
        out
    }

    /// The newest version.
    pub fn version(&self) -> u64 {
        self.with(|i| i.version)
    }

    /// Wakes when the version grows.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// An object.
    pub fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.with(|i| i.objects.get(key).map(|k| k.object.clone()))
    }

    /// An object with its shared text.
    pub fn kept(&self, key: &Key) -> Option<Kept> {
        self.with(|i| i.objects.get(key).cloned())
    }

    /// Visits the objects of a resource (in one namespace when it is given) that come after `after` (namespace, name),
    /// in their order, as they were at version `at` (now, when not given), until `visit` returns false. Returns the
    /// version; `None`: the history does not reach back to `at`.
    pub fn walk(
        &self,
        resource: &str,
        namespace: Option<&str>,
        after: Option<(&str, &str)>,
        at: Option<u64>,
        visit: &mut dyn FnMut(&Key, &Kept) -> bool,
    ) -> Option<u64> {
        self.with(|i| {
            let from = after.map_or_else(|| Key::new(resource, namespace.unwrap_or_default(), ""), |(ns, name)| Key::new(resource, ns, name));
            let wanted = |k: &Key| k.resource == resource && namespace.is_none_or(|ns| k.namespace == ns);
            let skip = |k: &Key| after.is_some_and(|(ns, name)| k.namespace == ns && k.name == name);
            let version = at.unwrap_or(i.version);
            let undo = i.undo(version, &|k| wanted(k) && *k >= from)?;
            let present = i.objects.range(&from..).take_while(|(k, _)| wanted(k));
            if undo.is_empty() {
                let _ = present.filter(|(k, _)| !skip(k)).all(|(k, v)| visit(k, v));
            } else {
                let mut all: BTreeMap<&Key, &Kept> = present.filter(|(k, _)| !undo.contains_key(*k)).collect();
                all.extend(undo.iter().filter_map(|(k, v)| v.as_ref().map(|v| (k, v))));
                let _ = all.into_iter().filter(|(k, _)| !skip(k)).all(|(k, v)| visit(k, v));
            }
            Some(version)
        })
    }

    /// Visits every object there is, whatever its resource.
    pub fn walk_all(&self, visit: &mut dyn FnMut(&Key, &Value)) {
        self.with(|i| i.objects.iter().for_each(|(k, v)| visit(k, &v.object)));
    }

    /// Changes of one resource (in one namespace when it is given) after `version`, and the newest version; `None` when
    /// the history does not reach back so far (410).
    pub fn changes(&self, resource: &str, namespace: Option<&str>, version: u64) -> Option<(u64, Vec<Change>)> {
        self.with(|i| {
            let wanted = |c: &&Change| c.key.resource == resource && namespace.is_none_or(|ns| c.key.namespace == ns);
            Some((i.version, i.after(version)?.filter(wanted).cloned().collect()))
        })
    }

    /// All objects of a resource (in one namespace when it is given), ordered by namespace and name, and the version
    /// they are at.
    pub fn list(&self, resource: &str, namespace: Option<&str>) -> (u64, Vec<(Key, Arc<Value>)>) {
        self.with(|i| {
            let from = Key::new(resource, namespace.unwrap_or_default(), "");
            let items = i
                .objects
                .range(from..)
                .take_while(|(k, _)| k.resource == resource && namespace.is_none_or(|ns| k.namespace == ns))
                .map(|(k, v)| (k.clone(), v.object.clone()))
                .collect();
            (i.version, items)
        })
    }

    /// Changes after `version`; `None` when the history does not reach back so far (410).
    pub fn since(&self, version: u64) -> Option<Vec<Change>> {
        self.with(|i| Some(i.after(version)?.cloned().collect()))
    }

    /// Reads, decides and writes in one step. `f` gets the object as it is and returns what becomes of it:
    /// `Ok(Some(new))` writes (an unchanged object writes nothing and keeps its version), `Ok(None)` deletes.
    /// A new object gets a uid when it has none. The version is put into `metadata.resourceVersion`.
    pub fn update<E>(&self, key: &Key, f: impl FnOnce(Option<&Value>) -> Result<Option<Value>, E>) -> Result<Option<Arc<Value>>, E> {
        self.with(|i| {
            let before = i.objects.get(key).map(|k| k.object.clone());
            let after = f(before.as_deref())?;
            let (verb, mut object) = match (&before, after) {
                (None, None) => return Ok(None),
                (Some(b), Some(a)) if **b == a => return Ok(Some(b.clone())),
                (Some(b), None) => (Verb::Deleted, (**b).clone()),
                (b, Some(a)) => (if b.is_some() { Verb::Modified } else { Verb::Added }, a),
            };
            i.version += 1;
            let version = i.version;
            if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut) {
                meta.insert("resourceVersion".into(), Value::from(version.to_string()));
                if !meta.contains_key("uid") {
                    i.next_uid += 1;
                    meta.insert("uid".into(), Value::from(uid(i.next_uid)));
                }
            }
            let object = Arc::new(object);
            let kept = Kept::new(object.clone());
            if verb == Verb::Deleted {
                i.objects.remove(key)
            } else {
                i.objects.insert(key.clone(), kept.clone())
            };
            i.history.push_back(Change { version, verb, key: key.clone(), object: object.clone(), before, kept });
            if i.history.len() > HISTORY {
                i.history.pop_front();
            }
            Ok(Some(object))
        })
    }

    /// Writes an object whatever was there. For scenarios and simulations.
    pub fn put(&self, key: &Key, object: Value) -> Arc<Value> {
        let kept = Arc::new(object.clone());
        match self.update::<std::convert::Infallible>(key, |_| Ok(Some(object))) {
            Ok(Some(written)) => written,
            Ok(None) => kept,
            Err(never) => match never {},
        }
    }

    /// Takes an object away whatever it was.
    pub fn remove(&self, key: &Key) -> Option<Arc<Value>> {
        match self.update::<std::convert::Infallible>(key, |_| Ok(None)) {
            Ok(gone) => gone,
            Err(never) => match never {},
        }
    }

    /// A container's logs.
    pub fn log(&self, key: &LogKey) -> Option<ContainerLog> {
        self.with(|i| i.logs.get(key).cloned())
    }

    /// Changes a container's logs (made empty first when it had none). Followers are woken.
    pub fn edit_log(&self, key: &LogKey, f: impl FnOnce(&mut ContainerLog)) {
        self.with(|i| f(i.logs.entry(key.clone()).or_default()));
        self.changed.send_modify(|_| {});
    }

    /// Forgets a pod's logs.
    pub fn drop_logs(&self, namespace: &str, pod: &str) {
        self.with(|i| i.logs.retain(|(ns, p, _), _| ns != namespace || p != pod));
    }

    /// Usage in millicores and bytes, by `namespace/pod/container` or node name.
    pub fn usage(&self, key: &str) -> Option<(u64, u64)> {
        self.with(|i| i.usage.get(key).copied())
    }

    /// Sets a usage.
    pub fn set_usage(&self, key: &str, millicores: u64, bytes: u64) {
        self.with(|i| i.usage.insert(key.to_owned(), (millicores, bytes)));
    }
}

/// A uid in the shape of a real one, the same in every run.
fn uid(n: u64) -> String {
    let hash = crate::model::Digest::of(&n.to_be_bytes()).hex();
    let part = |range: std::ops::Range<usize>| hash.get(range).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-8{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unchanged_object_keeps_its_version_and_a_changed_one_gets_the_next() {
        let store = Store::new();
        let key = Key::new("pods", "shop", "api");
        let first = store.put(&key, json!({"metadata": {"name": "api"}}));
        assert_eq!(first["metadata"]["resourceVersion"], "2");
        let again = store.put(&key, (*first).clone());
        assert_eq!(again["metadata"]["resourceVersion"], "2");
        let mut changed = (*first).clone();
        changed["spec"] = json!({});
        assert_eq!(store.put(&key, changed)["metadata"]["resourceVersion"], "3");
        assert_eq!(store.since(2).map(|c| c.len()), Some(1));
    }

    #[test]
    fn a_walk_sees_the_objects_as_they_were_at_the_asked_version() {
        let store = Store::new();
        let pod = |name: &str, spec: Value| store.put(&Key::new("pods", "shop", name), json!({"metadata": {"name": name}, "spec": spec}));
        pod("a", json!(1));
        pod("b", json!(1));
        let then = store.version();
        pod("a", json!(2));
        pod("c", json!(1));
        store.remove(&Key::new("pods", "shop", "b"));
        let seen = |at: Option<u64>, after: Option<(&str, &str)>| {
            let mut out = Vec::new();
            store.walk("pods", Some("shop"), after, at, &mut |k, v| {
                out.push(format!("{}{}", k.name, v.object["spec"]));
                true
            });
            out
        };
        assert_eq!(seen(None, None), ["a2", "c1"]);
        assert_eq!(seen(Some(then), None), ["a1", "b1"]);
        assert_eq!(seen(Some(then), Some(("shop", "a"))), ["b1"]);
    }

    #[test]
    fn a_body_leaves_out_kind_and_version_alone() {
        assert_eq!(body(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {}})), r#"{"metadata":{"name":"a"},"spec":{}}"#);
    }
}
