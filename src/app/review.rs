//! The approvals: one queue, first in first out, each answered exactly once.
//!
//! A dialog opens only where it takes no draft from anybody. Keys go to the policy's [`Challenge`], which alone turns
//! them into an approval; pastes never reach it. Time without an answer, another context or leaving mean no. A plan that
//! changes (edited, or asked again for a changed object) loses the challenge it had and gets another.
use super::event::Effect;
use super::line::Line;
use crate::agent::CallId;
use crate::model::{Plan, Timestamp, TurnId};
use crate::policy::approval::{Grant, Pressed};
use crate::policy::{Approval, Challenge};
use crate::text::Clean;
use crossterm::event::{KeyCode, KeyEvent};
use jiff::SignedDuration;
use std::collections::VecDeque;

/// How long a proposal waits unless less is configured.
pub const EXPIRY: SignedDuration = SignedDuration::from_mins(10);
/// Keys in the first half second on screen were meant for something else.
const BLIND: SignedDuration = SignedDuration::from_millis(500);

/// A line that is typed in the dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The reason after Deny.
    Reason {
        /// So far.
        line: Line,
        /// It denies everything that waits.
        all: bool,
    },
    /// The command, before approving another one than was proposed.
    Command {
        /// So far.
        line: Line,
        /// The server is asked what it would do.
        planning: bool,
    },
}

/// One proposal that waits.
#[derive(Debug)]
pub struct Waiting {
    /// Its turn.
    pub turn: TurnId,
    /// Its call.
    pub call: CallId,
    /// The plan.
    pub plan: Box<Plan>,
    /// Whether the agent proposed it (else a person asked for it by keys).
    pub by_agent: bool,
    /// When it came.
    pub since: Timestamp,
    /// When its dialog came on screen, and its right to be answered once the runtime minted it.
    pub opened: Option<(Timestamp, Option<Challenge>)>,
    /// Why the last Enter did nothing.
    pub remark: Clean,
    /// What is typed, if anything.
    pub typed: Option<Typed>,
    /// The first row of the dialog's text on screen.
    pub scroll: usize,
    /// The command as it was proposed, where the person changed it.
    pub edited_from: Option<Clean>,
    /// Why it is asked again: what voided the approval before.
    pub again: Option<Clean>,
    /// Its context was left while it was being done.
    pub left: bool,
}

impl Waiting {
    /// The right to answer, once it was minted.
    pub fn challenge(&self) -> Option<&Challenge> {
        self.opened.as_ref()?.1.as_ref()
    }
}

/// The queue and what is under way.
#[derive(Debug)]
pub struct Review {
    queue: VecDeque<Waiting>,
    /// The dialog is on screen.
    pub open: bool,
    /// Approved ones whose outcome is not known yet.
    executing: Vec<Waiting>,
    /// Those whose object changed: they are planned anew.
    parked: Vec<Waiting>,
    /// What a person allowed for a time.
    grants: Vec<Grant>,
    /// Why decisions can not be written down, if so: then nothing is changed.
    pub unwritten: Option<Clean>,
    /// How long a proposal waits.
    pub patience: SignedDuration,
    resolved: usize,
}

impl Default for Review {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            open: false,
            executing: Vec::new(),
            parked: Vec::new(),
            grants: Vec::new(),
            unwritten: None,
            patience: EXPIRY,
            resolved: 0,
        }
    }
}

/// What a key in the dialog came to.
#[derive(Debug)]
pub enum Answer {
    /// The dialog looks the same.
    Nothing,
    /// It looks different.
    Changed,
    /// Yes, and the same again for a time where the person chose so.
    Approved(Box<Waiting>, Box<(Approval, Option<Grant>)>),
    /// No to these, for this reason.
    Denied(Vec<Waiting>, Clean),
    /// Another command in place of the one proposed.
    Edited(String),
}

impl Review {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }
    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
    /// The one whose turn it is.
    pub fn front(&self) -> Option<&Waiting> {
        self.queue.front()
    }
    /// `1 of 2`: which of the run of proposals that are answered one after another.
    pub fn place(&self) -> (usize, usize) {
        (self.resolved + 1, self.resolved + self.queue.len())
    }
    /// The one whose turn it is, to scroll it.
    pub fn front_mut(&mut self) -> Option<&mut Waiting> {
        self.queue.front_mut()
    }

    /// Adds a proposal at the end.
    pub fn add(&mut self, turn: TurnId, call: CallId, plan: Box<Plan>, by_agent: bool, now: Timestamp) {
        if self.queue.iter().any(|w| w.turn == turn && w.call == call) {
            return;
        }
        self.queue.push_back(Waiting {
            turn,
            call,
            plan,
            by_agent,
            since: now,
            opened: None,
            remark: Clean::default(),
            typed: None,
            scroll: 0,
            edited_from: None,
            again: None,
            left: false,
        });
    }

    /// Shows the dialog of the first one. What has to be minted for it, once.
    pub fn show(&mut self, now: Timestamp) -> Option<Effect> {
        let front = self.queue.front_mut()?;
        self.open = true;
        let minted = front.opened.is_some();
        front.opened.get_or_insert((now, None));
        (!minted).then(|| Effect::OpenDialog { turn: front.turn, call: front.call.clone(), plan: front.plan.clone() })
    }

    /// The runtime minted the right to answer; one for another plan than waits now is dropped.
    pub fn minted(&mut self, turn: TurnId, call: &str, challenge: Challenge) {
        if let Some(w) = self.queue.iter_mut().find(|w| w.turn == turn && w.call == call && w.plan.digest == challenge.digest())
            && let Some((_, slot @ None)) = &mut w.opened
        {
            *slot = Some(challenge);
        }
    }

    /// A key in the dialog.
    pub fn press(&mut self, key: &KeyEvent, now: Timestamp) -> Answer {
        let Some(front) = self.queue.front_mut() else { return Answer::Nothing };
        match &mut front.typed {
            Some(Typed::Command { planning: true, .. }) => return Answer::Nothing,
            Some(Typed::Command { line, .. }) if key.code == KeyCode::Enter => return Answer::Edited(line.text().trim().to_owned()),
            Some(Typed::Reason { line, all }) if key.code == KeyCode::Enter => {
                let (why, all) = (Clean::line(line.text().trim()), *all);
                return self.deny(why, all);
            }
            Some(Typed::Command { line, .. } | Typed::Reason { line, .. }) => {
                return if line.edit(key) { Answer::Changed } else { Answer::Nothing };
            }
            None => {}
        }
        let Some((since, Some(challenge))) = &mut front.opened else { return Answer::Nothing };
        if now.duration_since(*since) < BLIND {
            return Answer::Nothing;
        }
        match challenge.press(key, now) {
            Pressed::Ignored => Answer::Nothing,
            Pressed::Changed => {
                front.remark = Clean::default();
                Answer::Changed
            }
            Pressed::NotYet(why) => {
                front.remark = Clean::line(why);
                Answer::Changed
            }
            Pressed::Denied => {
                front.typed = Some(Typed::Reason { line: Line::default(), all: false });
                Answer::Changed
            }
            Pressed::Approved(approval) => {
                let grant = challenge.take_grant();
                match self.take() {
                    Some(waiting) => Answer::Approved(Box::new(waiting), Box::new((approval, grant))),
                    None => Answer::Nothing,
                }
            }
        }
    }

    /// Asks for the reason of a no to everything that waits.
    pub fn deny_all(&mut self) {
        let all = self.queue.len() > 1;
        if let Some(front) = self.queue.front_mut().filter(|w| w.typed.is_none()) {
            front.typed = Some(Typed::Reason { line: Line::default(), all });
        }
    }

    /// Lets the command be typed anew.
    pub fn edit(&mut self) {
        if let Some(front) = self.queue.front_mut().filter(|w| w.typed.is_none()) {
            front.remark = Clean::default();
            front.typed = Some(Typed::Command { line: Line::new(&front.plan.command), planning: false });
        }
    }

    /// The server is asked about the typed command, or was and it came to nothing for this reason.
    pub fn planning(&mut self, refused: Option<Clean>) {
        if let Some(front) = self.queue.front_mut()
            && let Some(Typed::Command { planning, .. }) = &mut front.typed
        {
            *planning = refused.is_none();
            front.remark = refused.unwrap_or_default();
        }
    }

    /// Leaves the typed command: the plan stays what it was, and has to be read anew. False when none is typed.
    pub fn leave_edit(&mut self) -> bool {
        let Some(front) = self.queue.front_mut().filter(|w| matches!(w.typed, Some(Typed::Command { .. }))) else { return false };
        (front.typed, front.opened, front.remark) = (None, None, Clean::default());
        true
    }

    /// The plan of the edited command takes the place of the one before, which is given back.
    pub fn edited(&mut self, turn: TurnId, call: &str, plan: Box<Plan>) -> Option<Box<Plan>> {
        let edits = |w: &&mut Waiting| w.turn == turn && w.call == call && matches!(w.typed, Some(Typed::Command { planning: true, .. }));
        let waiting = self.queue.iter_mut().find(edits)?;
        let before = std::mem::replace(&mut waiting.plan, plan);
        waiting.edited_from.get_or_insert_with(|| before.command.clone());
        (waiting.typed, waiting.opened, waiting.remark, waiting.scroll) = (None, None, Clean::default(), 0);
        Some(before)
    }

    /// Whether this one's command is being edited and planned.
    pub fn is_edited(&self, turn: TurnId, call: &str) -> bool {
        self.queue.iter().any(|w| w.turn == turn && w.call == call && matches!(w.typed, Some(Typed::Command { planning: true, .. })))
    }

    /// Pastes into what is typed; a paste is never a key. False when nothing is typed.
    pub fn paste(&mut self, text: &str) -> bool {
        match self.queue.front_mut().and_then(|w| w.typed.as_mut()) {
            Some(Typed::Reason { line, .. } | Typed::Command { line, planning: false }) => {
                line.insert(text);
                true
            }
            _ => false,
        }
    }

    fn take(&mut self) -> Option<Waiting> {
        let waiting = self.queue.pop_front()?;
        self.open = false;
        self.resolved = if self.queue.is_empty() { 0 } else { self.resolved + 1 };
        Some(waiting)
    }

    fn deny(&mut self, why: Clean, all: bool) -> Answer {
        let denied = if all { self.drain(|_| true) } else { self.take().into_iter().collect() };
        Answer::Denied(denied, why)
    }

    /// Ends the reason that is typed, as Esc does: denied without one. `None` when none is typed.
    pub fn deny_without_reason(&mut self) -> Option<Answer> {
        let Some(Typed::Reason { all, .. }) = self.queue.front()?.typed else { return None };
        Some(self.deny(Clean::default(), all))
    }

    /// Those that waited too long.
    pub fn expired(&mut self, now: Timestamp) -> Vec<Waiting> {
        let patience = self.patience;
        let late = |w: &Waiting| expires(w, patience) <= now;
        if self.queue.front().is_some_and(late) {
            self.open = false;
        }
        self.drain(late)
    }

    /// Those that a condition names, taken out of the queue.
    pub fn drain(&mut self, which: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
        let (out, kept): (Vec<_>, VecDeque<_>) = {
            let (out, kept): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.queue).into_iter().partition(|w| which(w));
            (out.into(), kept)
        };
        self.queue = kept;
        if self.queue.is_empty() {
            (self.open, self.resolved) = (false, 0);
        }
        out
    }

    /// Notes that an approved plan is under way.
    pub fn executes(&mut self, waiting: Waiting) {
        self.executing.push(waiting);
    }

    /// The outcome of one that was under way is here.
    pub fn executed(&mut self, turn: TurnId, call: &str) -> Option<Waiting> {
        let at = self.executing.iter().position(|w| w.turn == turn && w.call == call)?;
        Some(self.executing.remove(at))
    }

    /// The context is left: what is under way goes on, but nothing of it is asked again here.
    pub fn leave_context(&mut self) {
        self.executing.iter_mut().for_each(|w| w.left = true);
    }

    /// Sets one aside while it is planned anew.
    pub fn park(&mut self, waiting: Waiting) {
        self.parked.push(waiting);
    }

    /// Those set aside that a condition names.
    pub fn unpark(&mut self, which: impl Fn(&Waiting) -> bool) -> Vec<Waiting> {
        let (out, kept) = std::mem::take(&mut self.parked).into_iter().partition(|w| which(w));
        self.parked = kept;
        out
    }

    /// One that is asked again: as new, at the end.
    pub fn ask_again(&mut self, waiting: Waiting, plan: Box<Plan>, now: Timestamp) {
        let Waiting { turn, call, by_agent, edited_from, again, .. } = waiting;
        self.add(turn, call, plan, by_agent, now);
        if let Some(last) = self.queue.back_mut() {
            (last.edited_from, last.again) = (edited_from, again);
        }
    }

    /// What is allowed for a time.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Keeps an allowance, in place of an older one for the same.
    pub fn allow(&mut self, grant: Grant) {
        self.grants.retain(|g| g.reach() != grant.reach());
        self.grants.push(grant);
    }

    /// The approval of a plan by an allowance that covers it.
    pub fn granted(&self, plan: &Plan, now: Timestamp) -> Option<Approval> {
        self.grants.iter().find_map(|g| g.approve(plan, now))
    }

    /// Takes every allowance back; in words what they were.
    pub fn revoke(&mut self) -> Vec<Clean> {
        std::mem::take(&mut self.grants).iter().map(|g| Clean::line(&g.to_string())).collect()
    }

    /// Drops the allowances whose time is over. True when there were some.
    pub fn forget_grants(&mut self, now: Timestamp) -> bool {
        let before = self.grants.len();
        self.grants.retain(|g| g.holds_at(now));
        self.grants.len() != before
    }

    /// The next instant at which a dialog or the header says something else, or a proposal expires.
    pub fn next_tick(&self, now: Timestamp) -> Option<Timestamp> {
        let expiry = self.queue.iter().map(|w| expires(w, self.patience)).min();
        let front = self.queue.front().filter(|_| self.open);
        let arms = front.and_then(Waiting::challenge).filter(|c| !c.armed(now)).map(Challenge::arms_at).filter(|t| *t > now);
        let counts = front.and_then(|w| super::words::left_turns(now, expires(w, self.patience)));
        let grants = self.grants.iter().filter_map(|g| super::words::left_turns(now, g.ends())).min();
        [expiry, arms, counts, grants].into_iter().flatten().min()
    }
}

/// When a proposal lapses.
pub fn expires(waiting: &Waiting, patience: SignedDuration) -> Timestamp {
    waiting.since.checked_add(patience).unwrap_or(Timestamp::MAX)
}
