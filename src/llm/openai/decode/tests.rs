//! Recorded shapes of many servers, each fed whole and cut at every byte.
use super::*;
use crate::llm::Endpoint;

fn decode(content_type: &str, pieces: &[&[u8]], how: End) -> Vec<ModelEvent> {
    let endpoint = Endpoint { base_url: "http://127.0.0.1:1/v1".into(), key: None, idle_seconds: 1 };
    let mut decode = Decode::new(Peer::new("openai", &endpoint, "/chat/completions"));
    decode.begin(content_type);
    let mut out: Vec<ModelEvent> = pieces.iter().flat_map(|p| decode.feed(p)).collect();
    if !out.iter().any(|e| matches!(e, ModelEvent::Stop(_) | ModelEvent::Failed(_))) {
        out.extend(decode.end(how));
    }
    out
}

fn stream(text: &str) -> Vec<ModelEvent> {
    let bytes = text.as_bytes();
    let whole = decode("text/event-stream", &[bytes], End::Closed);
    for cut in 1..bytes.len() {
        assert_eq!(decode("text/event-stream", &[&bytes[..cut], &bytes[cut..]], End::Closed), whole, "cut at byte {cut}");
    }
    let each: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(decode("text/event-stream", &each, End::Closed), whole, "byte by byte");
    whole
}

fn lines(payloads: &[&str]) -> String {
    payloads.iter().flat_map(|p| ["data: ", p, "\n\n"]).collect()
}

fn call(id: &str, arguments: &str) -> ModelEvent {
    ModelEvent::Call(ToolCall { id: id.into(), name: "kubectl".into(), arguments: arguments.into() })
}

#[test]
fn text_thinking_usage_and_the_end_come_in_order_wherever_the_bytes_are_cut() {
    let text = "\u{feff}: PROCESSING\r\n\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\r\n\r\n\
        data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\r\n\r\n: ping\r\n\r\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"Größe 表\"}}],\r\ndata: \"x\":1}\r\n\r\n\
        data:{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\r\n\r\ndata: [DONE]\r\n\r\n";
    assert_eq!(
        stream(text),
        [
            ModelEvent::Thinking("hm".into()),
            ModelEvent::Text("Größe 表".into()),
            ModelEvent::Usage(Usage { prompt_tokens: 7, completion_tokens: 2 }),
            ModelEvent::Stop(StopReason::End),
        ]
    );
}

#[test]
fn calls_are_put_together_whatever_the_server_leaves_out() {
    let whole = |id: &str, index: &str, args: &str| format!("{{{index}{id}\"function\":{{\"name\":\"kubectl\",\"arguments\":{args}}}}}");
    let delta = |calls: &[String], more: &str| format!("{{\"choices\":[{{\"delta\":{{\"tool_calls\":[{}]}}{more}}}]}}", calls.join(","));
    let (a, b) = (r#"{"command":"get pods"}"#, r#"{"command":"get nodes"}"#);
    let (qa, qb) = (Value::from(a).to_string(), Value::from(b).to_string());
    let stop = ",\"finish_reason\":\"stop\"";
    let pieces = [
        delta(&[r#"{"index":0,"id":"x","type":"function","function":{"name":"kubectl","arguments":""}}"#.into()], ""),
        delta(&[r#"{"index":0,"function":{"arguments":"{\"command\":"}}"#.into()], ""),
        delta(&[r#"{"index":1,"id":"y","function":{"name":"kubectl","arguments":"{\"command\":\"get nodes\"}"}}"#.into()], ""),
        delta(&[r#"{"index":0,"function":{"arguments":"\"get pods\"}"}}"#.into()], ",\"finish_reason\":\"tool_calls\""),
    ];
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).chain(["[DONE]"]).collect();
    let cases: [(&str, String, Vec<ModelEvent>); 6] = [
        ("by index, interleaved", lines(&pieces), vec![call("x", a), call("y", b)]),
        (
            "index 0 for both, two ids",
            lines(&[&delta(&[whole("\"id\":\"x\",", "\"index\":0,", &qa)], ""), &delta(&[whole("\"id\":\"y\",", "\"index\":0,", &qb)], stop), "[DONE]"]),
            vec![call("x", a), call("y", b)],
        ),
        (
            "no index, ids",
            lines(&[&delta(&[whole("\"id\":\"x\",", "", &qa), whole("\"id\":\"y\",", "", &qb)], stop), "[DONE]"]),
            vec![call("x", a), call("y", b)],
        ),
        (
            "index 0 for both, no ids",
            lines(&[&delta(&[whole("", "\"index\":0,", &qa), whole("", "\"index\":0,", &qb)], stop)]),
            vec![call("call_1", a), call("call_2", b)],
        ),
        ("arguments as an object, no end mark", lines(&[&delta(&[whole("", "", a)], stop)]), vec![call("call_1", a)]),
        ("empty arguments", lines(&[&delta(&[whole("\"id\":\"x\",", "", "\"\"")], stop), "[DONE]"]), vec![call("x", "{}")]),
    ];
    for (name, text, want) in cases {
        let mut want = want;
        want.push(ModelEvent::Stop(StopReason::ToolCalls));
        assert_eq!(stream(&text), want, "{name}");
    }
}

#[test]
fn every_bad_end_is_told_apart_and_keeps_what_came() {
    let hello = r#"{"choices":[{"delta":{"content":"hello"}}]}"#;
    let class = |events: Vec<ModelEvent>| match events.last() {
        Some(ModelEvent::Failed(f)) => (events.len(), f.class, f.sentence.to_string()),
        other => panic!("no failure: {other:?}"),
    };
    for (text, want, words) in [
        (lines(&[hello]), FailureClass::StreamCut, "closed the stream"),
        (lines(&[hello, "{\"choices\":[{"]), FailureClass::Protocol, "broken JSON"),
        (lines(&[hello, r#"{"error":{"message":"boom","type":"server_error"}}"#]), FailureClass::Overloaded, "boom"),
        (lines(&[hello, r#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#, "[DONE]"]), FailureClass::ContextOverflow, "too long"),
        (format!("{}data: {{\"choi", lines(&[hello])), FailureClass::StreamCut, "closed the stream"),
    ] {
        let (events, got, sentence) = class(stream(&text));
        assert_eq!((events, got), (2, want), "{text}");
        assert!(sentence.contains(words), "{sentence}");
    }
    let cut = decode("text/event-stream", &[lines(&[hello]).as_bytes()], End::Silent);
    assert!(class(cut).2.contains("silent"));
    let page = decode("text/html", &[b"<html>\n<p>hi</p>\n\n</html>"], End::Closed);
    assert_eq!(class(page).1, FailureClass::Protocol);
}

#[test]
fn an_answer_in_one_piece_is_read_too() {
    let body = r#"{"choices":[{"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
    let events = decode("application/json; charset=utf-8", &[body.as_bytes()], End::Closed);
    assert_eq!(events.first().cloned(), Some(ModelEvent::Usage(Usage { prompt_tokens: 1, completion_tokens: 1 })));
    assert_eq!(events[1..], [ModelEvent::Text("hi".into()), ModelEvent::Stop(StopReason::End)]);
}

#[test]
fn a_call_that_the_length_limit_cut_is_not_made() {
    let text = lines(&[
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"kubectl","arguments":"{\"comm"}}]},"finish_reason":"length"}]}"#,
        "[DONE]",
    ]);
    assert_eq!(stream(&text), [ModelEvent::Stop(StopReason::Length)]);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_there_is_one_end(chunks in proptest::collection::vec(piece(), 0..12)) {
        let pieces: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let events = decode("text/event-stream", &pieces, End::Broken);
        let ends = events.iter().filter(|e| matches!(e, ModelEvent::Stop(_) | ModelEvent::Failed(_))).count();
        proptest::prop_assert_eq!(ends, 1);
    }
}

/// Noise, and near misses of the protocol.
fn piece() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let near = prop::sample::select(vec![
        "data: {\"choices\":[{\"delta\":{\"content\":\"ü\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":9,\"function\":{}}]}}]}\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[null,7]},\"finish_reason\":\"tool_calls\"}]}\n\n",
        "data: {\"choices\":7,\"usage\":[]}\n\n",
        "data: null\n\n",
        "\u{feff}data: [DONE]",
        "data: {\"err",
        "\r",
        "\n\n",
    ]);
    prop_oneof![prop::collection::vec(any::<u8>(), 0..40), near.prop_map(|s| s.as_bytes().to_vec())]
}
