//! Network policies as the API defines them: which select a pod, and whether any rule lets a connection through. A pod that no
//! policy selects is free; of those that select it, one rule that allows is enough.
use crate::diagnose::view::View;
use crate::diagnose::words::list;
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

/// The ports that the containers of a pod name, and those that a Service sends to.
fn asked(to: &Pod, service: &Service, port: Option<u16>) -> (Vec<(Clean, i32)>, Vec<i32>) {
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
    (names, targets)
}

/// What a policy lets through instead: `: it lets in only pods with role=api (…)`.
pub fn why(view: &View<'_>, policy: &ObjectRef, from: &Pod, to: &Pod, service: &Service, port: Option<u16>) -> String {
    let Some(policy) = view.network_policy(&policy.namespace, &policy.name) else { return String::new() };
    let (names, targets) = asked(to, service, port);
    let egress = policy.meta.namespace == from.meta.namespace && policy.spec.limits_egress() && policy.spec.pod_selector.matches(&from.meta.labels);
    let (rules, other, way) = if egress { (&policy.spec.egress, to, "out") } else { (&policy.spec.ingress, from, "in") };
    if rules.is_empty() {
        return format!(": it lets nothing {way}");
    }
    let peers = |r: &PolicyRule| if egress { r.to.clone() } else { r.from.clone() };
    let known = |p: &Peer| peer_allows(view, p, &policy.meta.namespace, &other.meta.namespace, Some(&other.meta.labels));
    let mut ports: Vec<String> = Vec::new();
    let mut whom: Vec<String> = Vec::new();
    for rule in rules {
        if peers(rule).is_empty() || peers(rule).iter().any(known) {
            ports.extend(rule.ports.iter().filter_map(|p| p.port.as_ref()).map(ToString::to_string));
        } else if targets.iter().any(|t| port_allowed(&rule.ports, *t, &names, &["TCP"])) {
            whom.extend(peers(rule).iter().map(|p| peer_words(p, other)));
        }
    }
    ports.sort();
    ports.dedup();
    let goes: Vec<String> = targets.iter().map(ToString::to_string).collect();
    match (whom.is_empty(), ports.is_empty()) {
        (false, _) => format!(": it lets {way} only {}", list(&whom)),
        (true, false) => format!(": it lets only port {} {way}, and this goes to {}", list(&ports), list(&goes)),
        (true, true) => String::new(),
    }
}

/// `pods with role=api (`api-1` says role=apis)`.
fn peer_words(peer: &Peer, other: &Pod) -> String {
    let says = |key: &Clean| other.meta.label(key).map_or_else(|| format!("has no label `{key}`"), |v| format!("says {key}={v}"));
    let pods = peer.pod_selector.as_ref().filter(|s| !s.words().is_empty()).map(|s| {
        let wrong: Vec<String> = s.match_labels.iter().filter(|(k, v)| other.meta.label(k) != Some(*v)).map(|(k, _)| says(k)).collect();
        let instead = if wrong.is_empty() { String::new() } else { format!(" (`{}` {})", other.meta.name, list(&wrong)) };
        format!("pods with {}{instead}", s.words())
    });
    match (pods, &peer.namespace_selector) {
        (Some(pods), Some(n)) => format!("{pods} in namespaces with {}", n.words()),
        (Some(pods), None) => pods,
        (None, Some(n)) => format!("namespaces with {}", n.words()),
        (None, None) => "what its rules name".to_owned(),
    }
}

/// The policy that keeps one pod from another behind a Service: of the sender's egress or the receiver's ingress.
pub fn blocks(view: &View<'_>, from: &Pod, to: &Pod, service: &Service, port: Option<u16>) -> Option<ObjectRef> {
    let (names, targets) = asked(to, service, port);
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
