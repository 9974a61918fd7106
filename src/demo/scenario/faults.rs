//! What was done to the shop, when, and what broke by it. Each is undone by the obvious change.
//!
//! 1 `shop/api`: its second revision renamed `DB_HOST`. 2 `payments/invoices`: asks for `smtp_host` of a ConfigMap that
//! has `smtp-host`. 3 `shop/search`: image tag 2.9.0 was never pushed. 4 `data/worker`: needs 96Mi, may use 64Mi.
//! 5 `data/reports-db`: storage class `fast-ssd` does not exist (`fast` does). 6 Service `shop/cart` selects `carts`.
//! 7 `payments/fraud`: its readiness probe asks port 8081, it listens on 8080. 8 `payments/ledger`: its new revision
//! asks for more memory than the quota has left.
use super::manifest;
use crate::demo::sim::Sim;
use crate::demo::sim::json::{View, later};
use crate::demo::store::{Key, Store};
use crate::model::Timestamp;
use anyhow::Context as _;
use serde_json::{Value, json};

const MINUTE: i64 = 60;
const FIRST: &str = "/spec/template/spec/containers/0";

/// Lets everything happen at its time, up to `now`.
pub fn happen(store: &Store, sim: &mut Sim, now: Timestamp) -> anyhow::Result<()> {
    let ago = |minutes: i64| later(now, -minutes * MINUTE);
    let deployment = |namespace: &str, name: &str| Key::new("deployments.apps", namespace, name);
    change(store, sim, ago(3 * 24 * 60), &deployment("shop", "web"), |d| image(d, "registry.shop.example/web:3.1.1"))?;
    change(store, sim, ago(5 * 60), &Key::new("services", "shop", "cart"), |s| s.set("/spec/selector", json!({"app": "carts"})))?;
    sim.step(ago(100));
    manifest::apply(store, include_str!("shop/broken.yaml"), ago(100)).context("shop/broken.yaml")?;
    sim.step(ago(100));
    change(store, sim, ago(48), &deployment("shop", "api"), |d| {
        image(d, "registry.shop.example/api:1.5.0");
        d.set("/metadata/annotations/kubernetes.io~1change-cause", json!("api 1.5.0: settings renamed"));
        if let Some(name) = d.pointer_mut(&format!("{FIRST}/env/0/name")) {
            *name = json!("DB_HOSTNAME");
        }
    })?;
    change(store, sim, ago(25), &deployment("shop", "search"), |d| image(d, "registry.shop.example/search:2.9.0"))?;
    change(store, sim, ago(12), &deployment("payments", "ledger"), |d| {
        image(d, "registry.shop.example/ledger:6.2.0");
        if let Some(resources) = d.pointer_mut(&format!("{FIRST}/resources")) {
            *resources = json!({"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}});
        }
    })?;
    Ok(())
}

fn image(deployment: &mut Value, image: &str) {
    if let Some(place) = deployment.pointer_mut(&format!("{FIRST}/image")) {
        *place = json!(image);
    }
}

/// Somebody changes an object.
fn change(store: &Store, sim: &mut Sim, at: Timestamp, key: &Key, f: impl FnOnce(&mut Value)) -> anyhow::Result<()> {
    sim.step(at);
    let found = store.get(key).with_context(|| format!("the scenario changes {} {}/{}, which it does not have", key.resource, key.namespace, key.name))?;
    let mut object = (*found).clone();
    f(&mut object);
    let generation = object.int("/metadata/generation");
    if generation > 0 && object.at("/spec") != found.at("/spec") {
        object.set("/metadata/generation", json!(generation + 1));
    }
    store.put(key, object);
    sim.step(at);
    Ok(())
}
