//! Evictions, which ask the disruption budgets first, and bindings of pods to nodes.
use super::delete::{Options, delete};
use super::json::{int, list, object, text};
use super::kinds::Kind;
use super::selector::Labels;
use super::status::Fail;
use super::{Api, Asked, answer, decode};
use crate::demo::store::Key;
use axum::response::Response;
use serde_json::{Value, json};

const BUDGETS: &str = "poddisruptionbudgets.policy";

/// `POST pods/NAME/eviction`.
pub fn evict(api: &Api, kind: &Kind, asked: &Asked) -> Result<Response, Fail> {
    let body = decode::value(asked, "Eviction")?;
    let key = asked.key(kind);
    let pod = api.store.get(&key).ok_or_else(|| Fail::not_found(kind, &key.name))?;
    let empty = json!({});
    let options = Options::of(body.get("deleteOptions").unwrap_or(&empty), &asked.query)?;
    let dry = asked.query.get("dryRun") == "All";
    let ready = list(&pod, "/status/conditions").iter().any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True");
    let finished = matches!(text(&pod, "/status/phase"), "Succeeded" | "Failed" | "Pending") || pod.pointer("/metadata/deletionTimestamp").is_some();
    if !finished {
        let budgets = api.store.list(BUDGETS, Some(&key.namespace)).1;
        let over: Vec<_> = budgets.iter().filter(|(_, b)| Labels::of_object(b.pointer("/spec/selector").unwrap_or(&empty)).matches(&pod)).collect();
        if over.len() > 1 {
            return Err(Fail::new(500, "InternalError", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."));
        }
        if let Some((budget_key, budget)) = over.first()
            && ready
        {
            spend(api, budget_key, budget, dry)?;
        }
    }
    delete(api, kind, &key, &options)?;
    Ok(answer::json(201, &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})))
}

/// Takes one disruption from a budget; 429 when there is none left.
fn spend(api: &Api, key: &Key, budget: &Value, dry: bool) -> Result<(), Fail> {
    let allowed = int(budget, "/status/disruptionsAllowed").unwrap_or_default();
    if allowed <= 0 {
        let (need, have) = (int(budget, "/status/desiredHealthy").unwrap_or_default(), int(budget, "/status/currentHealthy").unwrap_or_default());
        let why = format!("The disruption budget {} needs {need} healthy pods and has {have} currently", key.name);
        let mut fail = Fail::new(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.");
        fail.details = Some(json!({"causes": [{"reason": "DisruptionBudget", "message": why}]}));
        return Err(fail);
    }
    if !dry {
        let spent: Result<_, std::convert::Infallible> = api.store.update(key, |old| {
            Ok(old.map(|old| {
                let mut new = old.clone();
                object(&mut new, &["status"]).insert("disruptionsAllowed".into(), (allowed - 1).into());
                new
            }))
        });
        let Ok(_) = spent;
    }
    Ok(())
}

/// `POST pods/NAME/binding`: what a scheduler does.
pub fn bind(api: &Api, kind: &Kind, asked: &Asked) -> Result<Response, Fail> {
    let body = decode::value(asked, "Binding")?;
    let node = text(&body, "/target/name").to_owned();
    let key = asked.key(kind);
    api.store.update(&key, |old| {
        let mut new = old.ok_or_else(|| Fail::not_found(kind, &key.name))?.clone();
        let bound = text(&new, "/spec/nodeName");
        if !bound.is_empty() {
            return Err(Fail::conflict(kind, &key.name, &format!("pod {} is already assigned to node {bound:?}", key.name)));
        }
        object(&mut new, &["spec"]).insert("nodeName".into(), node.into());
        Ok(Some(new))
    })?;
    api.wrote();
    Ok(answer::json(201, &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201})))
}
