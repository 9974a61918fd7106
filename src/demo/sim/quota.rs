//! Resource quotas: what a namespace uses, and whether it may use more. The words of a refusal are the API server's.
use super::index::over;
use super::json::{View, compact};
use super::quantity;
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::{Map, Value, json};

/// What a pod counts for under a quota's resource name; `None` when the name is none that pods count for.
fn charge(pod: &Value, resource: &str) -> Option<i128> {
    let sum = |kind: &str, what: &str| {
        pod.list("/spec/containers")
            .iter()
            .map(|c| {
                let own = c.at(&format!("/resources/{kind}/{what}"));
                let limit = c.at(&format!("/resources/limits/{what}"));
                quantity::of(if own.is_null() { limit } else { own })
            })
            .sum()
    };
    Some(match resource {
        "pods" | "count/pods" => 1_000,
        "requests.cpu" | "cpu" => sum("requests", "cpu"),
        "requests.memory" | "memory" => sum("requests", "memory"),
        "limits.cpu" => sum("limits", "cpu"),
        "limits.memory" => sum("limits", "memory"),
        _ => return None,
    })
}

fn print(resource: &str, milli: i128) -> String {
    quantity::print(milli, resource.contains("memory") || resource.contains("storage"))
}

fn used(pods: &[(Key, std::sync::Arc<Value>)], resource: &str) -> Option<i128> {
    charge(&Value::Null, resource)?;
    Some(pods.iter().filter(|(_, p)| !over(p)).filter_map(|(_, p)| charge(p, resource)).sum())
}

/// Whether the quotas of its namespace admit a pod; `Err` is the refusal.
pub fn admit(w: &mut World, key: &Key, pod: &Value) -> Result<(), String> {
    let quotas = w.list("resourcequotas", &key.namespace);
    if quotas.is_empty() {
        return Ok(());
    }
    let pods = w.list("pods", &key.namespace);
    for (q, quota) in quotas {
        if let Some(over) = exceeded(quota.at("/spec/hard"), pod, |r| used(&pods, r)) {
            return Err(match over {
                Over::Missing(what) => format!("pods \"{}\" is forbidden: failed quota: {}: must specify {what}", key.name, q.name),
                Over::Exceeded(what) => format!("pods \"{}\" is forbidden: exceeded quota: {}, {what}", key.name, q.name),
            });
        }
    }
    Ok(())
}

enum Over {
    Missing(String),
    Exceeded(String),
}

fn exceeded(hard: &Value, pod: &Value, used: impl Fn(&str) -> Option<i128>) -> Option<Over> {
    let mut missing = Vec::new();
    let (mut requested, mut in_use, mut limited) = (Vec::new(), Vec::new(), Vec::new());
    for (name, limit) in hard.as_object().into_iter().flatten() {
        let (Some(asks), Some(now)) = (charge(pod, name), used(name)) else { continue };
        let without: Vec<&str> = unspecified(pod, name);
        if !without.is_empty() {
            missing.push(format!("{name} for: {}", without.join(",")));
        }
        if now + asks > quantity::of(limit) {
            requested.push(format!("{name}={}", print(name, asks)));
            in_use.push(format!("{name}={}", print(name, now)));
            limited.push(format!("{name}={}", print(name, quantity::of(limit))));
        }
    }
    if !missing.is_empty() {
        return Some(Over::Missing(missing.join("; ")));
    }
    (!requested.is_empty()).then(|| Over::Exceeded(format!("requested: {}, used: {}, limited: {}", requested.join(","), in_use.join(","), limited.join(","))))
}

/// The containers that say nothing about a compute resource that a quota counts.
fn unspecified<'a>(pod: &'a Value, resource: &str) -> Vec<&'a str> {
    let (kind, what) = match resource {
        "cpu" | "memory" => ("requests", resource),
        other => match other.split_once('.') {
            Some((kind @ ("requests" | "limits"), what @ ("cpu" | "memory"))) => (kind, what),
            _ => return Vec::new(),
        },
    };
    let lacks = |c: &&Value| !c.has(&format!("/resources/{kind}/{what}")) && !c.has(&format!("/resources/limits/{what}"));
    pod.list("/spec/containers").iter().filter(lacks).map(|c| c.text("/name")).collect()
}

/// Keeps a quota's status.
pub fn reconcile(w: &mut World, key: &Key, quota: &Value) -> Option<Due> {
    let pods = w.list("pods", &key.namespace);
    let mut sums = Map::new();
    for (name, _) in quota.entries("/spec/hard") {
        let value = match used(&pods, name) {
            Some(sum) => print(name, sum),
            None => w.list(counted(name)?, &key.namespace).len().to_string(),
        };
        sums.insert(name.clone(), json!(value));
    }
    let status = compact(json!({"hard": quota.at("/spec/hard"), "used": sums}));
    w.set_status(key, status);
    None
}

/// The resource that `count/deployments.apps` or `configmaps` counts.
fn counted(name: &str) -> Option<&str> {
    let name = name.strip_prefix("count/").unwrap_or(name);
    (!name.contains("requests.") && !name.contains("limits.")).then_some(name)
}

impl World {
    /// Brings the quotas of a namespace up to date at once, so that the next pod is measured by them.
    pub fn count_quota(&mut self, namespace: &str) {
        for (key, quota) in self.list("resourcequotas", namespace) {
            reconcile(self, &key, &quota);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::store::Store;

    fn pod(limit: &str) -> Value {
        json!({"spec": {"containers": [{"name": "main", "resources": {"limits": {"memory": limit}}}]}, "status": {"phase": "Running"}})
    }

    #[test]
    fn a_pod_beyond_the_quota_is_refused_in_the_servers_words() {
        let store = Store::new();
        store.put(&Key::new("resourcequotas", "pay", "team"), json!({"metadata": {}, "spec": {"hard": {"limits.memory": "1Gi"}}}));
        store.put(&Key::new("pods", "pay", "a"), json!({"metadata": {}, "spec": pod("640Mi")["spec"], "status": {"phase": "Running"}}));
        let mut w = World::new(store);
        let key = Key::new("pods", "pay", "api-1");
        assert_eq!(admit(&mut w, &key, &pod("384Mi")), Ok(()));
        assert_eq!(
            admit(&mut w, &key, &pod("512Mi")),
            Err("pods \"api-1\" is forbidden: exceeded quota: team, requested: limits.memory=512Mi, used: limits.memory=640Mi, limited: limits.memory=1Gi"
                .into())
        );
        let bare = json!({"spec": {"containers": [{"name": "main"}]}});
        assert_eq!(admit(&mut w, &key, &bare), Err("pods \"api-1\" is forbidden: failed quota: team: must specify limits.memory for: main".into()));
    }
}
