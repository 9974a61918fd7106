//! The problems that the rules found, worst first as they come, with what is news about each: see [`lives`]. What went keeps
//! its place for a while.
pub mod lives;

use crate::diagnose;
use crate::model::{Extra, Finding, ObjectRef, Report, Severity, Timestamp};
use crate::text::Clean;
use lives::{Key, Lives, Mark, keys};
use std::fmt::Write as _;
use std::sync::Arc;

/// A line of the panel.
#[derive(Clone, Debug)]
struct Line {
    key: Key,
    of: Of,
}

/// One of the report, or one that is away and still shown.
#[derive(Clone, Debug)]
enum Of {
    Here(usize),
    Away(Box<Finding>),
}

impl Line {
    fn is_away(&self) -> bool {
        matches!(self.of, Of::Away(_))
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Problems {
    report: Option<Report>,
    include: Vec<Extra>,
    lives: Lives,
    lines: Vec<Line>,
    selected: Option<Key>,
    offset: usize,
    height: usize,
}

/// What a report changed.
#[derive(Debug, Default)]
pub struct Told {
    /// Something on screen.
    pub changed: bool,
    /// Findings that are news by it.
    pub news: Vec<Finding>,
}

/// A line as it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What was found.
    pub finding: &'a Finding,
    /// It is the selected one.
    pub chosen: bool,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What is said of it.
    pub mark: Option<Mark>,
}

impl Problems {
    /// The last report; `None` before the first.
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }
    /// All of the last report.
    pub fn findings(&self) -> &[Arc<Finding>] {
        self.report.as_ref().map_or(&[], |r| &r.findings)
    }
    /// How many of them are broken, and how many are remarks.
    pub fn counts(&self) -> (usize, usize) {
        let all = self.findings();
        let remarks = all.iter().filter(|f| f.severity == Severity::Info).count();
        (all.len() - remarks, remarks)
    }
    /// Families that are wanted beside what is broken.
    pub fn include(&self) -> &[Extra] {
        &self.include
    }
    /// Whether the report is of other families than are wanted now.
    pub fn is_behind(&self) -> bool {
        self.report.as_ref().is_some_and(|r| r.include != self.include)
    }
    /// Wants a family, or does not any more.
    pub fn toggle(&mut self, family: Extra) {
        let wanted = !self.include.contains(&family);
        self.want(Extra::ALL.iter().copied().filter(|e| if *e == family { wanted } else { self.include.contains(e) }).collect());
    }
    /// Wants these families.
    pub fn want(&mut self, mut include: Vec<Extra>) {
        include.sort_unstable();
        include.dedup();
        self.include = include;
    }
    /// Forgets everything but what is wanted, for another cluster or scope.
    pub fn clear(&mut self) {
        *self = Self { height: self.height, include: std::mem::take(&mut self.include), ..Self::default() };
    }

    /// A new report; one of other families than are wanted is too late. `standing`: time stands, so nothing is new and
    /// nothing lingers.
    pub fn set(&mut self, report: Report, now: Timestamp, standing: bool) -> Told {
        if report.include != self.include || self.report.as_ref() == Some(&report) {
            return Told::default();
        }
        if standing {
            self.lives = Lives::default();
        }
        let before = self.report.take();
        let was = before.as_ref().filter(|_| !standing).map_or(&[][..], |r| &r.findings);
        let news = self.lives.take(&report, was, now);
        let news = news.into_iter().filter_map(|i| report.findings.get(i).map(|f| (**f).clone())).collect();
        self.report = Some(report);
        self.arrange(now);
        Told { changed: true, news }
    }

    /// Time went on: what is shown no longer leaves. True when something did.
    pub fn turn(&mut self, now: Timestamp) -> bool {
        let away = self.lines.iter().filter(|l| l.is_away()).count();
        if away == 0 || self.lives.away(now).len() == away {
            return false;
        }
        self.arrange(now);
        true
    }

    /// Puts what is away between what is there, in the order of reports.
    fn arrange(&mut self, now: Timestamp) {
        let mut lines = Vec::with_capacity(self.findings().len());
        let line = |(key, finding): (&Key, &Finding)| Line { key: key.clone(), of: Of::Away(Box::new(finding.clone())) };
        let mut away = self.lives.away(now).into_iter().peekable();
        for (i, (key, finding)) in keys(self.findings()).into_iter().zip(self.findings()).enumerate() {
            while let Some(gone) = away.next_if(|(_, gone)| diagnose::order(gone, finding).is_lt()) {
                lines.push(line(gone));
            }
            lines.push(Line { key, of: Of::Here(i) });
        }
        lines.extend(away.map(line));
        self.lines = lines;
        self.follow();
    }

    fn finding<'a>(&'a self, line: &'a Line) -> Option<&'a Finding> {
        match &line.of {
            Of::Here(i) => self.findings().get(*i).map(Arc::as_ref),
            Of::Away(finding) => Some(finding),
        }
    }
    /// Whether there is no line at all.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
    fn index(&self) -> usize {
        self.selected.as_ref().and_then(|k| self.lines.iter().position(|l| l.key == *k)).unwrap_or(0)
    }
    /// The selected one.
    pub fn selected(&self) -> Option<&Finding> {
        self.lines.get(self.index()).and_then(|l| self.finding(l))
    }
    /// Those on screen.
    pub fn window(&self, now: Timestamp) -> impl Iterator<Item = Shown<'_>> {
        let chosen = self.index();
        let lines = self.lines.iter().enumerate().skip(self.offset).take(self.height);
        lines.filter_map(move |(i, line)| {
            let finding = self.finding(line)?;
            Some(Shown { finding, chosen: i == chosen, since: self.lives.since(&line.key), mark: self.lives.mark(&line.key, now) })
        })
    }
    /// The next instant at which what is on screen says something else by itself, its age aside.
    pub fn turns(&self, now: Timestamp) -> Option<Timestamp> {
        let away = self.lines.iter().filter(|l| l.is_away());
        let seen = self.lines.iter().skip(self.offset).take(self.height);
        away.chain(seen).filter_map(|l| self.lives.turns(&l.key, now)).min()
    }
    /// Whether the last report says this of an object.
    pub fn holds(&self, rule: &str, object: &ObjectRef) -> bool {
        self.findings().iter().any(|f| f.rule == rule && f.object == *object)
    }
    /// The sentence about an object of which nothing is found any more.
    pub fn went(&self, object: &ObjectRef) -> Option<&Clean> {
        let about = |f: &&Finding| f.object == *object;
        if self.findings().iter().any(|f| about(&&**f)) {
            return None;
        }
        self.lines.iter().filter_map(|l| self.finding(l)).find(about).map(|f| &f.title)
    }
    /// Moves the selection.
    pub fn step(&mut self, by: isize) {
        let at = self.index().saturating_add_signed(by).min(self.lines.len().saturating_sub(1));
        self.selected = self.lines.get(at).map(|l| l.key.clone());
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
        self.offset = self.offset.min(self.lines.len().saturating_sub(height));
        let at = self.index();
        self.offset = self.offset.clamp((at + 1).saturating_sub(height), at);
    }

    /// The selected one as a text to read.
    pub fn text(&self, now: Timestamp) -> Option<String> {
        let line = self.lines.get(self.index())?;
        let (finding, key) = (self.finding(line)?, &line.key);
        let clock = |t: Option<Timestamp>| t.map(super::words::clock).unwrap_or_default();
        let went = clock(self.lives.went(key));
        let news = match self.lives.mark(key, now) {
            Some(Mark::Gone) => format!("GONE: not found any more since {went}; this is what it was."),
            Some(Mark::Unseen) => format!("UNSEEN: it could not be looked at since {went}; this is what it was."),
            Some(Mark::Flaps(times)) => format!("FLAPS: it came {times} times in the last {} minutes.", lives::WINDOW.as_mins()),
            Some(Mark::New) | None => String::new(),
        };
        let began = self.lives.since(key).filter(|since| Some(*since) != self.lives.found(key)).map(|at| format!("{} ago", super::words::age(now, at)));
        Some(describe(finding, &clock(self.lives.found(key)), began, &news))
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
fn describe(f: &Finding, since: &str, began: Option<String>, news: &str) -> String {
    let mut out = format!("{}\n\n", f.title);
    if !news.is_empty() {
        let _ = write!(out, "{news}\n\n");
    }
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{name:<11}{value}");
    };
    line("object", format!("{}{}", f.object, place(&f.object)));
    line("severity", severity(f.severity).1.to_owned());
    line("rule", f.rule.to_owned());
    line("sure", format!("{:?}", f.confidence).to_lowercase());
    if let Some(began) = began {
        line("first sign", began);
    }
    line("seen since", since.to_owned());
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
