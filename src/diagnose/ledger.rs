//! What each piece of the work has read, so that a change finds those that must run again, and when time itself does.
//!
//! Invariant: `readers` and `due` hold exactly what the records say.
use super::since::NEVER;
use super::spot::{ByKey, Key, List, put, take};
use super::view::Reads;
use std::collections::{BTreeMap, BTreeSet};

/// A family of rules asked about the object at a place; pieces that run once stand at place 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The family's number.
    pub family: u16,
    /// The place.
    pub at: u32,
}

#[derive(Debug)]
struct Record {
    keys: Box<[Key]>,
    due: i64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Ledger {
    records: BTreeMap<Piece, Record>,
    readers: ByKey<List<Piece>>,
    due: BTreeSet<(i64, Piece)>,
}

impl Ledger {
    /// Keeps what a piece read in its last run. `own`: what it need not say, since it runs again anyway when that changes.
    pub fn keep(&mut self, piece: Piece, own: Option<Key>, mut reads: Reads) {
        reads.keys.retain(|k| Some(*k) != own);
        reads.keys.sort_unstable();
        let record = (!reads.keys.is_empty() || reads.due != NEVER).then(|| Record { keys: reads.keys.into(), due: reads.due });
        let old = self.records.remove(&piece);
        let (had, has) = (old.as_ref().map_or(&[][..], |r| &r.keys), record.as_ref().map_or(&[][..], |r| &r.keys));
        if had != has {
            had.iter().filter(|k| has.binary_search(k).is_err()).for_each(|k| take(&mut self.readers, *k, piece));
            has.iter().filter(|k| had.binary_search(k).is_err()).for_each(|k| put(&mut self.readers, *k, piece));
        }
        if let Some(old) = old.filter(|r| r.due != NEVER) {
            self.due.remove(&(old.due, piece));
        }
        if let Some(record) = record {
            if record.due != NEVER {
                self.due.insert((record.due, piece));
            }
            self.records.insert(piece, record);
        }
    }

    /// Who read what a key stands for.
    pub fn readers(&self, key: Key) -> &[Piece] {
        self.readers.get(&key).map_or(&[], List::as_slice)
    }

    /// The next instant at which some answer is different, as a second of the epoch.
    pub fn next(&self) -> Option<i64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Whose answers are different by an instant.
    pub fn due(&self, now: i64) -> impl Iterator<Item = Piece> {
        self.due.iter().take_while(move |(at, _)| *at <= now).map(|(_, piece)| *piece)
    }
}
