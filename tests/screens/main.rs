//! The screen as a person meets it: keys and events in, effects and cells out. No terminal, no network, no clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
mod approvals;
mod keys;
mod paths;
mod pictures;
mod problems;
mod production;
mod queue;
mod quiet;
mod sizes;
mod stage;
mod watch;
