//! Services: selectors that match nothing and what they nearly match, ports that nobody has, balancers that do not come.
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::said;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, list, short};
use crate::model::snapshot::read::{Map, Port};
use crate::model::snapshot::selector::{matches, value};
use crate::model::snapshot::template::ContainerPort;
use crate::model::snapshot::{Pod, Service};
use crate::model::{Confidence, ObjectRef, Severity};
use crate::text::Clean;

/// Everything about a service.
pub fn service(view: &View<'_>, s: &Service) -> Vec<Draft> {
    if s.meta.deleted.is_some() {
        return Vec::new();
    }
    let mut out: Vec<Draft> = balancer(view, s).into_iter().collect();
    if s.spec.type_.as_str() == "ExternalName" {
        return out;
    }
    if s.spec.selector.is_empty() {
        // The API server's own service: it is served, whoever lists its endpoints.
        if s.meta.namespace.as_str() == "default" && s.meta.name.as_str() == "kubernetes" {
            return out;
        }
        out.extend(by_hand(view, s));
        return out;
    }
    let pods = view.behind(s);
    if pods.is_empty() {
        out.extend(selects_nothing(view, s));
        return out;
    }
    let ready = pods.iter().filter(|p| is_ready(p)).count();
    if ready == 0 && !s.spec.publish_not_ready_addresses {
        let own = s.meta.reference("Service");
        let says = format!("has no ready endpoints: none of the pods that it selects is ready ({})", pods.len());
        out.push(Draft::new("service/no-ready-endpoints", own, says).severity(Severity::Error).symptom().because(view.spots(&pods)));
    }
    out.extend(ports(view, s, &pods));
    out
}

fn is_ready(pod: &Pod) -> bool {
    let (ready, all) = pod.ready();
    ready == all && pod.phase.as_str() == "Running" && pod.meta.deleted.is_none()
}

fn words(selector: &Map) -> String {
    selector.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}

/// A set of labels that something in the namespace carries: pods, or what would make them.
pub(super) struct Carrier<'a> {
    pub(super) labels: &'a [(Clean, Clean)],
    object: ObjectRef,
    wanted: i32,
}

pub(super) fn carriers<'a>(view: &View<'a>, namespace: &str) -> Vec<Carrier<'a>> {
    let mut out: Vec<Carrier<'a>> = Vec::new();
    out.extend(view.deployments_in(namespace).map(|d| Carrier {
        labels: &d.spec.template.labels,
        object: d.meta.reference("Deployment"),
        wanted: d.spec.wanted(),
    }));
    out.extend(view.stateful_sets_in(namespace).map(|d| Carrier {
        labels: &d.spec.template.labels,
        object: d.meta.reference("StatefulSet"),
        wanted: d.spec.wanted(),
    }));
    out.extend(view.daemon_sets_in(namespace).map(|d| Carrier {
        labels: &d.spec.template.labels,
        object: d.meta.reference("DaemonSet"),
        wanted: d.status.desired_number_scheduled,
    }));
    for pod in view.pods(namespace) {
        let top = view.owner(pod).top;
        if !out.iter().any(|c| c.object == top) && !matches!(top.kind.as_str(), "Job" | "CronJob") {
            out.push(Carrier { labels: &pod.meta.labels, object: top, wanted: 1 });
        }
    }
    out
}

/// Whether a service that has no pods should have some: what makes them is broken, or its selector misses them.
pub fn is_meant(view: &View<'_>, s: &Service) -> bool {
    selects_nothing(view, s).is_some_and(|d| d.symptom || d.severity >= Severity::Error)
}

fn selects_nothing(view: &View<'_>, s: &Service) -> Option<Draft> {
    let namespace = s.meta.namespace.as_str();
    // What it was made for may be made right after it; a workload that is there, with labels next to it, is what it was made for.
    let young = view.age(&s.meta) < 15;
    if !view.knows_all("Pod", namespace) || view.age(&s.meta) < 5 {
        return None;
    }
    let own = s.meta.reference("Service");
    let selector = &s.spec.selector;
    let all = carriers(view, namespace);
    let base = |says: String| {
        Draft::new("service/selects-nothing", own.clone(), says)
            .proof(field(own.clone(), format!("spec.selector: {}", words(selector))))
            .next(describe(&own))
            .next(format!("get pods -n {namespace} --show-labels"))
    };
    let meant: Vec<&Carrier<'_>> = all.iter().filter(|c| matches(selector, c.labels)).collect();
    if young && !meant.is_empty() {
        return None;
    }
    if let Some(running) = meant.iter().find(|c| c.wanted > 0) {
        let d = base(format!("has no pods: {} makes none", running.object));
        return Some(d.symptom().because(meant.iter().map(|c| c.object.clone())));
    }
    if let Some(idle) = meant.first() {
        let routed = view.ingresses_in(namespace).any(|i| super::ingresses::backends(i).any(|b| b.name == s.meta.name));
        let d = base(format!("has no pods: {} is scaled to 0", idle.object)).cause(idle.object.clone());
        let fix = Some(format!("scale {} --replicas=1 -n {namespace}", idle.object));
        return Some(d.severity(if routed { Severity::Warning } else { Severity::Info }).fix(fix));
    }
    let nearest = all
        .iter()
        .map(|c| (missed(selector, c.labels), c))
        .filter(|(m, c)| if selector.len() > 1 { m.len() < selector.len() || any_near(m, c) } else { any_near(m, c) })
        .min_by_key(|(m, _)| (m.len(), m.iter().map(|(_, want, have)| apart(want, have.as_ref())).sum::<usize>()));
    let Some((wrong, carrier)) = nearest else {
        let d = base(format!("its selector ({}) matches no pod, and no workload here has such labels", words(selector)));
        return (!young).then(|| d.severity(Severity::Warning).confidence(Confidence::Medium));
    };
    let parts: Vec<String> = wrong
        .iter()
        .map(|(key, want, have)| match have {
            Some(v) => format!("its selector wants {key}={want}, the pods of {} say {key}={v}", carrier.object),
            None => format!("its selector wants {key}={want}, the pods of {} have no label `{key}`{}", carrier.object, near_key(key, carrier.labels)),
        })
        .collect();
    let labels: Vec<String> = carrier.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    Some(base(format!("selects no pod: {}", parts.join("; "))).proof(field(carrier.object.clone(), format!("labels of its pods: {}", labels.join(",")))))
}

/// The pairs of a selector that labels do not satisfy, with what they say instead.
fn missed(selector: &Map, labels: &[(Clean, Clean)]) -> Vec<(Clean, Clean, Option<Clean>)> {
    selector.iter().filter(|(k, v)| value(labels, k) != Some(*v)).map(|(k, v)| (k.clone(), v.clone(), value(labels, k).cloned())).collect()
}

/// What the pods say that a selector nearly matches: `the pods of deployment/web say app=web`.
pub(super) fn nearly(selector: &Map, all: &[Carrier<'_>]) -> Option<String> {
    let (wrong, carrier) = all.iter().map(|c| (missed(selector, c.labels), c)).filter(|(m, c)| any_near(m, c)).min_by_key(|(m, _)| m.len())?;
    let says = wrong.iter().filter_map(|(key, _, have)| have.as_ref().map(|v| format!("{key}={v}"))).collect::<Vec<_>>();
    (!says.is_empty()).then(|| format!("the pods of {} say {}", carrier.object, says.join(",")))
}

/// How far what pods say is from what is wanted; no such label is farthest.
fn apart(want: &str, have: Option<&Clean>) -> usize {
    have.map_or(usize::from(u8::MAX), |h| crate::diagnose::near::distance(want, h))
}

/// Whether a wrong pair looks like a slip.
fn any_near(wrong: &[(Clean, Clean, Option<Clean>)], carrier: &Carrier<'_>) -> bool {
    wrong.iter().any(|(k, want, have)| is_near(k, want, have.as_ref(), carrier.labels))
}

/// Whether a single wrong pair is near enough to name it.
fn is_near(key: &str, want: &str, have: Option<&Clean>, labels: &[(Clean, Clean)]) -> bool {
    match have {
        Some(have) => crate::diagnose::near::nearest(want, [have]).is_some(),
        None => labels.iter().any(|(k, v)| v.as_str() == want && k.as_str() != key),
    }
}

fn near_key(key: &str, labels: &[(Clean, Clean)]) -> String {
    crate::diagnose::near::nearest(key, labels.iter().map(|(k, _)| k).collect::<Vec<_>>()).map_or_else(String::new, |n| format!(" (they have `{n}`)"))
}

/// Ports of a service that its pods do not have.
fn ports(view: &View<'_>, s: &Service, pods: &[&Pod]) -> Vec<Draft> {
    let own = s.meta.reference("Service");
    let mut out = Vec::new();
    let Some(pod) = pods.iter().max_by_key(|p| is_ready(p)).copied() else { return out };
    let named: Vec<&ContainerPort> =
        pod.template.containers.iter().chain(pod.template.init_containers.iter().filter(|c| c.sidecar)).flat_map(|c| &c.ports).collect();
    let declared: Vec<(&Clean, i32)> = named.iter().map(|p| (&p.name, p.container_port)).collect();
    for port in &s.spec.ports {
        let target = port.target_port.clone().unwrap_or(Port::Number(port.port));
        let listed = || list(&declared.iter().map(|(n, p)| if n.is_empty() { p.to_string() } else { format!("`{n}` {p}") }).collect::<Vec<_>>());
        let draft = match &target {
            Port::Name(name) if declared.iter().all(|(n, _)| *n != name) => {
                let have = if declared.is_empty() { "its pods name no port".to_owned() } else { format!("its pods name {}", listed()) };
                Draft::new("service/target-port", own.clone(), format!("port {} goes to `{name}`, and no container has a port of that name; {have}", port.port))
            }
            Port::Number(number) if !declared.iter().any(|(_, p)| p == number) => {
                let Some((words, confidence)) = elsewhere(view, pod, *number, &declared, &listed()) else { continue };
                let says = format!("port {} goes to port {number} of its pods, {words}", port.port);
                Draft::new("service/target-port", own.clone(), says)
                    .severity(if confidence == Confidence::Low { Severity::Warning } else { Severity::Error })
                    .confidence(confidence)
            }
            // The port is there, of another protocol.
            target => {
                let is = |p: &&&ContainerPort| match target {
                    Port::Number(number) => p.container_port == *number,
                    Port::Name(name) => p.name == *name,
                };
                let same: Vec<&str> = named.iter().filter(is).map(|p| protocol(&p.protocol)).collect();
                let wants = protocol(&port.protocol);
                let Some(have) = same.first().filter(|_| same.iter().all(|p| *p != wants)) else { continue };
                let says = format!("port {} forwards {wants} to port {target} of its pods, which names {have}", port.port);
                Draft::new("service/protocol", own.clone(), says).confidence(Confidence::Medium)
            }
        };
        let maker = view.owner(pod).top;
        out.push(
            draft
                .proof(field(own.clone(), format!("spec.ports: {} → {target}", port.port)))
                .proof(field(maker, format!("container ports: {}", listed())))
                .next(describe(&own)),
        );
    }
    out
}

/// The protocol of a port; nothing means TCP.
fn protocol(named: &Clean) -> &str {
    if named.is_empty() { "TCP" } else { named.as_str() }
}

/// What speaks against a port number that the pods do not name: their log, or the ports that they do name.
fn elsewhere(view: &View<'_>, pod: &Pod, number: i32, declared: &[(&Clean, i32)], listed: &str) -> Option<(String, Confidence)> {
    let heard: Vec<i32> =
        pod.template.containers.iter().flat_map(|c| view.logs(pod, &c.name)).filter_map(|(_, t)| said::listens(t.text()).map(|(_, p)| i32::from(p))).collect();
    if heard.contains(&number) {
        return None;
    }
    if let Some(port) = heard.first() {
        return Some((format!("and the container says that it listens on {port}"), Confidence::High));
    }
    let probed = pod
        .template
        .containers
        .iter()
        .flat_map(|c| [&c.readiness_probe, &c.liveness_probe, &c.startup_probe])
        .flatten()
        .any(|p| p.port() == Some(&Port::Number(number)));
    (!declared.is_empty() && !probed).then(|| (format!("and no container names that port; they name {listed}"), Confidence::Low))
}

/// A service without a selector lives by slices that someone else writes.
pub(super) fn by_hand(view: &View<'_>, s: &Service) -> Option<Draft> {
    let own = s.meta.reference("Service");
    let has = view
        .endpoint_slices_in(&s.meta.namespace)
        .any(|e| e.meta.label("kubernetes.io/service-name") == Some(&s.meta.name) && e.endpoints.iter().any(|p| !p.addresses.is_empty()));
    (!has && view.knows_all("EndpointSlice", &s.meta.namespace) && view.age(&s.meta) > 60 && !s.spec.ports.is_empty()).then(|| {
        let says = "has no selector, and nobody has written endpoints for it".to_owned();
        Draft::new("service/no-endpoints", own.clone(), says)
            .severity(Severity::Warning)
            .confidence(Confidence::Medium)
            .next(format!("get endpointslices -n {} -l kubernetes.io/service-name={}", own.namespace, own.name))
    })
}

/// A load balancer that does not come.
fn balancer(view: &View<'_>, s: &Service) -> Option<Draft> {
    if s.spec.type_.as_str() != "LoadBalancer" || !s.status.load_balancer.ingress.is_empty() {
        return None;
    }
    let own = s.meta.reference("Service");
    let waited = view.age(&s.meta);
    if let Some(e) = view.event("Service", &s.meta, &["SyncLoadBalancerFailed", "CreatingLoadBalancerFailed"]) {
        return Some(
            Draft::new("service/load-balancer", own.clone(), format!("gets no load balancer: {}", short(&e.message, 240))).proof(event(e)).next(describe(&own)),
        );
    }
    (waited > 45).then(|| {
        let says = format!("waits for an external address (LoadBalancer pending) for {}; is there a controller that makes load balancers?", age(waited));
        Draft::new("service/load-balancer", own.clone(), says)
            .severity(Severity::Warning)
            .confidence(Confidence::Medium)
            .proof(field(own.clone(), "status.loadBalancer: no ingress (pending)"))
            .next(describe(&own))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::model::snapshot::{Builder, Coverage};
    use serde_json::json;

    fn title(selector: &serde_json::Value, apps: &[&str]) -> Option<(Severity, String)> {
        let mut b = Builder::new("2026-01-01T01:00:00Z".parse::<Timestamp>().unwrap());
        let made = "2026-01-01T00:00:00Z";
        b.item(
            "Service",
            &json!({"metadata": {"name": "cart", "namespace": "shop", "creationTimestamp": made}, "spec": {"selector": selector, "ports": [{"port": 80}]}}),
        );
        for app in apps {
            let meta = json!({"name": app, "namespace": "shop", "creationTimestamp": made, "labels": {"app": app}});
            b.item("Deployment", &json!({"metadata": meta, "spec": {"template": {"metadata": {"labels": {"app": app}}}}}));
        }
        b.coverage("Pod", Coverage::Whole);
        let snapshot = b.finish();
        let view = View::new(&snapshot);
        view.services().iter().flat_map(|s| service(&view, s)).find(|d| d.rule == "service/selects-nothing" && !d.symptom).map(|d| (d.severity, d.says))
    }

    #[test]
    fn the_workload_that_was_meant_is_the_one_with_the_nearest_label() {
        let (severity, says) = title(&json!({"app": "carts"}), &["api", "web", "cart"]).unwrap();
        assert_eq!(severity, Severity::Error);
        assert!(says.contains("wants app=carts, the pods of deployment/cart say app=cart"), "{says}");
    }

    #[test]
    fn a_selector_that_is_near_nothing_names_nobody() {
        let (severity, says) = title(&json!({"app": "zzz"}), &["api", "web"]).unwrap();
        assert_eq!(severity, Severity::Warning);
        assert!(says.contains("matches no pod"), "{says}");
    }
}
