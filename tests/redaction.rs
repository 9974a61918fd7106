//! What a real cluster writes is no secret but where it holds one: the captured scenarios pass the redactor byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use kopilot_tui::text::prepare::{Form, prepare};
use kopilot_tui::text::{Clean, Redactor};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Files of the scenarios that hold a Secret's data, and how many values each of them has: the data themselves, and what
/// was applied last.
const HOLD_SECRETS: &[(&str, usize)] = &[
    ("image-private/objects.json", 1),
    ("ok-fixed-secret-volume/objects.json", 1),
    ("ok-ingress-tls/objects.json", 2),
    ("secret-env-missing/objects.json", 2),
    ("secret-file/objects.json", 2),
];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

fn scenarios() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.sort();
    paths.into_iter().map(|path| (path.strip_prefix(&folder).unwrap().display().to_string(), std::fs::read_to_string(&path).unwrap())).collect()
}

fn redactor() -> Redactor {
    Redactor::new([3; 32])
}

/// How many values of a file may go.
fn held(file: &str) -> usize {
    HOLD_SECRETS.iter().find(|(name, _)| *name == file).map_or(0, |(_, count)| *count)
}

#[test]
fn captured_objects_events_and_logs_pass_byte_for_byte() {
    let files = scenarios();
    assert!(files.len() >= 150, "{}", files.len());
    for (file, text) in &files {
        let (out, taken) = redactor().redact(text);
        assert_eq!(taken.len(), held(file), "{file}: {taken:?}");
        assert!(!out.contains("hunter2") && !out.contains("aHVudGVyMm"), "{file}");
        if taken.is_empty() {
            assert_eq!(&out, text, "{file}");
        }
        assert_eq!(redactor().redact(&out).0, out, "{file}: twice is not once");
    }
    for (file, _) in HOLD_SECRETS {
        assert!(files.iter().any(|(name, _)| name == file), "{file} is no longer there");
    }
}

#[test]
fn each_captured_object_passes_as_yaml_on_one_line_and_in_a_log() {
    let mut objects = 0;
    for (file, text) in scenarios().iter().filter(|(file, _)| file.ends_with("objects.json") && held(file) == 0) {
        let parsed: Value = serde_json::from_str(text).unwrap();
        for object in parsed["items"].as_array().unwrap() {
            objects += 1;
            let yaml = serde_saphyr::to_string(object).unwrap();
            let line = object.to_string();
            for text in [yaml, format!("E1121 11:00:00.123 apply.go:7] cannot apply {line}"), format!("stderr F {}", Value::from(line.as_str()))] {
                assert_eq!(redactor().redact(&text).0, text, "{file}");
            }
        }
    }
    assert!(objects >= 300, "{objects}");
}

#[test]
fn a_cut_comes_behind_the_redaction_at_every_limit() {
    let secret = "canary7x".repeat(40);
    let raw =
        format!("apiVersion: v1\nkind: Secret\ndata:\n  a: {secret}\n  b: {secret}\nDB_PASSWORD={secret}\n-----BEGIN PRIVATE KEY-----\n{secret}\n{secret}\n");
    for limit in 0..raw.len() {
        for form in [Form::Block, Form::Log] {
            let prepared = prepare(&raw, form, limit, &redactor());
            assert!(prepared.text().len() <= limit && !prepared.text().contains("canary7x"), "{limit}: {}", prepared.text());
        }
    }
}

#[test]
fn what_control_characters_hide_is_found_behind_them() {
    for raw in [
        "DB_PASS\u{200b}WORD=x\nDB_PASSWORD=\u{1b}[31mcanary7x\u{1b}[0m",
        "pass\u{1b}[1mword=canary7x",
        "password=\u{202e}canary7x",
        "DB_PASSWORD=can\u{1b}[0mary7x",
    ] {
        let text = prepare(raw, Form::Log, usize::MAX, &redactor());
        assert!(!text.text().contains("ary7x"), "{raw:?}: {}", text.text());
        assert_eq!(Clean::block(text.text()).as_str(), text.text());
    }
}

#[test]
fn every_text_that_the_fuzzer_begins_with_comes_to_rest() {
    let redactor = Redactor::new([7; 32]);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/redact");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let data = std::fs::read(&path).unwrap();
        // The first two bytes choose a carrier and its place.
        let text = String::from_utf8_lossy(data.get(2..).unwrap_or_default()).into_owned();
        let (once, _) = redactor.redact(&text);
        assert_eq!(redactor.redact(&once).0, once, "{}", path.display());
        read += 1;
    }
    assert!(read > 10, "{read} seeds");
}
