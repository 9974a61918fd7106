//! Volumes of a template: what they are made of and what must exist for them.
use super::super::read::Quantity;
use super::Reference;
use crate::text::Clean;
use serde::Deserialize;

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Volume {
    /// Its name.
    pub name: Clean,
    /// A config map.
    pub config_map: Option<MapVolume>,
    /// A Secret.
    pub secret: Option<SecretVolume>,
    /// A claim.
    pub persistent_volume_claim: Option<ClaimVolume>,
    /// Several sources in one.
    pub projected: Option<Projected>,
    /// Scratch space.
    pub empty_dir: Option<EmptyDir>,
    /// A path of the node.
    pub host_path: Option<HostPath>,
    /// A driver's own.
    pub csi: Option<Csi>,
}

/// A volume that a driver makes for the pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Csi {
    /// The driver.
    pub driver: Clean,
}

/// A config map as files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct MapVolume {
    /// The config map.
    pub name: Clean,
    /// Only these keys.
    pub items: Vec<Reference>,
    /// It may be missing.
    pub optional: bool,
}

/// A Secret as files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretVolume {
    /// The Secret.
    pub secret_name: Clean,
    /// Keys it takes; empty means all.
    pub items: Vec<Reference>,
    /// It may be missing.
    pub optional: bool,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimVolume {
    /// The claim.
    pub claim_name: Clean,
}

/// Several sources in one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Projected {
    /// The sources.
    pub sources: Vec<ProjectedSource>,
}

/// A source of a projected volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectedSource {
    /// A config map.
    pub config_map: Option<MapVolume>,
    /// A Secret.
    pub secret: Option<Reference>,
}

/// Scratch space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmptyDir {
    /// `Memory`, or the node's disk.
    pub medium: Clean,
    /// Its bound.
    pub size_limit: Option<Quantity>,
}

/// A path of the node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct HostPath {
    /// The path.
    pub path: Clean,
}
