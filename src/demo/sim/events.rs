//! Events as client-go's recorder and the scheduler write them: one object per sort of message about an object, counted
//! up; many that differ only in their text are combined; each is gone an hour after it was last seen.
use super::json::{View, compact, elapsed, later, micros, seconds};
use super::world::{Due, World};
use crate::demo::store::Key;
use crate::model::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;

/// How long an event is kept after it was last seen, in seconds.
pub const KEPT: i64 = 3_600;
/// So many messages that differ in their text alone are written apart; the rest is combined.
const APART: usize = 10;
/// Messages further apart than this (in seconds) are not similar.
const SIMILAR: i64 = 600;

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From<'a> {
    /// A controller of the controller manager.
    Controller(&'a str),
    /// The kubelet of a node.
    Kubelet(&'a str),
    /// The scheduler, which writes the newer form.
    Scheduler,
}

/// What is said.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    /// Who says it.
    pub from: From<'a>,
    /// `Warning`, else `Normal`.
    pub warning: bool,
    /// CamelCase.
    pub reason: &'a str,
    /// For people.
    pub message: String,
    /// `spec.containers{main}`, empty for the whole object.
    pub field: String,
    /// How often it was seen since it was last written.
    pub times: i64,
}

impl<'a> Note<'a> {
    /// A `Normal` note about the whole object.
    pub fn normal(from: From<'a>, reason: &'a str, message: impl Into<String>) -> Self {
        Self { from, warning: false, reason, message: message.into(), field: String::new(), times: 1 }
    }
    /// A `Warning` about the whole object.
    pub fn warning(from: From<'a>, reason: &'a str, message: impl Into<String>) -> Self {
        Self { warning: true, ..Self::normal(from, reason, message) }
    }
    /// About a part of the object.
    pub fn field(self, field: impl Into<String>) -> Self {
        Self { field: field.into(), ..self }
    }
    /// Seen so many times.
    pub fn times(self, times: i64) -> Self {
        Self { times, ..self }
    }
}

#[derive(Debug)]
struct Group {
    messages: usize,
    last: Timestamp,
}

/// What the recorder remembers: which event object counts which message.
#[derive(Debug, Default)]
pub struct Recorder {
    known: HashMap<String, Key>,
    groups: HashMap<String, Group>,
}

impl Recorder {
    /// Learns an event that was there before.
    pub fn learn(&mut self, key: &Key, event: &Value) {
        self.known.insert(identity(event, event.text("/message")), key.clone());
        let last = last_seen(event).unwrap_or_default();
        let group = self.groups.entry(identity(event, "")).or_insert(Group { messages: 0, last });
        group.messages += 1;
        group.last = group.last.max(last);
    }
    /// Forgets an event that is gone.
    pub fn forget(&mut self, event: &Value) {
        self.known.remove(&identity(event, event.text("/message")));
        self.groups.remove(&identity(event, ""));
    }
}

/// What makes two events the same: everything but the times.
fn identity(event: &Value, message: &str) -> String {
    let combined = message.strip_prefix(COMBINED).map_or(message, |_| COMBINED);
    let component = event.text("/source/component");
    let component = if component.is_empty() { event.text("/reportingComponent") } else { component };
    [
        component,
        event.text("/involvedObject/uid"),
        event.text("/involvedObject/name"),
        event.text("/involvedObject/fieldPath"),
        event.text("/type"),
        event.text("/reason"),
        combined,
    ]
    .join("\u{1f}")
}

const COMBINED: &str = "(combined from similar events): ";

impl World {
    /// Writes an event about `object`.
    pub fn event(&mut self, object: &Value, note: &Note<'_>) {
        let mut event = body(object, note);
        let mut message = note.message.clone();
        let same = identity(&event, &message);
        if !self.recorder.known.contains_key(&same) && note.from != From::Scheduler {
            let group = self.recorder.groups.entry(identity(&event, "")).or_insert(Group { messages: 0, last: self.stamp });
            if elapsed(group.last, self.stamp) > SIMILAR {
                group.messages = 0;
            }
            group.last = self.stamp;
            group.messages += 1;
            if group.messages > APART {
                message = format!("{COMBINED}{message}");
            }
        }
        let same = identity(&event, &message);
        event.set("/message", json!(message));
        let stamp = self.stamp;
        if let Some(key) = self.recorder.known.get(&same).cloned()
            && self.edit(&key, |old| repeat(old, note, &message, stamp)).is_some()
        {
            return;
        }
        self.write_new(object, note, event, same);
    }

    /// When a note was last written, if its event is still there.
    pub fn last_said(&mut self, object: &Value, note: &Note<'_>) -> Option<Timestamp> {
        let key = self.recorder.known.get(&identity(&body(object, note), &note.message))?.clone();
        last_seen(&*self.get(&key)?)
    }

    fn write_new(&mut self, object: &Value, note: &Note<'_>, mut event: Value, same: String) {
        // The name's end is the time in nanoseconds, made unique: two events of one instant differ.
        let nanos = i128::from(self.stamp.as_second()) * 1_000_000_000 + i128::from(self.serial() % 1_000_000_000);
        let name = format!("{}.{nanos:x}", object.text("/metadata/name"));
        let namespace = event.text("/involvedObject/namespace").to_owned();
        let namespace = if namespace.is_empty() { "default".to_owned() } else { namespace };
        if note.from == From::Scheduler {
            event.set("/eventTime", micros(self.stamp));
            event.set("/firstTimestamp", Value::Null);
            event.set("/lastTimestamp", Value::Null);
        } else {
            event.set("/eventTime", Value::Null);
            event.set("/firstTimestamp", seconds(self.stamp));
            event.set("/lastTimestamp", seconds(self.stamp));
            event.set("/count", json!(note.times));
        }
        let key = Key::new("events", &namespace, &name);
        self.create(&key, event);
        self.recorder.known.insert(same, key);
    }
}

fn repeat(old: &mut Value, note: &Note<'_>, message: &str, stamp: Timestamp) {
    if note.from == From::Scheduler {
        let count = old.int_or("/series/count", 1) + note.times;
        old.set("/series", json!({"count": count, "lastObservedTime": micros(stamp)}));
        return;
    }
    let count = old.int("/count") + note.times;
    old.set("/count", json!(count));
    old.set("/lastTimestamp", seconds(stamp));
    old.set("/message", json!(message));
}

fn body(object: &Value, note: &Note<'_>) -> Value {
    let involved = compact(json!({
        "kind": object.at("/kind"), "apiVersion": object.at("/apiVersion"), "name": object.at("/metadata/name"),
        "namespace": object.at("/metadata/namespace"), "uid": object.at("/metadata/uid"),
        "resourceVersion": object.at("/metadata/resourceVersion"),
        "fieldPath": if note.field.is_empty() { Value::Null } else { json!(note.field) }
    }));
    let (source, component, instance) = match note.from {
        From::Controller(name) => (json!({"component": name}), name, ""),
        From::Kubelet(node) => (json!({"component": "kubelet", "host": node}), "kubelet", node),
        From::Scheduler => (json!({}), "default-scheduler", "default-scheduler-control-plane"),
    };
    let mut event = json!({
        "kind": "Event", "apiVersion": "v1", "metadata": {}, "involvedObject": involved, "reason": note.reason,
        "message": note.message, "source": source, "type": if note.warning { "Warning" } else { "Normal" },
        "reportingComponent": component, "reportingInstance": instance
    });
    if note.from == From::Scheduler {
        event.set("/action", json!(if note.warning { "Scheduling" } else { "Binding" }));
    }
    event
}

/// When an event was last seen.
pub fn last_seen(event: &Value) -> Option<Timestamp> {
    event
        .time("/series/lastObservedTime")
        .or_else(|| event.time("/lastTimestamp"))
        .or_else(|| event.time("/eventTime"))
        .or_else(|| event.time("/metadata/creationTimestamp"))
}

/// Takes an event away when its time has come.
pub fn reconcile(w: &mut World, key: &Key, event: &Value) -> Option<Due> {
    let end = later(last_seen(event)?, KEPT);
    if end <= w.clock {
        w.remove(key);
        return None;
    }
    Due::steady(end)
}
