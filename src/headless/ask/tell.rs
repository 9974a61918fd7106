//! Tells a turn to a person as it goes: steps on standard error, the answer on standard output as it comes, and a
//! proposed change at its end.
use crate::agent::transcript::{ProposalState, StepState};
use crate::agent::{Agent, Entry};
use crate::headless::out::{Out, safe, say};
use crate::model::TurnId;
use crate::text::diff::Line;
use std::collections::BTreeMap;
use std::io::Write;

/// What was told already.
#[derive(Debug)]
pub struct Teller {
    silent: bool,
    /// Bytes of each answer that are out.
    answers: BTreeMap<usize, usize>,
    steps: BTreeMap<usize, &'static str>,
}

impl Teller {
    /// `silent`: only the end is told, as JSON, by the caller.
    pub fn new(silent: bool) -> Self {
        Self { silent, answers: BTreeMap::new(), steps: BTreeMap::new() }
    }

    /// What is new.
    pub fn tell<W: Write>(&mut self, agent: &Agent, of: TurnId, out: &mut Out<W>) -> std::io::Result<()> {
        if self.silent {
            return Ok(());
        }
        for (at, entry) in agent.transcript().entries.iter().enumerate() {
            match entry {
                Entry::Answer { turn, text, .. } if *turn == of => {
                    let told = self.answers.entry(at).or_default();
                    if let Some(more) = text.as_str().get(*told..).filter(|m| !m.is_empty()) {
                        out.write(more)?;
                        *told = text.len();
                    }
                }
                Entry::Step { turn, what, state, .. } if *turn == of => self.step(at, what, state),
                Entry::Note { turn, text } if *turn == of && self.steps.insert(at, "note").is_none() => say(&format!("! {text}")),
                _ => {}
            }
        }
        Ok(())
    }

    fn step(&mut self, at: usize, what: &str, state: &StepState) {
        let (word, detail) = match state {
            StepState::Running => ("reading", String::new()),
            StepState::Done { evidence, bytes } => {
                let ids: Vec<String> = evidence.iter().map(ToString::to_string).collect();
                ("read", format!(" · {} · {bytes} bytes", ids.join(" ")))
            }
            StepState::Nothing => ("nothing", String::new()),
            StepState::Denied(why) => ("denied", format!(": {why}")),
            StepState::Failed(why) => ("failed", format!(": {why}")),
        };
        if self.steps.insert(at, word) != Some(word) {
            say(&format!("· {word} {what}{detail}"));
        }
    }

    /// The end: what is proposed, and what is not whole.
    pub fn end<W: Write>(agent: &Agent, of: TurnId, record: &serde_json::Value, out: &mut Out<W>) -> std::io::Result<()> {
        out.write("\n")?;
        for entry in &agent.transcript().entries {
            let Entry::Proposal { turn, command, plan, state, .. } = entry else { continue };
            if *turn != of {
                continue;
            }
            out.line(&format!("proposed: {command}"))?;
            if let Some(plan) = plan {
                out.line(&format!("  risk {} ({}), plan {}", plan.risk, plan.rule, plan.digest))?;
                for line in plan.objects.iter().flat_map(|o| &o.diff) {
                    out.line(&safe(&match line {
                        Line::Same(text) => format!("    {text}"),
                        Line::Removed(text) => format!("  - {text}"),
                        Line::Added(text) => format!("  + {text}"),
                        Line::Gap(lines) => format!("    … {lines} lines"),
                    }))?;
                }
                if let Some(undo) = &plan.undo {
                    out.line(&format!("  undo: {undo}"))?;
                }
            }
            if let ProposalState::Refused(why) | ProposalState::Resolved(why) = state {
                out.line(&format!("  {why}"))?;
            }
        }
        for why in record.get("incomplete").and_then(serde_json::Value::as_array).into_iter().flatten().filter_map(serde_json::Value::as_str) {
            say(&format!("not whole: {why}"));
        }
        Ok(())
    }
}
