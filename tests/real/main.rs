//! The same walks on a real Kubernetes: API server, controllers, scheduler, and a node with real containers.
//!
//! Runs where `KUBEBUILDER_ASSETS` names binaries (`tests/real/controlplane/build.sh`), elsewhere says that it was
//! skipped. No test harness: one control plane is started for all cases, which run one after another, and it is ended
//! whatever they did. `cargo test --test real -- NAME` runs the cases whose name holds NAME.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]

mod cluster;
mod cluster_under_test;
#[allow(dead_code, reason = "the embedded cluster's own tests use the rest")]
#[path = "../demo_client/mod.rs"]
mod demo_client;
mod live;
#[path = "../live_scope/mod.rs"]
mod live_scope;
mod oracle;
mod parity;
#[path = "../person/mod.rs"]
mod person;
#[allow(dead_code, reason = "the walks of the screen use the rest")]
#[path = "../screen/program.rs"]
mod program;
#[allow(dead_code, reason = "the walks of the screen use the rest")]
#[path = "../screen/pty.rs"]
mod pty;
mod reads;
mod walk;
mod writes;

use cluster_under_test::Real;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// A case: its name is a sentence.
type Case = (&'static str, fn(&Real));

fn cases() -> Vec<Case> {
    let parity: Case = ("the_embedded_cluster_answers_as_the_real_one", |real| parity::agrees(real.folder()));
    let lists = [walk::CASES, cluster::CASES, reads::CASES, writes::CASES, oracle::CASES, live::CASES];
    lists.into_iter().flatten().copied().chain([parity]).collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filter = arguments.iter().find(|a| !a.starts_with('-')).cloned().unwrap_or_default();
    let chosen: Vec<Case> = cases().into_iter().filter(|(name, _)| name.contains(&filter)).collect();
    if arguments.iter().any(|a| a == "--list") {
        for (name, _) in &chosen {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    let Some(assets) = std::env::var_os("KUBEBUILDER_ASSETS") else {
        println!(
            "skipped: KUBEBUILDER_ASSETS names no Kubernetes binaries; tests/real/controlplane/build.sh makes them\n0 passed, 0 failed, {} skipped",
            chosen.len()
        );
        return ExitCode::SUCCESS;
    };
    let real = match Real::start(assets.as_ref()) {
        Ok(real) => real,
        Err(why) => {
            println!("the control plane did not start: {why}\n0 passed, 1 failed");
            return ExitCode::FAILURE;
        }
    };
    let mut failed = 0;
    for (name, case) in &chosen {
        println!("test {name} ...");
        let outcome = catch_unwind(AssertUnwindSafe(|| case(&real)));
        failed += usize::from(outcome.is_err());
        println!("test {name} ... {}", if outcome.is_ok() { "ok" } else { "FAILED" });
    }
    drop(real);
    println!("{} passed, {failed} failed", chosen.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
