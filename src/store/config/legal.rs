//! What each value may be. Every answer that is no names what would be.

pub(super) fn theme(name: &str, themes: &[&str]) -> Result<(), String> {
    if themes.contains(&name) { Ok(()) } else { Err(format!("theme `{name}` is not one of: {}", themes.join(", "))) }
}

pub(super) fn temperature(value: f64) -> Result<f32, String> {
    #[allow(clippy::cast_possible_truncation, reason = "a temperature between 0 and 2 fits")]
    if (0.0..=2.0).contains(&value) { Ok(value as f32) } else { Err(format!("temperature {value} is not between 0 and 2")) }
}

pub(super) fn count(what: &str, value: i64, low: i64, high: i64) -> Result<u32, String> {
    let fits = (low..=high).contains(&value).then_some(value).and_then(|v| u32::try_from(v).ok());
    fits.ok_or_else(|| format!("{what} {value} is not between {low} and {high}"))
}

pub(super) fn seconds(what: &str, value: i64) -> Result<u64, String> {
    count(what, value, 1, 3600).map(u64::from)
}

/// How long a change may wait for its answer: shorter than the built-in ten minutes, never longer.
pub(super) fn patience(value: i64) -> Result<u64, String> {
    count("the time to answer", value, 5, 600).map(u64::from)
}

/// An http(s) URL, without its slash at the end.
pub(super) fn url(value: &str) -> Result<String, String> {
    let rest = value.strip_prefix("http://").or_else(|| value.strip_prefix("https://")).unwrap_or_default();
    if rest.is_empty() || rest.starts_with('/') || rest.contains(char::is_whitespace) {
        return Err(format!("`{value}` is no URL that starts with http:// or https:// and names a host"));
    }
    if rest.split('/').next().is_some_and(|host| host.contains('@')) {
        return Err("a URL with a user or password in it would be shown; give the key as api_key or in the environment".into());
    }
    Ok(value.trim_end_matches('/').to_owned())
}

pub(super) fn namespace(value: &str) -> Result<(), String> {
    // Names are compared whatever their case: a capital in a list protects what it means.
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let sound = (1..=63).contains(&value.len()) && value.chars().all(inner) && !value.starts_with('-') && !value.ends_with('-');
    if sound { Ok(()) } else { Err(format!("`{value}` is no namespace name: 1 to 63 of a-z, 0-9 and `-`, not at the ends")) }
}

pub(super) fn resource(value: &str) -> Result<(), String> {
    let sound = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    if sound {
        Ok(())
    } else {
        Err(format!("`{value}` is no resource name: a plural, a kind or a short name, like `configmaps` or `certificates.cert-manager.io`"))
    }
}

pub(super) fn word(what: &str, value: &str) -> Result<(), String> {
    if value.trim().is_empty() || value.chars().any(char::is_control) { Err(format!("{what} must not be empty or hold control characters")) } else { Ok(()) }
}

/// Adds to a list what is not in it yet.
pub(super) fn grow(list: &mut Vec<String>, more: Vec<String>) {
    for item in more {
        if !list.contains(&item) {
            list.push(item);
        }
    }
}
