//! `helm list|status|history`: what the metadata of the release Secrets says. Everything else of helm is refused by name.
use super::{Refusal, flags::Parts, operands, read, refused, values};
use crate::model::Read;

/// The read that `helm` and its operands state.
pub fn parse(operands: &[String], parts: &Parts) -> Result<Read, Refusal> {
    let legal = "list, status, history";
    let (sub, rest) = operands.split_first().ok_or_else(|| refused::subverb("helm", None, legal))?;
    match sub.as_str() {
        "list" | "ls" => {
            parts.only("helm list", &["all-namespaces", "all", "output", "max"])?;
            read::nothing_more("helm list", rest)?;
            Ok(Read::HelmList)
        }
        "status" => {
            parts.only("helm status", &["revision", "output"])?;
            let revision = parts.value("revision").map(|v| values::number::<u32>("revision", v, "2")).transpose()?;
            Ok(Read::HelmStatus { release: release("helm status", rest)?, revision: revision.filter(|n| *n > 0) })
        }
        "history" | "hist" => {
            parts.only("helm history", &["max", "output"])?;
            Ok(Read::HelmHistory { release: release("helm history", rest)? })
        }
        _ => Err(refused::subverb("helm", Some(sub), legal)),
    }
}

/// One release by name.
fn release(verb: &str, words: &[String]) -> Result<String, Refusal> {
    match words {
        [name] if name.len() <= 53 => operands::object_name(name),
        [_] => Err(Refusal::new("bad-name", "No release has a name of more than 53 letters. `helm list` lists them.")),
        _ => Err(Refusal::new("no-name", format!("`{verb}` needs one release: `{verb} NAME`. `helm list` lists them."))),
    }
}
