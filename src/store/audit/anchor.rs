//! The anchor: one small file that knows how long each session's chain is and how it ends. A session that is shorter,
//! other or gone disagrees with it. It is moved under a lock, after the line it speaks of is on disk.
use super::folder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The end of one session's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Lines.
    pub seq: u64,
    /// The hash of the last.
    pub hash: String,
}

/// All heads, by the session's file name.
pub type Heads = BTreeMap<String, Head>;

fn path(folder: &Path) -> PathBuf {
    folder.join("anchor.json")
}

/// The heads of a folder; `None` when there is no anchor yet.
pub fn read(folder: &Path) -> io::Result<Option<Heads>> {
    match std::fs::read_to_string(path(folder)) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Says that a session's chain now ends with this line.
pub(super) fn advance(folder: &Path, session: &str, seq: u64, hash: &str) -> io::Result<()> {
    let lock = folder::private_file().write(true).create(true).truncate(false).open(folder.join("anchor.lock"))?;
    lock.lock()?;
    let mut heads = read(folder)?.unwrap_or_default();
    heads.insert(session.to_owned(), Head { seq, hash: hash.to_owned() });
    let text = serde_json::to_vec_pretty(&heads).map_err(io::Error::other)?;
    folder::replace(&path(folder), &text)
    // The lock ends with the file.
}
