//! What is served: groups, versions and resources, plain and aggregated, and the server's version.
use super::json::{set, text};
use super::kinds::Kind;
use crate::demo::store::Store;
use serde_json::{Value, json};
use std::sync::Arc;

/// `/version`: the Kubernetes whose behaviour this follows.
pub fn version() -> Value {
    json!({"major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1", "minCompatibilityMinor": "35",
        "gitVersion": "v1.36.3", "gitCommit": "", "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "rustc",
        "platform": format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH)})
}

/// `/api`.
pub fn legacy(address: &str) -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]})
}

/// Group names in their order, without the core group.
fn groups(kinds: &[Arc<Kind>]) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for kind in kinds.iter().filter(|k| !k.group.is_empty()) {
        if !out.contains(&kind.group.as_str()) {
            out.push(&kind.group);
        }
    }
    out
}

fn versions<'a>(kinds: &'a [Arc<Kind>], group: &str) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for kind in kinds.iter().filter(|k| k.group == group) {
        if !out.contains(&kind.version.as_str()) {
            out.push(&kind.version);
        }
    }
    out
}

fn group_body(kinds: &[Arc<Kind>], group: &str) -> Value {
    let versions: Vec<Value> = versions(kinds, group).iter().map(|v| json!({"groupVersion": format!("{group}/{v}"), "version": v})).collect();
    json!({"name": group, "preferredVersion": versions.first(), "versions": versions})
}

/// `/apis`.
pub fn group_list(store: &Store) -> Value {
    let kinds = super::kinds::all(store);
    let all: Vec<Value> = groups(&kinds).iter().map(|g| group_body(&kinds, g)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": all})
}

/// `/apis/GROUP`.
pub fn group(store: &Store, group: &str) -> Option<Value> {
    let kinds = super::kinds::all(store);
    kinds.iter().any(|k| k.group == group).then(|| {
        let mut out = group_body(&kinds, group);
        set(&mut out, "kind", "APIGroup");
        set(&mut out, "apiVersion", "v1");
        out
    })
}

/// What a subresource answers with, and its verbs.
fn subresource(kind: &Kind, name: &str) -> Option<(Value, &'static [&'static str])> {
    let own = |k: &str| json!({"group": kind.group, "version": kind.version, "kind": k});
    Some(match name {
        "status" | "approval" => (own(&kind.kind), &["get", "patch", "update"]),
        "finalize" => (own(&kind.kind), &["update"]),
        "scale" => (json!({"group": "autoscaling", "version": "v1", "kind": "Scale"}), &["get", "patch", "update"]),
        "log" => (own("Pod"), &["get"]),
        "binding" => (own("Binding"), &["create"]),
        "eviction" => (json!({"group": "policy", "version": "v1", "kind": "Eviction"}), &["create"]),
        _ => return None,
    })
}

/// `/api/v1` and `/apis/GROUP/VERSION`.
pub fn resources(store: &Store, group: &str, version: &str) -> Option<Value> {
    let kinds = super::kinds::all(store);
    let mut out = Vec::new();
    for kind in kinds.iter().filter(|k| k.group == group && k.version == version) {
        let mut one = json!({"name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind, "verbs": kind.verbs()});
        if !kind.short.is_empty() {
            set(&mut one, "shortNames", json!(kind.short));
        }
        if !kind.categories.is_empty() {
            set(&mut one, "categories", json!(kind.categories));
        }
        out.push(one);
        for sub in &kind.subresources {
            let Some((of, verbs)) = subresource(kind, sub) else { continue };
            let mut one = json!({"name": format!("{}/{sub}", kind.plural), "singularName": "", "namespaced": kind.namespaced, "kind": text(&of, "/kind"), "verbs": verbs});
            if text(&of, "/group") != kind.group {
                set(&mut one, "group", text(&of, "/group"));
                set(&mut one, "version", text(&of, "/version"));
            }
            out.push(one);
        }
    }
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    (!out.is_empty()).then(|| json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": out}))
}

/// `/api` (core) and `/apis` (the others) in the aggregated form.
pub fn aggregated(store: &Store, core: bool) -> Value {
    let kinds = super::kinds::all(store);
    let names = if core { vec![""] } else { groups(&kinds) };
    let items: Vec<Value> = names
        .iter()
        .map(|group| {
            let versions: Vec<Value> = versions(&kinds, group)
                .iter()
                .map(|v| {
                    let of = kinds.iter().filter(|k| k.group == **group && k.version == **v);
                    json!({"version": v, "freshness": "Current", "resources": of.map(|k| aggregated_resource(k)).collect::<Vec<_>>()})
                })
                .collect();
            let metadata = if core { json!({}) } else { json!({"name": group}) };
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

fn aggregated_resource(kind: &Kind) -> Value {
    let mut out = json!({"resource": kind.plural, "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": if kind.namespaced { "Namespaced" } else { "Cluster" }, "singularResource": kind.singular, "verbs": kind.verbs()});
    if !kind.short.is_empty() {
        set(&mut out, "shortNames", json!(kind.short));
    }
    if !kind.categories.is_empty() {
        set(&mut out, "categories", json!(kind.categories));
    }
    let subs: Vec<Value> = kind
        .subresources
        .iter()
        .filter_map(|s| subresource(kind, s).map(|(of, verbs)| json!({"subresource": s, "responseKind": of, "verbs": verbs})))
        .collect();
    if !subs.is_empty() {
        set(&mut out, "subresources", subs);
    }
    out
}
