//! Controllers, scheduler and kubelets in one: what the store's objects become as time goes by. Time is injected: a
//! test steps it, `serve` drives it.
//!
//! Everything that lasts is in the objects themselves; what a controller remembers besides can be read off them again,
//! so a simulation may start over any store. It reacts to changes (`Store::since`) and to timers that controllers set;
//! it never scans what did not change.
mod churn;
mod cron;
mod cronjob;
mod daemonset;
pub mod defaults;
mod deployment;
mod deployment_status;
mod disruption;
mod events;
mod garbage;
mod index;
mod job;
pub mod json;
mod kubelet;
mod namespace;
mod pods;
pub mod quantity;
pub mod quota;
mod replicaset;
mod route;
mod scheduler;
pub mod selector;
mod service;
mod statefulset;
mod volume;
mod world;

use super::store::{Key, Store};
use crate::model::Timestamp;
use churn::Churn;
use json::later;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use world::{Class, Due, World};

/// Programs write what they have to say, and metrics move, this often (in seconds).
const BEAT: i64 = 30;
/// More turns than any write sets off: the end of a simulation that chases its own tail.
const TURNS: usize = 1_000_000;

/// The simulation of one store.
#[derive(Debug)]
pub struct Sim {
    world: World,
    seen: u64,
    queue: VecDeque<Key>,
    queued: HashSet<Key>,
    timers: BTreeSet<(Timestamp, Class, Key)>,
    timer_of: HashMap<Key, (Timestamp, Class)>,
    beaten: Option<Timestamp>,
    churn: Option<Churn>,
    started: bool,
}

impl Sim {
    /// The simulation of `store`, which acts on what it finds there.
    pub fn new(store: Store) -> Self {
        Self {
            world: World::new(store),
            seen: 0,
            queue: VecDeque::new(),
            queued: HashSet::new(),
            timers: BTreeSet::new(),
            timer_of: HashMap::new(),
            beaten: None,
            churn: None,
            started: false,
        }
    }

    /// The same, and so many status updates a second over the pods of namespace `load`.
    #[must_use]
    pub fn with_churn(mut self, per_second: usize) -> Self {
        self.churn = Churn::new(per_second);
        self
    }

    /// How many objects it has looked at so far.
    pub fn visited(&self) -> u64 {
        self.world.visited
    }

    /// Acts on everything that is due at `now` (controllers react, containers start and end, events are written), and
    /// returns the next instant at which something is due by itself; `None`: only a write will change anything.
    /// What came due before `now` happens at its own time.
    pub fn step(&mut self, now: Timestamp) -> Option<Timestamp> {
        if self.start(now) || self.world.store.version() != self.seen {
            self.set_clock(now);
        }
        self.drain();
        while let Some((at, _, key)) = self.timers.first().filter(|(at, ..)| *at <= now).cloned() {
            self.set_clock(at.max(self.world.clock));
            self.fire(&key);
        }
        self.set_clock(now.max(self.world.clock));
        if let Some(churn) = &mut self.churn {
            churn.act(&mut self.world);
        }
        self.drain();
        let beat = self.beat(now);
        let timer = self.timers.first().map(|(at, ..)| *at);
        let churn = self.churn.as_ref().map(|c| c.next(now));
        [beat, timer, churn].into_iter().flatten().min()
    }

    /// As [`Sim::step`], but finishes at once whatever a write has set off (starts, rollouts, crashes up to their steady
    /// state), because with `--still` the clock does not move. What was steady before stays as it was.
    pub fn settle(&mut self, now: Timestamp) {
        self.start(now);
        self.set_clock(now.max(self.world.stamp));
        self.drain();
        for _ in 0..TURNS {
            let Some((at, _, key)) = self.timers.iter().find(|(_, class, _)| *class == Class::Progress).cloned() else { break };
            // The clock runs ahead; what is written bears the instant at which it stands.
            self.world.clock = at.max(self.world.clock);
            self.fire(&key);
        }
        self.world.clock = self.world.stamp;
    }

    fn set_clock(&mut self, now: Timestamp) {
        self.world.clock = now;
        self.world.stamp = now;
    }

    /// Learns what is there, once. Whatever looks finished is left alone until it changes.
    fn start(&mut self, now: Timestamp) -> bool {
        if std::mem::replace(&mut self.started, true) {
            return false;
        }
        self.set_clock(now);
        self.relearn();
        true
    }

    fn relearn(&mut self) {
        self.world.index = index::Index::default();
        for resource in route::LEARNED {
            let (version, items) = self.world.store.list(resource, None);
            self.seen = if self.seen == 0 { version } else { self.seen.min(version) };
            self.world.visited += items.len() as u64;
            for (key, object) in items {
                self.world.index.put_in(&key, &object);
                if *resource == "events" {
                    self.world.recorder.learn(&key, &object);
                }
                if *resource == "pods" {
                    kubelet::learn(&mut self.world, &key, &object);
                }
                if *resource == "replicasets.apps" {
                    replicaset::learn(&mut self.world, &key, &object);
                }
                if !route::at_rest(&key, &object) {
                    self.enqueue(key);
                }
            }
        }
        if let Some(churn) = &mut self.churn {
            churn.learn(&mut self.world);
        }
    }

    fn enqueue(&mut self, key: Key) {
        if self.queued.insert(key.clone()) {
            self.queue.push_back(key);
        }
    }

    /// Lets every controller act until nothing has changed any more.
    fn drain(&mut self) {
        for turn in 0..TURNS {
            self.take_changes();
            let Some(key) = self.queue.pop_front() else { return };
            self.queued.remove(&key);
            let due = route::reconcile(&mut self.world, &key);
            self.set_timer(key, due);
            if turn + 1 == TURNS {
                tracing::error!(turns = TURNS, "the simulation of the embedded cluster does not come to rest; it goes on at the next write");
            }
        }
    }

    fn take_changes(&mut self) {
        if self.world.store.version() != self.seen {
            if let Some(changes) = self.world.store.since(self.seen) {
                for change in changes {
                    self.seen = change.version;
                    self.world.index.apply(&change);
                    let world = &mut self.world;
                    let mut more = Vec::new();
                    route::affected(world, &change, &mut more);
                    for k in more {
                        self.enqueue(k);
                    }
                }
            } else {
                // The history does not reach back: begin again from the objects.
                self.seen = 0;
                self.relearn();
            }
        }
        for key in std::mem::take(&mut self.world.wake) {
            self.enqueue(key);
        }
    }

    fn set_timer(&mut self, key: Key, due: Option<Due>) {
        if let Some((at, class)) = self.timer_of.remove(&key) {
            self.timers.remove(&(at, class, key.clone()));
        }
        if let Some(due) = due {
            self.timers.insert((due.at, due.class, key.clone()));
            self.timer_of.insert(key, (due.at, due.class));
        }
    }

    fn fire(&mut self, key: &Key) {
        self.set_timer(key.clone(), None);
        self.enqueue(key.clone());
        self.drain();
    }

    /// Programs talk and metrics move, unless the clock stands.
    fn beat(&mut self, now: Timestamp) -> Option<Timestamp> {
        let due = self.beaten.map_or(now, |b| later(b, BEAT));
        if now < due {
            return Some(due);
        }
        let since = self.beaten.replace(now);
        if kubelet::beat(&mut self.world, since) { Some(later(now, BEAT)) } else { None }
    }
}
