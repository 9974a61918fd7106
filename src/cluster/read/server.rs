//! The server itself: its version and the kinds it serves.
use super::{Origin, Reader, table};
use crate::model::{Reading, Source};

impl Reader<'_> {
    /// `version`.
    pub(super) async fn version(&self) -> Reading {
        let origin = Origin::new(Source::Server);
        match self.cluster.server_version().await {
            Ok(version) => self.found(origin, &format!("Server Version: {version}\n")),
            Err(trouble) => self.failed(origin, trouble),
        }
    }

    /// `api-resources`.
    pub(super) async fn api_resources(&self) -> Reading {
        let origin = Origin::new(Source::Server);
        match self.cluster.served().await {
            Ok(kinds) => {
                let mut grid = vec![["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"].map(str::to_owned).to_vec()];
                grid.extend(
                    kinds.iter().map(|(k, short)| vec![k.resource.clone(), short.join(","), k.api_version(), k.namespaced.to_string(), k.kind.clone()]),
                );
                self.found(origin, &table::align(&grid))
            }
            Err(trouble) => self.failed(origin, trouble),
        }
    }
}
