//! Numbers and times as the screen says them: whole units, so that a text changes as rarely as it can.
//! Each age comes with the instant at which its words change.
use crate::model::Timestamp;
use jiff::SignedDuration;

/// `<1m`, `3m`, `2h`, `5d`: the whole units between `then` and `now`.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let s = now.duration_since(then).as_secs();
    match s {
        ..60 => "<1m".to_owned(),
        60..3_600 => format!("{}m", s / 60),
        3_600..86_400 => format!("{}h", s / 3_600),
        _ => format!("{}d", s / 86_400),
    }
}

/// The instant at which [`age`] says something else.
pub fn age_turns(now: Timestamp, then: Timestamp) -> Option<Timestamp> {
    let s = now.duration_since(then).as_secs().max(0);
    let unit = match s {
        ..3_600 => 60,
        3_600..86_400 => 3_600,
        _ => 86_400,
    };
    then.checked_add(SignedDuration::from_secs((s / unit + 1) * unit)).ok()
}

/// What is left until `then`, rounded up: `9m`, `30s`, `1s`; empty when it is past.
pub fn left(now: Timestamp, then: Timestamp) -> String {
    let ms = then.duration_since(now).as_millis();
    if ms <= 0 {
        return String::new();
    }
    let s = (ms + 999) / 1_000;
    if s > 60 { format!("{}m", (s + 59) / 60) } else { format!("{}s", coarse(s)) }
}

/// The instant at which [`left`] says something else.
pub fn left_turns(now: Timestamp, then: Timestamp) -> Option<Timestamp> {
    let ms = then.duration_since(now).as_millis();
    if ms <= 0 {
        return None;
    }
    let s = (ms + 999) / 1_000;
    let next = if s > 60 { (s - 1) / 60 * 60 } else { coarse_below(s) };
    let back = i64::try_from(next).ok()?;
    then.checked_sub(SignedDuration::from_secs(back)).ok().filter(|t| *t > now)
}

/// Seconds to a minute in tens, the last ten one by one.
fn coarse(s: i128) -> i128 {
    if s > 10 { (s + 9) / 10 * 10 } else { s }
}

fn coarse_below(s: i128) -> i128 {
    if s > 10 { (s - 1) / 10 * 10 } else { s - 1 }
}

/// `12:03Z`.
pub fn clock(at: Timestamp) -> String {
    at.strftime("%H:%MZ").to_string()
}

/// `812 B`, `1.4 KB`, `3.0 MB`.
pub fn bytes(n: usize) -> String {
    match n {
        ..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} KB", n as f64 / 1_000.0),
        _ => format!("{:.1} MB", n as f64 / 1_000_000.0),
    }
}

/// An estimate: four bytes a token. `~350 tok`.
pub fn tokens(bytes: usize) -> String {
    format!("~{} tok", thousands(bytes.div_ceil(4)))
}

/// `1,204`.
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 pod`, `3 pods`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// The columns that a text takes.
pub fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// The widest prefix that fits `columns`, with `…` where something is missing.
pub fn clip(text: &str, columns: usize) -> std::borrow::Cow<'_, str> {
    crate::text::clip::columns(text, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + s).unwrap()
    }

    #[test]
    fn an_age_is_whole_units_and_names_the_instant_it_turns() {
        for (s, want, turns) in
            [(-5, "<1m", 60), (0, "<1m", 60), (59, "<1m", 60), (60, "1m", 120), (3_599, "59m", 3_600), (3_600, "1h", 7_200), (86_400, "1d", 172_800)]
        {
            assert_eq!(age(at(s), at(0)), want);
            assert_eq!(age_turns(at(s), at(0)), Some(at(turns)), "{s}");
            assert_ne!(age(at(turns), at(0)), want);
        }
    }

    #[test]
    fn what_is_left_shrinks_in_steps_that_a_person_reads() {
        for (s, want, turns) in [(600, "10m", 540), (541, "10m", 540), (540, "9m", 480), (61, "2m", 60), (60, "60s", 50), (10, "10s", 9), (1, "1s", 0)] {
            assert_eq!(left(at(0), at(s)), want);
            assert_eq!(left_turns(at(0), at(s)), at(0).checked_add(SignedDuration::from_secs(s - turns)).ok(), "{s}");
        }
        assert_eq!(left(at(1), at(0)), "");
    }

    #[test]
    fn numbers_are_grouped_and_sizes_have_one_decimal() {
        assert_eq!((thousands(7), thousands(1_204), thousands(1_000_000)), ("7".into(), "1,204".into(), "1,000,000".into()));
        assert_eq!((bytes(812), bytes(1_400), bytes(3_000_000)), ("812 B".into(), "1.4 KB".into(), "3.0 MB".into()));
        assert_eq!(tokens(6_158), "~1,540 tok");
    }
}
