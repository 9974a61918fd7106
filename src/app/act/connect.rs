//! The connection and its scope: contexts, namespaces, trying again.
use crate::app::App;
use crate::app::event::{Effect, Place};
use crate::app::settle::lapse_all;
use crate::model::{Epoch, Link, Namespaces, Trouble};
use crate::text::Clean;

/// A connection was built, or could not be.
pub fn connected(app: &mut App, result: Result<Place, Trouble>) -> Vec<Effect> {
    app.dirty = true;
    match result {
        Err(trouble) => {
            app.connection.trouble = Some(trouble);
            Vec::new()
        }
        Ok(place) => {
            app.connection.trouble = None;
            app.rules.context_namespace = place.namespace.to_string();
            app.rules.enter(&place.context, app.setup.role);
            app.agent.set_rules(app.rules.clone());
            let chosen = std::mem::take(&mut app.setup.namespaces);
            app.namespace = chosen.within(place.namespace.as_str()).map(Clean::line);
            app.connection.wanted = Some(place.context.clone());
            app.connection.place = Some(place);
            vec![watch(app)]
        }
    }
}

fn watch(app: &App) -> Effect {
    Effect::Watch { epoch: app.epoch, namespace: app.namespace.clone() }
}

fn forget(app: &mut App) {
    app.pods.clear();
    app.events.clear();
    app.problems.clear();
    app.investigate.clear();
    app.connection.pods = Link::Connecting;
    app.connection.events = Link::Connecting;
    app.dirty = true;
}

/// Another namespace, or all.
pub fn scope(app: &mut App, namespace: Option<Clean>) -> Vec<Effect> {
    if app.namespace == namespace && app.connection.place.is_some() {
        return Vec::new();
    }
    app.namespace = namespace;
    if app.connection.place.is_none() {
        app.setup.namespaces = app.namespace.as_ref().map_or(Namespaces::All, |n| Namespaces::Named(n.to_string()));
        app.dirty = true;
        return Vec::new();
    }
    forget(app);
    vec![watch(app)]
}

/// Another context: what hangs on the old one is void.
pub fn context(app: &mut App, name: Option<Clean>) -> Vec<Effect> {
    let mut out = lapse_all(app, "The context was switched.");
    out.extend(super::approve::revoke(app, "The context was switched."));
    if app.agent.running().is_some() {
        let effects = app.agent.handle(crate::agent::Event::Cancel { at: app.now });
        out.extend(super::agent::carry(app, effects));
    }
    app.epoch = Epoch(app.epoch.0 + 1);
    app.connection.place = None;
    app.connection.trouble = None;
    app.connection.version = Clean::default();
    app.connection.wanted.clone_from(&name);
    app.views.retain(|v| v.operation.is_none());
    app.review.leave_context();
    out.extend(super::approve::forget_parked(app, |_| true));
    forget(app);
    out.push(Effect::Connect { epoch: app.epoch, context: name });
    out
}

/// Tries again whatever is down; a text on the panel is read again.
pub fn retry(app: &mut App) -> Vec<Effect> {
    if app.connection.place.is_none() {
        let wanted = app.connection.wanted.clone();
        app.say("Trying again …", false);
        return context(app, wanted);
    }
    let now = app.now;
    if app.focus.is_panel()
        && let Some(view) = app.views.last_mut()
        && let Some(operation) = view.operation.clone()
    {
        view.asked = now;
        return vec![Effect::View { view: view.id, operation }];
    }
    app.say("Trying again …", false);
    vec![Effect::Retry(app.epoch)]
}
