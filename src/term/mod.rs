//! The terminal: modes, one writer, input, clipboard, signals. An adapter: it draws cells and knows no pane.
//!
//! Invariants: nothing is written when nothing changed; a frame is one write between synchronized-output marks; and
//! [`modes::restore`] is the only way out, whatever the way was.
pub mod abilities;
pub mod clipboard;
pub mod encode;
pub mod modes;
pub mod signals;
pub mod writer;

pub use abilities::Abilities;
pub use writer::Writer;
