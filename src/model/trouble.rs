//! What went wrong, in the words a person needs: the operation, the object, the cause, what to do.
use crate::text::Clean;

/// Kinds of failure that are told apart everywhere (panel, pane, prompt, exit code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleClass {
    /// 404: it is not there.
    NotFound,
    /// 403: we may not look (or act).
    Denied,
    /// 401, an exec plugin that failed, an expired certificate of ours.
    Unauthenticated,
    /// No connection: refused, no route, DNS, TLS.
    Unreachable,
    /// Accepted and never answered, or answered too late.
    Timeout,
    /// 409: it changed since it was read, or exists already.
    Conflict,
    /// 400, 415, 422: the server or we judge the request wrong.
    Invalid,
    /// 410: a watch or a continue token is too old.
    Expired,
    /// 429, 503, 504: later may work.
    Busy,
    /// No or broken kubeconfig, unknown context, bad configuration.
    Config,
    /// Forbidden by policy here, or not in the grammar.
    Refused,
    /// Anything else; the cause says it.
    Other,
}

/// A failure as it is shown, kept and told to the model.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[error("{operation}: {cause}{}{hint}", if .hint.is_empty() { "" } else { ". " })]
pub struct Trouble {
    /// What was tried, with the object: `list pods in shop`.
    pub operation: Clean,
    /// The innermost cause: `connection refused (127.0.0.1:6443)`.
    pub cause: Clean,
    /// What the user can do; empty when nothing is known.
    pub hint: Clean,
    /// For code that must tell failures apart.
    pub class: TroubleClass,
}

impl Trouble {
    /// A failure without a hint.
    pub fn new(class: TroubleClass, operation: &str, cause: &str) -> Self {
        Self { operation: Clean::line(operation), cause: Clean::line(cause), hint: Clean::default(), class }
    }
    /// The same with each of its texts as `text` makes it: redacted, before it is shown or kept.
    #[must_use]
    pub fn map(self, text: impl Fn(&Clean) -> Clean) -> Self {
        Self { operation: text(&self.operation), cause: text(&self.cause), hint: text(&self.hint), class: self.class }
    }
    /// The same with what the user can do.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = Clean::line(hint);
        self
    }
}
