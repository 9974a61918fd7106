//! The chat: the transcript's rows on screen, a rule that says how the next question is answered, and the composer.
use super::paint::Paint;
use super::tables::words;
use crate::agent::{Answerer, Mode};
use crate::app::App;
use crate::app::act::write::default_question;
use crate::app::ink::Ink;
use crate::app::layout::Focus;
use crate::app::words as say;
use ratatui::layout::Rect;
use ratatui::widgets::Widget as _;

/// Draws it.
pub fn draw(app: &App, area: Rect, paint: &mut Paint<'_>) {
    let (transcript, rule, composer) = app.chat_areas(area);
    let rows: Vec<_> = app.chat.window().collect();
    if rows.is_empty() {
        welcome(app, transcript, paint);
    }
    let inner = Rect { x: transcript.x + 1.min(transcript.width), width: transcript.width.saturating_sub(2), ..transcript };
    for (y, row) in (transcript.y..transcript.bottom()).zip(rows) {
        paint.runs(inner, y, row);
    }
    if rule.height > 0 {
        draw_rule(app, rule, paint);
    }
    draw_composer(app, composer, paint);
}

fn answers(app: &App) -> String {
    match app.agent.answerer() {
        Answerer::Offline => "offline: rules, no model".to_owned(),
        Answerer::Model { provider, model, .. } => format!("{provider} {model}"),
    }
}

fn welcome(app: &App, area: Rect, paint: &mut Paint<'_>) {
    let who = format!("Answers come from {}.", answers(app));
    words(
        paint,
        area,
        &[
            (Ink::Strong, "Ask what is wrong."),
            (Ink::Dim, "i writes a question; X asks about the selected row."),
            (Ink::Dim, &who),
            (Ink::Dim, "Nothing changes in the cluster unless you approve it here."),
        ],
    );
}

fn draw_rule(app: &App, area: Rect, paint: &mut Paint<'_>) {
    paint.rule(area, area.y, Ink::Rule, "─");
    let (mode, ink) = match app.chat.mode {
        Mode::Diagnose => ("diagnose", Ink::Title),
        Mode::Ask => ("ask: no cluster read", Ink::Warn),
    };
    let about = app.attached.as_ref().map(|o| format!(" · about {o}")).unwrap_or_default();
    let running = match (app.agent.running(), app.review.len()) {
        (None, _) => "",
        (Some(_), 0) => " · answering, esc esc stops",
        (Some(_), _) => " · waits for you, esc esc stops",
    };
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let used = paint.row(inner, area.y, [(ink, " "), (ink, mode), (Ink::Strong, about.as_str()), (Ink::Warn, running), (ink, " ")]);
    let who = format!(" {} ", answers(app));
    if usize::from(used) + say::width(&who) + 1 < usize::from(inner.width) {
        paint.right(inner, area.y, Ink::Dim, &who);
    }
}

fn draw_composer(app: &App, area: Rect, paint: &mut Paint<'_>) {
    if area.height == 0 {
        return;
    }
    let lead = if app.insert { Ink::Question } else { Ink::Dim };
    paint.text(area.x.saturating_sub(2), area.y, 1, lead, ">");
    if app.chat.is_empty() {
        let text = match (&app.attached, app.insert) {
            (Some(object), true) => format!("enter asks: {}", default_question(app, object)),
            (None, true) => "a question; enter sends it".to_owned(),
            _ if app.focus == Focus::Chat => "i writes".to_owned(),
            _ => "i asks the agent".to_owned(),
        };
        // The editor learns its place by being drawn; its own placeholder has no theme.
        (&app.chat.composer).render(area, &mut ratatui::buffer::Buffer::empty(area));
        paint.text(area.x, area.y, area.width, Ink::Dim, &text);
        return;
    }
    (&app.chat.composer).render(area, paint.buffer);
}
