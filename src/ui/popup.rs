//! What lies over the panes: the help page out of the key table, and lists to pick from.
use super::paint::Paint;
use crate::app::App;
use crate::app::act::command::WORDS;
use crate::app::ink::Ink;
use crate::app::keys::{Place, TABLE};
use crate::app::popup::{PickKind, Picker, Popup};
use ratatui::layout::Rect;

/// Draws it.
pub fn draw(app: &App, paint: &mut Paint<'_>) {
    match &app.popup {
        Some(Popup::Help(at)) => help(app, *at, paint),
        Some(Popup::Picker(p)) => picker(app, p, paint),
        Some(Popup::Line(..)) | None => {}
    }
}

/// A place as the help's heading, in the order of the page.
const PLACES: &[(Place, &str)] = &[
    (Place::Table, "PODS AND EVENTS"),
    (Place::Problems, "PROBLEMS"),
    (Place::Text, "TEXTS"),
    (Place::Chat, "CHAT"),
    (Place::Context, "CONTEXT"),
    (Place::Anywhere, "ANYWHERE IN NORMAL"),
    (Place::Insert, "INSERT"),
    (Place::Review, "REVIEW"),
];

/// The page's lines: heading, or keys and sentence.
fn lines() -> Vec<(Ink, String, String)> {
    let mut out = Vec::new();
    for (place, title) in PLACES {
        if !out.is_empty() {
            out.push((Ink::Text, String::new(), String::new()));
        }
        out.push((Ink::Heading, (*title).to_owned(), String::new()));
        for b in TABLE.iter().filter(|b| b.place == *place) {
            let keys: Vec<String> = b.chords.iter().map(|c| c.name()).collect();
            out.push((Ink::Key, keys.join(" "), b.help.to_owned()));
        }
        if *place == Place::Review {
            out.push((Ink::Key, "tab ← →".to_owned(), "between Deny and Approve".to_owned()));
            out.push((Ink::Key, "enter".to_owned(), "the chosen button; Deny has the focus at first".to_owned()));
        }
    }
    out.push((Ink::Text, String::new(), String::new()));
    out.push((Ink::Heading, "COMMANDS AFTER :".to_owned(), String::new()));
    out.extend(WORDS.iter().map(|(w, h)| (Ink::Key, (*w).to_owned(), (*h).to_owned())));
    out.push((Ink::Key, "scale …".to_owned(), "any command of the grammar: reads open, writes ask you first".to_owned()));
    out
}

fn help(app: &App, at: usize, paint: &mut Paint<'_>) {
    let (w, h) = app.setup.size;
    let width = w.saturating_sub(2).min(150);
    let area = Rect::new((w - width) / 2, 1.min(h), width, h.saturating_sub(2));
    let inside = paint.boxed(area, Ink::RuleFocus, &[(Ink::TitleFocus, "HELP")]);
    let lines = lines();
    let columns: usize = if inside.width >= 130 { 2 } else { 1 };
    let rows = usize::from(inside.height).max(1);
    let at = at.min(lines.len().saturating_sub(rows * columns));
    let each = inside.width / u16::try_from(columns).unwrap_or(1);
    for c in 0..columns {
        let x = inside.x + each * u16::try_from(c).unwrap_or(0);
        let part = Rect { x, width: each.saturating_sub(2), ..inside };
        for (y, (ink, key, text)) in (part.y..part.bottom()).zip(lines.iter().skip(at + c * rows)) {
            let wide = if *ink == Ink::Heading { part.width } else { 16 };
            paint.text(part.x, y, wide.min(part.width), *ink, key);
            paint.text(part.x + 17.min(part.width), y, part.width.saturating_sub(17), Ink::Text, text);
        }
    }
    let left = lines.len().saturating_sub(at + rows * columns);
    if left > 0 {
        paint.right(Rect { width: area.width.saturating_sub(2), ..area }, area.bottom().saturating_sub(1), Ink::Dim, &format!(" {left} more: j "));
    }
}

fn picker(app: &App, p: &Picker, paint: &mut Paint<'_>) {
    let (w, h) = app.setup.size;
    let width_wanted = w.saturating_sub(4).clamp(1, 64);
    let height = h.saturating_sub(4).clamp(1, 18);
    let area = Rect::new((w - width_wanted) / 2, (h - height) / 3, width_wanted, height);
    let title = match p.kind {
        PickKind::Namespace => "NAMESPACE",
        PickKind::Context => "CONTEXT",
    };
    let inside = paint.boxed(area, Ink::RuleFocus, &[(Ink::TitleFocus, title)]);
    if inside.height == 0 {
        return;
    }
    let used = paint.row(inside, inside.y, [(Ink::Key, "> "), (Ink::Text, p.query.text())]);
    paint.text(inside.x + used, inside.y, inside.width.saturating_sub(used), Ink::Dim, "_");
    let list = Rect { y: inside.y + 1, height: inside.height - 1, ..inside };
    let typed = p.query.text().trim();
    match &p.choices {
        None if app.connection.place.is_none() => {
            super::tables::words(paint, list, &[(Ink::Warn, "There is no connection yet: type the name and press enter.")]);
        }
        None => super::tables::words(paint, list, &[(Ink::Dim, "Listing namespaces …"), (Ink::Dim, "The name can be typed meanwhile.")]),
        Some(Err(trouble)) => {
            let line = format!("{}: {}", trouble.operation, trouble.cause);
            let word = match trouble.class {
                crate::model::TroubleClass::Denied => "DENIED: you may not list namespaces.",
                _ => "Could not list the namespaces.",
            };
            super::tables::words(paint, list, &[(Ink::Denied, word), (Ink::Dim, &line), (Ink::Text, "Type the name and press enter.")]);
        }
        Some(Ok(_)) => {
            let matches = p.matches();
            if matches.is_empty() {
                let line =
                    if typed.is_empty() { "There is nothing to choose from.".to_owned() } else { format!("None is like it; enter takes `{typed}` as typed.") };
                return super::tables::words(paint, list, &[(Ink::Dim, &line)]);
            }
            let top = p.at.saturating_sub(usize::from(list.height).saturating_sub(1));
            for ((y, name), i) in (list.y..list.bottom()).zip(matches.iter().skip(top)).zip(top..) {
                let current = app.namespace.as_ref() == Some(name) && p.kind == PickKind::Namespace;
                paint.row(list, y, [(Ink::Text, if current { "* " } else { "  " }), (Ink::Text, name.as_str())]);
                if i == p.at {
                    paint.restyle(list, y, Ink::Selected);
                }
            }
        }
    }
}
