//! The manifest of `create ingress NAME --rule=HOST/PATH=SERVICE:PORT`.
use super::{Line, put};
use crate::kubectl::{Refusal, operands, values};
use serde_json::{Map, Value, json};

/// The Ingress.
pub fn parse(line: &Line<'_>) -> Result<Value, Refusal> {
    let name = line.name_alone(&["rule", "class", "default-backend", "annotation"])?;
    let mut hosts: Vec<(String, Vec<Value>)> = Vec::new();
    for text in line.parts.each("rule") {
        let (host, path) = rule(text)?;
        match hosts.iter_mut().find(|(h, _)| *h == host) {
            Some((_, paths)) => paths.push(path),
            None => hosts.push((host, vec![path])),
        }
    }
    let default = line.parts.value("default-backend").map(backend).transpose()?;
    if hosts.is_empty() && default.is_none() {
        return Err(Refusal::new("missing-value", "`create ingress` needs a rule: `--rule='shop.local/*=api:80'`."));
    }
    let rules: Vec<Value> = hosts.into_iter().map(|(host, paths)| with_host(&host, &paths)).collect();
    let mut spec = json!({});
    put(&mut spec, "rules", rules);
    put(&mut spec, "defaultBackend", default.unwrap_or_default());
    put(&mut spec, "ingressClassName", line.parts.value("class").map(operands::object_name).transpose()?);
    let mut metadata = json!({"name": name});
    let mut annotations = Map::new();
    for word in line.parts.each("annotation") {
        let pair = word.split_once('=').filter(|(key, _)| values::is_qualified(key) && !annotations.contains_key(*key));
        let (key, value) =
            pair.ok_or_else(|| Refusal::new("bad-value", format!("`{word}` is no annotation. Write it like `--annotation=key=value`, each once.")))?;
        annotations.insert(key.to_owned(), value.into());
    }
    put(&mut metadata, "annotations", annotations);
    Ok(json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}))
}

fn with_host(host: &str, paths: &[Value]) -> Value {
    let mut rule = json!({"http": {"paths": paths}});
    if !host.is_empty() {
        put(&mut rule, "host", host);
    }
    rule
}

/// `HOST/PATH=SERVICE:PORT`; a path that ends with `*` is a prefix. `,tls` wants a Secret and is left to a manifest.
fn rule(text: &str) -> Result<(String, Value), Refusal> {
    let bad = || {
        let shown: String = text.chars().take(80).collect();
        Refusal::new(
            "bad-value",
            format!("`{shown}` is no rule. Write it like `--rule='shop.local/*=api:80'`; anything more goes into a manifest for `create -f -`."),
        )
    };
    let (from, to) = text.split_once('=').filter(|(_, to)| !to.contains([',', '='])).ok_or_else(bad)?;
    let (host, path) = from.split_once('/').ok_or_else(bad)?;
    let plain = |s: &str, more: &str| s.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    if !plain(host, "-.*") || !plain(path, "-._~/*%") {
        return Err(bad());
    }
    let (path, of) = path.strip_suffix('*').map_or((path, "Exact"), |path| (path, "Prefix"));
    Ok((host.to_owned(), json!({"path": format!("/{path}"), "pathType": of, "backend": backend(to)?})))
}

/// `SERVICE:PORT`.
fn backend(text: &str) -> Result<Value, Refusal> {
    let (service, port) =
        text.split_once(':').ok_or_else(|| Refusal::new("bad-value", format!("`{text}` is no Service with its port. Write it like `api:80`.")))?;
    let port = values::port_or_name("rule", port)?;
    let port = port.parse::<u16>().map_or_else(|_| json!({"name": port}), |n| json!({"number": n}));
    Ok(json!({"service": {"name": operands::object_name(service)?, "port": port}}))
}
