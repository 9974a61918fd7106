//! Logs: which pod, which container, which run. What was read in place of what was asked is said in the first line.
//!
//! The kubelet keeps one dead container: between restarts its log is read *without* `previous`, and `previous` may
//! answer that it is gone. Both are tried.
use super::objects::{array, number, selector, text};
use super::{Origin, Reader};
use crate::cluster::Cluster;
use crate::cluster::http::{encode, with_query};
use crate::model::operation::Selectors;
use crate::model::{KindRef, Looked, ObjectRef, Read, Reading, Source, Trouble, TroubleClass};
use crate::text::Clean;
use crate::text::clip::Cut;
use crate::text::prepare::Form;
use serde_json::Value;

/// Pods that one `logs -l` reads at most.
const PODS: usize = 5;

/// What of a log is read.
#[derive(Clone, Copy, Default)]
pub(in crate::cluster) struct Part {
    pub previous: bool,
    pub tail: Option<u64>,
    pub since_seconds: Option<u64>,
    pub timestamps: bool,
}

impl Reader<'_> {
    /// One reading a container.
    pub(super) async fn logs(&self, read: &Read) -> Vec<Reading> {
        let Read::Logs { target, container, previous, tail, since_seconds, timestamps, all_containers, selectors } = read else { return Vec::new() };
        let part = Part { previous: *previous, tail: *tail, since_seconds: *since_seconds, timestamps: *timestamps };
        let source = || Source::Log { container: Clean::line(container.as_deref().unwrap_or_default()), previous: *previous };
        let (pods, notes) = match self.pods_of(&target.kind, target.name.as_deref(), selectors).await {
            Ok(found) => found,
            Err(trouble) => {
                let mut origin = Origin::new(source());
                origin.object = self.named(target);
                return vec![self.failed(origin, trouble)];
            }
        };
        let mut out = Vec::new();
        for pod in &pods {
            match choose(pod, container.as_deref(), *all_containers) {
                Ok((containers, note)) => {
                    for name in containers {
                        let notes: Vec<&str> = notes.iter().chain(&note).map(String::as_str).collect();
                        out.push(self.log(pod, &name, part, &notes).await);
                    }
                }
                Err(trouble) => out.push(self.failed(Origin { source: source(), ..Origin::of(Source::Object, "Pod", pod) }, trouble)),
            }
        }
        out
    }

    /// The pods whose logs are meant, and what is to be said about the choice.
    async fn pods_of(&self, kind: &KindRef, name: Option<&str>, selectors: &Selectors) -> Result<(Vec<Value>, Vec<String>), Trouble> {
        let pods = pod_kind();
        if kind.resource == "pods" {
            return if let Some(name) = name {
                Ok((vec![self.cluster.object(&pods, self.namespace, name).await?], Vec::new()))
            } else {
                let list = self.cluster.list(&pods, self.namespace, selectors, self.limits.objects).await?;
                let all = list.items.len();
                let mut items = list.items;
                items.sort_by_key(|p| std::cmp::Reverse(urgency(p)));
                items.truncate(PODS);
                let note = (all > PODS).then(|| format!("logs of {PODS} of {all} pods, the most troubled first"));
                if items.is_empty() { Err(none(self, "logs", "no pod matches")) } else { Ok((items, note.into_iter().collect())) }
            };
        }
        let Some(name) = name else { return Err(none(self, "logs", "logs want a pod or a workload by name")) };
        let owner = self.cluster.object(kind, self.namespace, name).await?;
        let labels = match owner.pointer("/spec/selector") {
            Some(found) => selector(Some(found)),
            None => {
                return Err(Trouble::new(TroubleClass::Invalid, &format!("logs {}/{name}", kind.kind.to_lowercase()), "this kind has no pods of its own")
                    .hint("Name a pod, or a workload."));
            }
        };
        let selectors = Selectors { labels: Some(labels), fields: None };
        let mut items = self.cluster.list(&pods, self.namespace, &selectors, self.limits.objects).await?.items;
        items.sort_by_key(|p| std::cmp::Reverse(urgency(p)));
        let all = items.len();
        items.truncate(1);
        match items.first() {
            Some(pod) => {
                let note = format!("{}/{name} has {all} pods; this is {}, the one most worth reading", kind.kind.to_lowercase(), text(pod, "/metadata/name"));
                Ok((items, if all > 1 { vec![note] } else { Vec::new() }))
            }
            None => Err(none(self, &format!("logs {}/{name}", kind.kind.to_lowercase()), "it has no pods")),
        }
    }

    async fn log(&self, pod: &Value, container: &str, part: Part, notes: &[&str]) -> Reading {
        let (namespace, name) = (text(pod, "/metadata/namespace"), text(pod, "/metadata/name"));
        let asked = Part { tail: Some(part.tail.unwrap_or(self.limits.log_lines + 1)), ..part };
        let got = self.cluster.container_log(namespace, name, container, asked, running(pod, container)).await;
        let origin = |previous| Origin { source: Source::Log { container: Clean::line(container), previous }, ..Origin::of(Source::Object, "Pod", pod) };
        let log = match got {
            Ok(log) => log,
            Err(trouble) => return self.failed(origin(part.previous), trouble),
        };
        if log.text.trim().is_empty() {
            let since = part.since_seconds.map(|s| format!(" of the last {s} s")).unwrap_or_default();
            let run = if log.previous { "the run before the last restart" } else { "the current run" };
            return self.nothing(origin(log.previous), &format!("The log of container {container} of pod {name}{since} is empty ({run})."));
        }
        let mut notes: Vec<String> = notes.iter().map(|n| (*n).to_owned()).collect();
        notes.extend(log.note);
        let (body, cut) = if part.tail.is_none() { last_lines(&log.text, self.limits.log_lines) } else { (log.text.as_str(), false) };
        if cut {
            notes.push(format!("the last {} lines; there are more before", self.limits.log_lines));
        }
        let head = if notes.is_empty() { String::new() } else { format!("[{}]\n", notes.join("]\n[")) };
        let mut prepared = self.prepared(&format!("{head}{body}"), Form::Log);
        if cut {
            prepared = prepared.with_cut(Cut { part: "head", bytes: 0, lines: 0 });
        }
        self.from(origin(log.previous), Looked::Found(prepared))
    }
}

/// A log as it came.
pub(in crate::cluster) struct Log {
    pub text: String,
    /// Which run it is of.
    pub previous: bool,
    /// What was read in place of what was asked.
    pub note: Option<String>,
}

impl Cluster {
    /// The log of one container; the other run's when the one that was asked for is not to be had.
    pub(in crate::cluster) async fn container_log(&self, namespace: &str, pod: &str, container: &str, part: Part, running: bool) -> Result<Log, Trouble> {
        let first = self.one_log(namespace, pod, container, part).await;
        let lost = |r: &Result<String, Trouble>| match r {
            Ok(text) => text.trim().is_empty() || text.starts_with("unable to retrieve container logs"),
            Err(t) => t.class == TroubleClass::Invalid,
        };
        if !lost(&first) {
            return first.map(|text| Log { text, previous: part.previous, note: None });
        }
        // a running container's log is not the dead one's, whatever was asked
        if part.previous && running {
            return Err(match first {
                Err(t) => Trouble { class: TroubleClass::NotFound, ..t },
                Ok(_) => Trouble::new(
                    TroubleClass::NotFound,
                    &operation(namespace, pod, container, true),
                    "the log of the run before is gone: the kubelet removed that container",
                ),
            });
        }
        let other = self.one_log(namespace, pod, container, Part { previous: !part.previous, ..part }).await;
        match (first, other) {
            (_, Ok(text)) if !text.trim().is_empty() && !text.starts_with("unable to retrieve container logs") => {
                let note = if part.previous {
                    "no log is kept under --previous; between restarts the dead container's is read without it, and this is it"
                } else {
                    "the current run has no log; this is the run before the last restart"
                };
                Ok(Log { text, previous: !part.previous, note: Some(note.to_owned()) })
            }
            (Ok(text), _) if text.starts_with("unable to retrieve container logs") => Err(Trouble::new(
                TroubleClass::NotFound,
                &operation(namespace, pod, container, part.previous),
                "the kubelet has removed this container's log already",
            )),
            (Ok(text), _) => Ok(Log { text, previous: part.previous, note: None }),
            // a container that waits to start has no log: that is an answer, not a failure
            (Err(t), _) => Err(Trouble { class: TroubleClass::NotFound, ..t }),
        }
    }

    async fn one_log(&self, namespace: &str, pod: &str, container: &str, part: Part) -> Result<String, Trouble> {
        let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
        let (tail, since) = (number(part.tail), number(part.since_seconds));
        let path = with_query(
            &format!("/api/v1/namespaces/{}/pods/{}/log", encode(namespace), encode(pod)),
            &[
                ("container", container),
                ("tailLines", &tail),
                ("sinceSeconds", &since),
                ("previous", if part.previous { "true" } else { "" }),
                ("timestamps", if part.timestamps { "true" } else { "" }),
            ],
        );
        let operation = operation(namespace, pod, container, part.previous);
        let body = self.fetch(&operation, &path, "*/*").await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

fn operation(namespace: &str, pod: &str, container: &str, previous: bool) -> String {
    format!("read the {}log of {pod}/{container} in {namespace}", if previous { "previous " } else { "" })
}

fn none(reader: &Reader<'_>, operation: &str, cause: &str) -> Trouble {
    let place = reader.namespace.map(|n| format!(" in {n}")).unwrap_or_default();
    Trouble::new(TroubleClass::NotFound, &format!("{operation}{place}"), cause)
}

pub(in crate::cluster) fn pod_kind() -> KindRef {
    KindRef::new("", "v1", "pods", "Pod", true)
}

/// Sorts pods: troubled ones first, then the newest.
fn urgency(pod: &Value) -> (bool, i64, String) {
    let statuses = || array(pod, "/status/initContainerStatuses").iter().chain(array(pod, "/status/containerStatuses"));
    let unready = array(pod, "/status/containerStatuses").iter().any(|c| c.get("ready") != Some(&Value::Bool(true)));
    let troubled = unready && text(pod, "/status/phase") != "Succeeded";
    let restarts: i64 = statuses().filter_map(|c| number(c, "/restartCount")).sum();
    (troubled, if troubled { restarts } else { 0 }, text(pod, "/metadata/creationTimestamp").to_owned())
}

fn status_of<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    ["/status/containerStatuses", "/status/initContainerStatuses", "/status/ephemeralContainerStatuses"]
        .into_iter()
        .flat_map(|p| array(pod, p))
        .find(|c| text(c, "/name") == container)
}

fn running(pod: &Value, container: &str) -> bool {
    status_of(pod, container).is_some_and(|c| c.pointer("/state/running").is_some())
}

/// The containers to read and, where one was chosen of several, which ones there are.
fn choose(pod: &Value, wanted: Option<&str>, all: bool) -> Result<(Vec<String>, Option<String>), Trouble> {
    let names = |pointer: &str| array(pod, pointer).iter().map(|c| text(c, "/name").to_owned()).collect::<Vec<_>>();
    let (main, init) = (names("/spec/containers"), names("/spec/initContainers"));
    let every: Vec<String> = init.iter().chain(&main).cloned().chain(names("/spec/ephemeralContainers")).collect();
    if let Some(wanted) = wanted {
        if every.iter().any(|n| n == wanted) {
            return Ok((vec![wanted.to_owned()], None));
        }
        let object = ObjectRef::new("Pod", "", text(pod, "/metadata/name"));
        return Err(Trouble::new(TroubleClass::Invalid, &format!("logs {object}"), &format!("it has no container `{wanted}`"))
            .hint(&format!("Its containers are: {}.", every.join(", "))));
    }
    if all {
        return Ok((every, None));
    }
    let troubled = |name: &&String| {
        status_of(pod, name).is_some_and(|c| {
            let bad_exit = |p: &str| number(c, p).is_some_and(|code| code != 0);
            number(c, "/restartCount").unwrap_or(0) > 0 && c.get("ready") != Some(&Value::Bool(true)) || bad_exit("/state/terminated/exitCode")
        })
    };
    let annotated = text(pod, "/metadata/annotations/kubectl.kubernetes.io~1default-container");
    let chosen = every.iter().find(troubled).or_else(|| main.iter().find(|n| n.as_str() == annotated)).or_else(|| main.first());
    let Some(chosen) = chosen else {
        return Err(Trouble::new(TroubleClass::Invalid, "logs", "the pod has no container"));
    };
    let note = (every.len() > 1).then(|| format!("container {chosen}; the pod has {}", every.join(", ")));
    Ok((vec![chosen.clone()], note))
}

/// The last `count` lines, and whether there are more.
fn last_lines(text: &str, count: u64) -> (&str, bool) {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let lines = text.lines().count();
    if lines <= count {
        return (text, false);
    }
    let skip = text.match_indices('\n').nth(lines - count - 1).map_or(0, |(at, _)| at + 1);
    (text.get(skip..).unwrap_or(text), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_wrong_container_is_answered_with_the_right_ones_and_a_troubled_one_is_chosen() {
        let pod = json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "web"}, {"name": "api"}], "initContainers": [{"name": "wait"}]},
            "status": {"containerStatuses": [{"name": "web", "ready": true, "restartCount": 0}, {"name": "api", "ready": false, "restartCount": 3}]}});
        assert!(choose(&pod, Some("x"), false).unwrap_err().hint.contains("wait, web, api"));
        assert_eq!(choose(&pod, None, false).unwrap().0, ["api"]);
        assert_eq!(choose(&pod, None, true).unwrap().0, ["wait", "web", "api"]);
        assert_eq!(choose(&pod, Some("wait"), false).unwrap().0, ["wait"]);
    }

    #[test]
    fn the_last_lines_are_kept_and_the_cut_is_told() {
        assert_eq!(last_lines("a\nb\nc\n", 2), ("b\nc\n", true));
        assert_eq!(last_lines("a\nb\n", 2), ("a\nb\n", false));
    }
}
