//! Resource quotas at admission: a pod (or a claim, or a counted object) that would exceed one is refused, in the words
//! of the real server.
use super::Api;
use super::json::{fields, list, plain, text};
use super::kinds::Kind;
use super::status::Fail;
use serde_json::Value;
use std::collections::BTreeMap;

/// Amounts in thousandths, by resource name.
type Amounts = BTreeMap<String, i128>;

/// A quantity (`100m`, `1Gi`, `2`) in thousandths.
pub fn quantity(text: &str) -> Option<i128> {
    let split = text.find(|c: char| c.is_ascii_alphabetic() && !(c == 'e' && text.ends_with(|d: char| d.is_ascii_digit()))).unwrap_or(text.len());
    let (number, suffix) = text.split_at_checked(split)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let thousandths = whole.parse::<i128>().ok()? * 1000 + sign * digits.parse::<i128>().ok()?;
    let power = |base: i128, n: u32| Some(thousandths * base.pow(n));
    match suffix {
        "" => Some(thousandths),
        "m" => Some(thousandths / 1000),
        "k" => power(1000, 1),
        "M" => power(1000, 2),
        "G" => power(1000, 3),
        "T" => power(1000, 4),
        "Ki" => power(1024, 1),
        "Mi" => power(1024, 2),
        "Gi" => power(1024, 3),
        "Ti" => power(1024, 4),
        _ => None,
    }
}

/// A number of thousandths as a quantity; binary where the limit is.
fn write(thousandths: i128, like: &str) -> String {
    if like.ends_with('i') {
        for (suffix, factor) in [("Ti", 1i128 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)] {
            if thousandths != 0 && thousandths % (factor * 1000) == 0 {
                return format!("{}{suffix}", thousandths / (factor * 1000));
            }
        }
    }
    if thousandths % 1000 == 0 { (thousandths / 1000).to_string() } else { format!("{thousandths}m") }
}

/// What a pod counts for.
fn of_pod(pod: &Value) -> Amounts {
    let mut out = Amounts::from([("pods".to_owned(), 1000), ("count/pods".to_owned(), 1000)]);
    for (what, prefix) in [("requests", "requests."), ("limits", "limits.")] {
        for container in list(pod, "/spec/containers") {
            for (name, amount) in fields(container, &format!("/resources/{what}")) {
                let amount = quantity(&plain(amount)).unwrap_or_default();
                *out.entry(format!("{prefix}{name}")).or_default() += amount;
                if what == "requests" && matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage") {
                    *out.entry(name.clone()).or_default() += amount;
                }
            }
        }
    }
    out
}

/// What an object counts for.
fn of(kind: &Kind, object: &Value) -> Amounts {
    match kind.stored.as_str() {
        "pods" => of_pod(object),
        "persistentvolumeclaims" => {
            let mut out = Amounts::from([("persistentvolumeclaims".to_owned(), 1000)]);
            out.insert("requests.storage".into(), quantity(text(object, "/spec/resources/requests/storage")).unwrap_or_default());
            out
        }
        stored @ ("services" | "secrets" | "configmaps" | "replicationcontrollers" | "resourcequotas") => {
            Amounts::from([(stored.to_owned(), 1000), (format!("count/{stored}"), 1000)])
        }
        stored => Amounts::from([(format!("count/{stored}"), 1000)]),
    }
}

fn counts(kind: &Kind, object: &Value) -> bool {
    kind.stored != "pods" || !matches!(text(object, "/status/phase"), "Succeeded" | "Failed")
}

/// Refuses an object that does not fit.
pub fn admit(api: &Api, kind: &Kind, namespace: &str, object: &Value) -> Result<(), Fail> {
    if namespace.is_empty() {
        return Ok(());
    }
    let quotas = api.store.list("resourcequotas", Some(namespace)).1;
    if quotas.is_empty() {
        return Ok(());
    }
    let wanted = of(kind, object);
    let mut used = Amounts::new();
    for (_, other) in api.store.list(&kind.stored, Some(namespace)).1.iter().filter(|(_, o)| counts(kind, o)) {
        for (name, amount) in of(kind, other) {
            *used.entry(name).or_default() += amount;
        }
    }
    let name = text(object, "/metadata/name");
    for (key, quota) in quotas {
        if !list(&quota, "/spec/scopes").is_empty() || quota.pointer("/spec/scopeSelector").is_some() {
            continue;
        }
        let hard: Vec<(String, String)> = fields(&quota, "/spec/hard").map(|(k, v)| (k.clone(), plain(v))).collect();
        let unset: Vec<&str> = hard.iter().map(|(k, _)| k.as_str()).filter(|k| kind.stored == "pods" && computed(k) && !wanted.contains_key(*k)).collect();
        if !unset.is_empty() {
            return Err(Fail::forbidden(kind, name, &format!("failed quota: {}: must specify {}", key.name, must(object, &unset))));
        }
        let over: Vec<&(String, String)> = hard
            .iter()
            .filter(|(k, limit)| {
                let (want, have) = (wanted.get(k).copied().unwrap_or_default(), used.get(k).copied().unwrap_or_default());
                want > 0 && want + have > quantity(limit).unwrap_or(i128::MAX)
            })
            .collect();
        if !over.is_empty() {
            let each = |f: &dyn Fn(&str, &str) -> String| over.iter().map(|(k, limit)| format!("{k}={}", f(k, limit))).collect::<Vec<_>>().join(",");
            let why = format!(
                "exceeded quota: {}, requested: {}, used: {}, limited: {}",
                key.name,
                each(&|k, limit| write(wanted.get(k).copied().unwrap_or_default(), limit)),
                each(&|k, limit| write(used.get(k).copied().unwrap_or_default(), limit)),
                each(&|_, limit| limit.to_owned())
            );
            return Err(Fail::forbidden(kind, name, &why));
        }
    }
    Ok(())
}

/// Resources that a pod must state where a quota limits them.
fn computed(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "requests.cpu" | "requests.memory" | "limits.cpu" | "limits.memory")
}

fn must(object: &Value, unset: &[&str]) -> String {
    let names = list(object, "/spec/containers").iter().map(|c| text(c, "/name")).collect::<Vec<_>>().join(",");
    unset.iter().map(|r| format!("{r} for: {names}")).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_written() {
        for (text, want) in [("1", 1000), ("100m", 100), ("1.5", 1500), ("1Ki", 1_024_000), ("2Gi", 2 * 1024 * 1024 * 1024 * 1000), ("1k", 1_000_000)] {
            assert_eq!(quantity(text), Some(want), "{text}");
        }
        assert_eq!(quantity("x"), None);
        assert_eq!(write(1_024_000 * 64, "1Mi"), "64Ki");
        assert_eq!(write(1500, "2"), "1500m");
    }
}
