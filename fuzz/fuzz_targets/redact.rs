//! Any text at all, and any text around a planted secret: the redactor ends without a panic, twice is once, nothing that
//! was planted survives, and what is prepared for a model holds no control character.
#![no_main]
use kopilot_tui::text::Redactor;
use kopilot_tui::text::clean::is_plain;
use kopilot_tui::text::prepare::{Form, prepare};
use libfuzzer_sys::fuzz_target;

/// No text that the fuzzer makes holds it: what does is passed over.
const CANARY: &str = "Kx7Canary9Qz";

/// One line each: whatever stands on the lines before and after, it must go.
const CARRIERS: &[&str] = &[
    "DB_PASSWORD=@",
    "export API_TOKEN=@",
    "x password=@ y",
    "run --db-password=@ -v",
    "run --token @ -v",
    "dial postgres://ada:@@db:5432/shop",
    "dial amqp://:@@mq/",
    "Authorization: Bearer @",
    "{\"user\":\"x\",\"apiKey\":\"@\"}",
    "{\"kind\":\"Secret\",\"data\":{\"any\":\"@\"}}",
    "{\"data\":{\"any\":\"@\"},\"kind\":\"Secret\"}",
    "{\"name\":\"DB_PASSWORD\",\"value\":\"@\"}",
    "Server=db;Password=@;Encrypt=true",
    "[\"--client-secret\",\"@\"]",
    "sshpass -p @ ssh x",
    "<password>@</password>",
    "ada:@@tcp(db:3306)/shop",
];

fuzz_target!(|data: &[u8]| {
    let [carrier, place, rest @ ..] = data else { return };
    let text = String::from_utf8_lossy(rest);
    let redactor = Redactor::new([7; 32]);
    let (once, _) = redactor.redact(&text);
    let (twice, _) = redactor.redact(&once);
    assert_eq!(once, twice, "redacting twice is not redacting once");
    if text.contains(&CANARY[3..9]) {
        return;
    }
    let Some(line) = CARRIERS.get(usize::from(*carrier) % CARRIERS.len()) else { return };
    // The last `@` of two is the URL's own.
    let line = line.replacen('@', CANARY, 1);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (before, after) = lines.split_at(usize::from(*place).min(lines.len()));
    let before = before.concat();
    let between = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let raw = format!("{before}{between}{line}\n{}", after.concat());
    for form in [Form::Block, Form::Log] {
        let prepared = prepare(&raw, form, usize::MAX, &redactor);
        assert!(!prepared.text().contains(CANARY), "the planted secret survives:\n{}", prepared.text());
        assert!(prepared.text().chars().all(|c| c == '\n' || is_plain(c)), "a control character survives");
    }
});
