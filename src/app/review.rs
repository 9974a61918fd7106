//! The approvals: one queue, first in first out, each answered exactly once.
//!
//! A dialog opens only where it takes no draft from anybody. Keys go to the policy's [`Challenge`], which alone turns
//! them into an approval; pastes never reach it. Ten minutes without an answer, another context or leaving mean no.
use super::event::{Decision, Effect};
use super::line::Line;
use crate::agent::CallId;
use crate::model::{Plan, Timestamp, TurnId};
use crate::policy::Challenge;
use crate::policy::approval::Pressed;
use crate::text::Clean;
use crossterm::event::KeyEvent;
use jiff::SignedDuration;
use std::collections::VecDeque;

/// How long a proposal waits.
const EXPIRY: SignedDuration = SignedDuration::from_mins(10);
/// Keys in the first half second on screen were meant for something else.
const BLIND: SignedDuration = SignedDuration::from_millis(500);

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
    /// Why the last Enter did not approve.
    pub remark: &'static str,
    /// The reason that is typed after Deny.
    pub reason: Option<Line>,
    /// The first row of the dialog's text on screen.
    pub scroll: usize,
}

/// The queue and what is under way.
#[derive(Debug, Default)]
pub struct Review {
    queue: VecDeque<Waiting>,
    /// The dialog is on screen.
    pub open: bool,
    /// Approved ones whose outcome is not known yet.
    pub executing: Vec<(TurnId, CallId, bool, Clean)>,
    resolved: usize,
}

/// What a key in the dialog came to.
#[derive(Debug)]
pub enum Answer {
    /// The dialog looks the same.
    Nothing,
    /// It looks different.
    Changed,
    /// It was answered.
    Decided(Box<Waiting>, Decision),
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
        self.queue.push_back(Waiting { turn, call, plan, by_agent, since: now, opened: None, remark: "", reason: None, scroll: 0 });
    }

    /// Shows the dialog of the first one. What has to be minted for it, once.
    pub fn show(&mut self, now: Timestamp) -> Option<Effect> {
        let front = self.queue.front_mut()?;
        self.open = true;
        let minted = front.opened.is_some();
        front.opened.get_or_insert((now, None));
        (!minted).then(|| Effect::OpenDialog { turn: front.turn, call: front.call.clone(), plan: front.plan.clone() })
    }

    /// The runtime minted the right to answer.
    pub fn minted(&mut self, turn: TurnId, call: &str, challenge: Challenge) {
        if let Some(w) = self.queue.iter_mut().find(|w| w.turn == turn && w.call == call)
            && let Some((_, slot @ None)) = &mut w.opened
        {
            *slot = Some(challenge);
        }
    }

    /// A key in the dialog.
    pub fn press(&mut self, key: &KeyEvent, now: Timestamp) -> Answer {
        let Some(front) = self.queue.front_mut() else { return Answer::Nothing };
        if let Some(reason) = &mut front.reason {
            return match key.code {
                crossterm::event::KeyCode::Enter => {
                    let why = Clean::line(reason.text().trim());
                    self.take(Decision::Denied(why))
                }
                _ if reason.edit(key) => Answer::Changed,
                _ => Answer::Nothing,
            };
        }
        let Some((since, Some(challenge))) = &mut front.opened else { return Answer::Nothing };
        if now.duration_since(*since) < BLIND {
            return Answer::Nothing;
        }
        match challenge.press(key, now) {
            Pressed::Ignored => Answer::Nothing,
            Pressed::Changed => {
                front.remark = "";
                Answer::Changed
            }
            Pressed::NotYet(why) => {
                front.remark = why;
                Answer::Changed
            }
            Pressed::Denied => {
                front.reason = Some(Line::default());
                Answer::Changed
            }
            Pressed::Approved(approval) => self.take(Decision::Approved(approval)),
        }
    }

    fn take(&mut self, decision: Decision) -> Answer {
        match self.queue.pop_front() {
            Some(waiting) => {
                self.open = false;
                self.resolved = if self.queue.is_empty() { 0 } else { self.resolved + 1 };
                Answer::Decided(Box::new(waiting), decision)
            }
            None => Answer::Nothing,
        }
    }

    /// Ends the reason that is typed, as Esc does: denied without one. `None` when none is typed.
    pub fn deny_without_reason(&mut self) -> Option<Answer> {
        self.queue.front()?.reason.as_ref()?;
        Some(self.take(Decision::Denied(Clean::default())))
    }

    /// Those that waited too long.
    pub fn expired(&mut self, now: Timestamp) -> Vec<Waiting> {
        let late = |w: &Waiting| expires(w) <= now;
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
    pub fn executes(&mut self, waiting: &Waiting) {
        self.executing.push((waiting.turn, waiting.call.clone(), waiting.by_agent, waiting.plan.command.clone()));
    }

    /// The outcome is here: whether the agent proposed it, and its command.
    pub fn executed(&mut self, turn: TurnId, call: &str) -> Option<(bool, Clean)> {
        let at = self.executing.iter().position(|(t, c, _, _)| *t == turn && c == call)?;
        let (_, _, by_agent, command) = self.executing.remove(at);
        Some((by_agent, command))
    }

    /// The next instant at which a dialog says something else, or one expires.
    pub fn next_tick(&self, now: Timestamp) -> Option<Timestamp> {
        let expiry = self.queue.iter().map(expires).min();
        let front = self.queue.front().filter(|_| self.open);
        let arms = front.and_then(|w| w.opened.as_ref()?.1.as_ref()).filter(|c| !c.armed(now)).map(Challenge::arms_at).filter(|t| *t > now);
        let counts = front.and_then(|w| super::words::left_turns(now, expires(w)));
        [expiry, arms, counts].into_iter().flatten().min()
    }
}

/// When a proposal lapses.
pub fn expires(waiting: &Waiting) -> Timestamp {
    waiting.since.checked_add(EXPIRY).unwrap_or(Timestamp::MAX)
}
