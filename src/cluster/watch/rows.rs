//! From the wire to rows: which collection, what of it is read, and the pools its strings share.
use super::wire;
use crate::cluster::http::accept;
use crate::cluster::is_secret;
use crate::model::snapshot::{self, Wanted, pod::Templates};
use crate::model::{Change, Interner, KindRef, Link, Seen, Timestamp, Update, WatchKind};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A watched kind.
pub(in crate::cluster) trait Rows: Send + 'static {
    /// What is parsed.
    type Wire: DeserializeOwned + Send;
    /// What is kept.
    type Row: Send + 'static;
    /// What the receiver is told.
    type Message: Send + 'static;
    /// The kind.
    fn kind(&self) -> KindRef;
    /// The form that objects are asked for in.
    fn form(&self) -> &'static str {
        accept::JSON
    }
    /// The object's uid and resourceVersion.
    fn identity(wire: &Self::Wire) -> (&str, &str);
    /// The row.
    fn project(&mut self, wire: Self::Wire) -> Self::Row;
    /// Puts into words what is said.
    fn message(&self) -> Wrap<Self::Row, Self::Message>;
    /// Forgets strings that no row holds any more.
    fn sweep(&mut self);
}

/// What is said: changes, or how the watch stands.
pub(in crate::cluster) enum Said<T> {
    /// A batch.
    Changes(Vec<Change<T>>),
    /// The state, and when it became so.
    Link(Link, Timestamp),
}

/// From what is said to the receiver's message.
pub(in crate::cluster) type Wrap<T, M> = Box<dyn Fn(Said<T>) -> M + Send + Sync>;

fn core(resource: &str, kind: &str) -> KindRef {
    KindRef::new("", "v1", resource, kind, true)
}

fn identity(meta: &wire::Meta) -> (&str, &str) {
    (meta.uid.as_deref().unwrap_or_default(), meta.resource_version.as_deref().unwrap_or_default())
}

/// Pods.
#[derive(Default)]
pub(in crate::cluster) struct Pods {
    pool: Interner,
    templates: Templates,
}

impl Rows for Pods {
    type Wire = wire::Pod;
    type Row = snapshot::Pod;
    type Message = Update;
    fn kind(&self) -> KindRef {
        core("pods", "Pod")
    }
    fn identity(wire: &wire::Pod) -> (&str, &str) {
        identity(&wire.metadata)
    }
    fn project(&mut self, wire: wire::Pod) -> snapshot::Pod {
        snapshot::Pod::project(&wire.metadata.full(), &wire.spec, &wire.status, &mut self.pool, &mut self.templates)
    }
    fn message(&self) -> Wrap<snapshot::Pod, Update> {
        Box::new(|said| match said {
            Said::Changes(changes) => Update::Pods(changes),
            Said::Link(link, at) => Update::Link(WatchKind::Pods, link, at),
        })
    }
    fn sweep(&mut self) {
        self.pool.sweep();
        self.templates.sweep();
    }
}

/// Events of the core group: every server has them, and both writers' spellings are in them.
#[derive(Default)]
pub(in crate::cluster) struct Events {
    pool: Interner,
}

impl Rows for Events {
    type Wire = wire::Event;
    type Row = snapshot::Event;
    type Message = Update;
    fn kind(&self) -> KindRef {
        core("events", "Event")
    }
    fn identity(wire: &wire::Event) -> (&str, &str) {
        identity(&wire.metadata)
    }
    fn project(&mut self, wire: wire::Event) -> snapshot::Event {
        snapshot::Event::project(&wire.metadata.full(), &wire.fields, &mut self.pool)
    }
    fn message(&self) -> Wrap<snapshot::Event, Update> {
        Box::new(|said| match said {
            Said::Changes(changes) => Update::Events(changes),
            Said::Link(link, at) => Update::Link(WatchKind::Events, link, at),
        })
    }
    fn sweep(&mut self) {
        self.pool.sweep();
    }
}

/// Any other kind that the rules want. The receiver projects; of Secrets only `PartialObjectMetadata` is asked for.
pub(in crate::cluster) struct Objects(pub &'static Wanted);

impl Rows for Objects {
    type Wire = Value;
    type Row = Value;
    type Message = Seen;
    fn kind(&self) -> KindRef {
        self.0.kind_ref()
    }
    fn form(&self) -> &'static str {
        if self.0.metadata_only || is_secret(&self.kind()) { accept::METADATA } else { accept::JSON }
    }
    fn identity(wire: &Value) -> (&str, &str) {
        let text = |at: &str| wire.pointer(at).and_then(Value::as_str).unwrap_or_default();
        (text("/metadata/uid"), text("/metadata/resourceVersion"))
    }
    fn project(&mut self, wire: Value) -> Value {
        wire
    }
    fn message(&self) -> Wrap<Value, Seen> {
        let kind = self.0.kind;
        Box::new(move |said| match said {
            Said::Changes(changes) => Seen::Objects(kind, changes),
            Said::Link(link, _) => Seen::Link(kind, link),
        })
    }
    fn sweep(&mut self) {}
}
