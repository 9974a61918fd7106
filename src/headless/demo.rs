//! `demo serve` from the outside: says where the embedded cluster is, writes its kubeconfig, and stays until a signal.
//! The cluster itself is started by `main`, which alone knows it.
use super::code;
use super::out::Out;
use crate::store::folder;
use anyhow::Context as _;
use std::io::Write;
use std::path::Path;
use tokio::signal::unix::{SignalKind, signal};

/// Writes the kubeconfig (0600) and stays until SIGINT, SIGTERM or SIGHUP.
pub async fn stay<W: Write>(url: &str, kubeconfig: &str, path: &Path, out: &mut Out<W>) -> anyhow::Result<u8> {
    // Before anybody is told, so that a signal at once after that ends it well.
    let mut signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    folder::replace(path, kubeconfig.as_bytes()).with_context(|| format!("write the kubeconfig {}", path.display()))?;
    out.line(&format!("serving {url}\nkubeconfig {}\ntry: kubectl --kubeconfig {} get pods -A\nctrl-c ends it", path.display(), path.display()))?;
    tokio::select! {
        _ = signals.0.recv() => {}
        _ = signals.1.recv() => {}
        _ = signals.2.recv() => {}
    }
    Ok(code::DONE)
}
