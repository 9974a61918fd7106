//! A node: conditions, taints, room, and what runs there.
use super::Page;
use crate::cluster::read::Reader;
use crate::cluster::read::objects::{array, pairs, text};
use crate::model::operation::Selectors;
use serde_json::Value;

impl Reader<'_> {
    /// Everything of a node but its identity and events.
    pub(super) async fn node(&self, page: &mut Page, node: &Value) {
        let taints: Vec<String> =
            array(node, "/spec/taints").iter().map(|t| format!("{}={}:{}", text(t, "/key"), text(t, "/value"), text(t, "/effect"))).collect();
        page.line("Taints", &if taints.is_empty() { "<none>".to_owned() } else { taints.join(", ") });
        page.line("Unschedulable", if node.pointer("/spec/unschedulable") == Some(&Value::Bool(true)) { "true" } else { "false" });
        page.conditions(node);
        page.line("Capacity", &pairs(node.pointer("/status/capacity")));
        page.line("Allocatable", &pairs(node.pointer("/status/allocatable")));
        for (title, pointer) in [("Kubelet", "kubeletVersion"), ("Runtime", "containerRuntimeVersion"), ("Kernel", "kernelVersion"), ("OS", "osImage")] {
            page.line(title, text(node, &format!("/status/nodeInfo/{pointer}")));
        }
        let on =
            Selectors { labels: None, fields: Some(format!("spec.nodeName={},status.phase!=Succeeded,status.phase!=Failed", text(node, "/metadata/name"))) };
        match self.cluster.list(&crate::cluster::read::logs::pod_kind(), None, &on, self.limits.objects).await {
            Ok(list) => {
                page.head(0, &format!("Pods ({}{})", list.items.len(), if list.more.is_some() { ", more not listed" } else { "" }));
                let mut grid = vec![["Namespace", "Name", "Requests", "Limits"].map(str::to_owned).to_vec()];
                for pod in &list.items {
                    let of = |key: &str| {
                        let parts: Vec<String> =
                            array(pod, "/spec/containers").iter().filter_map(|c| c.pointer(&format!("/resources/{key}"))).map(|r| pairs(Some(r))).collect();
                        parts.join("; ")
                    };
                    grid.push(vec![text(pod, "/metadata/namespace").to_owned(), text(pod, "/metadata/name").to_owned(), of("requests"), of("limits")]);
                }
                page.grid(1, &grid);
            }
            Err(trouble) => page.line("Pods", &format!("<could not look: {}>", trouble.cause)),
        }
    }
}
