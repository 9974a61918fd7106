//! Field selectors: `=`, `==` and `!=` on the few fields that each kind can be asked by.
use super::json::plain;
use super::kinds::Kind;
use super::status::Fail;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Need {
    pointers: Vec<String>,
    value: String,
    equal: bool,
}

/// All of these must hold; an empty one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<Need>);

/// What can be asked of a kind beside name and namespace.
fn known(resource: &str) -> &'static [&'static str] {
    match resource {
        "pods" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
        "events" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        "nodes" => &["spec.unschedulable"],
        "namespaces" => &["status.phase"],
        "secrets" => &["type"],
        "jobs.batch" => &["status.successful"],
        "replicationcontrollers" | "replicasets.apps" => &["status.replicas"],
        "certificatesigningrequests.certificates.k8s.io" => &["spec.signerName"],
        "resourceslices.resource.k8s.io" => &["spec.nodeName", "spec.driver"],
        _ => &[],
    }
}

/// Where a field is in the stored object.
fn pointers(kind: &Kind, field: &str) -> Option<Vec<String>> {
    // Events are kept in the core form, whichever group asks.
    let field = match (kind.stored.as_str(), field.strip_prefix("regarding.")) {
        ("events", Some(rest)) if kind.group == "events.k8s.io" => format!("involvedObject.{rest}"),
        ("events", None) if field == "reportingController" => "reportingComponent".to_owned(),
        _ => field.to_owned(),
    };
    if !matches!(field.as_str(), "metadata.name" | "metadata.namespace") && !known(&kind.stored).contains(&field.as_str()) {
        return None;
    }
    let pointer = format!("/{}", field.replace('.', "/"));
    Some(match field.as_str() {
        "source" | "reportingComponent" => vec!["/source/component".into(), "/reportingComponent".into()],
        "status.successful" => vec!["/status/succeeded".into()],
        _ => vec![pointer],
    })
}

/// What an absent field reads as: Go's zero value, in words.
fn zero(pointer: &str) -> &'static str {
    match pointer {
        "/spec/unschedulable" | "/spec/hostNetwork" => "false",
        "/status/succeeded" | "/status/replicas" => "0",
        _ => "",
    }
}

impl Fields {
    /// Whether it asks for anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object fulfils it.
    pub fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|need| {
            let found = need.pointers.iter().find_map(|p| object.pointer(p).map(plain).filter(|t| !t.is_empty()));
            let found = found.unwrap_or_else(|| need.pointers.first().map(|p| zero(p)).unwrap_or_default().to_owned());
            (found == need.value) == need.equal
        })
    }

    /// From a query's `fieldSelector`.
    pub fn parse(kind: &Kind, text: &str) -> Result<Self, Fail> {
        let mut needs = Vec::new();
        for part in text.split(',').filter(|p| !p.is_empty()) {
            let (field, value, equal) = if let Some((f, v)) = part.split_once("!=") {
                (f, v, false)
            } else if let Some((f, v)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (f, v, true)
            } else {
                return Err(Fail::bad_request(format!("invalid selector: '{text}'; can't understand '{part}'")));
            };
            let Some(pointers) = pointers(kind, field) else {
                return Err(Fail::bad_request(if known(&kind.stored).is_empty() {
                    format!("{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
                } else {
                    format!("field label not supported: {field}")
                }));
            };
            needs.push(Need { pointers, value: value.to_owned(), equal });
        }
        Ok(Self(needs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(stored: &str) -> Kind {
        Kind { stored: stored.into(), ..Kind::default() }
    }

    #[test]
    fn fields_are_compared_and_absent_ones_are_zero() {
        let pod = json!({"metadata": {"name": "a", "namespace": "shop"}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}});
        for (selector, want) in [
            ("", true),
            ("metadata.name=a", true),
            ("status.phase!=Running", false),
            ("spec.nodeName==n1,status.phase=Running", true),
            ("status.podIP=", true),
            ("spec.hostNetwork=false", true),
        ] {
            assert_eq!(Fields::parse(&kind("pods"), selector).map(|f| f.matches(&pod)), Ok(want), "{selector}");
        }
    }

    #[test]
    fn an_unknown_field_is_refused_in_the_words_of_the_real_server() {
        let said = |stored: &str, selector: &str| Fields::parse(&kind(stored), selector).unwrap_err().message;
        assert_eq!(said("pods", "foo.bar=1"), "field label not supported: foo.bar");
        assert_eq!(said("configmaps", "data=1"), "\"data\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }
}
