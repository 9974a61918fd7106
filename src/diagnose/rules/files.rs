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
    missing(view, pod, container, mount, key)
}

/// A `subPath` that its map does not hold, where the program complains of a folder.
pub fn sub_path(view: &View<'_>, pod: &Pod, container: &ContainerSpec, line: &str) -> Option<Reached> {
    let low = line.to_lowercase();
    let folder = low.contains("is a directory") || low.contains("eisdir") || low.contains("not a regular file");
    let mut mounts = container.volume_mounts.iter().filter(|m| !m.sub_path.is_empty() && (folder || line.contains(m.mount_path.as_str())));
    mounts.find_map(|m| missing(view, pod, container, m, &m.sub_path))
}

fn missing(view: &View<'_>, pod: &Pod, container: &ContainerSpec, mount: &Mount, key: &str) -> Option<Reached> {
    let source = pod.template.volumes.iter().find(|v| v.name == mount.name)?.config_map.as_ref().filter(|m| m.items.is_empty())?;
    let namespace = pod.meta.namespace.as_str();
    let map = view.snapshot.config_maps.items.iter().find(|m| m.meta.name == source.name && m.meta.namespace.as_str() == namespace)?;
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
