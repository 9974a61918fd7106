//! A conclusion before it is folded and redacted: the finding's parts, what else shows the failure, and what could explain it.
use super::spot::Spot;
use crate::model::evidence::Source;
use crate::model::finding::Proof;
use crate::model::snapshot::{Event, LogKey, Pod};
use crate::model::{Confidence, ObjectRef, Severity, Timestamp};
use crate::text::Clean;

/// What a rule says. Texts are raw here; `finish` cleans and redacts all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// `pod/crash-loop`.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it is about.
    pub object: ObjectRef,
    /// The sentence, without the object's name in front.
    pub says: String,
    /// The object at fault, where it is another one.
    pub cause: Option<ObjectRef>,
    /// What proves it.
    pub evidence: Vec<Proof>,
    /// Read-only steps.
    pub next: Vec<String>,
    /// The fix.
    pub fix: Option<String>,
    /// Objects at which the same failure shows; a symptom that hangs on one of them is explained by this.
    pub touches: Vec<Spot>,
    /// Objects whose failure would explain this one.
    pub because: Vec<Spot>,
    /// Worth nothing by itself: it is dropped when nothing explains it.
    pub symptom: bool,
    /// Not 0: it explains nothing, and stands by itself only where nothing that is more than a remark explains it; of several
    /// about one object that with the most is kept.
    pub last: u32,
    /// The first sign of it, where one is to be seen; see [`super::began`].
    pub began: Option<Timestamp>,
}

impl Draft {
    /// A sure error about an object.
    pub fn new(rule: &'static str, object: ObjectRef, says: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            confidence: Confidence::High,
            object,
            says: says.into(),
            cause: None,
            evidence: Vec::new(),
            next: Vec::new(),
            fix: None,
            touches: Vec::new(),
            because: Vec::new(),
            symptom: false,
            last: 0,
            began: None,
        }
    }
    /// How bad.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
    /// How sure.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }
    /// The object at fault.
    #[must_use]
    pub fn cause(mut self, cause: ObjectRef) -> Self {
        self.cause = Some(cause);
        self
    }
    /// A proof.
    #[must_use]
    pub fn proof(mut self, proof: Proof) -> Self {
        if !self.evidence.contains(&proof) {
            self.evidence.push(proof);
        }
        self
    }
    /// Proofs.
    #[must_use]
    pub fn proofs(self, proofs: impl IntoIterator<Item = Proof>) -> Self {
        proofs.into_iter().fold(self, Self::proof)
    }
    /// A read-only step.
    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        let command = command.into();
        if !self.next.contains(&command) {
            self.next.push(command);
        }
        self
    }
    /// The fix.
    #[must_use]
    pub fn fix(mut self, command: Option<String>) -> Self {
        self.fix = command.or(self.fix);
        self
    }
    /// Where else it shows.
    #[must_use]
    pub fn touches(mut self, objects: impl IntoIterator<Item = impl Into<Spot>>) -> Self {
        self.touches.extend(objects.into_iter().map(Into::into));
        self
    }
    /// What could explain it.
    #[must_use]
    pub fn because(mut self, objects: impl IntoIterator<Item = impl Into<Spot>>) -> Self {
        self.because.extend(objects.into_iter().map(Into::into));
        self
    }
    /// Dropped when nothing explains it.
    #[must_use]
    pub fn symptom(mut self) -> Self {
        self.symptom = true;
        self
    }
    /// It asks first what the others explain; of several about one object that with the most is kept.
    #[must_use]
    pub fn last(mut self, much: u32) -> Self {
        self.last = much;
        self
    }
    /// Whether it explains a draft that asks last.
    pub fn explains(&self, last: &Self) -> bool {
        let shows = |s: &Spot| Spot::from(&self.object) == *s || self.cause.as_ref().is_some_and(|c| Spot::from(c) == *s) || self.touches.contains(s);
        self.severity > Severity::Info && self.last == 0 && last.because.iter().any(shows)
    }
    /// Whether it shows at an object.
    pub fn shows_at(&self, object: &ObjectRef) -> bool {
        self.object == *object || self.cause.as_ref() == Some(object) || self.touches.contains(&object.into())
    }
}

/// An event as proof.
pub fn event(e: &Event) -> Proof {
    let times = if e.count > 1 { format!(" (×{})", e.count) } else { String::new() };
    Proof { source: Source::Events, object: (*e.about).clone(), text: Clean::line(&format!("{}: {}{times}", e.reason, super::words::trimmed(&e.message))) }
}

/// A field of an object as proof.
pub fn field(object: ObjectRef, text: impl AsRef<str>) -> Proof {
    Proof { source: Source::Object, object, text: Clean::line(text.as_ref()) }
}

/// A line of a log as proof.
pub fn line(key: &LogKey, text: &str) -> Proof {
    Proof {
        source: Source::Log { container: key.container.clone(), previous: key.previous },
        object: ObjectRef::new("Pod", key.namespace.as_str(), key.pod.as_str()),
        text: Clean::line(text),
    }
}

/// The log command of a container.
pub fn logs(pod: &Pod, container: &str, previous: bool) -> String {
    let flag = if previous { " -p" } else { "" };
    format!("logs {} -n {} -c {container}{flag}", pod.meta.name, pod.meta.namespace)
}

/// `describe KIND/NAME -n NS`.
pub fn describe(object: &ObjectRef) -> String {
    let kind = object.kind.to_lowercase();
    if object.namespace.is_empty() { format!("describe {kind}/{}", object.name) } else { format!("describe {kind}/{} -n {}", object.name, object.namespace) }
}
