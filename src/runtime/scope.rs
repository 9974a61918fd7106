//! The watches of the scope on screen: what they say goes to the screen first and to the rules beside it.
use super::problems::{self, Heard, Wanted};
use crate::app::Event;
use crate::cluster::{Cluster, watch as watches};
use crate::model::snapshot::Cache;
use crate::model::{Change, Epoch, Link, Update, WatchKind};
use crate::text::Clean;
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Updates that may wait for the loop.
const QUEUE: usize = 64;

/// What is watched.
pub struct Scope {
    /// The connection.
    pub epoch: Epoch,
    /// `None`: all.
    pub namespace: Option<Clean>,
    /// Namespaces that are not even looked at.
    pub hidden: Vec<String>,
    /// What the rules look for beside what is broken.
    pub wanted: Wanted,
}

/// Starts the watches and runs until they end. The rules' own begin once the panel has its rows, or will not get them.
pub async fn follow(
    scope: Scope,
    cluster: &Cluster,
    stop: &CancellationToken,
    (tell, heard): (mpsc::Sender<Heard>, mpsc::Receiver<Heard>),
    out: mpsc::Sender<Event>,
    running: &Mutex<Option<watches::Watches>>,
) {
    let Scope { epoch, namespace, hidden, wanted } = scope;
    let (updates, mut said) = mpsc::channel(QUEUE);
    let panel = watches::start(cluster, namespace.clone(), &[WatchKind::Pods, WatchKind::Events], watches::Fetch::Auto, updates, stop.clone());
    let keep = |w| *running.lock().unwrap_or_else(PoisonError::into_inner) = Some(w);
    keep(panel.clone());
    let rules = problems::run(heard, cluster.clone(), Cache::new(namespace.as_deref(), hidden.clone()), wanted, epoch, out.clone());
    let panel_goes_on = async {
        let mut others = None;
        while let Some(mut update) = said.recv().await {
            hide(&mut update, &hidden);
            if others.is_none() && matches!(&update, Update::Link(WatchKind::Pods, link, _) if !matches!(link, Link::Connecting | Link::Filling)) {
                others = Some(rules_watch(cluster, namespace.clone(), stop, &tell));
                keep(panel.clone().and(others.clone().unwrap_or_default()));
            }
            let heard = Heard::Panel(update.clone());
            if out.send(Event::Watch(epoch, update)).await.is_err() || tell.send(heard).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(rules, panel_goes_on);
}

fn rules_watch(cluster: &Cluster, namespace: Option<Clean>, stop: &CancellationToken, tell: &mpsc::Sender<Heard>) -> watches::Watches {
    let (seen, mut said) = mpsc::channel(QUEUE);
    let tell = tell.clone();
    tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
        while let Some(seen) = said.recv().await {
            if tell.send(Heard::Rules(seen)).await.is_err() {
                return;
            }
        }
    }));
    watches::start_for_rules(cluster, namespace, seen, stop.clone())
}

/// Takes away what is in hidden namespaces.
fn hide(update: &mut Update, hidden: &[String]) {
    let shown = |namespace: &Clean| !hidden.iter().any(|h| h == namespace.as_str());
    match update {
        Update::Pods(changes) => changes.retain(|c| !matches!(c, Change::Upsert(p) if !shown(&p.meta.namespace))),
        Update::Events(changes) => changes.retain(|c| !matches!(c, Change::Upsert(e) if !shown(&e.meta.namespace))),
        Update::Link(..) => {}
    }
}
