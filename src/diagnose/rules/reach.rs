//! Why a host cannot be reached: the name resolved to a Service as the cluster's DNS would, the Service's endpoints and ports,
//! and the network policies between the two.
use super::policies;
use crate::diagnose::draft::{field, line};
use crate::diagnose::said::{self, Cause, Said};
use crate::diagnose::spot::Spot;
use crate::diagnose::view::View;
use crate::diagnose::words::list;
use crate::model::ObjectRef;
use crate::model::finding::Proof;
use crate::model::snapshot::read::Port;
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

/// The Service of `POD.SERVICE` or `POD.SERVICE.NAMESPACE`.
fn governing<'a>(view: &View<'a>, host: &str, namespace: &str) -> Option<&'a Service> {
    match host.trim_end_matches('.').split('.').collect::<Vec<_>>().as_slice() {
        [_, service] => view.service(namespace, service),
        [_, service, namespace] => view.service(namespace, service),
        _ => None,
    }
}

/// `POD.SERVICE` of a Service that does not exist, where one of nearly that name does.
fn astray(view: &View<'_>, host: &str, namespace: &str, is_dns: bool) -> Option<Reached> {
    let (pod, service) = host.split_once('.').filter(|(_, s)| is_dns && !s.contains('.'))?;
    let set = pod.rsplit_once('-').filter(|(_, n)| n.parse::<u32>().is_ok())?.0;
    let near = view.near("Service", namespace, service).or_else(|| view.service(namespace, set).map(|s| s.meta.name.to_string()))?;
    if !view.is_missing("Service", namespace, service) {
        return None;
    }
    let says = format!("it wants `{host}`, and no Service `{service}` exists in its namespace; `{near}` does");
    Some(Reached::new(says).at(ObjectRef::new("Service", namespace, service)))
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
    let service = named.as_ref().and_then(|(ns, name)| view.service(ns, name)).or_else(|| by_address(view, host)).or_else(|| governing(view, host, namespace));
    let Some(service) = service else {
        if let Some(found) = astray(view, host, namespace, is_dns) {
            return Some(found);
        }
        if matches!(cause, Cause::Timeout(..))
            && let Some(found) = blocked_out(view, pod, port)
        {
            return Some(found);
        }
        return missing_service(view, namespace, host, &named?);
    };
    Some(behind(view, pod, service, port, matches!(cause, Cause::Timeout(..))))
}

/// Why a pod cannot reach what its log complains of: by the host of the complaint, else by any that the line names by the way.
pub fn told(view: &View<'_>, pod: &Pod, said: &Said) -> Option<Reached> {
    let named = || named(view, pod, &said.words(), matches!(said.cause, Cause::Timeout(..)));
    match explain(view, pod, &said.cause) {
        Some(found) if found.cause.is_some() => Some(found),
        Some(found) => named().or(Some(found)),
        None => named(),
    }
}

/// What stands between a pod and a Service that a text names by the way: `cannot reach api:8080`, `waiting for http://db/`. Only
/// a Service that exists and that something is wrong with; never the pod's own.
pub fn named(view: &View<'_>, pod: &Pod, text: &str, timed_out: bool) -> Option<Reached> {
    let own = pod.meta.namespace.as_str();
    let mut after_wait = false;
    for word in text.split(|c: char| c.is_whitespace() || "'\"`()[]<>,;=".contains(c)) {
        let bare = word.split_once("://").map_or(word, |(_, rest)| rest);
        let authority = bare.split(['/', '?']).next().unwrap_or_default().trim_end_matches(['.', ':', '!']);
        // Who logs in stands before the host.
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, port.parse::<u16>().ok()),
            None => (authority, None),
        };
        // A bare word is a host only where something is said to wait for it.
        let meant = port.is_some() || bare.len() < word.len() || after_wait || host.contains(".svc");
        after_wait = matches!(word, "for" | "reach" | "to") || (after_wait && word == "the");
        let service = service_name(host, own).filter(|_| meant).and_then(|(ns, name)| view.service(&ns, &name));
        let Some(service) = service.filter(|s| !view.behind(s).iter().any(|p| p.meta.uid == pod.meta.uid)) else { continue };
        let found = behind(view, pod, service, port, timed_out);
        if found.cause.is_some() {
            return Some(found);
        }
    }
    None
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
                let why = policies::why(view, &policy, pod, target, service, port);
                let mut found = Reached::new(format!("NetworkPolicy `{}` keeps it from Service `{}`{why}", policy.name, at.name)).at(policy.clone());
                found.proofs.push(field(policy, format!("allows no connection from {} to {}", pod.meta.name, target.meta.name)));
                return found;
            }
        }
    }
    if service.spec.selector.is_empty()
        && service.spec.type_.as_str() != "ExternalName"
        && let Some(draft) = super::services::by_hand(view, service)
    {
        let mut found = Reached::new(format!("it depends on Service `{}`, which {}", at.name, draft.says));
        found.because.push((&at).into());
        return found.at(at);
    }
    let ready = pods.iter().filter(|p| p.ready().0 == p.ready().1 && p.phase.as_str() == "Running").count();
    if ready == 0 && view.saw_all("Pod") && !service.spec.selector.is_empty() {
        let mut found = Reached::new(format!("it depends on Service `{}`, which has no ready endpoints", at.name));
        found.because.push((&at).into());
        found.because.extend(view.spots(&pods));
        return found.at(at);
    }
    if !timed_out && let Some(found) = other_port(view, service, port, &pods) {
        return found.at(at);
    }
    let mut found = Reached::new(format!("it cannot reach Service `{}`, though {ready} of its pods are ready", at.name));
    found.because.push(at.into());
    found
}

/// Pods that say that they listen on another port than the Service sends to, whatever their template says.
fn other_port(view: &View<'_>, service: &Service, port: Option<u16>, pods: &[&Pod]) -> Option<Reached> {
    let asked = service.spec.ports.iter().find(|o| port.is_none_or(|p| o.port == i32::from(p)))?;
    let Port::Number(target) = asked.target_port.clone().unwrap_or(Port::Number(asked.port)) else { return None };
    let logs = pods.iter().flat_map(|p| p.template.containers.iter().flat_map(|c| view.logs(p, &c.name)));
    let heard: Vec<_> = logs.filter_map(|(key, text)| said::listens(text.text()).map(|(_, port)| (key, port))).collect();
    let (key, listens) = heard.first().filter(|_| heard.iter().all(|(_, port)| i32::from(*port) != target))?;
    let mut found = Reached::new(format!("Service `{}` sends to port {target} of its pods, which say that they listen on {listens}", service.meta.name));
    found.proofs.push(field(service.meta.reference("Service"), format!("spec.ports: {} → {target}", asked.port)));
    found.proofs.push(line(key, &format!("listens on {listens}")));
    Some(found)
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
