//! Snapshots of the whole screen. A change to what a person sees changes one of these in the same commit.
use crate::stage::*;
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::model::*;

pub fn picture(name: &str, build: impl Fn(Stage) -> Stage) {
    for (w, h) in [(80, 24), (120, 40), (200, 60)] {
        let stage = build(Stage::new((w, h)));
        let text = stage.screen();
        assert_eq!(text, stage.screen_in("mono"), "both themes say the same words");
        let mono = stage.buffer("mono");
        assert!(mono.content.iter().all(|c| c.fg == ratatui::style::Color::Reset && c.bg == ratatui::style::Color::Reset), "mono paints a colour");
        insta::assert_snapshot!(format!("{name}-{w}x{h}"), text);
    }
}

#[test]
fn connecting() {
    picture("connecting", Stage::connected);
}

#[test]
fn no_kubeconfig() {
    picture("no-kubeconfig", |mut s| {
        let trouble = Trouble::new(TroubleClass::Config, "read the kubeconfig /home/ann/.kube/config", "No such file or directory (os error 2)")
            .hint("Set KUBECONFIG, or copy a kubeconfig there; `kopilot-tui --demo` needs none.");
        s.event(Event::Contexts(Err(trouble.clone())));
        let epoch = s.app.epoch;
        s.event(Event::Connected { epoch, result: Err(trouble) });
        s
    });
}

#[test]
fn denied() {
    picture("denied", |s| {
        let mut s = s.connected();
        let trouble = Trouble::new(
            TroubleClass::Denied,
            "list pods in shop",
            "pods is forbidden: User \"ann\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\"",
        )
        .hint("Ask for the role view in this namespace.");
        s.link(Link::Denied(trouble));
        s
    });
}

#[test]
fn stale() {
    picture("stale", |s| {
        let mut s = s.live();
        let trouble = Trouble::new(TroubleClass::Unreachable, "watch pods in shop", "connection refused (10.0.0.1:6443)");
        let since = s.at;
        s.wait(180_000).link(Link::Stale { since, trouble });
        s
    });
}

#[test]
fn live() {
    picture("live", Stage::live);
}

#[test]
fn streaming() {
    picture("streaming", |s| {
        let mut s = s.live().asked(ANSWER);
        s.keys("tab backtab");
        s
    });
}

#[test]
fn context_open() {
    picture("context", |s| {
        let mut s = s.live().asked(ANSWER);
        let changed = pod("api-7f9c4b8d5-x2x7k", "node-1", 15, 47, &waiting("CrashLoopBackOff"), false);
        s.pods(vec![Change::Upsert(changed)]);
        s.keys("tab j");
        s
    });
}

#[test]
fn evidence_open() {
    picture("evidence", |s| {
        let mut s = s.live().asked(ANSWER);
        s.keys("tab j enter");
        for _ in 0..20 {
            s.tick(1);
        }
        s
    });
}

#[test]
fn dialog() {
    picture("dialog", |s| {
        let mut s = s.live().asked(ANSWER).proposed();
        s.minted();
        s.tick(1_500);
        s
    });
}

#[test]
fn critical_dialog() {
    picture("critical", |s| {
        let mut s = s.live();
        s.keys("ctrl-d").planned_by_hand();
        let plan = s.app.review.front_mut().unwrap();
        plan.plan.risk = Risk::Critical;
        plan.plan.undo = None;
        if let kopilot_tui::app::Effect::OpenDialog { plan, .. } = &mut s.effects[0] {
            plan.risk = Risk::Critical;
        }
        s.minted().wait(2_000);
        s.type_text("api-7f9").keys("tab").wait(1_000).keys("enter");
        s
    });
}

#[test]
fn help() {
    picture("help", |s| {
        let mut s = s.live();
        s.keys("?");
        s
    });
}

#[test]
fn namespace_picker() {
    picture("namespaces", |s| {
        let mut s = s.live();
        s.keys("n");
        let epoch = s.app.epoch;
        let names = ["default", "kube-system", "shop", "shop-staging"].map(line).to_vec();
        s.event(Event::Namespaces(epoch, Ok(names))).type_text("sh");
        s
    });
}

#[test]
fn filter_all_namespaces() {
    picture("filter", |s| {
        let mut s = s.live();
        s.keys("0");
        let mut changes: Vec<_> = shop().into_iter().map(Change::Upsert).collect();
        changes.push(Change::Upsert(pod_in("kube-system", "coredns-7db6d8ff4d-apisx", "node-1", 0, 60 * 24 * 90, &running(), true)));
        s.pods(changes).link(Link::Live);
        s.keys("/").type_text("api");
        s
    });
}

#[test]
fn problem_open() {
    picture("problem", |s| {
        let mut s = s.live();
        s.keys("tab tab enter");
        s
    });
}

#[test]
fn ascii_draws_nothing_else() {
    let mut setup = setup((120, 40), Role::Readonly);
    setup.ascii = true;
    let stage = Stage::with(setup).live().asked(ANSWER);
    let text = stage.screen();
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!("ascii-120x40", text);
}

/// A change that waits, its dialog minted and armed.
fn armed(s: Stage) -> Stage {
    let mut s = s.live().asked(ANSWER).proposed();
    s.minted();
    s.wait(1_200);
    s
}

#[test]
fn edit() {
    picture("edit", |s| {
        let mut s = armed(s);
        s.keys("ctrl-e").type_text(" --to-revision=1");
        s
    });
}

#[test]
fn allowing() {
    picture("allowing", |s| {
        let mut s = armed(s);
        s.keys("ctrl-g ctrl-g tab").tick(1_200);
        s
    });
}

#[test]
fn asked_again_and_allowed() {
    picture("asked-again", |s| {
        let mut s = armed(s);
        s.keys("ctrl-g").wait(1_200).keys("tab enter");
        let (turn, call) = s.effects.iter().find_map(|e| if let Effect::Decide { turn, call, .. } = e { Some((*turn, call.clone())) } else { None }).unwrap();
        let why = "Nothing ran: deployment/api changed since it was reviewed (resourceVersion 91840 → 91902, last by kubectl-edit).";
        s.event(Event::Executed { turn, call, outcome: Outcome::Void(line(why)), changed: true });
        let Some(Effect::Replan { epoch, turn, call, operation, evidence, .. }) = s.effects.first() else { panic!("{:?}", s.effects) };
        let mut plan = plan(*turn, operation, Risk::Medium, evidence);
        plan.notes = vec![line("the annotation note is not taken back by the undo")];
        plan.access = vec![Access { what: line("patch deployments.apps api in shop"), allowed: None, reason: line("the review timed out") }];
        let event = Event::Replanned { epoch: *epoch, turn: *turn, call: call.clone(), result: Ok(Box::new(plan)) };
        s.event(event).minted().tick(1_200);
        s
    });
}
