//! Pods that do not do what they should: each pod's faults are found by the files beside this one, and those that siblings
//! share are said once, about the object that made them.
use super::{crash, creating, ending, health, image, init, resize, scheduling};
use crate::diagnose::draft::{Draft, field};
use crate::diagnose::rollout::{self, Aspect};
use crate::diagnose::spot::Spot;
use crate::diagnose::view::{Owner, View};
use crate::diagnose::words;
use crate::model::snapshot::Pod;
use crate::model::{ObjectRef, Severity};
use std::collections::{BTreeMap, HashSet};

/// A fault of one pod.
pub struct Fault {
    /// Siblings with the same family say the same: `crash:main`.
    pub family: String,
    /// Of siblings that differ, the one that knows most speaks.
    pub weight: u8,
    /// What is said; about the pod until siblings are joined.
    pub draft: Draft,
    /// What of the template could be wrong, for the undo.
    pub aspect: Option<Aspect>,
}

impl Fault {
    /// A fault.
    pub fn new(family: impl Into<String>, weight: u8, draft: Draft) -> Self {
        Self { family: family.into(), weight, draft, aspect: None }
    }
    /// What of the template could be wrong.
    #[must_use]
    pub fn aspect(mut self, aspect: Aspect) -> Self {
        self.aspect = Some(aspect);
        self
    }
}

/// The faults of one pod.
fn faults(view: &View<'_>, pod: &Pod) -> Vec<Fault> {
    if pod.meta.deleted.is_some() {
        return ending::terminating(view, pod).into_iter().collect();
    }
    match pod.phase.as_str() {
        "Succeeded" => Vec::new(),
        "Failed" => ending::failed(view, pod),
        _ if pod.node.is_empty() => scheduling::fault(view, pod).into_iter().collect(),
        _ => {
            let mut found = init::faults(view, pod);
            if found.is_empty() {
                found = image::faults(view, pod);
                found.extend(creating::faults(view, pod));
                found.extend(crash::faults(view, pod));
                found.extend(health::faults(view, pod, &found));
            }
            found.extend(resize::fault(view, pod));
            found.extend(resize::pre_stop(view, pod));
            found
        }
    }
}

/// Whether a pod is worth a look: healthy ones are passed by at once.
fn is_suspect(view: &View<'_>, pod: &Pod) -> bool {
    let (restarts, last) = pod.restarts();
    pod.is_troubled()
        || pod.meta.deleted.is_some()
        || pod.phase.as_str() == "Failed"
        || !pod.conditions.is_empty()
        || restarts > 0 && last.is_some_and(|t| view.since(t) < 3600)
}

/// That a pod shows a fault: all that its siblings need to know to speak with one voice.
#[derive(Clone, Debug)]
pub struct Sign {
    /// See [`Fault::family`].
    pub family: String,
    knows: Knows,
    /// The pod and what made it.
    chain: Box<[Spot]>,
    because: Box<[Spot]>,
}

/// How much a pod knows: its fault's weight, and of those that know as much the younger.
type Knows = (u8, crate::model::Timestamp);

/// The object that made a pod, and what the pod shows; nothing for a healthy one.
pub fn signs(view: &View<'_>, pod: &Pod) -> Option<(ObjectRef, Vec<Sign>)> {
    let found = if is_suspect(view, pod) { faults(view, pod) } else { Vec::new() };
    if found.is_empty() {
        return None;
    }
    let made = view.chain(pod);
    let chain: Box<[Spot]> = made.iter().map(Spot::from).collect();
    let sign = |f: Fault| Sign { family: f.family, knows: (f.weight, pod.meta.created), chain: chain.clone(), because: f.draft.because.into() };
    Some((made.into_iter().next_back()?, found.into_iter().map(sign).collect()))
}

/// Siblings that show the same fault, and what their signs say taken together.
#[derive(Debug, Default)]
pub struct Members {
    pods: BTreeMap<u32, (Knows, Spot)>,
    /// What made them, and what could explain them; each with how many say so.
    above: BTreeMap<Spot, u32>,
    because: BTreeMap<Spot, u32>,
}

impl Members {
    /// Takes in the pod at a place.
    pub fn add(&mut self, at: u32, sign: &Sign) {
        let Some((own, above)) = sign.chain.split_first() else { return };
        self.pods.insert(at, (sign.knows, *own));
        for spot in above {
            *self.above.entry(*spot).or_default() += 1;
        }
        for spot in &sign.because {
            *self.because.entry(*spot).or_default() += 1;
        }
    }
    /// Lets it go, with what it showed.
    pub fn remove(&mut self, at: u32, sign: &Sign) {
        fn less(counts: &mut BTreeMap<Spot, u32>, spots: &[Spot]) {
            for spot in spots {
                if let Some(count) = counts.get_mut(spot) {
                    *count -= 1;
                    if *count == 0 {
                        counts.remove(spot);
                    }
                }
            }
        }
        if self.pods.remove(&at).is_some() {
            less(&mut self.above, sign.chain.get(1..).unwrap_or_default());
            less(&mut self.because, &sign.because);
        }
    }
    /// Nobody shows it any more.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }
    /// Who knows most; of equals the first.
    fn speaker(&self) -> Option<u32> {
        let most = self.pods.values().map(|(knows, _)| knows).max()?;
        self.pods.iter().find(|(_, (knows, _))| knows == most).map(|(at, _)| *at)
    }
}

/// One draft for siblings that fail alike.
pub fn join(view: &View<'_>, top: &ObjectRef, family: &str, members: &Members) -> Option<Draft> {
    let pod = view.subject(|s| &s.pods.items, members.speaker()?)?;
    let failing = members.pods.len();
    let fault = faults(view, pod).into_iter().find(|f| f.family == family)?;
    let mut draft = fault.draft;
    draft.object = top.clone();
    draft.touches.extend(members.above.keys());
    draft.touches.extend(members.pods.values().map(|(_, own)| own));
    draft.because = members.because.keys().copied().collect();
    if !draft.because.is_empty() {
        let own: HashSet<&Spot> = draft.touches.iter().collect();
        draft.because.retain(|b| !own.contains(b));
    }
    if top.kind == "Pod" {
        return Some(draft);
    }
    let siblings = view.pods_of(top);
    let ready = siblings.iter().filter(|p| is_ready(p)).count();
    if siblings.len() > 1 && top.kind != "Job" {
        draft.says = format!("{} ({failing} of {})", draft.says, words::count(siblings.len(), "pod"));
    }
    if ready == 0 && matches!(top.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") {
        draft.severity = draft.severity.max(if draft.severity >= Severity::Error { Severity::Critical } else { draft.severity });
    }
    Some(with_revision(view, &view.owner(pod), fault.aspect, draft))
}

fn is_ready(pod: &Pod) -> bool {
    let (ready, all) = pod.ready();
    ready == all && pod.phase.as_str() == "Running"
}

/// Adds what the newest revision changed, who still serves, and the way back.
fn with_revision<'a>(view: &View<'a>, owner: &Owner<'a>, aspect: Option<Aspect>, mut draft: Draft) -> Draft {
    let (Some(aspect), Some(before)) = (aspect, rollout::before(view, owner)) else { return draft };
    let undo = rollout::undo(view, owner, aspect);
    if undo.is_none() {
        return draft;
    }
    for change in rollout::changes(&before) {
        draft = draft.proof(field(owner.top.clone(), change));
    }
    if before.still_ready > 0 {
        let pods = words::count(usize::try_from(before.still_ready).unwrap_or(0), "pod");
        draft = draft.proof(field(owner.top.clone(), format!("{pods} of revision {} still serve", before.then)));
    }
    draft.next(format!("rollout history deployment/{} -n {}", owner.top.name, owner.top.namespace)).fix(undo)
}
