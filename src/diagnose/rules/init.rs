//! Init containers and native sidecars that hold a pod back. One that works for a while is no fault.
use super::pods::Fault;
use super::reach::Reached;
use super::{crash, creating, health, image, reach};
use crate::diagnose::draft::{Draft, describe, field, line, logs};
use crate::diagnose::said::{self, Cause};
use crate::diagnose::since::Since;
use crate::diagnose::view::View;
use crate::diagnose::words::{age, short};
use crate::model::finding::Proof;
use crate::model::snapshot::Pod;
use crate::model::snapshot::pod::{ContainerState, Now};
use crate::model::{Confidence, Severity};

/// How long an init container may work without a word that explains it, in seconds.
const PATIENCE: i64 = 600;

/// Lines from the end among which it says what it waits for.
const NEWEST: usize = 4;

fn is_waiting(line: &str) -> bool {
    let low = line.to_lowercase();
    low.contains("waiting")
        || low.contains("retry")
        || matches!(said::said(line).map(|s| s.cause), Some(Cause::Refused(..) | Cause::Dns(_) | Cause::Timeout(..)))
}

/// The init container that holds the pod, when it fails or does not end.
pub fn faults(view: &View<'_>, pod: &Pod) -> Vec<Fault> {
    let total = pod.template.init_containers.len();
    for (index, state) in pod.init_containers.iter().enumerate() {
        let spec = pod.template.container(&state.name);
        let sidecar = spec.is_some_and(|c| c.sidecar);
        if matches!(&state.now, Now::Ended(e) if e.exit_code == 0) || sidecar && state.started == Some(true) && state.ready {
            continue;
        }
        let found = image::fault(view, pod, state).or_else(|| creating::fault(view, pod, state)).or_else(|| crash::fault(view, pod, state));
        if let Some(mut fault) = found {
            let blocked = pod.containers.len() + total - index - 1;
            let kind = if sidecar { "sidecar" } else { "init container" };
            fault.draft.says = format!("{kind} `{}` ({} of {total}) fails, {blocked} wait for it: {}", state.name, index + 1, fault.draft.says);
            fault.family = format!("init:{}", state.name);
            return vec![fault];
        }
        if let Now::Running { since } = &state.now {
            if sidecar {
                return if state.started == Some(true) { continue } else { health::startup(view, pod, state).into_iter().collect() };
            }
            let ran = view.since(since.unwrap_or(pod.meta.created));
            return waits(view, pod, state, ran).into_iter().collect();
        }
        break;
    }
    Vec::new()
}

/// An init container that runs on and on: at once when its log says what it waits for and that is not there, else after a while.
fn waits(view: &View<'_>, pod: &Pod, state: &ContainerState, ran: Since<'_>) -> Option<Fault> {
    let own = pod.meta.reference("Pod");
    let family = format!("init:{}", state.name);
    let base = |rule, says: String| Draft::new(rule, own.clone(), says).next(logs(pod, &state.name, false)).next(describe(&own));
    let log = view.logs(pod, &state.name).into_iter().find_map(|(key, text)| said::network(text.text()).map(|s| (key, s)));
    let reached = |words: Proof, found: Reached| {
        let says = format!("init container `{}` waits since {}: {}", state.name, age(ran), found.says);
        let mut d = base("pod/init-waits", says).proof(words).proofs(found.proofs).because(found.because);
        d.cause = found.cause;
        Fault::new(family.clone(), 6, d)
    };
    if let Some((key, said)) = log.filter(|_| ran > 30)
        && let Some(found) = reach::told(view, pod, &said)
    {
        return Some(reached(line(key, &said.line), found));
    }
    let newest = |text: &str| text.lines().rev().filter(|l| !l.trim().is_empty()).take(NEWEST).map(str::to_owned).collect::<Vec<_>>();
    // Whatever words it waits with: who it names with a port has something wrong.
    let named = view.logs(pod, &state.name).into_iter().filter(|_| ran > 30).find_map(|(key, text)| {
        newest(text.text())
            .into_iter()
            .find_map(|line| reach::named(view, pod, &line, false).map(|found| (line, found)))
            .map(|(line, found)| (key, line, found))
    });
    if let Some((key, last, found)) = named {
        return Some(reached(line(key, &last), found));
    }
    let waiting_words =
        view.logs(pod, &state.name).into_iter().find_map(|(key, text)| newest(text.text()).into_iter().find(|line| is_waiting(line)).map(|line| (key, line)));
    if let Some((key, last)) = waiting_words.filter(|_| ran > 120) {
        let says = format!("init container `{}` waits since {}: it says `{}`", state.name, age(ran), short(&last, 160));
        return Some(Fault::new(family, 4, base("pod/init-waits", says).severity(Severity::Warning).proof(line(key, &last))));
    }
    (ran > PATIENCE).then(|| {
        let says = format!("init container `{}` has been running for {}, and everything after it waits", state.name, age(ran));
        let d = base("pod/init-slow", says).severity(Severity::Warning).confidence(Confidence::Medium);
        Fault::new(family, 2, d.proof(field(own.clone(), format!("initContainer {}: running for {}", state.name, age(ran)))))
    })
}
