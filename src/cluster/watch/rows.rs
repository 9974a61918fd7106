//! From the wire to rows: which collection, what of it is read, and the pools its strings share.
use super::wire;
use crate::model::snapshot::{self, pod::Templates};
use crate::model::{Change, Interner, Update, WatchKind};
use serde::de::DeserializeOwned;

/// A watched kind.
pub(in crate::cluster) trait Rows: Default + Send + 'static {
    /// What is parsed.
    type Wire: DeserializeOwned + Send;
    /// What is kept.
    type Row: Send + 'static;
    /// Which watch it is.
    const KIND: WatchKind;
    /// Plural, lower case, of the core group.
    const RESOURCE: &'static str;
    /// The object's metadata.
    fn meta(wire: &Self::Wire) -> &wire::Meta;
    /// The row.
    fn project(&mut self, wire: Self::Wire) -> Self::Row;
    /// A batch.
    fn wrap(changes: Vec<Change<Self::Row>>) -> Update;
    /// Forgets strings that no row holds any more.
    fn sweep(&mut self);
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
    const KIND: WatchKind = WatchKind::Pods;
    const RESOURCE: &'static str = "pods";
    fn meta(wire: &wire::Pod) -> &wire::Meta {
        &wire.metadata
    }
    fn project(&mut self, wire: wire::Pod) -> snapshot::Pod {
        snapshot::Pod::project(&wire.metadata.full(), &wire.spec, &wire.status, &mut self.pool, &mut self.templates)
    }
    fn wrap(changes: Vec<Change<snapshot::Pod>>) -> Update {
        Update::Pods(changes)
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
    const KIND: WatchKind = WatchKind::Events;
    const RESOURCE: &'static str = "events";
    fn meta(wire: &wire::Event) -> &wire::Meta {
        &wire.metadata
    }
    fn project(&mut self, wire: wire::Event) -> snapshot::Event {
        snapshot::Event::project(&wire.metadata.full(), &wire.fields, &mut self.pool)
    }
    fn wrap(changes: Vec<Change<snapshot::Event>>) -> Update {
        Update::Events(changes)
    }
    fn sweep(&mut self) {
        self.pool.sweep();
    }
}
