//! Values of flags: numbers, durations, output formats. Each error names the flag and a legal value.
use super::{Refusal, flags::Parts};
use crate::model::operation::{KeyChange, Output};

/// A whole number.
pub fn number<N: std::str::FromStr>(flag: &str, value: &str, example: &str) -> Result<N, Refusal> {
    let plain = value.strip_prefix('-').unwrap_or(value);
    // kubectl takes a leading 0 for octal: `010` is 8 there, and ten to whoever reads it. `00` is 0 to both.
    let octal = plain.starts_with('0') && plain.trim_start_matches('0').len() > usize::from(plain.ends_with(['1', '2', '3', '4', '5', '6', '7']));
    let digits = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit()) && !octal;
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

/// `--timeout` and `--request-timeout`: a duration, or 0 for none. The second may be bare seconds.
pub fn waits(parts: &Parts) -> Result<(), Refusal> {
    for (flag, bare) in [("timeout", false), ("request-timeout", true)] {
        let Some(value) = parts.value(flag) else { continue };
        let number = bare && value.bytes().all(|b| b.is_ascii_digit());
        if !number && value != "0" && value != "0s" {
            seconds(flag, value)?;
        }
    }
    Ok(())
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

/// Whether a text can be an image: no URL, and nothing that another program would read otherwise.
pub fn is_image(image: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:/@+".contains(c);
    image.starts_with(|c: char| c.is_ascii_alphanumeric()) && image.len() <= 1024 && !image.contains("://") && image.chars().all(plain)
}

/// A key of a label, an annotation or a taint: `[PREFIX/]NAME`.
pub fn is_qualified(key: &str) -> bool {
    let ends = |s: &str| s.starts_with(|c: char| c.is_ascii_alphanumeric()) && s.ends_with(|c: char| c.is_ascii_alphanumeric());
    let plain = |s: &str, more: &str| s.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let named = name.len() <= 63 && ends(name) && plain(name, "-_.");
    named && prefix.is_none_or(|p| p.len() <= 253 && ends(p) && plain(p, "-."))
}

/// A value of a label or a taint.
pub fn is_label_value(value: &str) -> bool {
    value.is_empty() || (!value.contains('/') && is_qualified(value))
}

/// Refuses a key that is changed twice.
pub fn once(changes: &[KeyChange]) -> Result<(), Refusal> {
    for (at, one) in changes.iter().enumerate() {
        if changes.iter().skip(at + 1).any(|other| other.key == one.key) {
            return Err(Refusal::new("contradiction", format!("`{}` is changed twice. Give it once.", one.key)));
        }
    }
    Ok(())
}

/// `key=value,key=value`: labels, each once.
pub fn labels(flag: &str, text: &str) -> Result<Vec<(String, String)>, Refusal> {
    let bad = || Refusal::new("bad-value", format!("`--{flag}={text}` is no list of labels. Write it like `--{flag}=app=api,tier=web`."));
    let mut out: Vec<(String, String)> = Vec::new();
    for pair in text.split(',') {
        let (key, value) = pair.split_once('=').ok_or_else(bad)?;
        if !is_qualified(key) || !is_label_value(value) || out.iter().any(|(k, _)| k == key) {
            return Err(bad());
        }
        out.push((key.to_owned(), value.to_owned()));
    }
    Ok(out)
}

/// `cpu=200m,memory=512Mi`, each resource once; empty when the flag is not given.
pub fn quantities(parts: &Parts, flag: &str) -> Result<Vec<(String, String)>, Refusal> {
    let Some(text) = parts.value(flag) else { return Ok(Vec::new()) };
    let bad = || Refusal::new("bad-value", format!("`--{flag}={text}` is no list of resources. Write it like `--{flag}=cpu=200m,memory=512Mi`."));
    let mut out: Vec<(String, String)> = Vec::new();
    for pair in text.split(',') {
        let (resource, amount) = pair.split_once('=').ok_or_else(bad)?;
        if !is_qualified(resource) || !is_quantity(amount) || out.iter().any(|(r, _)| r == resource) {
            return Err(bad());
        }
        out.push((resource.to_owned(), amount.to_owned()));
    }
    Ok(out)
}

/// A Kubernetes quantity: `200m`, `1.5`, `512Mi`, `1e3`.
pub fn is_quantity(text: &str) -> bool {
    let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let counts = number.bytes().any(|b| b.is_ascii_digit()) && number.matches('.').count() <= 1;
    let exponent = unit.strip_prefix(['e', 'E']).is_some_and(|n| n.parse::<i8>().is_ok());
    counts && (exponent || ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].contains(&unit))
}

/// An IP address, as far as its letters go: the server reads it.
pub fn is_address(text: &str) -> bool {
    let four = text.split('.').count() == 4 && text.split('.').all(|part| part.parse::<u8>().is_ok());
    four || (text.matches(':').count() >= 2 && text.len() <= 45 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.'))
}

/// A port by number.
pub fn port(flag: &str, text: &str) -> Result<u16, Refusal> {
    let found = text.parse().ok().filter(|n| *n > 0 && text.bytes().all(|b| b.is_ascii_digit()));
    found.ok_or_else(|| Refusal::new("bad-value", format!("`--{flag}={text}` is no port. Write it like `--{flag}=80`.")))
}

/// A port by number or name.
pub fn port_or_name(flag: &str, text: &str) -> Result<String, Refusal> {
    let named =
        text.len() <= 15 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') && text.bytes().any(|b| b.is_ascii_lowercase());
    if named { Ok(text.to_owned()) } else { port(flag, text).map(|n| n.to_string()) }
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
        for text in ["", "-1", "+3", "3.0", "3x", "99999999999", "010", "08", "0017"] {
            assert!(number::<u32>("replicas", text, "3").is_err(), "{text}");
        }
        assert_eq!(number::<i64>("tail", "-1", "3").ok(), Some(-1));
        for (text, value) in [("0", 0), ("00", 0), ("03", 3), ("10", 10)] {
            assert_eq!(number::<u32>("replicas", text, "3").ok(), Some(value), "{text}");
        }
    }
}
