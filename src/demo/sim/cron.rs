//! Cron schedules of five fields (`*`, numbers, lists, ranges, steps, and the `@hourly` family), in UTC.
use crate::model::Timestamp;

/// A parsed schedule: the minutes, hours, days, months and weekdays it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    any_day: bool,
}

impl Schedule {
    /// Parses one; `None` for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = match text {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            other => other,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let week = field(weekdays, 0, 7)?;
        Some(Self {
            minutes: field(minutes, 0, 59)?,
            hours: field(hours, 0, 23)?,
            days: field(days, 1, 31)?,
            months: field(months, 1, 12)?,
            weekdays: week | (week >> 7 & 1),
            any_day: days.starts_with('*') || weekdays.starts_with('*'),
        })
    }

    /// The first instant after `after` that it names, within a year.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let mut second = (after.as_second().div_euclid(60) + 1) * 60;
        let end = second + 366 * 86_400;
        while second < end {
            let at = Timestamp::from_second(second).ok()?;
            let civil = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
            let has = |set: u64, n: i8| set >> u32::try_from(n).unwrap_or(63) & 1 == 1;
            let (month_day, week_day) = (has(self.days, civil.day()), has(self.weekdays, civil.weekday().to_sunday_zero_offset()));
            let day = if self.any_day { month_day && week_day } else { month_day || week_day };
            if !has(self.months, civil.month()) || !day {
                second += 86_400 - second.rem_euclid(86_400);
            } else if !has(self.hours, civil.hour()) {
                second += 3_600 - second.rem_euclid(3_600);
            } else if !has(self.minutes, civil.minute()) {
                second += 60;
            } else {
                return Some(at);
            }
        }
        None
    }
}

/// One field as a set of bits.
fn field(text: &str, low: u32, high: u32) -> Option<u64> {
    let mut set = 0;
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, 1), |(r, s)| (r, s.parse().unwrap_or(0)));
        let (from, to) = match range {
            "*" | "?" => (low, high),
            r => match r.split_once('-') {
                Some((a, b)) => (a.parse().ok()?, b.parse().ok()?),
                None => (r.parse().ok()?, if part.contains('/') { high } else { r.parse().ok()? }),
            },
        };
        if step == 0 || from < low || to > high || from > to {
            return None;
        }
        set |= (from..=to).step_by(step).fold(0, |s, n| s | 1_u64 << n);
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_instant_of_a_schedule_is_found() {
        let at = |s: &str| -> Timestamp { s.parse().unwrap() };
        for (schedule, after, next) in [
            ("*/5 * * * *", "2026-11-21T09:08:51Z", "2026-11-21T09:10:00Z"),
            ("0 2 * * *", "2026-11-21T09:08:51Z", "2026-11-22T02:00:00Z"),
            ("30 6 * * 1-5", "2026-11-21T09:08:51Z", "2026-11-23T06:30:00Z"),
            ("@hourly", "2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"),
            ("0 0 1 1 *", "2026-11-21T09:00:00Z", "2027-01-01T00:00:00Z"),
            ("15,45 * * * 0", "2026-11-21T09:00:00Z", "2026-11-22T00:15:00Z"),
        ] {
            assert_eq!(Schedule::parse(schedule).unwrap().next(at(after)), Some(at(next)), "{schedule}");
        }
        for bad in ["", "* * * *", "60 * * * *", "*/0 * * * *", "a * * * *", "5-1 * * * *"] {
            assert_eq!(Schedule::parse(bad), None, "{bad}");
        }
    }
}
