//! Files that a program misses and that a ConfigMap should have brought: what the map holds instead. A `subPath` that its map
//! does not hold becomes an empty folder, and no event tells of it.
use super::reach::Reached;
use crate::diagnose::draft::field;
use crate::diagnose::near;
use crate::diagnose::view::View;
use crate::diagnose::words::quoted;
use crate::model::ObjectRef;
use crate::model::snapshot::template::{ContainerSpec, Mount};
use crate::model::snapshot::{ConfigMap, Pod};

/// The key that a missing file should have come from.
pub fn at_path(view: &View<'_>, pod: &Pod, container: &ContainerSpec, path: &str) -> Option<Reached> {
    let inside = |m: &&Mount| path == m.mount_path.as_str() || path.strip_prefix(m.mount_path.trim_end_matches('/')).is_some_and(|r| r.starts_with('/'));
    let mount = container.volume_mounts.iter().filter(inside).max_by_key(|m| m.mount_path.len())?;
    let below = path.strip_prefix(mount.mount_path.as_str()).unwrap_or_default().trim_start_matches('/');
    let key = if mount.sub_path.is_empty() { below } else { mount.sub_path.as_str() };
    missing(view, pod, container, mount, key).or_else(|| of_secret(pod, container, mount, key))
}

/// A file that a Secret, mounted whole, does not bring: that says that it has no such key, without a look into it.
fn of_secret(pod: &Pod, container: &ContainerSpec, mount: &Mount, key: &str) -> Option<Reached> {
    let source = pod.template.volumes.iter().find(|v| v.name == mount.name)?.secret.as_ref().filter(|s| s.items.is_empty())?;
    if key.is_empty() || key.contains('/') || !mount.sub_path.is_empty() {
        return None;
    }
    let name = source.secret_name.as_str();
    let cause = Some(ObjectRef::new("Secret", pod.meta.namespace.as_str(), name));
    let proof = field(pod.meta.reference("Pod"), format!("container {}: volumeMount {} of Secret {name}", container.name, mount.mount_path));
    Some(Reached { says: format!("Secret `{name}`, mounted at {}, has no key `{key}`", mount.mount_path), cause, because: Vec::new(), proofs: vec![proof] })
}

/// A `subPath` that its map does not hold, where the program complains of a folder.
pub fn sub_path(view: &View<'_>, pod: &Pod, container: &ContainerSpec, line: &str) -> Option<Reached> {
    let low = line.to_lowercase();
    let folder = low.contains("is a directory") || low.contains("eisdir") || low.contains("not a regular file");
    let mut mounts = container.volume_mounts.iter().filter(|m| !m.sub_path.is_empty() && (folder || line.contains(m.mount_path.as_str())));
    mounts.find_map(|m| missing(view, pod, container, m, &m.sub_path))
}

/// A program that is said not to be there and that its map brings: the file is there, and its first line is at fault.
pub fn script(view: &View<'_>, pod: &Pod, container: &ContainerSpec, line: &str) -> Option<Reached> {
    let path = line.strip_prefix("exec ")?.split([':', ' ']).next()?.trim_matches(['"', '\'']);
    let mount = container.volume_mounts.iter().filter(|m| path.starts_with(m.mount_path.as_str())).max_by_key(|m| m.mount_path.len())?;
    let below = path.strip_prefix(mount.mount_path.as_str())?.trim_start_matches('/');
    let key = if mount.sub_path.is_empty() { below } else { mount.sub_path.as_str() };
    let source = pod.template.volumes.iter().find(|v| v.name == mount.name)?.config_map.as_ref().filter(|m| m.items.is_empty())?;
    let namespace = pod.meta.namespace.as_str();
    view.config_map(namespace, &source.name)?.keys().find(|k| k.as_str() == key)?;
    let proof = field(pod.meta.reference("Pod"), format!("container {}: volumeMount {} of ConfigMap {}", container.name, mount.mount_path, source.name));
    let cause = Some(ObjectRef::new("ConfigMap", namespace, source.name.as_str()));
    Some(Reached { says: format!("ConfigMap `{}` brings `{path}`", source.name), cause, because: Vec::new(), proofs: vec![proof] })
}

/// The token for the API, where the pod or its account says that none is wanted.
pub fn token(view: &View<'_>, pod: &Pod, path: &str) -> Option<Reached> {
    if !path.starts_with("/var/run/secrets/kubernetes.io/serviceaccount") {
        return None;
    }
    let account = view.service_account(&pod.meta.namespace, &pod.template.service_account);
    let by_account = pod.template.mounts_token.is_none() && account.is_some_and(|a| a.mounts_token == Some(false));
    if pod.template.mounts_token != Some(false) && !by_account {
        return None;
    }
    let own = if by_account { account?.meta.reference("ServiceAccount") } else { pod.meta.reference("Pod") };
    let whose = if by_account { format!("ServiceAccount `{}` sets", own.name) } else { "the pod sets".to_owned() };
    let proof = field(own, "automountServiceAccountToken: false");
    let says = format!("{whose} automountServiceAccountToken to false, so it has no token for the API");
    Some(Reached { says, cause: None, because: Vec::new(), proofs: vec![proof] })
}

fn missing(view: &View<'_>, pod: &Pod, container: &ContainerSpec, mount: &Mount, key: &str) -> Option<Reached> {
    let source = pod.template.volumes.iter().find(|v| v.name == mount.name)?.config_map.as_ref().filter(|m| m.items.is_empty())?;
    let namespace = pod.meta.namespace.as_str();
    let map = view.config_map(namespace, &source.name)?;
    if key.is_empty() || key.contains('/') || map.keys().any(|k| k.as_str() == key) {
        return None;
    }
    let cause = ObjectRef::new("ConfigMap", namespace, source.name.as_str());
    let how = if mount.sub_path.is_empty() { String::new() } else { format!(" by subPath `{}`", mount.sub_path) };
    let says = format!("ConfigMap `{}`, mounted at {}{how}, has no key `{key}`{}", source.name, mount.mount_path, instead(map, key));
    let proof = field(pod.meta.reference("Pod"), format!("container {}: volumeMount {} of ConfigMap {}{how}", container.name, mount.mount_path, source.name));
    Some(Reached { says, cause: Some(cause), because: Vec::new(), proofs: vec![proof] })
}

/// What the map holds instead of a key.
pub fn instead(map: &ConfigMap, key: &str) -> String {
    let keys: Vec<_> = map.keys().collect();
    match near::nearest(key, keys.iter().copied()) {
        Some(near) => format!("; it has `{near}`"),
        None if keys.is_empty() => "; it is empty".to_owned(),
        None => format!("; it has {}", quoted(&keys)),
    }
}
