//! The first row: where this is, and how what is shown was come by.
use super::paint::Paint;
use crate::app::App;
use crate::app::ink::Ink;
use crate::app::words::{self, clock, count};
use crate::model::{Link, Namespaces};

/// A watch's state as a word, with the ink that goes with it.
pub fn link(link: &Link) -> (Ink, String) {
    match link {
        Link::Connecting => (Ink::Warn, "CONNECTING".to_owned()),
        Link::Filling => (Ink::Warn, "LISTING".to_owned()),
        Link::Live => (Ink::Ok, "LIVE".to_owned()),
        Link::Stale { since, .. } => (Ink::Stale, format!("STALE since {}", clock(*since))),
        Link::Denied(_) => (Ink::Denied, "DENIED".to_owned()),
    }
}

/// The states of both watches: one word when they agree.
fn state(app: &App) -> Vec<(Ink, String)> {
    let c = &app.connection;
    if let (Some(_), None) = (&c.trouble, &c.place) {
        return vec![(Ink::Error, "NO CONNECTION".to_owned())];
    }
    let (pods, events) = (link(&c.pods), link(&c.events));
    if pods.1 == events.1 {
        return vec![pods];
    }
    vec![(pods.0, format!("PODS {}", pods.1)), (Ink::Dim, " · ".to_owned()), (events.0, format!("EVENTS {}", events.1))]
}

/// What is out of the ordinary about changes here: that none can be written down, or what is allowed for a time.
fn band(app: &App) -> (Ink, String) {
    if app.review.unwritten.is_some() {
        return (Ink::Error, "NO AUDIT: no changes".to_owned());
    }
    let wide = app.panes.header.width >= 120;
    let text = match app.review.grants() {
        [] => String::new(),
        [one] if wide => format!("ALLOWED {} {}", one.reach(), words::left(app.now, one.ends())),
        [one] => format!("ALLOWED {}", words::left(app.now, one.ends())),
        many => format!("ALLOWED {}: {}", many.len(), many.iter().map(|g| words::left(app.now, g.ends())).collect::<Vec<_>>().join(" ")),
    };
    (Ink::Warn, text)
}

/// Draws it.
pub fn draw(app: &App, paint: &mut Paint<'_>) {
    let area = app.panes.header;
    let mut right = state(app);
    let counted = !app.pods.is_empty() || matches!(app.connection.pods, Link::Live);
    if app.connection.place.is_some() && counted {
        right.push((Ink::Dim, " · ".to_owned()));
        right.push((Ink::Text, count(app.pods.len(), "pod", "pods")));
    }
    // Where nothing could be seen a count of none would read as good news.
    if let Some(report) = app.problems.report().filter(|r| !r.saw_nothing()) {
        let (n, _) = app.problems.counts();
        right.push((Ink::Dim, " · ".to_owned()));
        let (more, none) = if report.complete { ("", Ink::Ok) } else { ("+", Ink::Warn) };
        right.push((if n > 0 { Ink::Error } else { none }, count(n, "problem", "problems") + more));
    }
    let context = match (&app.connection.place, &app.connection.wanted) {
        (Some(p), _) => p.context.to_string(),
        (None, Some(wanted)) => wanted.to_string(),
        (None, None) => app.connection.contexts.as_ref().and_then(|c| c.current.as_ref()).map_or_else(|| "none".to_owned(), ToString::to_string),
    };
    let unknown = app.connection.place.is_none() && app.setup.namespaces == Namespaces::Own;
    let namespace = app.namespace.as_ref().map_or(if unknown { "-" } else { "all" }, |n| n.as_str());
    let role = app.rules.role.to_string();
    // In words and in the ink of danger: this is not the place to try things.
    let production = if app.rules.in_production { " PRODUCTION " } else { "" };
    let band = band(app);
    let left = [
        (Ink::Error, production),
        (Ink::Dim, " ctx "),
        (Ink::Strong, context.as_str()),
        (Ink::Dim, " · ns "),
        (Ink::Strong, namespace),
        (Ink::Dim, " · role "),
        (Ink::Strong, role.as_str()),
        (Ink::Dim, if band.1.is_empty() { "" } else { " · " }),
        (band.0, band.1.as_str()),
    ];
    let width = |runs: &[(Ink, String)]| runs.iter().map(|(_, t)| words::width(t)).sum::<usize>();
    let room = usize::from(area.width).saturating_sub(1);
    // The counts give way first, then the place; the state of the connection never does.
    let taken: usize = left.iter().map(|(_, t)| words::width(t)).sum();
    while right.len() > 2 && width(&right) + taken + 2 > room && right.iter().any(|(i, _)| matches!(i, Ink::Text)) {
        right.pop();
    }
    let wide = u16::try_from(width(&right)).unwrap_or(u16::MAX).min(area.width);
    let left_area = ratatui::layout::Rect { width: area.width.saturating_sub(wide + 3), ..area };
    paint.row(left_area, area.y, left);
    let right_area = ratatui::layout::Rect { x: area.right().saturating_sub(wide + 1), width: wide.min(area.width), ..area };
    paint.row(right_area, area.y, right.iter().map(|(i, t)| (*i, t.as_str())));
}
