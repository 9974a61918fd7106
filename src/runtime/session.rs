//! What one start of the program needs, built from the configuration and the command line: the redactor with its key,
//! the rules, who answers, and where the cluster comes from. Nothing here sends anything.
use super::clock::Clocks;
use crate::agent::{Agent, Answerer};
use crate::diagnose::playbook::Playbook;
use crate::kubectl::kinds::Kinds;
use crate::llm::{self, Caller, Endpoint, Patience};
use crate::model::{Role, Trouble, TroubleClass};
use crate::policy::Rules;
use crate::store::config::{Config, Provider};
use crate::text::Redactor;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use std::path::PathBuf;
use std::sync::Arc;

/// Where the kubeconfig is: a path, the usual places (`None`), or a file that something still starting will name.
pub type Source = Shared<BoxFuture<'static, Result<Option<PathBuf>, Trouble>>>;

/// A kubeconfig that is there already.
pub fn kubeconfig(path: Option<PathBuf>) -> Source {
    futures::future::ready(Ok(path)).boxed().shared()
}

/// A kubeconfig that comes when something has started.
pub fn later(coming: impl Future<Output = Result<PathBuf, Trouble>> + Send + 'static) -> Source {
    coming.map(|r| r.map(Some)).boxed().shared()
}

/// Who is logged in on this machine: the name, where the environment says one, and the number, which it can not forge.
pub fn login() -> String {
    let name = ["USER", "LOGNAME"].iter().find_map(|v| std::env::var(v).ok()).unwrap_or_default();
    let uid = rustix::process::getuid().as_raw();
    if name.is_empty() { format!("uid {uid}") } else { format!("{} (uid {uid})", crate::text::Clean::line(&name)) }
}

/// See the module.
#[derive(Clone)]
pub struct Session {
    /// The configuration, all layers.
    pub config: Arc<Config>,
    /// The role at this front end.
    pub role: Role,
    /// Where the cluster comes from.
    pub source: Source,
    /// The clocks.
    pub clocks: Clocks,
    /// For everything that is read, asked and kept.
    pub redactor: Redactor,
    /// What a team knows: goes into every report that this session makes.
    pub playbooks: Arc<[Playbook]>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("config", &self.config).field("role", &self.role).finish_non_exhaustive()
    }
}

impl Session {
    /// A session with a fresh key for its redactor.
    pub fn new(config: Config, role: Role, source: Source, clocks: Clocks) -> anyhow::Result<Self> {
        let mut key = [0u8; 32];
        rustls::crypto::ring::default_provider()
            .secure_random
            .fill(&mut key)
            .map_err(|_| anyhow::anyhow!("the system gives no random bytes: a session can not be keyed"))?;
        Ok(Self { config: Arc::new(config), role, source, clocks, redactor: Redactor::new(key), playbooks: Arc::default() })
    }
    /// The rules, where an operation without a namespace means `namespace`.
    pub fn rules(&self, namespace: &str) -> Rules {
        let mut rules = Rules::new(self.role, namespace);
        rules.protected_namespaces.extend(self.config.protected_namespaces.iter().cloned());
        rules.hidden_namespaces.extend(self.config.hidden_namespaces.iter().cloned());
        rules.blocked_resources.extend(self.config.blocked_resources.iter().cloned());
        rules.production_contexts.extend(self.config.production_contexts.iter().cloned());
        rules.role_named = self.config.role_named;
        rules
    }
    /// The same in a context, with the role that it starts with.
    pub fn rules_in(&self, context: &str, namespace: &str) -> Rules {
        let mut rules = self.rules(namespace);
        rules.enter(context, self.role);
        rules
    }
    /// The agent of this session.
    pub fn agent(&self) -> Agent {
        Agent::new(self.answerer(), self.rules("default"), Kinds::builtin(), self.redactor.clone())
    }
    /// Where what was decided, and what was before, is kept.
    pub fn state_folder(&self) -> Result<PathBuf, Trouble> {
        self.config.state.clone().ok_or_else(|| {
            Trouble::new(TroubleClass::Config, "open the audit chain", "no state folder is known: neither HOME nor XDG_STATE_HOME is set")
                .hint("set KOPILOT_STATE_DIR")
        })
    }
    /// The audit chain's folder.
    pub fn audit_folder(&self) -> Result<PathBuf, Trouble> {
        self.state_folder().map(|state| state.join("audit"))
    }
    /// The model behind the wire, built without a request; `None`: the rules answer.
    pub fn caller(&self) -> Result<Option<Caller>, Trouble> {
        let Some(server) = self.config.server() else { return Ok(None) };
        let endpoint = Endpoint { base_url: server.base_url.clone(), key: server.key.clone(), idle_seconds: self.config.idle_seconds };
        let provider = llm::build(self.config.provider.name(), endpoint)?;
        Ok(Some(Caller::new(Arc::from(provider), Patience::default())))
    }

    fn answerer(&self) -> Answerer {
        if self.config.provider == Provider::Offline {
            return Answerer::Offline;
        }
        Answerer::Model {
            provider: self.config.provider.name().to_owned(),
            model: self.config.model_name().unwrap_or_default().to_owned(),
            options: self.config.options.clone(),
        }
    }
}
