//! What is kept: the audit chain, input history, config files. An adapter: it returns text and receipts.
pub mod audit;
pub mod before;
pub mod config;
pub mod dump;
pub mod folder;
pub mod history;
