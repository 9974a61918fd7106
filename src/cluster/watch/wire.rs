//! What a list page and a line of a watch carry, as far as it is read: the parser skips the rest (managedFields are a
//! third of a pod) and never holds it.
use crate::model::{Timestamp, snapshot};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference, Time};
use serde::Deserialize;
use std::collections::BTreeMap;

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

/// A page of a list.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(in crate::cluster) struct Page<T> {
    #[serde(default)]
    pub metadata: PageMeta,
    /// `null` when a list is empty on some servers.
    #[serde(default)]
    pub items: Option<Vec<T>>,
}

/// Of a page's `metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::cluster) struct PageMeta {
    pub resource_version: Option<String>,
    #[serde(rename = "continue")]
    pub next: Option<String>,
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
