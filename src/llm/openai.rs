//! OpenAI's chat completions, and every server that speaks them: vLLM, llama.cpp, LM Studio, OpenRouter.
//!
//! This file writes the request; `decode` reads the stream. It does no IO of its own and knows no model by name.
mod decode;

use super::body::{self, Dialect, content};
use super::transport::Transport;
use super::{Endpoint, Provider, Quirks};
use crate::model::chat::{Failure, FailureClass};
use crate::model::{ModelEvent, Prompt, RequestBody};
use futures::stream::BoxStream;

/// See the module.
#[derive(Debug)]
pub struct OpenAi {
    transport: Transport,
    official: bool,
}

impl OpenAi {
    /// A server at an endpoint whose URL usually ends in `/v1`.
    pub fn new(endpoint: Endpoint) -> Self {
        let official =
            reqwest::Url::parse(&endpoint.base_url).is_ok_and(|u| u.host_str().is_some_and(|h| h.ends_with(".openai.com") || h.ends_with(".azure.com")));
        Self { transport: Transport::new("openai", endpoint, "/chat/completions"), official }
    }

    /// OpenAI deprecates `max_tokens`; most others know nothing else.
    fn limit_field(&self, quirks: Quirks) -> &'static str {
        if self.official == quirks.old_max_tokens { "max_tokens" } else { "max_completion_tokens" }
    }
}

impl Provider for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn encode(&self, prompt: &Prompt, quirks: Quirks) -> RequestBody {
        let mut body = body::open(prompt, quirks, &DIALECT);
        body.envelope(",\"stream\":true");
        if !quirks.no_stream_options {
            body.envelope(",\"stream_options\":{\"include_usage\":true}");
        }
        if let Some(t) = prompt.options.temperature.filter(|t| t.is_finite() && !quirks.no_temperature) {
            body.envelope(&format!(",\"temperature\":{t}"));
        }
        if let Some(n) = prompt.options.max_tokens {
            body.envelope(&format!(",\"{}\":{n}", self.limit_field(quirks)));
        }
        body.envelope("}");
        body.finish()
    }

    fn stream(&self, body: RequestBody) -> BoxStream<'static, ModelEvent> {
        self.transport.stream(body.bytes(), decode::Decode::new(self.transport.peer.clone()))
    }

    fn adapt(&self, failure: &Failure, quirks: Quirks) -> Option<Quirks> {
        let said = failure.sentence.to_lowercase();
        let refused = matches!(failure.class, FailureClass::BadRequest);
        match failure.class {
            FailureClass::ToolsUnsupported if !quirks.no_tools => Some(Quirks { no_tools: true, ..quirks }),
            _ if refused && said.contains("stream_options") && !quirks.no_stream_options => Some(Quirks { no_stream_options: true, ..quirks }),
            _ if refused && (said.contains("max_tokens") || said.contains("max_completion_tokens")) && !quirks.old_max_tokens => {
                Some(Quirks { old_max_tokens: true, ..quirks })
            }
            _ if refused && said.contains("temperature") && !quirks.no_temperature => Some(Quirks { no_temperature: true, ..quirks }),
            _ => None,
        }
    }
}

/// Arguments are a JSON text inside a JSON string here.
const DIALECT: Dialect = Dialect {
    no_content: "null",
    call: |body, call| {
        body.envelope("{\"id\":").quoted(&call.id).envelope(",\"type\":\"function\",\"function\":{\"name\":").quoted(&call.name);
        body.envelope(",\"arguments\":");
        content(body, [&call.arguments]);
        body.envelope("}}");
    },
    answers: |body, id, _| _ = body.envelope("\"tool_call_id\":").quoted(id),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::chat::{Message, PastCall};
    use crate::model::{Segment, SegmentId, SegmentKind, Tool, TurnId};
    use crate::text::Redactor;
    use crate::text::prepare::{Form, prepare};

    pub(crate) fn segment(id: u32, kind: SegmentKind, text: &str) -> Segment {
        Segment { id: SegmentId(id), turn: TurnId(1), kind, evidence: None, text: prepare(text, Form::Block, usize::MAX, &Redactor::new([1; 32])) }
    }

    fn prompt() -> Prompt {
        Prompt {
            model: "m\"1".into(),
            messages: vec![
                Message::System(vec![segment(0, SegmentKind::System, "be \"brief\"\nand true")]),
                Message::User(vec![segment(1, SegmentKind::Evidence, "pod\u{1b}[2J"), segment(2, SegmentKind::User, "why?")]),
                Message::Assistant {
                    text: None,
                    calls: vec![PastCall {
                        id: "c1".into(),
                        name: "kubectl".into(),
                        arguments: segment(3, SegmentKind::ToolCall, r#"{"command":"get pods"}"#),
                    }],
                },
                Message::Tool { call_id: "c1".into(), name: "kubectl".into(), content: vec![segment(4, SegmentKind::Evidence, "NAME\napi")] },
            ],
            tools: vec![Tool { name: "kubectl".into(), description: "reads".into(), parameters: serde_json::json!({"type": "object"}) }],
            options: crate::model::chat::Options { temperature: Some(0.2), max_tokens: Some(100), context_tokens: 0 },
        }
    }

    fn provider(url: &str) -> OpenAi {
        OpenAi::new(Endpoint { base_url: url.into(), key: None, idle_seconds: 1 })
    }

    #[test]
    fn a_body_is_the_protocols_json_and_its_spans_tile_it() {
        let body = provider("http://127.0.0.1:1/v1").encode(&prompt(), Quirks::default());
        let json: serde_json::Value = serde_json::from_slice(body.bytes()).unwrap();
        assert_eq!(json["model"], "m\"1");
        assert_eq!(json["messages"][0]["content"], "be \"brief\"\nand true");
        assert_eq!(json["messages"][1]["content"], "pod\\x1b[2J\n\nwhy?");
        assert_eq!(json["messages"][2]["content"], serde_json::Value::Null);
        assert_eq!(json["messages"][2]["tool_calls"][0]["function"]["arguments"], r#"{"command":"get pods"}"#);
        assert_eq!(json["messages"][3]["tool_call_id"], "c1");
        assert_eq!(json["tools"][0]["function"]["name"], "kubectl");
        assert_eq!((&json["stream"], &json["stream_options"]["include_usage"]), (&true.into(), &true.into()));
        assert_eq!((&json["max_tokens"], &json["temperature"]), (&100.into(), &0.2.into()));
        let mut at = 0;
        for span in body.spans() {
            assert_eq!(span.range.start, at);
            at = span.range.end;
        }
        assert_eq!(at, body.bytes().len());
        assert_eq!(body, provider("http://127.0.0.1:1/v1").encode(&prompt(), Quirks::default()), "the same prompt gives the same bytes");
    }

    #[test]
    fn each_quirk_leaves_out_what_the_server_refused() {
        let server = provider("https://api.openai.com/v1");
        let json = |quirks| serde_json::from_slice::<serde_json::Value>(server.encode(&prompt(), quirks).bytes()).unwrap();
        assert_eq!(json(Quirks::default())["max_completion_tokens"], 100);
        let all = json(Quirks { no_stream_options: true, old_max_tokens: true, no_tools: true, no_temperature: true });
        assert_eq!(all["max_tokens"], 100);
        for gone in ["stream_options", "max_completion_tokens", "tools", "temperature"] {
            assert!(all.get(gone).is_none(), "{gone}");
        }
        assert!(!all.to_string().contains("tool_call"));
        assert_eq!(all["messages"][3]["role"], "user");
    }

    #[test]
    fn a_refused_field_is_left_out_once_and_nothing_else_is_tried() {
        let server = provider("http://127.0.0.1:1/v1");
        let failure = |class, words: &str| Failure { class, sentence: crate::text::Clean::line(words), hint: crate::text::Clean::default(), retry_after: None };
        let none = Quirks::default();
        for (class, words, want) in [
            (FailureClass::BadRequest, "400: Unknown field stream_options", Some(Quirks { no_stream_options: true, ..none })),
            (FailureClass::BadRequest, "400: Unsupported parameter: 'max_tokens'", Some(Quirks { old_max_tokens: true, ..none })),
            (FailureClass::BadRequest, "400: 'temperature' does not support 0.2", Some(Quirks { no_temperature: true, ..none })),
            (FailureClass::ToolsUnsupported, "no tools", Some(Quirks { no_tools: true, ..none })),
            (FailureClass::BadRequest, "400: no", None),
            (FailureClass::Auth, "401: stream_options", None),
        ] {
            let got = server.adapt(&failure(class, words), none);
            assert_eq!(got, want, "{words}");
            if let Some(learned) = got {
                assert_eq!(server.adapt(&failure(class, words), learned), None, "{words}, again");
            }
        }
    }
}
