//! Walks every session of a folder and says which line of which file breaks the chain.
//!
//! A file may be one line ahead of the anchor, and that line may be half written: the process ended between the two
//! syncs, before it acted on that line.
use super::{FIRST, anchor, line};
use std::io;
use std::path::Path;

/// One session, checked.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its file name.
    pub name: String,
    /// The lines that are sound, in order.
    pub lines: Vec<line::Checked>,
    /// The first line that breaks (0: the file as a whole), and why.
    pub broken: Option<(u64, String)>,
    /// The last line is half written and was never acted on: the process or the machine ended while it was written.
    pub torn: bool,
}

/// Checks all sessions, oldest first. A folder that is not there holds none.
pub fn folder(folder: &Path) -> io::Result<Vec<Session>> {
    let mut names = match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|e| e.map(|e| e.file_name().to_string_lossy().into_owned())).collect::<io::Result<Vec<_>>>()?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    names.retain(|n| Path::new(n).extension().is_some_and(|e| e == "jsonl"));
    let (heads, unreadable) = match anchor::read(folder) {
        Ok(heads) => (heads, None),
        Err(e) if e.kind() == io::ErrorKind::InvalidData => (None, Some(e.to_string())),
        Err(e) => return Err(e),
    };
    let heads = heads.unwrap_or_default();
    names.extend(heads.keys().filter(|k| !names.contains(k)).cloned().collect::<Vec<_>>());
    names.sort();
    let mut sessions = Vec::with_capacity(names.len());
    for name in names {
        let mut session = session(folder, &name, heads.get(&name))?;
        if let (Some(why), None) = (&unreadable, &session.broken) {
            session.broken = Some((0, format!("anchor.json can not be read: {why}")));
        }
        sessions.push(session);
    }
    Ok(sessions)
}

fn session(folder: &Path, name: &str, head: Option<&anchor::Head>) -> io::Result<Session> {
    let mut session = Session { name: name.to_owned(), lines: Vec::new(), broken: None, torn: false };
    let text = match std::fs::read(folder.join(name)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            session.broken = Some((0, "the anchor names it but the file is gone".into()));
            return Ok(session);
        }
        Err(e) => return Err(e),
    };
    let mut prev = FIRST.to_owned();
    let anchored = head.map_or(0, |h| h.seq);
    let unended = (!text.is_empty() && !text.ends_with('\n')).then(|| text.lines().count() as u64);
    for (n, text) in (1u64..).zip(text.lines()) {
        let sound = line::check(text).and_then(|l| {
            if l.seq != n {
                Err(format!("it says it is line {}", l.seq))
            } else if l.prev != prev {
                Err(format!("it follows {} but the line before is {prev}", l.prev))
            } else {
                Ok(l)
            }
        });
        match sound {
            Ok(l) => {
                prev.clone_from(&l.hash);
                session.lines.push(l);
            }
            Err(_) if unended == Some(n) && n == anchored + 1 => session.torn = true,
            Err(why) => {
                session.broken = Some((n, why));
                return Ok(session);
            }
        }
    }
    session.broken = against(&session.lines, head);
    Ok(session)
}

fn against(lines: &[line::Checked], head: Option<&anchor::Head>) -> Option<(u64, String)> {
    let here = lines.len() as u64;
    let anchored = head.map_or(0, |h| h.seq);
    if here < anchored {
        return Some((here + 1, format!("the file ends after {here} lines but the anchor knows {anchored}: it was cut")));
    }
    if here > anchored + 1 {
        return Some((anchored + 1, format!("the anchor knows {anchored} lines but the file has {here}: the anchor or the file was altered")));
    }
    let at_anchor = head.and_then(|h| lines.iter().find(|l| l.seq == h.seq).map(|l| (l, h)));
    match at_anchor {
        Some((l, h)) if l.hash != h.hash => Some((l.seq, format!("its hash is {} but the anchor knows {}: the file was rewritten", l.hash, h.hash))),
        _ => None,
    }
}
