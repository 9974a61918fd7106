//! What a look at a scope could not see, so that "nothing there", "not allowed", "could not look" and "cut" stay apart.
use super::snapshot::Coverage;
use super::trouble::Trouble;
use crate::text::Clean;
use std::fmt;

/// One thing that could not be looked at, or not all of it. Reads and is serialised as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// A kind, by its plural, and how looking at it went.
    Kind(&'static str, Coverage),
    /// Anything else, in a sentence.
    Said(Clean),
}

impl Unseen {
    /// Whether nobody has looked, or nobody has answered yet.
    pub fn is_not_looked(&self) -> bool {
        matches!(self, Self::Kind(_, Coverage::NotLooked))
    }
}

impl From<Clean> for Unseen {
    fn from(sentence: Clean) -> Self {
        Self::Said(sentence)
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind, Coverage::Whole) => write!(f, "{kind}: all of it was seen"),
            Self::Kind(kind, Coverage::NotLooked) => write!(f, "{kind}: not looked at"),
            Self::Kind(kind, Coverage::Cut(why)) => write!(f, "{kind}: only in part: {why}"),
            Self::Kind(kind, Coverage::Denied(t)) => write!(f, "{kind}: not allowed to look: {t}"),
            Self::Kind(kind, Coverage::Failed(t)) => write!(f, "{kind}: could not look: {t}"),
            Self::Said(sentence) => f.write_str(sentence),
        }
    }
}

impl serde::Serialize for Unseen {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why kinds are told in one line.
enum Why<'a> {
    NotLooked,
    /// Each kind has a 403 of its own, which differ in its name alone.
    Denied(&'a Trouble),
    /// One cause for all.
    Failed(&'a Trouble),
}

/// The same, a line a cause: where a role may see little, or nothing answers, it is the same words for every kind.
pub fn lines(all: &[Unseen]) -> Vec<Clean> {
    let mut groups: Vec<(Option<Why<'_>>, Vec<&'static str>, &Unseen)> = Vec::new();
    for unseen in all {
        let (kind, why) = match unseen {
            Unseen::Kind(kind, Coverage::NotLooked) => (*kind, Some(Why::NotLooked)),
            Unseen::Kind(kind, Coverage::Denied(t)) => (*kind, Some(Why::Denied(t))),
            Unseen::Kind(kind, Coverage::Failed(t)) => (*kind, Some(Why::Failed(t))),
            Unseen::Kind(kind, _) => (*kind, None),
            Unseen::Said(_) => ("", None),
        };
        let same = |other: &Option<Why<'_>>| match (other, &why) {
            (Some(Why::NotLooked), Some(Why::NotLooked)) | (Some(Why::Denied(_)), Some(Why::Denied(_))) => true,
            (Some(Why::Failed(a)), Some(Why::Failed(b))) => a.cause == b.cause && a.hint == b.hint,
            _ => false,
        };
        match groups.iter_mut().find(|(other, ..)| same(other)) {
            Some((_, kinds, _)) => kinds.push(kind),
            None => groups.push((why, vec![kind], unseen)),
        }
    }
    groups.into_iter().map(|(why, kinds, first)| line(why.as_ref(), &kinds, first)).collect()
}

/// Kinds that are named before what became of them; of more, the first, and the others after it.
const NAMED: usize = 3;

fn line(why: Option<&Why<'_>>, kinds: &[&str], first: &Unseen) -> Clean {
    let became = match why {
        None => return Clean::line(&first.to_string()),
        Some(_) if kinds.len() == 1 => return Clean::line(&first.to_string()),
        Some(Why::NotLooked) => return Clean::line(&format!("not looked at: {}", kinds.join(", "))),
        Some(Why::Denied(t)) => format!("not allowed to look: {t}"),
        Some(Why::Failed(t)) if t.hint.is_empty() => format!("could not look: {}", t.cause),
        Some(Why::Failed(t)) => format!("could not look: {}. {}", t.cause, t.hint),
    };
    Clean::line(&match kinds.split_first() {
        Some((first, others)) if kinds.len() > NAMED => {
            format!("{first} and {} other kinds: {}. The others: {}", others.len(), became.trim_end_matches('.'), others.join(", "))
        }
        _ => format!("{}: {became}", kinds.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TroubleClass;

    fn trouble(class: TroubleClass, kind: &str, cause: &str) -> Trouble {
        Trouble::new(class, &format!("list {kind} in shop"), cause).hint("Do this.")
    }

    #[test]
    fn a_cause_is_told_once_and_the_four_answers_stay_apart() {
        let denied = |kind| Unseen::Kind(kind, Coverage::Denied(trouble(TroubleClass::Denied, kind, &format!("{kind} is forbidden"))));
        let failed = |kind, cause| Unseen::Kind(kind, Coverage::Failed(trouble(TroubleClass::Timeout, kind, cause)));
        let all = [
            denied("pods"),
            failed("jobs", "it took too long"),
            Unseen::Kind("ingresses", Coverage::NotLooked),
            Unseen::Kind("leases", Coverage::NotLooked),
            denied("nodes"),
            denied("leases"),
            denied("roles"),
            Unseen::Kind("events", Coverage::Cut(Clean::line("the first 500"))),
            failed("services", "it took too long"),
            failed("secrets", "the connection broke"),
            Unseen::Said(Clean::line("a.txt: is no Kubernetes object")),
        ];
        let told: Vec<String> = lines(&all).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "pods and 3 other kinds: not allowed to look: list pods in shop: pods is forbidden. Do this. The others: nodes, leases, roles",
                "jobs, services: could not look: it took too long. Do this.",
                "not looked at: ingresses, leases",
                "events: only in part: the first 500",
                "secrets: could not look: list secrets in shop: the connection broke. Do this.",
                "a.txt: is no Kubernetes object",
            ]
        );
        let json = serde_json::to_value(&all[..1]).unwrap();
        assert_eq!(json, serde_json::json!(["pods: not allowed to look: list pods in shop: pods is forbidden. Do this."]));
    }
}
