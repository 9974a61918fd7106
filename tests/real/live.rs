//! The faults of the embedded scenario on a real Kubernetes, live: each is found by the rules over the watches when it is
//! made and leaves when it is mended. How long that took is printed; no time is asserted.
use super::Case;
use super::cluster::{Namespace, block};
use super::cluster_under_test::Real;
use super::live_scope::{Fault, Scope};
use kopilot_tui::model::Report;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// The cases of this file.
pub const CASES: &[Case] = &[("every_fault_is_found_live_and_leaves_when_it_is_mended", live)];

const SHOP: &str = "kopilot-live";
/// A quota that wants limits of every pod has a namespace of its own.
const PAYMENTS: &str = "kopilot-live-quota";
/// The class and the volume belong to no namespace.
const CLASS: &str = "kopilot-live-fast";
/// Far above what any wait here takes.
const BOUND: Duration = Duration::from_mins(4);

const FAULTS: &[Fault] = &[
    Fault { what: "an environment variable was renamed", namespace: SHOP, name: "api", rules: &["pod/missing-env"] },
    Fault { what: "a ConfigMap lacks a key", namespace: SHOP, name: "invoices", rules: &["pod/missing-configmap-key"] },
    Fault {
        what: "an image tag does not exist",
        namespace: SHOP,
        name: "search",
        rules: &["pod/image-missing", "pod/image-never-pulled", "pod/image-registry-unknown", "pod/image-registry-down", "pod/image-pull"],
    },
    Fault { what: "the memory limit is too small", namespace: SHOP, name: "worker", rules: &["pod/oom-killed", "pod/killed"] },
    Fault { what: "a storage class does not exist", namespace: SHOP, name: "reports-db", rules: &["claim/missing-class"] },
    Fault { what: "a Service selects nothing", namespace: SHOP, name: "cart", rules: &["service/selects-nothing"] },
    Fault { what: "a readiness probe asks the wrong port", namespace: SHOP, name: "fraud", rules: &["pod/readiness-probe"] },
    Fault { what: "a quota blocks a rollout", namespace: PAYMENTS, name: "ledger", rules: &["admission/quota"] },
];

/// How the objects are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Before anything broke.
    Well,
    /// All is broken.
    Broken,
    /// Each is mended.
    Mended,
}

/// What stays up and ends at once when it is told to.
const STAYS: &str = "trap 'exit 0' TERM; while true; do sleep 1; done";

/// A deployment of one container: what it runs, and lines of the container's own.
fn deployment(namespace: &str, name: &str, script: &str, container: &[String]) -> String {
    let mut out = format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  replicas: 1\n  \
         strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}}}\n  selector: {{matchLabels: {{app: {name}}}}}\n  \
         template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      terminationGracePeriodSeconds: 1\n      containers:\n      \
         - name: main\n        command: [sh, -c, \"{script}\"]\n"
    );
    for line in container {
        let _ = writeln!(out, "        {line}");
    }
    out
}

/// All objects as they are in a phase.
fn manifest(phase: Phase) -> String {
    let broken = phase == Phase::Broken;
    let choose = |well: &str, ill: &str| if broken { ill } else { well }.to_owned();
    let image = || "image: node.local/busybox:1".to_owned();
    let web = format!("mkdir -p /tmp/www; httpd -p 8080 -h /tmp/www; echo listening on :8080; {STAYS}");
    let mut out = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: invoices-config, namespace: {SHOP}}}\ndata: {{smtp-host: mail.example.com}}\n");
    let needs = format!("test -n \\\"$DB_HOST\\\" || {{ echo DB_HOST is not set; exit 1; }}; {STAYS}");
    out += &deployment(SHOP, "api", &needs, &[image(), format!("env: [{{name: {}, value: db}}]", choose("DB_HOST", "DB_HOSTNAME"))]);
    let key = choose("smtp-host", "smtp_host");
    out += &deployment(
        SHOP,
        "invoices",
        STAYS,
        &[image(), format!("env: [{{name: SMTP, valueFrom: {{configMapKeyRef: {{name: invoices-config, key: {key}}}}}}}]")],
    );
    out += &deployment(SHOP, "search", STAYS, &[format!("image: node.local/busybox:{}", choose("1", "2")), "imagePullPolicy: IfNotPresent".into()]);
    let eats = choose(STAYS, "echo loading; tail /dev/zero");
    out += &deployment(SHOP, "worker", &eats, &[image(), "resources: {limits: {memory: 32Mi}}".into()]);
    out += &deployment(SHOP, "cart", &web, &[image(), "ports: [{containerPort: 8080}]".into()]);
    let _ = write!(
        out,
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: cart, namespace: {SHOP}}}\nspec: {{selector: {{app: {}}}, ports: [{{port: 80, targetPort: 8080}}]}}\n",
        choose("cart", "carts")
    );
    let port = choose("8080", "8081");
    let probe = format!("readinessProbe: {{httpGet: {{path: /, port: {port}}}, periodSeconds: 2, failureThreshold: 2}}");
    out += &deployment(
        SHOP,
        "fraud",
        &web.replace("; httpd", "; echo ok > /tmp/www/index.html; httpd"),
        &[image(), "ports: [{containerPort: 8080}]".into(), probe],
    );
    out += &storage(phase);
    let memory = choose("64Mi", "128Mi");
    let _ = write!(
        out,
        "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: payments-quota, namespace: {PAYMENTS}}}\nspec: {{hard: {{limits.memory: 150Mi}}}}\n"
    );
    out += &deployment(PAYMENTS, "ledger", STAYS, &[image(), format!("resources: {{limits: {{memory: {memory}}}}}")]);
    out
}

/// A stateful set whose class is there only once it is mended, with a volume that fits.
fn storage(phase: Phase) -> String {
    let replicas = i32::from(phase != Phase::Well);
    let mut out = format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: reports-db, namespace: {SHOP}}}\nspec: {{clusterIP: None, selector: {{app: reports-db}}, ports: [{{port: 80}}]}}\n\
         ---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: reports-db, namespace: {SHOP}}}\nspec:\n  serviceName: reports-db\n  replicas: {replicas}\n  \
         selector: {{matchLabels: {{app: reports-db}}}}\n  template:\n    metadata: {{labels: {{app: reports-db}}}}\n    spec:\n      terminationGracePeriodSeconds: 1\n      \
         containers:\n      - name: main\n        image: node.local/busybox:1\n        command: [sh, -c, \"{STAYS}\"]\n        volumeMounts: [{{name: data, mountPath: /data}}]\n  \
         volumeClaimTemplates:\n  - metadata: {{name: data}}\n    spec: {{accessModes: [ReadWriteOnce], storageClassName: {CLASS}, resources: {{requests: {{storage: 8Mi}}}}}}\n"
    );
    if phase == Phase::Mended {
        let _ = write!(
            out,
            "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {CLASS}}}\nprovisioner: kubernetes.io/no-provisioner\n\
             ---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {CLASS}}}\nspec: {{capacity: {{storage: 16Mi}}, accessModes: [ReadWriteOnce], \
             storageClassName: {CLASS}, hostPath: {{path: /tmp/{CLASS}, type: DirectoryOrCreate}}}}\n"
        );
    }
    out
}

/// What belongs to no namespace goes when the case ends, and what an earlier one left before it begins.
struct Unscoped<'a>(&'a Real);

impl Unscoped<'_> {
    fn clean(&self) {
        let _ = self.0.try_kubectl(&["delete", "storageclass,persistentvolume", CLASS, "--ignore-not-found", "--wait=false"], None);
    }
}

impl Drop for Unscoped<'_> {
    fn drop(&mut self) {
        self.clean();
    }
}

fn live(real: &Real) {
    let unscoped = Unscoped(real);
    unscoped.clean();
    let _namespaces = (Namespace::new(real, SHOP), Namespace::new(real, PAYMENTS));
    real.apply(&manifest(Phase::Well));
    for (namespace, name) in [(SHOP, "api"), (SHOP, "invoices"), (SHOP, "search"), (SHOP, "worker"), (SHOP, "cart"), (SHOP, "fraud"), (PAYMENTS, "ledger")] {
        real.until(180, &["-n", namespace, "get", "deploy", name, "-o", "jsonpath={.status.availableReplicas}"], |out| out == "1");
    }
    block(async {
        let mut scope = Scope::watch(&real.kubeconfig("admin"), None, &[], BOUND);
        let none = |r: &Report| FAULTS.iter().all(|f| !f.is_in(r));
        scope.until("a whole report in which nothing is broken yet", |r| r.complete && none(r)).await;
        for phase in [Phase::Broken, Phase::Mended] {
            let since = Instant::now();
            real.apply(&manifest(phase));
            scope.each(FAULTS.iter().copied(), phase == Phase::Broken, since).await;
        }
        scope.engine.end(Duration::ZERO).await;
    });
}
