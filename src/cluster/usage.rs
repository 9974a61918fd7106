//! What pods use now, as metrics.k8s.io says it. It can not be watched: one read, when somebody asks what is wasted.
use super::Cluster;
use super::http::{accept, encode};
use crate::model::TroubleClass;
use crate::model::snapshot::{Coverage, Usages};
use crate::text::Clean;
use serde_json::Value;

impl Cluster {
    /// What the pods of `namespace` (`None`: all) use. A cluster that serves no metrics is one that could not be looked at.
    pub async fn usage(&self, namespace: Option<&str>) -> Usages {
        let place = namespace.map_or_else(String::new, |n| format!("/namespaces/{}", encode(n)));
        let list: Result<Value, _> = self.fetch_as("read metrics of pods", &format!("/apis/metrics.k8s.io/v1beta1{place}/pods"), accept::JSON).await;
        match list {
            Ok(list) => Usages::read(list.get("items").and_then(Value::as_array).into_iter().flatten()),
            Err(trouble) => {
                let coverage = match trouble.class {
                    TroubleClass::Denied => Coverage::Denied(trouble),
                    TroubleClass::NotFound => Coverage::Cut(Clean::line("the cluster serves no metrics.k8s.io")),
                    _ => Coverage::Failed(trouble),
                };
                Usages { items: Vec::new(), coverage }
            }
        }
    }
}
