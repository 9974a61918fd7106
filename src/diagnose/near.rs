//! Near misses: which name of those that exist was probably meant.

/// Edit distance with neighbour swaps, by characters.
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let at = |r: &[usize], k: usize| r.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

/// How alike two names are, lower is nearer; `None` when nobody would mistake one for the other.
fn likeness(wanted: &str, other: &str) -> Option<usize> {
    let (w, o) = (wanted.to_lowercase(), other.to_lowercase());
    let length = w.chars().count().max(o.chars().count());
    let plain = |s: &str| s.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    if plain(&w) == plain(&o) {
        return Some(0);
    }
    let d = distance(&w, &o);
    if d <= (length / 4).max(1) && length > 2 {
        return Some(d);
    }
    let short = w.len().min(o.len());
    if short >= 3 && (w.starts_with(&o) || o.starts_with(&w) || w.ends_with(&o) || o.ends_with(&w)) {
        return Some(length / 4 + 1 + d / 4);
    }
    let parts = |s: &str| s.split(['-', '_', '.', '/']).filter(|p| p.len() > 2).map(str::to_owned).collect::<Vec<_>>();
    let (wp, op) = (parts(&w), parts(&o));
    let common = wp.iter().filter(|p| op.contains(p)).count();
    (common >= 1 && common * 2 >= wp.len().max(op.len())).then_some(length)
}

/// The nearest of `names` to `wanted`, where one is near.
pub fn nearest<'a, S: AsRef<str> + 'a>(wanted: &str, names: impl IntoIterator<Item = &'a S>) -> Option<&'a str> {
    names.into_iter().map(AsRef::as_ref).filter(|n| *n != wanted).filter_map(|n| likeness(wanted, n).map(|l| (l, n))).min().map(|(_, n)| n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found_and_strangers_are_not() {
        for (wanted, names, want) in [
            ("app-config", vec!["app-configuration", "kube-root-ca.crt"], Some("app-configuration")),
            ("DB_HOST", vec!["DB_HOSTNAME", "PORT"], Some("DB_HOSTNAME")),
            ("databse", vec!["database", "data"], Some("database")),
            ("api_keys", vec!["api-keys"], Some("api-keys")),
            ("frontend-api-keys", vec!["frontend-keys", "backend"], Some("frontend-keys")),
            ("fast-ssd", vec!["local-wait", "standard"], None),
            ("nginx", vec!["traefik"], None),
            ("web", vec!["web"], None),
            ("ab", vec!["cd"], None),
        ] {
            assert_eq!(nearest(wanted, &names), want, "{wanted}");
        }
        assert_eq!(distance("ab", "ba"), 1);
    }
}
