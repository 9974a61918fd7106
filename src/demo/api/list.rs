//! Lists: selected, paged consistently by tokens that name a version, in any form, gzipped when large.
use super::accept::Form;
use super::json::set;
use super::kinds::Kind;
use super::query::{Selection, check};
use super::status::Fail;
use super::{Api, Asked, answer, events, table};
use crate::demo::store::{Kept, body};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::Arc;

/// Lists with more objects than this are written off the async threads.
const MANY: usize = 200;

/// Where a list goes on: a version (`None`: whatever is now) and the last object that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    version: Option<u64>,
    namespace: String,
    name: String,
}

impl Token {
    fn write(&self, namespaced: bool) -> String {
        let start = if namespaced { format!("{}/{}\u{0}", self.namespace, self.name) } else { format!("{}\u{0}", self.name) };
        let version = self.version.map_or_else(|| json!(-1), Value::from);
        URL_SAFE_NO_PAD.encode(json!({"v": "meta.k8s.io/v1", "rv": version, "start": start}).to_string())
    }

    fn read(text: &str, namespaced: bool) -> Result<Self, Fail> {
        let wrong = |why: String| Fail::bad_request(format!("invalid continue token: continue key is not valid: {why}"));
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|e| wrong(e.to_string()))?;
        let token: Value = serde_json::from_slice(&bytes).map_err(|e| wrong(e.to_string()))?;
        let start = super::json::text(&token, "/start");
        let (Some(version), "meta.k8s.io/v1", false) =
            (super::json::int(&token, "/rv"), super::json::text(&token, "/v"), start.is_empty() || start.contains(".."))
        else {
            return Err(wrong(start.to_owned()));
        };
        let start = start.trim_start_matches('/').trim_end_matches('\u{0}');
        let (namespace, name) = if namespaced { start.split_once('/').unwrap_or(("", start)) } else { ("", start) };
        Ok(Self { version: u64::try_from(version).ok(), namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

/// What a list holds and where it ends.
struct Page {
    version: u64,
    items: Vec<Kept>,
    next: Option<String>,
    remaining: Option<usize>,
}

fn page(api: &Api, kind: &Kind, asked: &Asked) -> Result<Page, Fail> {
    let query = &asked.query;
    check(query, false)?;
    let selection = Selection::read(kind, query)?;
    let limit = usize::try_from(query.number("limit")?.unwrap_or_default()).unwrap_or_default();
    let asked_version = query.version("resourceVersion").map_err(|why| Fail::bad_request(format!("invalid resource version: {why}")))?;
    let current = api.store.version();
    if let Some(asked) = asked_version.filter(|v| *v > current) {
        return Err(Fail::too_new(asked, current));
    }
    let token = match query.get("continue") {
        "" => None,
        _ if asked_version.is_some_and(|v| v != 0) => return Err(Fail::bad_request("specifying resource version is not allowed when using continue")),
        text => Some(Token::read(text, kind.namespaced)?),
    };
    let exact = asked_version.filter(|_| query.get("resourceVersionMatch") == "Exact");
    let at = token.as_ref().map_or(exact, |t| t.version);
    let namespace = Some(asked.subject.namespace.as_str()).filter(|n| kind.namespaced && !n.is_empty());
    let after = token.as_ref().map(|t| (if t.namespace.is_empty() { namespace.unwrap_or_default() } else { t.namespace.as_str() }, t.name.as_str()));

    let mut items = Vec::new();
    let mut last = None;
    let mut rest = 0;
    let version = api.store.walk(&kind.stored, namespace, after, at, &mut |key, kept| {
        if !selection.matches(&kept.object) {
            return true;
        }
        if limit > 0 && items.len() == limit {
            rest += 1;
            // How many remain is told only where no selector would make counting dear.
            return selection.is_empty();
        }
        items.push(kept.clone());
        if items.len() == limit {
            last = Some(key.clone());
        }
        true
    });
    let Some(version) = version else {
        return Err(expired(kind, token));
    };
    let next = last.filter(|_| rest > 0).map(|k| Token { version: Some(version), namespace: k.namespace, name: k.name }.write(kind.namespaced));
    Ok(Page { version, items, remaining: (next.is_some() && selection.is_empty()).then_some(rest), next })
}

fn expired(kind: &Kind, token: Option<Token>) -> Fail {
    let Some(token) = token else {
        return Fail::expired("The resourceVersion for the provided list is too old.");
    };
    let mut fail = Fail::expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use \
         the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - \
         objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    );
    fail.metadata = json!({"continue": Token { version: None, ..token }.write(kind.namespaced)});
    fail
}

/// Answers a list.
pub async fn list(api: &Arc<Api>, kind: &Arc<Kind>, asked: &Asked, form: Form) -> Result<Response, Fail> {
    if form == Form::Partial {
        let message = format!("you requested PartialObjectMetadata, but the requested object is a list (*core.{}List)", kind.kind);
        return Err(Fail::not_acceptable(message));
    }
    let page = page(api, kind, asked)?;
    let (api, kind, headers, query) = (api.clone(), kind.clone(), asked.headers.clone(), asked.query.clone());
    let write = move || answer::maybe_gzip(&headers, write(&api, &kind, &page, form, &query)?);
    if asked.query.get("limit").is_empty() || asked.query.number("limit")?.unwrap_or_default() > i64::try_from(MANY).unwrap_or_default() {
        return tokio::task::spawn_blocking(write).await.map_err(|e| Fail::internal(format!("writing a list: {e}")))?;
    }
    write()
}

fn write(api: &Api, kind: &Kind, page: &Page, form: Form, query: &super::query::Query) -> Result<Vec<u8>, Fail> {
    let mut metadata = json!({"resourceVersion": page.version.to_string()});
    if let Some(next) = &page.next {
        set(&mut metadata, "continue", next.as_str());
    }
    if let Some(remaining) = page.remaining {
        set(&mut metadata, "remainingItemCount", remaining);
    }
    let table = form == Form::Table;
    let mut out = Vec::with_capacity(page.items.len() * 2048 + 256);
    if table {
        let head = table::head(kind, &api.store);
        let columns = head.get("columnDefinitions").cloned().unwrap_or_default();
        out.extend_from_slice(
            format!(r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{metadata},"columnDefinitions":{columns},"rows":["#).as_bytes(),
        );
    } else {
        let (name, version) = if form == Form::PartialList {
            ("PartialObjectMetadataList".to_owned(), "meta.k8s.io/v1".to_owned())
        } else {
            (format!("{}List", kind.kind), kind.api_version())
        };
        out.extend_from_slice(format!(r#"{{"kind":"{name}","apiVersion":"{version}","metadata":{metadata},"items":["#).as_bytes());
    }
    let now = (api.now)();
    for (i, item) in page.items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        match form {
            Form::Table => out.extend_from_slice(table::row(kind, &item.object, now, &api.store, query)?.to_string().as_bytes()),
            Form::PartialList => out.extend_from_slice(answer::partial(&item.object).to_string().as_bytes()),
            _ if kind.group == "events.k8s.io" => out.extend_from_slice(&body(&events::regarding(&item.object))),
            _ if kind.custom => out.extend_from_slice(&answer::whole(kind, &item.body())),
            _ => out.extend_from_slice(&item.body()),
        }
    }
    out.extend_from_slice(b"]}\n");
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        for namespaced in [true, false] {
            let token = Token { version: Some(7), namespace: if namespaced { "shop".into() } else { String::new() }, name: "a".into() };
            assert_eq!(Token::read(&token.write(namespaced), namespaced), Ok(token));
        }
        for bad in ["abc", "eyJ9", ""] {
            assert_eq!(Token::read(bad, true).unwrap_err().code, 400, "{bad}");
        }
    }
}
