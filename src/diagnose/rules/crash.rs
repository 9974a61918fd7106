//! Containers that end and are started again: out of memory, killed by a probe, a command that is not there, or what the
//! program's own last words say.
use super::pods::Fault;
use super::{health, told};
use crate::diagnose::draft::{Draft, describe, event, field, logs};
use crate::diagnose::rollout::Aspect;
use crate::diagnose::said::{self, Cause, Said};
use crate::diagnose::view::View;
use crate::diagnose::words::{count, short, trimmed};
use crate::model::finding::Proof;
use crate::model::snapshot::pod::{ContainerState, Ended, Now};
use crate::model::snapshot::{LogKey, Pod};
use crate::model::{ObjectRef, Severity};

/// A container that restarted and runs is still news for so long, in seconds.
const NEWS: i64 = 600;
/// A run that was started again twice has to last so long before it is believed, in seconds.
const PROVEN: i64 = 30;

/// Main containers that crash.
pub fn faults(view: &View<'_>, pod: &Pod) -> Vec<Fault> {
    pod.containers.iter().filter_map(|c| fault(view, pod, c)).collect()
}

/// The run that ended, where it is worth a word.
fn ended<'a>(view: &View<'_>, pod: &Pod, state: &'a ContainerState) -> Option<&'a Ended> {
    let recent = |e: &Ended| e.finished.is_none_or(|t| view.since(t) < NEWS);
    match &state.now {
        Now::Waiting { reason, .. } if matches!(reason.as_str(), "CrashLoopBackOff" | "RunContainerError" | "StartError") => state.last.as_deref(),
        Now::Ended(e) if e.exit_code != 0 || pod.template.restart_policy.as_str() == "Always" && state.restarts > 0 => Some(e),
        Now::Running { since } => {
            let last = state.last.as_ref().filter(|e| recent(e))?;
            let killed_for_memory = last.reason.as_str() == "OOMKilled";
            // Without a readiness probe a container that has just been started again counts as ready until it ends.
            let just_again = state.restarts >= 2 && since.is_some_and(|t| view.since(t) < PROVEN);
            (killed_for_memory || state.restarts >= 3 || (just_again || state.restarts >= 1 && !state.ready) && last.exit_code != 0).then_some(last)
        }
        _ => None,
    }
}

/// Why a container crashes.
pub fn fault(view: &View<'_>, pod: &Pod, state: &ContainerState) -> Option<Fault> {
    let family = format!("crash:{}", state.name);
    if let Now::Waiting { reason, message } = &state.now
        && matches!(reason.as_str(), "RunContainerError" | "StartError" | "CrashLoopBackOff")
        && state.last.is_none()
    {
        let says = format!("container `{}` does not start: {reason}: {}", state.name, short(message, 200));
        return Some(Fault::new(family, 3, Draft::new("pod/start-error", pod.meta.reference("Pod"), says)).aspect(Aspect::Any));
    }
    let run = ended(view, pod, state)?;
    let mut fault = judged(view, pod, state, run, family);
    fault.draft = fault.draft.proof(ran(pod, state, run));
    Some(fault)
}

/// `container main ended with exit code 1 (Error) after 3 restarts`.
fn ran(pod: &Pod, state: &ContainerState, run: &Ended) -> Proof {
    let times = if state.restarts == 0 { String::new() } else { format!(", {}", count(usize::try_from(state.restarts).unwrap_or(usize::MAX), "restart")) };
    field(pod.meta.reference("Pod"), format!("container {} ended with exit code {} ({}){times}", state.name, run.exit_code, run.reason))
}

fn judged(view: &View<'_>, pod: &Pod, state: &ContainerState, run: &Ended, family: String) -> Fault {
    let own = pod.meta.reference("Pod");
    if run.reason.as_str() == "OOMKilled" {
        return Fault::new(family, 9, memory(pod, state).next(logs(pod, &state.name, true)).next(describe(&own))).aspect(Aspect::Resources);
    }
    if let Some(fault) = health::killed(view, pod, state, &family) {
        return fault;
    }
    if let Some(fault) = hook(view, pod, state, &family) {
        return fault;
    }
    if matches!(run.reason.as_str(), "StartError" | "ContainerCannotRun") || run.exit_code == 128 && !run.message.is_empty() {
        return Fault::new(family, 8, not_started(view, pod, state, &run.message).next(describe(&own))).aspect(Aspect::Any);
    }
    let mut read = view.logs(pod, &state.name).into_iter().filter_map(|(key, text)| said::said(text.text()).map(|s| (key, s))).collect::<Vec<_>>();
    read.sort_by_key(|(_, s)| matches!(s.cause, Cause::Last));
    let fault = match read.into_iter().next() {
        Some((key, said)) => told::by_words(view, pod, state, run, key, &said, family),
        None if !run.message.trim().is_empty() => {
            let said = said::said(&run.message).unwrap_or_else(|| Said::plain(&run.message));
            let key = LogKey::of(pod, &state.name, true);
            told::by_words(view, pod, state, run, &key, &said, family)
        }
        None => Fault::new(family, 2, by_code(pod, state, run, None)).aspect(Aspect::Any),
    };
    Fault { draft: fault.draft.next(logs(pod, &state.name, true)).next(describe(&own)), ..fault }
}

/// A container that is killed because its postStart hook fails. The kubelet does not say what the hook said.
fn hook(view: &View<'_>, pod: &Pod, state: &ContainerState, family: &str) -> Option<Fault> {
    let one = pod.template.all().count() == 1;
    let told = view
        .events("Pod", &pod.meta)
        .find(|e| e.reason.as_str() == "FailedPostStartHook" && view.since(e.last) < 3600 && (one || e.field.contains(&format!("{{{}}}", state.name))))?;
    let why = match trimmed(&told.message) {
        "" | "PostStartHook failed" => "the API does not say with what words".to_owned(),
        words => short(words, 200),
    };
    let says = format!("container `{}` is killed because its postStart hook fails: {why}", state.name);
    let own = pod.meta.reference("Pod");
    let d = Draft::new("pod/post-start-hook", own.clone(), says).proof(event(told)).next(format!("get pod/{} -n {} -o yaml", own.name, own.namespace));
    Some(Fault::new(family, 8, d).aspect(Aspect::Any))
}

fn memory(pod: &Pod, state: &ContainerState) -> Draft {
    let own = pod.meta.reference("Pod");
    let limit = pod.template.container(&state.name).and_then(|c| c.resources.limits.get("memory"));
    match limit {
        Some(limit) => Draft::new(
            "pod/oom-killed",
            own.clone(),
            format!("container `{}` is killed for memory: it needs more than its limit of {limit} (OOMKilled)", state.name),
        )
        .proof(field(own, format!("container {}: resources.limits.memory: {limit}", state.name))),
        None => Draft::new(
            "pod/oom-killed",
            own,
            format!("container `{}` has no memory limit and is killed because the node {} ran out of memory (OOMKilled)", state.name, pod.node),
        )
        .because([ObjectRef::new("Node", "", pod.node.as_str())]),
    }
}

fn not_started(view: &View<'_>, pod: &Pod, state: &ContainerState, message: &str) -> Draft {
    let own = pod.meta.reference("Pod");
    let told = view.event_saying("Pod", &pod.meta, "Failed", "exec");
    let text = if message.trim().is_empty() { told.map_or("", |e| e.message.as_str()) } else { message };
    let program =
        crate::diagnose::words::between(text, "exec: \"", "\"").or_else(|| crate::diagnose::words::between(text, "exec \"", "\"")).unwrap_or("its command");
    let image = pod.template.container(&state.name).map(|c| c.image.to_string()).unwrap_or_default();
    let says = if text.contains("executable file not found") || text.contains("no such file or directory") {
        format!("container `{}` cannot start: `{program}` is not in the image {image} (executable file not found)", state.name)
    } else if text.contains("permission denied") {
        format!("container `{}` cannot start: `{program}` is not executable (permission denied)", state.name)
    } else {
        format!("container `{}` cannot start: {}", state.name, short(text, 200))
    };
    let d = Draft::new("pod/command-not-found", own.clone(), says).proof(field(own, format!("container {}: {}", state.name, short(text, 300))));
    match told {
        Some(e) => d.proof(event(e)),
        None => d,
    }
}

/// The exit code's own meaning, with the log's line where there is one.
pub(super) fn by_code(pod: &Pod, state: &ContainerState, run: &Ended, line: Option<&str>) -> Draft {
    let own = pod.meta.reference("Pod");
    let words = line.map_or_else(String::new, |l| format!(": {}", short(l, 200)));
    let name = &state.name;
    let (rule, says) = match run.exit_code {
        0 => (
            "pod/exits",
            format!("container `{name}` finishes (exit code 0) and is started again, because restartPolicy is {}{words}", pod.template.restart_policy),
        ),
        126 => ("pod/command-not-executable", format!("container `{name}` exits with code 126: its command cannot be executed{words}")),
        127 => ("pod/command-not-found", format!("container `{name}` exits with code 127: its command is not found{words}")),
        134 => ("pod/aborted", format!("container `{name}` aborts (exit code 134, SIGABRT){words}")),
        137 => ("pod/killed", format!("container `{name}` is killed (exit code 137, SIGKILL){words}")),
        139 => ("pod/segfault", format!("container `{name}` crashes with a segmentation fault (exit code 139, SIGSEGV){words}")),
        143 => ("pod/terminated", format!("container `{name}` is told to end (exit code 143, SIGTERM) and started again{words}")),
        code => ("pod/crash-loop", format!("container `{name}` exits with code {code}{words}")),
    };
    let d = Draft::new(rule, own, says);
    if run.exit_code == 0 { d.severity(Severity::Warning) } else { d }
}
