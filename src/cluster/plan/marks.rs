//! `label` and `annotate`: a merge patch of the map that differs, and nothing else.
use super::choose::{Change, back};
use super::request::{MERGE, patch};
use super::{Draft, Shows, Step, already, reference};
use crate::cluster::Cluster;
use crate::model::operation::{KeyChange, Objects, Write};
use crate::model::{KindRef, Operation, Trouble, TroubleClass};
use serde_json::{Map, Value, json};

/// Which map of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    Labels,
    Annotations,
}

impl Marks {
    fn field(self) -> &'static str {
        if self == Self::Labels { "labels" } else { "annotations" }
    }
    fn verb(self) -> &'static str {
        if self == Self::Labels { "label" } else { "annotate" }
    }
}

impl Cluster {
    pub(super) async fn mark(
        &self,
        marks: Marks,
        objects: &Objects,
        changes: &[KeyChange],
        overwrite: bool,
        namespace: &str,
        operation: &Operation,
    ) -> Result<Draft, Trouble> {
        self.each(objects, namespace, operation, |kind, before| marked(marks, kind, before, changes, overwrite)).await
    }
}

fn marked(marks: Marks, kind: &KindRef, before: Value, changes: &[KeyChange], overwrite: bool) -> Result<Change, Trouble> {
    let object = reference(kind, &before);
    let empty = Map::new();
    let now = before.pointer(&format!("/metadata/{}", marks.field())).and_then(Value::as_object).unwrap_or(&empty);
    let (mut map, mut undo) = (Map::new(), Vec::new());
    for KeyChange { key, value } in changes {
        let old = now.get(key).and_then(Value::as_str);
        if old == value.as_deref() {
            continue;
        }
        if let (Some(old), Some(_), false) = (old, value, overwrite) {
            return Err(Trouble::new(TroubleClass::Conflict, &format!("plan {} {object}", marks.verb()), &format!("`{key}` has the value `{old}` already"))
                .hint("Say --overwrite to replace it."));
        }
        map.insert(key.clone(), value.clone().map_or(Value::Null, Value::String));
        undo.push(KeyChange { key: key.clone(), value: old.map(str::to_owned) });
    }
    if map.is_empty() {
        return Ok(Change::Already(already(marks.verb(), &object, &format!("its {} are so already", marks.field()))));
    }
    let request = patch(kind, &before, "", MERGE, &json!({"metadata": {marks.field(): map}}));
    let overwrite = undo.iter().any(|c| c.value.is_some());
    let undo = back(kind, &before, |objects| match marks {
        Marks::Labels => Write::Label { objects, changes: undo, overwrite },
        Marks::Annotations => Write::Annotate { objects, changes: undo, overwrite },
    });
    Ok(Change::To(Step::change(kind, before, request, Shows::Object), Some(undo)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_sent_and_a_value_is_not_replaced_unasked() {
        let kind = KindRef::new("", "v1", "pods", "Pod", true);
        let pod = json!({"metadata": {"name": "a", "namespace": "n", "labels": {"x": "1", "y": "2"}}});
        let change = |key: &str, value: Option<&str>| KeyChange { key: key.into(), value: value.map(str::to_owned) };
        let made = |changes: &[KeyChange], overwrite| marked(Marks::Labels, &kind, pod.clone(), changes, overwrite);
        let Ok(Change::To(step, undo)) = made(&[change("x", Some("1")), change("y", None), change("z", Some("3"))], false) else { panic!("no change") };
        assert_eq!(serde_json::from_slice::<Value>(&step.request.body).unwrap(), json!({"metadata": {"labels": {"y": null, "z": "3"}}}));
        let Some(crate::model::Action::Write(Write::Label { objects, changes, overwrite })) = undo.map(|u| u.action) else { panic!("no way back") };
        assert_eq!((objects.only().and_then(|t| t.name.as_deref()), changes, overwrite), (Some("a"), vec![change("y", Some("2")), change("z", None)], true));
        assert!(matches!(made(&[change("x", Some("1")), change("q", None)], false), Ok(Change::Already(_))));
        assert!(made(&[change("x", Some("9"))], false).is_err_and(|t| t.hint.contains("--overwrite")));
        assert!(matches!(made(&[change("x", Some("9"))], true), Ok(Change::To(..))));
    }
}
