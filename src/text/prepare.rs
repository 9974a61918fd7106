//! `Prepared`: the only text that can become a segment. Cleaned, then redacted, then cut, in that order.
use super::clip::{self, Cut};
use super::{Clean, Redaction, Redactor};
use std::sync::Arc;

/// How a raw text is cleaned before it is redacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Prose, YAML, JSON, tables: lines are kept.
    Block,
    /// A container's log: colours are dropped, the end matters most.
    Log,
}

/// Text that may be sent to a model. Private fields: [`prepare`] is the only maker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    text: Arc<str>,
    raw_bytes: usize,
    redactions: Vec<Redaction>,
    cuts: Vec<Cut>,
}

impl Prepared {
    /// The text as it will be sent.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The same, shared.
    pub fn shared(&self) -> Arc<str> {
        self.text.clone()
    }
    /// Bytes read before anything was taken out.
    pub fn raw_bytes(&self) -> usize {
        self.raw_bytes
    }
    /// What was taken out because it looked secret.
    pub fn redactions(&self) -> &[Redaction] {
        &self.redactions
    }
    /// What was left out because it was long.
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }
    /// Notes a cut that happened before the text came here (a log read with `tailLines`, a list with `limit`).
    #[must_use]
    pub fn with_cut(mut self, cut: Cut) -> Self {
        self.cuts.push(cut);
        self
    }
    /// Notes what was taken out before the text came here, as far as its marks are in it.
    #[must_use]
    pub fn with_redactions(mut self, earlier: Vec<Redaction>) -> Self {
        let (shown, mut seen) = (&self.text, std::collections::BTreeSet::new());
        let shown = earlier.into_iter().filter(|one| shown.contains(&one.mark()) && seen.insert(one.mark())).collect::<Vec<_>>();
        self.redactions.extend(shown);
        self
    }
    /// The same text between two lines of the program's own: the fence that marks it as data.
    #[must_use]
    pub fn fenced(mut self, head: &Clean, tail: &Clean) -> Self {
        let end = if self.text.is_empty() || self.text.ends_with('\n') { "" } else { "\n" };
        self.text = Arc::from(format!("{head}\n{}{end}{tail}", self.text));
        self
    }
    /// The same text cut further, to `limit` bytes: whole lines from both ends stay and the cut is noted.
    #[must_use]
    pub fn shortened(mut self, limit: usize) -> Self {
        let (text, cut) = clip::middle(&self.text, limit);
        self.text = Arc::from(text);
        self.cuts.extend(cut);
        self
    }
    /// The text for a screen: what was prepared is already clean.
    pub fn clean(&self) -> Clean {
        Clean::block(&self.text)
    }
}

/// Cleans, redacts and cuts `raw` to `limit` bytes.
pub fn prepare(raw: &str, form: Form, limit: usize, redactor: &Redactor) -> Prepared {
    let clean = match form {
        Form::Block => Clean::block(raw),
        Form::Log => Clean::log(raw),
    };
    let (text, redactions) = redactor.redact(&clean);
    let (text, cut) = match form {
        Form::Block => clip::middle(&text, limit),
        Form::Log => clip::tail(&text, limit),
    };
    Prepared { text: Arc::from(text), raw_bytes: raw.len(), redactions, cuts: cut.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_was_redacted_before_and_no_mark_is_split() {
        let redactor = Redactor::new([1; 32]);
        let raw = format!("{}\u{1b}[31mpassword=canary7x{}", "PASSWORD=canary7x\n".repeat(40), " y".repeat(100));
        for limit in (0..1200).step_by(7) {
            for form in [Form::Block, Form::Log] {
                let prepared = prepare(&raw, form, limit, &redactor);
                let text = prepared.text();
                assert!(text.len() <= limit && !text.contains("canary") && !text.contains('\u{1b}'), "{text}");
                if limit > 100 {
                    assert_eq!(text.matches('⟦').count(), text.matches('⟧').count(), "{limit}: {text}");
                }
                assert_eq!(prepared.redactions().len(), 41);
                assert_eq!(prepared.raw_bytes(), raw.len());
                assert_eq!(prepared.cuts().len(), 1);
            }
        }
    }
}
