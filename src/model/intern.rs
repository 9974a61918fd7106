//! Strings that occur thousands of times (namespaces, nodes, images, reasons) held once.
use crate::text::Clean;
use std::collections::HashSet;
use std::sync::Arc;

/// Labels in the order of their keys.
pub type Labels = Arc<[(Clean, Clean)]>;

/// A pool of clean strings, and of labels made of them. One a watch; swept at each relist.
#[derive(Debug, Default)]
pub struct Interner {
    strings: HashSet<Clean>,
    labels: HashSet<Labels>,
}

impl Interner {
    /// An empty pool.
    pub fn new() -> Self {
        Self::default()
    }
    /// The pooled string equal to the cleaned `raw` (one line).
    pub fn get(&mut self, raw: &str) -> Clean {
        if let Some(found) = self.strings.get(raw) {
            return found.clone();
        }
        let clean = Clean::line(raw);
        if let Some(found) = self.strings.get(clean.as_str()) {
            return found.clone();
        }
        self.strings.insert(clean.clone());
        clean
    }
    /// The pooled labels equal to these: pods of one template share theirs.
    pub fn labels<'a>(&mut self, raw: impl IntoIterator<Item = (&'a String, &'a String)>) -> Labels {
        let labels: Vec<(Clean, Clean)> = raw.into_iter().map(|(k, v)| (self.get(k), self.get(v))).collect();
        if let Some(found) = self.labels.get(labels.as_slice()) {
            return found.clone();
        }
        let labels: Labels = labels.into();
        self.labels.insert(labels.clone());
        labels
    }
    /// Forgets strings and labels that nothing else holds any more.
    pub fn sweep(&mut self) {
        self.labels.retain(|l| Arc::strong_count(l) > 1);
        self.strings.retain(|c| c.holders() > 1);
    }
    /// How many strings are pooled.
    pub fn len(&self) -> usize {
        self.strings.len()
    }
    /// Whether the pool is empty.
    pub fn is_empty(&self) -> bool {
        self.strings.is_empty()
    }
}
