//! Playbooks: what a team knows, as data beside the rules. A block says field by field what to look for; a playbook whose
//! block matches speaks like a rule. Pure: who reads the files and judges the steps by the grammar is the caller.
//!
//! A pattern matches one field, whole: `Crash*`, or `/regex/` which may match anywhere in that field. A pod that is named
//! `oomkilled-demo` triggers nothing.
use super::draft::{Draft, event, field, line};
use super::view::View;
use super::words::{age, short};
use crate::model::finding::Proof;
use crate::model::snapshot::{Event, Pod, Snapshot};
use crate::model::{ObjectRef, Severity, Source, Timestamp};
use crate::text::Clean;
use regex::Regex;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

/// What can be wrong with a playbook, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {sentence}")]
pub struct Mistake {
    /// From 1; 0 when the text does not tell.
    pub line: u64,
    /// What is wrong, and what is legal.
    pub sentence: String,
}

impl Mistake {
    fn at<T>(place: &Spanned<T>, sentence: impl Into<String>) -> Self {
        Self { line: u64::from(u32::try_from(place.referenced.line()).unwrap_or(0)), sentence: sentence.into() }
    }
}

/// A playbook as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Spanned<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    severity: Option<Spanned<String>>,
    #[serde(default)]
    says: Option<Spanned<String>>,
    #[serde(default)]
    detect: Option<WrittenBlock>,
    #[serde(default)]
    triggers: Vec<WrittenBlock>,
    #[serde(default)]
    steps: Vec<WrittenStep>,
    #[serde(default)]
    fix: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStep {
    run: Spanned<String>,
    #[serde(default)]
    expect: Option<Spanned<String>>,
}

/// One pattern or several of which one is enough.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

type Words = Option<Spanned<OneOrMore>>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WrittenBlock {
    kind: Words,
    namespace: Words,
    name: Words,
    labels: BTreeMap<String, Spanned<String>>,
    pod_status: Words,
    event_reason: Words,
    event_message: Words,
    event_type: Words,
    log: Words,
    debounce: Option<WrittenDebounce>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDebounce {
    #[serde(default)]
    count: Option<Spanned<u32>>,
    #[serde(default)]
    seconds: Option<Spanned<i64>>,
}

/// Seconds in which an event counts where a block names none.
const HOUR: i64 = 3600;

/// Text that one field must match.
#[derive(Clone, Debug)]
struct Pattern(Regex);

impl Pattern {
    fn new(text: &str, place: &Spanned<impl Sized>) -> Result<Self, Mistake> {
        let source = match text.strip_prefix('/').and_then(|t| t.strip_suffix('/')).filter(|t| !t.is_empty()) {
            Some(regex) => regex.to_owned(),
            None => format!("^{}$", text.split('*').map(regex::escape).collect::<Vec<_>>().join(".*")),
        };
        Regex::new(&source).map(Self).map_err(|e| Mistake::at(place, format!("`{text}` is no regular expression: {e}")))
    }
    fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Alternatives for one field; none given means anything.
#[derive(Clone, Debug, Default)]
struct Field(Vec<Pattern>);

impl Field {
    fn new(words: Words) -> Result<Self, Mistake> {
        let Some(words) = words else { return Ok(Self::default()) };
        let list: Vec<&String> = match &words.value {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more.iter().collect(),
        };
        if list.is_empty() || list.iter().any(|t| t.is_empty()) {
            return Err(Mistake::at(&words, "a pattern is empty: leave the field out, or write `*`"));
        }
        list.into_iter().map(|t| Pattern::new(t, &words)).collect::<Result<_, _>>().map(Self)
    }
    fn is_given(&self) -> bool {
        !self.0.is_empty()
    }
    fn matches(&self, text: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|p| p.matches(text))
    }
}

/// What to look for: every field that is given must match the same object.
#[derive(Clone, Debug)]
struct Block {
    kind: Field,
    namespace: Field,
    name: Field,
    labels: Vec<(String, Pattern)>,
    pod_status: Field,
    event_reason: Field,
    event_message: Field,
    event_type: Field,
    log: Field,
    count: u32,
    seconds: Option<i64>,
}

/// What to do next, and what it should show.
#[derive(Clone, Debug)]
pub struct Step {
    /// A read in the kubectl grammar, with placeholders.
    pub run: String,
    /// What the output holds where the playbook is right.
    pub expect: Option<String>,
    /// Where it stands in the file.
    pub line: u64,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Playbook {
    /// `payments-oom`; the finding's rule is `playbook/payments-oom`.
    pub name: String,
    /// One sentence for a list.
    pub description: String,
    /// What is said of an object that matches; with placeholders.
    says: String,
    severity: Severity,
    blocks: Vec<Block>,
    /// In order.
    pub steps: Vec<Step>,
    /// A change in the kubectl grammar, with placeholders, and its line.
    pub fix: Option<(String, u64)>,
    rule: &'static str,
}

/// Words that stand for the object that matched.
pub const PLACEHOLDERS: &[&str] = &["kind", "name", "namespace", "owner", "pod", "node"];

/// Rule ids live as long as the program; the same name is kept once, however often its file is read.
fn rule_id(name: &str) -> &'static str {
    static IDS: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let wanted = format!("playbook/{name}");
    let Ok(mut ids) = IDS.lock() else { return "playbook" };
    let ids = ids.get_or_insert_with(HashSet::new);
    if let Some(known) = ids.get(wanted.as_str()) {
        return known;
    }
    let id: &'static str = wanted.leak();
    ids.insert(id);
    id
}

impl Playbook {
    /// Reads a playbook; the error names the line.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let written: Written = serde_saphyr::from_str(text).map_err(|e| {
            let line = e.location().map_or(0, |l| u64::from(u32::try_from(l.line()).unwrap_or(0)));
            let sentence = e.without_snippet().to_string();
            Mistake { line, sentence: sentence.lines().next().and_then(|s| s.split(" at line ").next()).unwrap_or_default().to_owned() }
        })?;
        let name = written.name.value.clone();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return Err(Mistake::at(&written.name, format!("the name `{name}` is not made of a-z, 0-9 and `-`")));
        }
        let severity = match &written.severity {
            None => Severity::Warning,
            Some(word) => word.value.parse().map_err(|e: String| Mistake::at(word, e))?,
        };
        let blocks: Vec<Block> = written.detect.into_iter().chain(written.triggers).map(|b| b.read(&written.name)).collect::<Result<_, _>>()?;
        if blocks.is_empty() {
            return Err(Mistake::at(&written.name, "it has neither `detect` nor `triggers`: nothing would ever match"));
        }
        for place in written.steps.iter().map(|s| &s.run).chain(&written.fix).chain(&written.says) {
            placeholders(place)?;
        }
        let says = written.says.map_or_else(|| if written.description.is_empty() { name.clone() } else { written.description.clone() }, |s| s.value);
        let line = |s: &Spanned<String>| Mistake::at(s, "").line;
        let steps = written.steps.iter().map(|s| Step { run: s.run.value.clone(), expect: s.expect.as_ref().map(|e| e.value.clone()), line: line(&s.run) });
        Ok(Self {
            rule: rule_id(&name),
            description: written.description,
            says,
            severity,
            blocks,
            steps: steps.collect(),
            fix: written.fix.as_ref().map(|f| (f.value.clone(), line(f))),
            name,
        })
    }

    /// What it finds: one draft for each workload that shows it.
    pub fn drafts(&self, view: &View<'_>) -> Vec<Draft> {
        let mut out: Vec<Draft> = Vec::new();
        let mut seen: HashSet<ObjectRef> = HashSet::new();
        for found in self.blocks.iter().flat_map(|b| b.matches(view)) {
            let top = found.pod.map_or_else(|| found.object.clone(), |p| view.owner(p).top);
            if seen.insert(top.clone()) {
                out.push(self.draft(found, &top));
            }
        }
        out
    }

    fn draft(&self, found: Found<'_>, top: &ObjectRef) -> Draft {
        let fill = |text: &str| filled(text, &found.object, found.pod, top);
        let mut d = Draft::new(self.rule, top.clone(), fill(&self.says).unwrap_or_else(|| self.says.clone())).severity(self.severity).proofs(found.proofs);
        for step in &self.steps {
            if let Some(run) = fill(&step.run) {
                d = d.next(run);
            }
        }
        let expected = self.steps.iter().filter_map(|s| Some(format!("the playbook expects `{}` to show: {}", fill(&s.run)?, s.expect.as_ref()?)));
        let fix = self.fix.as_ref().and_then(|(f, _)| fill(f));
        d.proofs(expected.map(|text| Proof { source: Source::Rules, object: top.clone(), text: Clean::line(&text) })).fix(fix)
    }

    /// The next instant at which it may find something else though nothing happens: a debounce has passed.
    pub fn turns(&self, snapshot: &Snapshot) -> Option<Timestamp> {
        self.blocks.iter().filter_map(|b| b.turns(snapshot)).min()
    }

    /// Whether a rule's id is that of a playbook.
    pub fn is_named(rule: &str) -> bool {
        rule.starts_with("playbook/")
    }
}

/// A text with its placeholders filled in; `None` where one has nothing to stand for.
fn filled(text: &str, object: &ObjectRef, pod: Option<&Pod>, top: &ObjectRef) -> Option<String> {
    let mut out = text.to_owned();
    for name in PLACEHOLDERS {
        let mark = format!("{{{name}}}");
        if !out.contains(&mark) {
            continue;
        }
        let value = match *name {
            "kind" => object.kind.to_lowercase(),
            "name" => object.name.clone(),
            "namespace" => object.namespace.clone(),
            "owner" => top.to_string(),
            "pod" => pod.map(|p| p.meta.name.to_string())?,
            _ => pod.map(|p| p.node.to_string())?,
        };
        if value.is_empty() {
            return None;
        }
        out = out.replace(&mark, &value);
    }
    Some(out)
}

fn placeholders(text: &Spanned<String>) -> Result<(), Mistake> {
    for part in text.value.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !PLACEHOLDERS.contains(&name) {
            return Err(Mistake::at(text, format!("`{{{name}}}` stands for nothing; there are {}", PLACEHOLDERS.join(", "))));
        }
    }
    Ok(())
}

/// An object that matched, and what shows it.
struct Found<'a> {
    object: ObjectRef,
    pod: Option<&'a Pod>,
    proofs: Vec<Proof>,
}

impl WrittenBlock {
    fn read(self, name: &Spanned<String>) -> Result<Block, Mistake> {
        let labels: Vec<(String, Pattern)> = self.labels.iter().map(|(k, v)| Ok((k.clone(), Pattern::new(&v.value, v)?))).collect::<Result<_, Mistake>>()?;
        let (count, seconds) = match &self.debounce {
            None => (1, None),
            Some(d) => {
                if let Some(n) = d.count.as_ref().filter(|n| n.value == 0) {
                    return Err(Mistake::at(n, "`count` must be 1 or more"));
                }
                if let Some(n) = d.seconds.as_ref().filter(|n| n.value <= 0) {
                    return Err(Mistake::at(n, "`seconds` must be 1 or more"));
                }
                (d.count.as_ref().map_or(1, |n| n.value), d.seconds.as_ref().map(|n| n.value))
            }
        };
        let block = Block {
            kind: Field::new(self.kind)?,
            namespace: Field::new(self.namespace)?,
            name: Field::new(self.name)?,
            labels,
            pod_status: Field::new(self.pod_status)?,
            event_reason: Field::new(self.event_reason)?,
            event_message: Field::new(self.event_message)?,
            event_type: Field::new(self.event_type)?,
            log: Field::new(self.log)?,
            count,
            seconds,
        };
        let tells = block.pod_status.is_given() || block.log.is_given() || block.wants_event();
        if tells { Ok(block) } else { Err(Mistake::at(name, "a block says no symptom: give pod_status, event_reason, event_message or log")) }
    }
}

impl Block {
    fn wants_event(&self) -> bool {
        self.event_reason.is_given() || self.event_message.is_given() || self.event_type.is_given()
    }
    fn wants_pod(&self) -> bool {
        self.pod_status.is_given() || self.log.is_given() || !self.labels.is_empty()
    }

    fn matches<'a>(&self, view: &View<'a>) -> Vec<Found<'a>> {
        if self.wants_pod() {
            let pods = view.every_pod().iter().filter(|p| self.kind.matches("Pod") && self.placed(&p.meta.namespace, &p.meta.name));
            return pods.filter_map(|p| self.pod(view, p)).collect();
        }
        // Without pods: what events say, of whatever kind of object; a kind that the rules never look at too.
        let mut about: BTreeMap<(&str, &ObjectRef), Vec<&Event>> = BTreeMap::new();
        for e in view.every_event().iter().filter(|e| self.event(view, e)) {
            about.entry((e.about_uid.as_str(), &e.about)).or_default().push(e);
        }
        let enough = about.into_iter().filter(|(_, events)| self.often(view, events));
        enough
            .filter_map(|((_, object), events)| Some(Found { object: object.clone(), pod: pod_of(view, object), proofs: vec![event(events.first()?)] }))
            .collect()
    }

    fn placed(&self, namespace: &str, name: &str) -> bool {
        self.namespace.matches(namespace) && self.name.matches(name)
    }

    fn event(&self, view: &View<'_>, e: &Event) -> bool {
        view.since(e.last) <= self.seconds.unwrap_or(HOUR) && self.says(e)
    }

    /// The same whenever it was.
    fn says(&self, e: &Event) -> bool {
        let type_ = if e.warning { "Warning" } else { "Normal" };
        self.event_reason.matches(&e.reason)
            && self.event_type.matches(type_)
            && self.kind.matches(&e.about.kind)
            && self.placed(&e.about.namespace, &e.about.name)
            && self.event_message.matches(&e.message)
    }

    /// How often it happened in the window: as the watch saw the counts grow, else by the events' own counts and times. An
    /// event that began before the window counts once more than it is sure to: its first was earlier.
    fn often(&self, view: &View<'_>, events: &[&Event]) -> bool {
        let window = self.seconds.unwrap_or(HOUR);
        let times = |e: &&Event| view.tally(e, window).max(e.count.min(2));
        events.iter().map(times).fold(0, u32::saturating_add) >= self.count
    }

    /// The next instant at which a pod has shown its status for long enough, or an event's time is up.
    fn turns(&self, snapshot: &Snapshot) -> Option<Timestamp> {
        let after = |from: Timestamp, seconds: i64| from.checked_add(jiff::SignedDuration::from_secs(seconds)).ok().filter(|t| *t > snapshot.now);
        if self.wants_event() {
            let window = self.seconds.unwrap_or(HOUR);
            let heard = snapshot.events.items.iter().filter(|e| self.says(e));
            return heard.filter_map(|e| after(e.last, window + 1)).min();
        }
        let seconds = self.seconds.filter(|_| self.pod_status.is_given())?;
        let pods = snapshot.pods.items.iter().filter(|p| self.placed(&p.meta.namespace, &p.meta.name) && self.pod_status.matches(&p.status));
        pods.filter_map(|p| after(p.started.unwrap_or(p.meta.created), seconds)).min()
    }

    fn pod<'a>(&self, view: &View<'a>, pod: &'a Pod) -> Option<Found<'a>> {
        let labelled = self.labels.iter().all(|(k, p)| pod.meta.label(k).is_some_and(|v| p.matches(v)));
        if !labelled || !self.pod_status.matches(&pod.status) {
            return None;
        }
        let own = pod.meta.reference("Pod");
        let mut proofs = Vec::new();
        if self.pod_status.is_given() {
            let since = view.since(pod.started.unwrap_or(pod.meta.created));
            if !self.wants_event() && (self.seconds.is_some_and(|s| since < s) || self.count > 1 && pod.restarts().0 < self.count) {
                return None;
            }
            proofs.push(field(own.clone(), format!("status: {} for {}", pod.status, age(since))));
        }
        if self.wants_event() {
            let events: Vec<&Event> = view.events("Pod", &pod.meta).filter(|e| self.event(view, e)).collect();
            if events.is_empty() || !self.often(view, &events) {
                return None;
            }
            proofs.extend(events.first().map(|e| event(e)));
        }
        if self.log.is_given() {
            let told = pod.template.all().flat_map(|c| view.logs(pod, &c.name)).find_map(|(key, text)| {
                let words = text.text().lines().rev().take(200).find(|l| self.log.matches(l))?;
                Some(line(key, &short(words, 300)))
            });
            proofs.push(told?);
        }
        Some(Found { object: own, pod: Some(pod), proofs })
    }
}

fn pod_of<'a>(view: &View<'a>, object: &ObjectRef) -> Option<&'a Pod> {
    Some(object).filter(|o| o.kind == "Pod").and_then(|o| view.pod(&o.namespace, &o.name))
}

#[cfg(test)]
mod tests;
