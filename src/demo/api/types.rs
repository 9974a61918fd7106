//! The Go types of the built-in kinds, by way of `k8s-openapi`: a value of the wrong type is refused, an unknown field
//! is dropped, as the real server's decoder does both.
use super::json::object;
use super::kinds::Kind;
use k8s_openapi::api;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn through<T: DeserializeOwned + Serialize>(value: Value) -> Result<Value, String> {
    let typed: T = serde_json::from_value(value).map_err(|e| e.to_string())?;
    serde_json::to_value(typed).map_err(|e| e.to_string())
}

macro_rules! types {
    ($value:expr, $kind:expr; $($group:literal / $name:ident => $path:path),* $(,)?) => {
        match ($kind.group.as_str(), $kind.kind.as_str()) {
            $(($group, stringify!($name)) => through::<$path>($value),)*
            _ => Ok($value),
        }
    };
}

/// An object as its kind's type reads it. Kinds without a known type pass as they are.
pub fn typed(kind: &Kind, mut value: Value) -> Result<Value, String> {
    quantities(&mut value);
    let mut out = types!(value, kind;
        ""/ConfigMap => api::core::v1::ConfigMap,
        ""/Endpoints => api::core::v1::Endpoints,
        ""/Event => api::core::v1::Event,
        ""/LimitRange => api::core::v1::LimitRange,
        ""/Namespace => api::core::v1::Namespace,
        ""/Node => api::core::v1::Node,
        ""/PersistentVolumeClaim => api::core::v1::PersistentVolumeClaim,
        ""/PersistentVolume => api::core::v1::PersistentVolume,
        ""/Pod => api::core::v1::Pod,
        ""/ReplicationController => api::core::v1::ReplicationController,
        ""/ResourceQuota => api::core::v1::ResourceQuota,
        ""/Secret => api::core::v1::Secret,
        ""/ServiceAccount => api::core::v1::ServiceAccount,
        ""/Service => api::core::v1::Service,
        "apps"/ControllerRevision => api::apps::v1::ControllerRevision,
        "apps"/DaemonSet => api::apps::v1::DaemonSet,
        "apps"/Deployment => api::apps::v1::Deployment,
        "apps"/ReplicaSet => api::apps::v1::ReplicaSet,
        "apps"/StatefulSet => api::apps::v1::StatefulSet,
        "events.k8s.io"/Event => api::events::v1::Event,
        "autoscaling"/HorizontalPodAutoscaler => api::autoscaling::v2::HorizontalPodAutoscaler,
        "autoscaling"/Scale => api::autoscaling::v1::Scale,
        "batch"/CronJob => api::batch::v1::CronJob,
        "batch"/Job => api::batch::v1::Job,
        "certificates.k8s.io"/CertificateSigningRequest => api::certificates::v1::CertificateSigningRequest,
        "networking.k8s.io"/IngressClass => api::networking::v1::IngressClass,
        "networking.k8s.io"/Ingress => api::networking::v1::Ingress,
        "networking.k8s.io"/NetworkPolicy => api::networking::v1::NetworkPolicy,
        "policy"/PodDisruptionBudget => api::policy::v1::PodDisruptionBudget,
        "rbac.authorization.k8s.io"/ClusterRoleBinding => api::rbac::v1::ClusterRoleBinding,
        "rbac.authorization.k8s.io"/ClusterRole => api::rbac::v1::ClusterRole,
        "rbac.authorization.k8s.io"/RoleBinding => api::rbac::v1::RoleBinding,
        "rbac.authorization.k8s.io"/Role => api::rbac::v1::Role,
        "storage.k8s.io"/StorageClass => api::storage::v1::StorageClass,
        "admissionregistration.k8s.io"/MutatingWebhookConfiguration => api::admissionregistration::v1::MutatingWebhookConfiguration,
        "admissionregistration.k8s.io"/ValidatingWebhookConfiguration => api::admissionregistration::v1::ValidatingWebhookConfiguration,
        "scheduling.k8s.io"/PriorityClass => api::scheduling::v1::PriorityClass,
        "coordination.k8s.io"/Lease => api::coordination::v1::Lease,
        "discovery.k8s.io"/EndpointSlice => api::discovery::v1::EndpointSlice,
    )?;
    let map = object(&mut out, &[]);
    map.insert("kind".into(), kind.kind.clone().into());
    map.insert("apiVersion".into(), kind.api_version().into());
    Ok(out)
}

/// Quantities may be written as numbers; they are kept as strings.
fn quantities(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                let holds = matches!(key.as_str(), "limits" | "requests" | "capacity" | "allocatable" | "hard" | "used" | "allocatedResources" | "overhead");
                match inner {
                    Value::Object(amounts) if holds => {
                        for amount in amounts.values_mut().filter(|v| v.is_number()) {
                            *amount = Value::String(amount.to_string());
                        }
                    }
                    Value::Number(n) if matches!(key.as_str(), "sizeLimit" | "averageValue") => *inner = Value::String(n.to_string()),
                    _ => quantities(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(quantities),
        _ => {}
    }
}

/// The paths that `given` has and `kept` has not: fields that the type does not know.
pub fn unknown(given: &Value, kept: &Value) -> Vec<String> {
    let mut out = Vec::new();
    walk(given, kept, "", &mut out);
    out
}

fn walk(given: &Value, kept: &Value, path: &str, out: &mut Vec<String>) {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => {
            for (key, value) in given.iter().filter(|(_, v)| !v.is_null()) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match kept.get(key) {
                    Some(inner) => walk(value, inner, &path, out),
                    None => out.push(path),
                }
            }
        }
        (Value::Array(given), Value::Array(kept)) => {
            for (i, (value, inner)) in given.iter().zip(kept).enumerate() {
                walk(value, inner, &format!("{path}[{i}]"), out);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deployment() -> Kind {
        Kind { group: "apps".into(), version: "v1".into(), kind: "Deployment".into(), ..Kind::default() }
    }

    #[test]
    fn a_wrong_type_is_refused_and_an_unknown_field_is_named_and_dropped() {
        assert!(typed(&deployment(), json!({"spec": {"replicas": "x"}})).is_err());
        let given = json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "foo": 1, "resources": {"limits": {"cpu": 1}}}]}}}});
        let kept = typed(&deployment(), given.clone()).unwrap();
        assert_eq!(unknown(&given, &kept), ["spec.template.spec.containers[0].foo"]);
        assert_eq!(kept.pointer("/spec/template/spec/containers/0/resources/limits/cpu"), Some(&json!("1")));
    }
}
