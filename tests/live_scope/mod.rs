//! A scope under watch, as the screen has it: the engine, its reports as they come, and when the cluster last said something
//! about a workload. What is waited for is printed with how long it took; no time is asserted.
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::diagnose::playbook::Playbook;
use kopilot_tui::model::{Change, Epoch, Report, Role, Update};
use kopilot_tui::runtime::clock::Clocks;
use kopilot_tui::runtime::engine::Engine;
use kopilot_tui::runtime::{Session, session};
use kopilot_tui::store::config::{self, Flags};
use kopilot_tui::text::Clean;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;

pub const EPOCH: Epoch = Epoch(1);

/// Something broken: what the finding that names it holds.
#[derive(Clone, Copy)]
pub struct Fault {
    /// In words.
    pub what: &'static str,
    /// Where.
    pub namespace: &'static str,
    /// A part of the object's name; workloads' names are told apart by it.
    pub name: &'static str,
    /// One of these rules says it.
    pub rules: &'static [&'static str],
}

impl Fault {
    pub fn is_in(&self, report: &Report) -> bool {
        report.findings.iter().any(|f| self.rules.contains(&f.rule) && f.object.namespace == self.namespace && f.object.name.contains(self.name))
    }
}

/// See the module.
pub struct Scope {
    pub engine: Engine,
    pub events: Receiver<Event>,
    pub last: Option<Report>,
    heard: BTreeMap<String, Instant>,
    bound: Duration,
    _home: tempfile::TempDir,
}

impl Scope {
    /// Watches a namespace, or all, of the kubeconfig's cluster. `bound`: far above what any wait here takes.
    pub fn watch(kubeconfig: &Path, namespace: Option<&str>, playbooks: &[&str], bound: Duration) -> Self {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let folder = home.path().to_str().unwrap().to_owned();
        let config = config::load(&|name| (name == "HOME").then(|| folder.clone()), &Flags::default(), &["default"]).unwrap();
        let session = Session::new(config, Role::Readonly, session::kubeconfig(Some(kubeconfig.to_owned())), Clocks::wall(None)).unwrap();
        let session = Session { playbooks: playbooks.iter().map(|text| Playbook::parse(text).unwrap()).collect(), ..session };
        let (mut engine, events) = Engine::new(session);
        engine.perform(Effect::Connect { epoch: EPOCH, context: None });
        engine.perform(Effect::Watch { epoch: EPOCH, namespace: namespace.map(Clean::line) });
        Self { engine, events, last: None, heard: BTreeMap::new(), bound, _home: home }
    }

    /// The next report.
    pub async fn next(&mut self) -> &Report {
        loop {
            match self.events.recv().await.expect("the engine runs") {
                Event::Problems(EPOCH, report) => return self.last.insert(*report),
                Event::Watch(_, update) => self.hear(&update),
                _ => {}
            }
        }
    }

    fn hear(&mut self, update: &Update) {
        let now = Instant::now();
        let names: Vec<String> = match update {
            Update::Pods(changes) => changes.iter().filter_map(|c| if let Change::Upsert(p) = c { Some(p.meta.name.to_string()) } else { None }).collect(),
            Update::Events(changes) => changes.iter().filter_map(|c| if let Change::Upsert(e) = c { Some(e.about.name.clone()) } else { None }).collect(),
            Update::Link(..) => Vec::new(),
        };
        self.heard.extend(names.into_iter().map(|n| (n, now)));
    }

    /// When the cluster last said something about a workload; `since` where it did not since then.
    fn heard_of(&self, name: &str, since: Instant) -> Instant {
        self.heard.iter().filter(|(n, _)| n.contains(name)).map(|(_, at)| *at).max().unwrap_or(since).max(since)
    }

    /// The first report that is as wanted; the last one may be it.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&Report) -> bool) -> Report {
        let bound = self.bound;
        let found = tokio::time::timeout(bound, async {
            while !self.last.as_ref().is_some_and(&wanted) {
                self.next().await;
            }
        });
        let found = found.await.is_ok();
        let last = self.last.clone();
        assert!(found, "{what}: never; last {last:#?}");
        last.unwrap()
    }

    /// Waits until each fault is found, or none is any more.
    pub async fn each(&mut self, faults: impl Iterator<Item = Fault>, found: bool, since: Instant) {
        let mut waiting: Vec<Fault> = faults.collect();
        let word = if found { "found" } else { "left" };
        let end = tokio::time::Instant::now() + self.bound;
        while !waiting.is_empty() {
            let names: Vec<&str> = waiting.iter().map(|f| f.what).collect();
            let next = tokio::time::timeout_at(end, self.next()).await.ok().cloned();
            let Some(report) = next else { panic!("never {word}: {names:?}; last {:#?}", self.last) };
            let now = Instant::now();
            waiting.retain(|fault| {
                let done = fault.is_in(&report) == found;
                if done {
                    let (change, heard) = ((now - since).as_secs_f64(), (now - self.heard_of(fault.name, since)).as_secs_f64());
                    println!("{word:<5} {change:>6.2} s after the change, {heard:>5.2} s after the cluster's last word: {}", fault.what);
                }
                !done
            });
        }
    }
}
