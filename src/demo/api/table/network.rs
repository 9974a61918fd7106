//! Rows of services, endpoints, ingresses and network policies.
use super::super::json::{fields, int, list, plain, text};
use super::{or_none, pairs, selector};
use serde_json::Value;

/// The first three of many, and how many more there are.
fn few(all: &[String]) -> String {
    if all.len() > 3 { format!("{} + {} more...", all.get(..3).unwrap_or_default().join(","), all.len() - 3) } else { all.join(",") }
}

/// The cells of an object of the network.
pub fn cells(resource: &str, o: &Value, name: Value, age: Value) -> Vec<Value> {
    match resource {
        "services" => service(o, name, age),
        "endpoints" => {
            let one = |s: &Value| {
                let ports: Vec<i64> = list(s, "/ports").iter().filter_map(|p| int(p, "/port")).collect();
                list(s, "/addresses").iter().flat_map(move |a| ports.iter().map(|p| format!("{}:{p}", text(a, "/ip"))).collect::<Vec<_>>()).collect::<Vec<_>>()
            };
            let all: Vec<String> = list(o, "/subsets").iter().flat_map(one).collect();
            vec![name, or_none(&few(&all)).into(), age]
        }
        "endpointslices.discovery.k8s.io" => {
            let ports: Vec<String> = list(o, "/ports").iter().map(|p| int(p, "/port").map_or("*".to_owned(), |n| n.to_string())).collect();
            let addresses: Vec<String> = list(o, "/endpoints").iter().flat_map(|e| list(e, "/addresses")).map(plain).collect();
            let unset = |t: String| if t.is_empty() { "<unset>".to_owned() } else { t };
            vec![name, text(o, "/addressType").into(), unset(few(&ports)).into(), unset(few(&addresses)).into(), age]
        }
        "ingresses.networking.k8s.io" => {
            let hosts: Vec<String> = list(o, "/spec/rules").iter().map(|r| text(r, "/host").to_owned()).filter(|h| !h.is_empty()).collect();
            let hosts = if hosts.is_empty() { "*".to_owned() } else { few(&hosts) };
            let address: Vec<String> = list(o, "/status/loadBalancer/ingress")
                .iter()
                .map(|i| if text(i, "/ip").is_empty() { text(i, "/hostname") } else { text(i, "/ip") }.to_owned())
                .collect();
            let ports = if list(o, "/spec/tls").is_empty() { "80" } else { "80, 443" };
            vec![name, or_none(text(o, "/spec/ingressClassName")).into(), hosts.into(), address.join(",").into(), ports.into(), age]
        }
        _ => vec![name, selector(o, "/spec/podSelector").into(), age],
    }
}

fn service(o: &Value, name: Value, age: Value) -> Vec<Value> {
    let kind = text(o, "/spec/type");
    let mut external: Vec<String> = list(o, "/spec/externalIPs").iter().map(plain).collect();
    let balanced: Vec<&str> =
        list(o, "/status/loadBalancer/ingress").iter().map(|i| if text(i, "/ip").is_empty() { text(i, "/hostname") } else { text(i, "/ip") }).collect();
    external.extend(balanced.iter().map(|s| (*s).to_owned()));
    let external = match kind {
        "ExternalName" => text(o, "/spec/externalName").to_owned(),
        "LoadBalancer" if external.is_empty() => "<pending>".to_owned(),
        _ => or_none(&external.join(",")),
    };
    let port = |p: &Value| {
        let (n, protocol) = (int(p, "/port").unwrap_or_default(), text(p, "/protocol"));
        int(p, "/nodePort").filter(|n| *n > 0).map_or_else(|| format!("{n}/{protocol}"), |node| format!("{n}:{node}/{protocol}"))
    };
    let ports: Vec<String> = list(o, "/spec/ports").iter().map(port).collect();
    let chosen = if fields(o, "/spec/selector").next().is_some() { pairs(o, "/spec/selector") } else { "<none>".to_owned() };
    vec![name, kind.into(), or_none(text(o, "/spec/clusterIP")).into(), external.into(), or_none(&ports.join(",")).into(), age, chosen.into()]
}
