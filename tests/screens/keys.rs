//! Keys: the two ladders, the modes, the tables, the texts, the command line.
use crate::stage::*;
use kopilot_tui::agent;
use kopilot_tui::app::layout::Focus;
use kopilot_tui::app::state::Mode;
use kopilot_tui::app::{Effect, Event};
use kopilot_tui::model::*;

fn quits(stage: &Stage) -> bool {
    matches!(stage.effects.last(), Some(Effect::Quit))
}

fn notice(stage: &Stage) -> String {
    stage.app.notice.as_ref().map(|n| n.text.to_string()).unwrap_or_default()
}

fn view_of(stage: &Stage) -> Operation {
    match stage.effects.as_slice() {
        [Effect::View { operation, .. }] => operation.clone(),
        other => panic!("a text is opened: {other:?} {}", notice(stage)),
    }
}

#[test]
fn ctrl_c_stops_then_clears_then_quits_within_a_second_and_a_half() {
    let mut s = Stage::new((120, 40)).live().asked("so far");
    s.keys("i").type_text("next");
    s.keys("ctrl-c");
    assert!(s.app.agent.running().is_none(), "first the answer stops");
    assert_eq!(s.app.chat.draft(), "next", "and takes no draft with it");
    s.keys("ctrl-c");
    assert!(s.app.chat.is_empty() && matches!(&s.effects[..], [Effect::Keep(l)] if l == "next"));
    s.keys("ctrl-c");
    assert!(!quits(&s) && notice(&s).contains("again to quit"));
    s.wait(1_600).keys("ctrl-c");
    assert!(!quits(&s), "too late");
    s.wait(1_000).keys("ctrl-c");
    assert!(quits(&s));
}

#[test]
fn a_key_between_two_ctrl_c_disarms_the_first() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("ctrl-c j ctrl-c");
    assert!(!quits(&s));
    s.keys("ctrl-c");
    assert!(quits(&s));
}

#[test]
fn a_cleared_draft_is_one_arrow_away() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("i").type_text("draft").keys("ctrl-c");
    assert!(s.app.chat.is_empty());
    s.keys("up");
    assert_eq!(s.app.chat.draft(), "draft");
}

#[test]
fn esc_goes_back_one_step_at_a_time_and_never_quits() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("/").type_text("api").keys("enter d f ?");
    let state = |s: &Stage| (s.app.popup.is_some(), s.app.views.len(), s.app.pods.filter().typed().to_owned());
    let mut seen = vec![state(&s)];
    for _ in 0..6 {
        s.keys("esc");
        assert!(!quits(&s));
        let now = state(&s);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen, [(true, 1, "api".to_owned()), (false, 1, "api".to_owned()), (false, 0, "api".to_owned()), (false, 0, String::new())]);
}

#[test]
fn esc_twice_within_a_second_in_the_chat_stops_the_answer() {
    let mut s = Stage::new((120, 40)).live().asked("so far");
    assert_eq!(s.app.focus, Focus::Chat);
    s.keys("esc").wait(1_200).keys("esc");
    assert!(s.app.agent.running().is_some(), "too slow");
    s.wait(300).keys("esc");
    assert!(s.app.agent.running().is_none());
    let mut s = Stage::new((120, 40)).live().asked("so far");
    s.keys("tab esc esc");
    assert!(s.app.agent.running().is_some(), "not with the focus elsewhere");
}

#[test]
fn letters_are_text_in_insert_and_commands_in_normal() {
    let mut s = Stage::new((120, 40)).live();
    assert_eq!((s.app.mode(), s.app.cursor()), (Mode::Normal, None));
    s.keys("i").type_text("dyl0?:/nqX");
    assert_eq!((s.app.mode(), s.app.chat.draft().as_str()), (Mode::Insert, "dyl0?:/nqX"));
    assert!(s.app.cursor().is_some(), "the cursor shows in INSERT");
    assert!(s.app.views.is_empty() && s.app.popup.is_none());
    s.keys("alt-enter").type_text("more");
    s.keys("esc");
    assert_eq!((s.app.mode(), s.app.chat.draft().as_str()), (Mode::Normal, "dyl0?:/nqX\nmore"));
}

#[test]
fn tab_goes_round_the_panes_and_keeps_the_draft() {
    let mut s = Stage::new((200, 60)).live();
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(s.app.focus);
        s.keys("tab");
    }
    assert_eq!(seen, [Focus::Pods, Focus::Events, Focus::Problems, Focus::Chat, Focus::Context, Focus::Pods]);
    s.keys("i").type_text("x").keys("tab");
    assert_eq!((s.app.mode(), s.app.focus, s.app.chat.draft().as_str()), (Mode::Normal, Focus::Context, "x"));
    s.keys("backtab backtab");
    assert_eq!(s.app.focus, Focus::Problems);
}

#[test]
fn a_question_goes_to_the_agent_with_the_row_it_is_about() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("j X").type_text("why?").keys("enter");
    let place = s.effects.iter().find_map(|e| match e {
        Effect::Agent(e) => match &**e {
            agent::Effect::Survey { place, .. } => Some(place.clone()),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(place.unwrap().object.unwrap().name, "api-7f9c4b8d5-zzq9p");
    assert!(matches!(&s.effects[0], Effect::Keep(l) if l == "why?"));
    assert_eq!(s.app.mode(), Mode::Normal);
}

#[test]
fn an_empty_draft_about_a_row_asks_what_is_wrong_with_it() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("X enter");
    assert!(matches!(&s.effects[0], Effect::Keep(l) if l == "What is wrong with pod/api-7f9c4b8d5-x2x7k?"), "{:?}", s.effects);
    let mut s = Stage::new((120, 40)).live();
    s.keys("i enter");
    assert!(s.effects.is_empty() && s.app.mode() == Mode::Insert, "nothing is not asked");
}

#[test]
fn a_question_during_an_answer_waits_its_turn_and_an_interrupt_loses_nothing() {
    let mut s = Stage::new((120, 40)).live().asked("so far");
    let first = s.app.agent.running().unwrap();
    s.keys("i").type_text("and web?").keys("enter");
    assert_eq!(s.app.agent.running(), Some(first));
    s.keys("ctrl-c");
    assert!(s.app.agent.running().is_some_and(|t| t > first), "the one that waited is asked now");
}

#[test]
fn ctrl_t_switches_between_diagnose_and_ask() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("ctrl-t i").type_text("what is a pod?").keys("enter");
    assert!(!s.effects.iter().any(|e| matches!(e, Effect::Agent(e) if matches!(**e, agent::Effect::Survey { .. }))), "ask reads nothing: {:?}", s.effects);
}

#[test]
fn each_reading_key_opens_the_text_of_the_selected_pod() {
    for (key, want) in [
        ("d", "describe pods/api-7f9c4b8d5-x2x7k -n shop"),
        ("enter", "describe pods/api-7f9c4b8d5-x2x7k -n shop"),
        ("y", "get pods/api-7f9c4b8d5-x2x7k -n shop -o yaml"),
        ("l", "logs"),
        ("p", "-p"),
    ] {
        let mut s = Stage::new((120, 40)).live();
        s.keys(key);
        let said = kopilot_tui::kubectl::print(&view_of(&s));
        let words: Vec<&str> =
            if key.len() == 1 && "lp".contains(key) { vec!["logs", want, "api-7f9c4b8d5-x2x7k"] } else { vec!["api-7f9c4b8d5-x2x7k", "shop"] };
        assert!(words.iter().all(|w| said.contains(w)), "{key}: {said}");
        assert_eq!(s.app.views.len(), 1);
    }
}

#[test]
fn an_event_describes_what_it_is_about() {
    let mut s = Stage::new((120, 40)).live();
    s.keys(":").type_text("events").keys("enter j d");
    let op = view_of(&s);
    assert_eq!(op.targets()[0].kind.kind, "Pod");
}

#[test]
fn a_late_answer_finds_its_text_and_one_for_a_closed_text_is_dropped() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("d");
    let view = s.app.views[0].id;
    let reading = |text: &str, s: &Stage| {
        let mut r = readings(s.at).remove(0).1;
        r.looked = Looked::Found(kopilot_tui::text::prepare::prepare(text, kopilot_tui::text::prepare::Form::Block, 1_000, &redactor()));
        vec![r]
    };
    let readings = reading("Name: api", &s);
    s.event(Event::View { view, readings });
    assert!(s.app.dirty && s.screen().contains("Name: api"));
    let readings = reading("Name: api", &s);
    s.event(Event::View { view, readings });
    assert!(!s.app.dirty, "the same text again");
    s.keys("esc");
    let readings = reading("late", &s);
    s.event(Event::View { view, readings });
    assert!(!s.app.dirty && !s.screen().contains("late"));
}

#[test]
fn four_ways_to_see_no_text_read_differently() {
    let looked = [
        Looked::Nothing(line("no log yet")),
        Looked::Denied(Trouble::new(TroubleClass::Denied, "logs", "forbidden")),
        Looked::Failed(Trouble::new(TroubleClass::Timeout, "logs", "no answer in 30 s")),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for l in looked {
        let mut s = Stage::new((100, 24)).live();
        s.keys("l");
        let mut reading = readings(s.at).remove(0).1;
        reading.looked = l;
        let view = s.app.views[0].id;
        s.event(Event::View { view, readings: vec![reading] });
        let word = ["Nothing there", "DENIED", "Could not look"].into_iter().find(|w| s.screen().contains(w));
        seen.insert(word.unwrap_or_else(|| panic!("{}", s.screen())));
    }
    assert_eq!(seen.len(), 3);
}

#[test]
fn the_command_line_knows_the_screens_words_and_the_grammar() {
    for (typed, check) in [
        ("q", Box::new(quits) as Box<dyn Fn(&Stage) -> bool>),
        ("ns kube-system", Box::new(|s| matches!(&s.effects[..], [Effect::Watch { namespace: Some(n), .. }] if n.as_str() == "kube-system"))),
        ("ns all", Box::new(|s| matches!(&s.effects[..], [Effect::Watch { namespace: None, .. }]))),
        ("ns", Box::new(|s| matches!(&s.effects[..], [Effect::Namespaces(_)]) && s.app.popup.is_some())),
        ("ctx staging", Box::new(|s| matches!(s.effects.last(), Some(Effect::Connect { context: Some(c), .. }) if c.as_str() == "staging"))),
        ("theme mono", Box::new(|s| s.app.theme.as_deref() == Some("mono"))),
        ("problems", Box::new(|s| s.app.focus == Focus::Problems)),
        ("get pods", Box::new(|s| view_of(s).scope == Scope::Named("shop".into()))),
        ("scale deployment/api --replicas=3", Box::new(|s| matches!(&s.effects[..], [Effect::Plan { .. }]))),
        ("get secrets -o yaml", Box::new(|s| s.effects.is_empty() && !notice(s).is_empty())),
        ("sudo rm", Box::new(|s| s.effects.is_empty() && !notice(s).is_empty())),
    ] {
        let mut s = Stage::new((120, 40)).live();
        s.keys(":").type_text(typed).keys("enter");
        assert!(check(&s), "{typed}: {:?} {}", s.effects, notice(&s));
    }
}

#[test]
fn in_role_readonly_no_write_is_even_planned() {
    for (key, typed) in [("ctrl-d", ""), (":", "scale deployment/api --replicas=3")] {
        let mut s = Stage::with(setup((120, 40), Role::Readonly)).live();
        s.keys(key).type_text(typed).keys("enter");
        assert!(!s.effects.iter().any(|e| matches!(e, Effect::Plan { .. })), "{:?}", s.effects);
    }
}

#[test]
fn tab_completes_a_command_word_and_a_context() {
    let mut s = Stage::new((120, 40)).live();
    s.keys(":").type_text("pro").keys("tab enter");
    assert_eq!(s.app.focus, Focus::Problems);
    s.keys(":").type_text("ctx st").keys("tab enter");
    assert!(matches!(s.effects.last(), Some(Effect::Connect { context: Some(c), .. }) if c.as_str() == "staging"));
}

#[test]
fn a_namespace_is_typed_where_listing_them_is_forbidden() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("n");
    let epoch = s.app.epoch;
    s.event(Event::Namespaces(epoch, Err(Trouble::new(TroubleClass::Denied, "list namespaces", "namespaces is forbidden"))));
    assert!(s.screen().contains("DENIED") && s.screen().contains("Type the name"));
    s.type_text("payments").keys("enter");
    assert!(matches!(&s.effects[..], [Effect::Watch { namespace: Some(n), .. }] if n.as_str() == "payments"));
}

#[test]
fn another_context_can_be_chosen_while_the_old_cluster_is_dead() {
    let mut s = Stage::new((120, 40));
    let epoch = s.app.epoch;
    let trouble = Trouble::new(TroubleClass::Unreachable, "connect to prod-eu", "connection refused");
    s.event(Event::Connected { epoch, result: Err(trouble) });
    assert!(s.screen().contains("connection refused"), "{}", s.screen());
    s.keys("r");
    assert!(matches!(s.effects.last(), Some(Effect::Connect { epoch: e, .. }) if *e > epoch));
    s.keys(":").type_text("ctx staging").keys("enter");
    assert!(matches!(s.effects.last(), Some(Effect::Connect { context: Some(_), .. })));
}

#[test]
fn a_paste_goes_to_the_composer_and_never_runs_as_keys() {
    let mut s = Stage::new((120, 40)).live();
    s.event(Event::Paste(":q\nctrl-d\u{1b}[2J".into()));
    assert!(s.effects.is_empty());
    assert_eq!((s.app.mode(), s.app.chat.draft().as_str()), (Mode::Insert, ":q\nctrl-d\\x1b[2J"));
}

#[test]
fn a_citation_is_chosen_shown_in_the_context_pane_and_opened() {
    let mut s = Stage::new((200, 60)).live().asked(ANSWER);
    s.keys("]");
    assert_eq!(s.app.chat.chosen.unwrap().to_string(), "E3");
    s.keys("]");
    assert_eq!(s.app.chat.chosen.unwrap().to_string(), "E2");
    s.keys("]");
    assert_eq!(s.app.chat.chosen.unwrap().to_string(), "E3", "an unknown one is not chosen");
    s.keys("enter");
    assert!(s.screen().contains("FATAL: DB_HOST is not set"), "{}", s.screen());
    s.keys("esc");
    assert_eq!(s.app.focus, Focus::Chat, "back where one was");
}

#[test]
fn the_context_pane_lists_every_byte_of_the_request() {
    let mut s = Stage::new((200, 60)).live().asked("so far");
    let ledger = s.app.agent.ledger();
    let request = &ledger.requests()[0];
    let spans = s.app.context.items().iter().filter_map(|i| match i {
        kopilot_tui::app::context::Item::Span(0, n) => Some(request.body.spans()[*n].range.clone()),
        _ => None,
    });
    let mut at = 0;
    for range in spans {
        assert_eq!(range.start, at);
        at = range.end;
    }
    assert_eq!(at, request.body.bytes().len());
    let raw = String::from_utf8(request.body.bytes().to_vec()).unwrap();
    s.keys("tab R");
    assert_eq!(s.app.views.last().unwrap().text(), raw);
}

#[test]
fn what_is_selected_is_copied() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("j c");
    assert!(matches!(&s.effects[..], [Effect::Copy(t)] if t == "api-7f9c4b8d5-zzq9p"));
}

#[test]
fn sort_keys_sort_and_search_keys_search() {
    let mut s = Stage::new((120, 40)).live();
    s.keys("T");
    assert_eq!(s.app.pods.window().next().unwrap().0.restarts, 14);
    s.keys("T");
    assert_eq!(s.app.pods.window().next().unwrap().0.restarts, 0);
    s.keys("tab tab enter /").type_text("undo").keys("enter n");
    assert!(notice(&s).contains("`undo` in line"), "{}", notice(&s));
}
