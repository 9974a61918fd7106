//! Table answers: the columns that `kubectl get` prints for each kind, and an object's row in them.
pub mod access;
pub mod age;
pub mod network;
pub mod node;
pub mod pod;
pub mod storage;
pub mod workload;

use super::json::{fields, flag, int, list, plain, set, text};
use super::kinds::Kind;
use super::query::Query;
use super::status::{Cause, Fail};
use crate::demo::store::{Key, Store};
use crate::model::Timestamp;
use serde_json::{Value, json};

/// Columns of a stored resource: name, `:i`, `:b` or `:d` for what is no string, `*` for those of `-o wide`.
fn columns(resource: &str) -> &'static str {
    match resource {
        "pods" => "Name,Ready,Status,Restarts,Age,IP*,Node*,Nominated Node*,Readiness Gates*",
        "deployments.apps" => "Name,Ready,Up-to-date,Available,Age,Containers*,Images*,Selector*",
        "replicasets.apps" | "replicationcontrollers" => "Name,Desired:i,Current:i,Ready:i,Age,Containers*,Images*,Selector*",
        "statefulsets.apps" => "Name,Ready,Age,Containers*,Images*",
        "daemonsets.apps" => "Name,Desired:i,Current:i,Ready:i,Up-to-date:i,Available:i,Node Selector,Age,Containers*,Images*,Selector*",
        "jobs.batch" => "Name,Status,Completions,Duration,Age,Containers*,Images*,Selector*",
        "cronjobs.batch" => "Name,Schedule,Timezone,Suspend:b,Active:i,Last Schedule,Age,Containers*,Images*,Selector*",
        "controllerrevisions.apps" => "Name,Controller,Revision,Age",
        "services" => "Name,Type,Cluster-IP,External-IP,Port(s),Age,Selector*",
        "endpoints" => "Name,Endpoints,Age",
        "endpointslices.discovery.k8s.io" => "Name,AddressType,Ports,Endpoints,Age",
        "ingresses.networking.k8s.io" => "Name,Class,Hosts,Address,Ports,Age",
        "ingressclasses.networking.k8s.io" => "Name,Controller,Parameters,Age",
        "networkpolicies.networking.k8s.io" => "Name,Pod-Selector,Age",
        "configmaps" => "Name,Data,Age",
        "secrets" => "Name,Type,Data,Age",
        "namespaces" => "Name,Status,Age",
        "nodes" => "Name,Status,Roles,Age,Version,Internal-IP*,External-IP*,OS-Image*,Kernel-Version*,Container-Runtime*",
        "persistentvolumeclaims" => "Name,Status,Volume,Capacity,Access Modes,StorageClass,VolumeAttributesClass,Age,VolumeMode*",
        "persistentvolumes" => "Name,Capacity,Access Modes,Reclaim Policy,Status,Claim,StorageClass,VolumeAttributesClass,Reason,Age,VolumeMode*",
        "storageclasses.storage.k8s.io" => "Name,Provisioner,ReclaimPolicy,VolumeBindingMode,AllowVolumeExpansion,Age",
        "horizontalpodautoscalers.autoscaling" => "Name,Reference,Targets,MinPods,MaxPods,Replicas,Age",
        "poddisruptionbudgets.policy" => "Name,Min Available,Max Unavailable,Allowed Disruptions:i,Age",
        "resourcequotas" => "Name,Request,Limit,Age",
        "roles.rbac.authorization.k8s.io" | "clusterroles.rbac.authorization.k8s.io" | "customresourcedefinitions.apiextensions.k8s.io" | "limitranges" => {
            "Name,Created At:d"
        }
        "rolebindings.rbac.authorization.k8s.io" | "clusterrolebindings.rbac.authorization.k8s.io" => "Name,Role,Age,Users*,Groups*,ServiceAccounts*",
        "events" => "Last Seen,Type,Reason,Object,Subobject*,Source*,Message,First Seen*,Count*,Name*",
        "leases.coordination.k8s.io" => "Name,Holder,Age",
        "priorityclasses.scheduling.k8s.io" => "Name,Value:i,Global-Default:b,Age,PreemptionPolicy",
        "validatingwebhookconfigurations.admissionregistration.k8s.io" | "mutatingwebhookconfigurations.admissionregistration.k8s.io" => "Name,Webhooks:i,Age",
        "csinodes.storage.k8s.io" => "Name,Drivers:i,Age",
        "runtimeclasses.node.k8s.io" => "Name,Handler,Age",
        "resourceclaims.resource.k8s.io" => "Name,State,Age",
        "resourceslices.resource.k8s.io" => "Name,Node,Driver,Pool,Age",
        "apiservices.apiregistration.k8s.io" => "Name,Service,Available,Age",
        "certificatesigningrequests.certificates.k8s.io" => "Name,Age,SignerName,Requestor,RequestedDuration,Condition",
        _ => "Name,Age",
    }
}

/// A Table with its columns and no rows.
pub fn head(kind: &Kind, store: &Store) -> Value {
    let mut out: Vec<Value> = columns(&kind.stored).split(',').map(column).collect();
    let extra = printer_columns(kind, store);
    if !extra.is_empty() {
        out = vec![column("Name")];
        out.extend(extra.iter().map(|c| json!({"name": text(c, "/name"), "type": text(c, "/type"), "format": "", "description": text(c, "/description"), "priority": int(c, "/priority").unwrap_or_default()})));
    }
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": out, "rows": []})
}

fn column(text: &str) -> Value {
    let (text, priority) = text.strip_suffix('*').map_or((text, 0), |t| (t, 1));
    let (name, kind) = match text.split_once(':') {
        Some((name, "i")) => (name, "integer"),
        Some((name, "b")) => (name, "boolean"),
        Some((name, _)) => (name, "date"),
        None => (text, "string"),
    };
    json!({"name": name, "type": kind, "format": if name == "Name" { "name" } else { "" }, "description": name, "priority": priority})
}

/// The columns that a custom kind's definition asks for.
fn printer_columns(kind: &Kind, store: &Store) -> Vec<Value> {
    if !kind.custom {
        return Vec::new();
    }
    let definition = store.get(&Key::new("customresourcedefinitions.apiextensions.k8s.io", "", &kind.resource()));
    let versions = definition.as_deref().map(|d| list(d, "/spec/versions").to_vec()).unwrap_or_default();
    versions.iter().find(|v| text(v, "/name") == kind.version).map(|v| list(v, "/additionalPrinterColumns").to_vec()).unwrap_or_default()
}

/// An object's row, with as much of the object as `includeObject` asks for.
pub fn row(kind: &Kind, object: &Value, now: Timestamp, store: &Store, query: &Query) -> Result<Value, Fail> {
    let shown = match query.get("includeObject") {
        "" | "Metadata" => super::answer::partial(object),
        "Object" => super::answer::view(kind, object),
        "None" => Value::Null,
        other => return Err(Fail::options("TableOptions", Cause::unsupported("includeObject", &other.into(), &["Metadata", "None", "Object", ""]))),
    };
    let extra = printer_columns(kind, store);
    let cells = if extra.is_empty() { cells(&kind.stored, object, now) } else { custom(object, &extra, now) };
    let mut out = json!({"cells": cells, "object": shown});
    let phase = text(object, "/status/phase");
    if kind.stored == "pods" && matches!(phase, "Succeeded" | "Failed") {
        let message = if phase == "Succeeded" { "The pod has completed successfully." } else { "The pod failed." };
        set(&mut out, "conditions", json!([{"type": "Completed", "status": "True", "reason": phase, "message": message}]));
    }
    Ok(out)
}

fn custom(object: &Value, columns: &[Value], now: Timestamp) -> Vec<Value> {
    let mut out = vec![text(object, "/metadata/name").into()];
    for column in columns {
        let pointer = text(column, "/jsonPath").replace('.', "/");
        let value = object.pointer(&pointer).cloned().unwrap_or_default();
        out.push(if text(column, "/type") == "date" { age::since(value.as_str(), now).into() } else { value });
    }
    out
}

/// `<none>` for nothing.
pub fn or_none(text: &str) -> String {
    if text.is_empty() { "<none>".to_owned() } else { text.to_owned() }
}

/// `a=b,c=d`, or `<none>`.
pub fn pairs(object: &Value, pointer: &str) -> String {
    or_none(&fields(object, pointer).map(|(k, v)| format!("{k}={}", plain(v))).collect::<Vec<_>>().join(","))
}

/// A label selector as kubectl prints it.
pub fn selector(object: &Value, pointer: &str) -> String {
    let mut parts: Vec<String> = fields(object, &format!("{pointer}/matchLabels")).map(|(k, v)| format!("{k}={}", plain(v))).collect();
    for e in list(object, &format!("{pointer}/matchExpressions")) {
        let (key, values) = (text(e, "/key"), list(e, "/values").iter().map(plain).collect::<Vec<_>>().join(","));
        parts.push(match text(e, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        });
    }
    or_none(&parts.join(","))
}

fn cells(resource: &str, o: &Value, now: Timestamp) -> Vec<Value> {
    let name = Value::from(text(o, "/metadata/name"));
    let age = Value::from(age::since(o.pointer("/metadata/creationTimestamp").and_then(Value::as_str), now));
    match resource {
        "pods" => pod::cells(o, now),
        "deployments.apps" | "replicasets.apps" | "replicationcontrollers" | "statefulsets.apps" | "daemonsets.apps" | "jobs.batch" | "cronjobs.batch" => {
            workload::cells(resource, o, now)
        }
        "services" | "endpoints" | "endpointslices.discovery.k8s.io" | "ingresses.networking.k8s.io" | "networkpolicies.networking.k8s.io" => {
            network::cells(resource, o, name, age)
        }
        "persistentvolumeclaims" | "persistentvolumes" | "storageclasses.storage.k8s.io" => storage::cells(resource, o, name, age),
        "nodes" => node::cells(o, name, age),
        "events" => node::event(o, now),
        "horizontalpodautoscalers.autoscaling" => workload::autoscaler(o, age),
        "rolebindings.rbac.authorization.k8s.io" | "clusterrolebindings.rbac.authorization.k8s.io" => access::binding(o, age),
        "resourcequotas" => access::quota(o, age),
        "roles.rbac.authorization.k8s.io" | "clusterroles.rbac.authorization.k8s.io" | "customresourcedefinitions.apiextensions.k8s.io" | "limitranges" => {
            vec![name, text(o, "/metadata/creationTimestamp").into()]
        }
        "csinodes.storage.k8s.io" => vec![name, list(o, "/spec/drivers").len().into(), age],
        "runtimeclasses.node.k8s.io" => vec![name, text(o, "/handler").into(), age],
        "resourceclaims.resource.k8s.io" => vec![name, if o.pointer("/status/allocation").is_some() { "allocated,reserved" } else { "pending" }.into(), age],
        "resourceslices.resource.k8s.io" => {
            vec![name, text(o, "/spec/nodeName").into(), text(o, "/spec/driver").into(), text(o, "/spec/pool/name").into(), age]
        }
        "configmaps" => vec![name, (fields(o, "/data").count() + fields(o, "/binaryData").count()).into(), age],
        "secrets" => vec![name, text(o, "/type").into(), fields(o, "/data").count().into(), age],
        "namespaces" => vec![name, text(o, "/status/phase").into(), age],
        "poddisruptionbudgets.policy" => {
            let or_na = |p: &str| o.pointer(p).map_or_else(|| "N/A".to_owned(), plain);
            vec![
                name,
                or_na("/spec/minAvailable").into(),
                or_na("/spec/maxUnavailable").into(),
                int(o, "/status/disruptionsAllowed").unwrap_or_default().into(),
                age,
            ]
        }
        "leases.coordination.k8s.io" => vec![name, text(o, "/spec/holderIdentity").into(), age],
        "priorityclasses.scheduling.k8s.io" => {
            vec![name, int(o, "/value").unwrap_or_default().into(), flag(o, "/globalDefault").into(), age, text(o, "/preemptionPolicy").into()]
        }
        "ingressclasses.networking.k8s.io" => {
            let parameters = match text(o, "/spec/parameters/kind") {
                "" => "<none>".to_owned(),
                kind => format!("{kind}.{}/{}", text(o, "/spec/parameters/apiGroup"), text(o, "/spec/parameters/name")),
            };
            vec![name, text(o, "/spec/controller").into(), parameters.into(), age]
        }
        "validatingwebhookconfigurations.admissionregistration.k8s.io" | "mutatingwebhookconfigurations.admissionregistration.k8s.io" => {
            vec![name, list(o, "/webhooks").len().into(), age]
        }
        "apiservices.apiregistration.k8s.io" => {
            let service = match text(o, "/spec/service/name") {
                "" => "Local".to_owned(),
                service => format!("{}/{service}", text(o, "/spec/service/namespace")),
            };
            let available = list(o, "/status/conditions").iter().find(|c| text(c, "/type") == "Available");
            let available = available.map_or("Unknown".to_owned(), |c| match text(c, "/status") {
                "True" => "True".to_owned(),
                status => format!("{status} ({})", text(c, "/reason")),
            });
            vec![name, service.into(), available.into(), age]
        }
        "controllerrevisions.apps" => {
            let owner = list(o, "/metadata/ownerReferences").first().map_or("<none>".to_owned(), |r| {
                let group = super::kinds::group_version(text(r, "/apiVersion")).0;
                format!("{}.{group}/{}", text(r, "/kind").to_lowercase(), text(r, "/name"))
            });
            vec![name, owner.into(), int(o, "/revision").unwrap_or_default().into(), age]
        }
        "certificatesigningrequests.certificates.k8s.io" => {
            let condition = list(o, "/status/conditions").iter().map(|c| text(c, "/type")).collect::<Vec<_>>().join(",");
            let condition = if condition.is_empty() { "Pending".to_owned() } else { condition };
            vec![name, age, text(o, "/spec/signerName").into(), text(o, "/spec/username").into(), "<none>".into(), condition.into()]
        }
        _ => vec![name, age],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_cell_for_each_column() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        for kind in crate::demo::api::kinds::all(&Store::new()).iter().filter(|k| !k.stored.is_empty()) {
            let object = json!({"metadata": {"name": "x", "creationTimestamp": "2023-11-14T22:00:00Z"}});
            assert_eq!(cells(&kind.stored, &object, now).len(), columns(&kind.stored).split(',').count(), "{}", kind.stored);
        }
    }
}
