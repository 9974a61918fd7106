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
    ("edit", "runs-programs", "No editor is started. Change an image with `set image` and a size with `scale`"),
    ("config", "connection", "The kubeconfig is not shown or changed here. The person switches the context on the screen"),
    ("plugin", "runs-programs", "No program is run. State one of the verbs of this grammar"),
    ("kustomize", "local-files", "Local files are not read. Read what runs with `get KIND NAME -o yaml`"),
    ("kuberc", "local-files", "Local files are not read or changed"),
    ("completion", "no-cluster", "It says nothing about the cluster. Leave it out"),
    ("options", "no-cluster", "It says nothing about the cluster. Leave it out"),
    ("help", "no-cluster", "It says nothing about the cluster. State the operation itself"),
    ("alpha", "unknown-verb", "Experimental commands are not in this grammar. State one of its verbs"),
    ("wait", "waits", "Nothing is waited for. Read the state once with `get` or `rollout status`"),
    ("apply", "not-offered", "Manifests are not applied here. Use `set image`, `scale` or `rollout undo`, or tell the person what to apply"),
    ("create", "not-offered", "Objects are not created here. Tell the person what to create, and why"),
    ("replace", "not-offered", "Objects are not replaced here. Use `set image`, `scale` or `rollout undo`, or tell the person what to replace"),
    ("patch", "not-offered", "Free patches are not offered here. Use `set image` for an image, `scale` for replicas, `rollout undo` for an older template, or tell the person what to patch"),
    ("label", "not-offered", "Labels are not changed here. Tell the person which label to set"),
    ("annotate", "not-offered", "Annotations are not changed here. To restart pods use `rollout restart KIND/NAME`"),
    ("taint", "not-offered", "Nodes are not changed here. Read `describe node NAME` and tell the person which taint to change"),
    ("cordon", "not-offered", "Nodes are not changed here. Read `describe node NAME` and tell the person to cordon it"),
    ("uncordon", "not-offered", "Nodes are not changed here. Read `describe node NAME` and tell the person to uncordon it"),
    ("drain", "not-offered", "Nodes are not drained here. Read `get pods -A --field-selector spec.nodeName=NODE` and tell the person what a drain would move"),
    ("expose", "not-offered", "Services are not created here. Tell the person which Service is missing"),
    ("autoscale", "not-offered", "Autoscalers are not created here. Change the size with `scale KIND/NAME --replicas=N`"),
    ("run", "not-offered", "No new pod is started here. Change what runs with `set image`, `scale` or `rollout restart`"),
    ("certificate", "not-offered", "Certificates are not signed or denied here. Read `get certificatesigningrequests`"),
    ("diff", "not-offered", "Manifests are not compared here. Read the object with `get KIND NAME -o yaml`; every proposed change is shown with its diff"),
    ("explain", "not-offered", "Field documentation is not read here. Read the object with `get KIND NAME -o yaml`"),
    ("cluster-info", "not-offered", "It is not offered. Read `version`, `get nodes` and `get pods -n kube-system`"),
    ("api-versions", "not-offered", "It is not offered. `api-resources` lists the kinds with their versions"),
];

/// Second words of verbs that have some.
#[rustfmt::skip]
const SUBVERBS: &[(&str, &str, &str)] = &[
    ("rollout pause", "not-offered", "Rollouts are not paused here. Use `rollout undo KIND/NAME` to go back"),
    ("rollout resume", "not-offered", "Rollouts are not resumed here. Tell the person that `KIND/NAME` is paused"),
    ("set env", "not-offered", "Environments are not changed here. `rollout undo KIND/NAME` brings an older template back; else tell the person what to set"),
    ("set resources", "not-offered", "Requests and limits are not changed here. Tell the person what to set"),
    ("set selector", "not-offered", "Selectors are not changed here. Tell the person which selector is wrong"),
    ("set serviceaccount", "not-offered", "Service accounts are not changed here. Tell the person which one is needed"),
    ("set subject", "not-offered", "Authority is not changed here. Read `auth can-i --list`"),
    ("auth reconcile", "not-offered", "Authority is not changed here. Read `auth can-i --list`"),
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
    ("--filename", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME"),
    ("--kustomize", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME"),
    ("-k", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME"),
    ("--recursive", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME"),
    ("-R", "local-files", "Local files and URLs are not read. Name the object as KIND/NAME"),
    ("--template", "template", "Go templates are not run. Use `-o json`, `-o jsonpath=…` or `-o custom-columns=…`"),
    ("--dry-run", "dry-run", "Every change is tried by the server before anyone is asked to approve it. Leave it out"),
    ("--server-print", "unknown-flag", "Tables are always the server's. Leave it out"),
    ("--record", "unknown-flag", "It is deprecated; the audit chain records every change. Leave it out"),
    ("--field-manager", "unknown-flag", "Changes carry the program's own field manager. Leave it out"),
    ("--since-time", "unknown-flag", "Use `--since` with a duration, like `--since=30m`"),
    ("--local", "local-files", "Local objects are not changed. Leave it out"),
    ("--interactive", "interactive", "Nobody answers here; a person approves each change on the screen. Leave it out"),
    ("-i", "interactive", "Nobody answers here. Leave it out"),
    ("-t", "interactive", "There is no terminal here. Leave it out"),
    ("--overwrite", "unknown-flag", "Nothing in this grammar overwrites. Leave it out"),
    ("--resource-version", "unknown-flag", "The program adds the resourceVersion it has read as precondition. Leave it out"),
    ("--help", "no-cluster", "State the operation itself"),
    ("-h", "no-cluster", "State the operation itself"),
    ("--v", "unknown-flag", "Verbosity changes nothing here. Leave it out"),
    ("-v", "unknown-flag", "Verbosity changes nothing here. Leave it out"),
];

/// The verbs of the grammar, for a sentence.
const LEGAL: &str =
    "get, describe, logs, events, top, rollout status|history|restart|undo, auth can-i|whoami, version, api-resources, scale, set image, delete";

/// The refusal of a verb that kubectl knows, or of one that nobody knows.
pub fn verb(verb: &str) -> Refusal {
    match VERBS.iter().find(|row| row.0 == verb) {
        Some((_, rule, way)) => Refusal::new(rule, format!("`{verb}` is refused. {way}.")),
        None => Refusal::new("unknown-verb", format!("`{verb}` is no verb of this grammar. It knows: {LEGAL}.")),
    }
}

/// Whether kubectl has the verb and this grammar refuses it.
pub fn is_verb(verb: &str) -> bool {
    VERBS.iter().any(|row| row.0 == verb)
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

/// The refusal of a flag that is refused everywhere, or for the verb that it stands behind.
pub fn flag(flag: &str, verb: &str) -> Option<Refusal> {
    if flag == "-f" {
        return Some(if verb == "logs" {
            Refusal::new("waits", "`-f` follows a log without end, and nothing is waited for. Leave it out, or use `--tail=N`.")
        } else {
            Refusal::new("local-files", "`-f` names a local file or URL, and none is read. Name the object as KIND/NAME.")
        });
    }
    FLAGS.iter().find(|row| row.0 == flag).map(|(_, rule, way)| Refusal::new(rule, format!("`{flag}` is refused. {way}.")))
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
