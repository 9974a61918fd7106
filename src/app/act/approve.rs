//! The way of a proposal: it waits, its dialog shows, keys decide, the outcome is said.
use super::agent::carry;
use crate::agent::{self, CallId, Resolution};
use crate::app::App;
use crate::app::event::{Decision, Effect, Noted};
use crate::app::review::{Answer, Waiting};
use crate::app::settle::lapsed;
use crate::app::update::sentence;
use crate::model::{self, DryRun, Outcome, Plan, Trouble, TurnId};
use crate::policy::{self, Approval};
use crate::text::Clean;
use crate::{kubectl, model::Operation};
use crossterm::event::KeyEvent;

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
pub fn planned(app: &mut App, result: Result<Box<Plan>, Trouble>) -> Vec<Effect> {
    app.dirty = true;
    match result {
        Err(trouble) => app.say(&trouble.to_string(), true),
        Ok(plan) => {
            if let DryRun::Rejected(trouble) = &plan.dry_run {
                let words = format!("The server refuses `{}`: {trouble}", plan.command);
                app.say(&words, true);
                return Vec::new();
            }
            let call: CallId = format!("by-hand-{}", app.fresh());
            app.notice = None;
            app.later = false;
            return propose(app, plan.turn, &call, plan, false);
        }
    }
    Vec::new()
}

/// A plan waits for a person, unless a person allowed its like for a time.
pub fn propose(app: &mut App, turn: TurnId, call: &CallId, plan: Box<Plan>, by_agent: bool) -> Vec<Effect> {
    app.dirty = true;
    let granted = app.review.granted(&plan, app.now);
    app.review.add(turn, call.clone(), plan, by_agent, app.now);
    let Some(approval) = granted else { return Vec::new() };
    let taken = app.review.drain(|w| w.turn == turn && w.call == *call);
    taken.into_iter().next().map(|w| approved(app, w, approval, None)).unwrap_or_default()
}

/// A key in the dialog came to something.
pub fn answered(app: &mut App, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Nothing => Vec::new(),
        Answer::Changed => {
            app.dirty = true;
            Vec::new()
        }
        Answer::Approved(waiting, given) => {
            let (approval, grant) = *given;
            let allowed = grant.as_ref().map(|g| Clean::line(&g.to_string()));
            if let Some(grant) = grant {
                app.review.allow(grant);
            }
            approved(app, *waiting, approval, allowed)
        }
        Answer::Denied(all, why) => all.into_iter().flat_map(|w| refused(app, w, Decision::Denied(why.clone()))).collect(),
        Answer::Edited(line) => edited(app, &line),
    }
}

/// `ctrl-e`, `ctrl-x`, `ctrl-g`: what the dialog does with a chord. In a typed line each is the line's own.
pub fn chord(app: &mut App, key: &KeyEvent, action: impl FnOnce(&mut App)) -> Vec<Effect> {
    let Some(front) = app.review.front() else { return Vec::new() };
    if front.typed.is_none() && front.challenge().is_some() {
        action(app);
        return Vec::new();
    }
    press(app, key)
}

/// A key for the dialog.
pub fn press(app: &mut App, key: &KeyEvent) -> Vec<Effect> {
    let answer = app.review.press(key, app.now);
    answered(app, answer)
}

/// A proposal ends without a person's answer.
pub fn lapse(app: &mut App, waiting: Waiting, why: &str) -> Vec<Effect> {
    refused(app, waiting, lapsed(why))
}

fn approved(app: &mut App, waiting: Waiting, approval: Approval, allowed: Option<Clean>) -> Vec<Effect> {
    app.dirty = true;
    let Waiting { turn, call, plan, by_agent, edited_from, .. } = &waiting;
    let how = approval.granted().map_or_else(|| "Approved".to_owned(), |g| format!("Allowed before ({g})"));
    let words = format!("{how}: {} is under way …", plan.command);
    app.say(&words, false);
    let noted = Noted { edited_from: edited_from.clone(), allowed };
    let mut out = vec![Effect::Decide { turn: *turn, call: call.clone(), plan: plan.clone(), decision: Decision::Approved(approval), noted }];
    if *by_agent {
        let effects = app.agent.handle(agent::Event::Begun { turn: *turn, call: call.clone() });
        out.extend(carry(app, effects));
    } else {
        remark(app, &words);
    }
    app.review.executes(waiting);
    out
}

fn refused(app: &mut App, waiting: Waiting, decision: Decision) -> Vec<Effect> {
    app.dirty = true;
    let resolution = match &decision {
        Decision::Denied(why) => Resolution::Denied(why.clone()),
        Decision::Lapsed(why) => Resolution::Lapsed(why.clone()),
        Decision::Approved(_) | Decision::Edited(_) => return Vec::new(),
    };
    let Waiting { turn, call, plan, by_agent, edited_from, .. } = waiting;
    let command = plan.command.clone();
    let mut out = vec![Effect::Decide { turn, call: call.clone(), plan, decision, noted: Noted { edited_from, allowed: None } }];
    if by_agent {
        let effects = app.agent.handle(agent::Event::Resolved { turn, call, resolution, at: app.now });
        out.extend(carry(app, effects));
    } else {
        let words = match &resolution {
            Resolution::Denied(why) if !why.is_empty() => format!("denied: {why}"),
            Resolution::Lapsed(why) => format!("lapsed: {why}"),
            _ => "denied".to_owned(),
        };
        remark(app, &format!("{command}: {words}"));
    }
    out
}

/// The person typed another command: parsed, judged and planned like any other; what was proposed waits meanwhile.
fn edited(app: &mut App, line: &str) -> Vec<Effect> {
    app.dirty = true;
    let Some(front) = app.review.front() else { return Vec::new() };
    let (turn, call, evidence) = (front.turn, front.call.clone(), front.plan.evidence.clone());
    let parsed = kubectl::parse(line, &app.kinds).map_err(|refusal| sentence(&refusal));
    let judged = parsed.and_then(|operation| verdict(app, operation));
    match judged {
        Err(why) => {
            app.review.planning(Some(why));
            Vec::new()
        }
        Ok((operation, verdict)) => {
            app.review.planning(None);
            vec![Effect::Replan { epoch: app.epoch, turn, call, operation, verdict, evidence }]
        }
    }
}

/// Policy's word on a change; the error says why it can not be asked for.
fn verdict(app: &App, operation: Operation) -> Result<(Operation, model::Verdict), Clean> {
    if !operation.is_write() {
        return Err(Clean::line("This reads and changes nothing: deny the change, or type one."));
    }
    if app.connection.place.is_none() {
        return Err(Clean::line("There is no connection."));
    }
    let judged = Ok(operation);
    let verdict = policy::judge(&judged, &app.rules);
    match (judged, verdict.decision) {
        (Ok(operation), model::Decision::Approve) => Ok((operation, verdict)),
        _ => Err(Clean::line(&format!("{}: {} (rule {})", verdict.decision, verdict.reason, verdict.rule))),
    }
}

/// The plan of an edited command, or of one whose object changed, is back.
pub fn replanned(app: &mut App, turn: TurnId, call: &CallId, result: Result<Box<Plan>, Trouble>) -> Vec<Effect> {
    app.dirty = true;
    let result = match result {
        Ok(plan) => match &plan.dry_run {
            DryRun::Rejected(trouble) => Err(Clean::line(&format!("The server refuses `{}`: {trouble}", plan.command))),
            DryRun::Accepted | DryRun::NotPossible(_) => Ok(plan),
        },
        Err(trouble) => Err(Clean::line(&trouble.to_string())),
    };
    if app.review.is_edited(turn, call) {
        return match result {
            Ok(plan) => replaced(app, turn, call, plan),
            Err(why) => {
                app.review.planning(Some(why));
                Vec::new()
            }
        };
    }
    let Some(waiting) = app.review.unpark(|w| w.turn == turn && w.call == *call).pop() else { return Vec::new() };
    match result {
        Ok(plan) => {
            app.later = false;
            let effects = if waiting.by_agent { app.agent.handle(replanned_event(turn, call, &plan)) } else { Vec::new() };
            app.review.ask_again(waiting, plan, app.now);
            carry(app, effects)
        }
        Err(why) => {
            let before = waiting.again.clone().unwrap_or_default();
            finished(app, waiting, Outcome::Void(Clean::line(&format!("{before} It can not be asked again: {why}"))))
        }
    }
}

fn replaced(app: &mut App, turn: TurnId, call: &CallId, plan: Box<Plan>) -> Vec<Effect> {
    let command = plan.command.clone();
    let by_agent = app.review.front().is_some_and(|w| w.by_agent);
    let effects = if by_agent { app.agent.handle(replanned_event(turn, call, &plan)) } else { Vec::new() };
    let mut out = carry(app, effects);
    if let Some(before) = app.review.edited(turn, call, plan) {
        out.push(Effect::Decide { turn, call: call.clone(), plan: before, decision: Decision::Edited(command), noted: Noted::default() });
        // It was on screen: the new plan needs a right to be answered of its own.
        if app.review.open {
            out.extend(app.review.show(app.now));
        }
    }
    out
}

fn replanned_event(turn: TurnId, call: &CallId, plan: &Plan) -> agent::Event {
    agent::Event::Replanned { turn, call: call.clone(), plan: Box::new(plan.clone()) }
}

/// An approved plan was executed, or could not be. `changed`: an object was not what was reviewed, so nothing ran and the
/// person is asked again.
pub fn executed(app: &mut App, turn: TurnId, call: &CallId, outcome: Outcome, changed: bool) -> Vec<Effect> {
    let Some(waiting) = app.review.executed(turn, call) else {
        // Nothing was to be executed: the decision itself could not be written down.
        app.say(&said(&outcome).1, true);
        return Vec::new();
    };
    let goes_on = !waiting.left && (!waiting.by_agent || app.agent.running() == Some(turn));
    if let (true, true, Outcome::Void(why)) = (changed, goes_on, &outcome)
        && let Ok((operation, verdict)) = verdict(app, waiting.plan.operation.clone())
    {
        app.say(&format!("{}: {why} It is planned anew …", waiting.plan.command), true);
        let evidence = waiting.plan.evidence.clone();
        app.review.park(Waiting { again: Some(why.clone()), ..waiting });
        return vec![Effect::Replan { epoch: app.epoch, turn, call: call.clone(), operation, verdict, evidence }];
    }
    finished(app, waiting, outcome)
}

/// What came of it is said.
fn finished(app: &mut App, waiting: Waiting, outcome: Outcome) -> Vec<Effect> {
    let Waiting { turn, call, plan, by_agent, .. } = waiting;
    let (bad, words) = said(&outcome);
    let words = format!("{}: {words}", plan.command);
    app.say(&words, bad);
    if by_agent {
        let event = agent::Event::Resolved { turn, call, resolution: Resolution::Done(outcome), at: app.now };
        let effects = app.agent.handle(event);
        return carry(app, effects);
    }
    remark(app, &words);
    Vec::new()
}

/// Those that were to be asked again are not: their turn or their context is over.
pub fn forget_parked(app: &mut App, which: impl Fn(&Waiting) -> bool) -> Vec<Effect> {
    let parked = app.review.unpark(which);
    parked
        .into_iter()
        .flat_map(|w| {
            let why = w.again.clone().unwrap_or_default();
            finished(app, w, Outcome::Void(why))
        })
        .collect()
}

/// `:revoke`: what was allowed for a time is asked again from now on.
pub fn revoke(app: &mut App, why: &str) -> Vec<Effect> {
    let ended = app.review.revoke();
    app.dirty |= !ended.is_empty();
    ended.into_iter().map(|allowed| Effect::Revoked { allowed, why: Clean::line(why) }).collect()
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

/// A sentence of the program's own in the chat.
pub fn remark(app: &mut App, text: &str) {
    let after = app.agent.transcript().entries.len();
    app.chat.remark(after, Clean::line(text));
    app.dirty = true;
}
