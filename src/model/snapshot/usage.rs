//! What pods use, as metrics.k8s.io says it at one instant. It cannot be watched, so it is read only when somebody asks for it.
use super::read::Quantity;
use super::{Coverage, Meta};
use crate::text::Clean;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is known of the pods' use.
#[derive(Clone, Debug, Default)]
pub struct Usages {
    /// One for each pod.
    pub items: Vec<Usage>,
    /// How looking went.
    pub coverage: Coverage,
}

/// What one pod uses.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// The pod's name and namespace.
    #[serde(skip)]
    pub meta: Meta,
    /// By container.
    pub containers: Vec<ContainerUsage>,
}

/// What one container uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContainerUsage {
    /// The container.
    pub name: Clean,
    /// `cpu` and `memory`.
    pub usage: BTreeMap<Clean, Quantity>,
}
