//! The reads of the wider grammar on a real Kubernetes: what they say is what kubectl says, and of Secrets nothing but labels.
use super::Case;
use super::cluster_under_test::Real;
use kopilot_tui::cluster::{Cluster, contexts, read::Limits};
use kopilot_tui::kubectl::{kinds::Kinds, parse_with};
use kopilot_tui::model::{Epoch, Looked, Reading};
use kopilot_tui::text::Redactor;
use std::sync::Arc;

/// The cases of this file.
pub const CASES: &[Case] = &[("explain_versions_diff_and_helm_are_read", wider)];

const NAMESPACE: &str = "a-reads";

/// A Secret as helm keeps a revision; its data must be seen nowhere.
fn release(number: u32, status: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\nmetadata:\n  name: sh.helm.release.v1.api.v{number}\n  namespace: {NAMESPACE}\n  \
         labels: {{owner: helm, name: api, version: \"{number}\", status: {status}, modifiedAt: \"1767225600\"}}\nstringData: {{release: canary-8c1f}}\n"
    )
}

async fn connect(real: &Real, user: &str) -> Cluster {
    let clock = Arc::new(jiff::Timestamp::now);
    contexts::connect(Some(&real.kubeconfig(user)), None, Epoch(1), Redactor::new([7; 32]), clock).await.unwrap()
}

async fn read(cluster: &Cluster, line: &str, manifest: Option<&str>) -> Vec<Reading> {
    let operation = parse_with(line, manifest, &Kinds::builtin()).unwrap();
    cluster.read(&operation, Some(NAMESPACE), Limits { bytes: 1 << 20, ..Limits::default() }).await
}

async fn text(cluster: &Cluster, line: &str, manifest: Option<&str>) -> String {
    let readings = read(cluster, line, manifest).await;
    let of = |reading: &Reading| match &reading.looked {
        Looked::Found(text) => text.text().to_string(),
        other => panic!("{line}: {other:?}"),
    };
    readings.iter().map(of).collect()
}

/// The lines of a text without spaces at their ends, sorted.
fn lines(text: &str) -> Vec<String> {
    let mut out: Vec<String> = text.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect();
    out.sort();
    out
}

fn wider(real: &Real) {
    let _ = real.try_kubectl(&["delete", "ns", NAMESPACE, "--ignore-not-found", "--wait=true", "--timeout=90s"], None);
    real.kubectl(&["create", "ns", NAMESPACE]);
    real.apply(&[release(1, "superseded"), release(2, "deployed")].join("---\n"));
    let map = |value: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: app, namespace: {NAMESPACE}}}\ndata: {{a: \"{value}\"}}\n");
    real.apply(&map("1"));
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
        let admin = connect(real, "admin").await;
        assert_eq!(lines(&text(&admin, "api-versions", None).await), lines(&real.kubectl(&["api-versions"])));
        assert!(text(&admin, "cluster-info", None).await.contains(&format!("control plane is running at {}", admin.server)));

        for (path, field) in [("pods.spec.containers.image", "image <string>"), ("deploy.spec.template.spec", "template"), ("cronjobs", "KIND:     CronJob")] {
            let ours = text(&admin, &format!("explain {path}"), None).await;
            let theirs = real.kubectl(&["explain", path]);
            assert!(field == "template" || ours.contains(field), "{path}: {ours}");
            // every field that kubectl lists is listed, with its type
            for line in theirs.lines().filter(|l| l.starts_with("  ") && l.contains('\t') && l.contains('<')) {
                let (name, rest) = line.trim().split_once('\t').unwrap();
                let of = rest.split_inclusive('>').next().unwrap();
                assert!(ours.contains(&format!("{name} {of}")), "{path}: {name} {of} is not in\n{ours}");
            }
        }
        let wrong = read(&admin, "explain pods.spec.nosuch", None).await;
        assert!(matches!(&wrong[0].looked, Looked::Nothing(s) if s.contains("no field `nosuch`")), "{wrong:?}");

        assert!(text(&admin, "diff -f -", Some(&map("1"))).await.contains("would change nothing"));
        let changed = text(&admin, "diff -f -", Some(&map("2"))).await;
        assert!(changed.contains("-   a: '1'") || changed.contains("-   a: \"1\""), "{changed}");
        let fresh = text(&admin, "diff -f -", Some(&map("1").replace("name: app", "name: other"))).await;
        assert!(fresh.contains("is not there; applying it would create") && fresh.contains("+ kind: ConfigMap"), "{fresh}");
        assert!(!real.kubectl(&["-n", NAMESPACE, "get", "cm", "-o", "name"]).contains("other"), "a diff creates nothing");
        assert!(real.kubectl(&["-n", NAMESPACE, "get", "cm", "app", "-o", "yaml"]).contains("a: \"1\""), "a diff changes nothing");

        let mut said = String::new();
        for (line, wants) in [
            ("helm list", &["api    a-reads     2          2026-01-01T00:00:00Z   deployed"][..]),
            ("helm list -A", &["a-reads"]),
            ("helm status api", &["REVISION: 2", "STATUS: deployed"]),
            ("helm status api --revision=1", &["REVISION: 1", "STATUS: superseded"]),
            ("helm history api", &["superseded", "deployed"]),
        ] {
            let got = text(&admin, line, None).await;
            assert!(wants.iter().all(|w| got.contains(w)), "{line}: {got}");
            said.push_str(&got);
        }
        assert!(!said.contains("canary-8c1f") && !said.contains("Y2FuYXJ5"), "no data of a release is read: {said}");
        let none = read(&admin, "helm status nosuch", None).await;
        assert!(matches!(&none[0].looked, Looked::Nothing(_)), "{none:?}");
        let nobody = connect(real, "nobody").await;
        let denied = read(&nobody, "helm list", None).await;
        assert!(matches!(&denied[0].looked, Looked::Denied(_)), "{denied:?}");
        let denied = read(&nobody, "diff -f -", Some(&map("2"))).await;
        assert!(matches!(&denied[0].looked, Looked::Denied(_)), "{denied:?}");
    });
    let _ = real.try_kubectl(&["delete", "ns", NAMESPACE, "--wait=false"], None);
}
