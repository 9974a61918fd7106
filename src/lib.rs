//! `kopilot-tui`: a terminal dashboard for Kubernetes with an agent inside.
//!
//! The map of the crate. Imports go one way only; `tests/architecture.rs` fails on any other:
//!
//! ```text
//! model, text  ←  kubectl  ←  policy  ←  agent  ←  app  ←  ui
//! model, text  ←  diagnose  ←  agent
//! model, text, kubectl, policy  ←  cluster, llm, store, term     (adapters know neither agent nor app)
//! everything   ←  runtime, headless  ←  main                     (demo is known to main and tests alone)
//! ```
//!
//! `text` knows nothing of the others; `model` may use `text`. Nothing in `model`, `text`, `kubectl`, `policy`,
//! `diagnose`, `agent`, `app` and `ui` does IO or reads a clock.
pub mod agent;
pub mod app;
pub mod cli;
pub mod cluster;
pub mod demo;
pub mod diagnose;
pub mod headless;
pub mod kubectl;
pub mod llm;
pub mod model;
pub mod policy;
pub mod runtime;
pub mod store;
pub mod term;
pub mod text;
pub mod ui;
