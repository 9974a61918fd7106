//! Moving: between panes, within one, from citation to citation.
use crate::agent::cite::citations;
use crate::app::layout::Focus;
use crate::app::popup::Popup;
use crate::app::{App, dialog, help};
use crate::model::EvidenceId;

/// The next pane, or the one before.
pub fn pane(app: &mut App, by: isize) {
    app.insert = false;
    let covered = !app.views.is_empty();
    // A text covers the whole panel: its lists are one stop then.
    let stops: Vec<Focus> = Focus::ALL.into_iter().filter(|f| !(covered && f.is_panel() && *f != app.panel)).collect();
    let at = stops.iter().position(|f| *f == app.focus).unwrap_or(0);
    let next = (at + stops.len()).saturating_add_signed(by) % stops.len().max(1);
    if let Some(focus) = stops.get(next) {
        app.focus = *focus;
    }
}

/// One row.
pub fn step(app: &mut App, by: isize) {
    match &mut app.popup {
        Some(Popup::Help(at)) => return *at = at.saturating_add_signed(by).min(help::last(app.setup.size)),
        Some(Popup::Picker(p)) => return p.step(by),
        _ => {}
    }
    if app.focus.is_panel()
        && let Some(view) = app.views.last_mut()
    {
        view.step(by);
        return;
    }
    match app.focus {
        Focus::Pods => app.pods.step(by),
        Focus::Events => app.events.step(by),
        Focus::Problems => app.problems.step(by),
        Focus::Chat => {
            app.chat.step(by);
        }
        Focus::Context => app.context.step(by),
    }
}

/// One page.
pub fn page(app: &mut App, by: isize) {
    if app.review.open {
        let last = app.review.front().map_or(0, |w| dialog::last(app, w));
        if let Some(w) = app.review.front_mut() {
            w.scroll = w.scroll.saturating_add_signed(by * 5).min(last);
        }
        return;
    }
    if app.insert {
        let page = app.chat.page();
        app.chat.step(by * page);
        return;
    }
    if let Some(Popup::Help(at)) = &mut app.popup {
        return *at = at.saturating_add_signed(by * 10).min(help::last(app.setup.size));
    }
    let rows = match app.focus {
        f if f.is_panel() && !app.views.is_empty() => app.views.last().map_or(1, crate::app::view::View::page),
        Focus::Pods => app.pods.page(),
        Focus::Events => app.events.page(),
        Focus::Problems => app.problems.page(),
        Focus::Chat => app.chat.page(),
        Focus::Context => app.context.page(),
    };
    step(app, by * rows);
}

/// The top, or the end.
pub fn end(app: &mut App, top: bool) {
    if app.focus.is_panel()
        && let Some(view) = app.views.last_mut()
    {
        return if top { view.top() } else { view.bottom() };
    }
    match (app.focus, top) {
        (Focus::Pods, true) => app.pods.top(),
        (Focus::Pods, false) => app.pods.bottom(),
        (Focus::Events, true) => app.events.top(),
        (Focus::Events, false) => app.events.bottom(),
        (Focus::Problems, top) => app.problems.step(if top { isize::MIN } else { isize::MAX }),
        (Focus::Chat, true) => app.chat.top(),
        (Focus::Chat, false) => app.chat.bottom(),
        (Focus::Context, true) => app.context.top(),
        (Focus::Context, false) => app.context.bottom(),
    }
}

/// The next citation of the newest answer, or the one before; the context pane follows.
pub fn citation(app: &mut App, forward: bool) {
    let ids = cited(app);
    let at = app.chat.chosen.and_then(|c| ids.iter().position(|i| *i == c));
    let next = match (at, forward) {
        (None, true) => ids.first(),
        (None, false) => ids.last(),
        (Some(i), true) => ids.get((i + 1) % ids.len()),
        (Some(i), false) => ids.get((i + ids.len() - 1) % ids.len()),
    };
    match next.copied() {
        Some(id) => {
            app.chat.chosen = Some(id);
            app.context.choose(id, app.agent.ledger());
        }
        None => app.say("The newest answer cites nothing.", false),
    }
}

/// What the newest answer that cites anything cites and the ledger holds, each once, in order.
fn cited(app: &App) -> Vec<EvidenceId> {
    let ledger = app.agent.ledger();
    for entry in app.agent.transcript().entries.iter().rev() {
        let crate::agent::Entry::Answer { text, .. } = entry else { continue };
        let mut out: Vec<EvidenceId> = Vec::new();
        for citation in citations(text, ledger) {
            if citation.known && !out.contains(&citation.id) {
                out.push(citation.id);
            }
        }
        if !out.is_empty() {
            return out;
        }
    }
    Vec::new()
}
