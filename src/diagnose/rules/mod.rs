//! The rules, one file per family. Each is a pure function from the view to drafts; none knows another's conclusions, and
//! [`super::fold`] sorts out which explains which.
pub mod admission;
pub mod bursts;
pub mod cluster;
pub mod crash;
pub mod creating;
pub mod ending;
pub mod files;
pub mod health;
pub mod image;
pub mod ingresses;
pub mod init;
pub mod jobs;
pub mod names;
pub mod nodes;
pub mod pods;
pub mod policies;
pub mod quiet;
pub mod rbac;
pub mod reach;
pub mod resize;
pub mod scaling;
pub mod scheduling;
pub mod services;
pub mod storage;
pub mod workloads;

use super::draft::Draft;
use super::view::View;

/// Every rule's drafts but those of [`bursts`], which ask first what these explain.
pub fn all(view: &View<'_>) -> Vec<Draft> {
    const FAMILIES: &[fn(&View<'_>) -> Vec<Draft>] = &[
        pods::drafts,
        quiet::drafts,
        admission::drafts,
        workloads::drafts,
        jobs::drafts,
        services::drafts,
        ingresses::drafts,
        names::drafts,
        storage::drafts,
        nodes::drafts,
        scaling::drafts,
        cluster::drafts,
        rbac::drafts,
    ];
    FAMILIES.iter().flat_map(|family| family(view)).collect()
}
