//! The layer of the environment: the names people already have. A list is JSON or comma-separated. An empty value is
//! none.
use super::{Config, Env, Mistake, Provider, Server, legal};

/// One variable, read by a rule whose mistake carries the variable's name.
fn var<T>(env: Env<'_>, name: &str, rule: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, Mistake> {
    match env(name).filter(|v| !v.trim().is_empty()) {
        None => Ok(None),
        Some(v) => rule(v.trim()).map(Some).map_err(|mistake| Mistake { place: format!("environment variable {name}"), mistake }),
    }
}

fn number(value: &str) -> Result<i64, String> {
    value.parse().map_err(|_| format!("`{value}` is no whole number"))
}

fn list(value: &str, rule: impl Fn(&str) -> Result<(), String>) -> Result<Vec<String>, String> {
    let items: Vec<String> = if value.starts_with('[') {
        serde_json::from_str(value).map_err(|e| format!("is no JSON list of strings ({e}); a comma-separated list works too"))?
    } else {
        value.split(',').map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect()
    };
    items.iter().try_for_each(|i| rule(i))?;
    Ok(items)
}

/// Lays the environment over `config`.
pub(super) fn apply(config: &mut Config, env: Env<'_>, themes: &[&str]) -> Result<(), Mistake> {
    config.role = var(env, "KOPILOT_ROLE", str::parse)?.or(config.role);
    config.theme = var(env, "KOPILOT_THEME", |v| legal::theme(v, themes).map(|()| v.to_owned()))?.or(config.theme.take());
    if let Some(p) = var(env, "LLM_PROVIDER", str::parse::<Provider>)? {
        config.provider = p;
    }
    config.model = var(env, "LLM_MODEL", |v| Ok(v.to_owned()))?.or(config.model.take());
    let temperature = |v: &str| legal::temperature(v.parse().map_err(|_| format!("`{v}` is no number"))?);
    config.options.temperature = var(env, "LLM_TEMPERATURE", temperature)?.or(config.options.temperature);
    let tokens = |v: &str| legal::count("max tokens", number(v)?, 1, 1_000_000);
    config.options.max_tokens = var(env, "LLM_MAX_TOKENS", tokens)?.or(config.options.max_tokens);
    if let Some(n) = var(env, "LLM_CONTEXT_TOKENS", |v| legal::count("context tokens", number(v)?, 1024, 4_000_000))? {
        config.options.context_tokens = n;
    }
    if let Some(s) = var(env, "LLM_REQUEST_TIMEOUT", |v| legal::seconds("the timeout", number(v)?))? {
        config.idle_seconds = s;
    }
    server(&mut config.openai, env, "OPENAI")?;
    server(&mut config.ollama, env, "OLLAMA")?;
    let namespaces = |v: &str| list(v, legal::namespace);
    legal::grow(&mut config.protected_namespaces, var(env, "SAFETY_PROTECTED_NAMESPACES", namespaces)?.unwrap_or_default());
    legal::grow(&mut config.hidden_namespaces, var(env, "KUBECTL_BLOCKED_NAMESPACES", namespaces)?.unwrap_or_default());
    let resources = |v: &str| list(v, legal::resource);
    legal::grow(&mut config.blocked_resources, var(env, "KUBECTL_BLOCKED_RESOURCES", resources)?.unwrap_or_default());
    let patterns = |v: &str| list(v, |word| legal::word("a pattern of production contexts", word));
    legal::grow(&mut config.production_contexts, var(env, "KOPILOT_PRODUCTION_CONTEXTS", patterns)?.unwrap_or_default());
    let seconds = |v: &str| legal::seconds("the timeout", number(v)?);
    if let Some(s) = var(env, "KUBECTL_TIMEOUT_SECONDS", seconds)? {
        config.timeout_seconds = s;
    }
    if let Some(s) = var(env, "KUBECTL_DESTRUCTIVE_TIMEOUT_SECONDS", seconds)? {
        config.write_timeout_seconds = s;
    }
    let yes = |v: &str| v.parse().map_err(|_| format!("`{v}` is neither true nor false"));
    if let Some(on) = var(env, "WATCH_AUTO_INVESTIGATE", yes)? {
        config.auto_investigate = on;
    }
    if let Some(s) = var(env, "SAFETY_APPROVAL_SECONDS", |v| legal::patience(number(v)?))? {
        config.approval_seconds = s;
    }
    Ok(())
}

fn server(server: &mut Server, env: Env<'_>, prefix: &str) -> Result<(), Mistake> {
    if let Some(url) = var(env, &format!("{prefix}_BASE_URL"), legal::url)? {
        server.base_url = url;
    }
    if let Some(key) = var(env, &format!("{prefix}_API_KEY"), |v| Ok(v.to_owned()))? {
        server.key = Some(key.into());
    }
    server.model = var(env, &format!("{prefix}_MODEL"), |v| Ok(v.to_owned()))?.or(server.model.take());
    Ok(())
}
