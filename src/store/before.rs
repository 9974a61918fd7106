//! The objects of a change as they were before it, for the way back: redacted, one file a change, for its owner alone.
//!
//! It is for reading and for typing a manifest anew, not for applying: what was redacted is not in it.
use super::folder;
use crate::model::{Plan, Timestamp, Trouble, TroubleClass};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes and syncs it in the state folder; the file's path. `None` where there was nothing before.
pub fn keep(state: &Path, plan: &Plan, at: Timestamp) -> Result<Option<PathBuf>, Trouble> {
    let objects: Vec<&str> = plan.objects.iter().map(|o| o.before.as_str()).filter(|b| !b.is_empty()).collect();
    if objects.is_empty() {
        return Ok(None);
    }
    let undo = plan.undo.as_ref().map_or("none", |u| u.as_str());
    let head = format!("# before: {}\n# context: {}\n# plan: {}\n# at: {at}\n# undo: {undo}\n", plan.command, plan.context, plan.digest.hex());
    let text = format!("{head}---\n{}\n", objects.iter().map(|o| o.trim_end()).collect::<Vec<_>>().join("\n---\n"));
    let folder = state.join("before");
    write(&folder, plan, at, &text).map(Some).map_err(|e| {
        Trouble::new(TroubleClass::Other, &format!("keep what was before in {}", folder.display()), &e.to_string())
            .hint("nothing is changed without it; make the folder writable or set KOPILOT_STATE_DIR")
    })
}

fn write(folder: &Path, plan: &Plan, at: Timestamp, text: &str) -> io::Result<PathBuf> {
    folder::private(folder)?;
    let stamp = at.strftime("%Y%m%dT%H%M%SZ");
    for n in 0..1000u32 {
        let path = folder.join(format!("{stamp}-{}-{n}.yaml", plan.digest));
        match folder::private_file().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
                if written.is_err() {
                    let _ = std::fs::remove_file(&path);
                }
                return written.map(|()| path);
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::other("a thousand changes of this second are kept already"))
}
