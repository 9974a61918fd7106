//! `patch`: named objects, a type, and the body. The body is read to a value and sent as that value, so that what is
//! reviewed and what is sent are one.
use crate::kubectl::objects::{self, Choice};
use crate::kubectl::{Refusal, body, flags::Parts, kinds::Kinds};
use crate::model::Write;
use crate::model::operation::PatchType;
use serde_json::Value;

/// Subresources that a person patches.
const SUBRESOURCES: &[&str] = &["status", "scale", "resize"];

/// The patch.
pub fn parse(operands: &[String], parts: &Parts, kinds: &Kinds) -> Result<Write, Refusal> {
    objects::only(parts, "patch", Choice::Named, &["patch", "type", "subresource"])?;
    let objects = objects::choose(operands, parts, kinds, "patch", Choice::Named)?;
    let patch_type = match parts.value("type").map(str::to_lowercase).as_deref() {
        None | Some("strategic") => PatchType::Strategic,
        Some("merge") => PatchType::Merge,
        Some("json") => PatchType::Json,
        Some(other) => return Err(Refusal::new("bad-value", format!("`--type={other}` is no type of patch. They are strategic, merge and json."))),
    };
    if let Some(custom) = objects.targets.iter().find(|t| patch_type == PatchType::Strategic && !Kinds::is_builtin(&t.kind)) {
        return Err(Refusal::new(
            "bad-value",
            format!("A {} is a custom kind, which has no strategic patch. Give `--type=merge` or `--type=json`.", custom.kind.kind),
        ));
    }
    let Some(text) = parts.value("patch") else {
        return Err(Refusal::new("missing-value", "`patch` needs its body: `patch KIND/NAME -p '{\"spec\":{\"paused\":true}}'`."));
    };
    let body = body::value(text, "The patch")?;
    match (&body, patch_type) {
        (Value::Array(steps), PatchType::Json) => steps.iter().try_for_each(step)?,
        (Value::Object(_), PatchType::Merge | PatchType::Strategic) => {}
        (_, PatchType::Json) => {
            return Err(Refusal::new("bad-value", "A patch of type json is a list: `[{\"op\":\"replace\",\"path\":\"/spec/paused\",\"value\":true}]`."));
        }
        _ => return Err(Refusal::new("bad-value", "A patch of type merge or strategic is an object, like `{\"spec\":{\"paused\":true}}`.")),
    }
    let subresource = parts.value("subresource").map(str::to_owned);
    if let Some(other) = subresource.as_deref().filter(|s| !SUBRESOURCES.contains(s)) {
        return Err(Refusal::new("not-offered", format!("The subresource `{other}` is not patched here. These are: {}.", SUBRESOURCES.join(", "))));
    }
    Ok(Write::Patch { objects, patch_type, body, subresource })
}

/// One step of a json patch.
fn step(step: &Value) -> Result<(), Refusal> {
    let bad = |why: &str| {
        Err(Refusal::new("bad-value", format!("A step of the json patch {why}. Write `{{\"op\":\"replace\",\"path\":\"/spec/paused\",\"value\":true}}`.")))
    };
    let text = |key: &str| step.get(key).and_then(Value::as_str);
    let is_path = |path: Option<&str>| path.is_some_and(|p| p.starts_with('/'));
    let known = ["op", "path", "value", "from"];
    match step.as_object() {
        Some(map) if map.keys().all(|k| known.contains(&k.as_str())) => {}
        _ => return bad("is no object of `op`, `path`, `value` and `from`"),
    }
    if !is_path(text("path")) {
        return bad("has no `path` that begins with `/`");
    }
    match text("op") {
        Some("add" | "replace" | "test") if step.get("value").is_some() => Ok(()),
        Some("add" | "replace" | "test") => bad("has no `value`"),
        Some("remove") => Ok(()),
        Some("move" | "copy") if is_path(text("from")) => Ok(()),
        Some("move" | "copy") => bad("has no `from`"),
        _ => bad("has no `op` of add, replace, remove, test, move and copy"),
    }
}
