//! Where a pod wants to be, and what holds it back.
use super::super::selector::{Expression, Selector};
use crate::text::Clean;
use serde::Deserialize;

/// A taint that is stood.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct Toleration {
    /// Empty means every key.
    pub key: Clean,
    /// `Exists` or `Equal` (the default).
    pub operator: Clean,
    /// The value.
    pub value: Clean,
    /// Empty means every effect.
    pub effect: Clean,
}

impl Toleration {
    /// Whether it stands a taint.
    pub fn stands(&self, taint: &super::super::node::Taint) -> bool {
        let exists = self.operator.as_str() == "Exists";
        (self.key.is_empty() && exists || self.key == taint.key)
            && (exists || self.value == taint.value)
            && (self.effect.is_empty() || self.effect == taint.effect)
    }
}

/// Where a pod wants to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Affinity {
    /// To nodes.
    pub node_affinity: NodeAffinity,
    /// To pods.
    pub pod_affinity: PodAffinity,
    /// Away from pods.
    pub pod_anti_affinity: PodAffinity,
}

/// The hard part of node affinity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct NodeAffinity {
    /// What must hold.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub required: NodeTerms,
}

/// One of these must hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeTerms {
    /// The alternatives.
    pub node_selector_terms: Vec<NodeTerm>,
}

/// All of these must hold. Terms over fields (a daemon pod's node) are not read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeTerm {
    /// Over labels.
    pub match_expressions: Vec<Expression>,
}

/// The hard part of pod affinity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(default)]
pub struct PodAffinity {
    /// What must hold.
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    pub required: Vec<PodTerm>,
}

/// Near or away from pods.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodTerm {
    /// Which pods.
    pub label_selector: Selector,
    /// The label that says what "near" is.
    pub topology_key: Clean,
}

/// A spread constraint.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spread {
    /// The label of the domains.
    pub topology_key: Clean,
    /// The difference that is allowed.
    pub max_skew: i32,
    /// `DoNotSchedule` or `ScheduleAnyway`.
    pub when_unsatisfiable: Clean,
}

/// A condition that others must set.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadinessGate {
    /// Its type.
    pub condition_type: Clean,
}
