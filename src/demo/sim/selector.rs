//! Label selectors on objects: `matchLabels` with `matchExpressions`, and the plain map of a Service.
use super::json::View;
use serde_json::Value;

/// Whether the labels of `object` satisfy a `LabelSelector`; an empty one matches everything, an absent one nothing.
pub fn matches(selector: &Value, object: &Value) -> bool {
    let labels = object.at("/metadata/labels");
    !selector.is_null() && plain(selector.at("/matchLabels"), labels) && selector.list("/matchExpressions").iter().all(|e| expression(e, labels))
}

/// Whether labels contain every entry of a map; an absent map asks for nothing.
pub fn plain(wanted: &Value, labels: &Value) -> bool {
    wanted.as_object().into_iter().flatten().all(|(k, v)| labels.get(k) == Some(v))
}

fn expression(e: &Value, labels: &Value) -> bool {
    let value = labels.get(e.text("/key"));
    let listed = value.is_some_and(|v| e.list("/values").contains(v));
    match e.text("/operator") {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn selectors_match_as_the_api_machinery_says() {
        let pod = json!({"metadata": {"labels": {"app": "api", "tier": "web"}}});
        for (selector, wanted) in [
            (json!(null), false),
            (json!({}), true),
            (json!({"matchLabels": {"app": "api"}}), true),
            (json!({"matchLabels": {"app": "apis"}}), false),
            (json!({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["web", "db"]}]}), true),
            (json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["web"]}]}), false),
            (json!({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}), true),
            (json!({"matchExpressions": [{"key": "zone", "operator": "Exists"}]}), false),
        ] {
            assert_eq!(matches(&selector, &pod), wanted, "{selector}");
        }
    }
}
