//! Autoscalers, disruption budgets and quotas: what cannot measure, what blocks every drain, what is used up.
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{list, short};
use crate::model::snapshot::read::condition;
use crate::model::snapshot::{HorizontalPodAutoscaler, PodDisruptionBudget, ResourceQuota};
use crate::model::{ObjectRef, Severity};

/// Kinds that an autoscaler can scale.
const SCALABLE: &[&str] = &["Deployment", "StatefulSet", "ReplicaSet"];

/// An autoscaler that does not scale.
pub fn scaler(view: &View<'_>, h: &HorizontalPodAutoscaler) -> Option<Draft> {
    let own = h.meta.reference("HorizontalPodAutoscaler");
    let target = ObjectRef::new(h.spec.scale_target_ref.kind.as_str(), h.meta.namespace.as_str(), h.spec.scale_target_ref.name.as_str());
    if view.is_missing(&target.kind, &target.namespace, &target.name) {
        let other = SCALABLE.iter().find(|k| **k != target.kind && view.exists(k, &target.namespace, &target.name));
        let near = match other {
            Some(kind) => format!("; a {kind} of that name does"),
            None => view.near_words(&target.kind, &target.namespace, &target.name),
        };
        let says = format!("scales nothing: {} `{}` does not exist{near}", target.kind, target.name);
        let d = Draft::new("hpa/missing-target", own.clone(), says).cause(target.clone());
        return Some(d.proof(field(own.clone(), format!("spec.scaleTargetRef: {target}"))).next(describe(&own)));
    }
    let conditions = &h.status.conditions;
    if let Some(c) = condition(conditions, "AbleToScale").filter(|c| c.status.as_str() == "False" && c.reason.as_str() != "BackoffBoth") {
        let d = Draft::new("hpa/unable", own.clone(), format!("cannot scale {target}: {}", short(&c.message, 240)));
        return Some(d.proof(field(own.clone(), format!("AbleToScale=False: {}", c.reason))).next(describe(&own)).because([target]));
    }
    if let Some(c) = condition(conditions, "ScalingLimited").filter(|c| c.status.as_str() == "True" && c.reason.as_str() == "TooManyReplicas")
        && h.status.current_replicas >= h.spec.max_replicas
    {
        let says = format!("wants more pods for {target} than its maxReplicas of {}", h.spec.max_replicas);
        let d = Draft::new("hpa/at-maximum", own.clone(), says).severity(Severity::Info);
        return Some(d.proof(field(own.clone(), format!("ScalingLimited=True: {}", c.message))).next(describe(&own)));
    }
    let c = condition(conditions, "ScalingActive").filter(|c| c.status.as_str() == "False" && c.reason.as_str() != "ScalingDisabled")?;
    Some(unmeasured(view, h, &own, &target, c))
}

fn unmeasured(view: &View<'_>, h: &HorizontalPodAutoscaler, own: &ObjectRef, target: &ObjectRef, c: &crate::model::snapshot::read::Condition) -> Draft {
    let m = c.message.as_str();
    let proof = field(own.clone(), format!("ScalingActive=False: {}: {}", c.reason, short(m, 300)));
    let told =
        view.event("HorizontalPodAutoscaler", &h.meta, &["FailedGetResourceMetric", "FailedComputeMetricsReplicas", "InvalidSelector", "AmbiguousSelector"]);
    let metrics = "v1beta1.metrics.k8s.io";
    let served = view.api_service("", metrics);
    let base = |rule, says: String| Draft::new(rule, own.clone(), says).proof(proof.clone()).proofs(told.map(event)).next(describe(own));
    if m.contains("missing request for") {
        let resource = m.split_once("missing request for ").map_or("", |(_, r)| r.split_whitespace().next().unwrap_or(""));
        let container = m.split_once("in container ").map_or("", |(_, r)| r.split_whitespace().next().unwrap_or(""));
        return base("hpa/no-request", format!("cannot compute utilisation: container `{container}` of {target} has no {resource} request"))
            .cause(target.clone())
            .next(describe(target));
    }
    if let Some((api, what)) = own_metrics(m) {
        let missing = view.is_missing("APIService", "", api) || m.contains("no custom metrics API") || m.contains("no external metrics API");
        let metric = m.split_once(" metric ").map_or("its metric", |(_, r)| r.split([':', ' ']).next().unwrap_or(r));
        let why = if missing {
            format!("the cluster serves no {what} (no metrics adapter is installed)")
        } else {
            format!("{what} does not answer: {}", short(m, 200))
        };
        return base("hpa/no-custom-metrics", format!("cannot scale {target} by `{metric}`: {why}"))
            .cause(ObjectRef::new("APIService", "", api))
            .next("get apiservices");
    }
    if m.contains("pods.metrics.k8s.io") || m.contains("metrics API") || m.contains("resource metrics") {
        let unavailable = served.and_then(|a| condition(&a.status.conditions, "Available")).filter(|c| c.status.as_str() != "True");
        let missing = view.is_missing("APIService", "", metrics);
        let why = match (missing, unavailable) {
            (true, _) => "the cluster serves no metrics.k8s.io (metrics-server is not installed)".to_owned(),
            (_, Some(c)) => format!("metrics.k8s.io is unavailable: {}", short(&c.message, 160)),
            _ if m.contains("could not find the requested resource") => "the cluster serves no metrics.k8s.io (is metrics-server installed?)".to_owned(),
            _ => {
                return base("hpa/no-metrics", format!("gets no metrics: {}", short(m, 240))).because(view.spots(&view.pods_of(target)));
            }
        };
        return base("hpa/no-metrics", format!("cannot scale {target}: {why}")).cause(ObjectRef::new("APIService", "", metrics)).next("get apiservices");
    }
    base("hpa/inactive", format!("does not scale {target}: {}", short(m, 240))).because(view.spots(&view.pods_of(target)))
}

/// The API that a metric of one's own comes from, by the words of the failure.
fn own_metrics(message: &str) -> Option<(&'static str, &'static str)> {
    if message.contains("external metric") {
        return Some(("v1beta1.external.metrics.k8s.io", "external.metrics.k8s.io"));
    }
    let custom = ["custom metric", "unable to get metric ", "pods metric", "object metric"].iter().any(|w| message.contains(w));
    custom.then_some(("v1beta1.custom.metrics.k8s.io", "custom.metrics.k8s.io"))
}

/// Budgets that cover the same pod: the eviction API refuses such a pod whatever they allow.
pub fn overlaps(view: &View<'_>) -> Vec<Draft> {
    let mut covered: std::collections::BTreeMap<&str, (Vec<&PodDisruptionBudget>, &str)> = std::collections::BTreeMap::new();
    for budget in view.budgets() {
        let Some(selector) = &budget.spec.selector else { continue };
        for pod in view.chosen(&budget.meta.namespace, selector) {
            covered.entry(pod.meta.uid.as_str()).or_insert_with(|| (Vec::new(), pod.meta.name.as_str())).0.push(budget);
        }
    }
    let mut out: Vec<Draft> = Vec::new();
    for (budgets, pod) in covered.into_values().filter(|(b, _)| b.len() > 1) {
        let Some(first) = budgets.first() else { continue };
        let own = first.meta.reference("PodDisruptionBudget");
        if out.iter().any(|d| d.object == own) {
            continue;
        }
        let names: Vec<_> = budgets.iter().map(|b| &b.meta.name).collect();
        let says = format!(
            "covers the same pods as others ({}; `{pod}`): such a pod cannot be evicted, so its node cannot be drained",
            crate::diagnose::words::quoted(&names)
        );
        let d = Draft::new("pdb/overlap", own.clone(), says).severity(Severity::Warning).next(describe(&own));
        out.push(d.touches(budgets.iter().skip(1).map(|b| b.meta.reference("PodDisruptionBudget"))));
    }
    out
}

/// Two autoscalers that pull at one workload.
pub fn twice(view: &View<'_>) -> Vec<Draft> {
    let all = view.autoscalers();
    let mut out = Vec::new();
    for (i, a) in all.iter().enumerate() {
        let others: Vec<_> =
            all.iter().skip(i + 1).filter(|b| b.meta.namespace == a.meta.namespace && b.spec.scale_target_ref == a.spec.scale_target_ref).collect();
        if let Some(b) = others.first() {
            let t = &a.spec.scale_target_ref;
            let says = format!("scales {}/{}, and so does `{}`: they pull against each other", t.kind.to_lowercase(), t.name, b.meta.name);
            out.push(
                Draft::new("hpa/two-for-one", a.meta.reference("HorizontalPodAutoscaler"), says)
                    .severity(Severity::Warning)
                    .touches([b.meta.reference("HorizontalPodAutoscaler")])
                    .next(describe(&b.meta.reference("HorizontalPodAutoscaler"))),
            );
        }
    }
    out
}

/// A disruption budget that blocks, protects nothing, or cannot count.
pub fn budget(view: &View<'_>, b: &PodDisruptionBudget) -> Option<Draft> {
    let own = b.meta.reference("PodDisruptionBudget");
    let s = &b.status;
    let bound = match (&b.spec.min_available, &b.spec.max_unavailable) {
        (Some(min), _) => format!("minAvailable {min}"),
        (_, Some(max)) => format!("maxUnavailable {max}"),
        _ => "its bounds".to_owned(),
    };
    let selector = b.spec.selector.as_ref()?;
    let pods = view.chosen(&b.meta.namespace, selector);
    if pods.is_empty() {
        let made = super::services::carriers(view, &b.meta.namespace);
        // What it is for may be scaled to 0, or make no pods yet.
        if !view.knows_all("Pod", &b.meta.namespace) || view.age(&b.meta) < 30 || made.iter().any(|c| selector.matches(c.labels)) {
            return None;
        }
        let near = super::services::nearly(&selector.match_labels, &made).map_or_else(String::new, |n| format!("; {n}"));
        let d = Draft::new("pdb/selects-nothing", own.clone(), format!("protects nothing: its selector ({}) matches no pod{near}", selector.words()));
        return Some(d.severity(Severity::Warning).proof(field(own.clone(), format!("spec.selector: {}", selector.words()))).next(describe(&own)));
    }
    let failed = condition(&s.conditions, "DisruptionAllowed").filter(|c| c.reason.as_str() == "SyncFailed");
    let unmanaged = view.event("PodDisruptionBudget", &b.meta, &["UnmanagedPods", "CalculateExpectedPodCountFailed"]).filter(|e| view.since(e.last) < 3600);
    if failed.is_some() || unmanaged.is_some() {
        let bare: Vec<_> = pods.iter().filter(|p| p.meta.owner.is_none()).map(|p| &p.meta.name).collect();
        let why = if bare.is_empty() {
            failed.map_or_else(|| "the controller of its pods cannot be asked for their number".to_owned(), |c| short(&c.message, 200))
        } else {
            format!("no controller made {}", crate::diagnose::words::quoted(&bare))
        };
        let d = Draft::new("pdb/cannot-count", own.clone(), format!("cannot count what it protects ({bound}): {why}; it allows no disruption"));
        return Some(d.severity(Severity::Warning).proofs(unmanaged.map(event)).next(describe(&own)));
    }
    if s.disruptions_allowed > 0 || s.expected_pods == 0 {
        return None;
    }
    if s.current_healthy >= s.expected_pods {
        let says = format!("allows no disruption although all {} of its pods are healthy ({bound}): no node with one of them can be drained", s.expected_pods);
        let severity = if s.expected_pods > 1 { Severity::Warning } else { Severity::Info };
        return Some(
            Draft::new("pdb/blocks-drain", own.clone(), says)
                .severity(severity)
                .proof(field(own.clone(), format!("{bound}; expectedPods {}, disruptionsAllowed 0", s.expected_pods)))
                .next(describe(&own)),
        );
    }
    let says = format!("allows no disruption: {} of {} pods are healthy, {} must be ({bound})", s.current_healthy, s.expected_pods, s.desired_healthy);
    Some(Draft::new("pdb/unhealthy", own, says).severity(Severity::Warning).symptom().because(view.spots(&pods)))
}

/// A quota that is used up.
pub fn quota(_: &View<'_>, q: &ResourceQuota) -> Option<Draft> {
    let own = q.meta.reference("ResourceQuota");
    let full: Vec<String> = q
        .status
        .hard
        .iter()
        .filter_map(|(resource, hard)| {
            let used = q.status.used.get(resource)?;
            (hard.milli()? > 0 && used.milli()? >= hard.milli()?).then(|| format!("{resource} {used} of {hard}"))
        })
        .collect();
    (!full.is_empty()).then(|| Draft::new("quota/full", own.clone(), format!("is used up: {}", list(&full))).severity(Severity::Info).next(describe(&own)))
}
