//! Turns from the first event to the last, by tables: what is asked for, what is kept, what is dropped.
use super::*;
use crate::agent::transcript::ProposalState;
use crate::agent::{Resolution, Survey, citations, record};
use crate::model::chat::{Failure, FailureClass, Message, Options};
use crate::model::finding::Report;
use crate::model::{
    Action, BodyWriter, Digest, DryRun, Looked, ModelEvent, Operation, Outcome, Plan, Prompt, Reading, Risk, Source, ToolCall, Trouble, TroubleClass, Verdict,
};

const AT: Timestamp = Timestamp::UNIX_EPOCH;

fn model() -> Answerer {
    Answerer::Model { provider: "openai".into(), model: "m".into(), options: Options { context_tokens: 32_000, ..Options::default() } }
}

fn agent(answerer: Answerer, role: Role) -> Agent {
    Agent::new(answerer, Rules::new(role, "default"), Kinds::builtin(), Redactor::new([7; 32]))
}

fn place() -> Place {
    Place { context: Clean::line("kind"), namespace: Some(Clean::line("shop")), role: None, ..Place::default() }
}

fn ask(agent: &mut Agent, question: &str, mode: Mode) -> (TurnId, Vec<Effect>) {
    let turn = agent.next_turn();
    let effects = agent.handle(Event::Ask { turn, question: question.into(), mode, place: place(), at: AT });
    (turn, effects)
}

fn survey(agent: &mut Agent, turn: TurnId) -> Vec<Effect> {
    let report = Report { scope: Clean::line("namespace shop"), complete: true, ..Report::default() };
    agent.handle(Event::Surveyed { turn, result: Ok(Box::new(Survey { report, readings: Vec::new() })), at: AT })
}

/// Says the program's own answer as the runtime does, and what the end of it wants.
fn said(agent: &mut Agent, turn: TurnId, effects: &[Effect]) -> Vec<Effect> {
    let [Effect::Say { text: whole, .. }] = effects else { panic!("nothing to say in {effects:?}") };
    for line in whole.split_inclusive('\n') {
        text(agent, turn, line);
        assert!(agent.running().is_some(), "it ends with its end");
    }
    say(agent, turn, ModelEvent::Stop(StopReason::End))
}

fn say(agent: &mut Agent, turn: TurnId, event: ModelEvent) -> Vec<Effect> {
    agent.handle(Event::Model { turn, event, at: AT })
}

fn text(agent: &mut Agent, turn: TurnId, text: &str) -> Vec<Effect> {
    say(agent, turn, ModelEvent::Text(text.into()))
}

fn calls(agent: &mut Agent, turn: TurnId, list: &[(&str, &str)]) -> Vec<Effect> {
    for (id, command) in list {
        let arguments = serde_json::json!({ "command": command }).to_string();
        say(agent, turn, ModelEvent::Call(ToolCall { id: (*id).into(), name: "kubectl".into(), arguments }));
    }
    say(agent, turn, ModelEvent::Stop(StopReason::ToolCalls))
}

fn found(body: &str) -> Reading {
    let looked = Looked::Found(prepare(body, Form::Block, 4096, &Redactor::new([7; 32])));
    Reading { source: Source::List, object: None, uid: None, resource_version: None, taken_at: AT, looked }
}

fn read(agent: &mut Agent, turn: TurnId, call: &str, body: &str) -> Vec<Effect> {
    agent.handle(Event::Read { turn, call: call.into(), readings: vec![found(body)], at: AT })
}

fn prompt(effects: &[Effect]) -> &Prompt {
    effects.iter().find_map(|e| if let Effect::Ask { prompt, .. } = e { Some(&**prompt) } else { None }).expect("a request")
}

fn words(message: &Message) -> String {
    let all = |s: &[crate::model::Segment]| s.iter().map(|s| s.text.text().to_owned()).collect::<Vec<_>>().join("\n");
    match message {
        Message::System(s) | Message::User(s) | Message::Tool { content: s, .. } => all(s),
        Message::Assistant { text, .. } => text.as_ref().map(|t| t.text.text().to_owned()).unwrap_or_default(),
    }
}

type Step<'a> = &'a dyn Fn(&mut Agent) -> Vec<Effect>;

/// Every call has one answer, before anything else is said; question and answer alternate.
fn assert_valid(messages: &[Message]) {
    let mut open: Vec<String> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut last_user = false;
    for message in messages {
        if let Message::Tool { call_id, .. } = message {
            let at = open.iter().position(|c| c == call_id).unwrap_or_else(|| panic!("{call_id} answers nothing"));
            open.remove(at);
            continue;
        }
        assert!(open.is_empty(), "not answered: {open:?}");
        let user = matches!(message, Message::User(_));
        assert!(!(user && last_user), "two questions in a row");
        last_user = user;
        if let Message::Assistant { calls, .. } = message {
            for call in calls {
                assert!(ids.insert(call.id.clone()), "{} twice", call.id);
                open.push(call.id.clone());
            }
        }
    }
    assert!(open.is_empty(), "not answered: {open:?}");
}

fn plan(turn: TurnId, operation: Operation, dry_run: DryRun) -> Box<Plan> {
    Box::new(Plan {
        turn,
        command: Clean::line(&crate::kubectl::print(&operation)),
        operation,
        context: Clean::line("kind"),
        namespace: Clean::line("shop"),
        risk: Risk::Medium,
        rule: "rollout",
        requests: Vec::new(),
        objects: Vec::new(),
        dry_run,
        access: Vec::new(),
        notes: Vec::new(),
        undo: None,
        evidence: Vec::new(),
        digest: Digest::of(b"x"),
        made_at: AT,
    })
}

fn planned(effects: &[Effect]) -> (CallId, Operation, Verdict) {
    effects
        .iter()
        .find_map(|e| if let Effect::Plan { call, operation, verdict, .. } = e { Some((call.clone(), operation.clone(), verdict.clone())) } else { None })
        .expect("a plan")
}

fn notes(agent: &Agent) -> String {
    agent
        .transcript()
        .entries
        .iter()
        .filter_map(|e| if let Entry::Note { text, .. } = e { Some(text.to_string()) } else { None })
        .collect::<Vec<_>>()
        .join("\n")
}

fn ended(agent: &Agent) -> (String, Option<StopReason>, String) {
    let last = agent.transcript().entries.iter().rev().find_map(|e| match e {
        Entry::Answer { text, ended, incomplete, .. } => Some((text.to_string(), *ended, incomplete.to_string())),
        _ => None,
    });
    last.expect("an answer")
}

#[test]
fn a_diagnosis_surveys_first_reads_what_the_model_asks_and_ends_with_its_answer() {
    let mut a = agent(model(), Role::Readonly);
    let (turn, effects) = ask(&mut a, "why is api failing?", Mode::Diagnose);
    assert!(matches!(&effects[..], [Effect::Survey { .. }]));
    let effects = survey(&mut a, turn);
    let first = prompt(&effects);
    assert_eq!(first.tools.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["kubectl", "diagnose"]);
    assert!(words(&first.messages[1]).contains("<evidence E1 ") && words(&first.messages[1]).ends_with("why is api failing?"));

    text(&mut a, turn, "Let me look.\n");
    let effects = calls(&mut a, turn, &[("x", "get pods"), ("y", "logs api-1 -p")]);
    assert!(matches!(&effects[..], [Effect::Read { call: c1, .. }, Effect::Read { call: c2, .. }] if c1 == "x" && c2 == "y"));
    assert!(read(&mut a, turn, "y", "DB_HOST is not set").is_empty(), "waits for the other call");
    let effects = read(&mut a, turn, "x", "NAME api-1");
    let second = prompt(&effects);
    assert_valid(&second.messages);
    assert!(matches!(&second.messages[3], Message::Tool { call_id, content, .. } if call_id == "x" && content[0].evidence == Some(EvidenceId(3))));

    text(&mut a, turn, "DB_HOST is missing [E2] and [E9].");
    say(&mut a, turn, ModelEvent::Usage(Usage { prompt_tokens: 10, completion_tokens: 3 }));
    assert_eq!(say(&mut a, turn, ModelEvent::Stop(StopReason::End)), [Effect::Finish { turn }]);
    assert_eq!((a.running(), ended(&a)), (None, ("DB_HOST is missing [E2] and [E9].".into(), Some(StopReason::End), String::new())));
    let record = record(&a, turn);
    assert_eq!((&record["citations"][0], &record["unknown_citations"][0], &record["usage"]["prompt_tokens"]), (&"E2".into(), &"E9".into(), &10.into()));
    assert_eq!(record["steps"].as_array().map(Vec::len), Some(3));
    assert!(record["answer"].as_str().unwrap().starts_with("Let me look."));
}

#[test]
fn a_stale_answer_after_cancel_is_dropped() {
    let mut a = agent(model(), Role::Readonly);
    let (turn, _) = ask(&mut a, "why?", Mode::Ask);
    text(&mut a, turn, "because of ");
    assert_eq!(a.handle(Event::Cancel { at: AT }), [Effect::Finish { turn }]);
    let before = a.transcript().entries.clone();
    for event in [ModelEvent::Text("late".into()), ModelEvent::Stop(StopReason::End)] {
        assert!(say(&mut a, turn, event).is_empty());
    }
    assert!(read(&mut a, turn, "x", "late").is_empty() && survey(&mut a, turn).is_empty());
    assert_eq!(a.transcript().entries, before);
    assert!(a.handle(Event::Cancel { at: AT }).is_empty(), "nothing to stop");
    assert_eq!(ended(&a).1, Some(StopReason::Cancelled));
    assert!(ended(&a).2.contains("stopped"));
}

#[test]
fn bytes_that_were_sent_are_kept_even_when_their_turn_is_over() {
    let mut a = agent(model(), Role::Readonly);
    let (turn, _) = ask(&mut a, "why?", Mode::Ask);
    a.handle(Event::Cancel { at: AT });
    let mut body = BodyWriter::new();
    body.envelope("{}");
    a.handle(Event::Sent { turn, body: body.finish(), at: AT });
    assert_eq!(a.ledger().requests().len(), 1);
}

#[test]
fn history_is_valid_for_the_next_question_wherever_the_turn_was_cancelled() {
    for stop in 0..7 {
        let mut a = agent(model(), Role::Admin);
        let (turn, effects) = ask(&mut a, "first", Mode::Diagnose);
        assert!(matches!(effects[..], [Effect::Survey { .. }]));
        let undo = "rollout undo deployment/api";
        let steps: [Step<'_>; 6] = [
            &|a| survey(a, turn),
            &|a| text(a, turn, "I look"),
            &|a| calls(a, turn, &[("x", "get pods"), ("y", "get nodes"), ("z", undo)]),
            &|a| read(a, turn, "x", "pods"),
            &|a| {
                let op = crate::kubectl::parse(undo, &Kinds::builtin()).unwrap();
                a.handle(Event::Planned { turn, call: "z".into(), result: Ok(plan(turn, op, DryRun::Accepted)), at: AT })
            },
            &|a| {
                a.handle(Event::Resolved { turn, call: "z".into(), resolution: Resolution::Denied(Clean::default()), at: AT });
                read(a, turn, "y", "nodes")
            },
        ];
        for step in steps.iter().take(stop) {
            step(&mut a);
        }
        assert_eq!(a.handle(Event::Cancel { at: AT }), [Effect::Finish { turn }], "after step {stop}");
        let running = |e: &Entry| {
            matches!(e, Entry::Step { state: StepState::Running, .. })
                || matches!(e, Entry::Proposal { state: ProposalState::Waiting | ProposalState::Planning, .. })
        };
        assert!(!a.transcript().entries.iter().any(running), "after step {stop} something still shows as running");
        let (_, effects) = ask(&mut a, "second", Mode::Ask);
        let messages = &prompt(&effects).messages;
        assert_valid(messages);
        assert!(words(messages.last().unwrap()).ends_with("second"));
    }
}

#[test]
fn a_new_question_stops_the_one_before_and_an_old_id_asks_nothing() {
    let mut a = agent(model(), Role::Readonly);
    let (first, _) = ask(&mut a, "one", Mode::Ask);
    let (second, effects) = ask(&mut a, "two", Mode::Ask);
    assert!(matches!(&effects[..], [Effect::Finish { turn }, Effect::Ask { turn: t, .. }] if *turn == first && *t == second));
    assert!(a.handle(Event::Ask { turn: first, question: "again".into(), mode: Mode::Ask, place: place(), at: AT }).is_empty());
    assert_eq!(a.running(), Some(second));
}

#[test]
fn a_failed_answer_keeps_what_came_says_why_and_the_session_goes_on() {
    let failure = |class| Failure { class, sentence: Clean::line("POST http://x: it broke"), hint: Clean::line("Do this."), retry_after: None };
    for (event, want) in [
        (ModelEvent::Failed(failure(FailureClass::StreamCut)), "it broke"),
        (ModelEvent::Failed(failure(FailureClass::Protocol)), "it broke"),
        (ModelEvent::Stop(StopReason::Length), "token limit"),
        (ModelEvent::Stop(StopReason::Filtered), "filter"),
    ] {
        let mut a = agent(model(), Role::Readonly);
        let (turn, _) = ask(&mut a, "why?", Mode::Ask);
        text(&mut a, turn, "half");
        say(&mut a, turn, ModelEvent::Call(ToolCall { id: "x".into(), name: "kubectl".into(), arguments: "{}".into() }));
        let failed = matches!(event, ModelEvent::Failed(_));
        assert_eq!(say(&mut a, turn, event), [Effect::Finish { turn }]);
        let (text, end, why) = ended(&a);
        assert!(text == "half" && end.is_some() && why.contains(want), "{why}");
        assert_eq!(notes(&a).contains("Do this."), failed);
        assert!(record(&a, turn)["incomplete"][0].as_str().unwrap().contains(want));
        let (_, effects) = ask(&mut a, "and now?", Mode::Ask);
        assert_valid(&prompt(&effects).messages);
        assert!(prompt(&effects).messages.iter().any(|m| words(m) == "half"));
    }
}

#[test]
fn an_answer_without_words_is_marked_and_not_taken_for_one() {
    let mut a = agent(model(), Role::Readonly);
    let (turn, _) = ask(&mut a, "why?", Mode::Ask);
    say(&mut a, turn, ModelEvent::Stop(StopReason::End));
    assert!(ended(&a).2.contains("without an answer"));
}

#[test]
fn every_call_is_answered_whatever_it_is() {
    let mut a = agent(model(), Role::Readonly);
    let (turn, _) = ask(&mut a, "why?", Mode::Diagnose);
    survey(&mut a, turn);
    let call = |id: &str, name: &str, arguments: &str| ModelEvent::Call(ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() });
    for event in [
        call("same", "shell", "{\"command\":\"rm\"}"),
        call("same", "kubectl", "{broken"),
        call("", "kubectl", "{\"command\":\"delete pod api-1\"}"),
        call("a\u{1b}[2J", "kubectl", "{\"command\":\"get pods | sh\"}"),
        call("ok", "kubectl", "{\"command\":\"get secrets -o yaml\"}"),
    ] {
        say(&mut a, turn, event);
    }
    let effects = say(&mut a, turn, ModelEvent::Stop(StopReason::End));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Plan { .. })), "readonly plans nothing");
    let effects = if effects.iter().any(|e| matches!(e, Effect::Ask { .. })) { effects } else { read(&mut a, turn, "ok", "names only") };
    let messages = &prompt(&effects).messages;
    assert_valid(messages);
    let all: String = messages.iter().map(|m| words(m) + "\n").collect();
    for want in ["no tool `shell`", "not JSON", "by policy"] {
        assert!(all.contains(want), "{want} in {all}");
    }
    assert!(!format!("{messages:?}").contains('\u{1b}'));
}

#[test]
fn a_read_is_not_made_twice_in_a_turn_but_again_after_a_change() {
    let mut a = agent(model(), Role::Admin);
    let (turn, _) = ask(&mut a, "why?", Mode::Diagnose);
    survey(&mut a, turn);
    assert_eq!(calls(&mut a, turn, &[("a", "get pods"), ("b", "get  po -n shop")]).len(), 1);
    read(&mut a, turn, "a", "pods");
    let again = calls(&mut a, turn, &[("c", "get pods -n shop")]);
    assert!(words(prompt(&again).messages.last().unwrap()).contains("is E2 above"));
    let (call, operation, _) = planned(&calls(&mut a, turn, &[("d", "rollout undo deployment/api")]));
    a.handle(Event::Planned { turn, call: call.clone(), result: Ok(plan(turn, operation, DryRun::Accepted)), at: AT });
    a.handle(Event::Resolved { turn, call, resolution: Resolution::Done(Outcome::Worked(Clean::line("3 of 3 ready"))), at: AT });
    assert!(matches!(calls(&mut a, turn, &[("e", "get pods")])[..], [Effect::Read { .. }]));
}

#[test]
fn a_proposal_goes_plan_propose_resolve_and_its_end_goes_back_to_the_model() {
    let trouble = || Trouble::new(TroubleClass::Denied, "patch deployment api in shop", "forbidden");
    let cases: [(DryRun, Option<Resolution>, &str); 5] = [
        (DryRun::Accepted, Some(Resolution::Done(Outcome::Worked(Clean::line("3 of 3 ready")))), "Approved and done: 3 of 3 ready"),
        (DryRun::Accepted, Some(Resolution::Denied(Clean::line("not today"))), "Denied by the person: not today"),
        (DryRun::NotPossible(Clean::line("no dry run")), Some(Resolution::Printed), "Printed and not run"),
        (DryRun::Accepted, Some(Resolution::Done(Outcome::Failed(trouble()))), "forbidden"),
        (DryRun::Rejected(trouble()), None, "Could not look: patch deployment api in shop: forbidden"),
    ];
    for (dry_run, resolution, want) in cases {
        let mut a = agent(model(), Role::Operator);
        let (turn, _) = ask(&mut a, "heal api", Mode::Diagnose);
        survey(&mut a, turn);
        text(&mut a, turn, "It is the revision [E1].");
        let effects = calls(&mut a, turn, &[("p", "rollout undo deployment/api")]);
        assert!(matches!(&effects[..], [Effect::Plan { evidence, .. }] if *evidence == [EvidenceId(1)]));
        let (call, operation, verdict) = planned(&effects);
        assert!(matches!(operation.action, Action::Write(_)) && verdict.risk == Risk::Medium);
        let mut effects = a.handle(Event::Planned { turn, call: call.clone(), result: Ok(plan(turn, operation, dry_run)), at: AT });
        if let Some(resolution) = resolution {
            assert!(matches!(&effects[..], [Effect::Propose { .. }]));
            effects = a.handle(Event::Resolved { turn, call, resolution, at: AT });
        }
        let messages = &prompt(&effects).messages;
        assert_valid(messages);
        let told = words(messages.last().unwrap());
        assert!(told.contains(want), "{want}: {told}");
        let shown = a.transcript().entries.iter().any(|e| matches!(e, Entry::Proposal { state: ProposalState::Resolved(_) | ProposalState::Refused(_), .. }));
        assert!(shown);
    }
}

#[test]
fn what_came_of_an_approved_change_is_told_even_after_the_turn_was_stopped() {
    let mut a = agent(model(), Role::Admin);
    let (turn, _) = ask(&mut a, "heal api", Mode::Diagnose);
    survey(&mut a, turn);
    let (call, operation, _) = planned(&calls(&mut a, turn, &[("p", "rollout undo deployment/api")]));
    a.handle(Event::Planned { turn, call: call.clone(), result: Ok(plan(turn, operation, DryRun::Accepted)), at: AT });
    a.handle(Event::Cancel { at: AT });
    let done = Resolution::Done(Outcome::Worked(Clean::line("3 of 3 ready")));
    assert!(a.handle(Event::Resolved { turn, call, resolution: done, at: AT }).is_empty());
    assert!(a.transcript().entries.iter().any(|e| matches!(e, Entry::Proposal { state: ProposalState::Resolved(s), .. } if s.contains("3 of 3 ready"))));
    let (_, effects) = ask(&mut a, "well?", Mode::Ask);
    assert!(words(prompt(&effects).messages.last().unwrap()).contains("3 of 3 ready"));
}

#[test]
fn a_turn_is_bounded_and_its_last_request_offers_no_tools() {
    let mut a = agent(model(), Role::Readonly);
    let (turn, _) = ask(&mut a, "why?", Mode::Diagnose);
    let mut effects = survey(&mut a, turn);
    let mut requests = 1;
    while !prompt(&effects).tools.is_empty() {
        let call = format!("c{requests}");
        calls(&mut a, turn, &[(call.as_str(), &format!("get pod api-{requests}"))]);
        effects = read(&mut a, turn, &call, "x");
        requests += 1;
        assert!(requests <= MOST_REQUESTS);
    }
    assert_eq!(requests, MOST_REQUESTS);
    assert_eq!(calls(&mut a, turn, &[("more", "get nodes")]), [Effect::Finish { turn }]);
    assert!(notes(&a).contains("12 requests"));
}

#[test]
fn a_prompt_that_is_too_long_for_the_server_is_sent_once_more_with_less() {
    let mut a = agent(model(), Role::Readonly);
    let (turn, _) = ask(&mut a, "why?", Mode::Ask);
    let overflow =
        || ModelEvent::Failed(Failure { class: FailureClass::ContextOverflow, sentence: Clean::line("too long"), hint: Clean::default(), retry_after: None });
    assert!(matches!(say(&mut a, turn, overflow())[..], [Effect::Ask { .. }]));
    assert_eq!(say(&mut a, turn, overflow()), [Effect::Finish { turn }]);
}

#[test]
fn model_text_is_clean_however_it_is_split_and_goes_back_as_it_came() {
    let whole = "one \u{1b}[31mred\ttab\r\ntwo ü\n\nthree";
    let mut shown = Vec::new();
    for size in [1, 2, 5, 100] {
        let mut a = agent(model(), Role::Readonly);
        let (turn, _) = ask(&mut a, "why?", Mode::Ask);
        let chars: Vec<char> = whole.chars().collect();
        for piece in chars.chunks(size) {
            text(&mut a, turn, &piece.iter().collect::<String>());
        }
        say(&mut a, turn, ModelEvent::Stop(StopReason::End));
        shown.push(ended(&a).0);
    }
    assert!(shown.iter().all(|s| s == Clean::block(whole).as_str()), "{shown:?}");
}

#[test]
fn mode_ask_offers_no_tools_and_without_a_model_says_so() {
    let mut a = agent(model(), Role::Admin);
    let (_, effects) = ask(&mut a, "what is a pod?", Mode::Ask);
    assert!(prompt(&effects).tools.is_empty());
    let mut a = agent(Answerer::Offline, Role::Admin);
    let (turn, effects) = ask(&mut a, "what is a pod?", Mode::Ask);
    assert_eq!(said(&mut a, turn, &effects), [Effect::Finish { turn }]);
    assert!(ended(&a).0.contains("Without a model I can only diagnose"));
}

#[test]
fn a_survey_that_failed_is_evidence_and_not_silence() {
    let trouble = Trouble::new(TroubleClass::Denied, "list pods in shop", "pods is forbidden");
    let mut a = agent(model(), Role::Readonly);
    let (turn, _) = ask(&mut a, "why?", Mode::Diagnose);
    let effects = a.handle(Event::Surveyed { turn, result: Err(trouble.clone()), at: AT });
    assert!(words(&prompt(&effects).messages[1]).contains("Not allowed to look: list pods in shop"));
    let mut a = agent(Answerer::Offline, Role::Readonly);
    let (turn, _) = ask(&mut a, "why?", Mode::Diagnose);
    let effects = a.handle(Event::Surveyed { turn, result: Err(trouble), at: AT });
    assert_eq!(said(&mut a, turn, &effects), [Effect::Finish { turn }]);
    let (text, ..) = ended(&a);
    assert!(text.contains("could not be read") && citations(&text, a.ledger()).iter().all(|c| c.known));
    assert!(record(&a, turn)["incomplete"].to_string().contains("pods is forbidden"));
}
