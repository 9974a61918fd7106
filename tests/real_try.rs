#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
#[path = "real/cluster.rs"]
mod cluster;
mod cluster_under_test {
    use std::path::PathBuf;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    pub struct Real;
    impl Real {
        pub fn kubeconfig(&self, user: &str) -> PathBuf {
            PathBuf::from(std::env::var("KOPILOT_REAL").unwrap()).join(format!("{user}.kubeconfig"))
        }
        pub fn kubectl(&self, args: &[&str]) -> String {
            self.try_kubectl(args, None).unwrap_or_else(|e| panic!("kubectl {}: {e}", args.join(" ")))
        }
        pub fn apply(&self, manifest: &str) {
            self.try_kubectl(&["apply", "-f", "-"], Some(manifest)).unwrap_or_else(|e| panic!("kubectl apply: {e}\n{manifest}"));
        }
        pub fn try_kubectl(&self, args: &[&str], input: Option<&str>) -> Result<String, String> {
            use std::io::Write as _;
            let mut child = Command::new(PathBuf::from(std::env::var("HOME").unwrap()).join(".cache/kopilot-tui/assets/kubectl"))
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
}
pub type Case = (&'static str, fn(&cluster_under_test::Real));
#[test]
fn all() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut failed = Vec::new();
    for (name, case) in cluster::CASES.iter().filter(|(n, _)| n.contains(&only)) {
        let t = std::time::Instant::now();
        let ok = std::panic::catch_unwind(|| case(&cluster_under_test::Real)).is_ok();
        eprintln!("{name}: {} {:?}", if ok { "ok" } else { "FAILED" }, t.elapsed());
        if !ok {
            failed.push(*name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
