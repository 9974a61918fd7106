//! Puts a store, its API and its simulation on a TLS listener on loopback, and writes a kubeconfig for it.
//!
//! One task accepts, one drives the simulation; both end when the `Served` is dropped. With `still` the second waits for
//! clients' writes alone, and the cluster's clock stands at the instant of its start.
use super::api::{Api, bootstrap, gc::Collector, rbac::User, router};
use super::sim::Sim;
use super::store::Store;
use super::{dump, scenario};
use crate::model::Timestamp;
use anyhow::Context as _;
use base64::Engine as _;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, pki_types::PrivatePkcs8KeyDer};
use tokio_util::sync::CancellationToken;

/// The simulation acts at most this often, however much is written.
const PACE: Duration = Duration::from_millis(50);
/// The longest sleep between two looks at the injected clock.
const NAP: Duration = Duration::from_secs(30);

/// What to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// 0: any free port.
    pub port: u16,
    /// The simulation acts only when someone writes, and its clock stands.
    pub still: bool,
    /// The scenario's name (`shop`), or a dump to serve.
    pub from: From,
    /// So many more healthy pods in namespace `load`.
    pub pods: usize,
    /// So many pod updates a second.
    pub churn: usize,
}

/// Where the objects come from.
#[derive(Clone, Debug)]
pub enum From {
    /// A built-in scenario.
    Scenario(String),
    /// A captured cluster.
    Dump(PathBuf),
}

/// The clock of the embedded cluster.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A running embedded cluster; dropping it ends it.
#[derive(Debug)]
pub struct Served {
    /// `https://127.0.0.1:PORT`.
    pub url: String,
    /// A kubeconfig with the users admin, viewer and nobody (contexts `demo-admin`, `demo-viewer`, `demo-nobody`;
    /// the current one is `demo-admin`, its namespace `shop`).
    pub kubeconfig: String,
    /// Ends it when dropped.
    pub stop: tokio_util::sync::DropGuard,
}

/// What acts behind the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// The simulated controllers and kubelets.
    Simulation,
    /// Nothing but the collector of what deletes leave: the objects stay as they were captured.
    Collector,
}

/// Starts it; returns when it accepts connections.
pub async fn serve(options: &Options, now: Clock) -> anyhow::Result<Served> {
    let store = Store::new();
    let (behind, now) = match &options.from {
        From::Scenario(name) => {
            let start = now();
            scenario::load_named(name, &store, start).with_context(|| format!("starting scenario {name:?}"))?;
            if options.pods > 0 {
                scenario::load(&store, options.pods, start);
            }
            let still: Clock = Arc::new(move || start);
            (Behind::Simulation, if options.still { still } else { now })
        }
        From::Dump(path) => {
            let read = dump::read(path).with_context(|| format!("reading the dump {}", path.display()))?;
            let unserved = dump::load(&read, &store);
            if unserved > 0 {
                tracing::warn!(unserved, "objects of kinds that the embedded cluster does not serve were left out");
            }
            // The captured instant goes on from there, so that ages are what they were.
            (Behind::Collector, captured_clock(read.taken_at, options.still, now))
        }
    };
    serve_store(store, options, behind, now).await
}

fn captured_clock(taken: Option<Timestamp>, still: bool, now: Clock) -> Clock {
    let start = now();
    let taken = taken.unwrap_or(start);
    if still { Arc::new(move || taken) } else { Arc::new(move || taken.checked_add(now().duration_since(start)).unwrap_or(taken)) }
}

/// Serves a store that the caller has filled.
pub async fn serve_store(store: Store, options: &Options, behind: Behind, now: Clock) -> anyhow::Result<Served> {
    bootstrap::fill(&store, now());
    let identity = identity()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.with_context(|| format!("listening on 127.0.0.1:{}", options.port))?;
    let address = listener.local_addr().context("reading the listener's address")?.to_string();
    let tokens: Vec<(String, User)> = ["admin", "viewer", "nobody"]
        .into_iter()
        .map(|name| Ok((secret()?, User { name: name.into(), groups: vec!["system:authenticated".into()] })))
        .collect::<anyhow::Result<_>>()?;
    let stop = CancellationToken::new();
    let kubeconfig = kubeconfig(&address, &identity.ca, &tokens);
    let api = Arc::new(Api {
        store,
        now,
        tokens,
        written: watch::Sender::new(0),
        still: options.still,
        kubelets: behind == Behind::Simulation,
        address: address.clone(),
        stop: stop.clone(),
    });
    tokio::spawn(drive(api.clone(), behind, options.churn));
    tokio::spawn(accept(listener, TlsAcceptor::from(identity.tls), api));
    Ok(Served { url: format!("https://{address}"), kubeconfig, stop: stop.drop_guard() })
}

struct Identity {
    tls: Arc<rustls::ServerConfig>,
    ca: String,
}

/// A CA made for this start, and a leaf signed by it: clients refuse a CA as a server's certificate.
fn identity() -> anyhow::Result<Identity> {
    use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
    let ca_key = KeyPair::generate().context("making the CA's key")?;
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    ca.distinguished_name.push(DnType::CommonName, "kopilot-tui demo CA");
    let ca_certificate = ca.self_signed(&ca_key).context("signing the CA")?;
    let key = KeyPair::generate().context("making the server's key")?;
    let mut leaf =
        CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "kubernetes.default.svc".to_owned()]).context("naming the server")?;
    leaf.distinguished_name.push(DnType::CommonName, "kopilot-tui demo");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = leaf.signed_by(&key, &Issuer::new(ca, ca_key)).context("signing the server's certificate")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("choosing TLS versions")?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .context("using the server's certificate")?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Identity { tls: Arc::new(tls), ca: ca_certificate.pem() })
}

/// A token that nobody can guess: a digest of key material that was made for it and is thrown away.
fn secret() -> anyhow::Result<String> {
    let key = rcgen::KeyPair::generate().context("making a token")?;
    Ok(crate::model::Digest::of(key.serialized_der()).hex())
}

fn kubeconfig(address: &str, ca: &str, tokens: &[(String, User)]) -> String {
    let ca = base64::engine::general_purpose::STANDARD.encode(ca);
    let each = |write: &dyn Fn(&str, &str) -> String| tokens.iter().map(|(token, user)| write(&user.name, token)).collect::<String>();
    let users = each(&|name, token| format!("- name: demo-{name}\n  user:\n    token: {token}\n"));
    let contexts = each(&|name, _| format!("- name: demo-{name}\n  context:\n    cluster: demo\n    user: demo-{name}\n    namespace: shop\n"));
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: demo-admin\nclusters:\n- name: demo\n  cluster:\n    server: https://{address}\n    certificate-authority-data: {ca}\n\
         users:\n{users}contexts:\n{contexts}"
    )
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, api: Arc<Api>) {
    let stop = api.stop.clone();
    let service = TowerToHyperService::new(router(api));
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of descriptors, most likely: what is open may end soon.
                    tracing::warn!(%error, "the embedded cluster could not accept a connection");
                    tokio::time::sleep(PACE).await;
                    continue;
                }
            },
        };
        let (tls, service, stop) = (tls.clone(), service.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                served = connection(stream, &tls, service) => {
                    if let Err(error) = served {
                        tracing::debug!(%error, "a connection to the embedded cluster ended");
                    }
                }
            }
        });
    }
}

async fn connection(stream: TcpStream, tls: &TlsAcceptor, service: TowerToHyperService<axum::Router>) -> anyhow::Result<()> {
    stream.set_nodelay(true).context("setting nodelay")?;
    let stream = tls.accept(stream).await.context("TLS handshake")?;
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(None);
    server.http2().timer(TokioTimer::new()).max_concurrent_streams(250);
    server.serve_connection(TokioIo::new(stream), service).await.map_err(|e| anyhow::anyhow!("{e}"))
}

/// Lets what is behind the API act: when something is due, when something changed, or (still) when a client wrote.
async fn drive(api: Arc<Api>, behind: Behind, churn: usize) {
    let mut acting = match behind {
        Behind::Simulation => Acting::Simulation(Box::new(Sim::new(api.store.clone()).with_churn(churn))),
        Behind::Collector => Acting::Collector(Collector::after(api.store.version())),
    };
    let mut written = api.written.subscribe();
    let mut changed = api.store.subscribe();
    loop {
        changed.borrow_and_update();
        written.borrow_and_update();
        let now = (api.now)();
        let due = acting.act(&api, now);
        let nap = due.map(|d| Duration::try_from(d.duration_since((api.now)())).unwrap_or(PACE).clamp(PACE, NAP));
        // Its own writes are no news to it.
        changed.borrow_and_update();
        let ended = tokio::select! {
            () = api.stop.cancelled() => true,
            news = written.changed() => news.is_err(),
            news = changed.changed(), if !api.still => news.is_err(),
            () = tokio::time::sleep(nap.unwrap_or(NAP)), if nap.is_some() && !api.still => false,
        };
        if ended {
            return;
        }
        if !api.still {
            tokio::select! {
                () = api.stop.cancelled() => return,
                () = tokio::time::sleep(PACE) => {}
            }
        }
    }
}

enum Acting {
    Simulation(Box<Sim>),
    Collector(Collector),
}

impl Acting {
    fn act(&mut self, api: &Api, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Simulation(sim) if api.still => {
                sim.settle(now);
                None
            }
            Self::Simulation(sim) => sim.step(now),
            Self::Collector(collector) => {
                // Each pass may release what the next one takes; a chain of owners is short.
                (0..16).any(|_| !collector.pass(api));
                None
            }
        }
    }
}
