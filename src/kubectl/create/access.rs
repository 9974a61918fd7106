//! The manifests of `create role`, `clusterrole`, `rolebinding` and `clusterrolebinding`.
use super::Line;
use crate::kubectl::{Refusal, operands};
use serde_json::{Value, json};

const GROUP: &str = "rbac.authorization.k8s.io";
const API: &str = "rbac.authorization.k8s.io/v1";

/// `--verb` and `--resource`, one rule a group of the API.
pub fn role(line: &Line<'_>, kind: &str) -> Result<Value, Refusal> {
    let cluster = kind == "ClusterRole";
    let flags: &[&str] = if cluster { &["verb", "resource", "resource-name", "non-resource-url"] } else { &["verb", "resource", "resource-name"] };
    let name = line.name_alone(flags)?;
    let verbs = unique(line.parts.values("verb"));
    let verbs = if verbs.iter().any(|v| v == "*") { vec!["*".to_owned()] } else { verbs };
    if let Some(bad) = verbs.iter().find(|v| *v != "*" && !v.bytes().all(|b| b.is_ascii_lowercase())) {
        return Err(Refusal::new(
            "bad-value",
            format!("`{bad}` is no verb of the API. They are get, list, watch, create, update, patch, delete and the like."),
        ));
    }
    let (resources, urls) = (unique(line.parts.values("resource")), unique(line.parts.values("non-resource-url")));
    if verbs.is_empty() || resources.is_empty() == urls.is_empty() {
        return Err(Refusal::new("missing-value", format!("`create {}` needs what it allows: `--verb=get,list --resource=pods`.", line.sub)));
    }
    let rules = if urls.is_empty() { by_group(line, &verbs, &resources)? } else { vec![json!({"verbs": verbs, "nonResourceURLs": urls})] };
    Ok(json!({"apiVersion": API, "kind": kind, "metadata": {"name": name}, "rules": rules}))
}

fn by_group(line: &Line<'_>, verbs: &[String], resources: &[String]) -> Result<Vec<Value>, Refusal> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for word in resources {
        let (of, sub) = word.split_once('/').map_or((word.as_str(), None), |(of, sub)| (of, Some(sub)));
        let (group, mut resource) = if of == "*" {
            ("*".to_owned(), "*".to_owned())
        } else {
            let kind = operands::kind(of, line.kinds)?;
            (kind.group, kind.resource)
        };
        if let Some(sub) = sub {
            let _ = operands::object_name(sub)?;
            resource = format!("{resource}/{sub}");
        }
        match groups.iter_mut().find(|(g, _)| *g == group) {
            Some((_, all)) => all.push(resource),
            None => groups.push((group, vec![resource])),
        }
    }
    let names = unique(line.parts.each("resource-name").to_vec());
    let rule = |(group, resources): (String, Vec<String>)| {
        let mut rule = json!({"verbs": verbs, "apiGroups": [group], "resources": resources});
        super::put(&mut rule, "resourceNames", names.clone());
        rule
    };
    Ok(groups.into_iter().map(rule).collect())
}

fn unique(words: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in words {
        if !out.contains(&word) {
            out.push(word);
        }
    }
    out
}

/// `--clusterrole` or `--role`, and who gets it.
pub fn binding(line: &Line<'_>, kind: &str) -> Result<Value, Refusal> {
    let cluster = kind == "ClusterRoleBinding";
    let flags: &[&str] =
        if cluster { &["clusterrole", "user", "group", "serviceaccount"] } else { &["clusterrole", "role", "user", "group", "serviceaccount"] };
    let name = line.name_alone(flags)?;
    let (of, role) = match (line.parts.value("clusterrole"), line.parts.value("role")) {
        (Some(role), None) => ("ClusterRole", role),
        (None, Some(role)) => ("Role", role),
        _ if cluster => return Err(Refusal::new("missing-value", "`create clusterrolebinding` needs `--clusterrole=NAME`.")),
        _ => return Err(Refusal::new("missing-value", "`create rolebinding` needs `--role=NAME` or `--clusterrole=NAME`, one of them.")),
    };
    let mut subjects: Vec<Value> = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        subjects
            .extend(unique(line.parts.each(flag).to_vec()).iter().filter(|n| !n.is_empty()).map(|name| json!({"apiGroup": GROUP, "kind": kind, "name": name})));
    }
    for account in unique(line.parts.each("serviceaccount").to_vec()) {
        let pair = account
            .split_once(':')
            .ok_or_else(|| Refusal::new("bad-value", format!("`{account}` is no service account. Write it as `--serviceaccount=NAMESPACE:NAME`.")))?;
        subjects.push(json!({"kind": "ServiceAccount", "namespace": operands::namespace(pair.0)?, "name": operands::object_name(pair.1)?}));
    }
    let mut object = json!({
        "apiVersion": API, "kind": kind, "metadata": {"name": name},
        "roleRef": {"apiGroup": GROUP, "kind": of, "name": operands::object_name(role)?},
    });
    super::put(&mut object, "subjects", subjects);
    Ok(object)
}
