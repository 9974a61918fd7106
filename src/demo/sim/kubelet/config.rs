//! What a container's environment and a pod's volumes take from ConfigMaps and Secrets, and what is missing, in a
//! kubelet's words. The values of Secrets go no further than the environment of a simulated program.
use super::super::json::View;
use super::super::world::World;
use crate::demo::store::Key;
use serde_json::Value;
use std::collections::BTreeMap;

/// The variables that a container starts with; `Err` says what is missing.
pub fn environment(w: &mut World, pod: &Key, spec: &Value) -> Result<BTreeMap<String, String>, String> {
    let mut out = BTreeMap::new();
    for source in spec.list("/envFrom") {
        for (field, what) in [("configMapRef", Kind::ConfigMap), ("secretRef", Kind::Secret)] {
            let reference = source.at(&format!("/{field}"));
            if reference.is_null() {
                continue;
            }
            let name = reference.text("/name");
            match w.get(&what.key(&pod.namespace, name)) {
                Some(found) => {
                    let values = found.entries("/data").map(|(k, v)| (format!("{}{k}", source.text("/prefix")), v.as_str().unwrap_or_default().to_owned()));
                    out.extend(values);
                }
                None if reference.flag("/optional") => {}
                None => return Err(what.missing(name)),
            }
        }
    }
    for variable in spec.list("/env") {
        let name = variable.text("/name").to_owned();
        let from = variable.at("/valueFrom");
        let value = if from.has("/configMapKeyRef") {
            one(w, pod, Kind::ConfigMap, from.at("/configMapKeyRef"))?
        } else if from.has("/secretKeyRef") {
            one(w, pod, Kind::Secret, from.at("/secretKeyRef"))?
        } else if from.is_null() {
            Some(variable.text("/value").to_owned())
        } else {
            Some(format!("<{}>", from.text("/fieldRef/fieldPath")))
        };
        if let Some(value) = value {
            out.insert(name, value);
        }
    }
    Ok(out)
}

#[derive(Clone, Copy)]
enum Kind {
    ConfigMap,
    Secret,
}

impl Kind {
    fn key(self, namespace: &str, name: &str) -> Key {
        Key::new(if matches!(self, Self::ConfigMap) { "configmaps" } else { "secrets" }, namespace, name)
    }
    fn missing(self, name: &str) -> String {
        format!("{} \"{name}\" not found", if matches!(self, Self::ConfigMap) { "configmap" } else { "secret" })
    }
}

fn one(w: &mut World, pod: &Key, kind: Kind, reference: &Value) -> Result<Option<String>, String> {
    let (name, key, optional) = (reference.text("/name"), reference.text("/key"), reference.flag("/optional"));
    let Some(found) = w.get(&kind.key(&pod.namespace, name)) else {
        return if optional { Ok(None) } else { Err(kind.missing(name)) };
    };
    let value = found.at("/data").get(key).or_else(|| found.at("/binaryData").get(key)).and_then(Value::as_str);
    match value {
        Some(v) => Ok(Some(v.to_owned())),
        None if optional => Ok(None),
        None => {
            let what = if matches!(kind, Kind::ConfigMap) { "ConfigMap" } else { "Secret" };
            Err(format!("couldn't find key {key} in {what} {}/{name}", pod.namespace))
        }
    }
}

/// The first volume that cannot be mounted, as the event says it.
pub fn volumes(w: &mut World, pod: &Key, object: &Value) -> Option<String> {
    if object.list("/status/containerStatuses").iter().any(|c| c.has("/containerID")) {
        return None;
    }
    for volume in object.list("/spec/volumes") {
        for (kind, field, name) in [(Kind::ConfigMap, "configMap", "name"), (Kind::Secret, "secret", "secretName")] {
            let source = volume.at(&format!("/{field}"));
            if source.is_null() || source.flag("/optional") {
                continue;
            }
            let name = source.text(&format!("/{name}"));
            let Some(found) = w.get(&kind.key(&pod.namespace, name)) else {
                return Some(format!("MountVolume.SetUp failed for volume \"{}\" : {}", volume.text("/name"), kind.missing(name)));
            };
            let lacks = |i: &&Value| found.at("/data").get(i.text("/key")).is_none();
            if let Some(item) = source.list("/items").iter().find(lacks) {
                let text = format!("{field} references non-existent config key: {}", item.text("/key"));
                return Some(format!("MountVolume.SetUp failed for volume \"{}\" : {text}", volume.text("/name")));
            }
        }
    }
    None
}
