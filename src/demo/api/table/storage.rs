//! Rows of claims, volumes and storage classes.
use super::super::json::{flag, list, text};
use serde_json::Value;

fn modes(o: &Value, pointer: &str) -> String {
    let short = |mode: &Value| match mode.as_str().unwrap_or_default() {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "?",
    };
    list(o, pointer).iter().map(short).collect::<Vec<_>>().join(",")
}

fn unset(text: &str) -> Value {
    if text.is_empty() { "<unset>".into() } else { text.into() }
}

/// The cells of an object of storage.
pub fn cells(resource: &str, o: &Value, name: Value, age: Value) -> Vec<Value> {
    let deleting = o.pointer("/metadata/deletionTimestamp").is_some();
    let phase = if deleting { "Terminating" } else { text(o, "/status/phase") };
    let class = text(o, "/spec/storageClassName");
    let attributes = unset(text(o, "/spec/volumeAttributesClassName"));
    match resource {
        "persistentvolumeclaims" => {
            let volume = text(o, "/spec/volumeName");
            let (capacity, modes) = if volume.is_empty() {
                (String::new(), String::new())
            } else {
                (text(o, "/status/capacity/storage").to_owned(), modes(o, "/status/accessModes"))
            };
            vec![name, phase.into(), volume.into(), capacity.into(), modes.into(), class.into(), attributes, age, unset(text(o, "/spec/volumeMode"))]
        }
        "persistentvolumes" => {
            let claim = match text(o, "/spec/claimRef/name") {
                "" => String::new(),
                claim => format!("{}/{claim}", text(o, "/spec/claimRef/namespace")),
            };
            vec![
                name,
                text(o, "/spec/capacity/storage").into(),
                modes(o, "/spec/accessModes").into(),
                text(o, "/spec/persistentVolumeReclaimPolicy").into(),
                phase.into(),
                claim.into(),
                class.into(),
                attributes,
                text(o, "/status/reason").into(),
                age,
                unset(text(o, "/spec/volumeMode")),
            ]
        }
        _ => {
            let annotation = o.pointer("/metadata/annotations").and_then(|a| a.get("storageclass.kubernetes.io/is-default-class"));
            let name = if annotation.is_some_and(|v| v == "true") { format!("{} (default)", name.as_str().unwrap_or_default()).into() } else { name };
            vec![
                name,
                text(o, "/provisioner").into(),
                text(o, "/reclaimPolicy").into(),
                text(o, "/volumeBindingMode").into(),
                flag(o, "/allowVolumeExpansion").into(),
                age,
            ]
        }
    }
}
