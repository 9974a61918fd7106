//! The panes: titles, separators, and which view fills which place.
use super::paint::Paint;
use super::{chat, context, tables, text};
use crate::app::App;
use crate::app::ink::Ink;
use crate::app::layout::{Focus, Slot};
use crate::app::words;

/// Draws all of them.
pub fn draw(app: &App, paint: &mut Paint<'_>) {
    for area in &app.panes.separators {
        for y in area.y..area.bottom() {
            paint.text(area.x, y, 1, Ink::Rule, "│");
        }
    }
    for slot in &app.panes.slots {
        let covered = slot.pane.is_panel() && !app.views.is_empty();
        title(app, slot, covered, paint);
        match slot.pane {
            _ if covered => text::draw(app, slot.body, paint),
            Focus::Pods => tables::pods(app, slot.body, paint),
            Focus::Events => tables::events(app, slot.body, paint),
            Focus::Problems => tables::problems(app, slot.body, paint),
            Focus::Chat => chat::draw(app, slot.body, paint),
            Focus::Context => context::draw(app, slot.body, paint),
        }
    }
}

/// The title row: a rule that is heavy where the focus is, the title or the tabs, and a remark at its end.
fn title(app: &App, slot: &Slot, covered: bool, paint: &mut Paint<'_>) {
    let focused = app.focus == slot.pane && !app.review.open;
    let (rule, ink) = if focused { ("━", Ink::RuleFocus) } else { ("─", Ink::Rule) };
    let area = slot.title;
    paint.rule(area, area.y, ink, rule);
    let inner = ratatui::layout::Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), ..area };
    let name = |pane: Focus| format!(" {}{} ", pane.title(), tally(app, pane));
    let end = if covered { text::remark(app) } else { remark(app, slot.pane, usize::from(area.width)) };
    let mut used = 0;
    if covered {
        let title = app.views.last().map(|v| format!(" {} ", v.title)).unwrap_or_default();
        let room = inner.width.saturating_sub(u16::try_from(words::width(&end)).unwrap_or(0) + 3);
        used = paint.text(inner.x, area.y, room, if focused { Ink::TitleFocus } else { Ink::Title }, &title);
    } else if slot.tabs.is_empty() {
        used = paint.row(inner, area.y, [(if focused { Ink::TitleFocus } else { Ink::Title }, name(slot.pane).as_str())]);
    } else {
        for tab in &slot.tabs {
            let here = *tab == slot.pane;
            let ink = match (here, focused) {
                (true, true) => Ink::TitleFocus,
                (true, false) => Ink::Title,
                _ => Ink::Dim,
            };
            let text = if here { format!("[{}]", name(*tab).trim()) } else { format!(" {} ", tab.title().to_lowercase()) };
            let room = inner.width.saturating_sub(used);
            used += paint.text(inner.x + used, area.y, room, ink, &text);
        }
    }
    let wide = u16::try_from(words::width(&end)).unwrap_or(u16::MAX);
    if !end.is_empty() && wide + used + 2 < inner.width {
        paint.right(inner, area.y, if focused { Ink::Title } else { Ink::Dim }, &format!(" {end} "));
    }
}

/// The count after a title.
fn tally(app: &App, pane: Focus) -> String {
    let listed = |listed: usize, all: usize| match (listed, all) {
        (_, 0) => String::new(),
        (l, a) if l == a => format!(" {}", words::thousands(a)),
        (l, a) => format!(" {} of {}", words::thousands(l), words::thousands(a)),
    };
    match pane {
        Focus::Pods => listed(app.pods.listed(), app.pods.len()),
        Focus::Events => listed(app.events.listed(), app.events.len()),
        Focus::Problems => problems(app),
        Focus::Chat | Focus::Context => String::new(),
    }
}

/// What is broken, and which remarks were asked for beside that.
fn problems(app: &App) -> String {
    let Some(_) = app.problems.report() else { return String::new() };
    let (broken, remarks) = app.problems.counts();
    let families: Vec<&str> = app.problems.include().iter().map(|e| e.name()).collect();
    let beside = match (families.as_slice(), remarks) {
        ([], 0) => String::new(),
        ([], n) => format!(" +{} info", words::thousands(n)),
        (of, n) => format!(" +{} {}", words::thousands(n), of.join(" ")),
    };
    format!(" {}{beside}", words::thousands(broken))
}

/// What stands at the end of a title.
fn remark(app: &App, pane: Focus, room: usize) -> String {
    let filter = |typed: &str| if typed.is_empty() { String::new() } else { format!("/{typed}") };
    match pane {
        Focus::Pods => filter(app.pods.filter().typed()),
        Focus::Events => filter(app.events.filter().typed()),
        Focus::Problems => match app.problems.report() {
            Some(_) if app.problems.is_behind() => "looking …".to_owned(),
            Some(r) if !r.complete && (room >= 72 || app.problems.include().is_empty()) => "not everything could be read".to_owned(),
            Some(r) if !r.complete => "not all read".to_owned(),
            _ => String::new(),
        },
        Focus::Chat => match app.chat.below() {
            0 => String::new(),
            n => format!("{n} more ▼"),
        },
        Focus::Context => match crate::app::context::total(app.agent.ledger()) {
            0 => String::new(),
            n => format!("{} · {}", words::bytes(n), words::tokens(n)),
        },
    }
}
