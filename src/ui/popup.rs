//! What lies over the panes: the help page out of the key table, and lists to pick from.
use super::paint::Paint;
use crate::app::act::include;
use crate::app::ink::Ink;
use crate::app::popup::{PickKind, Picker, Popup};
use crate::app::{App, help};
use ratatui::layout::Rect;

/// Draws it.
pub fn draw(app: &App, paint: &mut Paint<'_>) {
    match &app.popup {
        Some(Popup::Help(at)) => page(app, *at, paint),
        Some(Popup::Picker(p)) => picker(app, p, paint),
        Some(Popup::Line(..)) | None => {}
    }
}

fn page(app: &App, at: usize, paint: &mut Paint<'_>) {
    let area = help::area(app.setup.size);
    let inside = paint.boxed(area, Ink::RuleFocus, &[(Ink::TitleFocus, "HELP")]);
    let lines = help::lines();
    let (columns, rows) = help::grid(area);
    let at = at.min(help::last(app.setup.size));
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
        PickKind::Include => "INCLUDE IN PROBLEMS",
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
                let current = match p.kind {
                    PickKind::Namespace => app.namespace.as_ref() == Some(name),
                    PickKind::Include => include::is_on(app, name),
                    PickKind::Context => false,
                };
                paint.row(list, y, [(Ink::Text, if current { "* " } else { "  " }), (Ink::Text, name.as_str())]);
                if i == p.at {
                    paint.restyle(list, y, Ink::Selected);
                }
            }
        }
    }
}
