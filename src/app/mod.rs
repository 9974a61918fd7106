//! The only mutable state of the screen: `update(&mut App, Event) -> Vec<Effect>`. Synchronous, no IO; the time comes
//! with the event, so a recorded list of events replays.
pub mod act;
pub mod chat;
pub mod context;
pub mod dialog;
pub mod event;
pub mod filter;
pub mod flow;
pub mod help;
pub mod ink;
pub mod investigate;
pub mod keys;
pub mod layout;
pub mod line;
pub mod popup;
pub mod problems;
pub mod prose;
pub mod review;
pub mod rows;
pub mod settle;
pub mod state;
pub mod table;
pub mod update;
pub mod view;
pub mod words;

pub use event::{Effect, Event};
pub use state::App;
pub use update::update;
