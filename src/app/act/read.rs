//! Texts on the panel: what a row, a piece of evidence, a span or a problem says in full.
use crate::app::App;
use crate::app::context::{self, Item};
use crate::app::event::{Effect, ViewId};
use crate::app::layout::Focus;
use crate::app::popup::{LineKind, Popup};
use crate::app::table::Record;
use crate::app::view::View;
use crate::app::words;
use crate::kubectl;
use crate::model::operation::{Output, Selectors, Target};
use crate::model::{Action, Decision, EvidenceId, KindRef, Looked, ObjectRef, Operation, Read, Scope, SpanKind};
use crate::policy;
use crate::text::Clean;
use jiff::SignedDuration;

/// How often a text that is followed is read again.
pub const FOLLOW: SignedDuration = SignedDuration::from_secs(2);

/// The object of the selected row.
fn selected(app: &App) -> Option<ObjectRef> {
    match app.focus {
        Focus::Pods => app.pods.selected().map(Record::object),
        Focus::Events => app.events.selected().map(Record::object),
        Focus::Problems => app.problems.selected().map(|f| f.object.clone()),
        Focus::Chat | Focus::Context => None,
    }
}

/// The kind of a reference, as discovery or the built-in table names it.
pub(super) fn kind(app: &App, object: &ObjectRef) -> Option<KindRef> {
    if object.kind == "Pod" {
        return Some(KindRef::new("", "v1", "pods", "Pod", true));
    }
    app.kinds.resolve(&object.kind)
}

fn scope(object: &ObjectRef) -> Scope {
    if object.namespace.is_empty() { Scope::Context } else { Scope::Named(object.namespace.clone()) }
}

fn on_selected(app: &mut App, read: impl FnOnce(Target) -> Read) -> Vec<Effect> {
    let Some(object) = selected(app) else {
        app.say("No row is selected.", false);
        return Vec::new();
    };
    let Some(kind) = kind(app, &object) else {
        app.say(&format!("The kind {} is not known here.", object.kind), true);
        return Vec::new();
    };
    let operation = Operation { action: Action::Read(read(Target { kind, name: Some(object.name.clone()) })), scope: scope(&object) };
    perform(app, operation)
}

/// Opens the text of a read, when policy allows it.
pub fn perform(app: &mut App, operation: Operation) -> Vec<Effect> {
    let operation = Ok(operation);
    let verdict = policy::judge(&operation, &app.rules);
    let Ok(operation) = operation else { return Vec::new() };
    if verdict.decision != Decision::Read {
        app.say(&format!("{}: {} (rule {})", verdict.decision, verdict.reason, verdict.rule), true);
        return Vec::new();
    }
    if app.connection.place.is_none() {
        app.say("There is no connection: r tries again.", true);
        return Vec::new();
    }
    let id = ViewId(app.fresh());
    let is_log = matches!(operation.action, Action::Read(Read::Logs { .. }));
    let title = Clean::line(&kubectl::print(&operation));
    show(app, View::waiting(id, title, operation.clone(), app.focus, is_log, app.now));
    vec![Effect::View { view: id, operation }]
}

fn show(app: &mut App, view: View) {
    app.views.push(view);
    if !app.focus.is_panel() {
        app.focus = app.panel;
    }
}

fn show_text(app: &mut App, title: &str, text: &str) {
    let id = ViewId(app.fresh());
    let view = View::of_text(id, Clean::line(title), Clean::block(text).to_string(), app.focus, app.now);
    show(app, view);
}

/// `d`.
pub fn describe(app: &mut App) -> Vec<Effect> {
    on_selected(app, |t| Read::Describe { targets: vec![t], selectors: Selectors::default() })
}

/// `y`.
pub fn yaml(app: &mut App) -> Vec<Effect> {
    on_selected(app, |t| Read::Get { targets: vec![t], selectors: Selectors::default(), output: Output::Yaml, sort_by: None, show_labels: false })
}

/// `l`, `p`.
pub fn logs(app: &mut App, previous: bool) -> Vec<Effect> {
    if selected(app).is_some_and(|o| o.kind != "Pod") {
        app.say("Only pods have logs: select one.", false);
        return Vec::new();
    }
    on_selected(app, |target| Read::Logs {
        target,
        container: None,
        previous,
        tail: None,
        since_seconds: None,
        timestamps: false,
        all_containers: true,
        selectors: Selectors::default(),
    })
}

/// `enter`.
pub fn open(app: &mut App) -> Vec<Effect> {
    match app.focus {
        Focus::Pods => return describe(app),
        Focus::Events => {
            if let Some(row) = app.events.selected() {
                let (title, text) = (format!("event {} of {}", row.reason, row.about), event_text(row, app.clock()));
                show_text(app, &title, &text);
            }
        }
        Focus::Problems => {
            if let (Some(f), Some(text)) = (app.problems.selected(), app.problems.text(app.clock())) {
                let title = f.title.to_string();
                show_text(app, &title, &text);
            }
        }
        Focus::Context => open_item(app),
        Focus::Chat => {}
    }
    Vec::new()
}

/// An event in full: its message is what a narrow table has no room for.
fn event_text(row: &crate::app::rows::EventRow, now: crate::model::Timestamp) -> String {
    let seen = format!("{}, last {} ago", words::count(usize::try_from(row.count).unwrap_or(0), "time", "times"), words::age(now, row.last));
    format!("{}\n\n{:<10}{}\n{:<10}{} in {}\n{:<10}{seen}\n", row.message, "type", row.kind(), "object", row.about, row.about.namespace, "seen")
}

fn open_item(app: &mut App) {
    let ledger = app.agent.ledger();
    match app.context.chosen() {
        Some(Item::Evidence(i)) => {
            if let Some(id) = ledger.evidence().get(i).map(|e| e.id) {
                evidence(app, id);
            }
        }
        Some(Item::Request(r)) => app.context.toggle(r, ledger),
        Some(Item::Span(r, s)) => {
            let Some(request) = ledger.requests().get(r) else { return };
            let Some(span) = request.body.spans().get(s) else { return };
            let what = match span.evidence {
                Some(id) => format!("evidence {id}"),
                None => context::span_word(span.kind).to_owned(),
            };
            let bytes = format!("bytes {}–{}", span.range.start, span.range.end);
            let title = format!("{what} · {} · {bytes}", context::request_title(ledger, r));
            let text = request.body.decoded(span);
            let text = if span.kind == SpanKind::Tools { pretty(&text) } else { text };
            show_text(app, &title, &text);
        }
        None => {}
    }
}

/// JSON on lines of its own is easier to read; anything else stays.
fn pretty(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text).ok().and_then(|v| serde_json::to_string_pretty(&v).ok()).unwrap_or_else(|| text.to_owned())
}

/// A piece of evidence as it was sent, or how looking for it ended.
fn evidence(app: &mut App, id: EvidenceId) {
    let ledger = app.agent.ledger();
    let Some(e) = ledger.find(id) else {
        return app.say(&format!("{id} is not in the ledger."), true);
    };
    let text = match &e.reading.looked {
        Looked::Found(prepared) => context::as_sent(ledger, id).unwrap_or_else(|| prepared.text().to_owned()),
        Looked::Nothing(what) => format!("NOTHING THERE: {what}"),
        Looked::Denied(t) => format!("DENIED: {t}"),
        Looked::Failed(t) => format!("COULD NOT LOOK: {t}"),
    };
    let title = format!("{id} {}", e.asked);
    let is_log = matches!(e.reading.source, crate::model::Source::Log { .. });
    let remark = match &e.reading.looked {
        Looked::Found(p) => crate::app::view::remark(p).join(" · "),
        _ => String::new(),
    };
    show_text(app, &title, &text);
    if let Some(view) = app.views.last_mut() {
        view.remark = remark;
        if is_log {
            view.bottom();
        }
    }
}

/// Enter in the chat: the chosen citation's evidence.
pub fn citation(app: &mut App) {
    match app.chat.chosen {
        Some(id) => evidence(app, id),
        None => app.say("] chooses a citation; enter opens it.", false),
    }
}

/// `R` in the context pane: the bytes of the chosen request, or of the newest one.
pub fn raw(app: &mut App) {
    let ledger = app.agent.ledger();
    let at = match app.context.chosen() {
        Some(Item::Request(r) | Item::Span(r, _)) => Some(r),
        _ => ledger.requests().len().checked_sub(1),
    };
    let Some((at, request)) = at.and_then(|r| Some((r, ledger.requests().get(r)?))) else {
        return app.say("Nothing was sent to a model yet.", false);
    };
    let title = format!("raw {} · sha256 {}", context::request_title(ledger, at), request.sha256.get(..12).unwrap_or_default());
    let text = String::from_utf8_lossy(request.body.bytes()).into_owned();
    show_text(app, &title, &text);
}

/// `s` in a text.
pub fn follow(app: &mut App) {
    let now = app.now;
    let Some(view) = app.views.last_mut() else { return };
    if view.operation.is_none() {
        return app.say("This text does not change.", false);
    }
    view.follow = !view.follow;
    view.asked = now;
    if view.follow {
        view.bottom();
    }
}

/// `n`, `N` in a text.
pub fn find(app: &mut App, forward: bool) {
    let Some(view) = app.views.last_mut() else { return };
    if view.search.is_empty() {
        app.popup = Some(Popup::Line(LineKind::Search, crate::app::line::Line::default()));
        return;
    }
    let found = view.find(forward);
    let words = match found {
        Some(line) => format!("`{}` in line {line}", view.search),
        None => format!("`{}` is not in this text", view.search),
    };
    app.say(&words, false);
}

/// `c`.
pub fn copy(app: &mut App) -> Vec<Effect> {
    let text = match app.focus {
        f if f.is_panel() && !app.views.is_empty() => app.views.last().map(|v| v.text().to_owned()),
        Focus::Pods => app.pods.selected().map(|r| r.name.to_string()),
        Focus::Events => app.events.selected().map(|r| r.message.to_string()),
        Focus::Problems => app.problems.selected().map(|f| f.title.to_string()),
        Focus::Chat => app.agent.transcript().entries.iter().rev().find_map(|e| match e {
            crate::agent::Entry::Answer { text, .. } => Some(text.to_string()),
            _ => None,
        }),
        Focus::Context => match app.context.chosen() {
            Some(Item::Evidence(i)) => app.agent.ledger().evidence().get(i).and_then(|e| context::as_sent(app.agent.ledger(), e.id)),
            _ => None,
        },
    };
    if text.is_none() {
        app.say("There is nothing to copy here.", false);
    }
    text.map(Effect::Copy).into_iter().collect()
}
