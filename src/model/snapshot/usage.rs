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

impl Usages {
    /// A list of metrics.k8s.io as it was answered. One that could not be read cuts it.
    pub fn read<'a>(list: impl IntoIterator<Item = &'a serde_json::Value>) -> Self {
        let (mut pool, mut all) = (crate::model::Interner::new(), Self { items: Vec::new(), coverage: Coverage::Whole });
        for object in list {
            match super::builder::read_plain::<Usage>(object, &mut pool) {
                Ok((usage, meta)) => all.items.push(Usage { meta, ..usage }),
                Err(error) => all.coverage = Coverage::Cut(Clean::line(&format!("metrics of a pod could not be read: {error}"))),
            }
        }
        all
    }
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
