//! How long each finding has been there, and whether that is news: what came lately, what went, what comes and goes. Pure;
//! the time is told.
//!
//! A finding that comes back soon goes on with the life it had, so it is news once. What was there when the rules had first
//! looked at all of the scope is no news. Where a report saw less than the one before, what is missing from it is `unseen`:
//! nobody knows whether it went.
use crate::model::{Extra, Finding, ObjectRef, Report, Severity, Timestamp};
use jiff::SignedDuration;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// What names a finding from one report to the next: rule, object, and which of several that one rule says of one object.
pub type Key = (&'static str, ObjectRef, usize);

/// How long a finding is `new`.
pub const NEW: SignedDuration = SignedDuration::from_mins(5);
/// How long one that went is still shown.
pub const GONE: SignedDuration = SignedDuration::from_mins(1);
/// In which time comings are counted, and a life goes on though its finding is away.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// So many comings are flapping.
pub const FLAPS: usize = 3;
/// How long one that flaps is shown as if it were there.
pub const HELD: SignedDuration = SignedDuration::from_mins(5);
/// How long what could not be looked at any more is shown.
pub const UNSEEN: SignedDuration = SignedDuration::from_mins(10);
/// When a scope counts as looked at, also where some kind never answers.
const SETTLED: SignedDuration = SignedDuration::from_secs(30);

/// What is said of a finding beside its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It came lately.
    New,
    /// It went.
    Gone,
    /// It came so many times lately.
    Flaps(usize),
    /// It was there, and could not be looked at since.
    Unseen,
}

impl Mark {
    /// Its word.
    pub fn word(self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::Gone => "gone".to_owned(),
            Self::Flaps(times) => format!("flaps ×{times}"),
            Self::Unseen => "unseen".to_owned(),
        }
    }
}

/// A finding that is away.
#[derive(Clone, Debug)]
struct Away {
    at: Timestamp,
    /// As it was last.
    finding: Finding,
    /// Whether anybody could have seen it.
    unseen: bool,
}

/// One finding through all reports.
#[derive(Clone, Debug)]
struct Life {
    since: Timestamp,
    /// The first sign of it that ever was to be seen: events go while it stays.
    began: Option<Timestamp>,
    /// It came after the scope was first looked at.
    news: bool,
    comings: VecDeque<Timestamp>,
    away: Option<Away>,
}

fn after(at: Timestamp, time: SignedDuration) -> Timestamp {
    at.checked_add(time).unwrap_or(Timestamp::MAX)
}

impl Life {
    fn flaps(&self, now: Timestamp) -> Option<usize> {
        let lately = self.comings.iter().filter(|t| after(**t, WINDOW) > now).count();
        (lately >= FLAPS).then_some(lately)
    }

    /// When it is no longer held as if it were there: what flaps is not said to be gone each time.
    fn held(&self, away: &Away) -> Timestamp {
        if self.flaps(away.at).is_some() { after(away.at, HELD) } else { away.at }
    }

    /// When it leaves the screen.
    fn leaves(&self, away: &Away) -> Timestamp {
        if away.unseen { after(away.at, UNSEEN) } else { after(self.held(away), GONE) }
    }

    fn mark(&self, now: Timestamp) -> Option<Mark> {
        let flaps = self.flaps(now).map(Mark::Flaps);
        match &self.away {
            Some(away) if away.unseen => Some(Mark::Unseen),
            Some(away) if now < self.held(away) => flaps.or(Some(Mark::Gone)),
            Some(_) => Some(Mark::Gone),
            None => flaps.or_else(|| (self.news && now < after(self.since, NEW)).then_some(Mark::New)),
        }
    }

    /// The next instant at which its mark, or whether it is shown, is another.
    fn turns(&self, now: Timestamp) -> Option<Timestamp> {
        let fewer = self.flaps(now).and_then(|_| self.comings.iter().map(|t| after(*t, WINDOW)).find(|t| *t > now));
        let old = (self.news && self.away.is_none()).then(|| after(self.since, NEW));
        let leaves = self.away.as_ref().into_iter().flat_map(|a| [self.held(a), self.leaves(a)]);
        leaves.chain(fewer).chain(old).filter(|t| *t > now).min()
    }
}

/// What a report is compared with.
#[derive(Debug, Default)]
pub struct Lives {
    all: HashMap<Key, Life>,
    /// When the first report came.
    begun: Option<Timestamp>,
    /// The scope was looked at, all of it.
    settled: bool,
    /// What could not be seen, by the last report that saw as much as those before.
    denied: Vec<crate::model::Unseen>,
    /// Since when reports see less than that.
    blind: Option<Timestamp>,
    include: Vec<Extra>,
}

/// What names each finding of a report.
pub fn keys(findings: &[Arc<Finding>]) -> Vec<Key> {
    let mut seen: HashMap<(&'static str, &ObjectRef), usize> = HashMap::new();
    findings
        .iter()
        .map(|f| {
            let nth = seen.entry((f.rule, &f.object)).or_default();
            *nth += 1;
            (f.rule, f.object.clone(), *nth)
        })
        .collect()
}

impl Lives {
    /// Takes a report in; the findings that are news by it, by their place.
    pub fn take(&mut self, report: &Report, before: &[Arc<Finding>], now: Timestamp) -> Vec<usize> {
        let began = *self.begun.get_or_insert(now);
        self.forget(now);
        // Families that were switched on or off just now were there before, and still are.
        let switched: Vec<Extra> = Extra::ALL.iter().copied().filter(|e| report.include.contains(e) != self.include.contains(e)).collect();
        let less = self.settled && switched.is_empty() && report.denied.iter().any(|d| !self.denied.contains(d));
        self.blind = less.then(|| self.blind.unwrap_or(now));
        let blind = self.blind.is_some_and(|since| now < after(since, UNSEEN));
        let is_switched = |rule: &str| Extra::of(rule).is_some_and(|e| switched.contains(&e));
        self.all.retain(|(rule, ..), _| !is_switched(rule) || report.include.iter().any(|e| Extra::of(rule) == Some(*e)));
        let (came, were) = (keys(&report.findings), keys(before));
        let here: HashSet<&Key> = came.iter().collect();
        let mut named: HashMap<&ObjectRef, Severity> = HashMap::new();
        for (_, finding) in came.iter().zip(&report.findings).filter(|(k, f)| f.severity > Severity::Info && !self.all.contains_key(*k)) {
            let worst = named.entry(&finding.object).or_insert(finding.severity);
            *worst = finding.severity.max(*worst);
        }
        // The same trouble under a better name, since more is known of it; a remark that became an error is news.
        let is_named = |f: &Finding| named.get(&f.object).is_some_and(|new| f.severity >= Severity::Error || *new < Severity::Error);
        let mut renamed: HashMap<&ObjectRef, Vec<Life>> = HashMap::new();
        for (key, finding) in were.iter().zip(before).filter(|(k, f)| !here.contains(k) && !is_switched(f.rule)) {
            if finding.severity > Severity::Info
                && is_named(finding)
                && let Some(life) = self.all.remove(key)
            {
                renamed.entry(&finding.object).or_default().push(life);
            } else if let Some(life) = self.all.get_mut(key) {
                life.away = Some(Away { at: now, finding: (**finding).clone(), unseen: blind });
            }
        }
        let mut news = Vec::new();
        for (i, (key, finding)) in came.into_iter().zip(&report.findings).enumerate() {
            let named = || renamed.get_mut(&finding.object).filter(|_| finding.severity > Severity::Info).and_then(Vec::pop);
            let life = self.all.remove(&key).or_else(named);
            let fresh = life.is_none();
            let mut life = life.unwrap_or_else(|| Life {
                since: now,
                began: None,
                news: self.settled && !is_switched(finding.rule),
                comings: VecDeque::new(),
                away: None,
            });
            life.began = life.began.into_iter().chain(finding.began).min();
            if life.away.take().map_or(fresh && life.news, |a| !a.unseen) {
                life.comings.push_back(now);
            }
            if fresh && life.news {
                news.push(i);
            }
            self.all.insert(key, life);
        }
        if !blind {
            self.denied.clone_from(&report.denied);
            self.blind = None;
        }
        if !less {
            // What went unseen and is not found by a report that sees again is gone.
            for away in self.all.values_mut().filter_map(|l| l.away.as_mut()).filter(|a| a.unseen) {
                (away.at, away.unseen) = (now, false);
            }
        }
        self.include.clone_from(&report.include);
        self.settled |= report.looked_everywhere() || now >= after(began, SETTLED);
        news
    }

    /// Forgets comings and lives that nothing is said of any more.
    fn forget(&mut self, now: Timestamp) {
        for life in self.all.values_mut() {
            while life.comings.front().is_some_and(|t| after(*t, WINDOW) <= now) {
                life.comings.pop_front();
            }
        }
        self.all.retain(|_, l| l.away.as_ref().is_none_or(|a| after(a.at, WINDOW) > now));
    }

    /// Findings that are not there and are still shown, in the order of reports.
    pub fn away(&self, now: Timestamp) -> Vec<(&Key, &Finding)> {
        let shown = self.all.iter().filter_map(|(k, l)| l.away.as_ref().filter(|a| now < l.leaves(a)).map(|a| (k, &a.finding)));
        let mut out: Vec<(&Key, &Finding)> = shown.collect();
        out.sort_by(|a, b| crate::diagnose::order(a.1, b.1));
        out
    }

    /// Since when a finding is there: since its first sign, else since it was first found.
    pub fn since(&self, key: &Key) -> Option<Timestamp> {
        self.all.get(key).map(|l| l.began.map_or(l.since, |began| began.min(l.since)))
    }

    /// Since when it was found.
    pub fn found(&self, key: &Key) -> Option<Timestamp> {
        self.all.get(key).map(|l| l.since)
    }

    /// When a finding that is away went.
    pub fn went(&self, key: &Key) -> Option<Timestamp> {
        self.all.get(key).and_then(|l| l.away.as_ref()).map(|a| a.at)
    }

    /// What is said of a finding.
    pub fn mark(&self, key: &Key, now: Timestamp) -> Option<Mark> {
        self.all.get(key).and_then(|l| l.mark(now))
    }

    /// The next instant at which a finding's mark is another.
    pub fn turns(&self, key: &Key, now: Timestamp) -> Option<Timestamp> {
        self.all.get(key).and_then(|l| l.turns(now))
    }
}

#[cfg(test)]
pub(crate) mod tests;
