//! Values of flags: numbers, durations, output formats. Each error names the flag and a legal value.
use super::Refusal;
use crate::model::operation::Output;

/// A whole number.
pub fn number<N: std::str::FromStr>(flag: &str, value: &str, example: &str) -> Result<N, Refusal> {
    let plain = value.strip_prefix('-').unwrap_or(value);
    let digits = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit());
    value
        .parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| Refusal::new("bad-value", format!("`--{flag}={value}` is no number that counts here. Write it like `--{flag}={example}`.")))
}

/// A Go duration (`90s`, `1h30m`), in whole seconds, rounded up.
pub fn seconds(flag: &str, value: &str) -> Result<u64, Refusal> {
    let bad = || {
        Refusal::new(
            "bad-value",
            format!("`--{flag}={value}` is no duration. Write hours, minutes and seconds, like `--{flag}=90s`, `{flag}=1h30m` or `{flag}=48h`."),
        )
    };
    let mut millis: u64 = 0;
    let mut rest = value;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (count, after) = rest.split_at_checked(digits).ok_or_else(bad)?;
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, next) = after.split_at_checked(letters).ok_or_else(bad)?;
        let unit = match unit {
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return Err(bad()),
        };
        let part = count.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(bad)?;
        millis = millis.checked_add(part).ok_or_else(bad)?;
        rest = next;
    }
    if millis == 0 { Err(bad()) } else { Ok(millis.div_ceil(1_000)) }
}

/// `-o`.
pub fn output(value: Option<&str>) -> Result<Output, Refusal> {
    let Some(value) = value else { return Ok(Output::Table) };
    let (format, argument) = value.split_once('=').map_or((value, None), |(f, a)| (f, Some(a)));
    match (format, argument) {
        ("wide", None) => Ok(Output::Wide),
        ("yaml", None) => Ok(Output::Yaml),
        ("json", None) => Ok(Output::Json),
        ("name", None) => Ok(Output::Name),
        ("jsonpath", Some(path)) if !path.is_empty() => Ok(Output::JsonPath(path.to_owned())),
        ("custom-columns", Some(columns)) if !columns.is_empty() => Ok(Output::CustomColumns(columns.to_owned())),
        ("jsonpath" | "custom-columns", _) => Err(Refusal::new(
            "bad-value",
            format!("`-o {format}` needs its template: `-o jsonpath='{{.status.phase}}'`, `-o custom-columns=NAME:.metadata.name`."),
        )),
        ("go-template-file" | "jsonpath-file" | "custom-columns-file" | "templatefile", _) => Err(Refusal::new(
            "local-files",
            format!("`-o {format}` reads a local file, and none is read. Write the template itself: `-o jsonpath='{{.status.phase}}'`."),
        )),
        ("go-template" | "template", _) => Err(Refusal::new("template", "Go templates are not run. Use `-o json`, `-o jsonpath=…` or `-o custom-columns=…`.")),
        _ => Err(Refusal::new("bad-value", format!("`-o {value}` is no output. Use wide, yaml, json, name, jsonpath=… or custom-columns=…."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, want) in [("90s", Some(90)), ("1h30m", Some(5400)), ("48h", Some(172_800)), ("1500ms", Some(2)), ("5m", Some(300))] {
            assert_eq!(seconds("since", text).ok(), want, "{text}");
        }
        for text in ["", "5", "5d", "-5m", "m", "5 m", "0s", "1h-2m", "99999999999999999999s", "9999999999999999999h", "ü5s"] {
            assert_eq!(seconds("since", text).unwrap_err().rule, "bad-value", "{text}");
        }
    }

    #[test]
    fn numbers_are_whole() {
        assert_eq!(number::<u32>("replicas", "3", "3").ok(), Some(3));
        for text in ["", "-1", "+3", "3.0", "3x", "99999999999"] {
            assert!(number::<u32>("replicas", text, "3").is_err(), "{text}");
        }
        assert_eq!(number::<i64>("tail", "-1", "3").ok(), Some(-1));
    }
}
