//! A captured cluster read from a folder: files of `kubectl get -o json|yaml` wherever they lie, container logs under
//! `logs/NS/POD/CONTAINER[.previous].log`, and the time it was taken from `index.json`.
//!
//! A file that holds no Kubernetes object is skipped; one that can not be read is an error that names it.
use super::api::kinds;
use super::store::{ContainerLog, Key, LogLine, Store};
use crate::model::Timestamp;
use anyhow::Context as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A container's run: namespace, pod, container, whether it is the one before.
pub type RunKey = (String, String, String, bool);

/// What a folder holds.
#[derive(Clone, Debug, Default)]
pub struct Dump {
    /// The objects, as they were written.
    pub objects: Vec<Value>,
    /// Container logs.
    pub logs: BTreeMap<RunKey, String>,
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
}

/// Reads a folder or a single file.
pub fn read(path: &Path) -> anyhow::Result<Dump> {
    let mut files = Vec::new();
    collect(path, &mut files)?;
    files.sort();
    let mut out = Dump::default();
    for file in files {
        let text = || std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()));
        let parts: Vec<String> = file.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        match file.extension().and_then(|e| e.to_str()) {
            Some("log") => {
                if let [.., logs, namespace, pod, name] = parts.as_slice()
                    && logs == "logs"
                {
                    let container = name.trim_end_matches(".log");
                    let previous = container.strip_suffix(".previous");
                    let key = (namespace.clone(), pod.clone(), previous.unwrap_or(container).to_owned(), previous.is_some());
                    out.logs.insert(key, text()?);
                }
            }
            Some("json" | "yaml" | "yml") => {
                for value in documents(&text()?).with_context(|| format!("reading {}", file.display()))? {
                    take(value, &mut out);
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

fn collect(path: &Path, out: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let about = || format!("reading {}", path.display());
    if path.is_dir() {
        for entry in std::fs::read_dir(path).with_context(about)? {
            collect(&entry.with_context(about)?.path(), out)?;
        }
    } else if path.exists() {
        out.push(path.to_owned());
    } else {
        anyhow::bail!("{} does not exist", path.display());
    }
    Ok(())
}

fn documents(text: &str) -> anyhow::Result<Vec<Value>> {
    if text.trim_start().starts_with(['{', '[']) {
        return Ok(vec![serde_json::from_str(text)?]);
    }
    let mut out = Vec::new();
    let mut one = String::new();
    for line in text.lines().chain(["---"]) {
        if line.trim_end() == "---" {
            if !one.trim().is_empty() {
                out.push(serde_saphyr::from_str(&one)?);
            }
            one.clear();
        } else {
            one.push_str(line);
            one.push('\n');
        }
    }
    Ok(out)
}

fn take(value: Value, out: &mut Dump) {
    if let Some(taken) = value.get("taken_at").and_then(Value::as_str) {
        out.taken_at = taken.parse().ok();
        return;
    }
    match value.get("items").and_then(Value::as_array) {
        Some(items) if value.get("kind").and_then(Value::as_str).is_some_and(|k| k.ends_with("List")) => {
            let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default().trim_end_matches("List");
            for item in items {
                let mut item = item.clone();
                // The items of a typed list say neither kind nor version.
                if let Some(map) = item.as_object_mut().filter(|m| !m.contains_key("kind") && !kind.is_empty()) {
                    map.insert("kind".into(), kind.into());
                    map.insert("apiVersion".into(), value.get("apiVersion").cloned().unwrap_or_default());
                }
                take(item, out);
            }
        }
        _ if value.get("kind").is_some() && value.pointer("/metadata/name").is_some() => out.objects.push(value),
        _ => {}
    }
}

/// Puts a dump into a store. Returns how many objects were of a kind that is not served.
pub fn load(dump: &Dump, store: &Store) -> usize {
    let text = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut unserved = 0;
    // Definitions first: the kinds that they add are looked up by the rest.
    let (definitions, rest): (Vec<&Value>, Vec<&Value>) = dump.objects.iter().partition(|o| text(o, "/kind") == "CustomResourceDefinition");
    for object in definitions.into_iter().chain(rest) {
        let Some(kind) = kinds::by_kind(store, &text(object, "/apiVersion"), &text(object, "/kind")).filter(|k| !k.stored.is_empty()) else {
            unserved += 1;
            continue;
        };
        let namespace = if kind.namespaced { text(object, "/metadata/namespace") } else { String::new() };
        let object = if kind.group == "events.k8s.io" { super::api::events::involved(object) } else { object.clone() };
        store.put(&Key::new(&kind.stored, &namespace, &text(&object, "/metadata/name")), object);
    }
    let at = dump.taken_at.unwrap_or_default();
    for ((namespace, pod, container, previous), log) in &dump.logs {
        let lines: Vec<LogLine> = log.lines().map(|l| LogLine { at, text: l.to_owned() }).collect();
        store.edit_log(
            &(namespace.clone(), pod.clone(), container.clone()),
            |kept: &mut ContainerLog| {
                if *previous { kept.previous = Some(lines) } else { kept.current = lines }
            },
        );
    }
    unserved
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_documents_and_logs_are_read_from_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("objects.json", &json!({"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "a", "namespace": "n"}}]}).to_string());
        write("deep/two.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n---\napiVersion: v1\nkind: Node\nmetadata: {name: x}\n");
        write("index.json", r#"{"taken_at": "2026-01-01T00:00:00+00:00", "kinds": []}"#);
        write("want.json", "{}");
        write("logs/n/a/c.previous.log", "one\ntwo\n");
        let dump = read(folder.path()).unwrap();
        assert_eq!(dump.objects.len(), 3);
        assert_eq!(dump.taken_at, Some("2026-01-01T00:00:00Z".parse().unwrap()));
        let store = Store::new();
        assert_eq!(load(&dump, &store), 0);
        assert!(store.get(&Key::new("pods", "n", "a")).is_some());
        assert_eq!(store.log(&("n".into(), "a".into(), "c".into())).unwrap().previous.unwrap()[1].text, "two");
        assert!(read(Path::new("/does/not/exist")).is_err());
    }
}
