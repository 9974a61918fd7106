//! The problems of a scope as they come and go: the engine on the embedded cluster, whose objects somebody changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::demo::serve::{From, Options, serve};
use kopilot_tui::model::{Epoch, Report, Role};
use kopilot_tui::runtime::clock::Clocks;
use kopilot_tui::runtime::engine::Engine;
use kopilot_tui::runtime::{Session, session};
use kopilot_tui::store::config::{self, Flags};
use kopilot_tui::text::Clean;
use serde_json::json;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

#[allow(dead_code, reason = "other tests use the rest")]
mod demo_client;
use demo_client::Client;

const EPOCH: Epoch = Epoch(1);
/// Far above what any wait here takes; reached only when what is waited for never comes.
const BOUND: Duration = Duration::from_mins(1);

/// The first report that is as wanted.
async fn until(events: &mut Receiver<Event>, what: &str, wanted: impl Fn(&Report) -> bool) -> Report {
    let mut last = None;
    let found = tokio::time::timeout(BOUND, async {
        loop {
            match events.recv().await.expect("the engine runs") {
                Event::Problems(EPOCH, report) if wanted(&report) => return *report,
                Event::Problems(_, report) => last = Some(report),
                _ => {}
            }
        }
    });
    let found = found.await;
    found.unwrap_or_else(|_| panic!("{what}: never; last {last:#?}"))
}

fn names(report: &Report, rule: &str, name: &str) -> bool {
    report.findings.iter().any(|f| f.rule == rule && f.object.name == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_comes_with_the_change_that_makes_it_and_goes_with_the_one_that_mends_it() {
    let clocks = Clocks::wall(None);
    let served = serve(&Options { port: 0, still: false, from: From::Scenario("shop".into()), pods: 0, churn: 0 }, clocks.cluster.clone()).await.unwrap();
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = home.path().join("kubeconfig");
    std::fs::write(&path, &served.kubeconfig).unwrap();
    let folder = home.path().to_str().unwrap().to_owned();
    let config = config::load(&|name| (name == "HOME").then(|| folder.clone()), &Flags::default(), &["default"]).unwrap();
    let session = Session::new(config, Role::Readonly, session::kubeconfig(Some(path)), clocks).unwrap();
    let (mut engine, mut events) = Engine::new(session);
    engine.perform(Effect::Connect { epoch: EPOCH, context: None });
    engine.perform(Effect::Watch { epoch: EPOCH, namespace: Some(Clean::line("shop")) });

    // No pod and no event tells of this one: the service alone does.
    let broken = |r: &Report| names(r, "service/selects-nothing", "cart");
    let first = until(&mut events, "a complete report", |r| r.complete && broken(r)).await;
    assert!(first.findings.iter().any(|f| f.title.contains("DB_HOST is not set")), "its logs were read: {first:#?}");

    let admin = Client::of(&served.kubeconfig, Some("demo-admin"));
    let select = async |app: &str| {
        let body = json!({"spec": {"selector": {"app": app}}}).to_string();
        let answer = admin.send("PATCH", "/api/v1/namespaces/shop/services/cart", &[("content-type", "application/merge-patch+json")], Some(&body)).await;
        assert_eq!(answer.code, 200, "{}", answer.text);
    };
    select("cart").await;
    until(&mut events, "the service is mended", |r| !broken(r)).await;
    select("carts").await;
    until(&mut events, "the service is broken again", broken).await;
    engine.end(Duration::ZERO).await;
}
