//! An allowance for a time: a person who approves a change may let the same verb run again on the same kind in the same
//! namespace for some minutes, in this session, in this context.
//!
//! Each use is planned, judged and bound to its own digest like any other change; only the dialog is left out. It never
//! reaches above medium risk, never to a change that the server could not try out, and ends with its time, its context
//! or its revocation. Like an approval it can be made from a dialog's keys alone.
use super::{Approval, after};
use crate::model::{Action, DryRun, KindRef, Operation, Plan, Risk, Scope, Timestamp};
use std::fmt;
use std::time::Duration;

/// The times that can be chosen, in minutes.
pub const MINUTES: &[u16] = &[5, 15, 60];

/// What is allowed: a verb, a kind, a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    verb: String,
    kind: KindRef,
    namespace: String,
}

impl Reach {
    /// What an allowance after this plan would cover. `None` where none may be given: above medium risk, untried, of
    /// several kinds, or outside of one namespace.
    pub fn of(plan: &Plan) -> Option<Self> {
        if plan.risk > Risk::Medium || plan.dry_run != DryRun::Accepted || !matches!(plan.operation.action, Action::Write(_)) {
            return None;
        }
        let Scope::Named(namespace) = &plan.operation.scope else { return None };
        let targets = plan.operation.targets();
        let kind = &targets.first()?.kind;
        let one_kind = kind.namespaced && targets.iter().all(|t| t.kind == *kind && t.name.is_some());
        let inside = plan.objects.iter().all(|o| o.object.kind == kind.kind && o.object.namespace == *namespace);
        let verb = verb(&plan.operation)?;
        (one_kind && inside && !plan.objects.is_empty()).then(|| Self { verb, kind: kind.clone(), namespace: namespace.clone() })
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -n {}", self.verb, self.kind.resource, self.namespace)
    }
}

/// The words before the object: `scale`, `rollout undo`, `set image`.
fn verb(operation: &Operation) -> Option<String> {
    let line = crate::kubectl::print(operation);
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let second = ["rollout", "set", "create", "certificate"].contains(&first).then(|| words.next()).flatten();
    Some(second.map_or_else(|| first.to_owned(), |s| format!("{first} {s}")))
}

/// See the module.
#[derive(Debug, PartialEq, Eq)]
pub struct Grant {
    reach: Reach,
    context: String,
    user: String,
    given: Timestamp,
    ends: Timestamp,
}

impl Grant {
    pub(super) fn given(reach: Reach, context: &str, user: &str, at: Timestamp, minutes: u16) -> Self {
        let ends = after(at, Duration::from_secs(u64::from(minutes) * 60));
        Self { reach, context: context.to_owned(), user: user.to_owned(), given: at, ends }
    }

    /// The approval of a plan that it covers, bound to that plan's digest; `None` where it does not cover it.
    pub fn approve(&self, plan: &Plan, at: Timestamp) -> Option<Approval> {
        let covers = self.holds_at(at) && self.context == plan.context.as_str() && Reach::of(plan).is_some_and(|r| r == self.reach);
        covers.then(|| Approval::made(plan.digest, &self.context, &self.user, at, Some(self.to_string())))
    }

    /// Whether its time has come and not ended.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        self.given <= at && at < self.ends
    }
    /// When it ends.
    pub fn ends(&self) -> Timestamp {
        self.ends
    }
    /// What it allows.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} until {}", self.reach, self.ends.strftime("%H:%M:%SZ"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, dialog_of, plan, walk};
    use super::super::{Grant, Pressed};
    use super::*;
    use crate::model::Digest;
    use crate::text::Clean;

    /// Approves a plan by keys with an allowance of `presses` of ctrl-g.
    fn granted(line: &str, presses: usize) -> Option<Grant> {
        let mut challenge = dialog_of(&plan(line, Risk::Medium), -5000);
        walk(&mut challenge, &[(600, &"g".repeat(presses)), (700, "t")]);
        match walk(&mut challenge, &[(1800, "e")]) {
            Pressed::Approved(_) => challenge.take_grant(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_verb_kind_and_namespace_is_allowed_and_nothing_else() {
        let grant = granted("scale deploy/api --replicas=3 -n shop", 1).unwrap();
        assert_eq!(grant.to_string(), "scale deployments -n shop until 22:18:21Z");
        let now = at(60_000);
        for (line, risk, want) in [
            ("scale deploy/api --replicas=4 -n shop", Risk::Medium, true),
            ("scale deploy/web --replicas=2 -n shop", Risk::Medium, true),
            ("scale deploy/web --replicas=0 -n shop", Risk::High, false),
            ("scale deploy/web --replicas=2 -n shop", Risk::Critical, false),
            ("scale deploy/web --replicas=2 -n other", Risk::Medium, false),
            ("scale sts/db --replicas=2 -n shop", Risk::Medium, false),
            ("rollout undo deploy/api -n shop", Risk::Medium, false),
            ("rollout restart deploy/api -n shop", Risk::Medium, false),
        ] {
            let plan = plan(line, risk);
            let approval = grant.approve(&plan, now);
            assert_eq!(approval.is_some(), want, "{line} {risk}");
            if let Some(approval) = approval {
                assert_eq!((approval.digest(), approval.granted()), (plan.digest, Some("scale deployments -n shop until 22:18:21Z")));
            }
        }
    }

    #[test]
    fn an_allowance_ends_with_its_time_and_holds_in_its_context_alone() {
        let grant = granted("rollout undo deploy/api -n shop", 1).unwrap();
        let mut plan = plan("rollout undo deploy/api -n shop", Risk::Medium);
        assert!(grant.approve(&plan, at(1800 + 299_999)).is_some());
        assert!(grant.approve(&plan, at(1800 + 300_000)).is_none());
        assert!(grant.approve(&plan, at(1799)).is_none(), "a clock that runs backwards");
        plan.context = Clean::line("other");
        assert!(grant.approve(&plan, at(2000)).is_none());
        plan.context = Clean::line("prod");
        plan.digest = Digest::of(b"another plan of the same kind");
        assert_eq!(grant.approve(&plan, at(2000)).map(|a| a.digest()), Some(plan.digest));
        plan.dry_run = DryRun::NotPossible(Clean::line("no dry run"));
        assert!(grant.approve(&plan, at(2000)).is_none(), "what could not be tried out is asked");
    }

    #[test]
    fn each_press_takes_the_next_time_and_the_last_takes_it_back() {
        for (presses, minutes) in [(0, None), (1, Some(5)), (2, Some(15)), (3, Some(60)), (4, None)] {
            let grant = granted("rollout undo deploy/api -n shop", presses);
            assert_eq!(grant.map(|g| g.ends().duration_since(at(1800)).as_secs() / 60), minutes);
        }
    }

    #[test]
    fn what_is_risky_or_wide_can_not_be_allowed_for_a_time() {
        for (line, risk) in [
            ("scale deploy/api --replicas=0 -n shop", Risk::High),
            ("delete ns shop", Risk::Critical),
            ("rollout restart deploy/api", Risk::Medium),
            ("delete pod/a deploy/b -n shop", Risk::Medium),
        ] {
            let mut challenge = dialog_of(&plan(line, risk), -5000);
            assert!(matches!(walk(&mut challenge, &[(600, "g")]), Pressed::NotYet(_)), "{line}");
            assert_eq!(challenge.allows(), 0);
        }
    }
}
