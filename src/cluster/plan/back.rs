//! The way back: the commands that take a change back, and for a change that no verb reverses a merge patch from what
//! the dry run says it would be to what it was.
use super::choose::{back, merged};
use super::{Draft, Shows, Step, digest};
use crate::cluster::Cluster;
use crate::model::Operation;
use crate::model::operation::{PatchType, Write};
use crate::text::Clean;
use serde_json::{Map, Value};

/// The longest undo line that anybody reads.
const LONGEST: usize = 4000;

impl Cluster {
    /// The undo commands as one line, or none with the reason.
    pub(super) fn way_back(&self, undo: Vec<Operation>, draft: &Draft) -> (Option<Clean>, Option<Clean>) {
        let line = merged(undo).iter().map(crate::kubectl::print).collect::<Vec<_>>().join("; then ");
        let brings_back = draft.steps.iter().all(|s| !matches!(s.shows, Shows::Gone | Shows::Evicted));
        if line.is_empty() {
            let note = if brings_back { "No command takes this back; what it was is kept with the plan." } else { "" };
            return (None, (!note.is_empty()).then(|| Clean::line(note)));
        }
        if line.len() > LONGEST {
            return (None, Some(Clean::line("The way back is too long for a line; what it was is kept with the plan.")));
        }
        let (safe, hidden) = self.redactor.redact(&Clean::line(&line));
        if !hidden.is_empty() {
            return (None, Some(Clean::line("The way back holds values that are not shown; what it was is kept with the plan, without them.")));
        }
        (Some(Clean::line(&safe)), None)
    }
}

/// The merge patch that takes a step back.
pub(super) fn patch(step: &Step, after: Option<&Value>) -> Option<Operation> {
    let after = after?;
    let subresource = match step.shows {
        Shows::Object => None,
        Shows::Scale => Some("scale".to_owned()),
        // an approval stands, and a status is written by its controller
        Shows::Status | Shows::Gone | Shows::Evicted => return None,
    };
    let body = reverse(&digest::settled(after), &digest::settled(&step.before));
    if body.as_object().is_none_or(Map::is_empty) {
        return None;
    }
    Some(back(&step.kind, &step.before, |objects| Write::Patch { objects, patch_type: PatchType::Merge, body, subresource }))
}

/// RFC 7386: what leads from one value to another. Lists are replaced as a whole.
fn reverse(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else { return to.clone() };
    let mut out = Map::new();
    for (key, old) in to {
        match from.get(key) {
            Some(new) if new == old => {}
            Some(new) => {
                out.insert(key.clone(), reverse(new, old));
            }
            None => {
                out.insert(key.clone(), old.clone());
            }
        }
    }
    for key in from.keys().filter(|k| !to.contains_key(*k)) {
        out.insert(key.clone(), Value::Null);
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reverse_patch_leads_back() {
        for (after, before) in [
            (json!({"a": 1, "b": {"c": [1]}}), json!({"a": 2, "b": {"c": [1, 2], "d": 3}})),
            (json!({"a": {"x": 1}}), json!({})),
            (json!({}), json!({"a": {"x": 1}})),
            (json!({"a": 1}), json!({"a": {"x": 1}})),
        ] {
            let mut object = after.clone();
            json_patch::merge(&mut object, &reverse(&after, &before));
            assert_eq!(object, before, "{after}");
        }
        assert_eq!(reverse(&json!({"a": 1}), &json!({"a": 1})), json!({}));
    }
}
