//! The one way to fill a [`Snapshot`]: objects as JSON from lists, watches or dumps, how looking at each kind went,
//! and logs. Secrets lose everything but their metadata here, whatever was handed in.
use super::template::Templates;
use super::{Coverage, Event, LogKey, Meta, Pod, Snapshot, wire};
use crate::model::{Interner, KindRef, Timestamp};
use crate::text::{Clean, Prepared};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// A kind that the rules want to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// Version.
    pub version: &'static str,
    /// Plural, lower case.
    pub resource: &'static str,
    /// `Pod`.
    pub kind: &'static str,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Ask for `PartialObjectMetadata` only: the objects' contents must not be fetched.
    pub metadata_only: bool,
    /// A denial is said, but does not spoil a report's `complete`.
    pub dispensable: bool,
}

impl Wanted {
    /// As the rest of the program names kinds.
    pub fn kind_ref(&self) -> KindRef {
        KindRef::new(self.group, self.version, self.resource, self.kind, self.namespaced)
    }
}

/// What became of an object that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Took {
    /// It is in the snapshot.
    Kept,
    /// No rule wants its kind.
    NotWanted,
    /// It is no object, or not of the shape its kind has; the sentence says where.
    Unreadable(Clean),
}

/// How one object becomes a row.
pub trait Projected: Sized {
    /// The projection of an object as the API writes it.
    fn read(object: &Value, pool: &mut Interner, templates: &mut Templates) -> Result<Self, serde_json::Error>;
}

/// `metadata`, without what no projection keeps.
pub(super) fn metadata(object: &Value) -> Result<ObjectMeta, serde_json::Error> {
    object.get("metadata").map_or_else(|| Ok(ObjectMeta::default()), ObjectMeta::deserialize)
}

impl Projected for Pod {
    fn read(object: &Value, pool: &mut Interner, templates: &mut Templates) -> Result<Self, serde_json::Error> {
        let spec = object.get("spec").map_or_else(|| Ok(wire::PodSpec::default()), wire::PodSpec::deserialize)?;
        let status = object.get("status").map_or_else(|| Ok(wire::PodStatus::default()), wire::PodStatus::deserialize)?;
        Ok(Self::project(&metadata(object)?, &spec, &status, pool, templates))
    }
}

impl Projected for Event {
    fn read(object: &Value, pool: &mut Interner, _: &mut Templates) -> Result<Self, serde_json::Error> {
        Ok(Self::project(&metadata(object)?, &wire::Event::deserialize(object)?, pool))
    }
}

/// Fills a snapshot.
#[derive(Debug)]
pub struct Builder {
    snapshot: Snapshot,
    pool: Interner,
    templates: Templates,
    unreadable: Vec<(&'static str, usize, Clean)>,
}

impl Builder {
    /// An empty snapshot at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { snapshot: Snapshot::new(now), pool: Interner::new(), templates: Templates::default(), unreadable: Vec::new() }
    }

    /// The namespaces that were asked for; none means all. Nothing is said to be missing from any other.
    #[must_use]
    pub fn namespaces<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.snapshot.namespaces = names.into_iter().map(|n| Clean::line(n.as_ref())).collect();
        self
    }

    /// Takes one object that names its own `apiVersion` and `kind`.
    pub fn object(&mut self, object: &Value) -> Took {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let (Some(api), Some(kind)) = (text("apiVersion"), text("kind")) else {
            return Took::Unreadable(Clean::line("no apiVersion and kind"));
        };
        let group = api.split_once('/').map_or("", |(g, _)| g);
        match super::wanted(kind) {
            Some(w) if w.group == group || w.kind == "Event" => self.item(w.kind, object),
            _ => Took::NotWanted,
        }
    }

    /// Takes one item of a list of `kind`; items of API lists do not say their kind.
    pub fn item(&mut self, kind: &str, object: &Value) -> Took {
        let Some(wanted) = super::wanted(kind) else { return Took::NotWanted };
        let object = without_nulls(object);
        match self.snapshot.take(wanted.kind, &object, &mut self.pool, &mut self.templates) {
            Ok(()) => Took::Kept,
            Err(error) => {
                let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("without a name");
                let sentence = Clean::line(&format!("{} {name}: {error}", wanted.kind));
                match self.unreadable.iter_mut().find(|(k, _, _)| *k == wanted.kind) {
                    Some((_, n, _)) => *n += 1,
                    None => self.unreadable.push((wanted.kind, 1, sentence.clone())),
                }
                Took::Unreadable(sentence)
            }
        }
    }

    /// Takes pods that are rows already.
    pub fn pods(&mut self, pods: impl IntoIterator<Item = Pod>) {
        self.snapshot.pods.items.extend(pods);
    }

    /// Takes events that are rows already.
    pub fn events(&mut self, events: impl IntoIterator<Item = Event>) {
        self.snapshot.events.items.extend(events);
    }

    /// Says how looking at a kind went. A kind that is never named was not looked at.
    pub fn coverage(&mut self, kind: &str, coverage: Coverage) {
        if let Some(place) = self.snapshot.coverage_mut(kind) {
            *place = coverage;
        }
    }

    /// Adds a log.
    pub fn log(&mut self, key: LogKey, text: Prepared) {
        self.snapshot.logs.insert(key, text);
    }

    /// What is there so far: for [`wanted_logs`](../../../diagnose/fn.wanted_logs.html) before the logs are read.
    pub fn so_far(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The snapshot. A kind of which an object could not be read is not whole.
    pub fn finish(mut self) -> Snapshot {
        for (kind, count, first) in std::mem::take(&mut self.unreadable) {
            if let Some(place @ Coverage::Whole) = self.snapshot.coverage_mut(kind) {
                *place = Coverage::Cut(Clean::line(&format!("{count} could not be read, the first: {first}")));
            }
        }
        self.snapshot
    }
}

/// `null` means absent everywhere in the API; the projections only know absent.
pub(super) fn without_nulls(value: &Value) -> Cow<'_, Value> {
    fn holds_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(a) => a.iter().any(holds_null),
            Value::Object(o) => o.values().any(holds_null),
            _ => false,
        }
    }
    fn strip(value: &Value) -> Value {
        match value {
            Value::Array(a) => a.iter().filter(|v| !v.is_null()).map(strip).collect(),
            Value::Object(o) => Value::Object(o.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), strip(v))).collect()),
            other => other.clone(),
        }
    }
    if holds_null(value) { Cow::Owned(strip(value)) } else { Cow::Borrowed(value) }
}

/// The projection of kinds whose structs are read straight off the wire.
pub(super) fn read_plain<T: for<'de> Deserialize<'de>>(object: &Value, pool: &mut Interner) -> Result<(T, Meta), serde_json::Error> {
    Ok((T::deserialize(object)?, Meta::project(&metadata(object)?, pool)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_is_kept_under_its_kind_and_nulls_are_absence() {
        let mut b = Builder::new(Timestamp::UNIX_EPOCH);
        let slice = json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "a", "namespace": "n"}, "endpoints": null});
        assert_eq!(b.object(&slice), Took::Kept);
        assert_eq!(b.object(&json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "a"}})), Took::NotWanted);
        assert!(matches!(b.object(&json!({"name": "x"})), Took::Unreadable(_)));
        assert!(matches!(b.object(&json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": 3}})), Took::Unreadable(_)));
        b.coverage("services", Coverage::Whole);
        let s = b.finish();
        assert_eq!(s.endpoint_slices.items.len(), 1);
        assert!(matches!(s.services.coverage, Coverage::Cut(_)));
        assert_eq!(s.pods.coverage, Coverage::NotLooked);
    }

    #[test]
    fn siblings_share_one_template() {
        let pod = |name: &str, token: &str| {
            json!({"metadata": {"name": name, "namespace": "n"}, "spec": {
                "containers": [{"name": "main", "image": "i", "env": [{"name": "A", "value": "hunter2"}], "volumeMounts": [{"name": token, "mountPath": "/t"}]}],
                "volumes": [{"name": token, "projected": {"sources": []}}]}})
        };
        let mut b = Builder::new(Timestamp::UNIX_EPOCH);
        b.item("Pod", &pod("a", "kube-api-access-1"));
        b.item("Pod", &pod("b", "kube-api-access-2"));
        let s = b.finish();
        let [a, b] = &s.pods.items[..] else { panic!("two pods") };
        assert!(std::sync::Arc::ptr_eq(&a.template, &b.template));
        assert!(!format!("{s:?}").contains("hunter2"));
    }

    #[test]
    fn of_a_secret_nothing_but_its_name_and_type_is_kept() {
        let mut b = Builder::new(Timestamp::UNIX_EPOCH);
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"p": "aHVudGVyMg=="}, "metadata": {"name": "s", "namespace": "n",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"}}});
        assert_eq!(b.object(&secret), Took::Kept);
        let text = format!("{:?}", b.finish());
        assert!(text.contains("Opaque") && !text.contains("hunter2") && !text.contains("aHVudGVyMg"));
    }
}
