//! What concerns the whole cluster: webhooks without a backend, API services that do not answer, namespaces that do not go.
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::spot::Spot;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, short};
use crate::model::snapshot::read::condition;
use crate::model::snapshot::{ApiService, Namespace, WebhookConfiguration};
use crate::model::{ObjectRef, Severity};

/// Webhooks that are asked before an object is kept.
pub fn validating(view: &View<'_>, c: &WebhookConfiguration) -> Vec<Draft> {
    webhooks(view, c, "ValidatingWebhookConfiguration")
}

/// Webhooks that may change an object before it is kept.
pub fn mutating(view: &View<'_>, c: &WebhookConfiguration) -> Vec<Draft> {
    webhooks(view, c, "MutatingWebhookConfiguration")
}

fn webhooks(view: &View<'_>, c: &WebhookConfiguration, kind: &str) -> Vec<Draft> {
    let own = c.meta.reference(kind);
    let mut out = Vec::new();
    for w in &c.webhooks {
        let Some(service) = &w.client_config.service else { continue };
        let at = ObjectRef::new("Service", service.namespace.as_str(), service.name.as_str());
        let must = w.failure_policy.as_str() != "Ignore";
        let effect = if must { "what it is asked about is refused (failurePolicy Fail)" } else { "it is skipped (failurePolicy Ignore)" };
        let severity = if must { Severity::Error } else { Severity::Info };
        if view.is_missing("Service", &service.namespace, &service.name) {
            let near = view.near_words("Service", &service.namespace, &service.name);
            let says = format!("webhook `{}` calls Service `{}` in `{}`, which does not exist{near}: {effect}", w.name, service.name, service.namespace);
            out.push(Draft::new("webhook/missing-service", own.clone(), says).severity(severity).cause(at.clone()).touches([at]).next(describe(&own)));
        } else if let Some(s) = view.service(&service.namespace, &service.name).filter(|_| must) {
            let pods = view.behind(s);
            let none_ready = view.knows_all("Pod", &service.namespace) && !s.spec.selector.is_empty() && pods.iter().all(|p| p.ready().0 < p.ready().1);
            if none_ready {
                let says = format!("webhook `{}` calls Service `{}` in `{}`, which has no ready endpoints: {effect}", w.name, service.name, service.namespace);
                out.push(Draft::new("webhook/no-endpoints", own.clone(), says).because([at]).because(view.spots(&pods)).next(describe(&own)));
            }
        }
    }
    out
}

/// An API that another server serves and that does not answer.
pub fn api_service(view: &View<'_>, a: &ApiService) -> Option<Draft> {
    let c = condition(&a.status.conditions, "Available").filter(|c| c.status.as_str() == "False")?;
    let own = a.meta.reference("APIService");
    let service = a.spec.service.as_ref().map(|s| ObjectRef::new("Service", s.namespace.as_str(), s.name.as_str()));
    let since = c.last_transition_time.map_or_else(String::new, |t| format!(" for {}", age(view.since(t))));
    let d = Draft::new("apiservice/unavailable", own.clone(), format!("is not available{since}: {}", short(&c.message, 200)));
    Some(
        d.proof(field(own.clone(), format!("Available=False: {}: {}", c.reason, c.message)))
            .because(service)
            .next(describe(&own))
            .because(held_in(view, own.name.as_str())),
    )
}

/// Objects of a namespace that were deleted and are held.
fn held_in(view: &View<'_>, namespace: &str) -> Vec<Spot> {
    let kinds = crate::model::snapshot::KINDS.iter().filter(|k| k.namespaced);
    kinds.flat_map(|k| view.metas(k.kind, namespace).filter(|m| m.deleted.is_some()).map(|m| Spot::of(k.kind, m))).collect()
}

/// A namespace that does not go.
pub fn namespace(view: &View<'_>, n: &Namespace) -> Option<Draft> {
    let late = n.meta.deleted.map(|t| view.since(t)).filter(|late| *late > 60)?;
    let own = n.meta.reference("Namespace");
    let why: Vec<String> = n
        .status
        .conditions
        .iter()
        .filter(|c| c.status.as_str() == "True" && !c.message.is_empty())
        .map(|c| format!("{}: {}", c.type_, short(&c.message, 300)))
        .collect();
    let held = if n.spec.finalizers.is_empty() { String::new() } else { format!(" (finalizer {})", crate::diagnose::words::quoted(&n.spec.finalizers)) };
    let says = if why.is_empty() {
        format!("is being deleted for {}{held}", age(late))
    } else {
        format!("is being deleted for {} and cannot go: {}", age(late), why.join("; "))
    };
    Some(
        Draft::new("namespace/terminating", own.clone(), says)
            .severity(Severity::Warning)
            .proofs(why.iter().map(|w| field(own.clone(), w)))
            .next(describe(&own))
            .because(held_in(view, own.name.as_str())),
    )
}
