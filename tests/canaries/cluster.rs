//! A small cluster with a canary wherever one can stand.
use kopilot_tui::demo::store::{Key, LogLine, Store};
use kopilot_tui::model::Timestamp;
use serde_json::{Value, json};

/// What must not occur anywhere.
pub const CANARY: &str = "Qz7Canary4Wx9Kd2";
/// The same as a Secret's data hold it.
pub const ENCODED: &str = "UXo3Q2FuYXJ5NFd4OUtkMg";

pub fn now() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

fn template() -> Value {
    json!({"metadata": {"labels": {"app": "api"}, "annotations": {"vault.example/token": CANARY}}, "spec": {"containers": [{
        "name": "main", "image": "registry.local/app:1", "args": [format!("--db-password={CANARY}"), "--token", CANARY],
        "command": ["sh", "-c", format!("export PGPASSWORD={CANARY}; exec mysql -uroot -p{CANARY} -h db")],
        "env": [{"name": "DB_PASSWORD", "value": CANARY}, {"name": "DATABASE_URL", "value": format!("postgres://app:{CANARY}@db:5432/shop")}, {"name": "LOG_LEVEL", "value": "info"}],
        "livenessProbe": {"httpGet": {"path": "/", "port": 80, "httpHeaders": [{"name": "Authorization", "value": format!("Bearer {CANARY}")}]}}}]}})
}

fn secret() -> Value {
    let padded = format!("{ENCODED}==");
    let applied = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"any": CANARY}}).to_string();
    json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": {"any": padded, "other": padded},
        "metadata": {"name": "db", "namespace": "shop", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}}})
}

/// A manifest of a Secret, settings, and a connection string, all in one ConfigMap.
fn config_map() -> Value {
    let manifest = format!("apiVersion: v1\nkind: Secret\nstringData:\n  any: {CANARY}\n  lines: |\n    {CANARY}\n    {CANARY}\n");
    let applied = json!({"kind": "ConfigMap", "data": {"password": CANARY}}).to_string();
    json!({"apiVersion": "v1", "kind": "ConfigMap",
    "metadata": {"name": "app", "namespace": "shop", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}},
    "data": {
        "manifest.yaml": manifest,
        "secret.json": secret().to_string(),
        "app.properties": format!("spring.datasource.password={CANARY} and more\nspring.redis.url=redis://:{CANARY}@cache:6379\nlogging.level=info\n"),
        "app.yaml": format!("db:\n  password: two {CANARY} words\n  host: db\nenv:\n- name: API_TOKEN\n  value: {CANARY}\n"),
        "dsn": format!("Server=db;User Id=sa;Password={CANARY};Encrypt=true"),
        "key.pem": format!("-----BEGIN PRIVATE KEY-----\n{0}{0}{0}\n{0}{0}\n-----END PRIVATE KEY-----\n", CANARY),
        "docker.json": json!({"auths": {"registry.local": {"username": "ada", "password": CANARY}}}).to_string(),
        "level": "info",
    }})
}

fn pod() -> Value {
    let mut pod = template();
    let message = format!("back-off: dial postgres://app:{CANARY}@db:5432: refused");
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    pod["metadata"]["name"] = json!("api-0");
    pod["metadata"]["namespace"] = json!("shop");
    pod["metadata"]["creationTimestamp"] = json!("2026-01-01T11:00:00Z");
    pod["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = json!(json!({"kind": "Pod", "spec": template()["spec"]}).to_string());
    pod["spec"]["nodeName"] = json!("node-1");
    pod["status"] = json!({"phase": "Running", "podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "False", "message": message}],
        "containerStatuses": [{"name": "main", "ready": false, "restartCount": 7, "image": "registry.local/app:1", "imageID": "",
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": message}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "message": format!("login with password \"{CANARY}\" failed"), "finishedAt": "2026-01-01T11:50:00Z"}}}]});
    pod
}

fn event(name: &str, message: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "shop", "creationTimestamp": "2026-01-01T11:50:00Z"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "api-0"}, "type": "Warning", "reason": "BackOff", "message": message,
        "firstTimestamp": "2026-01-01T11:50:00Z", "lastTimestamp": "2026-01-01T11:55:00Z", "count": 3, "source": {"component": "kubelet"}})
}

fn log() -> Vec<String> {
    vec![
        "starting, level=info".into(),
        format!("env DB_PASSWORD={CANARY} LOG_LEVEL=info"),
        format!("connecting to postgres://app:{CANARY}@db:5432/shop"),
        format!("{{\"level\":\"debug\",\"headers\":{{\"Authorization\":\"Bearer {CANARY}\"}},\"body\":{}}}", Value::from(secret().to_string())),
        format!("GET /x?access_token={CANARY}&page=2 401"),
        format!("Cookie: sid={CANARY}; theme=dark"),
        "-----BEGIN RSA PRIVATE KEY-----".into(),
        format!("{CANARY}{CANARY}{CANARY}{CANARY}"),
        "-----END RSA PRIVATE KEY-----".into(),
        format!("\u{1b}[31mERROR\u{1b}[0m login failed, password: {CANARY}"),
        "DB_HOST is not set".into(),
    ]
}

/// The cluster.
pub fn planted() -> Store {
    let store = Store::new();
    store.put(
        &Key::new("namespaces", "", "shop"),
        json!({"metadata": {"name": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}),
    );
    store.put(&Key::new("pods", "shop", "api-0"), pod());
    store.put(
        &Key::new("deployments.apps", "shop", "api"),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop", "generation": 1, "creationTimestamp": "2026-01-01T11:00:00Z",
                "annotations": {"deploy.example/password": CANARY}},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "api"}}, "template": template()},
            "status": {"replicas": 1, "unavailableReplicas": 1, "updatedReplicas": 1}}),
    );
    store.put(&Key::new("secrets", "shop", "db"), secret());
    store.put(&Key::new("configmaps", "shop", "app"), config_map());
    store.put(&Key::new("events", "shop", "e1"), event("e1", &format!("Back-off: token={CANARY} was refused by https://ada:{CANARY}@registry.local/v2")));
    store.put(&Key::new("events", "shop", "e2"), event("e2", &format!("hook failed: DB_PASSWORD={CANARY} ./migrate --password {CANARY}")));
    store.edit_log(&("shop".into(), "api-0".into(), "main".into()), |kept| {
        kept.current = log().into_iter().map(|text| LogLine { at: now(), text }).collect();
        kept.previous = Some(kept.current.clone());
    });
    store
}
