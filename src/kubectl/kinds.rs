//! Which words name which kinds: the built-in table, and what discovery adds.
//!
//! A built-in word always keeps its meaning: a custom kind that calls itself `pods` is reached by its group alone.
use crate::model::KindRef;

/// Resolves `po`, `pods`, `Pod`, `pods.v1`, `deployments.v1.apps`, `deploy` and the like.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    discovered: Vec<(KindRef, Vec<String>)>,
}

/// Group, version, plural, kind, namespaced, short names.
type Row = (&'static str, &'static str, &'static str, &'static str, bool, &'static [&'static str]);

const CORE: &str = "";
const ADMISSION: &str = "admissionregistration.k8s.io";
const NETWORKING: &str = "networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";
const STORAGE: &str = "storage.k8s.io";
const RESOURCE: &str = "resource.k8s.io";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    (CORE, "v1", "bindings", "Binding", true, &[]),
    (CORE, "v1", "componentstatuses", "ComponentStatus", false, &["cs"]),
    (CORE, "v1", "configmaps", "ConfigMap", true, &["cm"]),
    (CORE, "v1", "endpoints", "Endpoints", true, &["ep"]),
    (CORE, "v1", "events", "Event", true, &["ev"]),
    (CORE, "v1", "limitranges", "LimitRange", true, &["limits"]),
    (CORE, "v1", "namespaces", "Namespace", false, &["ns"]),
    (CORE, "v1", "nodes", "Node", false, &["no"]),
    (CORE, "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, &["pvc"]),
    (CORE, "v1", "persistentvolumes", "PersistentVolume", false, &["pv"]),
    (CORE, "v1", "pods", "Pod", true, &["po"]),
    (CORE, "v1", "podtemplates", "PodTemplate", true, &[]),
    (CORE, "v1", "replicationcontrollers", "ReplicationController", true, &["rc"]),
    (CORE, "v1", "resourcequotas", "ResourceQuota", true, &["quota"]),
    (CORE, "v1", "secrets", "Secret", true, &[]),
    (CORE, "v1", "serviceaccounts", "ServiceAccount", true, &["sa"]),
    (CORE, "v1", "services", "Service", true, &["svc"]),
    (ADMISSION, "v1", "mutatingadmissionpolicies", "MutatingAdmissionPolicy", false, &[]),
    (ADMISSION, "v1", "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", false, &[]),
    (ADMISSION, "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", false, &[]),
    (ADMISSION, "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", false, &[]),
    (ADMISSION, "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", false, &[]),
    (ADMISSION, "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false, &[]),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false, &["crd", "crds"]),
    ("apiregistration.k8s.io", "v1", "apiservices", "APIService", false, &[]),
    ("apps", "v1", "controllerrevisions", "ControllerRevision", true, &[]),
    ("apps", "v1", "daemonsets", "DaemonSet", true, &["ds"]),
    ("apps", "v1", "deployments", "Deployment", true, &["deploy"]),
    ("apps", "v1", "replicasets", "ReplicaSet", true, &["rs"]),
    ("apps", "v1", "statefulsets", "StatefulSet", true, &["sts"]),
    ("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", false, &[]),
    ("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false, &[]),
    ("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", true, &[]),
    ("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false, &[]),
    ("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false, &[]),
    ("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", false, &[]),
    ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true, &["hpa"]),
    ("batch", "v1", "cronjobs", "CronJob", true, &["cj"]),
    ("batch", "v1", "jobs", "Job", true, &[]),
    ("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", false, &["csr"]),
    ("coordination.k8s.io", "v1", "leases", "Lease", true, &[]),
    ("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, &[]),
    ("events.k8s.io", "v1", "events", "Event", true, &[]),
    ("flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", false, &[]),
    ("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations", "PriorityLevelConfiguration", false, &[]),
    ("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", false, &[]),
    ("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", true, &[]),
    (NETWORKING, "v1", "ingressclasses", "IngressClass", false, &[]),
    (NETWORKING, "v1", "ingresses", "Ingress", true, &["ing"]),
    (NETWORKING, "v1", "ipaddresses", "IPAddress", false, &["ip"]),
    (NETWORKING, "v1", "networkpolicies", "NetworkPolicy", true, &["netpol"]),
    (NETWORKING, "v1", "servicecidrs", "ServiceCIDR", false, &[]),
    ("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", false, &[]),
    ("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true, &["pdb"]),
    (RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding", false, &[]),
    (RBAC, "v1", "clusterroles", "ClusterRole", false, &[]),
    (RBAC, "v1", "rolebindings", "RoleBinding", true, &[]),
    (RBAC, "v1", "roles", "Role", true, &[]),
    (RESOURCE, "v1", "deviceclasses", "DeviceClass", false, &[]),
    (RESOURCE, "v1", "resourceclaims", "ResourceClaim", true, &[]),
    (RESOURCE, "v1", "resourceclaimtemplates", "ResourceClaimTemplate", true, &[]),
    (RESOURCE, "v1", "resourceslices", "ResourceSlice", false, &[]),
    ("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false, &["pc"]),
    (STORAGE, "v1", "csidrivers", "CSIDriver", false, &[]),
    (STORAGE, "v1", "csinodes", "CSINode", false, &[]),
    (STORAGE, "v1", "csistoragecapacities", "CSIStorageCapacity", true, &[]),
    (STORAGE, "v1", "storageclasses", "StorageClass", false, &["sc"]),
    (STORAGE, "v1", "volumeattachments", "VolumeAttachment", false, &[]),
    (STORAGE, "v1", "volumeattributesclasses", "VolumeAttributesClass", false, &["vac"]),
];

/// What `get all` lists: the server's category of that name.
const ALL: &[&str] =
    &["pods", "replicationcontrollers", "services", "daemonsets", "deployments", "replicasets", "statefulsets", "horizontalpodautoscalers", "cronjobs", "jobs"];

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
        let word = word.to_lowercase();
        let (name, version, group) = split(&word);
        let mut kind = self.find(name, group)?;
        if let Some(version) = version {
            version.clone_into(&mut kind.version);
        }
        Some(kind)
    }

    /// The kind that a manifest's `apiVersion` and `kind` name, in that version. Their case counts, as for the server.
    pub fn of_manifest(&self, api_version: &str, kind: &str) -> Option<KindRef> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if !is_version(version) {
            return None;
        }
        let builtin = || TABLE.iter().find(|row| row.0 == group && row.3 == kind).map(|row| KindRef::new(row.0, row.1, row.2, row.3, row.4));
        let served = self.discovered.iter().map(|(k, _)| k).find(|k| k.group == group && k.kind == kind);
        let mut found = served.cloned().or_else(builtin)?;
        version.clone_into(&mut found.version);
        Some(found)
    }

    /// The kinds of the category `all`.
    pub fn all(&self) -> Vec<KindRef> {
        ALL.iter().filter_map(|word| self.resolve(word)).collect()
    }

    /// Whether the built-in table holds the kind, in whatever version.
    pub fn is_builtin(kind: &KindRef) -> bool {
        TABLE.iter().any(|row| row.0 == kind.group && row.2 == kind.resource)
    }

    fn find(&self, name: &str, group: Option<&str>) -> Option<KindRef> {
        let builtin = TABLE.iter().find(|row| group.is_none_or(|g| g == row.0) && (row.2 == name || row.3.eq_ignore_ascii_case(name) || row.5.contains(&name)));
        if let Some((group, version, resource, kind, namespaced, _)) = builtin {
            let served = self.discovered.iter().map(|(k, _)| k).find(|k| k.group == *group && k.resource == *resource);
            return Some(served.cloned().unwrap_or_else(|| KindRef::new(group, version, resource, kind, *namespaced)));
        }
        let named = |(k, short): &&(KindRef, Vec<String>)| {
            group.is_none_or(|g| g.eq_ignore_ascii_case(&k.group))
                && (k.resource.eq_ignore_ascii_case(name) || k.kind.to_lowercase() == name || short.iter().any(|s| s.eq_ignore_ascii_case(name)))
        };
        self.discovered.iter().find(named).map(|(k, _)| k.clone())
    }
}

/// `deployments.v1.apps` to name, version, group; `pods.v1` and `pods.v1.` name the core group, `deployments.apps` no version.
fn split(word: &str) -> (&str, Option<&str>, Option<&str>) {
    let Some((name, rest)) = word.split_once('.') else { return (word, None, None) };
    match rest.split_once('.') {
        Some((version, group)) if is_version(version) => (name, Some(version), Some(group)),
        None if is_version(rest) => (name, Some(rest), Some("")),
        _ => (name, None, Some(rest)),
    }
}

/// `v1`, `v2beta3`.
fn is_version(word: &str) -> bool {
    let Some(rest) = word.strip_prefix('v') else { return false };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    match rest.split_once("alpha").or_else(|| rest.split_once("beta")) {
        Some((major, minor)) => digits(major) && digits(minor),
        None => digits(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(kinds: &Kinds, word: &str) -> Option<String> {
        kinds.resolve(word).map(|k| format!("{}:{}", k.api_version(), k.resource))
    }

    #[test]
    fn every_spelling_of_a_kind_names_it() {
        let kinds = Kinds::builtin();
        for (word, want) in [
            ("po", "v1:pods"),
            ("pod", "v1:pods"),
            ("Pods", "v1:pods"),
            ("POD", "v1:pods"),
            ("pods.v1", "v1:pods"),
            ("pods.v1.", "v1:pods"),
            ("deploy", "apps/v1:deployments"),
            ("deployment.apps", "apps/v1:deployments"),
            ("Deployments.v1.apps", "apps/v1:deployments"),
            ("hpa.v1.autoscaling", "autoscaling/v1:horizontalpodautoscalers"),
            ("events", "v1:events"),
            ("events.events.k8s.io", "events.k8s.io/v1:events"),
            ("pods.metrics.k8s.io", "metrics.k8s.io/v1beta1:pods"),
            ("SECRET.v1.", "v1:secrets"),
            ("crds", "apiextensions.k8s.io/v1:customresourcedefinitions"),
        ] {
            assert_eq!(path(&kinds, word).as_deref(), Some(want), "{word}");
        }
        for word in ["", ".", "pods.", "pods.apps", "podz", "v1", "pods/x", "deployments.v1", "*"] {
            let got = path(&kinds, word);
            assert!(got.is_none() || word == "pods.", "{word}: {got:?}");
        }
    }

    #[test]
    fn discovery_adds_kinds_and_never_takes_a_built_in_word() {
        let kinds = Kinds::discovered(vec![
            (KindRef::new("example.com", "v1", "pods", "Pod", true), vec!["po".into()]),
            (KindRef::new("example.com", "v1alpha1", "widgets", "Widget", true), vec!["wd".into()]),
            (KindRef::new("autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true), vec!["hpa".into()]),
        ]);
        assert_eq!(path(&kinds, "po").as_deref(), Some("v1:pods"));
        assert_eq!(path(&kinds, "pods.example.com").as_deref(), Some("example.com/v1:pods"));
        assert_eq!(path(&kinds, "WD").as_deref(), Some("example.com/v1alpha1:widgets"));
        assert_eq!(path(&kinds, "widget.v1alpha1.example.com").as_deref(), Some("example.com/v1alpha1:widgets"));
        assert_eq!(path(&kinds, "hpa").as_deref(), Some("autoscaling/v1:horizontalpodautoscalers"));
    }
}
