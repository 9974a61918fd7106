//! The help page, out of the key table: its lines, and how they are laid out in columns.
use super::act::command::WORDS;
use super::ink::Ink;
use super::keys::{Place, TABLE};
use ratatui::layout::Rect;

/// A place as the help's heading, in the order of the page.
const PLACES: &[(Place, &str)] = &[
    (Place::Table, "PODS AND EVENTS"),
    (Place::Problems, "PROBLEMS"),
    (Place::Text, "TEXTS"),
    (Place::Chat, "CHAT"),
    (Place::Context, "CONTEXT"),
    (Place::Anywhere, "ANYWHERE IN NORMAL"),
    (Place::Insert, "INSERT"),
    (Place::Review, "REVIEW"),
];

/// The page's lines: heading, or keys and sentence.
pub fn lines() -> Vec<(Ink, String, String)> {
    let mut out = Vec::new();
    for (place, title) in PLACES {
        if !out.is_empty() {
            out.push((Ink::Text, String::new(), String::new()));
        }
        out.push((Ink::Heading, (*title).to_owned(), String::new()));
        for b in TABLE.iter().filter(|b| b.place == *place) {
            let keys: Vec<String> = b.chords.iter().map(|c| c.name()).collect();
            out.push((Ink::Key, keys.join(" "), b.help.to_owned()));
        }
        if *place == Place::Review {
            out.push((Ink::Key, "tab ← →".to_owned(), "between Deny and Approve".to_owned()));
            out.push((Ink::Key, "enter".to_owned(), "the chosen button; Deny has the focus at first".to_owned()));
        }
    }
    out.push((Ink::Text, String::new(), String::new()));
    out.push((Ink::Heading, "COMMANDS AFTER :".to_owned(), String::new()));
    out.extend(WORDS.iter().map(|(w, h)| (Ink::Key, (*w).to_owned(), (*h).to_owned())));
    out.push((Ink::Key, "scale …".to_owned(), "any command of the grammar: reads open, writes ask you first".to_owned()));
    out
}

/// The page's rectangle on a screen.
pub fn area((w, h): (u16, u16)) -> Rect {
    let width = w.saturating_sub(2).min(150);
    Rect::new((w - width) / 2, 1.min(h), width, h.saturating_sub(2))
}

/// Columns and rows of lines that fit into it.
pub fn grid(area: Rect) -> (usize, usize) {
    (if area.width >= 134 { 2 } else { 1 }, usize::from(area.height.saturating_sub(2)).max(1))
}

/// The first line of the last page.
pub fn last(size: (u16, u16)) -> usize {
    let (columns, rows) = grid(area(size));
    lines().len().saturating_sub(columns * rows)
}
