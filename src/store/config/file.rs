//! The layer of `config.toml`. Every key that is not known is a mistake, and every mistake has its line.
use super::{Config, Env, Mistake, Provider, legal};
use crate::model::Role;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    role: Option<Role>,
    theme: Option<Spanned<String>>,
    state_dir: Option<Spanned<String>>,
    model: Model,
    openai: Server,
    ollama: Server,
    safety: Safety,
    cluster: Cluster,
    watch: Watch,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Model {
    provider: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
    context_tokens: Option<Spanned<i64>>,
    max_tokens: Option<Spanned<i64>>,
    temperature: Option<Spanned<f64>>,
    idle_seconds: Option<Spanned<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Server {
    base_url: Option<Spanned<String>>,
    api_key: Option<Spanned<String>>,
    model: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Safety {
    protected_namespaces: Vec<Spanned<String>>,
    hidden_namespaces: Vec<Spanned<String>>,
    blocked_resources: Vec<Spanned<String>>,
    approval_seconds: Option<Spanned<i64>>,
    production_contexts: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Cluster {
    timeout_seconds: Option<Spanned<i64>>,
    write_timeout_seconds: Option<Spanned<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Watch {
    auto_investigate: Option<bool>,
}

/// Where mistakes are placed.
struct Place<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Place<'_> {
    fn at(&self, offset: Option<usize>, mistake: impl Into<String>) -> Mistake {
        let line = offset.map(|o| self.text.get(..o).unwrap_or(self.text).matches('\n').count() + 1);
        let place = line.map_or_else(|| self.path.display().to_string(), |l| format!("{}:{l}", self.path.display()));
        Mistake { place, mistake: mistake.into() }
    }
    /// The value judged by `rule`; its mistake carries its line.
    fn judged<T, U>(&self, value: Option<Spanned<T>>, rule: impl FnOnce(T) -> Result<U, String>) -> Result<Option<U>, Mistake> {
        let Some(value) = value else { return Ok(None) };
        let start = value.span().start;
        rule(value.into_inner()).map(Some).map_err(|e| self.at(Some(start), e))
    }
    fn list(&self, values: Vec<Spanned<String>>, rule: impl Fn(&str) -> Result<(), String>) -> Result<Vec<String>, Mistake> {
        values.into_iter().map(|v| Ok(self.judged(Some(v), |v| rule(&v).map(|()| v))?.unwrap_or_default())).collect()
    }
    fn word(&self, what: &str, value: Option<Spanned<String>>) -> Result<Option<String>, Mistake> {
        self.judged(value, |v| legal::word(what, &v).map(|()| v))
    }
}

/// Lays the file over `config`.
pub(super) fn apply(config: &mut Config, text: &str, path: &Path, env: Env<'_>, themes: &[&str]) -> Result<(), Mistake> {
    let place = Place { text, path };
    let file: File = toml::from_str(text).map_err(|e| place.at(e.span().map(|s| s.start), e.message().replace('\n', " ")))?;
    config.role = file.role.or(config.role);
    config.theme = place.judged(file.theme, |v| legal::theme(&v, themes).map(|()| v))?.or(config.theme.take());
    if let Some(dir) = place.judged(file.state_dir, |v| state_dir(&v, env))? {
        // The variable that names a state folder outright is nearer to the person than the file.
        if env("KOPILOT_STATE_DIR").is_none_or(|v| v.is_empty()) {
            config.state = Some(dir);
        }
    }
    model(config, &place, file.model)?;
    private_enough(&place, &file.openai, &file.ollama)?;
    server(&mut config.openai, &place, file.openai)?;
    server(&mut config.ollama, &place, file.ollama)?;
    legal::grow(&mut config.protected_namespaces, place.list(file.safety.protected_namespaces, legal::namespace)?);
    legal::grow(&mut config.hidden_namespaces, place.list(file.safety.hidden_namespaces, legal::namespace)?);
    legal::grow(&mut config.blocked_resources, place.list(file.safety.blocked_resources, legal::resource)?);
    if let Some(s) = place.judged(file.safety.approval_seconds, legal::patience)? {
        config.approval_seconds = s;
    }
    legal::grow(&mut config.production_contexts, place.list(file.safety.production_contexts, |v| legal::word("a pattern of production contexts", v))?);
    if let Some(s) = place.judged(file.cluster.timeout_seconds, |v| legal::seconds("timeout_seconds", v))? {
        config.timeout_seconds = s;
    }
    if let Some(s) = place.judged(file.cluster.write_timeout_seconds, |v| legal::seconds("write_timeout_seconds", v))? {
        config.write_timeout_seconds = s;
    }
    config.auto_investigate = file.watch.auto_investigate.unwrap_or(config.auto_investigate);
    Ok(())
}

fn model(config: &mut Config, place: &Place<'_>, model: Model) -> Result<(), Mistake> {
    if let Some(p) = place.judged(model.provider, |v| v.parse::<Provider>())? {
        config.provider = p;
    }
    config.model = place.word("name", model.name)?.or(config.model.take());
    if let Some(n) = place.judged(model.context_tokens, |v| legal::count("context_tokens", v, 1024, 4_000_000))? {
        config.options.context_tokens = n;
    }
    let max = place.judged(model.max_tokens, |v| legal::count("max_tokens", v, 1, 1_000_000))?;
    config.options.max_tokens = max.or(config.options.max_tokens);
    config.options.temperature = place.judged(model.temperature, legal::temperature)?.or(config.options.temperature);
    if let Some(s) = place.judged(model.idle_seconds, |v| legal::seconds("idle_seconds", v))? {
        config.idle_seconds = s;
    }
    Ok(())
}

fn server(server: &mut super::Server, place: &Place<'_>, file: Server) -> Result<(), Mistake> {
    if let Some(url) = place.judged(file.base_url, |v| legal::url(&v))? {
        server.base_url = url;
    }
    server.key = place.word("api_key", file.api_key)?.map(Into::into).or(server.key.take());
    server.model = place.word("model", file.model)?.or(server.model.take());
    Ok(())
}

/// A file that holds a key is for its owner alone.
fn private_enough(place: &Place<'_>, openai: &Server, ollama: &Server) -> Result<(), Mistake> {
    let Some(key) = openai.api_key.as_ref().or(ollama.api_key.as_ref()) else { return Ok(()) };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = std::fs::metadata(place.path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
        if open {
            let how = format!("holds a key and others may read it; run: chmod 600 {}", place.path.display());
            return Err(place.at(Some(key.span().start), how));
        }
    }
    Ok(())
}

/// An absolute path, `~/` meaning the home folder.
fn state_dir(value: &str, env: Env<'_>) -> Result<PathBuf, String> {
    let path = match value.strip_prefix("~/") {
        Some(rest) => PathBuf::from(env("HOME").ok_or("`~` means nothing: HOME is not set")?).join(rest),
        None => PathBuf::from(value),
    };
    if path.is_absolute() { Ok(path) } else { Err(format!("state_dir `{value}` is no absolute path and does not start with ~/")) }
}
