//! A table of rows that is sorted and filtered when something changes, never while it is drawn.
//!
//! Rows live in slots; `order` lists the slots that the filter leaves, sorted. A changed row moves by binary search. The
//! selection is a uid, so it survives every re-sort; the window stays on the same rows while others come and go.
use super::filter::Filter;
use crate::model::{Change, ObjectRef, Timestamp};
use crate::text::Clean;
use std::cmp::Ordering;
use std::collections::HashMap;

/// What a table can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Namespace, then name.
    Namespace,
    /// Name.
    Name,
    /// Newest first.
    Age,
    /// Status; for events, warnings first.
    Status,
    /// Most restarts first; for events, the most often seen.
    Restarts,
    /// Least ready first.
    Ready,
    /// Node.
    Node,
    /// Address.
    Ip,
}

/// What a table needs to know of its rows.
pub trait Record: PartialEq {
    /// How it is sorted at first, and whether reversed.
    const DEFAULT: (Sort, bool);
    /// What names the row for good.
    fn uid(&self) -> &Clean;
    /// A total order: equal only for the same uid.
    fn order(&self, other: &Self, by: Sort) -> Ordering;
    /// What a filter looks at.
    fn words(&self) -> [&str; 5];
    /// What it can be sorted by.
    fn sorts() -> &'static [Sort];
    /// The object that the row is about.
    fn object(&self) -> ObjectRef;
    /// The instant that its age counts from.
    fn moment(&self) -> Timestamp;
}

#[derive(Clone, Debug)]
struct Slot<R> {
    row: R,
    /// The list that last named it.
    round: u32,
    /// Whether the filter leaves it.
    listed: bool,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Table<R> {
    slots: Vec<Option<Slot<R>>>,
    free: Vec<u32>,
    by_uid: HashMap<Clean, u32>,
    order: Vec<u32>,
    selected: Option<Clean>,
    offset: usize,
    height: usize,
    sort: Sort,
    reversed: bool,
    filter: Filter,
    round: u32,
}

impl<R: Record> Default for Table<R> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_uid: HashMap::new(),
            order: Vec::new(),
            selected: None,
            offset: 0,
            height: 1,
            sort: R::DEFAULT.0,
            reversed: R::DEFAULT.1,
            filter: Filter::default(),
            round: 0,
        }
    }
}

impl<R: Record> Table<R> {
    /// All rows, also those that the filter hides.
    pub fn len(&self) -> usize {
        self.by_uid.len()
    }
    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.by_uid.is_empty()
    }
    /// The rows that the filter leaves.
    pub fn listed(&self) -> usize {
        self.order.len()
    }
    /// All rows, in no order.
    pub fn rows(&self) -> impl Iterator<Item = &R> {
        self.slots.iter().flatten().map(|s| &s.row)
    }
    /// What it is sorted by, and whether reversed.
    pub fn sorted_by(&self) -> (Sort, bool) {
        (self.sort, self.reversed)
    }
    /// The filter in force.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }
    /// The rows of the window, each with whether it is the selected one.
    pub fn window(&self) -> impl Iterator<Item = (&R, bool)> {
        let chosen = self.index();
        self.order.iter().enumerate().skip(self.offset).take(self.height).filter_map(move |(i, s)| Some((self.row(*s)?, Some(i) == chosen)))
    }
    /// The selected row; the first one until another is chosen.
    pub fn selected(&self) -> Option<&R> {
        self.index().and_then(|i| self.order.get(i)).and_then(|s| self.row(*s))
    }
    /// A row by uid.
    pub fn get(&self, uid: &str) -> Option<&R> {
        self.by_uid.get(uid).and_then(|s| self.row(*s))
    }

    /// The window's rows changed to so many; the selection stays in it.
    pub fn resize(&mut self, height: usize) {
        self.height = height.max(1);
        self.follow();
    }
    /// Moves the selection by so many rows.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.order.len().checked_sub(1) else { return };
        let at = self.index().unwrap_or(0).saturating_add_signed(by).min(last);
        self.choose(at);
    }
    /// The rows of a page.
    pub fn page(&self) -> isize {
        isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1)
    }
    /// Selects the first row, and whatever comes to be first.
    pub fn top(&mut self) {
        self.selected = None;
        self.follow();
    }
    /// Selects the last row.
    pub fn bottom(&mut self) {
        self.choose(self.order.len().saturating_sub(1));
    }
    /// Selects a row by uid, when it is listed.
    pub fn select(&mut self, uid: &Clean) {
        if self.by_uid.get(uid).is_some_and(|s| self.slot(*s).is_some_and(|s| s.listed)) {
            self.selected = Some(uid.clone());
            self.follow();
        }
    }
    /// Sorts by this; once more turns it round.
    pub fn sort(&mut self, by: Sort) {
        if !R::sorts().contains(&by) {
            return;
        }
        self.reversed = self.sort == by && !self.reversed;
        self.sort = by;
        self.arrange();
    }
    /// Leaves only the rows that match.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.refilter();
    }
    /// Forgets every row, for another cluster or scope. Sort and filter stay.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.free.clear();
        self.by_uid.clear();
        self.order.clear();
        self.selected = None;
        self.offset = 0;
    }

    /// Applies changes. True when the window shows something else now.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change<R>>) -> bool {
        let seen: Vec<u32> = self.shown().to_vec();
        let (was, chosen) = (self.order.is_empty(), self.shown_choice());
        let mut touched = false;
        for change in changes {
            touched |= match change {
                Change::Upsert(row) => self.upsert(row, &seen),
                Change::Gone(uid) => self.remove(&uid, &seen),
                Change::ListBegins => {
                    self.round = self.round.wrapping_add(1);
                    false
                }
                Change::ListEnds => self.sweep(&seen),
            };
        }
        self.follow();
        touched || seen != self.shown() || was != self.order.is_empty() || chosen != self.shown_choice()
    }

    fn upsert(&mut self, row: R, seen: &[u32]) -> bool {
        let round = self.round;
        let listed = self.filter.admits(&row.words());
        let Some(at) = self.by_uid.get(row.uid()).copied() else {
            let uid = row.uid().clone();
            let slot = Slot { row, round, listed };
            let at = self.place(slot);
            self.by_uid.insert(uid, at);
            if listed {
                self.insert(at);
            }
            return false;
        };
        if let Some(Some(slot)) = self.slots.get_mut(at as usize) {
            slot.round = round;
            if slot.row == row {
                return false;
            }
        }
        self.unlist(at);
        if let Some(Some(slot)) = self.slots.get_mut(at as usize) {
            slot.row = row;
            slot.listed = listed;
        }
        if listed {
            self.insert(at);
        }
        seen.contains(&at)
    }

    fn remove(&mut self, uid: &Clean, seen: &[u32]) -> bool {
        let Some(at) = self.by_uid.get(uid).copied() else { return false };
        let place = self.position(at);
        self.unlist(at);
        if self.selected.as_ref() == Some(uid) {
            // The row that took its place is the next one to look at.
            let next = place.map(|p| p.min(self.order.len().saturating_sub(1))).and_then(|p| self.order.get(p)).and_then(|s| self.row(*s));
            self.selected = next.map(|r| r.uid().clone());
        }
        self.by_uid.remove(uid);
        if let Some(place) = self.slots.get_mut(at as usize) {
            *place = None;
        }
        self.free.push(at);
        seen.contains(&at)
    }

    /// What the list that ended did not name is gone.
    fn sweep(&mut self, seen: &[u32]) -> bool {
        let gone: Vec<Clean> = self.slots.iter().flatten().filter(|s| s.round != self.round).map(|s| s.row.uid().clone()).collect();
        let mut touched = false;
        for uid in &gone {
            touched |= self.remove(uid, seen);
        }
        self.slots.shrink_to_fit();
        touched
    }

    /// Puts a row into a free slot, or a new one.
    fn place(&mut self, slot: Slot<R>) -> u32 {
        let free = self.free.pop();
        if let Some((at, place)) = free.and_then(|at| Some((at, self.slots.get_mut(at as usize)?))) {
            *place = Some(slot);
            return at;
        }
        self.slots.push(Some(slot));
        u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
    }

    fn insert(&mut self, at: u32) {
        let place = match self.row(at) {
            Some(row) => self.order.partition_point(|s| self.row(*s).is_some_and(|r| self.compare(r, row) == Ordering::Less)),
            None => return,
        };
        // Rows that come above the window do not push what is in it.
        if place < self.offset {
            self.offset += 1;
        }
        self.order.insert(place, at);
    }

    fn unlist(&mut self, at: u32) {
        if let Some(place) = self.position(at) {
            self.order.remove(place);
            if place < self.offset {
                self.offset -= 1;
            }
        }
    }

    /// Where a slot is in the order.
    fn position(&self, at: u32) -> Option<usize> {
        let slot = self.slot(at).filter(|s| s.listed)?;
        let place = self.order.partition_point(|s| self.row(*s).is_some_and(|r| self.compare(r, &slot.row) == Ordering::Less));
        (self.order.get(place) == Some(&at)).then_some(place)
    }

    fn index(&self) -> Option<usize> {
        if self.order.is_empty() {
            return None;
        }
        let chosen = self.selected.as_ref().and_then(|uid| self.by_uid.get(uid)).and_then(|at| self.position(*at));
        Some(chosen.unwrap_or(0))
    }

    fn choose(&mut self, place: usize) {
        self.selected = self.order.get(place).and_then(|s| self.row(*s)).map(|r| r.uid().clone());
        self.follow();
    }

    /// Keeps the window on the selection and free of empty rows at its end.
    fn follow(&mut self) {
        self.offset = self.offset.min(self.order.len().saturating_sub(self.height));
        if let Some(at) = self.index() {
            self.offset = self.offset.clamp((at + 1).saturating_sub(self.height), at);
        }
    }

    fn refilter(&mut self) {
        let filter = &self.filter;
        for slot in self.slots.iter_mut().flatten() {
            slot.listed = filter.admits(&slot.row.words());
        }
        self.arrange();
    }

    fn arrange(&mut self) {
        let mut order: Vec<u32> = (0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX)).filter(|s| self.slot(*s).is_some_and(|s| s.listed)).collect();
        order.sort_by(|a, b| match (self.row(*a), self.row(*b)) {
            (Some(a), Some(b)) => self.compare(a, b),
            _ => Ordering::Equal,
        });
        self.order = order;
        self.follow();
    }

    fn compare(&self, a: &R, b: &R) -> Ordering {
        let order = a.order(b, self.sort);
        if self.reversed { order.reverse() } else { order }
    }
    fn shown(&self) -> &[u32] {
        let end = (self.offset + self.height).min(self.order.len());
        self.order.get(self.offset..end).unwrap_or_default()
    }
    fn shown_choice(&self) -> Option<usize> {
        self.index().map(|i| i.wrapping_sub(self.offset))
    }
    fn slot(&self, at: u32) -> Option<&Slot<R>> {
        self.slots.get(at as usize).and_then(Option::as_ref)
    }
    fn row(&self, at: u32) -> Option<&R> {
        self.slot(at).map(|s| &s.row)
    }
}

#[cfg(test)]
mod tests;
