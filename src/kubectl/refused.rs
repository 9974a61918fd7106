//! What kubectl knows and this grammar does not: each refused by its name, with the nearest legal way.
use super::Refusal;

/// Verbs that are refused, the rule, and what to do instead.
#[rustfmt::skip]
const VERBS: &[(&str, &str, &str)] = &[
    ("exec", "runs-programs", "Nothing is run inside a container. Read its state with `describe pod NAME` and its output with `logs NAME`"),
    ("attach", "runs-programs", "Nothing is attached to a container. Read its output with `logs NAME`"),
    ("debug", "runs-programs", "No debugging container is started. Read `describe pod NAME`, `logs NAME -p` and `events --for pod/NAME`"),
    ("cp", "local-files", "No file goes in or out of a container. Read its output with `logs NAME`"),
    ("port-forward", "opens-ports", "No port is opened. Read `get endpointslices` and `describe service NAME` for what a Service reaches"),
    ("proxy", "opens-ports", "No port is opened. Read objects with `get`"),
    ("edit", "runs-programs", "No editor is started. State the change itself with `patch`, `set image`, `scale` or `apply -f -`"),
    ("config", "connection", "The kubeconfig is not shown or changed here. The person switches the context on the screen"),
    ("plugin", "runs-programs", "No program is run. State one of the verbs of this grammar"),
    ("kustomize", "local-files", "Local files are not read. Send the rendered manifest with `apply -f -`"),
    ("kuberc", "local-files", "Local files are not read or changed"),
    ("completion", "no-cluster", "It says nothing about the cluster. Leave it out"),
    ("options", "no-cluster", "It says nothing about the cluster. Leave it out"),
    ("help", "no-cluster", "It says nothing about the cluster. State the operation itself"),
    ("alpha", "unknown-verb", "Experimental commands are not in this grammar. State one of its verbs"),
    ("wait", "waits", "Nothing is waited for. Read the state once with `get` or `rollout status`"),
];

/// Second words of verbs that have some.
#[rustfmt::skip]
const SUBVERBS: &[(&str, &str, &str)] = &[
    ("set selector", "not-offered", "Selectors are changed by their manifest. Use `apply -f -` with the manifest in the call"),
    ("set serviceaccount", "not-offered", "State it as a change of the template: `patch KIND NAME -p '{\"spec\":{\"template\":{\"spec\":{\"serviceAccountName\":\"NAME\"}}}}'`"),
    ("set subject", "not-offered", "Subjects are changed by the binding's manifest. Use `apply -f -` with the manifest in the call"),
    ("auth reconcile", "not-offered", "Roles and bindings are changed by their manifests. Use `apply -f -` with the manifest in the call"),
    ("create secret", "blocked-resource", "Secrets are never read or changed here. Tell the person which Secret is needed, and with which keys"),
    ("create token", "blocked-resource", "No token is ever made here. Tell the person which service account needs one"),
    ("cluster-info dump", "local-files", "No dump is written. Read what is needed with `get`, `describe`, `logs` and `events`"),
    ("helm install", "helm-write", "Charts are not installed here. Send the rendered manifest with `apply -f -`"),
    ("helm upgrade", "helm-write", "Releases are not changed here. Change the objects themselves: `set image`, `patch`, `apply -f -`"),
    ("helm rollback", "helm-write", "Releases are not rolled back here. Use `rollout undo KIND/NAME`, or tell the person to roll the release back"),
    ("helm uninstall", "helm-write", "Releases are not removed here. Tell the person which release should go"),
    ("helm delete", "helm-write", "Releases are not removed here. Tell the person which release should go"),
    ("helm get", "blocked-resource", "A release's values and manifests are data of Secrets, which are never read. Read the objects themselves with `get KIND NAME -o yaml`"),
    ("helm template", "local-files", "Charts are not read. Read the objects themselves with `get KIND NAME -o yaml`"),
    ("helm show", "local-files", "Charts are not read. Read the objects themselves with `get KIND NAME -o yaml`"),
    ("helm test", "runs-programs", "No test is run. Read the pods and their logs"),
    ("helm repo", "local-files", "Repositories of charts are not read or changed"),
];

/// Flags that are refused wherever they stand: name, rule, what to do instead.
#[rustfmt::skip]
const FLAGS: &[(&str, &str, &str)] = &[
    ("--as", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--as-group", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--as-uid", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--as-user-extra", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--user", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--username", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--password", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--token", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--auth-provider", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--client-certificate", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--client-key", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--context", "connection-flag", "The cluster is the one on the screen. Leave it out; the person switches contexts"),
    ("--cluster", "connection-flag", "The cluster is the one on the screen. Leave it out; the person switches contexts"),
    ("--kubeconfig", "connection-flag", "The cluster is the one on the screen. Leave it out; the person switches contexts"),
    ("--server", "connection-flag", "The cluster is the one on the screen. Leave it out"),
    ("-s", "connection-flag", "The cluster is the one on the screen. Leave it out"),
    ("--certificate-authority", "connection-flag", "The cluster is the one on the screen. Leave it out"),
    ("--insecure-skip-tls-verify", "connection-flag", "The connection is the program's. Leave it out"),
    ("--tls-server-name", "connection-flag", "The connection is the program's. Leave it out"),
    ("--proxy-url", "connection-flag", "The connection is the program's. Leave it out"),
    ("--disable-compression", "connection-flag", "The connection is the program's. Leave it out"),
    ("--cache-dir", "local-files", "Local files are not read or written. Leave it out"),
    ("--profile", "local-files", "Local files are not written. Leave it out"),
    ("--profile-output", "local-files", "Local files are not written. Leave it out"),
    ("--kuberc", "local-files", "Local files are not read. Leave it out"),
    ("--raw", "raw-path", "Paths of the API are not read raw. Read objects with `get KIND NAME -o json`"),
    ("--kustomize", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME, or send its manifest with `-f -`"),
    ("-k", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME, or send its manifest with `-f -`"),
    ("--recursive", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME, or send its manifest with `-f -`"),
    ("-R", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME, or send its manifest with `-f -`"),
    ("--template", "template", "Go templates are not run. Use `-o json`, `-o jsonpath=…` or `-o custom-columns=…`"),
    ("--dry-run", "dry-run", "Every change is tried by the server before anyone is asked to approve it. Leave it out; what a manifest would change is shown by `diff -f -`"),
    ("--server-print", "unknown-flag", "Tables are always the server's. Leave it out"),
    ("--record", "unknown-flag", "It is deprecated; the audit chain records every change. Leave it out"),
    ("--field-manager", "unknown-flag", "Changes carry the program's own field manager. Leave it out"),
    ("--since-time", "unknown-flag", "Use `--since` with a duration, like `--since=30m`"),
    ("--patch-file", "local-files", "Local files are not read. Write the patch itself: `-p '{\"spec\":{}}'`"),
    ("--from-file", "local-files", "Local files are not read. Write the values themselves: `--from-literal=KEY=VALUE`, or send the manifest with `create -f -`"),
    ("--from-env-file", "local-files", "Local files are not read. Write the values themselves: `--from-literal=KEY=VALUE`"),
    ("--overrides", "not-offered", "State the whole object in its manifest, so that all of it is reviewed: `create -f -`"),
    ("--override-type", "not-offered", "State the whole object in its manifest, so that all of it is reviewed: `create -f -`"),
    ("--prune", "not-offered", "It deletes what nobody names. Delete each object by name"),
    ("--prune-allowlist", "not-offered", "It deletes what nobody names. Delete each object by name"),
    ("--applyset", "not-offered", "It deletes what nobody names. Delete each object by name"),
    ("--save-config", "unknown-flag", "Applying is server-side and needs no saved copy. Leave it out"),
    ("--disable-eviction", "not-offered", "A drain evicts, so that disruption budgets are honoured. Leave it out"),
    ("--skip-wait-for-delete-timeout", "not-offered", "Leave it out: the drain says which pods remain"),
    ("--attach", "interactive", "Nothing is attached to a container. Read its output with `logs NAME`"),
    ("--stdin", "interactive", "There is no terminal here. Leave it out"),
    ("--tty", "interactive", "There is no terminal here. Leave it out"),
    ("--rm", "interactive", "Nothing waits for the pod to end. Leave it out, and delete it by name afterwards"),
    ("--aggregation-rule", "not-offered", "Send the manifest with `create -f -`"),
    ("--append-hash", "unknown-flag", "Give the name itself. Leave it out"),
    ("--kube-context", "connection-flag", "The cluster is the one on the screen. Leave it out; the person switches contexts"),
    ("--kube-token", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--kube-apiserver", "connection-flag", "The cluster is the one on the screen. Leave it out"),
    ("--kube-as-user", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--kube-as-group", "identity-flag", "The identity is the person's at the screen. Leave it out"),
    ("--kube-ca-file", "connection-flag", "The cluster is the one on the screen. Leave it out"),
    ("--kube-insecure-skip-tls-verify", "connection-flag", "The connection is the program's. Leave it out"),
    ("--kube-tls-server-name", "connection-flag", "The connection is the program's. Leave it out"),
    ("--local", "local-files", "Local objects are not changed. Leave it out"),
    ("--interactive", "interactive", "Nobody answers here; a person approves each change on the screen. Leave it out"),
    ("-i", "interactive", "Nobody answers here. Leave it out"),
    ("-t", "interactive", "There is no terminal here. Leave it out"),
    ("--resource-version", "unknown-flag", "The program adds the resourceVersion it has read as precondition. Leave it out"),
    ("--help", "no-cluster", "State the operation itself"),
    ("-h", "no-cluster", "State the operation itself"),
    ("--v", "unknown-flag", "Verbosity changes nothing here. Leave it out"),
    ("-v", "unknown-flag", "Verbosity changes nothing here. Leave it out"),
];

/// The verbs of the grammar, for a sentence.
const LEGAL: &str = "get, describe, logs, events, top, explain, rollout status|history|restart|undo|pause|resume, auth can-i|whoami, version, \
    api-resources, api-versions, cluster-info, diff, helm list|status|history, scale, set image|env|resources, patch, apply, create, replace, delete, \
    label, annotate, expose, autoscale, run, cordon, uncordon, drain, taint, certificate approve|deny";

/// The refusal of a verb that kubectl knows, or of one that nobody knows.
pub fn verb(verb: &str) -> Refusal {
    match VERBS.iter().find(|row| row.0 == verb) {
        Some((_, rule, way)) => Refusal::new(rule, format!("`{verb}` is refused. {way}.")),
        None => Refusal::new("unknown-verb", format!("`{verb}` is no verb of this grammar. It knows: {LEGAL}.")),
    }
}

/// The refusal of what kubectl has and this grammar refuses by name, before its flags are looked at.
pub fn by_name(first: &str, operands: &[String]) -> Option<Refusal> {
    if VERBS.iter().any(|row| row.0 == first) {
        return Some(verb(first));
    }
    let both = format!("{first} {}", operands.first()?);
    SUBVERBS.iter().any(|row| row.0 == both).then(|| subverb(first, operands.first().map(String::as_str), ""))
}

/// The refusal of a second word; `legal` lists those that the grammar knows.
pub fn subverb(verb: &str, sub: Option<&str>, legal: &str) -> Refusal {
    let both = format!("{verb} {}", sub.unwrap_or_default());
    match SUBVERBS.iter().find(|row| row.0 == both) {
        Some((_, rule, way)) => Refusal::new(rule, format!("`{both}` is refused. {way}.")),
        None if sub.is_none() => Refusal::new("unknown-verb", format!("`{verb}` needs a second word: {legal}.")),
        None => Refusal::new("unknown-verb", format!("`{both}` is not in this grammar. After `{verb}` it knows: {legal}.")),
    }
}

/// Verbs behind which a flag of the list above is the verb's own.
const OWN: &[(&str, &str)] = &[("--user", "create"), ("--recursive", "explain")];

/// The refusal of a flag that is refused everywhere, or for the verb that it stands behind.
pub fn flag(flag: &str, verb: &str) -> Option<Refusal> {
    if flag == "-f" && verb == "logs" {
        return Some(Refusal::new("waits", "`-f` follows a log without end, and nothing is waited for. Leave it out, or use `--tail=N`."));
    }
    if OWN.contains(&(flag, verb)) {
        return None;
    }
    FLAGS.iter().find(|row| row.0 == flag).map(|(_, rule, way)| Refusal::new(rule, format!("`{flag}` is refused. {way}.")))
}

/// The refusal of a file or URL behind `-f`.
pub fn file(named: &str) -> Refusal {
    let shown: String = named.chars().take(60).collect();
    Refusal::new(
        "local-files",
        format!("`-f {shown}` names a local file or URL, and none is read. Send the manifest itself in the call with `-f -`, or name the object as KIND/NAME."),
    )
}

/// The refusal of a flag that nobody knows.
pub fn unknown_flag(flag: &str) -> Refusal {
    Refusal::new("unknown-flag", format!("`{flag}` is no flag of this grammar. Leave it out."))
}

/// The refusal of a flag that another verb knows.
pub fn flag_of_other_verb(verb: &str, flag: &str, known: &[&str]) -> Refusal {
    if flag == "watch" || flag == "watch-only" {
        return Refusal::new("waits", "`-w` waits for changes, and nothing is waited for: the panel watches by itself. Leave it out.");
    }
    let known: Vec<String> = known.iter().map(|k| format!("--{k}")).collect();
    let known = if known.is_empty() { "none but --namespace".to_owned() } else { known.join(", ") };
    Refusal::new("unknown-flag", format!("`{verb}` does not take `--{flag}`. Its flags: {known}."))
}

/// Verbs that are refused by name: what a test holds against the list of kubectl's own.
pub fn verbs() -> impl Iterator<Item = &'static str> {
    VERBS.iter().map(|row| row.0)
}
