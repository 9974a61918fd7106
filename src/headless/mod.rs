//! The other front ends on the same engine: ask, diagnose, policy, audit.
pub mod policy;
