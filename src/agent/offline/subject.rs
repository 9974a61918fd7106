//! What a question is about: the names and kinds in it. Plain word work; a question that names nothing is general.
use crate::agent::Place;
use crate::kubectl::kinds::Kinds;
use crate::model::{Finding, ObjectRef};
use std::fmt;

/// Words of a question that name nothing in a cluster.
const COMMON: &str = " a able about actually after again all also always am an and any anything app apps are around as at bad be because been before being \
below between both broken but by can cannot cause check cluster come constantly container containers could crash crashed crashes crashing current currently \
daily delete describe diagnose did do does doing don't down each error errors every everything explain fail failed failing fails fault find fine fix fixed for \
from get getting give go goes going gone good had happen happened happening happens has have having healing health healthy help here hey hi how i if in into \
investigate is isn't issue issues it its just keep keeps kubernetes last list long look looking make many matter may me memory more most much my \
namespace namespaces need never new no not nothing now of off ok okay on one ones only or our out over pending please problem problems ready really reason \
restart restarted restarting restarts right root run running same see seem seems shall should show sick since slow so some something start started starting \
starts state status still stop stopped stopping stuck tell than that the their them then there these they thing things this those to today too trouble try \
unhealthy until up us use very wait waiting want was way we well went were what what's whats when where which while who why will with without won't work \
working works would wrong yesterday yet you your ";

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    names: Vec<String>,
    kinds: Vec<String>,
    object: Option<ObjectRef>,
}

/// Reads a question.
pub(super) fn of(question: &str, place: &Place, kinds: &Kinds) -> Subject {
    let mut out = Subject { object: place.object.clone(), ..Subject::default() };
    let lower = question.to_lowercase();
    let namespace = place.namespace.as_deref().unwrap_or_default();
    let mut after_namespace = false;
    for word in lower.split(|c: char| !(c.is_alphanumeric() || "-./'".contains(c))) {
        let word = word.trim_matches(['.', '-', '\'', '/']);
        let word = word.strip_suffix("'s").unwrap_or(word);
        let of_namespace = std::mem::replace(&mut after_namespace, matches!(word, "namespace" | "ns"));
        if let Some((kind, name)) = word.split_once('/')
            && let Some(kind) = kinds.resolve(kind)
        {
            out.object = Some(ObjectRef::new(kind.kind, "", name));
            continue;
        }
        if word.is_empty() || word == namespace || of_namespace || word == "ns" || is_common(word) {
            continue;
        }
        match kinds.resolve(word) {
            Some(kind) => out.kinds.push(kind.kind),
            None => out.names.push(word.to_owned()),
        }
    }
    out
}

fn is_common(word: &str) -> bool {
    word.chars().count() < 2 || COMMON.split_ascii_whitespace().any(|c| c == word)
}

impl Subject {
    /// Whether it names nothing: then it is about everything.
    pub fn is_general(&self) -> bool {
        self.names.is_empty() && self.kinds.is_empty() && self.object.is_none()
    }

    /// Whether a finding is about it: by its own object, the one at fault, or a symptom it explains.
    pub fn concerns(&self, finding: &Finding) -> bool {
        if self.is_general() {
            return true;
        }
        objects(finding).any(|o| self.is_object(o))
    }

    /// Whether it names an object of a finding in full, or what was made of such a one. A question about `api` is not one about
    /// `api-gateway` where there is an `api`.
    pub fn names(&self, finding: &Finding) -> bool {
        let own = &finding.object;
        let made = matches!(own.kind.as_str(), "Pod" | "ReplicaSet" | "Job") && self.names.iter().any(|n| is_of(&own.name, n));
        made || objects(finding).any(|o| self.names.iter().any(|n| o.name.eq_ignore_ascii_case(n)))
    }

    fn is_object(&self, object: &ObjectRef) -> bool {
        if let Some(wanted) = &self.object {
            let here = wanted.namespace.is_empty() || object.namespace.is_empty() || wanted.namespace == object.namespace;
            if here && (is_of(&object.name, &wanted.name.to_lowercase()) || is_of(&wanted.name, &object.name.to_lowercase())) {
                return true;
            }
        }
        if self.names.is_empty() {
            return self.kinds.contains(&object.kind);
        }
        self.names.iter().any(|n| is_of(&object.name, n))
    }
}

/// What a finding is about, what is at fault, and what it explains.
fn objects(finding: &Finding) -> impl Iterator<Item = &ObjectRef> {
    std::iter::once(&finding.object).chain(&finding.cause).chain(finding.folded.iter().map(|f| &f.object))
}

/// Whether `name` is `word`, or made from it: pod `api-7f9c-x2` is of `api`.
fn is_of(name: &str, word: &str) -> bool {
    let name = name.to_lowercase();
    name == word || name.strip_prefix(word).is_some_and(|rest| rest.starts_with(['-', '.']))
}

impl fmt::Display for Subject {
    /// `api`, `api and web`, `pods`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = self.object.as_ref().map(|o| format!("`{o}`"));
        let words: Vec<String> = match (&object, self.names.is_empty()) {
            (_, false) => self.names.iter().map(|n| format!("`{n}`")).collect(),
            (Some(object), true) => vec![object.clone()],
            (None, true) => self.kinds.iter().map(|k| format!("any {k}")).collect(),
        };
        f.write_str(crate::text::Clean::line(&words.join(" or ")).as_str())
    }
}
