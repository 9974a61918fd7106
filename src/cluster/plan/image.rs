//! `set image`: a strategic merge patch that names the containers it changes and the order of all.
use super::{Draft, STRATEGIC, Shows, Step, already, not_for, patch, reference, same_place};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{array, text};
use crate::model::operation::{Objects, Target, Write};
use crate::model::{KindRef, ObjectRef, Trouble, TroubleClass};
use serde_json::{Map, Value, json};

impl Cluster {
    pub(super) async fn set_image(&self, target: &Target, namespace: &str, images: &[(String, String)]) -> Result<Draft, Trouble> {
        let pointer = pod_spec(&target.kind).ok_or_else(|| not_for("set image", &target.kind, "pods and workloads that have a pod template"))?;
        let before = self.target(target, namespace).await?;
        let object = reference(&target.kind, &before);
        let (spec, old) = change(before.pointer(pointer).unwrap_or(&Value::Null), images, &object)?;
        if old.is_empty() {
            return Err(already("set image", &object, "its containers have these images already"));
        }
        let body = pointer.rsplit('/').filter(|p| !p.is_empty()).fold(spec, |inner, key| json!({ key: inner }));
        let request = patch(&target.kind, &before, "", STRATEGIC, &body);
        let undo = same_place(Write::SetImage { objects: Objects::one(target.clone()), images: old }, namespace);
        Ok(Draft { steps: vec![Step { kind: target.kind.clone(), before, request, shows: Shows::Object }], undo: Some(undo) })
    }
}

/// Where the pod spec of a kind stands.
fn pod_spec(kind: &KindRef) -> Option<&'static str> {
    match kind.resource.as_str() {
        "pods" => Some("/spec"),
        "deployments" | "replicasets" | "statefulsets" | "daemonsets" | "jobs" | "replicationcontrollers" => Some("/spec/template/spec"),
        "cronjobs" => Some("/spec/jobTemplate/spec/template/spec"),
        _ => None,
    }
}

/// The part of the patch inside the pod spec, and the images that are replaced.
fn change(spec: &Value, images: &[(String, String)], object: &ObjectRef) -> Result<(Value, Vec<(String, String)>), Trouble> {
    let names = |list: &str| array(spec, list).iter().map(|c| text(c, "/name")).collect::<Vec<_>>();
    let every: Vec<&str> = names("/containers").into_iter().chain(names("/initContainers")).collect();
    if let Some((unknown, _)) = images.iter().find(|(name, _)| name != "*" && !every.contains(&name.as_str())) {
        return Err(Trouble::new(TroubleClass::Invalid, &format!("plan set image {object}"), &format!("it has no container `{unknown}`"))
            .hint(&format!("Its containers are: {}.", every.join(", "))));
    }
    let mut out = Map::new();
    let mut old = Vec::new();
    for list in ["containers", "initContainers"] {
        let all = array(spec, &format!("/{list}"));
        let mut changed = Vec::new();
        for container in all {
            let (name, now) = (text(container, "/name"), text(container, "/image"));
            if let Some((_, image)) = images.iter().rev().find(|(n, _)| n == name || n == "*")
                && image != now
            {
                changed.push(json!({"name": name, "image": image}));
                old.push((name.to_owned(), now.to_owned()));
            }
        }
        if !changed.is_empty() {
            let order: Vec<Value> = all.iter().map(|c| json!({"name": text(c, "/name")})).collect();
            out.insert(format!("$setElementOrder/{list}"), order.into());
            out.insert(list.to_owned(), changed.into());
        }
    }
    Ok((Value::Object(out), old))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_containers_are_named_and_the_old_images_are_kept_for_the_way_back() {
        let spec = json!({"containers": [{"name": "a", "image": "i:1"}, {"name": "b", "image": "j:1"}], "initContainers": [{"name": "w", "image": "k:1"}]});
        let object = ObjectRef::new("Deployment", "n", "api");
        let set = |pairs: &[(&str, &str)]| change(&spec, &pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>(), &object);
        let (patch, old) = set(&[("a", "i:2"), ("b", "j:1")]).unwrap();
        assert_eq!(patch, json!({"$setElementOrder/containers": [{"name": "a"}, {"name": "b"}], "containers": [{"name": "a", "image": "i:2"}]}));
        assert_eq!(old, [("a".to_owned(), "i:1".to_owned())]);
        assert_eq!(set(&[("*", "z:9")]).unwrap().1.len(), 3);
        assert!(set(&[("a", "i:1")]).unwrap().1.is_empty());
        assert!(set(&[("x", "i:1")]).unwrap_err().hint.contains("a, b, w"));
    }
}
