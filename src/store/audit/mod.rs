//! The audit chain: JSONL, one file a session, 0600, each line carrying the hash of the line before, synced before
//! anything is sent to the cluster. An anchor beside the sessions catches truncation and deletion.
//!
//! Only [`Audit::approved`] makes a [`Receipt`], after its line and the anchor are on disk. An open session holds a lock
//! on its file: so a decision without an outcome is told apart, under way or ended by a dead process.
pub mod anchor;
pub mod fate;
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

/// Who decides, as what, about which cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user as the kubeconfig names it.
    pub user: String,
    /// Who is logged in on this machine.
    pub login: String,
    /// The role at this screen.
    pub role: Role,
    /// The server's address.
    pub cluster: String,
}

/// What is written down with a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The command as it was proposed, where the person changed it.
    pub edited_from: String,
    /// What the person allowed for a time with this approval.
    pub allows: String,
    /// Where the objects are kept as they were before.
    pub before: String,
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
    /// A line is half written and could not be taken back: nothing follows it.
    torn: bool,
}

impl Audit {
    /// Opens a new session file in `folder` (made 0700). Fails when it can not be written: then nothing may be changed.
    pub fn open(folder: &Path, session: Session, redactor: Redactor, at: Timestamp) -> Result<Self, Trouble> {
        let (name, path, file) = create(folder, at).map_err(|e| trouble("open the audit chain", folder, &e))?;
        let mut audit = Self { folder: folder.to_owned(), name, path, file, session, redactor, seq: 0, prev: FIRST.to_owned(), torn: false };
        if let Err(trouble) = audit.append(Line { kind: "open", ..audit.blank(at) }) {
            // It holds nothing; the next try begins another.
            let _ = std::fs::remove_file(&audit.path);
            return Err(trouble);
        }
        Ok(audit)
    }

    /// From now on another connection is decided about.
    pub fn moved(&mut self, session: Session) {
        self.session = session;
    }

    /// Writes and syncs an approval. Only this makes a receipt.
    pub fn approved(&mut self, plan: &Plan, approval: &Approval, note: &Note, at: Timestamp) -> Result<Receipt, Trouble> {
        if approval.digest() != plan.digest {
            return Err(Trouble::new(TroubleClass::Refused, "audit an approval", "it was given for another plan than this"));
        }
        let granted = approval.granted().unwrap_or_default();
        let line = Line {
            kind: "decision",
            decision: if granted.is_empty() { "approved" } else { "granted" }.into(),
            granted_by: granted.to_owned(),
            edited_from: self.safe(&note.edited_from),
            allows: note.allows.clone(),
            before: note.before.clone(),
            ..self.about(plan, at)
        };
        let hash = self.append(Line { user: approval.user().to_owned(), ..line })?;
        Ok(Receipt::issued(plan.digest, hash))
    }

    /// Writes and syncs a refusal (denied, lapsed), or that the person put another command in its place (edited).
    pub fn refused(&mut self, plan: &Plan, decision: &str, reason: &str, note: &Note, at: Timestamp) -> Result<(), Trouble> {
        let (reason, edited_from) = (self.safe(reason), self.safe(&note.edited_from));
        self.append(Line { kind: "decision", decision: decision.to_owned(), reason, edited_from, ..self.about(plan, at) }).map(drop)
    }

    /// Writes and syncs that what was allowed for a time is asked again.
    pub fn revoked(&mut self, allowed: &str, why: &str, at: Timestamp) -> Result<(), Trouble> {
        let (allows, reason) = (self.safe(allowed), self.safe(why));
        self.append(Line { kind: "decision", decision: "revoked".to_owned(), allows, reason, ..self.blank(at) }).map(drop)
    }

    /// Writes and syncs what came of it. `resulting`: the objects as the requests left them, `deployment/api@7`.
    pub fn outcome(&mut self, plan: &Plan, outcome: &Outcome, resulting: &[Clean], at: Timestamp) -> Result<(), Trouble> {
        let (word, sentence) = match outcome {
            Outcome::Worked(s) => ("worked", s.to_string()),
            Outcome::NotSeen(s) => ("not-seen", s.to_string()),
            Outcome::Void(s) => ("void", s.to_string()),
            Outcome::Failed(t) => ("failed", t.to_string()),
            Outcome::Unknown(s) => ("unknown", s.to_string()),
        };
        let reason = self.safe(&sentence);
        let resulting = resulting.iter().map(ToString::to_string).collect();
        self.append(Line { kind: "outcome", outcome: word.to_owned(), reason, resulting, ..self.about(plan, at) }).map(drop)
    }

    /// The session's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn safe(&self, text: &str) -> String {
        self.redactor.redact(Clean::line(text).as_str()).0
    }

    fn blank(&self, at: Timestamp) -> Line {
        let Session { user, login, role, cluster } = self.session.clone();
        Line { at: at.to_string(), user, login, role: role.to_string(), cluster, ..Line::default() }
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
        if self.torn {
            return Err(trouble("write the audit chain", &self.path, &io::Error::other("an earlier line could neither be completed nor taken back")));
        }
        line.seq = self.seq + 1;
        line.prev.clone_from(&self.prev);
        let (text, hash) = line.sealed();
        let before = self.file.metadata().map(|m| m.len()).map_err(|e| trouble("read the audit file", &self.path, &e))?;
        let written =
            self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all()).and_then(|()| anchor::advance(&self.folder, &self.name, line.seq, &hash));
        if let Err(e) = written {
            self.torn = self.file.set_len(before).and_then(|()| self.file.sync_all()).is_err();
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
                file.lock()?;
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
