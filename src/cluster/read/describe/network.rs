//! Services with the endpoints behind them, and ingresses with their backends.
use super::Page;
use crate::cluster::read::Reader;
use crate::cluster::read::objects::{array, number, pairs, scalar, selector, text};
use crate::model::KindRef;
use crate::model::operation::Selectors;
use serde_json::Value;

impl Reader<'_> {
    /// Everything of a service but its identity and events.
    pub(super) async fn service(&self, page: &mut Page, service: &Value) {
        let namespace = text(service, "/metadata/namespace");
        let select = service.pointer("/spec/selector").filter(|s| s.as_object().is_some_and(|m| !m.is_empty()));
        page.line("Type", text(service, "/spec/type"));
        page.line("Selector", &select.map_or("<none>".to_owned(), |s| pairs(Some(s))));
        page.line("IP", text(service, "/spec/clusterIP"));
        page.line("External Name", text(service, "/spec/externalName"));
        for p in array(service, "/spec/ports") {
            let target = p.get("targetPort").map(scalar).unwrap_or_default();
            page.line("Port", &format!("{} {}/{} → target {target}", text(p, "/name"), number(p, "/port").unwrap_or(0), text(p, "/protocol")));
        }
        let slices = KindRef::new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true);
        let of = Selectors { labels: Some(format!("kubernetes.io/service-name={}", text(service, "/metadata/name"))), fields: None };
        match self.cluster.list(&slices, Some(namespace), &of, self.limits.objects).await {
            Ok(list) => {
                let mut lines = Vec::new();
                for slice in &list.items {
                    let ports: Vec<String> = array(slice, "/ports").iter().map(|p| number(p, "/port").map_or("?".to_owned(), |n| n.to_string())).collect();
                    for e in array(slice, "/endpoints") {
                        let addresses: Vec<String> = array(e, "/addresses").iter().map(scalar).collect();
                        let ready = e.pointer("/conditions/ready") != Some(&Value::Bool(false));
                        lines.push(format!(
                            "{}:{} {} ({})",
                            addresses.join(","),
                            ports.join(","),
                            text(e, "/targetRef/name"),
                            if ready { "ready" } else { "NOT ready" }
                        ));
                    }
                }
                if lines.is_empty() {
                    page.line("Endpoints", "<none>");
                } else {
                    page.head(0, "Endpoints");
                    for l in &lines {
                        page.raw(1, l);
                    }
                }
            }
            Err(trouble) => page.line("Endpoints", &format!("<could not look: {}>", trouble.cause)),
        }
        if select.is_none() {
            return;
        }
        let pods = Selectors { labels: Some(selector(select)), fields: None };
        match self.cluster.list(&crate::cluster::read::logs::pod_kind(), Some(namespace), &pods, self.limits.objects).await {
            Ok(list) if list.items.is_empty() => page.line("Selected Pods", "<none: no pod has these labels>"),
            Ok(list) => {
                let names: Vec<&str> = list.items.iter().map(|p| text(p, "/metadata/name")).collect();
                page.line("Selected Pods", &names.join(", "));
            }
            Err(trouble) => page.line("Selected Pods", &format!("<could not look: {}>", trouble.cause)),
        }
    }
}

/// Everything of an ingress but its identity and events.
pub(super) fn ingress(page: &mut Page, object: &Value) {
    page.line("Class", text(object, "/spec/ingressClassName"));
    let addresses: Vec<String> = array(object, "/status/loadBalancer/ingress").iter().map(|i| text(i, "/ip").to_owned() + text(i, "/hostname")).collect();
    page.line("Address", &if addresses.is_empty() { "<none>".to_owned() } else { addresses.join(", ") });
    for tls in array(object, "/spec/tls") {
        let hosts: Vec<String> = array(tls, "/hosts").iter().map(scalar).collect();
        page.line("TLS", &format!("Secret {} for {}", text(tls, "/secretName"), hosts.join(", ")));
    }
    if let Some(backend) = object.pointer("/spec/defaultBackend") {
        page.line("Default Backend", &self::backend(backend));
    }
    page.head(0, "Rules");
    for rule in array(object, "/spec/rules") {
        let host = text(rule, "/host");
        for path in array(rule, "/http/paths") {
            let to = path.get("backend").map(self::backend).unwrap_or_default();
            page.raw(1, &format!("{} {} ({}) → {to}", if host.is_empty() { "*" } else { host }, text(path, "/path"), text(path, "/pathType")));
        }
    }
}

fn backend(b: &Value) -> String {
    let port = b.pointer("/service/port/number").or_else(|| b.pointer("/service/port/name")).map(scalar).unwrap_or_default();
    format!("{}:{port}", text(b, "/service/name"))
}
