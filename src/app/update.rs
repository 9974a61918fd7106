//! One event in, effects out. The one place that drops what belongs to another connection.
use super::act;
use super::event::{At, Effect, Event};
use super::keys::{self, Action, Chord};
use super::popup::Popup;
use super::rows::{EventRow, PodRow};
use super::{App, settle};
use crate::model::{Change, Epoch, Link, Update, WatchKind, snapshot};
use crate::text::Clean;
use crossterm::event::{KeyEvent, KeyEventKind};

/// See the module of `app`.
pub fn update(app: &mut App, At { at, event }: At) -> Vec<Effect> {
    app.now = at.max(app.now);
    if epoch_of(&event).is_some_and(|e| e != app.epoch) {
        return Vec::new();
    }
    let mut effects = match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
        Event::Key(key) => on_key(app, &key),
        Event::Paste(text) => {
            act::write::paste(app, &text);
            Vec::new()
        }
        Event::Resize(w, h) => {
            app.setup.size = (w, h);
            app.dirty = true;
            Vec::new()
        }
        Event::Tick => settle::tick(app),
        Event::Leave => act::leave::quit(app),
        Event::Contexts(result) => {
            match result {
                Ok(all) => app.connection.contexts = Some(all),
                Err(trouble) => app.connection.trouble = Some(trouble),
            }
            app.dirty = true;
            Vec::new()
        }
        Event::Connected { result, .. } => act::connect::connected(app, result),
        Event::Watch(_, update) => on_watch(app, update),
        Event::Namespaces(_, result) => {
            if let Some(Popup::Picker(p)) = &mut app.popup
                && p.kind == super::popup::PickKind::Namespace
            {
                p.choices = Some(result);
                app.dirty = true;
            }
            Vec::new()
        }
        Event::Discovered(_, result) => {
            match result {
                Ok((version, kinds)) => {
                    app.kinds = kinds.clone();
                    app.agent.set_kinds(kinds);
                    app.connection.version = version;
                }
                Err(trouble) => app.say(&format!("kinds of the server: {trouble}"), true),
            }
            Vec::new()
        }
        Event::Problems(_, report) => {
            act::watch::told(app, *report);
            Vec::new()
        }
        Event::Agent(event) => {
            let effects = app.agent.handle(event);
            act::agent::carry(app, effects)
        }
        Event::View { view, readings } => {
            if let Some(v) = app.views.iter_mut().find(|v| v.id == view) {
                app.dirty |= v.answer(&readings);
            }
            Vec::new()
        }
        Event::Dialog { turn, call, challenge } => {
            app.review.minted(turn, &call, challenge);
            app.dirty |= app.review.open;
            Vec::new()
        }
        Event::Planned { result, .. } => act::approve::planned(app, result),
        Event::Replanned { turn, call, result, .. } => act::approve::replanned(app, turn, &call, result),
        Event::Executed { turn, call, outcome, changed } => act::approve::executed(app, turn, &call, outcome, changed),
        Event::Audited(result) => {
            let before = app.review.unwritten.take();
            app.review.unwritten = result.err().map(|t| Clean::line(&t.to_string()));
            app.dirty |= before != app.review.unwritten;
            Vec::new()
        }
        Event::Remark(text) => {
            act::approve::remark(app, &text);
            Vec::new()
        }
        Event::Say(text) => {
            app.say(&text, false);
            Vec::new()
        }
    };
    effects.extend(settle::settle(app));
    effects
}

/// The connection that an event belongs to.
fn epoch_of(event: &Event) -> Option<Epoch> {
    match event {
        Event::Connected { epoch, .. }
        | Event::Planned { epoch, .. }
        | Event::Replanned { epoch, .. }
        | Event::Watch(epoch, _)
        | Event::Namespaces(epoch, _)
        | Event::Discovered(epoch, _)
        | Event::Problems(epoch, _) => Some(*epoch),
        _ => None,
    }
}

fn on_key(app: &mut App, key: &KeyEvent) -> Vec<Effect> {
    let place = app.place();
    if let Some(action) = keys::find(place, Chord::of(key)) {
        if !matches!(action, Action::Interrupt) {
            app.leaving = None;
        }
        if !matches!(action, Action::Back) {
            app.escaped = None;
        }
        app.dirty = true;
        return act::run(app, action, key);
    }
    match place {
        keys::Place::Insert => {
            act::write::edit(app, key);
            Vec::new()
        }
        keys::Place::Review => act::approve::press(app, key),
        keys::Place::Line | keys::Place::Picker => {
            app.dirty |= act::prompt::typed(app, key);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn on_watch(app: &mut App, update: Update) -> Vec<Effect> {
    match update {
        Update::Pods(changes) => {
            let before = app.pods.len();
            observe(app, &changes);
            let shown = app.pods.apply(changes.into_iter().map(|c| row(c, PodRow::of)));
            app.dirty |= shown && settle::shows(app, super::layout::Focus::Pods) || app.pods.len() != before;
        }
        Update::Events(changes) => {
            let before = app.events.len();
            let shown = app.events.apply(changes.into_iter().map(|c| row(c, EventRow::of)));
            app.dirty |= (shown || app.events.len() != before) && settle::shows(app, super::layout::Focus::Events);
        }
        Update::Link(kind, link, _) => {
            let slot = match kind {
                WatchKind::Pods => &mut app.connection.pods,
                WatchKind::Events => &mut app.connection.events,
            };
            app.dirty |= *slot != link;
            if link == Link::Live {
                app.connection.trouble = None;
            }
            *slot = link;
        }
    }
    Vec::new()
}

fn row<T, R>(change: Change<T>, of: impl Fn(&T) -> R) -> Change<R> {
    match change {
        Change::Upsert(t) => Change::Upsert(of(&t)),
        Change::Gone(uid) => Change::Gone(uid),
        Change::ListBegins => Change::ListBegins,
        Change::ListEnds => Change::ListEnds,
    }
}

/// The ledger hears of every object that changed, so that evidence is marked.
fn observe(app: &mut App, changes: &[Change<snapshot::Pod>]) {
    for change in changes {
        match change {
            Change::Upsert(pod) => app.agent.observed(&pod.meta.uid, Some(&pod.meta.resource_version)),
            Change::Gone(uid) => app.agent.observed(uid, None),
            Change::ListBegins | Change::ListEnds => {}
        }
    }
}

/// A sentence as one clean line.
pub(super) fn sentence(text: &impl ToString) -> Clean {
    Clean::line(&text.to_string())
}
