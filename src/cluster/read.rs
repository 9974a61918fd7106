//! Reads of the grammar, through the API: one file a verb.
//!
//! Every text that leaves here went through [`text::prepare`](crate::text::prepare): cleaned, redacted, cut, each cut
//! said. Nothing there, not allowed, and could not look are three different answers.
use super::{Cluster, is_secret};
use crate::model::operation::{Output, Target};
use crate::model::{Action, KindRef, Looked, ObjectRef, Operation, Read, Reading, Scope, Source, Trouble, TroubleClass};
use crate::text::clip::Cut;
use crate::text::prepare::{Form, prepare};
use crate::text::{Clean, Prepared};
use serde_json::Value;

mod access;
mod describe;
mod diff;
mod events;
mod explain;
mod get;
mod helm;
mod logs;
pub(super) mod objects;
mod path;
pub(super) mod rollout;
mod server;
mod table;
mod top;

/// Sizes that a read keeps to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one text for a model.
    pub bytes: usize,
    /// Log lines read when the command names no `--tail`.
    pub log_lines: u64,
    /// Objects of a list.
    pub objects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 * 1024, log_lines: 200, objects: 500 }
    }
}

impl Cluster {
    /// Performs a read that policy allowed. One reading an object or list; never fails as a whole: what could not be
    /// read says so in its place. `namespace`: what `Scope::Context` means (`None`: all).
    pub async fn read(&self, operation: &Operation, namespace: Option<&str>, limits: Limits) -> Vec<Reading> {
        let namespace = match &operation.scope {
            Scope::Context => namespace,
            Scope::Named(ns) => Some(ns.as_str()),
            Scope::All => None,
        };
        let reader = Reader { cluster: self, namespace, limits };
        let Action::Read(read) = &operation.action else {
            let trouble = Trouble::new(TroubleClass::Refused, "read", "this operation is no read").hint("Propose it as a change.");
            return vec![reader.reading(Source::Server, None, Looked::Failed(trouble))];
        };
        if let Some(reading) = reader.refuse_secrets(read) {
            return vec![reading];
        }
        match read {
            Read::Get { .. } => reader.get(read).await,
            Read::Describe { targets, selectors } => reader.describe(targets, selectors).await,
            Read::Logs { .. } => reader.logs(read).await,
            Read::Events { about, types } => vec![reader.events(about.as_ref(), types).await],
            Read::Top { target, selectors, containers, by_memory } => vec![reader.top(target, selectors, *containers, *by_memory).await],
            Read::RolloutStatus { target } => vec![reader.rollout_status(target).await],
            Read::RolloutHistory { target, revision } => vec![reader.rollout_history(target, *revision).await],
            Read::CanI { verb, target, subresource } => vec![reader.can_i(verb, target, subresource.as_deref()).await],
            Read::CanIList => vec![reader.can_i_list().await],
            Read::WhoAmI => vec![reader.who_am_i().await],
            Read::Version => vec![reader.version().await],
            Read::ApiResources { namespaced, group } => vec![reader.api_resources(*namespaced, group.as_deref()).await],
            Read::ApiVersions => vec![reader.api_versions().await],
            Read::ClusterInfo => vec![reader.cluster_info().await],
            Read::Explain { kind, fields, recursive } => vec![reader.explain(kind, fields, *recursive).await],
            Read::Diff { manifests } => reader.diff(manifests).await,
            Read::HelmList => vec![reader.helm_list().await],
            Read::HelmStatus { release, revision } => vec![reader.helm_status(release, *revision).await],
            Read::HelmHistory { release } => vec![reader.helm_history(release).await],
        }
    }
}

/// One read at work.
struct Reader<'a> {
    cluster: &'a Cluster,
    /// `None`: all namespaces.
    namespace: Option<&'a str>,
    limits: Limits,
}

/// Where a text came from, of which object, in which state of it.
struct Origin {
    source: Source,
    object: Option<ObjectRef>,
    uid: Option<String>,
    version: Option<String>,
}

impl Origin {
    fn new(source: Source) -> Self {
        Self { source, object: None, uid: None, version: None }
    }
    /// Of an object as it was read.
    fn of(source: Source, kind: &str, value: &Value) -> Self {
        Self {
            source,
            object: Some(ObjectRef::new(kind, objects::text(value, "/metadata/namespace"), objects::text(value, "/metadata/name"))),
            uid: Some(objects::text(value, "/metadata/uid").to_owned()).filter(|u| !u.is_empty()),
            version: Some(objects::text(value, "/metadata/resourceVersion").to_owned()).filter(|u| !u.is_empty()),
        }
    }
}

impl Reader<'_> {
    fn reading(&self, source: Source, object: Option<ObjectRef>, looked: Looked) -> Reading {
        Reading { source, object, uid: None, resource_version: None, taken_at: (self.cluster.now)(), looked }
    }

    fn from(&self, origin: Origin, looked: Looked) -> Reading {
        Reading {
            source: origin.source,
            object: origin.object,
            uid: origin.uid.as_deref().map(Clean::line),
            resource_version: origin.version.as_deref().map(Clean::line),
            taken_at: (self.cluster.now)(),
            looked,
        }
    }

    fn prepared(&self, raw: &str, form: Form) -> Prepared {
        prepare(raw, form, self.limits.bytes, &self.cluster.redactor)
    }

    /// A text that was read.
    fn found(&self, origin: Origin, raw: &str) -> Reading {
        let prepared = self.prepared(raw, Form::Block);
        self.from(origin, Looked::Found(prepared))
    }

    /// A list's text; `more`: objects that the limit left out, when it did.
    fn found_list(&self, origin: Origin, raw: &str, more: Option<u64>) -> Reading {
        let Some(more) = more else { return self.found(origin, raw) };
        let count = if more == 0 { "more".to_owned() } else { format!("{more} more") };
        let text = format!("{}\n… {count} not listed (the limit is {})\n", raw.trim_end(), self.limits.objects);
        let cut = Cut { part: "tail", bytes: 0, lines: usize::try_from(more).unwrap_or(usize::MAX) };
        let prepared = self.prepared(&text, Form::Block).with_cut(cut);
        self.from(origin, Looked::Found(prepared))
    }

    fn nothing(&self, origin: Origin, sentence: &str) -> Reading {
        self.from(origin, Looked::Nothing(Clean::line(sentence)))
    }

    /// A failure as the kind of answer it is.
    fn failed(&self, origin: Origin, trouble: Trouble) -> Reading {
        let looked = match trouble.class {
            TroubleClass::NotFound => Looked::Nothing(Clean::line(&format!("{}: {}", trouble.operation, trouble.cause))),
            TroubleClass::Denied => Looked::Denied(trouble),
            _ => Looked::Failed(trouble),
        };
        self.from(origin, looked)
    }

    /// The namespace that a target of this kind lives in.
    fn place(&self, kind: &KindRef) -> Option<&str> {
        self.namespace.filter(|_| kind.namespaced)
    }

    /// ` in shop`, ` in all namespaces`, or nothing for a cluster-scoped kind.
    fn place_words(&self, kind: &KindRef) -> String {
        match (kind.namespaced, self.namespace) {
            (false, _) => String::new(),
            (true, Some(ns)) => format!(" in {ns}"),
            (true, None) => " in all namespaces".to_owned(),
        }
    }

    /// An object that the caller named.
    fn named(&self, target: &Target) -> Option<ObjectRef> {
        target.name.as_ref().map(|n| ObjectRef::new(target.kind.kind.as_str(), self.place(&target.kind).unwrap_or_default(), n.as_str()))
    }

    /// Secrets are listed by the server's Table at most; whatever would carry their values is not asked for.
    fn refuse_secrets(&self, read: &Read) -> Option<Reading> {
        let (targets, why): (Vec<&Target>, &str) = match read {
            Read::Get { targets, output: Output::Table | Output::Wide | Output::Name, sort_by: None, .. } => {
                (targets.iter().filter(|t| t.kind.group.is_empty() && t.kind.resource != "secrets" && is_secret(&t.kind)).collect(), "kind is not known")
            }
            Read::Get { targets, .. } | Read::Describe { targets, .. } => (targets.iter().collect(), "values of Secrets are never read"),
            Read::Diff { manifests } if manifests.iter().any(|m| is_secret(&m.kind)) => {
                let trouble = Trouble::new(TroubleClass::Refused, "diff", "values of Secrets are never read").hint("Leave the Secret out of the manifest.");
                return Some(self.reading(Source::Object, None, Looked::Failed(trouble)));
            }
            _ => (Vec::new(), ""),
        };
        let target = targets.into_iter().find(|t| is_secret(&t.kind))?;
        let trouble = Trouble::new(TroubleClass::Refused, &format!("read {}", target.kind.resource), why)
            .hint("`get secrets` lists their names, types and ages; that is all this program reads of them.");
        Some(self.reading(Source::Object, self.named(target), Looked::Failed(trouble)))
    }
}
