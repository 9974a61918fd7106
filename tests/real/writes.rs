//! The writes of the grammar on a real Kubernetes, as a person meets them: a command, judged by the policy, planned with
//! the server's dry run, approved, performed once, and seen in the cluster by its own kubectl.
use super::Case;
use super::cluster::{Namespace, block, clock, connect};
use super::cluster_under_test::Real;
use super::person::approve;
use kopilot_tui::cluster::Cluster;
use kopilot_tui::kubectl::{self, kinds::Kinds};
use kopilot_tui::model::{Decision, DryRun, Outcome, Plan, Risk, Role, TroubleClass, TurnId};
use kopilot_tui::policy;
use std::time::Duration;

/// The cases of this file.
pub const CASES: &[Case] = &[
    ("every_write_verb_is_performed_once_after_approval_and_seen", every_verb),
    ("a_drain_honours_a_disruption_budget", drained),
    ("what_admission_refuses_is_told_before_anybody_is_asked", admission),
    ("what_can_not_be_tried_says_so_and_rises_in_risk", untried),
    ("a_plan_in_part_says_how_far_it_came", in_part),
];

const IMAGE: &str = "node.local/busybox:1";

/// A command as a person states it: parsed, judged, planned.
async fn propose(cluster: &Cluster, kinds: &Kinds, namespace: &str, line: &str, manifest: &str) -> Plan {
    let carried = (!manifest.is_empty()).then_some(manifest);
    let operation = kubectl::parse_with(line, carried, kinds);
    let verdict = policy::judge(&operation, &policy::Rules::new(Role::Admin, namespace));
    assert_eq!(verdict.decision, Decision::Approve, "{line}: {}", verdict.reason);
    let operation = operation.unwrap_or_else(|e| panic!("{line}: {e}"));
    cluster.plan(&operation, namespace, &verdict, TurnId(1), Vec::new()).await.unwrap_or_else(|e| panic!("{line}: {e}"))
}

async fn perform(cluster: &Cluster, plan: &Plan, patience: u64) -> Outcome {
    let (approval, receipt) = approve(cluster, plan);
    let writer = cluster.writer(Role::Admin, clock()).unwrap().with_patience(Duration::from_secs(patience), Duration::from_millis(200));
    writer.execute(plan, approval, receipt).await
}

/// What is done, and how the cluster shows it: a manifest (or nothing), kubectl's arguments, and what they must print.
struct Deed {
    line: &'static str,
    manifest: &'static str,
    look: &'static str,
    shows: &'static str,
}

const fn deed(line: &'static str, look: &'static str, shows: &'static str) -> Deed {
    Deed { line, manifest: "", look, shows }
}

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, labels: {a: b}}\ndata: {k: v}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\n";
const APPLIED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {k: v, more: w}\n";
const REPLACED: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, labels: {a: b}}\ndata: {only: this}\n";

/// Every verb once, in an order in which each finds what it needs.
#[rustfmt::skip]
const DEEDS: &[Deed] = &[
    deed("create deployment web --image=node.local/busybox:1 -- sleep 3600", "get deploy web -o jsonpath={.status.availableReplicas}", "1"),
    deed("scale deploy/web --replicas=2", "get deploy web -o jsonpath={.spec.replicas}", "2"),
    deed("scale deploy/web --replicas=1 --current-replicas=2", "get deploy web -o jsonpath={.spec.replicas}", "1"),
    deed("set env deploy/web COLOR=blue", "get deploy web -o jsonpath={.spec.template.spec.containers[0].env[0].value}", "blue"),
    deed("set resources deploy/web --requests=memory=8Mi", "get deploy web -o jsonpath={.spec.template.spec.containers[0].resources.requests.memory}", "8Mi"),
    deed("set image deploy/web busybox=docker.io/library/absent:1", "get deploy web -o jsonpath={.spec.template.spec.containers[0].image}", "docker.io/library/absent:1"),
    deed("rollout undo deploy/web", "get deploy web -o jsonpath={.spec.template.spec.containers[0].image}", IMAGE),
    deed("rollout pause deploy/web", "get deploy web -o jsonpath={.spec.paused}", "true"),
    deed("rollout resume deploy/web", "get deploy web -o jsonpath={.spec.paused}", ""),
    deed("rollout restart deploy/web", "get deploy web -o jsonpath={.spec.template.metadata.annotations}", "restartedAt"),
    deed("patch deploy web -p '{\"spec\":{\"minReadySeconds\":1}}'", "get deploy web -o jsonpath={.spec.minReadySeconds}", "1"),
    deed("patch deploy web --type=merge -p '{\"spec\":{\"revisionHistoryLimit\":3}}'", "get deploy web -o jsonpath={.spec.revisionHistoryLimit}", "3"),
    deed("patch deploy web --type=json -p '[{\"op\":\"remove\",\"path\":\"/spec/minReadySeconds\"}]'", "get deploy web -o jsonpath={.spec.minReadySeconds}", ""),
    deed("patch deploy web --subresource=scale --type=merge -p '{\"spec\":{\"replicas\":2}}'", "get deploy web -o jsonpath={.spec.replicas}", "2"),
    deed("label deploy web tier=front", "get deploy web -o jsonpath={.metadata.labels.tier}", "front"),
    deed("annotate deploy web note='a b'", "get deploy web -o jsonpath={.metadata.annotations.note}", "a b"),
    deed("expose deploy web --port=80 --target-port=8080", "get svc web -o jsonpath={.spec.ports[0].targetPort}", "8080"),
    deed("autoscale deploy web --min=1 --max=2 --cpu=50%", "get hpa web -o jsonpath={.spec.maxReplicas}", "2"),
    deed("run one --image=node.local/busybox:1 -- sleep 3600", "get pod one -o jsonpath={.status.phase}", "Running"),
    deed("create cronjob nightly --image=node.local/busybox:1 --schedule='0 0 1 1 *' -- true", "get cj nightly -o jsonpath={.spec.schedule}", "0 0 1 1 *"),
    deed("create job now --from=cronjob/nightly", "get job now -o jsonpath={.metadata.annotations}", "manual"),
    Deed { line: "create -f -", manifest: CONFIG, look: "get cm,sa made robot -o name --ignore-not-found", shows: "serviceaccount/robot" },
    Deed { line: "apply -f - --force-conflicts", manifest: APPLIED, look: "get cm made -o jsonpath={.data.more}", shows: "w" },
    Deed { line: "replace -f -", manifest: REPLACED, look: "get cm made -o jsonpath={.data}", shows: "{\"only\":\"this\"}" },
    deed("delete pod one --now", "get pod one -o name --ignore-not-found", ""),
    deed("delete cm -l a=b", "get cm -l a=b -o name", ""),
    deed("delete svc/web hpa/web", "get svc,hpa -o name", ""),
    deed("delete jobs --all", "get jobs -o name", ""),
    deed("cordon b-fake", "get node b-fake -o jsonpath={.spec.unschedulable}", "true"),
    deed("uncordon b-fake", "get node b-fake -o jsonpath={.spec.unschedulable}", ""),
    deed("taint node b-fake b=c:PreferNoSchedule", "get node b-fake -o jsonpath={.spec.taints}", "PreferNoSchedule"),
    deed("drain b-fake --ignore-daemonsets --pod-selector=app=nobody", "get node b-fake -o jsonpath={.spec.unschedulable}", "true"),
    deed("certificate approve b-yes", "get csr b-yes -o jsonpath={.status.conditions[*].type}", "Approved"),
    deed("certificate deny b-no", "get csr b-no -o jsonpath={.status.conditions[*].type}", "Denied"),
    deed("create role reader --verb=get --resource=pods", "get role reader -o jsonpath={.rules[0].verbs[0]}", "get"),
    deed("delete role reader", "get role -o name", ""),
];

/// A node that kwok plays; it goes when the case ends.
struct Node<'a>(&'a Real, &'static str);

impl<'a> Node<'a> {
    fn new(real: &'a Real, name: &'static str) -> Self {
        let _ = real.try_kubectl(&["delete", "node", name, "--ignore-not-found"], None);
        real.apply(&format!(
            r#"{{"apiVersion": "v1", "kind": "Node", "metadata": {{"name": "{name}", "labels": {{"b": "fake"}}, "annotations": {{"kwok.x-k8s.io/node": "fake"}}}},
                "spec": {{"taints": [{{"key": "b", "value": "own", "effect": "NoSchedule"}}]}}}}"#
        ));
        real.until(60, &["get", "node", name, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status} {.spec.taints[*].key}"], |out| out == "True b");
        Self(real, name)
    }
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        let _ = self.0.try_kubectl(&["delete", "node", self.1, "--wait=false"], None);
    }
}

fn signing_request(real: &Real, name: &str) {
    use base64::Engine as _;
    let _ = real.try_kubectl(&["delete", "csr", name, "--ignore-not-found"], None);
    let request = base64::engine::general_purpose::STANDARD.encode(include_str!("oracle/request.pem"));
    real.apply(&format!(
        r#"{{"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {{"name": "{name}"}}, "spec": {{"request": "{request}",
            "signerName": "example.com/b", "usages": ["client auth"]}}}}"#
    ));
}

fn every_verb(real: &Real) {
    let ns = Namespace::new(real, "b-writes");
    let _node = Node::new(real, "b-fake");
    signing_request(real, "b-yes");
    signing_request(real, "b-no");
    block(async {
        let admin = connect(real, "admin").await;
        let (_, kinds) = admin.discover().await.unwrap();
        for Deed { line, manifest, look, shows } in DEEDS {
            let plan = propose(&admin, &kinds, ns.1, line, manifest).await;
            assert_eq!(plan.dry_run, DryRun::Accepted, "{line}");
            assert!(!plan.requests.is_empty() && plan.requests.len() == plan.objects.len(), "{line}");
            assert!(!plan.access.is_empty() && plan.access.iter().all(|a| a.allowed == Some(true)), "{line}: {:?}", plan.access);
            assert!(plan.undo.is_some() || !plan.notes.is_empty(), "{line}: neither a way back nor a word that there is none");
            let before = tokio::task::block_in_place(|| real.try_kubectl(&words(ns.1, look), None)).unwrap_or_default();
            // the image that is on no node is not waited for
            let outcome = perform(&admin, &plan, if line.contains("absent") { 8 } else { 45 }).await;
            let said = match &outcome {
                Outcome::Worked(said) => said.to_string(),
                Outcome::NotSeen(said) if line.contains("absent") => said.to_string(),
                other => panic!("{line}: {other:?}"),
            };
            let after = tokio::task::block_in_place(|| real.kubectl(&words(ns.1, look)));
            let holds = if shows.is_empty() { after.trim().is_empty() } else { after.contains(shows) };
            assert!(holds && before != after, "{line}: {look} shows {after:?} (before: {before:?})\n{said}");
            println!("  {line}: {said}");
        }
        // what is undone by its own undo line
        let plan = propose(&admin, &kinds, ns.1, "label deploy web tier=back --overwrite", "").await;
        perform(&admin, &plan, 20).await;
        let back = plan.undo.clone().unwrap();
        let plan = propose(&admin, &kinds, ns.1, &back, "").await;
        assert!(matches!(perform(&admin, &plan, 20).await, Outcome::Worked(_)));
        let tier = tokio::task::block_in_place(|| real.kubectl(&["-n", ns.1, "get", "deploy", "web", "-o", "jsonpath={.metadata.labels.tier}"]));
        assert_eq!(tier, "front");
    });
    for name in ["b-yes", "b-no"] {
        let _ = real.try_kubectl(&["delete", "csr", name], None);
    }
}

fn words<'a>(namespace: &'a str, look: &'a str) -> Vec<&'a str> {
    ["-n", namespace].into_iter().chain(look.split(' ')).collect()
}

/// Two replicas on the nodes that kwok plays, and a budget over them.
fn guarded(real: &Real, namespace: &str, available: u32) {
    real.apply(&format!(
        r#"{{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {{"name": "api", "namespace": "{namespace}"}}, "spec": {{"replicas": 2,
            "selector": {{"matchLabels": {{"app": "api"}}}}, "template": {{"metadata": {{"labels": {{"app": "api"}}}}, "spec": {{
                "nodeSelector": {{"b": "fake"}}, "tolerations": [{{"key": "b", "operator": "Exists"}}], "containers": [{{"name": "main", "image": "{IMAGE}"}}]}}}}}}}}"#
    ));
    budget(real, namespace, available);
    real.until(60, &["-n", namespace, "get", "deploy", "api", "-o", "jsonpath={.status.availableReplicas}"], |out| out == "2");
    let want = 2 - available.min(2);
    real.until(60, &["-n", namespace, "get", "pdb", "api", "-o", "jsonpath={.status.currentHealthy} {.status.disruptionsAllowed}"], |out| {
        out == format!("2 {want}")
    });
}

fn budget(real: &Real, namespace: &str, available: u32) {
    real.apply(&format!(
        r#"{{"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {{"name": "api", "namespace": "{namespace}"}}, "spec": {{"minAvailable": {available},
            "selector": {{"matchLabels": {{"app": "api"}}}}}}}}"#
    ));
}

fn drained(real: &Real) {
    let ns = Namespace::new(real, "b-drain");
    let first = Node::new(real, "b-one");
    guarded(real, ns.1, 2);
    block(async {
        let admin = connect(real, "admin").await;
        let (_, kinds) = admin.discover().await.unwrap();
        let pods = || {
            tokio::task::block_in_place(|| {
                real.kubectl(&[
                    "-n",
                    ns.1,
                    "get",
                    "pods",
                    "-o",
                    "jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName} {.metadata.deletionTimestamp};{end}",
                ])
            })
        };
        // the budget allows nothing: the plan says so, and after a bounded while so does the outcome
        let line = "drain b-one --ignore-daemonsets";
        let plan = propose(&admin, &kinds, ns.1, line, "").await;
        assert_eq!(plan.risk, Risk::Critical);
        assert_eq!(plan.requests.len(), 3, "a cordon and two evictions: {:?}", plan.requests);
        assert_eq!(plan.objects.iter().filter(|o| o.object.kind == "Pod").count(), 2);
        assert!(plan.notes.iter().any(|n| n.contains("held back now") && n.contains("disruption budget")), "{:?}", plan.notes);
        let was = pods();
        let outcome = perform(&admin, &plan, 3).await;
        assert!(matches!(&outcome, Outcome::NotSeen(s) if s.contains("was not evicted") && s.contains("disruption budget")), "{outcome:?}");
        assert_eq!(pods(), was, "a pod went against its budget");
        let closed = tokio::task::block_in_place(|| real.kubectl(&["get", "node", "b-one", "-o", "jsonpath={.spec.unschedulable}"]));
        assert_eq!(closed, "true");
        // one at a time may go: the second waits until the first is back elsewhere
        let _second = tokio::task::block_in_place(|| {
            let node = Node::new(real, "b-two");
            budget(real, ns.1, 1);
            real.until(60, &["-n", ns.1, "get", "pdb", "api", "-o", "jsonpath={.status.disruptionsAllowed}"], |out| out == "1");
            node
        });
        let plan = propose(&admin, &kinds, ns.1, line, "").await;
        assert_eq!(plan.requests.len(), 2, "the node is cordoned already: {:?}", plan.requests);
        let outcome = perform(&admin, &plan, 40).await;
        assert!(matches!(&outcome, Outcome::Worked(s) if s.contains("is gone")), "{outcome:?}");
        tokio::task::block_in_place(|| {
            real.until(60, &["-n", ns.1, "get", "pods", "--field-selector=spec.nodeName=b-one", "-o", "name"], |out| out.trim().is_empty());
            real.until(60, &["-n", ns.1, "get", "deploy", "api", "-o", "jsonpath={.status.availableReplicas}"], |out| out == "2");
        });
        // a pod that nothing brings back wants its flag, before anything is cordoned
        tokio::task::block_in_place(|| {
            real.kubectl(&["uncordon", "b-one"]);
            real.apply(&format!(
                r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "bare", "namespace": "{}"}}, "spec": {{"nodeName": "b-one", "containers": [{{"name": "c", "image": "{IMAGE}"}}]}}}}"#,
                ns.1
            ));
            real.until(60, &["-n", ns.1, "get", "pod", "bare", "-o", "jsonpath={.status.phase}"], |out| out == "Running");
        });
        let operation = kubectl::parse(line, &kinds);
        let verdict = policy::judge(&operation, &policy::Rules::new(Role::Admin, ns.1));
        let trouble = admin.plan(&operation.unwrap(), ns.1, &verdict, TurnId(1), Vec::new()).await.unwrap_err();
        assert!(trouble.cause.contains("b-drain/bare has no controller") && trouble.hint.contains("--force"), "{trouble}");
    });
    drop(first);
}

/// The words of the rejection that a plan carries.
fn rejected(plan: &Plan) -> String {
    match &plan.dry_run {
        DryRun::Rejected(trouble) => trouble.to_string(),
        other => panic!("{}: not rejected: {other:?}", plan.command),
    }
}

fn admission(real: &Real) {
    let ns = Namespace::new(real, "b-admission");
    let _ = real.try_kubectl(&["delete", "validatingwebhookconfiguration", "b-hook", "--ignore-not-found"], None);
    block(async {
        let admin = connect(real, "admin").await;
        let (_, kinds) = admin.discover().await.unwrap();
        let run = "run one --image=node.local/busybox:1";
        // a quota
        tokio::task::block_in_place(|| {
            real.kubectl(&["-n", ns.1, "create", "quota", "none", "--hard=pods=0"]);
            real.until(30, &["-n", ns.1, "get", "quota", "none", "-o", "jsonpath={.status.hard.pods}"], |out| out == "0");
        });
        let plan = propose(&admin, &kinds, ns.1, run, "").await;
        assert!(rejected(&plan).contains("exceeded quota"), "{}", rejected(&plan));
        assert!(matches!(perform(&admin, &plan, 1).await, Outcome::Void(_)), "a rejected plan ran");
        // pod security
        tokio::task::block_in_place(|| {
            real.kubectl(&["-n", ns.1, "delete", "quota", "none"]);
            real.kubectl(&["label", "ns", ns.1, "pod-security.kubernetes.io/enforce=restricted"]);
        });
        let plan = propose(&admin, &kinds, ns.1, run, "").await;
        assert!(rejected(&plan).contains("violates PodSecurity"), "{}", rejected(&plan));
        // a webhook that must answer and does not
        tokio::task::block_in_place(|| {
            real.apply(
                r#"{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "b-hook"}, "webhooks": [{
                    "name": "b.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Fail", "timeoutSeconds": 2,
                    "clientConfig": {"url": "https://127.0.0.1:1/deny"}, "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "b-admission"}},
                    "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]}]}"#,
            );
            real.until(30, &["-n", ns.1, "create", "cm", "probe", "--dry-run=server"], |out| out.contains("b.example.com"));
        });
        let plan = propose(&admin, &kinds, ns.1, "create cm c --from-literal=a=b", "").await;
        assert!(rejected(&plan).contains("b.example.com"), "{}", rejected(&plan));
        // a policy in the server itself
        let plan = propose(&admin, &kinds, ns.1, "create -f -", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n").await;
        assert!(rejected(&plan).contains("Bad_Name"), "{}", rejected(&plan));
        // RBAC
        let viewer = connect(real, "viewer").await;
        let plan = propose(&viewer, &kinds, ns.1, "create sa robot", "").await;
        assert!(rejected(&plan).contains("user viewer may not create serviceaccounts in namespace b-admission"), "{}", rejected(&plan));
        assert!(plan.access.iter().any(|a| a.allowed == Some(false) && a.what.as_str() == "create serviceaccounts in b-admission"), "{:?}", plan.access);
        let left = tokio::task::block_in_place(|| real.kubectl(&["-n", ns.1, "get", "pods,cm", "-o", "name"]));
        assert_eq!(left.trim(), "configmap/kube-root-ca.crt", "a dry run left something");
    });
    let _ = real.try_kubectl(&["delete", "validatingwebhookconfiguration", "b-hook"], None);
}

fn untried(real: &Real) {
    let _ = real.try_kubectl(&["delete", "ns", "b-new", "--ignore-not-found", "--wait=true", "--timeout=60s"], None);
    block(async {
        let admin = connect(real, "admin").await;
        let (_, kinds) = admin.discover().await.unwrap();
        let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: b-new}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: b-new}\ndata: {a: b}\n";
        let plan = propose(&admin, &kinds, "default", "create -f -", manifest).await;
        assert!(matches!(&plan.dry_run, DryRun::NotPossible(why) if why.contains("b-new")), "{:?}", plan.dry_run);
        assert!(plan.risk >= Risk::High, "{:?}", plan.risk);
        assert_eq!(plan.objects.len(), 2);
        let outcome = perform(&admin, &plan, 20).await;
        assert!(matches!(&outcome, Outcome::Worked(_)), "{outcome:?}");
        let data = tokio::task::block_in_place(|| real.kubectl(&["-n", "b-new", "get", "cm", "c", "-o", "jsonpath={.data.a}"]));
        assert_eq!(data, "b");
    });
    let _ = real.try_kubectl(&["delete", "ns", "b-new", "--wait=false"], None);
}

fn in_part(real: &Real) {
    let ns = Namespace::new(real, "b-part");
    block(async {
        let admin = connect(real, "admin").await;
        let (_, kinds) = admin.discover().await.unwrap();
        let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n";
        let plan = propose(&admin, &kinds, ns.1, "create -f -", manifest).await;
        // somebody makes the second one meanwhile: all is void, and the first is not made
        tokio::task::block_in_place(|| real.kubectl(&["-n", ns.1, "create", "cm", "b"]));
        let outcome = perform(&admin, &plan, 5).await;
        assert!(matches!(&outcome, Outcome::Void(why) if why.contains("was not there when the plan was made")), "{outcome:?}");
        let there = tokio::task::block_in_place(|| real.try_kubectl(&["-n", ns.1, "get", "cm", "a"], None));
        assert!(there.is_err(), "the first was made of a void plan");
        // the quota lets one through: the dry run can not know, and the outcome says how far it came
        tokio::task::block_in_place(|| {
            real.kubectl(&["-n", ns.1, "create", "quota", "few", "--hard=configmaps=3"]);
            real.until(30, &["-n", ns.1, "get", "quota", "few", "-o", "jsonpath={.status.used.configmaps}"], |out| out == "2");
        });
        let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: first}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: second}\n";
        let plan = propose(&admin, &kinds, ns.1, "create -f -", manifest).await;
        assert_eq!(plan.dry_run, DryRun::Accepted);
        let outcome = perform(&admin, &plan, 5).await;
        let Outcome::Failed(trouble) = &outcome else { panic!("{outcome:?}") };
        assert!(trouble.class == TroubleClass::Denied && trouble.cause.contains("1 of 2 requests were done before"), "{trouble}");
    });
}
