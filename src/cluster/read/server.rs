//! The server itself: its version, its address, and the kinds and versions it serves.
use super::objects::{array, text};
use super::{Origin, Reader, table};
use crate::cluster::http::{accept, encode, with_query};
use crate::model::{KindRef, Reading, Source, Trouble};
use serde_json::Value;
use std::collections::BTreeSet;

impl Reader<'_> {
    /// `version`.
    pub(super) async fn version(&self) -> Reading {
        let origin = Origin::new(Source::Server);
        match self.cluster.server_version().await {
            Ok(version) => self.found(origin, &format!("Server Version: {version}\n")),
            Err(trouble) => self.failed(origin, trouble),
        }
    }

    /// `api-versions`.
    pub(super) async fn api_versions(&self) -> Reading {
        let origin = Origin::new(Source::Server);
        let operation = "list the versions of the API";
        let (core, rest) =
            tokio::join!(self.cluster.fetch_as::<Value>(operation, "/api", accept::JSON), self.cluster.fetch_as::<Value>(operation, "/apis", accept::JSON));
        match core.and_then(|core| rest.map(|rest| versions(&core, &rest))) {
            Ok(found) => self.found(origin, &found.into_iter().map(|v| v + "\n").collect::<String>()),
            Err(trouble) => self.failed(origin, trouble),
        }
    }

    /// `cluster-info`: where the server is, and the services that it calls the cluster's own.
    pub(super) async fn cluster_info(&self) -> Reading {
        let mut out = format!("Kubernetes control plane is running at {}\n", self.cluster.server);
        let services = KindRef::new("", "v1", "services", "Service", true);
        let path = with_query(&services.path(Some(&encode("kube-system"))), &[("labelSelector", "kubernetes.io/cluster-service=true"), ("limit", "100")]);
        let listed: Result<Value, Trouble> = self.cluster.fetch_as("list the cluster's own services", &path, accept::JSON).await;
        match listed {
            Ok(list) => {
                for service in array(&list, "/items") {
                    let name = text(service, "/metadata/name");
                    let shown = Some(text(service, "/metadata/labels/kubernetes.io~1name")).filter(|n| !n.is_empty()).unwrap_or(name);
                    out.extend([shown, " is the service kube-system/", name, "\n"]);
                }
            }
            Err(trouble) => out.extend(["… the cluster's own services could not be listed: ", trouble.cause.as_str(), "\n"]),
        }
        self.found(Origin::new(Source::Server), &out)
    }

    /// `api-resources`, those that the flags leave.
    pub(super) async fn api_resources(&self, namespaced: Option<bool>, group: Option<&str>) -> Reading {
        let origin = Origin::new(Source::Server);
        match self.cluster.served().await {
            Ok(kinds) => {
                let mut grid = vec![["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"].map(str::to_owned).to_vec()];
                let kinds = kinds.iter().filter(|(k, _)| namespaced.is_none_or(|n| n == k.namespaced) && group.is_none_or(|g| g == k.group));
                grid.extend(kinds.map(|(k, short)| vec![k.resource.clone(), short.join(","), k.api_version(), k.namespaced.to_string(), k.kind.clone()]));
                self.found(origin, &table::align(&grid))
            }
            Err(trouble) => self.failed(origin, trouble),
        }
    }
}

/// `apps/v1` and the like, sorted, off the core's list and the groups'.
fn versions(core: &Value, rest: &Value) -> BTreeSet<String> {
    let core = array(core, "/versions").iter().filter_map(Value::as_str).map(str::to_owned);
    let rest = array(rest, "/groups").iter().flat_map(|g| array(g, "/versions")).map(|v| text(v, "/groupVersion").to_owned());
    core.chain(rest).filter(|v| !v.is_empty()).collect()
}
