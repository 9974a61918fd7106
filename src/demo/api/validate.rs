//! What can not be: names, labels, and the fields of workloads that people get wrong. The common errors of the real
//! server in its words, not all of them.
use super::json::{fields, int, list, text};
use super::kinds::Kind;
use super::selector::Labels;
use super::status::Cause;
use serde_json::{Value, json};

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

fn is_label(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = |b: Option<&u8>| b.is_some_and(|b| inner(*b));
    let bytes = name.as_bytes();
    bytes.len() <= 63 && ends(bytes.first()) && ends(bytes.last()) && bytes.iter().all(|b| inner(*b) || *b == b'-')
}

fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

fn is_word(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63 && ends(text.chars().next()) && ends(text.chars().last()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn name(kind: &Kind, object: &Value, out: &mut Vec<Cause>) {
    let name = text(object, "/metadata/name");
    let rule = match kind.kind.as_str() {
        "Namespace" if !is_label(name) => LABEL,
        "Service" if !(is_label(name) && name.starts_with(|c: char| c.is_ascii_lowercase())) => LABEL_1035,
        "Namespace" | "Service" => return,
        _ if kind.group == "rbac.authorization.k8s.io" => return,
        _ if is_subdomain(name) => return,
        _ => SUBDOMAIN,
    };
    out.push(Cause::invalid("metadata.name", &name.into(), rule));
}

fn labels(object: &Value, pointer: &str, path: &str, out: &mut Vec<Cause>) {
    for (key, value) in fields(object, pointer) {
        if !key.split_once('/').map_or_else(|| is_word(key), |(prefix, name)| is_subdomain(prefix) && is_word(name)) {
            out.push(Cause::invalid(path, &key.as_str().into(), QUALIFIED));
        }
        let value = value.as_str().unwrap_or_default();
        if !value.is_empty() && !is_word(value) && path != "metadata.annotations" {
            out.push(Cause::invalid(path, &value.into(), VALUE));
        }
    }
}

/// What is wrong with a new object.
pub fn create(kind: &Kind, object: &Value) -> Vec<Cause> {
    let mut out = Vec::new();
    name(kind, object, &mut out);
    both(kind, object, &mut out);
    out
}

/// What is wrong with a changed object.
pub fn update(kind: &Kind, old: &Value, new: &Value) -> Vec<Cause> {
    let mut out = Vec::new();
    let frozen: &[&str] = match (kind.group.as_str(), kind.kind.as_str()) {
        ("apps", "Deployment" | "ReplicaSet" | "DaemonSet") => &["selector"],
        ("batch", "Job") => &["selector", "template", "completionMode"],
        _ => &[],
    };
    for field in frozen {
        let (was, is) = (old.pointer(&format!("/spec/{field}")), new.pointer(&format!("/spec/{field}")));
        if was != is {
            out.push(Cause::invalid(format!("spec.{field}"), is.unwrap_or(&Value::Null), "field is immutable"));
        }
    }
    match kind.kind.as_str() {
        "StatefulSet" => stateful(old, new, &mut out),
        "Pod" => pod_update(old, new, &mut out),
        "ConfigMap" | "Secret" if super::json::flag(old, "/immutable") && old.get("data") != new.get("data") => {
            out.push(Cause::forbidden("data", "field is immutable when `immutable` is set"));
        }
        "PersistentVolumeClaim" => claim_update(old, new, &mut out),
        "RoleBinding" | "ClusterRoleBinding" if old.get("roleRef") != new.get("roleRef") => {
            out.push(Cause::invalid("roleRef", new.get("roleRef").unwrap_or(&Value::Null), "cannot change roleRef"));
        }
        _ => {}
    }
    both(kind, new, &mut out);
    out
}

fn both(kind: &Kind, object: &Value, out: &mut Vec<Cause>) {
    labels(object, "/metadata/labels", "metadata.labels", out);
    labels(object, "/metadata/annotations", "metadata.annotations", out);
    match (kind.group.as_str(), kind.kind.as_str()) {
        ("apps", "ControllerRevision") => {}
        ("apps", _) => workload(object, out),
        ("", "Pod") => pod_spec(object, "/spec", "spec", out),
        ("batch", "Job") => pod_spec(object, "/spec/template/spec", "spec.template.spec", out),
        ("batch", "CronJob") => {
            pod_spec(object, "/spec/jobTemplate/spec/template/spec", "spec.jobTemplate.spec.template.spec", out);
            let schedule = text(object, "/spec/schedule");
            if schedule.is_empty() {
                out.push(Cause::required("spec.schedule", ""));
            } else if !schedule.starts_with('@') && schedule.split_whitespace().count() != 5 {
                let why =
                    format!("expected exactly 5 fields, found {}: {:?}", schedule.split_whitespace().count(), schedule.split_whitespace().collect::<Vec<_>>());
                out.push(Cause::invalid("spec.schedule", &schedule.into(), &why));
            }
        }
        ("", "Service") => service(object, out),
        ("autoscaling", "HorizontalPodAutoscaler") => {
            let (min, max) = (int(object, "/spec/minReplicas").unwrap_or(1), int(object, "/spec/maxReplicas").unwrap_or_default());
            if max < 1 {
                out.push(Cause::invalid("spec.maxReplicas", &max.into(), "must be greater than 0"));
            } else if max < min {
                out.push(Cause::invalid("spec.maxReplicas", &max.into(), "must be greater than or equal to `minReplicas`"));
            }
        }
        _ => {}
    }
}

fn workload(object: &Value, out: &mut Vec<Cause>) {
    if let Some(replicas) = int(object, "/spec/replicas").filter(|n| *n < 0) {
        out.push(Cause::invalid("spec.replicas", &replicas.into(), "must be greater than or equal to 0"));
    }
    let empty = json!({});
    let selector = object.pointer("/spec/selector").unwrap_or(&empty);
    let asks = fields(selector, "/matchLabels").next().is_some() || !list(selector, "/matchExpressions").is_empty();
    if !asks {
        out.push(Cause::required("spec.selector", ""));
    }
    let labels = object.pointer("/spec/template/metadata/labels").unwrap_or(&Value::Null);
    if !asks || !Labels::of_object(selector).matches_labels(labels.as_object()) {
        out.push(Cause::invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
    }
    pod_spec(object, "/spec/template/spec", "spec.template.spec", out);
}

fn pod_spec(object: &Value, pointer: &str, path: &str, out: &mut Vec<Cause>) {
    let Some(spec) = object.pointer(pointer) else {
        out.push(Cause::required(format!("{path}.containers"), ""));
        return;
    };
    if list(spec, "/containers").is_empty() {
        out.push(Cause::required(format!("{path}.containers"), ""));
    }
    // A stateful set's claims are volumes of its pods.
    let claims = list(object, "/spec/volumeClaimTemplates").iter().map(|c| text(c, "/metadata/name"));
    let volumes: Vec<&str> = list(spec, "/volumes").iter().map(|v| text(v, "/name")).chain(claims).collect();
    let mut seen: Vec<&str> = Vec::new();
    for field in ["containers", "initContainers"] {
        for (i, container) in list(spec, &format!("/{field}")).iter().enumerate() {
            let at = format!("{path}.{field}[{i}]");
            let name = text(container, "/name");
            if name.is_empty() {
                out.push(Cause::required(format!("{at}.name"), ""));
            } else if !is_label(name) {
                out.push(Cause::invalid(format!("{at}.name"), &name.into(), LABEL));
            } else if seen.contains(&name) {
                out.push(Cause::duplicate(format!("{at}.name"), &name.into()));
            }
            seen.push(name);
            if text(container, "/image").trim().is_empty() {
                out.push(Cause::required(format!("{at}.image"), ""));
            }
            container_parts(container, &at, &volumes, out);
        }
    }
    let restart = text(spec, "/restartPolicy");
    if path == "spec.template.spec"
        && !restart.is_empty()
        && restart != "Always"
        && object.pointer("/spec/selector").is_some()
        && object.pointer("/spec/completions").is_none()
        && object.pointer("/spec/backoffLimit").is_none()
    {
        out.push(Cause::unsupported(format!("{path}.restartPolicy"), &restart.into(), &["Always"]));
    }
}

fn container_parts(container: &Value, at: &str, volumes: &[&str], out: &mut Vec<Cause>) {
    for (j, port) in list(container, "/ports").iter().enumerate() {
        let n = int(port, "/containerPort").unwrap_or_default();
        if !(1..=65535).contains(&n) {
            out.push(Cause::invalid(format!("{at}.ports[{j}].containerPort"), &n.into(), "must be between 1 and 65535, inclusive"));
        }
    }
    for (j, mount) in list(container, "/volumeMounts").iter().enumerate() {
        let name = text(mount, "/name");
        if !volumes.contains(&name) {
            out.push(Cause::not_found(format!("{at}.volumeMounts[{j}].name"), &name.into()));
        }
    }
    for (name, limit) in fields(container, "/resources/limits") {
        let request = container.pointer("/resources/requests").and_then(|r| r.get(name)).and_then(Value::as_str).unwrap_or_default();
        let (limit, path) = (limit.as_str().unwrap_or_default(), format!("{at}.resources.requests"));
        if let (Some(r), Some(l)) = (super::quota::quantity(request), super::quota::quantity(limit))
            && r > l
        {
            out.push(Cause::invalid(path, &request.into(), &format!("must be less than or equal to {name} limit of {limit}")));
        }
    }
    for field in ["requests", "limits"] {
        for (name, amount) in fields(container, &format!("/resources/{field}")) {
            let amount = amount.as_str().unwrap_or_default();
            if super::quota::quantity(amount).is_none() {
                out.push(Cause::invalid(
                    format!("{at}.resources.{field}[{name}]"),
                    &amount.into(),
                    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                ));
            }
        }
    }
}

fn service(object: &Value, out: &mut Vec<Cause>) {
    let kind = text(object, "/spec/type");
    let ports = list(object, "/spec/ports");
    if ports.is_empty() && kind != "ExternalName" && text(object, "/spec/clusterIP") != "None" {
        out.push(Cause::required("spec.ports", ""));
    }
    if !matches!(kind, "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName" | "") {
        out.push(Cause::unsupported("spec.type", &kind.into(), &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]));
    }
    for (i, port) in ports.iter().enumerate() {
        let n = int(port, "/port").unwrap_or_default();
        if !(1..=65535).contains(&n) {
            out.push(Cause::invalid(format!("spec.ports[{i}].port"), &n.into(), "must be between 1 and 65535, inclusive"));
        }
        if ports.len() > 1 && text(port, "/name").is_empty() {
            out.push(Cause::required(format!("spec.ports[{i}].name"), ""));
        }
    }
}

fn without<'a>(object: &'a Value, fields_: &[&str]) -> Vec<(&'a String, &'a Value)> {
    fields(object, "/spec").filter(|(k, _)| !fields_.contains(&k.as_str())).collect()
}

fn stateful(old: &Value, new: &Value, out: &mut Vec<Cause>) {
    let free = ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];
    if without(old, &free) != without(new, &free) {
        let why = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
        out.push(Cause::forbidden("spec", why));
    }
}

fn claim_update(old: &Value, new: &Value, out: &mut Vec<Cause>) {
    let free = ["resources", "volumeName", "volumeAttributesClassName"];
    if without(old, &free) != without(new, &free) {
        let why = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        out.push(Cause::forbidden("spec", why));
    }
}

fn pod_update(old: &Value, new: &Value, out: &mut Vec<Cause>) {
    let fixed = |pod: &Value| {
        let mut spec = pod.get("spec").cloned().unwrap_or_default();
        for field in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "nodeName", "schedulingGates"] {
            if let Some(map) = spec.as_object_mut() {
                map.remove(field);
            }
        }
        for field in ["containers", "initContainers"] {
            for container in spec.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(map) = container.as_object_mut() {
                    map.remove("image");
                }
            }
        }
        spec
    };
    if fixed(old) != fixed(new) {
        let why = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        out.push(Cause::forbidden("spec", why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::api::status::Fail;

    fn said(kind: &str, causes: &[Cause]) -> String {
        Fail::invalid("", kind, "n", causes).message
    }

    #[test]
    fn the_common_errors_are_found() {
        let deployment = Kind { group: "apps".into(), kind: "Deployment".into(), ..Kind::default() };
        let new = |spec: Value| json!({"metadata": {"name": "d"}, "spec": spec});
        let empty = said("", &create(&deployment, &new(json!({}))));
        assert!(empty.contains("spec.selector: Required value, spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`, spec.template.spec.containers: Required value"), "{empty}");
        let good = json!({"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}});
        assert!(create(&deployment, &new(good.clone())).is_empty());
        let mut other = good.clone();
        other["selector"]["matchLabels"] = json!({"x": "y"});
        assert!(
            said("", &update(&deployment, &new(good), &new(other)))
                .contains("spec.selector: Invalid value: {\"matchLabels\":{\"x\":\"y\"}}: field is immutable")
        );
    }

    #[test]
    fn a_stateful_set_mounts_its_claims_and_nothing_else_that_is_not_there() {
        let set = Kind { group: "apps".into(), kind: "StatefulSet".into(), ..Kind::default() };
        let mounting = |name: &str| {
            let container = json!({"name": "c", "image": "i", "volumeMounts": [{"name": name, "mountPath": "/data"}]});
            json!({"metadata": {"name": "s"}, "spec": {"serviceName": "s", "selector": {"matchLabels": {"a": "b"}}, "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
                "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [container]}}}})
        };
        assert!(create(&set, &mounting("data")).is_empty());
        assert!(said("", &create(&set, &mounting("date"))).contains("volumeMounts[0].name: Not found: \"date\""));
    }

    #[test]
    fn names_and_labels_are_checked() {
        let map = Kind { kind: "ConfigMap".into(), ..Kind::default() };
        for (name, ok) in [("a", true), ("a.b-c", true), ("X Y", false), ("a_b", false), ("-a", false)] {
            assert_eq!(create(&map, &json!({"metadata": {"name": name}})).is_empty(), ok, "{name}");
        }
        for (key, value, ok) in [("a", "b", true), ("x.io/a", "", true), ("A B", "x", false), ("a", "b c", false)] {
            assert_eq!(create(&map, &json!({"metadata": {"name": "a", "labels": {key: value}}})).is_empty(), ok, "{key}={value}");
        }
    }
}
