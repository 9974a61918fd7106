//! Which contexts are production, by their names. There a session starts readonly, whatever the configuration says; only a
//! role that a person names for this very start goes further.
use crate::model::Role;

/// The pattern in force where the configuration has none of its own.
pub const PRODUCTION: &[&str] = &["*prod*"];

/// Whether a context's name matches one of the patterns: `*` stands for any letters, and case does not count.
pub fn is_production(context: &str, patterns: &[String]) -> bool {
    let context = context.to_lowercase();
    patterns.iter().any(|pattern| matches(&pattern.trim().to_lowercase(), &context))
}

/// The role that a context starts with. `asked`: what was named for this start; `configured`: what the configuration says.
pub fn starting_role(production: bool, asked: Option<Role>, configured: Option<Role>, otherwise: Role) -> Role {
    match (asked, production) {
        (Some(role), _) => role,
        (None, true) => Role::Readonly,
        (None, false) => configured.unwrap_or(otherwise),
    }
}

/// `*` alone has a meaning. Linear in both: the last star is all that is gone back to.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, t));
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_whole_names() {
        for (pattern, context, want) in [
            ("*prod*", "prod-eu", true),
            ("*prod*", "gke_acme_europe_Production", true),
            ("*prod*", "staging", false),
            ("prod-*", "preprod-1", false),
            ("prod-*", "prod-", true),
            ("*-live", "eu-live", true),
            ("*-live", "eu-live-2", false),
            ("live", "live", true),
            ("live", "alive", false),
            ("*", "", true),
            ("", "x", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
        ] {
            assert_eq!(is_production(context, &[pattern.to_owned()]), want, "{pattern} {context}");
        }
        assert!(!is_production("prod", &[]));
    }

    #[test]
    fn production_starts_readonly_unless_a_person_says_otherwise_at_this_start() {
        for (production, asked, configured, want) in [
            (true, None, Some(Role::Admin), Role::Readonly),
            (true, Some(Role::Operator), None, Role::Operator),
            (false, None, Some(Role::Admin), Role::Admin),
            (false, None, None, Role::Readonly),
        ] {
            assert_eq!(starting_role(production, asked, configured, Role::Readonly), want);
        }
    }
}
