//! What will hurt one day: no requests, no probes, one replica, budgets that are missing, things that are switched off and forgotten.
use super::{Workload, note, workloads};
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{age, count, list, quoted};
use crate::model::ObjectRef;
use crate::model::snapshot::Pod;
use crate::model::snapshot::template::ContainerSpec;

/// What is off for longer than this may have been forgotten, in seconds.
const FORGOTTEN: i64 = 7 * 86_400;

/// Everything that will hurt one day.
pub fn drafts(view: &View<'_>) -> Vec<Draft> {
    let mut out: Vec<Draft> = workloads(view).iter().flat_map(|w| workload(view, w)).collect();
    out.extend(switched_off(view));
    out.extend(policies(view));
    out.extend(quotas(view));
    out.extend(subjects(view));
    out.extend(held_back(view));
    out
}

fn named(w: &Workload<'_>, shows: impl Fn(&ContainerSpec) -> bool) -> Option<String> {
    let names: Vec<_> = w.pod.containers.iter().filter(|c| shows(c)).map(|c| &c.name).collect();
    (!names.is_empty()).then(|| format!("{} {}", if names.len() == 1 { "container" } else { "containers" }, quoted(&names)))
}

fn workload(view: &View<'_>, w: &Workload<'_>) -> Vec<Draft> {
    let mut out = Vec::new();
    let mut say = |rule, says: String| out.push(note(rule, w.object.clone(), says).next(describe(&w.object)));
    if w.object.kind == "Pod" {
        say("hygiene/bare-pod", "was made by nobody: when its node goes, it does not come back".to_owned());
    }
    if let Some(who) = named(w, |c| !["cpu", "memory"].iter().all(|r| c.resources.requests.contains_key(*r))) {
        say("hygiene/no-requests", format!("{who}: no requests for CPU or memory, so the scheduler places it blindly and it is evicted first"));
    }
    if let Some(who) = named(w, |c| !c.resources.limits.contains_key("memory")) {
        say("hygiene/no-memory-limit", format!("{who}: no memory limit, so a leak takes the node down with it"));
    }
    let services = view.whole().services.items.iter().filter(|s| s.meta.namespace.as_str() == w.object.namespace && !s.spec.selector.is_empty());
    let served = services.filter(|s| crate::model::snapshot::selector::matches(&s.spec.selector, w.labels)).count() > 0;
    if served && let Some(who) = named(w, |c| c.readiness_probe.is_none() && !c.ports.is_empty()) {
        say("hygiene/no-readiness-probe", format!("{who}: no readiness probe, so traffic comes before it can answer"));
    }
    if let Some(who) = named(w, |c| c.liveness_probe.is_some() && c.liveness_probe == c.readiness_probe) {
        say("hygiene/same-probes", format!("{who}: the liveness probe is the readiness probe, so what should only lose traffic is restarted"));
    }
    if let Some(who) = named(w, |c| c.image_pull_policy.as_str() == "Always" && c.image.contains("@sha256:")) {
        say("hygiene/pull-always", format!("{who}: asks the registry at every start for an image that cannot change (imagePullPolicy Always and a digest)"));
    }
    let scales = matches!(w.object.kind.as_str(), "Deployment" | "StatefulSet");
    if scales && served && w.replicas == 1 && !scaled(view, &w.object) {
        say("hygiene/one-replica", "serves with a single pod: every rollout of its node is an outage".to_owned());
    }
    if scales && w.replicas > 1 {
        several(view, w, &mut say);
    }
    out
}

/// Whether an autoscaler decides how many there are.
fn scaled(view: &View<'_>, object: &ObjectRef) -> bool {
    view.whole().autoscalers.items.iter().any(|h| {
        let to = &h.spec.scale_target_ref;
        h.meta.namespace.as_str() == object.namespace && to.kind.as_str() == object.kind && to.name.as_str() == object.name
    })
}

/// What matters of a workload with several pods.
fn several(view: &View<'_>, w: &Workload<'_>, say: &mut impl FnMut(&'static str, String)) {
    let s = view.whole();
    let covered =
        s.budgets.items.iter().any(|b| b.meta.namespace.as_str() == w.object.namespace && b.spec.selector.as_ref().is_some_and(|sel| sel.matches(w.labels)));
    if !covered && s.knows_all("PodDisruptionBudget", &w.object.namespace) {
        say(
            "hygiene/no-budget",
            format!("runs {} and no PodDisruptionBudget covers them: a drain may take all at once", count(usize::try_from(w.replicas).unwrap_or(0), "pod")),
        );
    }
    let pods: Vec<&Pod> = view.pods_of(&w.object).into_iter().filter(|p| !p.node.is_empty()).collect();
    let node = pods.first().map(|p| &p.node);
    let usable = s.nodes.items.iter().filter(|n| !n.spec.unschedulable && n.spec.taints.is_empty()).count();
    if pods.len() > 1 && usable > 1 && pods.iter().all(|p| Some(&p.node) == node) {
        say("hygiene/one-node", format!("has all {} of its pods on the node {}: when that goes, all go", pods.len(), node.map_or("", |n| n.as_str())));
    }
    let shared = s.claims.items.iter().find(|c| {
        c.meta.namespace.as_str() == w.object.namespace
            && w.object.kind == "Deployment"
            && pods.iter().any(|p| p.claims.contains(&c.meta.name))
            && c.spec.access_modes.iter().all(|m| m.as_str().starts_with("ReadWriteOnce"))
    });
    if let Some(claim) = shared {
        say(
            "hygiene/shared-claim",
            format!("mounts the claim `{}` ({}) in several pods: they can run on one node only", claim.meta.name, list(&claim.spec.access_modes)),
        );
    }
}

/// What somebody switched off.
fn switched_off(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    let mut out = Vec::new();
    for d in s.deployments.items.iter().filter(|d| d.spec.wanted() == 0 && view.age(&d.meta) > FORGOTTEN) {
        let own = d.meta.reference("Deployment");
        out.push(note("hygiene/scaled-to-zero", own.clone(), format!("is scaled to 0; it was made {} ago", age(view.age(&d.meta)))).next(describe(&own)));
    }
    for d in s.deployments.items.iter().filter(|d| d.spec.paused && d.status.updated_replicas >= d.spec.wanted()) {
        let own = d.meta.reference("Deployment");
        out.push(note("hygiene/paused", own.clone(), "is paused: a change of its template will not roll out").next(describe(&own)));
    }
    for c in s.cron_jobs.items.iter().filter(|c| c.spec.suspend && view.age(&c.meta) > FORGOTTEN) {
        let own = c.meta.reference("CronJob");
        let last = c.status.last_schedule_time.map_or_else(|| "it never ran".to_owned(), |t| format!("it last ran {} ago", age(view.since(t))));
        out.push(note("hygiene/suspended-cron-job", own.clone(), format!("is suspended; {last}")).next(describe(&own)));
    }
    for j in s.jobs.items.iter().filter(|j| (j.spec.suspend || j.spec.parallelism == Some(0)) && view.age(&j.meta) > 86_400) {
        let own = j.meta.reference("Job");
        let how = if j.spec.suspend { "suspended" } else { "held at parallelism 0" };
        out.push(note("hygiene/suspended-job", own.clone(), format!("is {how} for {}", age(view.age(&j.meta)))).next(describe(&own)));
    }
    for h in &s.autoscalers.items {
        let own = h.meta.reference("HorizontalPodAutoscaler");
        if h.spec.min_replicas.unwrap_or(1) == h.spec.max_replicas {
            out.push(
                note("hygiene/fixed-autoscaler", own.clone(), format!("cannot scale: minReplicas and maxReplicas are both {}", h.spec.max_replicas))
                    .next(describe(&own)),
            );
        }
    }
    out
}

/// Network policies that select nobody, name no namespace that exists, or forget DNS.
fn policies(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    let mut out = Vec::new();
    for p in &s.network_policies.items {
        let own = p.meta.reference("NetworkPolicy");
        let pods = view.chosen(&p.meta.namespace, &p.spec.pod_selector);
        if pods.is_empty() && s.knows_all("Pod", &p.meta.namespace) {
            out.push(note("hygiene/policy-selects-nothing", own.clone(), format!("selects no pod ({})", p.spec.pod_selector.words())).next(describe(&own)));
            continue;
        }
        let peers = p.spec.ingress.iter().flat_map(|r| &r.from).chain(p.spec.egress.iter().flat_map(|r| &r.to)).filter_map(|p| p.namespace_selector.as_ref());
        let stranger =
            |sel: &&crate::model::snapshot::selector::Selector| !sel.is_empty() && !s.all_namespaces.items.iter().any(|n| sel.matches(&n.meta.labels));
        if s.namespaces.is_empty()
            && view.saw_all("Namespace")
            && let Some(sel) = peers.into_iter().find(stranger)
        {
            out.push(
                note("hygiene/policy-unknown-namespace", own.clone(), format!("names a namespace by {}, and none has such labels", sel.words()))
                    .next(describe(&own)),
            );
        }
        if p.spec.limits_egress()
            && !p.spec.egress.is_empty()
            && pods.iter().any(|pod| crate::diagnose::rules::policies::blocks_dns(view, pod).is_some_and(|b| b.meta.name == p.meta.name))
        {
            out.push(
                note("hygiene/policy-without-dns", own.clone(), "limits what goes out and lets no DNS through (port 53): names do not resolve")
                    .next(describe(&own)),
            );
        }
    }
    out
}

/// Quotas that are nearly used up.
fn quotas(view: &View<'_>) -> Vec<Draft> {
    let near = |used: i128, hard: i128| hard > 0 && used * 10 >= hard * 9 && used < hard;
    let mut out = Vec::new();
    for q in &view.whole().quotas.items {
        let tight: Vec<String> = q
            .status
            .hard
            .iter()
            .filter_map(|(r, hard)| {
                let used = q.status.used.get(r)?;
                near(used.milli()?, hard.milli()?).then(|| format!("{r} {used} of {hard}"))
            })
            .collect();
        if !tight.is_empty() {
            let own = q.meta.reference("ResourceQuota");
            out.push(note("hygiene/quota-nearly-full", own.clone(), format!("is nearly used up: {}", list(&tight))).next(describe(&own)));
        }
    }
    out
}

/// Bindings to service accounts that do not exist.
fn subjects(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    let all = s.role_bindings.items.iter().map(|b| (b, "RoleBinding")).chain(s.cluster_role_bindings.items.iter().map(|b| (b, "ClusterRoleBinding")));
    let mut out = Vec::new();
    for (b, kind) in all.filter(|(b, _)| b.meta.label("kubernetes.io/bootstrapping").is_none()) {
        for subject in b.subjects.iter().filter(|s| s.kind.as_str() == "ServiceAccount") {
            let namespace = if subject.namespace.is_empty() { b.meta.namespace.as_str() } else { subject.namespace.as_str() };
            if view.is_missing("ServiceAccount", namespace, &subject.name) {
                let near = view.near_words("ServiceAccount", namespace, &subject.name);
                let own = b.meta.reference(kind);
                out.push(
                    note(
                        "hygiene/missing-subject",
                        own.clone(),
                        format!("names the service account `{}` of `{namespace}`, which does not exist{near}", subject.name),
                    )
                    .next(describe(&own)),
                );
            }
        }
    }
    out
}

/// Stateful sets whose update is held back on purpose.
fn held_back(view: &View<'_>) -> Vec<Draft> {
    let sets = view.whole().stateful_sets.items.iter();
    let held = sets.filter(|s| {
        !s.status.update_revision.is_empty() && s.status.update_revision != s.status.current_revision && s.status.ready_replicas >= s.spec.wanted()
    });
    held.filter_map(|s| {
        let strategy = &s.spec.update_strategy;
        let why = if strategy.type_.as_str() == "OnDelete" {
            "its pods take the new template only when they are deleted (OnDelete)".to_owned()
        } else if strategy.rolling.partition > 0 {
            format!("pods below ordinal {} keep the old template (partition)", strategy.rolling.partition)
        } else {
            return None;
        };
        let own = s.meta.reference("StatefulSet");
        let says = format!("has a change that is not everywhere: {why}");
        Some(
            note("hygiene/update-held", own.clone(), says)
                .proof(field(own.clone(), format!("status.updateRevision: {}", s.status.update_revision)))
                .next(describe(&own)),
        )
    })
    .collect()
}
