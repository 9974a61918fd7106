//! The reads: `get`, `describe`, `logs`, `events`, `top`, `rollout status|history`, `auth can-i|whoami`, `version`,
//! `api-resources`, `api-versions`, `cluster-info`, `explain`, `diff`, and `helm` as far as it reads. Flags that only change how kubectl lays out its own output are taken and mean nothing here.
use super::{Call, Refusal, flags::Parts, helm, kinds::Kinds, operands, refused, values, write};
use crate::model::operation::{Selectors, Target};
use crate::model::{KindRef, Read};

/// Kinds whose pods `logs` can find.
const LOGGED: &[&str] = &["pods", "deployments", "replicasets", "replicationcontrollers", "statefulsets", "daemonsets", "jobs", "services"];
/// Kinds that roll out.
pub const ROLLED: &[&str] = &["deployments", "daemonsets", "statefulsets"];

/// The read that a verb and its operands state; `None` when the verb is no read.
pub fn parse(verb: &str, operands: &[String], call: &Call<'_>) -> Option<Result<Read, Refusal>> {
    let Call { parts, kinds, .. } = *call;
    Some(match verb {
        "get" => get(operands, parts, kinds),
        "describe" => describe(operands, parts, kinds),
        "logs" => logs(operands, parts, kinds),
        "events" => events(operands, parts, kinds),
        "top" => top(operands, parts, kinds),
        "auth" => auth(operands, parts, kinds),
        "version" => parts.only("version", &["output", "client"]).and_then(|()| nothing_more("version", operands)).map(|()| Read::Version),
        "api-resources" => parts
            .only("api-resources", &["output", "no-headers", "namespaced", "api-group", "verbs", "categories", "sort-by", "cached"])
            .and_then(|()| nothing_more("api-resources", operands))
            .and_then(|()| api_resources(parts)),
        "api-versions" => parts.only("api-versions", &[]).and_then(|()| nothing_more("api-versions", operands)).map(|()| Read::ApiVersions),
        "cluster-info" => parts.only("cluster-info", &[]).and_then(|()| nothing_more("cluster-info", operands)).map(|()| Read::ClusterInfo),
        "explain" => explain(operands, parts, kinds),
        "diff" => diff(operands, call),
        "helm" => helm::parse(operands, parts),
        "rollout" => return rollout(operands, parts, kinds),
        _ => return None,
    })
}

/// `api-resources`, all or those of a group, of namespaces or of the whole cluster.
fn api_resources(parts: &Parts) -> Result<Read, Refusal> {
    let namespaced = if parts.on("namespaced") { Some(true) } else { parts.off("namespaced").then_some(false) };
    let group = parts.each("api-group").first().cloned();
    match group.as_deref().filter(|group| !group.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))) {
        Some(group) => Err(Refusal::new("bad-value", format!("`--api-group={group}` is no group of the API. Write it like `--api-group=apps`."))),
        None => Ok(Read::ApiResources { namespaced, group }),
    }
}

/// `explain KIND[.FIELD…]`.
fn explain(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Read, Refusal> {
    parts.only("explain", &["recursive", "api-version", "output"])?;
    let [word] = operands else {
        return Err(Refusal::new("no-kind", "`explain` needs one kind, and fields behind it: `explain pods.spec.containers`."));
    };
    let mut path = word.split('.');
    let mut kind = operands::kind(path.next().unwrap_or_default(), kinds)?;
    if let Some(version) = parts.value("api-version") {
        kind = kinds
            .of_manifest(version, &kind.kind)
            .ok_or_else(|| Refusal::new("unknown-kind", format!("There is no {} of `{version}` here. `api-versions` lists the versions.", kind.kind)))?;
    }
    let fields: Vec<String> = path.map(str::to_owned).collect();
    let is_field = |f: &String| !f.is_empty() && f.len() <= 100 && f.chars().all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c));
    if !fields.iter().all(is_field) {
        return Err(Refusal::new("bad-value", format!("`{word}` is no path of fields. Write it like `explain pods.spec.containers`.")));
    }
    Ok(Read::Explain { kind, fields, recursive: parts.on("recursive") })
}

/// `diff -f -`.
fn diff(operands: &[String], call: &Call<'_>) -> Result<Read, Refusal> {
    Call::no_operands("diff", operands)?;
    call.parts.only("diff", &["filename", "server-side", "force-conflicts", "show-managed-fields", "validate"])?;
    write::carried::validated(call)?;
    Ok(Read::Diff { manifests: call.manifests("diff", false)? })
}

pub(super) fn nothing_more(verb: &str, operands: &[String]) -> Result<(), Refusal> {
    match operands.first() {
        Some(word) => Err(Refusal::new("too-many", format!("`{verb}` takes no operand, and `{word}` is one. Leave it out."))),
        None => Ok(()),
    }
}

fn selectors(parts: &Parts) -> Selectors {
    Selectors { labels: parts.value("selector").map(str::to_owned), fields: parts.value("field-selector").map(str::to_owned) }
}

/// Names, selectors and `-A` exclude each other, as in kubectl.
fn narrowed_once(targets: &[Target], selectors: &Selectors, parts: &Parts) -> Result<(), Refusal> {
    if targets.iter().all(|t| t.name.is_none()) {
        return Ok(());
    }
    if *selectors != Selectors::default() {
        return Err(Refusal::new("name-and-selector", "A name and a selector do not go together. Give one of them."));
    }
    if parts.on("all-namespaces") && targets.iter().any(|t| t.kind.namespaced && t.name.is_some()) {
        return Err(Refusal::new("name-in-all", "One object by name lives in one namespace. Give `-n NAMESPACE` in place of `-A`, or leave the name out."));
    }
    Ok(())
}

fn get(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Read, Refusal> {
    let known = &[
        "all-namespaces",
        "output",
        "selector",
        "field-selector",
        "sort-by",
        "show-labels",
        "no-headers",
        "show-kind",
        "show-managed-fields",
        "ignore-not-found",
        "chunk-size",
        "label-columns",
        "allow-missing-template-keys",
    ];
    not_watching("get", parts)?;
    parts.only("get", &[known.as_slice(), &["watch"]].concat())?;
    let targets = operands::targets(operands, kinds)?;
    let selectors = selectors(parts);
    narrowed_once(&targets, &selectors, parts)?;
    Ok(Read::Get {
        targets,
        selectors,
        output: values::output(parts.value("output"))?,
        sort_by: parts.value("sort-by").map(str::to_owned),
        show_labels: parts.on("show-labels") || parts.given("label-columns"),
    })
}

/// `--watch=false` is what happens anyway.
fn not_watching(verb: &str, parts: &Parts) -> Result<(), Refusal> {
    if parts.on("watch") { Err(refused::flag_of_other_verb(verb, "watch", &[])) } else { Ok(()) }
}

fn describe(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Read, Refusal> {
    parts.only("describe", &["all-namespaces", "selector", "show-events", "chunk-size"])?;
    let targets = operands::targets(operands, kinds)?;
    let selectors = selectors(parts);
    narrowed_once(&targets, &selectors, parts)?;
    Ok(Read::Describe { targets, selectors })
}

fn logs(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Read, Refusal> {
    if parts.on("follow") {
        return Err(Refusal::new("waits", "`--follow` reads a log without end, and nothing is waited for. Leave it out, or use `--tail=N`."));
    }
    let known =
        &["container", "previous", "tail", "since", "timestamps", "all-containers", "selector", "follow", "prefix", "ignore-errors", "max-log-requests"];
    parts.only("logs", known)?;
    let selectors = selectors(parts);
    let pods = || operands::kind("pods", kinds);
    let (target, second) = match (operands, selectors.labels.is_some()) {
        ([], true) => (Target { kind: pods()?, name: None }, None),
        ([], false) => return Err(Refusal::new("no-name", "`logs` needs a pod by name, KIND/NAME of a workload, or `-l SELECTOR`. `get pods` lists them.")),
        ([_, ..], true) => return Err(Refusal::new("name-and-selector", "A name and a selector do not go together. Give one of them.")),
        ([one, second @ ..], false) if one.contains('/') => (operands::slashed(one, kinds)?, second.first()),
        ([one, name, ..], false) if kinds.resolve(one).is_some() => {
            return Err(Refusal::new(
                "mixed-operands",
                format!("After `logs` stands a pod's name, so `{one} {name}` means a pod called `{one}`. Write `logs {one}/{name}`."),
            ));
        }
        ([one, second @ ..], false) => (Target { kind: pods()?, name: Some(operands::object_name(one)?) }, second.first()),
    };
    if operands.len() > 2 || (second.is_some() && parts.given("container")) {
        return Err(Refusal::new("too-many", "`logs` reads one pod or workload at a time; a container is named by `-c NAME`."));
    }
    if !LOGGED.contains(&target.kind.resource.as_str()) || !Kinds::is_builtin(&target.kind) {
        return Err(Refusal::new("no-logs", format!("A {} has no log. Read the log of a pod, or of a workload: {}.", target.kind.kind, LOGGED.join(", "))));
    }
    let container = parts.value("container").or(second.map(String::as_str)).map(operands::object_name).transpose()?;
    if container.is_some() && parts.on("all-containers") {
        return Err(Refusal::new("contradiction", "`--container` and `--all-containers` contradict each other. Give one of them."));
    }
    let tail = parts.value("tail").map(|v| values::number::<i64>("tail", v, "200")).transpose()?;
    if let Some(n) = tail.filter(|n| *n < -1) {
        return Err(Refusal::new("bad-value", format!("`--tail={n}` is no number of lines. Write it like `--tail=200`.")));
    }
    Ok(Read::Logs {
        target,
        container,
        previous: parts.on("previous"),
        tail: tail.and_then(|n| u64::try_from(n).ok()),
        since_seconds: parts.value("since").map(|v| values::seconds("since", v)).transpose()?,
        timestamps: parts.on("timestamps"),
        all_containers: parts.on("all-containers"),
        selectors,
    })
}

fn events(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Read, Refusal> {
    not_watching("events", parts)?;
    parts.only("events", &["all-namespaces", "for", "types", "output", "no-headers", "chunk-size", "watch"])?;
    if let Some(word) = operands.first() {
        return Err(Refusal::new("too-many", format!("`events` takes no operand. For the events of one object write `events --for KIND/{word}`.")));
    }
    let mut types = Vec::new();
    for given in parts.values("types") {
        let word = ["Normal", "Warning"].into_iter().find(|w| w.eq_ignore_ascii_case(&given));
        types.push(word.ok_or_else(|| Refusal::new("bad-value", format!("`{given}` is no type of event. They are Normal and Warning.")))?.to_owned());
    }
    Ok(Read::Events { about: parts.value("for").map(|v| operands::slashed(v, kinds)).transpose()?, types })
}

fn top(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Read, Refusal> {
    parts.only("top", &["all-namespaces", "selector", "containers", "sort-by", "no-headers", "sum"])?;
    if let Some(by) = parts.value("sort-by").filter(|by| !["cpu", "memory"].contains(by)) {
        return Err(Refusal::new("bad-value", format!("`--sort-by={by}` is no column of `top`. They are cpu and memory.")));
    }
    let mut targets = operands::targets(operands, kinds)?;
    let selectors = selectors(parts);
    narrowed_once(&targets, &selectors, parts)?;
    match (targets.pop(), targets.is_empty()) {
        (Some(target), true) if ["pods", "nodes"].contains(&target.kind.resource.as_str()) && target.kind.group.is_empty() => {
            let containers = parts.on("containers") && target.kind.resource == "pods";
            Ok(Read::Top { containers, target, selectors, by_memory: parts.value("sort-by") == Some("memory") })
        }
        _ => Err(Refusal::new("no-metrics", "`top` reads `pods` or `nodes`, all of them or one by name.")),
    }
}

fn rollout(operands: &[String], parts: &Parts, kinds: &Kinds) -> Option<Result<Read, Refusal>> {
    let (sub, operands) = operands.split_first()?;
    match sub.as_str() {
        "status" => {
            Some(parts.only("rollout status", &["watch", "timeout", "revision"]).and_then(|()| rolled(operands, kinds, "rollout status")).and_then(|target| {
                if parts.given("revision") { Err(refused::flag_of_other_verb("rollout status", "revision", &[])) } else { Ok(Read::RolloutStatus { target }) }
            }))
        }
        "history" => Some(parts.only("rollout history", &["revision", "output"]).and_then(|()| {
            let revision = parts.value("revision").map(|v| values::number::<i64>("revision", v, "2")).transpose()?;
            if let Some(n) = revision.filter(|n| *n < 0) {
                return Err(Refusal::new("bad-value", format!("`--revision={n}` is no revision. Write it like `--revision=2`.")));
            }
            Ok(Read::RolloutHistory { target: rolled(operands, kinds, "rollout history")?, revision: revision.filter(|n| *n > 0) })
        })),
        _ => None,
    }
}

/// One object of a kind that rolls out.
pub fn rolled(operands: &[String], kinds: &Kinds, verb: &str) -> Result<Target, Refusal> {
    let target = operands::one(operands, kinds, verb)?;
    if target.kind.group == "apps" && ROLLED.contains(&target.kind.resource.as_str()) {
        return Ok(target);
    }
    Err(Refusal::new("no-rollout", format!("A {} does not roll out. {} do.", target.kind.kind, ROLLED.join(", "))))
}

fn auth(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Read, Refusal> {
    match operands.split_first() {
        Some((sub, rest)) if sub == "can-i" => can_i(rest, parts, kinds),
        Some((sub, rest)) if sub == "whoami" => {
            parts.only("auth whoami", &["output"])?;
            nothing_more("auth whoami", rest)?;
            Ok(Read::WhoAmI)
        }
        other => Err(refused::subverb("auth", other.map(|(s, _)| s.as_str()), "can-i, whoami")),
    }
}

fn can_i(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Read, Refusal> {
    parts.only("auth can-i", &["list", "subresource", "all-namespaces", "quiet", "no-headers"])?;
    if parts.on("list") {
        nothing_more("auth can-i --list", operands)?;
        return Ok(Read::CanIList);
    }
    let (verb, what, name) = match operands {
        [verb, what] => (verb, what.as_str(), None),
        [verb, what, name] if !what.contains('/') => (verb, what.as_str(), Some(operands::object_name(name)?)),
        _ => return Err(Refusal::new("no-kind", "`auth can-i` needs a verb and a kind, like `auth can-i list pods`, or `--list`.")),
    };
    if what.starts_with('/') {
        return Err(Refusal::new("raw-path", format!("`{what}` is a raw path. Ask about a kind, like `auth can-i {verb} pods`.")));
    }
    let is_word = |s: &str| s == "*" || (!s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase()));
    if !is_word(verb) {
        return Err(Refusal::new(
            "bad-value",
            format!("`{verb}` is no verb of the API. They are get, list, watch, create, update, patch, delete, deletecollection and the like."),
        ));
    }
    let target = match (what, name) {
        ("*", None) => Target { kind: every_kind(), name: None },
        (what, None) if what.contains('/') => operands::slashed(what, kinds)?,
        (what, name) => Target { kind: operands::kind(what, kinds)?, name },
    };
    let subresource = parts.value("subresource").map(operands::object_name).transpose()?;
    Ok(Read::CanI { verb: verb.clone(), target, subresource })
}

/// `*` in `auth can-i`.
fn every_kind() -> KindRef {
    KindRef::new("*", "*", "*", "*", true)
}
