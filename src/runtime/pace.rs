//! When a frame may be drawn: a key's at once, what the cluster says at most every so often. Pure.
use std::time::{Duration, Instant};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    between: Duration,
    last: Option<Instant>,
    last_for_key: Option<Instant>,
}

impl Pace {
    /// 33 ms between frames, twice that at the other end of SSH.
    pub fn new(remote: bool) -> Self {
        Self { between: Duration::from_millis(if remote { 66 } else { 33 }), last: None, last_for_key: None }
    }
    /// The earliest instant for a frame. A key waits for other keys' frames only: what the cluster says never delays it.
    pub fn due(&self, now: Instant, key: bool) -> Instant {
        let last = if key { self.last_for_key } else { self.last };
        last.map_or(now, |l| l + self.between)
    }
    /// A frame was drawn.
    pub fn drawn(&mut self, now: Instant, key: bool) {
        self.last = Some(now);
        if key {
            self.last_for_key = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_at_once_and_a_flood_is_not() {
        let t0 = Instant::now();
        let ms = Duration::from_millis;
        let mut pace = Pace::new(false);
        assert_eq!(pace.due(t0, false), t0);
        pace.drawn(t0, false);
        let now = t0 + ms(5);
        assert_eq!(pace.due(now, false), t0 + ms(33), "watch events wait");
        assert_eq!(pace.due(now, true), now, "the first key does not");
        pace.drawn(now, true);
        assert_eq!(pace.due(now + ms(1), true), now + ms(33), "a held key is paced");
        assert_eq!(Pace::new(true).due(t0, false), t0);
    }
}
