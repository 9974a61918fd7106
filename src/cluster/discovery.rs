//! Which kinds the server serves: aggregated discovery, two requests; group by group where a server is too old for it.
use super::Cluster;
use super::http::accept;
use super::read::objects::{array, scalar, text};
use crate::model::{KindRef, Trouble};
use crate::text::Clean;
use serde_json::Value;

/// A kind with its short names.
pub(super) type Served = (KindRef, Vec<String>);

impl Cluster {
    /// `v1.36.3`.
    pub(super) async fn server_version(&self) -> Result<Clean, Trouble> {
        let version: Value = self.fetch_as("ask the server's version", "/version", accept::JSON).await?;
        Ok(Clean::line(text(&version, "/gitVersion")))
    }

    /// Every kind that can be read, of its group's preferred version, the core group first.
    pub(super) async fn served(&self) -> Result<Vec<Served>, Trouble> {
        let operation = "discover the server's kinds";
        let (core, rest) =
            tokio::join!(self.fetch_as::<Value>(operation, "/api", accept::DISCOVERY), self.fetch_as::<Value>(operation, "/apis", accept::DISCOVERY));
        let (core, rest) = (core?, rest?);
        if text(&core, "/kind") == "APIGroupDiscoveryList" && text(&rest, "/kind") == "APIGroupDiscoveryList" {
            return Ok([&core, &rest].into_iter().flat_map(|list| array(list, "/items")).flat_map(aggregated).collect());
        }
        let mut paths = vec![("/api/v1".to_owned(), String::new(), "v1".to_owned())];
        for group in array(&rest, "/groups") {
            let (name, version) = (text(group, "/name"), text(group, "/preferredVersion/version"));
            paths.push((format!("/apis/{name}/{version}"), name.to_owned(), version.to_owned()));
        }
        let mut out = Vec::new();
        for (path, group, version) in paths {
            // one group whose server is down does not hide the others
            if let Ok(list) = self.fetch_as::<Value>(operation, &path, accept::JSON).await {
                out.extend(array(&list, "/resources").iter().filter(|r| !text(r, "/name").contains('/')).filter_map(|r| plain(r, &group, &version)));
            }
        }
        Ok(out)
    }
}

/// The kinds of a group of aggregated discovery: the first version that has a kind is the preferred one.
fn aggregated(group: &Value) -> Vec<Served> {
    let name = text(group, "/metadata/name");
    let mut out: Vec<Served> = Vec::new();
    for version in array(group, "/versions") {
        for r in array(version, "/resources") {
            let resource = text(r, "/resource");
            let listed = array(r, "/verbs").iter().any(|v| v == "list" || v == "get");
            if !listed || out.iter().any(|(k, _)| k.resource == resource) {
                continue;
            }
            let kind = KindRef::new(name, text(version, "/version"), resource, text(r, "/responseKind/kind"), text(r, "/scope") == "Namespaced");
            out.push((kind, array(r, "/shortNames").iter().map(scalar).collect()));
        }
    }
    out
}

fn plain(r: &Value, group: &str, version: &str) -> Option<Served> {
    array(r, "/verbs").iter().any(|v| v == "list" || v == "get").then(|| {
        let namespaced = r.get("namespaced") == Some(&Value::Bool(true));
        (KindRef::new(group, version, text(r, "/name"), text(r, "/kind"), namespaced), array(r, "/shortNames").iter().map(scalar).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_kind_is_taken_from_the_first_version_that_has_it() {
        let group = json!({"metadata": {"name": "autoscaling"}, "versions": [
            {"version": "v2", "resources": [{"resource": "horizontalpodautoscalers", "responseKind": {"kind": "HorizontalPodAutoscaler"}, "scope": "Namespaced", "verbs": ["list"], "shortNames": ["hpa"]}]},
            {"version": "v1", "resources": [{"resource": "horizontalpodautoscalers", "responseKind": {"kind": "HorizontalPodAutoscaler"}, "scope": "Namespaced", "verbs": ["list"]}, {"resource": "scales", "verbs": ["create"]}]}]});
        assert_eq!(
            aggregated(&group),
            [(KindRef::new("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true), vec!["hpa".to_owned()])]
        );
    }
}
