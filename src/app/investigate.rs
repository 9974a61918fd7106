//! The watch that asks by itself (`[watch] auto_investigate`): which new findings wait to be looked into, and which were
//! lately. Pure; the time is told. It only asks: the turn is read-only, and who starts it is `act::watch`.
use crate::model::{Finding, ObjectRef, Severity, Timestamp, TurnId};
use crate::text::Clean;
use jiff::SignedDuration;
use std::collections::{HashMap, VecDeque};

/// So many wait at a time.
pub const QUEUE: usize = 2;
/// How long the same finding is not looked into again.
pub const COOL_DOWN: SignedDuration = SignedDuration::from_mins(30);

/// What became of a finding that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It waits.
    Queued,
    /// Too many wait already.
    Full,
    /// It is not for the watch: switched off, not bad enough, or looked into lately.
    Left,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Investigate {
    /// Whether it is switched on.
    pub enabled: bool,
    queue: VecDeque<Finding>,
    /// Context, rule and object, and when it was queued.
    asked: HashMap<(Clean, &'static str, ObjectRef), Timestamp>,
    turn: Option<TurnId>,
}

impl Investigate {
    /// A finding is news in a context.
    pub fn offer(&mut self, context: &Clean, finding: &Finding, now: Timestamp) -> Offered {
        self.asked.retain(|_, at| now.duration_since(*at) < COOL_DOWN);
        let named = (context.clone(), finding.rule, finding.object.clone());
        if !self.enabled || finding.severity < Severity::Error || self.asked.contains_key(&named) {
            return Offered::Left;
        }
        if self.queue.len() >= QUEUE {
            return Offered::Full;
        }
        self.asked.insert(named, now);
        self.queue.push_back(finding.clone());
        Offered::Queued
    }
    /// The next one that is still there.
    pub fn next(&mut self, holds: impl Fn(&Finding) -> bool) -> Option<Finding> {
        std::iter::from_fn(|| self.queue.pop_front()).find(holds)
    }
    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }
    /// Its turn began.
    pub fn began(&mut self, turn: TurnId) {
        self.turn = Some(turn);
    }
    /// Whether a turn was started by it.
    pub fn started(&self, turn: TurnId) -> bool {
        self.turn == Some(turn)
    }
    /// Another scope or cluster: what waits is not of it.
    pub fn clear(&mut self) {
        self.queue.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::problems::lives;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn finding(name: &str, severity: Severity) -> Finding {
        Finding { severity, ..lives::tests::finding("pod/crash-loop", name) }
    }

    #[test]
    fn two_wait_at_most_and_the_same_finding_rests_for_half_an_hour() {
        use Offered::{Full, Left, Queued};
        let (here, other) = (Clean::line("a"), Clean::line("b"));
        let mut watch = Investigate { enabled: true, ..Investigate::default() };
        for (minute, context, name, severity, want) in [
            (0, &here, "api", Severity::Warning, Left),
            (0, &here, "api", Severity::Error, Queued),
            (1, &here, "api", Severity::Critical, Left),
            (1, &here, "web", Severity::Error, Queued),
            (1, &here, "db", Severity::Error, Full),
        ] {
            assert_eq!(watch.offer(context, &finding(name, severity), at(minute)), want, "{minute} {name} {severity:?}");
        }
        assert_eq!(watch.next(|f| f.object.name == "web").map(|f| f.object.name), Some("web".into()), "what is gone is not asked about");
        assert_eq!(watch.waiting(), 0);
        for (minute, context, want) in [(29, &here, Left), (29, &other, Queued), (30, &here, Queued)] {
            assert_eq!(watch.offer(context, &finding("api", Severity::Error), at(minute)), want, "{minute}");
        }
        watch.clear();
        assert!(watch.next(|_| true).is_none());
    }

    #[test]
    fn it_is_off_until_somebody_switches_it_on() {
        let mut watch = Investigate::default();
        assert_eq!(watch.offer(&Clean::line("a"), &finding("api", Severity::Critical), at(0)), Offered::Left);
    }
}
