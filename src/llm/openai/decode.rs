//! The stream of chat completions, as the many servers really write it.
//!
//! A call belongs to the slot its `index` names, but a new id, or a new name after whole arguments, opens a new slot:
//! some servers send no index, some index 0 for every call, some no id at all.
use crate::llm::failure::Peer;
use crate::llm::sse::Sse;
use crate::llm::transport::{Decoder, End};
use crate::model::chat::FailureClass;
use crate::model::{ModelEvent, StopReason, ToolCall, Usage};
use serde_json::Value;

/// See the module.
#[derive(Debug)]
pub(in crate::llm) struct Decode {
    peer: Peer,
    sse: Sse,
    content_type: String,
    whole: Option<Vec<u8>>,
    slots: Vec<Slot>,
    finish: Option<StopReason>,
    heard: bool,
    over: bool,
}

#[derive(Debug, Default)]
struct Slot {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Slot {
    fn is_whole(&self) -> bool {
        !self.name.is_empty() && serde_json::from_str::<Value>(&self.arguments).is_ok()
    }
}

/// The longest answer that is read when a server sends it in one piece.
const LONGEST: usize = 16 * 1024 * 1024;

impl Decode {
    pub fn new(peer: Peer) -> Self {
        Self { peer, sse: Sse::default(), content_type: String::new(), whole: None, slots: Vec::new(), finish: None, heard: false, over: false }
    }

    fn failed(&mut self, class: FailureClass, words: &str) -> ModelEvent {
        self.over = true;
        ModelEvent::Failed(self.peer.failure(class, words))
    }

    fn payload(&mut self, data: &str, out: &mut Vec<ModelEvent>) {
        if self.over || data.trim().is_empty() {
            return;
        }
        if data.trim() == "[DONE]" {
            return self.finish(out);
        }
        match serde_json::from_str::<Value>(data) {
            Ok(value) => self.chunk(&value, out),
            Err(error) => {
                let event = self.failed(FailureClass::Protocol, &format!("the stream holds broken JSON: {error}"));
                out.push(event);
            }
        }
    }

    fn chunk(&mut self, value: &Value, out: &mut Vec<ModelEvent>) {
        if value.get("error").is_some_and(|e| !e.is_null()) || value.get("object").and_then(Value::as_str) == Some("error") {
            self.over = true;
            out.push(ModelEvent::Failed(self.peer.answered(0, &value.to_string())));
            return;
        }
        self.heard = true;
        if let Some(usage) = value.get("usage").filter(|u| u.is_object()) {
            let count = |name| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
            out.push(ModelEvent::Usage(Usage { prompt_tokens: count("prompt_tokens"), completion_tokens: count("completion_tokens") }));
        }
        let Some(choice) = value.get("choices").and_then(Value::as_array).and_then(|c| c.first()) else { return };
        if let Some(delta) = choice.get("delta").or_else(|| choice.get("message")).filter(|d| d.is_object()) {
            self.delta(delta, out);
        }
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(match reason {
                "length" => StopReason::Length,
                "content_filter" => StopReason::Filtered,
                "tool_calls" | "function_call" => StopReason::ToolCalls,
                _ => StopReason::End,
            });
        }
    }

    fn delta(&mut self, delta: &Value, out: &mut Vec<ModelEvent>) {
        let thinking = delta.get("reasoning_content").or_else(|| delta.get("reasoning")).and_then(Value::as_str).unwrap_or_default();
        if !thinking.is_empty() {
            out.push(ModelEvent::Thinking(thinking.to_owned()));
        }
        for text in [text_of(delta.get("content")), text_of(delta.get("refusal"))] {
            if !text.is_empty() {
                out.push(ModelEvent::Text(text));
            }
        }
        for fragment in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.fragment(fragment);
        }
    }

    fn fragment(&mut self, fragment: &Value) {
        let text = |v: Option<&Value>| v.and_then(Value::as_str).unwrap_or_default().to_owned();
        let index = fragment.get("index").and_then(Value::as_u64);
        let id = text(fragment.get("id"));
        let function = fragment.get("function");
        let name = text(function.and_then(|f| f.get("name")));
        let arguments = match function.and_then(|f| f.get("arguments")) {
            Some(Value::String(s)) => s.clone(),
            Some(whole @ Value::Object(_)) => whole.to_string(),
            _ => String::new(),
        };
        let at = match index {
            Some(i) => self.slots.iter().rposition(|s| s.index == Some(i)),
            None if !id.is_empty() => self.slots.iter().rposition(|s| s.id == id).or(self.slots.len().checked_sub(1)),
            None => self.slots.len().checked_sub(1),
        };
        let joins = at.and_then(|at| self.slots.get(at)).is_some_and(|slot| {
            let other_id = !id.is_empty() && !slot.id.is_empty() && slot.id != id;
            let another = id.is_empty() && !name.is_empty() && slot.is_whole();
            !other_id && !another
        });
        if !joins {
            self.slots.push(Slot { index, ..Slot::default() });
        }
        let slot = if joins { at.and_then(|at| self.slots.get_mut(at)) } else { self.slots.last_mut() };
        let Some(slot) = slot else { return };
        if slot.id.is_empty() {
            slot.id = id;
        }
        if slot.name.is_empty() {
            slot.name = name;
        }
        slot.arguments.push_str(&arguments);
    }

    /// The calls, then the end. An answer that was cut short gives no calls: their arguments may be cut as well.
    fn finish(&mut self, out: &mut Vec<ModelEvent>) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let reason = self.finish.unwrap_or(StopReason::End);
        if matches!(reason, StopReason::Length | StopReason::Filtered) {
            out.push(ModelEvent::Stop(reason));
            return;
        }
        let mut called = false;
        for (at, slot) in std::mem::take(&mut self.slots).into_iter().enumerate().filter(|(_, s)| !s.name.is_empty() || !s.arguments.is_empty()) {
            called = true;
            let id = if slot.id.is_empty() { format!("call_{}", at + 1) } else { slot.id };
            let arguments = if slot.arguments.trim().is_empty() { "{}".to_owned() } else { slot.arguments };
            out.push(ModelEvent::Call(ToolCall { id, name: slot.name, arguments }));
        }
        out.push(ModelEvent::Stop(if called { StopReason::ToolCalls } else { StopReason::End }));
    }
}

/// Text that stands as a string, or as a list of parts.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(|p| p.get("text").and_then(Value::as_str)).collect(),
        _ => String::new(),
    }
}

impl Decoder for Decode {
    fn begin(&mut self, content_type: &str) {
        content_type.clone_into(&mut self.content_type);
        self.whole = content_type.starts_with("application/json").then(Vec::new);
    }

    fn feed(&mut self, chunk: &[u8]) -> Vec<ModelEvent> {
        let mut out = Vec::new();
        if let Some(whole) = &mut self.whole {
            whole.extend_from_slice(chunk);
            if whole.len() > LONGEST {
                out.push(self.failed(FailureClass::Protocol, "the answer is longer than 16 MiB"));
            }
            return out;
        }
        for data in self.sse.feed(chunk) {
            self.payload(&data, &mut out);
        }
        if self.sse.too_long() && !self.over {
            out.push(self.failed(FailureClass::Protocol, "a line of the stream is longer than 16 MiB"));
        }
        out
    }

    fn end(&mut self, how: End) -> Vec<ModelEvent> {
        let mut out = Vec::new();
        if let Some(whole) = self.whole.take() {
            self.payload(&String::from_utf8_lossy(&whole), &mut out);
        } else if let Some(rest) = self.sse.rest()
            && (rest.trim() == "[DONE]" || serde_json::from_str::<Value>(&rest).is_ok())
        {
            self.payload(&rest, &mut out);
        }
        if self.over {
            return out;
        }
        if self.finish.is_some() {
            self.finish(&mut out);
            return out;
        }
        let (class, words) = match how {
            End::Closed if !self.heard && !self.content_type.contains("event-stream") => {
                (FailureClass::Protocol, format!("the answer is `{}`, which is no stream of chat completions", self.content_type))
            }
            End::Closed => (FailureClass::StreamCut, "the server closed the stream before the answer's end".to_owned()),
            End::Broken => (FailureClass::StreamCut, "the connection broke before the answer's end".to_owned()),
            End::Silent => (FailureClass::StreamCut, "the server fell silent in the middle of the answer".to_owned()),
        };
        out.push(self.failed(class, &words));
        out
    }
}

#[cfg(test)]
mod tests;
