//! Deployments, stateful sets and daemon sets: rollouts that do not end, and what only the workload itself can tell. That pods
//! are missing is a symptom; the pods, the admission or the node say why.
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::spot::Spot;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, count, short};
use crate::model::snapshot::read::Map;
use crate::model::snapshot::read::condition;
use crate::model::snapshot::{DaemonSet, Deployment, Meta, Node, StatefulSet};
use crate::model::{Confidence, ObjectRef, Severity};

/// The objects below a workload that could say why it lacks pods.
fn below(view: &View<'_>, own: &ObjectRef) -> Vec<Spot> {
    view.spots(&view.pods_of(own)).collect()
}

/// What a deployment tells about itself.
pub fn deployment(view: &View<'_>, d: &Deployment) -> Vec<Draft> {
    if d.meta.deleted.is_some() {
        return Vec::new();
    }
    let own = d.meta.reference("Deployment");
    let mut out = Vec::new();
    let wanted = d.spec.wanted();
    let sets = view.revisions(d).iter().map(|r| r.meta.reference("ReplicaSet")).collect::<Vec<_>>();
    let hangs = |draft: Draft| draft.because(below(view, &own)).because(sets.clone()).because([own.clone()]);
    let progressing = condition(&d.status.conditions, "Progressing");
    let stuck = progressing.filter(|c| c.status.as_str() == "False" && c.reason.as_str() == "ProgressDeadlineExceeded");
    if d.status.available_replicas < wanted {
        let says = format!("{} of {} available", d.status.available_replicas, count(usize::try_from(wanted).unwrap_or(0), "pod"));
        let draft = hangs(Draft::new("deployment/unavailable", own.clone(), says));
        out.push(draft.severity(Severity::Warning).symptom());
    }
    if let Some(c) = stuck.filter(|_| d.status.available_replicas < wanted || d.status.updated_replicas < wanted) {
        let says = format!("its rollout has not come further within {}s: {}", d.spec.progress_deadline_seconds.unwrap_or(600), short(&c.message, 200));
        let draft = Draft::new("deployment/rollout-stuck", own.clone(), says)
            .confidence(Confidence::Medium)
            .proof(field(own.clone(), format!("Progressing=False: {}", c.reason)));
        out.push(hangs(draft).next(describe(&own)).next(format!("rollout status deployment/{} -n {}", own.name, own.namespace)));
    }
    if d.spec.paused && d.status.updated_replicas < wanted {
        let says =
            format!("is paused with a rollout half done: {} of {} updated", d.status.updated_replicas, count(usize::try_from(wanted).unwrap_or(0), "pod"));
        out.push(
            Draft::new("deployment/paused", own.clone(), says).severity(Severity::Warning).proof(field(own.clone(), "spec.paused: true")).next(describe(&own)),
        );
    }
    if d.status.observed_generation < d.marks.generation && view.age(&d.meta) > 60 && d.status.observed_generation > 0 {
        let says = format!("generation {} is not acted on yet (the controller saw {})", d.marks.generation, d.status.observed_generation);
        out.push(Draft::new("deployment/not-observed", own.clone(), says).severity(Severity::Info));
    }
    out
}

/// Two deployments that select one another's pods.
pub fn overlaps(view: &View<'_>, a: &Deployment) -> Vec<Draft> {
    // Two that select one another's pods share the values of every label that either selects by: only those are compared.
    let mut out = Vec::new();
    for (key, value) in &*a.spec.template.labels {
        for b in view.selecting(&a.meta.namespace, key, value).filter(|b| a.meta.name < b.meta.name) {
            let both = a.spec.selector.matches(&b.spec.template.labels) && b.spec.selector.matches(&a.spec.template.labels);
            if both && !a.spec.selector.is_empty() {
                let says = format!("selects the pods of deployment `{}` too ({}), and the other way round", b.meta.name, a.spec.selector.words());
                let d = Draft::new("deployment/selector-overlap", a.meta.reference("Deployment"), says).severity(Severity::Warning);
                out.push(d.touches([b.meta.reference("Deployment")]).next(describe(&b.meta.reference("Deployment"))));
            }
        }
    }
    out
}

/// What a stateful set tells about itself.
pub fn stateful(view: &View<'_>, s: &StatefulSet) -> Vec<Draft> {
    if s.meta.deleted.is_some() {
        return Vec::new();
    }
    let own = s.meta.reference("StatefulSet");
    let mut out = Vec::new();
    let wanted = s.spec.wanted();
    if s.status.ready_replicas < wanted {
        let blocked = if s.spec.pod_management_policy.as_str() == "Parallel" {
            ""
        } else {
            "; pods are made one after another, so the first that is not ready holds the rest"
        };
        let says = format!("{} of {} ready{blocked}", s.status.ready_replicas, count(usize::try_from(wanted).unwrap_or(0), "pod"));
        let draft = Draft::new("statefulset/unavailable", own.clone(), says).severity(Severity::Warning).symptom();
        out.push(draft.because(below(view, &own)).because([own.clone()]));
    }
    let name = s.spec.service_name.as_str();
    if wanted > 0 && view.is_missing("Service", &s.meta.namespace, name) {
        let near = view.near_words("Service", &s.meta.namespace, name);
        let says = format!("its governing Service `{name}` does not exist{near}: its pods have no DNS names");
        let fault = ObjectRef::new("Service", s.meta.namespace.as_str(), name);
        out.push(
            Draft::new("statefulset/no-service", own.clone(), says)
                .severity(Severity::Warning)
                .cause(fault)
                .proof(field(own.clone(), format!("spec.serviceName: {name}")))
                .next(describe(&own)),
        );
    }
    out
}

/// What a daemon set tells about itself.
pub fn daemon(view: &View<'_>, s: &DaemonSet) -> Vec<Draft> {
    if s.meta.deleted.is_some() {
        return Vec::new();
    }
    let own = s.meta.reference("DaemonSet");
    let mut out = Vec::new();
    let (ready, wanted) = (s.status.number_ready, s.status.desired_number_scheduled);
    if ready < wanted {
        let says = format!("ready on {ready} of {}", count(usize::try_from(wanted).unwrap_or(0), "node"));
        out.push(
            Draft::new("daemonset/unavailable", own.clone(), says).severity(Severity::Warning).symptom().because(below(view, &own)).because([own.clone()]),
        );
    }
    let nodes = view.nodes();
    if wanted == 0 && !nodes.is_empty() && view.saw_all("Node") && view.age(&s.meta) > 30 {
        let t = &s.spec.template.pod;
        let selected = nodes.iter().any(|n| crate::model::snapshot::selector::matches(&t.node_selector, &n.meta.labels));
        let near = almost(&t.node_selector, nodes);
        let why = if selected {
            "every node has a taint that it does not tolerate or does not match its affinity".to_owned()
        } else {
            let words: Vec<String> = t.node_selector.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!("no node has the labels it selects ({}){}", words.join(","), near.as_ref().map_or_else(String::new, |n| format!("; {n}")))
        };
        out.push(
            Draft::new("daemonset/no-nodes", own.clone(), format!("runs nowhere: {why}"))
                .severity(Severity::Warning)
                .next(describe(&own))
                .next("get nodes --show-labels"),
        );
    }
    out
}

/// A label of a node that a selector nearly wants.
fn almost(selector: &Map, nodes: &[Node]) -> Option<String> {
    let labels = || nodes.iter().flat_map(|n| n.meta.labels.iter().map(move |(k, v)| (n, k, v)));
    selector.iter().find_map(|(key, _)| {
        let same = labels().find(|(_, k, _)| *k == key).map(|(n, k, v)| format!("{} has {k}={v}", n.meta.name));
        same.or_else(|| {
            let near = crate::diagnose::near::nearest(key, labels().map(|(_, k, _)| k).collect::<Vec<_>>())?;
            labels().find(|(_, k, _)| k.as_str() == near).map(|(n, k, v)| format!("{} has {k}={v}", n.meta.name))
        })
    })
}

/// An object that was deleted and is held by finalizers.
pub fn held(view: &View<'_>, kind: &str, meta: &Meta) -> Option<Draft> {
    let late = meta.deleted.map(|t| view.since(t)).filter(|late| *late > 60)?;
    let held: Vec<_> = meta.finalizers.iter().collect();
    let own = meta.reference(kind);
    let foreground = held.iter().all(|f| matches!(f.as_str(), "foregroundDeletion" | "orphan"));
    if held.is_empty() || foreground {
        return None;
    }
    let mut d = Draft::new(
        "object/finalizer",
        own.clone(),
        format!("was deleted {} ago and cannot go: {} is still there", age(late), crate::diagnose::words::quoted(&held)),
    );
    if kind == "PersistentVolumeClaim" && held.iter().any(|f| f.as_str() == "kubernetes.io/pvc-protection") {
        let users: Vec<_> = view.mounting(meta).iter().map(|p| &p.meta.name).collect();
        if !users.is_empty() {
            d.says = format!("was deleted {} ago and cannot go while {} mounts it", age(late), crate::diagnose::words::list(&users));
        }
        d = d.severity(Severity::Warning);
    }
    let names = held.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(", ");
    Some(d.proof(field(own.clone(), format!("metadata.finalizers: {names}"))).next(describe(&own)))
}
