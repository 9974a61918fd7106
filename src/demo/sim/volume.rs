//! Claims and volumes: a claim of a known class is bound to a volume made for it; one of an unknown class waits and says
//! so. Claims in use are kept until their last pod is gone.
use super::events::{From, Note};
use super::json::{View, later};
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::{Value, json};

const COMPONENT: &str = "persistentvolume-controller";
/// An unbound claim is looked at this often (in seconds) …
const AGAIN: i64 = 60;
/// … in which the real controller would have looked (and said it) so many times.
const LOOKS: i64 = 4;

/// Binds a claim, or says why it waits.
pub fn reconcile(w: &mut World, key: &Key, claim: &Value) -> Option<Due> {
    if claim.text("/status/phase") == "Bound" {
        return None;
    }
    if claim.has("/spec/volumeName") {
        let volume = claim.text("/spec/volumeName").to_owned();
        return bind_to(w, key, claim, &volume);
    }
    let name = match claim.at("/spec/storageClassName").as_str() {
        Some(name) => name.to_owned(),
        None => default_class(w)?,
    };
    if name.is_empty() {
        return said(
            w,
            claim,
            Note::normal(From::Controller(COMPONENT), "FailedBinding", "no persistent volumes available for this claim and no storage class is set"),
        );
    }
    let Some(class) = w.get(&Key::new("storageclasses.storage.k8s.io", "", &name)) else {
        let text = format!("storageclass.storage.k8s.io \"{name}\" not found");
        return said(w, claim, Note::warning(From::Controller(COMPONENT), "ProvisioningFailed", text));
    };
    if class.text("/volumeBindingMode") == "WaitForFirstConsumer" {
        let Some(pod) = consumer(w, key) else {
            return said(
                w,
                claim,
                Note::normal(From::Controller(COMPONENT), "WaitForFirstConsumer", "waiting for first consumer to be created before binding"),
            );
        };
        if class.text("/provisioner") == "kubernetes.io/no-provisioner" {
            return None;
        }
        w.wake.push(pod);
    }
    provision(w, key, claim, &class, &name);
    None
}

/// Says it, and again while nothing changes.
fn said(w: &mut World, claim: &Value, note: Note<'_>) -> Option<Due> {
    let born = claim.time("/metadata/creationTimestamp").unwrap_or(w.clock);
    if let Some(next) = w.last_said(claim, &note).map(|at| later(at, AGAIN)).filter(|next| *next > w.clock) {
        return Due::steady(next);
    }
    let first = super::json::elapsed(born, w.clock) < AGAIN;
    w.event(claim, &note.times(if first { 1 } else { LOOKS }));
    Due::steady(later(w.clock, AGAIN))
}

/// A pod that wants a claim.
fn consumer(w: &mut World, claim: &Key) -> Option<Key> {
    let waiting: Vec<Key> = w.index.unscheduled.iter().filter(|k| k.namespace == claim.namespace).cloned().collect();
    waiting.into_iter().find(|k| w.get(k).is_some_and(|p| claims(&p).any(|c| c == claim.name)))
}

/// The claims of a pod.
pub fn claims(pod: &Value) -> impl Iterator<Item = &str> {
    pod.list("/spec/volumes").iter().map(|v| v.text("/persistentVolumeClaim/claimName")).filter(|c| !c.is_empty())
}

fn default_class(w: &mut World) -> Option<String> {
    let is_default = |c: &Value| c.text("/metadata/annotations/storageclass.kubernetes.io~1is-default-class") == "true";
    w.list_all("storageclasses.storage.k8s.io").into_iter().find(|(_, c)| is_default(c)).map(|(k, _)| k.name)
}

fn provision(w: &mut World, key: &Key, claim: &Value, class: &Value, class_name: &str) {
    let uid = claim.text("/metadata/uid").to_owned();
    let volume = format!("pvc-{uid}");
    let provisioner = class.text("/provisioner").to_owned();
    let policy = if class.has("/reclaimPolicy") { class.text("/reclaimPolicy") } else { "Delete" };
    let mode = if claim.has("/spec/volumeMode") { claim.text("/spec/volumeMode") } else { "Filesystem" };
    w.create(
        &Key::new("persistentvolumes", "", &volume),
        json!({
            "apiVersion": "v1", "kind": "PersistentVolume",
            "metadata": {"annotations": {"pv.kubernetes.io/provisioned-by": provisioner}, "finalizers": ["kubernetes.io/pv-protection"]},
            "spec": {
                "accessModes": claim.at("/spec/accessModes"), "capacity": {"storage": claim.at("/spec/resources/requests/storage")},
                "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": key.name, "namespace": key.namespace, "uid": uid,
                    "resourceVersion": claim.at("/metadata/resourceVersion")},
                "csi": {"driver": provisioner, "fsType": "ext4", "volumeHandle": format!("vol-{}", uid.get(..8).unwrap_or_default())},
                "persistentVolumeReclaimPolicy": policy, "storageClassName": class_name, "volumeMode": mode
            },
            "status": {"phase": "Bound"}
        }),
    );
    for (reason, text) in [
        ("Provisioning", format!("External provisioner is provisioning volume for claim \"{}/{}\"", key.namespace, key.name)),
        ("ProvisioningSucceeded", format!("Successfully provisioned volume {volume}")),
    ] {
        w.event(claim, &Note::normal(From::Controller(&provisioner), reason, text));
    }
    w.edit(key, |c| {
        c.set("/spec/storageClassName", json!(class_name));
        c.set("/metadata/annotations/volume.kubernetes.io~1storage-provisioner", json!(provisioner));
    });
    bind_to(w, key, claim, &volume);
}

fn bind_to(w: &mut World, key: &Key, claim: &Value, volume: &str) -> Option<Due> {
    let Some(pv) = w.get(&Key::new("persistentvolumes", "", volume)) else {
        w.edit(key, |c| c.set("/status/phase", json!("Lost")));
        return None;
    };
    w.edit(key, |c| {
        c.set("/spec/volumeName", json!(volume));
        c.set("/metadata/annotations/pv.kubernetes.io~1bind-completed", json!("yes"));
        c.set("/metadata/annotations/pv.kubernetes.io~1bound-by-controller", json!("yes"));
        c.set("/status", json!({"phase": "Bound", "accessModes": claim.at("/spec/accessModes"), "capacity": pv.at("/spec/capacity")}));
    });
    None
}

/// Lets a deleted claim go when no pod uses it, and with it the volume that was made for it.
pub fn release(w: &mut World, key: &Key, claim: &Value) -> Option<Due> {
    let used = w.list("pods", &key.namespace).iter().any(|(_, p)| !super::index::over(p) && claims(p).any(|c| c == key.name));
    if used {
        return Due::progress(later(w.clock, 5)).filter(|_| w.list("pods", &key.namespace).iter().any(|(_, p)| p.has("/metadata/deletionTimestamp")));
    }
    let others = claim.list("/metadata/finalizers").iter().any(|f| f != "kubernetes.io/pvc-protection");
    if others {
        return None;
    }
    w.remove(key);
    let volume = Key::new("persistentvolumes", "", claim.text("/spec/volumeName"));
    match w.get(&volume).map(|v| v.text("/spec/persistentVolumeReclaimPolicy").to_owned()).as_deref() {
        Some("Delete") => w.remove(&volume),
        Some(_) => {
            w.edit(&volume, |v| v.set("/status/phase", json!("Released")));
        }
        None => {}
    }
    None
}
