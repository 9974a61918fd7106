//! What follows every event: sizes, caches, timers, and dialogs whose turn it is.
use super::act;
use super::chat::Surroundings;
use super::event::{Decision, Effect};
use super::layout::Focus;
use super::{App, popup};
use crate::model::EvidenceState;

/// Whether a pane is on screen and nothing covers it.
pub fn shows(app: &App, pane: Focus) -> bool {
    let covered = pane.is_panel() && !app.views.is_empty();
    app.panes.of(pane).is_some() && !covered
}

/// The timer fired.
pub fn tick(app: &mut App) -> Vec<Effect> {
    let now = app.now;
    app.dirty |= app.turns.is_some_and(|t| t <= now);
    if app.notice.as_ref().is_some_and(|n| n.until <= now) {
        app.notice = None;
        app.dirty = true;
    }
    let mut effects = Vec::new();
    let patience = app.review.patience.as_secs();
    let time = if patience >= 60 { format!("{} minutes", patience / 60) } else { format!("{patience} seconds") };
    for waiting in app.review.expired(now) {
        effects.extend(act::approve::lapse(app, waiting, &format!("Nobody answered within {time}.")));
    }
    app.dirty |= app.review.forget_grants(now);
    let epoch_open = app.connection.place.is_some();
    if let Some(view) = app.views.last_mut() {
        if view.wants_colour() {
            view.colour();
            app.dirty = true;
        }
        if view.follow
            && epoch_open
            && now.duration_since(view.asked) >= act::read::FOLLOW
            && let Some(operation) = view.operation.clone()
        {
            view.asked = now;
            effects.push(Effect::View { view: view.id, operation });
        }
    }
    effects
}

/// See the module.
pub fn settle(app: &mut App) -> Vec<Effect> {
    let mut effects = Vec::new();
    if app.agent.running().is_none()
        && let Some((question, object)) = app.queued.pop_front()
    {
        effects.extend(act::write::ask(app, question, object));
    }
    effects.extend(act::watch::investigate(app));
    open_dialog(app, &mut effects);
    app.dirty |= app.problems.turn(app.clock()) && shows(app, Focus::Problems);
    app.dirty |= app.relayout();
    refresh(app);
    app.turns = app.turning();
    effects
}

/// The dialog comes up by itself only where nobody types and nothing else is open.
fn open_dialog(app: &mut App, effects: &mut Vec<Effect>) {
    if app.review.is_empty() {
        app.later = false;
    }
    let free = !app.insert && app.popup.as_ref().is_none_or(|p| !matches!(p, popup::Popup::Line(..) | popup::Popup::Picker(_)));
    if !app.review.open && !app.review.is_empty() && free && !app.later {
        effects.extend(app.review.show(app.now));
        app.dirty = true;
    }
}

/// Caches of the chat and the context pane.
fn refresh(app: &mut App) {
    let width = app.panes.of(Focus::Chat).map_or(80, |s| usize::from(s.body.width));
    let ledger = app.agent.ledger();
    let around = Surroundings { width: width.saturating_sub(2).max(1), evidence: ledger.evidence().len(), chosen: app.chat.chosen };
    let transcript = app.agent.transcript();
    app.dirty |= app.chat.refresh(&transcript.entries, transcript.version, around, app.now);
    app.dirty |= app.context.refresh(ledger);
    let count = |state: EvidenceState| ledger.evidence().iter().filter(|e| e.state == state).count();
    let marks = (count(EvidenceState::Changed), count(EvidenceState::Gone));
    app.dirty |= marks != app.marks;
    app.marks = marks;
}

/// What remains undecided when the ground is lost.
pub fn lapse_all(app: &mut App, why: &str) -> Vec<Effect> {
    let waiting = app.review.drain(|_| true);
    waiting.into_iter().flat_map(|w| act::approve::lapse(app, w, why)).collect()
}

/// A decision without an approval.
pub fn lapsed(why: &str) -> Decision {
    Decision::Lapsed(crate::text::Clean::line(why))
}
