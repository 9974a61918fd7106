//! What a list page and a line of a watch carry, as far as it is read: the parser skips the rest (managedFields are a
//! third of a pod) and never holds it.
use crate::model::{Timestamp, snapshot};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// Of `metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::cluster) struct Meta {
    name: Option<String>,
    namespace: Option<String>,
    pub uid: Option<String>,
    pub resource_version: Option<String>,
    generation: Option<i64>,
    creation_timestamp: Option<Timestamp>,
    deletion_timestamp: Option<Timestamp>,
    deletion_grace_period_seconds: Option<i64>,
    labels: Option<BTreeMap<String, String>>,
    owner_references: Option<Vec<OwnerReference>>,
    finalizers: Option<Vec<String>>,
}

impl Meta {
    /// As the projections take it.
    pub fn full(self) -> ObjectMeta {
        ObjectMeta {
            name: self.name,
            namespace: self.namespace,
            uid: self.uid,
            resource_version: self.resource_version,
            generation: self.generation,
            creation_timestamp: self.creation_timestamp.map(Time),
            deletion_timestamp: self.deletion_timestamp.map(Time),
            deletion_grace_period_seconds: self.deletion_grace_period_seconds,
            labels: self.labels,
            owner_references: self.owner_references,
            finalizers: self.finalizers,
            ..ObjectMeta::default()
        }
    }
}

/// A pod.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::cluster) struct Pod {
    pub metadata: Meta,
    pub spec: snapshot::wire::PodSpec,
    pub status: snapshot::wire::PodStatus,
}

/// An event: its fields stand beside `metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::cluster) struct Event {
    pub metadata: Meta,
    #[serde(flatten)]
    pub fields: snapshot::wire::Event,
}

/// Of a page's `metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::cluster) struct PageMeta {
    pub resource_version: Option<String>,
    #[serde(rename = "continue")]
    pub next: Option<String>,
}

/// Reads a page item by item: an item is a row before the next one is parsed, so that a page of big objects never
/// stands in memory beside its text.
pub(in crate::cluster) fn page<T: DeserializeOwned, R>(body: &[u8], each: impl FnMut(T) -> R) -> Result<(PageMeta, Vec<R>), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = reader.deserialize_map(PageReader { each, item: PhantomData })?;
    reader.end()?;
    Ok(read)
}

struct PageReader<T, F> {
    each: F,
    item: PhantomData<fn() -> T>,
}

impl<'de, T: DeserializeOwned, R, F: FnMut(T) -> R> Visitor<'de> for PageReader<T, F> {
    type Value = (PageMeta, Vec<R>);
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut meta, mut rows) = (PageMeta::default(), Vec::new());
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "metadata" => meta = map.next_value()?,
                "items" => map.next_value_seed(Items { each: &mut self.each, rows: &mut rows, item: PhantomData })?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok((meta, rows))
    }
}

struct Items<'a, T, R, F> {
    each: &'a mut F,
    rows: &'a mut Vec<R>,
    item: PhantomData<fn() -> T>,
}

impl<'de, T: DeserializeOwned, R, F: FnMut(T) -> R> DeserializeSeed<'de> for Items<'_, T, R, F> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // `null` when a list is empty on some servers
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: DeserializeOwned, R, F: FnMut(T) -> R> Visitor<'de> for Items<'_, T, R, F> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the items of a list")
    }
    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<T>()? {
            self.rows.push((self.each)(item));
        }
        Ok(())
    }
}

/// A line of a watch.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "object", rename_all = "UPPERCASE")]
pub(in crate::cluster) enum Line<T> {
    /// New, or there at the start of a streaming list.
    Added(T),
    /// Changed.
    Modified(T),
    /// Gone.
    Deleted(T),
    /// Nothing happened up to this resourceVersion.
    Bookmark(Mark),
    /// The watch failed.
    Error(Box<kube::core::Status>),
}

/// A bookmark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::cluster) struct Mark {
    pub metadata: MarkMeta,
}

/// Of a bookmark's `metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::cluster) struct MarkMeta {
    pub resource_version: Option<String>,
    annotations: BTreeMap<String, String>,
}

impl MarkMeta {
    /// Whether a streaming list is whole here.
    pub fn ends_list(&self) -> bool {
        self.annotations.get("k8s.io/initial-events-end").is_some_and(|v| v == "true")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_item_by_item_whatever_the_order_of_its_keys() {
        let name = |pod: Pod| pod.metadata.uid.unwrap_or_default();
        for (body, want) in [
            (
                r#"{"kind":"PodList","items":[{"metadata":{"uid":"a"}},{"metadata":{"uid":"b"}}],"metadata":{"continue":"c","resourceVersion":"7"}}"#,
                vec!["a", "b"],
            ),
            (r#"{"metadata":{"continue":"c","resourceVersion":"7"},"items":null}"#, vec![]),
            (r#"{"metadata":{"continue":"c","resourceVersion":"7"}}"#, vec![]),
        ] {
            let (meta, rows) = page::<Pod, _>(body.as_bytes(), name).unwrap();
            assert_eq!((rows, meta.next.as_deref(), meta.resource_version.as_deref()), (want.into_iter().map(String::from).collect(), Some("c"), Some("7")));
        }
        for broken in ["", "[]", r#"{"items":[{]}"#, r#"{"items":3}"#, r#"{"items":[]} x"#] {
            assert!(page::<Pod, _>(broken.as_bytes(), name).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_line_is_read_without_what_a_row_does_not_keep() {
        let line = r#"{"type":"MODIFIED","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"u","resourceVersion":"7","managedFields":[{"fieldsV1":{"f:x":{}}}]},"spec":{"nodeName":"n","containers":[{"name":"c","env":[{"name":"A"}]}]},"status":{"phase":"Running"}}}"#;
        let Line::Modified(pod) = serde_json::from_str::<Line<Pod>>(line).unwrap() else { panic!("not modified") };
        assert_eq!(pod.metadata.resource_version.as_deref(), Some("7"));
        assert_eq!(pod.spec.containers.len(), 1);
        assert_eq!(pod.status.phase.as_deref(), Some("Running"));
    }

    #[test]
    fn the_end_of_a_streaming_list_is_told_from_a_plain_bookmark() {
        for (annotations, want) in [(r#","annotations":{"k8s.io/initial-events-end":"true"}"#, true), ("", false)] {
            let line = format!(
                r#"{{"type":"BOOKMARK","object":{{"kind":"Pod","apiVersion":"v1","metadata":{{"resourceVersion":"9"{annotations}}},"spec":{{"containers":null}}}}}}"#
            );
            let Line::Bookmark(mark) = serde_json::from_str::<Line<Pod>>(&line).unwrap() else { panic!("no bookmark") };
            assert_eq!(mark.metadata.ends_list(), want);
        }
    }

    #[test]
    fn an_event_keeps_its_fields_beside_its_metadata() {
        let event: Event =
            serde_json::from_str(r#"{"metadata":{"uid":"e"},"reason":"BackOff","involvedObject":{"kind":"Pod","name":"a"},"eventTime":null}"#).unwrap();
        assert_eq!((event.metadata.uid.as_deref(), event.fields.reason.as_deref()), (Some("e"), Some("BackOff")));
    }
}
