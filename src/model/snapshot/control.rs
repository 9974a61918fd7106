//! What decides over others: autoscalers, disruption budgets, webhooks and API services.
use super::read::{Condition, Port, Sealed};
use super::{Meta, selector::Selector};
use crate::text::Clean;
use serde::Deserialize;

/// An autoscaler.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HorizontalPodAutoscaler {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Wanted.
    pub spec: ScalerSpec,
    /// Seen.
    pub status: ScalerStatus,
}

/// What an autoscaler wants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScalerSpec {
    /// What it scales.
    pub scale_target_ref: TargetRef,
    /// Absent means 1.
    pub min_replicas: Option<i32>,
    /// The upper bound.
    pub max_replicas: i32,
}

/// An object by kind and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TargetRef {
    /// Kind.
    pub kind: Clean,
    /// Name.
    pub name: Clean,
    /// Namespace, where it has one.
    pub namespace: Clean,
}

/// How an autoscaler is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScalerStatus {
    /// Now.
    pub current_replicas: i32,
    /// Soon.
    pub desired_replicas: i32,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// A disruption budget.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodDisruptionBudget {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Wanted.
    pub spec: BudgetSpec,
    /// Seen.
    pub status: BudgetStatus,
}

/// What a budget wants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BudgetSpec {
    /// A number or a percentage.
    pub min_available: Option<Port>,
    /// A number or a percentage.
    pub max_unavailable: Option<Port>,
    /// Which pods; absent means none.
    pub selector: Option<Selector>,
}

/// How a budget is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BudgetStatus {
    /// Healthy pods.
    pub current_healthy: i32,
    /// Healthy pods it needs.
    pub desired_healthy: i32,
    /// Pods it covers.
    pub expected_pods: i32,
    /// Pods that may go now.
    pub disruptions_allowed: i32,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// Admission webhooks of one configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct WebhookConfiguration {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Its webhooks.
    pub webhooks: Vec<Webhook>,
}

/// A webhook.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Webhook {
    /// Its name.
    pub name: Clean,
    /// Where it is.
    pub client_config: WebhookClient,
    /// `Fail` (the default) or `Ignore`.
    pub failure_policy: Clean,
    /// What it is asked about.
    pub rules: Vec<WebhookRule>,
    /// In which namespaces.
    pub namespace_selector: Selector,
}

/// Where a webhook is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookClient {
    /// Inside the cluster.
    pub service: Option<ServiceRef>,
    /// Whether a CA is given.
    pub ca_bundle: Option<Sealed>,
}

/// A service of a webhook or an API service.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ServiceRef {
    /// Namespace.
    pub namespace: Clean,
    /// Name.
    pub name: Clean,
    /// Port.
    pub port: Option<i32>,
}

/// What a webhook is asked about.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookRule {
    /// Resources.
    pub resources: Vec<Clean>,
    /// Operations.
    pub operations: Vec<Clean>,
}

/// An API service.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ApiService {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Where it is.
    pub spec: ApiServiceSpec,
    /// How it is.
    pub status: ApiServiceStatus,
}

/// Where an API service is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ApiServiceSpec {
    /// Absent when the API server serves it itself.
    pub service: Option<ServiceRef>,
}

/// How an API service is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ApiServiceStatus {
    /// Conditions.
    pub conditions: Vec<Condition>,
}
