//! The embedded cluster behind `--demo` and `demo serve`. `main` alone knows it; everything else gets a kubeconfig.
use anyhow::Context as _;
use kopilot_tui::cli::Serve;
use kopilot_tui::demo::serve::{self, Clock, From, Options, Served};
use kopilot_tui::model::{Trouble, TroubleClass};
use kopilot_tui::store::folder;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// What runs, and the folder of its kubeconfig; kept until [`clean`].
static RUNNING: Mutex<Option<(Served, PathBuf)>> = Mutex::new(None);

/// Starts the scenario for this process alone; the kubeconfig to reach it.
pub async fn start(still: bool, now: Clock) -> Result<PathBuf, Trouble> {
    started(still, now).await.map_err(|e| Trouble::new(TroubleClass::Other, "start the embedded cluster", &format!("{e:#}")))
}

async fn started(still: bool, now: Clock) -> anyhow::Result<PathBuf> {
    let options = Options { port: 0, still, from: From::Scenario("shop".into()), pods: 0, churn: 0 };
    let served = serve::serve(&options, now).await?;
    let folder = own_folder()?;
    let path = folder.join("kubeconfig");
    folder::replace(&path, served.kubeconfig.as_bytes()).with_context(|| format!("write {}", path.display()))?;
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some((served, folder));
    Ok(path)
}

/// A folder of this process alone, where the user's runtime files go.
fn own_folder() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|p| p.is_dir()).unwrap_or_else(std::env::temp_dir);
    for n in 0..100 {
        let folder = base.join(format!("kopilot-tui-{}-{n}", std::process::id()));
        // Someone else's folder of that name is not taken over.
        if !folder.exists() {
            folder::private(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
            return Ok(folder);
        }
    }
    anyhow::bail!("a hundred folders kopilot-tui-{}-N exist already in {}", std::process::id(), base.display())
}

/// Ends it and takes its kubeconfig away.
pub fn clean() {
    if let Some((served, folder)) = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).take() {
        drop(served);
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// Starts what `demo serve` was asked for.
pub async fn serve(args: Serve, now: Clock) -> anyhow::Result<Served> {
    let from = args.from.map_or(From::Scenario(args.scenario), From::Dump);
    serve::serve(&Options { port: args.port, still: args.still, from, pods: args.pods, churn: args.churn }, now).await
}
