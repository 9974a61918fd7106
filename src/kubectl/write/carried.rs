//! `apply -f -` and `replace -f -`: the manifest is in the call, never in a file.
use crate::kubectl::{Call, Refusal};
use crate::model::Write;

/// The write that a manifest states.
pub fn parse(verb: &str, operands: &[String], call: &Call<'_>) -> Result<Write, Refusal> {
    let parts = call.parts;
    Call::no_operands(verb, operands)?;
    if verb == "replace" {
        if parts.on("force") {
            return Err(Refusal::new(
                "not-offered",
                "`replace --force` deletes first and may not come back. Use `replace -f -`, or `delete` and `create -f -`, each reviewed by itself.",
            ));
        }
        parts.only(verb, &["filename", "output", "validate", "timeout", "wait", "force", "cascade", "grace-period"])?;
        validated(call)?;
        return Ok(Write::Replace { manifests: call.manifests(verb, false)? });
    }
    parts.only(verb, &["filename", "output", "validate", "timeout", "wait", "server-side", "force-conflicts", "overwrite", "force"])?;
    validated(call)?;
    if parts.on("force") {
        return Err(Refusal::new("not-offered", "`apply --force` deletes what does not merge. Use `--force-conflicts`, or delete the object by name first."));
    }
    if parts.off("server-side") {
        return Err(Refusal::new(
            "not-offered",
            "Applying is always server-side here: the server merges, and says who owns a field. Leave `--server-side=false` out.",
        ));
    }
    Ok(Write::Apply { manifests: call.manifests(verb, false)?, force_conflicts: parts.on("force-conflicts") })
}

/// The server's strict validation is always on.
pub fn validated(call: &Call<'_>) -> Result<(), Refusal> {
    match call.parts.value("validate") {
        None | Some("strict" | "true") => Ok(()),
        Some(other) => Err(Refusal::new("not-offered", format!("`--validate={other}` is refused: the server checks every field of a manifest. Leave it out."))),
    }
}
