//! The kinds that are served: the built-in ones as a table, and those that CustomResourceDefinitions add.
use super::json::{flag, list, text};
use crate::demo::store::Store;
use serde_json::Value;
use std::sync::{Arc, LazyLock};

/// A served kind.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Kind {
    /// Empty for the core group.
    pub group: String,
    /// `v1`.
    pub version: String,
    /// `Pod`.
    pub kind: String,
    /// `pods`.
    pub plural: String,
    /// `pod`.
    pub singular: String,
    /// `po`.
    pub short: Vec<String>,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// `all`.
    pub categories: Vec<String>,
    /// What it has beside the object itself: `status`, `scale`, `log`, `eviction`.
    pub subresources: Vec<String>,
    /// Where its objects are in the store; empty when they are computed.
    pub stored: String,
    /// Added by a CustomResourceDefinition.
    pub custom: bool,
}

/// apiVersion, kind, plural, short names, N(amespaced) or C(luster), categories, subresources; `-` for none.
const BUILT_IN: &str = "\
v1 ConfigMap configmaps cm N - -
v1 Endpoints endpoints ep N - -
v1 Event events ev N - -
v1 LimitRange limitranges limits N - -
v1 Namespace namespaces ns C - finalize,status
v1 Node nodes no C - status
v1 PersistentVolumeClaim persistentvolumeclaims pvc N - status
v1 PersistentVolume persistentvolumes pv C - status
v1 Pod pods po N all binding,eviction,log,status
v1 ReplicationController replicationcontrollers rc N all scale,status
v1 ResourceQuota resourcequotas quota N - status
v1 Secret secrets - N - -
v1 ServiceAccount serviceaccounts sa N - -
v1 Service services svc N all status
apps/v1 ControllerRevision controllerrevisions - N - -
apps/v1 DaemonSet daemonsets ds N all status
apps/v1 Deployment deployments deploy N all scale,status
apps/v1 ReplicaSet replicasets rs N all scale,status
apps/v1 StatefulSet statefulsets sts N all scale,status
events.k8s.io/v1 Event events ev N - -
authentication.k8s.io/v1 SelfSubjectReview selfsubjectreviews - C - review
authorization.k8s.io/v1 SelfSubjectAccessReview selfsubjectaccessreviews - C - review
authorization.k8s.io/v1 SelfSubjectRulesReview selfsubjectrulesreviews - C - review
autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers hpa N all status
batch/v1 CronJob cronjobs cj N all status
batch/v1 Job jobs - N all status
certificates.k8s.io/v1 CertificateSigningRequest certificatesigningrequests csr C - approval,status
networking.k8s.io/v1 IngressClass ingressclasses - C - -
networking.k8s.io/v1 Ingress ingresses ing N - status
networking.k8s.io/v1 NetworkPolicy networkpolicies netpol N - -
policy/v1 PodDisruptionBudget poddisruptionbudgets pdb N - status
rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings - C - -
rbac.authorization.k8s.io/v1 ClusterRole clusterroles - C - -
rbac.authorization.k8s.io/v1 RoleBinding rolebindings - N - -
rbac.authorization.k8s.io/v1 Role roles - N - -
storage.k8s.io/v1 CSINode csinodes - C - -
storage.k8s.io/v1 StorageClass storageclasses sc C - -
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration mutatingwebhookconfigurations - C api-extensions -
admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration validatingwebhookconfigurations - C api-extensions -
apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions crd,crds C api-extensions status
apiregistration.k8s.io/v1 APIService apiservices - C api-extensions status
scheduling.k8s.io/v1 PriorityClass priorityclasses pc C - -
coordination.k8s.io/v1 Lease leases - N - -
node.k8s.io/v1 RuntimeClass runtimeclasses - C - -
discovery.k8s.io/v1 EndpointSlice endpointslices - N - -
resource.k8s.io/v1 ResourceClaim resourceclaims - N - status
resource.k8s.io/v1 ResourceSlice resourceslices - C - -
metrics.k8s.io/v1beta1 NodeMetrics nodes - C - -
metrics.k8s.io/v1beta1 PodMetrics pods - N - -
";

static TABLE: LazyLock<Vec<Arc<Kind>>> = LazyLock::new(|| BUILT_IN.lines().filter_map(row).map(Arc::new).collect());

fn words(word: &str) -> Vec<String> {
    if word == "-" { Vec::new() } else { word.split(',').map(str::to_owned).collect() }
}

fn row(line: &str) -> Option<Kind> {
    let mut parts = line.split(' ');
    let (group, version) = group_version(parts.next()?);
    let (kind, plural, short) = (parts.next()?, parts.next()?, parts.next()?);
    let mut out = Kind {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        singular: kind.to_lowercase(),
        short: words(short),
        namespaced: parts.next()? == "N",
        categories: words(parts.next()?),
        subresources: words(parts.next()?),
        ..Kind::default()
    };
    out.stored = match group {
        // One set of events, seen through two groups.
        "events.k8s.io" => "events".to_owned(),
        "metrics.k8s.io" | "authentication.k8s.io" | "authorization.k8s.io" => String::new(),
        _ => out.resource(),
    };
    if group == "metrics.k8s.io" {
        out.singular = String::new();
    }
    Some(out)
}

/// `apps/v1` → (`apps`, `v1`), `v1` → (``, `v1`).
pub fn group_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

impl Kind {
    /// `apps/v1`, `v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
    /// `deployments.apps`, `pods`.
    pub fn resource(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }
    /// `Deployment.apps`, `Pod`.
    pub fn kind_group(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }
    /// Whether it has this subresource.
    pub fn has(&self, subresource: &str) -> bool {
        self.subresources.iter().any(|s| s == subresource)
    }
    /// A `SelfSubject…Review`: created, never kept.
    pub fn is_review(&self) -> bool {
        self.has("review")
    }
    /// Computed from usage, only read.
    pub fn is_metrics(&self) -> bool {
        self.group == "metrics.k8s.io"
    }
    /// The verbs that discovery names.
    pub fn verbs(&self) -> &'static [&'static str] {
        match () {
            () if self.is_review() => &["create"],
            () if self.is_metrics() => &["get", "list"],
            // A namespace is deleted one at a time.
            () if self.resource() == "namespaces" => &["create", "delete", "get", "list", "patch", "update", "watch"],
            () => &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        }
    }
    /// The head of an object's JSON: kind and apiVersion, then its body follows.
    pub fn head(&self) -> String {
        format!(r#"{{"kind":"{}","apiVersion":"{}""#, self.kind, self.api_version())
    }
}

/// The built-in kinds and the custom ones that `store` defines.
pub fn all(store: &Store) -> Vec<Arc<Kind>> {
    let mut out = TABLE.clone();
    for (_, crd) in store.list("customresourcedefinitions.apiextensions.k8s.io", None).1 {
        out.extend(custom(&crd).into_iter().map(Arc::new));
    }
    out
}

/// A kind by its place in a URL.
pub fn find(store: &Store, group: &str, version: &str, plural: &str) -> Option<Arc<Kind>> {
    let here = |k: &&Arc<Kind>| k.group == group && k.version == version && k.plural == plural;
    if let Some(kind) = TABLE.iter().find(here) {
        return Some(kind.clone());
    }
    all(store).iter().find(here).cloned()
}

/// A kind by apiVersion and kind.
pub fn by_kind(store: &Store, api_version: &str, kind: &str) -> Option<Arc<Kind>> {
    let (group, version) = group_version(api_version);
    let here = |k: &&Arc<Kind>| k.group == group && k.kind == kind;
    let exact = |k: &&Arc<Kind>| here(k) && k.version == version;
    TABLE.iter().find(exact).or_else(|| TABLE.iter().find(here)).cloned().or_else(|| all(store).iter().find(here).cloned())
}

fn custom(crd: &Value) -> Vec<Kind> {
    let strings = |pointer: &str| list(crd, pointer).iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let one = |version: &Value| {
        let subresources = version.pointer("/subresources").and_then(Value::as_object).map(|m| m.keys().cloned().collect()).unwrap_or_default();
        let kind = text(crd, "/spec/names/kind").to_owned();
        let singular = text(crd, "/spec/names/singular");
        let mut out = Kind {
            group: text(crd, "/spec/group").to_owned(),
            version: text(version, "/name").to_owned(),
            plural: text(crd, "/spec/names/plural").to_owned(),
            singular: if singular.is_empty() { kind.to_lowercase() } else { singular.to_owned() },
            kind,
            short: strings("/spec/names/shortNames"),
            namespaced: text(crd, "/spec/scope") != "Cluster",
            categories: strings("/spec/names/categories"),
            subresources,
            custom: true,
            ..Kind::default()
        };
        out.stored = out.resource();
        out
    };
    list(crd, "/spec/versions").iter().filter(|v| flag(v, "/served")).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::store::Key;
    use serde_json::json;

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(TABLE.len(), BUILT_IN.lines().count());
    }

    #[test]
    fn a_definition_makes_its_kind_served() {
        let store = Store::new();
        let crd = json!({"metadata": {"name": "widgets.x.io"}, "spec": {"group": "x.io", "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets"}, "versions": [{"name": "v1", "served": true}, {"name": "v0", "served": false}]}});
        assert!(find(&store, "x.io", "v1", "widgets").is_none());
        store.put(&Key::new("customresourcedefinitions.apiextensions.k8s.io", "", "widgets.x.io"), crd);
        assert_eq!(find(&store, "x.io", "v1", "widgets").map(|k| k.stored.clone()), Some("widgets.x.io".to_owned()));
        assert!(find(&store, "x.io", "v0", "widgets").is_none());
    }
}
