//! A request's query, and the options of lists and watches that are checked together.
use super::fields::Fields;
use super::kinds::Kind;
use super::selector::Labels;
use super::status::{Cause, Fail};
use serde_json::Value;

/// The query's parameters, decoded.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a URL's query; `None` reads as none.
    pub fn read(query: Option<&str>) -> Self {
        let pair = |part: &str| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let plain = |t: &str| super::path::decode(&t.replace('+', " "));
            (plain(key), plain(value))
        };
        Self(query.unwrap_or_default().split('&').filter(|p| !p.is_empty()).map(pair).collect())
    }
    /// The first value of a parameter, or `""`.
    pub fn get(&self, key: &str) -> &str {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str()).unwrap_or_default()
    }
    /// Whether a parameter is there.
    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(k, _)| k == key)
    }
    /// A flag: there and neither `false` nor `0`.
    pub fn flag(&self, key: &str) -> bool {
        self.has(key) && !matches!(self.get(key), "false" | "0")
    }
    /// A number; 400 when it is none.
    pub fn number(&self, key: &str) -> Result<Option<i64>, Fail> {
        let value = self.get(key);
        if value.is_empty() {
            return Ok(None);
        }
        value.parse().map(Some).map_err(|_| Fail::bad_request(format!("strconv.ParseInt: parsing {value:?}: invalid syntax")))
    }
    /// A resourceVersion: `None` when not given, 0 counts as given.
    pub fn version(&self, key: &str) -> Result<Option<u64>, String> {
        let value = self.get(key);
        if value.is_empty() {
            return Ok(None);
        }
        value.parse().map(Some).map_err(|_| format!("{key}: Invalid value: {value:?}: strconv.ParseUint: parsing {value:?}: invalid syntax"))
    }
}

/// Which objects a list or watch is about.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// By labels.
    pub labels: Labels,
    /// By fields.
    pub fields: Fields,
}

impl Selection {
    /// Reads both selectors of a query.
    pub fn read(kind: &Kind, query: &Query) -> Result<Self, Fail> {
        Ok(Self { labels: Labels::parse(query.get("labelSelector"))?, fields: Fields::parse(kind, query.get("fieldSelector"))? })
    }
    /// Whether an object is selected.
    pub fn matches(&self, object: &Value) -> bool {
        self.labels.matches(object) && self.fields.matches(object)
    }
    /// Whether everything is.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }
}

/// The rules between `resourceVersion`, `resourceVersionMatch` and `sendInitialEvents`, as the real server holds them.
pub fn check(query: &Query, watch: bool) -> Result<(), Fail> {
    let matching = query.get("resourceVersionMatch");
    let forbid = |field: &str, why: &str| Err(Fail::options("ListOptions", Cause::forbidden(field, why)));
    if query.has("sendInitialEvents") {
        if !watch {
            return forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
        }
        if matching.is_empty() || matching == "Exact" {
            return forbid("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
    } else if !matching.is_empty() {
        if watch {
            return forbid("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }
        if query.get("resourceVersion").is_empty() {
            return forbid("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if !query.get("continue").is_empty() {
            return forbid("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        }
        if matching == "Exact" && query.get("resourceVersion") == "0" {
            return forbid("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }
    if !matches!(matching, "" | "Exact" | "NotOlderThan") {
        let cause = Cause::unsupported("resourceVersionMatch", &matching.into(), &["Exact", "NotOlderThan", ""]);
        return Err(Fail::options("ListOptions", cause));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_once() {
        let q = Query::read(Some("labelSelector=app%3Dweb%2Cx%20in%20%28a%29&watch&limit=x"));
        assert_eq!(q.get("labelSelector"), "app=web,x in (a)");
        assert!(q.flag("watch"));
        assert_eq!(q.number("limit").unwrap_err().message, "strconv.ParseInt: parsing \"x\": invalid syntax");
    }

    #[test]
    fn options_that_do_not_go_together_are_refused() {
        for (query, watch, ok) in [
            ("", false, true),
            ("resourceVersion=1&resourceVersionMatch=Exact", false, true),
            ("resourceVersionMatch=Exact", false, false),
            ("resourceVersionMatch=Foo&resourceVersion=1", false, false),
            ("sendInitialEvents=true", false, false),
            ("sendInitialEvents=true", true, false),
            ("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", true, true),
            ("resourceVersionMatch=NotOlderThan", true, false),
        ] {
            assert_eq!(check(&Query::read(Some(query)), watch).is_ok(), ok, "{query}");
        }
    }
}
