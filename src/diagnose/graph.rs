//! The drafts of the last look and the findings that they fold into. A draft that comes, goes or changes moves only what hangs
//! together with it: folding falls apart into such islands, since a draft asks only for what shows at objects it names.
//!
//! Invariant: two drafts of which one may explain the other are on one island; an island may be larger than it need be.
use super::draft::Draft;
use super::fold::{self, asks, shown};
use super::ledger::Piece;
use super::spot::{ByKey, Key, List, put, take};
use crate::model::finding::{Folded, Proof};
use crate::model::{Finding, ObjectRef};
use crate::text::{Clean, Redactor};
use std::borrow::Borrow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

/// Where among all drafts one stands: equals are told apart by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Of siblings: by what made them, and what they have in common.
    Siblings(Arc<(ObjectRef, String)>),
    /// Of a piece.
    At(Piece),
}

/// A draft, and its sentence as it is shown.
#[derive(Debug)]
struct Told {
    draft: Draft,
    title: OnceLock<Clean>,
}

impl Told {
    fn title(&self, redactor: &Redactor) -> &Clean {
        self.title.get_or_init(|| clean(&format!("{}: {}", self.draft.object.name, self.draft.says), redactor))
    }
}

#[derive(Clone, Debug)]
struct Entry {
    slot: u32,
    told: Arc<Told>,
}

impl Borrow<Draft> for Entry {
    fn borrow(&self) -> &Draft {
        &self.told.draft
    }
}

#[derive(Debug)]
struct Node {
    told: Arc<Told>,
    order: (Place, usize),
    island: u32,
    root: Option<Root>,
}

/// A finding in the order of the report.
#[derive(Clone, Debug)]
pub struct Root {
    /// As it is shown.
    pub finding: Arc<Finding>,
    told: Arc<Told>,
    folded: Arc<[Arc<Told>]>,
    order: (Place, usize),
}

impl Root {
    /// The draft that stands for the others.
    pub fn draft(&self) -> &Draft {
        &self.told.draft
    }
    /// Those that it explains.
    pub fn folded(&self) -> impl Iterator<Item = &Draft> + Clone {
        self.folded.iter().map(|t| &t.draft)
    }
}

/// Worst first; findings that are alike by this keep the order in which they were found.
pub fn worse(a: &Finding, b: &Finding) -> Ordering {
    let rank = |f: &Finding| (Reverse(f.severity), Reverse(f.confidence), Reverse(f.folded.len()));
    rank(a).cmp(&rank(b)).then_with(|| (&a.object, a.rule).cmp(&(&b.object, b.rule)))
}

impl Ord for Root {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |r: &Self| Reverse(fold::rank(&r.told.draft));
        worse(&self.finding, &other.finding).then_with(|| rank(self).cmp(&rank(other))).then_with(|| self.order.cmp(&other.order))
    }
}
impl PartialOrd for Root {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Root {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Root {}

/// See the module.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Vec<Option<Node>>,
    free: Vec<u32>,
    slots: BTreeMap<Piece, Vec<u32>>,
    shown: ByKey<List<u32>>,
    asked: ByKey<List<u32>>,
    islands: HashMap<u32, Vec<u32>>,
    next: u32,
    roots: BTreeSet<Root>,
    /// Islands to fold anew.
    stale: BTreeSet<u32>,
    /// Islands that lost or gained a draft, or were joined.
    loose: BTreeSet<u32>,
}

fn usize_of(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// What of the first is not in the second. Both are mostly alike, and in the same order where they are.
fn less(a: &[Key], b: &[Key]) -> Vec<Key> {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest, other) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    let same = rest.iter().rev().zip(other.iter().rev()).take_while(|(x, y)| x == y).count();
    let rest = rest.get(..rest.len() - same).unwrap_or_default();
    if rest.is_empty() {
        return Vec::new();
    }
    let mut gone: Vec<Key> = if rest.len() < FEW {
        rest.iter().filter(|k| !b.contains(k)).copied().collect()
    } else {
        let kept: HashSet<&Key> = b.iter().collect();
        rest.iter().filter(|k| !kept.contains(k)).copied().collect()
    };
    gone.sort_unstable();
    gone.dedup();
    gone
}

/// So few keys are looked for one by one.
const FEW: usize = 8;

impl Graph {
    /// Takes what a piece concluded in place of what it concluded before.
    pub fn set(&mut self, piece: Piece, place: &Place, drafts: Vec<Draft>) {
        let mut slots = self.slots.remove(&piece).unwrap_or_default();
        for gone in slots.split_off(drafts.len().min(slots.len())) {
            self.drop_slot(gone);
        }
        for (n, draft) in drafts.into_iter().enumerate() {
            match slots.get(n) {
                Some(slot) => self.replace(*slot, draft),
                None => slots.push(self.add(draft, (place.clone(), n))),
            }
        }
        if !slots.is_empty() {
            self.slots.insert(piece, slots);
        }
    }

    fn node(&self, slot: u32) -> Option<&Node> {
        self.nodes.get(usize_of(slot))?.as_ref()
    }
    fn node_mut(&mut self, slot: u32) -> Option<&mut Node> {
        self.nodes.get_mut(usize_of(slot))?.as_mut()
    }

    fn add(&mut self, draft: Draft, order: (Place, usize)) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(None);
            u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
        });
        let island = self.next;
        self.next = self.next.wrapping_add(1);
        self.islands.insert(island, vec![slot]);
        self.stale.insert(island);
        let (shows, asks): (Vec<Key>, Vec<Key>) = (shown(&draft).collect(), asks(&draft).collect());
        if let Some(place) = self.nodes.get_mut(usize_of(slot)) {
            *place = Some(Node { told: Arc::new(Told { draft, title: OnceLock::new() }), order, island, root: None });
        }
        self.link(slot, &[], &shows, &[], &asks);
        slot
    }

    fn replace(&mut self, slot: u32, draft: Draft) {
        let Some(node) = self.node(slot).filter(|n| n.told.draft != draft) else { return };
        let (island, old) = (node.island, node.told.clone());
        self.stale.insert(island);
        let keys: [Vec<Key>; 4] = [shown(&old.draft).collect(), shown(&draft).collect(), asks(&old.draft).collect(), asks(&draft).collect()];
        if let Some(node) = self.node_mut(slot) {
            node.told = Arc::new(Told { draft, title: OnceLock::new() });
        }
        let [had_shown, shows, had_asked, asks] = &keys;
        self.link(slot, had_shown, shows, had_asked, asks);
    }

    fn drop_slot(&mut self, slot: u32) {
        let Some(node) = self.nodes.get_mut(usize_of(slot)).and_then(Option::take) else { return };
        if let Some(root) = &node.root {
            self.roots.remove(root);
        }
        let (shows, asks): (Vec<Key>, Vec<Key>) = (shown(&node.told.draft).collect(), asks(&node.told.draft).collect());
        self.link(slot, &shows, &[], &asks, &[]);
        if let Some(members) = self.islands.get_mut(&node.island) {
            members.retain(|s| *s != slot);
        }
        self.stale.insert(node.island);
        self.loose.insert(node.island);
        self.free.push(slot);
    }

    /// Files a draft under other keys, and joins its island with those that it now hangs together with.
    fn link(&mut self, slot: u32, had_shown: &[Key], shows: &[Key], had_asked: &[Key], asks: &[Key]) {
        for key in less(had_shown, shows) {
            take(&mut self.shown, key, slot);
        }
        for key in less(had_asked, asks) {
            take(&mut self.asked, key, slot);
        }
        let mut near: BTreeSet<u32> = BTreeSet::new();
        for key in less(shows, had_shown) {
            put(&mut self.shown, key, slot);
            near.extend(self.asked.get(&key).map_or(&[][..], List::as_slice));
        }
        for key in less(asks, had_asked) {
            put(&mut self.asked, key, slot);
            near.extend(self.shown.get(&key).map_or(&[][..], List::as_slice));
        }
        let Some(own) = self.node(slot).map(|n| n.island) else { return };
        let near: BTreeSet<u32> = near.iter().filter_map(|s| self.node(*s)).map(|n| n.island).filter(|i| *i != own).collect();
        if near.is_empty() {
            return;
        }
        // the largest takes in the others
        let all = near.iter().copied().chain([own]);
        let Some(into) = all.clone().max_by_key(|i| self.islands.get(i).map_or(0, Vec::len)) else { return };
        for island in all.filter(|i| *i != into) {
            let members = self.islands.remove(&island).unwrap_or_default();
            for member in &members {
                if let Some(node) = self.node_mut(*member) {
                    node.island = into;
                }
            }
            self.islands.entry(into).or_default().extend(members);
            self.stale.remove(&island);
            if self.loose.remove(&island) {
                self.loose.insert(into);
            }
        }
        self.stale.insert(into);
    }

    /// Folds what changed.
    pub fn settle(&mut self, redactor: &Redactor) {
        for island in std::mem::take(&mut self.loose) {
            self.part(island);
        }
        for island in std::mem::take(&mut self.stale) {
            self.fold(island, redactor);
        }
    }

    /// Parts an island that lost a draft into those that still hang together.
    fn part(&mut self, island: u32) {
        let mut left: BTreeSet<u32> = self.islands.remove(&island).unwrap_or_default().into_iter().collect();
        self.stale.remove(&island);
        while let Some(first) = left.pop_first() {
            let (mut found, mut open) = (vec![first], vec![first]);
            while let Some(told) = open.pop().and_then(|slot| self.node(slot)).map(|n| n.told.clone()) {
                let answers = asks(&told.draft).filter_map(|k| self.shown.get(&k)).flat_map(List::as_slice);
                let questions = shown(&told.draft).filter_map(|k| self.asked.get(&k)).flat_map(List::as_slice);
                for near in answers.chain(questions) {
                    if left.remove(near) {
                        found.push(*near);
                        open.push(*near);
                    }
                }
            }
            let own = self.next;
            self.next = self.next.wrapping_add(1);
            for slot in &found {
                if let Some(node) = self.node_mut(*slot) {
                    node.island = own;
                }
            }
            self.islands.insert(own, found);
            self.stale.insert(own);
        }
    }

    fn fold(&mut self, island: u32, redactor: &Redactor) {
        let mut members: Vec<u32> = self.islands.get(&island).cloned().unwrap_or_default();
        members.sort_by(|a, b| self.node(*a).map(|n| &n.order).cmp(&self.node(*b).map(|n| &n.order)));
        let mut before: HashMap<u32, Root> = HashMap::new();
        let mut entries = Vec::with_capacity(members.len());
        for slot in members {
            let Some(node) = self.nodes.get_mut(usize_of(slot)).and_then(Option::as_mut) else { continue };
            entries.push(Entry { slot, told: node.told.clone() });
            if let Some(root) = node.root.take() {
                self.roots.remove(&root);
                before.insert(slot, root);
            }
        }
        for (root, folded) in fold::fold(entries) {
            let same = |r: &Root| Arc::ptr_eq(&r.told, &root.told) && r.folded.iter().map(Arc::as_ptr).eq(folded.iter().map(|e| Arc::as_ptr(&e.told)));
            let kept = before.remove(&root.slot).filter(same);
            let Some(node) = self.nodes.get_mut(usize_of(root.slot)).and_then(Option::as_mut) else { continue };
            let shown = kept.unwrap_or_else(|| {
                let folded: Arc<[Arc<Told>]> = folded.into_iter().map(|e| e.told).collect();
                Root { finding: Arc::new(finish(&root.told, &folded, redactor)), told: root.told, folded, order: node.order.clone() }
            });
            self.roots.insert(shown.clone());
            node.root = Some(shown);
        }
    }

    /// Findings, worst first.
    pub fn roots(&self) -> impl Iterator<Item = &Root> {
        self.roots.iter()
    }
}

/// Cleans and redacts one text.
pub fn clean(text: &str, redactor: &Redactor) -> Clean {
    Clean::line(&redactor.redact(Clean::line(text).as_str()).0)
}

/// A draft that stands beside the graph, with what it explains, as it is shown.
pub fn beside(draft: Draft, folded: Vec<Draft>, redactor: &Redactor) -> Finding {
    let told = |draft| Told { draft, title: OnceLock::new() };
    finish(&told(draft), &folded.into_iter().map(told).map(Arc::new).collect::<Vec<_>>(), redactor)
}

/// A draft as it is shown: its texts cleaned and redacted, its symptoms under it.
fn finish(told: &Told, folded: &[Arc<Told>], redactor: &Redactor) -> Finding {
    let draft = &told.draft;
    let proof = |p: &Proof| Proof { source: p.source.clone(), object: p.object.clone(), text: clean(&p.text, redactor) };
    let symptom = |t: &Arc<Told>| Folded { rule: t.draft.rule, object: t.draft.object.clone(), title: t.title(redactor).clone() };
    Finding {
        rule: draft.rule,
        severity: folded.iter().map(|f| f.draft.severity).fold(draft.severity, Ord::max),
        confidence: draft.confidence,
        title: told.title(redactor).clone(),
        object: draft.object.clone(),
        cause: draft.cause.clone(),
        folded: folded.iter().map(symptom).collect(),
        evidence: draft.evidence.iter().map(proof).collect(),
        next: draft.next.iter().map(|n| clean(n, redactor)).collect(),
        fix: draft.fix.as_ref().map(|f| clean(f, redactor)),
        began: draft.began.or_else(|| folded.iter().filter_map(|f| f.draft.began).min()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Confidence, Severity};
    use proptest::prelude::*;

    fn at(n: u8) -> ObjectRef {
        ObjectRef::new(if n < 6 { "Pod" } else { "Deployment" }, "ns", n.to_string())
    }

    fn any_draft() -> impl Strategy<Value = Draft> {
        let few = || prop::collection::vec(0..12u8, 0..3);
        let shape = (0..4usize, 0..3usize, any::<bool>(), prop_oneof![3 => Just(0u32), 1 => 1..4u32]);
        (0..12u8, prop::option::of(0..12u8), few(), few(), shape).prop_map(|(object, cause, touches, because, (severity, confidence, symptom, last))| {
            let severity = [Severity::Info, Severity::Warning, Severity::Error, Severity::Critical][severity];
            let confidence = [Confidence::Low, Confidence::Medium, Confidence::High][confidence];
            let mut d = Draft::new("r", at(object), "says").severity(severity).confidence(confidence);
            d.cause = cause.map(at);
            d.symptom = symptom;
            let d = d.touches(touches.into_iter().map(at)).because(because.into_iter().map(at));
            if last == 0 { d } else { Draft { cause: None, symptom: false, ..d }.because([at(object)]).last(last) }
        })
    }

    proptest! {
        #[test]
        fn island_by_island_reads_as_if_all_were_folded_at_once(
            steps in prop::collection::vec((0..9u32, prop::collection::vec(any_draft(), 0..3)), 1..30),
        ) {
            let redactor = Redactor::new([0; 32]);
            let mut graph = Graph::default();
            let mut all: BTreeMap<u32, Vec<Draft>> = BTreeMap::new();
            for (at, drafts) in steps {
                let piece = Piece { family: 1, at };
                graph.set(piece, &Place::At(piece), drafts.clone());
                graph.settle(&redactor);
                all.insert(at, drafts);
                let told = |d: &Draft| Arc::new(Told { draft: d.clone(), title: OnceLock::new() });
                let mut want: Vec<Finding> = fold::fold(all.values().flatten().cloned().collect::<Vec<_>>())
                    .into_iter()
                    .map(|(root, folded)| finish(&told(&root), &folded.iter().map(told).collect::<Vec<_>>(), &redactor))
                    .collect();
                want.sort_by(worse);
                let got: Vec<Finding> = graph.roots().map(|r| (*r.finding).clone()).collect();
                prop_assert_eq!(got, want);
            }
            for at in 0..9 {
                let piece = Piece { family: 1, at };
                graph.set(piece, &Place::At(piece), Vec::new());
            }
            graph.settle(&redactor);
            prop_assert!(graph.roots.is_empty() && graph.shown.is_empty() && graph.asked.is_empty() && graph.islands.is_empty() && graph.slots.is_empty());
        }
    }
}
