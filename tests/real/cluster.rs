//! The cluster adapter on a real Kubernetes: what is denied, how rows arrive, what a read says of a real crash loop, and
//! changes that are planned, approved, executed and verified, or void.
use super::Case;
use super::cluster_under_test::Real;
use super::person::approve;
use kopilot_tui::cluster::watch::{self, Fetch, Pace};
use kopilot_tui::cluster::{Clock, Cluster, contexts, read::Limits};
use kopilot_tui::model::operation::{Cascade, Objects, Output, Selectors, Target, Write};
use kopilot_tui::model::snapshot::{Coverage, KINDS};
use kopilot_tui::model::{
    Action, Change, Decision, DryRun, Epoch, KindRef, Link, Looked, Operation, Outcome, Plan, Read, Reading, Risk, Role, Scope, Source, TroubleClass, TurnId,
    Update, Verdict, WatchKind,
};
use kopilot_tui::policy::Receipt;
use kopilot_tui::text::diff::Line;
use kopilot_tui::text::{Clean, Redactor};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The cases of this file.
pub const CASES: &[Case] = &[
    ("who_may_not_look_is_denied_and_not_shown_emptiness", denied),
    ("rows_arrive_by_stream_and_by_page_and_follow_changes", rows),
    ("a_real_crash_loop_is_read_undone_and_seen_running", undone),
    ("an_object_that_changed_after_the_review_is_left_alone", voided),
    ("scale_image_restart_and_delete_are_done_and_verified", changed),
    ("a_viewer_is_told_what_may_not_be_done", refused),
    ("every_read_of_the_grammar_answers", reads),
];

/// The wall clock.
pub fn clock() -> Clock {
    Arc::new(jiff::Timestamp::now)
}

/// A connection as one of the cluster's users.
pub async fn connect(real: &Real, user: &str) -> Cluster {
    contexts::connect(Some(&real.kubeconfig(user)), None, Epoch(1), Redactor::new([7; 32]), clock()).await.unwrap()
}

/// Runs a case's asynchronous half.
pub fn block(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work);
}

/// A namespace that goes when the case ends.
pub struct Namespace<'a>(&'a Real, pub &'static str);

impl<'a> Namespace<'a> {
    /// Makes it, and waits until pods may be made in it.
    pub fn new(real: &'a Real, name: &'static str) -> Self {
        let _ = real.try_kubectl(&["delete", "ns", name, "--ignore-not-found", "--wait=true", "--timeout=90s"], None);
        real.kubectl(&["create", "ns", name]);
        // pods are refused until the namespace's service account is there
        real.until(60, &["-n", name, "get", "sa", "default", "-o", "name"], |out| out.contains("serviceaccount/default"));
        Self(real, name)
    }
}

impl Drop for Namespace<'_> {
    fn drop(&mut self) {
        let _ = self.0.try_kubectl(&["delete", "ns", self.1, "--wait=false"], None);
    }
}

fn kind(resource: &str) -> KindRef {
    match resource {
        "pods" => KindRef::new("", "v1", "pods", "Pod", true),
        "secrets" => KindRef::new("", "v1", "secrets", "Secret", true),
        "nodes" => KindRef::new("", "v1", "nodes", "Node", false),
        "services" => KindRef::new("", "v1", "services", "Service", true),
        "configmaps" => KindRef::new("", "v1", "configmaps", "ConfigMap", true),
        "deployments" => KindRef::new("apps", "v1", "deployments", "Deployment", true),
        other => panic!("no kind {other}"),
    }
}

fn target(resource: &str, name: &str) -> Target {
    Target { kind: kind(resource), name: Some(name.to_owned()).filter(|n| !n.is_empty()) }
}

fn operation(namespace: &str, action: Action) -> Operation {
    Operation { action, scope: Scope::Named(namespace.to_owned()) }
}

fn get(namespace: &str, resource: &str, name: &str, output: Output) -> Operation {
    let read = Read::Get { targets: vec![target(resource, name)], selectors: Selectors::default(), output, sort_by: None, show_labels: false };
    operation(namespace, Action::Read(read))
}

fn logs(namespace: &str, resource: &str, name: &str, previous: bool) -> Operation {
    let read = Read::Logs {
        target: target(resource, name),
        container: None,
        previous,
        tail: None,
        since_seconds: None,
        timestamps: false,
        all_containers: false,
        selectors: Selectors::default(),
    };
    operation(namespace, Action::Read(read))
}

fn text(reading: &Reading) -> &str {
    match &reading.looked {
        Looked::Found(prepared) => prepared.text(),
        other => panic!("not found: {other:?}"),
    }
}

async fn read(cluster: &Cluster, operation: &Operation) -> Reading {
    cluster.read(operation, None, Limits::default()).await.into_iter().next().unwrap()
}

fn verdict() -> Verdict {
    Verdict { decision: Decision::Approve, risk: Risk::Medium, rule: "test", reason: String::new() }
}

async fn plan(cluster: &Cluster, namespace: &str, write: Write) -> Plan {
    cluster.plan(&operation(namespace, Action::Write(write)), "default", &verdict(), TurnId(1), Vec::new()).await.unwrap()
}

async fn execute(cluster: &Cluster, plan: &Plan) -> Outcome {
    let (approval, receipt) = approve(cluster, plan);
    let writer = cluster.writer(Role::Operator, clock()).unwrap();
    writer.execute(plan, approval, receipt).await
}

/// One that never was ready is revision 2.
fn deployment(real: &Real, namespace: &str, name: &str, script: &str) {
    real.apply(&format!(
        r#"{{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {{"name": "{name}", "namespace": "{namespace}"}}, "spec": {{
            "replicas": 1, "strategy": {{"type": "Recreate"}}, "selector": {{"matchLabels": {{"app": "{name}"}}}},
            "template": {{"metadata": {{"labels": {{"app": "{name}"}}}}, "spec": {{"terminationGracePeriodSeconds": 0, "containers": [
                {{"name": "main", "image": "node.local/busybox:1", "command": ["sh", "-c", {}]}}]}}}}}}}}"#,
        serde_json::Value::from(script)
    ));
}

fn rolled_out(real: &Real, namespace: &str, name: &str) {
    real.until(120, &["-n", namespace, "get", "deploy", name, "-o", "jsonpath={.status.availableReplicas}"], |out| out == "1");
}

/// The next update that satisfies, waited for no longer than half a minute.
async fn update(said: &mut tokio::sync::mpsc::Receiver<Update>, wants: &str, mut holds: impl FnMut(&Update) -> bool) {
    let waiting = async {
        while let Some(update) = said.recv().await {
            if holds(&update) {
                return;
            }
        }
        panic!("the watch ended without: {wants}");
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap_or_else(|_| panic!("not seen in 30 s: {wants}"));
}

fn denied(real: &Real) {
    let ns = Namespace::new(real, "e-denied");
    real.kubectl(&["-n", ns.1, "create", "secret", "generic", "door", "--from-literal=key=hunter2hunter2"]);
    block(async {
        let nobody = connect(real, "nobody").await;
        for fetch in [Fetch::Auto, Fetch::Streaming, Fetch::Paged] {
            let (out, mut said) = tokio::sync::mpsc::channel(16);
            let stop = tokio_util::sync::CancellationToken::new();
            watch::start(&nobody, None, &[WatchKind::Pods, WatchKind::Events], fetch, out, stop.clone());
            let mut left = BTreeSet::from([WatchKind::Pods, WatchKind::Events]);
            update(&mut said, "both denied", |u| {
                assert!(!matches!(u, Update::Pods(_) | Update::Events(_) | Update::Link(_, Link::Live | Link::Filling, _)), "{fetch:?}: {u:?}");
                if let Update::Link(kind, Link::Denied(trouble), _) = u {
                    assert!(trouble.hint.contains("auth can-i list"), "{trouble}");
                    left.remove(kind);
                }
                left.is_empty()
            })
            .await;
            stop.cancel();
        }
        let snapshot = nobody.snapshot(None).await;
        let all_denied = KINDS.iter().all(|k| matches!(snapshot.coverage(k.kind), Coverage::Denied(_)));
        assert!(all_denied, "{:?}", KINDS.iter().map(|k| (k.kind, snapshot.coverage(k.kind))).collect::<Vec<_>>());
        assert_eq!(nobody.namespaces().await.unwrap_err().class, TroubleClass::Denied);

        let viewer = connect(real, "viewer").await;
        let snapshot = viewer.snapshot(Some(ns.1)).await;
        assert!(matches!(snapshot.coverage("Secret"), Coverage::Denied(_)), "{:?}", snapshot.coverage("Secret"));
        assert_eq!(*snapshot.coverage("Pod"), Coverage::Whole);
        assert!(matches!(read(&viewer, &get(ns.1, "secrets", "", Output::Table)).await.looked, Looked::Denied(_)));
        assert!(matches!(read(&viewer, &get(ns.1, "configmaps", "none-such", Output::Yaml)).await.looked, Looked::Nothing(_)));

        // whoever may read Secrets sees their names here, and never a value
        let admin = connect(real, "admin").await;
        let listed = read(&admin, &get(ns.1, "secrets", "", Output::Table)).await;
        assert!(text(&listed).contains("door") && !format!("{listed:?}").contains("hunter2"));
        for output in [Output::Yaml, Output::Json, Output::JsonPath("{.items[*].data}".into()), Output::CustomColumns("D:.data".into())] {
            let refused = read(&admin, &get(ns.1, "secrets", "door", output)).await;
            assert!(matches!(&refused.looked, Looked::Failed(t) if t.class == TroubleClass::Refused), "{refused:?}");
        }
        let described = Operation {
            action: Action::Read(Read::Describe { targets: vec![target("secrets", "door")], selectors: Selectors::default() }),
            scope: Scope::Named(ns.1.into()),
        };
        assert!(matches!(read(&admin, &described).await.looked, Looked::Failed(_)));
        let snapshot = admin.snapshot(Some(ns.1)).await;
        assert!(snapshot.secrets.items.iter().any(|s| s.meta.name.as_str() == "door"));
        let names = admin.namespaces().await.unwrap();
        assert!(names.iter().any(|n| n.as_str() == ns.1));
    });
}

fn rows(real: &Real) {
    let ns = Namespace::new(real, "e-rows");
    for i in 0..3 {
        real.apply(&format!(
            r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "p{i}", "namespace": "{}"}}, "spec": {{"terminationGracePeriodSeconds": 0, "containers": [{{"name": "c", "image": "node.local/busybox:1", "command": ["sleep", "3600"]}}]}}}}"#,
            ns.1
        ));
    }
    block(async {
        let admin = connect(real, "admin").await;
        for fetch in [Fetch::Streaming, Fetch::Paged, Fetch::Auto] {
            let (out, mut said) = tokio::sync::mpsc::channel(16);
            let stop = tokio_util::sync::CancellationToken::new();
            let pace = Pace { session: Duration::from_secs(2), ..Pace::default() };
            watch::start_paced(&admin, Some(&Clean::line(ns.1)), &[WatchKind::Pods], fetch, pace, &out, &stop);
            let mut seen = BTreeSet::new();
            let mut links = Vec::new();
            update(&mut said, "a live watch", |u| {
                match u {
                    Update::Pods(changes) => changes.iter().for_each(|c| {
                        if let Change::Upsert(pod) = c {
                            seen.insert(pod.meta.name.to_string());
                        }
                    }),
                    Update::Link(_, link, _) => links.push(link.clone()),
                    Update::Events(_) => panic!("events were not asked for"),
                }
                links.last() == Some(&Link::Live)
            })
            .await;
            assert_eq!(links, [Link::Connecting, Link::Filling, Link::Live], "{fetch:?}");
            assert!((0..3).all(|i| seen.contains(&format!("p{i}"))), "{fetch:?}: {seen:?}");
            // the session of two seconds ends meanwhile; the resume loses nothing and says nothing
            let name = format!("late-{}", format!("{fetch:?}").to_lowercase());
            tokio::task::block_in_place(|| {
                real.apply(&format!(
                    r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{name}", "namespace": "{}"}}, "spec": {{"terminationGracePeriodSeconds": 0, "containers": [{{"name": "c", "image": "node.local/busybox:1", "command": ["sleep", "3600"]}}]}}}}"#,
                    ns.1
                ));
            });
            let mut uid = None;
            update(&mut said, "the late pod is Running", |u| {
                assert!(!matches!(u, Update::Link(..)), "{u:?}");
                if let Update::Pods(changes) = u {
                    assert!(!changes.iter().any(|c| matches!(c, Change::ListBegins)), "listed again");
                    uid = changes.iter().find_map(|c| match c {
                        Change::Upsert(p) if p.meta.name.as_str() == name && p.phase.as_str() == "Running" => Some(p.meta.uid.clone()),
                        _ => None,
                    });
                }
                uid.is_some()
            })
            .await;
            tokio::task::block_in_place(|| real.kubectl(&["-n", ns.1, "delete", "pod", &name, "--wait=false"]));
            let uid = uid.unwrap();
            update(
                &mut said,
                "the late pod is gone",
                |u| matches!(u, Update::Pods(changes) if changes.iter().any(|c| matches!(c, Change::Gone(gone) if *gone == uid))),
            )
            .await;
            stop.cancel();
        }
    });
}

fn undone(real: &Real) {
    let ns = Namespace::new(real, "e-undone");
    deployment(real, ns.1, "api", "echo started; sleep 3600");
    rolled_out(real, ns.1, "api");
    deployment(real, ns.1, "api", "echo \"DB_HOST is not set\" >&2; exit 1");
    real.until(120, &["-n", ns.1, "get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}"], |out| {
        out.split(' ').any(|n| n.parse().is_ok_and(|n: u32| n >= 2))
    });
    block(async {
        let admin = connect(real, "admin").await;
        for previous in [true, false] {
            let log = read(&admin, &logs(ns.1, "deployments", "api", previous)).await;
            assert!(text(&log).contains("DB_HOST is not set"), "{log:?}");
            assert!(matches!(&log.source, Source::Log { container, .. } if container.as_str() == "main"));
            assert!(log.uid.is_some() && log.object.as_ref().is_some_and(|o| o.kind == "Pod"));
        }
        let described = operation(ns.1, Action::Read(Read::Describe { targets: vec![target("deployments", "api")], selectors: Selectors::default() }));
        let described = read(&admin, &described).await;
        assert!(text(&described).contains("revision 2") && text(&described).contains("Changed from revision 1 to 2"), "{}", text(&described));
        let events = operation(ns.1, Action::Read(Read::Events { about: None, types: vec!["Warning".into()] }));
        assert!(text(&read(&admin, &events).await).contains("BackOff"));
        let status = operation(ns.1, Action::Read(Read::RolloutStatus { target: target("deployments", "api") }));
        // a crash-looping pod without a probe is available for an instant, so either sentence may be kubectl's
        assert!(text(&read(&admin, &status).await).contains("deployment \"api\""));

        let write = Write::RolloutUndo { objects: Objects::one(target("deployments", "api")), to_revision: None };
        let plan = plan(&admin, ns.1, write).await;
        assert_eq!(plan.dry_run, DryRun::Accepted);
        assert_eq!(plan.undo.as_deref().map(str::to_owned), Some(format!("rollout undo deployment/api --to-revision=2 -n {}", ns.1)), "{:?}", plan.undo);
        let diff = &plan.objects[0].diff;
        assert!(diff.iter().any(|l| matches!(l, Line::Removed(l) if l.contains("DB_HOST is not set"))), "{diff:?}");
        assert!(diff.iter().any(|l| matches!(l, Line::Added(l) if l.contains("sleep 3600"))));
        assert!(diff.iter().all(|l| !matches!(l, Line::Removed(l) | Line::Added(l) if l.contains("resourceVersion") || l.contains("managedFields"))));
        let outcome = execute(&admin, &plan).await;
        assert!(matches!(&outcome, Outcome::Worked(s) if s.contains("1 of 1 pods are Running and ready")), "{outcome:?}");
        let phase = read(&admin, &get(ns.1, "pods", "", Output::JsonPath("{.items[*].status.containerStatuses[*].ready}".into()))).await;
        assert_eq!(text(&phase).trim(), "true");
        // the approval is spent, the plan is old: the same plan is void now
        let again = execute(&admin, &plan).await;
        assert!(matches!(&again, Outcome::Void(s) if s.contains("changed since it was reviewed")), "{again:?}");
    });
}

fn voided(real: &Real) {
    let ns = Namespace::new(real, "e-voided");
    deployment(real, ns.1, "api", "sleep 3600");
    deployment(real, ns.1, "other", "sleep 3600");
    rolled_out(real, ns.1, "api");
    block(async {
        let admin = connect(real, "admin").await;
        let scale = |name: &str, replicas| Write::Scale { objects: Objects::one(target("deployments", name)), replicas, current: None };
        let planned = plan(&admin, ns.1, scale("api", 2)).await;
        tokio::task::block_in_place(|| real.kubectl(&["-n", ns.1, "set", "env", "deploy/api", "A=b"]));
        let outcome = execute(&admin, &planned).await;
        assert!(matches!(&outcome, Outcome::Void(s) if s.contains("changed since it was reviewed") && s.contains("kubectl-set")), "{outcome:?}");

        // another object of the same name
        let planned = plan(&admin, ns.1, scale("api", 2)).await;
        tokio::task::block_in_place(|| {
            real.kubectl(&["-n", ns.1, "delete", "deploy", "api", "--wait=true"]);
            deployment(real, ns.1, "api", "sleep 3600");
        });
        let outcome = execute(&admin, &planned).await;
        assert!(matches!(&outcome, Outcome::Void(s) if s.contains("made anew")), "{outcome:?}");

        // a yes for one plan is none for another, and none after its time
        let one = plan(&admin, ns.1, scale("api", 2)).await;
        let two = plan(&admin, ns.1, scale("other", 2)).await;
        let (approval, _) = approve(&admin, &one);
        let writer = admin.writer(Role::Admin, clock()).unwrap();
        let outcome = writer.execute(&two, approval, Receipt::issued(two.digest, String::new())).await;
        assert!(matches!(&outcome, Outcome::Void(s) if s.contains("another plan")), "{outcome:?}");
        let (approval, _) = approve(&admin, &two);
        let outcome = writer.execute(&two, approval, Receipt::issued(one.digest, String::new())).await;
        assert!(matches!(&outcome, Outcome::Void(s) if s.contains("audit line")), "{outcome:?}");
        let (approval, receipt) = approve(&admin, &two);
        let late: Clock = Arc::new(|| jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1));
        let outcome = admin.writer(Role::Admin, late).unwrap().execute(&two, approval, receipt).await;
        assert!(matches!(&outcome, Outcome::Void(s) if s.contains("expired")), "{outcome:?}");
        // tampering with what was approved
        let mut tampered = two.clone();
        tampered.requests[0].body = br#"{"spec":{"replicas":0}}"#.to_vec();
        let (approval, receipt) = approve(&admin, &two);
        let outcome = writer.execute(&tampered, approval, receipt).await;
        assert!(matches!(&outcome, Outcome::Void(_)), "{outcome:?}");
        let replicas = tokio::task::block_in_place(|| real.kubectl(&["-n", ns.1, "get", "deploy", "-o", "jsonpath={.items[*].spec.replicas}"]));
        assert_eq!(replicas, "1 1");
        assert!(admin.writer(Role::Readonly, clock()).is_none());
    });
}

fn changed(real: &Real) {
    let ns = Namespace::new(real, "e-changed");
    deployment(real, ns.1, "api", "sleep 3600");
    rolled_out(real, ns.1, "api");
    block(async {
        let admin = connect(real, "admin").await;
        let api = || target("deployments", "api");
        let planned = plan(&admin, ns.1, Write::Scale { objects: Objects::one(api()), replicas: 2, current: Some(1) }).await;
        assert_eq!(planned.requests[0].path, format!("/apis/apps/v1/namespaces/{}/deployments/api/scale", ns.1));
        assert_eq!(planned.undo.as_deref().map(str::to_owned), Some(format!("scale deployment/api --replicas=1 -n {}", ns.1)));
        let outcome = execute(&admin, &planned).await;
        assert!(matches!(&outcome, Outcome::Worked(s) if s.contains("2 of 2 pods")), "{outcome:?}");

        let planned = plan(&admin, ns.1, Write::RolloutRestart { objects: Objects::one(api()) }).await;
        let outcome = execute(&admin, &planned).await;
        assert!(matches!(&outcome, Outcome::Worked(_)), "{outcome:?}");

        // an image that is on no node: accepted, and honestly not seen
        let planned = plan(&admin, ns.1, Write::SetImage { objects: Objects::one(api()), images: vec![("main".into(), "node.local/absent:9".into())] }).await;
        let (approval, receipt) = approve(&admin, &planned);
        let writer = admin.writer(Role::Operator, clock()).unwrap().with_patience(Duration::from_secs(8), Duration::from_secs(1));
        let outcome = writer.execute(&planned, approval, receipt).await;
        assert!(matches!(&outcome, Outcome::NotSeen(s) if s.contains("Pull") || s.contains("NeverPull")), "{outcome:?}");
        let back = plan(&admin, ns.1, Write::RolloutUndo { objects: Objects::one(api()), to_revision: None }).await;
        let outcome = execute(&admin, &back).await;
        assert!(matches!(&outcome, Outcome::Worked(_)), "{outcome:?}");

        let name = tokio::task::block_in_place(|| {
            real.kubectl(&["-n", ns.1, "get", "pods", "--field-selector=status.phase=Running", "-o", "jsonpath={.items[0].metadata.name}"])
        });
        let planned = plan(&admin, ns.1, Write::Delete { objects: Objects::one(target("pods", &name)), grace_period: None, cascade: Cascade::default() }).await;
        assert_eq!(planned.dry_run, DryRun::Accepted);
        let still = tokio::task::block_in_place(|| real.try_kubectl(&["-n", ns.1, "get", "pod", &name, "-o", "name"], None));
        assert!(still.is_ok(), "the dry run deleted it");
        let outcome = execute(&admin, &planned).await;
        assert!(matches!(&outcome, Outcome::Worked(s) if s.contains("is gone")), "{outcome:?}");

        // what is already so is no plan, and neither is what has no way back
        for (write, word) in [
            (Write::Scale { objects: Objects::one(api()), replicas: 2, current: None }, "already"),
            (Write::Scale { objects: Objects::one(api()), replicas: 3, current: Some(7) }, "not 7"),
            (Write::SetImage { objects: Objects::one(api()), images: vec![("main".into(), "node.local/busybox:1".into())] }, "already"),
            (Write::SetImage { objects: Objects::one(api()), images: vec![("web".into(), "x".into())] }, "no container `web`"),
            (Write::RolloutUndo { objects: Objects::one(api()), to_revision: Some(99) }, "no revision 99"),
            (Write::Scale { objects: Objects::one(target("pods", &name)), replicas: 1, current: None }, "can not be the object"),
            (Write::Delete { objects: Objects::one(target("pods", "none-such")), grace_period: None, cascade: Cascade::default() }, "not found"),
            (Write::Delete { objects: Objects::one(target("secrets", "door")), grace_period: None, cascade: Cascade::default() }, "Secrets"),
            (Write::SetImage { objects: Objects::one(api()), images: vec![("main".into(), "⟦redacted password 8 ab12⟧".into())] }, "redaction mark"),
        ] {
            let trouble = admin.plan(&operation(ns.1, Action::Write(write.clone())), "default", &verdict(), TurnId(1), Vec::new()).await.unwrap_err();
            assert!(trouble.cause.contains(word), "{write:?}: {trouble}");
        }
    });
}

fn refused(real: &Real) {
    let ns = Namespace::new(real, "e-refused");
    deployment(real, ns.1, "api", "sleep 3600");
    block(async {
        let viewer = connect(real, "viewer").await;
        let planned = plan(&viewer, ns.1, Write::Scale { objects: Objects::one(target("deployments", "api")), replicas: 2, current: None }).await;
        let DryRun::Rejected(trouble) = &planned.dry_run else { panic!("not rejected: {:?}", planned.dry_run) };
        assert!(trouble.class == TroubleClass::Denied && trouble.cause.contains("user viewer may not patch deployments/scale"), "{trouble}");
        let (approval, receipt) = approve(&viewer, &planned);
        let outcome = viewer.writer(Role::Admin, clock()).unwrap().execute(&planned, approval, receipt).await;
        assert!(matches!(&outcome, Outcome::Void(s) if s.contains("dry run")), "{outcome:?}");
    });
}

fn reads(real: &Real) {
    let ns = Namespace::new(real, "e-reads");
    deployment(real, ns.1, "api", "echo hello; sleep 3600");
    real.kubectl(&["-n", ns.1, "create", "service", "clusterip", "api", "--tcp=80:8080"]);
    rolled_out(real, ns.1, "api");
    block(async {
        let admin = connect(real, "admin").await;
        let (version, kinds) = admin.discover().await.unwrap();
        assert!(version.starts_with("v1."), "{version}");
        assert_eq!(kinds.resolve("deploy").map(|k| k.api_version()), Some("apps/v1".to_owned()));
        let describe = |resource: &str, name: &str| Read::Describe { targets: vec![target(resource, name)], selectors: Selectors::default() };
        let can = |verb: &str| Read::CanI { verb: verb.into(), target: target("pods", ""), subresource: None };
        for (read_, wants) in [
            (describe("deployments", "api"), vec!["successfully rolled out", "Events:", "Image:"]),
            (describe("services", "api"), vec!["Endpoints", "Selector:"]),
            (describe("nodes", "real-1"), vec!["Conditions:", "Pods ("]),
            (describe("configmaps", "kube-root-ca.crt"), vec!["data:"]),
            (Read::RolloutHistory { target: target("deployments", "api"), revision: None }, vec!["REVISION", "node.local/busybox:1"]),
            (Read::RolloutHistory { target: target("deployments", "api"), revision: Some(1) }, vec!["containers:"]),
            (Read::Events { about: Some(target("deployments", "api")), types: vec![] }, vec!["ScalingReplicaSet"]),
            (can("list"), vec!["yes"]),
            (Read::CanIList, vec!["VERBS"]),
            (Read::WhoAmI, vec!["Username"]),
            (Read::Version, vec!["Server Version: v1."]),
            (Read::ApiResources { namespaced: None, group: None }, vec!["deployments", "deploy", "apps/v1"]),
        ] {
            let reading = read(&admin, &operation(ns.1, Action::Read(read_.clone()))).await;
            let said = text(&reading);
            assert!(wants.iter().all(|w| said.contains(w)), "{read_:?} lacks one of {wants:?}:\n{said}");
        }
        let top = operation(ns.1, Action::Read(Read::Top { target: target("pods", ""), selectors: Selectors::default(), containers: false, by_memory: false }));
        let top = read(&admin, &top).await;
        assert!(matches!(&top.looked, Looked::Failed(t) if t.cause.contains("metrics.k8s.io is absent")), "{top:?}");

        let table = read(&admin, &get(ns.1, "pods", "", Output::Table)).await;
        let kubectl = tokio::task::block_in_place(|| real.kubectl(&["-n", ns.1, "get", "pods"]));
        let head = |t: &str| t.lines().next().unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(head(text(&table)), head(&kubectl));
        let all = Operation { action: get(ns.1, "pods", "", Output::Wide).action, scope: Scope::All };
        assert!(text(&read(&admin, &all).await).starts_with("NAMESPACE"));
        let yaml = read(&admin, &get(ns.1, "deployments", "api", Output::Yaml)).await;
        assert!(text(&yaml).contains("replicas: 1") && !text(&yaml).contains("managedFields"));
        assert!(yaml.uid.is_some() && yaml.resource_version.is_some());
        let names = read(&admin, &get(ns.1, "deployments", "", Output::Name)).await;
        assert_eq!(text(&names).trim(), "deployment.apps/api");
        let columns = read(&admin, &get(ns.1, "deployments", "", Output::CustomColumns("N:.metadata.name,R:.spec.replicas".into()))).await;
        assert_eq!(text(&columns).split_whitespace().collect::<Vec<_>>(), ["N", "R", "api", "1"]);
        let few = admin
            .read(&Operation { action: get(ns.1, "configmaps", "", Output::Table).action, scope: Scope::All }, None, Limits { objects: 1, ..Limits::default() })
            .await;
        assert!(text(&few[0]).contains("not listed (the limit is 1)"), "{few:?}");
        let log = read(&admin, &logs(ns.1, "deployments", "api", false)).await;
        assert!(text(&log).contains("hello"));
        let dead = read(&admin, &logs(ns.1, "deployments", "api", true)).await;
        assert!(matches!(dead.looked, Looked::Nothing(_)), "{dead:?}");
        let unknown = operation(
            ns.1,
            Action::Read(Read::Logs {
                target: target("deployments", "api"),
                container: Some("web".into()),
                previous: false,
                tail: None,
                since_seconds: None,
                timestamps: false,
                all_containers: false,
                selectors: Selectors::default(),
            }),
        );
        let unknown = read(&admin, &unknown).await;
        assert!(matches!(&unknown.looked, Looked::Failed(t) if t.hint.contains("main")), "{unknown:?}");
        let none = read(&admin, &get(ns.1, "configmaps", "none-such", Output::Table)).await;
        assert!(matches!(none.looked, Looked::Nothing(_)), "{none:?}");
        let absent = KindRef::new("nosuch.example", "v1", "things", "Thing", true);
        let absent = operation(
            ns.1,
            Action::Read(Read::Get {
                targets: vec![Target { kind: absent, name: None }],
                selectors: Selectors::default(),
                output: Output::Table,
                sort_by: None,
                show_labels: false,
            }),
        );
        assert!(matches!(read(&admin, &absent).await.looked, Looked::Nothing(_)));
    });
}
