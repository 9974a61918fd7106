//! What is asked of a model and what comes back: one prompt type in, one event type out, for every provider.
use super::Segment;
use crate::text::Clean;

/// Everything one request carries, before it is serialised.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// The model's name as the provider knows it.
    pub model: String,
    /// In order.
    pub messages: Vec<Message>,
    /// Tools offered; empty in mode *ask*.
    pub tools: Vec<Tool>,
    /// Sampling and size.
    pub options: Options,
}

/// Sampling and size; `None` leaves the server's default.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Options {
    /// Sampling temperature.
    pub temperature: Option<f32>,
    /// The most tokens to generate.
    pub max_tokens: Option<u32>,
    /// The context window in tokens (Ollama's `num_ctx`). 0: not known, see [`Options::window`].
    pub context_tokens: u32,
}

impl Options {
    /// The window that prompts are kept within: the configured one, else 8,192 tokens, which every model of today has.
    pub fn window(&self) -> u32 {
        if self.context_tokens == 0 { 8192 } else { self.context_tokens }
    }
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Instructions.
    System(Vec<Segment>),
    /// The person, and evidence that was read before the model was asked.
    User(Vec<Segment>),
    /// The model, earlier.
    Assistant {
        /// What it said.
        text: Option<Segment>,
        /// What it called.
        calls: Vec<PastCall>,
    },
    /// The answer to one call. Every call has one.
    Tool {
        /// The call's id.
        call_id: String,
        /// The tool's name.
        name: String,
        /// The result: evidence, or the program's own words where there is none.
        content: Vec<Segment>,
    },
}

/// A call as it is replayed in history: the arguments are a segment of kind `ToolCall` whose text is a JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastCall {
    /// The provider's id, or ours where it gave none.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments, a JSON object.
    pub arguments: Segment,
}

/// A tool as it is offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// `kubectl`.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON schema of its arguments.
    pub parameters: serde_json::Value,
}

/// A finished call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The provider's id, or ours where it gave none.
    pub id: String,
    /// The tool's name, as the model wrote it.
    pub name: String,
    /// The arguments' text, as the model wrote it; may be broken JSON.
    pub arguments: String,
}

/// What a provider says while it answers. Texts are raw here and become [`Clean`] in the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelEvent {
    /// More of the answer.
    Text(String),
    /// More of the model's thinking; shown dimmed, never replayed as an answer.
    Thinking(String),
    /// A call is complete.
    Call(ToolCall),
    /// Tokens so far.
    Usage(Usage),
    /// The answer ended.
    Stop(StopReason),
    /// Nothing was said yet and the request failed so: it is sent again. Not an end.
    Retry(Failure),
    /// It ended badly; what came before stays.
    Failed(Failure),
}

/// Tokens counted by the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct Usage {
    /// Of the prompt.
    pub prompt_tokens: u64,
    /// Of the answer.
    pub completion_tokens: u64,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It was done.
    End,
    /// It wants its tool calls answered.
    ToolCalls,
    /// It ran into the token limit.
    Length,
    /// The provider's filter cut it.
    Filtered,
    /// The person stopped it.
    Cancelled,
}

/// Kinds of provider failure that are handled differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// 401, 403.
    Auth,
    /// The model or path is unknown.
    NotFound,
    /// The prompt is longer than the window.
    ContextOverflow,
    /// 429 that passes.
    RateLimited,
    /// 429 that does not.
    QuotaExhausted,
    /// 5xx.
    Overloaded,
    /// The content was refused.
    ContentFiltered,
    /// The model can not call tools.
    ToolsUnsupported,
    /// The request was judged wrong.
    BadRequest,
    /// No connection.
    Network,
    /// The stream ended before its end, or fell silent.
    StreamCut,
    /// What came was not the protocol.
    Protocol,
}

/// A provider failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which kind.
    pub class: FailureClass,
    /// One sentence: what was asked of whom, and the innermost cause.
    pub sentence: Clean,
    /// What the user can do.
    pub hint: Clean,
    /// Seconds to wait, where the server said so.
    pub retry_after: Option<u32>,
}
