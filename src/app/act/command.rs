//! `:` commands: the screen's own words, else the kubectl grammar, judged by policy like everything else.
use super::{connect, include, leave, prompt, read};
use crate::app::App;
use crate::app::event::Effect;
use crate::app::layout::Focus;
use crate::app::popup::{PickKind, Popup};
use crate::app::update::sentence;
use crate::kubectl;
use crate::model::operation::{Cascade, Objects, Target};
use crate::model::{Action, Decision, KindRef, Operation, Scope, Write};
use crate::policy;
use crate::text::Clean;

/// The screen's own words, and what they do, for completion and the help page.
pub const WORDS: &[(&str, &str)] = &[
    ("ctx", "another context: :ctx NAME, or a list"),
    ("ns", "another namespace: :ns NAME, :ns all, or a list"),
    ("pods", "the pods"),
    ("events", "the events"),
    ("problems", "the problems"),
    ("include", "what PROBLEMS holds beside what is broken: :include security,cost,hygiene, all or none, or a list"),
    ("theme", "another theme: :theme NAME"),
    ("revoke", "take back what was allowed for a time in a review"),
    ("help", "the keys"),
    ("q", "quit"),
];

/// The built-in themes by name; `ui::theme` has their styles, and a test that holds the two together.
pub const THEMES: &[&str] = &["default", "mono"];

/// Verbs of the grammar that completion offers.
pub const VERBS: &[&str] = &[
    "get",
    "describe",
    "logs",
    "top",
    "rollout",
    "scale",
    "set",
    "delete",
    "auth",
    "version",
    "api-resources",
    "api-versions",
    "cluster-info",
    "explain",
    "helm",
    "patch",
    "create",
    "run",
    "label",
    "annotate",
    "expose",
    "autoscale",
    "cordon",
    "uncordon",
    "drain",
    "taint",
    "certificate",
];

/// Runs a command line.
pub fn run(app: &mut App, line: &str) -> Vec<Effect> {
    let mut words = line.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    match (first, second, words.next()) {
        ("", ..) => Vec::new(),
        ("q" | "q!" | "quit" | "exit", None, _) => leave::quit(app),
        ("help" | "h", None, _) => {
            app.popup = Some(Popup::Help(0));
            Vec::new()
        }
        ("ctx" | "context" | "contexts", None, _) => prompt::pick(app, PickKind::Context),
        ("ctx" | "context", Some(name), None) => connect::context(app, Some(Clean::line(name))),
        ("ns" | "namespace" | "namespaces", None, _) => prompt::pick(app, PickKind::Namespace),
        ("ns" | "namespace", Some("all"), None) => connect::scope(app, None),
        ("ns" | "namespace", Some(name), None) => connect::scope(app, Some(Clean::line(name))),
        ("pods" | "po" | "pod", None, _) => to(app, Focus::Pods),
        ("events" | "ev" | "event", None, _) => to(app, Focus::Events),
        ("problems" | "problem", None, _) => to(app, Focus::Problems),
        ("include", None, _) => prompt::pick(app, PickKind::Include),
        ("include", Some(words), None) => include::exactly(app, words),
        ("revoke", None, _) => {
            let ended = super::approve::revoke(app, "Revoked.");
            let words = if ended.is_empty() { "Nothing is allowed for a time: every change is asked." } else { "Revoked: every change is asked again." };
            app.say(words, false);
            ended
        }
        ("theme", name, None) => {
            theme(app, name);
            Vec::new()
        }
        _ => grammar(app, line),
    }
}

fn to(app: &mut App, focus: Focus) -> Vec<Effect> {
    app.views.clear();
    app.focus = focus;
    Vec::new()
}

fn theme(app: &mut App, name: Option<&str>) {
    match name {
        Some(name) if THEMES.contains(&name) => app.theme = Some(name.to_owned()),
        _ => app.say(&format!("The themes are: {}.", THEMES.join(", ")), name.is_some()),
    }
}

/// A command of the grammar: a read opens a text, a write is planned and comes back as an approval.
fn grammar(app: &mut App, line: &str) -> Vec<Effect> {
    match kubectl::parse(line, &app.kinds) {
        Err(refusal) => {
            app.say(&sentence(&refusal), true);
            Vec::new()
        }
        Ok(operation) => perform(app, on_screen(app, operation)),
    }
}

/// What names no namespace means the one on screen.
fn on_screen(app: &App, operation: Operation) -> Operation {
    let scope = match (operation.scope, &app.namespace) {
        (Scope::Context, Some(ns)) => Scope::Named(ns.to_string()),
        (scope, _) => scope,
    };
    Operation { scope, ..operation }
}

fn perform(app: &mut App, operation: Operation) -> Vec<Effect> {
    if !operation.is_write() {
        return read::perform(app, operation);
    }
    let operation = Ok(operation);
    let verdict = policy::judge(&operation, &app.rules);
    let Ok(operation) = operation else { return Vec::new() };
    if verdict.decision != Decision::Approve {
        app.say(&format!("{}: {} (rule {})", verdict.decision, verdict.reason, verdict.rule), true);
        return Vec::new();
    }
    if app.connection.place.is_none() {
        app.say("There is no connection: r tries again.", true);
        return Vec::new();
    }
    app.say(&format!("Asking the server for a dry run of {} …", kubectl::print(&operation)), false);
    vec![Effect::Plan { epoch: app.epoch, operation, verdict }]
}

/// `ctrl-d`: an approval to delete the selected pod; nothing is deleted by the key.
pub fn delete(app: &mut App) -> Vec<Effect> {
    let chosen = if app.focus == Focus::Pods { app.pods.selected().map(|r| (r.namespace.to_string(), r.name.to_string())) } else { None };
    let Some((namespace, name)) = chosen else {
        app.say("Select a pod to delete.", false);
        return Vec::new();
    };
    let target = Target { kind: KindRef::new("", "v1", "pods", "Pod", true), name: Some(name) };
    let write = Write::Delete { objects: Objects::one(target), grace_period: None, cascade: Cascade::default() };
    perform(app, Operation { action: Action::Write(write), scope: Scope::Named(namespace) })
}
