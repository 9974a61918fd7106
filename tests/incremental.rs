//! A diagnosis that is kept up to date says what a look at everything would say, to the letter, after every change: objects that
//! come, go and change in any order, kinds that are lost from sight, logs, and time. The data is that of the rules' own tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]
#[path = "rules/fixtures.rs"]
mod fixtures;

use fixtures::{objects, root, set, yaml};
use kopilot_tui::diagnose::{self, Diagnosis, Question};
use kopilot_tui::model::snapshot::{Cache, Event, KINDS, LogKey};
use kopilot_tui::model::{Change, Extra, Interner, Link, Report, Seen, Timestamp, Trouble, TroubleClass, Update};
use kopilot_tui::store::dump;
use kopilot_tui::text::prepare::{Form, prepare};
use kopilot_tui::text::{Clean, Prepared, Redactor};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new([3; 32]));

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    Upsert(Value),
    Gone(Value),
    /// All of a kind are listed again, and these are there.
    Relist(&'static str, Vec<Value>),
    Link(&'static str, u8),
    Log(LogKey, Option<String>),
    /// Seconds that pass, or are set back.
    Clock(i64),
}

/// A cluster, and who looks at it.
struct World {
    cache: Cache,
    now: Timestamp,
    diagnosis: Diagnosis,
}

/// `null` means absent.
fn without_nulls(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|_, v| !v.is_null());
    }
    object
}

fn kind(object: &Value) -> Option<&'static str> {
    KINDS.iter().map(|k| k.kind).find(|k| object["kind"] == **k)
}

impl World {
    fn new(namespaces: &[String], now: Timestamp) -> Self {
        Self { cache: Cache::new(namespaces, Vec::new()), now, diagnosis: Diagnosis::new(REDACTOR.clone()) }
    }

    fn objects(&mut self, kind: &'static str, changes: Vec<Change<Value>>) {
        if kind != "Event" {
            self.cache.seen(Seen::Objects(kind, changes));
            return;
        }
        // As the panel's watch brings them: their counts are seen to grow.
        let row = |object: Value| {
            let (meta, event) = (serde_json::from_value(object["metadata"].clone()).unwrap(), without_nulls(object));
            Event::project(&meta, &serde_json::from_value(event).unwrap(), &mut Interner::new())
        };
        let rows = changes.into_iter().map(|c| match c {
            Change::Upsert(object) => Change::Upsert(row(object)),
            Change::Gone(uid) => Change::Gone(uid),
            Change::ListBegins => Change::ListBegins,
            Change::ListEnds => Change::ListEnds,
        });
        self.cache.update(Update::Events(rows.collect()));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Upsert(object) => {
                if let Some(kind) = kind(object) {
                    self.objects(kind, vec![Change::Upsert(object.clone())]);
                }
            }
            Step::Gone(object) => {
                if let Some(kind) = kind(object) {
                    self.objects(kind, vec![Change::Gone(Clean::line(object["metadata"]["uid"].as_str().unwrap()))]);
                }
            }
            Step::Relist(kind, all) => {
                let all = all.iter().cloned().map(Change::Upsert);
                self.objects(kind, std::iter::once(Change::ListBegins).chain(all).chain([Change::ListEnds]).collect());
            }
            Step::Link(kind, how) => {
                let trouble = |class| Trouble::new(class, "list", "x");
                let link = match how {
                    0..=5 => Link::Live,
                    6 => Link::Denied(trouble(TroubleClass::Denied)),
                    7 => Link::Stale { since: Timestamp::UNIX_EPOCH, trouble: trouble(TroubleClass::Unreachable) },
                    _ => Link::Filling,
                };
                self.cache.seen(Seen::Link(kind, link));
            }
            Step::Log(key, text) => {
                let text: Option<Prepared> = text.as_ref().map(|t| prepare(t, Form::Log, 64 * 1024, &REDACTOR));
                match text {
                    Some(text) => self.cache.logs([(key.clone(), text)]),
                    None => _ = self.cache.at(self.now).logs.remove(key),
                }
            }
            Step::Clock(seconds) => self.now = self.now.checked_add(jiff::SignedDuration::from_secs(*seconds)).unwrap(),
        }
    }

    /// What both ways of looking say.
    fn both(&mut self, question: &Question) -> (Report, Report) {
        self.cache.at(self.now);
        let changes = self.cache.changes();
        self.diagnosis.look(self.cache.snapshot(), &changes);
        let kept = self.diagnosis.report(self.cache.snapshot(), question, None);
        (kept, diagnose::report(self.cache.snapshot(), question, &REDACTOR))
    }

    fn check(&mut self, question: &Question, after: &dyn std::fmt::Debug) -> usize {
        let (kept, whole) = self.both(question);
        if kept != whole {
            for (a, b) in kept.findings.iter().zip(&whole.findings).filter(|(a, b)| a != b) {
                println!("kept  {a:#?}\nwhole {b:#?}");
            }
            let titles = |r: &Report| r.findings.iter().map(|f| f.title.to_string()).collect::<Vec<_>>();
            panic!("after {after:?}\nkept  {:#?}\nwhole {:#?}", titles(&kept), titles(&whole));
        }
        whole.findings.len()
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn upto(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(n.max(1)).unwrap()).unwrap()
    }
    fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        for i in (1..items.len()).rev() {
            let j = self.upto(i + 1);
            items.swap(i, j);
        }
        items
    }
}

/// What may become of an object of a kind while it lives.
fn changed(mut object: Value, dice: &mut Dice) -> Value {
    let ways: &[(&str, Value)] = match object["kind"].as_str().unwrap() {
        "Pod" => &[
            ("/status/phase", json!("Succeeded")),
            ("/status/phase", json!("Failed")),
            ("/status/phase", json!("Running")),
            ("/status/containerStatuses/0/ready", json!(true)),
            ("/status/containerStatuses/0/ready", json!(false)),
            ("/status/containerStatuses/0/restartCount", json!(9)),
            ("/status/containerStatuses/0/state", json!({"waiting": {"reason": "CrashLoopBackOff"}})),
            ("/status/containerStatuses/0/state", json!({"running": {"startedAt": "2026-11-21T09:00:00Z"}})),
            ("/metadata/labels/app", json!("other")),
            ("/metadata/labels", Value::Null),
            ("/metadata/ownerReferences", Value::Null),
            ("/metadata/deletionTimestamp", json!("2026-11-21T09:00:00Z")),
            ("/spec/nodeName", json!("n1")),
            ("/spec/nodeName", Value::Null),
        ],
        "ReplicaSet" | "Job" => &[("/metadata/ownerReferences", Value::Null), ("/status/replicas", json!(0)), ("/spec/replicas", json!(3))],
        "Deployment" => &[("/status/availableReplicas", json!(0)), ("/spec/replicas", json!(0)), ("/spec/template/metadata/labels/app", json!("other"))],
        "Service" => &[("/spec/selector/app", json!("other")), ("/spec/selector", Value::Null), ("/spec/ports/0/port", json!(81))],
        "Node" => {
            &[("/spec/unschedulable", json!(true)), ("/status/conditions/0", json!({"type": "Ready", "status": "Unknown"})), ("/metadata/labels", Value::Null)]
        }
        "Event" => &[
            ("/count", json!(40)),
            ("/count", json!(43)),
            ("/type", json!("Warning")),
            ("/lastTimestamp", json!("2026-11-21T09:09:00Z")),
            ("/type", json!("Normal")),
            ("/involvedObject/uid", json!("another")),
            ("/reason", json!("Pulling")),
        ],
        "Namespace" => &[("/metadata/labels/team", json!("a")), ("/metadata/deletionTimestamp", json!("2026-11-21T09:00:00Z"))],
        "NetworkPolicy" => &[("/spec/podSelector", json!({})), ("/spec/egress", json!([{}]))],
        _ => &[("/metadata/deletionTimestamp", json!("2026-11-21T09:00:00Z")), ("/metadata/finalizers", json!(["example.com/a"]))],
    };
    let (pointer, value) = &ways[dice.upto(ways.len())];
    set(&mut object, pointer, value);
    object
}

/// Every captured cluster in random order, a little at a time, with all that may happen to it meanwhile.
fn replay(part: usize, parts: usize) {
    let mut folders: Vec<_> =
        std::fs::read_dir(root().join("tests/scenarios")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.join("want.json").exists()).collect();
    folders.sort();
    let mut checks = 0;
    let mut said = 0;
    for (n, folder) in folders.iter().enumerate().filter(|(n, _)| n % parts == part) {
        let dump = dump::read(folder, &REDACTOR).unwrap();
        let mut dice = Dice(u64::try_from(n).unwrap() + 77);
        let start = dump.taken_at.unwrap().checked_sub(jiff::SignedDuration::from_secs(400)).unwrap();
        let mut world = World::new(&dump.namespaces.clone().unwrap_or_default(), start);
        let mut steps: Vec<Step> = dump.objects.iter().cloned().map(Step::Upsert).collect();
        steps.extend(dump.logs.iter().map(|(k, t)| Step::Log(k.clone(), Some(t.text().to_owned()))));
        steps.extend(KINDS.iter().filter(|k| dump.captured.contains(k.kind) || dump.captured.contains(k.resource)).map(|k| Step::Link(k.kind, 0)));
        steps.extend([1, 7, 30, 60, 300].map(Step::Clock));
        let mut steps = dice.shuffled(steps);
        for _ in 0..dump.objects.len().min(40) {
            let object = dump.objects[dice.upto(dump.objects.len())].clone();
            steps.push(match dice.upto(12) {
                0..=4 => Step::Upsert(changed(object, &mut dice)),
                5..=6 => Step::Gone(object),
                7..=8 => Step::Upsert(object),
                9 => Step::Link(KINDS[dice.upto(KINDS.len())].kind, u8::try_from(dice.upto(9)).unwrap()),
                10 => Step::Clock([1, 20, 90, 4000, -50][dice.upto(5)]),
                _ => {
                    let kind = kind(&object).unwrap_or("Pod");
                    Step::Relist(kind, dump.objects.iter().filter(|o| o["kind"] == kind && dice.upto(3) > 0).cloned().collect())
                }
            });
        }
        let question = Question { cluster: "c".into(), ..Question::default() };
        let mut pending = 0;
        for step in &steps {
            world.step(step);
            pending += 1;
            if pending > dice.upto(3) {
                said += world.check(&question, &(folder, step));
                (checks, pending) = (checks + 1, 0);
            }
        }
    }
    println!("{checks} reports alike, {said} findings in them");
    assert!(checks > 1000 && said * 4 > checks, "{checks} reports with {said} findings show little");
}

#[test]
fn every_captured_cluster_replayed_in_random_order_reads_alike_both_ways_first_half() {
    replay(0, 2);
}

#[test]
fn every_captured_cluster_replayed_in_random_order_reads_alike_both_ways_second_half() {
    replay(1, 2);
}

/// Objects, and logs.
type Pool = (Vec<Value>, Vec<(LogKey, String)>);

/// Broken and mended objects of every case of the rules' own tests, many of one name, in one cluster.
static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let (cases, bases) = (yaml("tests/rules/cases.yaml"), yaml("tests/rules/bases.yaml"));
    let mut all: Vec<Value> = Vec::new();
    let mut logs = Vec::new();
    for case in cases.as_array().unwrap() {
        for mut object in objects(case, &bases, false).into_iter().chain(objects(case, &bases, true)) {
            if object["metadata"]["uid"].is_null() {
                object["metadata"]["uid"] = object["metadata"]["name"].clone();
            }
            all.push(object);
        }
        for (place, text) in case["logs"].as_object().into_iter().chain(case["heal-logs"].as_object()).flatten() {
            let (pod, container) = place.split_once('/').unwrap();
            let key = LogKey { namespace: Clean::line("ns"), pod: Clean::line(pod), container: Clean::line(container), previous: false };
            logs.push((key, text.as_str().unwrap().to_owned()));
        }
    }
    (all, logs)
});

fn any_step() -> impl Strategy<Value = Step> {
    let object = || any::<prop::sample::Index>().prop_map(|i| POOL.0[i.index(POOL.0.len())].clone());
    prop_oneof![
        8 => object().prop_map(Step::Upsert),
        // the same under another name: siblings
        4 => (object(), 0..4u8).prop_map(|(mut o, n)| {
            let name = format!("{}-{n}", o["metadata"]["name"].as_str().unwrap());
            o["metadata"]["name"] = json!(name);
            o["metadata"]["uid"] = json!(name);
            Step::Upsert(o)
        }),
        5 => (object(), any::<u64>()).prop_map(|(o, seed)| Step::Upsert(changed(o, &mut Dice(seed)))),
        4 => object().prop_map(Step::Gone),
        2 => (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()).prop_map(|(i, j, there)| {
            let (key, _) = &POOL.1[i.index(POOL.1.len())];
            Step::Log(key.clone(), there.then(|| POOL.1[j.index(POOL.1.len())].1.clone()))
        }),
        2 => (any::<prop::sample::Index>(), 0..9u8).prop_map(|(i, how)| Step::Link(KINDS[i.index(KINDS.len())].kind, how)),
        2 => prop::sample::select(vec![1i64, 5, 31, 61, 301, 3601, 90_000, -40]).prop_map(Step::Clock),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_to_a_cluster_of_every_case_it_reads_alike_both_ways(
        steps in prop::collection::vec(any_step(), 20..60),
        narrow in any::<bool>(),
        extras in any::<bool>(),
    ) {
        let namespaces = if narrow { vec!["ns".to_owned()] } else { Vec::new() };
        let mut world = World::new(&namespaces, "2026-01-02T00:00:00Z".parse().unwrap());
        for kind in KINDS {
            world.step(&Step::Link(kind.kind, 0));
        }
        let include = if extras { Extra::ALL.to_vec() } else { Vec::new() };
        let question = Question { cluster: "c".into(), include, ..Question::default() };
        for step in &steps {
            world.step(step);
            let (kept, whole) = world.both(&question);
            prop_assert_eq!(kept, whole, "after {:?}", step);
        }
    }
}
