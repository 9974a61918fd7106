//! The connection of the current epoch, and how one is built. An older epoch's tasks are cancelled when the next begins,
//! also when its cluster never answers.
use super::session::Session;
use crate::app::{Event, event};
use crate::cluster::{Cluster, contexts};
use crate::model::{Epoch, Trouble, TroubleClass};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How a connection stands.
#[derive(Clone)]
pub enum Slot {
    /// Under way.
    Pending,
    /// Built.
    Up(Box<Cluster>),
    /// Could not be built.
    Down(Trouble),
}

/// The current epoch and its connection.
pub type Place = watch::Receiver<(Epoch, Slot)>;

/// Waits for the connection of `epoch`; `None` when another has begun.
pub async fn of(mut place: Place, epoch: Epoch) -> Option<Result<Cluster, Trouble>> {
    let settled = place.wait_for(|(e, slot)| *e != epoch || !matches!(slot, Slot::Pending)).await.ok()?;
    match &*settled {
        (e, _) if *e != epoch => None,
        (_, Slot::Up(cluster)) => Some(Ok((**cluster).clone())),
        (_, Slot::Down(trouble)) => Some(Err(trouble.clone())),
        (_, Slot::Pending) => None,
    }
}

/// The connection of now, waited for no longer than `patience`.
pub async fn now(place: Place, patience: Duration) -> Result<Cluster, Trouble> {
    let epoch = place.borrow().0;
    match tokio::time::timeout(patience, of(place, epoch)).await {
        Ok(Some(result)) => result,
        Ok(None) => Err(Trouble::new(TroubleClass::Other, "use the connection", "the context was switched meanwhile")),
        Err(_) => Err(Trouble::new(TroubleClass::Timeout, "use the connection", "it is not built yet").hint("press r to try again")),
    }
}

/// Reads the kubeconfig, builds a connection, says both, then asks the server for its kinds until it answers.
pub async fn connect(session: Session, epoch: Epoch, context: Option<String>, slot: watch::Sender<(Epoch, Slot)>, out: mpsc::Sender<Event>) {
    let path = match session.source.clone().await {
        Ok(path) => path,
        Err(trouble) => return down(epoch, trouble, &slot, &out).await,
    };
    let asked = path.clone();
    let contexts = tokio::task::spawn_blocking(move || contexts::load(asked.as_ref()))
        .await
        .unwrap_or_else(|_| Err(Trouble::new(TroubleClass::Other, "read the kubeconfig", "reading it failed unexpectedly")));
    let unreadable = contexts.as_ref().err().cloned();
    let _ = out.send(Event::Contexts(contexts)).await;
    if let Some(trouble) = unreadable {
        return down(epoch, trouble, &slot, &out).await;
    }
    let built = contexts::connect(path.as_ref(), context.as_deref(), epoch, session.redactor.clone(), session.clocks.cluster.clone()).await;
    let cluster = match built {
        Ok(cluster) => cluster,
        Err(trouble) => return down(epoch, trouble, &slot, &out).await,
    };
    let place = event::Place { context: cluster.context.clone(), namespace: cluster.namespace.clone(), user: cluster.user.clone() };
    let cluster = cluster.with_read_limit(Duration::from_secs(session.config.timeout_seconds));
    slot.send_replace((epoch, Slot::Up(Box::new(cluster.clone()))));
    let _ = out.send(Event::Connected { epoch, result: Ok(place) }).await;
    discover(&cluster, Duration::from_secs(session.config.timeout_seconds), &out).await;
}

async fn down(epoch: Epoch, trouble: Trouble, slot: &watch::Sender<(Epoch, Slot)>, out: &mpsc::Sender<Event>) {
    slot.send_replace((epoch, Slot::Down(trouble.clone())));
    let _ = out.send(Event::Connected { epoch, result: Err(trouble) }).await;
}

/// The first failure is said; after that only the success.
async fn discover(cluster: &Cluster, patience: Duration, out: &mpsc::Sender<Event>) {
    let mut pause = Duration::from_secs(2);
    let mut said = false;
    loop {
        let result = tokio::time::timeout(patience, cluster.discover())
            .await
            .unwrap_or_else(|_| Err(Trouble::new(TroubleClass::Timeout, "list the server's kinds", "no answer in time")));
        let done = result.is_ok();
        if done || !said {
            let _ = out.send(Event::Discovered(cluster.epoch, result)).await;
            said = true;
        }
        if done {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_mins(1));
    }
}
