//! `get`: the server's Table by default, else the objects themselves as YAML, JSON, names, a JSONPath or columns.
use super::objects::{array, more, path_of, text};
use super::path::{self, Columns, Template};
use super::table::{self, Look};
use super::{Origin, Reader};
use crate::cluster::http::{accept, encode, with_query};
use crate::model::operation::{Output, Selectors, Target};
use crate::model::{Read, Reading, Source, Trouble, TroubleClass};
use serde_json::{Value, json};

impl Reader<'_> {
    /// Every target in turn, one reading each.
    pub(super) async fn get(&self, read: &Read) -> Vec<Reading> {
        let Read::Get { targets, selectors, output, sort_by, show_labels } = read else { return Vec::new() };
        let mut out = Vec::with_capacity(targets.len());
        for target in targets {
            let source = if target.name.is_some() { Source::Object } else { Source::List };
            let mut origin = Origin::new(source);
            origin.object = self.named(target);
            if target.name.is_some() && target.kind.namespaced && self.namespace.is_none() {
                let trouble = Trouble::new(TroubleClass::Invalid, &format!("get {}", target.kind.resource), "a name can not be looked up in all namespaces")
                    .hint("Name the namespace with -n.");
                out.push(self.failed(origin, trouble));
                continue;
            }
            out.push(match output {
                Output::Table => self.get_table(target, selectors, sort_by.as_deref(), *show_labels, false, origin).await,
                Output::Wide => self.get_table(target, selectors, sort_by.as_deref(), *show_labels, true, origin).await,
                _ => self.get_objects(target, selectors, output, sort_by.as_deref(), origin).await,
            });
        }
        out
    }

    async fn get_table(&self, target: &Target, selectors: &Selectors, sort_by: Option<&str>, labels: bool, wide: bool, mut origin: Origin) -> Reading {
        let kind = &target.kind;
        let operation = format!("get {}{}", origin.object.as_ref().map_or_else(|| kind.resource.clone(), ToString::to_string), self.place_words(kind));
        let sort = match sort_by.map(path::sort_key).transpose() {
            Ok(sort) => sort,
            Err(why) => return self.failed(origin, Trouble::new(TroubleClass::Invalid, &operation, &why)),
        };
        let limit = self.limits.objects.to_string();
        let include = if sort.is_some() { "Object" } else { "" };
        let path = match &target.name {
            Some(name) => path_of(kind, self.place(kind), name),
            None => with_query(
                &kind.path(self.place(kind).map(encode).as_deref()),
                &[
                    ("labelSelector", selectors.labels.as_deref().unwrap_or_default()),
                    ("fieldSelector", selectors.fields.as_deref().unwrap_or_default()),
                    ("limit", &limit),
                    ("includeObject", include),
                ],
            ),
        };
        let mut table: Value = match self.cluster.fetch_as(&operation, &path, accept::TABLE).await {
            Ok(table) => table,
            Err(trouble) => return self.failed(origin, trouble),
        };
        if text(&table, "/kind") != "Table" {
            let trouble = Trouble::new(TroubleClass::Other, &operation, "the server gave no table of this kind").hint("Ask with -o name or -o yaml.");
            return self.failed(origin, trouble);
        }
        let hidden = table::hide(&mut table, &self.cluster.redactor);
        let mut rows: Vec<&Value> = array(&table, "/rows").iter().collect();
        origin.version = Some(text(&table, "/metadata/resourceVersion").to_owned()).filter(|v| !v.is_empty());
        if let (Some(_), Some(row)) = (&target.name, rows.first()) {
            let of = Origin::of(Source::Object, &kind.kind, row.get("object").unwrap_or(&Value::Null));
            origin.uid = of.uid;
            origin.version = of.version.or(origin.version);
        }
        if rows.is_empty() {
            return self.nothing(origin, &self.no_resources(target, selectors));
        }
        if let Some(key) = &sort {
            path::sort(&mut rows, |row| key.first(row.get("object").unwrap_or(&Value::Null)));
        }
        let look = Look { wide, labels, namespaces: kind.namespaced && self.namespace.is_none() };
        self.found_list(origin, &table::render(&table, &rows, look), more(&table)).with_redactions(hidden)
    }

    async fn get_objects(&self, target: &Target, selectors: &Selectors, output: &Output, sort_by: Option<&str>, mut origin: Origin) -> Reading {
        let kind = &target.kind;
        let operation = format!("get {}{}", kind.resource, self.place_words(kind));
        // Secrets come this far with `-o name` alone: their metadata is all that is asked for
        if crate::cluster::is_secret(kind) {
            return self.get_names_of_secrets(target, selectors, &operation, origin).await;
        }
        let (mut items, left) = match &target.name {
            Some(name) => match self.cluster.object(kind, self.place(kind), name).await {
                Ok(object) => {
                    origin = Origin::of(Source::Object, &kind.kind, &object);
                    (vec![object], None)
                }
                Err(trouble) => return self.failed(origin, trouble),
            },
            None => match self.cluster.list(kind, self.place(kind), selectors, self.limits.objects).await {
                Ok(list) if list.items.is_empty() => {
                    origin.version = Some(list.version);
                    return self.nothing(origin, &self.no_resources(target, selectors));
                }
                Ok(list) => {
                    origin.version = Some(list.version);
                    (list.items, list.more)
                }
                Err(trouble) => return self.failed(origin, trouble),
            },
        };
        let mut taken = Vec::new();
        if matches!(output, Output::JsonPath(_) | Output::CustomColumns(_)) {
            // a value that is picked out no longer stands beside the name that says what it is
            let Some((objects, redactions)) = self.cluster.redactor.object(Value::Array(items)) else {
                let trouble = Trouble::new(TroubleClass::Refused, &operation, "the secrets in it can not be told from the rest").hint("Ask with -o yaml.");
                return self.failed(origin, trouble);
            };
            items = if let Value::Array(items) = objects { items } else { Vec::new() };
            taken = redactions;
        }
        if let Some(by) = sort_by {
            match path::sort_key(by) {
                Ok(key) => path::sort(&mut items, |item| key.first(item)),
                Err(why) => return self.failed(origin, Trouble::new(TroubleClass::Invalid, &operation, &why)),
            }
        }
        let single = target.name.is_some();
        let rendered = match output {
            Output::Name => Ok(items.iter().map(|i| name_line(&target.kind, text(i, "/metadata/name"))).collect()),
            Output::CustomColumns(spec) => Columns::parse(spec).map(|c| c.render(&items)),
            Output::JsonPath(template) => Template::parse(template).map(|t| t.render(&root(items, single))),
            Output::Json => serde_json::to_string_pretty(&root(items, single)).map(|s| s + "\n").map_err(|e| e.to_string()),
            _ => yaml(&root(items, single)),
        };
        match rendered {
            Ok(text) if text.trim().is_empty() => self.nothing(origin, "The template matches nothing in what was read."),
            Ok(text) => self.found_list(origin, &text, left).with_redactions(taken),
            Err(why) => self.failed(origin, Trouble::new(TroubleClass::Invalid, &operation, &why)),
        }
    }

    async fn get_names_of_secrets(&self, target: &Target, selectors: &Selectors, operation: &str, origin: Origin) -> Reading {
        let limit = self.limits.objects.to_string();
        let fields = target.name.as_ref().map(|n| format!("metadata.name={n}")).or_else(|| selectors.fields.clone()).unwrap_or_default();
        let path = with_query(
            &target.kind.path(self.place(&target.kind).map(encode).as_deref()),
            &[("labelSelector", selectors.labels.as_deref().unwrap_or_default()), ("fieldSelector", &fields), ("limit", &limit)],
        );
        match self.cluster.fetch_as::<Value>(operation, &path, accept::METADATA).await {
            Ok(list) if array(&list, "/items").is_empty() => self.nothing(origin, &self.no_resources(target, selectors)),
            Ok(list) => {
                let names: String = array(&list, "/items").iter().map(|i| name_line(&target.kind, text(i, "/metadata/name"))).collect();
                self.found_list(origin, &names, more(&list))
            }
            Err(trouble) => self.failed(origin, trouble),
        }
    }

    fn no_resources(&self, target: &Target, selectors: &Selectors) -> String {
        let matching = match (&selectors.labels, &selectors.fields) {
            (None, None) => String::new(),
            (labels, fields) => format!(" that match {}", labels.iter().chain(fields).cloned().collect::<Vec<_>>().join(" and ")),
        };
        format!("There are no {}{}{matching}.", target.kind.resource, self.place_words(&target.kind))
    }
}

/// `pod/api-0`, `deployment.apps/api`, with its newline.
fn name_line(kind: &crate::model::KindRef, name: &str) -> String {
    let dot = if kind.group.is_empty() { String::new() } else { format!(".{}", kind.group) };
    format!("{}{dot}/{name}\n", kind.kind.to_lowercase())
}

/// The object itself, or a `List` as kubectl makes one.
fn root(items: Vec<Value>, single: bool) -> Value {
    if single { items.into_iter().next().unwrap_or_default() } else { json!({"apiVersion": "v1", "kind": "List", "items": items}) }
}

/// YAML with sorted keys.
pub(in crate::cluster) fn yaml(value: &Value) -> Result<String, String> {
    serde_saphyr::to_string(value).map(|s| if s.ends_with('\n') { s } else { s + "\n" }).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_quotes_what_kubectl_would_read_as_something_else() {
        let text = yaml(&json!({"a": "yes", "b": "on", "c": "1", "d": "plain", "n": null, "l": [1, {"x": "y"}]})).unwrap();
        let back: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(back, json!({"a": "yes", "b": "on", "c": "1", "d": "plain", "n": null, "l": [1, {"x": "y"}]}));
        for bare in ["a: yes\n", "b: on\n", "c: 1\n"] {
            assert!(!text.contains(bare), "{text}");
        }
    }

    #[test]
    fn names_carry_the_group() {
        assert_eq!(name_line(&crate::model::KindRef::new("apps", "v1", "deployments", "Deployment", true), "api"), "deployment.apps/api\n");
    }
}
