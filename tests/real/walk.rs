//! The walk of the screen on a deployment that really crash-loops: question, evidence, answer, approval, a pod that runs.
use super::Case;
use super::cluster_under_test::Real;
use super::program::Home;

/// The cases of this file.
pub const CASES: &[Case] = &[("a_person_asks_approves_and_sees_the_pod_run", walk)];

const NAMESPACE: &str = "kopilot-walk";

/// A deployment whose program needs `DB_HOST`; `variable` is the name under which it gets it.
fn deployment(variable: &str) -> String {
    format!(
        r#"
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api, namespace: {NAMESPACE}}}
spec:
  replicas: 1
  strategy: {{type: Recreate}}
  selector: {{matchLabels: {{app: api}}}}
  template:
    metadata: {{labels: {{app: api}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: api
        image: node.local/busybox:1
        imagePullPolicy: IfNotPresent
        command: [sh, -c, 'if [ -z "$DB_HOST" ]; then echo "DB_HOST is not set" >&2; exit 1; fi; echo ready; sleep 3600']
        env: [{{name: {variable}, value: postgres}}]
"#
    )
}

fn walk(real: &Real) {
    let _ = real.try_kubectl(&["delete", "ns", NAMESPACE, "--ignore-not-found", "--wait=true"], None);
    real.kubectl(&["create", "ns", NAMESPACE]);
    real.until(60, &["-n", NAMESPACE, "get", "sa", "default", "-o", "name"], |out| out.contains("default"));
    real.apply(&deployment("DB_HOST"));
    real.until(90, &["-n", NAMESPACE, "get", "deploy", "api", "-o", "jsonpath={.status.availableReplicas}"], |out| out == "1");
    real.apply(&deployment("DB_HOSTNAME"));
    real.until(120, &["-n", NAMESPACE, "get", "pods", "-o", "jsonpath={.items[*].status.containerStatuses[*].restartCount}"], |out| {
        out.split_whitespace().any(|n| n.parse::<u32>().is_ok_and(|n| n >= 2))
    });

    let home = Home::new();
    let kubeconfig = real.kubeconfig("admin");
    let mut pty = home.screen((200, 60), &["--kubeconfig", kubeconfig.to_str().unwrap(), "-n", NAMESPACE, "--role", "admin"]);
    pty.see("LIVE");
    pty.see("api-");
    pty.keys("iwhy is api failing?\r");
    pty.see("DB_HOST is not set");
    pty.see("[E1]");
    let dialog = pty.see("[ Deny ]");
    assert!(dialog.contains("rollout undo deployment/api"), "{dialog}");
    // The dialog takes no key in its first half second, and no Enter for a second after typing: as a person, press again.
    pty.press_until("\x1b[C", |screen| screen.contains("[ Approve ]"));
    pty.press_until("\r", |screen| !screen.contains("[ Approve ]"));
    pty.see("Approved and done");
    pty.until("a pod that runs", |screen| screen.lines().any(|l| l.contains("api-") && l.contains("1/1") && l.contains("Running")));
    pty.keys("\x1b");
    pty.gone("INSERT");
    pty.keys(":q\r");
    assert_eq!(pty.ended(), 0);
    pty.assert_restored();

    let env = real.kubectl(&[
        "-n",
        NAMESPACE,
        "get",
        "pods",
        "-o",
        "jsonpath={range .items[*]}{.status.phase} {.status.containerStatuses[0].ready} {.spec.containers[0].env[0].name}{\"\\n\"}{end}",
    ]);
    assert!(env.contains("Running true DB_HOST\n"), "{env}");
    let audit = home.run(&["audit", "verify"]);
    assert!(audit.status.success(), "{}{}", String::from_utf8_lossy(&audit.stdout), String::from_utf8_lossy(&audit.stderr));
    let shown = home.run(&["audit", "show"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("rollout undo deployment/api"), "{}", String::from_utf8_lossy(&shown.stdout));
    let _ = real.try_kubectl(&["delete", "ns", NAMESPACE, "--wait=false"], None);
}
