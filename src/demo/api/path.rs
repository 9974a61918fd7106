//! What a request is about, read off its method, path and query alone: the same for authorization and for serving.

/// A request's subject.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Subject {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; the method in small letters
    /// where it is no resource.
    pub verb: &'static str,
    /// Whether it names a resource.
    pub resource: bool,
    /// The path as it came.
    pub path: String,
    /// Empty for the core group.
    pub group: String,
    /// `v1`.
    pub version: String,
    /// `pods`.
    pub plural: String,
    /// Empty: all, or none.
    pub namespace: String,
    /// Empty: the collection.
    pub name: String,
    /// `log`, `scale`.
    pub subresource: String,
}

/// Undoes percent-encoding; what is no valid encoding stays.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(byte) = bytes.get(i) {
        if let (b'%', Some(high), Some(low)) = (byte, hex(i + 1), hex(i + 2)) {
            out.push(high * 16 + low);
            i += 3;
        } else {
            out.push(*byte);
            i += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Reads a request.
pub fn read(method: &str, path: &str, watch: bool) -> Subject {
    let mut out = Subject { path: path.to_owned(), ..Subject::default() };
    let parts: Vec<String> = path.split('/').skip(1).filter(|p| !p.is_empty()).map(decode).collect();
    let mut parts = parts.into_iter();
    let mut rest: Vec<String> = match parts.next().as_deref() {
        Some("api") => {
            out.version = parts.next().unwrap_or_default();
            parts.collect()
        }
        Some("apis") => {
            out.group = parts.next().unwrap_or_default();
            out.version = parts.next().unwrap_or_default();
            parts.collect()
        }
        _ => Vec::new(),
    };
    if rest.is_empty() {
        out.verb = plain_verb(method);
        return out;
    }
    out.resource = true;
    // `/namespaces/N/RESOURCE…`, unless it is the namespace itself or a subresource of it.
    let inside = rest.first().is_some_and(|p| p == "namespaces") && rest.get(2).is_some_and(|p| p != "status" && p != "finalize");
    if inside {
        let mut tail = rest.split_off(1).into_iter();
        out.namespace = tail.next().unwrap_or_default();
        rest = tail.collect();
    }
    let mut rest = rest.into_iter();
    out.plural = rest.next().unwrap_or_default();
    out.name = rest.next().unwrap_or_default();
    out.subresource = rest.collect::<Vec<_>>().join("/");
    if out.plural == "namespaces" && out.group.is_empty() {
        out.namespace.clone_from(&out.name);
    }
    out.verb = match (method, out.name.is_empty()) {
        ("GET" | "HEAD", _) if watch => "watch",
        ("GET" | "HEAD", true) => "list",
        ("GET" | "HEAD", false) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "deletecollection",
        ("DELETE", false) => "delete",
        _ => "",
    };
    out
}

fn plain_verb(method: &str) -> &'static str {
    match method {
        "GET" => "get",
        "HEAD" => "head",
        "POST" => "post",
        "PUT" => "put",
        "PATCH" => "patch",
        "DELETE" => "delete",
        "OPTIONS" => "options",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_the_real_server_reads_them() {
        for (method, path, want) in [
            ("GET", "/api/v1/pods", "list  v1 pods   "),
            ("GET", "/api/v1/namespaces/shop/pods/a/log", "get  v1 pods shop a log"),
            ("DELETE", "/apis/apps/v1/namespaces/shop/deployments", "deletecollection apps v1 deployments shop  "),
            ("GET", "/api/v1/namespaces/shop", "get  v1 namespaces shop shop "),
            ("PATCH", "/api/v1/namespaces/shop/status", "patch  v1 namespaces shop shop status"),
            ("POST", "/api/v1/namespaces", "create  v1 namespaces   "),
            ("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode", "get rbac.authorization.k8s.io v1 clusterroles  system:node "),
            ("GET", "/apis/apps/v1", "get apps v1    "),
            ("GET", "/version", "get      "),
        ] {
            let s = read(method, path, false);
            assert_eq!(format!("{} {} {} {} {} {} {}", s.verb, s.group, s.version, s.plural, s.namespace, s.name, s.subresource), want, "{path}");
        }
    }
}
