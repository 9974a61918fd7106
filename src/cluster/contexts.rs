//! Kubeconfig: which contexts there are, and a connection to one.
//!
//! Nothing here sends a request. What is wrong with a file is said with the file's name, the line where it is known,
//! and what to do. A credential plugin never gets the terminal: it runs with `interactiveMode: Never`.
use super::{Clock, Cluster, trouble};
use crate::kubectl::kinds::Kinds;
use crate::model::{ContextInfo, Contexts, Epoch, Trouble, TroubleClass};
use crate::text::{Clean, Redactor};
use kube::config::{ExecInteractiveMode, KubeConfigOptions, Kubeconfig, KubeconfigError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

mod proxy;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a credential plugin may take.
const PLUGIN: Duration = Duration::from_secs(30);
/// The context of a pod's own service account.
const IN_CLUSTER: &str = "in-cluster";

/// Where a configuration comes from.
enum Found {
    /// One or several files, merged.
    File(Box<Kubeconfig>),
    /// A pod's service account.
    InCluster,
}

/// Reads `path`, else `KUBECONFIG`, else `~/.kube/config`, else the in-cluster config.
pub fn load(path: Option<&PathBuf>) -> Result<Contexts, Trouble> {
    match find(path)? {
        Found::InCluster => {
            let server =
                format!("{}:{}", std::env::var("KUBERNETES_SERVICE_HOST").unwrap_or_default(), std::env::var("KUBERNETES_SERVICE_PORT").unwrap_or_default());
            let namespace = std::fs::read_to_string("/var/run/secrets/kubernetes.io/serviceaccount/namespace").unwrap_or_else(|_| "default".to_owned());
            let name = Clean::line(IN_CLUSTER);
            let only = ContextInfo {
                name: name.clone(),
                server: Clean::line(&server),
                namespace: Clean::line(namespace.trim()),
                user: Clean::line("service account"),
            };
            Ok(Contexts { all: vec![only], current: Some(name) })
        }
        Found::File(config) => Ok(list(&config)),
    }
}

/// A connection to `context` (the current one when `None`). Sends nothing.
pub async fn connect(path: Option<&PathBuf>, context: Option<&str>, epoch: Epoch, redactor: Redactor, now: Clock) -> Result<Cluster, Trouble> {
    let found = find(path)?;
    let (mut config, info) = match found {
        Found::InCluster => {
            let config = kube::Config::incluster().map_err(|e| config_trouble(&trouble::innermost(&e), "Mount the service account's token into this pod."))?;
            let info = load(path)?.all.into_iter().next().ok_or_else(no_context)?;
            (config, info)
        }
        Found::File(file) => choose(*file, context).await?,
    };
    config.connect_timeout = Some(CONNECT);
    config.default_retry = false;
    if config.cluster_url.scheme_str() == Some("http") && config.root_cert.is_none() {
        // no TLS, so a host without CA files is no obstacle
        config.root_cert = Some(Vec::new());
    }
    let server = config.cluster_url.authority().map_or_else(|| config.cluster_url.to_string(), ToString::to_string);
    // the provider may stand already; both are the same one
    let _ = rustls::crypto::ring::default_provider().install_default();
    let operation = format!("connect to context {}", info.name);
    let building = tokio::task::spawn_blocking(move || kube::Client::try_from(config));
    let client = match tokio::time::timeout(PLUGIN, building).await {
        Ok(Ok(Ok(client))) => client,
        Ok(Ok(Err(error))) => return Err(trouble::at(&operation, &server, &error)),
        Ok(Err(_)) => return Err(Trouble::new(TroubleClass::Other, &operation, "building the client failed unexpectedly")),
        Err(_) => {
            return Err(Trouble::new(
                TroubleClass::Timeout,
                &operation,
                &format!("the credential plugin of this user did not answer within {} s", PLUGIN.as_secs()),
            )
            .hint("Run any kubectl command with this context in another terminal: it may wait for a login."));
        }
    };
    Ok(Cluster {
        client,
        context: info.name,
        namespace: info.namespace,
        user: info.user,
        server: Clean::line(&server),
        epoch,
        redactor,
        now,
        kinds: Arc::new(std::sync::RwLock::new(Kinds::builtin())),
        reads: super::http::READ,
        round_trip: Arc::default(),
    })
}

fn config_trouble(cause: &str, hint: &str) -> Trouble {
    Trouble::new(TroubleClass::Config, "read the kubeconfig", cause).hint(hint)
}

fn no_context() -> Trouble {
    config_trouble("the kubeconfig names no context", "Add one with `kubectl config set-context`, or name another file with --kubeconfig.")
}

/// The configuration, whichever way it is given.
fn find(path: Option<&PathBuf>) -> Result<Found, Trouble> {
    if let Some(path) = path {
        return read(path).map(|c| Found::File(Box::new(c)));
    }
    if let Some(list) = std::env::var_os("KUBECONFIG").filter(|v| !v.is_empty()) {
        let paths: Vec<PathBuf> = std::env::split_paths(&list).filter(|p| !p.as_os_str().is_empty()).collect();
        return several(&paths).map(|c| Found::File(Box::new(c)));
    }
    let home = std::env::var_os("HOME").map(PathBuf::from).map(|h| h.join(".kube").join("config"));
    match home {
        Some(path) if path.exists() => read(&path).map(|c| Found::File(Box::new(c))),
        _ if std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() => Ok(Found::InCluster),
        home => {
            let tried = home.map_or_else(|| "~/.kube/config".to_owned(), |p| p.display().to_string());
            Err(config_trouble(
                &format!("there is no kubeconfig: KUBECONFIG is not set and {tried} does not exist"),
                "Name one with --kubeconfig FILE or KUBECONFIG, or look around without a cluster: --demo.",
            ))
        }
    }
}

/// Files of a `KUBECONFIG` list, merged as kubectl does: one that is missing is skipped, unless all are.
fn several(paths: &[PathBuf]) -> Result<Kubeconfig, Trouble> {
    let there: Vec<&PathBuf> = paths.iter().filter(|p| p.exists()).collect();
    let Some((first, rest)) = there.split_first() else {
        let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
        return Err(config_trouble(
            &format!("KUBECONFIG names {}, which does not exist", names.join(", ")),
            "Correct KUBECONFIG, or unset it to use ~/.kube/config.",
        ));
    };
    let mut merged = read_one(first)?;
    for path in rest {
        let next = read_one(path)?;
        merged = merged
            .merge(next)
            .map_err(|e| config_trouble(&format!("{}: {e}", path.display()), "Take this file out of KUBECONFIG, or correct its kind and apiVersion."))?;
    }
    if merged.contexts.is_empty() {
        return Err(no_context());
    }
    Ok(merged)
}

/// One file, which must hold a context.
fn read(path: &Path) -> Result<Kubeconfig, Trouble> {
    let config = read_one(path)?;
    if config.contexts.is_empty() {
        let cause = match std::fs::metadata(path) {
            Ok(m) if m.len() == 0 => format!("{} is empty", path.display()),
            _ => format!("{} holds no context", path.display()),
        };
        return Err(config_trouble(&cause, "Name another file with --kubeconfig or KUBECONFIG, or add a context with `kubectl config set-context`."));
    }
    Ok(config)
}

fn read_one(path: &Path) -> Result<Kubeconfig, Trouble> {
    Kubeconfig::read_from(path).map_err(|error| {
        let file = path.display();
        match &error {
            KubeconfigError::ReadConfig(io, _) => match io.kind() {
                std::io::ErrorKind::NotFound => {
                    config_trouble(&format!("{file} does not exist"), "Name an existing kubeconfig with --kubeconfig or KUBECONFIG.")
                }
                std::io::ErrorKind::PermissionDenied => {
                    config_trouble(&format!("{file} may not be read by this user"), "Give yourself read access to it, or copy it.")
                }
                _ => config_trouble(&format!("{file} can not be read: {io}"), "Name a readable kubeconfig with --kubeconfig or KUBECONFIG."),
            },
            KubeconfigError::Parse(parse) => {
                let place = parse.location().map(|l| format!(", line {}", l.line())).unwrap_or_default();
                let said = parse.without_snippet().to_string();
                config_trouble(
                    &format!("{file}{place} is no kubeconfig: {}", said.lines().next().unwrap_or_default()),
                    "Correct that line, or name another file with --kubeconfig.",
                )
            }
            other => config_trouble(&format!("{file}: {}", trouble::innermost(other)), "Correct the file, or name another one with --kubeconfig."),
        }
    })
}

/// The contexts as they are shown.
fn list(config: &Kubeconfig) -> Contexts {
    let all = config
        .contexts
        .iter()
        .map(|named| {
            let context = named.context.as_ref();
            let cluster = config.clusters.iter().find(|c| context.is_some_and(|x| x.cluster == c.name)).and_then(|c| c.cluster.as_ref());
            ContextInfo {
                name: Clean::line(&named.name),
                server: Clean::line(cluster.and_then(|c| c.server.as_deref()).unwrap_or_default()),
                namespace: Clean::line(context.and_then(|c| c.namespace.as_deref()).filter(|n| !n.is_empty()).unwrap_or("default")),
                user: Clean::line(context.and_then(|c| c.user.as_deref()).unwrap_or_default()),
            }
        })
        .collect();
    Contexts { all, current: config.current_context.as_deref().filter(|c| !c.is_empty()).map(Clean::line) }
}

/// The client configuration of one context, or which part of it is missing.
async fn choose(mut file: Kubeconfig, context: Option<&str>) -> Result<(kube::Config, ContextInfo), Trouble> {
    let contexts = list(&file);
    let names = || contexts.all.iter().map(|c| c.name.to_string()).collect::<Vec<_>>().join(", ");
    let Some(wanted) = context.map(str::to_owned).or_else(|| file.current_context.clone().filter(|c| !c.is_empty())) else {
        return Err(config_trouble(
            "no context is chosen: the kubeconfig sets no current-context",
            &format!("Choose one with --context or :ctx: {}.", names()),
        ));
    };
    let clean = Clean::line(&wanted);
    let Some(info) = contexts.all.iter().find(|c| c.name == clean).cloned() else {
        return Err(config_trouble(&format!("there is no context `{wanted}`"), &format!("The kubeconfig has: {}.", names())));
    };
    for user in &mut file.auth_infos {
        if let Some(exec) = user.auth_info.as_mut().and_then(|a| a.exec.as_mut()) {
            exec.interactive_mode = Some(ExecInteractiveMode::Never);
        }
    }
    let named = file.contexts.iter().find(|c| c.name == wanted).and_then(|c| c.context.clone());
    let cluster = named.as_ref().map(|c| c.cluster.clone()).unwrap_or_default();
    let cluster = file.clusters.iter().find(|c| c.name == cluster).and_then(|c| c.cluster.clone());
    if let (Some(named), None) = (&named, &cluster) {
        return Err(config_trouble(
            &format!("context `{wanted}` names the cluster `{}`, which the kubeconfig does not have", named.cluster),
            "Add the cluster to the kubeconfig, or choose another context with :ctx.",
        ));
    }
    if let Some(user) = named.as_ref().and_then(|c| c.user.as_ref()).filter(|u| !u.is_empty())
        && !file.auth_infos.iter().any(|a| a.name == *user)
    {
        return Err(config_trouble(
            &format!("context `{wanted}` names the user `{user}`, whom the kubeconfig does not have"),
            "Add the user to the kubeconfig, or choose another context with :ctx.",
        ));
    }
    let options = KubeConfigOptions { context: Some(wanted.clone()), cluster: None, user: None };
    let mut config = kube::Config::from_custom_kubeconfig(file, &options).await.map_err(|e| {
        let cause = match &e {
            KubeconfigError::MissingClusterUrl => format!("the cluster of context `{wanted}` has no server address"),
            KubeconfigError::ParseClusterUrl(e) => format!("the server address of context `{wanted}` is none: {e}"),
            KubeconfigError::LoadCertificateAuthority(e) => format!("certificate-authority of context `{wanted}`: {e}"),
            KubeconfigError::LoadClientCertificate(e) => format!("client-certificate of context `{wanted}`: {e}"),
            KubeconfigError::LoadClientKey(e) => format!("client-key of context `{wanted}`: {e}"),
            other => trouble::innermost(other),
        };
        config_trouble(&cause, "Correct the kubeconfig, or choose another context with :ctx.")
    })?;
    let explicit = cluster.and_then(|c| c.proxy_url).is_some_and(|p| !p.is_empty());
    if !explicit && config.proxy_url.is_some() {
        let exempt = std::env::var("NO_PROXY").or_else(|_| std::env::var("no_proxy")).unwrap_or_default();
        let host = config.cluster_url.host().unwrap_or_default();
        if config.cluster_url.scheme_str() != Some("https") || proxy::is_exempt(host, &exempt) {
            config.proxy_url = None;
        }
    }
    Ok((config, info))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        path
    }

    const GOOD: &str = "apiVersion: v1\nkind: Config\ncurrent-context: one\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\nusers: [{name: u, user: {token: t}}]\ncontexts:\n- {name: one, context: {cluster: c, user: u}}\n- {name: two, context: {cluster: c, user: u, namespace: shop}}\n- {name: lost, context: {cluster: gone, user: u}}\n- {name: nobody, context: {cluster: c, user: gone}}\n";

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_name_and_line() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, wants) in [
            ("empty", "", "is empty"),
            ("bare", "apiVersion: v1\nkind: Config\n", "holds no context"),
            ("broken", "apiVersion: v1\nkind: Config\ncontexts: [\nx: {", "line "),
            ("list", "- a\n- b\n", "is no kubeconfig"),
        ] {
            let path = file(&folder, name, text);
            let trouble = load(Some(&path)).unwrap_err();
            assert_eq!(trouble.class, TroubleClass::Config);
            assert!(trouble.cause.contains(path.to_str().unwrap()) && trouble.cause.contains(wants), "{name}: {}", trouble.cause);
            assert!(!trouble.hint.is_empty());
        }
        let missing = folder.path().join("missing");
        assert!(load(Some(&missing)).unwrap_err().cause.contains("does not exist"));
    }

    #[test]
    fn contexts_keep_the_files_order_and_a_missing_namespace_is_default() {
        let folder = tempfile::tempdir().unwrap();
        let contexts = load(Some(&file(&folder, "good", GOOD))).unwrap();
        let names: Vec<&str> = contexts.all.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["one", "two", "lost", "nobody"]);
        assert_eq!(contexts.all.iter().map(|c| c.namespace.as_str()).take(2).collect::<Vec<_>>(), ["default", "shop"]);
        assert_eq!(contexts.current.as_deref().map(str::to_owned), Some("one".to_owned()));
    }

    #[test]
    fn files_of_a_list_are_merged_and_missing_ones_skipped_unless_all_are() {
        let folder = tempfile::tempdir().unwrap();
        let good = file(&folder, "good", GOOD);
        let missing = folder.path().join("missing");
        assert_eq!(several(&[missing.clone(), good]).unwrap().contexts.len(), 4);
        assert!(several(&[missing]).unwrap_err().cause.contains("does not exist"));
    }

    #[tokio::test]
    async fn an_unknown_context_cluster_or_user_names_what_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let good = file(&folder, "good", GOOD);
        for (context, wants) in [("three", "no context `three`"), ("lost", "cluster `gone`"), ("nobody", "user `gone`")] {
            let trouble =
                connect(Some(&good), Some(context), Epoch(1), Redactor::new([0; 32]), Arc::new(|| crate::model::Timestamp::UNIX_EPOCH)).await.unwrap_err();
            assert!(trouble.cause.contains(wants), "{}", trouble.cause);
        }
        let cluster = connect(Some(&good), Some("two"), Epoch(1), Redactor::new([0; 32]), Arc::new(|| crate::model::Timestamp::UNIX_EPOCH)).await.unwrap();
        assert_eq!((cluster.namespace.as_str(), cluster.user.as_str(), cluster.server.as_str()), ("shop", "u", "127.0.0.1:1"));
    }

    #[tokio::test]
    async fn a_credential_plugin_that_fails_is_named_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        for (command, wants) in [("'false'", "`false` failed"), ("'no-such-program-here'", "can not be started")] {
            let text = GOOD.replace("{token: t}", &format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {command}}}}}"));
            let path = file(&folder, "exec", &text);
            let trouble = connect(Some(&path), None, Epoch(1), Redactor::new([0; 32]), Arc::new(|| crate::model::Timestamp::UNIX_EPOCH)).await.unwrap_err();
            assert_eq!(trouble.class, TroubleClass::Unauthenticated, "{trouble}");
            assert!(trouble.cause.contains(wants), "{}", trouble.cause);
        }
    }
}
