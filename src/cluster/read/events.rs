//! Events: newest last as kubectl prints them, with counts, about one object by its uid where it can be resolved.
use super::objects::{array, more, number, text};
use super::{Origin, Reader, table};
use crate::cluster::http::{accept, encode, with_query};
use crate::model::operation::Target;
use crate::model::{Reading, Source, Timestamp, Trouble};
use serde_json::Value;

/// One event of interest.
pub(super) struct Line {
    pub last: Option<Timestamp>,
    pub warning: bool,
    pub reason: String,
    pub object: String,
    pub namespace: String,
    pub count: i64,
    pub first: Option<Timestamp>,
    pub message: String,
    pub source: String,
}

impl Reader<'_> {
    /// The events of the scope, or about one object.
    pub(super) async fn events(&self, about: Option<&Target>, types: &[String]) -> Reading {
        let mut origin = Origin::new(Source::Events);
        let mut fields = Vec::new();
        let mut words = self.namespace.map_or_else(|| "in all namespaces".to_owned(), |ns| format!("in {ns}"));
        if let Some(target) = about {
            origin.object = self.named(target);
            fields.push(format!("involvedObject.kind={}", target.kind.kind));
            if let Some(name) = &target.name {
                fields.push(format!("involvedObject.name={name}"));
                words = format!("about {}/{name}{}", target.kind.kind.to_lowercase(), self.place_words(&target.kind));
                // a namesake that lived here before has events too: match by uid where the object can be read
                if !crate::cluster::is_secret(&target.kind)
                    && let Ok(object) = self.cluster.object(&target.kind, self.place(&target.kind), name).await
                {
                    let uid = text(&object, "/metadata/uid");
                    // the events of a node carry its name in place of its uid
                    if !uid.is_empty() && target.kind.resource != "nodes" {
                        fields.push(format!("involvedObject.uid={uid}"));
                        origin.uid = Some(uid.to_owned());
                    }
                }
            }
        }
        // one type is a field of the query; several are picked out here
        if let [only] = types {
            fields.push(format!("type={only}"));
        }
        match self.list_events(&fields.join(","), about.is_some_and(|t| !t.kind.namespaced)).await {
            Ok((mut lines, version, left)) => {
                origin.version = Some(version).filter(|v| !v.is_empty());
                if types.len() > 1 {
                    lines.retain(|l| types.iter().any(|t| t.eq_ignore_ascii_case(if l.warning { "Warning" } else { "Normal" })));
                }
                if lines.is_empty() {
                    let kind = if types.is_empty() { String::new() } else { format!("{} ", types.join(" and ")) };
                    return self.nothing(origin, &format!("There are no {kind}events {words}; the server forgets them after about an hour."));
                }
                let namespaces = self.namespace.is_none();
                self.found_list(origin, &render(&lines, (self.cluster.now)(), namespaces, about.is_none()), left)
            }
            Err(trouble) => self.failed(origin, trouble),
        }
    }

    /// Events that a field selector leaves, oldest first.
    pub(super) async fn list_events(&self, fields: &str, everywhere: bool) -> Result<(Vec<Line>, String, Option<u64>), Trouble> {
        let place = self.namespace.filter(|_| !everywhere);
        let path = match place {
            Some(ns) => format!("/api/v1/namespaces/{}/events", encode(ns)),
            None => "/api/v1/events".to_owned(),
        };
        let limit = self.limits.objects.to_string();
        let operation = place.map_or_else(|| "list events in all namespaces".to_owned(), |ns| format!("list events in {ns}"));
        let page: Value = self.cluster.fetch_as(&operation, &with_query(&path, &[("fieldSelector", fields), ("limit", &limit)]), accept::JSON).await?;
        let mut lines: Vec<Line> = array(&page, "/items").iter().map(line).collect();
        lines.sort_by_key(|l| l.last);
        Ok((lines, text(&page, "/metadata/resourceVersion").to_owned(), more(&page)))
    }

    /// The `Events:` part of a description.
    pub(super) async fn events_of(&self, uid: &str, name: &str, namespace: &str) -> String {
        let reader = Reader { cluster: self.cluster, namespace: Some(namespace).filter(|n| !n.is_empty()), limits: self.limits };
        // nodes are involved by name, everything else by uid
        let fields = if uid.is_empty() { format!("involvedObject.name={name}") } else { format!("involvedObject.uid={uid}") };
        match reader.list_events(&fields, namespace.is_empty()).await {
            Ok((lines, _, _)) if lines.is_empty() => "Events:  <none>\n".to_owned(),
            Ok((lines, _, left)) => {
                let cut = if left.is_some() { "  … more events not listed\n" } else { "" };
                let body = render(&lines, (self.cluster.now)(), false, false).trim_end().replace('\n', "\n  ");
                format!("Events:\n  {body}\n{cut}")
            }
            Err(trouble) => format!("Events:  <could not look: {}>\n", trouble.cause),
        }
    }
}

fn line(event: &Value) -> Line {
    let at = |pointers: &[&str]| pointers.iter().filter_map(|p| text(event, p).parse::<Timestamp>().ok()).max();
    let first_of = |pointers: &[&str]| pointers.iter().find_map(|p| text(event, p).parse::<Timestamp>().ok());
    let about = |part: &str| text(event, &format!("/involvedObject/{part}"));
    let field = about("fieldPath");
    let container = field.split_once('{').and_then(|(_, r)| r.strip_suffix('}')).map(|c| format!(" [{c}]")).unwrap_or_default();
    Line {
        last: at(&["/series/lastObservedTime", "/eventTime", "/lastTimestamp", "/metadata/creationTimestamp"]),
        first: first_of(&["/firstTimestamp", "/eventTime", "/metadata/creationTimestamp"]),
        warning: text(event, "/type") == "Warning",
        reason: text(event, "/reason").to_owned(),
        object: format!("{}/{}{container}", about("kind").to_lowercase(), about("name")),
        namespace: text(event, "/metadata/namespace").to_owned(),
        count: number(event, "/series/count").or_else(|| number(event, "/count")).unwrap_or(1).max(1),
        message: text(event, "/message").trim().replace('\n', " ⏎ "),
        source: [text(event, "/source/component"), text(event, "/reportingComponent")].into_iter().find(|s| !s.is_empty()).unwrap_or_default().to_owned(),
    }
}

fn render(lines: &[Line], now: Timestamp, namespaces: bool, objects: bool) -> String {
    let mut head = vec!["LAST SEEN", "TYPE", "REASON", "MESSAGE"];
    if objects {
        head.insert(3, "OBJECT");
    } else {
        head.insert(3, "FROM");
    }
    if namespaces {
        head.insert(0, "NAMESPACE");
    }
    let mut grid = vec![head.into_iter().map(str::to_owned).collect::<Vec<_>>()];
    for l in lines {
        let last = super::objects::age(l.last, now);
        let seen = if l.count > 1 { format!("{last} (x{} over {})", l.count, super::objects::age(l.first, now)) } else { last };
        let mut row = vec![
            seen,
            if l.warning { "Warning" } else { "Normal" }.to_owned(),
            l.reason.clone(),
            if objects { l.object.clone() } else { l.source.clone() },
            l.message.clone(),
        ];
        if namespaces {
            row.insert(0, l.namespace.clone());
        }
        grid.push(row);
    }
    table::align(&grid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_newest_time_counts_and_a_null_one_is_skipped() {
        let event = json!({"type": "Warning", "reason": "BackOff", "message": "Back-off", "count": 14, "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": null,
            "eventTime": "2026-01-01T00:10:00.000000Z", "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}, "involvedObject": {"kind": "Pod", "name": "a", "fieldPath": "spec.containers{main}"}});
        let line = line(&event);
        assert_eq!(line.last, "2026-01-01T00:10:00Z".parse().ok());
        let now = "2026-01-01T00:15:00Z".parse().unwrap();
        assert_eq!(
            render(&[line], now, false, true),
            "LAST SEEN            TYPE      REASON    OBJECT         MESSAGE\n5m (x14 over 15m)   Warning   BackOff   pod/a [main]   Back-off\n"
                .replace("LAST SEEN            ", "LAST SEEN           ")
        );
    }
}
