//! One prompt to one answer: encode, hand the bytes back, send them, stream; try again where that is right.
//!
//! It tries again only while nothing was said yet: at once with other bytes where the server refused a field, after a
//! pause where it was busy. Every sending hands its bytes back first, so that a ledger misses none.
use super::{Provider, Quirks};
use crate::model::chat::{Failure, FailureClass};
use crate::model::{ModelEvent, Prompt, RequestBody};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What comes of asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// These bytes are sent next.
    Sent(RequestBody),
    /// The model, or the link to it, says something. `Stop` and `Failed` are last.
    Model(ModelEvent),
}

/// How often and how patiently a request that failed is sent again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Times that the same bytes are sent again.
    pub retries: u32,
    /// The pause before the first of them; it doubles.
    pub first_pause: Duration,
    /// The longest pause; a server that asks for a longer one is not waited for.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { retries: 2, first_pause: Duration::from_secs(1), longest_pause: Duration::from_secs(20) }
    }
}

/// A provider, and what was learned of its server in this session.
#[derive(Clone)]
pub struct Caller {
    provider: Arc<dyn Provider>,
    quirks: Arc<Mutex<Quirks>>,
    patience: Patience,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller({})", self.provider.name())
    }
}

impl Caller {
    /// Nothing is known of the server yet.
    pub fn new(provider: Arc<dyn Provider>, patience: Patience) -> Self {
        Self { provider, quirks: Arc::default(), patience }
    }
    /// Asks. Dropping the stream drops the connection, and nothing is sent that was not handed out as `Sent`.
    pub fn ask(&self, prompt: Prompt) -> BoxStream<'static, Progress> {
        let state = Asking { caller: self.clone(), prompt, tries: 0, adapted: 0, said: false, phase: Phase::Encode };
        stream::unfold(state, Asking::next).boxed()
    }

    fn quirks(&self) -> Quirks {
        *self.quirks.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn learn(&self, quirks: Quirks) {
        *self.quirks.lock().unwrap_or_else(PoisonError::into_inner) = quirks;
    }
}

/// More refusals of fields than a server can have reasons for.
const MOST_ADAPTIONS: u32 = 4;

enum Phase {
    Encode,
    Send(RequestBody),
    Stream(BoxStream<'static, ModelEvent>),
    Pause(Duration),
    Over,
}

struct Asking {
    caller: Caller,
    prompt: Prompt,
    tries: u32,
    adapted: u32,
    said: bool,
    phase: Phase,
}

impl Asking {
    async fn next(mut self) -> Option<(Progress, Self)> {
        loop {
            match std::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Over => return None,
                Phase::Encode => {
                    let body = self.caller.provider.encode(&self.prompt, self.caller.quirks());
                    self.phase = Phase::Send(body.clone());
                    return Some((Progress::Sent(body), self));
                }
                Phase::Send(body) => self.phase = Phase::Stream(self.caller.provider.stream(body)),
                Phase::Pause(pause) => {
                    tokio::time::sleep(pause).await;
                    self.phase = Phase::Encode;
                }
                Phase::Stream(mut events) => match events.next().await {
                    None => {}
                    Some(ModelEvent::Failed(failure)) => {
                        let event = self.failed(failure);
                        return Some((Progress::Model(event), self));
                    }
                    Some(event) => {
                        self.said |= matches!(event, ModelEvent::Text(_) | ModelEvent::Thinking(_) | ModelEvent::Call(_));
                        if !matches!(event, ModelEvent::Stop(_)) {
                            self.phase = Phase::Stream(events);
                        }
                        return Some((Progress::Model(event), self));
                    }
                },
            }
        }
    }

    /// The failure itself, or that it is tried again.
    fn failed(&mut self, failure: Failure) -> ModelEvent {
        if self.said {
            return ModelEvent::Failed(failure);
        }
        if self.adapted < MOST_ADAPTIONS
            && let Some(quirks) = self.caller.provider.adapt(&failure, self.caller.quirks())
        {
            self.caller.learn(quirks);
            self.adapted += 1;
            self.phase = Phase::Encode;
            return ModelEvent::Retry(failure);
        }
        let passes = matches!(failure.class, FailureClass::RateLimited | FailureClass::Overloaded | FailureClass::StreamCut);
        let own = self.caller.patience.first_pause.saturating_mul(1 << self.tries.min(8)).min(self.caller.patience.longest_pause);
        let pause = failure.retry_after.map_or(own, |s| Duration::from_secs(u64::from(s)));
        if !passes || self.tries >= self.caller.patience.retries || pause > self.caller.patience.longest_pause {
            return ModelEvent::Failed(failure);
        }
        self.tries += 1;
        self.phase = Phase::Pause(pause);
        ModelEvent::Retry(failure)
    }
}
