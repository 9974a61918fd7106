//! The snapshot as rules see it: everything that is asked of it is asked here, and noted. What a rule has read, and when an
//! age that it looked at reads differently, is all that decides when the rule must run again; it need not think of that.
//!
//! Invariant: nothing of the snapshot is reachable but through a method that notes what it gives away.
use super::index::{Index, guessed_deployment, number};
use super::near;
use super::since::{Clock, Since};
use super::spot::{Key, Spot};
use crate::model::snapshot::read::Map;
use crate::model::snapshot::selector;
use crate::model::snapshot::{self, Coverage, Event, Job, LogKey, Meta, Pod, ReplicaSet, Service, Snapshot, workload::Deployment};
use crate::model::{ObjectRef, Timestamp};
use crate::text::{Clean, Prepared};
use std::cell::RefCell;
use std::collections::HashSet;

/// See the module.
pub struct View<'a> {
    snapshot: &'a Snapshot,
    index: Held<'a>,
    clock: Clock,
    reads: RefCell<HashSet<Key, std::hash::BuildHasherDefault<super::spot::Taken>>>,
}

/// An index of one's own, or one that is kept.
enum Held<'a> {
    Own(Box<Index>),
    Kept(&'a Index),
}

/// What was asked of a view, and when the answers change by themselves.
#[derive(Debug, Default)]
pub struct Reads {
    /// What was read.
    pub keys: Vec<Key>,
    /// The second from which an age reads differently.
    pub due: i64,
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

/// All of a kind, each in the snapshot's order.
macro_rules! lists {
    ($($name:ident: $field:ident, $type:ty = $kind:literal;)*) => {
        impl<'a> View<'a> {
            $(#[doc = concat!("Every ", $kind, ".")]
            pub fn $name(&self) -> &'a [$type] {
                self.note(Key::kind($kind));
                &self.snapshot.$field.items
            })*
        }
    };
}

lists! {
    every_pod: pods, Pod = "Pod";
    every_event: events, Event = "Event";
    nodes: nodes, snapshot::Node = "Node";
    all_namespaces: all_namespaces, snapshot::Namespace = "Namespace";
    services: services, Service = "Service";
    volumes: volumes, snapshot::PersistentVolume = "PersistentVolume";
    storage_classes: storage_classes, snapshot::StorageClass = "StorageClass";
    ingresses: ingresses, snapshot::Ingress = "Ingress";
    ingress_classes: ingress_classes, snapshot::IngressClass = "IngressClass";
    autoscalers: autoscalers, snapshot::HorizontalPodAutoscaler = "HorizontalPodAutoscaler";
    budgets: budgets, snapshot::PodDisruptionBudget = "PodDisruptionBudget";
    validating: validating, snapshot::WebhookConfiguration = "ValidatingWebhookConfiguration";
    mutating: mutating, snapshot::WebhookConfiguration = "MutatingWebhookConfiguration";
    cluster_role_bindings: cluster_role_bindings, snapshot::Binding = "ClusterRoleBinding";
    every_role_binding: role_bindings, snapshot::Binding = "RoleBinding";
}

/// Those of a kind that a namespace holds, and the one of a name.
macro_rules! kept {
    ($($one:ident, $within:ident: $field:ident, $type:ty = $kind:literal;)*) => {
        impl<'a> View<'a> {
            $(#[doc = concat!("The ", $kind, " of a name; of cluster-scoped kinds, in no namespace.")]
            pub fn $one(&self, namespace: &str, name: &str) -> Option<&'a $type> {
                let named = |o: &&$type| o.meta.name.as_str() == name && o.meta.namespace.as_str() == namespace;
                self.at(&self.snapshot.$field.items, $kind, Key::object($kind, namespace, name)).find(named)
            }
            #[doc = concat!("Every ", $kind, " of a namespace.")]
            pub fn $within<'s>(&'s self, namespace: &'s str) -> impl Iterator<Item = &'a $type> + use<'a, 's> {
                self.at(&self.snapshot.$field.items, $kind, Key::within($kind, namespace)).filter(move |o| o.meta.namespace.as_str() == namespace)
            })*
        }
    };
}

kept! {
    pod, pods_within: pods, Pod = "Pod";
    replica_set, replica_sets_in: replica_sets, ReplicaSet = "ReplicaSet";
    deployment, deployments_in: deployments, Deployment = "Deployment";
    stateful_set, stateful_sets_in: stateful_sets, snapshot::StatefulSet = "StatefulSet";
    daemon_set, daemon_sets_in: daemon_sets, snapshot::DaemonSet = "DaemonSet";
    job, jobs_in: jobs, Job = "Job";
    service, services_in: services, Service = "Service";
    config_map, config_maps_in: config_maps, snapshot::ConfigMap = "ConfigMap";
    service_account, service_accounts_in: service_accounts, snapshot::ServiceAccount = "ServiceAccount";
    claim, claims_in: claims, snapshot::PersistentVolumeClaim = "PersistentVolumeClaim";
    volume, volumes_in: volumes, snapshot::PersistentVolume = "PersistentVolume";
    namespace, namespaces_in: all_namespaces, snapshot::Namespace = "Namespace";
    api_service, api_services_in: api_services, snapshot::ApiService = "APIService";
    endpoint_slice, endpoint_slices_in: endpoint_slices, snapshot::EndpointSlice = "EndpointSlice";
    ingress, ingresses_in: ingresses, snapshot::Ingress = "Ingress";
    network_policy, network_policies_in: network_policies, snapshot::NetworkPolicy = "NetworkPolicy";
    limit_range, limit_ranges_in: limit_ranges, snapshot::LimitRange = "LimitRange";
    role, roles_in: roles, snapshot::Role = "Role";
    cluster_role, cluster_roles_in: cluster_roles, snapshot::Role = "ClusterRole";
    role_binding, role_bindings_in: role_bindings, snapshot::Binding = "RoleBinding";
}

impl<'a> View<'a> {
    /// A view of a snapshot that is looked at once.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self::made(snapshot, Held::Own(Box::new(Index::of(snapshot))))
    }
    /// A view of a snapshot whose index is kept.
    pub fn kept(snapshot: &'a Snapshot, index: &'a Index) -> Self {
        Self::made(snapshot, Held::Kept(index))
    }
    fn made(snapshot: &'a Snapshot, index: Held<'a>) -> Self {
        Self { snapshot, index, clock: Clock::new(snapshot.now), reads: RefCell::default() }
    }
    fn index(&self) -> &Index {
        match &self.index {
            Held::Own(index) => index,
            Held::Kept(index) => index,
        }
    }
    fn note(&self, key: Key) {
        self.reads.borrow_mut().insert(key);
    }
    /// What was asked since this was called last.
    pub fn reads(&self) -> Reads {
        Reads { keys: self.reads.borrow_mut().drain().collect(), due: self.clock.due() }
    }
    /// The object that a rule is about. Who asks runs again whenever that changes, without saying so.
    pub(in crate::diagnose) fn subject<T>(&self, of: fn(&Snapshot) -> &[T], place: u32) -> Option<&'a T> {
        of(self.snapshot).get(usize::try_from(place).ok()?)
    }
    /// The whole snapshot, for what runs again at any change.
    pub fn whole(&self) -> &'a Snapshot {
        self.note(Key::everything());
        self.snapshot
    }
    /// What stands under a key, in the snapshot's order. The index only says where to look: who asks holds it against the words.
    fn at<T>(&self, items: &'a [T], kind: &str, key: Key) -> impl Iterator<Item = &'a T> {
        self.note(key);
        let places = number(kind).map_or(&[][..], |kind| self.index().at(kind, key));
        places.iter().filter_map(move |at| items.get(usize::try_from(*at).ok()?))
    }
    fn pods_at(&self, key: Key) -> impl Iterator<Item = &'a Pod> {
        self.at(&self.snapshot.pods.items, "Pod", key)
    }

    /// Time since then.
    pub fn since(&self, then: Timestamp) -> Since<'_> {
        self.clock.since(then)
    }
    /// Time since an object was made.
    pub fn age(&self, meta: &Meta) -> Since<'_> {
        self.since(meta.created)
    }
    /// The namespaces that are looked at; none for all.
    pub fn looked_at(&self) -> &'a [Clean] {
        &self.snapshot.namespaces
    }

    /// Events about an object, newest first; of this very object, where both tell their uid.
    pub fn events(&self, kind: &str, meta: &Meta) -> impl Iterator<Item = &'a Event> + use<'a> {
        let uid = meta.uid.clone();
        self.events_named(kind, &meta.namespace, &meta.name).filter(move |e| uid.is_empty() || e.about_uid.is_empty() || e.about_uid == uid)
    }
    /// Events about an object by its name alone, newest first: where their writers do not know its uid.
    pub fn events_named(&self, kind: &str, namespace: &str, name: &str) -> impl Iterator<Item = &'a Event> + use<'a> {
        let about = |e: &&Event| e.about.name == name && e.about.kind == kind && e.about.namespace == namespace;
        let mut found: Vec<&'a Event> = self.at(&self.snapshot.events.items, "Event", Key::object(kind, namespace, name)).filter(about).collect();
        found.sort_by_key(|e| std::cmp::Reverse(e.last));
        found.into_iter()
    }
    /// The newest event of one of some reasons.
    pub fn event(&self, kind: &str, meta: &Meta, reasons: &[&str]) -> Option<&'a Event> {
        self.events(kind, meta).find(|e| reasons.contains(&e.reason.as_str()))
    }
    /// The newest event of a reason whose message holds a text.
    pub fn event_saying(&self, kind: &str, meta: &Meta, reason: &str, text: &str) -> Option<&'a Event> {
        self.events(kind, meta).find(|e| e.reason.as_str() == reason && e.message.contains(text))
    }

    /// How often an event happened in the last seconds, as the watch saw its count grow.
    pub fn tally(&self, event: &Event, seconds: i64) -> u32 {
        self.note(Key::object(&event.about.kind, &event.about.namespace, &event.about.name));
        let (tallies, now) = (&self.snapshot.tallies, self.snapshot.now);
        self.clock.until(tallies.changes(event, now, seconds));
        tallies.within(event, now, seconds)
    }
    /// Unfinished pods of a node.
    pub fn on_node(&self, node: &str) -> Vec<&'a Pod> {
        self.pods_at(Key::node(node)).filter(|p| p.node.as_str() == node && !is_over(p)).collect()
    }
    /// Pods of a namespace.
    pub fn pods(&self, namespace: &str) -> Vec<&'a Pod> {
        self.pods_at(Key::within("Pod", namespace)).filter(|p| p.meta.namespace.as_str() == namespace).collect()
    }
    /// Pods as places at which a failure may show.
    pub fn spots<'p>(&self, pods: &'p [&'a Pod]) -> impl Iterator<Item = Spot> + use<'a, 'p, '_> {
        let (kind, all) = (number("Pod").unwrap_or_default(), &self.snapshot.pods.items);
        pods.iter().map(move |pod| {
            // Where it stands tells its key: of ten thousand, that spares reading as many names.
            let from = std::ptr::from_ref::<Pod>(pod).addr().wrapping_sub(all.as_ptr().addr());
            let at = from / size_of::<Pod>();
            let own = u32::try_from(at).ok().filter(|_| all.get(at).is_some_and(|p| std::ptr::eq(p, *pod))).and_then(|at| self.index().own(kind, at));
            own.map_or_else(|| Spot::of("Pod", &pod.meta), |key| Spot::known(key, &pod.meta.namespace))
        })
    }
    /// Pods that mount a claim.
    pub fn mounting(&self, claim: &Meta) -> Vec<&'a Pod> {
        let mounts = |p: &&Pod| p.meta.namespace == claim.namespace && p.claims.contains(&claim.name);
        self.pods_at(Key::claim(&claim.namespace, &claim.name)).filter(mounts).collect()
    }
    /// Pods whose controller is this very object.
    pub fn made_by(&self, kind: &str, namespace: &str, name: &str) -> Vec<&'a Pod> {
        let made =
            |p: &&Pod| p.meta.namespace.as_str() == namespace && p.meta.owner.as_ref().is_some_and(|o| o.name.as_str() == name && o.kind.as_str() == kind);
        self.pods_at(Key::owned("Pod", kind, namespace, name)).filter(made).collect()
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
        let index = self.index();
        let many = |key: &Key| number("Pod").map_or(0, |kind| index.at(kind, *key).len());
        // A pod comes to be selected, or ceases, only by touching every one of these: the rarest is watched.
        let rarest = pairs.iter().map(|(k, v)| Key::label(namespace, k, v)).min_by_key(many);
        let here = |p: &&Pod| p.meta.namespace.as_str() == namespace && !is_over(p);
        match rarest {
            Some(key) => self.pods_at(key).filter(here).filter(|p| selector::matches(pairs, &p.meta.labels)).collect(),
            None => self.pods(namespace).into_iter().filter(here).collect(),
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
        let kind = number("Pod").unwrap_or_default();
        let own = |kind: &str, o: &Meta| Key::owned("Pod", kind, &o.namespace, &o.name);
        let mut keys = vec![Key::owned("Pod", &top.kind, &top.namespace, &top.name)];
        keys.extend(self.sets_of(&top.kind, &top.namespace, &top.name).map(|r| own("ReplicaSet", &r.meta)));
        keys.extend(self.jobs_of(&top.kind, &top.namespace, &top.name).map(|j| own("Job", &j.meta)));
        match top.kind.as_str() {
            "Deployment" => keys.push(Key::guessed(&top.namespace, &top.name)),
            "Pod" => keys.push(Key::object("Pod", &top.namespace, &top.name)),
            _ => {}
        }
        let mut places: Vec<u32> = Vec::new();
        for key in keys {
            self.note(key);
            places.extend(self.index().at(kind, key));
        }
        places.sort_unstable();
        places.dedup();
        let found = places.into_iter().filter_map(|at| self.snapshot.pods.items.get(usize::try_from(at).ok()?));
        let mut last: Option<(&Pod, bool)> = None;
        let below = |pod: &&'a Pod| {
            // Siblings follow one another: what holds for one with the same controller and labels holds for the next.
            let alike = |a: &Pod| {
                a.meta.owner.is_some() && a.meta.owner == pod.meta.owner && a.meta.namespace == pod.meta.namespace && a.meta.labels == pod.meta.labels
            };
            let known = last.filter(|(other, _)| alike(other)).map(|(_, is)| is);
            let is = known.unwrap_or_else(|| self.is_below(pod, top));
            last = Some((pod, is));
            is
        };
        found.filter(|p| p.phase.as_str() != "Succeeded").filter(below).collect()
    }
    /// Whether an object is a pod's outermost controller, as [`View::owner`] would tell.
    fn is_below(&self, pod: &Pod, top: &ObjectRef) -> bool {
        let is = |kind: &str, name: &str| top.kind == kind && top.name == name;
        if pod.meta.namespace.as_str() != top.namespace {
            return false;
        }
        let Some(controller) = &pod.meta.owner else { return is("Pod", &pod.meta.name) };
        match self.above(pod, controller) {
            Some((kind, name)) => is(kind, name),
            None => is(&controller.kind, &controller.name),
        }
    }
    /// What made a pod's controller, by kind and name: what that says of itself, or, where it was not seen, what its name gives away.
    fn above<'p>(&self, pod: &'p Pod, controller: &snapshot::meta::Owner) -> Option<(&'p str, &'p str)>
    where
        'a: 'p,
    {
        let namespace = pod.meta.namespace.as_str();
        match controller.kind.as_str() {
            "ReplicaSet" => match self.maker(&self.snapshot.replica_sets.items, |r| &r.meta, "ReplicaSet", namespace, &controller.name) {
                Some(set) => set.owner.as_ref().map(|o| (o.kind.as_str(), o.name.as_str())),
                None => guessed_deployment(pod).map(|name| ("Deployment", name)),
            },
            "Job" => {
                let owner = self.maker(&self.snapshot.jobs.items, |j| &j.meta, "Job", namespace, &controller.name)?.owner.as_ref()?;
                Some((owner.kind.as_str(), owner.name.as_str()))
            }
            _ => None,
        }
    }
    /// An object of which nothing but its controller may be asked: most of what changes of a replica set is no news to those who ask this.
    fn maker<T>(&self, items: &'a [T], meta: fn(&T) -> &Meta, kind: &'static str, namespace: &str, name: &str) -> Option<&'a Meta> {
        let key = Key::object(kind, namespace, name);
        self.note(key.maker());
        let places = number(kind).map_or(&[][..], |kind| self.index().at(kind, key));
        let mut metas = places.iter().filter_map(|at| items.get(usize::try_from(*at).ok()?)).map(meta);
        metas.find(|m| m.name.as_str() == name && m.namespace.as_str() == namespace)
    }
    /// A pod and what made it, outermost last.
    pub fn chain(&self, pod: &Pod) -> Vec<ObjectRef> {
        let namespace = pod.meta.namespace.as_str();
        let mut chain = vec![pod.meta.reference("Pod")];
        if let Some(controller) = &pod.meta.owner {
            chain.push(ObjectRef::new(controller.kind.as_str(), namespace, controller.name.as_str()));
            chain.extend(self.above(pod, controller).map(|(kind, name)| ObjectRef::new(kind, namespace, name)));
        }
        chain
    }

    fn sets_of(&self, kind: &str, namespace: &str, name: &str) -> impl Iterator<Item = &'a ReplicaSet> {
        let sets = self.at(&self.snapshot.replica_sets.items, "ReplicaSet", Key::owned("ReplicaSet", kind, namespace, name));
        sets.filter(move |r| is_owned(&r.meta, kind, namespace, name))
    }
    /// The jobs of a cron job, or of whatever else made them.
    pub fn jobs_of(&self, kind: &str, namespace: &str, name: &str) -> impl Iterator<Item = &'a Job> {
        let jobs = self.at(&self.snapshot.jobs.items, "Job", Key::owned("Job", kind, namespace, name));
        jobs.filter(move |j| is_owned(&j.meta, kind, namespace, name))
    }
    /// The replica sets of a deployment, newest revision first.
    pub fn revisions(&self, deployment: &Deployment) -> Vec<&'a ReplicaSet> {
        let mut sets: Vec<_> = self.sets_of("Deployment", &deployment.meta.namespace, &deployment.meta.name).collect();
        sets.sort_by_key(|r| std::cmp::Reverse(revision(r)));
        sets
    }
    /// Deployments of a namespace whose selector begins with a pair.
    pub fn selecting(&self, namespace: &str, key: &str, value: &str) -> impl Iterator<Item = &'a Deployment> {
        let begins = move |d: &&Deployment| {
            d.meta.namespace.as_str() == namespace && d.spec.selector.match_labels.iter().next().is_some_and(|(k, v)| k.as_str() == key && v.as_str() == value)
        };
        self.at(&self.snapshot.deployments.items, "Deployment", Key::selects(namespace, key, value)).filter(begins)
    }

    /// Who made a pod.
    pub fn owner(&self, pod: &Pod) -> Owner<'a> {
        let (chain, namespace) = (self.chain(pod), pod.meta.namespace.as_str());
        let controller = pod.meta.owner.as_ref().filter(|c| c.kind.as_str() == "ReplicaSet");
        let replica_set = controller.and_then(|c| self.replica_set(namespace, &c.name));
        let deployment = chain.get(2).filter(|o| o.kind == "Deployment").and_then(|o| self.deployment(namespace, &o.name));
        Owner { top: chain.last().cloned().unwrap_or_default(), chain, replica_set, deployment }
    }
    /// The job that made a pod.
    pub fn job_of(&self, pod: &Pod) -> Option<&'a Job> {
        let owner = pod.meta.owner.as_ref().filter(|o| o.kind.as_str() == "Job")?;
        self.job(&pod.meta.namespace, &owner.name)
    }

    /// Identities of the objects of a kind in a namespace; of a cluster-scoped kind where that is empty.
    pub fn metas(&self, kind: &'static str, namespace: &str) -> impl Iterator<Item = &'a Meta> {
        let key = Key::within(kind, namespace);
        self.note(key);
        let places = number(kind).map_or(&[][..], |number| self.index().at(number, key));
        places.iter().filter_map(move |at| self.snapshot.meta(kind, usize::try_from(*at).ok()?)).filter(move |m| m.namespace.as_str() == namespace)
    }
    /// Whether an object was seen.
    pub fn exists(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let key = Key::object(kind, namespace, name);
        self.note(key);
        let places = number(kind).map_or(&[][..], |number| self.index().at(number, key));
        let mut metas = places.iter().filter_map(|at| self.snapshot.meta(kind, usize::try_from(*at).ok()?));
        metas.any(|m| m.name.as_str() == name && m.namespace.as_str() == namespace)
    }
    /// Whether an object is known not to exist. Not seen is not enough: its kind must have been looked at, wholly, there.
    pub fn is_missing(&self, kind: &str, namespace: &str, name: &str) -> bool {
        !name.is_empty() && self.knows_all(kind, namespace) && !self.exists(kind, namespace, name)
    }
    /// The nearest name of a kind in a namespace.
    pub fn near(&self, kind: &str, namespace: &str, name: &str) -> Option<String> {
        let kind = snapshot::wanted(kind)?.kind;
        let names: Vec<&Clean> = self.metas(kind, namespace).filter(|m| !is_common(m)).map(|m| &m.name).collect();
        near::nearest(name, names.iter().copied()).map(str::to_owned)
    }
    /// `; \`near\` does`, or nothing.
    pub fn near_words(&self, kind: &str, namespace: &str, name: &str) -> String {
        self.near(kind, namespace, name).map_or_else(String::new, |n| format!("; `{n}` does"))
    }

    /// The logs of a container, the one of its last failure first.
    pub fn logs(&self, pod: &Pod, container: &str) -> Vec<(&'a LogKey, &'a Prepared)> {
        self.note(Key::object("Pod", &pod.meta.namespace, &pod.meta.name));
        if self.snapshot.logs.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<_> = [true, false]
            .into_iter()
            .filter_map(|previous| {
                let key = LogKey::of(pod, &Clean::line(container), previous);
                self.snapshot.logs.get_key_value(&key)
            })
            .filter(|(_, text)| !text.text().trim().is_empty())
            .collect();
        let runs =
            pod.containers.iter().chain(&pod.init_containers).any(|c| c.name.as_str() == container && matches!(c.now, snapshot::pod::Now::Running { .. }));
        if !runs {
            found.reverse();
        }
        found
    }

    /// Whether a kind could be looked at in full.
    pub fn saw_all(&self, kind: &str) -> bool {
        self.note(Key::coverage(kind));
        *self.snapshot.coverage(kind) == Coverage::Whole
    }
    /// Whether what is absent of a kind in a namespace (empty for cluster-scoped kinds) is known not to exist.
    pub fn knows_all(&self, kind: &str, namespace: &str) -> bool {
        self.note(Key::coverage(kind));
        self.snapshot.knows_all(kind, namespace)
    }
}

/// Whether a pod has ended.
fn is_over(pod: &Pod) -> bool {
    matches!(pod.phase.as_str(), "Succeeded" | "Failed")
}

fn is_owned(meta: &Meta, kind: &str, namespace: &str, name: &str) -> bool {
    meta.namespace.as_str() == namespace && meta.owner.as_ref().is_some_and(|o| o.name.as_str() == name && o.kind.as_str() == kind)
}

/// The rollout revision of a replica set; 0 when it tells none.
pub fn revision(set: &ReplicaSet) -> i64 {
    set.marks.annotations.revision.parse().unwrap_or(0)
}

/// Objects that every namespace has: nobody means them.
fn is_common(meta: &Meta) -> bool {
    matches!(meta.name.as_str(), "kube-root-ca.crt" | "default" | "kubernetes")
}
