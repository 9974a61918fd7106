//! `set env` and `set resources`: strategic merge patches of the containers of a pod spec that a pattern chooses.
use super::choose::{Change, back};
use super::image::{pod_spec, within};
use super::request::{STRATEGIC, patch};
use super::{Draft, Shows, Step, already, not_for, reference};
use crate::cluster::Cluster;
use crate::cluster::read::objects::{array, text};
use crate::model::operation::{KeyChange, Objects, Write};
use crate::model::{KindRef, Operation, Trouble, TroubleClass};
use serde_json::{Map, Value, json};

/// A resource and its quantity.
type Quantities = [(String, String)];

impl Cluster {
    pub(super) async fn set_env(
        &self,
        objects: &Objects,
        containers: Option<&str>,
        changes: &[KeyChange],
        namespace: &str,
        operation: &Operation,
    ) -> Result<Draft, Trouble> {
        let made = |kind: &KindRef, before: Value| {
            let (set, back_) = edited(kind, &before, "set env", containers, |container| env(container, changes))?;
            let Some(request) = set else {
                return Ok(Change::Already(already("set env", &reference(kind, &before), "its containers have this environment already")));
            };
            // one line takes it back only where every container had the same before
            let same = back_.first().filter(|first| back_.iter().all(|b| b == *first)).cloned().flatten();
            let undo = same.map(|changes| back(kind, &before, |objects| Write::SetEnv { objects, containers: containers.map(str::to_owned), changes }));
            Ok(Change::To(Step::change(kind, before, request, Shows::Object), undo))
        };
        self.each(objects, namespace, operation, made).await
    }

    pub(super) async fn set_resources(
        &self,
        objects: &Objects,
        containers: Option<&str>,
        limits: &Quantities,
        requests: &Quantities,
        namespace: &str,
        operation: &Operation,
    ) -> Result<Draft, Trouble> {
        let made = |kind: &KindRef, before: Value| {
            let (set, _) = edited(kind, &before, "set resources", containers, |container| (resources(container, limits, requests), ()))?;
            Ok(match set {
                Some(request) => Change::To(Step::change(kind, before, request, Shows::Object), None),
                None => Change::Already(already("set resources", &reference(kind, &before), "its containers have these resources already")),
            })
        };
        self.each(objects, namespace, operation, made).await
    }
}

/// What `edit` makes of every chosen container as one request, with what it says beside of each that it changes.
fn edited<T>(
    kind: &KindRef,
    before: &Value,
    verb: &str,
    containers: Option<&str>,
    edit: impl Fn(&Value) -> (Map<String, Value>, T),
) -> Result<(Option<crate::model::PlannedRequest>, Vec<T>), Trouble> {
    let pointer = pod_spec(kind).ok_or_else(|| not_for(verb, kind, "pods and workloads that have a pod template"))?;
    let spec = before.pointer(pointer).unwrap_or(&Value::Null);
    let (mut out, mut beside, mut chosen) = (Map::new(), Vec::new(), 0);
    for list in ["containers", "initContainers"] {
        let all = array(spec, &format!("/{list}"));
        let mut changed = Vec::new();
        for container in all.iter().filter(|c| matches(containers.unwrap_or("*"), text(c, "/name"))) {
            chosen += 1;
            let (mut patch, said) = edit(container);
            if !patch.is_empty() {
                patch.insert("name".to_owned(), text(container, "/name").into());
                changed.push(Value::Object(patch));
                beside.push(said);
            }
        }
        if !changed.is_empty() {
            let order: Vec<Value> = all.iter().map(|c| json!({"name": text(c, "/name")})).collect();
            out.insert(format!("$setElementOrder/{list}"), order.into());
            out.insert(list.to_owned(), changed.into());
        }
    }
    if chosen == 0 {
        let all: Vec<&str> = array(spec, "/containers").iter().chain(array(spec, "/initContainers")).map(|c| text(c, "/name")).collect();
        let object = reference(kind, before);
        return Err(Trouble::new(TroubleClass::Invalid, &format!("plan {verb} {object}"), &format!("it has no container `{}`", containers.unwrap_or("*")))
            .hint(&format!("Its containers are: {}.", all.join(", "))));
    }
    let request = (!out.is_empty()).then(|| patch(kind, before, "", STRATEGIC, &within(pointer, Value::Object(out))));
    Ok((request, beside))
}

/// The patch of one container's environment, and what takes it back (`None` where a variable came from elsewhere).
fn env(container: &Value, changes: &[KeyChange]) -> (Map<String, Value>, Option<Vec<KeyChange>>) {
    let old = array(container, "/env");
    let (mut items, mut back, mut whole) = (Vec::new(), Vec::new(), true);
    let mut order: Vec<&str> = old.iter().map(|e| text(e, "/name")).collect();
    for change in changes {
        let key = change.key.as_str();
        let now = old.iter().find(|e| text(e, "/name") == key);
        match (&change.value, now) {
            (None, None) => continue,
            (None, Some(_)) => {
                order.retain(|name| *name != key);
                items.push(json!({"$patch": "delete", "name": key}));
            }
            (Some(value), Some(now)) if now.get("valueFrom").is_none() && text(now, "/value") == value => continue,
            (Some(value), Some(now)) => {
                items.push(match now.get("valueFrom") {
                    Some(_) => json!({"name": key, "value": value, "valueFrom": null}),
                    None => json!({"name": key, "value": value}),
                });
            }
            (Some(value), None) => {
                order.push(key);
                items.push(json!({"name": key, "value": value}));
            }
        }
        whole &= now.is_none_or(|n| n.get("valueFrom").is_none());
        back.push(KeyChange { key: key.to_owned(), value: now.map(|n| text(n, "/value").to_owned()) });
    }
    let mut out = Map::new();
    if !items.is_empty() {
        if !old.is_empty() {
            out.insert("$setElementOrder/env".to_owned(), order.iter().map(|name| json!({"name": name})).collect());
        }
        out.insert("env".to_owned(), items.into());
    }
    (out, whole.then_some(back))
}

/// The patch of one container's resources.
fn resources(container: &Value, limits: &Quantities, requests: &Quantities) -> Map<String, Value> {
    let mut resources = Map::new();
    for (part, wanted) in [("limits", limits), ("requests", requests)] {
        let now = container.pointer(&format!("/resources/{part}"));
        let changed: Map<String, Value> = wanted
            .iter()
            .filter(|(name, quantity)| now.and_then(|n| n.get(name)).and_then(Value::as_str) != Some(quantity))
            .map(|(name, quantity)| (name.clone(), quantity.clone().into()))
            .collect();
        if !changed.is_empty() {
            resources.insert(part.to_owned(), changed.into());
        }
    }
    let mut out = Map::new();
    if !resources.is_empty() {
        out.insert("resources".to_owned(), resources.into());
    }
    out
}

/// Whether a name fits a pattern in which `*` stands for any letters.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let pieces: Vec<&str> = rest.split('*').collect();
    let Some((last, middle)) = pieces.split_last() else { return true };
    for piece in middle {
        let Some((_, after)) = left.split_once(piece) else { return false };
        left = after;
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(pairs: &[(&str, Option<&str>)]) -> Vec<KeyChange> {
        pairs.iter().map(|(key, value)| KeyChange { key: (*key).to_owned(), value: value.map(str::to_owned) }).collect()
    }

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, want) in [
            ("*", "web", true),
            ("web", "web", true),
            ("web", "web2", false),
            ("w*", "web", true),
            ("*b", "web", true),
            ("w*b", "web", true),
            ("w*x*b", "web", false),
            ("w*e*b", "web", true),
            ("*a*", "web", false),
            ("we*b", "web", true),
        ] {
            assert_eq!(matches(pattern, name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn only_what_differs_is_set_and_the_way_back_knows_the_old_values() {
        let container = json!({"name": "c", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "S", "valueFrom": {"x": 1}}]});
        let (patch, back) = env(&container, &change(&[("A", Some("1")), ("B", None), ("N", Some("3")), ("Z", None)]));
        let want = json!({
            "$setElementOrder/env": [{"name": "A"}, {"name": "S"}, {"name": "N"}],
            "env": [{"$patch": "delete", "name": "B"}, {"name": "N", "value": "3"}],
        });
        assert_eq!(Value::Object(patch), want);
        assert_eq!(back, Some(change(&[("B", Some("2")), ("N", None)])));
        let (patch, back) = env(&container, &change(&[("S", Some("x"))]));
        assert_eq!(patch["env"], json!([{"name": "S", "value": "x", "valueFrom": null}]));
        assert_eq!(back, None, "a reference can not be set back by `set env`");
        assert!(env(&container, &change(&[("A", Some("1"))])).0.is_empty());
    }

    #[test]
    fn resources_name_only_what_changes() {
        let container = json!({"name": "c", "resources": {"limits": {"cpu": "1"}}});
        let pairs = |p: &[(&str, &str)]| p.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
        let patch = resources(&container, &pairs(&[("cpu", "1"), ("memory", "1Gi")]), &pairs(&[("cpu", "100m")]));
        assert_eq!(Value::Object(patch), json!({"resources": {"limits": {"memory": "1Gi"}, "requests": {"cpu": "100m"}}}));
        assert!(resources(&container, &pairs(&[("cpu", "1")]), &[]).is_empty());
    }
}
