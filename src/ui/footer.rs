//! The last row: the mode as a word, then what is typed, what is to be said, or which keys do something here.
use super::paint::Paint;
use crate::app::App;
use crate::app::ink::Ink;
use crate::app::keys;
use crate::app::popup::Popup;
use crate::app::state::Mode;
use crate::app::words;
use ratatui::layout::Rect;

fn mode(app: &App) -> (Ink, &'static str) {
    match app.mode() {
        Mode::Normal => (Ink::ModeNormal, " NORMAL "),
        Mode::Insert => (Ink::ModeInsert, " INSERT "),
        Mode::Review => (Ink::ModeReview, " REVIEW "),
    }
}

/// Draws it.
pub fn draw(app: &App, paint: &mut Paint<'_>) {
    let area = app.panes.footer;
    if let Some(Popup::Line(kind, line)) = &app.popup {
        let hint = match kind {
            crate::app::popup::LineKind::Command => "tab completes · enter runs · esc leaves",
            crate::app::popup::LineKind::Filter => "enter keeps · esc clears",
            crate::app::popup::LineKind::Search => "enter searches · esc leaves",
        };
        let used = paint.row(area, area.y, [(Ink::Key, kind.lead()), (Ink::Text, line.text())]);
        if usize::from(used) + words::width(hint) + 4 < usize::from(area.width) {
            paint.right(Rect { width: area.width - 1, ..area }, area.y, Ink::Hint, hint);
        }
        // What a command had to say while it is typed stands above it.
        if let Some(notice) = &app.notice
            && area.y > 1
        {
            let above = Rect { y: area.y - 1, ..area };
            paint.clear(above);
            paint.text(above.x + 1, above.y, above.width.saturating_sub(2), Ink::Notice, &notice.text);
        }
        return;
    }
    let (ink, word) = mode(app);
    let used = paint.text(area.x, area.y, area.width, ink, word);
    let mut rest = Rect { x: area.x + used + 1, width: area.width.saturating_sub(used + 2), ..area };
    let waiting = app.review.len();
    if waiting > 0 && !app.review.open {
        let waits = if waiting == 1 { "1 change waits".to_owned() } else { format!("{waiting} changes wait") };
        let took = paint.text(rest.x, rest.y, rest.width, Ink::ModeReview, &format!(" {waits}: ctrl-r reviews "));
        rest = Rect { x: rest.x + took + 1, width: rest.width.saturating_sub(took + 1), ..rest };
    }
    match &app.notice {
        Some(notice) => {
            paint.text(rest.x, rest.y, rest.width, if notice.bad { Ink::Error } else { Ink::Notice }, &notice.text);
        }
        None => hints(app, rest, paint),
    }
}

/// As many hints as fit whole.
fn hints(app: &App, area: Rect, paint: &mut Paint<'_>) {
    let mut x = area.x;
    let mut hints: Vec<(String, &str)> = keys::hints(app.place()).collect();
    // The way to all the others is never what does not fit.
    let mut area = area;
    if let Some((key, word)) = hints.pop_if(|(_, word)| *word == "help") {
        let wide = u16::try_from(words::width(&key) + 1 + words::width(word)).unwrap_or(0);
        if wide < area.width {
            area.width -= wide + 2.min(area.width - wide);
            let at = area.right() + 2;
            let used = paint.text(at, area.y, wide, Ink::Key, &key) + 1;
            paint.text(at + used, area.y, wide, Ink::Hint, word);
        }
    }
    for (key, word) in hints {
        let wide = words::width(&key) + 1 + words::width(word);
        if usize::from(x - area.x) + wide > usize::from(area.width) {
            break;
        }
        x += paint.text(x, area.y, area.width, Ink::Key, &key) + 1;
        x += paint.text(x, area.y, area.width, Ink::Hint, word) + 2;
    }
}

/// Everything that fits in one line: it still quits and denies.
pub fn one_line(app: &App, paint: &mut Paint<'_>) {
    let area = app.panes.footer;
    if let Some(Popup::Line(kind, line)) = &app.popup {
        paint.row(area, area.y, [(Ink::Key, kind.lead()), (Ink::Text, line.text())]);
        return;
    }
    if app.review.open
        && let Some(waiting) = app.review.front()
    {
        let words = if waiting.typed.is_some() { "why? enter denies".to_owned() } else { format!("enter denies · esc later · {}", waiting.plan.command) };
        paint.row(area, area.y, [(Ink::ModeReview, "REVIEW"), (Ink::Text, " "), (Ink::Text, words.as_str())]);
        return;
    }
    let (ink, word) = mode(app);
    let said = app.notice.as_ref().map_or_else(|| format!("{} · :q quits", words::count(app.pods.len(), "pod", "pods")), |n| n.text.to_string());
    paint.row(area, area.y, [(ink, word.trim()), (Ink::Text, " "), (Ink::Text, said.as_str())]);
}
