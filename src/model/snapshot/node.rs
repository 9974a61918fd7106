//! Nodes as the rules ask them.
use super::Meta;
use super::read::{Condition, Quantity};
use crate::text::Clean;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Node {
    /// Identity; its labels are what selectors ask for.
    #[serde(skip)]
    pub meta: Meta,
    /// Wanted.
    pub spec: NodeSpec,
    /// Seen.
    pub status: NodeStatus,
}

/// What was decided about a node.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct NodeSpec {
    /// Cordoned.
    pub unschedulable: bool,
    /// Its taints.
    pub taints: Vec<Taint>,
}

/// A taint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Taint {
    /// Key.
    pub key: Clean,
    /// Value.
    pub value: Clean,
    /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
    pub effect: Clean,
}

impl std::fmt::Display for Taint {
    /// `dedicated=infra:NoSchedule`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let equals = if self.value.is_empty() { "" } else { "=" };
        write!(f, "{}{equals}{}:{}", self.key, self.value, self.effect)
    }
}

/// How a node is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeStatus {
    /// For pods.
    pub allocatable: BTreeMap<Clean, Quantity>,
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// Versions.
    pub node_info: NodeInfo,
}

/// Versions.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeInfo {
    /// `v1.36.3`.
    pub kubelet_version: Clean,
}
