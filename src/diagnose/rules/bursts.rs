//! Warnings that come in a burst: several within five minutes about one object, counted by its uid and by the events' own
//! counts. Worth a finding only where no rule says why; else it is one more thing that the rule's finding explains.
//!
//! What was told before and is told again is no burst: see [`crate::model::snapshot::tally`].
use crate::diagnose::draft::{Draft, describe, event};
use crate::diagnose::view::View;
use crate::diagnose::words::{count, list, short, trimmed};
use crate::model::snapshot::{Event, KINDS};
use crate::model::{Confidence, ObjectRef, Severity};

/// Seconds in which they must come.
pub const WINDOW: i64 = 300;
/// So many make a burst.
pub const LEAST: u32 = 3;
/// An object that is well is left alone when it was quiet for so many seconds: its start was bumpy, and that is over.
const QUIET: i64 = 30;

/// The burst that an event is the newest warning of. Of a workload's pods the one that is worst off speaks.
pub fn burst(view: &View<'_>, e: &Event) -> Option<Draft> {
    let fresh = |e: &&Event| e.warning && view.since(e.last) <= WINDOW;
    if !fresh(&e) {
        return None;
    }
    let named = view.events_named(&e.about.kind, &e.about.namespace, &e.about.name);
    let mut events: Vec<&Event> = named.filter(|o| o.about_uid == e.about_uid).filter(fresh).collect();
    events.sort_by_key(|e| (std::cmp::Reverse(e.last), e.reason.clone()));
    if !events.first().is_some_and(|first| std::ptr::eq(*first, e)) {
        return None;
    }
    let times = events.iter().fold(0, |sum: u32, e| sum.saturating_add(view.tally(e, WINDOW)));
    if times < LEAST {
        return None;
    }
    let chain = chain(view, &e.about_uid, &e.about, &events)?;
    let top = chain.last().unwrap_or(&e.about).clone();
    Some(draft(&e.about, &top, times, &events).because(chain).last(times))
}

/// The object and who made it; nothing where it is gone, or was bumpy and is well.
fn chain(view: &View<'_>, uid: &str, about: &ObjectRef, events: &[&Event]) -> Option<Vec<ObjectRef>> {
    if view.is_missing(&about.kind, &about.namespace, &about.name) {
        return None;
    }
    match about.kind.as_str() {
        "Pod" => {
            let Some(pod) = view.pod(&about.namespace, &about.name) else { return Some(vec![about.clone()]) };
            let another = !uid.is_empty() && !pod.meta.uid.is_empty() && pod.meta.uid.as_str() != uid;
            let over = !pod.is_troubled() && events.first().is_some_and(|e| view.since(e.last) >= QUIET);
            (!another && !over).then(|| view.chain(pod))
        }
        "ReplicaSet" => {
            let owner = view.replica_set(&about.namespace, &about.name).and_then(|s| s.meta.owner.as_ref());
            let maker = owner.map(|o| ObjectRef::new(o.kind.as_str(), about.namespace.as_str(), o.name.as_str()));
            Some(std::iter::once(about.clone()).chain(maker).collect())
        }
        _ => Some(vec![about.clone()]),
    }
}

fn draft(about: &ObjectRef, top: &ObjectRef, times: u32, events: &[&Event]) -> Draft {
    let mut reasons: Vec<&str> = Vec::new();
    for e in events {
        if !reasons.contains(&e.reason.as_str()) {
            reasons.push(&e.reason);
        }
    }
    let whose = if about == top { String::new() } else { format!(" about {about}") };
    let newest = events.first().map_or("", |e| trimmed(&e.message));
    let warnings = count(usize::try_from(times).unwrap_or(usize::MAX), "warning");
    let says = format!("{warnings} within 5 minutes{whose} ({}): {}", list(&reasons), short(newest, 160));
    let d = Draft::new("events/burst", top.clone(), says).severity(Severity::Warning).confidence(Confidence::Medium);
    let d = d.proofs(events.iter().take(3).map(|e| event(e)));
    let place = if about.namespace.is_empty() { "-A".to_owned() } else { format!("-n {}", about.namespace) };
    // Of a kind that the rules do not know, the grammar may not either.
    let d = if KINDS.iter().any(|k| k.kind == about.kind) { d.next(describe(about)) } else { d };
    d.next(format!("events {place} --types=Warning"))
}

#[cfg(test)]
mod tests {
    use crate::diagnose::{self, Question};
    use crate::model::Timestamp;
    use crate::model::snapshot::Builder;
    use crate::text::Redactor;
    use serde_json::{Value, json};

    fn event(name: &str, uid: &str, reason: &str, first: &str, last: &str, times: u32) -> Value {
        json!({"metadata": {"name": name, "namespace": "ns", "uid": name}, "type": "Warning", "reason": reason, "message": "it did not work", "count": times,
            "involvedObject": {"kind": "Widget", "namespace": "ns", "name": "w", "uid": uid},
            "firstTimestamp": format!("2026-01-01T{first}Z"), "lastTimestamp": format!("2026-01-01T{last}Z")})
    }

    fn found(events: &[Value]) -> Vec<String> {
        let mut b = Builder::new("2026-01-01T01:00:00Z".parse::<Timestamp>().unwrap());
        for e in events {
            b.item("Event", e);
        }
        let report = diagnose::report(&b.finish(), &Question::default(), &Redactor::new([0; 32]));
        report.findings.iter().map(|f| f.title.to_string()).collect()
    }

    #[test]
    fn three_warnings_about_one_uid_within_five_minutes_are_one_finding() {
        let three = [
            event("a", "u", "Stuck", "00:57:00", "00:57:00", 1),
            event("b", "u", "Failed", "00:58:00", "00:58:00", 1),
            event("c", "u", "Stuck", "00:59:00", "00:59:00", 1),
        ];
        assert_eq!(found(&three), ["w: 3 warnings within 5 minutes (Stuck and Failed): it did not work"]);
        assert!(found(&three[..2]).is_empty(), "two are none");
        let other = [three[0].clone(), three[1].clone(), event("c", "v", "Stuck", "00:59:00", "00:59:00", 1)];
        assert!(found(&other).is_empty(), "another object of that name has another uid");
        assert_eq!(found(&[event("a", "u", "Stuck", "00:56:00", "00:59:00", 7)]).len(), 1, "by the event's own count");
    }

    #[test]
    fn an_old_event_with_a_great_count_is_no_burst() {
        assert!(found(&[event("a", "u", "Stuck", "00:00:00", "00:59:59", 50)]).is_empty());
        assert!(found(&[event("a", "u", "Stuck", "00:50:00", "00:54:00", 50)]).is_empty());
    }
}
