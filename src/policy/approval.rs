//! Approvals as values. A [`Challenge`] is minted by the runtime for one dialog; keys pressed in that dialog turn it
//! into an [`Approval`], once. A [`Receipt`] says that the decision is on disk. Executing takes both.
//!
//! None of them can be cloned, serialised or made elsewhere; `tests/architecture.rs` names the only callers of
//! [`Challenge::mint`], [`Challenge::press`], [`Grant::approve`] and [`Receipt::issued`]. Times are given by the caller; a
//! clock that runs backwards arms nothing.
//!
//! ```compile_fail
//! use kopilot_tui::policy::Approval; // its fields are private: nobody writes one down
//! fn made(digest: kopilot_tui::model::Digest) -> Approval {
//!     Approval { digest, ..panic!() }
//! }
//! ```
//! ```compile_fail
//! fn twice(approval: &kopilot_tui::policy::Approval) -> kopilot_tui::policy::Approval {
//!     approval.clone() // it is used once
//! }
//! ```
//! ```compile_fail
//! fn replayed(recorded: &str) -> kopilot_tui::policy::Approval {
//!     serde_json::from_str(recorded).unwrap() // no recording and no wire holds one
//! }
//! ```
//! ```compile_fail
//! fn restored(recorded: &str) -> kopilot_tui::policy::Challenge {
//!     serde_json::from_str(recorded).unwrap() // nor the right to answer
//! }
//! ```
pub mod grant;

use crate::model::{Digest, Plan, Risk, Timestamp};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
pub use grant::{Grant, Reach};
use std::time::Duration;

/// How long a dialog has to be on screen before Approve can be chosen.
const SEEN: Duration = Duration::from_millis(500);
/// How long nothing may have been typed before Approve can be chosen.
const STILL: Duration = Duration::from_secs(1);
/// How long a dialog waits for an answer; then it means deny.
const ANSWERABLE: Duration = Duration::from_mins(10);
/// How long an approval may be used after it was given: executing follows at once, and needs no more than a slow disk.
const USABLE: Duration = Duration::from_mins(2);
/// No object's name is longer.
const LONGEST_NAME: usize = 253;

/// One dialog's right to be answered, once.
#[derive(Debug)]
pub struct Challenge {
    digest: Digest,
    context: String,
    user: String,
    risk: Risk,
    name: String,
    /// What an allowance for a time would cover; `None` where none can be given.
    reach: Option<Box<Reach>>,
    /// For how many minutes the same may be done again without asking; 0: not at all.
    allows: u16,
    /// What was allowed with the approval.
    grant: Option<Box<Grant>>,
    typed: String,
    on_approve: bool,
    answered: bool,
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
    granted: Option<String>,
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
    /// Denied, or answered after its time, which means the same.
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
            name: name_of(plan),
            reach: Reach::of(plan).map(Box::new),
            allows: 0,
            grant: None,
            typed: String::new(),
            on_approve: false,
            answered: false,
            opened,
            last_typed,
        }
    }

    /// A key pressed in the dialog, at an instant. Repeats, releases and chords do nothing; no letter approves.
    pub fn press(&mut self, key: &KeyEvent, at: Timestamp) -> Pressed {
        let lone_control = key.modifiers == KeyModifiers::CONTROL;
        if !self.answered && key.kind == KeyEventKind::Press && lone_control && key.code == KeyCode::Char('g') {
            return self.allow(at);
        }
        let chord = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META | KeyModifiers::HYPER);
        if self.answered || key.kind != KeyEventKind::Press || chord {
            return Pressed::Ignored;
        }
        match key.code {
            KeyCode::Esc => self.deny(),
            KeyCode::Enter if self.lapsed(at) || !self.on_approve => self.deny(),
            KeyCode::Enter => self.approve(at),
            KeyCode::Tab | KeyCode::BackTab => self.focus(!self.on_approve),
            KeyCode::Right => self.focus(true),
            KeyCode::Left => self.focus(false),
            KeyCode::Backspace => self.erase(at),
            KeyCode::Char(c) => self.write(c, at),
            _ => Pressed::Ignored,
        }
    }

    fn deny(&mut self) -> Pressed {
        self.answered = true;
        Pressed::Denied
    }

    fn focus(&mut self, on_approve: bool) -> Pressed {
        let changed = self.on_approve != on_approve;
        self.on_approve = on_approve;
        if changed { Pressed::Changed } else { Pressed::Ignored }
    }

    /// `ctrl-g`: the next of the times for which the same may be done again, or not at all. Choosing is typing.
    fn allow(&mut self, at: Timestamp) -> Pressed {
        if self.reach.is_none() {
            return Pressed::NotYet("Only a change of medium risk to one kind in one namespace can be allowed for a time.");
        }
        self.last_typed = at.max(self.last_typed);
        let next = grant::MINUTES.iter().position(|m| *m == self.allows).map_or(0, |i| i + 1);
        self.allows = grant::MINUTES.get(next).copied().unwrap_or(0);
        Pressed::Changed
    }

    /// Typing that is meant for elsewhere must not arrive on Approve: every letter starts the wait anew.
    fn write(&mut self, c: char, at: Timestamp) -> Pressed {
        self.last_typed = at.max(self.last_typed);
        if self.name_wanted().is_none() || self.typed.len() >= LONGEST_NAME || !crate::text::clean::is_plain(c) {
            return Pressed::Ignored;
        }
        self.typed.push(c);
        Pressed::Changed
    }

    fn erase(&mut self, at: Timestamp) -> Pressed {
        self.last_typed = at.max(self.last_typed);
        if self.typed.pop().is_some() { Pressed::Changed } else { Pressed::Ignored }
    }

    fn approve(&mut self, at: Timestamp) -> Pressed {
        if let Some(name) = self.name_wanted() {
            if name.is_empty() {
                return Pressed::NotYet("The plan names no object that could be typed: it can only be denied.");
            }
            if name != self.typed {
                return Pressed::NotYet("Type the object's exact name first.");
            }
        }
        if !self.armed(at) {
            return Pressed::NotYet("Too soon after the dialog opened or a key was typed: read it, then press Enter again.");
        }
        self.answered = true;
        self.grant = match (self.reach.take(), self.allows) {
            (Some(reach), minutes @ 1..) => Some(Box::new(Grant::given(*reach, &self.context, &self.user, at, minutes))),
            _ => None,
        };
        Pressed::Approved(Approval::made(self.digest, &self.context, &self.user, at, None))
    }

    /// The allowance that was given with the approval, once.
    pub fn take_grant(&mut self) -> Option<Grant> {
        self.grant.take().map(|g| *g)
    }

    /// Whether Approve can be chosen at `at`: 500 ms on screen and 1 s without typing.
    pub fn armed(&self, at: Timestamp) -> bool {
        !self.answered && !self.lapsed(at) && at >= self.arms_at()
    }
    /// When it will be armed if nothing is typed.
    pub fn arms_at(&self) -> Timestamp {
        after(self.opened, SEEN).max(after(self.last_typed, STILL))
    }
    /// When it can no longer be answered: ten minutes after it opened.
    pub fn expires_at(&self) -> Timestamp {
        after(self.opened, ANSWERABLE)
    }
    /// Whether nobody answered in time. That means deny, and the dialog closes.
    pub fn lapsed(&self, at: Timestamp) -> bool {
        at >= self.expires_at()
    }
    /// The digest of the plan that it is about.
    pub fn digest(&self) -> Digest {
        self.digest
    }
    /// The name that must be typed, for critical plans.
    pub fn name_wanted(&self) -> Option<&str> {
        (self.risk == Risk::Critical).then_some(self.name.as_str())
    }
    /// What could be allowed for a time here; `None`: nothing.
    pub fn reach(&self) -> Option<&Reach> {
        self.reach.as_deref()
    }
    /// For how many minutes the person chose to allow it; 0: not at all.
    pub fn allows(&self) -> u16 {
        self.allows
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

/// The name that a critical plan is confirmed by: its first object's, as reviewed or as the operation names it.
fn name_of(plan: &Plan) -> String {
    let reviewed = plan.objects.first().map(|o| o.object.name.clone());
    reviewed.or_else(|| plan.operation.targets().into_iter().find_map(|t| t.name.clone())).unwrap_or_default()
}

fn after(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

impl Approval {
    fn made(digest: Digest, context: &str, user: &str, at: Timestamp, granted: Option<String>) -> Self {
        Self { digest, context: context.to_owned(), user: user.to_owned(), given: at, expires: after(at, USABLE), granted }
    }
    /// The allowance that it was given by, in words; `None`: by keys in its own dialog.
    pub fn granted(&self) -> Option<&str> {
        self.granted.as_deref()
    }
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
    /// Until when it may be used: two minutes after it was given.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }
    /// Whether it may be used at `at`.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.given <= at && at < self.expires
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kubectl::{kinds::Kinds, parse};
    use crate::model::{DryRun, ObjectRef, Reviewed, TurnId};
    use crate::text::Clean;

    pub fn plan(line: &str, risk: Risk) -> Plan {
        let operation = parse(line, &Kinds::builtin()).unwrap();
        let namespace = line.split_once("-n ").map_or("shop", |(_, ns)| ns);
        let objects = operation.targets().iter().map(|t| ObjectRef::new(&t.kind.kind, namespace, t.name.clone().unwrap_or_default())).collect::<Vec<_>>();
        let digest = Digest::of(line.as_bytes());
        Plan {
            turn: TurnId(1),
            command: Clean::line(line),
            context: Clean::line("prod"),
            namespace: Clean::line("shop"),
            risk,
            rule: "x",
            requests: vec![],
            objects: objects
                .into_iter()
                .map(|object| Reviewed {
                    kind: crate::model::KindRef::new("", "v1", "things", &object.kind, true),
                    object,
                    uid: "u".into(),
                    resource_version: "1".into(),
                    before: Clean::default(),
                    fingerprint: digest,
                    diff: vec![],
                })
                .collect(),
            dry_run: DryRun::Accepted,
            access: Vec::new(),
            notes: Vec::new(),
            undo: None,
            evidence: vec![],
            digest,
            made_at: at(0),
            operation,
        }
    }

    pub fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
    }

    /// Opened at 0, a key last typed at `typed`.
    fn dialog(line: &str, risk: Risk, typed: i64) -> Challenge {
        dialog_of(&plan(line, risk), typed)
    }

    pub fn dialog_of(plan: &Plan, typed: i64) -> Challenge {
        Challenge::mint(plan, "ada", at(0), at(typed))
    }

    /// Keys by a letter each: `t` Tab, `b` BackTab, `r` Right, `l` Left, `e` Enter, `x` Esc, `<` Backspace, `g` ctrl-g, `'c` the letter c.
    pub fn walk(challenge: &mut Challenge, keys: &[(i64, &str)]) -> Pressed {
        let mut last = Pressed::Ignored;
        for (millis, keys) in keys {
            let mut chars = keys.chars();
            while let Some(c) = chars.next() {
                let code = match c {
                    't' => KeyCode::Tab,
                    'b' => KeyCode::BackTab,
                    'r' => KeyCode::Right,
                    'l' => KeyCode::Left,
                    'e' => KeyCode::Enter,
                    'x' => KeyCode::Esc,
                    '<' => KeyCode::Backspace,
                    'g' => KeyCode::Char('g'),
                    _ => KeyCode::Char(chars.next().unwrap()),
                };
                last = challenge.press(&KeyEvent::new(code, if c == 'g' { KeyModifiers::CONTROL } else { KeyModifiers::NONE }), at(*millis));
            }
        }
        last
    }

    fn word(pressed: &Pressed) -> &'static str {
        match pressed {
            Pressed::Ignored => "ignored",
            Pressed::Changed => "changed",
            Pressed::NotYet(s) if s.starts_with("Type") => "name",
            Pressed::NotYet(_) => "early",
            Pressed::Approved(_) => "approved",
            Pressed::Denied => "denied",
        }
    }

    #[test]
    fn only_tab_to_approve_and_enter_after_the_wait_approves() {
        for (typed, keys, want) in [
            (-5000, vec![(600, "e")], "denied"),
            (-5000, vec![(600, "te")], "approved"),
            (-5000, vec![(600, "re")], "approved"),
            (-5000, vec![(600, "be")], "approved"),
            (-5000, vec![(600, "tte")], "denied"),
            (-5000, vec![(600, "rle")], "denied"),
            (-5000, vec![(600, "rre")], "approved"),
            (-5000, vec![(600, "x")], "denied"),
            (-5000, vec![(600, "tx")], "denied"),
            (-5000, vec![(499, "te")], "early"),
            (-5000, vec![(500, "te")], "approved"),
            (-200, vec![(600, "te")], "early"),
            (-200, vec![(800, "te")], "approved"),
            (-5000, vec![(600, "'y'Y' t"), (1500, "e")], "early"),
            (-5000, vec![(600, "'yt"), (1600, "e")], "approved"),
            (-5000, vec![(600, "<t"), (700, "e")], "early"),
            (-5000, vec![(600, "'y")], "ignored"),
            (-5000, vec![(599_999, "te")], "approved"),
            (-5000, vec![(600_000, "te")], "denied"),
            (-5000, vec![(-10, "te")], "early"),
            (-5000, vec![(600, "xte")], "ignored"),
            (-5000, vec![(600, "gte")], "early"),
            (-5000, vec![(600, "gt"), (1600, "e")], "approved"),
            (-5000, vec![(600, "'gte")], "early"),
            (-5000, vec![(600, "tee")], "ignored"),
        ] {
            let mut challenge = dialog("rollout undo deploy/api -n shop", Risk::Medium, typed);
            assert_eq!(word(&walk(&mut challenge, &keys)), want, "{typed} {keys:?}");
        }
    }

    #[test]
    fn a_critical_plan_wants_the_exact_name() {
        for (keys, want) in [
            (vec![(2000, "te")], "name"),
            (vec![(2000, "'s'h'o'pte")], "early"),
            (vec![(2000, "'s'h'o'pt"), (3000, "e")], "approved"),
            (vec![(2000, "t's'h'o'p"), (3000, "e")], "approved"),
            (vec![(2000, "'s'h'o'p"), (3000, "e")], "denied"),
            (vec![(2000, "'S'h'o'pt"), (4000, "e")], "name"),
            (vec![(2000, "'s'h'o'p'2t"), (4000, "e")], "name"),
            (vec![(2000, "'s'h'o'p'2t"), (4000, "<"), (5000, "e")], "approved"),
            (vec![(2000, "'s'h't<'o'pt"), (9000, "e")], "approved"),
            (vec![(2000, "<<'s"), (2100, "'h"), (2200, "'o"), (2300, "'p"), (3300, "te")], "approved"),
        ] {
            let mut challenge = dialog("delete ns shop", Risk::Critical, -5000);
            assert_eq!(challenge.name_wanted(), Some("shop"));
            assert_eq!(word(&walk(&mut challenge, &keys)), want, "{keys:?}");
        }
    }

    #[test]
    fn a_critical_plan_without_a_name_can_only_be_denied() {
        let mut challenge = dialog("delete ns shop", Risk::Critical, -5000);
        challenge.name.clear();
        assert!(matches!(walk(&mut challenge, &[(2000, "te")]), Pressed::NotYet(_)));
        assert_eq!(walk(&mut challenge, &[(2000, "x")]), Pressed::Denied);
    }

    #[test]
    fn repeats_releases_and_chords_do_nothing() {
        let mut challenge = dialog("rollout undo deploy/api -n shop", Risk::Medium, -5000);
        let enter = |kind, modifiers| KeyEvent::new_with_kind(KeyCode::Enter, modifiers, kind);
        walk(&mut challenge, &[(600, "t")]);
        for key in [
            enter(KeyEventKind::Repeat, KeyModifiers::NONE),
            enter(KeyEventKind::Release, KeyModifiers::NONE),
            enter(KeyEventKind::Press, KeyModifiers::CONTROL),
            enter(KeyEventKind::Press, KeyModifiers::ALT),
        ] {
            assert_eq!(challenge.press(&key, at(5000)), Pressed::Ignored, "{key:?}");
        }
        assert!(matches!(challenge.press(&enter(KeyEventKind::Press, KeyModifiers::NONE), at(5000)), Pressed::Approved(_)));
    }

    #[test]
    fn an_approval_is_bound_and_expires() {
        let mut challenge = dialog("rollout undo deploy/api -n shop", Risk::Medium, -5000);
        let digest = challenge.digest();
        let Pressed::Approved(approval) = walk(&mut challenge, &[(1000, "te")]) else { panic!("not approved") };
        assert_eq!((approval.digest(), approval.context(), approval.user()), (digest, "prod", "ada"));
        assert!(approval.holds_at(at(1000)) && approval.holds_at(at(120_999)));
        assert!(!approval.holds_at(at(121_000)) && !approval.holds_at(at(999)));
        assert!(!challenge.armed(at(5000)), "an answered dialog is over");
    }
}
