//! What lies over the panes: the help page, a line that is typed, a list to pick from.
use super::filter;
use super::line::Line;
use crate::model::Trouble;
use crate::text::Clean;

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// `:`.
    Command,
    /// `/` on a table.
    Filter,
    /// `/` in a text.
    Search,
}

impl LineKind {
    /// What stands before the line.
    pub fn lead(self) -> &'static str {
        match self {
            Self::Command => ":",
            Self::Filter | Self::Search => "/",
        }
    }
}

/// What is picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickKind {
    /// A namespace.
    Namespace,
    /// A context.
    Context,
    /// A family of findings to switch on or off.
    Include,
}

/// A list that narrows while one types.
#[derive(Clone, Debug)]
pub struct Picker {
    /// Of what.
    pub kind: PickKind,
    /// What was typed.
    pub query: Line,
    /// The choices; `None` while they are asked for.
    pub choices: Option<Result<Vec<Clean>, Trouble>>,
    /// The place among the matches.
    pub at: usize,
}

impl Picker {
    /// The choices that match, best first.
    pub fn matches(&self) -> Vec<Clean> {
        match &self.choices {
            Some(Ok(all)) => filter::ranked(all, self.query.text()).into_iter().filter_map(|i| all.get(i).cloned()).collect(),
            _ => Vec::new(),
        }
    }
    /// Moves the choice.
    pub fn step(&mut self, by: isize) {
        self.at = self.at.saturating_add_signed(by).min(self.matches().len().saturating_sub(1));
    }
    /// What Enter takes: the choice, or what was typed when nothing matches.
    pub fn picked(&self) -> Option<Clean> {
        let typed = self.query.text().trim();
        self.matches().get(self.at).cloned().or_else(|| (!typed.is_empty()).then(|| Clean::line(typed)))
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub enum Popup {
    /// `?`, and its first row on screen.
    Help(usize),
    /// A typed line.
    Line(LineKind, Line),
    /// A list.
    Picker(Picker),
}
