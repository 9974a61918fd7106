//! Containers that end and are started again: out of memory, killed by a probe, a command that is not there, or what the
//! program's own last words say.
use super::pods::Fault;
use super::reach::Reached;
use super::{files, health, reach};
use crate::diagnose::draft::{Draft, describe, event, field, line, logs};
use crate::diagnose::near;
use crate::diagnose::rollout::{self, Aspect};
use crate::diagnose::said::{self, Cause, Said};
use crate::diagnose::view::View;
use crate::diagnose::words::{quoted, short, trimmed};
use crate::model::finding::Proof;
use crate::model::snapshot::pod::{ContainerState, Ended, Now};
use crate::model::snapshot::{LogKey, Pod};
use crate::model::{Confidence, ObjectRef, Severity};

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
    let times = if state.restarts == 0 { String::new() } else { format!(", {} restarts", state.restarts) };
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
        Some((key, said)) => by_words(view, pod, state, run, key, &said, family),
        None if !run.message.trim().is_empty() => {
            let said = said::said(&run.message).unwrap_or(Said { cause: Cause::Last, line: run.message.to_string() });
            let key = LogKey::of(pod, &state.name, true);
            by_words(view, pod, state, run, &key, &said, family)
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
fn by_code(pod: &Pod, state: &ContainerState, run: &Ended, line: Option<&str>) -> Draft {
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

/// The program's last words.
fn by_words(view: &View<'_>, pod: &Pod, state: &ContainerState, run: &Ended, key: &LogKey, said: &Said, family: String) -> Fault {
    let own = pod.meta.reference("Pod");
    let name = &state.name;
    let proof = line(key, &short(&said.line, 300));
    let plain = |rule, says: String| Fault::new(family.clone(), 6, Draft::new(rule, own.clone(), says).proof(proof.clone())).aspect(Aspect::Any);
    let quote = short(&said.line, 160);
    if let Some((rule, found)) = between_the_lines(view, pod, state, said) {
        return Fault { weight: 5, ..reached(plain(rule, format!("{}: `{quote}`", found.says)), found) };
    }
    match &said.cause {
        Cause::MissingEnv(var) => {
            let (says, proofs) = environment(view, pod, state, var);
            let d = Draft::new("pod/missing-env", own, says).proof(proof).proofs(proofs);
            Fault::new(family, 8, d).aspect(Aspect::Env)
        }
        Cause::Dns(_) | Cause::Refused(..) | Cause::Timeout(..) => {
            let Some(found) = reach::explain(view, pod, &said.cause) else {
                return Fault { weight: 5, ..plain("pod/unreachable-dependency", format!("container `{name}` exits with code {}: {quote}", run.exit_code)) };
            };
            Fault { weight: 7, ..reached(plain("pod/unreachable-dependency", format!("{}: `{quote}`", found.says)), found) }
        }
        Cause::DiskFull => plain("pod/disk-full", full(pod, state, &said.line)),
        Cause::OutOfMemory => Fault {
            aspect: Some(Aspect::Resources),
            ..plain("pod/out-of-memory", format!("container `{name}` runs out of memory by its own account: {quote}"))
        },
        Cause::PortInUse(port) => plain(
            "pod/port-in-use",
            format!("container `{name}` cannot listen{}: the port is in use: {quote}", port.map_or_else(String::new, |p| format!(" on {p}"))),
        ),
        Cause::ReadOnly(path) => {
            let set = pod.template.container(name).is_some_and(|c| c.security_context.read_only_root_filesystem);
            let why = if set { " (readOnlyRootFilesystem is set; mount an emptyDir there)" } else { "" };
            let place = path.as_ref().map_or_else(|| "its file system".to_owned(), |p| format!("`{p}`"));
            plain("pod/read-only", format!("container `{name}` cannot write {place}: read-only file system{why}: {quote}"))
        }
        Cause::LowPort(port) => {
            let who = user(pod, name).map_or_else(String::new, |u| format!(" as user {u}"));
            let says = format!(
                "container `{name}` is not allowed{who} to listen on port {port}: below 1024 that takes root or the capability NET_BIND_SERVICE: {quote}"
            );
            plain("pod/permission-denied", says)
        }
        Cause::Denied(path) => {
            let who = user(pod, name).map_or_else(String::new, |u| format!(" as user {u}"));
            plain(
                "pod/permission-denied",
                format!(
                    "container `{name}` is not allowed{who} to {}: {quote}",
                    path.as_ref().map_or_else(|| "do what it wants".into(), |p| format!("use `{p}`"))
                ),
            )
        }
        Cause::NoCommand(program) => {
            plain("pod/command-not-found", format!("container `{name}` runs `{program}`, which is not in the image (exit code {}): {quote}", run.exit_code))
        }
        Cause::NoFile(path) => match pod.template.container(name).and_then(|c| files::at_path(view, pod, c, path)) {
            Some(found) => reached(plain("pod/missing-file", format!("container `{name}` wants the file `{path}`; {}", found.says)), found),
            None => plain("pod/missing-file", no_file(pod, state, path, &quote)),
        },
        Cause::BadArgument(argument) => {
            let what = argument.as_ref().map_or_else(|| "an argument".to_owned(), |a| format!("the argument `{a}`"));
            plain("pod/bad-argument", format!("container `{name}` does not know {what}: {quote}"))
        }
        Cause::BadConfig(file) => plain("pod/bad-config", bad_config(pod, state, file.as_deref(), &quote)),
        Cause::NoModule(module) => plain("pod/missing-module", format!("container `{name}` needs `{module}`, which is not in the image: {quote}")),
        Cause::Locked => plain("pod/locked", format!("container `{name}` finds a lock that somebody else holds: {quote}")),
        Cause::WrongArch => plain("pod/wrong-architecture", format!("the image of container `{name}` is built for another processor: {quote}")),
        Cause::Forbidden(words) => {
            let told = super::rbac::told(view, pod, words);
            let mut fault = plain("pod/api-forbidden", told.says);
            fault.draft = fault.draft.proofs(told.proofs).touches(told.account);
            fault.draft.next.extend(told.next);
            fault
        }
        Cause::Login => plain("pod/login-refused", format!("container `{name}` is refused by what it logs in to: {quote}")),
        Cause::Certificate => plain("pod/certificate", format!("container `{name}` does not trust a certificate, or its own is bad: {quote}")),
        Cause::Schema => plain("pod/schema", format!("container `{name}` finds another database schema than it needs: {quote}")),
        Cause::Exhausted => plain("pod/exhausted", format!("container `{name}` is turned away, too many at once: {quote}")),
        Cause::Panic | Cause::Error => {
            let mut d = by_code(pod, state, run, Some(&said.line)).proof(proof);
            d.confidence = Confidence::Medium;
            Fault::new(family, 4, d).aspect(Aspect::Any)
        }
        Cause::Last => {
            let mut d = by_code(pod, state, run, Some(&said.line)).proof(proof);
            d.confidence = Confidence::Low;
            Fault::new(family, 3, d).aspect(Aspect::Any)
        }
    }
}

/// What a line that names no cause still gives away: a file that its map lacks, or a service that has no endpoints.
fn between_the_lines(view: &View<'_>, pod: &Pod, state: &ContainerState, said: &Said) -> Option<(&'static str, Reached)> {
    if !matches!(said.cause, Cause::Panic | Cause::Error | Cause::Last) {
        return None;
    }
    if let Some(found) = pod.template.container(&state.name).and_then(|c| files::sub_path(view, pod, c, &said.line)) {
        return Some(("pod/missing-configmap-key", found));
    }
    reach::named(view, pod, &said.line).map(|found| ("pod/unreachable-dependency", found))
}

/// As which user a container runs, where it says so.
fn user(pod: &Pod, container: &str) -> Option<i64> {
    pod.template.container(container).and_then(|c| c.security_context.run_as_user).or(pod.template.security.run_as_user)
}

/// A fault with what explains it.
fn reached(mut fault: Fault, found: Reached) -> Fault {
    fault.draft = fault.draft.proofs(found.proofs).because(found.because);
    fault.draft.cause = found.cause;
    fault
}

/// Which config map holds the file that cannot be read, where its path lies on one.
fn bad_config(pod: &Pod, state: &ContainerState, file: Option<&str>, quote: &str) -> String {
    let mounts = pod.template.container(&state.name).map(|c| c.volume_mounts.as_slice()).unwrap_or_default();
    let mount = mounts.iter().filter(|m| file.is_some_and(|f| f.starts_with(m.mount_path.as_str()))).max_by_key(|m| m.mount_path.len());
    let map = mount.and_then(|m| pod.template.volumes.iter().find(|v| v.name == m.name)).and_then(|v| v.config_map.as_ref());
    let place = map.map_or_else(String::new, |m| format!(", which comes from ConfigMap `{}`", m.name));
    let what = file.map_or_else(|| "its configuration".to_owned(), |f| format!("`{f}`"));
    format!("container `{}` cannot read {what}{place}: {quote}", state.name)
}

fn no_file(pod: &Pod, state: &ContainerState, path: &str, quote: &str) -> String {
    let mounts = pod.template.container(&state.name).map(|c| c.volume_mounts.iter().map(|m| m.mount_path.to_string()).collect::<Vec<_>>()).unwrap_or_default();
    let near = near::nearest(path, &mounts).map_or_else(String::new, |m| format!("; a volume is mounted at `{m}`"));
    format!("container `{}` wants the file `{path}`, which is not there{near}: {quote}", state.name)
}

/// Which volume is full, when the line's path lies on one.
fn full(pod: &Pod, state: &ContainerState, text: &str) -> String {
    let mounts = pod.template.container(&state.name).map(|c| c.volume_mounts.as_slice()).unwrap_or_default();
    let mount = mounts.iter().filter(|m| text.contains(m.mount_path.as_str())).max_by_key(|m| m.mount_path.len());
    let place = mount.map_or_else(String::new, |m| {
        let volume = pod.template.volumes.iter().find(|v| v.name == m.name);
        let kind = volume.and_then(|v| v.empty_dir.as_ref()).map_or_else(String::new, |e| {
            e.size_limit.as_ref().map_or_else(|| " (an emptyDir)".to_owned(), |s| format!(" (an emptyDir with a sizeLimit of {s})"))
        });
        format!(" on volume `{}`{kind}", m.name)
    });
    format!("container `{}` finds no space left{place}: {}", state.name, short(text, 160))
}

/// An environment variable that the program wants: what is set instead, and what the revision before set.
fn environment(view: &View<'_>, pod: &Pod, state: &ContainerState, var: &str) -> (String, Vec<Proof>) {
    let own = pod.meta.reference("Pod");
    let Some(spec) = pod.template.container(&state.name) else { return (format!("{var} is not set"), Vec::new()) };
    let names: Vec<_> = spec.env.iter().map(|e| &e.name).collect();
    if let Some(set) = spec.env.iter().find(|e| e.name.as_str() == var) {
        let empty = if set.value.is_some_and(|v| v.empty) { "set to an empty text" } else { "set, but not as it should be" };
        return (format!("{var} is {empty}"), vec![field(own, format!("container {}: env {var}", state.name))]);
    }
    let owner = view.owner(pod);
    let before = rollout::before(view, &owner);
    let had = before.as_ref().filter(|b| b.previous.container(&state.name).is_some_and(|c| c.env.iter().any(|e| e.name.as_str() == var)));
    let near = near::nearest(var, names.iter().copied());
    let says = match (near, had) {
        (Some(n), Some(b)) => format!("{var} is not set; revision {} sets {n}, revision {} set {var}", b.now, b.then),
        (Some(n), None) => format!("{var} is not set; `{n}` is"),
        (None, Some(b)) => format!("{var} is not set; revision {} set it, revision {} does not", b.then, b.now),
        (None, None) => format!("{var} is not set"),
    };
    let list = if names.is_empty() { format!("container {}: no env", state.name) } else { format!("container {}: env {}", state.name, quoted(&names)) };
    (says, vec![field(own, list)])
}
