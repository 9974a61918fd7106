//! Waits after failures: doubled up to a limit, spread so that many clients do not return at once, reset by success.
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

/// The waits of one watch.
#[derive(Debug)]
pub(super) struct Backoff {
    shortest: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// Nothing failed yet.
    pub fn new(shortest: Duration, longest: Duration) -> Self {
        Self { shortest, longest, failures: 0 }
    }
    /// How long to wait after one more failure: between half and all of the doubled time.
    pub fn next(&mut self) -> Duration {
        let full = self.shortest.saturating_mul(1 << self.failures.min(16)).min(self.longest);
        self.failures = self.failures.saturating_add(1);
        let spread = std::collections::hash_map::RandomState::new().build_hasher().finish() % 512;
        full / 2 + full.mul_f64(0.5 * (spread as f64) / 512.0)
    }
    /// Something worked.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit_and_start_over_after_success() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        for full in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.next();
            assert!(wait >= Duration::from_millis(full / 2) && wait <= Duration::from_millis(full), "{wait:?} of {full} ms");
        }
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(100));
    }
}
