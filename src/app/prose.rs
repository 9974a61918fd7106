//! Entries of the transcript as inked, wrapped rows. Pure: an entry and a width in, rows out.
use super::chat::Surroundings;
use super::flow::{self, Row, push, run};
use super::ink::Ink;
use super::words;
use crate::agent::Entry;
use crate::agent::transcript::{ProposalState, StepState};
use crate::model::{EvidenceId, Risk, StopReason};
use crate::text::markdown::{Line, Tone};

/// The ink of a risk's word.
pub fn risk_ink(risk: Risk) -> Ink {
    match risk {
        Risk::Low | Risk::Medium => Ink::RiskMedium,
        Risk::High => Ink::RiskHigh,
        Risk::Critical => Ink::RiskCritical,
    }
}

/// Any entry but an answer.
pub fn entry(entry: &Entry, width: usize) -> Vec<Row> {
    match entry {
        Entry::Question { text, mode, .. } => {
            let mut out = Vec::new();
            for (i, l) in text.lines().enumerate() {
                let mut runs = vec![run(Ink::Question, if i == 0 { "> " } else { "  " }), run(Ink::Question, l)];
                if i == 0 && *mode == crate::agent::Mode::Ask {
                    runs.push(run(Ink::Dim, "  (ask: no cluster read)"));
                }
                out.extend(flow::wrap(&runs, width, &run(Ink::Question, "  ")));
            }
            out
        }
        Entry::Step { what, state, .. } => step(what, state, width),
        Entry::Thinking { text, .. } => flow::wrap_text(text, Ink::Thinking, width.saturating_sub(2), "")
            .into_iter()
            .map(|row| {
                let mut out = vec![run(Ink::Thinking, "┊ ")];
                out.extend(row);
                out
            })
            .collect(),
        Entry::Proposal { command, edited_from, plan, state, .. } => {
            let mut head = vec![run(Ink::Strong, "◆ ")];
            if let Some(plan) = plan {
                head.push(run(risk_ink(plan.risk), plan.risk.to_string().to_uppercase()));
                head.push(run(Ink::Text, "  "));
            }
            head.push(run(Ink::Code, command.as_str()));
            let mut out = flow::wrap(&head, width, &run(Ink::Text, "  "));
            if let Some(from) = edited_from {
                out.extend(flow::wrap(&[run(Ink::Dim, format!("  edited by you; proposed was: {from}"))], width, &run(Ink::Text, "  ")));
            }
            let (ink, words) = match state {
                ProposalState::Planning => (Ink::Dim, "asking the server for a dry run …".to_owned()),
                ProposalState::Waiting => (Ink::Warn, "waits for you: ctrl-r opens the review".to_owned()),
                ProposalState::Doing => (Ink::Warn, "approved: it is being done …".to_owned()),
                ProposalState::Resolved(how) => (Ink::Note, how.to_string()),
                ProposalState::Refused(why) => (Ink::Error, format!("not possible: {why}")),
            };
            out.extend(flow::wrap(&[run(ink, format!("  {words}"))], width, &run(Ink::Text, "  ")));
            out
        }
        Entry::Note { text, .. } => remark(text, width),
        Entry::Answer { .. } => Vec::new(),
    }
}

fn step(what: &str, state: &StepState, width: usize) -> Vec<Row> {
    let (mark, ink, rest) = match state {
        StepState::Running => ("● ", Ink::Warn, " …".to_owned()),
        StepState::Done { evidence, bytes } => {
            let ids: Vec<String> = evidence.iter().map(|e| format!("[{e}]")).collect();
            let gap = if ids.is_empty() { "" } else { " " };
            ("✓ ", Ink::Ok, format!(" · {}{gap}{}", words::bytes(*bytes), ids.concat()))
        }
        StepState::Nothing => ("○ ", Ink::Dim, " · nothing there".to_owned()),
        StepState::Denied(why) => ("⊘ ", Ink::Denied, format!(" · DENIED {why}")),
        StepState::Failed(why) => ("✗ ", Ink::Error, format!(" · FAILED {why}")),
    };
    let runs = [run(ink, format!("  {mark}")), run(Ink::Dim, what), run(if ink == Ink::Ok { Ink::Dim } else { ink }, rest)];
    flow::wrap(&runs, width, &run(Ink::Text, "    "))
}

/// A sentence of the program's own.
pub fn remark(text: &str, width: usize) -> Vec<Row> {
    text.lines().flat_map(|l| flow::wrap(&[run(Ink::Note, "· "), run(Ink::Note, l)], width, &run(Ink::Note, "  "))).collect()
}

/// What is said below an answer that is over.
pub fn ending(ended: Option<StopReason>, incomplete: &str, by: &str) -> String {
    let Some(reason) = ended else { return String::new() };
    let why = match reason {
        StopReason::End | StopReason::ToolCalls => "",
        StopReason::Length => "INCOMPLETE: it ran into the token limit",
        StopReason::Filtered => "INCOMPLETE: the provider's filter cut it",
        StopReason::Cancelled => "STOPPED by you",
    };
    let cut = if incomplete.is_empty() { why.to_owned() } else { format!("INCOMPLETE: {incomplete}") };
    match (cut.is_empty(), by.is_empty() || reason == StopReason::ToolCalls) {
        (true, true) => String::new(),
        (true, false) => by.to_owned(),
        (false, true) => cut,
        (false, false) => format!("{cut} · {by}"),
    }
}

/// Lines of Markdown, and whether they cite what is not in the ledger.
pub fn lines(lines: &[Line], around: Surroundings) -> (Vec<Row>, bool) {
    let mut unknown = false;
    let mut out = Vec::new();
    for line in lines {
        let mut row: Row = Vec::new();
        for span in &line.spans {
            let ink = match span.tone {
                Tone::Plain => Ink::Text,
                Tone::Strong => Ink::Strong,
                Tone::Emphasis => Ink::Emphasis,
                Tone::Code => Ink::Code,
                Tone::Heading => Ink::Heading,
                Tone::Link => Ink::Link,
                Tone::Quote => Ink::Quote,
                Tone::Mark => Ink::Dim,
            };
            unknown |= cited(&span.text, ink, around, &mut row);
        }
        out.extend(flow::wrap(&row, around.width, &run(Ink::Dim, line.hang.as_str())));
    }
    (out, unknown)
}

/// Splits a text at its citations. True when one of them is unknown.
fn cited(text: &str, ink: Ink, around: Surroundings, row: &mut Row) -> bool {
    let mut unknown = false;
    let mut rest = text;
    while let Some((before, inside, after)) = next_citation(rest) {
        push(row, ink, before);
        push(row, Ink::Citation, "[");
        for part in inside.split_inclusive([',', ';', ' ']) {
            let word = part.trim_end_matches([',', ';', ' ']);
            if let Ok(id) = word.parse::<EvidenceId>() {
                let known = id.0 >= 1 && usize::try_from(id.0).is_ok_and(|n| n <= around.evidence);
                unknown |= !known;
                match (known, around.chosen == Some(id)) {
                    (true, true) => push(row, Ink::CitationChosen, word),
                    (true, false) => push(row, Ink::Citation, word),
                    _ => push(row, Ink::CitationUnknown, &format!("{word}?")),
                }
            }
            push(row, Ink::Citation, part.get(word.len()..).unwrap_or_default());
        }
        push(row, Ink::Citation, "]");
        rest = after;
    }
    push(row, ink, rest);
    unknown
}

/// The text before the next `[E12]` or `[E1, E2]`, what is in the brackets, and the text after.
fn next_citation(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text.get(from..)?.find("[E").map(|i| i + from) {
        let inner = text.get(open + 1..)?;
        if let Some(close) = inner.find(']') {
            let inside = inner.get(..close)?;
            let mut words = inside.split([',', ';', ' ']).filter(|w| !w.is_empty());
            if words.all(|w| w.parse::<EvidenceId>().is_ok()) {
                return Some((text.get(..open)?, inside, inner.get(close + 1..)?));
            }
        }
        from = open + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Clean;

    #[test]
    fn a_citation_is_found_and_nothing_else_is() {
        for (text, want) in [
            ("a [E1] b", Some(("a ", "E1", " b"))),
            ("[E12][E3]", Some(("", "E12", "[E3]"))),
            ("[Ex] [E4, E5]", Some(("[Ex] ", "E4, E5", ""))),
            ("[E] E1 [1]", None),
            ("[E1", None),
        ] {
            assert_eq!(next_citation(text), want, "{text}");
        }
    }

    #[test]
    fn each_way_a_step_ends_is_another_word() {
        let said = |s: &StepState| flow::plain(&step("read pod/api", s, 80).concat());
        let states = [
            StepState::Running,
            StepState::Done { evidence: vec![EvidenceId(1)], bytes: 1_400 },
            StepState::Nothing,
            StepState::Denied(Clean::line("pods is forbidden")),
            StepState::Failed(Clean::line("timeout")),
        ];
        let words: std::collections::BTreeSet<String> = states.iter().map(said).collect();
        assert_eq!(words.len(), states.len());
        assert!(words.contains("  ✓ read pod/api · 1.4 KB [E1]"), "{words:?}");
    }

    #[test]
    fn an_answer_that_is_not_whole_says_so() {
        for (reason, incomplete, want) in [
            (None, "", ""),
            (Some(StopReason::End), "", "model-x"),
            (Some(StopReason::Length), "", "INCOMPLETE: it ran into the token limit · model-x"),
            (Some(StopReason::End), "the stream ended early", "INCOMPLETE: the stream ended early · model-x"),
            (Some(StopReason::Cancelled), "", "STOPPED by you · model-x"),
        ] {
            assert_eq!(ending(reason, incomplete, "model-x"), want);
        }
    }
}
