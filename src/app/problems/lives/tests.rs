//! Marks by tables: each step is a second and what a report holds then.
use super::*;
use crate::model::snapshot::Coverage;
use crate::model::{Confidence, Unseen};
use crate::text::Clean;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

pub(crate) fn finding(rule: &'static str, name: &str) -> Finding {
    Finding {
        rule,
        severity: Severity::Error,
        confidence: Confidence::High,
        object: ObjectRef::new("Deployment", "shop", name),
        title: Clean::line(name),
        cause: None,
        folded: Vec::new(),
        evidence: Vec::new(),
        next: Vec::new(),
        fix: None,
        began: None,
    }
}

/// Names by rule `r`, or `rule:name`.
fn report(names: &[&'static str]) -> Report {
    let findings = names.iter().map(|n| n.split_once(':').map_or_else(|| finding("r", n), |(rule, name)| finding(rule, name)).into()).collect();
    Report { complete: true, findings, ..Report::default() }
}

/// What is shown at an instant: `a`, `a new`, `b gone`.
fn shown(lives: &Lives, last: &Report, now: i64) -> Vec<String> {
    let now = at(now);
    let here = keys(&last.findings);
    let all = here.iter().zip(last.findings.iter().map(|f| &**f)).chain(lives.away(now));
    let mut out: Vec<String> = all.map(|(k, f)| format!("{} {}", f.title, lives.mark(k, now).map(Mark::word).unwrap_or_default()).trim().to_owned()).collect();
    out.sort();
    out
}

/// Takes reports in; what is shown at the last instant, and how often something was news.
fn told(steps: &[(i64, Report)], now: i64) -> (Vec<String>, usize) {
    let (mut lives, mut last, mut news) = (Lives::default(), Report::default(), 0);
    for (second, report) in steps {
        news += lives.take(report, &last.findings, at(*second)).len();
        last = report.clone();
    }
    (shown(&lives, &last, now), news)
}

#[test]
fn what_was_there_at_the_start_is_not_new_and_what_comes_later_is_for_five_minutes() {
    let steps = [(0, report(&["a"])), (10, report(&["a", "b"]))];
    for (now, want, news) in [(10, ["a", "b new"], 1), (309, ["a", "b new"], 1), (310, ["a", "b"], 1)] {
        assert_eq!(told(&steps, now), (want.map(String::from).to_vec(), news), "{now}");
    }
}

#[test]
fn until_every_kind_was_asked_for_nothing_is_new() {
    let part = |names: &[&'static str]| Report { complete: false, denied: vec![Unseen::Kind("services", Coverage::NotLooked)], ..report(names) };
    let denied = |names: &[&'static str]| Report { complete: false, denied: vec![Clean::line("nodes: not allowed to look: 403").into()], ..report(names) };
    assert_eq!(told(&[(0, part(&[])), (2, part(&["a"])), (3, report(&["a", "b"])), (4, report(&["a", "b", "c"]))], 5).0, ["a", "b", "c new"]);
    assert_eq!(told(&[(0, denied(&["a"])), (4, denied(&["a", "b"]))], 5).0, ["a", "b new"], "a refusal is an answer");
    assert_eq!(told(&[(0, part(&[])), (31, part(&["a"])), (40, part(&["a", "b"]))], 41).0, ["a", "b new"], "some kind never answers");
}

#[test]
fn what_went_is_gone_for_a_minute_and_then_leaves() {
    let steps = [(0, report(&["a", "b"])), (10, report(&["a"]))];
    assert_eq!(told(&steps, 69).0, ["a", "b gone"]);
    assert_eq!(told(&steps, 70).0, ["a"]);
}

#[test]
fn what_comes_back_is_no_news_and_what_comes_and_goes_is_held() {
    let (with, without) = (report(&["a", "b"]), report(&["a"]));
    let mut steps = vec![(0, without.clone())];
    let mut second = 10;
    for (comings, here, away) in [(1, "b new", "b gone"), (2, "b new", "b gone"), (3, "b flaps ×3", "b flaps ×3"), (4, "b flaps ×4", "b flaps ×4")] {
        steps.push((second, with.clone()));
        assert_eq!(told(&steps, second + 1), (vec!["a".into(), here.into()], 1), "there for the {comings}. time");
        steps.push((second + 5, without.clone()));
        assert_eq!(told(&steps, second + 6), (vec!["a".into(), away.into()], 1), "away for the {comings}. time");
        second += 20;
    }
    let last = second - 15;
    for (now, want) in [(last + 299, &["a", "b flaps ×4"][..]), (last + 300, &["a", "b gone"]), (last + 360, &["a"])] {
        assert_eq!(told(&steps, now).0, want, "{now}");
    }
}

#[test]
fn comings_of_long_ago_are_not_counted_and_a_return_after_long_is_news_again() {
    let (with, without) = (report(&["b"]), report(&[]));
    let mut steps = vec![(0, without.clone())];
    for i in 0..4 {
        steps.extend([(10 + i * 1_000, with.clone()), (20 + i * 1_000, without.clone())]);
    }
    steps.push((4_010, with.clone()));
    assert_eq!(told(&steps, 4_011), (vec!["b new".into()], 5));
    let flapping: Vec<_> = [10, 30, 50].into_iter().flat_map(|s| [(s, with.clone()), (s + 10, without.clone())]).collect();
    let steady: Vec<_> = std::iter::once((0, without)).chain(flapping).chain([(70, with)]).collect();
    assert_eq!(told(&steady, 909).0, ["b flaps ×4"]);
    assert_eq!(told(&steady, 911).0, ["b flaps ×3"]);
    assert_eq!(told(&steady, 931).0, ["b"], "it is steady now");
}

#[test]
fn a_trouble_that_gets_a_better_name_is_neither_new_nor_gone() {
    let steps = [(0, report(&[])), (10, report(&["crash:api"])), (20, report(&["env:api"]))];
    assert_eq!(told(&steps, 21), (vec!["api new".into()], 1), "it is as old as it was");
    let start = [(0, report(&["crash:api"])), (2, report(&["env:api"]))];
    assert_eq!(told(&start, 3), (vec!["api".into()], 0));
    let warned = Report { findings: vec![Finding { severity: Severity::Warning, ..finding("burst", "api") }.into()], ..report(&[]) };
    let worse = [(0, warned), (2, report(&["env:api"]))];
    assert_eq!(told(&worse, 3), (vec!["api gone".into(), "api new".into()], 1), "a warning that became an error is news");
}

#[test]
fn what_can_not_be_looked_at_any_more_is_not_said_to_be_gone() {
    let blind = Report { complete: false, denied: vec![Clean::line("pods: could not look: timeout").into()], ..report(&[]) };
    let steps = [(0, report(&["a"])), (10, blind.clone())];
    assert_eq!(told(&steps, 599).0, ["a unseen"]);
    assert!(told(&steps, 610).0.is_empty(), "what nobody saw for ten minutes is not held up");
    let back = [steps[0].clone(), steps[1].clone(), (20, report(&["a"]))];
    assert_eq!(told(&back, 21), (vec!["a".into()], 0), "it was there all the time");
    let mended = [steps[0].clone(), steps[1].clone(), (20, report(&[]))];
    assert_eq!(told(&mended, 21).0, ["a gone"]);
}

#[test]
fn families_that_are_switched_on_bring_nothing_new_and_off_nothing_gone() {
    let on = Report { include: vec![Extra::Cost], ..report(&["a", "cost/idle:b"]) };
    let steps = [(0, report(&["a"])), (10, on.clone())];
    assert_eq!(told(&steps, 11), (vec!["a".into(), "b".into()], 0));
    let more = Report { include: vec![Extra::Cost], ..report(&["a", "cost/idle:b", "cost/idle:c"]) };
    assert_eq!(told(&[steps[0].clone(), steps[1].clone(), (20, more)], 21).0, ["a", "b", "c new"]);
    assert_eq!(told(&[steps[0].clone(), steps[1].clone(), (20, report(&["a"]))], 21).0, ["a"]);
}

#[test]
fn several_that_one_rule_says_of_one_object_are_told_apart() {
    let steps = [(0, report(&["a"])), (10, report(&["a", "a"]))];
    assert_eq!(told(&steps, 11), (vec!["a".into(), "a new".into()], 1));
    assert_eq!(told(&[steps[1].clone(), (20, report(&["a"]))], 21).0, ["a", "a gone"]);
}

#[test]
fn each_instant_at_which_a_mark_turns_is_named_and_no_other() {
    let mut lives = Lives::default();
    let (with, without) = (report(&["b"]), report(&[]));
    lives.take(&without, &[], at(0));
    lives.take(&with, &[], at(10));
    let b = &keys(&with.findings)[0];
    assert_eq!(lives.turns(b, at(11)), Some(at(310)));
    assert_eq!(lives.turns(b, at(310)), None, "nothing changes any more by itself");
    lives.take(&without, &with.findings, at(400));
    assert_eq!(lives.turns(b, at(401)), Some(at(460)));
    assert_eq!(lives.turns(b, at(460)), None);
}

#[test]
fn its_age_is_that_of_its_first_sign_and_what_was_seen_of_it_stays() {
    let dated = |began: Option<i64>| Report { findings: vec![Finding { began: began.map(at), ..finding("r", "a") }.into()], ..report(&[]) };
    let mut lives = Lives::default();
    let key = keys(&dated(None).findings).remove(0);
    let mut since = |report: Report, now: i64| {
        lives.take(&report, &report.findings, at(now));
        (lives.since(&key).unwrap(), lives.found(&key).unwrap())
    };
    assert_eq!(since(dated(None), 10), (at(10), at(10)), "nothing tells");
    assert_eq!(since(dated(Some(-600)), 20), (at(-600), at(10)));
    assert_eq!(since(dated(None), 30), (at(-600), at(10)), "its event went");
    assert_eq!(since(dated(Some(-60)), 40), (at(-600), at(10)));
}
