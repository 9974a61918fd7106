//! Endpoint slices: the addresses of the pods that a Service selects, with whether they are ready, and its ports
//! resolved on them.
use super::index::over;
use super::json::{View, compact, is_true, seconds};
use super::selector;
use super::world::{Due, World, owner_reference};
use crate::demo::store::Key;
use serde_json::{Value, json};
use std::sync::Arc;

const RESOURCE: &str = "endpointslices.discovery.k8s.io";

/// Keeps the one slice of a Service (it is never so large as to need another).
pub fn reconcile(w: &mut World, key: &Key, service: &Value) -> Option<Due> {
    let wanted = service.at("/spec/selector");
    if !wanted.is_object() || service.text("/spec/type") == "ExternalName" {
        return None;
    }
    let mut pods: Vec<(Key, Arc<Value>)> =
        w.list("pods", &key.namespace).into_iter().filter(|(_, p)| selector::plain(wanted, p.at("/metadata/labels"))).collect();
    pods.retain(|(_, p)| !over(p) && !p.text("/status/podIP").is_empty());
    let endpoints: Vec<Value> = pods.iter().map(|(_, p)| endpoint(service, p)).collect();
    let ports: Vec<Value> = service.list("/spec/ports").iter().filter_map(|port| resolved(port, pods.first().map(|(_, p)| &**p))).collect();
    let none = |v: Vec<Value>| if pods.is_empty() { Value::Null } else { Value::from(v) };
    let (endpoints, ports) = (none(endpoints), none(ports));
    let mine = w.owned(service.text("/metadata/uid"), RESOURCE);
    if let Some((slice, old)) = mine.first() {
        if *old.at("/endpoints") != endpoints || *old.at("/ports") != ports {
            let now = seconds(w.stamp);
            w.edit(slice, |s| {
                s.set("/endpoints", endpoints);
                s.set("/ports", ports);
                let generation = s.int("/metadata/generation") + 1;
                s.set("/metadata/generation", json!(generation));
                s.set("/metadata/annotations/endpoints.kubernetes.io~1last-change-trigger-time", now);
            });
        }
        return None;
    }
    let name = format!("{}-{}", key.name, w.suffix(&key.name));
    let mut labels = service.at("/metadata/labels").clone();
    labels.set("/endpointslice.kubernetes.io~1managed-by", json!("endpointslice-controller.k8s.io"));
    labels.set("/kubernetes.io~1service-name", json!(key.name));
    if service.text("/spec/clusterIP") == "None" {
        labels.set("/service.kubernetes.io~1headless", json!(""));
    }
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
        "metadata": {
            "generateName": format!("{}-", key.name), "generation": 1, "labels": labels, "ownerReferences": [owner_reference(service)],
            "annotations": {"endpoints.kubernetes.io/last-change-trigger-time": seconds(w.stamp)}
        }
    });
    w.create(&Key::new(RESOURCE, &key.namespace, &name), slice);
    None
}

fn endpoint(service: &Value, pod: &Value) -> Value {
    let leaving = pod.has("/metadata/deletionTimestamp");
    let up = is_true(pod, "Ready");
    let ready = (up && !leaving) || service.flag("/spec/publishNotReadyAddresses");
    let hostname = pod.at("/spec/hostname");
    compact(json!({
        "addresses": [pod.text("/status/podIP")], "conditions": {"ready": ready, "serving": up, "terminating": leaving},
        "nodeName": pod.at("/spec/nodeName"), "hostname": if service.text("/metadata/name") == pod.text("/spec/subdomain") { hostname.clone() } else { Value::Null },
        "targetRef": {"kind": "Pod", "name": pod.at("/metadata/name"), "namespace": pod.at("/metadata/namespace"), "uid": pod.at("/metadata/uid")}
    }))
}

/// A service port as it is on the pods; nothing when its name is no port of theirs.
fn resolved(port: &Value, pod: Option<&Value>) -> Option<Value> {
    let target = port.at("/targetPort");
    let number = match target {
        Value::String(name) => {
            let ports = pod?.list("/spec/containers").iter().flat_map(|c| c.list("/ports"));
            ports.into_iter().find(|p| p.text("/name") == name).map(|p| p.int("/containerPort"))?
        }
        Value::Number(_) => target.as_i64()?,
        _ => port.int("/port"),
    };
    Some(json!({"name": port.text("/name"), "port": number, "protocol": if port.has("/protocol") { port.text("/protocol") } else { "TCP" }}))
}
