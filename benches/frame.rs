//! What a frame costs at ten thousand rows: `cargo bench --bench frame`. Prints figures and asserts nothing.
//!
//! The screen's state is fed as the runtime feeds it; drawing goes into ratatui's buffer and diff, not to a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a program that prints figures")]
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kopilot_tui::agent::{Agent, Answerer};
use kopilot_tui::app::event::{At, Place};
use kopilot_tui::app::rows::PodRow;
use kopilot_tui::app::state::Setup;
use kopilot_tui::app::{App, Event, update};
use kopilot_tui::kubectl::kinds::Kinds;
use kopilot_tui::model::snapshot::{self, pod::Templates};
use kopilot_tui::model::{Change, Interner, Link, Namespaces, Role, Timestamp, Update, WatchKind};
use kopilot_tui::policy::Rules;
use kopilot_tui::text::{Clean, Redactor};
use kopilot_tui::ui::{self, theme::Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;
use std::time::{Duration, Instant};

const ROWS: usize = 10_000;

fn pods(pool: &mut Interner, templates: &mut Templates, restarts: u32, range: std::ops::Range<usize>) -> Vec<snapshot::Pod> {
    range
        .map(|i| {
            let name = format!("api-7f9c4b8d5-{i:05}");
            let meta = json!({"name": name, "namespace": format!("ns-{}", i % 50), "uid": format!("uid-{i}"), "resourceVersion": restarts.to_string(), "creationTimestamp": "2026-03-01T00:00:00Z"});
            let spec = json!({"nodeName": format!("node-{}", i % 100), "containers": [{"name": "main", "image": "shop/api:2"}]});
            let state = json!({"running": {"startedAt": "2026-03-01T00:00:00Z"}});
            let status = json!({"phase": "Running", "podIP": format!("10.0.{}.{}", i / 250, i % 250), "containerStatuses": [{"name": "main", "ready": true, "restartCount": restarts, "state": state}]});
            snapshot::Pod::project(
                &serde_json::from_value(meta).unwrap(),
                &serde_json::from_value(spec).unwrap(),
                &serde_json::from_value(status).unwrap(),
                pool,
                templates,
            )
        })
        .collect()
}

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0) * 1024
}

fn quantiles(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |q: usize| times.get((times.len() - 1) * q / 100).copied().unwrap_or_default();
    println!("{name:<52} p50 {:>9.1?}  p99 {:>9.1?}  max {:>9.1?}", at(50), at(99), at(100));
}

fn main() {
    let now: Timestamp = "2026-03-04T12:00:00Z".parse().unwrap();
    let setup = Setup { role: Role::Readonly, context: None, namespaces: Namespaces::All, still: false, size: (200, 60), ascii: false };
    let agent = Agent::new(Answerer::Offline, Rules::new(Role::Readonly, "default"), Kinds::builtin(), Redactor::new([0; 32]));
    let (mut app, _) = App::new(setup, agent, now);
    let happen = |app: &mut App, event: Event| {
        update(app, At { at: now, event });
    };
    let epoch = app.epoch;
    let place = Place { context: Clean::line("bench"), namespace: Clean::line("default"), user: Clean::line("ann") };
    happen(&mut app, Event::Connected { epoch, result: Ok(place) });
    let (mut pool, mut templates) = (Interner::new(), Templates::default());
    let all = pods(&mut pool, &mut templates, 0, 0..ROWS);
    let before = resident();
    let start = Instant::now();
    happen(&mut app, Event::Watch(epoch, Update::Pods(vec![Change::ListBegins])));
    for chunk in all.chunks(500) {
        happen(&mut app, Event::Watch(epoch, Update::Pods(chunk.iter().cloned().map(Change::Upsert).collect())));
    }
    happen(&mut app, Event::Watch(epoch, Update::Pods(vec![Change::ListEnds])));
    happen(&mut app, Event::Watch(epoch, Update::Link(WatchKind::Pods, Link::Live, now)));
    println!("{ROWS} rows arrive in batches of 500: {:.1?} in all", start.elapsed());
    println!(
        "a row of the table: {} bytes beside shared strings; resident growth {} bytes a row",
        size_of::<PodRow>(),
        resident().saturating_sub(before) / ROWS
    );

    let theme = Theme::builtin("default").unwrap();
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).unwrap();
    let mut frame = |app: &App| {
        let start = Instant::now();
        terminal.draw(|f| ui::draw(app, &theme, f)).unwrap();
        start.elapsed()
    };
    quantiles("a frame, 200×60, nothing changed", (0..1_000).map(|_| frame(&app)).collect());
    let key = |c: char| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    let mut keyed = Vec::new();
    for i in 0..1_000 {
        let start = Instant::now();
        happen(&mut app, key(if i % 200 < 150 { 'j' } else { 'k' }));
        frame(&app);
        keyed.push(start.elapsed());
    }
    quantiles("`j` or `k` to the end of its frame", keyed);
    let mut updates = Vec::new();
    let mut drawn = 0;
    for round in 1..=100u32 {
        let i = usize::try_from(round).unwrap() * 97 % ROWS;
        let some = pods(&mut pool, &mut templates, round, i..(i + 10).min(ROWS));
        app.dirty = false;
        let start = Instant::now();
        happen(&mut app, Event::Watch(epoch, Update::Pods(some.into_iter().map(Change::Upsert).collect())));
        updates.push(start.elapsed());
        drawn += usize::from(app.dirty);
    }
    quantiles("a batch of 10 changed rows", updates);
    println!("of 100 such batches {drawn} touched what is on screen");
    let mut sorts = Vec::new();
    for c in "NASTRNASTR".chars() {
        let start = Instant::now();
        happen(&mut app, key(c));
        frame(&app);
        sorts.push(start.elapsed());
    }
    quantiles("another sort order, to the end of its frame", sorts);
    let mut filters = Vec::new();
    happen(&mut app, key('/'));
    for c in "api-7f9c4b8d5-042".chars() {
        let start = Instant::now();
        happen(&mut app, key(c));
        frame(&app);
        filters.push(start.elapsed());
    }
    quantiles("a letter of a filter, to the end of its frame", filters);
}
