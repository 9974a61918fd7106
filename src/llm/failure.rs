//! What a failing server means: its words to one of the classes that are handled differently, a sentence and a hint.
//!
//! The key never gets into a sentence, not even when the server says it back.
use super::Endpoint;
use crate::model::chat::{Failure, FailureClass};
use crate::text::Clean;
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// Whom a request was sent to, for the sentences.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    provider: &'static str,
    shown: String,
    key: Option<secrecy::SecretString>,
}

/// The most characters of a server's own words that a sentence repeats.
const WORDS: usize = 400;

impl Peer {
    /// The peer at a path of an endpoint.
    pub fn new(provider: &'static str, endpoint: &Endpoint, path: &str) -> Self {
        Self { provider, shown: format!("POST {}{path}", without_login(&endpoint.base_url)), key: endpoint.key.clone() }
    }

    /// A failure in the peer's or our words.
    pub fn failure(&self, class: FailureClass, words: &str) -> Failure {
        let mut words = words.trim().to_owned();
        if let Some(key) = self.key.as_ref().map(secrecy::SecretString::expose_secret).filter(|k| k.len() >= 4) {
            words = words.replace(key, "(key)");
        }
        let short: String = words.chars().take(WORDS).collect();
        let more = if short.len() < words.len() { "…" } else { "" };
        Failure { class, sentence: Clean::line(&format!("{}: {short}{more}", self.shown)), hint: Clean::line(self.hint(class)), retry_after: None }
    }

    /// What an HTTP status with a body, or an error inside a stream (`status` 0), means.
    pub fn answered(&self, status: u16, body: &str) -> Failure {
        let value: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        let (code, message) = words_of(&value);
        let status = if status == 0 { code.parse().unwrap_or(0) } else { status };
        let class = classify(status, &code, &message.to_lowercase());
        let reason = http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or_default();
        let said = if message.is_empty() && value.is_null() { body.trim() } else { message.as_str() };
        let said = if said.is_empty() { "the server gives no reason" } else { said };
        self.failure(class, &if status == 0 { said.to_owned() } else { format!("{status} {reason}: {said}") })
    }

    /// A failure of the connection: the innermost cause, not the wrapping.
    pub fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let mut cause: &dyn std::error::Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        self.failure(FailureClass::Network, &cause.to_string())
    }

    fn hint(&self, class: FailureClass) -> &'static str {
        let ollama = self.provider == "ollama";
        match class {
            FailureClass::Auth if ollama => "Check the key for this server.",
            FailureClass::Auth => "Check OPENAI_API_KEY and that it may use this model.",
            FailureClass::NotFound if ollama => "Pull the model (`ollama pull NAME`) or name another with --model; check OLLAMA_BASE_URL.",
            FailureClass::NotFound => "Check the model's name (--model) and the base URL: it usually ends in /v1.",
            FailureClass::ContextOverflow => "Ask about less, or set a larger context window if the model has one.",
            FailureClass::RateLimited => "Wait a little and ask again.",
            FailureClass::QuotaExhausted => "The account has no quota left; waiting does not help. The provider `offline` needs none.",
            FailureClass::Overloaded => "The server is in trouble; ask again later, or use --provider offline.",
            FailureClass::ContentFiltered => "The provider's filter refused the request; ask in other words.",
            FailureClass::ToolsUnsupported if ollama => "This model can not call tools; pull one that can (its page says `tools`).",
            FailureClass::ToolsUnsupported => "This model or server can not call tools; use one that can, or start the server with tool calls enabled.",
            FailureClass::BadRequest => "The server does not accept the request; the context pane shows it byte for byte.",
            FailureClass::Network if ollama => "Is it running (`ollama serve`)? Is OLLAMA_BASE_URL right? The provider `offline` needs no server.",
            FailureClass::Network => "Is the server running and the base URL right? The provider `offline` needs no server.",
            FailureClass::StreamCut => "What came is kept. Ask again to try anew.",
            FailureClass::Protocol => "Is the base URL that of this kind of server?",
        }
    }
}

/// A URL without `user:password@`.
fn without_login(url: &str) -> String {
    reqwest::Url::parse(url).map_or_else(
        |_| url.to_owned(),
        |mut u| {
            let _ = u.set_username("");
            let _ = u.set_password(None);
            u.as_str().trim_end_matches('/').to_owned()
        },
    )
}

/// The code (or type) and the message of an error body, in any of the shapes that servers use.
fn words_of(value: &Value) -> (String, String) {
    let error = value.get("error").unwrap_or(value);
    let text = |v: Option<&Value>| match v {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Number(n)) => n.to_string(),
        _ => String::new(),
    };
    if let Value::String(message) = error {
        return (String::new(), message.clone());
    }
    let code = [error.get("code"), error.get("type")].into_iter().map(text).find(|s| !s.is_empty()).unwrap_or_default();
    let message = [error.get("message"), error.get("detail"), value.get("detail"), value.get("message")].into_iter().map(text).find(|s| !s.is_empty());
    (code, message.unwrap_or_default())
}

/// `message` is lower case.
fn classify(status: u16, code: &str, message: &str) -> FailureClass {
    let says = |words: &[&str]| words.iter().any(|w| message.contains(w));
    let overflow = ["context length", "context size", "context window", "maximum context", "input length exceeds", "prompt is too long", "too many tokens"];
    if code == "context_length_exceeded" || code == "exceed_context_size_error" || status == 413 || says(&overflow) {
        return FailureClass::ContextOverflow;
    }
    if code == "insufficient_quota" || status == 402 || says(&["exceeded your current quota"]) {
        return FailureClass::QuotaExhausted;
    }
    if code == "content_filter" || says(&["content management policy"]) {
        return FailureClass::ContentFiltered;
    }
    if says(&["tool", "function"]) && says(&["not support", "unsupported", "requires --", "not enabled"]) {
        return FailureClass::ToolsUnsupported;
    }
    match status {
        300..400 => FailureClass::Protocol,
        401 | 403 => FailureClass::Auth,
        404 => FailureClass::NotFound,
        429 => FailureClass::RateLimited,
        408 | 500.. => FailureClass::Overloaded,
        400.. => FailureClass::BadRequest,
        _ if code == "model_not_found" || says(&["model"]) && says(&["not found"]) => FailureClass::NotFound,
        _ if code.contains("rate_limit") => FailureClass::RateLimited,
        _ => FailureClass::Overloaded,
    }
}

/// Seconds that the headers of an answer ask to wait, rounded up.
pub(super) fn retry_after(headers: &http::HeaderMap) -> Option<u32> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
    number("retry-after-ms").map(|ms| ms.div_ceil(1000)).or_else(|| number("retry-after"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> Peer {
        let endpoint = Endpoint { base_url: "https://me:pw@llm.example/v1".into(), key: Some("sk-canary-0042".into()), idle_seconds: 1 };
        Peer::new("openai", &endpoint, "/chat/completions")
    }

    #[test]
    fn each_way_to_fail_has_its_class() {
        for (status, body, want) in [
            (401, r#"{"error":{"message":"Incorrect API key","code":"invalid_api_key"}}"#, FailureClass::Auth),
            (403, "forbidden", FailureClass::Auth),
            (404, r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#, FailureClass::NotFound),
            (404, r#"{"error":"model 'x' not found, try pulling it first"}"#, FailureClass::NotFound),
            (400, r#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#, FailureClass::ContextOverflow),
            (
                400,
                r#"{"error":{"code":400,"message":"request (20009 tokens) exceeds the available context size (8192 tokens)","type":"exceed_context_size_error"}}"#,
                FailureClass::ContextOverflow,
            ),
            (429, r#"{"error":{"message":"slow","code":"rate_limit_exceeded"}}"#, FailureClass::RateLimited),
            (429, r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#, FailureClass::QuotaExhausted),
            (400, r#"{"error":{"message":"filtered","code":"content_filter"}}"#, FailureClass::ContentFiltered),
            (400, r#"{"error":"registry.ollama.ai/library/x does not support tools"}"#, FailureClass::ToolsUnsupported),
            (500, r#"{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}"#, FailureClass::ToolsUnsupported),
            (400, r#"{"object":"error","message":"bad","code":400}"#, FailureClass::BadRequest),
            (422, r#"{"detail":"bad"}"#, FailureClass::BadRequest),
            (302, "", FailureClass::Protocol),
            (503, "<html>busy</html>", FailureClass::Overloaded),
            (0, r#"{"error":{"message":"boom","code":400}}"#, FailureClass::BadRequest),
            (0, r#"{"error":"llama runner process has terminated"}"#, FailureClass::Overloaded),
        ] {
            let failure = peer().answered(status, body);
            assert_eq!(failure.class, want, "{status} {body}");
            assert!(!failure.hint.is_empty());
        }
    }

    #[test]
    fn a_sentence_never_holds_the_key_or_a_login_and_is_one_short_line() {
        let body = format!(r#"{{"error":{{"message":"key sk-canary-0042 is wrong\u001b[31m {}"}}}}"#, "x".repeat(5000));
        let sentence = peer().answered(401, &body).sentence;
        assert!(sentence.starts_with("POST https://llm.example/v1/chat/completions: 401 Unauthorized: key (key) is wrong"), "{sentence}");
        assert!(!sentence.contains("canary") && !sentence.contains("pw@") && !sentence.contains('\u{1b}') && sentence.len() < 600);
    }

    #[test]
    fn the_wait_is_read_from_either_header() {
        let with = |name: &'static str, value: &'static str| {
            let mut headers = http::HeaderMap::new();
            headers.insert(name, http::HeaderValue::from_static(value));
            retry_after(&headers)
        };
        assert_eq!(with("retry-after", "7"), Some(7));
        assert_eq!(with("retry-after-ms", "1200"), Some(2));
        assert_eq!(with("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
