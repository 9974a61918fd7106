//! Names that lead nowhere or twice: ExternalName services, and ingresses that claim the same address.
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{age, list};
use crate::model::snapshot::{Ingress, Service};
use crate::model::{Confidence, ObjectRef, Severity};
use std::collections::BTreeMap;

/// How long a controller may take to publish an address, in seconds.
const PUBLISHED: i64 = 600;

/// An ExternalName service that leads nowhere.
pub fn external(view: &View<'_>, s: &Service) -> Option<Draft> {
    if s.spec.type_.as_str() != "ExternalName" {
        return None;
    }
    let own = s.meta.reference("Service");
    let name = s.spec.external_name.trim_end_matches('.');
    let proof = field(own.clone(), format!("spec.externalName: {name}"));
    if name.parse::<core::net::IpAddr>().is_ok() {
        let says = format!(
            "its externalName `{name}` is an address, and DNS answers with names only: it does not resolve; an EndpointSlice for a service without a selector would do"
        );
        return Some(Draft::new("service/external-name-address", own.clone(), says).severity(Severity::Warning).proof(proof).next(describe(&own)));
    }
    let parts: Vec<&str> = name.split('.').collect();
    let ([.., target, namespace, "svc"] | [.., target, namespace, "svc", "cluster", "local"]) = parts.as_slice() else { return None };
    if !view.is_missing("Service", namespace, target) {
        return None;
    }
    let near = view.near_words("Service", namespace, target);
    let d = Draft::new("service/external-name-missing", own.clone(), format!("leads to Service `{target}` in `{namespace}`, which does not exist{near}"));
    Some(d.severity(Severity::Warning).cause(ObjectRef::new("Service", *namespace, *target)).proof(proof).next(format!("get services -n {namespace}")))
}

/// Who claims an address, and the service it leads to.
type Claims<'a> = Vec<(&'a Ingress, &'a str)>;

/// Ingresses of one class that route the same host and path to different services: which one wins is the controller's choice.
pub fn twice(view: &View<'_>) -> Vec<Draft> {
    let all = view.ingresses();
    let mut seen: BTreeMap<(&str, &str, &str), Claims<'_>> = BTreeMap::new();
    for i in all.iter().filter(|i| i.meta.deleted.is_none()) {
        let class = i.spec.ingress_class_name.as_ref().map_or(i.marks.annotations.ingress_class.as_str(), |c| c.as_str());
        for rule in &i.spec.rules {
            for path in &rule.http.paths {
                let service = path.backend.service.as_ref().map_or("", |s| s.name.as_str());
                seen.entry((class, rule.host.as_str(), path.path.as_str())).or_default().push((i, service));
            }
        }
    }
    let mut out: Vec<Draft> = Vec::new();
    for ((_, host, path), claims) in seen {
        let Some(((first, service), rest)) = claims.split_first() else { continue };
        let others = rest.iter().filter(|(i, s)| {
            (&i.meta.name, &i.meta.namespace) != (&first.meta.name, &first.meta.namespace) && (s != service || i.meta.namespace != first.meta.namespace)
        });
        let others: Vec<&Ingress> = others.map(|(i, _)| *i).collect();
        let own = first.meta.reference("Ingress");
        if others.is_empty() || out.iter().any(|d| d.object == own) {
            continue;
        }
        let names: Vec<String> = others.iter().map(|i| format!("{}/{}", i.meta.namespace, i.meta.name)).collect();
        let host = if host.is_empty() { "every host" } else { host };
        let says = format!("claims {host}{path}, and so does {}: only one of them gets the traffic", list(&names));
        let d = Draft::new("ingress/duplicate-path", own.clone(), says).severity(Severity::Warning);
        out.push(d.touches(others.iter().map(|i| i.meta.reference("Ingress"))).next(describe(&own)));
    }
    out
}

/// An ingress without an address, where its class gives others one.
pub fn unpublished(view: &View<'_>, i: &Ingress) -> Option<Draft> {
    let class = |i: &Ingress| i.spec.ingress_class_name.clone().unwrap_or_default();
    let waited = view.age(&i.meta);
    if !i.status.load_balancer.ingress.is_empty() || waited < PUBLISHED || i.meta.deleted.is_some() {
        return None;
    }
    let served = view.ingresses().iter().find(|o| class(o) == class(i) && !o.status.load_balancer.ingress.is_empty())?;
    let own = i.meta.reference("Ingress");
    let says = format!(
        "has no address after {}, while `{}/{}` of the same class has one: its controller does not take it",
        age(waited),
        served.meta.namespace,
        served.meta.name
    );
    let d = Draft::new("ingress/no-address", own.clone(), says).severity(Severity::Warning).confidence(Confidence::Medium);
    Some(d.because([own.clone()]).next(describe(&own)))
}
