//! Ingresses: classes, backends, ports and certificates that do not exist.
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::quoted;
use crate::model::snapshot::Ingress;
use crate::model::snapshot::network::BackendService;
use crate::model::{ObjectRef, Severity};

/// Classes that are served by controllers which need no IngressClass object.
const BUILTIN: &[&str] = &["gce", "gce-internal"];

/// The services that an ingress routes to.
pub fn backends(i: &Ingress) -> impl Iterator<Item = &BackendService> {
    i.spec.rules.iter().flat_map(|r| &r.http.paths).map(|p| &p.backend).chain(&i.spec.default_backend).filter_map(|b| b.service.as_ref())
}

/// What an ingress leads to and is not there.
pub fn ingress(view: &View<'_>, i: &Ingress) -> Vec<Draft> {
    if i.meta.deleted.is_some() {
        return Vec::new();
    }
    let own = i.meta.reference("Ingress");
    let namespace = i.meta.namespace.as_str();
    let mut out: Vec<Draft> = class(view, i).into_iter().collect();
    let mut seen: Vec<&BackendService> = Vec::new();
    for b in backends(i) {
        if seen.iter().any(|s| s.name == b.name && s.port.number == b.port.number && s.port.name == b.port.name) {
            continue;
        }
        seen.push(b);
        out.extend(backend(view, &own, namespace, b));
    }
    for tls in i.spec.tls.iter().filter(|t| view.is_missing("Secret", namespace, &t.secret_name)) {
        let near = view.near_words("Secret", namespace, &tls.secret_name);
        let fault = ObjectRef::new("Secret", namespace, tls.secret_name.as_str());
        let d = Draft::new("ingress/missing-tls-secret", own.clone(), format!("its TLS Secret `{}` does not exist{near}", tls.secret_name)).cause(fault);
        out.push(d.proof(field(own.clone(), format!("spec.tls.secretName: {}", tls.secret_name))).next(describe(&own)));
    }
    out
}

fn class(view: &View<'_>, i: &Ingress) -> Option<Draft> {
    let own = i.meta.reference("Ingress");
    let named =
        i.spec.ingress_class_name.clone().filter(|n| !n.is_empty()).or_else(|| Some(i.marks.annotations.ingress_class.clone()).filter(|n| !n.is_empty()));
    let classes: Vec<_> = view.ingress_classes().iter().map(|c| &c.meta.name).collect();
    if let Some(name) = named {
        if BUILTIN.contains(&name.as_str()) || !view.is_missing("IngressClass", "", &name) {
            return None;
        }
        let have = if classes.is_empty() {
            "; there is no IngressClass at all".to_owned()
        } else {
            format!("; there {} {}", if classes.len() == 1 { "is" } else { "are" }, quoted(&classes))
        };
        let d = Draft::new("ingress/missing-class", own.clone(), format!("nobody serves it: IngressClass `{name}` does not exist{have}"));
        return Some(
            d.cause(ObjectRef::new("IngressClass", "", name.as_str()))
                .proof(field(own.clone(), format!("spec.ingressClassName: {name}")))
                .next(describe(&own))
                .next("get ingressclasses"),
        );
    }
    let default = view.ingress_classes().iter().any(|c| c.marks.annotations.default_ingress.as_str() == "true");
    (view.saw_all("IngressClass") && !default && i.status.load_balancer.ingress.is_empty()).then(|| {
        let have = if classes.is_empty() { "there is none".to_owned() } else { format!("there is {}", quoted(&classes)) };
        let d =
            Draft::new("ingress/no-class", own.clone(), format!("nobody serves it: it names no ingressClassName, and no IngressClass is the default ({have})"))
                .severity(Severity::Warning);
        d.next(describe(&own)).next("get ingressclasses")
    })
}

fn backend(view: &View<'_>, own: &ObjectRef, namespace: &str, b: &BackendService) -> Vec<Draft> {
    let service = ObjectRef::new("Service", namespace, b.name.as_str());
    if view.is_missing("Service", namespace, &b.name) {
        let near = view.near_words("Service", namespace, &b.name);
        let d = Draft::new("ingress/missing-service", own.clone(), format!("routes to Service `{}`, which does not exist{near}", b.name)).cause(service);
        return vec![d.proof(field(own.clone(), format!("backend: {}", b.name))).next(describe(own)).next(format!("get services -n {namespace}"))];
    }
    let Some(s) = view.service(namespace, &b.name) else { return Vec::new() };
    let known = match b.port.number {
        Some(n) => s.spec.ports.iter().any(|p| p.port == n),
        None => b.port.name.is_empty() || s.spec.ports.iter().any(|p| p.name == b.port.name),
    };
    if !known {
        let wants = b.port.number.map_or_else(|| format!("`{}`", b.port.name), |n| n.to_string());
        let has: Vec<String> = s.spec.ports.iter().map(|p| if p.name.is_empty() { p.port.to_string() } else { format!("{} ({})", p.port, p.name) }).collect();
        let d = Draft::new("ingress/missing-port", own.clone(), format!("routes to port {wants} of Service `{}`, which offers {}", b.name, has.join(", ")))
            .cause(service.clone());
        return vec![d.proof(field(service, format!("spec.ports: {}", has.join(", ")))).next(describe(own))];
    }
    let d = Draft::new("ingress/no-endpoints", own.clone(), format!("routes to Service `{}`, which has no ready endpoints", b.name)).symptom();
    vec![d.because([service])]
}
