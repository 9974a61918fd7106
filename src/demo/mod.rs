//! The embedded cluster: an API server on loopback with a scenario that breaks and heals. Known to `main` and tests
//! alone.
//!
//! `store` holds objects; `api/` serves them over HTTP as a real API server would; `sim/` is the controllers, scheduler
//! and kubelets behind it; `scenario/` is the data it starts from. `serve` puts them on a TLS listener.
pub mod api;
pub mod dump;
pub mod scenario;
pub mod serve;
pub mod sim;
pub mod store;
