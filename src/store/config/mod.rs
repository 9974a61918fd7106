//! Configuration: defaults < `config.toml` < environment < flags. A mistake names the file and the line (or the
//! variable) and what is legal, and nothing starts.
//!
//! Safety lists only grow: each layer adds to them, none takes away.
mod env;
mod file;
mod legal;

use super::folder::{self, Env};
use crate::model::{Role, chat};
use crate::policy::production::PRODUCTION;
use secrecy::SecretString;
use std::path::{Path, PathBuf};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Provider {
    /// The rules; no model.
    #[default]
    Offline,
    /// An OpenAI-compatible server.
    Openai,
    /// Ollama.
    Ollama,
}

impl Provider {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Openai => "openai",
            Self::Ollama => "ollama",
        }
    }
}

impl std::str::FromStr for Provider {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        [Self::Offline, Self::Openai, Self::Ollama].into_iter().find(|p| p.name() == s).ok_or_else(|| format!("`{s}` is not one of: offline, openai, ollama"))
    }
}

/// Where one provider is.
#[derive(Clone, Debug)]
pub struct Server {
    /// Without a slash at the end.
    pub base_url: String,
    /// Never shown.
    pub key: Option<SecretString>,
    /// The model that is meant when none is named.
    pub model: Option<String>,
}

/// Flags that a front end was given; they win.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--role`.
    pub role: Option<Role>,
    /// `--provider`.
    pub provider: Option<Provider>,
    /// `--model`.
    pub model: Option<String>,
    /// `--theme`.
    pub theme: Option<String>,
}

/// What applies.
#[derive(Clone, Debug)]
pub struct Config {
    /// `None`: the front end's default.
    pub role: Option<Role>,
    /// Who answers.
    pub provider: Provider,
    /// The model named for whoever answers.
    pub model: Option<String>,
    /// Sampling and size.
    pub options: chat::Options,
    /// Seconds of silence in a stream before it counts as cut.
    pub idle_seconds: u64,
    /// The OpenAI-compatible server.
    pub openai: Server,
    /// The Ollama server.
    pub ollama: Server,
    /// A built-in theme's name; `None`: by what the terminal can do.
    pub theme: Option<String>,
    /// Namespaces that are never changed, beside the built-in ones.
    pub protected_namespaces: Vec<String>,
    /// Namespaces that are not even read.
    pub hidden_namespaces: Vec<String>,
    /// Kinds that are never touched, beside the built-in ones.
    pub blocked_resources: Vec<String>,
    /// Patterns of the names of contexts that are production: there a session starts readonly.
    pub production_contexts: Vec<String>,
    /// Whether the role is that of a flag, and so meant for production too.
    pub role_named: bool,
    /// Seconds for a read or a plan.
    pub timeout_seconds: u64,
    /// Seconds for one request of an approved change.
    pub write_timeout_seconds: u64,
    /// Whether a new error may start a read-only question by itself.
    pub auto_investigate: bool,
    /// Seconds that a proposed change waits for its answer; 600 at most.
    pub approval_seconds: u64,
    /// Where the audit chain and the history are; `None`: nowhere is known (no home).
    pub state: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        let server = |url: &str| Server { base_url: url.into(), key: None, model: None };
        Self {
            role: None,
            provider: Provider::Offline,
            model: None,
            options: chat::Options { temperature: None, max_tokens: None, context_tokens: 0 },
            idle_seconds: 120,
            openai: server("https://api.openai.com/v1"),
            ollama: server("http://127.0.0.1:11434"),
            theme: None,
            protected_namespaces: Vec::new(),
            hidden_namespaces: Vec::new(),
            blocked_resources: Vec::new(),
            production_contexts: PRODUCTION.iter().map(|p| (*p).to_owned()).collect(),
            role_named: false,
            timeout_seconds: 30,
            write_timeout_seconds: 300,
            auto_investigate: false,
            approval_seconds: 600,
            state: None,
        }
    }
}

/// A mistake in the configuration: one sentence with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {mistake}")]
pub struct Mistake {
    /// `/home/me/.config/kopilot-tui/config.toml:3`, `environment variable LLM_PROVIDER`.
    pub place: String,
    /// What is wrong and what is legal.
    pub mistake: String,
}

/// Reads all layers. `themes`: the legal theme names.
pub fn load(env: Env<'_>, flags: &Flags, themes: &[&str]) -> Result<Config, Mistake> {
    let mut config = Config { state: folder::state(env), ..Config::default() };
    if let Some(path) = folder::config(env) {
        let named = env("KOPILOT_CONFIG").is_some_and(|v| !v.is_empty());
        if let Some(text) = read(&path, named)? {
            file::apply(&mut config, &text, &path, env, themes)?;
        }
    }
    env::apply(&mut config, env, themes)?;
    let Flags { role, provider, model, theme } = flags.clone();
    config.role_named = role.is_some();
    config.role = role.or(config.role);
    config.provider = provider.unwrap_or(config.provider);
    config.model = model.or(config.model);
    if let Some(theme) = theme {
        legal::theme(&theme, themes).map_err(|mistake| Mistake { place: "--theme".into(), mistake })?;
        config.theme = Some(theme);
    }
    if config.provider != Provider::Offline && config.model_name().is_none() {
        let name = config.provider.name();
        return Err(Mistake {
            place: format!("provider {name}"),
            mistake: format!("it needs a model: give --model, LLM_MODEL, or `model` in [{name}] of config.toml"),
        });
    }
    Ok(config)
}

/// The file's text; `None` where there is none and none was named.
fn read(path: &Path, named: bool) -> Result<Option<String>, Mistake> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !named => Ok(None),
        Err(e) => Err(Mistake { place: path.display().to_string(), mistake: format!("can not be read: {e}") }),
    }
}

impl Config {
    /// The server of whoever answers.
    pub fn server(&self) -> Option<&Server> {
        match self.provider {
            Provider::Offline => None,
            Provider::Openai => Some(&self.openai),
            Provider::Ollama => Some(&self.ollama),
        }
    }
    /// The model's name.
    pub fn model_name(&self) -> Option<&str> {
        self.model.as_deref().or_else(|| self.server().and_then(|s| s.model.as_deref()))
    }
}

#[cfg(test)]
mod tests;
