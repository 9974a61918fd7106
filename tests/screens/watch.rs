//! The watch that asks by itself: only where it is switched on, only reading, and never before a person.
use crate::stage::*;
use kopilot_tui::agent::{self, Place, Survey};
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::model::*;
use serde_json::json;

/// A stage whose watch is on, with nothing wrong at first.
fn watching(on: bool) -> Stage {
    let mut s = Stage::new((120, 40)).connected();
    s.link(Link::Live);
    s.app.investigate.enabled = on;
    told(&mut s, &[]);
    s.wait(10_000);
    s
}

fn told(s: &mut Stage, names: &[(&str, Severity)]) {
    let findings = names.iter().map(|(name, severity)| finding("pod/crash-loop", *severity, name, &format!("{name}: exits with code 1"), 0).into()).collect();
    let epoch = s.app.epoch;
    s.event(Event::Problems(epoch, Box::new(Report { findings, ..report() })));
}

/// The survey that the last event asked for.
fn surveyed(s: &Stage) -> Option<(TurnId, Place)> {
    s.effects.iter().find_map(|e| match e {
        Effect::Agent(e) => match &**e {
            agent::Effect::Survey { turn, place } => Some((*turn, place.clone())),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn nothing_is_asked_unless_somebody_switched_it_on() {
    let mut s = watching(false);
    told(&mut s, &[("api", Severity::Critical)]);
    assert!(s.effects.is_empty() && s.app.agent.running().is_none(), "{:?}", s.effects);
}

#[test]
fn a_new_error_is_looked_into_and_the_chat_says_who_asks() {
    let mut s = watching(true);
    told(&mut s, &[("slow", Severity::Warning), ("api", Severity::Error)]);
    let (_, place) = surveyed(&s).expect("it is asked about");
    assert_eq!((place.role, place.object.map(|o| o.name)), (Some(Role::Readonly), Some("api".into())), "whatever the session's role");
    let text = s.screen();
    assert!(text.contains("Started by the watch, not by you; it only reads.") && text.contains("api: exits with code 1"), "{text}");
}

#[test]
fn what_was_there_at_the_start_is_not_asked_about() {
    let mut s = Stage::new((120, 40)).connected();
    s.app.investigate.enabled = true;
    told(&mut s, &[("api", Severity::Critical)]);
    assert!(surveyed(&s).is_none());
}

#[test]
fn its_turn_is_offered_no_write_and_a_model_that_tries_one_is_refused() {
    let mut s = watching(true);
    told(&mut s, &[("api", Severity::Error)]);
    let (turn, _) = surveyed(&s).unwrap();
    let survey = Survey { report: report(), readings: Vec::new() };
    s.agent(agent::Event::Surveyed { turn, result: Ok(Box::new(survey)), at: s.at });
    let tools = s.effects.iter().find_map(|e| match e {
        Effect::Agent(e) => match &**e {
            agent::Effect::Ask { prompt, .. } => Some(prompt.tools.iter().map(|t| t.description.clone()).collect::<String>()),
            _ => None,
        },
        _ => None,
    });
    let tools = tools.expect("the model is asked");
    assert!(tools.contains("logs POD") && !tools.contains("rollout restart") && !tools.contains("delete"), "{tools}");
    s.send();
    let call = ToolCall { id: "c1".into(), name: "kubectl".into(), arguments: json!({"command": "rollout undo deployment/api -n shop"}).to_string() };
    s.model(ModelEvent::Call(call)).model(ModelEvent::Stop(StopReason::ToolCalls));
    let plans =
        s.effects.iter().any(|e| matches!(e, Effect::Plan { .. } | Effect::Replan { .. } | Effect::Decide { .. }) || format!("{e:?}").contains("Plan {"));
    assert!(!plans && s.app.review.is_empty(), "{:?}", s.effects);
    assert!(s.screen().contains("DENIED"), "{}", s.screen());
}

#[test]
fn the_rules_alone_propose_nothing_in_its_turn() {
    let mut s = watching(true);
    s.app.agent = agent::Agent::new(
        agent::Answerer::Offline,
        kopilot_tui::policy::Rules::new(Role::Admin, "shop"),
        kopilot_tui::kubectl::kinds::Kinds::builtin(),
        redactor(),
    );
    told(&mut s, &[("api", Severity::Error)]);
    let (turn, _) = surveyed(&s).unwrap();
    s.agent(agent::Event::Surveyed { turn, result: Ok(Box::new(Survey { report: report(), readings: Vec::new() })), at: s.at });
    let said = s.effects.iter().find_map(|e| match e {
        Effect::Agent(e) => match &**e {
            agent::Effect::Say { text, .. } => Some(text.clone()),
            _ => None,
        },
        _ => None,
    });
    assert!(said.expect("the rules answer").contains("It is not proposed here."));
    s.model(ModelEvent::Text("x".into())).model(ModelEvent::Stop(StopReason::End));
    assert!(s.app.review.is_empty() && s.app.agent.running().is_none());
    assert!(s.app.agent.transcript().entries.iter().all(|e| !matches!(e, agent::Entry::Proposal { .. })));
}

#[test]
fn a_person_who_types_or_decides_is_never_cut_short() {
    let mut s = watching(true);
    s.keys("i").type_text("why");
    told(&mut s, &[("api", Severity::Error)]);
    assert!(surveyed(&s).is_none(), "somebody types");
    s.keys("esc");
    assert!(surveyed(&s).is_none(), "a draft waits");
    s.keys("i");
    for _ in 0..3 {
        s.event(Event::Key(crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Backspace)));
    }
    s.keys("esc");
    assert!(surveyed(&s).is_some(), "now nobody does");

    let mut s = Stage::new((120, 40)).live().asked(ANSWER).proposed();
    s.app.investigate.enabled = true;
    s.minted();
    s.wait(10_000);
    let mut findings = report().findings;
    findings.push(finding("pod/oom-killed", Severity::Error, "worker", "worker: is killed", 0).into());
    let epoch = s.app.epoch;
    s.event(Event::Problems(epoch, Box::new(Report { findings, ..report() })));
    s.keys("esc").tick(1_000);
    assert!(s.app.investigate.waiting() == 1 && !s.screen().contains("Started by the watch"), "a change waits for an answer");
}

#[test]
fn a_persons_question_stops_the_watchs_own() {
    let mut s = watching(true);
    told(&mut s, &[("api", Severity::Error)]);
    let (turn, _) = surveyed(&s).unwrap();
    s.keys("i").type_text("what is db?").keys("enter");
    let (mine, place) = surveyed(&s).expect("it is asked at once");
    assert!(mine != turn && place.role == Some(Role::Admin), "{place:?}");
    assert!(s.effects.iter().any(|e| matches!(e, Effect::Agent(e) if matches!(&**e, agent::Effect::Finish { turn: t } if *t == turn))));
    assert!(s.screen().contains("Your question comes first"), "{}", s.screen());
}

#[test]
fn they_are_asked_one_after_another_two_wait_and_the_rest_is_said() {
    let mut s = watching(true);
    told(&mut s, &[("a", Severity::Error), ("b", Severity::Error), ("c", Severity::Error)]);
    let (first, place) = surveyed(&s).unwrap();
    assert_eq!((place.object.unwrap().name.as_str(), s.app.investigate.waiting()), ("a", 1), "one turn at a time");
    assert!(s.screen().contains("Not looked into by itself"), "{}", s.screen());
    s.agent(agent::Event::Surveyed { turn: first, result: Err(Trouble::new(TroubleClass::Timeout, "look", "no answer")), at: s.at });
    s.keys("ctrl-c");
    let (_, place) = surveyed(&s).expect("the next one");
    assert_eq!(place.object.unwrap().name, "b");
    s.keys("ctrl-c");
    s.wait(60_000);
    told(&mut s, &[]);
    s.wait(16 * 60_000);
    told(&mut s, &[("a", Severity::Error)]);
    assert!(surveyed(&s).is_none(), "it rests for half an hour");
    s.wait(16 * 60_000);
    told(&mut s, &[]);
    s.wait(16 * 60_000);
    told(&mut s, &[("a", Severity::Error)]);
    assert!(surveyed(&s).is_some(), "and is asked about again after that");
}

#[test]
fn what_is_mended_before_its_turn_is_not_asked_about() {
    let mut s = watching(true);
    s.keys("i");
    told(&mut s, &[("api", Severity::Error)]);
    told(&mut s, &[]);
    s.keys("esc");
    assert!(surveyed(&s).is_none() && s.app.investigate.waiting() == 0);
}
