//! Pod disruption budgets: how many of the pods they select may be taken away now.
use super::deployment::share;
use super::json::{View, condition, is_true, seconds};
use super::pods::active;
use super::selector;
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::{Value, json};

/// Keeps a budget's status.
pub fn reconcile(w: &mut World, key: &Key, budget: &Value) -> Option<Due> {
    let pods: Vec<_> = w.list("pods", &key.namespace).into_iter().filter(|(_, p)| active(p) && selector::matches(budget.at("/spec/selector"), p)).collect();
    let n = |n: usize| i64::try_from(n).unwrap_or_default();
    let (expected, healthy) = (n(pods.len()), n(pods.iter().filter(|(_, p)| is_true(p, "Ready")).count()));
    let desired = if budget.has("/spec/maxUnavailable") {
        (expected - share(budget.at("/spec/maxUnavailable"), expected, true)).max(0)
    } else {
        share(budget.at("/spec/minAvailable"), expected, true)
    };
    let allowed = (healthy - desired).max(0);
    let (state, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let since =
        condition(budget, "DisruptionAllowed").filter(|c| c.text("/status") == state).map_or_else(|| seconds(w.stamp), |c| c.at("/lastTransitionTime").clone());
    let generation = budget.int_or("/metadata/generation", 1);
    let status = json!({
        "conditions": [{"type": "DisruptionAllowed", "status": state, "reason": reason, "message": "", "observedGeneration": generation, "lastTransitionTime": since}],
        "currentHealthy": healthy, "desiredHealthy": desired, "disruptionsAllowed": allowed, "expectedPods": expected, "observedGeneration": generation
    });
    if status != *budget.at("/status") {
        w.set_status(key, status);
    }
    None
}
