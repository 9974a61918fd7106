//! The cause graph: which draft explains which. A draft hangs on objects (`because`); whatever shows at one of those objects
//! explains it. Roots stay; symptoms are folded under their root. Two drafts with one cause are one finding.
use super::draft::Draft;
use super::spot::{ByKey, Key, List, Spot, put};
use crate::model::Severity;
use std::borrow::Borrow;
use std::collections::HashMap;

/// Roots, each with the drafts that it explains.
pub fn fold<D: Borrow<Draft>>(drafts: Vec<D>) -> Vec<(D, Vec<D>)> {
    let (mut last, drafts): (Vec<D>, Vec<D>) = drafts.into_iter().partition(|d| d.borrow().last > 0);
    let mut out = causes(drafts);
    let object = |d: &D| d.borrow().object.clone();
    last.sort_by_key(|d| (object(d), std::cmp::Reverse(d.borrow().last)));
    last.dedup_by_key(|d| object(d));
    for draft in last {
        let explains = |d: &D| d.borrow().explains(draft.borrow());
        match out.iter_mut().find(|(root, folded)| explains(root) || folded.iter().any(explains)) {
            Some((_, folded)) => folded.push(draft),
            None => out.push((draft, Vec::new())),
        }
    }
    out
}

/// The same of those that do not ask last.
fn causes<D: Borrow<Draft>>(mut drafts: Vec<D>) -> Vec<(D, Vec<D>)> {
    drafts.sort_by_key(|d| std::cmp::Reverse(rank(d.borrow())));
    let parents = parents(&drafts);
    let roots: Vec<usize> = (0..drafts.len()).map(|i| root(i, &parents)).collect();
    let mut out: Vec<(usize, D, Vec<D>)> = Vec::new();
    let mut folded: Vec<(usize, D)> = Vec::new();
    for (i, draft) in drafts.into_iter().enumerate() {
        match roots.get(i) {
            Some(&r) if r != i => folded.push((r, draft)),
            _ if draft.borrow().symptom => {}
            _ => out.push((i, draft, Vec::new())),
        }
    }
    let places: HashMap<usize, usize> = out.iter().enumerate().map(|(place, (i, ..))| (*i, place)).collect();
    for (r, draft) in folded {
        if let Some((_, _, list)) = places.get(&r).and_then(|place| out.get_mut(*place)) {
            list.push(draft);
        }
    }
    out.into_iter().map(|(_, draft, list)| (draft, list)).collect()
}

/// What is kept of two that say the same: the worse, the surer, the one with a cause.
pub fn rank(d: &Draft) -> (bool, crate::model::Severity, crate::model::Confidence, bool, usize) {
    (!d.symptom, d.severity, d.confidence, d.cause.is_some(), d.touches.len())
}

/// Objects at which a draft shows.
pub fn shown(d: &Draft) -> impl Iterator<Item = Key> {
    std::iter::once(&d.object).chain(&d.cause).map(|o| Spot::from(o).object).chain(d.touches.iter().map(|s| s.object))
}

/// Objects whose drafts may explain a draft.
pub fn asks(d: &Draft) -> impl Iterator<Item = Key> {
    d.because.iter().map(|s| s.object).chain(d.cause.iter().map(|o| Spot::from(o).object))
}

fn parents<D: Borrow<Draft>>(drafts: &[D]) -> Vec<Option<usize>> {
    let drafts: Vec<&Draft> = drafts.iter().map(Borrow::borrow).collect();
    let most = drafts.iter().map(|d| d.touches.len() + 2).sum();
    let mut places: ByKey<List<usize>> = ByKey::with_capacity_and_hasher(most, std::hash::BuildHasherDefault::default());
    let mut causes: ByKey<usize> = ByKey::default();
    // What is said about the object at fault itself comes before what is said of those that it breaks.
    for (i, d) in drafts.iter().enumerate().filter(|(_, d)| !d.symptom && d.severity > Severity::Info) {
        causes.entry(Spot::from(&d.object).object).or_insert(i);
    }
    for (i, d) in drafts.iter().enumerate() {
        for object in shown(d) {
            put(&mut places, object, i);
        }
        if let Some(cause) = d.cause.as_ref().filter(|c| **c != d.object && !d.symptom) {
            causes.entry(Spot::from(cause).object).or_insert(i);
        }
    }
    let mut parents: Vec<Option<usize>> = vec![None; drafts.len()];
    // Symptoms choose first: a draft that stands by itself never hangs on one that nothing explains.
    let symptom = |i: usize| drafts.get(i).is_none_or(|d| d.symptom);
    let order = (0..drafts.len()).filter(|i| symptom(*i)).chain((0..drafts.len()).filter(|i| !symptom(*i)));
    for i in order {
        let Some(d) = drafts.get(i) else { continue };
        let by_cause = d.cause.as_ref().and_then(|c| causes.get(&Spot::from(c).object)).copied().filter(|j| *j != i);
        let mut candidates: Vec<usize> = d.because.iter().filter_map(|b| places.get(&b.object)).flat_map(List::as_slice).copied().filter(|j| *j != i).collect();
        candidates.extend(by_cause);
        candidates.sort_unstable_by_key(|j| (symptom(*j), !d.because.is_empty() && Some(*j) == by_cause, *j));
        let chosen = candidates.into_iter().find(|j| {
            let root = root(*j, &parents);
            root != i && (d.symptom || !symptom(root))
        });
        if let Some(place) = parents.get_mut(i) {
            *place = chosen;
        }
    }
    parents
}

/// Where the chain of parents ends. The chain has no cycle: a parent is only set when its root is another draft.
fn root(mut i: usize, parents: &[Option<usize>]) -> usize {
    for _ in 0..parents.len() {
        match parents.get(i).copied().flatten() {
            Some(parent) => i = parent,
            None => break,
        }
    }
    i
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectRef;

    fn at(kind: &str, name: &str) -> ObjectRef {
        ObjectRef::new(kind, "n", name)
    }

    #[test]
    fn a_chain_of_symptoms_is_folded_under_its_root() {
        let drafts = vec![
            Draft::new("ingress/no-endpoints", at("Ingress", "i"), "").because([at("Service", "s")]).symptom(),
            Draft::new("service/no-ready-endpoints", at("Service", "s"), "").because([at("Pod", "p")]).symptom(),
            Draft::new("pod/crash-loop", at("Deployment", "d"), "").touches([at("Pod", "p")]),
            Draft::new("service/no-ready-endpoints", at("Service", "other"), "").because([at("Pod", "fine")]).symptom(),
        ];
        let roots = fold(drafts);
        assert_eq!(roots.len(), 1);
        assert_eq!(roots[0].0.rule, "pod/crash-loop");
        assert_eq!(roots[0].1.len(), 2);
    }

    #[test]
    fn two_that_explain_each_other_stay_one_root() {
        let drafts = vec![
            Draft::new("a", at("Pod", "a"), "").because([at("Pod", "b")]),
            Draft::new("b", at("Pod", "b"), "").because([at("Pod", "a")]).severity(Severity::Critical),
        ];
        let roots = fold(drafts);
        assert_eq!(roots.len(), 1);
        assert_eq!(roots[0].1.len(), 1);
    }

    #[test]
    fn what_stands_by_itself_is_not_lost_under_a_symptom_that_nothing_explains() {
        let drafts = vec![
            Draft::new("deployment/rollout-stuck", at("Deployment", "d"), "").because([at("Deployment", "d")]),
            Draft::new("deployment/unavailable", at("Deployment", "d"), "").because([at("Deployment", "d")]).symptom(),
        ];
        let roots = fold(drafts);
        assert_eq!((roots.len(), roots[0].0.rule, roots[0].1.len()), (1, "deployment/rollout-stuck", 1));
    }

    #[test]
    fn what_one_missing_object_breaks_is_one_finding() {
        let draft = |name: &str| Draft::new("pod/missing-config", at("Deployment", name), "").cause(at("ConfigMap", "c"));
        let roots = fold(vec![draft("a"), draft("b"), draft("c")]);
        assert_eq!((roots.len(), roots[0].1.len()), (1, 2));
    }
}
