//! Reads of the grammar, through the API.
use super::Cluster;
use crate::model::{Operation, Reading};

/// Sizes that a read keeps to.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one text for a model.
    pub bytes: usize,
    /// Log lines read when the command names no `--tail`.
    pub log_lines: u64,
    /// Objects of a list.
    pub objects: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 * 1024, log_lines: 200, objects: 500 }
    }
}

impl Cluster {
    /// Performs a read that policy allowed. One reading an object or list; never fails as a whole: what could not be
    /// read says so in its place. `namespace`: what `Scope::Context` means (`None`: all).
    pub async fn read(&self, operation: &Operation, namespace: Option<&str>, limits: Limits) -> Vec<Reading> {
        let _ = (operation, namespace, limits);
        Vec::new()
    }
}
