//! The rules over the scope on screen, live: the watches fill a cache, a change that a rule could see makes them look
//! again, and so does time, less and less often while nothing changes. A run that takes long makes the next wait longer,
//! so that looking never becomes the machine's load.
mod metrics;

use crate::app::Event;
use crate::cluster::Cluster;
use crate::diagnose::playbook::Playbook;
use crate::diagnose::{self, Diagnosis, Question};
use crate::model::snapshot::pod::ContainerState;
use crate::model::snapshot::{Cache, LogKey, Usages};
use crate::model::{Epoch, Extra, Report, Seen, Timestamp, Update};
use crate::text::Prepared;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

/// The shortest time after which the rules look again though nothing changed.
const SOONEST: Duration = Duration::from_secs(2);
/// How long changes gather.
const GATHER: Duration = Duration::from_millis(250);
/// The shortest pause between two runs.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest, however long a run took: the next one looks only at what changed, and a busy machine is no reason to be late.
const PAUSE_MOST: Duration = Duration::from_millis(1500);
/// A run's share of the time, as a divisor.
const SHARE: u32 = 30;
/// How long a first look waits for kinds that do not answer.
const SLOW: Duration = Duration::from_secs(3);
/// How long a run waits for logs.
const LOGS_WAIT: Duration = Duration::from_secs(2);
/// How long the log of a container that goes on running is not read again.
const LOGS_KEPT: Duration = Duration::from_mins(1);
/// When the rules look again though nothing changed: grace periods end. Doubled each time, up to `AGAIN_MOST`.
const AGAIN: Duration = Duration::from_secs(5);
const AGAIN_MOST: Duration = Duration::from_mins(10);

/// What the rules are told, and asked.
pub enum Heard {
    /// By the panel's watches.
    Panel(Update),
    /// By the others.
    Rules(Seen),
    /// A report is wanted, of what is in the cache now.
    Asked(Question, oneshot::Sender<Report>),
}

/// What the rules look for beside what is broken.
pub struct Wanted {
    /// What a team knows.
    pub playbooks: Arc<[Playbook]>,
    /// Families; whoever holds the other end changes them at any time.
    pub include: watch::Receiver<Vec<Extra>>,
}

/// What was read for the rules.
enum Brought {
    Logs(Vec<(LogKey, Prepared)>),
    Usage(Usages),
}

/// A log that was read: of which state of its container, and when.
struct Read {
    state: Option<ContainerState>,
    at: Instant,
}

/// The rules at work on one scope.
struct Live {
    cluster: Cluster,
    cache: Cache,
    /// What was concluded from the cache, kept up to date.
    diagnosis: Diagnosis,
    question: Question,
    asked: Vec<(Question, oneshot::Sender<Report>)>,
    /// When the next run is due.
    due: Option<Instant>,
    /// No run before then.
    not_before: Instant,
    again: Duration,
    include: watch::Receiver<Vec<Extra>>,
    reads: BTreeMap<LogKey, Read>,
    /// When metrics were asked for.
    measured: Option<Instant>,
    reading: FuturesUnordered<BoxFuture<'static, Brought>>,
    /// When a run goes on without what is being read.
    patience: Option<Instant>,
    begun: Instant,
    ran_at: Option<Timestamp>,
    said: Option<Report>,
}

/// Runs as long as somebody speaks.
pub async fn run(mut heard: mpsc::Receiver<Heard>, cluster: Cluster, cache: Cache, wanted: Wanted, epoch: Epoch, out: mpsc::Sender<Event>) {
    let now = Instant::now();
    let Wanted { playbooks, mut include } = wanted;
    let families = include.borrow_and_update().clone();
    let question = Question { cluster: cluster.context.to_string(), include: families, playbooks, object: None };
    let mut live = Live {
        diagnosis: Diagnosis::new(cluster.redactor.clone()),
        cluster,
        cache,
        question,
        asked: Vec::new(),
        due: None,
        not_before: now,
        again: AGAIN,
        include,
        reads: BTreeMap::new(),
        measured: None,
        reading: FuturesUnordered::new(),
        patience: None,
        begun: now,
        ran_at: None,
        said: None,
    };
    loop {
        let at = live.next();
        tokio::select! {
            biased;
            said = heard.recv() => match said {
                Some(said) => live.hear(said),
                None => return,
            },
            Ok(()) = live.include.changed() => live.asked_for(),
            Some(brought) = live.reading.next(), if !live.reading.is_empty() => live.read(brought),
            () = tokio::time::sleep_until(at.unwrap_or(live.begun)), if at.is_some() => {
                let Some(report) = live.look().await else { continue };
                if out.send(Event::Problems(epoch, Box::new(report))).await.is_err() {
                    return;
                }
            }
        }
    }
}

impl Live {
    fn hear(&mut self, heard: Heard) {
        let changed = match heard {
            Heard::Panel(update) => self.cache.update(update),
            Heard::Rules(seen) => self.cache.seen(seen),
            Heard::Asked(question, answer) => {
                self.asked.push((question, answer));
                let now = Instant::now();
                (self.due, self.not_before) = (Some(now), now);
                false
            }
        };
        if changed {
            self.again = AGAIN;
            self.soon();
        }
    }

    fn soon(&mut self) {
        let at = Instant::now() + GATHER;
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// When to look; while logs are being read, when to go on without them.
    fn next(&self) -> Option<Instant> {
        let due = self.due?;
        let first = if self.cache.answered() { self.begun } else { self.begun + SLOW };
        Some(due.max(self.not_before).max(first).max(self.patience.unwrap_or(self.begun)))
    }

    /// Other families are wanted: that is answered at once.
    fn asked_for(&mut self) {
        self.question.include.clone_from(&self.include.borrow_and_update());
        self.again = AGAIN;
        let now = Instant::now();
        (self.due, self.not_before) = (Some(now), now);
    }

    fn read(&mut self, brought: Brought) {
        match brought {
            Brought::Logs(logs) => self.cache.logs(logs),
            Brought::Usage(usage) => self.cache.used(usage),
        }
        if self.reading.is_empty() {
            self.patience = None;
        }
    }

    /// One run; none while logs that it wants are being read, and no report where it would be the same.
    async fn look(&mut self) -> Option<Report> {
        let now = (self.cluster.now)();
        let unchanged = self.ran_at == Some(now) && self.again > AGAIN && self.asked.is_empty();
        if self.patience.take().is_none() && (self.wants_logs(now) | self.wants_usage()) {
            self.patience = Some(Instant::now() + LOGS_WAIT);
            return None;
        }
        self.due = None;
        if unchanged {
            // A clock that stands brings nothing new.
            return None;
        }
        self.ran_at = Some(now);
        let begun = Instant::now();
        let mut questions = vec![self.question.clone()];
        let (asked, answers): (Vec<_>, Vec<_>) = std::mem::take(&mut self.asked).into_iter().unzip();
        questions.extend(asked);
        let mut cache = std::mem::take(&mut self.cache);
        let mut diagnosis = std::mem::replace(&mut self.diagnosis, Diagnosis::new(self.cluster.redactor.clone()));
        let run = move || {
            let changes = cache.changes();
            diagnosis.look(cache.snapshot(), &changes);
            let reports: Vec<Report> = questions.iter().map(|q| diagnosis.report(cache.snapshot(), q, None)).collect();
            (cache, diagnosis, reports)
        };
        let (cache, diagnosis, reports) = tokio::task::spawn_blocking(run).await.ok()?;
        (self.cache, self.diagnosis) = (cache, diagnosis);
        let mut reports = reports.into_iter();
        let report = reports.next()?;
        for (answer, report) in answers.into_iter().zip(reports) {
            // who asked may have gone
            let _ = answer.send(report);
        }
        let snapshot = self.cache.snapshot();
        let until = self.diagnosis.due(snapshot, &self.question).map(|at| at.duration_since(snapshot.now));
        let until = until.and_then(|d| Duration::try_from(d).ok()).unwrap_or(Duration::MAX).max(SOONEST);
        let now = Instant::now();
        self.not_before = now + (begun.elapsed() * SHARE).clamp(PAUSE, PAUSE_MOST);
        self.due = Some(now + until.min(self.again).max(begun.elapsed() * SHARE * 4));
        self.again = (self.again * 2).min(AGAIN_MOST);
        if self.said.as_ref() == Some(&report) {
            return None;
        }
        self.said = Some(report.clone());
        Some(report)
    }

    /// Sets the instant, forgets logs that no rule wants any more, and begins to read those that are missing or old.
    fn wants_logs(&mut self, now: Timestamp) -> bool {
        let snapshot = self.cache.at(now);
        let mut wanted = diagnose::wanted_logs(snapshot);
        // those that were read keep their place where there are too many
        wanted.sort_by_key(|key| !self.reads.contains_key(key));
        wanted.truncate(crate::cluster::LOGS);
        let states: HashMap<_, _> = snapshot.pods.items.iter().filter(|_| !wanted.is_empty()).map(|p| ((&p.meta.namespace, &p.meta.name), p)).collect();
        let state = |key: &LogKey| {
            let pod = states.get(&(&key.namespace, &key.pod))?;
            pod.init_containers.iter().chain(&pod.containers).find(|c| c.name == key.container).cloned()
        };
        let at = Instant::now();
        let mut missing = Vec::new();
        let mut reads = BTreeMap::new();
        for key in wanted {
            let state = state(&key);
            match self.reads.remove(&key) {
                Some(read) if read.state == state && at.duration_since(read.at) < LOGS_KEPT => {
                    reads.insert(key, read);
                }
                _ => {
                    missing.push(key.clone());
                    reads.insert(key, Read { state, at });
                }
            }
        }
        self.reads = reads;
        snapshot.logs.retain(|key, _| self.reads.contains_key(key));
        if missing.is_empty() {
            return false;
        }
        let cluster = self.cluster.clone();
        self.reading.push(Box::pin(async move { Brought::Logs(cluster.logs(&missing).await) }));
        true
    }
}
