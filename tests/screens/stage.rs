//! A screen without a terminal: events in, cells out. The time is told, never read.
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kopilot_tui::agent::{self, Agent, Answerer, Survey};
use kopilot_tui::app::event::{At, Place};
use kopilot_tui::app::state::Setup;
use kopilot_tui::app::{App, Effect, Event, update};
use kopilot_tui::kubectl::{self, kinds::Kinds};
use kopilot_tui::model::chat::{Message, Options};
use kopilot_tui::model::snapshot::{self, pod::Templates};
use kopilot_tui::model::*;
use kopilot_tui::policy::{Challenge, Rules};
use kopilot_tui::text::prepare::{Form, prepare};
use kopilot_tui::text::{Clean, Redactor, diff};
use kopilot_tui::ui::{self, theme::Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;
use std::time::Duration;

pub const NOW: &str = "2026-03-04T12:00:00Z";

pub fn line(text: &str) -> Clean {
    Clean::line(text)
}

pub fn redactor() -> Redactor {
    Redactor::new([7; 32])
}

pub struct Stage {
    pub app: App,
    pub at: Timestamp,
    pub effects: Vec<Effect>,
}

pub fn setup(size: (u16, u16), role: Role) -> Setup {
    Setup { role, context: None, namespaces: Namespaces::Own, still: false, size, ascii: false }
}

impl Stage {
    pub fn new(size: (u16, u16)) -> Self {
        Self::with(setup(size, Role::Admin))
    }

    pub fn with(setup: Setup) -> Self {
        let at: Timestamp = NOW.parse().unwrap();
        let model = Answerer::Model { provider: "ollama".into(), model: "qwen3:8b".into(), options: Options { context_tokens: 32_768, ..Options::default() } };
        let agent = Agent::new(model, Rules::new(setup.role, "shop"), Kinds::builtin(), redactor());
        let (app, effects) = App::new(setup, agent, at);
        Self { app, at, effects }
    }

    /// What the last event wanted done replaces what was wanted before.
    pub fn event(&mut self, event: Event) -> &mut Self {
        self.app.dirty = false;
        self.effects = update(&mut self.app, At { at: self.at, event });
        self
    }

    pub fn wait(&mut self, ms: u64) -> &mut Self {
        self.at = self.at.checked_add(Duration::from_millis(ms)).unwrap();
        self
    }

    pub fn tick(&mut self, ms: u64) -> &mut Self {
        self.wait(ms).event(Event::Tick)
    }

    /// Keys by name: `j`, `enter`, `ctrl-c`; anything longer than a name is typed letter by letter.
    pub fn keys(&mut self, names: &str) -> &mut Self {
        for name in names.split(' ') {
            self.event(Event::Key(key(name)));
        }
        self
    }

    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.event(Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)));
        }
        self
    }

    pub fn connected(mut self) -> Self {
        let contexts =
            ["prod-eu", "staging"].map(|n| ContextInfo { name: line(n), server: line("https://10.0.0.1"), namespace: line("shop"), user: line("ann") });
        self.event(Event::Contexts(Ok(Contexts { all: contexts.to_vec(), current: Some(line("prod-eu")) })));
        let place = Place { context: line("prod-eu"), namespace: line("shop"), user: line("ann") };
        let epoch = self.app.epoch;
        self.event(Event::Connected { epoch, result: Ok(place) });
        self
    }

    pub fn link(&mut self, link: Link) -> &mut Self {
        let epoch = self.app.epoch;
        self.event(Event::Watch(epoch, Update::Link(WatchKind::Pods, link.clone(), self.at)));
        self.event(Event::Watch(epoch, Update::Link(WatchKind::Events, link, self.at)))
    }

    pub fn pods(&mut self, changes: Vec<Change<snapshot::Pod>>) -> &mut Self {
        let epoch = self.app.epoch;
        self.event(Event::Watch(epoch, Update::Pods(changes)))
    }

    /// A namespace with trouble, live.
    pub fn live(mut self) -> Self {
        self = self.connected();
        let mut changes = vec![Change::ListBegins];
        changes.extend(shop().into_iter().map(Change::Upsert));
        changes.push(Change::ListEnds);
        self.pods(changes);
        let epoch = self.app.epoch;
        let mut events: Vec<Change<snapshot::Event>> = vec![Change::ListBegins];
        events.extend(shop_events().into_iter().map(Change::Upsert));
        events.push(Change::ListEnds);
        self.event(Event::Watch(epoch, Update::Events(events)));
        self.link(Link::Live);
        self.event(Event::Problems(epoch, Box::new(report())));
        self
    }

    /// A question, its survey, and a model that answers so far.
    pub fn asked(mut self, answer: &str) -> Self {
        self.keys("i").type_text("why does api keep restarting?").keys("enter");
        let turn = self.app.agent.running().expect("the question started a turn");
        let survey = Survey { report: report(), readings: readings(self.at) };
        self.agent(agent::Event::Surveyed { turn, result: Ok(Box::new(survey)), at: self.at });
        self.send();
        self.model(ModelEvent::Text(answer.to_owned()));
        self
    }

    /// Encodes what the agent asks of the model, and says that it was sent.
    pub fn send(&mut self) {
        let prompt = self.effects.iter().find_map(|e| match e {
            Effect::Agent(e) => match &**e {
                agent::Effect::Ask { turn, prompt } => Some((*turn, encode(prompt))),
                _ => None,
            },
            _ => None,
        });
        let (turn, body) = prompt.unwrap_or_else(|| panic!("the model is asked: {:?}", self.effects));
        self.agent(agent::Event::Sent { turn, body, at: self.at });
    }

    pub fn model(&mut self, event: ModelEvent) -> &mut Self {
        let turn = self.app.agent.running().expect("a turn runs");
        self.agent(agent::Event::Model { turn, event, at: self.at })
    }

    pub fn agent(&mut self, event: agent::Event) -> &mut Self {
        self.event(Event::Agent(event))
    }

    /// The model proposes a rollback, the server's dry run accepts it.
    pub fn proposed(mut self) -> Self {
        let call = ToolCall { id: "c1".into(), name: "kubectl".into(), arguments: json!({"command": "rollout undo deployment/api -n shop"}).to_string() };
        self.model(ModelEvent::Call(call)).model(ModelEvent::Stop(StopReason::ToolCalls));
        let planned = self.effects.iter().find_map(|e| match e {
            Effect::Agent(e) => match &**e {
                agent::Effect::Plan { turn, call, operation, verdict, evidence } => Some((*turn, call.clone(), plan(*turn, operation, verdict.risk, evidence))),
                _ => None,
            },
            _ => None,
        });
        let (turn, call, plan) = planned.unwrap_or_else(|| panic!("a plan is wanted: {:?}", self.effects));
        self.agent(agent::Event::Planned { turn, call, result: Ok(Box::new(plan)), at: self.at });
        self
    }

    /// Answers the dialog that was opened by the last event, as the runtime does.
    pub fn minted(&mut self) -> &mut Self {
        let (turn, call, plan) = self
            .effects
            .iter()
            .find_map(|e| match e {
                Effect::OpenDialog { turn, call, plan } => Some((*turn, call.clone(), plan.clone())),
                _ => None,
            })
            .unwrap_or_else(|| panic!("a dialog opens: {:?}", self.effects));
        let challenge = Challenge::mint(&plan, "ann", self.at, self.at);
        self.event(Event::Dialog { turn, call, challenge })
    }

    /// A write that a person asked for came back as a plan.
    pub fn planned_by_hand(&mut self) -> &mut Self {
        let (epoch, plan) = self
            .effects
            .iter()
            .find_map(|e| match e {
                Effect::Plan { epoch, operation, verdict } => Some((*epoch, plan(TurnId(0), operation, verdict.risk, &[]))),
                _ => None,
            })
            .unwrap_or_else(|| panic!("a plan is wanted: {:?} {:?}", self.effects, self.app.notice));
        self.event(Event::Planned { epoch, result: Ok(Box::new(plan)) })
    }

    /// The screen's text; trailing blanks are cut.
    pub fn screen(&self) -> String {
        self.screen_in("default")
    }

    pub fn screen_in(&self, theme: &str) -> String {
        let buffer = self.buffer(theme);
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..buffer.area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                row.push_str(symbol);
                skip = kopilot_tui::app::words::width(symbol).saturating_sub(1);
            }
            out.push_str(row.trim_end());
            out.push('\n');
        }
        out
    }

    pub fn buffer(&self, theme: &str) -> ratatui::buffer::Buffer {
        let (w, h) = self.app.setup.size;
        let theme = Theme::builtin(theme).unwrap();
        let mut terminal = Terminal::new(TestBackend::new(w, h)).unwrap();
        terminal.draw(|frame| ui::draw(&self.app, &theme, frame)).unwrap();
        terminal.backend().buffer().clone()
    }
}

pub fn key(name: &str) -> KeyEvent {
    let (mods, rest) = match (name.strip_prefix("ctrl-"), name.strip_prefix("alt-")) {
        (Some(rest), _) => (KeyModifiers::CONTROL, rest),
        (_, Some(rest)) => (KeyModifiers::ALT, rest),
        _ => (KeyModifiers::NONE, name),
    };
    let code = match rest {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "f1" => KeyCode::F(1),
        one => {
            let mut chars = one.chars();
            let c = chars.next().unwrap();
            assert!(chars.next().is_none(), "no key is called {name}");
            KeyCode::Char(c)
        }
    };
    KeyEvent::new(code, mods)
}

/// A body as a provider might write it: every text a span.
fn encode(prompt: &Prompt) -> RequestBody {
    let mut body = BodyWriter::new();
    body.envelope(&format!("{{\"model\":\"{}\",\"messages\":[", prompt.model));
    for (i, message) in prompt.messages.iter().enumerate() {
        body.envelope(if i > 0 { "," } else { "" });
        let (role, segments): (&str, Vec<&Segment>) = match message {
            Message::System(s) => ("system", s.iter().collect()),
            Message::User(s) => ("user", s.iter().collect()),
            Message::Assistant { text, calls } => ("assistant", text.iter().chain(calls.iter().map(|c| &c.arguments)).collect()),
            Message::Tool { content, .. } => ("tool", content.iter().collect()),
        };
        body.envelope(&format!("{{\"role\":\"{role}\",\"content\":\""));
        for segment in segments {
            body.text(segment);
        }
        body.envelope("\"}");
    }
    body.envelope("],\"tools\":");
    let tools: Vec<_> = prompt.tools.iter().map(|t| json!({"name": t.name, "description": t.description, "parameters": t.parameters})).collect();
    body.tools(&serde_json::to_string(&tools).unwrap());
    body.envelope("}");
    body.finish()
}

pub fn plan(turn: TurnId, operation: &Operation, risk: Risk, evidence: &[EvidenceId]) -> Plan {
    let target = operation.targets()[0];
    let name = target.name.clone().unwrap();
    let diff = vec![
        diff::Line::Same("        - env:".into()),
        diff::Line::Removed("          - name: DB_HOSTNAME".into()),
        diff::Line::Added("          - name: DB_HOST".into()),
        diff::Line::Same("            value: db.shop.svc".into()),
        diff::Line::Gap(31),
    ];
    let object = ObjectRef::new(&target.kind.kind, "shop", &name);
    Plan {
        turn,
        operation: operation.clone(),
        command: line(&kubectl::print(operation)),
        context: line("prod-eu"),
        namespace: line("shop"),
        risk,
        rule: "rollout-undo",
        requests: Vec::new(),
        objects: vec![Reviewed {
            object,
            kind: target.kind.clone(),
            uid: "u-1".into(),
            resource_version: "91840".into(),
            before: Clean::default(),
            fingerprint: Digest::of(b"f"),
            diff,
        }],
        dry_run: DryRun::Accepted,
        access: Vec::new(),
        notes: Vec::new(),
        undo: Some(line("rollout undo deployment/api --to-revision=2 -n shop")),
        evidence: evidence.to_vec(),
        digest: Digest::of(name.as_bytes()),
        made_at: NOW.parse().unwrap(),
    }
}

fn ago(minutes: i64) -> String {
    let now: Timestamp = NOW.parse().unwrap();
    now.checked_sub(jiff::SignedDuration::from_mins(minutes)).unwrap().to_string()
}

/// A pod as a server would describe it: `state` is what its one container does.
pub fn pod(name: &str, node: &str, restarts: u32, minutes: i64, state: &serde_json::Value, ready: bool) -> snapshot::Pod {
    pod_in("shop", name, node, restarts, minutes, state, ready)
}

pub fn pod_in(namespace: &str, name: &str, node: &str, restarts: u32, minutes: i64, state: &serde_json::Value, ready: bool) -> snapshot::Pod {
    let meta = json!({"name": name, "namespace": namespace, "uid": format!("uid-{namespace}-{name}"), "resourceVersion": (91_808 + restarts).to_string(), "creationTimestamp": ago(minutes)});
    let spec = json!({"nodeName": node, "containers": [{"name": "main", "image": "shop/app:2"}]});
    let waits_for_node = node.is_empty();
    let status = json!({
        "phase": if waits_for_node { "Pending" } else { "Running" },
        "podIP": if waits_for_node { "" } else { "10.244.1.17" },
        "containerStatuses": if waits_for_node { json!([]) } else { json!([{"name": "main", "ready": ready, "restartCount": restarts, "state": state}]) },
    });
    snapshot::Pod::project(
        &serde_json::from_value(meta).unwrap(),
        &serde_json::from_value(spec).unwrap(),
        &serde_json::from_value(status).unwrap(),
        &mut Interner::new(),
        &mut Templates::default(),
    )
}

pub fn running() -> serde_json::Value {
    json!({"running": {"startedAt": ago(30)}})
}

pub fn waiting(reason: &str) -> serde_json::Value {
    json!({"waiting": {"reason": reason}})
}

pub fn shop() -> Vec<snapshot::Pod> {
    vec![
        pod("api-7f9c4b8d5-x2x7k", "node-1", 14, 47, &waiting("CrashLoopBackOff"), false),
        pod("api-7f9c4b8d5-zzq9p", "node-2", 13, 47, &waiting("CrashLoopBackOff"), false),
        pod("cart-6d5f7c9b4-4hj2m", "node-1", 0, 60 * 26, &running(), true),
        pod("catalog-5c8b9d7f6-9kqlw", "node-3", 0, 60 * 24 * 5, &running(), true),
        pod("checkout-84d6f5c7b-p7wvn", "node-2", 1, 60 * 3, &running(), false),
        pod("db-0", "node-3", 0, 60 * 24 * 5, &running(), true),
        pod("images-7b6d4f8c9-tt5xz", "node-1", 0, 12, &waiting("ImagePullBackOff"), false),
        pod("reports-nightly-29411520-8v2sd", "", 0, 5, &running(), false),
        pod("web-55d1c7f8b-k8s2j", "node-2", 0, 60 * 24 * 2, &running(), true),
        pod("web-55d1c7f8b-m4c9h", "node-3", 0, 60 * 24 * 2, &running(), true),
        pod("worker-66c9d8b7f-2xk4v", "node-1", 5, 60 * 9, &running(), true),
    ]
}

pub fn event(uid: &str, about: &str, reason: &str, message: &str, count: u32, minutes: i64) -> snapshot::Event {
    let meta = json!({"name": uid, "namespace": "shop", "uid": uid, "resourceVersion": "5", "creationTimestamp": ago(minutes + 30)});
    let (kind, name) = about.split_once('/').unwrap();
    let event = json!({
        "type": if reason == "Scheduled" || reason == "Pulled" { "Normal" } else { "Warning" }, "reason": reason, "message": message, "count": count,
        "involvedObject": {"kind": kind, "namespace": "shop", "name": name, "uid": format!("uid-{name}")}, "lastTimestamp": ago(minutes),
    });
    snapshot::Event::project(&serde_json::from_value(meta).unwrap(), &serde_json::from_value(event).unwrap(), &mut Interner::new())
}

pub fn shop_events() -> Vec<snapshot::Event> {
    vec![
        event("e1", "Pod/api-7f9c4b8d5-x2x7k", "BackOff", "Back-off restarting failed container main in pod api-7f9c4b8d5-x2x7k", 214, 0),
        event("e2", "Pod/images-7b6d4f8c9-tt5xz", "Failed", "Failed to pull image \"shop/images:3\": not found", 9, 1),
        event("e3", "Pod/reports-nightly-29411520-8v2sd", "FailedScheduling", "0/3 nodes are available: unbound PersistentVolumeClaims", 3, 4),
        event("e4", "Pod/checkout-84d6f5c7b-p7wvn", "Unhealthy", "Readiness probe failed: connect: connection refused", 1_044, 0),
        event("e5", "Pod/worker-66c9d8b7f-2xk4v", "Pulled", "Container image already present on machine", 1, 120),
    ]
}

pub fn finding(rule: &'static str, severity: Severity, name: &str, title: &str, folded: usize) -> Finding {
    let object = ObjectRef::new("Deployment", "shop", name);
    let folds = (0..folded).map(|i| finding::Folded {
        rule: "pod/crash-loop",
        object: ObjectRef::new("Pod", "shop", format!("{name}-{i}")),
        title: line("crash-loops"),
    });
    Finding {
        rule,
        severity,
        confidence: Confidence::High,
        object,
        title: line(title),
        cause: None,
        folded: folds.collect(),
        evidence: vec![finding::Proof {
            source: Source::Object,
            object: ObjectRef::new("Pod", "shop", format!("{name}-0")),
            text: line("exit code 1: DB_HOST is not set"),
        }],
        next: vec![line(&format!("rollout history deployment/{name} -n shop"))],
        fix: Some(line(&format!("rollout undo deployment/{name} -n shop"))),
        began: None,
    }
}

pub fn report() -> Report {
    Report {
        cluster: line("prod-eu"),
        scope: line("namespace shop"),
        complete: true,
        denied: Vec::new(),
        findings: vec![
            finding("config/env", Severity::Critical, "api", "DB_HOST is not set: revision 2 renamed it to DB_HOSTNAME, so every pod exits 1", 2).into(),
            finding("image/missing", Severity::Error, "images", "The image shop/images:3 does not exist", 1).into(),
            finding("probe/port", Severity::Warning, "checkout", "checkout's readiness probe asks port 8081; the container listens on 8080", 0).into(),
        ],
        include: Vec::new(),
    }
}

pub fn readings(at: Timestamp) -> Vec<(Clean, Reading)> {
    let found = |text: &str, form| Looked::Found(prepare(text, form, 4_000, &redactor()));
    let reading = |source, kind: &str, name: &str, looked| Reading {
        source,
        object: Some(ObjectRef::new(kind, "shop", name)),
        uid: Some(line(&format!("uid-shop-{name}"))),
        resource_version: Some(line("91822")),
        taken_at: at,
        looked,
    };
    let yaml = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: api-7f9c4b8d5-x2x7k\n  namespace: shop\nspec:\n  containers:\n  - name: main\n    image: shop/api:2\n    env:\n    - name: DB_HOSTNAME\n      value: db.shop.svc\n";
    let attempts: Vec<String> = (0..400).map(|i| format!("2026-03-04T11:59:{:02}Z starting api, attempt {i}\n", i % 60)).collect();
    let log = attempts.concat() + "FATAL: DB_HOST is not set\npassword=hunter2-and-more\n";
    let denied = Trouble::new(TroubleClass::Denied, "get configmaps in shop", "configmaps is forbidden: User \"ann\" cannot list resource");
    vec![
        (line("get pod api-7f9c4b8d5-x2x7k -o yaml"), reading(Source::Object, "Pod", "api-7f9c4b8d5-x2x7k", found(yaml, Form::Block))),
        (
            line("logs api-7f9c4b8d5-x2x7k -p"),
            reading(Source::Log { container: line("main"), previous: true }, "Pod", "api-7f9c4b8d5-x2x7k", found(&log, Form::Log)),
        ),
        (line("get configmap api"), reading(Source::Object, "ConfigMap", "api", Looked::Denied(denied))),
        (line("events --for deployment/api"), reading(Source::Events, "Deployment", "api", Looked::Nothing(line("no events about deployment/api")))),
    ]
}

pub const ANSWER: &str = "## Cause\n\n`api` exits with code 1 because **DB_HOST is not set** [E3]. Revision 2 of the deployment renamed the variable to `DB_HOSTNAME` [E2], and nothing else sets it [E9].\n\n- 2 of 2 pods crash-loop\n- the service has no endpoint left\n\n| revision | variable |\n|---|---|\n| 1 | DB_HOST |\n| 2 | DB_HOSTNAME |\n\n```\nkubectl rollout undo deployment/api -n shop\n```\n\nUndoing the rollout brings";
