//! Why a host cannot be reached: the name resolved to a Service as the cluster's DNS would, the Service's endpoints and ports,
//! and the network policies between the two.
use super::policies;
use crate::diagnose::draft::field;
use crate::diagnose::said::Cause;
use crate::diagnose::spot::Spot;
use crate::diagnose::view::View;
use crate::diagnose::words::list;
use crate::model::ObjectRef;
use crate::model::finding::Proof;
use crate::model::snapshot::{Pod, Service};

/// An explanation.
pub struct Reached {
    /// The sentence.
    pub says: String,
    /// The object at fault.
    pub cause: Option<ObjectRef>,
    /// What would explain it further.
    pub because: Vec<Spot>,
    /// Proofs.
    pub proofs: Vec<Proof>,
}

impl Reached {
    fn new(says: String) -> Self {
        Self { says, cause: None, because: Vec::new(), proofs: Vec::new() }
    }
    fn at(mut self, cause: ObjectRef) -> Self {
        self.cause = Some(cause);
        self
    }
}

/// The namespace and name of the Service that a host means for a pod; `None` for a name outside the cluster.
fn service_name(host: &str, own_namespace: &str) -> Option<(String, String)> {
    let host = host.trim_end_matches('.');
    if host.is_empty() || host.parse::<core::net::IpAddr>().is_ok() {
        return None;
    }
    let parts: Vec<&str> = host.split('.').collect();
    match parts.as_slice() {
        [name] => Some((own_namespace.to_owned(), (*name).to_owned())),
        [name, namespace] | [.., name, namespace, "svc"] | [.., name, namespace, "svc", "cluster", "local"] => {
            Some(((*namespace).to_owned(), (*name).to_owned()))
        }
        _ => None,
    }
}

fn by_address<'a>(view: &View<'a>, host: &str) -> Option<&'a Service> {
    view.services().iter().find(|s| !s.spec.cluster_ip.is_empty() && s.spec.cluster_ip.as_str() == host)
}

/// Why a pod cannot reach what its log names; `None` when the snapshot does not tell.
pub fn explain(view: &View<'_>, pod: &Pod, cause: &Cause) -> Option<Reached> {
    let namespace = pod.meta.namespace.as_str();
    let (host, port, is_dns) = match cause {
        Cause::Dns(host) => (host.as_str(), None, true),
        Cause::Refused(host, port) | Cause::Timeout(host, port) => (host.as_deref().unwrap_or_default(), *port, false),
        _ => return None,
    };
    if is_dns && let Some(policy) = policies::blocks_dns(view, pod) {
        let whom = if host.is_empty() { "names".to_owned() } else { format!("`{host}`") };
        let policy = policy.meta.reference("NetworkPolicy");
        let mut found = Reached::new(format!("it cannot resolve {whom}, because NetworkPolicy `{}` lets no DNS out (port 53 to kube-system)", policy.name))
            .at(policy.clone());
        found.proofs.push(field(policy, "selects the pod, limits egress, and no rule allows port 53 (DNS)"));
        return Some(found);
    }
    let named = service_name(host, namespace);
    let service = named.as_ref().and_then(|(ns, name)| view.service(ns, name)).or_else(|| by_address(view, host));
    let Some(service) = service else {
        if matches!(cause, Cause::Timeout(..))
            && let Some(found) = blocked_out(view, pod, port)
        {
            return Some(found);
        }
        return missing_service(view, namespace, host, &named?);
    };
    Some(behind(view, pod, service, port, matches!(cause, Cause::Timeout(..))))
}

/// A name that no Service has.
fn missing_service(view: &View<'_>, own: &str, host: &str, (namespace, name): &(String, String)) -> Option<Reached> {
    if view.is_missing("Namespace", "", namespace) && view.looked_at().is_empty() {
        return Some(Reached::new(format!("it wants `{host}`, and there is no namespace `{namespace}`")));
    }
    if !view.is_missing("Service", namespace, name) {
        return None;
    }
    let place = if namespace == own { "in its namespace".to_owned() } else { format!("in namespace `{namespace}`") };
    let near = view.near("Service", namespace, name).map_or_else(String::new, |n| format!("; `{n}` does"));
    Some(Reached::new(format!("it wants `{host}`, and no Service `{name}` exists {place}{near}")).at(ObjectRef::new(
        "Service",
        namespace.as_str(),
        name.as_str(),
    )))
}

/// What stands between a pod and a Service that exists.
fn behind(view: &View<'_>, pod: &Pod, service: &Service, port: Option<u16>, timed_out: bool) -> Reached {
    let at = service.meta.reference("Service");
    let offers: Vec<String> = service.spec.ports.iter().map(|p| p.port.to_string()).collect();
    if let Some(port) = port.map(i32::from).filter(|p| service.spec.ports.iter().all(|o| o.port != *p))
        && !offers.is_empty()
    {
        let mut found = Reached::new(format!("it asks port {port} of Service `{}`, which offers {}", at.name, list(&offers)));
        found.proofs.push(field(at.clone(), format!("spec.ports: {}", offers.join(", "))));
        return found.at(at);
    }
    let pods = view.behind(service);
    if timed_out {
        for target in &pods {
            if let Some(policy) = policies::blocks(view, pod, target, service, port) {
                let mut found = Reached::new(format!("NetworkPolicy `{}` keeps it from Service `{}`", policy.name, at.name)).at(policy.clone());
                found.proofs.push(field(policy, format!("allows no connection from {} to {}", pod.meta.name, target.meta.name)));
                return found;
            }
        }
    }
    let ready = pods.iter().filter(|p| p.ready().0 == p.ready().1 && p.phase.as_str() == "Running").count();
    if ready == 0 && view.saw_all("Pod") && !service.spec.selector.is_empty() {
        let mut found = Reached::new(format!("it depends on Service `{}`, which has no ready endpoints", at.name));
        found.because.push((&at).into());
        found.because.extend(pods.iter().map(|p| Spot::of("Pod", &p.meta)));
        return found.at(at);
    }
    let mut found = Reached::new(format!("it cannot reach Service `{}`, though {ready} of its pods are ready", at.name));
    found.because.push(at.into());
    found
}

/// A policy that keeps everything but what it names from going out.
fn blocked_out(view: &View<'_>, pod: &Pod, port: Option<u16>) -> Option<Reached> {
    let policy = policies::blocks_outside(view, pod, port)?.meta.reference("NetworkPolicy");
    let mut found = Reached::new(format!("its connections go unanswered, and NetworkPolicy `{}` limits what may go out", policy.name)).at(policy.clone());
    found.proofs.push(field(policy, "selects the pod and limits egress"));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::service_name;

    #[test]
    fn a_host_is_resolved_as_the_clusters_dns_would() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        for (host, want) in [
            ("orders", pair("shop", "orders")),
            ("orders.pay", pair("pay", "orders")),
            ("orders.pay.svc.cluster.local", pair("pay", "orders")),
            ("db-0.db.data.svc", pair("data", "db")),
            ("10.0.0.7", None),
            ("api.example.com", None),
        ] {
            assert_eq!(service_name(host, "shop"), want, "{host}");
        }
    }
}
