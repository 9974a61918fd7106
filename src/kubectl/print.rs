//! The canonical command line of an operation: what a person reviews, and what parses back to the same operation (with
//! [`super::print_manifests`] beside it where the operation carries manifests).
use super::{kinds::Kinds, words::quoted};
use crate::model::operation::{Cascade, DrainHow, ExposedAs, KeyChange, Objects, Output, PatchType, Selectors, TaintChange, Target};
use crate::model::{Action, KindRef, Operation, Read, Scope, Write};

/// The command line, without the word `kubectl`.
pub fn print(operation: &Operation) -> String {
    let mut line = Line::default();
    match &operation.action {
        Action::Read(read) => line.read(read),
        Action::Write(write) => line.write(write),
    };
    let tail = std::mem::take(&mut line.tail);
    match &operation.scope {
        Scope::Named(namespace) if !namespace.is_empty() => line.word("-n").word(namespace),
        Scope::All => line.word("-A"),
        Scope::Named(_) | Scope::Context => &mut line,
    };
    for word in &tail {
        line.word(word);
    }
    line.text
}

#[derive(Default)]
struct Line {
    text: String,
    /// What stands behind the namespace: `--` and the command.
    tail: Vec<String>,
}

impl Line {
    fn word(&mut self, word: &str) -> &mut Self {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(&quoted(word));
        self
    }
    fn words(&mut self, words: &str) -> &mut Self {
        for word in words.split(' ') {
            self.word(word);
        }
        self
    }
    fn flag(&mut self, name: &str, value: Option<impl std::fmt::Display>) -> &mut Self {
        if let Some(value) = value {
            self.word(&format!("--{name}={value}"));
        }
        self
    }
    fn switch(&mut self, name: &str, on: bool) -> &mut Self {
        if on { self.word(&format!("--{name}")) } else { self }
    }
    fn selectors(&mut self, selectors: &Selectors) -> &mut Self {
        match &selectors.labels {
            // A value that begins with `-` stands behind `=`, where it can be no flag.
            Some(labels) if labels.starts_with('-') => self.word(&format!("-l={labels}")),
            Some(labels) => self.word("-l").word(labels),
            None => &mut *self,
        };
        self.flag("field-selector", selectors.fields.as_ref())
    }
    fn targets(&mut self, targets: &[Target]) -> &mut Self {
        if targets.iter().all(|t| t.name.is_none()) {
            let kinds: Vec<String> = targets.iter().map(|t| plural(&t.kind)).collect();
            return self.word(&kinds.join(","));
        }
        for target in targets {
            self.object(target);
        }
        self
    }
    fn object(&mut self, target: &Target) -> &mut Self {
        match &target.name {
            Some(name) => self.word(&format!("{}/{name}", singular(&target.kind))),
            None => self.word(&plural(&target.kind)),
        }
    }
    /// The objects of a write whose verb has `--all`.
    fn objects(&mut self, objects: &Objects) -> &mut Self {
        let all = objects.targets.iter().all(|t| t.name.is_none()) && objects.selectors == Selectors::default();
        self.chosen(objects).switch("all", all)
    }
    /// The objects of a write whose verb has no `--all`.
    fn chosen(&mut self, objects: &Objects) -> &mut Self {
        self.targets(&objects.targets).selectors(&objects.selectors)
    }
    /// The objects of a verb that is about one kind.
    fn names(&mut self, objects: &Objects) -> &mut Self {
        for name in objects.targets.iter().filter_map(|t| t.name.as_deref()) {
            self.word(name);
        }
        self.selectors(&objects.selectors)
    }
    fn changes(&mut self, changes: &[KeyChange]) -> &mut Self {
        for KeyChange { key, value } in changes {
            match value {
                Some(value) => self.word(&format!("{key}={value}")),
                None => self.word(&format!("{key}-")),
            };
        }
        self
    }

    fn read(&mut self, read: &Read) -> &mut Self {
        match read {
            Read::Get { targets, selectors, output, sort_by, show_labels } => {
                self.word("get").targets(targets).selectors(selectors).output(output).flag("sort-by", sort_by.as_ref()).switch("show-labels", *show_labels)
            }
            Read::Describe { targets, selectors } => self.word("describe").targets(targets).selectors(selectors),
            Read::Logs { target, container, previous, tail, since_seconds, timestamps, all_containers, selectors } => {
                self.word("logs");
                if target.name.is_some() {
                    self.object(target);
                }
                self.selectors(selectors)
                    .flag("container", container.as_ref())
                    .switch("previous", *previous)
                    .flag("tail", *tail)
                    .flag("since", since_seconds.map(|s| format!("{s}s")))
                    .switch("timestamps", *timestamps)
                    .switch("all-containers", *all_containers)
            }
            Read::Events { about, types } => {
                self.word("events");
                if let Some(Target { kind, name: Some(name) }) = about {
                    self.flag("for", Some(format!("{}/{name}", singular(kind))));
                }
                self.flag("types", (!types.is_empty()).then(|| types.join(",")))
            }
            Read::Top { target, selectors, containers, by_memory } => {
                self.word("top").word(&target.kind.resource);
                if let Some(name) = &target.name {
                    self.word(name);
                }
                self.selectors(selectors).switch("containers", *containers).flag("sort-by", by_memory.then_some("memory"))
            }
            Read::RolloutStatus { target } => self.words("rollout status").object(target),
            Read::RolloutHistory { target, revision } => self.words("rollout history").object(target).flag("revision", *revision),
            Read::CanI { verb, target, subresource } => self.words("auth can-i").word(verb).object(target).flag("subresource", subresource.as_ref()),
            Read::CanIList => self.words("auth can-i --list"),
            Read::WhoAmI => self.words("auth whoami"),
            Read::Version => self.word("version"),
            Read::ApiResources { namespaced, group } => self.word("api-resources").flag("namespaced", *namespaced).flag("api-group", group.as_ref()),
            Read::ApiVersions => self.word("api-versions"),
            Read::ClusterInfo => self.word("cluster-info"),
            Read::Explain { kind, fields, recursive } => {
                let path: Vec<&str> = std::iter::once(kind.resource.as_str()).chain(fields.iter().map(String::as_str)).collect();
                let plain = Kinds::builtin().resolve(&kind.resource).as_ref() == Some(kind);
                self.word("explain").word(&path.join(".")).flag("api-version", (!plain).then(|| kind.api_version())).switch("recursive", *recursive)
            }
            Read::Diff { .. } => self.words("diff -f -"),
            Read::HelmList => self.words("helm list"),
            Read::HelmStatus { release, revision } => self.words("helm status").word(release).flag("revision", *revision),
            Read::HelmHistory { release } => self.words("helm history").word(release),
        }
    }

    fn write(&mut self, write: &Write) -> &mut Self {
        match write {
            Write::Scale { objects, replicas, current } => {
                self.word("scale").objects(objects).flag("replicas", Some(replicas)).flag("current-replicas", *current)
            }
            Write::RolloutRestart { objects } => self.words("rollout restart").chosen(objects),
            Write::RolloutUndo { objects, to_revision } => self.words("rollout undo").chosen(objects).flag("to-revision", *to_revision),
            Write::RolloutPause { objects } => self.words("rollout pause").chosen(objects),
            Write::RolloutResume { objects } => self.words("rollout resume").chosen(objects),
            Write::SetImage { objects, images } => {
                self.words("set image").objects(objects);
                for (container, image) in images {
                    self.word(&format!("{container}={image}"));
                }
                self
            }
            Write::SetEnv { objects, containers, changes } => self.words("set env").objects(objects).flag("containers", containers.as_ref()).changes(changes),
            Write::SetResources { objects, containers, limits, requests } => self
                .words("set resources")
                .objects(objects)
                .flag("containers", containers.as_ref())
                .flag("limits", pairs(limits))
                .flag("requests", pairs(requests)),
            Write::Patch { objects, patch_type, body, subresource } => {
                let named = match patch_type {
                    PatchType::Strategic => None,
                    PatchType::Merge => Some("merge"),
                    PatchType::Json => Some("json"),
                };
                self.word("patch").chosen(objects).flag("subresource", subresource.as_ref()).flag("type", named).flag("patch", Some(body))
            }
            Write::Apply { force_conflicts, .. } => self.words("apply --server-side").switch("force-conflicts", *force_conflicts).words("-f -"),
            Write::Create { line: None, .. } => self.words("create -f -"),
            Write::Create { line: Some(words), .. } => {
                let dash = words.iter().position(|w| w == "--").unwrap_or(words.len());
                let (before, after) = words.split_at_checked(dash).unwrap_or((words, &[]));
                for word in before {
                    self.word(word);
                }
                self.tail = after.to_vec();
                self
            }
            Write::CreateJobFrom { name, cron_job } => {
                self.words("create job").word(name).flag("from", cron_job.name.as_ref().map(|n| format!("{}/{n}", singular(&cron_job.kind))))
            }
            Write::Replace { .. } => self.words("replace -f -"),
            Write::Label { objects, changes, overwrite } => self.word("label").objects(objects).switch("overwrite", *overwrite).changes(changes),
            Write::Annotate { objects, changes, overwrite } => self.word("annotate").objects(objects).switch("overwrite", *overwrite).changes(changes),
            Write::Taint { objects, changes, overwrite } => {
                self.word("taint").objects(objects).switch("overwrite", *overwrite);
                for change in changes {
                    self.word(&taint(change));
                }
                self
            }
            Write::Cordon { objects } => self.word("cordon").names(objects),
            Write::Uncordon { objects } => self.word("uncordon").names(objects),
            Write::Drain { objects, how } => self.word("drain").names(objects).drain(how),
            Write::Expose { target, service } => self.word("expose").object(target).exposed(service),
            Write::CertificateApprove { objects } => self.words("certificate approve").names(objects),
            Write::CertificateDeny { objects } => self.words("certificate deny").names(objects),
            Write::Delete { objects, grace_period, cascade } => self
                .word("delete")
                .objects(objects)
                .flag("grace-period", *grace_period)
                .switch("force", *grace_period == Some(0))
                .flag("cascade", cascaded(*cascade)),
        }
    }

    fn drain(&mut self, how: &DrainHow) -> &mut Self {
        self.switch("ignore-daemonsets", how.ignore_daemonsets)
            .switch("delete-emptydir-data", how.delete_emptydir_data)
            .switch("force", how.force)
            .flag("grace-period", how.grace_period)
            .flag("timeout", how.timeout_seconds.map(|s| format!("{s}s")))
            .flag("pod-selector", how.pod_selector.as_ref())
    }

    fn exposed(&mut self, service: &ExposedAs) -> &mut Self {
        self.flag("port", service.port)
            .flag("target-port", service.target_port.as_ref())
            .flag("protocol", service.protocol.as_ref())
            .flag("name", service.name.as_ref())
            .flag("type", service.service_type.as_ref())
            .flag("selector", service.selector.as_ref())
            .flag("labels", service.labels.as_ref())
            .flag("cluster-ip", service.cluster_ip.as_ref())
            .flag("external-ip", service.external_ip.as_ref())
            .flag("session-affinity", service.session_affinity.as_ref())
    }

    fn output(&mut self, output: &Output) -> &mut Self {
        match output {
            Output::Table => self,
            Output::Wide => self.words("-o wide"),
            Output::Yaml => self.words("-o yaml"),
            Output::Json => self.words("-o json"),
            Output::Name => self.words("-o name"),
            Output::JsonPath(path) => self.word("-o").word(&format!("jsonpath={path}")),
            Output::CustomColumns(columns) => self.word("-o").word(&format!("custom-columns={columns}")),
        }
    }
}

fn pairs(list: &[(String, String)]) -> Option<String> {
    let words: Vec<String> = list.iter().map(|(k, v)| format!("{k}={v}")).collect();
    (!words.is_empty()).then(|| words.join(","))
}

fn taint(change: &TaintChange) -> String {
    match change {
        TaintChange::Add { key, value, effect } if value.is_empty() => format!("{key}:{}", effect.as_str()),
        TaintChange::Add { key, value, effect } => format!("{key}={value}:{}", effect.as_str()),
        TaintChange::Remove { key, effect: Some(effect) } => format!("{key}:{}-", effect.as_str()),
        TaintChange::Remove { key, effect: None } => format!("{key}-"),
    }
}

fn cascaded(cascade: Cascade) -> Option<&'static str> {
    match cascade {
        Cascade::Background => None,
        Cascade::Foreground => Some("foreground"),
        Cascade::Orphan => Some("orphan"),
    }
}

/// `pods`; `widgets.v1.example.com` for what the built-in table does not have in this version.
fn plural(kind: &KindRef) -> String {
    word_for(kind, kind.resource.clone())
}

/// `pod`.
pub(super) fn singular(kind: &KindRef) -> String {
    word_for(kind, kind.kind.to_lowercase())
}

fn word_for(kind: &KindRef, short: String) -> String {
    if kind.resource == "*" || Kinds::builtin().resolve(&short).as_ref() == Some(kind) {
        short
    } else {
        format!("{}.{}.{}", kind.resource, kind.version, kind.group)
    }
}
