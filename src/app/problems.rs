//! The problems that the rules found, worst first as they come, with when this screen first saw each.
use crate::model::{Finding, ObjectRef, Report, Severity, Timestamp};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// What names a problem from one report to the next.
type Key = (&'static str, ObjectRef);

/// See the module.
#[derive(Debug, Default)]
pub struct Problems {
    report: Option<Report>,
    since: HashMap<Key, Timestamp>,
    selected: Option<Key>,
    offset: usize,
    height: usize,
}

fn key(finding: &Finding) -> Key {
    (finding.rule, finding.object.clone())
}

impl Problems {
    /// The last report; `None` before the first.
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }
    /// All of them.
    pub fn findings(&self) -> &[Arc<Finding>] {
        self.report.as_ref().map_or(&[], |r| &r.findings)
    }
    /// Forgets everything, for another cluster or scope.
    pub fn clear(&mut self) {
        *self = Self { height: self.height, ..Self::default() };
    }
    /// A new report. True when something on screen changed.
    pub fn set(&mut self, report: Report, now: Timestamp) -> bool {
        if self.report.as_ref() == Some(&report) {
            return false;
        }
        let mut since = HashMap::new();
        for f in &report.findings {
            let k = key(f);
            let seen = self.since.get(&k).copied().unwrap_or(now);
            since.insert(k, seen);
        }
        self.since = since;
        self.report = Some(report);
        self.follow();
        true
    }
    /// When this screen first saw it.
    pub fn since(&self, finding: &Finding) -> Option<Timestamp> {
        self.since.get(&key(finding)).copied()
    }
    fn index(&self) -> usize {
        self.selected.as_ref().and_then(|k| self.findings().iter().position(|f| key(f) == *k)).unwrap_or(0)
    }
    /// The selected one.
    pub fn selected(&self) -> Option<&Finding> {
        self.findings().get(self.index()).map(Arc::as_ref)
    }
    /// Those on screen, each with whether it is selected.
    pub fn window(&self) -> impl Iterator<Item = (&Finding, bool)> {
        let chosen = self.index();
        self.findings().iter().enumerate().skip(self.offset).take(self.height).map(move |(i, f)| (&**f, i == chosen))
    }
    /// Moves the selection.
    pub fn step(&mut self, by: isize) {
        let at = self.index().saturating_add_signed(by).min(self.findings().len().saturating_sub(1));
        self.selected = self.findings().get(at).map(|f| key(f));
        self.follow();
    }
    /// The rows of a page.
    pub fn page(&self) -> isize {
        isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1)
    }
    /// So many rows fit.
    pub fn resize(&mut self, height: usize) {
        self.height = height.max(1);
        self.follow();
    }
    fn follow(&mut self) {
        let height = self.height.max(1);
        self.offset = self.offset.min(self.findings().len().saturating_sub(height));
        let at = self.index();
        self.offset = self.offset.clamp((at + 1).saturating_sub(height), at);
    }
}

/// The glyph and the word of a severity.
pub fn severity(s: Severity) -> (&'static str, &'static str) {
    match s {
        Severity::Critical => ("✗", "critical"),
        Severity::Error => ("✗", "error"),
        Severity::Warning => ("!", "warning"),
        Severity::Info => ("i", "info"),
    }
}

/// A finding as a text to read: what, why, what proves it, what next.
pub fn describe(f: &Finding) -> String {
    let mut out = format!("{}\n\n", f.title);
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{name:<11}{value}");
    };
    line("object", format!("{}{}", f.object, place(&f.object)));
    line("severity", severity(f.severity).1.to_owned());
    line("rule", f.rule.to_owned());
    line("sure", format!("{:?}", f.confidence).to_lowercase());
    if let Some(cause) = &f.cause {
        line("caused by", format!("{cause}{}", place(cause)));
    }
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = write!(out, "\n{title}\n");
            for l in lines {
                let _ = writeln!(out, "  {l}");
            }
        }
    };
    section("What proves it", f.evidence.iter().map(|p| format!("{}: {}", p.object, p.text.replace('\n', "\n    "))).collect());
    section("What it explains", f.folded.iter().map(|s| format!("{}: {}", s.object, s.title)).collect());
    section("Look next (type after `:`)", f.next.iter().map(ToString::to_string).collect());
    section("Fix (`:` runs it past you first)", f.fix.iter().map(ToString::to_string).collect());
    out
}

fn place(o: &ObjectRef) -> String {
    if o.namespace.is_empty() { String::new() } else { format!(" in {}", o.namespace) }
}
