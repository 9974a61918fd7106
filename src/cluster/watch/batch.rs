//! Changes on their way to the screen: the first at once, then at most one message every few milliseconds. The channel
//! is bounded, so a slow screen slows the reading and nothing piles up.
use super::rows::{Said, Wrap};
use crate::model::{Change, Link, Timestamp};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

/// The least time between two messages.
const BEAT: Duration = Duration::from_millis(16);
/// The most changes of one message.
const MOST: usize = 256;

/// Nobody listens any more.
#[derive(Debug)]
pub(super) struct Gone;

/// What waits to be sent, and what was said last.
pub(super) struct Batch<T, M> {
    out: Sender<M>,
    wrap: Wrap<T, M>,
    waiting: Vec<Change<T>>,
    /// `None` before the first message: that one does not wait.
    flushed: Option<Instant>,
    said: Option<Link>,
}

impl<T, M> Batch<T, M> {
    /// Nothing waits.
    pub fn new(out: Sender<M>, wrap: Wrap<T, M>) -> Self {
        Self { out, wrap, waiting: Vec::new(), flushed: None, said: None }
    }

    /// Adds a change, and sends what waits when it is time or enough.
    pub async fn push(&mut self, change: Change<T>) -> Result<(), Gone> {
        self.waiting.push(change);
        let first = self.flushed.is_none() && matches!(self.waiting.last(), Some(Change::Upsert(_)));
        if first || self.waiting.len() >= MOST || self.due().is_some_and(|at| at <= Instant::now()) { self.flush().await } else { Ok(()) }
    }

    /// When what waits must go; `None` while nothing waits.
    pub fn due(&self) -> Option<Instant> {
        (!self.waiting.is_empty()).then(|| self.flushed.map_or_else(|| Instant::now() + BEAT, |at| at + BEAT))
    }

    /// Sends what waits.
    pub async fn flush(&mut self) -> Result<(), Gone> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let changes = std::mem::take(&mut self.waiting);
        self.out.send((self.wrap)(Said::Changes(changes))).await.map_err(|_| Gone)?;
        self.flushed = Some(Instant::now());
        Ok(())
    }

    /// Says how the watch stands, when that is news; what waits goes first.
    pub async fn say(&mut self, link: Link, at: Timestamp) -> Result<(), Gone> {
        if self.said.as_ref() == Some(&link) {
            return Ok(());
        }
        self.flush().await?;
        self.said = Some(link.clone());
        self.out.send((self.wrap)(Said::Link(link, at))).await.map_err(|_| Gone)
    }

    /// What was said last.
    pub fn said(&self) -> Option<&Link> {
        self.said.as_ref()
    }

    /// Resolves when the receiver is dropped.
    pub async fn closed(&self) {
        self.out.closed().await;
    }
}
