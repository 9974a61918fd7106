//! Watches: initial objects, changes as they come, bookmarks, and 410 when the history has moved on.
//!
//! A watch wakes on changes of the store alone; with a standing clock it sends nothing by time.
use super::accept::Form;
use super::json::set;
use super::kinds::Kind;
use super::query::{Query, Selection, check};
use super::status::Fail;
use super::{Api, Asked, answer, events, table};
use crate::demo::store::{Change, Kept, Verb, body};
use axum::body::{Body, Bytes};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How often a watch that asked for bookmarks gets one.
const BOOKMARK: Duration = Duration::from_mins(1);
/// How long a watch lasts that does not say.
const LONGEST: Duration = Duration::from_hours(1);
/// Events are handed on in pieces of about this size.
const PIECE: usize = 64 * 1024;

struct Watch {
    api: Arc<Api>,
    kind: Arc<Kind>,
    namespace: Option<String>,
    selection: Selection,
    query: Query,
    form: Form,
    /// The version up to which everything was sent.
    at: u64,
    initial: VecDeque<Kept>,
    /// The bookmark that ends the initial events is due.
    mark_end: bool,
    bookmarks: bool,
    /// The version of the last bookmark.
    marked: u64,
    /// A Table's columns are sent once.
    headed: bool,
    changed: tokio::sync::watch::Receiver<u64>,
    ends: Instant,
    next_mark: Instant,
    over: bool,
}

/// Answers a watch.
pub fn watch(api: &Arc<Api>, kind: &Arc<Kind>, asked: &Asked, form: Form) -> Result<Response, Fail> {
    let query = &asked.query;
    check(query, true)?;
    let mut selection = Selection::read(kind, query)?;
    if !asked.subject.name.is_empty() {
        selection.fields = super::fields::Fields::parse(kind, &format!("metadata.name={}", asked.subject.name))?;
    }
    let version = query.version("resourceVersion").map_err(|why| Fail::new(500, "", why))?;
    let seconds = query.number("timeoutSeconds")?.and_then(|s| u64::try_from(s).ok()).filter(|s| *s > 0);
    let changed = api.store.subscribe();
    let namespace = Some(asked.subject.namespace.clone()).filter(|n| kind.namespaced && !n.is_empty());
    let wants_initial = query.flag("sendInitialEvents");
    let mut watch = Watch {
        api: api.clone(),
        kind: kind.clone(),
        namespace,
        selection,
        query: query.clone(),
        form,
        at: version.unwrap_or_default(),
        initial: VecDeque::new(),
        mark_end: false,
        bookmarks: query.flag("allowWatchBookmarks"),
        marked: 0,
        headed: false,
        changed,
        ends: Instant::now() + seconds.map_or(LONGEST, Duration::from_secs),
        next_mark: Instant::now() + BOOKMARK,
        over: false,
    };
    // No version (or 0): the objects as they are now come first, unless that was declined.
    if wants_initial || version.is_none_or(|v| v == 0) {
        watch.begin(wants_initial || !query.has("sendInitialEvents"));
        watch.mark_end = wants_initial && watch.bookmarks;
    }
    let stream = futures::stream::unfold(watch, |mut watch| async move { watch.next().await.map(|piece| (Ok::<_, Infallible>(piece), watch)) });
    Ok(answer::bytes(200, "application/json", Body::from_stream(stream)))
}

impl Watch {
    fn begin(&mut self, with_objects: bool) {
        let (initial, selection) = (&mut self.initial, &self.selection);
        let version = self.api.store.walk(&self.kind.stored, self.namespace.as_deref(), None, None, &mut |_, kept| {
            if with_objects && selection.matches(&kept.object) {
                initial.push_back(kept.clone());
            }
            true
        });
        self.at = version.unwrap_or(self.at);
    }

    /// The next piece of the stream; `None` ends it.
    async fn next(&mut self) -> Option<Bytes> {
        let mut out = Vec::new();
        loop {
            while let Some(kept) = self.initial.pop_front() {
                self.event(&mut out, "ADDED", &kept, &kept.object.clone());
                if out.len() > PIECE {
                    return Some(out.into());
                }
            }
            if std::mem::take(&mut self.mark_end) {
                self.bookmark(&mut out, true);
            }
            if self.over {
                return (!out.is_empty()).then(|| out.into());
            }
            self.changed.borrow_and_update();
            self.collect(&mut out);
            if !out.is_empty() {
                return Some(out.into());
            }
            let marks = self.bookmarks && !self.api.still;
            tokio::select! {
                biased;
                () = self.api.stop.cancelled() => self.over = true,
                r = self.changed.changed() => self.over = r.is_err(),
                () = sleep_until(self.ends) => self.over = true,
                () = sleep_until(self.next_mark), if marks => {
                    self.next_mark = Instant::now() + BOOKMARK;
                    if self.at > self.marked {
                        self.bookmark(&mut out, false);
                        return Some(out.into());
                    }
                }
            }
        }
    }

    /// Takes what has changed since the last time.
    fn collect(&mut self, out: &mut Vec<u8>) {
        // A version that is not there yet is waited for.
        if self.at > self.api.store.version() {
            return;
        }
        let Some((version, changes)) = self.api.store.changes(&self.kind.stored, self.namespace.as_deref(), self.at) else {
            let oldest = self.api.store.version();
            let gone = Fail::expired(format!("too old resource version: {} ({oldest})", self.at)).status();
            line(out, "ERROR", gone.to_string().as_bytes());
            self.over = true;
            return;
        };
        self.at = version;
        for change in changes {
            self.change(out, &change);
        }
    }

    /// A change as the selection sees it: what enters it is added, what leaves it is deleted.
    fn change(&mut self, out: &mut Vec<u8>, change: &Change) {
        let after = change.verb != Verb::Deleted && self.selection.matches(&change.object);
        let before = change.before.as_ref().is_some_and(|b| self.selection.matches(b));
        match (before, after) {
            (false, true) => self.event(out, "ADDED", &change.kept, &change.object),
            (true, true) => self.event(out, "MODIFIED", &change.kept, &change.object),
            (true, false) => self.event(out, "DELETED", &change.kept, &change.object),
            (false, false) => {}
        }
    }

    fn event(&mut self, out: &mut Vec<u8>, verb: &str, kept: &Kept, object: &Value) {
        match self.form {
            Form::Table => {
                let table = self.table(object);
                line(out, verb, table.to_string().as_bytes());
            }
            Form::Partial | Form::PartialList => line(out, verb, answer::partial(object).to_string().as_bytes()),
            _ if self.kind.group == "events.k8s.io" => line(out, verb, &answer::whole(&self.kind, &body(&events::regarding(object)))),
            _ => line(out, verb, &answer::whole(&self.kind, &kept.body())),
        }
    }

    fn table(&mut self, object: &Value) -> Value {
        let version = object.pointer("/metadata/resourceVersion").cloned().unwrap_or_default();
        let mut out = table::head(&self.kind, &self.api.store);
        if std::mem::replace(&mut self.headed, true) {
            set(&mut out, "columnDefinitions", Value::Null);
        }
        let row = table::row(&self.kind, object, (self.api.now)(), &self.api.store, &self.query).unwrap_or_default();
        set(&mut out, "metadata", json!({"resourceVersion": version}));
        set(&mut out, "rows", json!([row]));
        out
    }

    fn bookmark(&mut self, out: &mut Vec<u8>, ends_initial: bool) {
        self.marked = self.at;
        let mut metadata = json!({"resourceVersion": self.at.to_string()});
        if ends_initial {
            set(&mut metadata, "annotations", json!({"k8s.io/initial-events-end": "true"}));
        }
        let object = json!({"kind": self.kind.kind, "apiVersion": self.kind.api_version(), "metadata": metadata});
        let text = match self.form {
            Form::Table => self.table(&object).to_string(),
            Form::Partial | Form::PartialList => answer::partial(&object).to_string(),
            _ => object.to_string(),
        };
        line(out, "BOOKMARK", text.as_bytes());
    }
}

fn line(out: &mut Vec<u8>, verb: &str, object: &[u8]) {
    out.extend_from_slice(format!(r#"{{"type":"{verb}","object":"#).as_bytes());
    out.extend_from_slice(object);
    out.extend_from_slice(b"}\n");
}
