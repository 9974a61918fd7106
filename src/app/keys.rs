//! The one table of key bindings: dispatch, `?`, footer hints and the config override read it.
//!
//! A binding belongs to a place. NORMAL looks in the pane's place, then in `Anywhere`; the other modes look in theirs
//! alone, and what they do not name is text.
use super::table::Sort;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// NORMAL, whatever has the focus.
    Anywhere,
    /// The pods and the events.
    Table,
    /// The problems.
    Problems,
    /// A text on the panel.
    Text,
    /// The chat.
    Chat,
    /// The context pane.
    Context,
    /// INSERT.
    Insert,
    /// REVIEW. Every other key goes to the dialog.
    Review,
    /// A line that is typed: filter, command, search.
    Line,
    /// A list to pick from.
    Picker,
    /// The help page.
    Help,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is explained in the table below, where `?` reads it")]
pub enum Action {
    Command,
    Filter,
    Help,
    AllNamespaces,
    PickNamespace,
    Include,
    NextPane,
    PreviousPane,
    Zoom,
    Interrupt,
    Back,
    Retry,
    Compose,
    ToggleMode,
    Review,
    Edit,
    DenyAll,
    Allow,
    Suspend,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    Open,
    Describe,
    Yaml,
    Logs,
    PreviousLogs,
    Delete,
    Copy,
    AskAbout,
    Sort(Sort),
    Search,
    SearchNext,
    SearchPrevious,
    Wrap,
    Follow,
    NextCitation,
    PreviousCitation,
    OpenCitation,
    Raw,
    Send,
    Newline,
    Older,
    Newer,
    Accept,
    Complete,
}

/// A key with its modifiers; SHIFT is in the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord(pub KeyCode, pub KeyModifiers);

const fn ch(c: char) -> Chord {
    Chord(KeyCode::Char(c), KeyModifiers::NONE)
}
const fn ctrl(c: char) -> Chord {
    Chord(KeyCode::Char(c), KeyModifiers::CONTROL)
}
const fn key(code: KeyCode) -> Chord {
    Chord(code, KeyModifiers::NONE)
}

impl Chord {
    /// What was pressed.
    pub fn of(event: &KeyEvent) -> Self {
        let shift = if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        Self(event.code, event.modifiers.difference(shift))
    }
    /// As the help writes it: `ctrl-d`, `enter`, `N`.
    pub fn name(self) -> String {
        let code = match self.0 {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::F(n) => format!("F{n}"),
            KeyCode::PageUp => "pgup".to_owned(),
            KeyCode::PageDown => "pgdn".to_owned(),
            KeyCode::BackTab => "shift-tab".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        };
        let mut out = String::new();
        if self.1.contains(KeyModifiers::CONTROL) {
            out.push_str("ctrl-");
        }
        if self.1.contains(KeyModifiers::ALT) {
            out.push_str("alt-");
        }
        out + &code
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where.
    pub place: Place,
    /// Which keys; the first one is shown.
    pub chords: &'static [Chord],
    /// What it does.
    pub action: Action,
    /// The footer's word; empty keeps it out of the footer.
    pub hint: &'static str,
    /// The help's sentence.
    pub help: &'static str,
}

const fn b(place: Place, chords: &'static [Chord], action: Action, hint: &'static str, help: &'static str) -> Binding {
    Binding { place, chords, action, hint, help }
}

use Action as A;
use Place as P;
const UP: &[Chord] = &[ch('k'), key(KeyCode::Up)];
const DOWN: &[Chord] = &[ch('j'), key(KeyCode::Down)];
const PAGE_UP: &[Chord] = &[key(KeyCode::PageUp), ctrl('b')];
const PAGE_DOWN: &[Chord] = &[key(KeyCode::PageDown), ctrl('f')];
const ENTER: &[Chord] = &[key(KeyCode::Enter)];
const ESC: &[Chord] = &[key(KeyCode::Esc)];

/// Every binding.
pub const TABLE: &[Binding] = &[
    b(P::Table, &[ch('d')], A::Describe, "describe", "describe the selected object"),
    b(P::Table, &[ch('l')], A::Logs, "logs", "logs of the selected pod"),
    b(P::Table, &[ch('p')], A::PreviousLogs, "", "logs before the last restart"),
    b(P::Table, &[ch('y')], A::Yaml, "yaml", "YAML of the selected object"),
    b(P::Table, ENTER, A::Open, "", "a pod: describe it; an event: its message in full"),
    b(P::Table, &[ch('X')], A::AskAbout, "ask", "ask the agent about the selected row"),
    b(P::Table, &[ctrl('d')], A::Delete, "", "delete the selected pod (opens an approval)"),
    b(P::Table, &[ch('N')], A::Sort(Sort::Name), "", "sort by name; again turns it round"),
    b(P::Table, &[ch('A')], A::Sort(Sort::Age), "", "sort by age"),
    b(P::Table, &[ch('S')], A::Sort(Sort::Status), "", "sort by status"),
    b(P::Table, &[ch('T')], A::Sort(Sort::Restarts), "", "sort by restarts (events: by count)"),
    b(P::Table, &[ch('R')], A::Sort(Sort::Ready), "", "sort by readiness"),
    b(P::Table, &[ch('O')], A::Sort(Sort::Node), "", "sort by node"),
    b(P::Table, &[ch('P')], A::Sort(Sort::Namespace), "", "sort by namespace"),
    b(P::Table, &[ch('I')], A::Sort(Sort::Ip), "", "sort by IP"),
    b(P::Problems, ENTER, A::Open, "open", "what proves it, what to look at next, the fix"),
    b(P::Problems, &[ch('X')], A::AskAbout, "ask", "ask the agent about it"),
    b(P::Problems, &[ch('+')], A::Include, "include", "look also at security, cost or hygiene, or not any more"),
    b(P::Problems, &[ch('d')], A::Describe, "describe", "describe the object"),
    b(P::Text, &[ch('q')], A::Back, "close", "close the text"),
    b(P::Text, &[ch('/')], A::Search, "search", "search in the text"),
    b(P::Text, &[ch('n')], A::SearchNext, "", "next match"),
    b(P::Text, &[ch('N')], A::SearchPrevious, "", "previous match"),
    b(P::Text, &[ch('w')], A::Wrap, "wrap", "wrap long lines, or not"),
    b(P::Text, &[ch('s')], A::Follow, "follow", "read it again every 2 s and stay at the end, or not"),
    b(P::Chat, &[ch(']')], A::NextCitation, "citation", "choose the next citation"),
    b(P::Chat, &[ch('[')], A::PreviousCitation, "", "choose the citation before"),
    b(P::Chat, ENTER, A::OpenCitation, "", "open the chosen citation's evidence"),
    b(P::Context, ENTER, A::Open, "open", "open it as it was sent (a request: fold it)"),
    b(P::Context, &[ch('R')], A::Raw, "raw", "the request's bytes, every escape as it was sent"),
    b(P::Anywhere, &[ch('i')], A::Compose, "write", "write to the agent"),
    b(P::Anywhere, &[ch(':')], A::Command, "command", "a command: `ctx`, `ns`, `theme`, `q`, or kubectl's grammar"),
    b(P::Anywhere, &[ch('/')], A::Filter, "filter", "filter the table; `~` in front matches letters in order"),
    b(P::Anywhere, &[ch('n')], A::PickNamespace, "namespace", "choose the namespace"),
    b(P::Anywhere, &[ch('0')], A::AllNamespaces, "", "all namespaces"),
    b(P::Anywhere, &[ctrl('t')], A::ToggleMode, "", "diagnose (evidence first) or ask (no cluster read)"),
    b(P::Anywhere, &[ctrl('r')], A::Review, "", "review the change that waits"),
    b(P::Anywhere, &[ch('r')], A::Retry, "", "try again now; in a text: read it again"),
    b(P::Anywhere, &[ch('c')], A::Copy, "", "send the row's name, or the text, to the clipboard"),
    b(P::Anywhere, &[key(KeyCode::Tab)], A::NextPane, "pane", "next pane"),
    b(P::Anywhere, &[key(KeyCode::BackTab)], A::PreviousPane, "", "previous pane"),
    b(P::Anywhere, &[ch('f')], A::Zoom, "", "the pane with the focus alone, or all"),
    b(P::Anywhere, UP, A::Up, "", "up"),
    b(P::Anywhere, DOWN, A::Down, "", "down"),
    b(P::Anywhere, PAGE_UP, A::PageUp, "", "a page up"),
    b(P::Anywhere, PAGE_DOWN, A::PageDown, "", "a page down"),
    b(P::Anywhere, &[ch('g'), key(KeyCode::Home)], A::Top, "", "to the top"),
    b(P::Anywhere, &[ch('G'), key(KeyCode::End)], A::Bottom, "", "to the end"),
    b(P::Anywhere, ESC, A::Back, "", "one step back: popup, text, filter; never quits. Twice: stop the answer"),
    b(P::Anywhere, &[ctrl('c')], A::Interrupt, "", "stop the answer, then clear the draft, then twice quits"),
    b(P::Anywhere, &[ctrl('z')], A::Suspend, "", "suspend"),
    b(P::Anywhere, &[ch('?'), key(KeyCode::F(1))], A::Help, "help", "this page"),
    b(P::Insert, ENTER, A::Send, "send", "send the question"),
    b(P::Insert, &[Chord(KeyCode::Enter, KeyModifiers::ALT), ctrl('j')], A::Newline, "newline", "a new line"),
    b(P::Insert, &[key(KeyCode::Up)], A::Older, "", "on the first line: an older question"),
    b(P::Insert, &[key(KeyCode::Down)], A::Newer, "", "on the last line: a newer question"),
    b(P::Insert, ESC, A::Back, "leave", "to NORMAL; the draft stays"),
    b(P::Insert, &[key(KeyCode::Tab)], A::NextPane, "", "next pane; the draft stays"),
    b(P::Insert, &[ctrl('c')], A::Interrupt, "", "stop the answer, then clear the draft (↑ brings it back)"),
    b(P::Insert, &[ctrl('t')], A::ToggleMode, "mode", "diagnose or ask"),
    b(P::Insert, &[ctrl('r')], A::Review, "", "review the change that waits"),
    b(P::Insert, &[key(KeyCode::PageUp)], A::PageUp, "", "scroll the chat"),
    b(P::Insert, &[key(KeyCode::PageDown)], A::PageDown, "", "scroll the chat"),
    b(P::Insert, &[key(KeyCode::F(1))], A::Help, "help", "this page"),
    b(P::Review, &[key(KeyCode::PageUp), key(KeyCode::Up)], A::PageUp, "", "scroll the change"),
    b(P::Review, &[key(KeyCode::PageDown), key(KeyCode::Down)], A::PageDown, "scroll", "scroll the change"),
    b(P::Review, &[ctrl('e')], A::Edit, "edit", "change the command; it is planned and asked anew"),
    b(P::Review, &[ctrl('g')], A::Allow, "allow", "with Approve: allow the same verb, kind and namespace for 5, 15 or 60 minutes (`:revoke` ends it)"),
    b(P::Review, &[ctrl('x')], A::DenyAll, "deny all", "deny all that wait"),
    b(P::Review, ESC, A::Back, "later", "decide later; the change waits"),
    b(P::Review, &[ctrl('c')], A::Interrupt, "", "stop the answer; the change waits"),
    b(P::Line, ENTER, A::Accept, "", "do it"),
    b(P::Line, ESC, A::Back, "", "leave it"),
    b(P::Line, &[ctrl('c')], A::Interrupt, "", "leave it"),
    b(P::Line, &[key(KeyCode::Tab)], A::Complete, "", "complete the word"),
    b(P::Picker, ENTER, A::Accept, "choose", "choose it, or what was typed when nothing matches"),
    b(P::Picker, ESC, A::Back, "leave", "leave it"),
    b(P::Picker, &[ctrl('c')], A::Interrupt, "", "leave it"),
    b(P::Picker, &[key(KeyCode::Up)], A::Up, "", "up"),
    b(P::Picker, &[key(KeyCode::Down)], A::Down, "", "down"),
    b(P::Help, &[key(KeyCode::Esc), ch('q'), ch('?'), key(KeyCode::F(1))], A::Back, "leave", "leave this page"),
    b(P::Help, &[ctrl('c')], A::Interrupt, "", "leave this page"),
    b(P::Help, UP, A::Up, "", "up"),
    b(P::Help, DOWN, A::Down, "scroll", "down"),
    b(P::Help, PAGE_UP, A::PageUp, "", "a page up"),
    b(P::Help, PAGE_DOWN, A::PageDown, "", "a page down"),
];

/// What a key does at a place, looking further out where NORMAL does.
pub fn find(place: Place, chord: Chord) -> Option<Action> {
    let at = |p: Place| TABLE.iter().find(|b| b.place == p && b.chords.contains(&chord)).map(|b| b.action);
    at(place).or_else(|| if falls_through(place) { at(Place::Anywhere) } else { None })
}

/// Whether what a place does not name is looked up in `Anywhere`.
pub fn falls_through(place: Place) -> bool {
    matches!(place, Place::Table | Place::Problems | Place::Text | Place::Chat | Place::Context)
}

/// The footer's hints for a place: key and word.
pub fn hints(place: Place) -> impl Iterator<Item = (String, &'static str)> {
    let own = TABLE.iter().filter(move |b| b.place == place);
    let taken = move |b: &&Binding| TABLE.iter().any(|o| o.place == place && o.chords.first() == b.chords.first());
    let outer = TABLE.iter().filter(move |b| falls_through(place) && b.place == Place::Anywhere && !taken(b));
    own.chain(outer).filter(|b| !b.hint.is_empty()).filter_map(|b| Some((b.chords.first()?.name(), b.hint)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    #[test]
    fn no_key_means_two_things_at_one_place() {
        let mut seen: HashMap<(Place, Chord), Action> = HashMap::new();
        for binding in TABLE {
            for chord in binding.chords {
                let before = seen.insert((binding.place, *chord), binding.action);
                assert!(before.is_none(), "{:?} {}: {before:?} and {:?}", binding.place, chord.name(), binding.action);
            }
        }
    }

    #[test]
    fn only_these_keys_mean_something_else_in_a_pane_than_anywhere() {
        let shadowed: HashSet<(Place, String)> = TABLE
            .iter()
            .filter(|b| falls_through(b.place))
            .flat_map(|b| b.chords.iter().map(move |c| (b.place, *c)))
            .filter(|(_, c)| TABLE.iter().any(|o| o.place == Place::Anywhere && o.chords.contains(c)))
            .map(|(p, c)| (p, c.name()))
            .collect();
        assert_eq!(shadowed, HashSet::from([(Place::Text, "/".to_owned()), (Place::Text, "n".to_owned())]));
    }

    #[test]
    fn every_binding_is_reached_by_its_own_keys() {
        for binding in TABLE {
            assert!(!binding.help.is_empty() && !binding.chords.is_empty());
            for chord in binding.chords {
                assert_eq!(find(binding.place, *chord), Some(binding.action), "{:?} {}", binding.place, chord.name());
            }
        }
    }

    #[test]
    fn no_letter_is_bound_where_text_is_typed_or_a_change_is_decided() {
        for binding in TABLE.iter().filter(|b| matches!(b.place, Place::Insert | Place::Review | Place::Line | Place::Picker)) {
            for chord in binding.chords {
                assert!(!matches!(chord, Chord(KeyCode::Char(_), m) if m.is_empty()), "{:?} {}", binding.place, chord.name());
            }
        }
    }

    #[test]
    fn no_line_editing_chord_destroys_in_normal() {
        for c in ['k', 'u', 'w', 'a', 'e'] {
            assert_eq!(find(Place::Table, ctrl(c)), None, "ctrl-{c}");
        }
        assert_eq!(find(Place::Table, ctrl('d')), Some(Action::Delete));
    }
}
