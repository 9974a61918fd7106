//! What the last words of a program mean for the container that it ran in: held against its template, the maps that it mounts,
//! and whatever it names.
use super::crash::by_code;
use super::pods::Fault;
use super::reach::Reached;
use super::{files, reach};
use crate::diagnose::draft::{Draft, field, line};
use crate::diagnose::near;
use crate::diagnose::rollout::{self, Aspect};
use crate::diagnose::said::{Cause, Said};
use crate::diagnose::view::View;
use crate::diagnose::words::{quoted, short};
use crate::model::Confidence;
use crate::model::finding::Proof;
use crate::model::snapshot::pod::{ContainerState, Ended};
use crate::model::snapshot::{LogKey, Pod};

/// So many lines below a complaint may name whom it is about.
const BELOW: usize = 6;

/// The program's last words.
pub fn by_words(view: &View<'_>, pod: &Pod, state: &ContainerState, run: &Ended, key: &LogKey, said: &Said, family: String) -> Fault {
    let own = pod.meta.reference("Pod");
    let name = &state.name;
    let proofs: Vec<Proof> = said.lines().map(|l| line(key, &short(l, 300))).collect();
    let plain = |rule, says: String| Fault::new(family.clone(), 6, Draft::new(rule, own.clone(), says).proofs(proofs.clone())).aspect(Aspect::Any);
    let words = said.words();
    let quote = short(&words, 160);
    if let Some((rule, found)) = between_the_lines(view, pod, state, said) {
        return Fault { weight: 5, ..reached(plain(rule, format!("{}: `{quote}`", found.says)), found) };
    }
    match &said.cause {
        Cause::MissingEnv(var) => {
            let (says, set) = environment(view, pod, state, var);
            let d = Draft::new("pod/missing-env", own, says).proofs(proofs).proofs(set);
            Fault::new(family, 8, d).aspect(Aspect::Env)
        }
        Cause::MissingSetting(key) => Fault { aspect: Some(Aspect::Env), ..plain("pod/missing-setting", setting(pod, name, key, &quote)) },
        Cause::Kernel(key) => {
            let node = if pod.node.is_empty() { "its node".to_owned() } else { format!("its node {}", pod.node) };
            plain("pod/kernel-setting", format!("container `{name}` wants more than {node} grants by `{key}`: {quote}"))
        }
        Cause::Dns(_) | Cause::Refused(..) | Cause::Timeout(..) => {
            let Some(found) = reach::told(view, pod, said) else {
                return Fault { weight: 5, ..plain("pod/unreachable-dependency", format!("container `{name}` exits with code {}: {quote}", run.exit_code)) };
            };
            Fault { weight: 7, ..reached(plain("pod/unreachable-dependency", format!("{}: `{quote}`", found.says)), found) }
        }
        Cause::DiskFull => plain("pod/disk-full", full(pod, state, &words)),
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
        Cause::NoFile(path) => {
            let spec = pod.template.container(name);
            if let Some(found) = spec.filter(|_| said.line.starts_with("exec ")).and_then(|c| files::script(view, pod, c, &words)) {
                let says = format!(
                    "container `{name}` cannot be started: {}, so what is missing is the interpreter that its first line (`#!`) names, or the line ends with a carriage return: {quote}",
                    found.says
                );
                return reached(plain("pod/no-interpreter", says), found);
            }
            match spec.and_then(|c| files::at_path(view, pod, c, path)).or_else(|| files::token(view, pod, path)) {
                Some(found) => reached(plain("pod/missing-file", format!("container `{name}` wants the file `{path}`; {}", found.says)), found),
                None => plain("pod/missing-file", no_file(pod, state, path, &quote)),
            }
        }
        Cause::BadArgument(argument) => {
            let what = argument.as_ref().map_or_else(|| "an argument".to_owned(), |a| format!("the argument `{a}`"));
            plain("pod/bad-argument", format!("container `{name}` does not know {what}: {quote}"))
        }
        Cause::BadConfig(file) => plain("pod/bad-config", bad_config(pod, state, file.as_deref(), &quote)),
        Cause::NoModule(module) => plain("pod/missing-module", format!("container `{name}` needs `{module}`, which is not in the image: {quote}")),
        Cause::Locked => plain("pod/locked", format!("container `{name}` finds a lock that somebody else holds: {quote}")),
        Cause::WrongArch => match pod.template.container(name).and_then(|c| files::script(view, pod, c, &words)) {
            Some(found) => {
                let says = format!("container `{name}` cannot be started: {}, but its first line does not begin with `#!`: {quote}", found.says);
                reached(plain("pod/no-interpreter", says), found)
            }
            None => plain("pod/wrong-architecture", format!("the image of container `{name}` is built for another processor: {quote}")),
        },
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
            let mut d = by_code(pod, state, run, Some(&words)).proofs(proofs);
            d.confidence = Confidence::Medium;
            Fault::new(family, 4, d).aspect(Aspect::Any)
        }
        Cause::Last => {
            let mut d = by_code(pod, state, run, Some(&words)).proofs(proofs);
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
    let words = said.words();
    if let Some(found) = pod.template.container(&state.name).and_then(|c| files::sub_path(view, pod, c, &words)) {
        return Some(("pod/missing-configmap-key", found));
    }
    let below = || {
        let log = view.logs(pod, &state.name).into_iter().map(|(_, text)| text.text()).find(|t| t.lines().any(|l| l.trim() == said.line))?;
        let mut lines = log.lines().skip_while(|l| l.trim() != said.line).skip(1).take(BELOW);
        lines.find_map(|l| reach::named(view, pod, l, false))
    };
    reach::named(view, pod, &words, false).or_else(below).map(|found| ("pod/unreachable-dependency", found))
}

/// A setting of a configuration that is not given, and the name that it has as an environment variable.
fn setting(pod: &Pod, container: &str, key: &str, quote: &str) -> String {
    let var: String = key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let set: Vec<_> = pod.template.container(container).map(|c| c.env.iter().map(|e| &e.name).collect()).unwrap_or_default();
    let near = near::nearest(&var, set.iter().copied()).map_or_else(String::new, |n| format!("; `{n}` is set"));
    format!("container `{container}` needs the setting `{key}`, and nothing gives it (as an environment variable: {var}){near}: {quote}")
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
    // A path that goes astray goes so in one of its folders.
    let folders: Vec<&str> = path.match_indices('/').filter_map(|(at, _)| path.get(..at)).filter(|f| f.len() > 1).collect();
    let near = folders.iter().rev().filter(|f| mounts.iter().all(|m| m != *f)).find_map(|f| near::nearest(f, &mounts));
    let near = near.map_or_else(String::new, |m| format!("; a volume is mounted at `{m}`"));
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
