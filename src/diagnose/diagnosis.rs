//! A diagnosis that is kept up to date: told what changed in a snapshot, it runs again what read that, and what time has made
//! due, and nothing else. What it then says is what a look at the whole snapshot would say, to the letter.
//!
//! That holds because rules see the snapshot through the view alone, which notes what each of them reads; nothing here knows
//! which rule depends on what. Playbooks and what is said only on request are looked at whole, each time they are asked for.
use super::draft::Draft;
use super::graph::{Graph, Place, beside, clean, worse};
use super::index::{Index, number};
use super::ledger::{Ledger, Piece};
use super::rules::FAMILIES;
use super::rules::pods::{self, Members, Sign};
use super::spot::Key;
use super::view::View;
use super::{Question, began, extras, scope, unseen};
use crate::model::snapshot::{Coverage, KINDS, LogKey};
use crate::model::{Extra, Finding, ObjectRef, Report, Snapshot, Timestamp};
use crate::text::{Clean, Prepared, Redactor};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Where, by kind, a snapshot changed; see [`crate::model::snapshot::Cache::changes`].
pub type Changes = [(&'static str, BTreeSet<usize>)];

/// Joined faults of pods come before every other family.
const SIBLINGS: u16 = 0;
/// The first family of the table.
const FIRST: u16 = 1;
/// The faults of each pod: they say nothing by themselves.
const SIGNS: u16 = u16::MAX;

/// What was looked at last, of what is not filed by place.
#[derive(Debug)]
struct Seen {
    now: i64,
    namespaces: Vec<Clean>,
    coverage: Vec<Coverage>,
    logs: BTreeMap<LogKey, Prepared>,
}

/// Pods that fail alike.
#[derive(Debug)]
struct Group {
    id: u32,
    name: Arc<(ObjectRef, String)>,
    members: Members,
}

/// What made a pod, and what the pod shows.
type Shown = (ObjectRef, Vec<Sign>);

/// What pods show, and who shows the same.
#[derive(Debug, Default)]
struct Siblings {
    /// By the place of the pod; what made it, and what it shows.
    signs: Vec<Option<Box<Shown>>>,
    groups: BTreeMap<Arc<(ObjectRef, String)>, Group>,
    names: HashMap<u32, Arc<(ObjectRef, String)>>,
    next: u32,
}

impl Siblings {
    /// Takes what a pod shows now; answers which groups that touches.
    fn set(&mut self, at: u32, found: Option<Shown>) -> BTreeSet<u32> {
        let mut touched = BTreeSet::new();
        let place = usize::try_from(at).unwrap_or(usize::MAX);
        if let Some((top, signs)) = self.signs.get_mut(place).and_then(Option::take).map(|shown| *shown) {
            for sign in signs {
                let Some(group) = self.groups.get_mut(&(top.clone(), sign.family.clone())) else { continue };
                group.members.remove(at, &sign);
                touched.insert(group.id);
            }
        }
        if let Some((top, signs)) = found {
            for sign in &signs {
                let name = (top.clone(), sign.family.clone());
                if !self.groups.contains_key(&name) {
                    let (id, name) = (self.next, Arc::new(name.clone()));
                    self.next = self.next.wrapping_add(1);
                    self.names.insert(id, name.clone());
                    self.groups.insert(name.clone(), Group { id, name, members: Members::default() });
                }
                if let Some(group) = self.groups.get_mut(&name) {
                    group.members.add(at, sign);
                    touched.insert(group.id);
                }
            }
            if self.signs.len() <= place {
                self.signs.resize_with(place + 1, || None);
            }
            if let Some(shown) = self.signs.get_mut(place) {
                *shown = Some(Box::new((top, signs)));
            }
        }
        touched
    }

    /// Forgets a group that nobody is in any more.
    fn tidy(&mut self, id: u32) {
        let Some(name) = self.names.get(&id) else { return };
        if self.groups.get(name).is_some_and(|g| g.members.is_empty()) {
            self.groups.remove(name);
            self.names.remove(&id);
        }
    }

    /// What the members of a group say together.
    fn join(&self, view: &View<'_>, id: u32) -> Option<(Place, Option<Draft>)> {
        let group = self.groups.get(self.names.get(&id)?)?;
        let (top, family) = &*group.name;
        Some((Place::Siblings(group.name.clone()), pods::join(view, top, family, &group.members)))
    }
}

/// See the module.
#[derive(Debug)]
pub struct Diagnosis {
    redactor: Redactor,
    index: Index,
    seen: Option<Seen>,
    ledger: Ledger,
    siblings: Siblings,
    graph: Graph,
}

impl Diagnosis {
    /// Nothing was looked at yet. Every text it says goes through `redactor`.
    pub fn new(redactor: Redactor) -> Self {
        Self { redactor, index: Index::default(), seen: None, ledger: Ledger::default(), siblings: Siblings::default(), graph: Graph::default() }
    }

    /// Looks at what changed since the last look. `changes` must name every place at which an object is another than it was.
    pub fn look(&mut self, snapshot: &Snapshot, changes: &Changes) {
        let now = snapshot.now.as_second();
        if self.seen.as_ref().is_some_and(|s| now < s.now || s.namespaces != snapshot.namespaces) {
            // A clock that was set back, or another scope: nothing that was concluded is sure to hold.
            *self = Self::new(self.redactor.clone());
        }
        let pieces = self.stale(snapshot, changes, now);
        let Self { index, ledger, siblings, graph, redactor, .. } = self;
        let view = View::kept(snapshot, index);
        let pod = number("Pod").unwrap_or_default();
        let mut groups: BTreeSet<u32> = BTreeSet::new();
        for piece in pieces {
            if piece.family == SIBLINGS {
                groups.insert(piece.at);
            } else if piece.family == SIGNS {
                let found = view.subject(|s| &s.pods.items, piece.at).and_then(|p| pods::signs(&view, p));
                ledger.keep(piece, index.own(pod, piece.at), view.reads());
                groups.extend(siblings.set(piece.at, found));
            } else if let Some(family) = FAMILIES.get(usize::from(piece.family - FIRST)) {
                let mut drafts = (family.run)(&view, piece.at);
                began::date(&view, &mut drafts);
                ledger.keep(piece, family.kind.and_then(|kind| index.own(kind, piece.at)), view.reads());
                graph.set(piece, &Place::At(piece), drafts);
            }
        }
        for id in groups {
            let piece = Piece { family: SIBLINGS, at: id };
            let (place, draft) = siblings.join(&view, id).unwrap_or((Place::At(piece), None));
            let mut drafts: Vec<Draft> = draft.into_iter().collect();
            began::date(&view, &mut drafts);
            ledger.keep(piece, None, view.reads());
            graph.set(piece, &place, drafts);
            siblings.tidy(id);
        }
        graph.settle(redactor);
    }

    /// The next instant at which a report may be another one though nothing happens: a grace ends, an age reads differently, a
    /// playbook's time is up.
    pub fn due(&self, snapshot: &Snapshot, question: &Question) -> Option<Timestamp> {
        let own = self.ledger.next().and_then(|at| Timestamp::from_second(at).ok());
        question.playbooks.iter().filter_map(|p| p.turns(snapshot)).chain(own).min()
    }

    /// What must run again.
    fn stale(&mut self, snapshot: &Snapshot, changes: &Changes, now: i64) -> BTreeSet<Piece> {
        let pod = number("Pod");
        let mut touched = self.index.follow(snapshot, changes);
        let mut pieces: BTreeSet<Piece> = BTreeSet::new();
        let numbers = || (FIRST..).zip(FAMILIES.iter());
        if let Some(seen) = &self.seen {
            let other = KINDS.iter().zip(&seen.coverage).filter(|(kind, seen)| snapshot.coverage(kind.kind) != *seen);
            touched.keys.extend(other.map(|(kind, _)| Key::coverage(kind.kind)));
            let same = |a: &Prepared, b: Option<&Prepared>| b.is_some_and(|b| std::ptr::eq(a.text(), b.text()) || a.text() == b.text());
            let came = snapshot.logs.iter().filter(|(k, text)| !same(text, seen.logs.get(*k))).map(|(k, _)| k);
            let gone = seen.logs.keys().filter(|k| !snapshot.logs.contains_key(*k));
            touched.objects.extend(came.chain(gone).map(|k| Key::object("Pod", &k.namespace, &k.pod)));
            touched.keys.extend(&touched.objects);
            touched.places.extend(touched.objects.iter().flat_map(|key| self.index.named(*key)));
            if !touched.keys.is_empty() {
                touched.keys.push(Key::everything());
            }
            pieces.extend(touched.keys.iter().flat_map(|key| self.ledger.readers(*key)));
            pieces.extend(self.ledger.due(now));
        } else {
            pieces.extend(numbers().filter(|(_, f)| f.kind.is_none()).map(|(family, _)| Piece { family, at: 0 }));
        }
        for (kind, at) in touched.places {
            pieces.extend(numbers().filter(|(_, f)| f.kind == Some(kind)).map(|(family, _)| Piece { family, at }));
            pieces.extend(Some(Piece { family: SIGNS, at }).filter(|_| pod == Some(kind)));
        }
        let coverage = KINDS.iter().map(|k| snapshot.coverage(k.kind).clone()).collect();
        self.seen = Some(Seen { now, namespaces: snapshot.namespaces.clone(), coverage, logs: snapshot.logs.clone() });
        pieces
    }

    /// What the last look concluded, as an answer to a question, and of a snapshot that holds more only what concerns one
    /// namespace where that is given. `snapshot` must be the one that was looked at.
    pub fn report(&self, snapshot: &Snapshot, question: &Question, namespace: Option<&str>) -> Report {
        let concerns = |root: &Draft, folded: &[Draft]| scope::concerns(snapshot, question, namespace, root, &folded.iter());
        let view = View::kept(snapshot, &self.index);
        let mut played: Vec<(Draft, Vec<Draft>)> = question.playbooks.iter().flat_map(|p| p.drafts(&view)).map(|d| (d, Vec::new())).collect();
        let mut findings: Vec<Arc<Finding>> = Vec::new();
        for root in self.graph.roots() {
            // What no rule explains a playbook may.
            let last = Some(root.draft()).filter(|d| d.last > 0);
            if let Some((_, folded)) = last.and_then(|last| played.iter_mut().find(|(d, _)| d.explains(last))) {
                folded.push(root.draft().clone());
            } else if scope::concerns(snapshot, question, namespace, root.draft(), &root.folded()) {
                findings.push(root.finding.clone());
            }
        }
        let asked: Vec<Extra> = Extra::ALL.iter().copied().filter(|e| question.include.contains(e)).collect();
        let more = played.into_iter().chain(asked.iter().flat_map(|e| extras::all(&view, *e)).map(|d| (d, Vec::new())));
        let kept = findings.len();
        findings.extend(more.filter(|(root, folded)| concerns(root, folded)).map(|(root, folded)| Arc::new(beside(root, folded, &self.redactor))));
        if findings.len() > kept {
            findings.sort_by(|a, b| worse(a, b));
        }
        let (complete, denied) = unseen(snapshot, question, &self.redactor);
        let redacted = |text: &str| clean(text, &self.redactor);
        let scope = redacted(&scope::words(snapshot, question, namespace));
        Report { cluster: redacted(&question.cluster), scope, complete, denied, findings, include: asked }
    }
}
