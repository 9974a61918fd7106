//! The way of a proposal: it waits, its dialog shows, keys decide, the outcome is said.
use super::agent::carry;
use crate::agent::{self, CallId, Resolution};
use crate::app::App;
use crate::app::event::{Decision, Effect};
use crate::app::review::{Answer, Waiting};
use crate::app::settle::lapsed;
use crate::model::{DryRun, Outcome, Plan, Trouble, TurnId};
use crate::text::Clean;

/// `ctrl-r`: the dialog of the change that waits.
pub fn review(app: &mut App) -> Vec<Effect> {
    if app.review.is_empty() {
        app.say("No change waits for a review.", false);
        return Vec::new();
    }
    app.later = false;
    app.popup = None;
    app.review.show(app.now).into_iter().collect()
}

/// A plan that a person asked for is back.
pub fn planned(app: &mut App, result: Result<Box<Plan>, Trouble>) {
    app.dirty = true;
    match result {
        Err(trouble) => app.say(&trouble.to_string(), true),
        Ok(plan) => {
            if let DryRun::Rejected(trouble) = &plan.dry_run {
                let words = format!("The server refuses `{}`: {trouble}", plan.command);
                app.say(&words, true);
                return;
            }
            let call: CallId = format!("by-hand-{}", app.fresh());
            app.notice = None;
            app.later = false;
            app.review.add(plan.turn, call, plan, false, app.now);
        }
    }
}

/// A key in the dialog came to something.
pub fn answered(app: &mut App, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Nothing => Vec::new(),
        Answer::Changed => {
            app.dirty = true;
            Vec::new()
        }
        Answer::Decided(waiting, decision) => decide(app, *waiting, decision),
    }
}

/// A proposal ends without a person's answer.
pub fn lapse(app: &mut App, waiting: Waiting, why: &str) -> Vec<Effect> {
    decide(app, waiting, lapsed(why))
}

fn decide(app: &mut App, waiting: Waiting, decision: Decision) -> Vec<Effect> {
    app.dirty = true;
    let resolution = match &decision {
        Decision::Approved(_) => None,
        Decision::Denied(why) => Some(Resolution::Denied(why.clone())),
        Decision::Lapsed(why) => Some(Resolution::Lapsed(why.clone())),
    };
    if resolution.is_none() {
        app.review.executes(&waiting);
        app.say(&format!("Approved: {} is under way …", waiting.plan.command), false);
    }
    let Waiting { turn, call, plan, by_agent, .. } = waiting;
    let command = plan.command.clone();
    let mut out = vec![Effect::Decide { turn, call: call.clone(), plan, decision }];
    if let Some(resolution) = resolution {
        if by_agent {
            let effects = app.agent.handle(agent::Event::Resolved { turn, call, resolution, at: app.now });
            out.extend(carry(app, effects));
        } else {
            let words = match &resolution {
                Resolution::Denied(why) if why.is_empty() => "denied".to_owned(),
                Resolution::Denied(why) => format!("denied: {why}"),
                Resolution::Lapsed(why) => format!("lapsed: {why}"),
                Resolution::Done(_) | Resolution::Printed => String::new(),
            };
            remark(app, &format!("{command}: {words}"));
        }
    }
    out
}

/// An approved plan was executed, or could not be.
pub fn executed(app: &mut App, turn: TurnId, call: &str, outcome: Outcome) -> Vec<Effect> {
    let Some((by_agent, command)) = app.review.executed(turn, call) else {
        // Nothing was to be executed: the decision itself could not be written down.
        app.say(&said(&outcome).1, true);
        return Vec::new();
    };
    let (bad, words) = said(&outcome);
    app.say(&format!("{command}: {words}"), bad);
    if by_agent {
        let event = agent::Event::Resolved { turn, call: call.to_owned(), resolution: Resolution::Done(outcome), at: app.now };
        let effects = app.agent.handle(event);
        return carry(app, effects);
    }
    remark(app, &format!("{command}: {words}"));
    Vec::new()
}

/// Whether an outcome is bad news, and in words.
fn said(outcome: &Outcome) -> (bool, String) {
    match outcome {
        Outcome::Worked(s) => (false, format!("worked. {s}")),
        Outcome::NotSeen(s) => (true, format!("accepted, its effect is not seen yet. {s}")),
        Outcome::Void(s) => (true, format!("nothing ran. {s}")),
        Outcome::Failed(t) => (true, format!("FAILED: {t}")),
        Outcome::Unknown(s) => (true, format!("sent, outcome unknown. {s}")),
    }
}

fn remark(app: &mut App, text: &str) {
    let after = app.agent.transcript().entries.len();
    app.chat.remark(after, Clean::line(text));
    app.dirty = true;
}
