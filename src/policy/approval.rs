//! Approvals as values. A [`Challenge`] is minted by the runtime for one dialog; keys pressed in that dialog turn it
//! into an [`Approval`], once. A [`Receipt`] says that the decision is on disk. Executing takes both.
//!
//! None of the three can be cloned, serialised or made elsewhere; `tests/architecture.rs` names the only callers of
//! [`Challenge::mint`], [`Challenge::press`] and [`Receipt::issued`].
use crate::model::{Digest, Plan, Risk, Timestamp};
use crossterm::event::KeyEvent;

/// One dialog's right to be answered.
#[derive(Debug)]
pub struct Challenge {
    digest: Digest,
    context: String,
    user: String,
    risk: Risk,
    name: String,
    typed: String,
    on_approve: bool,
    opened: Timestamp,
    last_typed: Timestamp,
}

/// A person's yes: bound to the plan's digest, the cluster, the user and an expiry; consumed by executing.
#[derive(Debug, PartialEq, Eq)]
pub struct Approval {
    digest: Digest,
    context: String,
    user: String,
    given: Timestamp,
    expires: Timestamp,
}

/// Proof that a decision is on disk, chained and synced.
#[derive(Debug, PartialEq, Eq)]
pub struct Receipt {
    digest: Digest,
    line: String,
}

/// What a key did to a dialog.
#[derive(Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Nothing that the dialog knows.
    Ignored,
    /// Focus or typed text changed.
    Changed,
    /// Enter on Approve, but too early or the name is not typed; the sentence says which.
    NotYet(&'static str),
    /// Approved.
    Approved(Approval),
    /// Denied.
    Denied,
}

impl Challenge {
    /// For the runtime alone. `last_typed`: when a key was last pressed anywhere.
    pub fn mint(plan: &Plan, user: &str, opened: Timestamp, last_typed: Timestamp) -> Self {
        Self {
            digest: plan.digest,
            context: plan.context.to_string(),
            user: user.to_owned(),
            risk: plan.risk,
            name: plan.objects.first().map(|o| o.object.name.clone()).unwrap_or_default(),
            typed: String::new(),
            on_approve: false,
            opened,
            last_typed,
        }
    }
    /// A key pressed in the dialog, at an instant.
    pub fn press(&mut self, key: &KeyEvent, at: Timestamp) -> Pressed {
        let _ = (key, at, &self.user, &self.context, self.digest, self.risk, &self.typed, self.opened, self.last_typed, &self.name, self.on_approve);
        Pressed::Ignored
    }
    /// Whether Approve can be chosen at `at`: 500 ms on screen and 1 s without typing.
    pub fn armed(&self, at: Timestamp) -> bool {
        let _ = at;
        false
    }
    /// When it will be armed if nothing is typed.
    pub fn arms_at(&self) -> Timestamp {
        self.opened
    }
    /// The name that must be typed, for critical plans.
    pub fn name_wanted(&self) -> Option<&str> {
        (self.risk == Risk::Critical).then_some(self.name.as_str())
    }
    /// What was typed so far.
    pub fn typed(&self) -> &str {
        &self.typed
    }
    /// Whether the focus is on Approve (it starts on Deny).
    pub fn on_approve(&self) -> bool {
        self.on_approve
    }
}

impl Approval {
    /// What was approved.
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// For which context.
    pub fn context(&self) -> &str {
        &self.context
    }
    /// By whom.
    pub fn user(&self) -> &str {
        &self.user
    }
    /// When.
    pub fn given(&self) -> Timestamp {
        self.given
    }
    /// Until when it may be used.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl Receipt {
    /// For the store alone, after the line is on disk and synced.
    pub fn issued(digest: Digest, line: String) -> Self {
        Self { digest, line }
    }
    /// What the decision was about.
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// The hash of the audit line.
    pub fn line(&self) -> &str {
        &self.line
    }
}
