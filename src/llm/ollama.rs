//! Ollama's `/api/chat`: newline-delimited JSON.
//!
//! Ollama drops the oldest messages without a word when a prompt is longer than its window. So the window is always
//! named (`options.num_ctx`), and `truncate` and `shift` are always off: what is too long is an error that is shown.
mod decode;

use super::body::{self, Dialect};
use super::transport::Transport;
use super::{Endpoint, Provider, Quirks};
use crate::model::chat::{Failure, FailureClass};
use crate::model::{ModelEvent, Prompt, RequestBody};
use futures::stream::BoxStream;

/// See the module.
#[derive(Debug)]
pub struct Ollama {
    transport: Transport,
}

impl Ollama {
    /// A server at an endpoint whose URL has no path.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { transport: Transport::new("ollama", endpoint, "/api/chat") }
    }
}

impl Provider for Ollama {
    fn name(&self) -> &'static str {
        "ollama"
    }

    fn encode(&self, prompt: &Prompt, quirks: Quirks) -> RequestBody {
        let mut body = body::open(prompt, quirks, &DIALECT);
        body.envelope(&format!(",\"stream\":true,\"truncate\":false,\"shift\":false,\"options\":{{\"num_ctx\":{}", prompt.options.window()));
        if let Some(t) = prompt.options.temperature.filter(|t| t.is_finite()) {
            body.envelope(&format!(",\"temperature\":{t}"));
        }
        if let Some(n) = prompt.options.max_tokens {
            body.envelope(&format!(",\"num_predict\":{n}"));
        }
        body.envelope("}}");
        body.finish()
    }

    fn stream(&self, body: RequestBody) -> BoxStream<'static, ModelEvent> {
        self.transport.stream(body.bytes(), decode::Decode::new(self.transport.peer.clone()))
    }

    fn adapt(&self, failure: &Failure, quirks: Quirks) -> Option<Quirks> {
        (failure.class == FailureClass::ToolsUnsupported && !quirks.no_tools).then_some(Quirks { no_tools: true, ..quirks })
    }
}

/// Arguments are a JSON object here.
const DIALECT: Dialect = Dialect {
    no_content: "\"\"",
    call: |body, call| {
        body.envelope("{\"id\":").quoted(&call.id).envelope(",\"function\":{\"name\":").quoted(&call.name);
        body.envelope(",\"arguments\":").json(&call.arguments).envelope("}}");
    },
    answers: |body, id, name| _ = body.envelope("\"tool_name\":").quoted(name).envelope(",\"tool_call_id\":").quoted(id),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::chat::{Message, Options, PastCall};
    use crate::model::{Segment, SegmentId, SegmentKind, TurnId};
    use crate::text::Redactor;
    use crate::text::prepare::{Form, prepare};

    fn segment(kind: SegmentKind, text: &str) -> Segment {
        Segment { id: SegmentId(0), turn: TurnId(1), kind, evidence: None, text: prepare(text, Form::Block, usize::MAX, &Redactor::new([1; 32])) }
    }

    #[test]
    fn the_window_is_always_named_and_nothing_is_dropped_in_silence() {
        let calls = vec![PastCall { id: "c1".into(), name: "kubectl".into(), arguments: segment(SegmentKind::ToolCall, r#"{"command":"get pods"}"#) }];
        let prompt = Prompt {
            model: "qwen3:8b".into(),
            messages: vec![
                Message::User(vec![segment(SegmentKind::User, "why?")]),
                Message::Assistant { text: None, calls },
                Message::Tool { call_id: "c1".into(), name: "kubectl".into(), content: vec![segment(SegmentKind::Evidence, "NAME")] },
            ],
            tools: Vec::new(),
            options: Options::default(),
        };
        let ollama = Ollama::new(Endpoint::of("ollama"));
        let body = ollama.encode(&prompt, Quirks::default());
        let json: serde_json::Value = serde_json::from_slice(body.bytes()).unwrap();
        assert_eq!((&json["truncate"], &json["shift"], &json["stream"]), (&false.into(), &false.into(), &true.into()));
        assert_eq!(json["options"]["num_ctx"], 8192);
        assert_eq!(json["messages"][1]["tool_calls"][0]["function"]["arguments"]["command"], "get pods");
        assert_eq!((&json["messages"][2]["tool_name"], &json["messages"][2]["tool_call_id"]), (&"kubectl".into(), &"c1".into()));
        assert!(json.get("tools").is_none());
        let covered: usize = body.spans().iter().map(|s| s.range.len()).sum();
        assert_eq!(covered, body.bytes().len());
    }
}
