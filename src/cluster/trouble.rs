//! kube's errors as [`Trouble`]: walked to the last source, with what the user can do.
//!
//! "client error (Connect)" helps nobody: what stands at the end of the chain is the cause.
use crate::model::{Trouble, TroubleClass};
use std::error::Error;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::time::Duration;

mod tls;

/// The failure of `operation` as a person needs it.
pub fn of(operation: &str, error: &kube::Error) -> Trouble {
    at(operation, "", error)
}

/// The same, naming the server that was asked.
pub fn at(operation: &str, server: &str, error: &kube::Error) -> Trouble {
    match error {
        kube::Error::Api(status) => status_of(operation, server, status),
        kube::Error::SerdeError(e) => malformed(operation, server, e),
        kube::Error::FromUtf8(_) => Trouble::new(TroubleClass::Other, operation, "the answer is no text").hint(PROXY),
        kube::Error::InferKubeconfig(e) => {
            Trouble::new(TroubleClass::Config, operation, &innermost(e)).hint("Check the kubeconfig that KUBECONFIG or --kubeconfig names.")
        }
        kube::Error::Auth(e) => auth(operation, e),
        other => chain(operation, server, other),
    }
}

/// The peer accepted and never answered.
pub fn silent(operation: &str, server: &str, limit: Duration) -> Trouble {
    Trouble::new(TroubleClass::Timeout, operation, &format!("{} did not answer within {} s", named(server), limit.as_secs()))
        .hint("The address takes connections but nothing answers: look at the API server, the proxy or VPN in between, or try again with r.")
}

/// An answer that is no Kubernetes answer.
pub fn malformed(operation: &str, server: &str, error: &serde_json::Error) -> Trouble {
    Trouble::new(TroubleClass::Other, operation, &format!("{} answered something that is no Kubernetes object ({error})", named(server))).hint(PROXY)
}

const PROXY: &str = "Check that the server's address in the kubeconfig is a Kubernetes API server, and that no proxy answers in its place.";

fn named(server: &str) -> String {
    if server.is_empty() { "the server".to_owned() } else { server.to_owned() }
}

/// A `Status` of the API.
fn status_of(operation: &str, server: &str, status: &kube::core::Status) -> Trouble {
    let mut cause = status.message.clone();
    if cause.is_empty() {
        cause.clone_from(&status.reason);
    }
    for detail in status.details.iter().flat_map(|d| &d.causes) {
        let (field, message) = (&detail.field, &detail.message);
        if !message.is_empty() && !cause.contains(message.as_str()) {
            let _ = write!(cause, "; {field}: {message}");
        }
    }
    if cause.is_empty() {
        cause = format!("HTTP {}", status.code);
    }
    let trouble = |class| Trouble::new(class, operation, &cause);
    match status.code {
        401 => trouble(TroubleClass::Unauthenticated)
            .hint("The server does not know these credentials: log in again, or check the user of this context in the kubeconfig."),
        403 => trouble(TroubleClass::Denied).hint(&may_not(operation, status)),
        404 if status.reason == "NotFound" && status.details.as_ref().is_none_or(|d| d.name.is_empty()) => {
            trouble(TroubleClass::NotFound).hint("The server does not serve this kind (yet): `api-resources` lists what it serves.")
        }
        404 if status.reason == "Failed to parse error data" => {
            Trouble::new(TroubleClass::NotFound, operation, &format!("{} knows no such path: {cause}", named(server))).hint(PROXY)
        }
        404 => trouble(TroubleClass::NotFound).hint("It may have been deleted or live in another namespace."),
        409 => trouble(TroubleClass::Conflict).hint("It changed since it was read, or exists already: look again."),
        410 => trouble(TroubleClass::Expired).hint("What was read is too old for the server: list again."),
        429 => trouble(TroubleClass::Busy).hint("The server asks for patience: try again in a moment."),
        503 | 504 => trouble(TroubleClass::Busy).hint("The server, or something in front of it, is overloaded or starting: try again in a moment."),
        400 | 405 | 406 | 413 | 415 | 422 => trouble(TroubleClass::Invalid).hint("The server judges the request wrong; the sentence says where."),
        _ => trouble(TroubleClass::Other),
    }
}

fn may_not(operation: &str, status: &kube::core::Status) -> String {
    // `pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "shop"`
    let message = &status.message;
    let after = |word: &str| message.split_once(word).and_then(|(_, rest)| rest.split(['"', ' ']).find(|s| !s.is_empty()));
    match (after(" cannot "), message.split_once("resource \"").and_then(|(_, r)| r.split('"').next())) {
        (Some(verb), Some(resource)) => {
            let place = message.split_once("in the namespace \"").and_then(|(_, r)| r.split('"').next()).map_or(" -A".to_owned(), |ns| format!(" -n {ns}"));
            format!("Check with `auth can-i {verb} {resource}{place}`; whoever administers the cluster can bind a role that allows it.")
        }
        _ => format!("Check what is allowed here with `auth can-i --list` ({operation})."),
    }
}

fn auth(operation: &str, error: &kube::client::AuthError) -> Trouble {
    use kube::client::AuthError as A;
    let class = TroubleClass::Unauthenticated;
    match error {
        A::AuthExecStart(io) => Trouble::new(class, operation, &format!("the credential plugin of this user can not be started: {io}"))
            .hint("Install the program that `users[].user.exec.command` of the kubeconfig names, or put it on PATH."),
        A::AuthExecRun { cmd, out } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let last = said.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("it said nothing");
            Trouble::new(class, operation, &format!("the credential plugin `{}` failed ({}): {last}", program(cmd), out.status))
                .hint("Run any kubectl command with this context in another terminal to log in, then press r.")
        }
        A::AuthExecParse(_) | A::ExecPluginFailed | A::AuthExec(_) => {
            Trouble::new(class, operation, &format!("the credential plugin of this user gave no credentials: {}", innermost(error)))
                .hint("Run the plugin by hand: it must print an ExecCredential.")
        }
        A::ReadTokenFile(io, path) => Trouble::new(class, operation, &format!("the token file {} can not be read: {io}", path.display()))
            .hint("Check `tokenFile` of this user in the kubeconfig."),
        other => Trouble::new(class, operation, &innermost(other)).hint("Check the user of this context in the kubeconfig, or log in again."),
    }
}

/// The program of a command as it is printed for debugging: after its environment, which may hold secrets.
fn program(command: &str) -> &str {
    let quoted = |text: &str| {
        text.char_indices()
            .scan(false, |escaped, (at, c)| {
                let ends = c == '"' && !*escaped;
                *escaped = c == '\\' && !*escaped;
                Some((at, ends))
            })
            .find(|(_, ends)| *ends)
            .map(|(at, _)| at)
    };
    let mut rest = command;
    loop {
        let Some((before, after)) = rest.split_once('"') else { return "of this user" };
        let Some(end) = quoted(after) else { return "of this user" };
        if before.trim().is_empty() {
            return after.get(..end).unwrap_or_default();
        }
        rest = after.get(end + 1..).unwrap_or_default();
    }
}

/// The last sentence of a chain of errors.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    links(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// An error and everything behind it. `io::Error` hides its inner error from `source`, so it is opened by hand.
fn links<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut out = vec![error];
    let mut at = error;
    while out.len() < 24 {
        let inner = at.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()).map(|e| e as &(dyn Error + 'static));
        match inner.or_else(|| at.source()) {
            Some(next) => {
                out.push(next);
                at = next;
            }
            None => break,
        }
    }
    out
}

/// Everything that is no answer: the connection, TLS, the proxy.
fn chain(operation: &str, server: &str, error: &kube::Error) -> Trouble {
    let links = links(error);
    let last = links.last().map(ToString::to_string).unwrap_or_default();
    let texts: Vec<String> = links.iter().map(ToString::to_string).collect();
    let says = |word: &str| texts.iter().any(|t| t.contains(word));
    let unreachable = |cause: String| Trouble::new(TroubleClass::Unreachable, operation, &cause);
    for link in &links {
        if let Some(e) = link.downcast_ref::<kube::client::AuthError>() {
            return auth(operation, e);
        }
        if let Some(e) = link.downcast_ref::<rustls::Error>() {
            return tls::of(operation, server, e);
        }
    }
    if says("No CA certificates were loaded") || says("native root CA") {
        return Trouble::new(TroubleClass::Config, operation, "this host has no CA certificates, and the kubeconfig names none for the cluster")
            .hint("Install the host's CA bundle (ca-certificates), or set SSL_CERT_FILE, or `certificate-authority` of the cluster in the kubeconfig.");
    }
    if says("dns error") || says("failed to lookup address") {
        return unreachable(format!("the name of {} does not resolve ({last})", named(server)))
            .hint("Check the server's name in the kubeconfig, DNS, and the VPN.");
    }
    if says("deadline has elapsed") || says("connect timed out") || says("operation timed out") {
        return Trouble::new(TroubleClass::Timeout, operation, &format!("{} can not be reached: the connection timed out", named(server)))
            .hint("A firewall or a VPN that is off swallows the packets: check the route, then press r.");
    }
    let kind = links.iter().rev().find_map(|l| l.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    match kind {
        Some(ErrorKind::ConnectionRefused) => unreachable(format!("nothing listens on {} (connection refused)", named(server)))
            .hint("Start the cluster, or correct the server's address in the kubeconfig; r tries again."),
        Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable) => {
            unreachable(format!("there is no route to {} ({last})", named(server))).hint("Check the network and the VPN, then press r.")
        }
        Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof) => {
            unreachable(format!("{} closed the connection ({last})", named(server)))
                .hint("It may be restarting, or it speaks another protocol (https for http?) on this port.")
        }
        Some(ErrorKind::TimedOut) => silent(operation, server, super::http::READ),
        _ if says("connection closed before message completed") || says("connection closed") => {
            unreachable(format!("{} closed the connection before it answered", named(server))).hint("It may be restarting; r tries again.")
        }
        _ if says("invalid HTTP version") || says("invalid HTTP") => unreachable(format!("{} does not speak HTTP ({last})", named(server))).hint(PROXY),
        _ if texts.iter().any(|t| t.contains("unsuccessful") && t.contains("tunnel")) || says("proxy") => {
            unreachable(format!("the proxy did not let the connection to {} through ({last})", named(server)))
                .hint("Check HTTPS_PROXY, NO_PROXY and `proxy-url` of the cluster.")
        }
        _ => unreachable(last).hint("Check the server's address in the kubeconfig and the network, then press r."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_named_without_its_environment() {
        assert_eq!(program(r#"A="x \"y" TOKEN="s3cret" "aws" "eks""#), "aws");
        assert_eq!(program(r#""gke-auth""#), "gke-auth");
        assert_eq!(program("A=x"), "of this user");
    }

    #[test]
    fn a_dead_link_is_named_by_its_last_cause() {
        let io = |kind: ErrorKind| std::io::Error::from(kind);
        for (error, class, words) in [
            (
                std::io::Error::other("failed to lookup address information: Name or service not known"),
                TroubleClass::Unreachable,
                "the name of api.example:6443 does not resolve",
            ),
            (io(ErrorKind::HostUnreachable), TroubleClass::Unreachable, "no route to api.example:6443"),
            (io(ErrorKind::ConnectionRefused), TroubleClass::Unreachable, "nothing listens on api.example:6443"),
            (io(ErrorKind::ConnectionReset), TroubleClass::Unreachable, "closed the connection"),
            (std::io::Error::other("No CA certificates were loaded from the system"), TroubleClass::Config, "no CA certificates"),
            (std::io::Error::other("deadline has elapsed"), TroubleClass::Timeout, "timed out"),
            (std::io::Error::other(rustls::Error::InvalidCertificate(rustls::CertificateError::BadEncoding)), TroubleClass::Unreachable, "X.509 version 1"),
        ] {
            let trouble = at("list pods", "api.example:6443", &kube::Error::Service(Box::new(std::io::Error::other(error))));
            assert!(trouble.class == class && trouble.cause.contains(words) && !trouble.hint.is_empty(), "{trouble}");
        }
    }

    #[test]
    fn a_status_becomes_its_class_with_causes_and_a_hint() {
        let status = |code: u16, reason: &str, message: &str| kube::core::Status {
            code,
            reason: reason.into(),
            message: message.into(),
            ..kube::core::Status::default()
        };
        for (status, class, hint) in [
            (status(401, "Unauthorized", "Unauthorized"), TroubleClass::Unauthenticated, "log in"),
            (
                status(403, "Forbidden", r#"pods is forbidden: User "nobody" cannot list resource "pods" in API group "" in the namespace "shop""#),
                TroubleClass::Denied,
                "auth can-i list pods -n shop",
            ),
            (
                status(403, "Forbidden", r#"nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope"#),
                TroubleClass::Denied,
                "auth can-i list nodes -A",
            ),
            (status(404, "NotFound", "the server could not find the requested resource"), TroubleClass::NotFound, "api-resources"),
            (status(409, "Conflict", "changed"), TroubleClass::Conflict, "look again"),
            (status(410, "Expired", "too old"), TroubleClass::Expired, "list again"),
            (status(422, "Invalid", "bad"), TroubleClass::Invalid, "judges the request wrong"),
            (status(429, "TooManyRequests", "slow"), TroubleClass::Busy, "patience"),
            (status(503, "ServiceUnavailable", "down"), TroubleClass::Busy, "overloaded"),
            (status(500, "InternalError", "boom"), TroubleClass::Other, ""),
        ] {
            let trouble = of("list pods", &kube::Error::Api(Box::new(status)));
            assert!(trouble.class == class && trouble.hint.contains(hint), "{trouble}");
        }
        let details = r#"{"code": 422, "reason": "Invalid", "message": "Deployment is invalid",
            "details": {"name": "api", "causes": [{"reason": "FieldValueInvalid", "message": "must be positive", "field": "spec.replicas"}]}}"#;
        let with_causes: kube::core::Status = serde_json::from_str(details).unwrap();
        assert!(of("scale", &kube::Error::Api(Box::new(with_causes))).cause.contains("spec.replicas: must be positive"));
    }
}
