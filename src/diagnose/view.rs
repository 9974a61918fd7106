//! The snapshot with the look-ups that rules need: events by object, pods by namespace, who owns whom, what is missing and
//! what is near. Built once a report; it answers from the snapshot alone.
use super::near;
use super::words::seconds;
use crate::model::snapshot::read::Map;
use crate::model::snapshot::selector;
use crate::model::snapshot::{Coverage, Event, Job, KINDS, LogKey, Meta, Pod, ReplicaSet, Service, Snapshot, workload::Deployment};
use crate::model::{ObjectRef, Timestamp};
use crate::text::{Clean, Prepared};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// Namespace and name.
type Place<'a> = (&'a str, &'a str);

/// Namespace, label and its value.
type Labelled<'a> = (&'a str, &'a str, &'a str);

/// See the module.
pub struct View<'a> {
    /// What was seen.
    pub snapshot: &'a Snapshot,
    events: HashMap<(&'a str, &'a str, &'a str), Vec<&'a Event>>,
    pods: HashMap<&'a str, Vec<&'a Pod>>,
    replica_sets: HashMap<Place<'a>, &'a ReplicaSet>,
    revisions: HashMap<Place<'a>, Vec<&'a ReplicaSet>>,
    deployments: HashMap<Place<'a>, &'a Deployment>,
    services: HashMap<Place<'a>, &'a Service>,
    jobs: HashMap<Place<'a>, &'a Job>,
    names: HashMap<&'static str, OnceCell<HashSet<Place<'a>>>>,
    labelled: OnceCell<HashMap<Labelled<'a>, Vec<&'a Pod>>>,
    made: OnceCell<HashMap<ObjectRef, Vec<&'a Pod>>>,
    nodes: OnceCell<HashMap<&'a str, Vec<&'a Pod>>>,
}

/// Who made a pod.
#[derive(Clone, Debug)]
pub struct Owner<'a> {
    /// The outermost controller, or the pod itself.
    pub top: ObjectRef,
    /// Everything between it and the pod, both included.
    pub chain: Vec<ObjectRef>,
    /// The replica set, where it was seen.
    pub replica_set: Option<&'a ReplicaSet>,
    /// The deployment, where it was seen.
    pub deployment: Option<&'a Deployment>,
}

impl<'a> View<'a> {
    /// Indexes a snapshot.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let mut events: HashMap<_, Vec<&Event>> = HashMap::new();
        for e in &snapshot.events.items {
            events.entry((e.about.kind.as_str(), e.about.namespace.as_str(), e.about.name.as_str())).or_default().push(e);
        }
        for list in events.values_mut() {
            list.sort_by_key(|e| std::cmp::Reverse(e.last));
        }
        let mut pods: HashMap<_, Vec<&Pod>> = HashMap::new();
        for pod in &snapshot.pods.items {
            pods.entry(pod.meta.namespace.as_str()).or_default().push(pod);
        }
        let mut revisions: HashMap<_, Vec<&ReplicaSet>> = HashMap::new();
        for set in &snapshot.replica_sets.items {
            if let Some(owner) = set.meta.owner.as_ref().filter(|o| o.kind.as_str() == "Deployment") {
                revisions.entry((set.meta.namespace.as_str(), owner.name.as_str())).or_default().push(set);
            }
        }
        for sets in revisions.values_mut() {
            sets.sort_by_key(|r| std::cmp::Reverse(revision(r)));
        }
        let services = snapshot.services.items.iter().map(|s| ((s.meta.namespace.as_str(), s.meta.name.as_str()), s)).collect();
        let names = KINDS.iter().map(|k| (k.kind, OnceCell::new())).collect();
        let replica_sets = snapshot.replica_sets.items.iter().map(|r| ((r.meta.namespace.as_str(), r.meta.name.as_str()), r)).collect();
        let deployments = snapshot.deployments.items.iter().map(|d| ((d.meta.namespace.as_str(), d.meta.name.as_str()), d)).collect();
        let jobs = snapshot.jobs.items.iter().map(|j| ((j.meta.namespace.as_str(), j.meta.name.as_str()), j)).collect();
        let (labelled, made, nodes) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { snapshot, events, pods, replica_sets, revisions, deployments, services, jobs, names, labelled, made, nodes }
    }

    /// The instant of the snapshot.
    pub fn now(&self) -> Timestamp {
        self.snapshot.now
    }
    /// Seconds since then.
    pub fn since(&self, then: Timestamp) -> i64 {
        seconds(self.now(), then)
    }
    /// Seconds since an object was made.
    pub fn age(&self, meta: &Meta) -> i64 {
        self.since(meta.created)
    }

    /// Events about an object, newest first; of this very object, where both tell their uid.
    pub fn events(&self, kind: &str, meta: &Meta) -> impl Iterator<Item = &'a Event> + use<'a> {
        let found = self.events.get(&(kind, meta.namespace.as_str(), meta.name.as_str())).cloned().unwrap_or_default();
        let uid = meta.uid.clone();
        found.into_iter().filter(move |e| uid.is_empty() || e.about_uid.is_empty() || e.about_uid == uid)
    }
    /// Events about an object by its name alone, newest first: where their writers do not know its uid.
    pub fn events_named(&self, kind: &str, namespace: &str, name: &str) -> impl Iterator<Item = &'a Event> + use<'a> {
        self.events.get(&(kind, namespace, name)).cloned().unwrap_or_default().into_iter()
    }
    /// Unfinished pods of a node.
    pub fn on_node(&self, node: &str) -> &[&'a Pod] {
        let index = self.nodes.get_or_init(|| {
            let mut index: HashMap<&str, Vec<&Pod>> = HashMap::new();
            for pod in self.snapshot.pods.items.iter().filter(|p| !p.node.is_empty() && !matches!(p.phase.as_str(), "Succeeded" | "Failed")) {
                index.entry(pod.node.as_str()).or_default().push(pod);
            }
            index
        });
        index.get(node).map_or(&[], Vec::as_slice)
    }
    /// The newest event of one of some reasons.
    pub fn event(&self, kind: &str, meta: &Meta, reasons: &[&str]) -> Option<&'a Event> {
        self.events(kind, meta).find(|e| reasons.contains(&e.reason.as_str()))
    }
    /// The newest event of a reason whose message holds a text.
    pub fn event_saying(&self, kind: &str, meta: &Meta, reason: &str, text: &str) -> Option<&'a Event> {
        self.events(kind, meta).find(|e| e.reason.as_str() == reason && e.message.contains(text))
    }

    /// Pods of a namespace.
    pub fn pods(&self, namespace: &str) -> &[&'a Pod] {
        self.pods.get(namespace).map_or(&[], Vec::as_slice)
    }
    /// Pods of a namespace that a selector matches and that are not finished.
    pub fn selected(&self, namespace: &str, matches: impl Fn(&[(Clean, Clean)]) -> bool) -> Vec<&'a Pod> {
        self.pods(namespace).iter().copied().filter(|p| !matches!(p.phase.as_str(), "Succeeded" | "Failed") && matches(&p.meta.labels)).collect()
    }
    /// Pods behind a service.
    pub fn behind(&self, service: &Service) -> Vec<&'a Pod> {
        if service.spec.selector.is_empty() {
            return Vec::new();
        }
        self.labelled(&service.meta.namespace, &service.spec.selector)
    }
    /// Unfinished pods of a namespace whose labels hold every pair of a plain selector; all of them for an empty one.
    pub fn labelled(&self, namespace: &str, pairs: &Map) -> Vec<&'a Pod> {
        let index = self.labelled.get_or_init(|| {
            let mut index: HashMap<_, Vec<&Pod>> = HashMap::new();
            for pod in self.snapshot.pods.items.iter().filter(|p| !matches!(p.phase.as_str(), "Succeeded" | "Failed")) {
                for (key, value) in pod.meta.labels.iter() {
                    index.entry((pod.meta.namespace.as_str(), key.as_str(), value.as_str())).or_default().push(pod);
                }
            }
            index
        });
        let lists = pairs.iter().map(|(k, v)| index.get(&(namespace, k.as_str(), v.as_str())).map_or(&[][..], Vec::as_slice));
        match lists.min_by_key(|l| l.len()) {
            Some(rarest) => rarest.iter().copied().filter(|p| selector::matches(pairs, &p.meta.labels)).collect(),
            None => self.selected(namespace, |_| true),
        }
    }
    /// The same of a selector with expressions.
    pub fn chosen(&self, namespace: &str, by: &selector::Selector) -> Vec<&'a Pod> {
        let mut pods = self.labelled(namespace, &by.match_labels);
        pods.retain(|p| by.matches(&p.meta.labels));
        pods
    }
    /// Unfinished pods whose outermost controller is `top`.
    pub fn pods_of(&self, top: &ObjectRef) -> Vec<&'a Pod> {
        let made = self.made.get_or_init(|| {
            let mut made: HashMap<ObjectRef, Vec<&Pod>> = HashMap::new();
            for pod in self.snapshot.pods.items.iter().filter(|p| p.phase.as_str() != "Succeeded") {
                made.entry(self.owner(pod).top).or_default().push(pod);
            }
            made
        });
        made.get(top).cloned().unwrap_or_default()
    }

    /// A replica set by name.
    pub fn replica_set(&self, namespace: &str, name: &str) -> Option<&'a ReplicaSet> {
        self.replica_sets.get(&(namespace, name)).copied()
    }
    /// A deployment by name.
    pub fn deployment(&self, namespace: &str, name: &str) -> Option<&'a Deployment> {
        self.deployments.get(&(namespace, name)).copied()
    }
    /// The replica sets of a deployment, newest revision first.
    pub fn revisions(&self, deployment: &Deployment) -> Vec<&'a ReplicaSet> {
        self.revisions.get(&(deployment.meta.namespace.as_str(), deployment.meta.name.as_str())).cloned().unwrap_or_default()
    }

    /// Who made a pod.
    pub fn owner(&self, pod: &Pod) -> Owner<'a> {
        let own = pod.meta.reference("Pod");
        let namespace = pod.meta.namespace.as_str();
        let Some(controller) = &pod.meta.owner else { return Owner { top: own.clone(), chain: vec![own], replica_set: None, deployment: None } };
        let first = ObjectRef::new(controller.kind.as_str(), namespace, controller.name.as_str());
        let replica_set = self.replica_set(namespace, &controller.name).filter(|_| controller.kind.as_str() == "ReplicaSet");
        let above = match controller.kind.as_str() {
            "ReplicaSet" => match replica_set {
                Some(r) => r.meta.owner.as_ref().map(|o| ObjectRef::new(o.kind.as_str(), namespace, o.name.as_str())),
                None => guessed_deployment(pod, &controller.name).map(|name| ObjectRef::new("Deployment", namespace, name)),
            },
            "Job" => self.job_owner(namespace, &controller.name),
            _ => None,
        };
        let deployment = above.as_ref().filter(|o| o.kind == "Deployment").and_then(|o| self.deployment(namespace, &o.name));
        let mut chain = vec![own, first.clone()];
        chain.extend(above.clone());
        Owner { top: above.unwrap_or(first), chain, replica_set, deployment }
    }

    /// The job that made a pod.
    pub fn job_of(&self, pod: &Pod) -> Option<&'a Job> {
        let owner = pod.meta.owner.as_ref().filter(|o| o.kind.as_str() == "Job")?;
        self.jobs.get(&(pod.meta.namespace.as_str(), owner.name.as_str())).copied()
    }

    fn job_owner(&self, namespace: &str, name: &str) -> Option<ObjectRef> {
        self.jobs.get(&(namespace, name))?.meta.owner.as_ref().map(|o| ObjectRef::new(o.kind.as_str(), namespace, o.name.as_str()))
    }

    /// Whether an object was seen.
    pub fn exists(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let all = |names: &OnceCell<HashSet<Place<'a>>>| {
            names.get_or_init(|| self.snapshot.metas(kind).map(|m| (m.namespace.as_str(), m.name.as_str())).collect()).contains(&(namespace, name))
        };
        self.names.get(kind).is_some_and(all)
    }
    /// Whether an object is known not to exist. Not seen is not enough: its kind must have been looked at, wholly, there.
    pub fn is_missing(&self, kind: &str, namespace: &str, name: &str) -> bool {
        !name.is_empty() && self.snapshot.knows_all(kind, namespace) && !self.exists(kind, namespace, name)
    }
    /// The nearest name of a kind in a namespace.
    pub fn near(&self, kind: &str, namespace: &str, name: &str) -> Option<String> {
        let names: Vec<&Clean> = self.snapshot.metas(kind).filter(|m| m.namespace.as_str() == namespace && !is_common(m)).map(|m| &m.name).collect();
        near::nearest(name, names.iter().copied()).map(str::to_owned)
    }
    /// `; \`near\` does`, or nothing.
    pub fn near_words(&self, kind: &str, namespace: &str, name: &str) -> String {
        self.near(kind, namespace, name).map_or_else(String::new, |n| format!("; `{n}` does"))
    }

    /// A service of a namespace.
    pub fn service(&self, namespace: &str, name: &str) -> Option<&'a Service> {
        self.services.get(&(namespace, name)).copied()
    }

    /// The logs of a container, the one of its last failure first.
    pub fn logs(&self, pod: &Pod, container: &str) -> Vec<(&'a LogKey, &'a Prepared)> {
        let mut found: Vec<_> = [true, false]
            .into_iter()
            .filter_map(|previous| {
                let key = LogKey { namespace: pod.meta.namespace.clone(), pod: pod.meta.name.clone(), container: Clean::line(container), previous };
                self.snapshot.logs.get_key_value(&key)
            })
            .filter(|(_, text)| !text.text().trim().is_empty())
            .collect();
        let runs = pod
            .containers
            .iter()
            .chain(&pod.init_containers)
            .any(|c| c.name.as_str() == container && matches!(c.now, crate::model::snapshot::pod::Now::Running { .. }));
        if !runs {
            found.reverse();
        }
        found
    }

    /// Whether a kind could be looked at in full.
    pub fn saw_all(&self, kind: &str) -> bool {
        *self.snapshot.coverage(kind) == Coverage::Whole
    }
}

/// The rollout revision of a replica set; 0 when it tells none.
pub fn revision(set: &ReplicaSet) -> i64 {
    set.marks.annotations.revision.parse().unwrap_or(0)
}

/// The deployment that a replica set's name gives away.
fn guessed_deployment(pod: &Pod, set: &str) -> Option<String> {
    let hash = pod.meta.label("pod-template-hash")?;
    set.strip_suffix(hash.as_str())?.strip_suffix('-').map(str::to_owned)
}

/// Objects that every namespace has: nobody means them.
fn is_common(meta: &Meta) -> bool {
    matches!(meta.name.as_str(), "kube-root-ca.crt" | "default" | "kubernetes")
}
