//! Performs effects as tasks. Every answer carries its epoch or turn; a connection's tasks end with the epoch, a turn's
//! with its `Finish`, all with the engine, except a decision, which is never cancelled halfway.
use super::decide::Decider;
use super::place::{self, Place, Slot};
use super::problems::{Heard, Wanted};
use super::scope;
use super::session::Session;
use super::survey;
use crate::agent;
use crate::app::event::{Decision, Noted, ViewId};
use crate::app::{Effect, Event};
use crate::cluster::{Cluster, read::Limits, watch as watches};
use crate::diagnose::Question;
use crate::llm::{Caller, Progress};
use crate::model::chat::{Failure, FailureClass};
use crate::model::{Epoch, Extra, ModelEvent, Operation, Plan, Report, Timestamp, Trouble, TroubleClass, TurnId, Verdict};
use crate::policy::Challenge;
use crate::store::history;
use crate::text::Clean;
use futures::StreamExt as _;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Answers that may wait before tasks wait for the loop.
const QUEUE: usize = 1024;

/// Sizes of every read.
pub fn limits() -> Limits {
    Limits::default()
}

/// See the module.
pub struct Engine {
    session: Session,
    out: mpsc::Sender<Event>,
    slot: watch::Sender<(Epoch, Slot)>,
    /// The rules at work on the scope on screen.
    rules: Option<Rules>,
    /// Families that they look at beside what is broken; the newest wish is the one that counts.
    include: watch::Sender<Vec<Extra>>,
    context: Option<String>,
    all: CancellationToken,
    epoch: CancellationToken,
    scope: CancellationToken,
    turns: HashMap<TurnId, CancellationToken>,
    caller: Option<Result<Option<Caller>, Trouble>>,
    decider: Decider,
    tasks: TaskTracker,
    decisions: TaskTracker,
    given_up: CancellationToken,
    last_typed: Timestamp,
    between_words: Duration,
    watches: Arc<Mutex<Option<watches::Watches>>>,
}

/// The rules at work, and on what.
struct Rules {
    namespace: Option<Clean>,
    ask: mpsc::Sender<Heard>,
}

/// How long the rules at work may take to answer before the cluster is looked at anew.
const AT_HAND: Duration = Duration::from_secs(5);

/// What the rules at work know; none where there are none, or not in time.
async fn reported(rules: Option<mpsc::Sender<Heard>>, question: Question) -> Option<Report> {
    let (answer, report) = oneshot::channel();
    rules?.send(Heard::Asked(question, answer)).await.ok()?;
    tokio::time::timeout(AT_HAND, report).await.ok()?.ok()
}

/// The look that a question begins with: what the rules at work know, else a look of its own.
async fn surveyed(session: &Session, cluster: &Cluster, rules: Option<mpsc::Sender<Heard>>, asked: &agent::Place, patience: Duration) -> agent::Survey {
    let question = survey::question(cluster, asked, &session.playbooks);
    let report = match reported(rules, question.clone()).await {
        Some(report) => report,
        None => survey::report(cluster, asked.namespace.as_deref(), &question, &session.config.hidden_namespaces, patience).await,
    };
    let allowed = session.rules_in(&cluster.context, asked.namespace.as_deref().unwrap_or(&cluster.namespace));
    survey::with_readings(cluster, asked, report, &allowed, patience).await
}

impl Engine {
    /// An engine and the stream of its answers.
    pub fn new(session: Session) -> (Self, mpsc::Receiver<Event>) {
        let (out, answers) = mpsc::channel(QUEUE);
        let nothing = Trouble::new(TroubleClass::Config, "use the connection", "there is none yet");
        let all = CancellationToken::new();
        let engine = Self {
            decider: Decider::new(session.clone()),
            out,
            slot: watch::Sender::new((Epoch(0), Slot::Down(nothing))),
            rules: None,
            include: watch::Sender::new(Vec::new()),
            context: None,
            epoch: all.child_token(),
            scope: all.child_token(),
            all,
            turns: HashMap::new(),
            caller: None,
            tasks: TaskTracker::new(),
            decisions: TaskTracker::new(),
            given_up: CancellationToken::new(),
            last_typed: Timestamp::UNIX_EPOCH,
            between_words: Duration::ZERO,
            watches: Arc::default(),
            session,
        };
        (engine, answers)
    }

    /// How long to wait between a few words of the program's own answer, for somebody who watches; none at first.
    pub fn between_words(&mut self, pause: Duration) {
        self.between_words = pause;
    }

    /// Tells what an earlier session left open.
    pub fn look_back(&self) {
        let (decider, out) = (self.decider.clone(), self.out.clone());
        self.tasks.spawn(async move {
            for said in decider.look_back().await {
                let _ = out.send(Event::Remark(said)).await;
            }
        });
    }

    /// A key or a paste came: an approval is armed only after a pause.
    pub fn typed(&mut self, at: Timestamp) {
        self.last_typed = at;
    }

    /// Performs an effect of the screen; what can be answered at once is returned. What only a terminal can do
    /// (`Quit`, `Copy`, `Suspend`) is the caller's.
    pub fn perform(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Quit | Effect::Copy(_) | Effect::Suspend => {}
            Effect::Connect { epoch, context } => self.connect(epoch, context.map(|c| c.to_string())),
            Effect::Watch { epoch, namespace } => self.watch(epoch, namespace),
            Effect::Include(include) => _ = self.include.send_replace(include),
            Effect::Namespaces(epoch) => self.namespaces(epoch),
            Effect::Agent(effect) => self.agent(*effect),
            Effect::View { view, operation } => self.view(view, operation),
            Effect::Plan { epoch, operation, verdict } => self.plan(epoch, operation, verdict),
            Effect::OpenDialog { turn, call, plan } => {
                let challenge = Challenge::mint(&plan, &self.user(), self.session.clocks.now(), self.last_typed);
                return Some(Event::Dialog { turn, call, challenge });
            }
            Effect::Decide { turn, call, plan, decision, noted } => self.decide(turn, call, *plan, decision, noted),
            Effect::Revoked { allowed, why } => self.revoked(allowed, why),
            Effect::Replan { epoch, turn, call, operation, verdict, evidence } => {
                let (place, patience) = (self.place(), self.patience());
                self.spawn(self.epoch.clone(), async move {
                    let result = planned(place, patience, operation, verdict, turn, evidence).await;
                    Event::Replanned { epoch, turn, call, result }
                });
            }
            Effect::Retry(epoch) => self.retry(epoch),
            Effect::Keep(line) => self.keep(line),
        }
        None
    }

    /// Performs an effect of the agent.
    pub fn agent(&mut self, effect: agent::Effect) {
        match effect {
            agent::Effect::Survey { turn, place } => self.survey(turn, place),
            agent::Effect::Ask { turn, prompt } => self.ask(turn, *prompt),
            agent::Effect::Say { turn, text } => self.say(turn, text),
            agent::Effect::Read { turn, call, operation } => self.read(turn, call, operation),
            agent::Effect::Plan { turn, call, operation, verdict, evidence } => {
                let (place, clocks, patience) = (self.place(), self.session.clocks.clone(), self.patience());
                self.for_turn(turn, async move {
                    let result = planned(place, patience, operation, verdict, turn, evidence).await;
                    Event::Agent(agent::Event::Planned { turn, call, result, at: clocks.now() })
                });
            }
            // The screen's app keeps the queue of dialogs; a headless front end prints.
            agent::Effect::Propose { .. } => {}
            agent::Effect::Finish { turn } => {
                if let Some(token) = self.turns.remove(&turn) {
                    token.cancel();
                }
            }
        }
    }

    /// Ends everything. Decisions under way get `patience`; what is not done then is written down as unknown.
    pub async fn end(self, patience: Duration) {
        self.all.cancel();
        self.decisions.close();
        if tokio::time::timeout(patience, self.decisions.wait()).await.is_err() {
            self.given_up.cancel();
            let _ = tokio::time::timeout(Duration::from_secs(2), self.decisions.wait()).await;
        }
        self.tasks.close();
        let _ = tokio::time::timeout(Duration::from_millis(200), self.tasks.wait()).await;
    }

    /// How many decisions are still being carried out.
    pub fn deciding(&self) -> usize {
        self.decisions.len()
    }

    fn place(&self) -> Place {
        self.slot.subscribe()
    }
    fn patience(&self) -> Duration {
        Duration::from_secs(self.session.config.timeout_seconds)
    }
    fn user(&self) -> String {
        match &self.slot.borrow().1 {
            Slot::Up(cluster) => cluster.user.to_string(),
            _ => String::new(),
        }
    }

    /// Runs until done or cancelled, then hands the answer over.
    fn spawn(&self, until: CancellationToken, task: impl Future<Output = Event> + Send + 'static) {
        let out = self.out.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = until.cancelled() => {}
                event = task => { let _ = out.send(event).await; }
            }
        });
    }
    fn for_turn(&mut self, turn: TurnId, task: impl Future<Output = Event> + Send + 'static) {
        let token = self.turn(turn);
        self.spawn(token, task);
    }
    fn turn(&mut self, turn: TurnId) -> CancellationToken {
        self.turns.entry(turn).or_insert_with(|| self.all.child_token()).clone()
    }

    fn connect(&mut self, epoch: Epoch, context: Option<String>) {
        self.epoch.cancel();
        self.epoch = self.all.child_token();
        self.scope = self.epoch.child_token();
        self.context.clone_from(&context);
        self.slot.send_replace((epoch, Slot::Pending));
        let connecting = place::connect(self.session.clone(), epoch, context, self.slot.clone(), self.out.clone());
        let token = self.epoch.clone();
        self.rules = None;
        self.tasks.spawn(async move {
            token.run_until_cancelled(connecting).await;
        });
    }

    fn watch(&mut self, epoch: Epoch, namespace: Option<Clean>) {
        self.scope.cancel();
        self.scope = self.epoch.child_token();
        let running = Arc::new(Mutex::new(None));
        self.watches = running.clone();
        let (tell, heard) = mpsc::channel(QUEUE);
        self.rules = Some(Rules { namespace: namespace.clone(), ask: tell.clone() });
        let wanted = Wanted { playbooks: self.session.playbooks.clone(), include: self.include.subscribe() };
        let scope = scope::Scope { epoch, namespace, hidden: self.session.config.hidden_namespaces.clone(), wanted };
        let (place, stop, out) = (self.place(), self.scope.clone(), self.out.clone());
        self.tasks.spawn(async move {
            let Some(Some(Ok(cluster))) = stop.run_until_cancelled(place::of(place, epoch)).await else { return };
            Box::pin(stop.run_until_cancelled(scope::follow(scope, &cluster, &stop, (tell, heard), out, &running))).await;
        });
    }

    fn namespaces(&self, epoch: Epoch) {
        let (place, patience) = (self.place(), self.patience());
        self.spawn(self.epoch.clone(), async move {
            let result = async {
                let cluster = place::now(place, patience).await?;
                within(patience, "list namespaces", cluster.namespaces()).await?
            };
            Event::Namespaces(epoch, result.await)
        });
    }

    fn view(&self, view: ViewId, operation: Operation) {
        let (place, patience, now) = (self.place(), self.patience(), self.session.clocks.cluster.clone());
        self.spawn(self.epoch.clone(), async move {
            let readings = match place::now(place, patience).await {
                Ok(cluster) => survey::read(&cluster, &operation, patience).await,
                Err(trouble) => vec![survey::unread(&operation, trouble, now())],
            };
            Event::View { view, readings }
        });
    }

    fn plan(&self, epoch: Epoch, operation: Operation, verdict: Verdict) {
        let (place, patience) = (self.place(), self.patience());
        self.spawn(
            self.epoch.clone(),
            async move { Event::Planned { epoch, result: planned(place, patience, operation, verdict, TurnId(0), Vec::new()).await } },
        );
    }

    fn survey(&mut self, turn: TurnId, asked: agent::Place) {
        let (place, patience, session) = (self.place(), self.patience(), self.session.clone());
        // what the screen watches is known already
        let rules = self.rules.as_ref().filter(|r| r.namespace == asked.namespace).map(|r| r.ask.clone());
        self.for_turn(turn, async move {
            let result = match place::now(place, patience).await {
                Ok(cluster) => Ok(Box::new(surveyed(&session, &cluster, rules, &asked, patience).await)),
                Err(trouble) => Err(trouble),
            };
            let clocks = session.clocks;
            Event::Agent(agent::Event::Surveyed { turn, result, at: clocks.now() })
        });
    }

    fn read(&mut self, turn: TurnId, call: agent::CallId, operation: Operation) {
        let (place, clocks, patience) = (self.place(), self.session.clocks.clone(), self.patience());
        self.for_turn(turn, async move {
            let readings = match place::now(place, patience).await {
                Ok(cluster) => survey::read(&cluster, &operation, patience).await,
                Err(trouble) => vec![survey::unread(&operation, trouble, (clocks.cluster)())],
            };
            Event::Agent(agent::Event::Read { turn, call, readings, at: clocks.now() })
        });
    }

    /// Streams a model's answer; each body is handed over before it is sent.
    fn ask(&mut self, turn: TurnId, prompt: crate::model::Prompt) {
        let session = &self.session;
        let caller = self.caller.get_or_insert_with(|| session.caller()).clone();
        let (clocks, out, token) = (self.session.clocks.clone(), self.out.clone(), self.turn(turn));
        self.tasks.spawn(async move {
            let stream = async {
                let mut answer = match caller {
                    Ok(Some(caller)) => caller.ask(prompt),
                    Ok(None) => failed(&Trouble::new(TroubleClass::Config, "ask a model", "none is configured").hint("name one with --provider")),
                    Err(trouble) => failed(&trouble),
                };
                while let Some(progress) = answer.next().await {
                    let at = clocks.now();
                    let event = match progress {
                        Progress::Sent(body) => agent::Event::Sent { turn, body, at },
                        Progress::Model(event) => agent::Event::Model { turn, event, at },
                    };
                    if out.send(Event::Agent(event)).await.is_err() {
                        return;
                    }
                }
            };
            token.run_until_cancelled(stream).await;
        });
    }

    /// The program's own answer, a few words at a time.
    fn say(&mut self, turn: TurnId, text: String) {
        let (clocks, out, pause, token) = (self.session.clocks.clone(), self.out.clone(), self.between_words, self.turn(turn));
        self.tasks.spawn(async move {
            let stream = async {
                let mut events: Vec<ModelEvent> = pieces(&text).map(|p| ModelEvent::Text(p.to_owned())).collect();
                events.push(ModelEvent::Stop(crate::model::StopReason::End));
                for event in events {
                    if out.send(Event::Agent(agent::Event::Model { turn, event, at: clocks.now() })).await.is_err() {
                        return;
                    }
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                }
            };
            token.run_until_cancelled(stream).await;
        });
    }

    fn decide(&mut self, turn: TurnId, call: agent::CallId, plan: Plan, decision: Decision, noted: Noted) {
        let (decider, place, given_up, out) = (self.decider.clone(), self.place(), self.given_up.clone(), self.out.clone());
        let who = decider.who(&place);
        self.decisions.spawn(async move {
            let decided = decider.decide(who, plan, decision, noted, place, given_up).await;
            // The loop may be gone already; what happened is on disk.
            let _ = out.send(Event::Audited(decided.unwritten.map_or(Ok(()), Err))).await;
            if let Some(outcome) = decided.outcome {
                let _ = out.send(Event::Executed { turn, call, outcome, changed: decided.changed }).await;
            }
        });
    }

    fn revoked(&mut self, allowed: Clean, why: Clean) {
        let (decider, out) = (self.decider.clone(), self.out.clone());
        let who = decider.who(&self.place());
        self.decisions.spawn(async move {
            let decided = decider.revoked(who, allowed, why).await;
            let _ = out.send(Event::Audited(decided.unwritten.map_or(Ok(()), Err))).await;
        });
    }

    fn retry(&mut self, epoch: Epoch) {
        let down = matches!(&*self.slot.borrow(), (e, Slot::Down(_)) if *e == epoch);
        if down {
            return self.connect(epoch, self.context.clone());
        }
        if let Some(watches) = &*self.watches.lock().unwrap_or_else(PoisonError::into_inner) {
            watches.retry();
        }
    }

    fn keep(&self, line: String) {
        let (state, redactor, out) = (self.session.config.state.clone(), self.session.redactor.clone(), self.out.clone());
        let Some(state) = state else { return };
        self.tasks.spawn_blocking(move || {
            if let Err(e) = history::keep(&state, &line, &redactor) {
                let said = format!("the input history can not be kept in {}: {e}", history::path(&state).display());
                let _ = out.blocking_send(Event::Say(Clean::line(&said)));
            }
        });
    }
}

/// The plan of a change, or why there is none.
async fn planned(
    place: Place,
    patience: Duration,
    operation: Operation,
    verdict: Verdict,
    turn: TurnId,
    evidence: Vec<crate::model::EvidenceId>,
) -> Result<Box<Plan>, Trouble> {
    let cluster = place::now(place, patience).await?;
    let plan = cluster.plan(&operation, &cluster.namespace, &verdict, turn, evidence);
    within(patience, "plan the change", plan).await?.map(Box::new)
}

/// Something that may never answer, for so long.
async fn within<T>(patience: Duration, operation: &str, task: impl Future<Output = T>) -> Result<T, Trouble> {
    tokio::time::timeout(patience, task)
        .await
        .map_err(|_| Trouble::new(TroubleClass::Timeout, operation, &format!("no answer in {} s", patience.as_secs())).hint("press r to try again"))
}

/// A text in pieces of some words, none lost.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().find(|(at, c)| *at >= 24 && c.is_whitespace()).map_or(rest.len(), |(at, c)| at + c.len_utf8());
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn failed(trouble: &Trouble) -> futures::stream::BoxStream<'static, Progress> {
    let failure = Failure {
        class: FailureClass::BadRequest,
        sentence: Clean::line(&format!("{}: {}", trouble.operation, trouble.cause)),
        hint: trouble.hint.clone(),
        retry_after: None,
    };
    futures::stream::once(futures::future::ready(Progress::Model(ModelEvent::Failed(failure)))).boxed()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_is_said_in_pieces_and_none_is_lost() {
        for text in ["", "a", "the cause is that DB_HOST is not set, and that is all of it ", "ä\u{3000}x ".repeat(40).as_str()] {
            assert_eq!(super::pieces(text).collect::<String>(), text);
        }
        assert!(super::pieces(&"word ".repeat(100)).count() > 15);
    }
}
