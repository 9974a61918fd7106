//! Container logs: the last lines, since a time, of the run before, and as they come.
use super::json::{list, text};
use super::kinds::Kind;
use super::query::Query;
use super::status::Fail;
use super::{Api, Asked, answer};
use crate::demo::store::{ContainerLog, Key, LogKey, LogLine};
use crate::model::Timestamp;
use axum::body::{Body, Bytes};
use axum::response::Response;
use jiff::ToSpan as _;
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;

/// Which lines, and how.
struct Want {
    tail: Option<usize>,
    since: Option<Timestamp>,
    stamped: bool,
    limit: Option<usize>,
}

impl Want {
    fn read(pod: &str, query: &Query, now: Timestamp) -> Result<Self, Fail> {
        let natural = |key: &str| -> Result<Option<usize>, Fail> {
            let Some(n) = query.number(key)? else { return Ok(None) };
            let wrong = || {
                let cause = super::status::Cause::invalid(key, &n.into(), "must be greater than or equal to 0");
                Fail::invalid("", "PodLogOptions", pod, &[cause])
            };
            usize::try_from(n).map(Some).map_err(|_| wrong())
        };
        let seconds = query.number("sinceSeconds")?;
        let since = match query.get("sinceTime") {
            "" => seconds.and_then(|s| now.checked_sub(s.seconds()).ok()),
            time => Some(time.parse().map_err(|e| Fail::bad_request(format!("parsing time {time:?}: {e}")))?),
        };
        Ok(Self { tail: natural("tailLines")?, since, stamped: query.flag("timestamps"), limit: natural("limitBytes")? })
    }

    fn line(&self, line: &LogLine) -> String {
        if self.stamped { format!("{} {}\n", nanos(line.at), line.text) } else { format!("{}\n", line.text) }
    }

    fn takes(&self, line: &LogLine) -> bool {
        self.since.is_none_or(|since| line.at >= since)
    }
}

/// A time with nine digits of a second, as container logs carry it.
fn nanos(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// The container that is meant, or the refusal that names the choice.
fn container(pod: &Value, asked: &str) -> Result<String, Fail> {
    let name = text(pod, "/metadata/name");
    let names = |pointer: &str| list(pod, pointer).iter().map(|c| text(c, "/name").to_owned()).collect::<Vec<_>>();
    let (main, init, extra) = (names("/spec/containers"), names("/spec/initContainers"), names("/spec/ephemeralContainers"));
    if !asked.is_empty() {
        let known = [&main, &init, &extra].into_iter().flatten().any(|n| n == asked);
        return if known { Ok(asked.to_owned()) } else { Err(Fail::bad_request(format!("container {asked} is not valid for pod {name}"))) };
    }
    match main.as_slice() {
        [one] if init.is_empty() && extra.is_empty() => Ok(one.clone()),
        _ => {
            let mut choice = format!("[{}]", main.join(" "));
            if !init.is_empty() {
                choice = format!("{choice} or one of the init containers: [{}]", init.join(" "));
            }
            Err(Fail::bad_request(format!("a container name must be specified for pod {name}, choose one of: {choice}")))
        }
    }
}

fn status<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    ["/status/containerStatuses", "/status/initContainerStatuses", "/status/ephemeralContainerStatuses"]
        .into_iter()
        .flat_map(|p| list(pod, p))
        .find(|s| text(s, "/name") == container)
}

/// Why there is no log yet, in the kubelet's words.
fn waiting(pod: &Value, container: &str) -> Option<Fail> {
    let name = text(pod, "/metadata/name");
    let reason = status(pod, container).map_or("", |s| text(s, "/state/waiting/reason"));
    let why = match reason {
        "" if status(pod, container).is_none() => "ContainerCreating",
        "" => return None,
        "ErrImagePull" | "ImagePullBackOff" => "trying and failing to pull image",
        "InvalidImageName" => "InvalidImageName",
        other => other,
    };
    Some(Fail::bad_request(format!("container {container:?} in pod {name:?} is waiting to start: {why}")))
}

/// Answers `GET pods/NAME/log`.
pub fn read(api: &Arc<Api>, kind: &Kind, asked: &Asked) -> Result<Response, Fail> {
    let key = asked.key(kind);
    let pod = api.store.get(&key).ok_or_else(|| Fail::not_found(kind, &key.name))?;
    let want = Want::read(&key.name, &asked.query, (api.now)())?;
    let container = container(&pod, asked.query.get("container"))?;
    let at: LogKey = (key.namespace.clone(), key.name.clone(), container.clone());
    let log = api.store.log(&at);
    if asked.query.flag("previous") {
        let missing = || Fail::bad_request(format!("previous terminated container {container:?} in pod {:?} not found", key.name));
        let lines = log.and_then(|l| l.previous).ok_or_else(missing)?;
        return Ok(answer::plain(text_of(&lines, &want)));
    }
    let lines = log.map(|l| l.current).unwrap_or_default();
    // A pod that no node has yet: nothing to read, and no error either.
    if lines.is_empty()
        && !text(&pod, "/spec/nodeName").is_empty()
        && let Some(fail) = waiting(&pod, &container)
    {
        return Err(fail);
    }
    if !asked.query.flag("follow") {
        return Ok(answer::plain(text_of(&lines, &want)));
    }
    Ok(answer::plain(follow(api.clone(), key, at, want, &lines)))
}

fn text_of(lines: &[LogLine], want: &Want) -> String {
    let chosen: Vec<&LogLine> = lines.iter().filter(|l| want.takes(l)).collect();
    let skip = want.tail.map_or(0, |n| chosen.len().saturating_sub(n));
    let mut out: String = chosen.into_iter().skip(skip).map(|l| want.line(l)).collect();
    if let Some(limit) = want.limit {
        let cut = (0..=limit.min(out.len())).rev().find(|i| out.is_char_boundary(*i)).unwrap_or_default();
        out.truncate(cut);
    }
    out
}

struct Follower {
    api: Arc<Api>,
    pod: Key,
    at: LogKey,
    want: Want,
    sent: usize,
    restarts: i64,
    first: Option<String>,
    changed: tokio::sync::watch::Receiver<u64>,
    over: bool,
}

fn follow(api: Arc<Api>, pod: Key, at: LogKey, want: Want, lines: &[LogLine]) -> Body {
    let changed = api.store.subscribe();
    let restarts = api.store.get(&pod).map_or(0, |p| run(&p, &at.2).0);
    let first = Some(text_of(lines, &want)).filter(|t| !t.is_empty());
    let follower = Follower { api, pod, at, want, sent: lines.len(), restarts, first, changed, over: false };
    Body::from_stream(futures::stream::unfold(follower, |mut f| async move { f.next().await.map(|piece| (Ok::<_, Infallible>(piece), f)) }))
}

/// How often a container was restarted, and whether it runs.
fn run(pod: &Value, container: &str) -> (i64, bool) {
    let status = status(pod, container);
    (status.and_then(|s| super::json::int(s, "/restartCount")).unwrap_or_default(), status.is_some_and(|s| s.pointer("/state/running").is_some()))
}

impl Follower {
    /// The next lines; `None` when the run has ended and everything of it was sent.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first.into());
        }
        loop {
            if self.over {
                return None;
            }
            self.changed.borrow_and_update();
            let ContainerLog { current, previous } = self.api.store.log(&self.at).unwrap_or_default();
            let (restarts, running) = self.api.store.get(&self.pod).map_or((0, false), |p| run(&p, &self.at.2));
            // A restart moves the run that is followed to `previous`.
            let again = restarts != self.restarts;
            let lines = if again { previous.unwrap_or_default() } else { current };
            let new: String = lines.iter().skip(self.sent).filter(|l| self.want.takes(l)).map(|l| self.want.line(l)).collect();
            self.sent = self.sent.max(lines.len());
            self.over = again || !running;
            if !new.is_empty() {
                return Some(new.into());
            }
            if self.over {
                return None;
            }
            tokio::select! {
                () = self.api.stop.cancelled() => self.over = true,
                r = self.changed.changed() => self.over = r.is_err(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lines() -> Vec<LogLine> {
        (0..4).map(|i| LogLine { at: Timestamp::from_second(100 + i).unwrap(), text: format!("line {i}") }).collect()
    }

    #[test]
    fn lines_are_chosen_by_tail_since_and_limit() {
        let now = Timestamp::from_second(103).unwrap();
        let read = |query: &str| text_of(&lines(), &Want::read("p", &Query::read(Some(query)), now).unwrap());
        assert_eq!(read("tailLines=1"), "line 3\n");
        assert_eq!(read("sinceSeconds=1"), "line 2\nline 3\n");
        assert_eq!(read("sinceTime=1970-01-01T00:01:42Z&tailLines=1"), "line 3\n");
        assert_eq!(read("limitBytes=9"), "line 0\nli");
        assert_eq!(read("tailLines=1&timestamps=true"), "1970-01-01T00:01:43.000000000Z line 3\n");
        assert!(Want::read("p", &Query::read(Some("tailLines=-1")), now).is_err());
    }

    #[test]
    fn a_container_has_to_be_named_when_there_are_several() {
        let pod = json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a"}, {"name": "b"}], "initContainers": [{"name": "i"}]}});
        assert_eq!(container(&pod, "b"), Ok("b".to_owned()));
        assert_eq!(
            container(&pod, "").unwrap_err().message,
            "a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [i]"
        );
        assert_eq!(container(&pod, "x").unwrap_err().message, "container x is not valid for pod p");
    }
}
