//! The cases of this folder as objects: bases, what is set in them, and what mends them.
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// A file of it.
pub fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Sets what a pointer names, making what lies on the way; null takes it away.
pub fn set(object: &mut Value, pointer: &str, value: &Value) {
    let mut parts = pointer.trim_start_matches('/').split('/').map(str::to_owned).peekable();
    let mut at = object;
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        if let Value::Array(list) = at {
            let index: usize = part.parse().unwrap_or_else(|_| panic!("{pointer}: `{part}` is no index"));
            while list.len() <= index {
                list.push(Value::Null);
            }
            if last {
                list[index] = value.clone();
                return;
            }
            at = &mut list[index];
            continue;
        }
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let map = at.as_object_mut().unwrap();
        if last && value.is_null() {
            map.remove(&part);
            return;
        }
        if last {
            map.insert(part, value.clone());
            return;
        }
        at = map.entry(part).or_insert(Value::Null);
    }
}

/// The objects of a case, before or after it is mended.
pub fn objects(case: &Value, bases: &Value, healed: bool) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for given in case["with"].as_array().unwrap() {
        let base = given["is"].as_str().unwrap();
        let mut object = bases[base].clone();
        assert!(object.is_object(), "there is no base `{base}`");
        for (pointer, value) in given["set"].as_object().into_iter().flatten() {
            set(&mut object, pointer, value);
        }
        out.push(object);
    }
    for (place, value) in case["heal"].as_object().into_iter().flatten().filter(|_| healed) {
        let (index, pointer) = place.split_once('/').unwrap();
        set(&mut out[index.parse::<usize>().unwrap()], pointer, value);
    }
    out
}
