//! The state of the screen.
use crate::agent::Agent;
use crate::model::{Epoch, Timestamp};

/// How the screen is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The role at this screen.
    pub role: crate::model::Role,
    /// The context to start with; the current one when `None`.
    pub context: Option<String>,
    /// The namespace to start with: `Some(None)` is all, `None` the context's.
    pub namespace: Option<Option<String>>,
    /// Whether time stands (`--still`): ages do not move and no timer runs.
    pub still: bool,
    /// The terminal's size.
    pub size: (u16, u16),
}

/// See the module.
#[derive(Debug)]
pub struct App {
    /// The agent.
    pub agent: Agent,
    /// How it was set up.
    pub setup: Setup,
    /// The connection on screen.
    pub epoch: Epoch,
    /// The instant of the newest event.
    pub now: Timestamp,
    /// Something visible changed since the last frame.
    pub dirty: bool,
}

impl App {
    /// The screen before anything happened, and what it wants done first.
    pub fn new(setup: Setup, agent: Agent, now: Timestamp) -> (Self, Vec<super::Effect>) {
        (Self { agent, setup, epoch: Epoch(0), now, dirty: true }, Vec::new())
    }
    /// The next instant at which a visible text changes by itself (an age turns, a dialog arms or expires, a notice
    /// fades); `None`: no timer is needed.
    pub fn next_tick(&self) -> Option<Timestamp> {
        None
    }
    /// Where the cursor shows (INSERT only).
    pub fn cursor(&self) -> Option<(u16, u16)> {
        None
    }
}
