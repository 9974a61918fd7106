//! What a rule concludes about an object.
use super::snapshot::{Coverage, KINDS};
use super::{ObjectRef, Timestamp, Unseen, evidence::Source};
use crate::text::Clean;
use std::sync::Arc;

/// How bad it is. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will hurt, or hurts a little.
    Warning,
    /// Something does not work.
    Error,
    /// Something is down, or data is at risk.
    Critical,
}

impl std::str::FromStr for Severity {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "info" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "error" => Ok(Self::Error),
            "critical" => Ok(Self::Critical),
            _ => Err(format!("`{s}` is not one of: info, warning, error, critical")),
        }
    }
}

/// Families of rules that speak only when somebody asks: nothing that they say is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Extra {
    /// What an attacker could use.
    Security,
    /// What is paid for and not used.
    Cost,
    /// What will hurt one day.
    Hygiene,
}

impl Extra {
    /// Every one.
    pub const ALL: &[Self] = &[Self::Security, Self::Cost, Self::Hygiene];
    /// Its word, with which the ids of its rules begin.
    pub fn name(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Cost => "cost",
            Self::Hygiene => "hygiene",
        }
    }
    /// The family of a rule, where it speaks only when somebody asks.
    pub fn of(rule: &str) -> Option<Self> {
        let family = rule.split('/').next()?;
        Self::ALL.iter().copied().find(|e| e.name() == family)
    }
}

impl std::str::FromStr for Extra {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|e| e.name() == s).ok_or_else(|| format!("`{s}` is not one of: security, cost, hygiene"))
    }
}

/// How sure a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely.
    Medium,
    /// The API's own words prove it.
    High,
}

/// A fact that a conclusion rests on: where it stands and what it says. Redacted and clean.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Proof {
    /// Where it was read.
    pub source: Source,
    /// The object it is about.
    pub object: ObjectRef,
    /// The words: a log line, an event's message, a field and its value.
    pub text: Clean,
}

/// A conclusion. Roots are reported; symptoms are folded under their root.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The rule's id: `pod/crash-loop`.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it is about, as near to the person's own object as possible (the Deployment, not each pod).
    pub object: ObjectRef,
    /// One sentence with real names and numbers.
    pub title: Clean,
    /// The object at fault, where it is another one.
    pub cause: Option<ObjectRef>,
    /// Symptoms that this explains.
    pub folded: Vec<Folded>,
    /// What proves it.
    pub evidence: Vec<Proof>,
    /// The next read-only steps, in the kubectl grammar.
    pub next: Vec<Clean>,
    /// The fix in the kubectl grammar, where there is one.
    pub fix: Option<Clean>,
    /// The first sign of it that can still be seen; it may be older. Not part of the JSON, whose shape is fixed.
    #[serde(skip)]
    pub began: Option<Timestamp>,
}

/// A symptom under its root.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Folded {
    /// The rule that saw it.
    pub rule: &'static str,
    /// The object that shows it.
    pub object: ObjectRef,
    /// Its sentence.
    pub title: Clean,
}

/// What a look at a scope concluded.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct Report {
    /// The cluster or dump that was looked at.
    pub cluster: Clean,
    /// `namespace shop`, `all namespaces`, `deployment/api in shop`.
    pub scope: Clean,
    /// True only when everything that the rules wanted was read.
    pub complete: bool,
    /// What could not be looked at; in JSON one sentence each.
    pub denied: Vec<Unseen>,
    /// Roots, worst first; one report shares with the next those that did not change.
    pub findings: Vec<Arc<Finding>>,
    /// The families that were asked for beside what is broken.
    #[serde(skip)]
    pub include: Vec<Extra>,
}

impl Report {
    /// Whether every kind was at least asked for: one that was refused counts, one that nobody looked at does not.
    pub fn looked_everywhere(&self) -> bool {
        self.complete || !self.denied.iter().any(Unseen::is_not_looked)
    }

    /// Whether not one kind could be seen, even in part: such a report says nothing of the scope.
    pub fn saw_nothing(&self) -> bool {
        let unseen = |kind: &str| self.denied.iter().any(|d| matches!(d, Unseen::Kind(k, how) if *k == kind && !matches!(how, Coverage::Cut(_))));
        !self.complete && KINDS.iter().filter(|k| !k.is_extra()).all(|k| unseen(k.resource))
    }
}
