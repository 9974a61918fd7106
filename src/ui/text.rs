//! A text over the panel: its rows, or in words why there are none.
use super::paint::Paint;
use super::tables::words;
use crate::app::App;
use crate::app::ink::Ink;
use crate::app::view::Body;
use ratatui::layout::Rect;

/// Draws it.
pub fn draw(app: &App, area: Rect, paint: &mut Paint<'_>) {
    let Some(view) = app.views.last() else { return };
    match &view.body {
        Body::Loading => words(paint, area, &[(Ink::Warn, "Reading …")]),
        Body::Nothing(what) => words(paint, area, &[(Ink::Dim, "Nothing there."), (Ink::Text, what)]),
        Body::Denied(why) => words(paint, area, &[(Ink::Denied, "DENIED: you may not look. This is not emptiness."), (Ink::Text, why)]),
        Body::Failed(why) => words(paint, area, &[(Ink::Error, "Could not look."), (Ink::Text, why), (Ink::Dim, "r tries again · esc goes back")]),
        Body::Text => {
            for (y, row) in (area.y..area.bottom()).zip(view.window()) {
                paint.row(area, y, row);
            }
        }
    }
}

/// What stands at the end of the text's title.
pub fn remark(app: &App) -> String {
    let Some(view) = app.views.last() else { return String::new() };
    let mut parts = Vec::new();
    if view.follow {
        parts.push("FOLLOW".to_owned());
    }
    if !view.remark.is_empty() {
        parts.push(view.remark.clone());
    }
    if view.body == Body::Text {
        let (last, all) = view.place();
        parts.push(format!("{last}/{all}"));
    }
    parts.join(" · ")
}
