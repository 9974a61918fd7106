//! A claim: its class, whether that exists, and who uses it.
use super::Page;
use crate::cluster::read::Reader;
use crate::cluster::read::objects::{array, scalar, text};
use crate::model::operation::Selectors;
use crate::model::{KindRef, TroubleClass};
use serde_json::Value;

impl Reader<'_> {
    /// Everything of a claim but its identity and events.
    pub(super) async fn claim(&self, page: &mut Page, claim: &Value) {
        let class = text(claim, "/spec/storageClassName");
        let known = if class.is_empty() {
            "<default>".to_owned()
        } else {
            let kind = KindRef::new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false);
            match self.cluster.object(&kind, None, class).await {
                Ok(found) => format!("{class} (provisioner {}, binds {})", text(&found, "/provisioner"), text(&found, "/volumeBindingMode")),
                Err(t) if t.class == TroubleClass::NotFound => format!("{class} (there is no such StorageClass)"),
                Err(t) => format!("{class} (could not look it up: {})", t.cause),
            }
        };
        page.line("StorageClass", &known);
        page.line("Status", text(claim, "/status/phase"));
        page.line("Volume", text(claim, "/spec/volumeName"));
        page.line("Requested", &claim.pointer("/spec/resources/requests/storage").map(scalar).unwrap_or_default());
        page.line("Capacity", &claim.pointer("/status/capacity/storage").map(scalar).unwrap_or_default());
        let modes: Vec<String> = array(claim, "/spec/accessModes").iter().map(scalar).collect();
        page.line("Access Modes", &modes.join(", "));
        page.conditions(claim);
        let (namespace, name) = (text(claim, "/metadata/namespace"), text(claim, "/metadata/name"));
        match self.cluster.list(&crate::cluster::read::logs::pod_kind(), Some(namespace), &Selectors::default(), self.limits.objects).await {
            Ok(list) => {
                let users: Vec<&str> = list
                    .items
                    .iter()
                    .filter(|p| array(p, "/spec/volumes").iter().any(|v| text(v, "/persistentVolumeClaim/claimName") == name))
                    .map(|p| text(p, "/metadata/name"))
                    .collect();
                page.line("Used By", &if users.is_empty() { "<none>".to_owned() } else { users.join(", ") });
            }
            Err(trouble) => page.line("Used By", &format!("<could not look: {}>", trouble.cause)),
        }
    }
}
