//! The rules over a live cluster, for `diagnose`: one connection, one look, one report.
use crate::cluster::contexts;
use crate::diagnose::Question;
use crate::diagnose::playbook::Playbook;
use crate::model::{Epoch, Extra, Namespaces, ObjectRef, Report, Trouble, TroubleClass};
use crate::runtime::{Session, survey};
use std::sync::Arc;
use std::time::Duration;

/// What is looked at.
#[derive(Debug)]
pub struct Scope {
    /// The context; the current one when `None`.
    pub context: Option<String>,
    /// Where to look.
    pub namespaces: Namespaces,
    /// `KIND/NAME`, as given.
    pub object: Option<String>,
    /// Families beside what is broken.
    pub include: Vec<Extra>,
    /// What a team knows.
    pub playbooks: Arc<[Playbook]>,
}

/// Connects, looks and concludes.
pub async fn report(session: &Session, scope: &Scope) -> Result<Report, Trouble> {
    let path = session.source.clone().await?;
    let clock = session.clocks.cluster.clone();
    let cluster = contexts::connect(path.as_ref(), scope.context.as_deref(), Epoch(1), session.redactor.clone(), clock).await?;
    let patience = Duration::from_secs(session.config.timeout_seconds);
    // Without an answer the built-in kinds stand; what could not be read is in the report.
    let _ = tokio::time::timeout(patience.min(Duration::from_secs(5)), cluster.discover()).await;
    let namespace = scope.namespaces.within(cluster.namespace.as_str()).map(str::to_owned);
    let object = match &scope.object {
        None => None,
        Some(word) => {
            let (kind, name) = word
                .split_once('/')
                .filter(|(k, n)| !k.is_empty() && !n.is_empty())
                .ok_or_else(|| Trouble::new(TroubleClass::Config, &format!("diagnose {word}"), "it is not KIND/NAME").hint("for example: deployment/api"))?;
            let known = cluster.kinds.read().ok().and_then(|k| k.resolve(kind));
            let kind = known.ok_or_else(|| Trouble::new(TroubleClass::Config, &format!("diagnose {word}"), &format!("there is no kind `{kind}`")))?;
            let place = if kind.namespaced { namespace.clone().unwrap_or_default() } else { String::new() };
            Some(ObjectRef::new(kind.kind, place, name))
        }
    };
    let question = Question { object, cluster: cluster.context.to_string(), include: scope.include.clone(), playbooks: scope.playbooks.clone() };
    Ok(survey::report(&cluster, namespace.as_deref(), &question, &session.config.hidden_namespaces, patience).await)
}
