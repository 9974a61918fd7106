//! Typed lines and lists to pick from: opening, typing, completing, taking.
use super::{command, connect, include, leave};
use crate::app::App;
use crate::app::event::Effect;
use crate::app::filter::Filter;
use crate::app::layout::Focus;
use crate::app::line::Line;
use crate::app::popup::{LineKind, PickKind, Picker, Popup};
use crate::text::Clean;
use crossterm::event::KeyEvent;

/// Opens a typed line. A filter goes on where it was left.
pub fn open(app: &mut App, kind: LineKind) {
    let text = match kind {
        LineKind::Filter => {
            if !matches!(app.focus, Focus::Pods | Focus::Events) {
                app.focus = Focus::Pods;
            }
            app.views.clear();
            app.panel = app.focus;
            match app.focus {
                Focus::Events => app.events.filter().typed().to_owned(),
                _ => app.pods.filter().typed().to_owned(),
            }
        }
        LineKind::Search => app.views.last().map(|v| v.search.clone()).unwrap_or_default(),
        LineKind::Command => String::new(),
    };
    app.popup = Some(Popup::Line(kind, Line::new(&text)));
}

/// Opens a list to pick from.
pub fn pick(app: &mut App, kind: PickKind) -> Vec<Effect> {
    let choices = match kind {
        PickKind::Namespace => None,
        PickKind::Include => Some(Ok(include::choices())),
        PickKind::Context => Some(Ok(app.connection.contexts.as_ref().map(|c| c.all.iter().map(|i| i.name.clone()).collect()).unwrap_or_default())),
    };
    app.popup = Some(Popup::Picker(Picker { kind, query: Line::default(), choices, at: 0 }));
    if kind == PickKind::Namespace && app.connection.place.is_some() { vec![Effect::Namespaces(app.epoch)] } else { Vec::new() }
}

/// A key for the line. True when it was one.
pub fn typed(app: &mut App, key: &KeyEvent) -> bool {
    let mut filter = None;
    let edited = match &mut app.popup {
        Some(Popup::Line(kind, line)) => {
            let edited = line.edit(key);
            if edited && *kind == LineKind::Filter {
                filter = Some(Filter::new(line.text()));
            }
            edited
        }
        Some(Popup::Picker(p)) => {
            p.at = 0;
            p.query.edit(key)
        }
        _ => false,
    };
    if let Some(filter) = filter {
        leave::set_filter(app, filter);
    }
    edited
}

/// Enter.
pub fn accept(app: &mut App) -> Vec<Effect> {
    match app.popup.take() {
        Some(Popup::Line(LineKind::Command, line)) => command::run(app, line.text().trim()),
        Some(Popup::Line(LineKind::Search, line)) => {
            if let Some(view) = app.views.last_mut() {
                line.text().clone_into(&mut view.search);
            }
            if !line.text().is_empty() {
                super::read::find(app, true);
            }
            Vec::new()
        }
        Some(Popup::Picker(picker)) => match (picker.picked(), picker.kind) {
            (Some(name), PickKind::Context) => connect::context(app, Some(name)),
            (Some(name), PickKind::Namespace) => connect::scope(app, Some(name)),
            (Some(name), PickKind::Include) => include::choose(app, &name),
            (None, _) => Vec::new(),
        },
        Some(Popup::Line(LineKind::Filter, _) | Popup::Help(_)) | None => Vec::new(),
    }
}

/// Tab: the word, when only one fits; else as far as all that fit agree.
pub fn complete(app: &mut App) {
    let Some(Popup::Line(LineKind::Command, line)) = &app.popup else { return };
    let text = line.text().to_owned();
    let (head, last) = text.rsplit_once(' ').map_or(("", text.as_str()), |(h, l)| (h, l));
    let choices: Vec<String> = match head.trim() {
        "" => command::WORDS.iter().map(|(w, _)| (*w).to_owned()).chain(command::VERBS.iter().map(|v| (*v).to_owned())).collect(),
        "ctx" => app.connection.contexts.iter().flat_map(|c| &c.all).map(|i| i.name.to_string()).collect(),
        "ns" => namespaces(app),
        "include" => include::choices().iter().filter_map(|c| c.split(':').next()).map(str::to_owned).collect(),
        "theme" => command::THEMES.iter().map(|t| (*t).to_owned()).collect(),
        _ => app.pods.rows().map(|r| r.name.to_string()).collect(),
    };
    let fits: Vec<&String> = choices.iter().filter(|c| c.starts_with(last)).collect();
    let Some(first) = fits.first() else { return };
    let common = fits.iter().fold(first.as_str(), |c, f| shared(c, f));
    if common.len() <= last.len() && fits.len() > 1 {
        let some: Vec<&str> = fits.iter().take(8).map(|f| f.as_str()).collect();
        let words = some.join("  ");
        app.say(&words, false);
        return;
    }
    let lead = if head.is_empty() { String::new() } else { format!("{head} ") };
    let end = if fits.len() == 1 { " " } else { "" };
    app.popup = Some(Popup::Line(LineKind::Command, Line::new(&format!("{lead}{common}{end}"))));
}

fn namespaces(app: &App) -> Vec<String> {
    let seen: std::collections::BTreeSet<Clean> = app.pods.rows().map(|r| r.namespace.clone()).collect();
    seen.iter().map(ToString::to_string).collect()
}

fn shared<'a>(a: &'a str, b: &str) -> &'a str {
    let end = a.char_indices().zip(b.chars()).take_while(|((_, x), y)| x == y).map(|((i, x), _)| i + x.len_utf8()).last().unwrap_or(0);
    a.get(..end).unwrap_or_default()
}
