//! Label selectors and how they match. An empty selector matches everything, an absent one nothing: the caller knows which.
use super::read::Map;
use crate::text::Clean;
use serde::Deserialize;

/// `matchLabels` and `matchExpressions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selector {
    /// Equalities.
    pub match_labels: Map,
    /// Set expressions.
    pub match_expressions: Vec<Expression>,
}

/// A set expression, of labels or of node affinity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default)]
pub struct Expression {
    /// The label.
    pub key: Clean,
    /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Lt`.
    pub operator: Clean,
    /// The values.
    pub values: Vec<Clean>,
}

/// The value of `key` in labels.
pub fn value<'a>(labels: &'a [(Clean, Clean)], key: &str) -> Option<&'a Clean> {
    labels.iter().find(|(k, _)| k.as_str() == key).map(|(_, v)| v)
}

impl Expression {
    /// Whether labels satisfy it.
    pub fn matches(&self, labels: &[(Clean, Clean)]) -> bool {
        let found = value(labels, &self.key);
        let number = |text: &str| text.parse::<i64>().ok();
        match self.operator.as_str() {
            "In" => found.is_some_and(|v| self.values.contains(v)),
            "NotIn" => found.is_none_or(|v| !self.values.contains(v)),
            "Exists" => found.is_some(),
            "DoesNotExist" => found.is_none(),
            "Gt" => found.and_then(|v| number(v)).zip(self.values.first().and_then(|v| number(v))).is_some_and(|(a, b)| a > b),
            "Lt" => found.and_then(|v| number(v)).zip(self.values.first().and_then(|v| number(v))).is_some_and(|(a, b)| a < b),
            _ => false,
        }
    }
    /// `disktype in (ssd)`.
    pub fn words(&self) -> String {
        let values = self.values.iter().map(Clean::as_str).collect::<Vec<_>>().join(", ");
        match self.operator.as_str() {
            "Exists" => self.key.to_string(),
            "DoesNotExist" => format!("!{}", self.key),
            "In" if self.values.len() == 1 => format!("{}={values}", self.key),
            "In" => format!("{} in ({values})", self.key),
            "NotIn" => format!("{} not in ({values})", self.key),
            other => format!("{} {other} {values}", self.key),
        }
    }
}

impl Selector {
    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }
    /// Whether labels satisfy all of it.
    pub fn matches(&self, labels: &[(Clean, Clean)]) -> bool {
        matches(&self.match_labels, labels) && self.match_expressions.iter().all(|e| e.matches(labels))
    }
    /// `app=api,version in (a, b)`.
    pub fn words(&self) -> String {
        let mut parts: Vec<String> = self.match_labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
        parts.extend(self.match_expressions.iter().map(Expression::words));
        parts.join(",")
    }
}

/// Whether labels hold every pair of a plain selector.
pub fn matches(selector: &Map, labels: &[(Clean, Clean)]) -> bool {
    selector.iter().all(|(k, v)| value(labels, k) == Some(v))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_matches_as_the_api_says() {
        let labels = [(Clean::line("app"), Clean::line("api")), (Clean::line("rank"), Clean::line("3"))];
        for (key, operator, values, want) in [
            ("app", "In", vec!["api", "web"], true),
            ("app", "NotIn", vec!["web"], true),
            ("none", "NotIn", vec!["web"], true),
            ("none", "In", vec!["web"], false),
            ("app", "Exists", vec![], true),
            ("app", "DoesNotExist", vec![], false),
            ("rank", "Gt", vec!["2"], true),
            ("rank", "Lt", vec!["3"], false),
            ("rank", "Odd", vec![], false),
        ] {
            let e = Expression { key: Clean::line(key), operator: Clean::line(operator), values: values.iter().map(|v| Clean::line(v)).collect() };
            assert_eq!(e.matches(&labels), want, "{}", e.words());
        }
    }
}
