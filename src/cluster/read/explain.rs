//! `explain`: the server's own documentation of a kind's fields, read from its OpenAPI.
use super::objects::{array, text};
use super::{Origin, Reader};
use crate::model::{KindRef, Reading, Source, Trouble, TroubleClass};
use serde_json::Value;
use std::fmt::Write as _;

/// No tree of fields is deeper: kinds refer to themselves.
const DEEPEST: usize = 12;
/// The most lines of a tree.
const LONGEST: usize = 4_000;

impl Reader<'_> {
    /// `explain KIND[.FIELD…]`.
    pub(super) async fn explain(&self, kind: &KindRef, fields: &[String], recursive: bool) -> Reading {
        let origin = Origin::new(Source::Server);
        let operation = format!("explain {}", kind.resource);
        let place = if kind.group.is_empty() { format!("api/{}", kind.version) } else { format!("apis/{}/{}", kind.group, kind.version) };
        let document: Result<Value, Trouble> = self.cluster.fetch_as(&operation, &format!("/openapi/v3/{place}"), crate::cluster::http::accept::JSON).await;
        match document.and_then(|document| told(&document, kind, fields, recursive).map_err(|cause| Trouble::new(TroubleClass::NotFound, &operation, &cause))) {
            Ok(text) => self.found(origin, &text),
            Err(trouble) => self.failed(origin, trouble),
        }
    }
}

/// The text of an explanation, or why there is none.
fn told(document: &Value, kind: &KindRef, fields: &[String], recursive: bool) -> Result<String, String> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let is_it = |schema: &&Value| {
        array(schema, "/x-kubernetes-group-version-kind")
            .iter()
            .any(|g| (text(g, "/group"), text(g, "/version"), text(g, "/kind")) == (kind.group.as_str(), kind.version.as_str(), kind.kind.as_str()))
    };
    let root = schemas.and_then(|all| all.values().find(is_it)).ok_or_else(|| format!("the server documents no {} of {}", kind.kind, kind.api_version()))?;
    let mut at = root;
    let mut said = String::new();
    for (depth, field) in fields.iter().enumerate() {
        let below = properties(document, at);
        let Some(next) = below.iter().find(|(name, _)| *name == field) else {
            let known: Vec<&str> = below.iter().map(|(name, _)| name.as_str()).collect();
            let path = fields.get(..depth).unwrap_or_default().join(".");
            return Err(format!("there is no field `{field}` in {} {path}; it has: {}", kind.kind, known.join(", ")));
        };
        said = format!("FIELD: {field} <{}>\n\n", type_of(document, next.1));
        at = next.1;
    }
    let mut out = format!("KIND:     {}\nVERSION:  {}\n\n{said}DESCRIPTION:\n", kind.kind, kind.api_version());
    let described = [at, resolved(document, at)].into_iter().map(|s| text(s, "/description")).find(|d| !d.is_empty()).unwrap_or("<empty>");
    let _ = writeln!(out, "    {}\n", described.replace('\n', "\n    "));
    let below = properties(document, at);
    if !below.is_empty() {
        out.push_str("FIELDS:\n");
        list(document, at, 1, recursive, &mut out);
    }
    Ok(out)
}

fn list(document: &Value, schema: &Value, depth: usize, recursive: bool, out: &mut String) {
    let required: Vec<&str> = array(resolved(document, schema), "/required").iter().filter_map(Value::as_str).collect();
    for (name, field) in properties(document, schema) {
        if out.lines().count() > LONGEST {
            out.push_str("… more fields than are listed\n");
            return;
        }
        let needed = if required.contains(&name.as_str()) { " -required-" } else { "" };
        let _ = writeln!(out, "{}{name} <{}>{needed}", "  ".repeat(depth), type_of(document, field));
        if recursive && depth < DEEPEST {
            list(document, field, depth + 1, true, out);
        } else if !recursive {
            let first = text(field, "/description").lines().next().unwrap_or_default();
            if !first.is_empty() {
                let _ = writeln!(out, "{}  {first}", "  ".repeat(depth));
            }
        }
    }
}

/// A schema behind its reference: `$ref`, or `allOf` of one.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = [schema.get("$ref"), schema.pointer("/allOf/0/$ref")].into_iter().flatten().find_map(Value::as_str);
    let name = reference.and_then(|r| r.strip_prefix("#/components/schemas/"));
    name.and_then(|name| document.pointer("/components/schemas")?.get(name)).unwrap_or(schema)
}

/// What a list or a map holds, else the schema itself.
fn element<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = resolved(document, schema);
    match schema.get("items").or_else(|| schema.get("additionalProperties").filter(|a| a.is_object())) {
        Some(inner) => resolved(document, inner),
        None => schema,
    }
}

fn properties<'a>(document: &'a Value, schema: &'a Value) -> Vec<(&'a String, &'a Value)> {
    element(document, schema).get("properties").and_then(Value::as_object).into_iter().flatten().collect()
}

/// `Object`, `[]Container`, `map[string]string`, `string`.
fn type_of(document: &Value, schema: &Value) -> String {
    let reference = [schema.get("$ref"), schema.pointer("/allOf/0/$ref")].into_iter().flatten().find_map(Value::as_str);
    let inner = resolved(document, schema);
    if let Some(items) = inner.get("items") {
        return format!("[]{}", type_of(document, items));
    }
    if let Some(values) = inner.get("additionalProperties").filter(|a| a.is_object()) {
        return format!("map[string]{}", type_of(document, values));
    }
    match (text(inner, "/type"), reference) {
        ("object" | "", Some(reference)) => reference.rsplit(['.', '/']).next().unwrap_or("Object").to_owned(),
        ("object" | "", None) => "Object".to_owned(),
        (plain, _) => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({"components": {"schemas": {
            "io.k8s.api.core.v1.Pod": {"type": "object", "description": "Pod is a collection of containers.",
                "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Pod"}],
                "properties": {"kind": {"type": "string"}, "spec": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.PodSpec"}], "description": "What is wanted."}}},
            "io.k8s.api.core.v1.PodSpec": {"type": "object", "description": "PodSpec.", "required": ["containers"], "properties": {
                "containers": {"type": "array", "description": "The containers.", "items": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.Container"}]}},
                "nodeSelector": {"type": "object", "additionalProperties": {"type": "string"}}}},
            "io.k8s.api.core.v1.Container": {"type": "object", "description": "A container.", "properties": {"image": {"type": "string", "description": "The image.\nMore."}}}
        }}})
    }

    #[test]
    fn a_field_is_found_through_references_and_lists() {
        let pod = KindRef::new("", "v1", "pods", "Pod", true);
        let path = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let all = told(&document(), &pod, &[], false).unwrap();
        assert!(
            all.contains("KIND:     Pod\nVERSION:  v1\n\nDESCRIPTION:\n    Pod is a collection") && all.contains("  spec <PodSpec>\n    What is wanted."),
            "{all}"
        );
        let spec = told(&document(), &pod, &path(&["spec"]), false).unwrap();
        assert!(spec.contains("  containers <[]Container> -required-\n") && spec.contains("  nodeSelector <map[string]string>\n"), "{spec}");
        let image = told(&document(), &pod, &path(&["spec", "containers", "image"]), false).unwrap();
        assert!(image.contains("FIELD: image <string>") && image.contains("    The image.\n    More."), "{image}");
        let tree = told(&document(), &pod, &[], true).unwrap();
        assert!(tree.contains("  spec <PodSpec>\n    containers <[]Container> -required-\n      image <string>\n"), "{tree}");
        let wrong = told(&document(), &pod, &path(&["spec", "volumes"]), false).unwrap_err();
        assert!(wrong.contains("no field `volumes`") && wrong.contains("containers, nodeSelector"), "{wrong}");
        assert!(told(&document(), &KindRef::new("x", "v1", "pods", "Pod", true), &[], false).is_err());
    }
}
