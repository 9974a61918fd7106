//! Network policies as the API defines them: which select a pod, and whether any rule lets a connection through. A pod that no
//! policy selects is free; of those that select it, one rule that allows is enough.
use crate::diagnose::view::View;
use crate::model::ObjectRef;
use crate::model::snapshot::network::{Peer, PolicyPort, PolicyRule};
use crate::model::snapshot::read::Port;
use crate::model::snapshot::{NetworkPolicy, Pod, Service};
use crate::text::Clean;

/// The policies of a pod's namespace that select it and limit a direction.
fn selecting<'a>(view: &View<'a>, pod: &Pod, egress: bool) -> Vec<&'a NetworkPolicy> {
    view.network_policies_in(&pod.meta.namespace)
        .filter(|p| p.spec.pod_selector.matches(&pod.meta.labels))
        .filter(|p| if egress { p.spec.limits_egress() } else { p.spec.limits_ingress() })
        .collect()
}

fn port_allowed(ports: &[PolicyPort], wanted: i32, names: &[(Clean, i32)], protocols: &[&str]) -> bool {
    ports.is_empty()
        || ports.iter().any(|p| {
            let protocol = if p.protocol.is_empty() { "TCP" } else { p.protocol.as_str() };
            let number = match &p.port {
                None => return protocols.contains(&protocol),
                Some(Port::Number(n)) => *n,
                Some(Port::Name(name)) => names.iter().find(|(n, _)| n == name).map_or(-1, |(_, n)| *n),
            };
            protocols.contains(&protocol) && number <= wanted && wanted <= p.end_port.unwrap_or(number)
        })
}

/// Labels of a namespace; the one with its name is always there.
fn namespace_labels(view: &View<'_>, namespace: &str) -> Vec<(Clean, Clean)> {
    let found = view.namespace("", namespace);
    let mut labels = found.map(|n| n.meta.labels.to_vec()).unwrap_or_default();
    if labels.is_empty() {
        labels.push((Clean::line("kubernetes.io/metadata.name"), Clean::line(namespace)));
    }
    labels
}

/// Whether a peer may be a pod with these labels in this namespace. Address blocks may be anyone.
fn peer_allows(view: &View<'_>, peer: &Peer, policy_namespace: &str, namespace: &str, labels: Option<&[(Clean, Clean)]>) -> bool {
    if peer.ip_block.is_some() {
        return true;
    }
    let in_namespace = peer.namespace_selector.as_ref().map_or(policy_namespace == namespace, |s| s.matches(&namespace_labels(view, namespace)));
    in_namespace && peer.pod_selector.as_ref().is_none_or(|s| labels.is_none_or(|l| s.matches(l)))
}

/// The policy that keeps a pod from asking the cluster's DNS.
pub fn blocks_dns<'a>(view: &View<'a>, pod: &Pod) -> Option<&'a NetworkPolicy> {
    let policies = selecting(view, pod, true);
    let allowed = |p: &&NetworkPolicy| {
        p.spec.egress.iter().any(|r| {
            let peers = r.to.is_empty() || r.to.iter().any(|t| peer_allows(view, t, &p.meta.namespace, "kube-system", None));
            peers && port_allowed(&r.ports, 53, &[], &["UDP", "TCP"])
        })
    };
    if policies.iter().any(allowed) { None } else { policies.first().copied() }
}

/// The policy that keeps a pod from anything outside what its rules name; of a port, where one is known.
pub fn blocks_outside<'a>(view: &View<'a>, pod: &Pod, port: Option<u16>) -> Option<&'a NetworkPolicy> {
    let policies = selecting(view, pod, true);
    let open = |r: &PolicyRule| {
        (r.to.is_empty() || r.to.iter().any(|t| t.ip_block.is_some())) && port.is_none_or(|p| port_allowed(&r.ports, p.into(), &[], &["TCP", "UDP"]))
    };
    if policies.iter().any(|p| p.spec.egress.iter().any(open)) { None } else { policies.first().copied() }
}

/// The policy that keeps one pod from another behind a Service: of the sender's egress or the receiver's ingress.
pub fn blocks(view: &View<'_>, from: &Pod, to: &Pod, service: &Service, port: Option<u16>) -> Option<ObjectRef> {
    let names: Vec<(Clean, i32)> = to.template.containers.iter().flat_map(|c| &c.ports).map(|p| (p.name.clone(), p.container_port)).collect();
    let targets: Vec<i32> = service
        .spec
        .ports
        .iter()
        .filter(|p| port.is_none_or(|w| p.port == i32::from(w)))
        .map(|p| match &p.target_port {
            Some(Port::Number(n)) => *n,
            Some(Port::Name(name)) => names.iter().find(|(n, _)| n == name).map_or(p.port, |(_, n)| *n),
            None => p.port,
        })
        .collect();
    let lets = |policy: &NetworkPolicy, rules: &[PolicyRule], egress: bool, other: &Pod| {
        rules.iter().any(|r| {
            let peers = if egress { &r.to } else { &r.from };
            let known = peers.is_empty() || peers.iter().any(|p| peer_allows(view, p, &policy.meta.namespace, &other.meta.namespace, Some(&other.meta.labels)));
            known && (targets.is_empty() || targets.iter().any(|t| port_allowed(&r.ports, *t, &names, &["TCP"])))
        })
    };
    let out = selecting(view, from, true);
    if !out.is_empty() && !out.iter().any(|p| lets(p, &p.spec.egress, true, to)) {
        return out.first().map(|p| p.meta.reference("NetworkPolicy"));
    }
    let into = selecting(view, to, false);
    if !into.is_empty() && !into.iter().any(|p| lets(p, &p.spec.ingress, false, from)) {
        return into.first().map(|p| p.meta.reference("NetworkPolicy"));
    }
    None
}
