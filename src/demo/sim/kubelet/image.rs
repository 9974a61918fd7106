//! The registry: which images there are, and what containerd says of those that there are not.
use super::program;
use crate::model::Digest;

/// The registry of the scenario: it has the programs of the table and nothing else.
const OURS: &str = "registry.shop.example/";

/// Why an image cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is no name at all.
    Name(String),
    /// Pulling it fails.
    Pull(String),
}

/// Pulls an image.
pub fn pull(image: &str) -> Result<(), Refusal> {
    let well = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/:@".contains(c);
    let (repository, tag) = split(image);
    if repository.is_empty() || !repository.chars().all(well) || tag.is_empty() || image.contains(' ') {
        return Err(Refusal::Name(format!("Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": invalid reference format")));
    }
    let host = repository.split('/').next().unwrap_or_default();
    if host.ends_with(".invalid") {
        let path = repository.split_once('/').map_or("", |(_, p)| p);
        return Err(Refusal::Pull(format!(
            "failed to pull and unpack image \"{image}\": failed to resolve image: failed to do request: Head \"https://{host}/v2/{path}/manifests/{tag}\": dial tcp: lookup {host} on 10.96.0.10:53: no such host"
        )));
    }
    let there = match program::tags(repository) {
        Some(tags) => tags.contains(&tag),
        None => !repository.starts_with(OURS),
    };
    if there {
        return Ok(());
    }
    Err(Refusal::Pull(format!("rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": failed to resolve image: {image}: not found")))
}

/// Repository and tag; a digest counts as a tag.
pub fn split(image: &str) -> (&str, &str) {
    if let Some((repository, digest)) = image.split_once('@') {
        return (repository, digest);
    }
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (image, "latest"),
    }
}

/// The id that a node reports.
pub fn id(image: &str) -> String {
    format!("{}@sha256:{}", split(image).0, Digest::of(image.as_bytes()).hex())
}

/// A size that stays the same for an image.
pub fn size(image: &str) -> u64 {
    let hex = Digest::of(image.as_bytes()).hex();
    18_000_000 + u64::from_str_radix(hex.get(..6).unwrap_or("0"), 16).unwrap_or_default() * 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_registry_has_is_pulled_and_what_it_has_not_is_said_as_containerd_does() {
        assert_eq!(pull("registry.shop.example/api:1.4.0"), Ok(()));
        assert_eq!(pull("busybox"), Ok(()));
        assert_eq!(pull("localhost:5000/x"), Ok(()));
        let missing = pull("registry.shop.example/api:9.9.9").unwrap_err();
        assert!(matches!(missing, Refusal::Pull(m) if m.ends_with("failed to resolve image: registry.shop.example/api:9.9.9: not found")));
        assert!(matches!(pull("registry.invalid/a:1"), Err(Refusal::Pull(m)) if m.ends_with("no such host")));
        assert!(matches!(pull("Bad Name"), Err(Refusal::Name(_))));
    }
}
