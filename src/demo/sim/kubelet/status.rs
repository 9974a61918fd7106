//! A pod's status, read into runs of its containers and written back with conditions and phase as a kubelet writes them.
use super::super::json::{View, compact, seconds};
use super::super::world::World;
use super::container::{End, Run, State, render};
use super::image;
use crate::demo::store::Key;
use serde_json::{Value, json};

/// The containers of a pod as its status has them.
#[derive(Debug)]
pub struct Sheet {
    pub init: Vec<Run>,
    pub main: Vec<Run>,
    ip: String,
}

impl Sheet {
    /// Reads a status; what it does not mention has not been made yet.
    pub fn read(_w: &World, _key: &Key, pod: &Value) -> Self {
        let waits = if pod.list("/spec/initContainers").is_empty() { "ContainerCreating" } else { "PodInitializing" };
        let runs = |specs: &str, statuses: &str| {
            let statuses = pod.list(statuses);
            pod.list(specs).iter().map(|s| read_run(s, statuses.iter().find(|c| c.text("/name") == s.text("/name")), waits)).collect()
        };
        Self {
            init: runs("/spec/initContainers", "/status/initContainerStatuses"),
            main: runs("/spec/containers", "/status/containerStatuses"),
            ip: pod.text("/status/podIP").to_owned(),
        }
    }

    /// The pod's address, given out when it has none.
    pub fn address(&mut self, w: &mut World, pod: &Value) -> String {
        if self.ip.is_empty() {
            let node = pod.text("/spec/nodeName").to_owned();
            self.ip = if pod.flag("/spec/hostNetwork") {
                node_address(w, &node)
            } else {
                let ranges = w.get(&Key::new("nodes", "", &node));
                let range = ranges.as_deref().map_or("", |n| n.text("/spec/podCIDR"));
                let prefix = range.rsplit_once('.').map_or("10.244.255", |(p, _)| p).to_owned();
                format!("{prefix}.{}", w.index.next_address(&node))
            };
        }
        self.ip.clone()
    }

    /// The status that these runs give.
    pub fn render(&self, w: &mut World, pod: &Value) -> Value {
        let node = pod.text("/spec/nodeName").to_owned();
        let host = if pod.has("/status/hostIP") { pod.text("/status/hostIP").to_owned() } else { node_address(w, &node) };
        let now = seconds(w.stamp);
        let start = if pod.has("/status/startTime") { pod.at("/status/startTime").clone() } else { now.clone() };
        let statuses = |specs: &str, runs: &[Run]| -> Value {
            let init = specs == "/spec/initContainers";
            let list: Vec<Value> = pod.list(specs).iter().zip(runs).map(|(s, r)| status_of(s, r, init)).collect();
            if list.is_empty() { Value::Null } else { json!(list) }
        };
        let ips = |ip: &str| if ip.is_empty() { Value::Null } else { json!([{"ip": ip}]) };
        compact(json!({
            "phase": self.phase(pod), "conditions": self.conditions(pod, &now), "startTime": start, "qosClass": pod.at("/status/qosClass"),
            "hostIP": host, "hostIPs": ips(&host), "podIP": if self.ip.is_empty() { Value::Null } else { json!(self.ip) }, "podIPs": ips(&self.ip),
            "initContainerStatuses": statuses("/spec/initContainers", &self.init), "containerStatuses": statuses("/spec/containers", &self.main),
            "observedGeneration": pod.int_or("/metadata/generation", 1)
        }))
    }

    fn initialized(&self) -> bool {
        self.init.iter().all(|r| match &r.state {
            State::Ended(e) => e.code == 0,
            State::Running { .. } => r.sidecar && r.started,
            State::Waiting { .. } => false,
        })
    }

    fn phase(&self, pod: &Value) -> &'static str {
        let policy = pod.text("/spec/restartPolicy");
        let over = |r: &Run| matches!(&r.state, State::Ended(e) if policy == "Never" || (policy == "OnFailure" && e.code == 0));
        let failed = |r: &Run| matches!(&r.state, State::Ended(e) if e.code != 0);
        if policy == "Never" && self.init.iter().any(|r| failed(r) && !r.sidecar) {
            return "Failed";
        }
        if policy != "Always" && !self.main.is_empty() && self.main.iter().all(over) {
            return if self.main.iter().any(failed) { "Failed" } else { "Succeeded" };
        }
        let never_ran = |r: &Run| matches!(r.state, State::Waiting { .. }) && r.last.is_none();
        if !self.initialized() || self.main.iter().any(never_ran) { "Pending" } else { "Running" }
    }

    fn conditions(&self, pod: &Value, now: &Value) -> Value {
        let done = matches!(self.phase(pod), "Succeeded");
        let names = |list: Vec<&Run>| list.iter().map(|r| r.name.as_str()).collect::<Vec<_>>().join(" ");
        let unready = names(self.main.iter().filter(|r| !r.ready).collect());
        let uninit = names(
            self.init
                .iter()
                .filter(|r| match &r.state {
                    State::Ended(e) => e.code != 0,
                    State::Running { .. } => !r.sidecar,
                    State::Waiting { .. } => true,
                })
                .collect(),
        );
        let ready = |ok: bool| match (ok, done) {
            (true, _) => ("True", "", String::new()),
            (false, true) => ("False", "PodCompleted", String::new()),
            (false, false) => ("False", "ContainersNotReady", format!("containers with unready status: [{unready}]")),
        };
        let all_ready = unready.is_empty() && !self.main.is_empty() && self.initialized();
        let initialized = match (self.initialized(), done) {
            (true, false) => ("True", "", String::new()),
            (true, true) => ("True", "PodCompleted", String::new()),
            (false, _) => ("False", "ContainersNotInitialized", format!("containers with incomplete status: [{uninit}]")),
        };
        let sandbox = if self.ip.is_empty() || done { "False" } else { "True" };
        let wanted = [
            ("PodReadyToStartContainers", (sandbox, "", String::new())),
            ("Initialized", initialized),
            ("Ready", ready(all_ready)),
            ("ContainersReady", ready(all_ready)),
            ("PodScheduled", ("True", "", String::new())),
        ];
        let list = wanted.into_iter().map(|(kind, (state, reason, message))| {
            let old = super::super::json::condition(pod, kind).filter(|c| c.text("/status") == state);
            let since = old.map_or(now, |c| c.at("/lastTransitionTime"));
            let text = |s: &str| if s.is_empty() { Value::Null } else { json!(s) };
            let mut c = compact(json!({
                "type": kind, "status": state, "reason": text(reason), "message": text(&message), "lastTransitionTime": since,
                "observedGeneration": pod.int_or("/metadata/generation", 1)
            }));
            c.set("/lastProbeTime", Value::Null);
            c
        });
        Value::from(list.collect::<Vec<_>>())
    }
}

fn node_address(w: &mut World, node: &str) -> String {
    let found = w.get(&Key::new("nodes", "", node));
    let list = found.as_deref().map(|n| n.list("/status/addresses")).unwrap_or_default();
    list.iter().find(|a| a.text("/type") == "InternalIP").map(|a| a.text("/address").to_owned()).unwrap_or_default()
}

fn read_run(spec: &Value, status: Option<&Value>, waits: &str) -> Run {
    let state = status.map_or(&Value::Null, |s| s.at("/state"));
    let text = |at: &str| state.text(at).to_owned();
    let state = if state.has("/running") {
        State::Running { since: state.at("/running/startedAt").clone() }
    } else if state.has("/terminated") {
        State::Ended(read_end(state.at("/terminated")))
    } else if state.has("/waiting") {
        State::Waiting { reason: text("/waiting/reason"), message: text("/waiting/message") }
    } else {
        State::Waiting { reason: waits.into(), message: String::new() }
    };
    let last = status.map(|s| s.at("/lastState/terminated")).filter(|t| t.is_object()).map(read_end);
    Run {
        name: spec.text("/name").to_owned(),
        sidecar: spec.text("/restartPolicy") == "Always",
        state,
        last,
        restarts: status.map_or(0, |s| s.int("/restartCount")),
        ready: status.is_some_and(|s| s.flag("/ready")),
        started: status.is_some_and(|s| s.flag("/started")),
        id: status.map_or_else(String::new, |s| s.text("/containerID").to_owned()),
    }
}

fn read_end(t: &Value) -> End {
    End {
        code: t.int("/exitCode"),
        reason: t.text("/reason").to_owned(),
        message: t.text("/message").to_owned(),
        started: t.at("/startedAt").clone(),
        finished: t.at("/finishedAt").clone(),
        id: t.text("/containerID").to_owned(),
    }
}

fn status_of(spec: &Value, run: &Run, init: bool) -> Value {
    let image = spec.text("/image");
    let made = !run.id.is_empty();
    let mut status = json!({
        "name": run.name, "image": image, "imageID": if made { image::id(image) } else { String::new() }, "ready": run.ready || (init && finished_init(run)),
        "started": run.started, "restartCount": run.restarts, "state": render(&run.state),
        "lastState": run.last.clone().map_or_else(|| json!({}), |e| render(&State::Ended(e)))
    });
    if made {
        status.set("/containerID", json!(run.id));
        status.set("/resources", spec.at("/resources").clone());
        status.set("/user", json!({"linux": {"uid": 0, "gid": 0, "supplementalGroups": [0]}}));
        if spec.has("/resources/requests") {
            status.set("/allocatedResources", spec.at("/resources/requests").clone());
        }
    }
    let mounts: Vec<Value> = spec
        .list("/volumeMounts")
        .iter()
        .map(|m| {
            let mut m = m.clone();
            if m.flag("/readOnly") {
                m.set("/recursiveReadOnly", json!("Disabled"));
            }
            m
        })
        .collect();
    if !mounts.is_empty() {
        status.set("/volumeMounts", json!(mounts));
    }
    status
}

/// An init container that did its work counts as ready.
fn finished_init(run: &Run) -> bool {
    matches!(&run.state, State::Ended(e) if e.code == 0)
}
