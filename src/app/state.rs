//! The state of the screen.
use super::chat::Chat;
use super::context::ContextPane;
use super::event::{Effect, Place};
use super::investigate::Investigate;
use super::keys;
use super::layout::{self, Focus, Panes, Wish};
use super::popup::Popup;
use super::problems::Problems;
use super::review::Review;
use super::rows::{EventRow, PodRow};
use super::table::{Record as _, Table};
use super::view::View;
use super::words;
use crate::agent::Agent;
use crate::kubectl::kinds::Kinds;
use crate::model::{Contexts, Epoch, Link, Namespaces, ObjectRef, Timestamp, Trouble};
use crate::policy::Rules;
use crate::text::Clean;
use ratatui::layout::Rect;
use std::collections::VecDeque;

/// How the screen is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The role of the session; in a production context `App::rules` may have a lesser one.
    pub role: crate::model::Role,
    /// The context to start with; the current one when `None`.
    pub context: Option<String>,
    /// The namespaces to start with.
    pub namespaces: Namespaces,
    /// Whether time stands (`--still`): ages do not move and no timer runs.
    pub still: bool,
    /// The terminal's size.
    pub size: (u16, u16),
    /// Whether only ASCII is drawn (`LANG=C`).
    pub ascii: bool,
}

/// What a person is doing, as the word in the footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Keys are commands.
    Normal,
    /// Keys are text.
    Insert,
    /// Keys decide about a change.
    Review,
}

/// The connection as the header says it.
#[derive(Debug, Default)]
pub struct Connection {
    /// What the kubeconfig holds, once it was read.
    pub contexts: Option<Contexts>,
    /// Why there is no connection.
    pub trouble: Option<Trouble>,
    /// The connection.
    pub place: Option<Place>,
    /// The context that is being connected to.
    pub wanted: Option<Clean>,
    /// How the pods' watch stands.
    pub pods: Link,
    /// How the events' watch stands.
    pub events: Link,
    /// The server's version.
    pub version: Clean,
}

/// Something said in the footer for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: Clean,
    /// It tells of something that went wrong.
    pub bad: bool,
    /// When it fades.
    pub until: Timestamp,
}

/// See the module.
#[derive(Debug)]
pub struct App {
    /// The agent.
    pub agent: Agent,
    /// How it was set up.
    pub setup: Setup,
    /// The connection on screen.
    pub epoch: Epoch,
    /// The instant of the newest event.
    pub now: Timestamp,
    /// Something visible changed since the last frame.
    pub dirty: bool,
    /// The rules that judge what a person asks for; the runtime adds the configured ones.
    pub rules: Rules,
    /// The kinds that the grammar knows here.
    pub kinds: Kinds,
    /// The theme that `:theme` chose; `None` leaves the one at start.
    pub theme: Option<String>,
    /// See there.
    pub connection: Connection,
    /// The namespace on screen; `None` is all.
    pub namespace: Option<Clean>,
    /// The pods.
    pub pods: Table<PodRow>,
    /// The events.
    pub events: Table<EventRow>,
    /// The problems.
    pub problems: Problems,
    /// What the watch asks by itself; the runtime switches it on where the configuration does.
    pub investigate: Investigate,
    /// Texts over the panel; the last one shows.
    pub views: Vec<View>,
    /// The chat.
    pub chat: Chat,
    /// The context pane.
    pub context: ContextPane,
    /// The approvals.
    pub review: Review,
    /// What lies over the panes.
    pub popup: Option<Popup>,
    /// What the footer says.
    pub notice: Option<Notice>,
    /// The pane with the focus.
    pub focus: Focus,
    /// Keys are text for the composer.
    pub insert: bool,
    /// The rectangles.
    pub panes: Panes,
    /// The row that the draft is about.
    pub attached: Option<ObjectRef>,
    pub(super) panel: Focus,
    pub(super) side: Focus,
    pub(super) zoom: bool,
    pub(super) queued: VecDeque<(String, Option<ObjectRef>)>,
    pub(super) escaped: Option<Timestamp>,
    pub(super) leaving: Option<Timestamp>,
    pub(super) later: bool,
    pub(super) counter: u64,
    pub(super) started: Timestamp,
    pub(super) turns: Option<Timestamp>,
    pub(super) marks: (usize, usize),
    pub(super) finished: Option<crate::model::TurnId>,
}

impl App {
    /// The screen before anything happened, and what it wants done first.
    pub fn new(setup: Setup, agent: Agent, now: Timestamp) -> (Self, Vec<Effect>) {
        let epoch = Epoch(1);
        let context = setup.context.as_deref().map(Clean::line);
        let wish = Wish { size: setup.size, focus: Focus::Pods, panel: Focus::Pods, side: Focus::Chat, view: false, zoom: false };
        let mut app = Self {
            agent,
            epoch,
            now,
            dirty: true,
            rules: Rules::new(setup.role, "default"),
            kinds: Kinds::builtin(),
            theme: None,
            connection: Connection { wanted: context.clone(), ..Connection::default() },
            namespace: setup.namespaces.named().map(Clean::line),
            pods: Table::default(),
            events: Table::default(),
            problems: Problems::default(),
            investigate: Investigate::default(),
            views: Vec::new(),
            chat: Chat::default(),
            context: ContextPane::default(),
            review: Review::default(),
            popup: None,
            notice: None,
            focus: Focus::Pods,
            insert: false,
            panes: layout::panes(&wish),
            attached: None,
            panel: Focus::Pods,
            side: Focus::Chat,
            zoom: false,
            queued: VecDeque::new(),
            escaped: None,
            leaving: None,
            later: false,
            counter: 0,
            started: now,
            turns: None,
            marks: (0, 0),
            finished: None,
            setup,
        };
        app.relayout();
        (app, vec![Effect::Connect { epoch, context }])
    }

    /// The word in the footer.
    pub fn mode(&self) -> Mode {
        match (self.review.open, self.insert) {
            (true, _) => Mode::Review,
            (_, true) => Mode::Insert,
            _ => Mode::Normal,
        }
    }

    /// Where keys are looked up.
    pub fn place(&self) -> keys::Place {
        use keys::Place as P;
        match (&self.popup, self.mode()) {
            (Some(Popup::Help(_)), _) => P::Help,
            (_, Mode::Review) => P::Review,
            (Some(Popup::Line(..)), _) => P::Line,
            (Some(Popup::Picker(_)), _) => P::Picker,
            (None, Mode::Insert) => P::Insert,
            (None, Mode::Normal) => match self.focus {
                f if f.is_panel() && !self.views.is_empty() => P::Text,
                Focus::Pods | Focus::Events => P::Table,
                Focus::Problems => P::Problems,
                Focus::Chat => P::Chat,
                Focus::Context => P::Context,
            },
        }
    }

    /// The instant that ages are counted to: it stands with `--still`.
    pub fn clock(&self) -> Timestamp {
        if self.setup.still { self.started } else { self.now }
    }

    /// The next instant at which a visible text changes by itself (an age turns, a dialog arms or expires, a notice
    /// fades); `None`: no timer is needed.
    pub fn next_tick(&self) -> Option<Timestamp> {
        let text = self.views.last();
        let colour = text.filter(|v| v.wants_colour()).map(|_| self.now);
        let follow = text.filter(|v| v.follow).and_then(|v| v.asked.checked_add(super::act::read::FOLLOW).ok());
        [self.turning(), self.chat.next_tick(), colour, follow].into_iter().flatten().min()
    }

    /// The same, of what turns without more work.
    pub(super) fn turning(&self) -> Option<Timestamp> {
        let ages = if self.setup.still { None } else { self.next_age() };
        let notice = self.notice.as_ref().map(|n| n.until);
        [ages, notice, self.review.next_tick(self.now)].into_iter().flatten().min()
    }

    fn next_age(&self) -> Option<Timestamp> {
        let now = self.clock();
        let covered = !self.views.is_empty();
        let mut next: Option<Timestamp> = None;
        let mut add = |t: Option<Timestamp>| next = [next, t].into_iter().flatten().min();
        for slot in self.panes.slots.iter().filter(|s| !(covered && s.pane.is_panel())) {
            match slot.pane {
                Focus::Pods => self.pods.window().for_each(|(r, _)| add(words::age_turns(now, r.moment()))),
                Focus::Events => self.events.window().for_each(|(r, _)| add(words::age_turns(now, r.moment()))),
                Focus::Problems => {
                    self.problems.window(now).for_each(|s| add(s.since.and_then(|t| words::age_turns(now, t))));
                    add(self.problems.turns(now));
                }
                Focus::Context => self.agent.ledger().evidence().iter().for_each(|e| add(words::age_turns(now, e.reading.taken_at))),
                Focus::Chat => {}
            }
        }
        next
    }

    /// Where the cursor shows (INSERT and typed lines only).
    pub fn cursor(&self) -> Option<(u16, u16)> {
        let clamp = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let footer = self.panes.footer;
        if self.mode() == Mode::Review {
            return None;
        }
        match &self.popup {
            Some(Popup::Line(_, line)) => return Some(((footer.x + 1 + clamp(line.column())).min(footer.right().saturating_sub(1)), footer.y)),
            Some(_) => return None,
            None => {}
        }
        let area = self.composer_area().filter(|_| self.insert)?;
        let at = self.chat.composer.screen_cursor();
        let (top, left) = self.chat.composer.scroll_offset();
        let x = area.x + clamp(at.col).saturating_sub(left);
        let y = area.y + clamp(at.row).saturating_sub(top);
        Some((x.min(area.right().saturating_sub(1)), y.min(area.bottom().saturating_sub(1))))
    }

    /// The composer's text area, when the chat is on screen.
    pub fn composer_area(&self) -> Option<Rect> {
        self.panes.of(Focus::Chat).map(|s| self.chat_areas(s.body).2)
    }

    /// The chat's body: transcript, rule, composer (after its `> `).
    pub fn chat_areas(&self, body: Rect) -> (Rect, Rect, Rect) {
        let width = usize::from(body.width.saturating_sub(4).max(1));
        let wanted: usize = self.chat.composer.lines().iter().map(|l| words::width(l) / width + 1).sum();
        let most = usize::from((body.height / 3).max(1)).min(8);
        let rows = u16::try_from(wanted.clamp(1, most)).unwrap_or(1).min(body.height);
        let rule = u16::from(body.height > rows + 1);
        let top = body.height - rows - rule;
        let composer = Rect::new(body.x + 3.min(body.width), body.y + top + rule, body.width.saturating_sub(4), rows);
        (Rect { height: top, ..body }, Rect { y: body.y + top, height: rule, ..body }, composer)
    }

    /// Computes the rectangles anew and tells each pane its size. True when they changed.
    pub(super) fn relayout(&mut self) -> bool {
        if self.focus.is_panel() {
            self.panel = self.focus;
        } else {
            self.side = self.focus;
        }
        let wish = Wish { size: self.setup.size, focus: self.focus, panel: self.panel, side: self.side, view: !self.views.is_empty(), zoom: self.zoom };
        let panes = layout::panes(&wish);
        let changed = panes != self.panes;
        self.panes = panes;
        for slot in self.panes.slots.clone() {
            let height = usize::from(slot.body.height);
            match slot.pane {
                Focus::Pods => self.pods.resize(height.saturating_sub(1)),
                Focus::Events => self.events.resize(height.saturating_sub(1)),
                Focus::Problems => self.problems.resize(height),
                Focus::Chat => self.chat.resize(usize::from(self.chat_areas(slot.body).0.height)),
                Focus::Context => self.context.resize(height),
            }
            if slot.pane.is_panel()
                && let Some(view) = self.views.last_mut()
            {
                view.resize(usize::from(slot.body.width), height);
            }
        }
        changed
    }

    /// Says something in the footer for a while.
    pub fn say(&mut self, text: &str, bad: bool) {
        let seconds = if bad { 10 } else { 5 };
        let until = self.now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        self.notice = Some(Notice { text: Clean::line(text), bad, until });
        self.dirty = true;
    }

    /// A number that was not used before.
    pub(super) fn fresh(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}
