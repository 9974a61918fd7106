//! Claims, volumes and storage classes as the rules ask them.
use super::Meta;
use super::read::{Condition, Marks, Quantity};
use super::selector::Selector;
use crate::text::Clean;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A claim.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolumeClaim {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Wanted.
    pub spec: ClaimSpec,
    /// Seen.
    pub status: ClaimStatus,
}

/// What a claim asks for.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimSpec {
    /// Absent means the default class; empty means none.
    pub storage_class_name: Option<Clean>,
    /// `ReadWriteOnce`, …
    pub access_modes: Vec<Clean>,
    /// The size.
    pub resources: Requests,
    /// The volume it is bound to, or wants.
    pub volume_name: Clean,
    /// Labels that its volume must have.
    pub selector: Selector,
    /// `Filesystem` or `Block`; empty for the first.
    pub volume_mode: Clean,
}

/// `requests.storage`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Requests {
    /// By resource.
    pub requests: BTreeMap<Clean, Quantity>,
}

/// How a claim is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClaimStatus {
    /// `Pending`, `Bound`, `Lost`.
    pub phase: Clean,
    /// Of resizing.
    pub conditions: Vec<Condition>,
}

/// A volume.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PersistentVolume {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Wanted.
    pub spec: VolumeSpec,
    /// Seen.
    pub status: VolumeStatus,
}

/// What a volume is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeSpec {
    /// Its class.
    pub storage_class_name: Clean,
    /// Its size.
    pub capacity: BTreeMap<Clean, Quantity>,
    /// How it may be mounted.
    pub access_modes: Vec<Clean>,
    /// Who holds it.
    pub claim_ref: Option<ClaimRef>,
    /// `Filesystem` or `Block`; empty for the first.
    pub volume_mode: Clean,
    /// The nodes that can reach it.
    pub node_affinity: NodeReach,
    /// What becomes of it when its claim goes: `Delete` or `Retain`.
    pub persistent_volume_reclaim_policy: Clean,
}

/// The nodes that can reach a volume; nothing required means all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NodeReach {
    /// One of these must hold.
    pub required: super::template::NodeTerms,
}

/// A claim by name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClaimRef {
    /// Namespace.
    pub namespace: Clean,
    /// Name.
    pub name: Clean,
}

/// How a volume is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VolumeStatus {
    /// `Available`, `Bound`, `Released`, `Failed`.
    pub phase: Clean,
    /// One word.
    pub reason: Clean,
    /// A sentence.
    pub message: Clean,
}

/// A storage class.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StorageClass {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Whether it is the default.
    #[serde(rename = "metadata")]
    pub marks: Marks,
    /// Who makes its volumes.
    pub provisioner: Clean,
    /// `Immediate` or `WaitForFirstConsumer`.
    pub volume_binding_mode: Clean,
}
