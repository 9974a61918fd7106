//! The approval dialog: what would change, and two buttons of which Deny has the focus. Full screen under 80×24.
use super::paint::Paint;
use crate::app::App;
use crate::app::dialog;
use crate::app::ink::Ink;
use crate::app::prose::risk_ink;
use crate::app::review::{Typed, Waiting, expires};
use crate::app::words;
use ratatui::layout::Rect;

/// Draws it.
pub fn draw(app: &App, paint: &mut Paint<'_>) {
    let Some(waiting) = app.review.front() else { return };
    let (area, rows, shown) = dialog::layout(app, waiting);
    let (nth, all) = app.review.place();
    let place = format!(" {nth} of {all} · ");
    let risk = waiting.plan.risk.to_string().to_uppercase();
    let ink = risk_ink(waiting.plan.risk);
    let inside = paint.boxed(area, ink, &[(Ink::Strong, "APPROVE"), (Ink::Text, &place), (ink, &risk)]);
    let lapses = words::left(app.now, expires(waiting, app.review.patience));
    if !lapses.is_empty() {
        paint.right(Rect { width: area.width.saturating_sub(3), ..area }, area.y, Ink::Dim, &format!(" lapses in {lapses} "));
    }
    let body = Rect { height: inside.height.saturating_sub(dialog::below(waiting)), ..inside };
    let top = waiting.scroll.min(rows.len().saturating_sub(shown));
    for (y, row) in (body.y..body.bottom()).zip(rows.iter().skip(top)) {
        paint.runs(body, y, row);
    }
    let hidden = rows.len().saturating_sub(top + usize::from(body.height));
    let mut y = body.bottom();
    if hidden > 0 || top > 0 {
        paint.text(inside.x, y, inside.width, Ink::Warn, &format!("{} more · pgdn pgup", words::count(hidden, "row", "rows")));
    }
    y += 1;
    if let Some(line) = name_line(waiting) {
        paint.text(inside.x, y, inside.width, Ink::Strong, &line);
        y += 1;
    }
    if let Some((reach, minutes)) = dialog::allowed(waiting) {
        let line = format!("Approve allows {minutes} minutes of `{reach}` unasked");
        paint.text(inside.x, y, inside.width, Ink::Warn, &line);
        y += 1;
    }
    buttons(app, waiting, Rect { y, height: 1, ..inside }, paint);
    let (ink, remark) = below_buttons(app, waiting);
    paint.text(inside.x, y + 1, inside.width, ink, &remark);
}

/// Where a critical change's object is named by hand.
fn name_line(waiting: &Waiting) -> Option<String> {
    let (name, typed) = dialog::name_wanted(waiting)?;
    Some(format!("Type {} to approve: {typed}_", crate::text::Clean::line(name)))
}

fn buttons(app: &App, waiting: &Waiting, area: Rect, paint: &mut Paint<'_>) {
    if area.y >= app.setup.size.1 {
        return;
    }
    if let Some((lead, text)) = dialog::typed(waiting) {
        // The end of a long line is where it is typed.
        let room = usize::from(area.width).saturating_sub(words::width(lead) + 1);
        let mut shown = text;
        while words::width(shown) > room {
            shown = shown.get(shown.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
        }
        paint.row(area, area.y, [(Ink::Strong, lead), (Ink::Text, shown), (Ink::Text, "_")]);
        return;
    }
    let on_approve = waiting.challenge().is_some_and(crate::policy::Challenge::on_approve);
    let button = |chosen: bool, name: &str| if chosen { (Ink::ButtonFocus, format!("[ {name} ]")) } else { (Ink::Button, format!("  {name}  ")) };
    let (deny, approve) = (button(!on_approve, "Deny"), button(on_approve, "Approve"));
    paint.row(area, area.y, [(deny.0, deny.1.as_str()), (Ink::Text, "   "), (approve.0, approve.1.as_str())]);
}

fn below_buttons(app: &App, waiting: &Waiting) -> (Ink, String) {
    match &waiting.typed {
        Some(Typed::Reason { all: false, .. }) => return (Ink::Dim, "enter denies with this reason (it may be empty)".to_owned()),
        Some(Typed::Reason { all: true, .. }) => {
            return (Ink::Dim, format!("enter denies all {} with this reason (it may be empty)", app.review.len()));
        }
        Some(Typed::Command { planning: true, .. }) => return (Ink::Warn, "asking the server what this would do …".to_owned()),
        Some(Typed::Command { .. }) if waiting.remark.is_empty() => {
            return (Ink::Dim, "enter plans it anew and asks again · esc leaves it as it was".to_owned());
        }
        _ => {}
    }
    if !waiting.remark.is_empty() {
        return (Ink::Warn, waiting.remark.to_string());
    }
    match waiting.challenge() {
        None => (Ink::Dim, "opening …".to_owned()),
        Some(c) if !c.armed(app.now) => (Ink::Dim, "Approve is not armed yet: read first".to_owned()),
        Some(_) if app.review.unwritten.is_some() => {
            let why = app.review.unwritten.clone().unwrap_or_default();
            (Ink::Error, format!("no audit, nothing runs (approving tries again): {why}"))
        }
        Some(_) => (Ink::Dim, "tab or → to Approve, then enter · enter on Deny denies · esc decides later".to_owned()),
    }
}
