//! Input history: what was asked, one redacted line each, newest last, 0600. Losing it harms nothing, so no error here
//! stops anything; it is returned and said once.
use super::folder;
use crate::text::Redactor;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// How many lines are offered again.
const KEPT: usize = 500;

/// The history file of a state folder.
pub fn path(state: &Path) -> PathBuf {
    state.join("history")
}

/// The newest lines, oldest first. A file that is not there is an empty history.
pub fn load(state: &Path) -> io::Result<Vec<String>> {
    let text = match std::fs::read_to_string(path(state)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut lines: Vec<String> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    let old = lines.len().saturating_sub(KEPT);
    Ok(lines.split_off(old))
}

/// Adds one entry (it may have many lines). What looks secret in it is not kept.
pub fn keep(state: &Path, entry: &str, redactor: &Redactor) -> io::Result<()> {
    if entry.trim().is_empty() {
        return Ok(());
    }
    folder::private(state)?;
    let (text, _) = redactor.redact(entry);
    let line = format!("{}\n", serde_json::Value::from(text));
    folder::private_file().append(true).create(true).open(path(state))?.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_many_lines_comes_back_as_it_was() {
        let state = tempfile::tempdir().unwrap();
        let redactor = Redactor::new([1; 32]);
        assert_eq!(load(state.path()).unwrap(), Vec::<String>::new());
        keep(state.path(), "why is\napi down?", &redactor).unwrap();
        keep(state.path(), "  ", &redactor).unwrap();
        assert_eq!(load(state.path()).unwrap(), ["why is\napi down?"]);
    }
}
