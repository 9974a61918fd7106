//! The manifests of `run`, `create deployment`, `create job` and `create cronjob`.
use super::{Line, labelled, put};
use crate::kubectl::{Refusal, flags::Parts, operands, values, write::set};
use crate::model::Write;
use crate::model::operation::KeyChange;
use serde_json::{Map, Value, json};

/// The one `--image`.
fn image<'a>(verb: &str, parts: &'a Parts) -> Result<&'a str, Refusal> {
    match parts.each("image") {
        [image] => checked(image),
        [] => Err(Refusal::new("missing-value", format!("`{verb}` needs the image: `--image=REGISTRY/NAME:TAG`."))),
        _ => Err(Refusal::new("repeated-flag", "`--image` is given twice, and only one of them could count. Give it once.")),
    }
}

fn checked(image: &str) -> Result<&str, Refusal> {
    if values::is_image(image) {
        return Ok(image);
    }
    let shown: String = image.chars().take(80).collect();
    Err(Refusal::new("bad-value", format!("`{shown}` is no image. Write it like `--image=registry.local/api:1.4.2`.")))
}

fn one_of<'a>(flag: &str, parts: &'a Parts, legal: &[&str]) -> Result<Option<&'a str>, Refusal> {
    match parts.value(flag) {
        Some(given) if !legal.contains(&given) => Err(Refusal::new("bad-value", format!("`--{flag}={given}` is none of {}.", legal.join(", ")))),
        given => Ok(given),
    }
}

/// The pod of `run`.
pub fn pod(name: &str, arguments: Option<&[String]>, parts: &Parts) -> Result<Value, Refusal> {
    let mut container = json!({"name": name, "image": image("run", parts)?});
    if let Some(words) = arguments.filter(|w| !w.is_empty()) {
        put(&mut container, if parts.on("command") { "command" } else { "args" }, words.to_vec());
    } else if parts.on("command") {
        return Err(Refusal::new("missing-value", "`run --command` needs the command behind `--`: `run NAME --image=IMAGE --command -- sleep 60`."));
    }
    let env = parts.each("env").iter().map(|word| set::variable(word)).collect::<Result<Vec<_>, _>>()?;
    values::once(&env)?;
    if env.iter().any(|change| change.value.is_none()) {
        return Err(Refusal::new("bad-value", "`--env` sets a variable: `--env=NAME=VALUE`."));
    }
    put(&mut container, "env", env.iter().map(|KeyChange { key, value }| json!({"name": key, "value": value})).collect::<Vec<_>>());
    put(&mut container, "imagePullPolicy", one_of("image-pull-policy", parts, &["Always", "IfNotPresent", "Never"])?);
    if let Some(port) = parts.value("port").map(|v| values::port("port", v)).transpose()? {
        put(&mut container, "ports", json!([{"containerPort": port}]));
    }
    if parts.on("privileged") {
        put(&mut container, "securityContext", json!({"privileged": true}));
    }
    let labels = match parts.value("labels") {
        Some(text) => values::labels("labels", text)?,
        None => vec![("run".to_owned(), name.to_owned())],
    };
    let mut metadata = labelled(name, &labels);
    put(&mut metadata, "annotations", annotations(parts)?);
    let restart = one_of("restart", parts, &["Always", "OnFailure", "Never"])?.unwrap_or("Always");
    let spec = json!({"containers": [container], "restartPolicy": restart});
    Ok(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}))
}

fn annotations(parts: &Parts) -> Result<Map<String, Value>, Refusal> {
    let mut out = Map::new();
    for word in parts.each("annotations") {
        let pair = word.split_once('=').filter(|(key, _)| values::is_qualified(key) && !out.contains_key(*key));
        let (key, value) =
            pair.ok_or_else(|| Refusal::new("bad-value", format!("`{word}` is no annotation. Write it like `--annotations=note=text`, each once.")))?;
        out.insert(key.to_owned(), value.into());
    }
    Ok(out)
}

/// `create deployment NAME --image=IMAGE`.
pub fn deployment(line: &Line<'_>) -> Result<Value, Refusal> {
    let name = line.name(&["image", "port", "replicas"])?;
    let images = line.parts.each("image").iter().flat_map(|v| v.split(',')).map(checked).collect::<Result<Vec<_>, _>>()?;
    if images.is_empty() {
        return Err(Refusal::new("missing-value", "`create deployment` needs the image: `--image=REGISTRY/NAME:TAG`."));
    }
    if images.len() > 1 && line.command.is_some() {
        return Err(Refusal::new("contradiction", "Of several images none is the one that runs the command. Give one image, or no command."));
    }
    let mut containers: Vec<Value> = images.iter().map(|image| json!({"name": container(image), "image": image})).collect();
    let names: std::collections::BTreeSet<&str> = containers.iter().filter_map(|c| c.get("name").and_then(Value::as_str)).collect();
    if names.len() < containers.len() {
        return Err(Refusal::new("contradiction", "Two of the images have the same name. Send the manifest with `create -f -`."));
    }
    if let Some(first) = containers.first_mut() {
        put(first, "command", line.command.unwrap_or_default().to_vec());
        if let Some(port) = line.parts.value("port").filter(|v| *v != "-1").map(|v| values::port("port", v)).transpose()? {
            put(first, "ports", json!([{"containerPort": port}]));
        }
    }
    let replicas: u32 = line.parts.value("replicas").map_or(Ok(1), |v| values::number("replicas", v, "3"))?;
    let labels = json!({"app": name});
    Ok(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}}},
    }))
}

/// The name that an image gives its container: its last part, without tag and digest.
fn container(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let bare = last.split([':', '@']).next().unwrap_or(last);
    bare.to_lowercase().replace(['_', '.'], "-")
}

/// `create job NAME --image=IMAGE`.
pub fn job(line: &Line<'_>) -> Result<Value, Refusal> {
    let name = line.name(&["image"])?;
    let template = template(&name, line, "Never")?;
    Ok(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template}}))
}

/// `create job NAME --from=cronjob/X`.
pub fn job_from(line: &Line<'_>) -> Result<Write, Refusal> {
    let name = line.name_alone(&["from"])?;
    let cron_job = operands::slashed(line.needed("from", "cronjob/NAME")?, line.kinds)?;
    if cron_job.kind.group != "batch" || cron_job.kind.resource != "cronjobs" {
        return Err(Refusal::new("bad-kind", "`create job --from` takes a cron job: `--from=cronjob/NAME`."));
    }
    Ok(Write::CreateJobFrom { name, cron_job })
}

/// `create cronjob NAME --image=IMAGE --schedule='*/5 * * * *'`.
pub fn cron_job(line: &Line<'_>) -> Result<Value, Refusal> {
    let name = line.name(&["image", "schedule", "restart"])?;
    let schedule = line.needed("schedule", "'*/5 * * * *'")?;
    let restart = one_of("restart", line.parts, &["OnFailure", "Never"])?.unwrap_or("OnFailure");
    let template = template(&name, line, restart)?;
    Ok(json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
        "spec": {"schedule": schedule, "jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}}},
    }))
}

fn template(name: &str, line: &Line<'_>, restart: &str) -> Result<Value, Refusal> {
    let mut container = json!({"name": name, "image": image(&format!("create {}", line.sub), line.parts)?});
    put(&mut container, "command", line.command.unwrap_or_default().to_vec());
    Ok(json!({"spec": {"containers": [container], "restartPolicy": restart}}))
}
