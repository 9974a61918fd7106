//! What the agent wants: proposals wait for a person here, the rest goes to the runtime.
use super::approve;
use crate::agent;
use crate::app::App;
use crate::app::event::Effect;

/// Carries the agent's effects on.
pub fn carry(app: &mut App, effects: Vec<agent::Effect>) -> Vec<Effect> {
    let mut out = Vec::new();
    for effect in effects {
        match effect {
            agent::Effect::Propose { turn, call, plan } => {
                out.extend(approve::propose(app, turn, &call, plan, true));
            }
            agent::Effect::Finish { turn } => {
                app.finished = Some(turn);
                for waiting in app.review.drain(|w| w.by_agent && w.turn == turn) {
                    out.extend(approve::lapse(app, waiting, "The turn that proposed it was stopped."));
                }
                out.extend(approve::forget_parked(app, |w| w.by_agent && w.turn == turn));
                out.push(Effect::Agent(Box::new(agent::Effect::Finish { turn })));
            }
            other => out.push(Effect::Agent(Box::new(other))),
        }
    }
    out
}
