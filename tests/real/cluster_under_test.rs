//! Starts and ends the real cluster, and a few things that a case asks of it through its own kubectl.
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A running control plane with one real node; dropping it ends both.
pub struct Real {
    assets: PathBuf,
    work: PathBuf,
    /// Whether it was started here, and so ends here.
    ours: bool,
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/controlplane")
}

/// A script's run; its output is shown only when it fails. Not captured through pipes: what it starts in the background
/// would hold them open.
fn run(script: &str, args: &[&Path], log: &Path) -> Result<(), String> {
    let out = std::fs::File::create(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let err = out.try_clone().map_err(|e| e.to_string())?;
    let mut command = Command::new(scripts().join(script));
    // the oracle reads what the server recorded
    command.args(args).env("AUDIT", "1").stdin(Stdio::null()).stdout(out).stderr(err);
    let status = command.status().map_err(|e| format!("{script}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{script}: {status}\n{}", std::fs::read_to_string(log).unwrap_or_default())) }
}

impl Real {
    /// Ends what an earlier run may have left, then starts anew. With `KOPILOT_REAL=WORK` the one that `up.sh` and
    /// `node.sh` started in that folder is used, and left running.
    pub fn start(assets: &Path) -> Result<Self, String> {
        if let Some(work) = std::env::var_os("KOPILOT_REAL") {
            return Ok(Self { assets: assets.to_owned(), work: work.into(), ours: false });
        }
        let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real");
        std::fs::create_dir_all(&work).map_err(|e| e.to_string())?;
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real.log");
        let _ = run("down.sh", &[&work], &log);
        let real = Self { assets: assets.to_owned(), work, ours: true };
        run("up.sh", &[&real.assets, &real.work, Path::new("26743")], &log)?;
        run("node.sh", &[&real.assets, &real.work], &log)?;
        Ok(real)
    }

    /// The kubeconfig of `admin`, `viewer` or `nobody`.
    pub fn kubeconfig(&self, user: &str) -> PathBuf {
        self.work.join(format!("{user}.kubeconfig"))
    }

    /// The folder that holds them.
    #[allow(dead_code, reason = "for cases that want all three")]
    pub fn folder(&self) -> &Path {
        &self.work
    }

    /// The folder of Kubernetes' binaries.
    pub fn assets(&self) -> &Path {
        &self.assets
    }

    /// kubectl as admin: its standard output, or a panic with what it said.
    pub fn kubectl(&self, args: &[&str]) -> String {
        self.try_kubectl(args, None).unwrap_or_else(|e| panic!("kubectl {}: {e}", args.join(" ")))
    }

    /// `kubectl apply -f -`.
    pub fn apply(&self, manifest: &str) {
        self.try_kubectl(&["apply", "-f", "-"], Some(manifest)).unwrap_or_else(|e| panic!("kubectl apply: {e}\n{manifest}"));
    }

    /// kubectl as admin, whatever comes of it.
    pub fn try_kubectl(&self, args: &[&str], input: Option<&str>) -> Result<String, String> {
        use std::io::Write as _;
        let mut child = Command::new(self.assets.join("kubectl"))
            .arg(format!("--kubeconfig={}", self.kubeconfig("admin").display()))
            .args(args)
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| e.to_string())?;
        if let (Some(mut stdin), Some(text)) = (child.stdin.take(), input) {
            stdin.write_all(text.as_bytes()).map_err(|e| e.to_string())?;
        }
        let out = child.wait_with_output().map_err(|e| e.to_string())?;
        if out.status.success() { Ok(String::from_utf8_lossy(&out.stdout).into_owned()) } else { Err(String::from_utf8_lossy(&out.stderr).into_owned()) }
    }

    /// Waits until `kubectl ARGS` prints something that holds, for at most so many seconds.
    pub fn until(&self, seconds: u64, args: &[&str], holds: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_secs(seconds);
        loop {
            let out = self.try_kubectl(args, None).unwrap_or_else(|e| e);
            if holds(&out) {
                return out;
            }
            assert!(Instant::now() < end, "not seen within {seconds} s: kubectl {}\n{out}", args.join(" "));
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        if !self.ours {
            return;
        }
        if let Err(why) = run("down.sh", &[&self.work], &self.work.with_extension("down.log")) {
            println!("down.sh: {why}");
        }
    }
}
