//! Namespaces without a network policy or a pod security level, ingresses without TLS.
use super::{is_system, note};
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{count, quoted};
use crate::model::ObjectRef;

/// Everything about what a namespace lets in.
pub fn drafts(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    let mut out = Vec::new();
    for n in s.all_namespaces.items.iter().filter(|n| !is_system(&n.meta.name) && n.meta.deleted.is_none()) {
        let name = n.meta.name.as_str();
        let own = ObjectRef::new("Namespace", "", name);
        let pods = view.pods(name).len();
        if pods > 0 && s.knows_all("NetworkPolicy", name) && !s.network_policies.items.iter().any(|p| p.meta.namespace.as_str() == name) {
            let says = format!("has no network policy: its {} take connections from anywhere and reach everything", count(pods, "pod"));
            out.push(note("security/no-network-policy", own.clone(), says).next(format!("get networkpolicies -n {name}")));
        }
        let level = n.meta.label("pod-security.kubernetes.io/enforce");
        if pods > 0 && level.is_none_or(|l| l.as_str() == "privileged") {
            let has = level.map_or("no pod security level", |_| "the pod security level `privileged`");
            let says = format!("enforces {has}: pods of any rights are let in");
            out.push(
                note("security/no-pod-security", own.clone(), says)
                    .proof(field(own.clone(), "no label pod-security.kubernetes.io/enforce: baseline or restricted"))
                    .next(describe(&own)),
            );
        }
    }
    for i in s.ingresses.items.iter().filter(|i| i.spec.tls.is_empty() && i.meta.deleted.is_none()) {
        let hosts: Vec<_> = i.spec.rules.iter().map(|r| &r.host).filter(|h| !h.is_empty()).collect();
        let own = i.meta.reference("Ingress");
        let whom = if hosts.is_empty() { "every host".to_owned() } else { quoted(&hosts) };
        out.push(note("security/ingress-plain", own.clone(), format!("serves {whom} without TLS")).next(describe(&own)));
    }
    out
}
