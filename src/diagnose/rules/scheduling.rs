//! Pods that no node takes: the scheduler's clauses, checked against the nodes' own labels, taints and sizes.
use super::pods::Fault;
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::near::nearest;
use crate::diagnose::rollout::Aspect;
use crate::diagnose::view::View;
use crate::diagnose::words::{self, age, count, list};
use crate::model::finding::Proof;
use crate::model::snapshot::node::Taint;
use crate::model::snapshot::read::Quantity;
use crate::model::snapshot::selector::matches;
use crate::model::snapshot::template::{PodTemplate, Toleration};
use crate::model::snapshot::{Node, Pod};
use crate::model::{ObjectRef, Severity};

/// How long the scheduler may take before anybody worries, in seconds.
const GRACE: i64 = 15;

/// A reason with what it is worth.
struct Why {
    rule: &'static str,
    weight: u8,
    says: String,
    cause: Option<ObjectRef>,
    because: Vec<ObjectRef>,
    proofs: Vec<Proof>,
}

impl Why {
    fn new(rule: &'static str, weight: u8, says: String) -> Self {
        Self { rule, weight, says, cause: None, because: Vec::new(), proofs: Vec::new() }
    }
}

/// Why a pod has no node.
pub fn fault(view: &View<'_>, pod: &Pod) -> Option<Fault> {
    if view.age(&pod.meta) < GRACE {
        return None;
    }
    let own = pod.meta.reference("Pod");
    let t = &pod.template;
    if !t.gates.is_empty() {
        let gates: Vec<_> = t.gates.iter().map(|g| &g.name).collect();
        let says = format!("waits for {} to be lifted since {}", gates_words(&gates), age(view.age(&pod.meta)));
        let d = Draft::new("pod/scheduling-gated", own.clone(), says).severity(Severity::Warning);
        return Some(Fault::new("scheduling", 5, d.proof(field(own.clone(), format!("spec.schedulingGates: {}", list(&gates)))).next(describe(&own))));
    }
    let condition = pod.condition("PodScheduled");
    let told = view.event("Pod", &pod.meta, &["FailedScheduling"]);
    let message = condition.filter(|c| !c.message.is_empty()).map(|c| c.message.as_str()).or_else(|| told.map(|e| e.message.as_str()));
    let Some(message) = message else { return unseen(view, pod) };
    let mut reasons = reasons(view, pod, message);
    reasons.sort_by_key(|w| std::cmp::Reverse(w.weight));
    let (first, rest) = reasons.split_first()?;
    let mut says = format!("cannot be scheduled: {}", first.says);
    for more in rest {
        says = format!("{says}; {}", more.says);
    }
    let mut d = Draft::new(first.rule, own.clone(), says).next(describe(&own)).because(reasons.iter().flat_map(|w| w.because.clone()));
    d = d.proofs(reasons.iter().flat_map(|w| w.proofs.clone()));
    d.cause.clone_from(&first.cause);
    d = match told {
        Some(e) => d.proof(event(e)),
        None => d.proof(field(own, format!("PodScheduled=False: {message}"))),
    };
    if view.saw_all("Node") {
        d = d.next("get nodes -o wide");
    }
    Some(Fault::new("scheduling", first.weight, d).aspect(Aspect::Placement))
}

fn gates_words<S: AsRef<str>>(gates: &[S]) -> String {
    format!("the scheduling gate{} {}", if gates.len() == 1 { "" } else { "s" }, words::quoted(gates))
}

/// No scheduler has said a word.
fn unseen(view: &View<'_>, pod: &Pod) -> Option<Fault> {
    let waited = view.age(&pod.meta);
    let own = pod.meta.reference("Pod");
    let name = pod.template.scheduler.as_str();
    let d = if name.is_empty() || name == "default-scheduler" {
        if waited < 60 {
            return None;
        }
        Draft::new("pod/scheduler-silent", own.clone(), format!("no scheduler has looked at it for {}; is kube-scheduler running?", age(waited)))
    } else {
        let says = format!("asks for the scheduler `{name}`, and no scheduler of that name has acted for {}", age(waited));
        Draft::new("pod/unknown-scheduler", own.clone(), says)
            .proof(field(own.clone(), format!("spec.schedulerName: {name}; no PodScheduled condition, no event")))
    };
    (waited >= 30).then(|| Fault::new("scheduling", 5, d.next(describe(&own)).next("get pods -n kube-system")).aspect(Aspect::Placement))
}

/// The clauses of `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). preemption: …`.
fn clauses(message: &str) -> Vec<(usize, String)> {
    let body = message.split_once("nodes are available: ").map_or(message, |(_, b)| b);
    let body = ["no new claims to deallocate", "preemption:"].iter().fold(body, |b, end| b.split(end).next().unwrap_or(b));
    let mut out: Vec<(usize, String)> = Vec::new();
    for part in body.trim().trim_end_matches(['.', ',', ' ']).split(", ") {
        let (number, text) = part.split_once(' ').unwrap_or(("", part));
        match (number.parse::<usize>(), out.last_mut()) {
            (Ok(n), _) => out.push((n, text.to_owned())),
            (Err(_), Some((_, last))) => *last = format!("{last}, {part}"),
            (Err(_), None) => out.push((0, part.to_owned())),
        }
    }
    out
}

/// Nodes whose labels a pod's selector and affinity accept.
fn accepted<'a>(template: &PodTemplate, nodes: &[&'a Node]) -> Vec<&'a Node> {
    let terms = &template.affinity.node_affinity.required.node_selector_terms;
    let fits = |n: &&&Node| {
        matches(&template.node_selector, &n.meta.labels)
            && (terms.is_empty() || terms.iter().any(|t| t.match_expressions.iter().all(|e| e.matches(&n.meta.labels))))
    };
    nodes.iter().filter(fits).copied().collect()
}

/// What each clause means. The scheduler counts a node by the first thing that speaks against it; what it says of nodes that the
/// pod would not go to anyway is left out, where the nodes can be seen.
fn reasons(view: &View<'_>, pod: &Pod, message: &str) -> Vec<Why> {
    let nodes: Vec<&Node> = view.nodes().iter().collect();
    let clauses = clauses(message);
    let total = clauses.iter().map(|(n, _)| n).sum::<usize>();
    let accepted = accepted(&pod.template, &nodes);
    let chosen = !accepted.is_empty() && accepted.len() < nodes.len();
    let of_nodes = |text: &str| text.contains("taint") || text.contains("unschedulable");
    let matters = |text: &str| {
        let by_label = text.contains("node affinity/selector") || text.contains("node selector");
        if chosen && clauses.len() > 1 {
            let stands = |n: &&Node| untolerated(&pod.template, n).is_empty();
            return !by_label
                && (!text.contains("taint") || !accepted.iter().all(stands))
                && (!text.contains("unschedulable") || accepted.iter().any(|n| n.spec.unschedulable));
        }
        // No node has the labels: what is said of them beside that is by the way.
        !(accepted.is_empty() && !nodes.is_empty() && of_nodes(text))
    };
    let kept: Vec<&(usize, String)> = clauses.iter().filter(|(_, text)| matters(text)).collect();
    let told: Vec<&(usize, String)> = if kept.is_empty() { clauses.iter().collect() } else { kept };
    let nodes = if accepted.is_empty() { &nodes } else { &accepted };
    told.iter()
        .map(|(n, text)| {
            let many = if *n == 0 || *n == total && clauses.len() == 1 || chosen { String::new() } else { format!("{}: ", count(*n, "node")) };
            let mut why = clause(view, pod, nodes, text);
            why.says = format!("{many}{}", why.says);
            why
        })
        .collect()
}

fn clause(view: &View<'_>, pod: &Pod, nodes: &[&Node], text: &str) -> Why {
    let namespace = pod.meta.namespace.as_str();
    if text.contains("persistentvolumeclaim \"") {
        return missing_claim(view, namespace, words::between(text, "persistentvolumeclaim \"", "\"").unwrap_or_default());
    }
    if text.contains("unbound immediate PersistentVolumeClaims") || text.contains("didn't find available persistent volumes") {
        let mut why = Why::new("pod/unbound-claim", 8, format!("its claim {} is not bound", words::quoted(&pod.claims)));
        why.because = pod.claims.iter().map(|c| ObjectRef::new("PersistentVolumeClaim", namespace, c.as_str())).collect();
        return why;
    }
    if let Some(resource) = text.strip_prefix("Insufficient ") {
        return insufficient(&pod.template, nodes, resource.split_whitespace().next().unwrap_or(resource));
    }
    if text.contains("anti-affinity") {
        let terms: Vec<String> =
            pod.template.affinity.pod_anti_affinity.required.iter().map(|t| format!("{} on one {}", t.label_selector.words(), t.topology_key)).collect();
        let what = if terms.is_empty() { "of a running pod".to_owned() } else { format!("(never two of {})", list(&terms)) };
        return Why::new("pod/anti-affinity", 6, format!("its pod anti-affinity {what} is not met"));
    }
    if text.contains("pod affinity") {
        let terms: Vec<String> =
            pod.template.affinity.pod_affinity.required.iter().map(|t| format!("{} on the same {}", t.label_selector.words(), t.topology_key)).collect();
        return Why::new("pod/affinity", 6, format!("its pod affinity wants a pod {} and there is none", list(&terms)));
    }
    if text.contains("node affinity/selector") || text.contains("node selector") {
        let all: Vec<&Node> = view.nodes().iter().collect();
        return labels(&pod.template, &all);
    }
    if text.contains("topology spread") {
        let keys: Vec<String> = pod.template.spread.iter().map(|s| format!("{} with a skew of at most {}", s.topology_key, s.max_skew)).collect();
        let missing = if text.contains("missing required label") { "; the nodes lack that label" } else { "" };
        return Why::new("pod/topology-spread", 6, format!("its topology spread constraint ({}) is not met{missing}", list(&keys)));
    }
    if text.contains("unschedulable") {
        return cordoned(nodes);
    }
    if text.contains("taint") {
        return taints(&pod.template, nodes);
    }
    if text.contains("volume node affinity conflict") || text.contains("PersistentVolume's node affinity") {
        return volume_elsewhere(view, pod, nodes);
    }
    if text.contains("Too many pods") {
        return crowded(view, nodes);
    }
    other(text)
}

/// Nodes that run as many pods as they may.
fn crowded(view: &View<'_>, nodes: &[&Node]) -> Why {
    let room = |n: &Node| n.status.allocatable.get("pods").and_then(Quantity::milli).map(|m| m / 1000);
    // More than a few are not told anyway.
    let full: Vec<(&Node, i128)> = nodes
        .iter()
        .take(8)
        .filter_map(|n| room(n).map(|r| (*n, r)))
        .filter(|(n, r)| i128::try_from(view.on_node(&n.meta.name).len()).is_ok_and(|have| have >= *r))
        .collect();
    let named: Vec<String> = full.iter().map(|(n, most)| format!("{} runs as many pods as it may ({most})", n.meta.name)).collect();
    let mut why = Why::new("pod/too-many-pods", 6, if named.is_empty() { "the node runs as many pods as it may".to_owned() } else { list(&named) });
    why.proofs = full.iter().map(|(n, most)| field(n.meta.reference("Node"), format!("allocatable pods: {most}"))).collect();
    why
}

/// The volumes of a pod that none of the nodes reaches, and where they are.
fn volume_elsewhere(view: &View<'_>, pod: &Pod, nodes: &[&Node]) -> Why {
    let mine = |c: &&crate::model::snapshot::PersistentVolumeClaim| pod.claims.contains(&c.meta.name);
    let mut why = Why::new("pod/volume-zone", 7, "its volume is bound to another node or zone".to_owned());
    for claim in view.claims_in(&pod.meta.namespace).filter(mine) {
        let Some(volume) = view.volume("", &claim.spec.volume_name) else { continue };
        let terms = &volume.spec.node_affinity.required.node_selector_terms;
        let reach = |n: &&&Node| terms.iter().any(|t| t.match_expressions.iter().all(|e| e.matches(&n.meta.labels)));
        let wants: Vec<String> = terms.iter().flat_map(|t| &t.match_expressions).map(crate::model::snapshot::selector::Expression::words).collect();
        if wants.is_empty() {
            continue;
        }
        let reaching: Vec<_> = nodes.iter().filter(reach).map(|n| &n.meta.name).collect();
        let own = volume.meta.reference("PersistentVolume");
        let have = if reaching.is_empty() { "and there is no such node".to_owned() } else { format!("that is {}", words::quoted(&reaching)) };
        why.says = format!("its claim `{}` is bound to the volume `{}`, which only nodes with {} reach, {have}", claim.meta.name, own.name, list(&wants));
        why.proofs.push(field(own.clone(), format!("spec.nodeAffinity: {}", list(&wants))));
        if reaching.is_empty() {
            why.cause = Some(own);
            break;
        }
    }
    why
}

fn other(text: &str) -> Why {
    let table: &[(&str, &'static str, u8, &str)] = &[
        ("free ports", "pod/host-port", 6, "its hostPort is taken"),
        ("max volume count", "pod/volume-count", 6, "the node has no room for another volume"),
        ("resourceclaim", "pod/resource-claim", 7, "its resource claim is not ready"),
    ];
    table.iter().find(|(word, ..)| text.contains(word)).map_or_else(
        || Why::new("pod/unschedulable", 3, words::trimmed(text).to_owned()),
        |(_, rule, weight, says)| Why::new(rule, *weight, (*says).to_owned()),
    )
}

fn missing_claim(view: &View<'_>, namespace: &str, name: &str) -> Why {
    let near = view.near_words("PersistentVolumeClaim", namespace, name);
    let mut why = Why::new("pod/missing-claim", 9, format!("PersistentVolumeClaim `{name}` does not exist{near}"));
    why.cause = Some(ObjectRef::new("PersistentVolumeClaim", namespace, name));
    why
}

/// What a pod asks for of a resource, in thousandths.
fn request(template: &PodTemplate, resource: &str) -> (i128, String) {
    let of = |c: &crate::model::snapshot::template::ContainerSpec| c.resources.requests.get(resource).or_else(|| c.resources.limits.get(resource)).cloned();
    let parts: Vec<Quantity> = template.containers.iter().filter_map(of).collect();
    let sum: i128 = parts.iter().filter_map(Quantity::milli).sum();
    let largest_init = template.init_containers.iter().filter_map(of).max_by_key(|q| q.milli().unwrap_or(0));
    match largest_init {
        Some(q) if q.milli().unwrap_or(0) > sum => (q.milli().unwrap_or(0), q.to_string()),
        _ if parts.len() > 1 => (sum, format!("{} ({})", amount(sum, resource), parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + "))),
        _ => (sum, parts.iter().map(ToString::to_string).collect()),
    }
}

/// An amount as a person writes it: `80Gi`, `23.5Gi`, `1500m`.
fn amount(milli: i128, resource: &str) -> String {
    let whole = milli / 1000;
    if !matches!(resource, "memory" | "ephemeral-storage") {
        return if milli % 1000 == 0 { whole.to_string() } else { format!("{milli}m") };
    }
    for (unit, size) in [("Gi", 1i128 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)] {
        if whole >= size {
            let tenths = whole * 10 / size;
            return if tenths % 10 == 0 { format!("{}{unit}", tenths / 10) } else { format!("{}.{}{unit}", tenths / 10, tenths % 10) };
        }
    }
    whole.to_string()
}

fn insufficient(template: &PodTemplate, nodes: &[&Node], resource: &str) -> Why {
    let (wants, words) = request(template, resource);
    let offers = nodes.iter().filter_map(|n| n.status.allocatable.get(resource).map(|q| (q.milli().unwrap_or(0), q, &n.meta.name)));
    let largest = offers.max_by_key(|(milli, ..)| *milli);
    match largest {
        _ if words.is_empty() => Why::new("pod/insufficient", 7, format!("not enough {resource} left")),
        Some((most, quantity, node)) if wants > most => {
            let mut why = Why::new("pod/never-fits", 8, format!("wants {resource} {words}; the largest node ({node}) has {}", amount(most, resource)));
            why.proofs.push(field(ObjectRef::new("Node", "", node.as_str()), format!("allocatable {resource}: {quantity}")));
            why
        }
        Some(_) => Why::new("pod/insufficient", 7, format!("wants {resource} {words}; not enough {resource} is left on a node that would take it")),
        None => Why::new("pod/never-fits", 7, format!("wants {resource} {words}; no node offers {resource}")),
    }
}

/// Which wanted label no node has, and what the nodes say instead.
fn labels(template: &PodTemplate, nodes: &[&Node]) -> Why {
    let mut wants: Vec<(String, &str)> = template.node_selector.iter().map(|(k, v)| (format!("{k}={v}"), k.as_str())).collect();
    let terms = &template.affinity.node_affinity.required.node_selector_terms;
    wants.extend(terms.iter().flat_map(|t| &t.match_expressions).map(|e| (e.words(), e.key.as_str())));
    let said: Vec<String> = wants
        .iter()
        .map(|(want, key)| {
            let have: Vec<String> = nodes.iter().filter_map(|n| n.meta.label(key).map(|v| format!("{} has {key}={v}", n.meta.name))).collect();
            match (have.is_empty(), nodes.is_empty()) {
                (_, true) => format!("wants the node label {want}"),
                (true, _) => {
                    let all: Vec<&str> = nodes.iter().flat_map(|n| n.meta.labels.iter().map(|(k, _)| k.as_str())).collect();
                    let near = crate::diagnose::near::nearest(key, &all).map_or_else(String::new, |n| format!("; a node has `{n}`"));
                    format!("wants the node label {want}; no node has the label `{key}`{near}")
                }
                (false, _) => format!("wants the node label {want}; {}", list(&have)),
            }
        })
        .collect();
    let says = if said.is_empty() { "its node affinity or selector matches no node".to_owned() } else { said.join("; ") };
    Why::new("pod/node-selector", 7, says)
}

fn cordoned(nodes: &[&Node]) -> Why {
    let names: Vec<_> = nodes.iter().filter(|n| n.spec.unschedulable).map(|n| &n.meta.name).collect();
    let mut why = Why::new("pod/cordoned-node", 6, format!("{} cordoned", if names.is_empty() { "a node is".into() } else { format!("{} is", list(&names)) }));
    why.cause = names.first().map(|n| ObjectRef::new("Node", "", n.as_str()));
    why.proofs = names.iter().map(|n| field(ObjectRef::new("Node", "", n.as_str()), "spec.unschedulable: true")).collect();
    why
}

/// Taints of a node that keep a pod away.
fn untolerated<'a>(template: &PodTemplate, node: &'a Node) -> Vec<&'a Taint> {
    let stood = |t: &&Taint| template.tolerations.iter().any(|s| s.stands(t));
    node.spec.taints.iter().filter(|t| t.effect.as_str() != "PreferNoSchedule" && !stood(t)).collect()
}

/// A toleration that was meant for a taint and misses it: by its key, its value or its effect.
fn missed(template: &PodTemplate, taint: &Taint) -> Option<String> {
    let near =
        |s: &&Toleration| !s.key.is_empty() && !s.key.starts_with("node.kubernetes.io/") && (s.key == taint.key || nearest(&taint.key, [&s.key]).is_some());
    let meant = template.tolerations.iter().find(near)?;
    let value = if meant.value.is_empty() { String::new() } else { format!("={}", meant.value) };
    let effect = if meant.effect.is_empty() { String::new() } else { format!(":{}", meant.effect) };
    Some(format!("{}{value}{effect}", meant.key))
}

fn taints(template: &PodTemplate, nodes: &[&Node]) -> Why {
    let (mut said, mut meant): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut why = Why::new("pod/untolerated-taint", 4, String::new());
    for node in nodes {
        let all = untolerated(template, node);
        let own = ObjectRef::new("Node", "", node.meta.name.as_str());
        let of_node = |t: &&Taint| t.key.starts_with("node.kubernetes.io/");
        // A node explains a pod that it would take, were it well.
        if !all.is_empty() && all.iter().all(of_node) && holds(template, node) {
            why.because.push(own.clone());
        }
        for taint in all {
            meant.extend(missed(template, taint).filter(|m| !meant.contains(m)));
            said.push(format!("{} has the taint {taint}", node.meta.name));
            why.proofs.push(field(own.clone(), format!("{} has the taint {taint}", node.meta.name)));
        }
    }
    why.says = if said.is_empty() { "a taint that it does not tolerate".to_owned() } else { format!("{}, which it does not tolerate", list(&said)) };
    if !meant.is_empty() {
        why.says = format!("{} (it tolerates {})", why.says, list(&meant));
    }
    why
}

/// Whether a node is large enough for a pod, were it empty.
fn holds(template: &PodTemplate, node: &Node) -> bool {
    ["cpu", "memory"].iter().all(|r| {
        let most = node.status.allocatable.get(*r).and_then(Quantity::milli);
        most.is_none_or(|most| request(template, r).0 <= most)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedulers_sentence_is_read_by_clause() {
        let message = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/2 nodes are available: 2 x.";
        assert_eq!(clauses(message), [(1, "Insufficient cpu".to_owned()), (1, "node(s) had untolerated taint(s)".to_owned())]);
        assert_eq!(clauses("0/2 nodes are available: persistentvolumeclaim \"a\" not found. not found").len(), 1);
        assert_eq!(clauses("0/1 nodes are available: 1 node(s) had untolerated taint {a: b}. preemption: x")[0].0, 1);
    }
}
