//! `expose`: a Service whose selector, ports and labels come from the object that it exposes, as kubectl derives them.
use super::request::post;
use super::{Draft, Step, not_for};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{array, number, text};
use crate::model::operation::{ExposedAs, Objects, Target, Write};
use crate::model::{KindRef, Operation, Scope, Trouble, TroubleClass};
use serde_json::{Map, Value, json};

/// The longest name of a Service.
const LONGEST: usize = 63;

impl Cluster {
    pub(super) async fn expose(&self, target: &Target, how: &ExposedAs, namespace: &str) -> Result<Draft, Trouble> {
        let object = self.target(target, namespace).await?;
        let service = service(&target.kind, &object, how)?;
        let kind = KindRef::new("", "v1", "services", "Service", true);
        let name = text(&service, "/metadata/name").to_owned();
        let undo = removal(&kind, namespace, &name);
        Ok(Draft::one(Step::make(&kind, namespace, &name, post(&kind, namespace, &service)), Some(undo)))
    }
}

/// The Service that exposes an object.
fn service(kind: &KindRef, object: &Value, how: &ExposedAs) -> Result<Value, Trouble> {
    let refuse =
        |cause: &str| Trouble::new(TroubleClass::Invalid, &format!("plan expose {}/{}", kind.kind.to_lowercase(), text(object, "/metadata/name")), cause);
    let pods = match kind.resource.as_str() {
        "pods" => object.pointer("/spec"),
        "deployments" | "replicasets" | "replicationcontrollers" => object.pointer("/spec/template/spec"),
        "services" => None,
        _ => return Err(not_for("expose", kind, "pods, services, deployments, replicasets and replicationcontrollers")),
    };
    let name = how.name.clone().unwrap_or_else(|| text(object, "/metadata/name").chars().take(LONGEST).collect());
    let selector = match &how.selector {
        Some(given) => map_of(given).ok_or_else(|| refuse("the selector is no list of key=value"))?,
        None => own_selector(kind, object).map_err(|why| refuse(&why))?,
    };
    let labels = match &how.labels {
        Some(given) => map_of(given).ok_or_else(|| refuse("the labels are no list of key=value"))?,
        None => object.pointer("/metadata/labels").and_then(Value::as_object).cloned().unwrap_or_default(),
    };
    let ports = ports(&offered(pods, object), how);
    let headless = how.cluster_ip.as_deref() == Some("None");
    if ports.is_empty() && !headless {
        return Err(refuse("it declares no port").hint("Name the port with --port."));
    }
    let mut spec = Map::new();
    spec.insert("selector".to_owned(), selector.into());
    if !ports.is_empty() {
        spec.insert("ports".to_owned(), ports.into());
    }
    if let Some(given) = &how.service_type {
        spec.insert("type".to_owned(), given.as_str().into());
    }
    if let Some(given) = &how.cluster_ip {
        spec.insert("clusterIP".to_owned(), given.as_str().into());
    }
    if let Some(given) = &how.external_ip {
        spec.insert("externalIPs".to_owned(), json!([given]));
    }
    if let Some(given) = &how.session_affinity {
        spec.insert("sessionAffinity".to_owned(), given.as_str().into());
    }
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), name.into());
    if !labels.is_empty() {
        metadata.insert("labels".to_owned(), labels.into());
    }
    Ok(json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}))
}

/// What an object selects or is selected by.
fn own_selector(kind: &KindRef, object: &Value) -> Result<Map<String, Value>, String> {
    let pointer = match kind.resource.as_str() {
        "pods" => "/metadata/labels",
        "services" | "replicationcontrollers" => "/spec/selector",
        _ if !array(object, "/spec/selector/matchExpressions").is_empty() => {
            return Err("its selector has expressions, which a Service can not have: name a selector with --selector".to_owned());
        }
        _ => "/spec/selector/matchLabels",
    };
    let map = object.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default();
    if map.is_empty() { Err("it has no labels or selector to choose pods by: name a selector with --selector".to_owned()) } else { Ok(map) }
}

/// The ports that an object declares, with their protocols.
fn offered(pods: Option<&Value>, object: &Value) -> Vec<(i64, String)> {
    let read = |list: &[Value], key: &str| {
        list.iter()
            .filter_map(|p| {
                let protocol = text(p, "/protocol");
                Some((number(p, key)?, if protocol.is_empty() { "TCP".to_owned() } else { protocol.to_owned() }))
            })
            .collect::<Vec<_>>()
    };
    match pods {
        Some(spec) => array(spec, "/containers").iter().flat_map(|c| read(array(c, "/ports"), "/containerPort")).collect(),
        None => read(array(object, "/spec/ports"), "/port"),
    }
}

fn ports(offered: &[(i64, String)], how: &ExposedAs) -> Vec<Value> {
    let wanted: Vec<i64> = match how.port {
        Some(port) => vec![i64::from(port)],
        None => offered.iter().map(|(port, _)| *port).collect(),
    };
    let several = wanted.len() > 1;
    wanted
        .iter()
        .enumerate()
        .map(|(at, port)| {
            let declared = offered.iter().find(|(p, _)| p == port).map_or("TCP", |(_, protocol)| protocol.as_str());
            let target = match &how.target_port {
                Some(given) => given.parse::<u16>().map_or_else(|_| json!(given), |n| json!(n)),
                None => json!(port),
            };
            let mut out = json!({"port": port, "protocol": how.protocol.as_deref().unwrap_or(declared), "targetPort": target});
            if let (true, Some(map)) = (several, out.as_object_mut()) {
                map.insert("name".to_owned(), format!("port-{}", at + 1).into());
            }
            out
        })
        .collect()
}

/// `a=b,c=d`.
fn map_of(text: &str) -> Option<Map<String, Value>> {
    text.split(',').map(|pair| pair.split_once('=').map(|(k, v)| (k.trim_end_matches('=').to_owned(), v.trim_start_matches('=').into()))).collect()
}

/// What takes a new object back.
pub(super) fn removal(kind: &KindRef, namespace: &str, name: &str) -> Operation {
    let target = Target { kind: kind.clone(), name: Some(name.to_owned()) };
    let scope = if kind.namespaced { Scope::Named(namespace.to_owned()) } else { Scope::Context };
    let write = Write::Delete { objects: Objects::one(target), grace_period: None, cascade: crate::model::operation::Cascade::default() };
    Operation { action: crate::model::Action::Write(write), scope }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_derived_from_what_it_exposes() {
        let kind = KindRef::new("apps", "v1", "deployments", "Deployment", true);
        let deployment = json!({"metadata": {"name": "api", "labels": {"team": "a"}}, "spec": {"selector": {"matchLabels": {"app": "api"}},
            "template": {"spec": {"containers": [{"ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]}]}}}});
        let made = |how: &ExposedAs| service(&kind, &deployment, how);
        assert_eq!(
            made(&ExposedAs::default()).unwrap(),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api", "labels": {"team": "a"}}, "spec": {"selector": {"app": "api"}, "ports": [
                {"name": "port-1", "port": 80, "protocol": "TCP", "targetPort": 80}, {"name": "port-2", "port": 53, "protocol": "UDP", "targetPort": 53}]}})
        );
        let how = ExposedAs { port: Some(8080), target_port: Some("web".into()), name: Some("x".into()), ..ExposedAs::default() };
        assert_eq!(made(&how).unwrap()["spec"]["ports"], json!([{"port": 8080, "protocol": "TCP", "targetPort": "web"}]));
        let bare = json!({"metadata": {"name": "api"}, "spec": {"selector": {"matchLabels": {"app": "api"}}, "template": {"spec": {"containers": [{}]}}}});
        assert!(service(&kind, &bare, &ExposedAs::default()).is_err_and(|t| t.hint.contains("--port")));
        let nodes = KindRef::new("", "v1", "nodes", "Node", false);
        assert!(service(&nodes, &bare, &ExposedAs::default()).is_err());
    }
}
