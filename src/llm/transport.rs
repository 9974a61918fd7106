//! The one place that touches the network: sends a body, and drives a decoder with what comes back.
//!
//! The client is built at the first request, not before: a host without CA certificates fails with a sentence when a
//! model is asked, and never for `http://`. A stream is cut after so much silence; every byte counts as sound.
use super::Endpoint;
use super::failure::{Peer, retry_after};
use crate::model::ModelEvent;
use crate::model::chat::{Failure, FailureClass};
use crate::text::Clean;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use secrecy::ExposeSecret as _;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How the bytes of an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The server closed it.
    Closed,
    /// The connection broke.
    Broken,
    /// Silence for too long.
    Silent,
}

/// Bytes in, events out; pure. It gives `Stop` or `Failed` once, as the last event.
pub(super) trait Decoder: Send + 'static {
    /// The answer begins, with this content type.
    fn begin(&mut self, content_type: &str);
    /// More bytes.
    fn feed(&mut self, chunk: &[u8]) -> Vec<ModelEvent>;
    /// No more bytes.
    fn end(&mut self, how: End) -> Vec<ModelEvent>;
}

/// A connection to one path of one endpoint.
#[derive(Debug)]
pub(super) struct Transport {
    endpoint: Endpoint,
    path: &'static str,
    /// For sentences.
    pub peer: Peer,
    client: Arc<OnceLock<Result<reqwest::Client, String>>>,
}

/// The most bytes of an error body that are read.
const ERROR_BODY: usize = 64 * 1024;

impl Transport {
    pub fn new(provider: &'static str, endpoint: Endpoint, path: &'static str) -> Self {
        let peer = Peer::new(provider, &endpoint, path);
        Self { endpoint, path, peer, client: Arc::default() }
    }

    /// Sends these bytes once and streams what the decoder makes of the answer.
    pub fn stream(&self, bytes: &[u8], decoder: impl Decoder) -> BoxStream<'static, ModelEvent> {
        let call = Call {
            url: format!("{}{}", self.endpoint.base_url, self.path),
            body: bytes.to_vec(),
            key: self.endpoint.key.clone(),
            idle: Duration::from_secs(self.endpoint.idle_seconds.max(1)),
            client: self.client.clone(),
            peer: self.peer.clone(),
        };
        let state = State { phase: Phase::Start(Box::new(call)), decoder, queue: VecDeque::new() };
        stream::unfold(state, State::next).boxed()
    }
}

struct Call {
    url: String,
    body: Vec<u8>,
    key: Option<secrecy::SecretString>,
    idle: Duration,
    client: Arc<OnceLock<Result<reqwest::Client, String>>>,
    peer: Peer,
}

enum Phase {
    Start(Box<Call>),
    Reading { response: reqwest::Response, idle: Duration },
    Over,
}

struct State<D> {
    phase: Phase,
    decoder: D,
    queue: VecDeque<ModelEvent>,
}

impl<D: Decoder> State<D> {
    async fn next(mut self) -> Option<(ModelEvent, Self)> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                if matches!(event, ModelEvent::Stop(_) | ModelEvent::Failed(_)) {
                    self.queue.clear();
                    self.phase = Phase::Over;
                }
                return Some((event, self));
            }
            match std::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Over => return None,
                Phase::Start(call) => match call.send().await {
                    Ok(response) => {
                        let kind = response.headers().get(http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
                        self.decoder.begin(&kind.to_ascii_lowercase());
                        self.phase = Phase::Reading { response, idle: call.idle };
                    }
                    Err(failed) => self.queue.push_back(*failed),
                },
                Phase::Reading { mut response, idle } => {
                    let events = match tokio::time::timeout(idle, response.chunk()).await {
                        Ok(Ok(Some(chunk))) => {
                            let events = self.decoder.feed(&chunk);
                            self.phase = Phase::Reading { response, idle };
                            events
                        }
                        Ok(Ok(None)) => self.decoder.end(End::Closed),
                        Ok(Err(_)) => self.decoder.end(End::Broken),
                        Err(_) => self.decoder.end(End::Silent),
                    };
                    self.queue.extend(events);
                }
            }
        }
    }
}

impl Call {
    /// The response, once its status is a good one.
    async fn send(&self) -> Result<reqwest::Response, Box<ModelEvent>> {
        let failed = |failure| Box::new(ModelEvent::Failed(failure));
        let client = self.client.get_or_init(|| client(&self.url)).clone().map_err(|words| {
            let hint = "Install the system's CA certificates (ca-certificates), or name them in SSL_CERT_FILE. `http://` and the provider `offline` need none.";
            failed(Failure { hint: Clean::line(hint), ..self.peer.failure(FailureClass::Network, &words) })
        })?;
        let mut request = client.post(&self.url).header(http::header::CONTENT_TYPE, "application/json").body(self.body.clone());
        if let Some(key) = &self.key {
            let bearer = http::HeaderValue::try_from(format!("Bearer {}", key.expose_secret()));
            let mut bearer = bearer.map_err(|_| failed(self.peer.failure(FailureClass::Auth, "the key holds characters that no HTTP header may hold")))?;
            bearer.set_sensitive(true);
            request = request.header(http::header::AUTHORIZATION, bearer);
        }
        let silent = || failed(self.peer.failure(FailureClass::Network, &format!("no answer for {} s", self.idle.as_secs())));
        let response = match tokio::time::timeout(self.idle, request.send()).await {
            Err(_) => return Err(silent()),
            Ok(Err(error)) => return Err(failed(self.peer.unreachable(&error))),
            Ok(Ok(response)) => response,
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, wait) = (response.status().as_u16(), retry_after(response.headers()));
        let body = error_body(response, self.idle).await;
        let mut failure = self.peer.answered(status, &body);
        failure.retry_after = wait;
        Err(failed(failure))
    }
}

/// The first bytes of an error's body; what could not be read is left out.
async fn error_body(mut response: reqwest::Response, idle: Duration) -> String {
    let mut bytes = Vec::new();
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(idle, response.chunk()).await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ERROR_BODY {
            bytes.truncate(ERROR_BODY);
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A client for one URL. `http://` needs no certificates, so none are looked for; loopback goes through no proxy.
/// Redirects are not followed: a body with cluster data goes where the person said and nowhere else.
fn client(url: &str) -> Result<reqwest::Client, String> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Losing the race to another thread means that there is one now, which is all that is wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let url = reqwest::Url::parse(url).map_err(|e| e.to_string())?;
    let mut builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("kopilot-tui/", env!("CARGO_PKG_VERSION")));
    if url.scheme() == "http" {
        builder = builder.tls_certs_only([]);
    }
    let host = url.host_str().unwrap_or_default();
    let loopback = host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if loopback {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        format!("no TLS client can be made here: {cause}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_needs_no_certificates_and_https_without_any_fails_in_words() {
        assert!(client("http://127.0.0.1:1/v1").is_ok());
        match client("https://127.0.0.1:1/v1") {
            Ok(_) => {}
            Err(words) => assert!(words.contains("no TLS client"), "{words}"),
        }
    }
}
