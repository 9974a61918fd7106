//! Label selectors: parsed from a query and from the `selector` of an object, and matched.
use super::json::{fields, list, plain, text};
use super::status::Fail;
use serde_json::{Map, Value};

/// One requirement on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Need {
    Is(String, Vec<String>),
    Not(String, Vec<String>),
    Has(String),
    Lacks(String),
    Over(String, i64),
    Under(String, i64),
}

/// All of these must hold; an empty one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(Vec<Need>);

impl Labels {
    /// Whether it asks for anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the labels of an object fulfil it.
    pub fn matches(&self, object: &Value) -> bool {
        self.matches_labels(object.pointer("/metadata/labels").and_then(Value::as_object))
    }

    /// Whether these labels fulfil it.
    pub fn matches_labels(&self, labels: Option<&Map<String, Value>>) -> bool {
        let value = |key: &str| labels.and_then(|l| l.get(key)).and_then(Value::as_str);
        let number = |key: &str| value(key).and_then(|v| v.parse::<i64>().ok());
        self.0.iter().all(|need| match need {
            Need::Is(key, any) => value(key).is_some_and(|v| any.iter().any(|a| a == v)),
            Need::Not(key, none) => value(key).is_none_or(|v| none.iter().all(|a| a != v)),
            Need::Has(key) => value(key).is_some(),
            Need::Lacks(key) => value(key).is_none(),
            Need::Over(key, limit) => number(key).is_some_and(|n| n > *limit),
            Need::Under(key, limit) => number(key).is_some_and(|n| n < *limit),
        })
    }

    /// From `matchLabels` and `matchExpressions`.
    pub fn of_object(selector: &Value) -> Self {
        let mut needs: Vec<Need> = fields(selector, "/matchLabels").map(|(k, v)| Need::Is(k.clone(), vec![plain(v)])).collect();
        for e in list(selector, "/matchExpressions") {
            let key = text(e, "/key").to_owned();
            let values = list(e, "/values").iter().map(plain).collect();
            needs.push(match text(e, "/operator") {
                "In" => Need::Is(key, values),
                "NotIn" => Need::Not(key, values),
                "Exists" => Need::Has(key),
                _ => Need::Lacks(key),
            });
        }
        Self(needs)
    }

    /// From a query's `labelSelector`.
    pub fn parse(text: &str) -> Result<Self, Fail> {
        let tokens = tokens(text);
        let mut at = Cursor { tokens: &tokens, next: 0 };
        let mut needs = Vec::new();
        if tokens.is_empty() {
            return Ok(Self(needs));
        }
        loop {
            needs.push(at.need()?);
            match at.take() {
                "" => return Ok(Self(needs)),
                "," => {}
                other => return Err(wrong(other, "',' or 'end of string'")),
            }
        }
    }
}

fn wrong(found: &str, expected: &str) -> Fail {
    Fail::bad_request(format!("unable to parse requirement: found '{found}', expected: {expected}"))
}

fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let special = matches!(c, '=' | '!' | '(' | ')' | ',' | '<' | '>');
        if (special || c.is_whitespace()) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if special {
            let mut token = c.to_string();
            if matches!(c, '=' | '!') && chars.peek() == Some(&'=') {
                chars.next();
                token.push('=');
            }
            out.push(token);
        } else if !c.is_whitespace() {
            word.push(c);
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

struct Cursor<'a> {
    tokens: &'a [String],
    next: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> &'a str {
        self.tokens.get(self.next).map(String::as_str).unwrap_or_default()
    }
    fn take(&mut self) -> &'a str {
        let token = self.peek();
        self.next += 1;
        token
    }
    fn word(&mut self, expected: &str) -> Result<String, Fail> {
        let token = self.take();
        if token.is_empty() || token.starts_with(['=', '!', '(', ')', ',', '<', '>']) { Err(wrong(token, expected)) } else { Ok(token.to_owned()) }
    }
    fn need(&mut self) -> Result<Need, Fail> {
        if self.peek() == "!" {
            self.take();
            return Ok(Need::Lacks(self.word("identifier")?));
        }
        let key = self.word("!, identifier, or 'end of string'")?;
        if matches!(self.peek(), "" | ",") {
            return Ok(Need::Has(key));
        }
        let value = |at: &mut Self| if matches!(at.peek(), "" | ",") { Ok(String::new()) } else { at.word("identifier") };
        match self.take() {
            "=" | "==" => Ok(Need::Is(key, vec![value(self)?])),
            "!=" => Ok(Need::Not(key, vec![value(self)?])),
            "in" => Ok(Need::Is(key, self.values()?)),
            "notin" => Ok(Need::Not(key, self.values()?)),
            ">" | "gt" => Ok(Need::Over(key, self.number()?)),
            "<" | "lt" => Ok(Need::Under(key, self.number()?)),
            other => Err(wrong(other, "in, notin, =, ==, !=, gt, lt")),
        }
    }
    fn number(&mut self) -> Result<i64, Fail> {
        let word = self.word("identifier")?;
        word.parse().map_err(|_| Fail::bad_request(format!("values[0]: Invalid value: {word:?}: for 'Gt', 'Lt' operators, the value must be an integer")))
    }
    fn values(&mut self) -> Result<Vec<String>, Fail> {
        match self.take() {
            "(" => {}
            other => return Err(wrong(other, "'('")),
        }
        let mut out = Vec::new();
        loop {
            match self.take() {
                ")" => return Ok(out),
                "," => {}
                "" => return Err(wrong("", "',', ')' or identifier")),
                word => out.push(word.to_owned()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn selectors_match_as_documented() {
        let labels = json!({"metadata": {"labels": {"app": "api", "tier": "web", "gen": "3"}}});
        for (selector, want) in [
            ("", true),
            ("app=api", true),
            ("app==api,tier!=db", true),
            ("app in (api, x),!gone", true),
            ("app notin (api)", false),
            ("gone notin (api)", true),
            ("app", true),
            ("gone", false),
            ("gen>2,gen<4", true),
            ("gen>3", false),
            ("app=", false),
        ] {
            assert_eq!(Labels::parse(selector).map(|s| s.matches(&labels)), Ok(want), "{selector}");
        }
    }

    #[test]
    fn nonsense_is_refused_in_the_words_of_the_real_server() {
        let fail = Labels::parse("a b c").unwrap_err();
        assert_eq!(fail.message, "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
        for bad in ["a in b", "=x", "a=b c", "a in (b", "!"] {
            assert_eq!(Labels::parse(bad).unwrap_err().code, 400, "{bad}");
        }
    }

    #[test]
    fn a_selector_of_an_object_matches_labels_and_expressions() {
        let selector = Labels::of_object(&json!({"matchLabels": {"app": "api"}, "matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}));
        assert!(selector.matches(&json!({"metadata": {"labels": {"app": "api"}}})));
        assert!(!selector.matches(&json!({"metadata": {"labels": {"app": "api", "x": ""}}})));
    }
}
