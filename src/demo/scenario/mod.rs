//! The data that an embedded cluster starts from.
//!
//! A scenario is manifests and what was done to them when: the simulation itself makes the pods, the history, the events
//! and the logs out of that, so nothing in a cluster's state is written by hand.
mod faults;
mod load;
mod manifest;
mod nodes;

use super::sim::Sim;
use super::sim::json::{View, later, seconds};
use super::store::{Key, Store};
use crate::model::Timestamp;
use anyhow::{Context as _, bail};
use serde_json::json;

pub use load::load;

const DAY: i64 = 86_400;
/// How long the cluster has been there.
const AGE: i64 = 6 * DAY;

/// The scenarios that there are.
pub const NAMES: &[&str] = &["shop"];

/// Loads a scenario by its name into an empty store, as it is at `now`.
pub fn load_named(name: &str, store: &Store, now: Timestamp) -> anyhow::Result<()> {
    match name {
        "shop" => shop(store, now),
        other => bail!("there is no scenario \"{other}\"; there are: {}", NAMES.join(", ")),
    }
}

/// A web shop on three nodes: most of it healthy for days, eight things broken (see `faults`).
pub fn shop(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let born = later(now, -AGE);
    let mut sim = Sim::new(store.clone());
    nodes::put(store, "node", 3, born);
    manifest::apply(store, include_str!("shop/cluster.yaml"), born).context("shop/cluster.yaml")?;
    sim.step(born);
    for (file, text) in [
        ("platform.yaml", include_str!("shop/platform.yaml")),
        ("others.yaml", include_str!("shop/others.yaml")),
        ("shop.yaml", include_str!("shop/shop.yaml")),
    ] {
        let at = later(born, 600);
        sim.step(at);
        manifest::apply(store, text, at).with_context(|| format!("shop/{file}"))?;
        sim.step(at);
    }
    let at = later(born, 900);
    sim.step(at);
    autoscaler(store, at);
    sim.step(at);
    faults::happen(store, &mut sim, now)?;
    sim.step(now);
    nodes::heartbeat(store, now);
    sim.step(now);
    Ok(())
}

/// What the autoscaler, which is not simulated, last wrote.
fn autoscaler(store: &Store, at: Timestamp) {
    let key = Key::new("horizontalpodautoscalers.autoscaling", "shop", "web");
    let Some(found) = store.get(&key) else { return };
    let mut object = (*found).clone();
    let condition = |kind: &str, state: &str, reason: &str, message: &str| json!({"type": kind, "status": state, "reason": reason, "message": message, "lastTransitionTime": seconds(at)});
    object.set(
        "/status",
        json!({
            "currentReplicas": 3, "desiredReplicas": 3, "lastScaleTime": seconds(at),
            "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 24, "averageValue": "12m"}}}],
            "conditions": [
                condition("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size"),
                condition("ScalingActive", "True", "ValidMetricFound", "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"),
                condition("ScalingLimited", "True", "TooFewReplicas", "the desired replica count is less than the minimum replica count")
            ]
        }),
    );
    store.put(&key, object);
}
