//! Access reviews: what this user may do, asked of the server itself.
use super::objects::{array, scalar, text};
use super::{Origin, Reader, table};
use crate::cluster::Cluster;
use crate::model::operation::Target;
use crate::model::{KindRef, Reading, Source, Trouble};
use serde_json::{Value, json};

impl Reader<'_> {
    /// `auth can-i VERB KIND`.
    pub(super) async fn can_i(&self, verb: &str, target: &Target, subresource: Option<&str>) -> Reading {
        let mut origin = Origin::new(Source::Access);
        origin.object = self.named(target);
        match self.cluster.may(verb, &target.kind, subresource, self.place(&target.kind), target.name.as_deref()).await {
            Ok((true, _)) => self.found(origin, "yes"),
            Ok((false, why)) if why.is_empty() => self.found(origin, "no"),
            Ok((false, why)) => self.found(origin, &format!("no - {why}")),
            Err(trouble) => self.failed(origin, trouble),
        }
    }

    /// `auth can-i --list`.
    pub(super) async fn can_i_list(&self) -> Reading {
        let namespace = self.namespace.unwrap_or("default");
        let body = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": namespace}});
        let origin = Origin::new(Source::Access);
        let operation = format!("list what is allowed in {namespace}");
        let review = match self.cluster.review(&operation, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", &body).await {
            Ok(review) => review,
            Err(trouble) => return self.failed(origin, trouble),
        };
        let list = |rule: &Value, key: &str| array(rule, key).iter().map(scalar).collect::<Vec<_>>();
        let mut grid = vec![["RESOURCES", "NON-RESOURCE URLS", "NAMES", "VERBS"].map(str::to_owned).to_vec()];
        for rule in array(&review, "/status/resourceRules") {
            let groups = list(rule, "/apiGroups");
            let resources: Vec<String> = list(rule, "/resources")
                .into_iter()
                .flat_map(|r| groups.iter().map(move |g| if g.is_empty() { r.clone() } else { format!("{r}.{g}") }))
                .collect();
            grid.push(vec![
                resources.join(","),
                "[]".to_owned(),
                format!("[{}]", list(rule, "/resourceNames").join(" ")),
                format!("[{}]", list(rule, "/verbs").join(" ")),
            ]);
        }
        for rule in array(&review, "/status/nonResourceRules") {
            grid.push(vec![
                String::new(),
                format!("[{}]", list(rule, "/nonResourceURLs").join(" ")),
                "[]".to_owned(),
                format!("[{}]", list(rule, "/verbs").join(" ")),
            ]);
        }
        let mut out = table::align(&grid);
        if review.pointer("/status/incomplete") == Some(&Value::Bool(true)) {
            out.push_str("… the server says that this list is incomplete\n");
        }
        self.found(origin, &out)
    }

    /// `auth whoami`.
    pub(super) async fn who_am_i(&self) -> Reading {
        let origin = Origin::new(Source::Access);
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
        match self.cluster.review("ask who we are", "/apis/authentication.k8s.io/v1/selfsubjectreviews", &body).await {
            Ok(review) => {
                let groups: Vec<String> = array(&review, "/status/userInfo/groups").iter().map(scalar).collect();
                self.found(origin, &format!("Username  {}\nGroups    [{}]\n", text(&review, "/status/userInfo/username"), groups.join(" ")))
            }
            Err(trouble) => self.failed(origin, trouble),
        }
    }
}

impl Cluster {
    /// Whether this user may do `verb`, and the server's reason.
    pub(in crate::cluster) async fn may(
        &self,
        verb: &str,
        kind: &KindRef,
        subresource: Option<&str>,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Result<(bool, String), Trouble> {
        let attributes = json!({
            "verb": verb, "group": kind.group, "version": kind.version, "resource": kind.resource,
            "subresource": subresource.unwrap_or_default(), "namespace": namespace.unwrap_or_default(), "name": name.unwrap_or_default(),
        });
        let body = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}});
        let operation = format!("ask whether we may {verb} {}", kind.resource);
        let review = self.review(&operation, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &body).await?;
        let allowed = review.pointer("/status/allowed") == Some(&Value::Bool(true));
        Ok((allowed, text(&review, "/status/reason").to_owned()))
    }
}
