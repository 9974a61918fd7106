//! When a trouble began: the first sign of it that can still be seen. Events go after an hour, so it may be older.
use super::draft::Draft;
use super::view::View;
use crate::model::snapshot::read::Condition;
use crate::model::{ObjectRef, Severity, Timestamp};

/// Conditions that are good as `True`; of all others that are looked at, `True` is bad.
const GOOD: &[&str] = &["Ready", "ContainersReady", "PodScheduled", "Initialized", "Available", "Progressing"];
const BAD: &[&str] = &["ReplicaFailure", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable", "Failed", "FailureTarget"];

/// Dates drafts by what they are about and what proves them. A remark has no beginning that anybody asks for.
pub fn date(view: &View<'_>, drafts: &mut [Draft]) {
    for draft in drafts.iter_mut().filter(|d| d.severity > Severity::Info) {
        let objects = std::iter::once(&draft.object).chain(draft.evidence.iter().map(|p| &p.object));
        draft.began = objects.filter_map(|o| first_sign(view, o)).min();
    }
}

fn first_sign(view: &View<'_>, object: &ObjectRef) -> Option<Timestamp> {
    let ObjectRef { kind, namespace, name, .. } = object;
    let warned = view.events_named(kind, namespace, name).filter(|e| e.warning).map(|e| e.first);
    let conditions: &[Condition] = match kind.as_str() {
        "Pod" => view.pod(namespace, name).map(|p| p.conditions.as_slice()),
        "Deployment" => view.deployment(namespace, name).map(|d| d.status.conditions.as_slice()),
        "Job" => view.job(namespace, name).map(|j| j.status.conditions.as_slice()),
        _ => None,
    }
    .unwrap_or_default();
    let bad = |c: &&Condition| {
        if GOOD.contains(&c.type_.as_str()) { c.status.as_str() != "True" } else { c.status.as_str() == "True" && BAD.contains(&c.type_.as_str()) }
    };
    warned.chain(conditions.iter().filter(bad).filter_map(|c| c.last_transition_time)).min()
}

#[cfg(test)]
mod tests {
    use crate::diagnose::{self, Question};
    use crate::model::Timestamp;
    use crate::model::snapshot::Builder;
    use crate::text::Redactor;
    use serde_json::{Value, json};

    /// When the one finding about a pod that no node takes began, by its events.
    fn began(events: &[Value]) -> Option<String> {
        let mut b = Builder::new("2026-01-01T03:00:00Z".parse::<Timestamp>().unwrap());
        let unscheduled = json!({"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu.",
            "lastTransitionTime": "2026-01-01T02:10:00Z"});
        b.item(
            "Pod",
            &json!({"metadata": {"name": "p", "namespace": "ns", "uid": "u", "creationTimestamp": "2026-01-01T01:00:00Z"},
                "spec": {"containers": [{"name": "main", "image": "i"}]}, "status": {"phase": "Pending", "conditions": [unscheduled]}}),
        );
        for e in events {
            b.item("Event", e);
        }
        let report = diagnose::report(&b.finish(), &Question::default(), &Redactor::new([0; 32]));
        assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
        assert!(!serde_json::to_string(&report).unwrap().contains("began"), "the JSON's shape is fixed");
        report.findings[0].began.map(|t| t.to_string())
    }

    fn event(kind: &str, first: &str) -> Value {
        json!({"metadata": {"name": format!("{kind}{first}"), "namespace": "ns", "uid": first}, "type": kind, "reason": "FailedScheduling", "message": "no", "count": 9,
            "involvedObject": {"kind": "Pod", "namespace": "ns", "name": "p", "uid": "u"}, "firstTimestamp": first, "lastTimestamp": "2026-01-01T02:59:00Z"})
    }

    #[test]
    fn a_trouble_began_with_its_first_sign() {
        let warned = event("Warning", "2026-01-01T02:05:00Z");
        let normal = event("Normal", "2026-01-01T01:00:00Z");
        assert_eq!(began(&[]).as_deref(), Some("2026-01-01T02:10:00Z"), "its condition's word");
        assert_eq!(began(&[normal, warned]).as_deref(), Some("2026-01-01T02:05:00Z"), "a warning came before, and what is normal is no sign");
    }
}
