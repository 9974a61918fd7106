//! `ask`: one turn, start to end, on the same agent and engine as the screen. It never writes: a proposed change is
//! printed and exits 6.
mod export;
mod tell;

use super::code;
use super::out::{Out, trouble};
use crate::agent::{self, Agent, Mode, Resolution};
use crate::app::{Effect, Event, event};
use crate::model::{Epoch, Namespaces, Trouble, TroubleClass, TurnId};
use crate::runtime::{Engine, Session};
use crate::text::Clean;
use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

/// What is asked, and how.
#[derive(Debug)]
pub struct Question {
    /// The words.
    pub text: String,
    /// Evidence first, or none.
    pub mode: Mode,
    /// The context; the current one when `None`.
    pub context: Option<String>,
    /// Where to look.
    pub namespaces: Namespaces,
    /// One JSON document in place of text.
    pub json: bool,
    /// Where to write what was sent.
    pub export: Option<PathBuf>,
}

/// The one connection.
const EPOCH: Epoch = Epoch(1);

/// Asks, tells, and says by the exit code how it went.
pub async fn run<W: Write>(session: Session, question: Question, out: &mut Out<W>) -> anyhow::Result<u8> {
    let agent = session.agent();
    let (engine, answers) = Engine::new(session.clone());
    let mut turn = Turn { session, agent, engine, answers, id: TurnId(0), proposed: false, over: false, teller: tell::Teller::new(question.json) };
    let place = match turn.connect(&question).await {
        Ok(place) => Some(place),
        Err(e) if question.mode == Mode::Diagnose && e.class == TroubleClass::Config => {
            trouble(&e);
            return Ok(code::USAGE);
        }
        // The survey fails with the same words, and the answer is marked incomplete by them.
        Err(_) => None,
    };
    turn.ask(&question, place, out).await?;
    let Turn { agent, engine, id, proposed, .. } = turn;
    engine.end(Duration::from_secs(1)).await;
    let record = agent::record::record(&agent, id);
    if question.json {
        out.json(&record)?;
    } else {
        tell::Teller::end(&agent, id, &record, out)?;
    }
    if let Some(folder) = &question.export {
        export::write(folder, &agent, id, &record)?;
    }
    Ok(verdict(&record, proposed))
}

/// The first that applies.
fn verdict(record: &serde_json::Value, proposed: bool) -> u8 {
    let empty = |key: &str| record.get(key).is_none_or(|v| v.as_array().is_some_and(Vec::is_empty) || v.as_str().is_some_and(|s| s.trim().is_empty()));
    match () {
        () if proposed => code::WAITS,
        () if empty("answer") => code::NO_ANSWER,
        () if !empty("incomplete") => code::INCOMPLETE,
        () => code::DONE,
    }
}

struct Turn {
    session: Session,
    agent: Agent,
    engine: Engine,
    answers: mpsc::Receiver<Event>,
    id: TurnId,
    proposed: bool,
    over: bool,
    teller: tell::Teller,
}

impl Turn {
    /// Builds the connection and learns the server's kinds, where it says them soon.
    async fn connect(&mut self, question: &Question) -> Result<event::Place, Trouble> {
        self.engine.perform(Effect::Connect { epoch: EPOCH, context: question.context.as_deref().map(Clean::line) });
        let place = loop {
            match self.answers.recv().await {
                Some(Event::Connected { result, .. }) => break result?,
                Some(_) => {}
                None => return Err(Trouble::new(TroubleClass::Other, "connect", "the engine ended")),
            }
        };
        if question.mode == Mode::Diagnose {
            let kinds = async {
                loop {
                    match self.answers.recv().await {
                        Some(Event::Discovered(_, result)) => return result.ok(),
                        Some(_) => {}
                        None => return None,
                    }
                }
            };
            if let Ok(Some((_, kinds))) = tokio::time::timeout(Duration::from_secs(5), kinds).await {
                self.agent.set_kinds(kinds);
            }
        }
        Ok(place)
    }

    async fn ask<W: Write>(&mut self, question: &Question, place: Option<event::Place>, out: &mut Out<W>) -> anyhow::Result<()> {
        let own = place.as_ref().map_or_else(|| Clean::line("default"), |p| p.namespace.clone());
        let namespace = question.namespaces.within(own.as_str()).map(Clean::line);
        let context = place.map(|p| p.context).unwrap_or_default();
        let rules = self.session.rules_in(&context, &own);
        let role = Some(rules.role);
        self.agent.set_rules(rules);
        self.id = self.agent.next_turn();
        let place = agent::Place { context, namespace, role, ..agent::Place::default() };
        let asked = agent::Event::Ask { turn: self.id, question: question.text.clone(), mode: question.mode, place, at: self.session.clocks.now() };
        self.happen(asked);
        let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        while !self.over {
            self.teller.tell(&self.agent, self.id, out)?;
            tokio::select! {
                _ = interrupt.recv() => self.happen(agent::Event::Cancel { at: self.session.clocks.now() }),
                event = self.answers.recv() => match event {
                    Some(Event::Agent(event)) => self.happen(event),
                    Some(Event::Discovered(_, Ok((_, kinds)))) => self.agent.set_kinds(kinds),
                    Some(_) => {}
                    None => break,
                },
            }
            if out.closed() {
                self.happen(agent::Event::Cancel { at: self.session.clocks.now() });
            }
        }
        self.teller.tell(&self.agent, self.id, out)?;
        Ok(())
    }

    /// One event in; effects are performed, and a proposal is resolved as printed.
    fn happen(&mut self, event: agent::Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.agent.handle(event) {
                match effect {
                    agent::Effect::Propose { turn, call, .. } => {
                        self.proposed = true;
                        events.push_back(agent::Event::Resolved { turn, call, resolution: Resolution::Printed, at: self.session.clocks.now() });
                    }
                    agent::Effect::Finish { turn } => {
                        self.over |= turn == self.id;
                        self.engine.agent(agent::Effect::Finish { turn });
                    }
                    effect => self.engine.agent(effect),
                }
            }
        }
        self.over |= self.agent.running().is_none();
    }
}
