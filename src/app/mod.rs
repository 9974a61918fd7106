//! The only mutable state of the screen: `update(&mut App, Event) -> Vec<Effect>`. Synchronous, no IO; the time comes
//! with the event, so a recorded list of events replays.
pub mod event;
pub mod keys;
pub mod layout;
pub mod state;
pub mod update;

pub use event::{Effect, Event};
pub use state::App;
pub use update::update;
