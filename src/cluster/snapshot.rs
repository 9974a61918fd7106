//! A one-shot look at a scope for the rules: lists of every kind they want, a few at a time, and the logs they ask for.
//!
//! Every kind says how looking at it went: a 403 is not emptiness, a cut list is not a list. Of Secrets only
//! `PartialObjectMetadata` is asked for.
use super::http::{accept, encode, with_query};
use super::read::Limits;
use super::trouble::malformed;
use super::watch::rows::Rows as _;
use super::watch::{rows, wire};
use super::{Cluster, is_secret};
use crate::kubectl::kinds::Kinds;
use crate::model::operation::{Action, Read, Selectors, Target};
use crate::model::snapshot::{self, Builder, Coverage, KINDS, LogKey, Wanted};
use crate::model::{KindRef, Looked, Operation, Scope, Snapshot, Trouble, TroubleClass};
use crate::text::{Clean, Prepared};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Requests at a time.
const AT_ONCE: usize = 6;
/// Objects of a page.
const PAGE: &str = "500";
/// Objects of one kind at most; far above what a screen or a rule can use.
const MOST: usize = 100_000;
/// Bytes of one log for the rules.
const LOG_BYTES: usize = 64 * 1024;
/// Logs of one look at most.
pub const LOGS: usize = 160;

/// What came of listing one kind.
enum Items {
    /// Rows already.
    Pods(Vec<snapshot::Pod>),
    /// The same of events.
    Events(Vec<snapshot::Event>),
    /// Whole objects, without managedFields.
    Objects(Vec<Value>),
}

impl Cluster {
    /// Lists every kind the rules want in `namespace` (`None`: all). 403s and failures are noted per kind in the
    /// snapshot's coverage. Logs are not in it: [`Cluster::logs`] reads those that the rules ask for.
    pub async fn snapshot(&self, namespace: Option<&str>) -> Snapshot {
        let mut looks: Vec<BoxFuture<'_, (&'static Wanted, (Items, Coverage))>> = Vec::with_capacity(KINDS.len());
        for wanted in KINDS {
            looks.push(Box::pin(async move { (wanted, self.look(wanted, namespace).await) }));
        }
        let looked: Vec<_> = futures::stream::iter(looks).buffer_unordered(AT_ONCE).collect().await;
        let mut builder = Builder::new((self.now)()).namespaces(namespace);
        for (wanted, (items, coverage)) in looked {
            match items {
                Items::Pods(list) => builder.pods(list),
                Items::Events(list) => builder.events(list),
                Items::Objects(list) => list.iter().for_each(|object| {
                    // what can not be read is counted by the builder and spoils the kind's coverage
                    let _ = builder.item(wanted.kind, object);
                }),
            }
            builder.coverage(wanted.kind, coverage);
        }
        builder.finish()
    }

    /// All objects of one kind, and how looking went.
    async fn look(&self, wanted: &Wanted, namespace: Option<&str>) -> (Items, Coverage) {
        match wanted.kind {
            "Pod" => {
                let mut rows = rows::Pods::default();
                let (items, coverage) = self.all(wanted, namespace, |p| rows.project(p)).await;
                (Items::Pods(items), coverage)
            }
            "Event" => {
                let mut rows = rows::Events::default();
                let (items, coverage) = self.all(wanted, namespace, |e| rows.project(e)).await;
                (Items::Events(items), coverage)
            }
            _ => {
                let (items, coverage) = self.all(wanted, namespace, |object: Value| object).await;
                (Items::Objects(items), coverage)
            }
        }
    }

    async fn all<T: DeserializeOwned, R>(&self, wanted: &Wanted, namespace: Option<&str>, mut each: impl FnMut(T) -> R) -> (Vec<R>, Coverage) {
        let kind = wanted.kind_ref();
        let namespace = namespace.filter(|_| wanted.namespaced);
        // a namespace is asked for by its name, where only one is wanted: its user may not list them all
        let operation = format!("list {}{}", kind.resource, namespace.map(|n| format!(" in {n}")).unwrap_or_default());
        let form = if wanted.metadata_only || is_secret(&kind) { accept::METADATA } else { accept::JSON };
        let base = kind.path(namespace.map(encode).as_deref());
        let mut items = Vec::new();
        let mut next = String::new();
        loop {
            let path = with_query(&base, &[("limit", PAGE), ("continue", &next)]);
            match self.page(&operation, &path, form, &mut each).await {
                Ok((meta, page)) => {
                    items.extend(page);
                    match meta.next.filter(|n| !n.is_empty()) {
                        Some(token) if items.len() < MOST => next = token,
                        Some(_) => return (items, Coverage::Cut(Clean::line(&format!("only the first {MOST} {} were read", kind.resource)))),
                        None => return (items, Coverage::Whole),
                    }
                }
                Err(trouble) => {
                    let coverage = match trouble.class {
                        TroubleClass::Denied => Coverage::Denied(trouble),
                        // the server does not serve this kind, so there is none
                        TroubleClass::NotFound => Coverage::Whole,
                        _ if !items.is_empty() => Coverage::Cut(Clean::line(&format!("the list broke off after {}: {}", items.len(), trouble.cause))),
                        _ => Coverage::Failed(trouble),
                    };
                    return (items, coverage);
                }
            }
        }
    }

    async fn page<T: DeserializeOwned, R>(
        &self,
        operation: &str,
        path: &str,
        form: &'static str,
        each: impl FnMut(T) -> R,
    ) -> Result<(wire::PageMeta, Vec<R>), Trouble> {
        let body = self.fetch(operation, path, form).await?;
        wire::page(&body, each).map_err(|e| malformed(operation, &self.server, &e))
    }

    /// The logs that the rules ask for, as far as they can be read, and no more than [`LOGS`].
    pub async fn logs(&self, keys: &[LogKey]) -> Vec<(LogKey, Prepared)> {
        let limits = Limits { bytes: LOG_BYTES, ..Limits::default() };
        let mut reads: Vec<BoxFuture<'_, Option<(LogKey, Prepared)>>> = Vec::new();
        for key in keys.iter().take(LOGS) {
            reads.push(Box::pin(self.log_of(key.clone(), limits)));
        }
        futures::stream::iter(reads).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await
    }

    async fn log_of(&self, key: LogKey, limits: Limits) -> Option<(LogKey, Prepared)> {
        let target = Target { kind: KindRef::new("", "v1", "pods", "Pod", true), name: Some(key.pod.to_string()) };
        let read = Read::Logs {
            target,
            container: Some(key.container.to_string()),
            previous: key.previous,
            tail: None,
            since_seconds: None,
            timestamps: false,
            all_containers: false,
            selectors: Selectors::default(),
        };
        let operation = Operation { action: Action::Read(read), scope: Scope::Named(key.namespace.to_string()) };
        let readings = self.read(&operation, None, limits).await;
        // the key that was asked for stays, whichever run was to be had: the rules look it up under that
        readings.into_iter().find_map(|r| match r.looked {
            Looked::Found(text) => Some((key.clone(), text)),
            _ => None,
        })
    }

    /// Names of namespaces, for the picker. `Err` when listing is forbidden or failed.
    pub async fn namespaces(&self) -> Result<Vec<Clean>, Trouble> {
        let mut names = Vec::new();
        let mut next = String::new();
        loop {
            let path = with_query("/api/v1/namespaces", &[("limit", PAGE), ("continue", &next)]);
            let name = |item: Value| Clean::line(super::read::objects::text(&item, "/metadata/name"));
            let (meta, page) = self.page("list namespaces", &path, accept::NAMES, name).await?;
            names.extend(page);
            match meta.next.filter(|n| !n.is_empty()) {
                Some(token) if names.len() < MOST => next = token,
                _ => break,
            }
        }
        names.sort();
        Ok(names)
    }

    /// The server's version and its kinds (discovery); the kinds are kept in `self.kinds` too.
    pub async fn discover(&self) -> Result<(Clean, Kinds), Trouble> {
        let (version, served) = tokio::join!(self.server_version(), self.served());
        let kinds = Kinds::discovered(served?);
        if let Ok(mut kept) = self.kinds.write() {
            *kept = kinds.clone();
        }
        Ok((version.unwrap_or_default(), kinds))
    }
}
