//! Pure string work: what makes outside text safe, small and readable. No IO, no clock, no other module of ours.
pub mod clean;
pub mod clip;
pub mod diff;
pub mod highlight;
pub mod markdown;
pub mod pattern;
pub mod prepare;
pub mod redact;
pub mod wrap;

pub use clean::Clean;
pub use prepare::Prepared;
pub use redact::{Redaction, Redactor};
