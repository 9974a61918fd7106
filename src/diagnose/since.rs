//! Time as rules see it: how long ago something was. Whoever compares an age or puts it into words is noted with the next
//! instant at which the comparison or the words come out differently, so that a conclusion is drawn anew exactly then.
use crate::model::Timestamp;
use std::cell::Cell;
use std::cmp::Ordering;

/// The instant of a look, and the next one at which what was asked of it has another answer.
#[derive(Debug)]
pub struct Clock {
    now: i64,
    due: Cell<i64>,
}

/// No instant: nothing that was asked changes with time.
pub const NEVER: i64 = i64::MAX;

impl Clock {
    /// A clock that stands at an instant.
    pub fn new(now: Timestamp) -> Self {
        Self { now: now.as_second(), due: Cell::new(NEVER) }
    }
    /// How long ago that was.
    pub fn since(&self, then: Timestamp) -> Since<'_> {
        Since { passed: self.now.saturating_sub(then.as_second()), clock: Some(self) }
    }
    /// Something that was asked has the same answer until that second, where it ever has another.
    pub fn until(&self, second: Option<i64>) {
        self.due.set(self.due.get().min(second.unwrap_or(NEVER)));
    }
    /// When what was asked so far has another answer, as a second of the epoch; asking begins anew.
    pub fn due(&self) -> i64 {
        self.due.replace(NEVER)
    }
}

/// Seconds since an instant; none while it lies ahead.
#[derive(Clone, Copy, Debug)]
pub struct Since<'c> {
    passed: i64,
    clock: Option<&'c Clock>,
}

impl Since<'_> {
    /// No time at all, whenever it is asked.
    pub const ZERO: Self = Self { passed: 0, clock: None };

    fn seconds(self) -> i64 {
        self.passed.max(0)
    }
    /// What is said or decided now holds until so many seconds have passed.
    fn until(self, seconds: i64) {
        if let Some(clock) = self.clock {
            clock.due.set(clock.due.get().min(clock.now.saturating_add(seconds.saturating_sub(self.passed))));
        }
    }
    /// `40s`, `3m`, `2h`, `5d`.
    pub fn words(self) -> String {
        let (one, unit) = match self.seconds() {
            s if s < 60 => (1, "s"),
            s if s < 3600 => (60, "m"),
            s if s < 86_400 => (3600, "h"),
            _ => (86_400, "d"),
        };
        let number = self.seconds() / one;
        self.until((number + 1) * one);
        format!("{number}{unit}")
    }
}

impl PartialEq<i64> for Since<'_> {
    fn eq(&self, other: &i64) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd<i64> for Since<'_> {
    fn partial_cmp(&self, other: &i64) -> Option<Ordering> {
        let order = self.seconds().cmp(other);
        match order {
            Ordering::Less => self.until(*other),
            Ordering::Equal => self.until(other.saturating_add(1)),
            Ordering::Greater => {}
        }
        Some(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_answer_is_due_again_exactly_when_it_changes() {
        type Ask = fn(Since<'_>) -> String;
        let asks: &[Ask] = &[
            |s| (s < 30).to_string(),
            |s| (s <= 30).to_string(),
            |s| (s > 60).to_string(),
            |s| (s >= 90).to_string(),
            |s| (s == 7).to_string(),
            |s| s.words(),
            |s| if s > 20 { s.words() } else { String::new() },
        ];
        for ask in asks {
            // an instant may lie ahead: a deletion timestamp does
            for then in [900, 1000, 1040] {
                let answer = |now: i64| {
                    let clock = Clock::new(at(now));
                    (ask(clock.since(at(then))), clock.due())
                };
                let (mut said, mut due) = answer(950);
                for now in 951..9000 {
                    let (says, next) = answer(now);
                    assert!(now >= due || says == said, "at {now} it says {says} and was due at {due}");
                    if now >= due {
                        (said, due) = (says, next);
                    }
                }
            }
        }
    }
}
