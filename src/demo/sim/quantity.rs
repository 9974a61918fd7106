//! Resource quantities (`250m`, `64Mi`, `1Gi`): as thousandths, so that sums are exact, and back in the canonical form
//! that the API server prints.
use std::fmt::Write as _;

const BINARY: &[(&str, i128)] = &[("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("Pi", 1 << 50)];
const DECIMAL: &[(&str, i128)] = &[("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000)];

/// Thousandths of the unit (of a core, of a byte); 0 for what is no quantity.
pub fn milli(text: &str) -> i128 {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    let factor = match suffix {
        "" => 1_000,
        "m" => 1,
        s => BINARY.iter().chain(DECIMAL).find(|(n, _)| *n == s).map_or(0, |(_, f)| f * 1_000),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut total = whole.parse::<i128>().unwrap_or(0) * factor;
    let mut scale = factor;
    for digit in fraction.chars().filter_map(|c| c.to_digit(10)) {
        scale /= 10;
        total += i128::from(digit) * scale;
    }
    total
}

/// A JSON value that holds a quantity (`"1"`, `1`) in thousandths.
pub fn of(value: &serde_json::Value) -> i128 {
    value.as_str().map_or_else(|| value.as_i64().map_or(0, |n| i128::from(n) * 1_000), milli)
}

/// The canonical form: bytes with the largest exact binary suffix, everything else in units or thousandths.
pub fn print(milli: i128, bytes: bool) -> String {
    let mut out = String::new();
    if milli % 1_000 != 0 {
        let _ = write!(out, "{milli}m");
        return out;
    }
    let units = milli / 1_000;
    let suffix = BINARY.iter().rev().find(|(_, f)| bytes && units != 0 && units % f == 0);
    let _ = match suffix {
        Some((name, factor)) => write!(out, "{}{name}", units / factor),
        None => write!(out, "{units}"),
    };
    out
}

/// Whole bytes of a quantity.
pub fn bytes(text: &str) -> u64 {
    u64::try_from(milli(text) / 1_000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_exactly_and_printed_canonically() {
        for (text, thousandths, is_bytes, printed) in [
            ("250m", 250, false, "250m"),
            ("2", 2_000, false, "2"),
            ("0.5", 500, false, "500m"),
            ("1.5Gi", 1_610_612_736_000, true, "1536Mi"),
            ("64Mi", 67_108_864_000, true, "64Mi"),
            ("1024Mi", 1_073_741_824_000, true, "1Gi"),
            ("1G", 1_000_000_000_000, true, "1000000000"),
            ("0", 0, true, "0"),
        ] {
            assert_eq!(milli(text), thousandths, "{text}");
            assert_eq!(print(thousandths, is_bytes), printed, "{text}");
        }
    }
}
