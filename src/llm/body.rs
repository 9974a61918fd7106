//! What the two protocols' bodies have in common: the model, the messages, the tools. Where they differ is a [`Dialect`].
//!
//! Every byte goes through the writer, so every byte is in a span.
use super::Quirks;
use crate::model::chat::{Message, PastCall};
use crate::model::{BodyWriter, Prompt, Segment, Tool};

/// How a protocol writes what the other writes otherwise.
pub(super) struct Dialect {
    /// The content of an answer that was calls alone.
    pub no_content: &'static str,
    /// One call of an earlier answer, a whole JSON object.
    pub call: fn(&mut BodyWriter, &PastCall),
    /// What names the call that a result answers, without braces.
    pub answers: fn(&mut BodyWriter, id: &str, name: &str),
}

/// `{"model":…,"messages":[…],"tools":[…]`; the caller adds its own fields and the brace.
pub(super) fn open(prompt: &Prompt, quirks: Quirks, dialect: &Dialect) -> BodyWriter {
    let mut body = BodyWriter::new();
    body.envelope("{\"model\":").quoted(&prompt.model).envelope(",\"messages\":[");
    for (at, message) in prompt.messages.iter().enumerate() {
        body.envelope(if at > 0 { "," } else { "" });
        write(&mut body, message, quirks, dialect);
    }
    body.envelope("]");
    if !prompt.tools.is_empty() && !quirks.no_tools {
        body.envelope(",\"tools\":");
        tools(&mut body, &prompt.tools);
    }
    body
}

/// The texts of some segments in one JSON string, an empty line between them.
pub(super) fn content<'a>(body: &mut BodyWriter, segments: impl IntoIterator<Item = &'a Segment>) {
    body.envelope("\"");
    for (at, segment) in segments.into_iter().enumerate() {
        if at > 0 {
            body.envelope("\\n\\n");
        }
        body.text(segment);
    }
    body.envelope("\"");
}

/// A model that takes no tools gets earlier calls and their results as plain text.
fn write(body: &mut BodyWriter, message: &Message, quirks: Quirks, dialect: &Dialect) {
    let mut plain = |role: &str, segments: Vec<&Segment>| {
        body.envelope(&format!("{{\"role\":\"{role}\",\"content\":"));
        content(body, segments);
        body.envelope("}");
    };
    match message {
        Message::System(segments) => plain("system", segments.iter().collect()),
        Message::User(segments) => plain("user", segments.iter().collect()),
        Message::Tool { content, .. } if quirks.no_tools => plain("user", content.iter().collect()),
        Message::Assistant { text, calls } if quirks.no_tools || calls.is_empty() => {
            plain("assistant", text.iter().chain(calls.iter().map(|c| &c.arguments)).collect());
        }
        Message::Assistant { text, calls } => {
            body.envelope("{\"role\":\"assistant\",\"content\":");
            match text {
                Some(text) => content(body, [text]),
                None => _ = body.envelope(dialect.no_content),
            }
            body.envelope(",\"tool_calls\":[");
            for (at, call) in calls.iter().enumerate() {
                body.envelope(if at > 0 { "," } else { "" });
                (dialect.call)(body, call);
            }
            body.envelope("]}");
        }
        Message::Tool { call_id, name, content: result } => {
            body.envelope("{\"role\":\"tool\",");
            (dialect.answers)(body, call_id, name);
            body.envelope(",\"content\":");
            content(body, result);
            body.envelope("}");
        }
    }
}

/// The tools in the shape that both protocols share: `[{"type":"function","function":{…}}]`.
fn tools(body: &mut BodyWriter, tools: &[Tool]) {
    let list: Vec<serde_json::Value> = tools
        .iter()
        .map(|t| serde_json::json!({"type": "function", "function": {"name": t.name, "description": t.description, "parameters": t.parameters}}))
        .collect();
    body.tools(&serde_json::Value::from(list).to_string());
}
