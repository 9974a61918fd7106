//! Claims and volumes: why a claim stays Pending, what was lost, what does not grow. A claim that waits for its first consumer
//! is fine.
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::spot::Spot;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, quoted, short};
use crate::model::snapshot::read::{Quantity, condition};
use crate::model::snapshot::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::model::{ObjectRef, Severity};
use crate::text::Clean;

/// The provisioner of classes that only bind volumes somebody else made.
const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// Why a claim is not bound, or does not grow.
pub fn claim(view: &View<'_>, c: &PersistentVolumeClaim) -> Option<Draft> {
    if c.meta.deleted.is_some() {
        return None;
    }
    let own = c.meta.reference("PersistentVolumeClaim");
    match c.status.phase.as_str() {
        "Lost" => {
            let says = format!("has lost its volume `{}`: it does not exist any more", c.spec.volume_name);
            let d = Draft::new("claim/lost", own.clone(), says).severity(Severity::Critical).cause(ObjectRef::new(
                "PersistentVolume",
                "",
                c.spec.volume_name.as_str(),
            ));
            Some(d.next(describe(&own)))
        }
        "Pending" => pending(view, c).map(|d| d.touches(users(view, c)).next(describe(&own))),
        _ => resizing(view, c),
    }
}

/// Pods that mount a claim, and what made them.
fn users(view: &View<'_>, c: &PersistentVolumeClaim) -> Vec<Spot> {
    view.spots(&view.mounting(&c.meta)).collect()
}

fn resizing(view: &View<'_>, c: &PersistentVolumeClaim) -> Option<Draft> {
    let own = c.meta.reference("PersistentVolumeClaim");
    let e = view
        .event("PersistentVolumeClaim", &c.meta, &["VolumeResizeFailed", "FileSystemResizeFailed", "ExternalExpanding"])
        .filter(|e| view.since(e.last) < 3600 && e.warning);
    if let Some(e) = e {
        return Some(
            Draft::new("claim/resize", own.clone(), format!("does not grow: {}", short(&e.message, 240)))
                .severity(Severity::Warning)
                .proof(event(e))
                .next(describe(&own)),
        );
    }
    let waits = condition(&c.status.conditions, "FileSystemResizePending")
        .filter(|c| c.status.as_str() == "True" && c.last_transition_time.is_some_and(|t| view.since(t) > 600));
    waits.map(|_| {
        Draft::new("claim/resize", own.clone(), "grows when a pod that mounts it is started again (FileSystemResizePending)")
            .severity(Severity::Warning)
            .next(describe(&own))
    })
}

fn pending(view: &View<'_>, c: &PersistentVolumeClaim) -> Option<Draft> {
    let own = c.meta.reference("PersistentVolumeClaim");
    let classes = view.storage_classes();
    let told = |reasons: &[&str]| view.event("PersistentVolumeClaim", &c.meta, reasons);
    let with = |d: Draft| d.proofs(told(&["ProvisioningFailed", "FailedBinding", "VolumeMismatch"]).map(event));
    let class = match &c.spec.storage_class_name {
        Some(name) if !name.is_empty() => {
            if view.is_missing("StorageClass", "", name) && unbound_static(view, c, name).is_none() {
                return Some(with(missing_class(view, own, name)).next("get storageclasses"));
            }
            classes.iter().find(|s| s.meta.name == *name)
        }
        Some(_) => None,
        None => {
            let default = classes.iter().find(|s| s.marks.annotations.default_storage.as_str() == "true");
            if default.is_none() && view.saw_all("StorageClass") && view.age(&c.meta) > 15 {
                let have = if classes.is_empty() {
                    "there is none".to_owned()
                } else {
                    format!("there is {}", quoted(&classes.iter().map(|s| &s.meta.name).collect::<Vec<_>>()))
                };
                let says = format!("names no storageClassName, and no StorageClass is the default ({have})");
                return Some(with(Draft::new("claim/no-default-class", own, says)).next("get storageclasses"));
            }
            default
        }
    };
    if !c.spec.volume_name.is_empty() {
        return named_volume(view, c).map(with);
    }
    // A class without a provisioner binds what is there; that it makes nothing is not why.
    let by_hand = class.is_none() && c.spec.storage_class_name.as_ref().is_some_and(|n| unbound_static(view, c, n).is_some());
    let makes = !by_hand && class.is_none_or(|s| s.provisioner.as_str() != NO_PROVISIONER);
    if let Some(e) = told(&["ProvisioningFailed"]).filter(|e| makes && view.since(e.last) < 3600) {
        return Some(Draft::new("claim/provisioning", own, format!("no volume can be made for it: {}", short(&e.message, 300))).proof(event(e)));
    }
    by_class(view, c, class)
}

fn missing_class(view: &View<'_>, own: ObjectRef, name: &Clean) -> Draft {
    let classes = view.storage_classes();
    let near = view.near("StorageClass", "", name).map_or_else(
        || {
            if classes.is_empty() {
                "; there is no StorageClass at all".to_owned()
            } else {
                format!("; there is {}", quoted(&classes.iter().map(|s| &s.meta.name).collect::<Vec<_>>()))
            }
        },
        |n| format!("; `{n}` does"),
    );
    Draft::new("claim/missing-class", own.clone(), format!("stays Pending: StorageClass `{name}` does not exist{near}"))
        .cause(ObjectRef::new("StorageClass", "", name.as_str()))
        .proof(field(own, format!("spec.storageClassName: {name}")))
}

/// A claim may name a class that only volumes have, which somebody makes by hand: then one of those must fit.
fn unbound_static<'a>(view: &View<'a>, c: &PersistentVolumeClaim, class: &str) -> Option<&'a PersistentVolume> {
    let free = |v: &PersistentVolume| v.status.phase.as_str() != "Bound" || v.spec.claim_ref.as_ref().is_none_or(|r| r.name == c.meta.name);
    view.volumes().iter().find(|v| v.spec.storage_class_name.as_str() == class && free(v))
}

fn named_volume(view: &View<'_>, c: &PersistentVolumeClaim) -> Option<Draft> {
    let own = c.meta.reference("PersistentVolumeClaim");
    let name = c.spec.volume_name.as_str();
    if view.is_missing("PersistentVolume", "", name) {
        let near = view.near_words("PersistentVolume", "", name);
        return Some(
            Draft::new("claim/missing-volume", own, format!("wants the PersistentVolume `{name}`, which does not exist{near}")).cause(ObjectRef::new(
                "PersistentVolume",
                "",
                name,
            )),
        );
    }
    let v = view.volume("", name)?;
    let why = unfit(c, v)?;
    Some(Draft::new("claim/volume-mismatch", own, format!("cannot have the PersistentVolume `{name}`: {why}")).cause(v.meta.reference("PersistentVolume")))
}

fn storage(map: &std::collections::BTreeMap<Clean, Quantity>) -> Option<&Quantity> {
    map.get("storage")
}

/// Why a volume does not do for a claim.
fn unfit(c: &PersistentVolumeClaim, v: &PersistentVolume) -> Option<String> {
    if let Some(r) = v.spec.claim_ref.as_ref().filter(|r| r.name != c.meta.name || r.namespace != c.meta.namespace) {
        let gone = if v.status.phase.as_str() == "Released" { "is Released: it still names the deleted claim" } else { "belongs to claim" };
        return Some(format!("it {gone} {}/{}", r.namespace, r.name));
    }
    let class = c.spec.storage_class_name.clone().unwrap_or_default();
    if class != v.spec.storage_class_name {
        return Some(format!("its class is `{}`, the claim wants `{class}`", v.spec.storage_class_name));
    }
    if let (Some(want), Some(have)) = (storage(&c.spec.resources.requests), storage(&v.spec.capacity))
        && want.milli() > have.milli()
    {
        return Some(format!("it holds {have}, the claim wants {want}"));
    }
    let modes: Vec<_> = c.spec.access_modes.iter().filter(|m| !v.spec.access_modes.contains(m)).collect();
    if !modes.is_empty() {
        return Some(format!("it cannot be mounted {}, only {}", quoted(&modes), quoted(&v.spec.access_modes)));
    }
    let mode = |m: &Clean| if m.is_empty() { "Filesystem".to_owned() } else { m.to_string() };
    if mode(&c.spec.volume_mode) != mode(&v.spec.volume_mode) {
        return Some(format!("its volumeMode is {}, the claim wants {}", mode(&v.spec.volume_mode), mode(&c.spec.volume_mode)));
    }
    if !c.spec.selector.matches(&v.meta.labels) {
        let labels: Vec<String> = v.meta.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let have = if labels.is_empty() { "it has no labels".to_owned() } else { format!("it says {}", labels.join(",")) };
        return Some(format!("{have}, the claim's selector wants {}", c.spec.selector.words()));
    }
    if !matches!(v.status.phase.as_str(), "Available" | "Bound" | "") {
        return Some(format!("it is {}", v.status.phase));
    }
    None
}

/// Where no node reaches a volume.
fn unreached(view: &View<'_>, v: &PersistentVolume) -> Option<String> {
    let terms = &v.spec.node_affinity.required.node_selector_terms;
    let nodes = view.nodes();
    let reached = nodes.iter().any(|n| terms.iter().any(|t| t.match_expressions.iter().all(|e| e.matches(&n.meta.labels))));
    let wants: Vec<String> = terms.iter().flat_map(|t| &t.match_expressions).map(crate::model::snapshot::selector::Expression::words).collect();
    (!wants.is_empty() && !nodes.is_empty() && !reached && view.saw_all("Node"))
        .then(|| format!("only nodes with {} reach it, and there is none", crate::diagnose::words::list(&wants)))
}

/// A claim whose class exists: who should make or bind its volume?
fn by_class(view: &View<'_>, c: &PersistentVolumeClaim, class: Option<&StorageClass>) -> Option<Draft> {
    let own = c.meta.reference("PersistentVolumeClaim");
    let waited = view.age(&c.meta);
    let waits = class.is_some_and(|s| s.volume_binding_mode.as_str() == "WaitForFirstConsumer");
    let used = users(view, c);
    let provisioner = class.map_or("", |s| s.provisioner.as_str());
    if let Some(s) = class.filter(|_| !provisioner.is_empty() && provisioner != NO_PROVISIONER) {
        let asked = view.event("PersistentVolumeClaim", &c.meta, &["ExternalProvisioning"]);
        if waits && asked.is_none() {
            return None;
        }
        return (waited > 60 || asked.is_some() && waited > 45).then(|| {
            let says = format!(
                "stays Pending for {}: StorageClass `{}` leaves it to the provisioner `{provisioner}`, which has made no volume; does it run?",
                age(waited),
                s.meta.name
            );
            Draft::new("claim/no-provisioner", own, says).proofs(asked.map(event)).cause(s.meta.reference("StorageClass")).next("get pods -A")
        });
    }
    if waits && used.is_empty() || waited < 20 {
        return None;
    }
    let named = c.spec.storage_class_name.as_ref().filter(|n| !n.is_empty());
    let words = match (class, named) {
        (Some(s), _) => format!("its class `{}` makes no volumes", s.meta.name),
        (None, Some(name)) => format!("no StorageClass makes volumes of its class `{name}`"),
        (None, None) => "it names no class".to_owned(),
    };
    if !view.saw_all("PersistentVolume") {
        return None;
    }
    // Volumes of its class come nearest; others are told only where there is none of it.
    let of_class = |v: &&PersistentVolume| v.spec.storage_class_name == class.map_or_else(|| named.cloned().unwrap_or_default(), |s| s.meta.name.clone());
    let mut volumes: Vec<&PersistentVolume> = view.volumes().iter().filter(of_class).collect();
    if volumes.is_empty() {
        volumes = view.volumes().iter().collect();
    }
    volumes.sort_by_key(|v| v.status.phase.as_str() == "Bound");
    let near: Vec<String> =
        volumes.into_iter().filter_map(|v| unfit(c, v).or_else(|| unreached(view, v)).map(|w| format!("`{}`: {w}", v.meta.name))).take(3).collect();
    let have = if near.is_empty() { "there is no PersistentVolume for it".to_owned() } else { format!("no PersistentVolume fits ({})", near.join("; ")) };
    let told = view.event("PersistentVolumeClaim", &c.meta, &["FailedBinding"]);
    Some(Draft::new("claim/no-volume", own, format!("stays Pending: {words}, and {have}")).proofs(told.map(event)).next("get persistentvolumes"))
}

/// A volume that failed or waits for somebody.
pub fn volume(view: &View<'_>, v: &PersistentVolume) -> Option<Draft> {
    let own = v.meta.reference("PersistentVolume");
    if let Some(e) = view.event("PersistentVolume", &v.meta, &["VolumeFailedDelete", "VolumeFailedRecycle"]).filter(|e| view.since(e.last) < 3600) {
        let d = Draft::new("volume/delete-failed", own.clone(), format!("cannot be deleted: {}", short(&e.message, 240))).severity(Severity::Warning);
        return Some(d.proof(event(e)).next(describe(&own)));
    }
    let claim = v.spec.claim_ref.as_ref().map_or_else(String::new, |c| format!(" {}/{}", c.namespace, c.name));
    match v.status.phase.as_str() {
        "Failed" => Some(Draft::new("volume/failed", own.clone(), format!("failed: {} {}", v.status.reason, v.status.message)).next(describe(&own))),
        "Released" => Some(Draft::new("volume/released", own, format!("is released: its claim{claim} is gone and its data is kept")).severity(Severity::Info)),
        _ => None,
    }
}

/// Classes that are all the default.
pub fn defaults(view: &View<'_>) -> Option<Draft> {
    let all: Vec<_> = view.storage_classes().iter().filter(|s| s.marks.annotations.default_storage.as_str() == "true").collect();
    let first = all.first().filter(|_| all.len() > 1)?;
    let names: Vec<_> = all.iter().map(|s| &s.meta.name).collect();
    Some(
        Draft::new("storageclass/many-defaults", first.meta.reference("StorageClass"), format!("is not the only default: {}", quoted(&names)))
            .severity(Severity::Info),
    )
}
