//! How single values are read off the wire: strings become clean at once, quantities and ports keep both spellings,
//! and of maps that may hold secrets only the keys are kept.
use crate::text::Clean;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash as _, Hasher as _};

impl<'de> Deserialize<'de> for Clean {
    /// One line, cleaned as it is read.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Line;
        impl Visitor<'_> for Line {
            type Value = Clean;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, v: &str) -> Result<Clean, E> {
                Ok(Clean::line(v))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Clean, E> {
                Ok(Clean::line(&v.to_string()))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Clean, E> {
                Ok(Clean::line(&v.to_string()))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Clean, E> {
                Ok(Clean::line(&v.to_string()))
            }
            fn visit_bool<E>(self, v: bool) -> Result<Clean, E> {
                Ok(Clean::line(if v { "true" } else { "false" }))
            }
        }
        deserializer.deserialize_any(Line)
    }
}

/// Labels, selectors and other small maps.
pub type Map = BTreeMap<Clean, Clean>;

/// The keys of a map whose values are skipped as they are parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(pub Vec<Clean>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Keys;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = map.next_entry::<Clean, IgnoredAny>()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Names)
    }
}

/// A value that is never kept: whether it is empty, and a mark by which two of them can be told apart.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Sealed {
    /// Whether it is the empty string.
    pub empty: bool,
    mark: u64,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.empty { "Sealed(empty)" } else { "Sealed" })
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let mut hasher = std::hash::DefaultHasher::new();
        value.hash(&mut hasher);
        Ok(Self { empty: value.as_str() == Some(""), mark: hasher.finish() })
    }
}

/// A port by number or by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(untagged)]
pub enum Port {
    /// `8080`.
    Number(i32),
    /// `http`.
    Name(Clean),
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Name(n) => f.write_str(n),
        }
    }
}

/// An amount as it was written: `500m`, `32Mi`, `4`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub Clean);

impl Quantity {
    /// The value in thousandths of the unit; `None` when it is no quantity. Saturates.
    pub fn milli(&self) -> Option<i128> {
        let text = self.0.trim();
        let split = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(text.len());
        let (digits, suffix) = text.split_at(split);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let negative = whole.starts_with('-');
        let whole = whole.trim_start_matches(['+', '-']);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let scale = scale(suffix)?;
        let places = u32::try_from(fraction.len().min(9)).ok()?;
        let number: i128 = format!("{}{}", if whole.is_empty() { "0" } else { whole }, fraction.get(..places as usize)?).parse().ok()?;
        let value = number.saturating_mul(scale) / 10i128.pow(places);
        Some(if negative { -value } else { value })
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Thousandths of the unit that a suffix stands for.
fn scale(suffix: &str) -> Option<i128> {
    let power = |base: i128, n: u32| Some(1000 * base.pow(n));
    match suffix {
        "" => Some(1000),
        "n" | "u" => Some(0),
        "m" => Some(1),
        "k" => power(1000, 1),
        "M" => power(1000, 2),
        "G" => power(1000, 3),
        "T" => power(1000, 4),
        "P" => power(1000, 5),
        "E" => power(1000, 6),
        "Ki" => power(1024, 1),
        "Mi" => power(1024, 2),
        "Gi" => power(1024, 3),
        "Ti" => power(1024, 4),
        "Pi" => power(1024, 5),
        "Ei" => power(1024, 6),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let exponent = u32::try_from(exponent).ok().filter(|e| *e <= 18)?;
            power(10, exponent)
        }
    }
}

/// A condition of a status.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Condition {
    /// `Ready`, `Progressing`, …
    #[serde(rename = "type")]
    pub type_: Clean,
    /// `True`, `False`, `Unknown`.
    pub status: Clean,
    /// One word.
    pub reason: Clean,
    /// A sentence.
    pub message: Clean,
    /// Since when.
    pub last_transition_time: Option<jiff::Timestamp>,
    /// When a node last said so.
    pub last_heartbeat_time: Option<jiff::Timestamp>,
}

/// The condition of a type, in any list of them.
pub fn condition<'a>(list: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    list.iter().find(|c| c.type_.as_str() == type_)
}

/// Annotations that mean something to a rule, and the generation. No other annotation is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Marks {
    /// `metadata.generation`.
    pub generation: i64,
    /// The annotations.
    pub annotations: Annotations,
}

/// See [`Marks`].
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Annotations {
    /// The rollout's revision, on deployments and replica sets.
    #[serde(rename = "deployment.kubernetes.io/revision")]
    pub revision: Clean,
    /// The old way to name an ingress class.
    #[serde(rename = "kubernetes.io/ingress.class")]
    pub ingress_class: Clean,
    /// `true` on the default storage class.
    #[serde(rename = "storageclass.kubernetes.io/is-default-class")]
    pub default_storage: Clean,
    /// `true` on the default ingress class.
    #[serde(rename = "ingressclass.kubernetes.io/is-default-class")]
    pub default_ingress: Clean,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_compare_across_their_spellings() {
        for (text, want) in [
            ("500m", Some(500)),
            ("1", Some(1000)),
            ("1.5", Some(1500)),
            ("32Mi", Some(32 * 1024 * 1024 * 1000)),
            ("1e3", Some(1_000_000)),
            ("2k", Some(2_000_000)),
            ("0.5Gi", Some(512 * 1024 * 1024 * 1000)),
            ("-1", Some(-1000)),
            ("many", None),
            ("", None),
        ] {
            assert_eq!(Quantity(Clean::line(text)).milli(), want, "{text}");
        }
    }

    #[test]
    fn of_a_map_only_the_keys_are_kept() {
        let keys: Keys = serde_json::from_str(r#"{"a":"hunter2","b":{"c":1}}"#).unwrap();
        assert_eq!(keys.0, [Clean::line("a"), Clean::line("b")]);
        let sealed = |text| serde_json::from_str::<Sealed>(text).unwrap();
        assert_eq!(format!("{:?}{:?}", sealed(r#""hunter2""#), sealed(r#""""#)), "SealedSealed(empty)");
        assert!(sealed(r#""hunter2""#) == sealed(r#""hunter2""#) && sealed(r#""hunter2""#) != sealed(r#""hunter3""#));
    }
}
