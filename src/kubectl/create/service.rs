//! The manifests of `create service clusterip|nodeport|loadbalancer|externalname`.
use super::Line;
use crate::kubectl::{Refusal, refused, values};
use serde_json::{Map, Value, json};

/// The Service.
pub fn parse(line: &Line<'_>) -> Result<Value, Refusal> {
    let legal = "clusterip, nodeport, loadbalancer, externalname";
    let Some((sub, rest)) = line.rest.split_first() else {
        return Err(refused::subverb("create service", None, legal));
    };
    let of_type = |kind: &'static str, flags: &'static [&'static str]| (kind, flags);
    let (kind, flags) = match sub.as_str() {
        "clusterip" => of_type("ClusterIP", &["tcp", "clusterip"]),
        "nodeport" => of_type("NodePort", &["tcp", "node-port"]),
        "loadbalancer" => of_type("LoadBalancer", &["tcp"]),
        "externalname" => of_type("ExternalName", &["tcp", "external-name"]),
        other => return Err(refused::subverb("create service", Some(other), legal)),
    };
    let verb = format!("service {sub}");
    let line = Line { sub: &verb, rest, command: line.command, parts: line.parts, kinds: line.kinds };
    let name = line.name_alone(flags)?;
    let headless = line.parts.value("clusterip") == Some("None");
    let mut spec = Map::new();
    spec.insert("type".to_owned(), kind.into());
    spec.insert("selector".to_owned(), json!({"app": name}));
    let mut ports = line.parts.values("tcp").iter().map(|pair| port(pair)).collect::<Result<Vec<_>, _>>()?;
    if ports.is_empty() && !headless && kind != "ExternalName" {
        return Err(Refusal::new("missing-value", format!("`create {verb}` needs its ports: `--tcp=80:8080`.")));
    }
    match line.parts.value("clusterip") {
        Some(address) if headless || values::is_address(address) => {
            spec.insert("clusterIP".to_owned(), address.into());
        }
        Some(other) => return Err(Refusal::new("bad-value", format!("`--clusterip={other}` is neither an IP address nor `None`."))),
        None => {}
    }
    if kind == "ExternalName" {
        spec.insert("externalName".to_owned(), line.needed("external-name", "db.example.com")?.into());
    }
    if let Some(number) = line.parts.value("node-port").filter(|v| *v != "0").map(|v| values::port("node-port", v)).transpose()? {
        for port in &mut ports {
            super::put(port, "nodePort", number);
        }
    }
    if !ports.is_empty() {
        spec.insert("ports".to_owned(), ports.into());
    }
    Ok(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec}))
}

/// `PORT[:TARGET]`.
fn port(pair: &str) -> Result<Value, Refusal> {
    let (port, target) = pair.split_once(':').unwrap_or((pair, pair));
    let number = values::port("tcp", port)?;
    let target = values::port_or_name("tcp", target)?;
    let target: Value = target.parse::<u16>().map_or_else(|_| target.clone().into(), Into::into);
    Ok(json!({"name": pair.replace(':', "-"), "port": number, "targetPort": target, "protocol": "TCP"}))
}
