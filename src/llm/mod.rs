//! Model providers: one file each. A prompt is encoded to bytes whose every one is a span, and exactly those bytes are
//! sent; what comes back is one event type.
//!
//! `caller` sends a prompt and decides on trying again; `transport` is the one place that touches the network; `lines`,
//! `sse` and the decoders are pure and take bytes however they are split. A key is in no text that leaves this module.
mod body;
pub mod caller;
mod failure;
mod lines;
pub mod ollama;
pub mod openai;
mod sse;
mod transport;

pub use caller::{Caller, Patience, Progress};

use crate::model::{ModelEvent, Prompt, RequestBody, Trouble, TroubleClass};
use futures::stream::BoxStream;

/// What a server was found not to take. Encoding again with it gives another body, which is recorded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Quirks {
    /// `stream_options` is rejected.
    pub no_stream_options: bool,
    /// The field for the token limit is rejected: send the other one of `max_completion_tokens` and `max_tokens`.
    pub old_max_tokens: bool,
    /// The model can not call tools.
    pub no_tools: bool,
    /// `temperature` is rejected (reasoning models).
    pub no_temperature: bool,
}

/// A model behind a wire protocol.
pub trait Provider: Send + Sync {
    /// `openai`, `ollama`.
    fn name(&self) -> &'static str;
    /// The bytes for a prompt. Pure: the same prompt and quirks give the same bytes.
    fn encode(&self, prompt: &Prompt, quirks: Quirks) -> RequestBody;
    /// Sends the body once and streams the answer; ends after `Stop` or `Failed`. Dropping the stream drops the
    /// connection.
    fn stream(&self, body: RequestBody) -> BoxStream<'static, ModelEvent>;
    /// The quirks under which a request that failed so may be encoded and tried again; `None` when it may not.
    fn adapt(&self, failure: &crate::model::chat::Failure, quirks: Quirks) -> Option<Quirks>;
}

/// Where a provider is and how to talk to it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// `http://127.0.0.1:8080/v1`, without a slash at the end.
    pub base_url: String,
    /// Its key; never shown, logged or kept.
    pub key: Option<secrecy::SecretString>,
    /// Seconds of silence in a stream before it counts as cut. Pings count as sound.
    pub idle_seconds: u64,
}

/// The words that name a provider behind the wire.
pub const PROVIDERS: &[&str] = &["openai", "ollama"];

/// Where a provider is when nobody says otherwise; empty for a word that names none.
pub fn default_url(provider: &str) -> &'static str {
    match provider {
        "openai" => "https://api.openai.com/v1",
        "ollama" => "http://127.0.0.1:11434",
        _ => "",
    }
}

impl Endpoint {
    /// Where `provider` is by default, without a key, cut after two minutes of silence (a model may take that long to
    /// load).
    pub fn of(provider: &str) -> Self {
        Self { base_url: default_url(provider).to_owned(), key: None, idle_seconds: 120 }
    }
}

/// The provider that `word` names, at `endpoint` (an empty URL means the default one). Sends nothing.
pub fn build(word: &str, endpoint: Endpoint) -> Result<Box<dyn Provider>, Trouble> {
    let operation = format!("set up provider {word}");
    let wrong = |cause: &str, hint: &str| Trouble::new(TroubleClass::Config, &operation, cause).hint(hint);
    if !PROVIDERS.contains(&word) {
        return Err(wrong("there is no such provider", &format!("The providers are: offline, {}.", PROVIDERS.join(", "))));
    }
    let mut endpoint = endpoint;
    if endpoint.base_url.trim().is_empty() {
        default_url(word).clone_into(&mut endpoint.base_url);
    }
    let trimmed = endpoint.base_url.trim().trim_end_matches('/').to_owned();
    let url = reqwest::Url::parse(&trimmed)
        .map_err(|e| wrong(&format!("the base URL is no URL: {e}"), "Give it like http://127.0.0.1:8080/v1 or https://api.openai.com/v1."))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong("the base URL is neither http:// nor https://", "Give it like http://127.0.0.1:8080/v1."));
    }
    if word == "openai" && endpoint.key.is_none() && url.host_str() == Some("api.openai.com") {
        return Err(wrong("api.openai.com wants a key and there is none", "Set OPENAI_API_KEY, or OPENAI_BASE_URL for a server that needs no key."));
    }
    endpoint.base_url = trimmed;
    Ok(match word {
        "ollama" => Box::new(ollama::Ollama::new(endpoint)),
        _ => Box::new(openai::OpenAi::new(endpoint)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_can_not_work_is_refused_with_what_to_do() {
        let at = |url: &str| Endpoint { base_url: url.into(), key: None, idle_seconds: 1 };
        for (word, url, want) in [
            ("gemini", "", "offline, openai, ollama"),
            ("openai", "", "OPENAI_API_KEY"),
            ("openai", "https://api.openai.com/v1/", "OPENAI_API_KEY"),
            ("openai", "localhost:8080", "http"),
            ("ollama", "nowhere", "URL"),
        ] {
            let told = build(word, at(url)).err().map(|t| t.to_string()).unwrap_or_default();
            assert!(told.contains(want), "{word} {url}: {told}");
        }
        assert!(build("ollama", at("")).is_ok());
        assert!(build("openai", at("http://127.0.0.1:8080/v1/")).is_ok());
        assert!(build("openai", Endpoint { key: Some("sk-x".into()), ..at("") }).is_ok());
    }
}
