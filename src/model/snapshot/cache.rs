//! A snapshot that watches keep up to date: rows come and go by uid, and it says whether a change is one that a rule
//! could see. What is in a hidden namespace never enters.
//!
//! Invariant: `places` of a kind maps the uid of every kept item to its index.
use super::template::Templates;
use super::{Coverage, Event, LogKey, Meta, Pod, Snapshot, Usages};
use crate::model::link::{Change, Link, Seen, Update, WatchKind};
use crate::model::{Interner, Timestamp, TroubleClass};
use crate::text::{Clean, Prepared};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Where the items of one kind stand.
#[derive(Debug, Default)]
pub(super) struct Places {
    at: HashMap<Clean, usize>,
    /// While a list arrives: what it held so far.
    listed: Option<HashSet<Clean>>,
    /// Objects that could not be read, by uid, each with why.
    unreadable: BTreeMap<Clean, Clean>,
    /// How the watch says it stands.
    coverage: Coverage,
    /// Indexes at which something changed that a rule could see; see [`Cache::changes`].
    changed: BTreeSet<usize>,
}

/// An item with an identity.
pub(super) trait Held: PartialEq {
    /// Its metadata.
    fn meta(&self) -> &Meta;
    /// The same, to change.
    fn meta_mut(&mut self) -> &mut Meta;
}

/// See the module.
#[derive(Debug)]
pub struct Cache {
    snapshot: Snapshot,
    pool: Interner,
    templates: Templates,
    places: HashMap<&'static str, Places>,
    hidden: Vec<String>,
}

impl Default for Cache {
    fn default() -> Self {
        Self::new(None::<&str>, Vec::new())
    }
}

impl Cache {
    /// Nothing was looked at yet. `namespaces`: those that are watched, none for all; `hidden`: never kept.
    pub fn new<S: AsRef<str>>(namespaces: impl IntoIterator<Item = S>, hidden: Vec<String>) -> Self {
        let mut snapshot = Snapshot::new(Timestamp::UNIX_EPOCH);
        snapshot.namespaces = namespaces.into_iter().map(|n| Clean::line(n.as_ref())).collect();
        Self { snapshot, pool: Interner::new(), templates: Templates::default(), places: HashMap::new(), hidden }
    }

    /// What the panel's watches say; pods and events are projected already. True when a rule could see a difference.
    pub fn update(&mut self, update: Update) -> bool {
        match update {
            Update::Pods(changes) => rows(&mut self.snapshot.pods, self.places.entry("Pod").or_default(), &self.hidden, changes),
            Update::Events(mut changes) => {
                changes.retain(|c| !matches!(c, Change::Upsert(e) if is_chatter(e)));
                let places = self.places.entry("Event").or_default();
                tally(&mut self.snapshot, places, &changes);
                let leave = changes.iter().any(|c| matches!(c, Change::Gone(_) | Change::ListEnds));
                let changed = rows(&mut self.snapshot.events, places, &self.hidden, changes);
                if leave {
                    self.snapshot.tallies.retain(|uid| places.at.contains_key(uid));
                }
                changed
            }
            Update::Link(WatchKind::Pods, link, _) => self.link("Pod", link),
            Update::Link(WatchKind::Events, link, _) => self.link("Event", link),
        }
    }

    /// What the other watches say. True when a rule could see a difference.
    pub fn seen(&mut self, seen: Seen) -> bool {
        match seen {
            Seen::Objects(kind, changes) => changes.into_iter().fold(false, |changed, c| self.object(kind, c) | changed),
            Seen::Link(kind, link) => self.link(kind, link),
        }
    }

    fn object(&mut self, kind: &'static str, change: Change<Value>) -> bool {
        let places = self.places.entry(kind).or_default();
        match change {
            Change::Upsert(object) => {
                let text = |at: &str| object.pointer(at).and_then(Value::as_str).unwrap_or_default();
                let place = if kind == "Namespace" { text("/metadata/name") } else { text("/metadata/namespace") };
                if self.hidden.iter().any(|h| h == place) {
                    return false;
                }
                let uid = Clean::line(text("/metadata/uid"));
                if let Some(listed) = &mut places.listed {
                    listed.insert(uid.clone());
                }
                let object = super::builder::without_nulls(&object);
                match self.snapshot.upsert(kind, &object, &mut self.pool, &mut self.templates, places) {
                    Ok(changed) => places.unreadable.remove(&uid).is_some() && cover(&mut self.snapshot, kind, places) || changed,
                    Err(error) => {
                        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
                        places.unreadable.insert(uid, Clean::line(&format!("{name}: {error}")));
                        cover(&mut self.snapshot, kind, places)
                    }
                }
            }
            Change::Gone(uid) => {
                let told = places.unreadable.remove(&uid).is_some() && cover(&mut self.snapshot, kind, places);
                self.snapshot.remove(kind, &uid, places) || told
            }
            Change::ListBegins => {
                places.listed = Some(HashSet::new());
                false
            }
            Change::ListEnds => self.snapshot.relisted(kind, places),
        }
    }

    fn link(&mut self, kind: &'static str, link: Link) -> bool {
        let places = self.places.entry(kind).or_default();
        places.coverage = match link {
            Link::Connecting | Link::Filling => Coverage::NotLooked,
            Link::Live => Coverage::Whole,
            // a server that does not serve a kind has none of it
            Link::Stale { trouble, .. } if trouble.class == TroubleClass::NotFound => Coverage::Whole,
            Link::Stale { trouble, .. } => Coverage::Failed(trouble),
            Link::Denied(trouble) => Coverage::Denied(trouble),
        };
        cover(&mut self.snapshot, kind, places)
    }

    /// Logs that were read.
    pub fn logs(&mut self, logs: impl IntoIterator<Item = (LogKey, Prepared)>) {
        self.snapshot.logs.extend(logs);
    }

    /// What pods use, as it was read.
    pub fn used(&mut self, usage: Usages) {
        self.snapshot.usage = usage;
    }

    /// Every watched kind was answered, well or not.
    pub fn answered(&self) -> bool {
        super::KINDS.iter().all(|k| *self.snapshot.coverage(k.kind) != Coverage::NotLooked)
    }

    /// Where, by kind, items came, went or changed since this was asked last; an index may lie behind the last item now.
    pub fn changes(&mut self) -> Vec<(&'static str, BTreeSet<usize>)> {
        let all = self.places.iter_mut().map(|(kind, places)| (*kind, std::mem::take(&mut places.changed)));
        all.filter(|(_, changed)| !changed.is_empty()).collect()
    }

    /// What is there, as of the instant that [`Cache::at`] set.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Sets the instant, and forgets strings that nothing holds any more.
    pub fn at(&mut self, now: Timestamp) -> &mut Snapshot {
        self.snapshot.now = now;
        self.pool.sweep();
        self.templates.sweep();
        &mut self.snapshot
    }
}

/// What every pod's start writes and no rule reads: where there are ten thousand pods, it is most of what there is.
fn is_chatter(event: &Event) -> bool {
    !event.warning && ["Scheduled", "Pulled", "Created", "Started", "SuccessfulCreate"].contains(&event.reason.as_str())
}

/// Counts what events that are kept already say to have happened since.
fn tally(snapshot: &mut Snapshot, places: &Places, changes: &[Change<Event>]) {
    for change in changes {
        if let Change::Upsert(now) = change
            && let Some(before) = places.at.get(&now.meta.uid).and_then(|i| snapshot.events.items.get(*i))
        {
            snapshot.tallies.grew(before, now);
        }
    }
}

/// Says in the snapshot how looking at a kind went. True when that is news.
fn cover(snapshot: &mut Snapshot, kind: &str, places: &Places) -> bool {
    let coverage = match (&places.coverage, places.unreadable.values().next()) {
        (Coverage::Whole, Some(first)) => Coverage::Cut(Clean::line(&format!("{} could not be read, the first: {first}", places.unreadable.len()))),
        (coverage, _) => coverage.clone(),
    };
    let Some(place) = snapshot.coverage_mut(kind) else { return false };
    let news = *place != coverage;
    *place = coverage;
    news
}

fn rows<T: Held>(list: &mut super::Listed<T>, places: &mut Places, hidden: &[String], changes: Vec<Change<T>>) -> bool {
    let mut changed = false;
    for change in changes {
        changed |= match change {
            Change::Upsert(item) if hidden.iter().any(|h| h == item.meta().namespace.as_str()) => false,
            Change::Upsert(item) => {
                if let Some(listed) = &mut places.listed {
                    listed.insert(item.meta().uid.clone());
                }
                put(&mut list.items, places, item)
            }
            Change::Gone(uid) => remove(&mut list.items, places, &uid),
            Change::ListBegins => {
                places.listed = Some(HashSet::new());
                false
            }
            Change::ListEnds => relisted(&mut list.items, places),
        };
    }
    changed
}

/// Keeps an item. False when nothing but its resourceVersion is new.
pub(super) fn put<T: Held>(items: &mut Vec<T>, places: &mut Places, mut item: T) -> bool {
    let at = places.at.get(&item.meta().uid).copied();
    let Some((at, kept)) = at.and_then(|i| items.get_mut(i).map(|kept| (i, kept))) else {
        places.at.insert(item.meta().uid.clone(), items.len());
        places.changed.insert(items.len());
        items.push(item);
        return true;
    };
    let version = std::mem::replace(&mut item.meta_mut().resource_version, kept.meta().resource_version.clone());
    let same = item == *kept;
    item.meta_mut().resource_version = version;
    *kept = item;
    if !same {
        places.changed.insert(at);
    }
    !same
}

/// Forgets an item. False when it was not there.
pub(super) fn remove<T: Held>(items: &mut Vec<T>, places: &mut Places, uid: &Clean) -> bool {
    let Some(i) = places.at.remove(uid) else { return false };
    items.swap_remove(i);
    places.changed.extend([i, items.len()]);
    if let Some(moved) = items.get(i) {
        places.at.insert(moved.meta().uid.clone(), i);
    }
    true
}

/// A list is whole: what it did not hold is gone. True when something is.
pub(super) fn relisted<T: Held>(items: &mut Vec<T>, places: &mut Places) -> bool {
    let Some(listed) = places.listed.take() else { return false };
    places.unreadable.retain(|uid, _| listed.contains(uid));
    let gone: Vec<Clean> = places.at.keys().filter(|uid| !listed.contains(*uid)).cloned().collect();
    let any = gone.iter().fold(false, |any, uid| remove(items, places, uid) | any);
    // a list that grew by doubling keeps half of its room for nothing
    items.shrink_to_fit();
    any
}

macro_rules! held {
    ($($type:ty),* $(,)?) => {
        $(impl crate::model::snapshot::cache::Held for $type {
            fn meta(&self) -> &Meta {
                &self.meta
            }
            fn meta_mut(&mut self) -> &mut Meta {
                &mut self.meta
            }
        })*
    };
}
pub(super) use held;

held!(Pod, Event);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Trouble;
    use serde_json::json;

    fn service(uid: &str, version: &str, app: &str) -> Value {
        json!({"metadata": {"name": uid, "namespace": "shop", "uid": uid, "resourceVersion": version}, "spec": {"selector": {"app": app}}})
    }

    fn names(cache: &Cache) -> Vec<String> {
        let mut names: Vec<_> = cache.snapshot().services.items.iter().map(|s| s.meta.name.to_string()).collect();
        names.sort();
        names
    }

    fn put(cache: &mut Cache, object: Value) -> bool {
        cache.seen(Seen::Objects("Service", vec![Change::Upsert(object)]))
    }

    #[test]
    fn only_what_a_rule_could_see_is_a_change() {
        let mut cache = Cache::new(["shop"], Vec::new());
        assert!(put(&mut cache, service("a", "1", "x")));
        assert!(!put(&mut cache, service("a", "2", "x")), "only its version is new");
        assert_eq!(cache.snapshot().services.items[0].meta.resource_version.as_str(), "2");
        assert!(put(&mut cache, service("a", "3", "y")));
        assert!(!cache.seen(Seen::Objects("Service", vec![Change::Gone(Clean::line("b"))])));
        assert!(cache.seen(Seen::Objects("Service", vec![Change::Gone(Clean::line("a"))])));
        assert!(names(&cache).is_empty());
    }

    #[test]
    fn items_are_found_by_uid_after_others_went() {
        let mut cache = Cache::new(["shop"], Vec::new());
        for uid in ["a", "b", "c"] {
            put(&mut cache, service(uid, "1", "x"));
        }
        cache.seen(Seen::Objects("Service", vec![Change::Gone(Clean::line("a"))]));
        assert!(put(&mut cache, service("c", "2", "y")), "it moved to another place and is changed there");
        assert_eq!(names(&cache), ["b", "c"]);
    }

    #[test]
    fn where_something_changed_is_told_once() {
        let mut cache = Cache::new(["shop"], Vec::new());
        for uid in ["a", "b", "c"] {
            put(&mut cache, service(uid, "1", "x"));
        }
        assert_eq!(cache.changes(), [("Service", BTreeSet::from([0, 1, 2]))]);
        put(&mut cache, service("b", "2", "x"));
        assert!(cache.changes().is_empty(), "only its version is new");
        cache.seen(Seen::Objects("Service", vec![Change::Gone(Clean::line("a"))]));
        assert_eq!(cache.changes(), [("Service", BTreeSet::from([0, 2]))], "the last took its place");
    }

    #[test]
    fn a_relist_takes_away_what_it_does_not_hold_and_nothing_before_it_ends() {
        let mut cache = Cache::new(["shop"], Vec::new());
        put(&mut cache, service("a", "1", "x"));
        put(&mut cache, service("b", "1", "x"));
        assert!(!cache.seen(Seen::Objects("Service", vec![Change::ListBegins, Change::Upsert(service("b", "1", "x"))])));
        assert_eq!(names(&cache), ["a", "b"]);
        assert!(cache.seen(Seen::Objects("Service", vec![Change::ListEnds])));
        assert_eq!(names(&cache), ["b"]);
    }

    #[test]
    fn how_looking_went_is_told_and_a_kind_that_is_not_served_is_none() {
        let mut cache = Cache::new(["shop"], Vec::new());
        let trouble = |class| Trouble::new(class, "list", "x");
        let stale = |class| Link::Stale { since: Timestamp::UNIX_EPOCH, trouble: trouble(class) };
        assert!(cache.seen(Seen::Link("Service", Link::Live)));
        assert!(!cache.seen(Seen::Link("Service", Link::Live)), "no news");
        assert!(cache.seen(Seen::Link("Service", stale(TroubleClass::Unreachable))));
        assert!(matches!(cache.snapshot().services.coverage, Coverage::Failed(_)));
        cache.seen(Seen::Link("Service", stale(TroubleClass::NotFound)));
        assert_eq!(cache.snapshot().services.coverage, Coverage::Whole);
        cache.seen(Seen::Link("Service", Link::Denied(trouble(TroubleClass::Denied))));
        assert!(matches!(cache.snapshot().services.coverage, Coverage::Denied(_)));
        assert!(!cache.answered());
    }

    #[test]
    fn an_object_that_can_not_be_read_cuts_its_kind_until_it_can() {
        let mut cache = Cache::new(["shop"], Vec::new());
        cache.seen(Seen::Link("Service", Link::Live));
        assert!(put(&mut cache, json!({"metadata": {"name": "a", "uid": "a", "namespace": "shop"}, "spec": {"ports": 3}})));
        assert!(matches!(cache.snapshot().services.coverage, Coverage::Cut(_)));
        assert!(put(&mut cache, service("a", "2", "x")));
        assert_eq!(cache.snapshot().services.coverage, Coverage::Whole);
    }

    #[test]
    fn what_every_start_writes_is_no_news_and_a_warning_is() {
        let mut cache = Cache::default();
        let event = |kind: &str, reason: &str| {
            let meta = k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta { uid: Some(reason.into()), ..Default::default() };
            let fields = serde_json::from_value(json!({"type": kind, "reason": reason})).unwrap();
            Update::Events(vec![Change::Upsert(Event::project(&meta, &fields, &mut Interner::new()))])
        };
        assert!(!cache.update(event("Normal", "Scheduled")));
        assert!(cache.update(event("Warning", "BackOff")));
        assert_eq!(cache.snapshot().events.items.len(), 1);
    }

    #[test]
    fn an_event_is_tallied_as_its_count_grows_and_a_relist_adds_nothing() {
        let mut cache = Cache::default();
        let event = |count: u32, last: i64| {
            let meta = k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta { uid: Some("e".into()), ..Default::default() };
            let fields = json!({"type": "Warning", "reason": "BackOff", "count": count, "firstTimestamp": "2026-01-01T00:00:00Z"});
            let mut e = Event::project(&meta, &serde_json::from_value(fields).unwrap(), &mut Interner::new());
            (e.first, e.last) = (Timestamp::from_second(0).unwrap(), Timestamp::from_second(last).unwrap());
            e
        };
        let within = |cache: &Cache, e: &Event| cache.snapshot().tallies.within(e, e.last, 300);
        cache.update(Update::Events(vec![Change::ListBegins, Change::Upsert(event(50, 9_000)), Change::ListEnds]));
        assert_eq!(within(&cache, &event(50, 9_000)), 1);
        cache.update(Update::Events(vec![Change::Upsert(event(51, 9_010)), Change::Upsert(event(53, 9_020))]));
        assert_eq!(within(&cache, &event(53, 9_020)), 4);
        cache.update(Update::Events(vec![Change::ListBegins, Change::Upsert(event(53, 9_020)), Change::ListEnds]));
        assert_eq!(within(&cache, &event(53, 9_020)), 4);
        cache.update(Update::Events(vec![Change::Gone(Clean::line("e"))]));
        assert_eq!(within(&cache, &event(53, 9_020)), 1, "what is gone is forgotten");
    }

    #[test]
    fn what_is_hidden_never_enters() {
        let mut cache = Cache::new(Vec::<String>::new(), vec!["shop".into()]);
        assert!(!put(&mut cache, service("a", "1", "x")));
        let namespace = json!({"metadata": {"name": "shop", "uid": "n"}});
        assert!(!cache.seen(Seen::Objects("Namespace", vec![Change::Upsert(namespace)])));
        assert!(names(&cache).is_empty());
    }
}
