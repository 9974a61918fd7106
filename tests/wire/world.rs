//! The small loop around agent and provider: effects out, events in. Reads and plans are played; nothing else is.
use futures::StreamExt as _;
use kopilot_tui::agent::{Agent, Answerer, Effect, Event, Mode, Place, Resolution, Survey};
use kopilot_tui::kubectl::kinds::Kinds;
use kopilot_tui::llm::{Caller, Endpoint, Patience, Progress, build};
use kopilot_tui::model::chat::Options;
use kopilot_tui::model::{
    Digest, DryRun, Looked, ModelEvent, ObjectRef, Operation, Outcome, Plan, Reading, Report, Risk, Role, Source, StopReason, Timestamp, TurnId,
};
use kopilot_tui::policy::Rules;
use kopilot_tui::text::prepare::{Form, prepare};
use kopilot_tui::text::{Clean, Redactor};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

pub const KEY: &str = "sk-canary-key-0042";

pub struct World {
    pub agent: Agent,
    pub redactor: Redactor,
    pub reads: Vec<String>,
    caller: Caller,
    /// What a read brings.
    pub text: String,
    /// Cancels when the answer so far holds this.
    pub cancel_at: Option<&'static str>,
}

impl World {
    pub fn new(provider: &str, url: &str, role: Role) -> Self {
        Self::patient(provider, url, role, 1)
    }

    /// The same, with a server that may be silent for so many seconds.
    pub fn patient(provider: &str, url: &str, role: Role, idle_seconds: u64) -> Self {
        let base = if provider == "openai" { format!("{url}/v1") } else { url.to_owned() };
        let endpoint = Endpoint { base_url: base, key: Some(KEY.into()), idle_seconds };
        let patience = Patience { retries: 2, first_pause: Duration::ZERO, longest_pause: Duration::from_secs(1) };
        let caller = Caller::new(Arc::from(build(provider, endpoint).unwrap()), patience);
        let redactor = Redactor::new([9; 32]);
        let options = Options { temperature: Some(0.0), max_tokens: Some(512), context_tokens: 16_384 };
        let answerer = Answerer::Model { provider: provider.into(), model: "test-model".into(), options };
        let agent = Agent::new(answerer, Rules::new(role, "shop"), Kinds::builtin(), redactor.clone());
        Self { agent, redactor, reads: Vec::new(), caller, text: "NAME api-1".into(), cancel_at: None }
    }

    /// Another model, before the first question.
    pub fn model(&mut self, model: String, options: Options) {
        let answerer = Answerer::Model { provider: "openai".into(), model, options };
        self.agent = Agent::new(answerer, Rules::new(Role::Readonly, "shop"), Kinds::builtin(), self.redactor.clone());
    }

    /// One turn from the question to its end.
    pub async fn ask(&mut self, question: &str, mode: Mode) -> TurnId {
        let turn = self.agent.next_turn();
        let place = Place { context: Clean::line("kind"), namespace: Some(Clean::line("shop")), ..Place::default() };
        let at = Timestamp::UNIX_EPOCH;
        let mut queue = VecDeque::from(self.agent.handle(Event::Ask { turn, question: question.into(), mode, place, at }));
        let mut steps = 0;
        while let Some(effect) = queue.pop_front() {
            steps += 1;
            assert!(steps < 100, "the turn does not end");
            let more = self.perform(effect).await;
            queue.extend(more);
        }
        assert_eq!(self.agent.running(), None, "nothing is left to do and the turn still runs");
        turn
    }

    async fn perform(&mut self, effect: Effect) -> Vec<Effect> {
        let at = Timestamp::UNIX_EPOCH;
        let event = match effect {
            Effect::Finish { .. } => return Vec::new(),
            Effect::Ask { turn, prompt } => return self.stream(turn, self.caller.ask(*prompt)).await,
            Effect::Say { turn, text } => {
                let said = [Progress::Model(ModelEvent::Text(text)), Progress::Model(ModelEvent::Stop(StopReason::End))];
                return self.stream(turn, futures::stream::iter(said).boxed()).await;
            }
            Effect::Survey { turn, .. } => Event::Surveyed { turn, result: Ok(Box::new(self.survey())), at },
            Effect::Read { turn, call, operation } => {
                self.reads.push(kopilot_tui::kubectl::print(&operation));
                Event::Read { turn, call, readings: vec![self.reading(Source::Log { container: Clean::line("api"), previous: true })], at }
            }
            Effect::Plan { turn, call, operation, .. } => Event::Planned { turn, call, result: Ok(Box::new(plan(turn, operation))), at },
            Effect::Propose { turn, call, .. } => {
                Event::Resolved { turn, call, resolution: Resolution::Done(Outcome::Worked(Clean::line("3 of 3 pods are ready"))), at }
            }
        };
        self.agent.handle(event)
    }

    async fn stream(&mut self, turn: TurnId, mut answer: futures::stream::BoxStream<'static, Progress>) -> Vec<Effect> {
        let at = Timestamp::UNIX_EPOCH;
        let mut effects = Vec::new();
        let bound = Duration::from_mins(2);
        while let Some(progress) = tokio::time::timeout(bound, answer.next()).await.expect("the answer ends within its bound") {
            effects.extend(match progress {
                Progress::Sent(body) => self.agent.handle(Event::Sent { turn, body, at }),
                Progress::Model(event) => self.agent.handle(Event::Model { turn, event, at }),
            });
            let so_far = kopilot_tui::agent::record(&self.agent, turn)["answer"].as_str().unwrap_or_default().to_owned();
            if self.cancel_at.is_some_and(|word| so_far.contains(word)) {
                self.cancel_at = None;
                effects.extend(self.agent.handle(Event::Cancel { at }));
            }
        }
        effects
    }

    fn survey(&self) -> Survey {
        let report = Report { scope: Clean::line("namespace shop"), complete: true, ..Report::default() };
        Survey { report, readings: vec![(Clean::line("events"), self.reading(Source::Events))] }
    }

    fn reading(&self, source: Source) -> Reading {
        Reading {
            source,
            object: Some(ObjectRef::new("Pod", "shop", "api-1")),
            uid: Some(Clean::line("u-1")),
            resource_version: Some(Clean::line("91822")),
            taken_at: Timestamp::UNIX_EPOCH,
            looked: Looked::Found(prepare(&self.text, Form::Log, 8192, &self.redactor)),
        }
    }
}

fn plan(turn: TurnId, operation: Operation) -> Plan {
    Plan {
        turn,
        command: Clean::line(&kopilot_tui::kubectl::print(&operation)),
        operation,
        context: Clean::line("kind"),
        namespace: Clean::line("shop"),
        risk: Risk::Medium,
        rule: "rollout",
        requests: Vec::new(),
        objects: Vec::new(),
        dry_run: DryRun::Accepted,
        access: Vec::new(),
        notes: Vec::new(),
        undo: None,
        evidence: Vec::new(),
        digest: Digest::of(b"plan"),
        made_at: Timestamp::UNIX_EPOCH,
    }
}
