//! Images that do not come: the registry's words sorted into what a person must do.
use super::pods::Fault;
use crate::diagnose::draft::{Draft, describe, event, field};
use crate::diagnose::rollout::Aspect;
use crate::diagnose::view::View;
use crate::diagnose::words::{self, quoted};
use crate::model::ObjectRef;
use crate::model::snapshot::Pod;
use crate::model::snapshot::pod::{ContainerState, Now};

/// Containers that wait for their image.
pub fn faults(view: &View<'_>, pod: &Pod) -> Vec<Fault> {
    pod.containers.iter().filter_map(|c| fault(view, pod, c)).collect()
}

/// Whether a waiting reason is about the image.
pub fn is_about_image(reason: &str) -> bool {
    matches!(
        reason,
        "ErrImagePull"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "ImageInspectError"
            | "RegistryUnavailable"
            | "SignatureValidationFailed"
    )
}

/// One container's image.
pub fn fault(view: &View<'_>, pod: &Pod, state: &ContainerState) -> Option<Fault> {
    let Now::Waiting { reason, message } = &state.now else { return None };
    if !is_about_image(reason) {
        return None;
    }
    let own = pod.meta.reference("Pod");
    let image = pod.template.container(&state.name).map(|c| c.image.clone()).unwrap_or_default();
    let told = view
        .events("Pod", &pod.meta)
        .filter(|e| e.reason.as_str() == "Failed" && e.message.contains(image.as_str()))
        .find(|e| e.message.starts_with("Failed to pull") || e.message.contains("Failed to apply default image tag"));
    let words = told.map_or(message.as_str(), |e| e.message.as_str());
    let (rule, says) = judged(view, pod, reason, &image, words);
    let mut d = Draft::new(rule, own.clone(), says).proof(field(own.clone(), format!("container {}: {reason}: {}", state.name, words::short(message, 300))));
    if let Some(e) = told {
        d = d.proof(event(e));
    }
    if rule == "pod/image-pull-secret" {
        d.cause = pod
            .template
            .pull_secrets
            .iter()
            .find(|s| view.is_missing("Secret", &pod.meta.namespace, &s.name))
            .map(|s| ObjectRef::new("Secret", pod.meta.namespace.as_str(), s.name.as_str()));
    }
    Some(Fault::new(format!("image:{}", state.name), if told.is_some() { 7 } else { 6 }, d.next(describe(&own))).aspect(Aspect::Image))
}

fn judged(view: &View<'_>, pod: &Pod, reason: &str, image: &str, words: &str) -> (&'static str, String) {
    match reason {
        "InvalidImageName" => return ("pod/image-name", format!("the image name `{image}` is not valid")),
        "ErrImageNeverPull" => return ("pod/image-never-pulled", format!("image `{image}` is not on the node {}, and imagePullPolicy is Never", pod.node)),
        "SignatureValidationFailed" => return ("pod/image-signature", format!("the signature of image `{image}` was refused")),
        _ => {}
    }
    let low = words.to_lowercase();
    let has = |list: &[&str]| list.iter().any(|w| low.contains(w));
    let registry = image.split('/').next().filter(|h| h.contains(['.', ':'])).unwrap_or("docker.io");
    if has(&["no such host", "server misbehaving", "name resolution"]) {
        return ("pod/image-registry-unknown", format!("image `{image}` cannot be pulled: the registry host `{registry}` has no address (no such host)"));
    }
    if has(&["unauthorized", "denied", "authentication required", "403 forbidden", "401", "no basic auth"]) {
        let missing: Vec<_> = pod.template.pull_secrets.iter().filter(|s| view.is_missing("Secret", &pod.meta.namespace, &s.name)).map(|s| &s.name).collect();
        let says = match (missing.is_empty(), pod.template.pull_secrets.is_empty()) {
            (false, _) => {
                let near = missing.first().map_or_else(String::new, |s| view.near_words("Secret", &pod.meta.namespace, s));
                return ("pod/image-pull-secret", format!("image `{image}` needs a login, and its pull secret {} does not exist{near}", quoted(&missing)));
            }
            (_, true) => "the pod names no imagePullSecrets".to_owned(),
            _ => format!("{} does not open it", quoted(&pod.template.pull_secrets.iter().map(|s| &s.name).collect::<Vec<_>>())),
        };
        return ("pod/image-denied", format!("the registry refuses image `{image}` (or it does not exist there); {says}"));
    }
    let table: &[(&[&str], &'static str, &str)] = &[
        (&["not found", "manifest unknown", "does not exist", "name unknown"], "pod/image-missing", "does not exist in its registry"),
        (&["toomanyrequests", "429", "rate limit"], "pod/image-rate-limit", "cannot be pulled: the registry limits the rate (429)"),
        (&["x509", "certificate", "http response to https"], "pod/image-tls", "cannot be pulled: the registry's TLS is not trusted"),
        (&["no match for platform", "no matching manifest"], "pod/image-platform", "has no variant for the node's processor"),
        (
            &["connection refused", "timeout", "timed out", "deadline exceeded", "unreachable", "no route"],
            "pod/image-registry-down",
            "cannot be pulled: the registry does not answer",
        ),
        (&["no space left"], "pod/image-no-space", "cannot be pulled: the node's disk is full"),
    ];
    table.iter().find(|(list, ..)| has(list)).map_or_else(
        || ("pod/image-pull", format!("image `{image}` cannot be pulled: {}", words::short(words::trimmed(words), 200))),
        |(_, rule, says)| (*rule, format!("image `{image}` {says}")),
    )
}
