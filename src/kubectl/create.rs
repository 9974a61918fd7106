//! `create`, `run` and `autoscale`: a line to the one manifest that it stands for, made as kubectl makes it. From there on it
//! is a manifest like any other: judged, planned and shown as one.
use super::{Call, Refusal, flags::Parts, kinds::Kinds, manifest, operands, print, refused, values, write};
use crate::model::Write;
use crate::model::operation::Target;
use serde_json::{Map, Value, json};

mod access;
mod bounds;
mod ingress;
mod service;
mod workload;

/// What `create` makes without a manifest, for a sentence.
const LEGAL: &str = "-f -, namespace, configmap, deployment, job, cronjob, service, ingress, serviceaccount, role, clusterrole, rolebinding, \
    clusterrolebinding, quota, poddisruptionbudget, priorityclass";

/// `create -f -`, or `create KIND NAME …`.
pub fn parse(operands: &[String], call: &Call<'_>) -> Result<Write, Refusal> {
    if call.carries() {
        Call::no_operands("create", operands)?;
        call.parts.only("create", &["filename", "output", "validate"])?;
        write::carried::validated(call)?;
        return Ok(Write::Create { manifests: call.manifests("create", true)?, line: None });
    }
    let Call { parts, kinds, .. } = *call;
    let (before, command) = parts.split_at_dash();
    let Some((sub, rest)) = before.split_first() else {
        return Err(refused::subverb("create", None, LEGAL));
    };
    let sub = ALIASES.iter().find(|(short, _)| short == sub).map_or(sub.as_str(), |(_, long)| long);
    let made = Line { sub, rest, command, parts, kinds };
    if sub == "job" && parts.given("from") {
        return workload::job_from(&made);
    }
    let object = match sub {
        "namespace" => bounds::plain(&made, "v1", "Namespace"),
        "serviceaccount" => bounds::plain(&made, "v1", "ServiceAccount"),
        "configmap" => bounds::config_map(&made),
        "quota" => bounds::quota(&made),
        "poddisruptionbudget" => bounds::disruption(&made),
        "priorityclass" => bounds::priority(&made),
        "deployment" => workload::deployment(&made),
        "job" => workload::job(&made),
        "cronjob" => workload::cron_job(&made),
        "role" => access::role(&made, "Role"),
        "clusterrole" => access::role(&made, "ClusterRole"),
        "rolebinding" => access::binding(&made, "RoleBinding"),
        "clusterrolebinding" => access::binding(&made, "ClusterRoleBinding"),
        "service" => service::parse(&made),
        "ingress" => ingress::parse(&made),
        other => Err(refused::subverb("create", Some(other), LEGAL)),
    }?;
    generated(object, parts, kinds, |words| {
        if let Some(word) = words.get_mut(1) {
            sub.clone_into(word);
        }
    })
}

/// Short words of `create`.
const ALIASES: &[(&str, &str)] = &[
    ("ns", "namespace"),
    ("sa", "serviceaccount"),
    ("cm", "configmap"),
    ("resourcequota", "quota"),
    ("pdb", "poddisruptionbudget"),
    ("pc", "priorityclass"),
    ("deploy", "deployment"),
    ("dep", "deployment"),
    ("cj", "cronjob"),
    ("svc", "service"),
    ("ing", "ingress"),
];

/// A `create` line without a manifest.
struct Line<'a> {
    sub: &'a str,
    rest: &'a [String],
    command: Option<&'a [String]>,
    parts: &'a Parts,
    kinds: &'a Kinds,
}

impl Line<'_> {
    /// The one operand, and no flag but these.
    fn name(&self, flags: &[&str]) -> Result<String, Refusal> {
        let verb = format!("create {}", self.sub);
        let known: Vec<&str> = flags.iter().chain(&["output", "validate", "show-managed-fields", "allow-missing-template-keys"]).copied().collect();
        self.parts.only(&verb, &known)?;
        one_name(&verb, self.rest)
    }
    /// The same where nothing may follow `--`.
    fn name_alone(&self, flags: &[&str]) -> Result<String, Refusal> {
        if self.command.is_some() {
            return Err(Refusal::new("too-many", format!("`create {}` runs nothing, so nothing follows `--`.", self.sub)));
        }
        self.name(flags)
    }
    /// A flag that has to be given.
    fn needed(&self, flag: &str, example: &str) -> Result<&str, Refusal> {
        self.parts.value(flag).ok_or_else(|| Refusal::new("missing-value", format!("`create {}` needs `--{flag}`, like `--{flag}={example}`.", self.sub)))
    }
}

fn one_name(verb: &str, words: &[String]) -> Result<String, Refusal> {
    match words {
        [name] => operands::object_name(name),
        [] => Err(Refusal::new("no-name", format!("`{verb}` needs a name: `{verb} NAME`."))),
        [_, more, ..] => Err(Refusal::new("too-many", format!("`{verb}` makes one object, and `{more}` is a word too many. Send one call for each."))),
    }
}

/// The write that a generated object stands for; `tidy` puts the words' short forms right.
fn generated(object: Value, parts: &Parts, kinds: &Kinds, tidy: impl FnOnce(&mut Vec<String>)) -> Result<Write, Refusal> {
    let manifest = manifest::one(object, kinds, false)?;
    let mut words = parts.canonical(&["output", "validate", "show-managed-fields", "allow-missing-template-keys"]);
    tidy(&mut words);
    Ok(Write::Create { manifests: vec![manifest], line: Some(words) })
}

/// The metadata of an object with labels.
fn labelled(name: &str, labels: &[(String, String)]) -> Value {
    let labels: Map<String, Value> = labels.iter().map(|(k, v)| (k.clone(), v.as_str().into())).collect();
    if labels.is_empty() { json!({"name": name}) } else { json!({"name": name, "labels": labels}) }
}

/// Sets a key where there is something to set.
fn put(object: &mut Value, key: &str, value: impl Into<Value>) {
    let value = value.into();
    let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    if let (Some(map), false) = (object.as_object_mut(), empty) {
        map.insert(key.to_owned(), value);
    }
}

/// `run NAME --image=IMAGE [-- COMMAND…]`.
pub fn run(parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    let flags = ["image", "port", "env", "labels", "annotations", "restart", "command", "image-pull-policy", "privileged", "output", "quiet"];
    parts.only("run", &flags)?;
    let (before, command) = parts.split_at_dash();
    // Without `--` kubectl takes the words behind the name as arguments.
    let (names, arguments) = match (before, command) {
        ([name, more @ ..], None) if !more.is_empty() => (std::slice::from_ref(name), Some(more)),
        (names, command) => (names, command),
    };
    let object = workload::pod(&one_name("run", names)?, arguments, parts)?;
    generated(object, parts, kinds, |_| {})
}

/// `autoscale KIND/NAME --max=N`.
pub fn autoscale(words: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    parts.only("autoscale", &["min", "max", "cpu", "cpu-percent", "memory", "name", "output"])?;
    let target = operands::one(words, kinds, "autoscale")?;
    let scaled = ["deployments", "replicasets", "statefulsets", "replicationcontrollers"];
    if Kinds::is_builtin(&target.kind) && !scaled.contains(&target.kind.resource.as_str()) {
        return Err(Refusal::new("no-scale", format!("A {} has no replicas. {} do.", target.kind.kind, scaled.join(", "))));
    }
    let object = autoscaler(&target, parts)?;
    generated(object, parts, kinds, |line| {
        let object = target.name.as_ref().map(|name| format!("{}/{name}", print::singular(&target.kind)));
        line.splice(1..=words.len(), object);
    })
}

fn autoscaler(target: &Target, parts: &Parts) -> Result<Value, Refusal> {
    let most = parts.value("max").ok_or_else(|| Refusal::new("missing-value", "`autoscale` needs the most replicas: `--max=5`."))?;
    let most: u32 = values::number("max", most, "5")?;
    let least = parts.value("min").map(|v| values::number::<i32>("min", v, "1")).transpose()?.filter(|n| *n >= 0);
    if most < 1 || least.is_some_and(|n| i64::from(n) > i64::from(most)) {
        return Err(Refusal::new("contradiction", "`--max` is at least 1 and at least `--min`. Write them like `--min=1 --max=5`."));
    }
    let name = target.name.clone().unwrap_or_default();
    let mut spec = json!({
        "scaleTargetRef": {"apiVersion": target.kind.api_version(), "kind": target.kind.kind, "name": name},
        "maxReplicas": most,
    });
    put(&mut spec, "minReplicas", least.filter(|n| *n > 0));
    put(&mut spec, "metrics", metrics(parts)?);
    let named = parts.value("name").map_or_else(|| Ok(name), operands::object_name)?;
    Ok(json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": named}, "spec": spec}))
}

/// `--cpu=80%`, `--cpu=500m`, `--memory=200Mi`, `--cpu-percent=80`.
fn metrics(parts: &Parts) -> Result<Vec<Value>, Refusal> {
    let percent = parts.value("cpu-percent").filter(|v| *v != "-1").map(|v| format!("{v}%"));
    if percent.is_some() && parts.given("cpu") {
        return Err(Refusal::new("contradiction", "`--cpu` and `--cpu-percent` contradict each other. Give one of them."));
    }
    let cpu = percent.or_else(|| parts.value("cpu").map(str::to_owned));
    let mut out = Vec::new();
    for (resource, amount) in [("cpu", cpu), ("memory", parts.value("memory").map(str::to_owned))] {
        let Some(amount) = amount else { continue };
        let bare = amount.bytes().all(|b| b.is_ascii_digit());
        let target = match amount.strip_suffix('%') {
            Some(share) => json!({"type": "Utilization", "averageUtilization": values::number::<u16>(resource, share, "80%")?}),
            None if !bare && values::is_quantity(&amount) => json!({"type": "AverageValue", "averageValue": amount}),
            None => {
                return Err(Refusal::new(
                    "bad-value",
                    format!("`--{resource}={amount}` says neither how much nor which share. Write `--{resource}=80%`, or an amount with its unit."),
                ));
            }
        };
        out.push(json!({"type": "Resource", "resource": {"name": resource, "target": target}}));
    }
    Ok(out)
}
