//! The risk of `apply`, `create` and `replace`: each manifest by its kind and by what it holds.
use super::{Line, body, higher, highest, is, of_kind, several};
use crate::model::Risk;
use crate::model::operation::{Manifest, Write};

/// The highest line of the manifests.
pub fn of(write: &Write) -> Line {
    let manifests = write.manifests();
    let line = highest(manifests.iter().map(|m| (called(m), one(m, write))).collect());
    if line.0 == Risk::Medium && manifests.len() > 1 { several(&line, "It changes more than one object.") } else { line }
}

fn called(manifest: &Manifest) -> String {
    match &manifest.name {
        Some(name) => format!("{}/{name}", manifest.kind.kind.to_lowercase()),
        None => format!("a new {}", manifest.kind.kind.to_lowercase()),
    }
}

fn one(manifest: &Manifest, write: &Write) -> Line {
    let name = called(manifest);
    let mut leaves = Vec::new();
    body::leave(&manifest.object, &mut Vec::new(), &mut leaves);
    let held = body::of_leaves(&manifest.kind, &name, &leaves);
    let line = match write {
        Write::Replace { .. } => (Risk::High, "replace", format!("All of {name} becomes what the manifest says; what it does not say goes.")),
        Write::Apply { force_conflicts: true, .. } => (Risk::High, "force-conflicts", format!("Fields of {name} that others own are taken from them.")),
        Write::Apply { .. } => (Risk::Medium, "apply", format!("{name} becomes what the manifest says; what it was before is in the plan.")),
        Write::Create { line, .. } => {
            let rule = match line.as_deref().and_then(|words| words.first()).map(String::as_str) {
                Some("run") => "run",
                Some("autoscale") => "autoscale",
                _ => "create",
            };
            (Risk::Medium, rule, format!("{name} is made; deleting it takes it back."))
        }
        _ => (Risk::Critical, "nothing-named", "Nothing is named.".to_owned()),
    };
    let line = match held {
        Some(held) if held.0 >= line.0 => held,
        _ => line,
    };
    // A new namespace is empty, and deleting it takes it back.
    let fresh = matches!(write, Write::Create { .. }) && is(&manifest.kind, "", "namespaces");
    if fresh { line } else { higher(of_kind(&manifest.kind), line) }
}
