//! One watch for as long as it is wanted: list, watch, resume, relist.
//!
//! Invariant: rows are only taken off the screen by a deletion that was seen or by the end of a whole list; a lost
//! link, a 410 and a refused list leave them where they are.
use super::backoff::Backoff;
use super::batch::{Batch, Gone};
use super::rows::Rows;
use super::wire::{self, Line};
use super::{FAR, Fetch, Pace};
use crate::cluster::http::{Failed, READ, with_query};
use crate::cluster::{Cluster, trouble};
use crate::model::{Change, KindRef, Link, Timestamp, Trouble, TroubleClass};
use crate::text::Clean;
use futures::{AsyncBufRead, AsyncBufReadExt as _};
use http::Request;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc::Sender};
use tokio::time::{Instant, sleep_until};

/// Rows of the first page: about a screen.
const FIRST_PAGE: u32 = 50;
/// Rows of every other page.
const PAGE: u32 = 500;
/// What a server answers that does not know streaming lists, or will not give one to us.
const NO_STREAM: &[u16] = &[400, 403, 404, 405, 406, 410, 415, 422, 501];
/// How long past its own end a session may last before it is ended from here.
const GRACE: Duration = Duration::from_secs(30);

/// What is watched, and how.
pub(super) struct Scope {
    pub cluster: Cluster,
    pub namespace: Option<Clean>,
    pub fetch: Fetch,
    pub pace: Pace,
    pub poke: Arc<Notify>,
    /// Held while a list is under way, so that many watches do not list at once.
    pub gate: Option<Arc<Semaphore>>,
}

/// A watch at work.
pub(super) struct Follow<R: Rows> {
    scope: Scope,
    rows: R,
    batch: Batch<R::Row, R::Message>,
    kind: KindRef,
    /// Where the next watch goes on; `None`: list first.
    version: Option<String>,
    /// A streaming list was refused or ignored once: pages from then on.
    paged: bool,
    /// When the server last said anything.
    heard: Timestamp,
    backoff: Backoff,
    /// The leave to list.
    list: Option<OwnedSemaphorePermit>,
}

/// Why one connection is over.
enum End {
    /// The receiver is gone.
    Gone,
    /// The server closed it, as it does every few minutes, or it broke; resume.
    Closed {
        /// Whether anything came over it.
        spoke: bool,
    },
    /// The version is too old: list again.
    Expired {
        /// Whether anything came over it.
        spoke: bool,
    },
    /// No streaming list here.
    NotStreaming,
    /// A failure.
    Failed(Box<Trouble>),
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl<R: Rows> Follow<R> {
    /// Ready to run.
    pub fn new(scope: Scope, rows: R, out: Sender<R::Message>) -> Self {
        let heard = (scope.cluster.now)();
        let backoff = Backoff::new(scope.pace.shortest, scope.pace.longest);
        let (batch, kind) = (Batch::new(out, rows.message()), rows.kind());
        Self { batch, kind, rows, list: None, version: None, paged: scope.fetch == Fetch::Paged, heard, backoff, scope }
    }

    /// Runs until nobody listens.
    pub async fn run(mut self) {
        if self.say(Link::Connecting).await.is_err() {
            return;
        }
        loop {
            let Err(end) = self.session().await;
            self.list = None;
            let wait = match end {
                End::Gone => return,
                End::NotStreaming => {
                    self.paged = true;
                    None
                }
                End::Closed { spoke } | End::Expired { spoke } => {
                    if matches!(end, End::Expired { .. }) {
                        self.version = None;
                    }
                    if spoke { None } else { Some(self.backoff.next()) }
                }
                End::Failed(trouble) => {
                    let denied = trouble.class == TroubleClass::Denied;
                    let lasting = denied || trouble.class == TroubleClass::NotFound;
                    let link = if denied { Link::Denied(*trouble) } else { Link::Stale { since: self.heard, trouble: *trouble } };
                    // the same trouble again is no news, though its sentence may differ in a number
                    if self.say(link).await.is_err() {
                        return;
                    }
                    let wait = self.backoff.next();
                    Some(if lasting { wait.max(self.scope.pace.denied) } else { wait })
                }
            };
            if self.batch.flush().await.is_err() {
                return;
            }
            if let Some(wait) = wait {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = self.scope.poke.notified() => self.backoff.reset(),
                    () = self.batch.closed() => return,
                }
            }
        }
    }

    /// One connection: a list if one is due, then the watch. Never ends well, by its nature.
    async fn session(&mut self) -> Result<std::convert::Infallible, End> {
        if self.version.is_none() {
            if let Some(gate) = self.scope.gate.clone() {
                self.list = gate.acquire_owned().await.ok();
            }
            if self.scope.fetch == Fetch::Streaming && !self.paged {
                self.rows.sweep();
                return self.stream(true).await;
            }
            // a screen of rows first, whatever comes after
            let mut next = self.page(FIRST_PAGE, None).await?;
            if next.is_some() && self.is_near().await {
                return self.stream(true).await;
            }
            while let Some(token) = next {
                next = self.page(PAGE, Some(&token)).await?;
            }
        }
        self.stream(false).await
    }

    /// Whether the rest of a list is better streamed. The round trip is measured on a connection that is warm.
    async fn is_near(&self) -> bool {
        !self.paged && self.scope.fetch == Fetch::Auto && self.scope.cluster.round_trip().await.is_some_and(|rtt| rtt <= FAR)
    }

    /// One page of the list, the first where there is no token; returns where the next one begins.
    async fn page(&mut self, limit: u32, token: Option<&str>) -> Result<Option<String>, End> {
        if token.is_none() {
            self.rows.sweep();
        }
        let operation = self.operation("list");
        let path = with_query(&self.path(), &[("limit", &limit.to_string()), ("continue", token.unwrap_or_default())]);
        let asked = self.scope.cluster.fetch(&operation, &path, self.rows.form()).await;
        let body = asked.map_err(|t| if t.class == TroubleClass::Expired { End::Expired { spoke: false } } else { End::Failed(Box::new(t)) })?;
        let read = wire::page(&body, |item: R::Wire| self.rows.project(item));
        let (meta, rows) = read.map_err(|e| End::Failed(Box::new(trouble::malformed(&operation, &self.scope.cluster.server, &e))))?;
        drop(body);
        self.heard = (self.scope.cluster.now)();
        if token.is_none() {
            self.begin().await?;
        }
        for row in rows {
            self.batch.push(Change::Upsert(row)).await?;
        }
        self.batch.flush().await?;
        let next = meta.next.filter(|n| !n.is_empty());
        if next.is_none() {
            self.end(meta.resource_version.unwrap_or_default()).await?;
        }
        Ok(next)
    }

    async fn begin(&mut self) -> Result<(), End> {
        // while rows of an older list are on screen, the state they have stays
        if matches!(self.batch.said(), None | Some(Link::Connecting | Link::Denied(_))) {
            self.say(Link::Filling).await?;
        }
        Ok(self.batch.push(Change::ListBegins).await?)
    }

    async fn end(&mut self, version: String) -> Result<(), End> {
        self.version = Some(version);
        self.batch.push(Change::ListEnds).await?;
        self.backoff.reset();
        self.list = None;
        Ok(self.say(Link::Live).await?)
    }

    /// A watch; with `initial` the list comes over it first.
    async fn stream(&mut self, initial: bool) -> Result<std::convert::Infallible, End> {
        let operation = self.operation("watch");
        let seconds = self.scope.pace.session.as_secs().to_string();
        let mut query = vec![("watch", "true"), ("allowWatchBookmarks", "true"), ("timeoutSeconds", seconds.as_str())];
        let version = self.version.clone().unwrap_or_default();
        if initial {
            query.extend([("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]);
        } else {
            query.push(("resourceVersion", &version));
        }
        // a watch is never compressed: the decoder would hold lines back
        let request = Request::get(with_query(&self.path(), &query))
            .header(http::header::ACCEPT, self.rows.form())
            .header(http::header::ACCEPT_ENCODING, "identity")
            .body(Vec::new())
            .map_err(|e| End::Failed(Box::new(Trouble::new(TroubleClass::Invalid, &operation, &e.to_string()))))?;
        let server = self.scope.cluster.server.clone();
        let client = self.scope.cluster.client.clone();
        let answered = tokio::time::timeout(READ, client.request_stream(request)).await;
        let body = match answered {
            Ok(Ok(body)) => body,
            Ok(Err(kube::Error::Api(status))) if initial && NO_STREAM.contains(&status.code) => return Err(End::NotStreaming),
            Ok(Err(kube::Error::Api(status))) if status.code == 410 => return Err(End::Expired { spoke: false }),
            Ok(Err(error)) => return Err(End::Failed(Box::new(self.scope.cluster.redacted(trouble::at(&operation, &server, &error))))),
            Err(_) => return Err(End::Failed(Box::new(trouble::silent(&operation, &server, READ)))),
        };
        self.heard = (self.scope.cluster.now)();
        if initial {
            self.begin().await?;
        } else {
            self.say(Link::Live).await?;
        }
        self.lines(body, initial, &operation).await
    }

    /// Lines until the connection is over.
    async fn lines(&mut self, body: impl AsyncBufRead, mut initial: bool, operation: &str) -> Result<std::convert::Infallible, End> {
        let mut body = std::pin::pin!(body);
        let began = Instant::now();
        let over = began + self.scope.pace.session + GRACE;
        let (mut line, mut spoke) = (Vec::new(), false);
        loop {
            let patience = if initial { self.scope.pace.stream } else { self.scope.pace.quiet };
            let due = self.batch.due();
            let flush = due.unwrap_or(over);
            let silent = Instant::now() + patience;
            tokio::select! {
                biased;
                // what was read of a line stays in `line` when another branch wins
                read = body.read_until(b'\n', &mut line) => {
                    let whole = line.ends_with(b"\n");
                    if read.is_err() || !whole {
                        if initial {
                            let cause = format!("{} closed the connection in the middle of the list", self.scope.cluster.server);
                            return Err(End::Failed(Box::new(Trouble::new(TroubleClass::Unreachable, operation, &cause))));
                        }
                        // closed, or cut within a line: that change comes again after the resume
                        return Err(End::Closed { spoke: spoke || began.elapsed() > self.scope.pace.longest });
                    }
                    spoke = true;
                    initial = self.line(&line, initial, operation).await?;
                    line.clear();
                }
                () = sleep_until(flush), if due.is_some() => self.batch.flush().await?,
                () = sleep_until(silent) => {
                    if initial {
                        return Err(End::NotStreaming);
                    }
                    self.probe(operation).await?;
                }
                () = sleep_until(over) => return Err(End::Closed { spoke: true }),
                () = self.batch.closed() => return Err(End::Gone),
            }
        }
    }

    /// One line; returns whether the initial list still arrives.
    async fn line(&mut self, line: &[u8], mut initial: bool, operation: &str) -> Result<bool, End> {
        let parsed: Line<R::Wire> = match serde_json::from_slice(line) {
            Ok(parsed) => parsed,
            Err(_) if line.iter().all(u8::is_ascii_whitespace) => return Ok(initial),
            Err(e) => return Err(End::Failed(Box::new(trouble::malformed(operation, &self.scope.cluster.server, &e)))),
        };
        self.heard = (self.scope.cluster.now)();
        match parsed {
            Line::Added(object) | Line::Modified(object) => {
                self.remember(R::identity(&object).1, initial);
                let row = self.rows.project(object);
                self.batch.push(Change::Upsert(row)).await?;
            }
            Line::Deleted(object) => {
                let (uid, version) = R::identity(&object);
                self.remember(version, initial);
                let uid = Clean::line(uid);
                self.batch.push(Change::Gone(uid)).await?;
            }
            Line::Bookmark(mark) => {
                if initial && mark.metadata.ends_list() {
                    initial = false;
                    self.end(mark.metadata.resource_version.unwrap_or_default()).await?;
                } else {
                    self.remember(mark.metadata.resource_version.as_deref().unwrap_or_default(), initial);
                }
            }
            Line::Error(status) if status.code == 410 || status.reason == "Expired" => return Err(End::Expired { spoke: !initial }),
            Line::Error(status) if initial && NO_STREAM.contains(&status.code) => return Err(End::NotStreaming),
            Line::Error(status) => {
                let error = kube::Error::Api(status);
                return Err(End::Failed(Box::new(self.scope.cluster.redacted(trouble::at(operation, &self.scope.cluster.server, &error)))));
            }
        }
        if !initial {
            self.backoff.reset();
        }
        Ok(initial)
    }

    /// Where a resume goes on. An unfinished list has no such place.
    fn remember(&mut self, version: &str, initial: bool) {
        if !initial && !version.is_empty() {
            self.version = Some(version.to_owned());
        }
    }

    /// Whether the server of a silent watch is still there.
    async fn probe(&self, operation: &str) -> Result<(), End> {
        let Ok(request) = Request::get("/version").body(Vec::new()) else { return Ok(()) };
        match self.scope.cluster.send(operation, request, Duration::from_secs(10)).await {
            Ok(_) | Err(Failed { status: Some(_), .. }) => Ok(()),
            Err(failed) => Err(End::Failed(Box::new(failed.trouble))),
        }
    }

    async fn say(&mut self, link: Link) -> Result<(), Gone> {
        let at = (self.scope.cluster.now)();
        self.batch.say(link, at).await
    }

    fn path(&self) -> String {
        self.kind.path(self.scope.namespace.as_deref().map(crate::cluster::http::encode).as_deref())
    }

    fn operation(&self, verb: &str) -> String {
        let resource = &self.kind.resource;
        match &self.scope.namespace {
            _ if !self.kind.namespaced => format!("{verb} {resource}"),
            Some(ns) => format!("{verb} {resource} in {ns}"),
            None => format!("{verb} {resource} in all namespaces"),
        }
    }
}
