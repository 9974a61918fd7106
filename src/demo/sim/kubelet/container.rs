//! One container's life: pulled, created, running, ended, and started again after a back-off. Each turn follows from the
//! container's spec, the cluster's objects and the clock; the events are those of a kubelet.
use super::super::events::{From, Note};
use super::super::json::{View, elapsed, later, seconds};
use super::super::world::{Due, World};
use super::program::{Verdict, verdict};
use super::{config, image, log, probe};
use crate::demo::store::Key;
use crate::model::{Digest, Timestamp};
use serde_json::{Value, json};

/// A kubelet looks at a container that waits about this often (in seconds), and says each time why.
const SYNC: i64 = 13;
/// What cannot start for its configuration is said again this often here (with the count of the times between).
const SAY_AGAIN: i64 = 60;
/// The longest back-off, in seconds.
const LONGEST: i64 = 300;
/// Who ran for so long (in seconds) starts its back-off anew.
const STABLE: i64 = 600;
/// More turns than a container makes in one instant.
const TURNS: usize = 12;

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    pub code: i64,
    pub reason: String,
    pub message: String,
    pub started: Value,
    pub finished: Value,
    pub id: String,
}

/// What a container does now.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    Waiting { reason: String, message: String },
    Running { since: Value },
    Ended(End),
}

/// A container as its status has it.
#[derive(Clone, Debug)]
pub struct Run {
    pub name: String,
    pub sidecar: bool,
    pub state: State,
    pub last: Option<End>,
    pub restarts: i64,
    pub ready: bool,
    pub started: bool,
    pub id: String,
}

/// What the kubelet remembers of a container besides.
#[derive(Debug, Default)]
pub struct Memory {
    /// Since when it waits.
    since: Option<Timestamp>,
    /// How often its image could not be pulled.
    pulls: u32,
    /// How often it was started again without a long run between; `None`: not yet known.
    level: Option<u32>,
    /// When its trouble was last said.
    said: Option<Timestamp>,
    /// What its program does in this run.
    verdict: Option<Verdict>,
}

/// What a turn needs to know.
pub struct Context<'a> {
    pub w: &'a mut World,
    pub key: &'a Key,
    pub pod: &'a Value,
    pub spec: &'a Value,
    pub ip: &'a str,
    pub init: bool,
}

impl Context<'_> {
    fn memory(&mut self) -> &mut Memory {
        let name = self.spec.text("/name").to_owned();
        super::memory(self.w, self.pod).containers.entry(name).or_default()
    }
    fn node(&self) -> &str {
        self.pod.text("/spec/nodeName")
    }
    /// When it last wrote this event about this container.
    pub fn last_said(&mut self, reason: &str, message: &str) -> Option<Timestamp> {
        let list = if self.init { "initContainers" } else { "containers" };
        let node = self.node().to_owned();
        let note = Note::warning(From::Kubelet(&node), reason, message).field(format!("spec.{list}{{{}}}", self.spec.text("/name")));
        self.w.last_said(self.pod, &note)
    }
    /// Writes a kubelet's event about this container.
    pub fn say(&mut self, warning: bool, reason: &str, message: String, times: i64) {
        let list = if self.init { "initContainers" } else { "containers" };
        let field = format!("spec.{list}{{{}}}", self.spec.text("/name"));
        let node = self.node().to_owned();
        let note = Note { warning, ..Note::normal(From::Kubelet(&node), reason, message) };
        self.w.event(self.pod, &note.field(field).times(times));
    }
    /// When its trouble was last said.
    pub fn said(&mut self) -> Option<Timestamp> {
        self.memory().said
    }
    /// Its trouble was said now.
    pub fn set_said(&mut self, at: Timestamp) {
        self.memory().said = Some(at);
    }
    /// Since when it waits, from now on if not yet known.
    fn since(&mut self) -> Timestamp {
        let clock = self.w.clock;
        *self.memory().since.get_or_insert(clock)
    }
    fn wait(&mut self, run: &mut Run, reason: &str, message: String) {
        let clock = self.w.clock;
        self.memory().since = Some(clock);
        run.state = State::Waiting { reason: reason.into(), message };
    }
}

enum Turn {
    Again,
    Until(Option<Due>),
}

/// Moves a container on as far as it goes now.
pub fn advance(c: &mut Context<'_>, run: &mut Run) -> Option<Due> {
    for _ in 0..TURNS {
        let turn = match run.state.clone() {
            State::Waiting { reason, .. } => waiting(c, run, &reason),
            State::Running { since } => running(c, run, &since),
            State::Ended(end) => ended(c, run, &end),
        };
        if let Turn::Until(due) = turn {
            return due;
        }
    }
    Due::steady(later(c.w.clock, 1))
}

fn waiting(c: &mut Context<'_>, run: &mut Run, reason: &str) -> Turn {
    let clock = c.w.clock;
    let since = c.since();
    match reason {
        "ErrImagePull" => {
            if later(since, 2) > clock {
                return Turn::Until(Due::progress(later(since, 2)));
            }
            let image = c.spec.text("/image").to_owned();
            let why = match &run.state {
                State::Waiting { message, .. } => message.clone(),
                _ => String::new(),
            };
            c.say(false, "BackOff", format!("Back-off pulling image \"{image}\""), 1);
            c.say(true, "Failed", "Error: ImagePullBackOff".into(), 1);
            c.wait(run, "ImagePullBackOff", format!("Back-off pulling image \"{image}\": ErrImagePull: {why}"));
            Turn::Again
        }
        "ImagePullBackOff" => {
            let known = c.memory().pulls;
            // A kubelet that does not know how often it tried has tried often.
            let wait = back_off(if known == 0 { 6 } else { known });
            if later(since, wait) > clock {
                return Turn::Until(Due::steady(later(since, wait)));
            }
            if wait > SYNC {
                let image = c.spec.text("/image").to_owned();
                c.say(false, "BackOff", format!("Back-off pulling image \"{image}\""), wait / SYNC);
                c.say(true, "Failed", "Error: ImagePullBackOff".into(), wait / SYNC);
            }
            launch(c, run)
        }
        "CreateContainerConfigError" | "InvalidImageName" | "ErrImageNeverPull" => {
            let said = c.memory().said.unwrap_or(since);
            let again = later(said, SAY_AGAIN);
            let mended = image::pull(c.spec.text("/image")).is_ok() && config::environment(c.w, c.key, c.spec).is_ok();
            if mended || again <= clock {
                return launch(c, run);
            }
            Turn::Until(Due::steady(again))
        }
        "CrashLoopBackOff" => {
            let wait = back_off(level(c, run));
            let ended = run.last.as_ref().and_then(|e| e.finished.time("")).unwrap_or(since);
            if later(ended, wait) > clock {
                return Turn::Until(Due::steady(later(ended, wait)));
            }
            if wait > SYNC {
                c.say(true, "BackOff", back_off_text(c, run), wait / SYNC);
            }
            start_again(c, run)
        }
        _ if later(since, 1) > clock => Turn::Until(Due::progress(later(since, 1))),
        _ => launch(c, run),
    }
}

/// Seconds to wait at a level: 10, 20, 40 … 300.
fn back_off(level: u32) -> i64 {
    (10_i64 << level.saturating_sub(1).min(5)).min(LONGEST)
}

/// A duration as Go prints it.
fn go_duration(secs: i64) -> String {
    if secs < 60 { format!("{secs}s") } else { format!("{}m{}s", secs / 60, secs % 60) }
}

fn level(c: &mut Context<'_>, run: &Run) -> u32 {
    let guess = u32::try_from(run.restarts).unwrap_or(0);
    *c.memory().level.get_or_insert(guess)
}

fn back_off_text(c: &Context<'_>, run: &Run) -> String {
    format!("Back-off restarting failed container {} in pod {}_{}({})", run.name, c.key.name, c.key.namespace, c.pod.text("/metadata/uid"))
}

fn start_again(c: &mut Context<'_>, run: &mut Run) -> Turn {
    if let State::Ended(end) = &run.state {
        run.last = Some(end.clone());
    }
    let level = level(c, run);
    c.memory().level = Some(level + 1);
    run.restarts += 1;
    launch(c, run)
}

/// Pulls, configures, creates and starts; or says what is in the way.
fn launch(c: &mut Context<'_>, run: &mut Run) -> Turn {
    let image = c.spec.text("/image").to_owned();
    let clock = c.w.clock;
    let never = c.spec.text("/imagePullPolicy") == "Never";
    match image::pull(&image) {
        Err(image::Refusal::Name(message)) => {
            let times = said_times(c);
            c.say(true, "InspectFailed", message.clone(), times);
            c.say(true, "Failed", "Error: InvalidImageName".into(), times);
            c.wait(run, "InvalidImageName", message);
            return Turn::Again;
        }
        Err(image::Refusal::Pull(message)) if !never => {
            c.say(false, "Pulling", format!("Pulling image \"{image}\""), 1);
            c.say(true, "Failed", format!("Failed to pull image \"{image}\": {message}"), 1);
            c.say(true, "Failed", "Error: ErrImagePull".into(), 1);
            c.wait(run, "ErrImagePull", message);
            c.memory().pulls += 1;
            return Turn::Again;
        }
        Err(image::Refusal::Pull(_)) => {
            let times = said_times(c);
            let message = format!("Container image \"{image}\" is not present with pull policy of Never");
            c.say(true, "ErrImageNeverPull", message.clone(), times);
            c.say(true, "Failed", "Error: ErrImageNeverPull".into(), times);
            c.wait(run, "ErrImageNeverPull", message);
            return Turn::Again;
        }
        Ok(()) => {}
    }
    let environment = config::environment(c.w, c.key, c.spec);
    let times = if environment.is_err() { said_times(c) } else { 1 };
    pulled(c, &image, times);
    let environment = match environment {
        Ok(environment) => environment,
        Err(message) => {
            c.say(true, "Failed", format!("Error: {message}"), times);
            c.wait(run, "CreateContainerConfigError", message);
            return Turn::Again;
        }
    };
    c.say(false, "Created", "Container created".into(), 1);
    c.say(false, "Started", "Container started".into(), 1);
    let stamp = c.w.stamp;
    let will = verdict(c.spec, &environment, c.pod.text("/spec/restartPolicy"));
    log::started(c, &will, run.restarts, stamp);
    run.id = format!("containerd://{}", Digest::of(format!("{}/{}/{}", c.pod.text("/metadata/uid"), run.name, run.restarts).as_bytes()).hex());
    run.state = State::Running { since: seconds(stamp) };
    (run.ready, run.started) = (false, false);
    let memory = c.memory();
    (memory.since, memory.said, memory.pulls, memory.verdict) = (Some(clock), None, 0, Some(will));
    Turn::Again
}

/// How often a real kubelet would have said it since it was last said here.
fn said_times(c: &mut Context<'_>) -> i64 {
    let clock = c.w.clock;
    let before = c.memory().said.replace(clock);
    before.map_or(1, |b| (elapsed(b, clock) / SYNC).max(1))
}

fn pulled(c: &mut Context<'_>, image: &str, times: i64) {
    let fresh = c.w.pulled.insert((c.node().to_owned(), image.to_owned()));
    if fresh && c.spec.text("/imagePullPolicy") != "Never" {
        let bytes = image::size(image);
        let took = 600 + bytes % 2_400;
        c.say(false, "Pulling", format!("Pulling image \"{image}\""), 1);
        let text = format!(
            "Successfully pulled image \"{image}\" in {}.{:03}s ({}.{:03}s including waiting). Image size: {bytes} bytes.",
            took / 1_000,
            took % 1_000,
            took / 1_000,
            took % 1_000
        );
        c.say(false, "Pulled", text, times);
    } else {
        c.say(false, "Pulled", format!("Container image \"{image}\" already present on machine and can be accessed by the pod"), times);
    }
}

fn running(c: &mut Context<'_>, run: &mut Run, since: &Value) -> Turn {
    let clock = c.w.clock;
    let begun = since.time("").unwrap_or(clock);
    if c.memory().verdict.is_none() {
        // It runs since before this simulation: what it does follows from its spec as well.
        let environment = config::environment(c.w, c.key, c.spec).unwrap_or_default();
        let will = verdict(c.spec, &environment, c.pod.text("/spec/restartPolicy"));
        c.memory().verdict = Some(will);
    }
    let will = c.memory().verdict.clone().unwrap_or(Verdict::Runs { ports: Vec::new() });
    match will {
        Verdict::Ends { after, code, reason, .. } => {
            if later(begun, after) <= clock {
                end(c, run, code, reason);
                return Turn::Again;
            }
            run.started = true;
            run.ready = !c.spec.has("/readinessProbe") && !c.init;
            Turn::Until(Due::progress(later(begun, after)))
        }
        Verdict::Runs { ports } => {
            let outcome = probe::check(c, run, begun, &ports);
            if outcome.kill {
                end(c, run, 137, "Error");
                return Turn::Again;
            }
            Turn::Until(outcome.due)
        }
    }
}

fn end(c: &mut Context<'_>, run: &mut Run, code: i64, reason: &str) {
    let State::Running { since } = &run.state else { return };
    let begun = since.time("").unwrap_or(c.w.clock);
    let stamp = c.w.stamp;
    if elapsed(begun, stamp) >= STABLE {
        c.memory().level = Some(0);
    }
    let finished = seconds(stamp);
    run.state = State::Ended(End { code, reason: reason.into(), message: String::new(), started: since.clone(), finished, id: run.id.clone() });
    (run.ready, run.started) = (false, false);
    let clock = c.w.clock;
    c.memory().since = Some(clock);
    c.memory().verdict = None;
}

fn ended(c: &mut Context<'_>, run: &mut Run, end: &End) -> Turn {
    let policy = c.pod.text("/spec/restartPolicy");
    let again = match (policy, c.init, run.sidecar) {
        (_, _, true) | ("Always", false, _) => true,
        ("Never", ..) => false,
        _ => end.code != 0,
    };
    if !again {
        return Turn::Until(None);
    }
    let clock = c.w.clock;
    let since = c.since();
    let level = level(c, run);
    // The first time it is started again at once; after that it waits, and shows for a moment how it ended.
    let at = later(since, if level == 0 { 1 } else { 2 });
    if at > clock {
        return Turn::Until(Due::progress(at));
    }
    if level == 0 {
        return start_again(c, run);
    }
    run.last = Some(end.clone());
    c.say(true, "BackOff", back_off_text(c, run), 1);
    let pod = format!("{}_{}({})", c.key.name, c.key.namespace, c.pod.text("/metadata/uid"));
    let text = format!("back-off {} restarting failed container={} pod={pod}", go_duration(back_off(level)), run.name);
    c.wait(run, "CrashLoopBackOff", text);
    Turn::Again
}

/// A `state` or `lastState` of a container status.
pub fn render(state: &State) -> Value {
    match state {
        State::Waiting { reason, message } if message.is_empty() => json!({"waiting": {"reason": reason}}),
        State::Waiting { reason, message } => json!({"waiting": {"reason": reason, "message": message}}),
        State::Running { since } => json!({"running": {"startedAt": since}}),
        State::Ended(e) => {
            let mut end = json!({"containerID": e.id, "exitCode": e.code, "reason": e.reason, "startedAt": e.started, "finishedAt": e.finished});
            if !e.message.is_empty() {
                end.set("/message", json!(e.message));
            }
            json!({"terminated": end})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_back_off_doubles_to_five_minutes_and_is_printed_as_go_prints_it() {
        let texts: Vec<String> = (1..8).map(|l| go_duration(back_off(l))).collect();
        assert_eq!(texts, ["10s", "20s", "40s", "1m20s", "2m40s", "5m0s", "5m0s"]);
    }
}
