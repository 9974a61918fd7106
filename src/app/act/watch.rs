//! What the rules say, and the questions that the watch asks by itself when it is switched on. Such a turn reads and nothing
//! else, whatever the session's role; a person's own words and decisions always come first.
use super::agent::carry;
use crate::agent::{self, Mode};
use crate::app::App;
use crate::app::event::Effect;
use crate::app::investigate::Offered;
use crate::model::{Finding, Report, Role};
use crate::text::Clean;

/// A report came.
pub fn told(app: &mut App, report: Report) {
    let (now, still) = (app.clock(), app.setup.still);
    let told = app.problems.set(report, now, still);
    app.dirty |= told.changed;
    let context = app.connection.place.as_ref().map(|p| p.context.clone()).unwrap_or_default();
    for finding in told.news {
        if app.investigate.offer(&context, &finding, app.now) == Offered::Full {
            app.say(&format!("Not looked into by itself, since others wait: {}. X in PROBLEMS asks about it.", finding.title), false);
        }
    }
}

/// Starts the next question of the watch where nothing and nobody is in its way.
pub fn investigate(app: &mut App) -> Vec<Effect> {
    let decides = app.review.open || !app.review.is_empty();
    let types = app.insert || app.popup.is_some() || !app.chat.is_empty();
    if app.investigate.waiting() == 0 || decides || types || app.agent.running().is_some() || app.connection.place.is_none() {
        return Vec::new();
    }
    let Some(finding) = app.investigate.next(|f| app.problems.holds(f.rule, &f.object)) else { return Vec::new() };
    let context = app.connection.place.as_ref().map(|p| p.context.clone()).unwrap_or_default();
    let include = app.problems.include().to_vec();
    let place = agent::Place { context, namespace: app.namespace.clone(), role: Some(Role::Readonly), object: Some(finding.object.clone()), include };
    let turn = app.agent.next_turn();
    app.investigate.began(turn);
    let effects = app.agent.handle(agent::Event::Ask { turn, question: question(&finding), mode: Mode::Diagnose, place, at: app.now });
    app.dirty = true;
    carry(app, effects)
}

/// What it asks; the chat shows these words, so they say who asks.
fn question(finding: &Finding) -> String {
    let object = &finding.object;
    let place = if object.namespace.is_empty() { String::new() } else { format!(" in {}", object.namespace) };
    format!(
        "Started by the watch, not by you; it only reads. New finding at {object}{place} ({}): {}. What is its cause, and what would mend it?",
        finding.rule, finding.title
    )
}

/// A person asks something while the watch's own question is answered: theirs comes first.
pub fn make_way(app: &mut App) -> Vec<Effect> {
    if !app.agent.running().is_some_and(|t| app.investigate.started(t)) {
        return Vec::new();
    }
    let effects = app.agent.handle(agent::Event::Cancel { at: app.now });
    let effects = carry(app, effects);
    super::approve::remark(app, &Clean::line("Your question comes first: what the watch had begun to look into is left. X in PROBLEMS asks about it."));
    effects
}
