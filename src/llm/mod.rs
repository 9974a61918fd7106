//! Model providers: one file each. A prompt is encoded to bytes whose every one is a span, and exactly those bytes are
//! sent; what comes back is one event type.
pub mod ollama;
pub mod openai;

use crate::model::{ModelEvent, Prompt, RequestBody};
use futures::stream::BoxStream;

/// What a server was found not to take. Encoding again with it gives another body, which is recorded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Quirks {
    /// `stream_options` is rejected.
    pub no_stream_options: bool,
    /// `max_completion_tokens` is unknown: send `max_tokens`.
    pub old_max_tokens: bool,
    /// The model can not call tools.
    pub no_tools: bool,
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
