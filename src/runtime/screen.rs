//! The loop of the terminal: input, signals, answers and one timer in; frames out. It draws only what is dirty, a key's
//! frame at once, and gives the terminal back before it waits for anything at the end.
use super::engine::Engine;
use super::pace::Pace;
use super::session::Session;
use crate::app::event::At;
use crate::app::state::{Mode, Setup};
use crate::app::{self, App, Effect, Event};
use crate::model::Timestamp;
use crate::term::clipboard::{self, Sent};
use crate::term::modes::{self, Guard};
use crate::term::signals::{self, Signal, Signals};
use crate::term::{Abilities, Writer};
use crate::text::Clean;
use crate::ui::{self, theme::Theme};
use crossterm::event::{Event as Input, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures::StreamExt as _;
use ratatui::Terminal;
use std::fs::File;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Answers taken between two frames at most.
const BATCH: usize = 512;
/// Between a few words of the program's own answer: fast to read along with, slow enough to be seen coming.
const BETWEEN_WORDS: Duration = Duration::from_millis(12);
/// How long decisions under way are waited for at the end.
const LAST_DECISIONS: Duration = Duration::from_secs(10);

/// What the screen needs beside the session.
#[derive(Debug)]
pub struct Look {
    /// The theme.
    pub theme: Theme,
    /// What the terminal can do.
    pub abilities: Abilities,
}

/// Opens the screen and stays until it is left; the exit code.
pub async fn run(session: Session, setup: impl FnOnce((u16, u16)) -> Setup, look: Look) -> anyhow::Result<u8> {
    modes::restore_on_panic();
    let guard = Guard::enter()?;
    let size = modes::size();
    let writer = Writer::new(modes::output()?, size.0, size.1);
    let (mut app, first) = App::new(setup(size), session.agent(), session.clocks.now());
    // The configured rules, which the app keeps for every place it goes to.
    app.rules = session.rules("default");
    app.investigate.enabled = session.config.auto_investigate;
    app.review.patience = jiff::SignedDuration::from_secs(i64::try_from(session.config.approval_seconds).unwrap_or(600));
    let mut screen = Screen {
        terminal: Terminal::new(writer)?,
        pace: Pace::new(look.abilities.remote),
        look,
        app,
        engine: None,
        clocks: session.clocks.clone(),
        keyed: false,
        leave: None,
    };
    // From the first frame on a signal ends the screen well; that frame waits for no client and no kubeconfig.
    let signals = Signals::listen()?;
    signals::watchdog()?;
    screen.draw()?;
    let (engine, mut answers) = Engine::new(session);
    let engine = screen.engine.insert(engine);
    engine.between_words(BETWEEN_WORDS);
    engine.look_back();
    screen.perform(first).await;
    let ended = screen.stay(&mut answers, signals).await;
    drop(guard);
    screen.end().await;
    ended
}

struct Screen {
    terminal: Terminal<Writer<File>>,
    pace: Pace,
    look: Look,
    app: App,
    engine: Option<Engine>,
    clocks: super::clock::Clocks,
    /// A key came since the last frame.
    keyed: bool,
    /// The exit code, once the end was decided.
    leave: Option<u8>,
}

impl Screen {
    async fn stay(&mut self, answers: &mut mpsc::Receiver<Event>, mut signals: Signals) -> anyhow::Result<u8> {
        let mut input = EventStream::new();
        loop {
            if modes::panicked() {
                return Ok(101);
            }
            if let Some(code) = self.leave {
                return Ok(code);
            }
            let now = Instant::now();
            let frame = self.app.dirty.then(|| self.pace.due(now, self.keyed));
            if frame.is_some_and(|due| due <= now) {
                if self.draw().is_err() {
                    // The terminal is gone; there is nobody to tell.
                    return Ok(129);
                }
                continue;
            }
            let tick = self.app.next_tick().map(|at| now + until(at, self.clocks.now()));
            let wake = [frame, tick].into_iter().flatten().min();
            tokio::select! {
                event = input.next() => match event {
                    Some(Ok(event)) => self.input(event, &mut input).await,
                    Some(Err(_)) | None => return Ok(129),
                },
                signal = signals.next() => self.signal(signal).await?,
                Some(event) = answers.recv() => {
                    self.happen(event).await;
                    for _ in 0..BATCH {
                        let Ok(event) = answers.try_recv() else { break };
                        self.happen(event).await;
                    }
                }
                () = sleep_until(wake), if wake.is_some() => {
                    if tick.is_some_and(|t| t <= Instant::now()) {
                        self.happen(Event::Tick).await;
                    }
                }
            }
        }
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        if let Some(chosen) = self.app.theme.take().and_then(|name| Theme::builtin(&name)) {
            self.look.theme = chosen;
        }
        let (app, theme) = (&self.app, &self.look.theme);
        self.terminal.draw(|frame| {
            ui::draw(app, theme, frame);
            if let Some(cursor) = app.cursor() {
                frame.set_cursor_position(cursor);
            }
        })?;
        self.app.dirty = false;
        self.pace.drawn(Instant::now(), self.keyed);
        self.keyed = false;
        Ok(())
    }

    /// One input event and all that are waiting behind it.
    async fn input(&mut self, first: Input, more: &mut EventStream) {
        let mut next = Some(first);
        while let Some(event) = next {
            let event = match event {
                Input::Key(key) if key.kind == KeyEventKind::Release => None,
                Input::Key(key) if self.was_escape_and_a_key(&key) => {
                    self.happen(Event::Key(KeyEvent::from(KeyCode::Esc))).await;
                    Some(Event::Key(KeyEvent { modifiers: key.modifiers - KeyModifiers::ALT, ..key }))
                }
                Input::Key(key) => Some(Event::Key(key)),
                // Terminals send a pasted newline as the return key would.
                Input::Paste(text) => Some(Event::Paste(text.replace("\r\n", "\n").replace('\r', "\n"))),
                Input::Resize(width, height) => self.resized(width, height).then_some(Event::Resize(width, height)),
                _ => None,
            };
            if let Some(event) = event {
                if matches!(event, Event::Key(_) | Event::Paste(_)) {
                    self.keyed = true;
                    if let Some(engine) = &mut self.engine {
                        engine.typed(self.clocks.now());
                    }
                }
                self.happen(event).await;
            }
            // Polled with this task's own waker: the stream keeps the first one it is given, and wakes no other.
            next = match futures::poll!(more.next()) {
                std::task::Poll::Ready(Some(Ok(event))) if self.leave.is_none() => Some(event),
                _ => None,
            };
        }
    }

    /// Escape and a key that arrive in one packet look like that key with alt. No key with alt means anything in NORMAL
    /// and REVIEW, nor does alt-colon in INSERT: so two keys were pressed.
    fn was_escape_and_a_key(&self, key: &KeyEvent) -> bool {
        let KeyCode::Char(c) = key.code else { return false };
        key.modifiers.contains(KeyModifiers::ALT) && (self.app.mode() != Mode::Insert || c == ':')
    }

    async fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        match signal {
            Signal::Leave(code) => {
                self.happen(Event::Leave).await;
                self.leave = Some(code);
            }
            Signal::Stop => self.suspend()?,
            Signal::Continue => self.repaint()?,
        }
        Ok(())
    }

    async fn happen(&mut self, event: Event) {
        // Whatever the app makes of a size, the cleared screen must be painted.
        self.app.dirty |= matches!(event, Event::Resize(..));
        let effects = app::update(&mut self.app, At { at: self.clocks.now(), event });
        self.perform(effects).await;
    }

    async fn perform(&mut self, effects: Vec<Effect>) {
        let mut waiting: std::collections::VecDeque<Effect> = effects.into();
        while let Some(effect) = waiting.pop_front() {
            let answer = match effect {
                Effect::Quit => {
                    self.leave = self.leave.or(Some(0));
                    None
                }
                Effect::Copy(text) => Some(self.copy(&text).await),
                Effect::Suspend => self.suspend().err().map(|e| Event::Say(Clean::line(&format!("can not stop the process: {e}")))),
                effect => self.engine.as_mut().and_then(|e| e.perform(effect)),
            };
            if let Some(event) = answer {
                waiting.extend(app::update(&mut self.app, At { at: self.clocks.now(), event }));
            }
        }
    }

    async fn copy(&mut self, text: &str) -> Event {
        let said = match clipboard::send(text, self.look.abilities.tmux).await {
            Sent::Tmux => "sent to the terminal's clipboard".to_owned(),
            Sent::Write(bytes) => match self.terminal.backend_mut().aside(&bytes) {
                Ok(()) => "sent to the terminal's clipboard".to_owned(),
                Err(e) => format!("not sent to the clipboard: {e}"),
            },
            Sent::TooLong(bytes) => format!("not sent to the clipboard: it is {bytes} bytes long and terminals take {}", clipboard::CAP),
        };
        Event::Say(Clean::line(&said))
    }

    /// Gives the terminal back, stops as `ctrl-z` does, and paints anew when continued.
    fn suspend(&mut self) -> anyhow::Result<()> {
        modes::restore();
        signals::stop()?;
        self.repaint()
    }

    fn repaint(&mut self) -> anyhow::Result<()> {
        modes::enter()?;
        let (width, height) = modes::size();
        self.terminal.backend_mut().entered();
        self.resized(width, height);
        self.app.dirty = true;
        Ok(())
    }

    /// The terminal has this size now, and what it shows is not known, also when the size is the old one: it may have
    /// been another in between. (`Terminal::clear` would ask the terminal where its cursor is.)
    fn resized(&mut self, width: u16, height: u16) -> bool {
        self.terminal.backend_mut().resized(width, height);
        self.terminal.resize(ratatui::layout::Rect::new(0, 0, width, height)).is_ok()
    }

    async fn end(self) {
        let Some(engine) = self.engine else { return };
        let under_way = engine.deciding();
        if under_way > 0 {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("waiting for {under_way} approved change(s) that were sent …\n").as_bytes());
        }
        engine.end(LAST_DECISIONS).await;
    }
}

/// How long until an instant of the event clock; nothing when it has passed.
fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}

async fn sleep_until(wake: Option<Instant>) {
    if let Some(wake) = wake {
        tokio::time::sleep_until(wake.into()).await;
    }
}
