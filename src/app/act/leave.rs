//! The two ladders out: `esc` goes one step back and never quits; `ctrl-c` stops, clears, and then quits.
use super::{agent::carry, approve};
use crate::agent;
use crate::app::App;
use crate::app::event::Effect;
use crate::app::filter::Filter;
use crate::app::layout::Focus;
use crate::app::popup::{LineKind, Popup};
use crate::app::settle::lapse_all;
use crate::model::Timestamp;

/// A second `ctrl-c` within this quits.
const AGAIN_MS: i64 = 1_500;
/// A second `esc` within this stops the answer.
const TWICE_MS: i128 = 1_000;

fn within(app: &App, then: Option<Timestamp>, ms: i128) -> bool {
    then.is_some_and(|t| app.now.duration_since(t).as_millis() <= ms)
}

/// `esc`.
pub fn back(app: &mut App) -> Vec<Effect> {
    let before = app.escaped.take();
    let twice = within(app, before, TWICE_MS);
    if app.popup.is_none() && !app.review.open && app.focus == Focus::Chat && app.agent.running().is_some() {
        if twice {
            return stop(app);
        }
        app.escaped = Some(app.now);
    }
    if let Some(popup) = app.popup.take() {
        // A filter that is typed is in force already: leaving it takes it back.
        if matches!(popup, Popup::Line(LineKind::Filter, _)) {
            set_filter(app, Filter::default());
        }
        return Vec::new();
    }
    if app.review.open {
        if app.review.leave_edit() {
            return app.review.show(app.now).into_iter().collect();
        }
        if let Some(answer) = app.review.deny_without_reason() {
            return approve::answered(app, answer);
        }
        app.review.open = false;
        app.later = true;
        return Vec::new();
    }
    if app.insert {
        app.insert = false;
        return Vec::new();
    }
    if app.zoom {
        app.zoom = false;
        return Vec::new();
    }
    if app.focus.is_panel() {
        if let Some(view) = app.views.last_mut().filter(|v| !v.search.is_empty()) {
            view.search.clear();
        } else if let Some(view) = app.views.pop() {
            app.focus = view.from;
        } else {
            set_filter(app, Filter::default());
        }
        return Vec::new();
    }
    if app.chat.chosen.take().is_some() {
        return Vec::new();
    }
    if app.escaped.is_some() {
        app.say("esc again stops the answer", false);
    } else if !app.views.is_empty() {
        app.focus = Focus::Pods;
    }
    Vec::new()
}

/// Filters the table that has, or last had, the focus.
pub fn set_filter(app: &mut App, filter: Filter) {
    match app.panel {
        Focus::Events => app.events.set_filter(filter),
        _ => app.pods.set_filter(filter),
    }
}

/// `ctrl-c`.
pub fn interrupt(app: &mut App) -> Vec<Effect> {
    if app.popup.is_some() {
        return back(app);
    }
    if app.agent.running().is_some() {
        app.leaving = None;
        return stop(app);
    }
    if app.review.open {
        return back(app);
    }
    if !app.chat.is_empty() {
        let line = app.chat.take_draft();
        app.attached = None;
        app.leaving = None;
        app.say("The draft is in the history: ↑ brings it back.", false);
        return vec![Effect::Keep(line)];
    }
    let before = app.leaving.take();
    if within(app, before, i128::from(AGAIN_MS)) {
        return quit(app);
    }
    app.leaving = Some(app.now);
    app.say("ctrl-c again to quit", false);
    if let Some(notice) = &mut app.notice {
        notice.until = app.now.checked_add(jiff::SignedDuration::from_millis(AGAIN_MS)).unwrap_or(notice.until);
    }
    Vec::new()
}

/// Stops the running turn; what was asked meanwhile stays queued.
pub fn stop(app: &mut App) -> Vec<Effect> {
    let effects = app.agent.handle(agent::Event::Cancel { at: app.now });
    app.say("Stopped.", false);
    carry(app, effects)
}

/// Leaves: whatever waits for a decision is not approved.
pub fn quit(app: &mut App) -> Vec<Effect> {
    let mut out = lapse_all(app, "The screen was left.");
    out.push(Effect::Quit);
    out
}
