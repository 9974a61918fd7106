//! What programs write, and what they use: at their start, and at every beat as much as the time since the last one
//! brought. Bounded: old lines go.
use super::super::json::{View, later};
use super::super::world::World;
use super::config;
use super::container::Context;
use super::program::{Verdict, of, start_lines};
use crate::demo::store::{ContainerLog, LogLine};
use crate::model::Timestamp;
use serde_json::Value;

/// Lines kept of a run.
const KEPT: usize = 400;
/// Lines written at once when much time went by.
const AT_ONCE: i64 = 60;

/// A container has started: the run before becomes the previous one.
pub fn started(c: &mut Context<'_>, will: &Verdict, restarts: i64, at: Timestamp) {
    let lines = match will {
        Verdict::Ends { lines, .. } => lines.clone(),
        Verdict::Runs { .. } => start_lines(c.spec, &config::environment(c.w, c.key, c.spec).unwrap_or_default()),
    };
    let key = (c.key.namespace.clone(), c.key.name.clone(), c.spec.text("/name").to_owned());
    c.w.store.edit_log(&key, |log| {
        let before = std::mem::take(&mut log.current);
        log.previous = (restarts > 0).then_some(before);
        log.current = lines.into_iter().zip(1_i64..).map(|(text, n)| LogLine { at: moment(at, n), text }).collect();
    });
    use_now(c.w, &key.0, &key.1, c.spec, at);
}

/// Some thousandths of a second after an instant: lines of one instant keep their order.
fn moment(at: Timestamp, n: i64) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_micros(n * 1_731)).unwrap_or(at)
}

/// Lets every program write what it had to say since the last beat, and metrics move; says whether any program talks.
pub fn beat(w: &mut World, since: Option<Timestamp>) -> bool {
    let talkers: Vec<_> = w.talkers.iter().cloned().collect();
    for key in &talkers {
        let Some(pod) = w.get(key) else { continue };
        for (spec, status) in pod.list("/spec/containers").iter().zip(pod.list("/status/containerStatuses")) {
            let Some(begun) = status.time("/state/running/startedAt") else { continue };
            let now = w.clock;
            use_now(w, &key.namespace, &key.name, spec, now);
            if status.flag("/ready") {
                let lines = chat(spec, begun, since.unwrap_or(begun).max(begun), now);
                if !lines.is_empty() {
                    w.store.edit_log(&(key.namespace.clone(), key.name.clone(), spec.text("/name").to_owned()), |log| append(log, lines));
                }
            }
        }
    }
    nodes(w);
    !talkers.is_empty()
}

fn append(log: &mut ContainerLog, lines: Vec<LogLine>) {
    log.current.extend(lines);
    let surplus = log.current.len().saturating_sub(KEPT);
    log.current.drain(..surplus);
}

/// The lines of a program between two instants; the last ones when there are many.
fn chat(spec: &Value, begun: Timestamp, from: Timestamp, to: Timestamp) -> Vec<LogLine> {
    let Some(program) = of(spec.text("/image")).filter(|p| !p.chats.is_empty()) else { return Vec::new() };
    let nth = |at: Timestamp| (at.as_second() - begun.as_second()).max(0) / program.every;
    let (first, last) = (nth(from) + 1, nth(to));
    (first.max(last - AT_ONCE + 1)..=last)
        .filter_map(|k| {
            let which = usize::try_from(k).unwrap_or_default() % program.chats.len();
            let spread = k.wrapping_mul(7_919) % 241;
            let text = program.chats.get(which)?.replace("{ms}", &(3 + spread % 60).to_string()).replace("{n}", &(1 + spread).to_string());
            Some(LogLine { at: moment(later(begun, k * program.every), spread), text })
        })
        .collect()
}

/// What a container uses now: its program's share, moving a little with the time.
fn use_now(w: &World, namespace: &str, pod: &str, spec: &Value, at: Timestamp) {
    let (cpu, memory) = of(spec.text("/image")).map_or((2, 9), |p| (p.cpu, p.memory));
    let seed = pod.bytes().fold(0_u64, |s, b| s.wrapping_mul(31).wrapping_add(u64::from(b)));
    let wave = (u64::try_from(at.as_second()).unwrap_or_default() / 30).wrapping_add(seed) % 13;
    let millicores = cpu * (90 + wave * 2) / 100;
    let bytes = (memory << 20) * (88 + wave) / 100;
    w.store.set_usage(&format!("{namespace}/{pod}/{}", spec.text("/name")), millicores.max(1), bytes);
}

/// What nodes use: a base, and a good part of what was asked of them.
fn nodes(w: &mut World) {
    for (key, _) in w.list_all("nodes") {
        let given = w.index.given(&key.name);
        let wave = w.clock.as_second() / 30 % 7;
        let millicores = 180 + u64::try_from(given.cpu * (50 + i128::from(wave)) / 100).unwrap_or_default();
        let bytes = (900 << 20) + u64::try_from(given.memory / 1_000 * (70 + i128::from(wave)) / 100).unwrap_or_default();
        w.store.set_usage(&key.name, millicores, bytes);
    }
}
