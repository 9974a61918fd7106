//! What every projection keeps of `metadata`.
use crate::model::{Interner, ObjectRef, Timestamp};
use crate::text::Clean;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::sync::Arc;

/// A controller owner reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// `ReplicaSet`, …
    pub kind: Clean,
    /// Its name.
    pub name: Clean,
    /// Its uid.
    pub uid: Clean,
}

/// Identity and ancestry of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// `metadata.uid`.
    pub uid: Clean,
    /// `metadata.name`.
    pub name: Clean,
    /// Empty for cluster-scoped objects.
    pub namespace: Clean,
    /// `metadata.resourceVersion`.
    pub resource_version: Clean,
    /// `metadata.creationTimestamp`; the epoch when absent.
    pub created: Timestamp,
    /// `metadata.deletionTimestamp`.
    pub deleted: Option<Timestamp>,
    /// Shared by all objects with equal labels.
    pub labels: Arc<[(Clean, Clean)]>,
    /// The controller.
    pub owner: Option<Owner>,
    /// `metadata.finalizers`.
    pub finalizers: Vec<Clean>,
}

impl Meta {
    /// The projection of a `metadata`.
    pub fn project(meta: &ObjectMeta, pool: &mut Interner) -> Self {
        let owner = meta.owner_references.iter().flatten().find(|o| o.controller == Some(true)).map(|o| Owner {
            kind: pool.get(&o.kind),
            name: pool.get(&o.name),
            uid: pool.get(&o.uid),
        });
        Self {
            uid: Clean::line(meta.uid.as_deref().unwrap_or_default()),
            name: Clean::line(meta.name.as_deref().unwrap_or_default()),
            namespace: pool.get(meta.namespace.as_deref().unwrap_or_default()),
            resource_version: Clean::line(meta.resource_version.as_deref().unwrap_or_default()),
            created: meta.creation_timestamp.as_ref().map_or(Timestamp::UNIX_EPOCH, |t| t.0),
            deleted: meta.deletion_timestamp.as_ref().map(|t| t.0),
            labels: pool.labels(meta.labels.iter().flatten()),
            owner,
            finalizers: meta.finalizers.iter().flatten().map(|f| pool.get(f)).collect(),
        }
    }
    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&Clean> {
        self.labels.iter().find(|(k, _)| k.as_str() == key).map(|(_, v)| v)
    }
    /// A reference to the object, of the given kind.
    pub fn reference(&self, kind: &str) -> ObjectRef {
        ObjectRef::new(kind, self.namespace.as_str(), self.name.as_str())
    }
}
