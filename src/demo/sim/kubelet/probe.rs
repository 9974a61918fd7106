//! Probes of a running container: what answers is decided by the ports that its program listens on.
use super::super::json::{View, elapsed, later};
use super::super::world::Due;
use super::container::{Context, Run};
use crate::model::Timestamp;
use serde_json::Value;

/// A probe that keeps failing is said again this often (in seconds), with the count of the times between.
const SAY_AGAIN: i64 = 60;
/// So many events about one object pass the filter at once.
const BURST: i64 = 25;

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The container is to be killed.
    pub kill: bool,
    /// When to look again.
    pub due: Option<Due>,
}

/// Sets `started` and `ready`, and says what fails.
pub fn check(c: &mut Context<'_>, run: &mut Run, begun: Timestamp, ports: &[i64]) -> Outcome {
    let clock = c.w.clock;
    for (field, title) in [("startupProbe", "Startup"), ("livenessProbe", "Liveness")] {
        let probe = c.spec.at(&format!("/{field}")).clone();
        if probe.is_null() || (field == "startupProbe" && run.started) {
            continue;
        }
        let Some(problem) = problem(c, &probe, ports) else {
            let at = later(begun, probe.int("/initialDelaySeconds").max(1));
            if field == "startupProbe" && at > clock {
                return Outcome { kill: false, due: Due::progress(at) };
            }
            continue;
        };
        let threshold = probe.int_or("/failureThreshold", 3);
        let at = later(begun, probe.int("/initialDelaySeconds") + threshold * probe.int_or("/periodSeconds", 10));
        if at > clock {
            run.started = field == "livenessProbe";
            run.ready = run.started && !c.spec.has("/readinessProbe");
            return Outcome { kill: false, due: Due::progress(at) };
        }
        c.say(true, "Unhealthy", format!("{title} probe failed: {problem}"), threshold);
        let text = format!("Container {} failed {} probe, will be restarted", run.name, title.to_lowercase());
        c.say(false, "Killing", text, 1);
        return Outcome { kill: true, due: None };
    }
    run.started = true;
    let probe = c.spec.at("/readinessProbe").clone();
    if c.init || probe.is_null() {
        run.ready = !c.init || run.sidecar;
        return Outcome { kill: false, due: None };
    }
    let first = later(begun, probe.int("/initialDelaySeconds").max(1));
    if run.ready && first > clock {
        return Outcome { kill: false, due: None };
    }
    if first > clock {
        return Outcome { kill: false, due: Due::progress(first) };
    }
    let Some(problem) = problem(c, &probe, ports) else {
        run.ready = true;
        return Outcome { kill: false, due: None };
    };
    run.ready = false;
    Outcome { kill: false, due: unready(c, &probe, &problem, begun) }
}

/// Says that a readiness probe fails: each time at first, then now and then, as the kubelet's own filter lets it.
fn unready(c: &mut Context<'_>, probe: &Value, problem: &str, begun: Timestamp) -> Option<Due> {
    let clock = c.w.clock;
    let text = format!("Readiness probe failed: {problem}");
    let said = c.said().or_else(|| c.last_said("Unhealthy", &text));
    let period = probe.int_or("/periodSeconds", 10).max(1);
    let pause = if elapsed(begun, clock) < BURST * period { period } else { SAY_AGAIN };
    let again = said.map(|s| later(s, pause));
    if again.is_none_or(|at| at <= clock) {
        let times = said.map_or(1, |s| elapsed(s, clock) / period);
        c.say(true, "Unhealthy", text, times.max(1));
        c.set_said(clock);
        return Due::steady(later(clock, pause));
    }
    again.and_then(Due::steady)
}

/// Why a probe fails; `None` when it succeeds.
fn problem(c: &Context<'_>, probe: &Value, ports: &[i64]) -> Option<String> {
    for kind in ["httpGet", "tcpSocket"] {
        let target = probe.at(&format!("/{kind}"));
        if target.is_null() {
            continue;
        }
        let port = number(c.spec, target.at("/port"));
        if port.is_some_and(|p| ports.contains(&p)) {
            return None;
        }
        let Some(port) = port else { return Some(format!("couldn't find port {}", target.at("/port"))) };
        let dial = format!("dial tcp {}:{port}: connect: connection refused", c.ip);
        if kind == "tcpSocket" {
            return Some(dial);
        }
        let scheme = if target.text("/scheme") == "HTTPS" { "https" } else { "http" };
        let path = target.text("/path");
        let slash = if path.starts_with('/') { "" } else { "/" };
        return Some(format!("Get \"{scheme}://{}:{port}{slash}{path}\": {dial}", c.ip));
    }
    None
}

/// A port by number or by the name that the container gives it.
fn number(spec: &Value, port: &Value) -> Option<i64> {
    match port {
        Value::String(name) => spec.list("/ports").iter().find(|p| p.text("/name") == name).map(|p| p.int("/containerPort")),
        other => other.as_i64(),
    }
}
