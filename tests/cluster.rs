//! The cluster adapter against scripted servers on loopback: what it says of every way to fail, how a watch recovers,
//! and that a write is sent once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kopilot_tui::cluster::watch::{self, Fetch, Pace, Watches};
use kopilot_tui::cluster::{Cluster, contexts, read::Limits};
use kopilot_tui::model::operation::{Objects, Output, Selectors, Target, Write};
use kopilot_tui::model::{
    Action, Change, Decision, Epoch, KindRef, Link, Looked, Operation, Outcome, Read, Reading, Risk, Role, Scope, TroubleClass, TurnId, Update, Verdict,
    WatchKind,
};
use kopilot_tui::policy::Receipt;
use kopilot_tui::policy::approval::{Challenge, Pressed};
use kopilot_tui::text::Redactor;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// What a server does with a request.
enum Reply {
    /// A whole answer.
    Json(u16, String),
    /// Lines of a watch as they are released; then the connection is closed.
    Lines(Vec<Part>),
    /// Nothing; the connection is closed.
    Close,
    /// Nothing for ever.
    Silence,
}

enum Part {
    Text(String),
    Wait(Arc<Notify>),
}

/// `GET /path?query` as it came, one a request.
type Asked = Arc<Mutex<Vec<String>>>;

struct Server {
    address: String,
    asked: Asked,
    stop: CancellationToken,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Server {
    async fn start(script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
    }

    fn on(listener: TcpListener, script: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let (asked, stop) = (Asked::default(), CancellationToken::new());
        let address = listener.local_addr().unwrap().to_string();
        let (script, noted, ended) = (Arc::new(script), asked.clone(), stop.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(ended.clone().run_until_cancelled_owned(talk(stream, script.clone(), noted.clone())));
            }
        }));
        Self { address, asked, stop }
    }

    fn asked(&self, holds: impl Fn(&str) -> bool) -> usize {
        self.asked.lock().unwrap().iter().filter(|a| holds(a)).count()
    }

    async fn cluster(&self) -> Cluster {
        connect(&format!("http://{}", self.address), "").await
    }
}

async fn talk(mut stream: TcpStream, script: Arc<impl Fn(&str) -> Reply>, asked: Asked) {
    loop {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read(&mut byte).await {
                Ok(1) => head.push(byte[0]),
                _ => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ").and_then(|n| n.trim().parse().ok())).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
        asked.lock().unwrap().push(line.clone());
        match script(&line) {
            Reply::Json(code, body) => {
                let head = format!("HTTP/1.1 {code} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
                if stream.write_all((head + &body).as_bytes()).await.is_err() {
                    return;
                }
            }
            Reply::Lines(parts) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n").await.unwrap();
                for part in parts {
                    match part {
                        Part::Text(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                        Part::Wait(notify) => notify.notified().await,
                    }
                }
                return;
            }
            Reply::Close => return,
            Reply::Silence => std::future::pending().await,
        }
    }
}

async fn connect(server: &str, cluster: &str) -> Cluster {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters: [{{name: c, cluster: {{server: \"{server}\"{cluster}}}}}]\nusers: [{{name: u, user: {{token: t}}}}]\ncontexts: [{{name: test, context: {{cluster: c, user: u, namespace: shop}}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    contexts::connect(Some(&path), None, Epoch(1), Redactor::new([1; 32]), Arc::new(jiff::Timestamp::now)).await.unwrap()
}

fn status(code: u16, reason: &str, message: &str) -> Reply {
    let status = serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message});
    Reply::Json(code, status.to_string())
}

fn pods_kind() -> KindRef {
    KindRef::new("", "v1", "pods", "Pod", true)
}

fn get_pods() -> Operation {
    let read = Read::Get {
        targets: vec![Target { kind: pods_kind(), name: None }],
        selectors: Selectors::default(),
        output: Output::Name,
        sort_by: None,
        show_labels: false,
    };
    Operation { action: Action::Read(read), scope: Scope::Context }
}

async fn read(cluster: &Cluster) -> Reading {
    cluster.read(&get_pods(), Some("shop"), Limits::default()).await.into_iter().next().unwrap()
}

#[tokio::test]
async fn every_answer_that_is_none_is_told_from_the_others() {
    for (reply, class, word) in [
        (|| status(401, "Unauthorized", "Unauthorized"), TroubleClass::Unauthenticated, "Unauthorized"),
        (
            || status(403, "Forbidden", "pods is forbidden: User \"u\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\""),
            TroubleClass::Denied,
            "forbidden",
        ),
        (|| status(500, "InternalError", "etcd is gone"), TroubleClass::Other, "etcd is gone"),
        (|| Reply::Json(404, "<html>nginx</html>".into()), TroubleClass::NotFound, "nginx"),
        (|| Reply::Json(200, "<html>login</html>".into()), TroubleClass::Other, "no Kubernetes object"),
        (|| Reply::Json(200, "{\"items\": [".into()), TroubleClass::Other, "no Kubernetes object"),
        (|| Reply::Close, TroubleClass::Unreachable, "closed the connection"),
    ] as [(fn() -> Reply, TroubleClass, &str); 7]
    {
        let server = Server::start(move |_| reply()).await;
        let reading = read(&server.cluster().await).await;
        let said = match &reading.looked {
            Looked::Denied(t) if class == TroubleClass::Denied => t.to_string(),
            Looked::Nothing(s) if class == TroubleClass::NotFound => s.to_string(),
            Looked::Failed(t) if t.class == class => t.to_string(),
            other => panic!("{class:?}: {other:?}"),
        };
        assert!(said.contains(word), "{said}");
    }
}

#[tokio::test]
async fn a_refused_port_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let reading = read(&connect(&format!("http://{port}"), "").await).await;
    let Looked::Failed(trouble) = &reading.looked else { panic!("{reading:?}") };
    assert!(
        trouble.class == TroubleClass::Unreachable && trouble.cause.contains(&format!("nothing listens on {port}")) && !trouble.hint.is_empty(),
        "{trouble}"
    );
}

#[tokio::test]
async fn a_busy_server_is_asked_again_for_reads() {
    let count = Arc::new(Mutex::new(0));
    let server = Server::start(move |_| {
        let mut n = count.lock().unwrap();
        *n += 1;
        if *n < 3 { status(503, "ServiceUnavailable", "starting") } else { Reply::Json(200, pods(&["a"], "5", "")) }
    })
    .await;
    assert!(matches!(read(&server.cluster().await).await.looked, Looked::Found(_)));
    assert_eq!(server.asked(|_| true), 3);
}

mod certificates {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};

    /// Serves a certificate and reads whatever comes; the address.
    async fn serve(certificate: &rcgen::Certificate, key: &KeyPair) -> (String, CancellationToken) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let address = listener.local_addr().unwrap().to_string();
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let _ = acceptor.accept(stream).await;
            }
        }));
        (address, stop)
    }

    fn authority() -> (rcgen::Certificate, Issuer<'static, KeyPair>) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (certificate, Issuer::new(params, key))
    }

    async fn said(certificate: &rcgen::Certificate, key: &KeyPair, trusted: &rcgen::Certificate) -> String {
        let (address, stop) = serve(certificate, key).await;
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.crt");
        std::fs::write(&ca, trusted.pem()).unwrap();
        let cluster = connect(&format!("https://{address}"), &format!(", certificate-authority: \"{}\"", ca.display())).await;
        let reading = read(&cluster).await;
        stop.cancel();
        let Looked::Failed(trouble) = reading.looked else { panic!("{reading:?}") };
        assert_eq!(trouble.class, TroubleClass::Unreachable);
        trouble.to_string()
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_certificate_is_said_in_words() {
        let (ca, issuer) = authority();
        let (other, _) = authority();
        let key = KeyPair::generate().unwrap();
        let leaf = |name: &str, change: fn(&mut CertificateParams)| {
            let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            change(&mut params);
            params.signed_by(&key, &issuer).unwrap()
        };
        let good = leaf("127.0.0.1", |_| ());
        for (certificate, trusted, word) in [
            (&good, &other, "signed by an authority that is not trusted"),
            (&leaf("elsewhere.example", |_| ()), &ca, "it names"),
            (&leaf("127.0.0.1", |p| (p.not_before, p.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1))), &ca, "has expired"),
            (&leaf("127.0.0.1", |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), &ca, "is itself a CA certificate"),
        ] {
            let said = said(certificate, &key, trusted).await;
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

// --- watches

fn pod(name: &str, version: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"shop","uid":"u-{name}","resourceVersion":"{version}"}},"spec":{{"containers":[{{"name":"c"}}]}},"status":{{"phase":"Running"}}}}"#
    )
}

fn pods(names: &[&str], version: &str, next: &str) -> String {
    let items: Vec<String> = names.iter().map(|n| pod(n, "1")).collect();
    format!(r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"resourceVersion":"{version}","continue":"{next}"}},"items":[{}]}}"#, items.join(","))
}

fn line(kind: &str, object: &str) -> Part {
    Part::Text(format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n"))
}

fn bookmark(version: &str, ends: bool) -> Part {
    let annotations = if ends { r#","annotations":{"k8s.io/initial-events-end":"true"}"# } else { "" };
    line("BOOKMARK", &format!(r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"resourceVersion":"{version}"{annotations}}}}}"#))
}

fn hold() -> Part {
    Part::Wait(Arc::new(Notify::new()))
}

fn pace() -> Pace {
    Pace {
        shortest: Duration::from_millis(5),
        longest: Duration::from_millis(40),
        denied: Duration::from_millis(5),
        stream: Duration::from_millis(150),
        quiet: Duration::from_secs(20),
        session: Duration::from_secs(30),
    }
}

/// Everything a watch says, in words that a test can compare.
struct Said {
    from: mpsc::Receiver<Update>,
    words: Vec<String>,
    stop: CancellationToken,
    watches: Watches,
}

impl Drop for Said {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn follow(server: &Server, fetch: Fetch, pace: Pace) -> Said {
    let (out, from) = mpsc::channel(8);
    let stop = CancellationToken::new();
    let cluster = server.cluster().await;
    let watches = watch::start_paced(&cluster, Some(&cluster.namespace), &[WatchKind::Pods], fetch, pace, &out, &stop);
    Said { from, words: Vec::new(), stop, watches }
}

impl Said {
    /// Reads until a word is said; all words so far.
    async fn until(&mut self, wanted: &str) -> Vec<String> {
        let reading = async {
            while !self.words.iter().any(|w| w == wanted) {
                match self.from.recv().await.unwrap_or_else(|| panic!("it ended before {wanted}: {:?}", self.words)) {
                    Update::Link(_, link, _) => self.words.push(match link {
                        Link::Connecting => "connecting".to_owned(),
                        Link::Filling => "filling".to_owned(),
                        Link::Live => "live".to_owned(),
                        Link::Stale { trouble, .. } => format!("stale {:?}", trouble.class),
                        Link::Denied(_) => "denied".to_owned(),
                    }),
                    Update::Pods(changes) => self.words.extend(changes.into_iter().map(|c| match c {
                        Change::Upsert(p) => format!("+{}", p.meta.name),
                        Change::Gone(uid) => format!("-{uid}"),
                        Change::ListBegins => "[".to_owned(),
                        Change::ListEnds => "]".to_owned(),
                    })),
                    Update::Events(_) => panic!("no events were asked for"),
                }
            }
        };
        let done = tokio::time::timeout(Duration::from_secs(20), reading).await;
        assert!(done.is_ok(), "not said in 20 s: {wanted}; said: {:?}", self.words);
        std::mem::take(&mut self.words)
    }
}

#[tokio::test]
async fn a_list_in_pages_begins_small_and_a_cut_line_is_read_again_after_a_resume() {
    let server = Server::start(|asked| match asked {
        a if a.contains("watch=true") && a.contains("resourceVersion=9&") || a.ends_with("resourceVersion=9") => {
            Reply::Lines(vec![line("ADDED", &pod("c", "10")), Part::Text(r#"{"type":"ADDED","object":{"metadata":{"name":"d""#.into())])
        }
        a if a.contains("resourceVersion=10") => Reply::Lines(vec![line("ADDED", &pod("d", "11")), line("DELETED", &pod("a", "12")), hold()]),
        a if a.contains("continue=more") => Reply::Json(200, pods(&["b"], "9", "")),
        _ => Reply::Json(200, pods(&["a"], "9", "more")),
    })
    .await;
    let mut said = follow(&server, Fetch::Paged, pace()).await;
    assert_eq!(said.until("-u-a").await, ["connecting", "filling", "[", "+a", "+b", "]", "live", "+c", "+d", "-u-a"]);
    let asked = server.asked.lock().unwrap().clone();
    assert!(asked[0].contains("limit=50") && asked[1].contains("limit=500") && asked[1].contains("continue=more"), "{asked:?}");
}

#[tokio::test]
async fn a_version_that_is_too_old_lists_again_and_blanks_nothing() {
    for in_stream in [false, true] {
        let lists = Arc::new(Mutex::new(0));
        let server = Server::start(move |asked| {
            if !asked.contains("watch=true") {
                let mut n = lists.lock().unwrap();
                *n += 1;
                return Reply::Json(200, if *n == 1 { pods(&["a"], "1", "") } else { pods(&["b"], "50", "") });
            }
            match (asked.ends_with("resourceVersion=50"), in_stream) {
                (true, _) => Reply::Lines(vec![hold()]),
                (false, false) => status(410, "Expired", "too old resource version"),
                (false, true) => Reply::Lines(vec![line("ERROR", r#"{"kind":"Status","apiVersion":"v1","code":410,"reason":"Expired","message":"too old"}"#)]),
            }
        })
        .await;
        let mut said = follow(&server, Fetch::Paged, pace()).await;
        assert_eq!(said.until("live").await, ["connecting", "filling", "[", "+a", "]", "live"]);
        assert_eq!(said.until("]").await, ["[", "+b", "]"], "in the stream: {in_stream}");
    }
}

#[tokio::test]
async fn a_streaming_list_shows_its_first_row_before_the_rest_and_is_live_at_its_end() {
    let rest = Arc::new(Notify::new());
    let gate = rest.clone();
    let server = Server::start(move |asked| {
        assert!(asked.contains("sendInitialEvents=true") && asked.contains("resourceVersionMatch=NotOlderThan"), "{asked}");
        Reply::Lines(vec![
            line("ADDED", &pod("a", "1")),
            Part::Wait(gate.clone()),
            line("ADDED", &pod("b", "2")),
            bookmark("3", true),
            bookmark("4", false),
            hold(),
        ])
    })
    .await;
    let mut said = follow(&server, Fetch::Streaming, Pace { stream: Duration::from_secs(20), ..pace() }).await;
    assert_eq!(said.until("+a").await, ["connecting", "filling", "[", "+a"]);
    rest.notify_one();
    assert_eq!(said.until("live").await, ["+b", "]", "live"]);
}

#[tokio::test]
async fn where_streaming_is_refused_or_ignored_pages_are_asked_for() {
    for refused in [true, false] {
        let server = Server::start(move |asked| match asked {
            a if a.contains("sendInitialEvents") && refused => status(422, "Invalid", "sendInitialEvents is forbidden for watch"),
            a if a.contains("sendInitialEvents") => Reply::Lines(vec![line("ADDED", &pod("a", "1")), hold()]),
            a if a.contains("watch=true") => Reply::Lines(vec![hold()]),
            _ => Reply::Json(200, pods(&["a"], "1", "")),
        })
        .await;
        let mut said = follow(&server, Fetch::Streaming, pace()).await;
        let words = said.until("live").await;
        assert_eq!(&words[words.len() - 4..], ["[", "+a", "]", "live"], "refused: {refused}");
        assert!(!words.iter().any(|w| w.starts_with("stale")), "{words:?}");
    }
}

#[tokio::test]
async fn a_lost_server_is_stale_and_a_found_one_resumes_without_a_list() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let script = |asked: &str| if asked.contains("watch=true") { Reply::Lines(vec![hold()]) } else { Reply::Json(200, pods(&["a"], "7", "")) };
    let first = Server::on(listener, script);
    let mut said = follow(&first, Fetch::Paged, pace()).await;
    said.until("live").await;
    drop(first);
    assert_eq!(said.until("stale Unreachable").await, ["stale Unreachable"]);
    let listener = loop {
        match TcpListener::bind(address).await {
            Ok(listener) => break listener,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let second = Server::on(listener, |asked| {
        assert!(asked.contains("resourceVersion=7"), "{asked}");
        Reply::Lines(vec![line("ADDED", &pod("b", "8")), hold()])
    });
    assert_eq!(said.until("+b").await, ["live", "+b"]);
    drop(second);
}

#[tokio::test]
async fn a_denied_watch_is_denied_and_a_retry_does_not_wait() {
    let allowed = Arc::new(Mutex::new(false));
    let now = allowed.clone();
    let server = Server::start(move |asked| match asked {
        _ if !*now.lock().unwrap() => status(403, "Forbidden", "pods is forbidden"),
        a if a.contains("watch=true") => Reply::Lines(vec![hold()]),
        _ => Reply::Json(200, pods(&[], "1", "")),
    })
    .await;
    let never = Duration::from_hours(1);
    let mut said = follow(&server, Fetch::Auto, Pace { denied: never, ..pace() }).await;
    assert_eq!(said.until("denied").await, ["connecting", "denied"]);
    *allowed.lock().unwrap() = true;
    said.watches.retry();
    assert_eq!(said.until("live").await, ["filling", "[", "]", "live"]);
}

#[tokio::test]
async fn a_watch_ends_with_its_token_or_its_receiver() {
    let server = Server::start(|asked| if asked.contains("watch=true") { Reply::Lines(vec![hold()]) } else { Reply::Json(200, pods(&["a"], "7", "")) }).await;
    let mut said = follow(&server, Fetch::Paged, pace()).await;
    said.until("live").await;
    said.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(20), async { while said.from.recv().await.is_some() {} }).await;
    assert!(ended.is_ok(), "the watch goes on after its token was cancelled");
}

// --- writes

const DEPLOYMENT: &str =
    r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api","namespace":"shop","uid":"u1","resourceVersion":"5"},"spec":{"replicas":1}}"#;

/// Plans, approves and executes `scale deployment/api --replicas=2` where the real PATCH is answered so.
async fn scaled(answer: fn() -> Reply) -> (Outcome, usize) {
    let server = Server::start(move |asked| match asked {
        a if a.starts_with("PATCH") && a.contains("dryRun=All") => Reply::Json(200, r#"{"kind":"Scale","spec":{"replicas":2}}"#.into()),
        a if a.starts_with("PATCH") => answer(),
        _ => Reply::Json(200, DEPLOYMENT.into()),
    })
    .await;
    let cluster = server.cluster().await;
    let target = Target { kind: KindRef::new("apps", "v1", "deployments", "Deployment", true), name: Some("api".into()) };
    let operation = Operation { action: Action::Write(Write::Scale { objects: Objects::one(target), replicas: 2, current: None }), scope: Scope::Context };
    let verdict = Verdict { decision: Decision::Approve, risk: Risk::Medium, rule: "test", reason: String::new() };
    let plan = cluster.plan(&operation, "shop", &verdict, TurnId(1), Vec::new()).await.unwrap();
    assert_eq!(plan.operation.scope, Scope::Named("shop".into()));
    let now = jiff::Timestamp::now();
    let opened = now - jiff::SignedDuration::from_secs(5);
    let mut challenge = Challenge::mint(&plan, &cluster.user, opened, opened);
    challenge.press(&KeyEvent::new(KeyCode::Right, KeyModifiers::NONE), now);
    let Pressed::Approved(approval) = challenge.press(&KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE), now) else { panic!("not approved") };
    let writer = cluster.writer(Role::Operator, Arc::new(jiff::Timestamp::now)).unwrap().with_patience(Duration::from_millis(50), Duration::from_millis(10));
    let outcome = writer.execute(&plan, approval, Receipt::issued(plan.digest, String::new())).await;
    (outcome, server.asked(|a| a.starts_with("PATCH") && !a.contains("dryRun")))
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_comes_back() {
    type Case = (fn() -> Reply, fn(&Outcome) -> bool);
    let cases: [Case; 7] = [
        (|| status(409, "Conflict", "the object has been modified"), |o| matches!(o, Outcome::Void(_))),
        (|| status(429, "TooManyRequests", "slow down"), |o| matches!(o, Outcome::Failed(t) if t.class == TroubleClass::Busy)),
        (|| status(403, "Forbidden", "no"), |o| matches!(o, Outcome::Failed(t) if t.class == TroubleClass::Denied)),
        (|| status(503, "ServiceUnavailable", "starting"), |o| matches!(o, Outcome::Unknown(s) if s.contains("unchanged"))),
        (|| status(504, "Timeout", "gave up"), |o| matches!(o, Outcome::Unknown(_))),
        (|| Reply::Close, |o| matches!(o, Outcome::Unknown(s) if s.contains("may have happened"))),
        // accepted, and the deployment stays as it was
        (|| Reply::Json(200, r#"{"kind":"Scale","spec":{"replicas":2}}"#.into()), |o| matches!(o, Outcome::NotSeen(s) if s.contains("set to 1 replicas"))),
    ];
    for (answer, holds) in cases {
        let (outcome, sent) = scaled(answer).await;
        assert!(holds(&outcome), "{outcome:?}");
        assert_eq!(sent, 1, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_timeout_that_names_it() {
    let server = Server::start(|_| Reply::Silence).await;
    let cluster = server.cluster().await;
    // the connection stands before time is made to pass by itself
    let reading = tokio::spawn(async move { read(&cluster).await });
    while server.asked(|_| true) == 0 {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    let reading = reading.await.unwrap();
    let Looked::Failed(trouble) = &reading.looked else { panic!("{reading:?}") };
    assert!(trouble.class == TroubleClass::Timeout && trouble.cause.contains(&server.address) && trouble.cause.contains("did not answer"), "{trouble}");
}
