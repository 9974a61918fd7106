//! What the newest revision of a deployment changed against the one before: the usual reason why something broke just now.
use super::view::{Owner, View, revision};
use super::words;
use crate::model::snapshot::template::{ContainerSpec, PodTemplate};
use crate::text::Clean;
use std::collections::BTreeSet;

/// What part of a template a fault can come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The image.
    Image,
    /// The environment, and the program that asks something of it.
    Env,
    /// References to config maps, Secrets and volumes.
    References,
    /// Requests and limits.
    Resources,
    /// Probes and ports.
    Probes,
    /// Where it may run.
    Placement,
    /// Anything.
    Any,
}

/// The revision before a pod's own, when the pod is of the newest one.
pub struct Before<'a> {
    /// The newest revision's number.
    pub now: i64,
    /// Its template.
    pub current: &'a PodTemplate,
    /// The number before.
    pub then: i64,
    /// Its template.
    pub previous: &'a PodTemplate,
    /// Its pods that are ready.
    pub still_ready: i32,
}

/// The revision before the owner's, where the owner is a deployment's newest.
pub fn before<'a>(view: &View<'a>, owner: &Owner<'a>) -> Option<Before<'a>> {
    let set = owner.replica_set?;
    let revisions = view.revisions(owner.deployment?);
    let newest = revisions.first().copied().filter(|r| r.meta.name == set.meta.name)?;
    let previous = revisions.iter().copied().skip(1).find(|r| revision(r) < revision(newest))?;
    Some(Before {
        now: revision(newest),
        current: &newest.spec.template.pod,
        then: revision(previous),
        previous: &previous.spec.template.pod,
        still_ready: previous.status.ready_replicas,
    })
}

/// `rollout undo`, where the newest revision changed the aspect.
pub fn undo<'a>(view: &View<'a>, owner: &Owner<'a>, aspect: Aspect) -> Option<String> {
    let b = before(view, owner)?;
    differs(b.current, b.previous, aspect).then(|| format!("rollout undo deployment/{} -n {}", owner.top.name, owner.top.namespace))
}

fn differs(a: &PodTemplate, b: &PodTemplate, aspect: Aspect) -> bool {
    fn any<T: PartialEq>(a: &PodTemplate, b: &PodTemplate, part: impl Fn(&ContainerSpec) -> T) -> bool {
        let parts = |t: &PodTemplate| t.all().map(|c| (c.name.clone(), part(c))).collect::<Vec<_>>();
        parts(a) != parts(b)
    }
    match aspect {
        Aspect::Image => any(a, b, |c| c.image.clone()),
        Aspect::Env => any(a, b, |c| (c.env.clone(), c.env_from.clone(), c.image.clone(), c.command, c.args)),
        Aspect::References => a.volumes != b.volumes || any(a, b, |c| (c.env.clone(), c.env_from.clone())),
        Aspect::Resources => any(a, b, |c| (c.resources.clone(), c.image.clone())),
        Aspect::Probes => {
            any(a, b, |c| (c.readiness_probe.clone(), c.liveness_probe.clone(), c.startup_probe.clone(), c.ports.clone(), c.image.clone(), c.command, c.args))
        }
        Aspect::Placement => {
            a.node_selector != b.node_selector
                || a.affinity != b.affinity
                || a.tolerations != b.tolerations
                || a.spread != b.spread
                || a.scheduler != b.scheduler
                || any(a, b, |c| c.resources.clone())
        }
        Aspect::Any => a != b,
    }
}

/// What the newest revision changed, one sentence each: `revision 2 sets DB_HOSTNAME; revision 1 set DB_HOST`.
pub fn changes(b: &Before<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for c in b.current.all() {
        let Some(old) = b.previous.container(&c.name) else {
            out.push(format!("revision {} adds the container `{}`", b.now, c.name));
            continue;
        };
        if c.image != old.image {
            out.push(format!("revision {} changed the image of `{}` from {} to {}", b.now, c.name, old.image, c.image));
        }
        let (adds, drops) = (names(c, old), names(old, c));
        match (adds.is_empty(), drops.is_empty()) {
            (false, false) => out.push(format!("revision {} sets {}; revision {} set {}", b.now, words::list(&adds), b.then, words::list(&drops))),
            (false, true) => out.push(format!("revision {} adds {}", b.now, words::list(&adds))),
            (true, false) => out.push(format!("revision {} no longer sets {}", b.now, words::list(&drops))),
            (true, true) => {
                let changed: Vec<&Clean> = c.env.iter().filter(|e| !old.env.contains(e)).map(|e| &e.name).collect();
                if !changed.is_empty() {
                    out.push(format!("revision {} changed the value of {}", b.now, words::list(&changed)));
                }
            }
        }
        if (c.command, c.args) != (old.command, old.args) {
            out.push(format!("revision {} changed the command of `{}`", b.now, c.name));
        }
        if c.resources != old.resources {
            out.push(format!("revision {} changed requests or limits of `{}`", b.now, c.name));
        }
        if (&c.readiness_probe, &c.liveness_probe, &c.startup_probe) != (&old.readiness_probe, &old.liveness_probe, &old.startup_probe) {
            out.push(format!("revision {} changed the probes of `{}`", b.now, c.name));
        }
    }
    if b.current.volumes != b.previous.volumes {
        out.push(format!("revision {} changed the volumes", b.now));
    }
    out
}

/// Environment variables of one that the other does not have.
fn names(a: &ContainerSpec, b: &ContainerSpec) -> Vec<Clean> {
    let have: BTreeSet<&Clean> = b.env.iter().map(|e| &e.name).collect();
    a.env.iter().map(|e| &e.name).filter(|n| !have.contains(n)).cloned().collect()
}
