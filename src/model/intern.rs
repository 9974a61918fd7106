//! Strings that occur thousands of times (namespaces, nodes, images, reasons) held once.
use crate::text::Clean;
use std::collections::HashSet;

/// A pool of clean strings. One a watch; swept at each relist.
#[derive(Debug, Default)]
pub struct Interner(HashSet<Clean>);

impl Interner {
    /// An empty pool.
    pub fn new() -> Self {
        Self::default()
    }
    /// The pooled string equal to the cleaned `raw` (one line).
    pub fn get(&mut self, raw: &str) -> Clean {
        if let Some(found) = self.0.get(raw) {
            return found.clone();
        }
        let clean = Clean::line(raw);
        if let Some(found) = self.0.get(clean.as_str()) {
            return found.clone();
        }
        self.0.insert(clean.clone());
        clean
    }
    /// Forgets strings that nothing else holds any more.
    pub fn sweep(&mut self) {
        self.0.retain(|c| c.holders() > 1);
    }
    /// How many strings are pooled.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether the pool is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
