//! Config maps (key names), Secrets (names and types), service accounts, quotas, limit ranges and priority classes.
//! No field can hold a value of a Secret or of a config map.
use super::Meta;
use super::read::{Keys, Quantity};
use crate::text::Clean;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A config map: its keys, not their values.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMap {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Keys of text.
    pub data: Keys,
    /// Keys of bytes.
    pub binary_data: Keys,
}

impl ConfigMap {
    /// Every key.
    pub fn keys(&self) -> impl Iterator<Item = &Clean> {
        self.data.0.iter().chain(&self.binary_data.0)
    }
}

/// A Secret: that it exists.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Secret {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Its type, where it was told.
    #[serde(rename = "type")]
    pub type_: Clean,
}

/// A service account.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ServiceAccount {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
}

/// A priority class.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PriorityClass {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Higher goes first.
    pub value: i64,
}

/// A quota of a namespace.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ResourceQuota {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// The bounds.
    pub spec: Hard,
    /// Bounds and use.
    pub status: Used,
}

/// Bounds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Hard {
    /// By resource.
    pub hard: BTreeMap<Clean, Quantity>,
}

/// Bounds and use.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Used {
    /// By resource.
    pub hard: BTreeMap<Clean, Quantity>,
    /// By resource.
    pub used: BTreeMap<Clean, Quantity>,
}

/// Bounds of single containers, pods or claims.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LimitRange {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// The bounds.
    pub spec: Limits,
}

/// See [`LimitRange`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// One for each type.
    pub limits: Vec<Limit>,
}

/// The bounds of one type.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Limit {
    /// `Container`, `Pod`, `PersistentVolumeClaim`.
    #[serde(rename = "type")]
    pub type_: Clean,
    /// At most.
    pub max: BTreeMap<Clean, Quantity>,
    /// At least.
    pub min: BTreeMap<Clean, Quantity>,
}
