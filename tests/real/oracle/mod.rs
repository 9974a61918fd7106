//! The real kubectl as the oracle: what the API server's audit log records of kubectl's command line (verb, path,
//! namespace, name, and the object that results) is what it records of our plan, or we refuse the line.
//!
//! Every line of `lines.txt` runs twice, each time in a namespace and on cluster-scoped objects of its own: once by
//! `kubectl` through a shell, once parsed, planned and sent by us. Only our preconditions, the field manager's name and
//! what the server makes up (uids, versions, times, addresses) are left out of the comparison.
use super::Case;
use super::cluster::{block, clock, connect};
use super::cluster_under_test::Real;
use kopilot_tui::cluster::Cluster;
use kopilot_tui::model::{Decision, DryRun, Outcome, Risk, Role, TurnId, Verdict};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

mod lines;
mod log;
mod world;

use lines::Line;
use log::Request;

/// The cases of this file.
pub const CASES: &[Case] = &[("what_kubectl_does_is_what_our_plan_does_or_we_refuse", equal)];

/// How many kubectls run at once.
const HANDS: usize = 3;
/// The fewest lines that make the comparison worth its name.
const LEAST: usize = 150;

/// What came of our half of a line.
enum Ours {
    Refused(String),
    Ran(String),
    Failed(String),
}

fn equal(real: &Real) {
    let log = real.folder().join("audit.log");
    if !log.is_file() {
        println!("  skipped: this API server keeps no audit log (start it with AUDIT=1 tests/real/controlplane/up.sh)");
        return;
    }
    let began = Instant::now();
    let lines = lines::read();
    assert!(lines.len() >= LEAST, "only {} lines", lines.len());
    let mut verdicts = Vec::new();
    block(async {
        let cluster = connect(real, "admin").await;
        let (_, kinds) = cluster.discover().await.unwrap();
        let parsed: Vec<_> = lines.iter().map(|line| line.parse("o", &kinds)).collect();
        let made = world::make(&cluster, &lines).await;
        println!("  {made} worlds stand after {:.1} s", began.elapsed().as_secs_f32());
        let from = log::end(&log);
        tokio::task::block_in_place(|| theirs(real, &lines));
        println!("  kubectl is done after {:.1} s", began.elapsed().as_secs_f32());
        let mut ours = Vec::new();
        for (line, parsed) in lines.iter().zip(parsed) {
            ours.push(match parsed {
                Ok(operation) => ours_of(&cluster, line, &operation).await,
                Err(refusal) => Ours::Refused(refusal),
            });
        }
        let (kubectl, sent) = log::read(&log, &from);
        for (line, ours) in lines.iter().zip(&ours) {
            verdicts.push(judge(line, ours, &log::of(&kubectl, &line.id("k")), &log::of(&sent, &line.id("o"))));
        }
        world::end(&cluster, &lines).await;
    });
    let count = |word: &str| verdicts.iter().filter(|v| v.as_ref().is_ok_and(|v| *v == word)).count();
    let different: Vec<&String> = verdicts.iter().filter_map(|v| v.as_ref().err()).collect();
    println!(
        "  {} lines: {} equal, {} refused, {} different, in {:.0} s",
        lines.len(),
        count("equal"),
        count("refused"),
        different.len(),
        began.elapsed().as_secs_f32()
    );
    assert!(different.is_empty(), "{}", different.into_iter().cloned().collect::<Vec<_>>().join("\n\n"));
    assert!(count("equal") >= LEAST, "only {} lines are equal", count("equal"));
}

/// The verdict on one line; an error says how the two halves differ, or that a line was refused or not against the data.
fn judge(line: &Line, ours: &Ours, kubectl: &[Request], sent: &[Request]) -> Result<&'static str, String> {
    let at = format!("line {}: {}", line.number, line.text);
    match ours {
        Ours::Refused(why) if !sent.is_empty() => Err(format!("{at}\n  refused ({why}), and yet sent: {sent:?}")),
        Ours::Refused(_) if line.refused => Ok("refused"),
        Ours::Refused(why) => Err(format!("{at}\n  refused, which the data do not say: {why}")),
        Ours::Failed(why) => Err(format!("{at}\n  our half failed: {why}\n  kubectl sent: {}", log::shown(kubectl))),
        Ours::Ran(_) if line.refused => Err(format!("{at}\n  was to be refused, and ran: {}", log::shown(sent))),
        Ours::Ran(_) if kubectl == sent && !sent.is_empty() => Ok("equal"),
        Ours::Ran(how) => Err(format!("{at}\n  {}\n  ours came to: {how}", log::difference(kubectl, sent))),
    }
}

/// Runs every line that we may not refuse by the real kubectl.
fn theirs(real: &Real, lines: &[Line]) {
    let next = AtomicUsize::new(0);
    let home = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(|| {
                while let Some(line) = lines.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if !line.refused {
                        kubectl(real, home.path(), line);
                    }
                }
            });
        }
    });
}

/// One line by kubectl, as a person would type it. Its exit code is no matter: the audit log tells what it did.
fn kubectl(real: &Real, home: &Path, line: &Line) {
    let config = home.join(line.id("k"));
    let text = std::fs::read_to_string(real.kubeconfig("admin")).unwrap();
    std::fs::write(&config, text.replace("namespace: default", &format!("namespace: {}", line.context("k")))).unwrap();
    let mut child = Command::new("bash")
        .args(["-c", &format!("exec kubectl {}", line.words("k"))])
        .env("PATH", format!("{}:/usr/bin:/bin", real.assets().display()))
        .env("KUBECONFIG", &config)
        .env("HOME", home)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    if let Some(mut stdin) = child.stdin.take() {
        use std::io::Write as _;
        let _ = stdin.write_all(line.manifest("k").as_bytes());
    }
    child.wait().unwrap();
}

/// One line by us: planned, approved, sent.
async fn ours_of(cluster: &Cluster, line: &Line, operation: &kopilot_tui::model::Operation) -> Ours {
    let verdict = Verdict { decision: Decision::Approve, risk: Risk::Medium, rule: "oracle", reason: String::new() };
    let plan = match cluster.plan(operation, &line.context("o"), &verdict, TurnId(1), Vec::new()).await {
        Ok(plan) => plan,
        Err(trouble) => return Ours::Refused(trouble.to_string()),
    };
    if let DryRun::Rejected(trouble) = &plan.dry_run {
        return Ours::Refused(format!("the dry run was rejected: {trouble}"));
    }
    let (approval, receipt) = super::person::approve(cluster, &plan);
    // what comes of it later is no matter here
    let writer = cluster.writer(Role::Admin, clock()).unwrap().with_patience(Duration::ZERO, Duration::ZERO);
    match writer.execute(&plan, approval, receipt).await {
        Outcome::Worked(said) | Outcome::NotSeen(said) => Ours::Ran(said.to_string()),
        other => Ours::Failed(format!("{other:?}")),
    }
}
