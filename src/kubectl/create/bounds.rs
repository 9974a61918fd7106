//! The manifests of the small ones: namespace, serviceaccount, configmap, quota, poddisruptionbudget, priorityclass.
use super::{Line, put};
use crate::kubectl::{Refusal, operands, values};
use serde_json::{Map, Value, json};

/// An object that is a name and nothing else.
pub fn plain(line: &Line<'_>, api: &str, kind: &str) -> Result<Value, Refusal> {
    let name = line.name_alone(&[])?;
    let name = if kind == "Namespace" { operands::namespace(&name)? } else { name };
    Ok(json!({"apiVersion": api, "kind": kind, "metadata": {"name": name}}))
}

/// `create configmap NAME --from-literal=KEY=VALUE`.
pub fn config_map(line: &Line<'_>) -> Result<Value, Refusal> {
    let name = line.name_alone(&["from-literal"])?;
    let mut data = Map::new();
    for word in line.parts.each("from-literal") {
        let plain = |key: &str| !key.is_empty() && key.len() <= 253 && key.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
        let (key, value) =
            word.split_once('=').filter(|(key, _)| plain(key)).ok_or_else(|| Refusal::new("bad-value", "A literal is `--from-literal=KEY=VALUE`."))?;
        if data.insert(key.to_owned(), value.into()).is_some() {
            return Err(Refusal::new("contradiction", format!("The key `{key}` is given twice. Give it once.")));
        }
    }
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    put(&mut object, "data", data);
    Ok(object)
}

/// `create quota NAME --hard=cpu=4,pods=10`.
pub fn quota(line: &Line<'_>) -> Result<Value, Refusal> {
    let name = line.name_alone(&["hard", "scopes"])?;
    let hard: Map<String, Value> = values::quantities(line.parts, "hard")?.into_iter().map(|(k, v)| (k, v.into())).collect();
    let mut spec = json!({});
    put(&mut spec, "hard", hard);
    if let Some(scopes) = line.parts.value("scopes") {
        let legal = ["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"];
        let scopes: Vec<&str> = scopes.split(',').collect();
        if scopes.iter().any(|s| !legal.contains(s)) {
            return Err(Refusal::new("bad-value", format!("The scopes of a quota are {}.", legal.join(", "))));
        }
        put(&mut spec, "scopes", scopes);
    }
    Ok(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec}))
}

/// `create poddisruptionbudget NAME --selector=app=api --min-available=1`.
pub fn disruption(line: &Line<'_>) -> Result<Value, Refusal> {
    let name = line.name_alone(&["selector", "min-available", "max-unavailable"])?;
    let selector = values::labels("selector", line.needed("selector", "app=api")?)?;
    let labels: Map<String, Value> = selector.into_iter().map(|(k, v)| (k, v.into())).collect();
    let mut spec = json!({"selector": {"matchLabels": labels}});
    match (line.parts.value("min-available"), line.parts.value("max-unavailable")) {
        (Some(_), Some(_)) => return Err(Refusal::new("contradiction", "`--min-available` and `--max-unavailable` contradict each other. Give one of them.")),
        (None, Some(most)) => put(&mut spec, "maxUnavailable", amount("max-unavailable", most)?),
        (least, None) => put(&mut spec, "minAvailable", amount("min-available", least.unwrap_or("1"))?),
    }
    Ok(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec}))
}

/// A number, or a share in percent.
fn amount(flag: &str, text: &str) -> Result<Value, Refusal> {
    match text.strip_suffix('%') {
        Some(share) => values::number::<u8>(flag, share, "50%").map(|_| text.into()),
        None => values::number::<u32>(flag, text, "1").map(Into::into),
    }
}

/// `create priorityclass NAME --value=1000`.
pub fn priority(line: &Line<'_>) -> Result<Value, Refusal> {
    let name = line.name_alone(&["value", "global-default", "description", "preemption-policy"])?;
    let value: i32 = values::number("value", line.parts.value("value").unwrap_or("0"), "1000")?;
    let policy = line.parts.value("preemption-policy").unwrap_or("PreemptLowerPriority");
    if !["PreemptLowerPriority", "Never"].contains(&policy) {
        return Err(Refusal::new("bad-value", "`--preemption-policy` is PreemptLowerPriority or Never."));
    }
    let mut object = json!({
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
        "value": value, "globalDefault": line.parts.on("global-default"), "preemptionPolicy": policy,
    });
    put(&mut object, "description", line.parts.value("description"));
    Ok(object)
}
