//! The queue of approvals: several proposals, edits, reasons, allowances for a time, and what is asked again.
use crate::stage::*;
use kopilot_tui::agent;
use kopilot_tui::agent::transcript::{Entry, ProposalState};
use kopilot_tui::app::event::{Decision, Noted};
use kopilot_tui::app::state::Mode;
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::model::*;
use serde_json::json;

/// The model proposes these at once, and the server's dry run accepts each.
fn proposed(commands: &[&str]) -> Stage {
    let mut s = Stage::new((120, 40)).live().asked(ANSWER);
    for (i, command) in commands.iter().enumerate() {
        s.model(ModelEvent::Call(ToolCall { id: format!("c{i}"), name: "kubectl".into(), arguments: json!({"command": command}).to_string() }));
    }
    s.model(ModelEvent::Stop(StopReason::ToolCalls));
    let wanted: Vec<_> = s.effects.iter().filter_map(agent_plan).collect();
    assert_eq!(wanted.len(), commands.len(), "{:?}", s.effects);
    for (turn, call, plan) in wanted {
        s.agent(agent::Event::Planned { turn, call, result: Ok(Box::new(plan)), at: s.at });
        if s.effects.iter().any(|e| matches!(e, Effect::OpenDialog { .. })) {
            s.minted();
        }
    }
    s
}

fn agent_plan(effect: &Effect) -> Option<(TurnId, String, Plan)> {
    let Effect::Agent(effect) = effect else { return None };
    let agent::Effect::Plan { turn, call, operation, verdict, evidence } = &**effect else { return None };
    Some((*turn, call.clone(), medium(plan(*turn, operation, verdict.risk, evidence))))
}

/// As a plan of the command itself: its own digest.
fn medium(plan: Plan) -> Plan {
    let digest = Digest::of(plan.command.as_bytes());
    Plan { digest, ..plan }
}

fn decisions(s: &Stage) -> Vec<(String, String, Noted)> {
    let word = |d: &Decision| match d {
        Decision::Approved(a) => a.granted().map_or_else(|| "approved".to_owned(), |g| format!("granted {g}")),
        Decision::Denied(why) => format!("denied {why}"),
        Decision::Lapsed(why) => format!("lapsed {why}"),
        Decision::Edited(to) => format!("edited {to}"),
    };
    s.effects
        .iter()
        .filter_map(|e| match e {
            Effect::Decide { plan, decision, noted, .. } => Some((plan.command.to_string(), word(decision), noted.clone())),
            _ => None,
        })
        .collect()
}

fn words(s: &Stage) -> Vec<String> {
    decisions(s).into_iter().map(|(command, word, _)| format!("{command}: {word}")).collect()
}

/// What the model reads as the answers to its calls, once it is asked again.
fn told(s: &Stage) -> String {
    let prompt = s.effects.iter().find_map(|e| match e {
        Effect::Agent(e) => match &**e {
            agent::Effect::Ask { prompt, .. } => Some(prompt.clone()),
            _ => None,
        },
        _ => None,
    });
    let prompt = prompt.unwrap_or_else(|| panic!("the model goes on: {:?}", s.effects));
    let contents = prompt.messages.iter().filter_map(|m| if let chat::Message::Tool { content, .. } = m { Some(content) } else { None });
    contents.flatten().map(|s| s.text.text().to_owned()).collect::<Vec<_>>().join("\n")
}

fn state(s: &Stage) -> ProposalState {
    let entries = &s.app.agent.transcript().entries;
    entries.iter().rev().find_map(|e| if let Entry::Proposal { state, .. } = e { Some(state.clone()) } else { None }).unwrap()
}

/// Answers the `Replan` of the last event.
fn replanned(s: &mut Stage, change: impl Fn(Plan) -> Result<Box<Plan>, Trouble>) {
    let wanted = s.effects.iter().find_map(|e| match e {
        Effect::Replan { epoch, turn, call, operation, verdict, evidence } => {
            Some((*epoch, *turn, call.clone(), plan(*turn, operation, verdict.risk, evidence)))
        }
        _ => None,
    });
    let (epoch, turn, call, plan) = wanted.unwrap_or_else(|| panic!("a new plan is wanted: {:?}\n{}", s.effects, s.screen()));
    s.event(Event::Replanned { epoch, turn, call, result: change(medium(plan)) });
}

fn approve(s: &mut Stage) {
    s.wait(1_100).keys("tab enter");
}

fn executed(s: &mut Stage, outcome: Outcome, changed: bool) {
    let (turn, call) = s.effects.iter().find_map(|e| if let Effect::Decide { turn, call, .. } = e { Some((*turn, call.clone())) } else { None }).unwrap();
    s.event(Event::Executed { turn, call, outcome, changed });
}

const THREE: &[&str] = &["rollout undo deployment/api -n shop", "rollout restart deployment/web -n shop", "scale deployment/cart --replicas=3 -n shop"];

#[test]
fn three_proposals_queue_and_each_is_answered_by_itself() {
    let mut s = proposed(THREE);
    assert!(s.screen().contains("APPROVE 1 of 3 · MEDIUM"), "{}", s.screen());
    approve(&mut s);
    assert_eq!(words(&s), ["rollout undo deployment/api -n shop: approved"]);
    s.minted();
    assert!(s.screen().contains("APPROVE 2 of 3"), "{}", s.screen());
    s.wait(1_100).keys("enter").type_text("web is fine").keys("enter");
    assert_eq!(words(&s), ["rollout restart deployment/web -n shop: denied web is fine"]);
    s.minted();
    assert!(s.screen().contains("APPROVE 3 of 3"), "{}", s.screen());
    s.wait(1_100).keys("tab tab enter esc");
    assert_eq!(words(&s), ["scale deployment/cart --replicas=3 -n shop: denied "]);
    assert!(s.app.review.is_empty());
}

#[test]
fn all_are_denied_for_one_reason_and_the_model_reads_it() {
    let mut s = proposed(THREE);
    s.wait(1_100).keys("ctrl-x");
    assert!(s.screen().contains("All denied. Why?") && s.screen().contains("denies all 3"), "{}", s.screen());
    assert!(decisions(&s).is_empty());
    s.type_text("freeze until Monday").keys("enter");
    assert_eq!(words(&s).len(), 3);
    assert!(words(&s).iter().all(|w| w.ends_with("denied freeze until Monday")), "{:?}", words(&s));
    assert_eq!(told(&s).matches("Denied by the person: freeze until Monday. Nothing was changed.").count(), 3, "{}", told(&s));
    assert_eq!(s.app.mode(), Mode::Normal);
}

#[test]
fn an_edited_command_is_planned_anew_and_needs_an_approval_of_its_own() {
    let mut s = proposed(&THREE[2..]);
    s.wait(1_100).keys("tab");
    s.keys("ctrl-e");
    assert!(s.screen().contains("Change it to: scale deployment/cart --replicas=3 -n shop"), "{}", s.screen());
    s.keys("ctrl-u").type_text("scale deployment/cart --replicas=5 -n shop").keys("enter");
    assert!(s.screen().contains("asking the server"), "{}", s.screen());
    let wanted = std::mem::take(&mut s.effects);
    s.keys("enter enter");
    assert!(s.effects.is_empty(), "nothing is decided while it is planned");
    s.effects = wanted;
    replanned(&mut s, |plan| Ok(Box::new(plan)));
    assert_eq!(words(&s), ["scale deployment/cart --replicas=3 -n shop: edited scale deployment/cart --replicas=5 -n shop"]);
    s.minted();
    let screen = s.screen();
    assert!(screen.contains("proposed was: scale deployment/cart --replicas=3"), "{screen}");
    s.keys("tab enter").wait(600).keys("tab enter");
    assert!(decisions(&s).is_empty(), "it is armed anew");
    s.wait(1_100).keys("enter");
    let noted = Noted { edited_from: Some(line("scale deployment/cart --replicas=3 -n shop")), allowed: None };
    assert_eq!(decisions(&s), [("scale deployment/cart --replicas=5 -n shop".into(), "approved".into(), noted)], "{}", s.screen());
    assert_eq!(state(&s), ProposalState::Doing);
    executed(&mut s, Outcome::Worked(line("5 of 5 pods are ready")), false);
    let told = told(&s);
    assert!(told.contains("5 of 5 pods are ready") && told.contains("changed your proposal `scale deployment/cart --replicas=3 -n shop` to"), "{told}");
}

#[test]
fn an_edit_that_is_no_change_or_forbidden_or_refused_leaves_the_plan_as_it_was() {
    for (typed, want) in [
        ("get pods -n shop", "reads and changes nothing"),
        ("scale deployment/cart --replicas=5 -n kube-system", "protected"),
        ("scale deployment/cart ; rm -rf /", "shell"),
        ("", "command"),
    ] {
        let mut s = proposed(&THREE[2..]);
        s.wait(1_100).keys("ctrl-e ctrl-u").type_text(typed).keys("enter");
        assert!(decisions(&s).is_empty() && !s.effects.iter().any(|e| matches!(e, Effect::Replan { .. })), "{typed}: {:?}", s.effects);
        assert!(s.screen().to_lowercase().contains(want), "{typed}: {}", s.screen());
        s.keys("esc").minted();
        assert_eq!(s.app.review.front().unwrap().plan.command.as_str(), THREE[2]);
    }
    let mut s = proposed(&THREE[2..]);
    s.wait(1_100).keys("ctrl-e").type_text(" ").keys("enter");
    replanned(&mut s, |_| Err(Trouble::new(TroubleClass::Denied, "plan scale", "quota exceeded")));
    assert!(s.screen().contains("quota exceeded") && decisions(&s).is_empty(), "{}", s.screen());
    s.keys("esc").minted();
    approve(&mut s);
    assert_eq!(words(&s), ["scale deployment/cart --replicas=3 -n shop: approved"]);
}

#[test]
fn an_allowance_lets_the_like_run_without_a_dialog_until_it_ends_or_is_revoked() {
    let mut s = proposed(&THREE[2..]);
    s.wait(1_100).keys("ctrl-g");
    assert!(s.screen().contains("allows 5 minutes of `scale deployments -n shop` unasked"), "{}", s.screen());
    approve(&mut s);
    let allowed = decisions(&s).remove(0).2.allowed.unwrap();
    assert!(allowed.starts_with("scale deployments -n shop until 12:05"), "{allowed}");
    executed(&mut s, Outcome::Worked(line("done")), false);
    assert!(s.screen().contains("ALLOWED scale deployments -n shop 5m"), "{}", s.screen());
    let by_hand = |s: &mut Stage, command: &str| {
        s.app.popup = None;
        s.keys(":").type_text(command).keys("enter").planned_by_hand();
    };
    by_hand(&mut s, "scale deployment/web --replicas=4 -n shop");
    assert_eq!(words(&s), [format!("scale deployment/web --replicas=4 -n shop: granted {allowed}")]);
    assert_eq!(s.app.mode(), Mode::Normal, "no dialog");
    // another verb, and too high a risk
    for command in ["rollout restart deployment/web -n shop", "scale deployment/web --replicas=0 -n shop"] {
        by_hand(&mut s, command);
        assert!(decisions(&s).is_empty() && s.app.review.open, "{command}");
        s.minted().wait(1_100).keys("enter esc");
    }
    s.keys(":").type_text("revoke").keys("enter");
    assert!(matches!(&s.effects[..], [Effect::Revoked { allowed: a, .. }, ..] if *a == allowed), "{:?}", s.effects);
    assert!(!s.screen().contains("ALLOWED"), "{}", s.screen());
    by_hand(&mut s, "scale deployment/web --replicas=5 -n shop");
    assert!(decisions(&s).is_empty() && s.app.review.open);
}

#[test]
fn an_allowance_ends_by_itself_and_with_its_context() {
    let granted = || {
        let mut s = proposed(&THREE[2..]);
        s.wait(1_100).keys("ctrl-g");
        approve(&mut s);
        s
    };
    let mut s = granted();
    let turns = s.app.next_tick().expect("the header counts down");
    assert!(turns.duration_since(s.at).as_secs() <= 60);
    s.tick(299_000);
    assert!(s.screen().contains("ALLOWED"));
    s.tick(1_500);
    assert!(!s.screen().contains("ALLOWED"), "{}", s.screen());
    let mut s = granted();
    s.keys(":").type_text("ctx staging").keys("enter");
    assert!(s.effects.iter().any(|e| matches!(e, Effect::Revoked { .. })), "{:?}", s.effects);
    assert!(s.app.review.grants().is_empty());
}

#[test]
fn a_changed_object_is_asked_again_with_the_new_change() {
    let mut s = proposed(&THREE[..1]);
    approve(&mut s);
    assert!(s.screen().contains("approved: it is being done"), "{}", s.screen());
    let why = "Nothing ran: deployment/api changed since it was reviewed.";
    executed(&mut s, Outcome::Void(line(why)), true);
    replanned(&mut s, |plan| Ok(Box::new(Plan { digest: Digest::of(b"as it is now"), ..plan })));
    assert!(matches!(s.effects.first(), Some(Effect::OpenDialog { plan, .. }) if plan.digest == Digest::of(b"as it is now")), "{:?}", s.effects);
    s.minted();
    assert!(s.screen().contains(&format!("ASKED AGAIN: {why}")), "{}", s.screen());
    assert_eq!(state(&s), ProposalState::Waiting);
    s.keys("enter tab enter").wait(600).keys("tab enter");
    assert!(decisions(&s).is_empty(), "the yes from before is used up");
    s.wait(1_100).keys("enter");
    assert_eq!(words(&s), ["rollout undo deployment/api -n shop: approved"]);
}

#[test]
fn what_can_not_be_asked_again_is_told_to_the_model() {
    let mut s = proposed(&THREE[..1]);
    approve(&mut s);
    executed(&mut s, Outcome::Void(line("Nothing ran: deployment/api is gone.")), true);
    replanned(&mut s, |_| Err(Trouble::new(TroubleClass::NotFound, "plan rollout undo", "deployment api is not there")));
    assert!(s.app.review.is_empty());
    assert!(told(&s).contains("nothing ran") && told(&s).contains("is not there"), "{}", told(&s));
    // the turn was stopped meanwhile: it is said in the chat and not asked
    let mut s = proposed(&THREE[..1]);
    approve(&mut s);
    executed(&mut s, Outcome::Void(line("Nothing ran: deployment/api changed.")), true);
    s.keys("ctrl-c");
    assert!(matches!(state(&s), ProposalState::Resolved(w) if w.contains("nothing ran")), "{:?}", state(&s));
}

#[test]
fn another_context_takes_nothing_of_the_old_one_along() {
    let mut s = proposed(THREE);
    approve(&mut s);
    let (turn, call) = s.effects.iter().find_map(|e| if let Effect::Decide { turn, call, .. } = e { Some((*turn, call.clone())) } else { None }).unwrap();
    s.keys("esc :").type_text("ctx staging").keys("enter");
    assert_eq!(words(&s).iter().filter(|w| w.contains("lapsed The context was switched")).count(), 2, "{:?}", words(&s));
    // what was sent goes on, and its outcome is still said
    s.event(Event::Executed { turn, call: call.clone(), outcome: Outcome::Void(line("Nothing ran: changed.")), changed: true });
    assert!(!s.effects.iter().any(|e| matches!(e, Effect::Replan { .. })), "{:?}", s.effects);
    let entries = &s.app.agent.transcript().entries;
    assert!(entries.iter().any(|e| matches!(e, Entry::Proposal { call: c, state: ProposalState::Resolved(w), .. } if *c == call && w.contains("nothing ran"))));
}

#[test]
fn no_audit_is_said_on_the_screen_until_there_is_one_again() {
    let mut s = proposed(&THREE[..1]);
    s.wait(1_100);
    s.event(Event::Audited(Err(Trouble::new(TroubleClass::Other, "write the audit chain", "No space left on device (os error 28)"))));
    assert!(s.screen().contains("NO AUDIT: no changes") && s.screen().contains("No space left"), "{}", s.screen());
    s.event(Event::Audited(Ok(())));
    assert!(!s.screen().contains("NO AUDIT"), "{}", s.screen());
}

#[test]
fn a_paste_is_text_for_what_is_typed_and_ends_nothing() {
    let mut s = proposed(&THREE[..1]);
    s.wait(1_100).keys("enter").event(Event::Paste("because\nof\r\n".into()));
    assert!(decisions(&s).is_empty() && s.screen().contains("Why? because of"), "{}", s.screen());
    let mut s = proposed(&THREE[..1]);
    s.wait(1_100).keys("ctrl-e").event(Event::Paste("\n".into()));
    assert!(!s.effects.iter().any(|e| matches!(e, Effect::Replan { .. })));
}
