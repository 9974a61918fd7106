//! An embedded cluster behind a gate: a proxy on loopback that counts the writes that pass, and can hold one, before or
//! after the cluster sees it, or break the line in the middle.
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use kopilot_tui::demo::serve::{self, From, Options, Served};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// What the gate does with the next request that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Everything passes.
    Nothing,
    /// A read of one object by its name waits before it passes.
    Look,
    /// A write waits before it passes.
    Write,
    /// A write passes and its answer waits.
    Answer,
    /// A write passes and the line breaks before its answer.
    Break,
}

struct Inner {
    http: reqwest::Client,
    base: String,
    token: String,
    hold: watch::Sender<Hold>,
    /// How many requests were held so far.
    held: watch::Sender<usize>,
    /// `PATCH /path?query` of every write that reached the cluster, dry runs and reviews left out.
    passed: Mutex<Vec<String>>,
}

/// See the module.
pub struct Gate {
    pub url: String,
    inner: Arc<Inner>,
    runtime: tokio::runtime::Runtime,
    _served: Served,
}

impl Gate {
    pub fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (served, inner, url) = runtime.block_on(async {
            let options = Options { port: 0, still: false, from: From::Scenario("shop".into()), pods: 0, churn: 0 };
            let served = serve::serve(&options, Arc::new(jiff::Timestamp::now)).await.unwrap();
            let config: Value = serde_saphyr::from_str(&served.kubeconfig).unwrap();
            let data = config["clusters"][0]["cluster"]["certificate-authority-data"].as_str().unwrap();
            let pem = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
            let ca = reqwest::Certificate::from_pem(&pem).unwrap();
            let http = reqwest::Client::builder().tls_certs_only([ca]).no_proxy().build().unwrap();
            let token = config["users"][0]["user"]["token"].as_str().unwrap().to_owned();
            let inner = Arc::new(Inner {
                http,
                base: served.url.clone(),
                token,
                hold: watch::Sender::new(Hold::Nothing),
                held: watch::Sender::new(0),
                passed: Mutex::default(),
            });
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let router = axum::Router::new().fallback(pass).with_state(inner.clone());
            tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
            (served, inner, url)
        });
        Self { url, inner, runtime, _served: served }
    }

    /// From now on. What waits goes on when nothing is held any more.
    pub fn hold(&self, what: Hold) {
        self.inner.hold.send_replace(what);
    }

    /// Waits until a request is held.
    pub fn until_held(&self) {
        let mut held = self.inner.held.subscribe();
        let wait = async { held.wait_for(|n| *n > 0).await.map(drop) };
        self.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), wait).await }).expect("a request comes to the gate").unwrap();
    }

    /// The writes that reached the cluster.
    pub fn passed(&self) -> Vec<String> {
        self.inner.passed.lock().unwrap().clone()
    }

    /// Someone else's hands: a merge patch past the gate.
    pub fn patch(&self, path: &str, body: &Value) {
        let request = self.inner.http.patch(format!("{}{path}", self.inner.base)).bearer_auth(&self.inner.token);
        let request = request.header("content-type", "application/merge-patch+json").body(body.to_string());
        let answer = self.runtime.block_on(request.send()).unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// An object as it is.
    pub fn get(&self, path: &str) -> Value {
        let request = self.inner.http.get(format!("{}{path}", self.inner.base)).bearer_auth(&self.inner.token);
        let text = self.runtime.block_on(async { request.send().await.unwrap().text().await.unwrap() });
        serde_json::from_str(&text).unwrap()
    }
}

async fn pass(State(gate): State<Arc<Inner>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().unwrap().to_string();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let reads = head.method == "GET" || path.contains("authorization.k8s.io") || path.contains("authentication.k8s.io");
    let tries = path.contains("dryRun=All") || String::from_utf8_lossy(&body).contains("\"dryRun\"");
    let writes = !reads && !tries;
    let looks = head.method == "GET" && head.uri.query().is_none() && head.uri.path().contains("/deployments/");
    let hold = *gate.hold.borrow();
    if writes && hold == Hold::Write || looks && hold == Hold::Look {
        wait(&gate).await;
    }
    if writes {
        gate.passed.lock().unwrap().push(format!("{} {path}", head.method));
    }
    let mut asked = gate.http.request(head.method.clone(), format!("{}{path}", gate.base)).bearer_auth(&gate.token).body(body);
    for (name, value) in head.headers.iter().filter(|(n, _)| *n != "host" && *n != "authorization" && *n != "content-length") {
        asked = asked.header(name, value);
    }
    let answer = asked.send().await.unwrap();
    if writes && hold == Hold::Answer {
        wait(&gate).await;
    }
    if writes && hold == Hold::Break {
        answer.bytes().await.unwrap();
        gate.held.send_modify(|n| *n += 1);
        // The connection's task ends without an answer, and without a word about it.
        std::panic::resume_unwind(Box::new(()));
    }
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(n, _)| *n != "transfer-encoding" && *n != "content-length") {
        response = response.header(name, value);
    }
    response.body(Body::from_stream(answer.bytes_stream())).unwrap()
}

async fn wait(gate: &Inner) {
    let mut hold = gate.hold.subscribe();
    gate.held.send_modify(|n| *n += 1);
    let _ = hold.wait_for(|h| *h == Hold::Nothing).await;
}
