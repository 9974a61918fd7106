//! The composer: writing, sending, its history, pastes.
use super::agent::carry;
use crate::agent::{self, Mode};
use crate::app::App;
use crate::app::event::Effect;
use crate::app::layout::Focus;
use crate::app::popup::Popup;
use crate::app::table::Record;
use crate::model::ObjectRef;
use crate::text::Clean;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// To the composer, about a row or about nothing in particular.
pub fn compose(app: &mut App, about: Option<ObjectRef>) {
    if about.is_some() {
        app.attached = about;
    }
    app.focus = Focus::Chat;
    app.insert = true;
}

/// `X`: the selected row goes with the question.
pub fn about(app: &mut App) {
    let object = match app.focus {
        Focus::Pods => app.pods.selected().map(Record::object),
        Focus::Events => app.events.selected().map(Record::object),
        Focus::Problems => app.problems.selected().map(|f| f.object.clone()),
        Focus::Chat | Focus::Context => None,
    };
    match object {
        Some(object) => compose(app, Some(object)),
        None => app.say("No row is selected.", false),
    }
}

/// `ctrl-t`.
pub fn toggle(app: &mut App) {
    app.chat.mode = match app.chat.mode {
        Mode::Diagnose => Mode::Ask,
        Mode::Ask => Mode::Diagnose,
    };
}

/// What an empty draft about a row asks; of a finding that went, whether it is over.
pub fn default_question(app: &App, object: &ObjectRef) -> String {
    match app.problems.went(object) {
        Some(title) => format!("What was wrong with {object}, and is it over? It was found and is not found any more: {title}"),
        None => format!("What is wrong with {object}?"),
    }
}

/// Enter in the composer. A question that comes while another is answered waits its turn.
pub fn send(app: &mut App) -> Vec<Effect> {
    let object = app.attached.take();
    let mut question = app.chat.take_draft().trim().to_owned();
    if question.is_empty() {
        match &object {
            Some(o) => question = default_question(app, o),
            None => return Vec::new(),
        }
    }
    app.insert = false;
    app.chat.bottom();
    let mut out = vec![Effect::Keep(question.clone())];
    out.extend(super::watch::make_way(app));
    if app.agent.running().is_some() {
        app.say("It is asked as soon as the running answer is done.", false);
        app.queued.push_back((question, object));
        return out;
    }
    out.extend(ask(app, question, object));
    out
}

/// Hands a question to the agent.
pub fn ask(app: &mut App, question: String, object: Option<ObjectRef>) -> Vec<Effect> {
    let context = app.connection.place.as_ref().map(|p| p.context.clone()).unwrap_or_default();
    let place = agent::Place { context, namespace: app.namespace.clone(), role: Some(app.rules.role), object, include: app.problems.include().to_vec() };
    let turn = app.agent.next_turn();
    let effects = app.agent.handle(agent::Event::Ask { turn, question, mode: app.chat.mode, place, at: app.now });
    app.dirty = true;
    carry(app, effects)
}

/// Any other key in the composer. `ctrl-u` takes the line's head, as in a shell.
pub fn edit(app: &mut App, key: &KeyEvent) {
    let head = key.code == KeyCode::Char('u') && key.modifiers == KeyModifiers::CONTROL;
    let changed = if head { app.chat.composer.delete_line_by_head() } else { app.chat.composer.input(*key) };
    if changed {
        app.chat.recalled = None;
    }
    app.dirty = true;
}

/// Arrows move in the draft; at its edge they go through the history.
pub fn vertical(app: &mut App, key: &KeyEvent, older: bool) {
    let row = app.chat.composer.cursor().0;
    let edge = if older { row == 0 } else { row + 1 >= app.chat.composer.lines().len() };
    if !(edge && app.chat.recall(older)) {
        app.chat.composer.input(*key);
    }
}

/// A paste is text for the composer, or for a line that is typed; it never runs and never decides.
pub fn paste(app: &mut App, text: &str) {
    match &mut app.popup {
        Some(Popup::Line(_, line)) => line.insert(text),
        Some(Popup::Picker(p)) => p.query.insert(text),
        Some(Popup::Help(_)) => return,
        None if app.review.open => {
            if !app.review.paste(text) {
                return;
            }
        }
        None => {
            app.chat.composer.insert_str(Clean::block(text).as_str());
            compose(app, None);
        }
    }
    app.dirty = true;
}
