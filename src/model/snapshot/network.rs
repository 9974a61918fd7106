//! Services, endpoint slices, ingresses and network policies as the rules ask them.
use super::read::{Map, Marks, Port};
use super::{Meta, selector::Selector};
use crate::text::Clean;
use serde::Deserialize;

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Service {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Wanted.
    pub spec: ServiceSpec,
    /// Seen.
    pub status: Published,
}

/// What a service wants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceSpec {
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    #[serde(rename = "type")]
    pub type_: Clean,
    /// Which pods; empty when endpoints are made by someone else.
    pub selector: Map,
    /// Its ports.
    pub ports: Vec<ServicePort>,
    /// `None` for a headless service.
    #[serde(rename = "clusterIP")]
    pub cluster_ip: Clean,
    /// The DNS name of an `ExternalName`.
    pub external_name: Clean,
    /// Pods count before they are ready.
    pub publish_not_ready_addresses: bool,
    /// `Cluster` or `Local`.
    pub external_traffic_policy: Clean,
}

/// A port of a service.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServicePort {
    /// Its name.
    pub name: Clean,
    /// The service's port.
    pub port: i32,
    /// The pod's port; absent means the same.
    pub target_port: Option<Port>,
    /// `TCP`, `UDP`, `SCTP`.
    pub protocol: Clean,
    /// The nodes' port.
    pub node_port: Option<i32>,
}

/// Addresses that a load balancer gave.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Published {
    /// The balancer.
    pub load_balancer: Balancer,
}

/// See [`Published`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Balancer {
    /// One each.
    pub ingress: Vec<Address>,
}

/// An address or a host name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Address.
    pub ip: Clean,
    /// Name.
    pub hostname: Clean,
}

/// A slice of a service's endpoints.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EndpointSlice {
    /// Identity; the label `kubernetes.io/service-name` names the service.
    #[serde(skip)]
    pub meta: Meta,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
}

/// An endpoint.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Endpoint {
    /// Its addresses.
    pub addresses: Vec<Clean>,
    /// How it is.
    pub conditions: EndpointConditions,
    /// The pod behind it.
    pub target_ref: Target,
}

/// Absent `ready` means ready.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct EndpointConditions {
    /// Gets traffic.
    pub ready: Option<bool>,
    /// Is ending.
    pub terminating: Option<bool>,
}

/// What is behind an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Target {
    /// `Pod`.
    pub kind: Clean,
    /// Its name.
    pub name: Clean,
}

/// An ingress.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ingress {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// The old class annotation.
    #[serde(rename = "metadata")]
    pub marks: Marks,
    /// Wanted.
    pub spec: IngressSpec,
    /// Seen.
    pub status: Published,
}

/// What an ingress wants.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressSpec {
    /// Who serves it.
    pub ingress_class_name: Option<Clean>,
    /// Where the rest goes.
    pub default_backend: Option<Backend>,
    /// By host.
    pub rules: Vec<IngressRule>,
    /// Certificates.
    pub tls: Vec<IngressTls>,
}

/// The paths of a host.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IngressRule {
    /// The host; empty means any.
    pub host: Clean,
    /// Its paths.
    pub http: IngressPaths,
}

/// See [`IngressRule`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IngressPaths {
    /// In order.
    pub paths: Vec<IngressPath>,
}

/// A path.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IngressPath {
    /// The path.
    pub path: Clean,
    /// Where it goes.
    pub backend: Backend,
}

/// A service, or another resource.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Backend {
    /// The service, when it is one.
    pub service: Option<BackendService>,
}

/// A service's port.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct BackendService {
    /// The service.
    pub name: Clean,
    /// Its port.
    pub port: BackendPort,
}

/// By number or by name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct BackendPort {
    /// Number.
    pub number: Option<i32>,
    /// Name.
    pub name: Clean,
}

/// A certificate for hosts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressTls {
    /// The Secret's name.
    pub secret_name: Clean,
}

/// An ingress class.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngressClass {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// Whether it is the default.
    #[serde(rename = "metadata")]
    pub marks: Marks,
}

/// A network policy.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicy {
    /// Identity.
    #[serde(skip)]
    pub meta: Meta,
    /// What it says.
    pub spec: PolicySpec,
}

/// What a network policy says.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicySpec {
    /// Which pods it isolates; empty means all of the namespace.
    pub pod_selector: Selector,
    /// `Ingress`, `Egress`; empty means by what is there.
    pub policy_types: Vec<Clean>,
    /// Who may come.
    pub ingress: Vec<PolicyRule>,
    /// Where it may go.
    pub egress: Vec<PolicyRule>,
}

/// Peers and ports of a rule; empty means all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PolicyRule {
    /// Of ingress.
    pub from: Vec<Peer>,
    /// Of egress.
    pub to: Vec<Peer>,
    /// Ports.
    pub ports: Vec<PolicyPort>,
}

/// A peer of a rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Peer {
    /// Pods.
    pub pod_selector: Option<Selector>,
    /// Namespaces.
    pub namespace_selector: Option<Selector>,
    /// Addresses.
    pub ip_block: Option<IpBlock>,
}

/// Addresses.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IpBlock {
    /// `10.0.0.0/8`.
    pub cidr: Clean,
}

/// A port of a rule.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPort {
    /// Absent means all.
    pub port: Option<Port>,
    /// The end of a range.
    pub end_port: Option<i32>,
    /// `TCP` when absent.
    pub protocol: Clean,
}

impl PolicySpec {
    /// Whether it isolates what goes out.
    pub fn limits_egress(&self) -> bool {
        self.policy_types.iter().any(|t| t.as_str() == "Egress") || self.policy_types.is_empty() && !self.egress.is_empty()
    }
    /// Whether it isolates what comes in.
    pub fn limits_ingress(&self) -> bool {
        self.policy_types.iter().any(|t| t.as_str() == "Ingress") || self.policy_types.is_empty()
    }
}
