//! The lines of an Ollama answer. Calls come whole, their arguments as an object; an error may be a line of a stream
//! whose status was 200.
use crate::llm::failure::Peer;
use crate::llm::lines::Lines;
use crate::llm::transport::{Decoder, End};
use crate::model::chat::FailureClass;
use crate::model::{ModelEvent, StopReason, ToolCall, Usage};
use serde_json::Value;

/// See the module.
#[derive(Debug)]
pub(in crate::llm) struct Decode {
    peer: Peer,
    lines: Lines,
    content_type: String,
    calls: usize,
    heard: bool,
    over: bool,
}

impl Decode {
    pub fn new(peer: Peer) -> Self {
        Self { peer, lines: Lines::default(), content_type: String::new(), calls: 0, heard: false, over: false }
    }

    fn failed(&mut self, class: FailureClass, words: &str) -> ModelEvent {
        self.over = true;
        ModelEvent::Failed(self.peer.failure(class, words))
    }

    fn line(&mut self, line: &str, out: &mut Vec<ModelEvent>) {
        let line = line.trim_start_matches('\u{feff}').trim();
        if self.over || line.is_empty() {
            return;
        }
        let value: Value = match serde_json::from_str(line) {
            Ok(value) => value,
            Err(_) if !self.heard && !self.content_type.contains("json") => {
                let words = format!("the answer is `{}`, which is no stream of Ollama's", self.content_type);
                return out.push(self.failed(FailureClass::Protocol, &words));
            }
            Err(error) => return out.push(self.failed(FailureClass::Protocol, &format!("the stream holds broken JSON: {error}"))),
        };
        if value.get("error").is_some_and(|e| !e.is_null()) {
            self.over = true;
            return out.push(ModelEvent::Failed(self.peer.answered(0, line)));
        }
        self.heard = true;
        self.message(&value, out);
        if value.get("done").and_then(Value::as_bool) == Some(true) {
            self.done(&value, out);
        }
    }

    fn message(&mut self, value: &Value, out: &mut Vec<ModelEvent>) {
        let Some(message) = value.get("message") else { return };
        let text = |name| message.get(name).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned);
        out.extend(text("thinking").map(ModelEvent::Thinking));
        out.extend(text("content").map(ModelEvent::Text));
        for call in message.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.calls += 1;
            let function = call.get("function").unwrap_or(&Value::Null);
            let arguments = match function.get("arguments") {
                Some(Value::String(s)) if s.trim().is_empty() => "{}".to_owned(),
                Some(Value::String(s)) => s.clone(),
                Some(whole) if !whole.is_null() => whole.to_string(),
                _ => "{}".to_owned(),
            };
            let id = call.get("id").and_then(Value::as_str).filter(|s| !s.is_empty()).map_or_else(|| format!("call_{}", self.calls), str::to_owned);
            let name = function.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            out.push(ModelEvent::Call(ToolCall { id, name, arguments }));
        }
    }

    fn done(&mut self, value: &Value, out: &mut Vec<ModelEvent>) {
        self.over = true;
        let count = |name| value.get(name).and_then(Value::as_u64);
        if let (Some(prompt_tokens), completion) = (count("prompt_eval_count"), count("eval_count")) {
            out.push(ModelEvent::Usage(Usage { prompt_tokens, completion_tokens: completion.unwrap_or(0) }));
        }
        out.push(match value.get("done_reason").and_then(Value::as_str) {
            Some("length") => ModelEvent::Stop(StopReason::Length),
            Some("unload") => self.failed(FailureClass::StreamCut, "the server unloaded the model in the middle of the answer"),
            _ if self.calls > 0 => ModelEvent::Stop(StopReason::ToolCalls),
            _ => ModelEvent::Stop(StopReason::End),
        });
    }
}

impl Decoder for Decode {
    fn begin(&mut self, content_type: &str) {
        content_type.clone_into(&mut self.content_type);
    }

    fn feed(&mut self, chunk: &[u8]) -> Vec<ModelEvent> {
        let mut out = Vec::new();
        for line in self.lines.feed(chunk) {
            self.line(&line, &mut out);
        }
        if self.lines.too_long() && !self.over {
            out.push(self.failed(FailureClass::Protocol, "a line of the stream is longer than 16 MiB"));
        }
        out
    }

    fn end(&mut self, how: End) -> Vec<ModelEvent> {
        let mut out = Vec::new();
        if let Some(rest) = self.lines.rest()
            && (!self.heard || serde_json::from_str::<Value>(&rest).is_ok())
        {
            self.line(&rest, &mut out);
        }
        if !self.over {
            let words = match how {
                End::Closed => "the server closed the stream before the answer's end",
                End::Broken => "the connection broke before the answer's end",
                End::Silent => "the server fell silent in the middle of the answer",
            };
            out.push(self.failed(FailureClass::StreamCut, words));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::Endpoint;
    use proptest::strategy::Strategy as _;

    fn decode(pieces: &[&[u8]]) -> Vec<ModelEvent> {
        let mut decode = Decode::new(Peer::new("ollama", &Endpoint::of("ollama"), "/api/chat"));
        decode.begin("application/x-ndjson");
        let mut out: Vec<ModelEvent> = pieces.iter().flat_map(|p| decode.feed(p)).collect();
        if !out.iter().any(|e| matches!(e, ModelEvent::Stop(_) | ModelEvent::Failed(_))) {
            out.extend(decode.end(End::Closed));
        }
        out
    }

    fn stream(text: &str) -> Vec<ModelEvent> {
        let bytes = text.as_bytes();
        let whole = decode(&[bytes]);
        for cut in 1..bytes.len() {
            assert_eq!(decode(&[&bytes[..cut], &bytes[cut..]]), whole, "cut at byte {cut}");
        }
        whole
    }

    #[test]
    fn text_thinking_calls_and_usage_come_in_order_wherever_the_bytes_are_cut() {
        let text = concat!(
            r#"{"model":"m","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"#,
            "\n",
            r#"{"model":"m","message":{"role":"assistant","content":"Größe 表"},"done":false}"#,
            "\r\n",
            r#"{"message":{"content":"","tool_calls":[{"function":{"index":0,"name":"kubectl","arguments":{"command":"get pods"}}},{"id":"x","function":{"index":0,"name":"kubectl","arguments":""}}]},"done":false}"#,
            "\n",
            r#"{"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":11,"eval_count":3}"#,
        );
        let call = |id: &str, arguments: &str| ModelEvent::Call(ToolCall { id: id.into(), name: "kubectl".into(), arguments: arguments.into() });
        assert_eq!(
            stream(text),
            [
                ModelEvent::Thinking("hm".into()),
                ModelEvent::Text("Größe 表".into()),
                call("call_1", r#"{"command":"get pods"}"#),
                call("x", "{}"),
                ModelEvent::Usage(Usage { prompt_tokens: 11, completion_tokens: 3 }),
                ModelEvent::Stop(StopReason::ToolCalls),
            ]
        );
    }

    #[test]
    fn a_bad_end_is_told_apart_and_keeps_what_came() {
        let hello = r#"{"message":{"content":"hello"},"done":false}"#;
        for (rest, want) in [
            ("", FailureClass::StreamCut),
            ("{\"mess", FailureClass::StreamCut),
            ("{\"mess\n", FailureClass::Protocol),
            ("{\"error\":\"llama runner has terminated\"}\n", FailureClass::Overloaded),
            ("{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"unload\"}\n", FailureClass::StreamCut),
        ] {
            let events = stream(&format!("{hello}\n{rest}"));
            assert_eq!(events.first(), Some(&ModelEvent::Text("hello".into())));
            assert!(matches!(events.last(), Some(ModelEvent::Failed(f)) if f.class == want), "{rest}: {events:?}");
        }
    }

    #[test]
    fn an_answer_that_ran_into_the_limit_says_so() {
        let events = stream("{\"message\":{\"content\":\"a\"},\"done\":true,\"done_reason\":\"length\"}\n");
        assert_eq!(events.last(), Some(&ModelEvent::Stop(StopReason::Length)));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_there_is_one_end(chunks in proptest::collection::vec(proptest::prop_oneof![
            proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
            proptest::sample::select(vec!["{\"message\":{\"tool_calls\":[{}, 3]}}\n", "{\"done\":true}", "null\n", "{\"message\":", "[]\n", "\r\n"])
                .prop_map(|s| s.as_bytes().to_vec()),
        ], 0..12)) {
            let pieces: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
            let ends = decode(&pieces).iter().filter(|e| matches!(e, ModelEvent::Stop(_) | ModelEvent::Failed(_))).count();
            proptest::prop_assert_eq!(ends, 1);
        }
    }
}
