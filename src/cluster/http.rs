//! One request, one answer: a time limit on each, a few retries for reads that the server was too busy for, none for
//! writes. What goes wrong comes back as a [`Trouble`] that names the operation.
use super::{Cluster, trouble};
use crate::model::{Trouble, TroubleClass};
use crate::text::Clean;
use futures::AsyncReadExt as _;
use http::Request;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a read may take unless configured otherwise.
pub(super) const READ: Duration = Duration::from_secs(30);
/// How long a write may take before its fate is called unknown.
pub(super) const WRITE: Duration = Duration::from_mins(5);
/// The most bytes of one answer that are read.
const MOST: u64 = 64 * 1024 * 1024;
/// How often a busy server is asked for one read.
const ATTEMPTS: u32 = 4;

/// Content types of the API.
pub(super) mod accept {
    /// Plain objects.
    pub const JSON: &str = "application/json";
    /// The server's own table, with the objects' metadata.
    pub const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    /// Metadata alone: the only form in which Secrets are listed for the rules.
    pub const METADATA: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    /// Metadata where the server can, else whole objects: for kinds that hold nothing secret.
    pub const NAMES: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
    /// All kinds in one answer.
    pub const DISCOVERY: &str = kube::core::discovery::v2::ACCEPT_AGGREGATED_DISCOVERY_V2;
}

/// A failed request, before it is put into words: the code still matters to the caller.
#[derive(Debug)]
pub(super) struct Failed {
    /// In words.
    pub trouble: Trouble,
    /// The server's own answer, when there was one.
    pub status: Option<Box<kube::core::Status>>,
}

impl Cluster {
    /// Sends one request once, and returns the body's bytes.
    pub(super) async fn send(&self, operation: &str, request: Request<Vec<u8>>, limit: Duration) -> Result<Vec<u8>, Failed> {
        let work = async {
            let mut stream = self.client.request_stream(request).await?.take(MOST);
            let mut body = Vec::new();
            stream.read_to_end(&mut body).await.map_err(kube::Error::ReadEvents)?;
            Ok::<_, kube::Error>(body)
        };
        match tokio::time::timeout(limit, work).await {
            Ok(Ok(body)) => Ok(body),
            Ok(Err(error)) => {
                let trouble = self.redacted(trouble::at(operation, &self.server, &error));
                let status = if let kube::Error::Api(status) = error { Some(status) } else { None };
                Err(Failed { trouble, status })
            }
            Err(_) => Err(Failed { trouble: trouble::silent(operation, &self.server, limit), status: None }),
        }
    }

    /// A server's sentence may quote what it was sent, or a plugin's what it holds.
    pub(super) fn redacted(&self, mut trouble: Trouble) -> Trouble {
        let (cause, taken) = self.redactor.redact(&trouble.cause);
        if !taken.is_empty() {
            trouble.cause = Clean::line(&cause);
        }
        trouble
    }

    /// A GET. Retried while the server says that it is busy, never longer than one may take altogether.
    pub(super) async fn fetch(&self, operation: &str, path: &str, accept: &str) -> Result<Vec<u8>, Trouble> {
        let asked = async {
            let mut attempt = 0;
            loop {
                let request = Request::get(path)
                    .header(http::header::ACCEPT, accept)
                    .body(Vec::new())
                    .map_err(|e| Trouble::new(TroubleClass::Invalid, operation, &format!("no such path: {e}")))?;
                match self.send(operation, request, self.reads).await {
                    Ok(body) => return Ok(body),
                    Err(failed) if failed.trouble.class == TroubleClass::Busy && attempt + 1 < ATTEMPTS => {
                        let told = failed.status.and_then(|s| s.details).map_or(0, |d| d.retry_after_seconds);
                        let wait = Duration::from_millis(250 << attempt).max(Duration::from_secs(u64::from(told.min(5))));
                        tokio::time::sleep(wait).await;
                        attempt += 1;
                    }
                    Err(failed) => return Err(failed.trouble),
                }
            }
        };
        tokio::time::timeout(self.reads, asked).await.unwrap_or_else(|_| Err(trouble::silent(operation, &self.server, self.reads)))
    }

    /// A GET that answers JSON of a known shape.
    pub(super) async fn fetch_as<T: DeserializeOwned>(&self, operation: &str, path: &str, accept: &str) -> Result<T, Trouble> {
        let body = self.fetch(operation, path, accept).await?;
        serde_json::from_slice(&body).map_err(|e| trouble::malformed(operation, &self.server, &e))
    }

    /// A POST of a review: it changes nothing, so it may be sent like a read.
    pub(super) async fn review(&self, operation: &str, path: &str, body: &serde_json::Value) -> Result<serde_json::Value, Trouble> {
        let request = Request::post(path)
            .header(http::header::ACCEPT, accept::JSON)
            .header(http::header::CONTENT_TYPE, accept::JSON)
            .body(body.to_string().into_bytes())
            .map_err(|e| Trouble::new(TroubleClass::Invalid, operation, &format!("no such path: {e}")))?;
        let body = self.send(operation, request, self.reads).await.map_err(|f| f.trouble)?;
        serde_json::from_slice(&body).map_err(|e| trouble::malformed(operation, &self.server, &e))
    }

    /// The time of one round trip, measured on the first call: two small requests, the better of the two once the
    /// connection stands. `None` when nothing answers.
    pub(super) async fn round_trip(&self) -> Option<Duration> {
        let measure = || async {
            let mut best = None;
            for _ in 0..2 {
                let request = Request::get("/version").body(Vec::new()).map_err(|_| ())?;
                let began = tokio::time::Instant::now();
                match self.send("measure the round trip", request, Duration::from_secs(10)).await {
                    // a refusal has travelled as far as an answer
                    Ok(_) | Err(Failed { status: Some(_), .. }) => best = Some(best.unwrap_or(Duration::MAX).min(began.elapsed())),
                    Err(_) => return Err(()),
                }
            }
            best.ok_or(())
        };
        self.round_trip.get_or_try_init(measure).await.ok().copied()
    }
}

/// `path?a=b&c=d`, percent-encoded; pairs with an empty value are left out.
pub(super) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    for (key, value) in pairs.iter().filter(|(_, v)| !v.is_empty()) {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(key);
        out.push('=');
        out.push_str(&encode(value));
    }
    out
}

/// A value as it may stand in a path or query.
pub(super) fn encode(value: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_and_empty_values_are_left_out() {
        assert_eq!(
            with_query("/api/v1/pods", &[("labelSelector", "app=a b"), ("fieldSelector", ""), ("limit", "5")]),
            "/api/v1/pods?labelSelector=app%3Da%20b&limit=5"
        );
    }

    #[test]
    fn a_name_can_not_leave_its_place_in_a_path() {
        assert_eq!(encode("../secrets?x"), "..%2Fsecrets%3Fx");
    }
}
