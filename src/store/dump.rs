//! Dumps: what a person captured with `kubectl get -o yaml|json` or `kubectl cluster-info dump`, read as values and logs.
//!
//! It reads files and concludes nothing. Values of Secrets are dropped as soon as a document is parsed; logs are cleaned and
//! redacted before they leave. What can not be read is named, never passed over in silence.
use crate::model::snapshot::LogKey;
use crate::model::{Timestamp, Trouble, TroubleClass};
use crate::text::prepare::{Form, prepare};
use crate::text::{Clean, Prepared, Redactor};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Files of a dump at most: more is a mistake (somebody named `/`).
const MOST_FILES: usize = 20_000;
/// Bytes of one file at most.
const MOST_BYTES: u64 = 512 * 1024 * 1024;
/// Bytes of a log that are kept, from its end.
const LOG_BYTES: usize = 128 * 1024;

/// What a dump holds.
#[derive(Debug, Default)]
pub struct Dump {
    /// When it was taken, where its index says so.
    pub taken_at: Option<Timestamp>,
    /// The namespaces that were asked for, where its index says so; none means those that occur.
    pub namespaces: Option<Vec<String>>,
    /// Kinds or resources that were captured: named in the index, or seen, be it as an empty list.
    pub captured: BTreeSet<String>,
    /// Objects, each with its `apiVersion` and `kind`.
    pub objects: Vec<Value>,
    /// Logs.
    pub logs: Vec<(LogKey, Prepared)>,
    /// Files that are no Kubernetes objects; one sentence each.
    pub skipped: Vec<Clean>,
    /// Files that should have been read and could not be; one sentence each.
    pub unread: Vec<Clean>,
}

/// Reads a file or a folder.
pub fn read(path: &Path, redactor: &Redactor) -> Result<Dump, Trouble> {
    let operation = format!("read the dump {}", path.display());
    let failed = |e: &std::io::Error| {
        Trouble::new(TroubleClass::Config, &operation, &e.to_string()).hint("name a file or a folder that holds `kubectl get -o yaml` output")
    };
    let about = std::fs::metadata(path).map_err(|e| failed(&e))?;
    let mut files = Vec::new();
    if about.is_dir() {
        walk(path, &mut files).map_err(|e| failed(&e))?;
    } else {
        files.push(path.to_path_buf());
    }
    if files.len() > MOST_FILES {
        let cause = format!("it holds more than {MOST_FILES} files");
        return Err(Trouble::new(TroubleClass::Config, &operation, &cause).hint("name the folder of the dump alone"));
    }
    files.sort();
    let mut dump = Dump::default();
    for file in &files {
        let shown = file.strip_prefix(path).ok().filter(|p| !p.as_os_str().is_empty()).unwrap_or(file);
        take(&mut dump, file, shown, redactor);
    }
    if dump.objects.is_empty() && dump.captured.is_empty() {
        let cause = dump.unread.iter().chain(&dump.skipped).next().map_or_else(|| "it is empty".to_owned(), ToString::to_string);
        return Err(Trouble::new(TroubleClass::Config, &operation, &format!("no Kubernetes object in it ({cause})"))
            .hint("capture one with `kubectl get pods,events -o yaml > FILE`"));
    }
    Ok(dump)
}

/// Files below a folder, without hidden ones and without following links to folders.
fn walk(folder: &Path, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') || out.len() > MOST_FILES {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), out)?;
        } else {
            out.push(entry.path());
        }
    }
    Ok(())
}

fn take(dump: &mut Dump, file: &Path, shown: &Path, redactor: &Redactor) {
    let say = |cause: &str| Clean::line(&format!("{}: {cause}", shown.display()));
    let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let named = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let is_log = extension == "log" || named == "logs.txt";
    if !is_log && !matches!(extension, "json" | "yaml" | "yml") {
        dump.skipped.push(say("no Kubernetes object, skipped"));
        return;
    }
    let text = match std::fs::metadata(file) {
        Ok(m) if m.len() > MOST_BYTES => Err("it is too large".to_owned()),
        Ok(_) => std::fs::read(file).map(|b| String::from_utf8_lossy(&b).into_owned()).map_err(|e| e.to_string()),
        Err(e) => Err(e.to_string()),
    };
    let text = match text {
        Ok(text) => text,
        Err(cause) => return dump.unread.push(say(&cause)),
    };
    if is_log {
        if !logs(dump, file, &text, redactor) {
            dump.skipped.push(say("a log whose pod its path does not tell (logs/NS/POD/CONTAINER.log), skipped"));
        }
        return;
    }
    match documents(extension, &text) {
        Ok(documents) => {
            let mut any = documents.is_empty();
            for document in documents {
                any |= value(dump, document, named);
            }
            if !any {
                dump.skipped.push(say("no Kubernetes object, skipped"));
            }
        }
        Err(cause) => dump.unread.push(say(&cause)),
    }
}

/// The documents of a file.
fn documents(extension: &str, text: &str) -> Result<Vec<Value>, String> {
    if extension == "json" {
        let stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        return stream.collect::<Result<_, _>>().map_err(|e| format!("broken JSON: {e}"));
    }
    let mut options = serde_saphyr::Options::default();
    if let Some(budget) = &mut options.budget {
        budget.max_nodes = 20_000_000;
        budget.max_events = 60_000_000;
        budget.max_documents = 100_000;
        budget.max_total_scalar_bytes = 512 * 1024 * 1024;
    }
    serde_saphyr::from_multiple_with_options(text, options).map_err(|e| format!("broken YAML: {e}"))
}

/// Takes a document: an index, a list, or an object. False when it is none of these.
fn value(dump: &mut Dump, mut document: Value, file: &str) -> bool {
    let kind = document.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    if kind.is_empty() {
        return file == "index.json" && index(dump, &document);
    }
    let api = document.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
    if api.is_empty() {
        return false;
    }
    let Some(of) = kind.strip_suffix("List") else {
        dump.captured.insert(kind);
        keep(dump, document);
        return true;
    };
    if !of.is_empty() {
        dump.captured.insert(of.to_owned());
    }
    let items = match document.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    for mut item in items {
        if let Value::Object(map) = &mut item {
            if !of.is_empty() {
                map.entry("kind").or_insert_with(|| of.into());
                map.entry("apiVersion").or_insert_with(|| api.as_str().into());
            }
            if let Some(kind) = map.get("kind").and_then(Value::as_str) {
                dump.captured.insert(kind.to_owned());
            }
            keep(dump, item);
        }
    }
    true
}

/// Keeps an object; of a Secret only its identity and type.
fn keep(dump: &mut Dump, mut object: Value) {
    if object.get("kind").and_then(Value::as_str) == Some("Secret")
        && let Value::Object(map) = &mut object
    {
        map.retain(|key, _| matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "type"));
        if let Some(Value::Object(meta)) = map.get_mut("metadata") {
            meta.remove("annotations");
            meta.remove("managedFields");
        }
    }
    dump.objects.push(object);
}

/// `{taken_at, namespaces, kinds}`.
fn index(dump: &mut Dump, document: &Value) -> bool {
    let words = |key: &str| document.get(key).and_then(Value::as_array).map(|a| a.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>());
    let taken = document.get("taken_at").and_then(Value::as_str).and_then(|t| t.parse().ok());
    let kinds = words("kinds");
    if taken.is_none() && kinds.is_none() {
        return false;
    }
    dump.taken_at = taken.or(dump.taken_at);
    dump.namespaces = words("namespaces").or(dump.namespaces.take());
    dump.captured.extend(kinds.into_iter().flatten());
    true
}

/// Takes a log by its path: `logs/NS/POD/CONTAINER[.previous].log`, or `NS/POD/logs.txt` with a heading for each container.
fn logs(dump: &mut Dump, file: &Path, text: &str, redactor: &Redactor) -> bool {
    let parts: Vec<&str> = file.components().filter_map(|c| if let Component::Normal(n) = c { n.to_str() } else { None }).collect();
    let [.., namespace, pod, name] = parts.as_slice() else { return false };
    let mut keep = |container: &str, previous: bool, text: &str| {
        let key = LogKey { namespace: Clean::line(namespace), pod: Clean::line(pod), container: Clean::line(container), previous };
        dump.logs.push((key, prepare(text, Form::Log, LOG_BYTES, redactor)));
    };
    if *name == "logs.txt" {
        let sections = sections(text);
        let any = !sections.is_empty();
        for (container, text) in sections {
            keep(&container, false, &text);
        }
        return any;
    }
    let stem = name.strip_suffix(".log").unwrap_or(name);
    match stem.strip_suffix(".previous") {
        Some(container) => keep(container, true, text),
        None => keep(stem, false, text),
    }
    true
}

/// `==== START logs for container main of pod ns/name ====` … `==== END …`.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("==== START logs for container ") {
            out.push((rest.split_whitespace().next().unwrap_or_default().to_owned(), String::new()));
            open = true;
        } else if line.starts_with("==== END logs for container ") {
            open = false;
        } else if let Some((_, body)) = out.last_mut().filter(|_| open) {
            body.push_str(line);
            body.push('\n');
        }
    }
    out
}

impl Dump {
    /// The newest time in it that is not after `limit`: what "now" was, where nobody says.
    pub fn newest(&self, limit: Timestamp) -> Option<Timestamp> {
        fn times(value: &Value, limit: Timestamp, newest: &mut Option<Timestamp>) {
            match value {
                Value::String(s) if s.len() >= 20 && s.len() <= 40 && s.as_bytes().get(10) == Some(&b'T') => {
                    if let Ok(t) = s.parse::<Timestamp>()
                        && t <= limit
                    {
                        *newest = (*newest).max(Some(t));
                    }
                }
                Value::Array(a) => a.iter().for_each(|v| times(v, limit, newest)),
                Value::Object(o) => o.values().for_each(|v| times(v, limit, newest)),
                _ => {}
            }
        }
        let mut newest = None;
        self.objects.iter().for_each(|o| times(o, limit, &mut newest));
        newest
    }

    /// The namespaces that its objects are in.
    pub fn occurring(&self) -> BTreeSet<String> {
        self.objects.iter().filter_map(|o| o.pointer("/metadata/namespace").and_then(Value::as_str)).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    fn redactor() -> Redactor {
        Redactor::new([7; 32])
    }

    #[test]
    fn lists_single_objects_and_many_documents_are_read() {
        let dir = folder(&[
            ("a.json", r#"{"kind":"List","apiVersion":"v1","items":[{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"n"}}]}"#),
            ("b.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: b, namespace: m}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n"),
            (
                "n/pods.json",
                r#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"d","namespace":"n","creationTimestamp":"2026-01-01T00:00:00Z"}}]}"#,
            ),
            ("n/events.json", r#"{"kind":"EventList","apiVersion":"v1","items":[]}"#),
            ("README.md", "hello"),
            ("want.json", r#"{"namespace":"n"}"#),
            ("broken.json", "{"),
        ]);
        let dump = read(dir.path(), &redactor()).unwrap();
        assert_eq!(dump.objects.len(), 4);
        assert_eq!(dump.captured.iter().map(String::as_str).collect::<Vec<_>>(), ["ConfigMap", "Event", "Pod", "Service"]);
        assert_eq!(dump.occurring().into_iter().collect::<Vec<_>>(), ["m", "n"]);
        assert_eq!(dump.skipped.len(), 2);
        assert!(dump.unread[0].starts_with("broken.json: broken JSON"));
        let limit: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        assert_eq!(dump.newest(limit).unwrap().to_string(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn logs_are_found_by_their_paths_and_redacted() {
        let dir = folder(&[
            ("p.json", r#"{"kind":"PodList","apiVersion":"v1","items":[]}"#),
            ("logs/n/a/main.log", "one\n"),
            ("logs/n/a/main.previous.log", "before\n"),
            ("n/b/logs.txt", "==== START logs for container main of pod n/b ====\nx\n==== END logs for container main of pod n/b ====\n"),
        ]);
        let dump = read(dir.path(), &redactor()).unwrap();
        let keys: Vec<String> =
            dump.logs.iter().map(|(k, t)| format!("{}/{}/{} {} {}", k.namespace, k.pod, k.container, k.previous, t.text().trim())).collect();
        assert_eq!(keys, ["n/a/main false one", "n/a/main true before", "n/b/main false x"]);
    }

    #[test]
    fn of_a_secret_nothing_but_its_name_leaves_the_file() {
        let dir = folder(&[(
            "s.yaml",
            "apiVersion: v1\nkind: Secret\ntype: Opaque\nmetadata: {name: s, namespace: n, annotations: {a: hunter2}}\ndata: {p: aHVudGVyMg==}\nstringData: {q: hunter2}\n",
        )]);
        let dump = read(dir.path(), &redactor()).unwrap();
        let text = format!("{dump:?}");
        assert!(text.contains("Opaque") && !text.contains("hunter2") && !text.contains("aHVudGVyMg"), "{text}");
    }

    #[test]
    fn what_holds_nothing_says_what_to_do() {
        let dir = folder(&[("a.txt", "hello")]);
        let trouble = read(dir.path(), &redactor()).unwrap_err();
        assert!(trouble.to_string().contains("no Kubernetes object in it"), "{trouble}");
        assert!(read(&dir.path().join("none"), &redactor()).is_err());
    }
}
