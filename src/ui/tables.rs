//! The live panel's lists: only the rows on screen, aligned, numbers to the right, and emptiness in words.
use super::paint::Paint;
use crate::app::App;
use crate::app::ink::Ink;
use crate::app::layout::Focus;
use crate::app::problems::lives::Mark;
use crate::app::problems::{Shown, severity};
use crate::app::rows::{EventRow, PodRow};
use crate::app::table::{Sort, Table};
use crate::app::words::{age, thousands, width};
use crate::model::{Link, Severity, unseen};
use ratatui::layout::Rect;

/// A column: its heading, its width, whether it is a number, and what it sorts by.
struct Column {
    head: &'static str,
    width: u16,
    number: bool,
    sort: Option<Sort>,
}

fn column(head: &'static str, width: usize, number: bool, sort: Option<Sort>) -> Column {
    Column { head, width: u16::try_from(width).unwrap_or(u16::MAX), number, sort }
}

/// Lays columns out and draws one row of cells; what does not fit is left away from the right.
fn cells<'t>(paint: &mut Paint<'_>, area: Rect, y: u16, columns: &[Column], row: impl IntoIterator<Item = (Ink, std::borrow::Cow<'t, str>)>) {
    let mut x = area.x + 1;
    for (col, (ink, text)) in columns.iter().zip(row) {
        let room = area.right().saturating_sub(x).min(col.width);
        if room == 0 {
            break;
        }
        let cell = Rect { x, y, width: room, height: 1 };
        if col.number {
            paint.right(cell, y, ink, &text);
        } else {
            paint.text(x, y, room, ink, &text);
        }
        x = x.saturating_add(col.width + 2);
    }
}

/// The headings; the sorted one carries an arrow in the gap behind it.
fn heads<R: crate::app::table::Record>(paint: &mut Paint<'_>, area: Rect, columns: &[Column], table: &Table<R>) {
    let (sort, reversed) = table.sorted_by();
    cells(paint, area, area.y, columns, columns.iter().map(|c| (Ink::Column, c.head.into())));
    let mut x = area.x + 1;
    for col in columns {
        if col.sort == Some(sort) {
            let behind = if col.number { col.width } else { u16::try_from(width(col.head)).unwrap_or(0) };
            paint.text(
                x.saturating_add(behind),
                area.y,
                area.right().saturating_sub(x.saturating_add(behind)).min(1),
                Ink::Column,
                if reversed { "↓" } else { "↑" },
            );
        }
        x = x.saturating_add(col.width + 2);
    }
}

/// Marks the selected row.
fn select(paint: &mut Paint<'_>, app: &App, pane: Focus, area: Rect, y: u16) {
    let ink = if app.focus == pane && !app.insert { Ink::Selected } else { Ink::SelectedDim };
    paint.text(area.x, y, 1, Ink::Strong, ">");
    paint.restyle(area, y, ink);
}

fn status_ink(row: &PodRow) -> Ink {
    let s = row.status.as_str();
    match s {
        "Completed" | "Succeeded" => Ink::Dim,
        "Pending" | "ContainerCreating" | "PodInitializing" | "Terminating" | "Unknown" => Ink::Warn,
        _ if s.starts_with("Init:") && !s.contains("Err") && !s.contains("Back") => Ink::Warn,
        "Running" if row.troubled => Ink::Warn,
        "Running" => Ink::Ok,
        _ if row.troubled => Ink::Error,
        _ => Ink::Text,
    }
}

/// The pods.
pub fn pods(app: &App, area: Rect, paint: &mut Paint<'_>) {
    let now = app.clock();
    let rows: Vec<(&PodRow, bool)> = app.pods.window().collect();
    if rows.is_empty() {
        return empty(app, &app.connection.pods, "pods", !app.pods.is_empty(), area, paint);
    }
    let widest = |f: &dyn Fn(&PodRow) -> usize, least: usize| rows.iter().map(|(r, _)| f(r)).max().unwrap_or(0).max(least);
    let all = app.namespace.is_none();
    let ns = if all { widest(&|r| width(&r.namespace), 10).min(20) } else { 0 };
    let status = widest(&|r| width(&r.status), 8).min(20);
    let total = usize::from(area.width);
    let names = widest(&|r| width(&r.name), 8);
    let fixed = |restarts: usize| 1 + if all { ns + 2 } else { 0 } + 2 + 5 + 2 + status + 2 + restarts + 2 + 4 + 1;
    // A name's end tells pods apart: the word RESTARTS gives way to it.
    let (restarts_head, restarts) = if fixed(8) + names <= total { ("RESTARTS", 8) } else { ("RST", 3) };
    let name = names.min(total.saturating_sub(fixed(restarts))).max(8);
    let mut left = total.saturating_sub(fixed(restarts) + name);
    let mut columns = Vec::new();
    if all {
        columns.push(column("NAMESPACE", ns, false, Some(Sort::Namespace)));
    }
    columns.push(column("NAME", name, false, Some(if all { Sort::Name } else { Sort::Namespace })));
    columns.push(column("READY", 5, true, Some(Sort::Ready)));
    columns.push(column("STATUS", status, false, Some(Sort::Status)));
    columns.push(column(restarts_head, restarts, true, Some(Sort::Restarts)));
    columns.push(column("AGE", 4, true, Some(Sort::Age)));
    for (head, w, sort) in [("IP", widest(&|r| width(&r.ip), 4), Sort::Ip), ("NODE", widest(&|r| width(&r.node), 6).min(32), Sort::Node)] {
        if left >= w + 2 {
            left -= w + 2;
            columns.push(column(head, w, false, Some(sort)));
        }
    }
    heads(paint, area, &columns, &app.pods);
    for (y, (r, chosen)) in (area.y + 1..area.bottom()).zip(&rows) {
        let dash = |t: &crate::text::Clean| if t.is_empty() { "-".to_owned() } else { t.to_string() };
        let restarts = if r.restarts > 0 { Ink::Warn } else { Ink::Dim };
        let ready = if r.ready < r.containers && r.troubled { Ink::Warn } else { Ink::Text };
        let mut row: Vec<(Ink, std::borrow::Cow<'_, str>)> = Vec::with_capacity(8);
        if all {
            row.push((Ink::Dim, r.namespace.as_str().into()));
        }
        row.push((Ink::Text, r.name.as_str().into()));
        row.push((ready, format!("{}/{}", r.ready, r.containers).into()));
        row.push((status_ink(r), r.status.as_str().into()));
        row.push((restarts, thousands(usize::try_from(r.restarts).unwrap_or(0)).into()));
        row.push((Ink::Text, age(now, r.created).into()));
        for c in columns.iter().skip(row.len()) {
            row.push((Ink::Dim, dash(if c.sort == Some(Sort::Ip) { &r.ip } else { &r.node }).into()));
        }
        cells(paint, area, y, &columns, row);
        if *chosen {
            select(paint, app, Focus::Pods, area, y);
        }
    }
}

/// The events.
pub fn events(app: &App, area: Rect, paint: &mut Paint<'_>) {
    let now = app.clock();
    let rows: Vec<(&EventRow, bool)> = app.events.window().collect();
    if rows.is_empty() {
        return empty(app, &app.connection.events, "events", !app.events.is_empty(), area, paint);
    }
    let objects: Vec<String> = rows.iter().map(|(r, _)| r.about.to_string()).collect();
    let widest = |n: Option<usize>, least: usize, most: usize| n.unwrap_or(0).clamp(least, most);
    let total = usize::from(area.width);
    let reason = widest(rows.iter().map(|(r, _)| width(&r.reason)).max(), 6, 18);
    let counts: Vec<String> = rows.iter().map(|(r, _)| format!("×{}", r.count)).collect();
    let count = widest(counts.iter().map(|c| width(c)).max(), 4, 7);
    // A narrow pane says `!` for a warning and keeps the room for what it is about.
    let narrow = total < 76;
    let kind = if narrow { 1 } else { 7 };
    let fixed = 1 + 4 + 2 + kind + 2 + reason + 2 + 2 + count + 2;
    let object = widest(objects.iter().map(|o| width(o)).max(), 8, if narrow { total.saturating_sub(fixed) } else { total / 3 }.max(8));
    let message = total.saturating_sub(fixed + object);
    let columns = [
        column("LAST", 4, true, Some(Sort::Age)),
        column(if narrow { "" } else { "TYPE" }, kind, false, Some(Sort::Status)),
        column("REASON", reason, false, None),
        column("OBJECT", object, false, Some(Sort::Name)),
        column("SEEN", count, true, Some(Sort::Restarts)),
        column(if message >= 8 { "MESSAGE" } else { "" }, if message >= 8 { message } else { 0 }, false, None),
    ];
    heads(paint, area, &columns, &app.events);
    for (((y, (r, chosen)), object), count) in (area.y + 1..area.bottom()).zip(&rows).zip(&objects).zip(&counts) {
        let kind = if r.warning { Ink::Warn } else { Ink::Dim };
        let word = match (narrow, r.warning) {
            (true, true) => "!",
            (true, false) => " ",
            (false, _) => r.kind(),
        };
        let row: [(Ink, std::borrow::Cow<'_, str>); 6] = [
            (Ink::Text, age(now, r.last).into()),
            (kind, word.into()),
            (if r.warning { Ink::Text } else { Ink::Dim }, r.reason.as_str().into()),
            (Ink::Text, object.as_str().into()),
            (Ink::Dim, count.as_str().into()),
            (Ink::Dim, r.message.as_str().into()),
        ];
        cells(paint, area, y, &columns, row);
        if *chosen {
            select(paint, app, Focus::Events, area, y);
        }
    }
}

/// The problems.
pub fn problems(app: &App, area: Rect, paint: &mut Paint<'_>) {
    let Some(report) = app.problems.report() else {
        return words(paint, area, &[(Ink::Dim, "The rules have not looked yet.")]);
    };
    if app.problems.is_empty() {
        let line = format!("No problems in {}.", report.scope);
        let mut lines = vec![(if report.complete { Ink::Ok } else { Ink::Warn }, line.as_str())];
        if !report.complete {
            lines = vec![if report.saw_nothing() {
                (Ink::Denied, "Nothing could be looked at, so nothing can be said:")
            } else {
                (Ink::Warn, "No problem in what could be read, but not everything could be:")
            }];
        }
        let unseen = if report.complete { Vec::new() } else { unseen::lines(&report.denied) };
        lines.extend(unseen.iter().map(|d| (Ink::Denied, d.as_str())));
        return words(paint, area, &lines);
    }
    let now = app.clock();
    let shown: Vec<Shown<'_>> = app.problems.window(now).collect();
    // Words beside the ages have a column of their own while there are any.
    let marks: Vec<String> = shown.iter().map(|s| s.mark.map(Mark::word).unwrap_or_default()).collect();
    let wide = marks.iter().map(|m| width(m)).max().unwrap_or(0);
    for ((y, s), mark) in (area.y..area.bottom()).zip(&shown).zip(&marks) {
        let f = s.finding;
        let (glyph, _) = severity(f.severity);
        let away = matches!(s.mark, Some(Mark::Gone | Mark::Unseen));
        let (ink, text, strong) = match f.severity {
            _ if away => (Ink::Dim, Ink::Dim, Ink::Dim),
            Severity::Info => (Ink::Dim, Ink::Dim, Ink::Text),
            Severity::Warning => (Ink::Warn, Ink::Text, Ink::Strong),
            Severity::Error | Severity::Critical => (Ink::Error, Ink::Text, Ink::Strong),
        };
        let seen = s.since.map(|t| age(now, t)).unwrap_or_default();
        let folded = if f.folded.is_empty() { String::new() } else { format!("+{}", f.folded.len()) };
        let end = format!("{folded:>4} {seen:>4}");
        let gap = if wide > 0 { wide + 1 } else { 0 };
        let end_width = u16::try_from(width(&end) + gap).unwrap_or(0);
        paint.text(area.x + 1, y, 2, ink, glyph);
        let name = format!("{}: ", f.object.name);
        let inner = Rect { x: area.x + 3, width: area.width.saturating_sub(3 + end_width + 2), ..area };
        let runs: Vec<(Ink, &str)> = if f.title.contains(f.object.name.as_str()) { vec![(text, &f.title)] } else { vec![(strong, &name), (text, &f.title)] };
        paint.row(inner, y, runs);
        paint.right(Rect { width: area.width.saturating_sub(1), ..area }, y, Ink::Dim, &end);
        if let (false, Some(before)) = (mark.is_empty(), (area.width.saturating_sub(1)).checked_sub(u16::try_from(width(&end) + 1).unwrap_or(0))) {
            let place = Rect { width: before, ..area };
            paint.right(place, y, if away { Ink::Dim } else { Ink::Strong }, mark);
        }
        if s.chosen {
            select(paint, app, Focus::Problems, area, y);
        }
    }
}

/// Why there is no row: four different things in four different words.
fn empty(app: &App, link: &Link, what: &str, filtered: bool, area: Rect, paint: &mut Paint<'_>) {
    let place = app.namespace.as_ref().map_or_else(|| "all namespaces".to_owned(), |n| format!("namespace {n}"));
    let c = &app.connection;
    if let (Some(t), None) = (&c.trouble, &c.place) {
        let hint = if t.hint.is_empty() { "r tries again · :ctx chooses another context" } else { t.hint.as_str() };
        let line = format!("{}: {}", t.operation, t.cause);
        return words(
            paint,
            area,
            &[
                (Ink::Error, "No connection."),
                (Ink::Text, &line),
                (Ink::Text, ""),
                (Ink::Text, hint),
                (Ink::Dim, "r tries again · :ctx chooses another context · :q quits"),
            ],
        );
    }
    match link {
        _ if filtered => words(paint, area, &[(Ink::Dim, "Nothing matches the filter; esc clears it.")]),
        Link::Connecting => {
            let to = c.place.as_ref().map(|p| p.context.clone()).or_else(|| c.wanted.clone());
            let line = to.map_or_else(|| "Connecting …".to_owned(), |t| format!("Connecting to {t} …"));
            words(paint, area, &[(Ink::Warn, &line)]);
        }
        Link::Filling => words(paint, area, &[(Ink::Warn, &format!("Listing {what} of {place} …"))]),
        Link::Live => words(paint, area, &[(Ink::Dim, &format!("No {what} in {place}."))]),
        Link::Stale { trouble, .. } => {
            let line = format!("{}: {}", trouble.operation, trouble.cause);
            words(
                paint,
                area,
                &[
                    (Ink::Stale, "Could not look; it is tried again by itself."),
                    (Ink::Text, &line),
                    (Ink::Text, &trouble.hint),
                    (Ink::Dim, "r tries again now"),
                ],
            );
        }
        Link::Denied(trouble) => {
            let line = format!("{}: {}", trouble.operation, trouble.cause);
            words(
                paint,
                area,
                &[
                    (Ink::Denied, &format!("DENIED: you may not list {what} in {place}. This is not emptiness.")),
                    (Ink::Text, &line),
                    (Ink::Text, &trouble.hint),
                    (Ink::Dim, "n chooses another namespace · :ctx another context"),
                ],
            );
        }
    }
}

/// Sentences, wrapped, with a margin.
pub fn words(paint: &mut Paint<'_>, area: Rect, lines: &[(Ink, &str)]) {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let mut y = area.y + u16::from(area.height > 4);
    let mut skip_blank = false;
    for (ink, text) in lines {
        if text.is_empty() && skip_blank {
            continue;
        }
        skip_blank = text.is_empty();
        let rows = crate::app::flow::wrap(&[crate::app::flow::run(*ink, *text)], usize::from(inner.width), &crate::app::flow::run(Ink::Text, ""));
        for row in rows {
            if y >= area.bottom() {
                return;
            }
            paint.runs(inner, y, &row);
            y += 1;
        }
    }
}
