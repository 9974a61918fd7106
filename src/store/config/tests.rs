use super::*;
use secrecy::ExposeSecret as _;

const THEMES: &[&str] = &["default", "mono"];

fn with(vars: &[(&str, &str)], flags: &Flags) -> Result<Config, Mistake> {
    let env = |name: &str| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
    load(&env, flags, THEMES)
}

fn data(folder: &str) -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn every_valid_file_starts() {
    for path in data("valid") {
        with(&[("KOPILOT_CONFIG", path.to_str().unwrap())], &Flags::default()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}

/// Its first line says which line is wrong (0: none) and words of the message.
#[test]
fn every_invalid_file_fails_with_its_line_and_what_is_legal() {
    for path in data("invalid") {
        let text = std::fs::read_to_string(&path).unwrap();
        let (line, words) = text.lines().next().unwrap().trim_start_matches("# ").split_once(": ").unwrap();
        let path = path.to_str().unwrap();
        let mistake = with(&[("KOPILOT_CONFIG", path)], &Flags::default()).expect_err(path);
        assert!(mistake.mistake.contains(words), "{path}: {mistake}");
        if line != "0" {
            assert_eq!(mistake.place, format!("{path}:{line}"), "{mistake}");
        }
    }
}

#[test]
fn the_environment_beats_the_file_and_a_flag_beats_both() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/valid/full.toml");
    let full = full.to_str().unwrap();
    let file = with(&[("KOPILOT_CONFIG", full)], &Flags::default()).unwrap();
    assert_eq!((file.provider, file.model_name(), file.role), (Provider::Ollama, Some("qwen3:8b"), Some(Role::Operator)));
    assert_eq!((file.openai.base_url.as_str(), file.idle_seconds, file.timeout_seconds), ("http://127.0.0.1:8080/v1", 90, 10));
    let vars = [("KOPILOT_CONFIG", full), ("LLM_PROVIDER", "openai"), ("LLM_MODEL", "m"), ("OPENAI_API_KEY", "k"), ("KOPILOT_ROLE", "admin")];
    let env = with(&vars, &Flags::default()).unwrap();
    assert_eq!((env.provider, env.model_name(), env.role), (Provider::Openai, Some("m"), Some(Role::Admin)));
    assert_eq!(env.server().unwrap().key.as_ref().unwrap().expose_secret(), "k");
    let flags = Flags { role: Some(Role::Readonly), provider: Some(Provider::Offline), model: None, theme: Some("default".into()) };
    let flagged = with(&vars, &flags).unwrap();
    assert_eq!((flagged.provider, flagged.role, flagged.theme.as_deref()), (Provider::Offline, Some(Role::Readonly), Some("default")));
}

#[test]
fn the_watch_asks_by_itself_only_where_somebody_switched_it_on() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/valid/full.toml");
    let on = |vars: &[(&str, &str)]| with(vars, &Flags::default()).unwrap().auto_investigate;
    let file = ("KOPILOT_CONFIG", full.to_str().unwrap());
    assert_eq!((on(&[]), on(&[file]), on(&[file, ("WATCH_AUTO_INVESTIGATE", "false")])), (false, true, false));
}

#[test]
fn safety_lists_only_grow() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/valid/full.toml");
    for list in ["[\"bank\",\"payments\"]", "bank, payments"] {
        let vars = [("KOPILOT_CONFIG", full.to_str().unwrap()), ("SAFETY_PROTECTED_NAMESPACES", list), ("KUBECTL_BLOCKED_NAMESPACES", "")];
        let config = with(&vars, &Flags::default()).unwrap();
        assert_eq!(config.protected_namespaces, ["payments", "kube-node-lease", "bank"]);
        assert_eq!(config.hidden_namespaces, ["vault"]);
        assert_eq!(config.production_contexts, ["*prod*", "*-live"]);
    }
}

#[test]
fn names_in_the_safety_lists_may_be_spelled_with_capitals() {
    let vars = [("SAFETY_PROTECTED_NAMESPACES", "Prod"), ("KUBECTL_BLOCKED_RESOURCES", r#"["ConfigMap","Ingress"]"#)];
    let config = with(&vars, &Flags::default()).unwrap();
    let rules = crate::policy::Rules::new(Role::Admin, "").protect(config.protected_namespaces).block(config.blocked_resources);
    let kinds = crate::kubectl::kinds::Kinds::builtin();
    assert!(rules.is_protected("prod") && !rules.is_protected("prod-2"));
    assert!(rules.is_blocked(&kinds.resolve("cm").unwrap()) && rules.is_blocked(&kinds.resolve("ingresses").unwrap()));
}

#[test]
fn a_bad_variable_is_named_with_what_is_legal() {
    for (name, value, words) in [
        ("LLM_PROVIDER", "bard", "offline, openai, ollama"),
        ("LLM_TEMPERATURE", "warm", "no number"),
        ("LLM_MAX_TOKENS", "0", "between 1 and"),
        ("OPENAI_BASE_URL", "localhost", "http://"),
        ("KOPILOT_ROLE", "root", "readonly, operator, admin"),
        ("WATCH_AUTO_INVESTIGATE", "perhaps", "neither true nor false"),
        ("KUBECTL_BLOCKED_NAMESPACES", "[1]", "comma-separated"),
        ("KOPILOT_CONFIG", "/nowhere/config.toml", "can not be read"),
    ] {
        let mistake = with(&[(name, value)], &Flags::default()).unwrap_err();
        assert!(mistake.to_string().contains(words), "{name}: {mistake}");
        assert!(mistake.place.contains(name) || mistake.place.contains(value), "{mistake}");
    }
}

#[test]
fn a_key_in_the_environment_alone_sends_nothing_to_anyone() {
    let config = with(&[("OPENAI_API_KEY", "k"), ("OPENAI_BASE_URL", "http://h")], &Flags::default()).unwrap();
    assert_eq!(config.provider, Provider::Offline);
}

#[test]
fn the_state_folder_of_the_environment_beats_the_files() {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config/valid/full.toml");
    let full = full.to_str().unwrap();
    let state = |vars: &[(&str, &str)]| with(vars, &Flags::default()).unwrap().state.unwrap();
    assert_eq!(state(&[("KOPILOT_CONFIG", full), ("XDG_STATE_HOME", "/x")]), Path::new("/var/tmp/kopilot-state"));
    assert_eq!(state(&[("KOPILOT_CONFIG", full), ("KOPILOT_STATE_DIR", "/k")]), Path::new("/k"));
}

#[test]
fn no_key_is_printed_by_debug() {
    let config = with(&[("OPENAI_API_KEY", "very-secret")], &Flags::default()).unwrap();
    assert!(!format!("{config:?}").contains("very-secret"));
}

#[cfg(unix)]
#[test]
fn a_file_with_a_key_must_be_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, "[openai]\napi_key = \"k-1\"\n").unwrap();
    let load = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        with(&[("KOPILOT_CONFIG", path.to_str().unwrap())], &Flags::default())
    };
    let mistake = load(0o644).unwrap_err();
    assert!(mistake.place.ends_with(":2") && mistake.mistake.contains("chmod 600"), "{mistake}");
    load(0o600).unwrap();
}
