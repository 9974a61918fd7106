//! The audit chain: JSONL, one file a session, 0600, each line carrying the hash of the line before, synced before
//! anything is sent to the cluster. An anchor beside the sessions catches truncation and deletion.
//!
//! Only [`Audit::approved`] makes a [`Receipt`], after its line and the anchor are on disk.
pub mod anchor;
pub mod line;
pub mod verify;

use super::folder;
use crate::model::{Outcome, Plan, Role, Timestamp, Trouble, TroubleClass};
use crate::policy::{Approval, Receipt};
use crate::text::{Clean, Redactor};
use line::Line;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The hash that the first line of a session carries as the one before.
pub const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Who decides, as what.
#[derive(Clone, Debug)]
pub struct Session {
    /// The user as the kubeconfig names it.
    pub user: String,
    /// The role at this screen.
    pub role: Role,
}

/// An open chain.
#[derive(Debug)]
pub struct Audit {
    folder: PathBuf,
    name: String,
    path: PathBuf,
    file: File,
    session: Session,
    redactor: Redactor,
    seq: u64,
    prev: String,
}

impl Audit {
    /// Opens a new session file in `folder` (made 0700). Fails when it can not be written: then nothing may be changed.
    pub fn open(folder: &Path, session: Session, redactor: Redactor, at: Timestamp) -> Result<Self, Trouble> {
        let (name, path, file) = create(folder, at).map_err(|e| trouble("open the audit chain", folder, &e))?;
        let mut audit = Self { folder: folder.to_owned(), name, path, file, session, redactor, seq: 0, prev: FIRST.to_owned() };
        audit.append(Line { kind: "open", ..audit.blank(at) })?;
        Ok(audit)
    }

    /// Writes and syncs an approval. Only this makes a receipt.
    pub fn approved(&mut self, plan: &Plan, approval: &Approval, at: Timestamp) -> Result<Receipt, Trouble> {
        if approval.digest() != plan.digest {
            return Err(Trouble::new(TroubleClass::Refused, "audit an approval", "it was given for another plan than this"));
        }
        let line = Line { kind: "decision", decision: "approved".into(), ..self.about(plan, at) };
        let hash = self.append(Line { user: approval.user().to_owned(), ..line })?;
        Ok(Receipt::issued(plan.digest, hash))
    }

    /// Writes and syncs a refusal: denied, lapsed.
    pub fn refused(&mut self, plan: &Plan, decision: &str, reason: &str, at: Timestamp) -> Result<(), Trouble> {
        let reason = self.safe(reason);
        self.append(Line { kind: "decision", decision: decision.to_owned(), reason, ..self.about(plan, at) }).map(drop)
    }

    /// Writes and syncs what came of it.
    pub fn outcome(&mut self, plan: &Plan, outcome: &Outcome, at: Timestamp) -> Result<(), Trouble> {
        let (word, sentence) = match outcome {
            Outcome::Worked(s) => ("worked", s.to_string()),
            Outcome::NotSeen(s) => ("not-seen", s.to_string()),
            Outcome::Void(s) => ("void", s.to_string()),
            Outcome::Failed(t) => ("failed", t.to_string()),
            Outcome::Unknown(s) => ("unknown", s.to_string()),
        };
        let reason = self.safe(&sentence);
        self.append(Line { kind: "outcome", outcome: word.to_owned(), reason, ..self.about(plan, at) }).map(drop)
    }

    /// The session's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn safe(&self, text: &str) -> String {
        self.redactor.redact(Clean::line(text).as_str()).0
    }

    fn blank(&self, at: Timestamp) -> Line {
        Line { at: at.to_string(), user: self.session.user.clone(), role: self.session.role.to_string(), ..Line::default() }
    }

    fn about(&self, plan: &Plan, at: Timestamp) -> Line {
        Line {
            context: plan.context.to_string(),
            namespace: plan.namespace.to_string(),
            turn: Some(plan.turn.0),
            evidence: plan.evidence.iter().map(ToString::to_string).collect(),
            command: self.safe(&plan.command),
            digest: plan.digest.hex(),
            resource_version: plan.objects.iter().map(|o| format!("{}@{}", o.object, o.resource_version)).collect(),
            risk: plan.risk.to_string(),
            rule: plan.rule.to_owned(),
            ..self.blank(at)
        }
    }

    /// Appends one line, syncs it, and moves the anchor. A line that can not be completed is taken back.
    fn append(&mut self, mut line: Line) -> Result<String, Trouble> {
        line.seq = self.seq + 1;
        line.prev.clone_from(&self.prev);
        let (text, hash) = line.sealed();
        let before = self.file.metadata().map(|m| m.len()).map_err(|e| trouble("read the audit file", &self.path, &e))?;
        let written =
            self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all()).and_then(|()| anchor::advance(&self.folder, &self.name, line.seq, &hash));
        if let Err(e) = written {
            let _ = self.file.set_len(before).and_then(|()| self.file.sync_all());
            return Err(trouble("write the audit chain", &self.path, &e));
        }
        self.seq = line.seq;
        self.prev.clone_from(&hash);
        Ok(hash)
    }
}

/// A new file whose name sorts by time; a taken name gets a number.
fn create(folder: &Path, at: Timestamp) -> io::Result<(String, PathBuf, File)> {
    folder::private(folder)?;
    let stamp = at.strftime("%Y%m%dT%H%M%SZ");
    for n in 0..1000u32 {
        let name = format!("{stamp}-{}-{n}.jsonl", std::process::id());
        let path = folder.join(&name);
        match folder::private_file().append(true).create_new(true).open(&path) {
            Ok(file) => {
                File::open(folder)?.sync_all()?;
                return Ok((name, path, file));
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::other("a thousand sessions of this second exist already"))
}

fn trouble(operation: &str, path: &Path, error: &io::Error) -> Trouble {
    Trouble::new(TroubleClass::Other, &format!("{operation} {}", path.display()), &error.to_string())
        .hint("nothing is changed without an audit line; make the folder writable or set KOPILOT_STATE_DIR")
}

#[cfg(test)]
mod tests;
