//! An event as a row and as the rules ask it.
use super::{Meta, wire};
use crate::model::{Interner, ObjectRef, Timestamp};
use crate::text::Clean;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::sync::Arc;

/// An event, whichever API wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Identity of the event itself.
    pub meta: Meta,
    /// `Warning` (else `Normal`).
    pub warning: bool,
    /// `BackOff`, …
    pub reason: Clean,
    /// The sentence.
    pub message: Clean,
    /// What it is about.
    pub about: Arc<ObjectRef>,
    /// The uid of what it is about: match by this, not by name.
    pub about_uid: Clean,
    /// `spec.containers{main}`.
    pub field: Clean,
    /// How often.
    pub count: u32,
    /// First seen.
    pub first: Timestamp,
    /// The newest of series, eventTime, lastTimestamp and creation.
    pub last: Timestamp,
}

impl Event {
    /// The projection of an event.
    pub fn project(meta: &ObjectMeta, e: &wire::Event, pool: &mut Interner) -> Self {
        let about = e.involved_object.clone().or_else(|| e.regarding.clone()).unwrap_or_default();
        let text = |s: &Option<String>| Clean::line(s.as_deref().unwrap_or_default());
        let meta = Meta::project(meta, pool);
        let stamps = [e.series.as_ref().and_then(|s| s.last_observed_time), e.event_time, e.last_timestamp];
        let count = e.series.as_ref().and_then(|s| s.count).or(e.count).unwrap_or(1);
        Self {
            warning: e.type_.as_deref() == Some("Warning"),
            reason: pool.get(e.reason.as_deref().unwrap_or_default()),
            message: text(if e.message.is_some() { &e.message } else { &e.note }),
            about: Arc::new(ObjectRef::new(text(&about.kind).as_str(), text(&about.namespace).as_str(), text(&about.name).as_str())),
            about_uid: text(&about.uid),
            field: pool.get(about.field_path.as_deref().unwrap_or_default()),
            count: u32::try_from(count).unwrap_or(1).max(1),
            first: e.first_timestamp.or(e.event_time).unwrap_or(meta.created),
            last: stamps.into_iter().flatten().max().unwrap_or(meta.created).max(meta.created),
            meta,
        }
    }
}
