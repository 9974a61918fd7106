//! Probes: liveness and startup probes that kill, readiness probes that keep traffic away. The probe's port and path are held
//! against the ports that the container names and the address that its log says it listens on.
use super::pods::Fault;
use crate::diagnose::draft::{Draft, describe, event, field, line, logs};
use crate::diagnose::rollout::Aspect;
use crate::diagnose::said;
use crate::diagnose::since::Since;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, short};
use crate::model::finding::Proof;
use crate::model::snapshot::pod::{ContainerState, Now};
use crate::model::snapshot::read::Port;
use crate::model::snapshot::template::{ContainerSpec, Probe};
use crate::model::snapshot::{Event, Pod};
use crate::model::{Confidence, ObjectRef, Severity};

/// An `Unhealthy` event older than this is history, in seconds.
const FRESH: i64 = 600;

/// What is said of a port when the program itself says that it listens on another.
const ELSEWHERE: &str = "nobody listens on; the container listens on";
/// So many failures are no coincidence.
const AGAIN: u32 = 2;

/// The port number of a probe: names are looked up.
fn number(spec: &ContainerSpec, port: &Port) -> Option<i32> {
    match port {
        Port::Number(n) => Some(*n),
        Port::Name(name) => spec.ports.iter().find(|p| p.name == *name).map(|p| p.container_port),
    }
}

/// `liveness` → the newest `Unhealthy` event of it about a container.
fn unhealthy<'a>(view: &View<'a>, pod: &Pod, container: &str, word: &str) -> Option<&'a Event> {
    let one = pod.template.all().count() == 1;
    view.events("Pod", &pod.meta).find(|e| {
        e.reason.as_str() == "Unhealthy"
            && e.message.to_lowercase().starts_with(&format!("{word} probe"))
            && (one || e.field.is_empty() || e.field.contains(&format!("{{{container}}}")))
            && view.since(e.last) < FRESH
    })
}

/// What a probe's failure means, in words, with proofs: `its liveness probe asks port 9090 …`.
fn meaning(view: &View<'_>, pod: &Pod, spec: &ContainerSpec, probe: &Probe, word: &str, message: &str) -> (String, Vec<Proof>) {
    let own = pod.meta.reference("Pod");
    let mut proofs = Vec::new();
    let asks = probe.port().map_or_else(
        || format!("its {word} probe, a command,"),
        |p| {
            let named = match (p, number(spec, p)) {
                (Port::Name(n), Some(number)) => format!("{number} (`{n}`)"),
                (p, _) => p.to_string(),
            };
            let path = probe.http_get.as_ref().filter(|h| !h.path.is_empty()).map_or_else(String::new, |h| format!(" path {}", h.path));
            format!("its {word} probe asks port {named}{path}, which")
        },
    );
    if let Some(p) = probe.port() {
        proofs.push(field(own.clone(), format!("container {}: {word}Probe port {p}", spec.name)));
    }
    let low = message.to_lowercase();
    let detail = message.split_once("failed: ").map_or(message, |(_, d)| d);
    let unnamed = probe.port().filter(|p| matches!(p, Port::Name(_)) && number(spec, p).is_none());
    let fails = if let Some(port) = unnamed {
        let have: Vec<String> = spec.ports.iter().filter(|p| !p.name.is_empty()).map(|p| format!("`{}`", p.name)).collect();
        let instead = if have.is_empty() { "it names none".to_owned() } else { format!("it has {}", crate::diagnose::words::list(&have)) };
        proofs.push(field(own, format!("container {}: no port is named {port}", spec.name)));
        format!("no port of the container is called; {instead}")
    } else if low.contains("connection refused") {
        refused(view, pod, spec, probe, &mut proofs)
    } else if let Some(code) = low.split_once("statuscode: ").map(|(_, c)| c.trim().to_owned()) {
        match code.as_str() {
            "404" => "answers 404: there is no such path".to_owned(),
            "401" | "403" => format!("answers {code}: it wants a login"),
            _ => format!("answers {code}"),
        }
    } else if low.contains("timeout") || low.contains("timed out") || low.contains("deadline exceeded") {
        format!("does not answer within {}s", probe.timeout_seconds.unwrap_or(1))
    } else if low.contains("http response to https") || low.contains("malformed http") || low.contains("tls") {
        format!("speaks another protocol than the probe: {}", short(detail, 160))
    } else {
        format!("fails: {}", short(detail.trim(), 200))
    };
    (format!("{asks} {fails}"), proofs)
}

/// Nobody listens there: who listens where?
fn refused(view: &View<'_>, pod: &Pod, spec: &ContainerSpec, probe: &Probe, proofs: &mut Vec<Proof>) -> String {
    let own = pod.meta.reference("Pod");
    let asked = probe.port().and_then(|p| number(spec, p));
    let heard = view.logs(pod, &spec.name).into_iter().find_map(|(key, text)| {
        let text = text.text();
        let found = said::listens(text)?;
        let words = text.lines().rev().find(|l| said::listens(l).as_ref() == Some(&found))?;
        Some((found, line(key, words)))
    });
    if let Some(((host, port), proof)) = heard {
        proofs.push(proof);
        if Some(i32::from(port)) != asked {
            return format!("{ELSEWHERE} {port}");
        }
        if host.starts_with("127.") || host == "localhost" || host.starts_with("[::1") {
            return format!("is refused: the program listens on {host} only, and the probe comes from outside");
        }
        return "is refused".to_owned();
    }
    let declared: Vec<String> = spec.ports.iter().filter(|p| Some(p.container_port) != asked).map(|p| p.container_port.to_string()).collect();
    if !declared.is_empty() && spec.ports.iter().all(|p| Some(p.container_port) != asked) {
        proofs.push(field(own, format!("container {}: ports {}", spec.name, declared.join(", "))));
        return format!("nobody listens on; the container names port {}", crate::diagnose::words::list(&declared));
    }
    "is refused: nobody listens there".to_owned()
}

/// A container that the kubelet restarts because of its liveness or startup probe.
pub fn killed(view: &View<'_>, pod: &Pod, state: &ContainerState, family: &str) -> Option<Fault> {
    let spec = pod.template.container(&state.name)?;
    for (word, probe) in [("liveness", &spec.liveness_probe), ("startup", &spec.startup_probe)] {
        let Some(probe) = probe else { continue };
        let kill = view.event_saying("Pod", &pod.meta, "Killing", &format!("{} failed {word} probe", state.name)).filter(|e| view.since(e.last) < 3600);
        let seen = unhealthy(view, pod, &state.name, word);
        let killed = kill.is_some() || seen.is_some() && state.last.as_ref().is_some_and(|l| matches!(l.exit_code, 137 | 143));
        if !killed {
            continue;
        }
        let message = seen.map_or("", |e| e.message.as_str());
        let (meaning, proofs) = meaning(view, pod, spec, probe, word, message);
        let early = if word == "liveness"
            && (message.contains("refused") || message.is_empty())
            && probe.initial_delay_seconds < 30
            && (meaning.ends_with("is refused") || meaning.ends_with("nobody listens there"))
        {
            format!("; it may only need longer to start (initialDelaySeconds is {})", probe.initial_delay_seconds)
        } else {
            String::new()
        };
        let rule = if word == "liveness" { "pod/liveness-probe" } else { "pod/startup-probe" };
        let d = Draft::new(rule, pod.meta.reference("Pod"), format!("container `{}` is restarted by the kubelet: {meaning}{early}", state.name))
            .proofs(seen.map(event))
            .proofs(kill.map(event))
            .proofs(proofs)
            .next(describe(&pod.meta.reference("Pod")))
            .next(logs(pod, &state.name, true));
        return Some(Fault::new(family, 9, d).aspect(Aspect::Probes));
    }
    None
}

/// A container whose startup probe does not pass and that has not been killed yet.
pub fn startup(view: &View<'_>, pod: &Pod, state: &ContainerState) -> Option<Fault> {
    let spec = pod.template.container(&state.name)?;
    let probe = spec.startup_probe.as_ref()?;
    let Now::Running { since } = &state.now else { return None };
    let ran = view.since(since.unwrap_or(pod.meta.created));
    let seen = unhealthy(view, pod, &state.name, "startup")?;
    if state.restarts == 0 && ran < probe.patience().min(120) {
        return None;
    }
    let (meaning, proofs) = meaning(view, pod, spec, probe, "startup", &seen.message);
    let own = pod.meta.reference("Pod");
    let d = Draft::new("pod/startup-probe", own.clone(), format!("container `{}` does not get started: {meaning}", state.name));
    Some(Fault::new(format!("ready:{}", state.name), 6, d.proof(event(seen)).proofs(proofs).next(describe(&own))).aspect(Aspect::Probes))
}

/// Running containers that are not ready, and nothing else explains it.
pub fn faults(view: &View<'_>, pod: &Pod, found: &[Fault]) -> Vec<Fault> {
    if !found.is_empty() {
        return Vec::new();
    }
    let mut out: Vec<Fault> = pod.containers.iter().filter_map(|c| unready(view, pod, c)).collect();
    if out.is_empty() {
        out.extend(gates(view, pod));
    }
    out
}

fn unready(view: &View<'_>, pod: &Pod, state: &ContainerState) -> Option<Fault> {
    let Now::Running { since } = &state.now else { return None };
    if state.ready {
        return None;
    }
    let spec = pod.template.container(&state.name)?;
    if spec.startup_probe.is_some() && state.started == Some(false) {
        return startup(view, pod, state);
    }
    let own = pod.meta.reference("Pod");
    let ran = view.since(since.unwrap_or(pod.meta.created));
    if let Some(fault) = killed(view, pod, state, &format!("ready:{}", state.name)) {
        return Some(fault);
    }
    let probe = spec.readiness_probe.as_ref();
    if let (Some(probe), Some(seen)) = (probe, unhealthy(view, pod, &state.name, "readiness")) {
        let (meaning, proofs) = meaning(view, pod, spec, probe, "readiness", &seen.message);
        let patience = (probe.patience() + probe.period_seconds.unwrap_or(10)).clamp(30, 120);
        // A program that says where it listens, and is asked elsewhere again and again, is not just slow.
        let elsewhere = seen.count >= AGAIN && meaning.contains(ELSEWHERE);
        if !elsewhere && ran < patience {
            return None;
        }
        let d = Draft::new("pod/readiness-probe", own.clone(), format!("container `{}` is not ready: {meaning}", state.name));
        let mut d = d.proof(event(seen)).proofs(proofs).next(describe(&own)).next(logs(pod, &state.name, false));
        // A command may say itself whom it waits for.
        if probe.port().is_none()
            && let Some(found) = super::reach::named(view, pod, &seen.message, false)
        {
            d = d.proofs(found.proofs).because(found.because);
            d.says = format!("container `{}` is not ready: {}: {meaning}", state.name, found.says);
            d.cause = found.cause;
        }
        return Some(Fault::new(format!("ready:{}", state.name), 6, d).aspect(Aspect::Probes));
    }
    let patience = probe.map_or(60, |p| p.patience() + 300);
    (ran > patience && pod.condition("Ready").is_some_and(|c| c.reason.as_str() == "ContainersNotReady")).then(|| {
        let d = Draft::new("pod/not-ready", own.clone(), format!("container `{}` runs for {} and is not ready", state.name, age(ran)))
            .confidence(Confidence::Medium)
            .because([ObjectRef::new("Node", "", pod.node.as_str())]);
        Fault::new(format!("ready:{}", state.name), 2, d.next(describe(&own)).next(logs(pod, &state.name, false)))
    })
}

/// Conditions that others must set and have not, and pods that their node has lost sight of.
fn gates(view: &View<'_>, pod: &Pod) -> Option<Fault> {
    let own = pod.meta.reference("Pod");
    let unready = pod.condition("Ready")?;
    let since = unready.last_transition_time.map_or(Since::ZERO, |t| view.since(t));
    if unready.reason.as_str() == "ReadinessGatesNotReady" && since > 60 {
        let missing: Vec<_> = pod.template.readiness_gates.iter().map(|g| &g.condition_type).collect();
        let says = format!("is kept from traffic by its readiness gate {}, which nobody has set for {}", crate::diagnose::words::quoted(&missing), age(since));
        return Some(Fault::new("ready:gates", 5, Draft::new("pod/readiness-gate", own.clone(), says).severity(Severity::Warning).next(describe(&own))));
    }
    let lost =
        pod.phase.as_str() == "Unknown" || pod.containers.iter().all(|c| matches!(c.now, Now::Running { .. }) && c.ready) && unready.status.as_str() != "True";
    lost.then(|| {
        let d = Draft::new("pod/node-lost", own, format!("counts as not ready: its node {} does not report", pod.node));
        Fault::new("ready:node", 1, d.because([ObjectRef::new("Node", "", pod.node.as_str())]))
    })
}
