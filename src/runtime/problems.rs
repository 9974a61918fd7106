//! The rules over the scope on screen: many requests in a row become one run, and a run that takes long makes the next
//! wait longer, so that looking never becomes the cluster's load.
use super::place::{self, Place};
use super::survey;
use crate::app::Event;
use crate::diagnose::Question;
use crate::model::Epoch;
use crate::text::Clean;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// How long requests gather.
const GATHER: Duration = Duration::from_millis(250);
/// The shortest pause between two runs.
const PAUSE: Duration = Duration::from_secs(2);
/// A run's share of the time, as a divisor.
const SHARE: u32 = 10;

/// A request: which connection, which namespace (`None`: all), and the how-manieth it is.
pub type Wanted = Option<(Epoch, Option<Clean>, u64)>;

/// Runs as long as the epoch does.
pub async fn run(mut wanted: watch::Receiver<Wanted>, place: Place, hidden: Vec<String>, patience: Duration, out: mpsc::Sender<Event>) {
    loop {
        if wanted.changed().await.is_err() {
            return;
        }
        tokio::time::sleep(GATHER).await;
        let Some((epoch, namespace, _)) = wanted.borrow_and_update().clone() else { continue };
        let Some(Ok(cluster)) = place::of(place.clone(), epoch).await else { continue };
        let begun = Instant::now();
        let question = Question { object: None, cluster: cluster.context.to_string() };
        let report = survey::report(&cluster, namespace.as_deref(), &question, &hidden, patience).await;
        if out.send(Event::Problems(epoch, Box::new(report))).await.is_err() {
            return;
        }
        tokio::time::sleep(PAUSE.max(begun.elapsed() * SHARE)).await;
    }
}
