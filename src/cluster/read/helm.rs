//! `helm list|status|history`: what the labels of the release Secrets say. They are asked for as metadata alone, so their
//! data (values, manifests, the chart's version) never leaves the server.
use super::objects::{array, text};
use super::{Origin, Reader, table};
use crate::cluster::http::{accept, encode, with_query};
use crate::model::{KindRef, Reading, Source, Timestamp, Trouble, TroubleClass};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most pages of release Secrets.
const PAGES: usize = 20;

/// One revision of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Revision {
    namespace: String,
    release: String,
    number: u32,
    status: String,
    updated: String,
}

impl Reader<'_> {
    /// `helm list`: each release at its newest revision.
    pub(super) async fn helm_list(&self) -> Reading {
        let origin = Origin::new(Source::List);
        match self.revisions(None).await {
            Err(trouble) => self.failed(origin, trouble),
            Ok((all, _)) if all.is_empty() => self.nothing(origin, &format!("no release of helm is recorded{}", self.where_to_look())),
            Ok((all, cut)) => {
                let mut newest: BTreeMap<(String, String), Revision> = BTreeMap::new();
                for revision in all {
                    newest.insert((revision.namespace.clone(), revision.release.clone()), revision);
                }
                let mut grid = vec![["NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS"].map(str::to_owned).to_vec()];
                grid.extend(newest.into_values().map(|r| vec![r.release, r.namespace, r.number.to_string(), r.updated, r.status]));
                self.found_list(origin, &table::align(&grid), cut.then_some(0))
            }
        }
    }

    /// `helm status`: one revision, the newest unless one is named.
    pub(super) async fn helm_status(&self, release: &str, number: Option<u32>) -> Reading {
        let origin = Origin::new(Source::List);
        match self.revisions(Some(release)).await {
            Err(trouble) => self.failed(origin, trouble),
            Ok((all, _)) => match all.iter().rev().find(|r| number.is_none_or(|n| r.number == n)) {
                None => self.nothing(origin, &no_release(release, number, &self.where_to_look())),
                Some(r) => {
                    let text = format!(
                        "NAME: {}\nLAST DEPLOYED: {}\nNAMESPACE: {}\nSTATUS: {}\nREVISION: {}\n",
                        r.release, r.updated, r.namespace, r.status, r.number
                    );
                    self.found(origin, &text)
                }
            },
        }
    }

    /// `helm history`: every revision that is kept, the oldest first.
    pub(super) async fn helm_history(&self, release: &str) -> Reading {
        let origin = Origin::new(Source::List);
        match self.revisions(Some(release)).await {
            Err(trouble) => self.failed(origin, trouble),
            Ok((all, _)) if all.is_empty() => self.nothing(origin, &no_release(release, None, &self.where_to_look())),
            Ok((all, cut)) => {
                let mut grid = vec![["REVISION", "UPDATED", "STATUS"].map(str::to_owned).to_vec()];
                grid.extend(all.into_iter().map(|r| vec![r.number.to_string(), r.updated, r.status]));
                self.found_list(origin, &table::align(&grid), cut.then_some(0))
            }
        }
    }

    fn where_to_look(&self) -> String {
        self.namespace.map_or_else(|| " in any namespace".to_owned(), |ns| format!(" in {ns}"))
    }

    /// The revisions by namespace, release and number; whether there were more than are read.
    async fn revisions(&self, release: Option<&str>) -> Result<(Vec<Revision>, bool), Trouble> {
        let kind = KindRef::new("", "v1", "secrets", "Secret", true);
        let operation = format!("list releases of helm{}", self.where_to_look());
        let labels = release.map_or_else(|| "owner=helm".to_owned(), |name| format!("owner=helm,name={name}"));
        let mut found = Vec::new();
        let mut next = String::new();
        for _ in 0..PAGES {
            let query = [("labelSelector", labels.as_str()), ("limit", "500"), ("continue", next.as_str())];
            let path = with_query(&kind.path(self.namespace.map(encode).as_deref()), &query);
            let page: Value = self.cluster.fetch_as(&operation, &path, accept::METADATA).await?;
            // A server that sent whole Secrets all the same is not listened to.
            if array(&page, "/items").iter().any(|item| item.get("data").is_some() || item.get("stringData").is_some()) {
                return Err(Trouble::new(TroubleClass::Refused, &operation, "the server sends Secrets whole where their metadata was asked for"));
            }
            found.extend(array(&page, "/items").iter().filter_map(revision));
            text(&page, "/metadata/continue").clone_into(&mut next);
            if next.is_empty() {
                break;
            }
        }
        found.sort_by(|a, b| (&a.namespace, &a.release, a.number).cmp(&(&b.namespace, &b.release, b.number)));
        Ok((found, !next.is_empty()))
    }
}

fn no_release(release: &str, number: Option<u32>, place: &str) -> String {
    match number {
        Some(number) => format!("no revision {number} of the release {release} is recorded{place}"),
        None => format!("no release {release} of helm is recorded{place}"),
    }
}

/// A release Secret's metadata as the revision that it records.
fn revision(secret: &Value) -> Option<Revision> {
    let label = |key: &str| text(secret, &format!("/metadata/labels/{key}"));
    let updated = [label("modifiedAt"), label("createdAt")].into_iter().find_map(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok());
    Some(Revision {
        namespace: text(secret, "/metadata/namespace").to_owned(),
        release: Some(label("name")).filter(|n| !n.is_empty())?.to_owned(),
        number: label("version").parse().ok()?,
        status: Some(label("status")).filter(|s| !s.is_empty()).unwrap_or("unknown").to_owned(),
        updated: updated.map_or_else(|| text(secret, "/metadata/creationTimestamp").to_owned(), |at| format!("{at:.0}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_revision_is_read_off_labels_alone() {
        let secret = json!({"metadata": {"name": "sh.helm.release.v1.api.v3", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"owner": "helm", "name": "api", "version": "3", "status": "deployed", "modifiedAt": "1767225600"}}});
        let want = Revision { namespace: "shop".into(), release: "api".into(), number: 3, status: "deployed".into(), updated: "2026-01-01T00:00:00Z".into() };
        assert_eq!(revision(&secret), Some(want.clone()));
        let bare = json!({"metadata": {"namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {"name": "api", "version": "3"}}});
        assert_eq!(revision(&bare), Some(Revision { status: "unknown".into(), ..want }));
        assert_eq!(revision(&json!({"metadata": {"labels": {"name": "api", "version": "x"}}})), None);
        assert_eq!(revision(&json!({"metadata": {"labels": {"version": "1"}}})), None);
    }
}
