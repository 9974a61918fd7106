//! How often events happened lately, by their own counts. A watch sees a count grow: each growth is a stretch of time with
//! so many happenings in it. Where nobody watched, the event's own first, last and count are the one stretch.
//!
//! Invariant: what is told again (a relist, a watch that begins anew) has the count that it had, and adds nothing.
use super::Event;
use crate::model::Timestamp;
use crate::text::Clean;
use std::collections::HashMap;

/// Stretches that are kept of one event; of more, the oldest two become one.
const KEPT: usize = 32;

/// Happenings of one event between two instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    from: Timestamp,
    to: Timestamp,
    times: u32,
}

impl Stretch {
    /// How many of them are in the last `window` seconds. A stretch that began before the window is shared out evenly where
    /// it is not much longer than the window; of a longer one only the last happening is sure.
    fn within(&self, now: Timestamp, window: i64) -> u32 {
        let since = |t: Timestamp| (now.as_second() - t.as_second()).max(0);
        let (first, last) = (since(self.from), since(self.to));
        if last > window {
            return 0;
        }
        if first <= window {
            return self.times;
        }
        let span = first - last;
        if span > 2 * window {
            return self.times.min(1);
        }
        let share = i64::from(self.times) * (window - last) / span.max(1);
        u32::try_from(share).unwrap_or(0).max(1)
    }
}

impl Stretch {
    /// The second from which [`Stretch::within`] may tell another number, while nothing happens.
    fn changes(&self, now: Timestamp, window: i64) -> Option<i64> {
        let second = now.as_second();
        let leaves = |t: Timestamp| t.as_second() + window + 1;
        let (from, to) = (leaves(self.from), leaves(self.to));
        match () {
            () if second >= to => None,
            () if second < from => Some(from.min(to)),
            // A long one that ended tells of its last happening until that is over; another is shared out anew each second.
            () if self.to <= now && to - from > 2 * window => Some(to),
            () => Some(second + 1),
        }
    }
}

/// An event whose count was seen to grow.
#[derive(Clone, Debug)]
struct Tally {
    count: u32,
    last: Timestamp,
    stretches: Vec<Stretch>,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Tallies(HashMap<Clean, Tally>);

impl Tallies {
    /// An event that was there as `before` is there as `now`.
    pub fn grew(&mut self, before: &Event, now: &Event) {
        let tally = self.0.get_mut(&now.meta.uid);
        let (count, last) = tally.as_ref().map_or((before.count, before.last), |t| (t.count, t.last));
        if now.count == count {
            return;
        }
        if now.count < count {
            // Somebody began to count anew: what is told from now on is all that is known.
            self.0.remove(&now.meta.uid);
            return;
        }
        let grown = Stretch { from: last, to: now.last.max(last), times: now.count - count };
        if let Some(t) = tally {
            (t.count, t.last) = (now.count, grown.to);
            t.stretches.push(grown);
            t.shorten();
        } else {
            let told = Stretch { from: before.first, to: before.last, times: before.count };
            self.0.insert(now.meta.uid.clone(), Tally { count: now.count, last: grown.to, stretches: vec![told, grown] });
        }
    }

    /// The second from which [`Tallies::within`] may tell another number, while nothing happens.
    pub fn changes(&self, event: &Event, now: Timestamp, window: i64) -> Option<i64> {
        match self.0.get(&event.meta.uid) {
            Some(tally) => tally.stretches.iter().filter_map(|s| s.changes(now, window)).min(),
            None => Stretch { from: event.first, to: event.last, times: event.count }.changes(now, window),
        }
    }

    /// Forgets events that are not kept any more.
    pub fn retain(&mut self, kept: impl Fn(&Clean) -> bool) {
        self.0.retain(|uid, _| kept(uid));
    }

    /// How often an event happened in the last `window` seconds: at least so often, never more than its count says.
    pub fn within(&self, event: &Event, now: Timestamp, window: i64) -> u32 {
        match self.0.get(&event.meta.uid) {
            Some(tally) => tally.stretches.iter().fold(0, |sum, s| sum.saturating_add(s.within(now, window))),
            None => Stretch { from: event.first, to: event.last, times: event.count }.within(now, window),
        }
    }
}

impl Tally {
    fn shorten(&mut self) {
        if let (true, Some([a, b])) = (self.stretches.len() > KEPT, self.stretches.first_chunk::<2>().copied()) {
            let both = Stretch { from: a.from, to: b.to, times: a.times.saturating_add(b.times) };
            self.stretches.splice(0..2, [both]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Interner;
    use serde_json::json;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn event(first: i64, last: i64, count: i64) -> Event {
        let meta = k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta { uid: Some("e".into()), ..Default::default() };
        let fields = json!({"type": "Warning", "count": count, "firstTimestamp": at(first).to_string(), "lastTimestamp": at(last).to_string()});
        let mut e = Event::project(&meta, &serde_json::from_value(fields).unwrap(), &mut Interner::new());
        e.last = at(last);
        e
    }

    #[test]
    fn without_a_watch_an_event_counts_by_its_own_first_last_and_count() {
        for (first, last, count, now, want) in
            [(0, 60, 5, 100, 5), (0, 60, 5, 301, 4), (0, 60, 5, 400, 0), (0, 7_200, 50, 7_210, 1), (0, 500, 50, 510, 29), (0, 0, 1, 300, 1), (0, 0, 1, 301, 0)]
        {
            assert_eq!(Tallies::default().within(&event(first, last, count), at(now), 300), want, "{first} {last} ×{count} at {now}");
        }
    }

    #[test]
    fn a_count_stays_what_it_is_until_it_is_said_to_change() {
        for (first, last, count) in [(0, 60, 5), (0, 500, 50), (0, 7_200, 50), (0, 0, 1), (100, 40, 9)] {
            let (tallies, e) = (Tallies::default(), event(first, last, count));
            let (mut told, mut due) = (tallies.within(&e, at(-50), 300), tallies.changes(&e, at(-50), 300));
            for now in -49..9_000 {
                let is = tallies.within(&e, at(now), 300);
                let is_due = due.is_some_and(|d| d <= at(now).as_second());
                assert!(is_due || is == told, "{first} {last} ×{count} at {now}: {is} after {told}");
                if is_due {
                    (told, due) = (is, tallies.changes(&e, at(now), 300));
                }
            }
        }
    }

    #[test]
    fn a_watch_counts_what_it_saw_grow_and_never_what_is_told_again() {
        let mut tallies = Tallies::default();
        let old = event(0, 7_200, 50);
        tallies.grew(&old, &old);
        assert_eq!(tallies.within(&old, at(7_210), 300), 1, "an old event with count 50 is no burst");
        let mut before = old;
        for (last, count) in [(7_220, 51), (7_230, 52), (7_230, 52), (7_240, 53)] {
            let now = event(0, last, count);
            tallies.grew(&before, &now);
            before = now;
        }
        assert_eq!(tallies.within(&before, at(7_240), 300), 4, "three more, and the last of those before");
        tallies.grew(&before, &before);
        assert_eq!(tallies.within(&before, at(7_240), 300), 4, "a relist adds nothing");
        assert_eq!(tallies.within(&before, at(7_545), 300), 0);
    }

    #[test]
    fn several_growths_before_the_cache_has_the_first_count_once_each() {
        let (mut tallies, before) = (Tallies::default(), event(0, 10, 5));
        tallies.grew(&before, &event(0, 20, 6));
        tallies.grew(&before, &event(0, 30, 7));
        assert_eq!(tallies.within(&event(0, 30, 7), at(30), 300), 7);
    }

    #[test]
    fn a_count_that_falls_begins_anew_and_many_stretches_stay_few() {
        let mut tallies = Tallies::default();
        let mut before = event(0, 0, 1);
        for i in 1..200 {
            let now = event(0, i, i + 1);
            tallies.grew(&before, &now);
            before = now;
        }
        assert!(tallies.0.values().all(|t| t.stretches.len() <= KEPT));
        assert_eq!(tallies.within(&before, at(200), 300), 200);
        tallies.grew(&before, &event(190, 200, 2));
        assert_eq!(tallies.within(&event(190, 200, 2), at(200), 300), 2);
        tallies.retain(|_| false);
        assert!(tallies.0.is_empty());
    }
}
