//! Decisions whose outcome is not on disk: the process ended, or still runs, between the line and the answer.
use super::line::{self, Checked};
use super::verify::Session;
use std::fs::File;
use std::path::Path;

/// A yes without an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The number of its line.
    pub seq: u64,
    /// The command.
    pub command: String,
    /// For which context.
    pub context: String,
    /// When.
    pub at: String,
    /// Its process still runs; else what came of it is not known.
    pub under_way: bool,
}

/// The yeses of a session that no outcome follows.
pub fn undecided(folder: &Path, session: &Session) -> Vec<Undecided> {
    let get = |line: &Checked, name: &str| line.fields.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let mut open: Vec<(String, Undecided)> = Vec::new();
    for line in &session.lines {
        let digest = get(line, "digest");
        match get(line, "kind").as_str() {
            "decision" if ["approved", "granted"].contains(&get(line, "decision").as_str()) => {
                let (command, context, at) = (get(line, "command"), get(line, "context"), get(line, "at"));
                open.push((digest, Undecided { seq: line.seq, command, context, at, under_way: false }));
            }
            "outcome" => {
                // the oldest yes to this very plan is the one that was carried out
                if let Some(at) = open.iter().position(|(d, _)| *d == digest) {
                    open.remove(at);
                }
            }
            _ => {}
        }
    }
    let under_way = !open.is_empty() && runs(&folder.join(&session.name));
    open.into_iter().map(|(_, u)| Undecided { under_way, ..u }).collect()
}

/// What the newest session whose process is gone left without an outcome. A folder that can not be read tells nothing
/// here: `verify` says why.
pub fn left_open(folder: &Path) -> Vec<Undecided> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|e| e.file_name().to_string_lossy().into_owned()).filter(|n| Path::new(n).extension().is_some_and(|e| e == "jsonl")).collect();
    names.sort();
    let Some(name) = names.into_iter().rev().find(|n| !runs(&folder.join(n))) else { return Vec::new() };
    let lines = std::fs::read_to_string(folder.join(&name)).unwrap_or_default().lines().filter_map(|l| line::check(l).ok()).collect();
    undecided(folder, &Session { name, lines, broken: None, torn: false })
}

/// Whether the process that writes this session still runs: it holds the file's lock.
fn runs(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}
