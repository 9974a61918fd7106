//! The loop: events in, effects out, frames scheduled. What the pure modules ask for by effects is performed here, once,
//! for the screen and for the headless front ends alike.
//!
//! `session` builds what one start of the program needs; `engine` performs effects as tasks whose answers carry the epoch
//! or the turn; `screen` is the loop of the terminal. Nothing here decides: policy, agent and app do.
pub mod clock;
pub mod decide;
pub mod engine;
pub mod pace;
pub mod place;
pub mod problems;
pub mod scope;
pub mod screen;
pub mod session;
pub mod survey;

pub use engine::Engine;
pub use session::{Session, Source};
