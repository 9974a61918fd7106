//! The canonical command line of an operation: what a person reviews, and what parses back to the same operation.
use super::{kinds::Kinds, words::quoted};
use crate::model::operation::{Objects, Output, Selectors, Target};
use crate::model::{Action, KindRef, Operation, Read, Scope, Write};

/// The command line, without the word `kubectl`.
pub fn print(operation: &Operation) -> String {
    let mut line = Line::default();
    match &operation.action {
        Action::Read(read) => line.read(read),
        Action::Write(write) => line.write(write),
    }
    match &operation.scope {
        Scope::Named(namespace) if !namespace.is_empty() => line.word("-n").word(namespace),
        Scope::All => line.word("-A"),
        Scope::Named(_) | Scope::Context => &mut line,
    };
    line.0
}

#[derive(Default)]
struct Line(String);

impl Line {
    fn word(&mut self, word: &str) -> &mut Self {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(&quoted(word));
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
    fn objects(&mut self, objects: &Objects) -> &mut Self {
        let unnamed = objects.targets.iter().all(|t| t.name.is_none());
        let all = unnamed && objects.selectors == Selectors::default();
        self.targets(&objects.targets).selectors(&objects.selectors).switch("all", all)
    }
    fn object(&mut self, target: &Target) -> &mut Self {
        match &target.name {
            Some(name) => self.word(&format!("{}/{name}", singular(&target.kind))),
            None => self.word(&plural(&target.kind)),
        }
    }

    fn read(&mut self, read: &Read) {
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
            Read::Top { target, selectors, containers } => {
                self.word("top").word(&target.kind.resource);
                if let Some(name) = &target.name {
                    self.word(name);
                }
                self.selectors(selectors).switch("containers", *containers)
            }
            Read::RolloutStatus { target } => self.word("rollout").word("status").object(target),
            Read::RolloutHistory { target, revision } => self.word("rollout").word("history").object(target).flag("revision", *revision),
            Read::CanI { verb, target, subresource } => self.word("auth").word("can-i").word(verb).object(target).flag("subresource", subresource.as_ref()),
            Read::CanIList => self.word("auth").word("can-i").word("--list"),
            Read::WhoAmI => self.word("auth").word("whoami"),
            Read::Version => self.word("version"),
            Read::ApiResources => self.word("api-resources"),
            _ => self,
        };
    }

    fn write(&mut self, write: &Write) {
        match write {
            Write::Scale { objects, replicas, current } => {
                self.word("scale").objects(objects).flag("replicas", Some(replicas)).flag("current-replicas", *current)
            }
            Write::RolloutRestart { objects } => self.word("rollout").word("restart").objects(objects),
            Write::RolloutUndo { objects, to_revision } => self.word("rollout").word("undo").objects(objects).flag("to-revision", *to_revision),
            Write::SetImage { objects, images } => {
                self.word("set").word("image").objects(objects);
                for (container, image) in images {
                    self.word(&format!("{container}={image}"));
                }
                self
            }
            Write::Delete { objects, grace_period, .. } => {
                self.word("delete").objects(objects).flag("grace-period", *grace_period).switch("force", *grace_period == Some(0))
            }
            _ => self,
        };
    }

    fn output(&mut self, output: &Output) -> &mut Self {
        match output {
            Output::Table => self,
            Output::Wide => self.word("-o").word("wide"),
            Output::Yaml => self.word("-o").word("yaml"),
            Output::Json => self.word("-o").word("json"),
            Output::Name => self.word("-o").word("name"),
            Output::JsonPath(path) => self.word("-o").word(&format!("jsonpath={path}")),
            Output::CustomColumns(columns) => self.word("-o").word(&format!("custom-columns={columns}")),
        }
    }
}

/// `pods`; `widgets.v1.example.com` for what the built-in table does not have in this version.
fn plural(kind: &KindRef) -> String {
    word_for(kind, kind.resource.clone())
}

/// `pod`.
fn singular(kind: &KindRef) -> String {
    word_for(kind, kind.kind.to_lowercase())
}

fn word_for(kind: &KindRef, short: String) -> String {
    if kind.resource == "*" || Kinds::builtin().resolve(&short).as_ref() == Some(kind) {
        short
    } else {
        format!("{}.{}.{}", kind.resource, kind.version, kind.group)
    }
}
