//! The other front ends on the same engine: ask, diagnose, policy, audit, demo. Each returns an exit code of the design.
//!
//! Answers go to standard output, what goes wrong to standard error, and nothing here can change a cluster: a proposed
//! change is printed.
pub mod ask;
pub mod audit;
pub mod demo;
pub mod diagnose;
pub mod live;
pub mod out;
pub mod playbooks;
pub mod policy;

pub use out::code;
