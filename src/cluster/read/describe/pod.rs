//! A pod: where it runs, what each container does and did, what it needs. Pure.
use super::Page;
use crate::cluster::read::objects::{array, number, pairs, scalar, text};
use serde_json::Value;

/// Everything of a pod but its identity and events.
pub(super) fn describe(page: &mut Page, pod: &Value) {
    let node = text(pod, "/spec/nodeName");
    page.line("Node", if node.is_empty() { "<none>" } else { node });
    page.line("Service Account", text(pod, "/spec/serviceAccountName"));
    page.line("Status", text(pod, "/status/phase"));
    page.line("Reason", text(pod, "/status/reason"));
    page.line("Message", text(pod, "/status/message"));
    page.line("IP", text(pod, "/status/podIP"));
    page.line("QoS Class", text(pod, "/status/qosClass"));
    page.line("Priority Class", text(pod, "/spec/priorityClassName"));
    let gates: Vec<&str> = array(pod, "/spec/schedulingGates").iter().map(|g| text(g, "/name")).collect();
    page.line("Scheduling Gates", &gates.join(", "));
    spec(page, 0, pod.get("spec").unwrap_or(&Value::Null), pod.get("status"));
    page.conditions(pod);
    page.line("Node-Selectors", &pod.pointer("/spec/nodeSelector").map(|s| pairs(Some(s))).unwrap_or_default());
    if let Some(affinity) = pod.pointer("/spec/affinity").filter(|a| !a.is_null()) {
        page.line("Affinity", &affinity.to_string());
    }
    let tolerations: Vec<String> = array(pod, "/spec/tolerations")
        .iter()
        .map(|t| {
            let value = text(t, "/value");
            let equals = if value.is_empty() { String::new() } else { format!("={value}") };
            format!("{}{equals}:{}", text(t, "/key"), text(t, "/effect"))
        })
        .collect();
    page.line("Tolerations", &tolerations.join(", "));
}

/// Containers and volumes of a pod's or template's spec, with their states where a status is given.
pub(super) fn spec(page: &mut Page, depth: usize, spec: &Value, status: Option<&Value>) {
    for (title, list, states) in [("Init Containers", "/initContainers", "/initContainerStatuses"), ("Containers", "/containers", "/containerStatuses")] {
        let containers = array(spec, list);
        if containers.is_empty() {
            continue;
        }
        page.head(depth, title);
        for container in containers {
            let name = text(container, "/name");
            page.head(depth + 1, name);
            self::container(page, depth + 2, container);
            if let Some(status) = status {
                match array(status, states).iter().find(|s| text(s, "/name") == name) {
                    Some(state) => self::state(page, depth + 2, state),
                    None => page.indented(depth + 2, "State", "<not reported>"),
                }
            }
        }
    }
    let volumes: Vec<String> = array(spec, "/volumes").iter().map(volume).collect();
    if !volumes.is_empty() {
        page.head(depth, "Volumes");
        for v in &volumes {
            page.raw(depth + 1, v);
        }
    }
}

fn container(page: &mut Page, depth: usize, c: &Value) {
    let words = |pointer: &str| array(c, pointer).iter().map(scalar).collect::<Vec<_>>().join(" ");
    page.indented(depth, "Image", text(c, "/image"));
    page.indented(depth, "Pull Policy", text(c, "/imagePullPolicy"));
    page.indented(depth, "Restart Policy", text(c, "/restartPolicy"));
    let ports: Vec<String> = array(c, "/ports").iter().map(|p| format!("{}/{}", number(p, "/containerPort").unwrap_or(0), text(p, "/protocol"))).collect();
    page.indented(depth, "Ports", &ports.join(", "));
    page.indented(depth, "Command", &words("/command"));
    page.indented(depth, "Args", &words("/args"));
    for (title, pointer) in [("Limits", "/resources/limits"), ("Requests", "/resources/requests")] {
        page.indented(depth, title, &c.pointer(pointer).map(|r| pairs(Some(r))).unwrap_or_default());
    }
    for (title, pointer) in [("Liveness", "/livenessProbe"), ("Readiness", "/readinessProbe"), ("Startup", "/startupProbe")] {
        page.indented(depth, title, &c.pointer(pointer).map(probe).unwrap_or_default());
    }
    let from: Vec<String> = array(c, "/envFrom")
        .iter()
        .map(|e| {
            format!(
                "{} {}",
                if e.get("secretRef").is_some() { "Secret" } else { "ConfigMap" },
                text(e, "/secretRef/name").to_owned() + text(e, "/configMapRef/name")
            )
        })
        .collect();
    page.indented(depth, "Environment From", &from.join(", "));
    let env = array(c, "/env");
    if !env.is_empty() {
        page.head(depth, "Environment");
        for e in env {
            page.indented(depth + 1, text(e, "/name"), &variable(e));
        }
    }
    let mounts: Vec<String> = array(c, "/volumeMounts").iter().map(|m| format!("{} from {}", text(m, "/mountPath"), text(m, "/name"))).collect();
    page.indented(depth, "Mounts", &mounts.join(", "));
}

fn variable(e: &Value) -> String {
    let from = |kind: &str, word: &str| {
        e.pointer(&format!("/valueFrom/{kind}")).map(|r| {
            let optional = if r.get("optional") == Some(&Value::Bool(true)) { " (optional)" } else { "" };
            format!("<key `{}` of {word} `{}`{optional}>", text(r, "/key"), text(r, "/name"))
        })
    };
    from("secretKeyRef", "Secret")
        .or_else(|| from("configMapKeyRef", "ConfigMap"))
        .or_else(|| e.pointer("/valueFrom/fieldRef/fieldPath").map(|p| format!("<field {}>", scalar(p))))
        .or_else(|| e.pointer("/valueFrom/resourceFieldRef/resource").map(|p| format!("<resource {}>", scalar(p))))
        .unwrap_or_else(|| {
            let value = text(e, "/value");
            if value.is_empty() { "<empty>".to_owned() } else { value.to_owned() }
        })
}

fn probe(p: &Value) -> String {
    let what = if let Some(h) = p.get("httpGet") {
        format!("http-get port {} path {}", h.get("port").map(scalar).unwrap_or_default(), text(h, "/path"))
    } else if let Some(t) = p.get("tcpSocket") {
        format!("tcp-socket port {}", t.get("port").map(scalar).unwrap_or_default())
    } else if let Some(g) = p.get("grpc") {
        format!("grpc port {}", g.get("port").map(scalar).unwrap_or_default())
    } else {
        format!("exec [{}]", array(p, "/exec/command").iter().map(scalar).collect::<Vec<_>>().join(" "))
    };
    let n = |key: &str, default: i64| number(p, key).unwrap_or(default);
    format!(
        "{what} delay={}s timeout={}s period={}s failures={}",
        n("/initialDelaySeconds", 0),
        n("/timeoutSeconds", 1),
        n("/periodSeconds", 10),
        n("/failureThreshold", 3)
    )
}

fn state(page: &mut Page, depth: usize, s: &Value) {
    for (title, key) in [("State", "state"), ("Last State", "lastState")] {
        let Some(state) = s.get(key).and_then(Value::as_object).and_then(|m| m.iter().next()) else { continue };
        let (name, detail) = state;
        let mut words = vec![name.clone()];
        for (label, pointer) in [
            ("reason", "/reason"),
            ("exit code", "/exitCode"),
            ("signal", "/signal"),
            ("started", "/startedAt"),
            ("finished", "/finishedAt"),
            ("message", "/message"),
        ] {
            if let Some(value) = detail.pointer(pointer).map(scalar).filter(|v| !v.is_empty()) {
                words.push(format!("{label} {}", value.trim().replace('\n', " ⏎ ")));
            }
        }
        page.indented(depth, title, &words.join(", "));
    }
    page.indented(depth, "Ready", &s.get("ready").map(scalar).unwrap_or_default());
    page.indented(depth, "Restart Count", &s.get("restartCount").map(scalar).unwrap_or_default());
}

fn volume(v: &Value) -> String {
    let name = text(v, "/name");
    let kinds = [
        ("configMap", "/configMap/name", "ConfigMap"),
        ("secret", "/secret/secretName", "Secret"),
        ("persistentVolumeClaim", "/persistentVolumeClaim/claimName", "PersistentVolumeClaim"),
        ("hostPath", "/hostPath/path", "HostPath"),
        ("csi", "/csi/driver", "CSI"),
        ("nfs", "/nfs/server", "NFS"),
    ];
    for (key, pointer, word) in kinds {
        if v.get(key).is_some() {
            return format!("{name}: {word} {}", text(v, pointer));
        }
    }
    let other = v.as_object().and_then(|m| m.keys().find(|k| *k != "name")).map_or("?", String::as_str);
    format!("{name}: {other}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_crash_and_what_the_container_needs_are_in_the_text() {
        let pod = json!({"kind": "Pod", "metadata": {"name": "api"}, "spec": {"nodeName": "n", "containers": [{"name": "main", "image": "i:1",
                "env": [{"name": "A", "value": "b"}, {"name": "K", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "k"}}}],
                "readinessProbe": {"httpGet": {"port": 8080, "path": "/"}}}], "volumes": [{"name": "v", "configMap": {"name": "cm"}}]},
            "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": false, "restartCount": 4,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}, "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}],
                "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]}});
        let mut page = Page::default();
        describe(&mut page, &pod);
        for want in [
            "reason CrashLoopBackOff",
            "exit code 1",
            "Restart Count:    4",
            "<key `k` of ConfigMap `cm`>",
            "http-get port 8080",
            "v: ConfigMap cm",
            "ContainersNotReady",
        ] {
            assert!(page.0.contains(want), "{want} in\n{}", page.0);
        }
    }
}
